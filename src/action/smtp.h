/* smtp.h -- mails handed to a server, one at a time, on the loop.
 *
 * The mail is said here: libcurl's own way blocks until the server has taken
 * it, which may be a minute (curl/curl#8555). */
#ifndef ACTION_SMTP_H
#define ACTION_SMTP_H

#include <ev.h>

#include "action/smtp_url.h"

enum smtp_end {
    SMTP_TAKEN,
    SMTP_REFUSED, /* this mail, for good (5xx); of several who get it perhaps
                     only by some of them, whom `why` names */
    SMTP_FAILED   /* it may be tried again */
};

/* Told once for each mail, from the loop; it may send the next. */
typedef void smtp_done_fn(void *arg, enum smtp_end end,
                          const struct error *why);

/* The URL is lent for its life. */
struct smtp;
struct smtp *smtp_new(struct ev_loop *loop, const struct smtp_url *url,
                      smtp_done_fn *done, void *arg);
void smtp_free(struct smtp *s); /* takes NULL; `done` is not called any more */

/* The bytes are taken: lines that end in CRLF, none begun by a dot. Not before
 * the last one is done. */
void smtp_send(struct smtp *s, struct bytes *mail);

#endif
