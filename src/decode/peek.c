/* peek.c -- what can be told of a line without decoding it. */
#include "decode/scan.h"

/* What stands between the braces of a line's outermost object, as far as it
 * tells whether the line is an event. */
struct outline {
    const char *key, *event;
    size_t key_len, event_len;
    int members;
    bool object; /* the only member is one */
    bool odd;    /* a name has escapes in it */
    bool ended;  /* its closing brace was there */
};

/* Names that are taken for no field of a flat line, so that what is behind
 * them need not be looked at. Should one be, decoding refuses the line. */
#define NAME(text)                                                             \
    {                                                                          \
        text, sizeof text - 1                                                  \
    }

static const struct {
    const char *at;
    size_t len;
} known[] = {
    NAME("webrtcConnectionCreated"),
    NAME("webrtcConnectionDestroyed"),
    NAME("participantJoined"),
    NAME("participantLeft"),
    NAME("sessionCreated"),
    NAME("sessionDestroyed"),
    NAME("recordingStatusChanged"),
    NAME("filterEventDispatched"),
    NAME("signalSent"),
    NAME("mediaNodeStatusChanged"),
    NAME("autoscaling"),
    NAME("nodeCrashed"),
    NAME("nodeRecovered"),
    NAME("broadcastStarted"),
    NAME("broadcastStopped"),
    NAME("recordingStarted"),
    NAME("recordingStopped"),
    NAME("HANodeRegistered"),
    NAME("HANodeDeregistered"),
};

static bool
has_slash(const char *text, size_t len)
{
    return memchr(text, '\\', len) != NULL;
}

static void
note_member(struct outline *o, const char *value, const char *behind)
{
    o->members++;
    o->object = o->members == 1 && *value == '{';
    if (has_slash(o->key, o->key_len))
        o->odd = true;
    if (o->key_len != 5 || memcmp(o->key, "event", 5) != 0)
        return;
    o->event = *value == '"' ? value + 1 : NULL;
    o->event_len = o->event ? (size_t)(behind - value) - 2 : 0;
    if (o->event && has_slash(o->event, o->event_len))
        o->odd = true;
}

/* One `"key": value`; the place behind it, or NULL with `*p` at the fault. */
static const char *
read_member(struct outline *o, const char **p, const char *end)
{
    const char *quote, *value, *behind;

    if (*p == end || **p != '"')
        return NULL;
    quote = scan_quote(*p + 1, end);
    if (quote == NULL)
        return NULL;
    o->key = *p + 1;
    o->key_len = (size_t)(quote - o->key);
    *p = scan_space(quote + 1, end);
    if (*p == end || **p != ':')
        return NULL;
    value = scan_space(*p + 1, end);
    behind = scan_value(value, end);
    *p = end;
    if (behind != NULL)
        note_member(o, value, behind);
    return behind;
}

static const char *
behind_object(struct outline *o, const char *p, const char *end)
{
    o->ended = true;
    p = scan_space(p, end);
    return p == end ? NULL : p;
}

/* Goes over the outermost object: NULL, or the place of a fault. */
static const char *
outline(struct outline *o, const char *p, const char *end)
{
    const char *behind;

    p = scan_space(p + 1, end);
    if (p < end && *p == '}')
        return behind_object(o, p + 1, end);
    for (;;) {
        behind = read_member(o, &p, end);
        if (behind == NULL)
            return p;
        p = scan_space(behind, end);
        if (p < end && *p == '}')
            return behind_object(o, p + 1, end);
        if (p == end || *p != ',')
            return p;
        p = scan_space(p + 1, end);
    }
}

static bool
is_known(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].len == len && memcmp(name, known[i].at, len) == 0)
            return true;
    return false;
}

bool
scan_known(struct record_peek *peek)
{
    const char *end = peek->json + peek->json_len, *quote;

    if (!scan_begins(peek->json, end, "{\"", 2) || end[-2] != '}')
        return false;
    quote = memchr(peek->json + 2, '"', peek->json_len - 2);
    if (quote == NULL || !scan_begins(quote, end, "\":{", 3))
        return false;
    peek->name = peek->json + 2;
    peek->name_len = (size_t)(quote - peek->name);
    return is_known(peek->name, peek->name_len);
}

static int
peek_json(struct record_peek *peek, const char *text, struct error *err)
{
    const char *end = peek->json + peek->json_len, *fault;
    struct outline o = { 0 };

    if (scan_known(peek))
        return 1;
    fault = outline(&o, peek->json, end);
    if (fault != NULL)
        return fail(err, "%s at byte %zu",
                    o.ended ? "text behind the value" : "not JSON",
                    (size_t)(fault - text) + 1);
    if (o.object && o.members == 1) {
        peek->name = o.odd ? NULL : o.key;
        peek->name_len = o.odd ? 0 : o.key_len;
        return 1;
    }
    if (o.event == NULL && !o.odd)
        return fail(err, "neither {\"NAME\":{...}} nor an object with an "
                         "\"event\" name");
    peek->form = RECORD_FLAT;
    peek->name = o.odd ? NULL : o.event;
    peek->name_len = o.odd ? 0 : o.event_len;
    return 1;
}

int
scan_line(const char *text, size_t len, struct record_peek *peek)
{
    const char *end = text + len, *p;

    while (end > text && scan_is_space(end[-1]))
        end--;
    p = scan_space(text, end);
    if (p == end)
        return 0;
    *peek = (struct record_peek){ RECORD_CDR, p, (size_t)(end - p), NULL, 0 };
    if (*p == '{')
        return 1;
    if (scan_is_trace(text, end))
        return 0;
    peek->form = RECORD_LOG;
    peek->json = scan_logged(p, end);
    if (peek->json == NULL)
        return scan_is_log(p, end) ? 0 : -1;
    peek->json_len = (size_t)(end - peek->json);
    return 1;
}

int
record_peek(const char *text, size_t len, struct record_peek *peek,
            struct error *err)
{
    int result = scan_line(text, len, peek);
    enum record_form form;

    if (result < 0)
        return fail(err, "neither a JSON object nor a line of a server log");
    if (result == 0)
        return 0;
    form = peek->form;
    result = peek_json(peek, text, err);
    if (form == RECORD_LOG)
        peek->form = RECORD_LOG;
    return result;
}
