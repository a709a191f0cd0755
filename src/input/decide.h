/* decide.h -- which life a file found in a directory is. */
#ifndef INPUT_DECIDE_H
#define INPUT_DECIDE_H

#include "input/follow.h"

/* At the start, with all directories read: finds the files of the records by
 * their inodes, and hands what is left to the inputs they belong to. */
void decide_records(struct tail *t);

/* Looks whether a file that was touched still holds its life: its inode may
 * have been given to a copy of another. True: there was such a file. */
bool decide_unsure(struct input *in);

/* Looks for copies of lives whose file is gone or rewritten. True: there was
 * such a life. */
bool decide_lost(struct input *in);

/* Decides about one entry that is due. False: there is none. */
bool decide_one(struct input *in);

#endif
