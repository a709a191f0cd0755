/* state.h -- the tables of scripts that survive a restart.
 *
 * A store is a plain Lua table { values, touched, saved, seen, count, name },
 * the same one for all stations. lua/cdr/state.lua puts a proxy in front of it
 * that notes in `touched` which keys may have changed since the last cut. */
#ifndef SCRIPT_STATE_H
#define SCRIPT_STATE_H

#include <lua.h>

#include "base/error.h"
#include "script/runtime.h"

/* Pushes the store of that name on L; the first time it is made, and filled
 * with what is kept. -1: that cannot be read, and nothing is pushed. */
int state_push(struct runtime *rt, lua_State *L, const char *name,
               struct error *err);

/* The table that commands write, and a run only reads. */
#define STATE_SILENCES "cdr.silences"

/* Pushes an array of { key, value }, in no order: what is kept of the table of
 * that name at this moment. -1: as above. */
int state_push_kept(struct runtime *rt, lua_State *L, const char *name,
                    struct error *err);

#endif
