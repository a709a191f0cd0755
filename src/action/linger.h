/* linger.h -- a timer that waits until nothing more comes, but not for long. */
#ifndef ACTION_LINGER_H
#define ACTION_LINGER_H

#include <ev.h>

struct linger {
    struct ev_loop *loop;
    ev_timer timer;
    double since_s;
};

typedef void linger_fn(struct ev_loop *loop, ev_timer *timer, int events);
void linger_init(struct linger *l, struct ev_loop *loop, linger_fn *over,
                 void *data);

/* Something came. */
void linger_on(struct linger *l);
void linger_stop(struct linger *l);

#endif
