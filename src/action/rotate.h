/* rotate.h -- a file that is put aside when its day is over, or when it is
 * large.
 *
 * Putting it aside is only a new name: who writes finds its own name free then,
 * and makes a new file. */
#ifndef ACTION_ROTATE_H
#define ACTION_ROTATE_H

#include <ev.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "action/sink_options.h"
#include "base/error.h"

/* Its options: rotate=daily or a size (100MB), keep=N old files, gzip=true. */
extern const char *const rotate_options[];

/* `path` is absolute and lent. 0 and NULL: nothing is to be rotated. -1: an
 * option makes no sense. */
struct rotate;
int rotate_new(struct ev_loop *loop, const char *path,
               const struct sink_options *options, struct rotate **r,
               struct error *err);
void rotate_free(struct rotate *r); /* takes NULL */

/* The file was opened, and is as `st` says. */
void rotate_opened(struct rotate *r, const struct stat *st);

/* Whether it is time, before something is written to the file. */
bool rotate_is_due(struct rotate *r, const struct stat *st);
/* Once all that was written is on the disk. -1: it keeps its name. */
int rotate_now(struct rotate *r, struct error *err);

/* How many of the bytes still go to a file of that size: whole lines, at least
 * one. */
size_t rotate_room(const struct rotate *r, off_t size, const char *bytes,
                   size_t len);

#endif
