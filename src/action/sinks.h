/* sinks.h -- the destinations of a run, one outbox each. */
#ifndef ACTION_SINKS_H
#define ACTION_SINKS_H

#include "action/outbox.h"
#include "action/sink_options.h"

struct sinks;

/* `calls` are those of every outbox. */
struct sinks *sinks_new(struct ev_loop *loop, const struct outbox_calls *calls,
                        void *arg);
void sinks_free(struct sinks *s);

/* The outbox of a destination, the same one for the same words and options, and
 * for all names of a folder; lent. `options` are taken in any case (NULL:
 * none). Before sinks_open it is not opened yet, afterwards at once. NULL: no
 * such sink, it does not open, or there are 1024 already, or as many as the
 * process may have files open (scripts may name sinks after what strangers
 * wrote). */
struct outbox *sinks_get(struct sinks *s, const char *dest,
                         struct sink_options *options, struct error *err);

/* As sinks_get, for a destination that is opened when the first thing is
 * written to it, and that does not fail. */
struct outbox *sinks_get_late(struct sinks *s, const char *dest,
                              struct error *err);

/* With the next event that has a time, every folder begins a new file. */
void sinks_begin_file(struct sinks *s);

/* Whether that destination was asked for. */
bool sinks_has(const struct sinks *s, const char *dest);

/* Calls `each` with the path of every file, and folder (it ends in a slash),
 * that is written to; stops at the first that gives -1, and gives that. */
typedef int sinks_path_fn(void *arg, const char *path, struct error *err);
int sinks_each_path(const struct sinks *s, sinks_path_fn *each, void *arg,
                    struct error *err);

/* Opens them all. `known` says how many bytes of a file are whole lines, or
 * -1, and of a folder what sinks_sync told; NULL when no places are kept. */
int sinks_open(struct sinks *s, outbox_known_fn *known, void *arg,
               struct error *err);

void sinks_flush(struct sinks *s);
bool sinks_full(const struct sinks *s);  /* one is, and has no room yet */
bool sinks_empty(const struct sinks *s); /* all of them are */

/* One that has not taken all, as it may be shown; the caller frees it. NULL:
 * all have. */
char *sinks_behind(const struct sinks *s);

/* How often their destinations began to fail, and how many fail now. */
uint64_t sinks_outages(const struct sinks *s, uint64_t *last);

/* Brings all that was taken to the disk and calls `each` with every file and
 * its size in whole lines, and with every folder and what it goes on from. -1:
 * a disk refused, or `each` did. */
typedef int sinks_size_fn(void *arg, const char *path, uint64_t size,
                          struct error *err);
int sinks_sync(struct sinks *s, sinks_size_fn *each, void *arg,
               struct error *err);

/* Whether a disk refused to: then it fails for ever, see outbox_sync. */
bool sinks_lost(const struct sinks *s);

#endif
