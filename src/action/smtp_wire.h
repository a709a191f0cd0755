/* smtp_wire.h -- a connection to a mail server: what is said and answered.
 *
 * libcurl makes it, with names, TLS and who we are, and then lends it. */
#ifndef ACTION_SMTP_WIRE_H
#define ACTION_SMTP_WIRE_H

#include <ev.h>

#include "action/smtp_url.h"

/* All come from the loop; they may say, close and open. */
struct smtp_wire_calls {
    void (*ready)(void *arg); /* the server waits for a mail */
    /* One whole answer; `text` as one line. */
    void (*reply)(void *arg, int status, const char *text);
    /* It could not be opened, or is broken; it is closed now. */
    void (*lost)(void *arg, const char *why);
};

/* The URL is lent for its life. Closed at first. */
struct smtp_wire;
struct smtp_wire *smtp_wire_new(struct ev_loop *loop,
                                const struct smtp_url *url,
                                const struct smtp_wire_calls *calls, void *arg);
void smtp_wire_free(struct smtp_wire *w); /* takes NULL */

void smtp_wire_open(struct smtp_wire *w); /* closed before */
void smtp_wire_close(struct smtp_wire *w);

/* Whether it is open (or is being opened), and the server has said nothing that
 * nobody has heard yet. */
bool smtp_wire_is_open(const struct smtp_wire *w);

/* Sends those bytes when there is room, behind what was said before. */
void smtp_wire_say(struct smtp_wire *w, const char *bytes, size_t len);

#endif
