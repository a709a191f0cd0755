/* sink_options.h -- what a script says of a destination besides its name. */
#ifndef ACTION_SINK_OPTIONS_H
#define ACTION_SINK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Keys and values as texts; { headers = { ["X-A"] = "b" } } is the key
 * "headers.X-A". NULL is an empty one. Values may be secrets. */
struct sink_options;
struct sink_options *sink_options_new(void);
void sink_options_free(struct sink_options *o);

/* Both are copied; the same key once more replaces the value. */
void sink_options_set(struct sink_options *o, const char *key,
                      const char *value);

/* Adds the options of a destination's fragment, as in
 * "https://host/hook#shape=cdr&batch=100", and returns the destination without
 * it; the caller frees that. */
char *sink_options_split(struct sink_options *o, const char *dest);

/* The value, lent, or NULL. */
const char *sink_options_get(const struct sink_options *o, const char *key);

/* A number from `least` to `most`, `usual` where nothing is said. -1: what is
 * said is none. */
int sink_options_number(const struct sink_options *o, const char *key,
                        double usual, double least, double most, double *value,
                        struct error *err);

/* "true" or "false", which is also what nothing said means. -1: another word.
 */
int sink_options_truth(const struct sink_options *o, const char *key,
                       bool *value, struct error *err);

/* Whether the file that `key` names can be read; true of NULL. */
int sink_options_readable(const char *key, const char *path, struct error *err);

/* The value of `key`, or of the environment variable that KEY_env names, or
 * what is in the file that KEY_file names (to its first newline); the caller
 * frees it. NULL and 0: nothing is said. -1: it cannot be had. */
int sink_options_secret(const struct sink_options *o, const char *key,
                        char **value, struct error *err);

/* Calls `each` for those that begin with `prefix`, with the key behind it. */
typedef void sink_option_fn(void *arg, const char *key, const char *value);
void sink_options_each(const struct sink_options *o, const char *prefix,
                       sink_option_fn *each, void *arg);

/* -1: there is a key that is neither "shape", which every sink has, nor among
 * `known` (ended by NULL; "headers." is all that begins so). */
int sink_options_check(const struct sink_options *o, const char *const *known,
                       const char *dest, struct error *err);

/* For a sink that takes one shape only. -1: another one is said. */
int sink_options_shape(const struct sink_options *o, const char *shape,
                       const char *dest, struct error *err);

/* Whether both say the same. */
bool sink_options_equal(const struct sink_options *a,
                        const struct sink_options *b);

#endif
