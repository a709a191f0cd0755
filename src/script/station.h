/* station.h -- one script on the road: its globals, its modules, its file. */
#ifndef SCRIPT_STATION_H
#define SCRIPT_STATION_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Each station has a global environment and a `require` of its own, so that
 * two scripts with a module or a global of the same name do not meet. */
struct station {
    char *name;  /* "rules" of rules.lua; "rules#2" for a second one */
    char *chunk; /* what Lua calls the source: "@rules.lua" */
    char *dir;   /* the script's folder; NULL for a built-in */
    size_t index;
    int env;    /* reference: its globals */
    int loaded; /* reference: its modules */
    bool fail_closed;
};

/* Puts the library's C functions of that station on the stack (1 table). */
typedef void station_library_fn(lua_State *L, struct station *station);

/* Makes the station of a script: a word with a slash or ending in .lua is a
 * file, any other a built-in. The source is read and compiled, not run, and
 * left on the stack of L. NULL: nothing is on the stack. `lua_dir`, if not
 * NULL, is looked into before the embedded library. */
struct station *station_new(lua_State *L, const char *script, size_t index,
                            const char *lua_dir, station_library_fn *library,
                            struct error *err);
void station_free(struct station *s);

#endif
