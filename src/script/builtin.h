/* builtin.h -- the Lua files that ship inside the binary, as source. */
#ifndef SCRIPT_BUILTIN_H
#define SCRIPT_BUILTIN_H

#include <stddef.h>

/* `name` is the path in the repository: "lua/cdr/init.lua",
 * "scripts/print.lua". The table is made at build time (embed.lua), sorted by
 * name and ended by a NULL name. */
struct builtin_file {
    const char *name, *text;
    size_t len;
};
extern const struct builtin_file builtin_files[];

/* The file of that name, or NULL. */
const struct builtin_file *builtin_find(const char *name);

/* The built-in script of that name ("print"), or NULL. */
const struct builtin_file *builtin_script(const char *script);

/* Calls `each` with every built-in script: its name and what it does, which is
 * the first line of its source without the dashes. Both are lent. */
typedef void builtin_script_fn(void *arg, const char *script,
                               const char *summary);
void builtin_each_script(builtin_script_fn *each, void *arg);

/* The names of all built-in scripts, ended by NULL; the caller frees the row,
 * and the names with builtin_free_names. */
char **builtin_names(void);
void builtin_free_names(char **names);

#endif
