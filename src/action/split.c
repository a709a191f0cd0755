/* split.c -- an event's JSON, cut into the columns of its table. */
#include "action/split.h"

#include <string.h>

#include "base/scan.h"
#include "base/text.h"

/* No database has a text with a NUL in it, or not all of it. */
static bool
has_nul(struct span text)
{
    const char *end = text.at + text.len;
    const char *at = memchr(text.at, '\\', text.len);

    while (at != NULL &&
           (at = memmem(at, (size_t)(end - at), "\\u0000", 6)) != NULL) {
        const char *first = at;

        while (first > text.at && first[-1] == '\\')
            first--;
        if ((at - first) % 2 == 0)
            return true;
        at++;
    }
    return false;
}

/* The key's quotes belong to what goes into `more`. */
static void
add_more(struct span key, const char *behind, struct bytes *more)
{
    bytes_add(more, more->len == 0 ? "{" : ",", 1);
    bytes_add(more, key.at - 1, (size_t)(behind - key.at) + 1);
}

/* `next`: the column that is most likely. */
static void
put_field(const struct table *t, struct span key, struct span value,
          struct split *to, size_t *next)
{
    size_t column = table_column(t, key, *next);

    if (column == t->n) {
        if (!span_is(key, "event"))
            add_more(key, value.at + value.len, &to->more);
        return;
    }
    *next = column + 1;
    if (*value.at == 'n' && span_is(value, "null"))
        value.at = NULL;
    to->columns[column] = value;
}

/* One `"key": value` at `p`: the place behind it, or NULL. */
static const char *
take_field(const struct table *t, const char *p, const char *end,
           struct split *to, size_t *next)
{
    const char *quote, *value, *behind;

    quote = p < end && *p == '"' ? scan_quote(p + 1, end) : NULL;
    value = scan_colon(quote, end);
    behind = value != NULL ? scan_value(value, end) : NULL;
    if (behind == NULL || behind == value)
        return NULL;
    put_field(t, (struct span){ p + 1, (size_t)(quote - p) - 1 },
              (struct span){ value, (size_t)(behind - value) }, to, next);
    return scan_space(behind, end);
}

static bool
split_object(const struct table *t, struct span text, struct split *to)
{
    const char *end = text.at + text.len, *p = scan_space(text.at, end);
    size_t next = 0;

    memset(to->columns, 0, t->n * sizeof *to->columns);
    to->more.len = 0;
    if (p == end || *p != '{')
        return false;
    do {
        p = take_field(t, scan_space(p + 1, end), end, to, &next);
    } while (p != NULL && p < end && *p == ',');
    if (p == NULL || p == end || *p != '}')
        return false;
    if (to->more.len > 0)
        bytes_add(&to->more, "}", 1);
    return true;
}

int
split_message(const struct table *t, const struct message *m, struct split *to,
              struct error *err)
{
    if (has_nul(m->text))
        return fail(err, "a text with \\u0000 cannot be a row");
    if (!split_object(t, m->text, to))
        return fail(err, "malformed JSON");
    return 0;
}

int
split_text(struct span value, struct bytes *room, struct span *text)
{
    size_t begin = room->len;

    *text = value;
    if (*value.at != '"')
        return 0;
    *text = (struct span){ value.at + 1, value.len - 2 };
    if (memchr(text->at, '\\', text->len) == NULL)
        return 0;
    if (!text_unquote(room, text->at, text->len))
        return -1;
    *text = (struct span){ room->at + begin, room->len - begin };
    return 0;
}

void
split_free(struct split *s)
{
    bytes_free(&s->more);
}
