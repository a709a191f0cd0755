/* cursor.c -- a place in JSON text that moves over one token after another. */
#include "decode/cursor.h"

#include "base/text.h"

void
cursor_begin(struct cursor *c, const char *text, size_t len)
{
    while (len > 0 && scan_is_space(text[len - 1]))
        len--;
    c->text = c->p = text;
    c->end = text + len;
    c->slash = cursor_find_slash(text, c->end);
    cursor_skip_space(c);
}

const char *
cursor_closing_quote(const char *p, const char *end)
{
    while (p < end && *p != '"')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return p;
}

bool
cursor_string(struct cursor *c, struct spelled *s)
{
    const char *from = c->p + 1, *quote;

    if (c->p == c->end || *c->p != '"')
        return false;
    quote = memchr(from, '"', (size_t)(c->end - from));
    if (quote == NULL)
        return false;
    s->escaped = c->slash < quote;
    if (s->escaped) {
        quote = cursor_closing_quote(c->slash, c->end);
        if (quote == c->end)
            return false;
        c->slash = cursor_find_slash(quote, c->end);
    }
    s->text = from;
    s->len = (size_t)(quote - from);
    c->p = quote + 1;
    return true;
}

/* How long the escape at `p` is, 0 for none, and how many bytes it stands
 * for. That halves of surrogates come in pairs is known. */
static size_t
escape_len(const char *p, const char *end, size_t *bytes)
{
    int code;

    *bytes = 1;
    if (p[1] != 'u')
        return 2;
    code = text_code(p, end);
    if (code < 0)
        return 0;
    *bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    if (code < 0xd800 || code > 0xdfff)
        return 6;
    *bytes = 4;
    return text_code(p + 6, end) < 0 ? 0 : 12;
}

bool
cursor_decoded_len(struct cursor *c, const struct spelled *s, size_t *len)
{
    const char *p = s->text, *end = s->text + s->len;

    *len = 0;
    while (p < end) {
        size_t bytes = 1, n = 1;
        if (*p == '\\')
            n = escape_len(p, end, &bytes);
        if (n == 0) {
            c->p = p;
            return false;
        }
        *len += bytes;
        p += n;
    }
    return true;
}
