/* breaker.h -- whether a destination is tried at all; each has its own.
 *
 * CLOSED: it gets all that there is. A failure opens the breaker. OPEN: nothing
 * is tried until the pause ends. PROBING: one message alone is tried (by a file
 * what waits); a failure opens it anew for a longer pause. A full disk takes a
 * small one too, so behind it twice as many are tried each time, until all that
 * wait were taken or as many as ever go at once: then the outage is over. */
#ifndef ACTION_BREAKER_H
#define ACTION_BREAKER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct breaker {
    enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_PROBING } state;
    struct ev_loop *loop;
    ev_timer pause;  /* runs while it is open */
    double pause_s;  /* the next one, or 0 */
    size_t step;     /* so many are tried at a time, while it is not closed */
    double since_s;  /* the first failure of this outage */
    double asked_s;  /* the pause that the other side asked for, or 0 */
    double quiet_s;  /* an outage that is over before then is not told */
    bool network;    /* pauses grow longer, and each is another (full jitter),
                        so that not all who lost it come back at once */
    bool told;       /* this outage was */
    uint64_t untold; /* so many were not, since one was */
    uint64_t outages;
    void (*probe)(void *arg);
    void *arg;
};

/* Closed. `probe(arg)` is called from the loop when a pause has ended. */
void breaker_begin(struct breaker *b, struct ev_loop *loop,
                   void (*probe)(void *arg), void *arg);
void breaker_end(struct breaker *b);

/* It failed, and is not to be tried for `after_s` at least. True: say so. Of an
 * outage that is true once; of many short ones, as of a receiver that fails at
 * every third try, ten times and then once in ten seconds. */
bool breaker_failed(struct breaker *b, double after_s);

/* What is to be said with it: "trying again", when, if the other side said so,
 * and of those that were not told "; N short outages before". */
#define BREAKER_TEXT 96
void breaker_text(const struct breaker *b, char text[BREAKER_TEXT]);

/* It took something, so that the next pause will be the shortest. */
void breaker_eased(struct breaker *b);

/* How many messages are tried at once, of so many at most. */
size_t breaker_most(const struct breaker *b, size_t most);

/* It took of so many that were given, and there is `more`. True: so an outage
 * is over of which was told, which lasted so long: say so. */
bool breaker_worked(struct breaker *b, size_t given, bool more,
                    double *lasted_s);

#endif
