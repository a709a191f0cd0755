/* sink_smtp.c -- each message is a mail. */
#include "action/sink.h"
#include "action/smtp.h"

struct smtp_sink {
    void *outbox;
    struct ev_loop *loop;
    struct smtp_url url;
    struct fields *fields;
    struct smtp *smtp;
};

static void
unmake(void *sink)
{
    struct smtp_sink *s = sink;

    if (s == NULL)
        return;
    smtp_free(s->smtp);
    fields_free(s->fields);
    smtp_url_free(&s->url);
    mem_free(s);
}

static void *
make(struct ev_loop *loop, const char *dest, const struct sink_options *options,
     void (*ready)(void *arg), void *arg, struct error *err)
{
    struct smtp_sink *s = mem_new(sizeof *s);

    (void)ready;
    s->loop = loop;
    s->outbox = arg;
    if (smtp_url_read(&s->url, dest, options, err) == 0)
        return s;
    unmake(s);
    return NULL;
}

static void
on_done(void *arg, enum smtp_end end, const struct error *cause)
{
    struct smtp_sink *s = arg;
    struct error why;

    fail(&why, "%.200s: %.300s", s->url.shown, cause->text);
    if (end == SMTP_TAKEN)
        outbox_answer(s->outbox, 1, 0., NULL);
    else if (end == SMTP_REFUSED)
        outbox_answer(s->outbox, SINK_REFUSED, 0., cause);
    else
        outbox_answer(s->outbox, SINK_FAILED, 0., &why);
}

static int
open_smtp(void *sink, int64_t known, struct error *err)
{
    struct smtp_sink *s = sink;

    (void)known;
    if (trust_check_files(&s->url.access.trust, s->url.shown, err) < 0)
        return -1;
    s->fields = fields_new();
    s->smtp = smtp_new(s->loop, &s->url, on_done, s);
    return 0;
}

static const char *
warning(const void *sink)
{
    return ((const struct smtp_sink *)sink)->url.warning;
}

static ssize_t
give(void *sink, const struct message *messages, size_t n, struct error *err)
{
    struct smtp_sink *s = sink;
    struct bytes mail = { 0 };

    (void)n, (void)err;
    mail_add(&mail, &s->url.head, messages, s->fields);
    smtp_send(s->smtp, &mail);
    return SINK_LATER;
}

const struct sink_class sink_smtp = {
    .schemes = "smtp smtps",
    .options = smtp_url_options,
    .make = make,
    .unmake = unmake,
    .open = open_smtp,
    .give = give,
    .warning = warning,
    .shape = "webhook",
};
