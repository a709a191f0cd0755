/* signals.h -- stop at the first signal, at once at the second. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <ev.h>
#include <stdbool.h>

/* `stop`: the first SIGINT or SIGTERM; a second one of either ends the process
 * by _exit(128 + its number). `report`: SIGUSR1. SIGPIPE and SIGXFSZ are
 * ignored: writes fail with a reason instead. */
struct signal_calls {
    void (*stop)(void *arg);
    void (*report)(void *arg);
};

struct signals;
struct signals *signals_new(struct ev_loop *loop,
                            const struct signal_calls *calls, void *arg);
void signals_free(struct signals *s);

/* The first one has come. For signal handlers too. */
bool signals_came(void);

#endif
