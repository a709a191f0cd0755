/* pack.h -- a file becomes FILE.gz, a little at a time.
 *
 * It is written as FILE.gz.new; FILE goes when FILE.gz is whole and on the
 * disk, so that a kill at any moment leaves at least one of them. */
#ifndef ACTION_PACK_H
#define ACTION_PACK_H

#include <ev.h>
#include <stdbool.h>

/* `done(arg)` is called from the loop when a file is packed. Where that fails,
 * the file stays as it was. */
struct pack;
struct pack *pack_new(struct ev_loop *loop, void (*done)(void *arg), void *arg);

/* What is begun is brought to its end if that takes less than two seconds; else
 * it is left as it was. */
void pack_free(struct pack *p);

/* One file at a time. */
void pack_begin(struct pack *p, const char *path);
bool pack_is_busy(const struct pack *p);

#endif
