/* message.c -- a message in a row of bytes: a head, then its texts. */
#include "action/message.h"

#include <string.h>

struct head {
    int64_t ms;
    size_t text, id, event, session; /* their lengths, in their order */
};

void
message_pack(struct row *to, uint64_t ticket, const struct message *m)
{
    struct head h = { m->ms, m->text.len, m->id.len, m->event.len,
                      m->session.len };

    row_add(to, &h, sizeof h);
    row_add(to, m->text.at, m->text.len);
    row_add(to, m->id.at, m->id.len);
    row_add(to, m->event.at, m->event.len);
    row_add(to, m->session.at, m->session.len);
    row_mark(to, ticket);
}

static struct span
next(const char **at, size_t len)
{
    struct span w = { *at, len };

    *at += len;
    return w;
}

size_t
message_unpack(const char *from, struct message *m)
{
    const char *at = from + sizeof(struct head);
    struct head h;

    memcpy(&h, from, sizeof h);
    m->ms = h.ms;
    m->text = next(&at, h.text);
    m->id = next(&at, h.id);
    m->event = next(&at, h.event);
    m->session = next(&at, h.session);
    return (size_t)(at - from);
}

void
message_unpack_row(const char *from, struct message *messages, size_t n)
{
    for (size_t i = 0; i < n; i++)
        from += message_unpack(from, &messages[i]);
}
