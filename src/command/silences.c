/* silences.c -- the rows of silences: what they match, and from when to when.
 */
#include "command/silences.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static bool
read_matcher(struct matcher *m, const struct tree_node *node)
{
    const char *pattern = tree_text(tree_find(node, "pattern"));

    m->label = tree_key(node);
    m->value = pattern != NULL ? pattern : tree_text(node);
    m->is_pattern = pattern != NULL;
    return m->value != NULL;
}

static bool
read_matchers(struct silence *s, const struct tree_node *match)
{
    const struct tree_node *node = tree_first(match);

    for (; node != NULL; node = tree_next(node)) {
        s->matchers = mem_grow(s->matchers, (s->n + 1) * sizeof *s->matchers);
        if (!read_matcher(&s->matchers[s->n++], node))
            return false;
    }
    return s->n > 0;
}

bool
silence_read(struct silence *s, const struct kept_row *row)
{
    const struct tree_node *root = tree_root(row->tree);

    *s = (struct silence){ .id = row->key,
                           .comment = tree_text(tree_find(root, "comment")),
                           .by = tree_text(tree_find(root, "by")),
                           .created_ms = kept_number(row, "created") };
    if (tree_number(tree_find(root, "from"), &s->from_ms) &&
        tree_number(tree_find(root, "until"), &s->until_ms) &&
        read_matchers(s, tree_find(root, "match")))
        return true;
    silence_free(s);
    return false;
}

void
silence_free(struct silence *s)
{
    mem_free(s->matchers);
    *s = (struct silence){ 0 };
}

/* ---- written ---- */

static void
add_text(struct bytes *out, const char *text)
{
    text_quote(out, text, strlen(text));
}

static void
add_match(struct bytes *out, const struct silence *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct matcher *m = &s->matchers[i];
        bytes_add_text(out, i == 0 ? "{" : ",");
        add_text(out, m->label);
        bytes_add_text(out, m->is_pattern ? ":{\"pattern\":" : ":");
        add_text(out, m->value);
        bytes_add_text(out, m->is_pattern ? "}" : "");
    }
    bytes_add_text(out, "}");
}

static void
add_word(struct bytes *out, const char *field, const char *word)
{
    if (word == NULL)
        return;
    bytes_add_format(out, ",\"%s\":", field);
    add_text(out, word);
}

static int
put(struct checkpoint *c, const char *id, const struct bytes *value,
    struct error *err)
{
    return checkpoint_put_state(c,
                                &(struct kept){ .name = SILENCES_TABLE,
                                                .text = id,
                                                .text_len = strlen(id),
                                                .value = value->at,
                                                .value_len = value->len },
                                err);
}

int
silence_put(struct checkpoint *c, const struct silence *s, struct error *err)
{
    struct bytes text = { 0 };
    int rc;

    bytes_add_text(&text, "{\"id\":");
    add_text(&text, s->id);
    bytes_add_text(&text, ",\"match\":");
    add_match(&text, s);
    bytes_add_format(&text, ",\"from\":%" PRId64 ",\"until\":%" PRId64,
                     s->from_ms, s->until_ms);
    add_word(&text, "comment", s->comment);
    add_word(&text, "by", s->by);
    bytes_add_format(&text, ",\"created\":%" PRId64 "}", s->created_ms);
    rc = put(c, s->id, &text, err);
    bytes_free(&text);
    return rc;
}

int
silence_drop(struct checkpoint *c, const char *id, struct error *err)
{
    return put(c, id, &(struct bytes){ 0 }, err);
}

const char *
silence_status(const struct silence *s, int64_t now_ms)
{
    if (s->until_ms <= now_ms)
        return "expired";
    return s->from_ms > now_ms ? "pending" : "active";
}
