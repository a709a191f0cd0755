/* entry.h -- one file found in a directory, whatever name it has. */
#ifndef INPUT_ENTRY_H
#define INPUT_ENTRY_H

#include "input/follow.h"

/* The directory of the input has this name, of the file with that stamp: makes
 * an entry, or gives the name to the entry of that inode, and marks what
 * changed. */
void entry_find(struct input *in, const char *name, struct stamp stamp,
                bool is_link);
void entry_free(struct entry *e);

/* By the path without symbolic links, which the watch tells of. */
struct entry *entry_by_real(struct tail *t, const char *real);

/* A name that came, as the watch tells; until forgotten. */
void entry_arrival(struct tail *t, const char *real);
void entry_forget_arrivals(struct tail *t);

/* To be decided about. */
void entry_is_due(struct entry *e);

bool entry_is_gz(const struct entry *e);
/* A name that a program writes its lines to, as far as one can tell. */
bool entry_is_written_to(const struct entry *e);

/* NULL: not now; a trouble was told once, another file marks its directory. */
struct source *entry_open(struct entry *e);

#endif
