/* input.h -- what one argument stands for: a directory and names in it. */
#ifndef INPUT_INPUT_H
#define INPUT_INPUT_H

#include "input/follow.h"

/* `dir` as the user spelled it. */
struct input *input_new(struct tail *t, const char *dir);
void input_free(struct input *in);
void input_add_pattern(struct input *in, const char *pattern);

/* Whether the name is followed; or else stands aside of one that is, as
 * X.log.1 of X.log. */
bool input_follows(const struct input *in, const char *name);
bool input_wants(const struct input *in, const char *name);

/* The same directory, whatever way it is spelled. */
bool input_is_in(const struct input *in, const char *dir);

/* Puts the lives in order, if something changed. */
void input_order(struct input *in);

/* The youngest that has a name: it is the one being written. */
struct life *input_newest(struct input *in);

/* A new string: the name in the directory. */
char *input_join(const char *dir, const char *name);

#endif
