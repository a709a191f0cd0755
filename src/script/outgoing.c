/* outgoing.c -- an event becomes the text that a sink is sent. */
#include "script/outgoing.h"

#include <string.h>

int
outgoing_shape_parse(const char *word, enum outgoing_shape *shape)
{
    static const char *const words[] = { "same", "cdr", "webhook" };

    for (int i = 0; i < 3; i++) {
        if (strcmp(word, words[i]) == 0) {
            *shape = (enum outgoing_shape)i;
            return 0;
        }
    }
    return -1;
}

static bool
is_from_line(const struct job *job, lua_State *L, int index)
{
    return job != NULL && job->kind == JOB_LINE && job->ordinal == 0 &&
           job->event == lua_topointer(L, index);
}

static enum record_form
form_of(enum outgoing_shape shape, bool from_line, const struct job *job)
{
    if (shape == OUTGOING_SAME)
        return from_line ? job->peek.form : RECORD_CDR;
    return shape == OUTGOING_CDR ? RECORD_CDR : RECORD_FLAT;
}

static bool
line_has_form(const struct job *job, enum record_form form)
{
    enum record_form own = job->peek.form;

    return own == form || (own == RECORD_LOG && form == RECORD_CDR);
}

/* Whether the line's JSON, decoded anew, is still the event. */
static bool
says_the_same(struct runtime *rt, const struct job *job, lua_State *L,
              int index)
{
    struct decoder *d = rt->decoder;
    struct error ignored;
    bool same;

    index = lua_absindex(L, index);
    if (decoder_event(d, L, &job->peek, &ignored) < 0)
        return false;
    same = decoder_equal(d, L, index, -1);
    lua_pop(L, 1);
    return same;
}

/* Where the bytes differ, either a handler changed the event, or the line was
 * written in another way than the encoder's: then the values tell. */
static bool
is_unchanged(struct runtime *rt, const struct job *job, lua_State *L, int index,
             const char *encoded, size_t len)
{
    const struct record_peek *peek = &job->peek;

    if (len == peek->json_len && memcmp(encoded, peek->json, len) == 0)
        return true;
    if (job->all_kept && decoder_knows_order(rt->decoder, L, index) &&
        record_is_plain(peek->json, peek->json_len))
        return false;
    return says_the_same(rt, job, L, index);
}

int
outgoing_text(struct runtime *rt, const struct job *job, lua_State *L,
              int index, enum outgoing_shape shape, struct bytes *out,
              struct error *err)
{
    bool from_line = is_from_line(job, L, index);
    enum record_form form = form_of(shape, from_line, job);
    size_t begin = out->len, json;

    if (form == RECORD_LOG)
        bytes_add(out, job->line.text,
                  (size_t)(job->peek.json - job->line.text));
    json = out->len;
    if (decoder_encode_event(rt->decoder, L, index, form, out, err) < 0) {
        out->len = begin;
        return -1;
    }
    if (from_line && line_has_form(job, form) &&
        is_unchanged(rt, job, L, index, out->at + json, out->len - json)) {
        out->len = json;
        bytes_add(out, job->peek.json, job->peek.json_len);
    }
    return 0;
}
