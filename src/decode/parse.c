/* parse.c -- JSON text becomes cJSON's tree, in an arena.
 *
 * cJSON's hooks are for the whole process: they take from the arena of the
 * text at hand, and from the heap when none is. */
#include "decode/parse.h"

#include <stdlib.h>
#include <string.h>

#include "decode/decoder.h"

static struct arena *lent;

static void *
take(size_t size)
{
    return lent ? arena_alloc(lent, size) : malloc(size);
}

static void
give(void *p)
{
    if (lent == NULL)
        free(p);
}

int
parse_refuse(const struct cursor *c, const char *at, struct error *err)
{
    return fail(err, "not JSON at byte %zu", (size_t)(at - c->text) + 1);
}

/* cJSON points one byte behind what should be the quote of a key. */
static const char *
fault_of(const struct cursor *c, const char *at)
{
    const char *p = at - 1;

    if (at == c->text || *p == '"' || (unsigned char)*p <= ' ')
        return at;
    while (p > c->text && (unsigned char)p[-1] <= ' ')
        p--;
    return p > c->text && (p[-1] == '{' || p[-1] == ',') ? at - 1 : at;
}

static int
deepest(const char *p, const char *end)
{
    int depth = 0, most = 0;

    while (p < end) {
        char c = *p++;
        if (c == '"')
            p = cursor_closing_quote(p, end);
        else if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        if (c == '"' && p < end)
            p++;
        most = depth > most ? depth : most;
    }
    return most;
}

/* Where cJSON gave up is told apart from where it went too deep. */
static int
refuse(const struct cursor *c, const char *at, const struct arena *a,
       struct error *err)
{
    if (a->refused)
        return fail(err, "too much in one text");
    if (deepest(c->text, at) > DECODE_DEPTH)
        return fail(err, "nested deeper than %d", DECODE_DEPTH);
    return parse_refuse(c, fault_of(c, at), err);
}

static int
refuse_behind(const struct cursor *c, const char *behind, struct error *err)
{
    behind = scan_space(behind, c->end);
    return fail(err, "text behind the value at byte %zu",
                (size_t)(behind - c->text) + 1);
}

static const cJSON *
tree_of(struct arena *a, const struct cursor *c, const char **behind)
{
    static cJSON_Hooks hooks = { take, give };
    const cJSON *root;

    lent = a;
    cJSON_InitHooks(&hooks);
    root = cJSON_ParseWithLengthOpts(c->text, (size_t)(c->end - c->text),
                                     behind, 0);
    lent = NULL;
    return root;
}

/* cJSON takes a NUL for white space, and reads one byte behind a text that
 * ends in a comma (until 1.7.18). */
static int
check(const struct cursor *c, struct error *err)
{
    size_t len = (size_t)(c->end - c->text);
    const char *nul = memchr(c->text, '\0', len);

    if (nul != NULL)
        return fail(err, "NUL at byte %zu", (size_t)(nul - c->text) + 1);
    if (len == 0 || c->end[-1] == ',')
        return parse_refuse(c, c->end, err);
    return 0;
}

const cJSON *
parse_text(struct arena *a, const struct cursor *c, struct error *err)
{
    const char *behind = c->text;
    const cJSON *root;

    if (check(c, err) < 0)
        return NULL;
    root = tree_of(a, c, &behind);
    if (root == NULL)
        refuse(c, behind, a, err);
    else if (behind < c->end)
        refuse_behind(c, behind, err);
    return behind < c->end ? NULL : root;
}
