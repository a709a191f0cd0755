/* rejected.c -- one line of a rejects file, read back.
 *
 * A record is one flat JSON object of texts and whole numbers; whatever else it
 * holds is passed over, and one that is not closed is none. */
#include "state/rejected.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/scan.h"
#include "base/text.h"

/* Where reading is, and the words so far, each with its NUL: they do not move,
 * as there is room for the line, and no word is longer than it is written. */
struct reader {
    const char *at, *end;
    struct bytes words;
};

static bool
take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* A text in quotes, which becomes one of the words. */
static bool
take_text(struct reader *r, const char **text, size_t *len)
{
    size_t begin = r->words.len;
    const char *quote;

    if (!take(r, '"'))
        return false;
    quote = scan_quote(r->at, r->end);
    if (quote == NULL ||
        !text_unquote(&r->words, r->at, (size_t)(quote - r->at)))
        return false;
    r->at = quote + 1;
    *text = r->words.at + begin;
    *len = r->words.len - begin;
    bytes_add(&r->words, "", 1);
    return true;
}

static bool
take_number(struct reader *r, uint64_t *number)
{
    const char *begin = r->at;

    *number = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        *number = *number * 10 + (uint64_t)(*r->at++ - '0');
    return r->at > begin;
}

static int
value_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;

    return found != NULL ? (int)(found - digits) : -1;
}

/* In place; what follows the first strange character is left out. */
static size_t
decode_base64(char *text)
{
    char *to = text;
    unsigned bits = 0;
    int n = 0;

    for (const char *p = text; value_of(*p) >= 0; p++) {
        bits = bits << 6 | (unsigned)value_of(*p);
        n += 6;
        if (n >= 8)
            *to++ = (char)(bits >> (n -= 8) & 0xff);
    }
    *to = '\0';
    return (size_t)(to - text);
}

static const char **
word_of(struct rejected *r, const char *name)
{
    const struct {
        const char *name, **word;
    } words[] = {
        { "time", &r->time }, { "station", &r->station },
        { "sink", &r->sink }, { "file", &r->file },
        { "id", &r->id },     { "reason", &r->reason },
        { "text", &r->text }, { "base64", &r->text },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].word;
    return NULL;
}

static void
keep_text(struct rejected *r, const char *name, const char *text, size_t len)
{
    const char **word = word_of(r, name);

    if (word == NULL)
        return;
    *word = text;
    if (word == &r->text)
        r->text_len =
            strcmp(name, "base64") == 0 ? decode_base64((char *)text) : len;
}

static void
keep_number(struct rejected *r, const char *name, uint64_t number)
{
    if (strcmp(name, "offset") == 0)
        r->offset = number;
    else if (strcmp(name, "line") == 0)
        r->line = number;
    else if (strcmp(name, "length") == 0)
        r->length = number;
}

static bool
take_field(struct reader *from, struct rejected *r)
{
    const char *name, *text;
    size_t len;
    uint64_t number;

    if (!take_text(from, &name, &len) || !take(from, ':'))
        return false;
    if (from->at < from->end && *from->at == '"') {
        if (!take_text(from, &text, &len))
            return false;
        keep_text(r, name, text, len);
        return true;
    }
    if (!take_number(from, &number))
        return false;
    keep_number(r, name, number);
    return true;
}

static bool
read_fields(struct rejected *r, const char *line, size_t len)
{
    struct reader from = { line, line + len, { 0 } };

    r->memory = bytes_room(&from.words, len + 1);
    if (!take(&from, '{'))
        return false;
    do
        if (!take_field(&from, r))
            return false;
    while (take(&from, ','));
    return take(&from, '}') && from.at == from.end && r->time != NULL &&
           r->reason != NULL && r->text != NULL;
}

static const char drop[] = ",\"drop\":[";

/* The keys of a mark behind its time, or NULL. */
static const char *
keys_of(const char *line, size_t len)
{
    const char *found = memmem(line, len, drop, sizeof drop - 1);

    if (len < 3 || memcmp(line + len - 2, "]}", 2) != 0 || found == NULL ||
        memchr(line, '[', (size_t)(found - line)) != NULL || found - line > 50)
        return NULL;
    return found + sizeof drop - 1;
}

enum rejected_kind
rejected_read(struct rejected *r, const char *line, size_t len)
{
    *r = (struct rejected){ 0 };
    if (len == 0 || *line != '{')
        return REJECTED_NONE;
    if (keys_of(line, len) != NULL)
        return REJECTED_MARK;
    snprintf(r->key, sizeof r->key, "%016llx",
             (unsigned long long)hash_bytes(line, len));
    if (read_fields(r, line, len)) {
        r->length = r->length > r->text_len ? r->length : r->text_len;
        return REJECTED_RECORD;
    }
    rejected_free(r);
    return REJECTED_NONE;
}

void
rejected_free(struct rejected *r)
{
    mem_free(r->memory);
    *r = (struct rejected){ 0 };
}

void
rejected_keys(const char *mark, size_t len, rejected_key_fn *each, void *arg)
{
    const char *at = keys_of(mark, len), *end = mark + len;
    const size_t digits = REJECTED_KEY_SIZE - 1;
    char key[REJECTED_KEY_SIZE] = "";

    for (; at != NULL && (size_t)(end - at) > digits + 1 && *at == '"';
         at += digits + 3) {
        memcpy(key, at + 1, digits);
        each(arg, key);
    }
}
