/* destination.c -- where events are sent to, and in which shape. */
#include "script/destination.h"

#include <stdio.h>
#include <string.h>

#include "action/path.h"
#include "base/mem.h"
#include "base/text.h"

/* A script may send more than once while an event is in hand. */
#define SENT_ID_SIZE (JOB_ID_SIZE + 12)

static int
no_shape(const char *dest, const char *shape, struct error *err)
{
    char *shown = path_shown(dest);

    fail(err, "%.300s: no shape \"%.80s\" (there are same, cdr and webhook)",
         shown, shape);
    mem_free(shown);
    return -1;
}

int
destination_open(struct runtime *rt, const char *dest,
                 struct sink_options *options, const char *shape,
                 struct destination *to, struct error *err)
{
    to->id = span_of("");
    to->outbox = sinks_get(rt->sinks, dest, options, err);
    if (to->outbox == NULL)
        return -1;
    to->takes_messages = outbox_takes_messages(to->outbox);
    to->is_dated = outbox_is_dated(to->outbox);
    if (shape == NULL)
        shape = outbox_shape(to->outbox);
    if (outgoing_shape_parse(shape, &to->shape) == 0)
        return 0;
    return no_shape(dest, shape, err);
}

/* What a script calls it, which may be made of what strangers wrote: an id that
 * could not stand in a header is known by its hash. */
static void
said_id(struct span said, char id[SENT_ID_SIZE])
{
    bool stands = said.len < SENT_ID_SIZE;

    for (size_t i = 0; i < said.len && stands; i++)
        stands = said.at[i] > ' ' && said.at[i] <= '~';
    if (stands)
        snprintf(id, SENT_ID_SIZE, "%.*s", (int)said.len, said.at);
    else
        hash_id(id, 0, said.at, said.len);
}

/* The event in hand has its own id; what else is sent while it is in hand has
 * that with a number, the same when the event comes once more. */
static void
make_id(const struct destination *to, struct job *job, bool in_hand,
        char id[SENT_ID_SIZE])
{
    size_t len;

    if (to->id.len > 0) {
        said_id(to->id, id);
        return;
    }
    if (job == NULL) {
        snprintf(id, SENT_ID_SIZE, "%s", "");
        return;
    }
    job_id(job, id);
    len = strlen(id);
    if (!in_hand)
        snprintf(id + len, SENT_ID_SIZE - len, ".%u", ++job->sends);
}

static void
hold(struct runtime *rt, uint64_t ticket)
{
    rt->calls->hold(rt->arg, ticket);
}

static uint64_t
ticket_of(const struct job *job)
{
    return job != NULL ? job->line.ticket : 0;
}

/* A field of the table at `index`, as long as the table has it. */
static struct span
field(lua_State *L, int index, const char *key)
{
    struct span s = { "", 0 };

    lua_pushvalue(L, index);
    if (job_raw_field(L, key) == LUA_TSTRING)
        s.at = lua_tolstring(L, -1, &s.len);
    lua_pop(L, 2);
    return s;
}

static int64_t
time_of(lua_State *L, int index)
{
    lua_Integer ms;

    lua_pushvalue(L, index);
    job_raw_field(L, "timestamp");
    ms = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, NULL) : 0;
    lua_pop(L, 2);
    return ms;
}

static void
post_event(struct job *job, lua_State *L, int index,
           const struct destination *to, struct bytes text)
{
    bool in_hand = job != NULL && job->event == lua_topointer(L, index);
    char id[SENT_ID_SIZE];
    struct message m = { .text = { text.at, text.len },
                         .event = field(L, index, "event"),
                         .session = field(L, index, "sessionId"),
                         .ms = time_of(L, index) };

    make_id(to, job, in_hand, id);
    m.id = span_of(id);
    outbox_send_message(to->outbox, ticket_of(job), &m);
}

static void
send_event(struct job *job, lua_State *L, int index,
           const struct destination *to, struct bytes text)
{
    if (to->takes_messages) {
        post_event(job, L, index, to, text);
        return;
    }
    if (to->is_dated)
        outbox_date(to->outbox, time_of(L, index));
    outbox_send(to->outbox, ticket_of(job), text.at, text.len);
}

int
destination_event(struct runtime *rt, struct job *job, lua_State *L, int index,
                  const struct destination *to, struct error *err)
{
    struct bytes text = runtime_take_text(rt);
    int got;

    index = lua_absindex(L, index);
    got = outgoing_text(rt, job, L, index, to->shape, &text, err);
    if (got == 0) {
        hold(rt, ticket_of(job));
        send_event(job, L, index, to, text);
    }
    runtime_give_text(rt, text);
    return got;
}

static void
post_line(const struct passing *p, const struct record_told *told,
          struct span text, const struct destination *to)
{
    char id[LINE_ID_SIZE];
    struct bytes session = { 0 };
    struct message m = { .text = text,
                         .event = { p->peek->name, p->peek->name_len } };

    line_id(p->line, id);
    m.id = span_of(id);
    m.session = (struct span){ told->session, told->session_len };
    m.ms = told->ms;
    if (told->is_escaped && text_unquote(&session, m.session.at, m.session.len))
        m.session = (struct span){ session.at, session.len };
    outbox_send_message(to->outbox, p->line->ticket, &m);
    bytes_free(&session);
}

static void
send_line(const struct passing *p, struct span text,
          const struct destination *to)
{
    const struct script_line *line = p->line;
    struct record_told told;

    if (to->takes_messages) {
        if (p->parts == NULL)
            record_tell(p->peek, &told);
        post_line(p, p->parts != NULL ? &p->parts->told : &told, text, to);
        return;
    }
    if (to->is_dated)
        outbox_date(to->outbox, record_timestamp(line->text, line->len));
    outbox_send(to->outbox, line->ticket, text.at, text.len);
}

static struct span
text_as_is(const struct passing *p, const struct destination *to)
{
    if (to->takes_messages)
        return (struct span){ p->peek->json, p->peek->json_len };
    return (struct span){ p->line->text, p->line->len };
}

void
destination_line(struct runtime *rt, const struct passing *p,
                 const struct destination *to)
{
    enum record_form form =
        to->shape == OUTGOING_CDR ? RECORD_CDR : RECORD_FLAT;
    struct bytes text;

    if (to->shape == OUTGOING_SAME) {
        send_line(p, text_as_is(p, to), to);
        return;
    }
    text = runtime_take_text(rt);
    record_put_together(p->peek, p->parts, form, &text);
    send_line(p, (struct span){ text.at, text.len }, to);
    runtime_give_text(rt, text);
}

void
destination_text(struct runtime *rt, struct job *job,
                 const struct destination *to, const char *text, size_t len)
{
    char id[SENT_ID_SIZE];
    struct message m = { .text = { text, len },
                         .event = span_of(""),
                         .session = span_of("") };

    hold(rt, ticket_of(job));
    if (!to->takes_messages) {
        outbox_date(to->outbox, 0);
        outbox_send(to->outbox, ticket_of(job), text, len);
        return;
    }
    make_id(to, job, false, id);
    m.id = span_of(id);
    outbox_send_message(to->outbox, ticket_of(job), &m);
}
