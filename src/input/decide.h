/* decide.h -- which life a file found in a directory is. */
#ifndef INPUT_DECIDE_H
#define INPUT_DECIDE_H

#include "input/follow.h"

/* Decides about one entry that is due. False: there is none. */
bool decide_one(struct input *in);

/* The life goes on in this file; `more`: there are bytes behind its place. */
void decide_adopt(struct life *life, struct entry *e, bool more);

/* The nameless life of the same inode and bytes; the one read furthest. */
struct life *decide_by_inode(const struct entry *e, struct source *s);

/* Whether there is anything behind the place of the life. */
bool decide_has_more(const struct life *life, struct source *s);

#endif
