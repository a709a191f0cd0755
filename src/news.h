/* news.h -- another process has been in the run's database. */
#ifndef NEWS_H
#define NEWS_H

#include <ev.h>

#include "base/error.h"

/* Calls `came(arg)` from the loop, once after the start and then whenever
 * somebody has closed DIR/state.db that could have written to it. What this
 * process writes is not told. NULL: the system gives no notice. */
struct news;
struct news *news_new(struct ev_loop *loop, const char *dir,
                      void (*came)(void *arg), void *arg, struct error *err);
void news_free(struct news *n);

#endif
