/* smtp.c -- mails handed to a server, one at a time, on the loop.
 *
 * A connection stays for a moment, for the next mail. What it fails on before
 * the server has heard of that mail is only its age: then there is a new one.
 */
#include "action/smtp.h"

#include <assert.h>
#include <string.h>

#include "action/smtp_wire.h"

#define IDLE_S 2.

/* What the next reply is an answer to. */
enum step { IDLE, CONNECT, MAIL, RCPT, DATA, END, QUIT };

struct smtp {
    struct ev_loop *loop;
    const struct smtp_url *url;
    smtp_done_fn *done;
    void *arg;
    struct smtp_wire *wire;
    ev_timer deadline, idle;

    enum step step;
    bool used;         /* another mail was sent over this connection */
    struct bytes mail; /* which is to be sent */
    size_t recipient;  /* the one that is told */
    size_t accepted;   /* so many will get it */
    struct bytes refusals;
};

/* ---- the end of a mail ---- */

static void
open_wire(struct smtp *s)
{
    smtp_wire_close(s->wire);
    s->used = false;
    s->step = CONNECT;
    smtp_wire_open(s->wire);
}

static void
finish(struct smtp *s, enum smtp_end end, const char *why)
{
    struct error cause;

    fail(&cause, "%s", why);
    ev_timer_stop(s->loop, &s->deadline);
    s->step = IDLE;
    bytes_free(&s->mail);
    s->done(s->arg, end, &cause);
}

static void
failed(struct smtp *s, const char *why)
{
    smtp_wire_close(s->wire);
    finish(s, SMTP_FAILED, why);
}

static void
refused(struct smtp *s, const char *why)
{
    smtp_wire_close(s->wire);
    finish(s, SMTP_REFUSED, why);
}

static void
taken(struct smtp *s)
{
    struct error why;

    s->used = true;
    ev_now_update(s->loop);
    ev_timer_set(&s->idle, IDLE_S, 0.);
    ev_timer_start(s->loop, &s->idle);
    fail(&why, "%.*s (sent to the others)", (int)s->refusals.len,
         s->refusals.len > 0 ? s->refusals.at : "");
    finish(s, s->refusals.len > 0 ? SMTP_REFUSED : SMTP_TAKEN, why.text);
}

/* ---- what is said ---- */

static void
say(struct smtp *s, const char *verb, const char *address)
{
    char *line = address != NULL ? mem_format("%s:<%s>\r\n", verb, address)
                                 : mem_format("%s\r\n", verb);

    smtp_wire_say(s->wire, line, strlen(line));
    mem_free(line);
}

static void
say_mail(struct smtp *s)
{
    s->step = MAIL;
    s->recipient = s->accepted = 0;
    s->refusals.len = 0;
    say(s, "MAIL FROM", s->url->head.from.all[0].address);
}

/* The next recipient, or behind the last the mail itself. */
static void
say_rcpt(struct smtp *s)
{
    const struct mail_addresses *to = &s->url->head.to;

    if (s->recipient < to->n) {
        s->step = RCPT;
        say(s, "RCPT TO", to->all[s->recipient].address);
    } else {
        s->step = DATA;
        say(s, "DATA", NULL);
    }
}

static void
say_body(struct smtp *s)
{
    s->step = END;
    smtp_wire_say(s->wire, s->mail.at, s->mail.len);
    say(s, ".", NULL);
}

/* ---- what is answered ---- */

static void
note_refusal(struct smtp *s, const char *reply)
{
    const struct mail_addresses *to = &s->url->head.to;

    if (s->refusals.len > 0)
        bytes_add_text(&s->refusals, "; ");
    bytes_add_format(&s->refusals, "%s: %s", to->all[s->recipient].address,
                     reply);
}

static void
on_rcpt(struct smtp *s, bool knows, const char *reply)
{
    if (knows)
        s->accepted++;
    else
        note_refusal(s, reply);
    s->recipient++;
    if (s->recipient < s->url->head.to.n || s->accepted > 0) {
        say_rcpt(s);
        return;
    }
    bytes_add(&s->refusals, "", 1);
    refused(s, s->refusals.at);
}

/* What the server does not like is for good this mail (5xx), or for now all. */
static void
on_reply(void *arg, int status, const char *reply)
{
    struct smtp *s = arg;
    bool is_well = s->step == DATA ? status == 354 : status / 100 == 2;

    if (s->step == IDLE || s->step == QUIT)
        smtp_wire_close(s->wire);
    else if (s->used && s->step == MAIL && status / 100 == 4)
        open_wire(s);
    else if (s->step == RCPT && (is_well || status / 100 == 5))
        on_rcpt(s, is_well, reply);
    else if (status / 100 == 5)
        refused(s, reply);
    else if (!is_well)
        failed(s, reply);
    else if (s->step == MAIL)
        say_rcpt(s);
    else if (s->step == DATA)
        say_body(s);
    else
        taken(s);
}

static void
on_ready(void *arg)
{
    say_mail(arg);
}

static void
on_lost(void *arg, const char *why)
{
    struct smtp *s = arg;

    if (s->used && s->step == MAIL)
        open_wire(s);
    else if (s->step != IDLE && s->step != QUIT)
        failed(s, why);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct smtp *s = timer->data;
    struct error why;

    (void)loop, (void)events;
    fail(&why, "no answer within %g s", s->url->timeout_s);
    failed(s, why.text);
}

/* It leaves as it should, and does not wait for what is said to that. */
static void
leave(struct smtp *s)
{
    if (s->step != IDLE || !smtp_wire_is_open(s->wire))
        return;
    s->step = QUIT;
    say(s, "QUIT", NULL);
}

static void
on_idle(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    leave(timer->data);
}

/* ---- birth and death ---- */

struct smtp *
smtp_new(struct ev_loop *loop, const struct smtp_url *url, smtp_done_fn *done,
         void *arg)
{
    static const struct smtp_wire_calls calls = { on_ready, on_reply, on_lost };
    struct smtp *s = mem_new(sizeof *s);

    s->loop = loop;
    s->url = url;
    s->done = done;
    s->arg = arg;
    s->wire = smtp_wire_new(loop, url, &calls, s);
    ev_timer_init(&s->deadline, on_deadline, url->timeout_s, 0.);
    ev_timer_init(&s->idle, on_idle, IDLE_S, 0.);
    s->deadline.data = s->idle.data = s;
    return s;
}

void
smtp_free(struct smtp *s)
{
    if (s == NULL)
        return;
    ev_timer_stop(s->loop, &s->deadline);
    ev_timer_stop(s->loop, &s->idle);
    leave(s);
    s->step = QUIT;
    smtp_wire_free(s->wire);
    bytes_free(&s->mail);
    bytes_free(&s->refusals);
    mem_free(s);
}

void
smtp_send(struct smtp *s, struct bytes *mail)
{
    assert((s->step == IDLE || s->step == QUIT) && s->mail.at == NULL);
    s->mail = *mail;
    *mail = (struct bytes){ 0 };
    ev_timer_stop(s->loop, &s->idle);
    ev_now_update(s->loop);
    ev_timer_set(&s->deadline, s->url->timeout_s, 0.);
    ev_timer_start(s->loop, &s->deadline);
    if (s->step == IDLE && smtp_wire_is_open(s->wire))
        say_mail(s);
    else
        open_wire(s);
}
