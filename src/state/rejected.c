/* rejected.c -- one line of a rejects file, read back.
 *
 * A record is one flat JSON object of texts and whole numbers; whatever else it
 * holds is passed over, and one that is not closed is none. */
#include "state/rejected.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* Where reading is, and where the next word goes: words are never longer than
 * what they are written as. */
struct reader {
    const char *at, *end;
    char *to;
};

static bool
take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Four hexadecimal digits, or -1. */
static long
take_hex(struct reader *r)
{
    char four[5] = "", *stop;
    long code;

    if (r->end - r->at < 4)
        return -1;
    memcpy(four, r->at, 4);
    code = strtol(four, &stop, 16);
    r->at += 4;
    return *stop == '\0' && four[0] != '-' && four[0] != '+' ? code : -1;
}

static void
put_code(struct reader *r, long c)
{
    if (c < 0x80) {
        *r->to++ = (char)c;
        return;
    }
    if (c < 0x800) {
        *r->to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *r->to++ = (char)(0xe0 | c >> 12);
        } else {
            *r->to++ = (char)(0xf0 | c >> 18);
            *r->to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *r->to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *r->to++ = (char)(0x80 | (c & 0x3f));
}

static bool
take_code(struct reader *r)
{
    long c = take_hex(r), low;

    if (c >= 0xd800 && c < 0xdc00) {
        if (!take(r, '\\') || !take(r, 'u'))
            return false;
        low = take_hex(r);
        if (low < 0xdc00 || low > 0xdfff)
            return false;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (c < 0)
        return false;
    put_code(r, c);
    return true;
}

static bool
take_escape(struct reader *r)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (r->at == r->end)
        return false;
    if (take(r, 'u'))
        return take_code(r);
    found = strchr(from, *r->at++);
    if (found == NULL || *found == '\0')
        return false;
    *r->to++ = to[found - from];
    return true;
}

/* A text in quotes, written to the memory. */
static bool
take_text(struct reader *r, const char **text, size_t *len)
{
    *text = r->to;
    if (!take(r, '"'))
        return false;
    while (r->at < r->end && *r->at != '"') {
        if (*r->at != '\\')
            *r->to++ = *r->at++;
        else if (r->at++, !take_escape(r))
            return false;
    }
    *len = (size_t)(r->to - *text);
    *r->to++ = '\0';
    return take(r, '"');
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
    struct reader from = { line, line + len, r->memory };

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
    r->memory = mem_new(len + 1);
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
