/* watch.h -- changes in directories, told by the kernel (inotify). */
#ifndef INPUT_WATCH_H
#define INPUT_WATCH_H

#include <ev.h>
#include <stdbool.h>

#include "base/error.h"

struct watch;

struct watch_calls {
    /* The file was written to. */
    void (*written)(void *arg, const char *dir, const char *name);
    /* It came, went, or was closed by a writer. */
    void (*changed)(void *arg, const char *dir, const char *name, bool closed);
    /* The directory is not watched any more. */
    void (*gone)(void *arg, const char *dir);
    /* Changes were lost: anything may have happened. */
    void (*overflow)(void *arg);
    /* All that there was has been told. */
    void (*told)(void *arg);
};

/* NULL: the system gave none. */
struct watch *watch_new(struct ev_loop *loop, const struct watch_calls *calls,
                        void *arg, struct error *err);
void watch_free(struct watch *w);

/* Tells of all that changed until now, without `told`. */
void watch_read(struct watch *w);

/* `dir` is without symbolic links; a second time does nothing. */
int watch_add(struct watch *w, const char *dir, struct error *err);

#endif
