/* text.c -- words compared, and text as JSON, lines and base64 have it. */
#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* How a byte stands in a JSON string: 0 as it is, 'u' as \u00XX, else behind a
 * backslash as that letter. 0xe2 may begin U+2028 and is looked at twice. */
static char
escape_of(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c < 0x20 ? 'u' : 0;
    }
}

bool
text_is_line_separator(const char *p, const char *end)
{
    return end - p >= 3 && (unsigned char)p[0] == 0xe2 &&
           (unsigned char)p[1] == 0x80 && ((unsigned char)p[2] & 0xfe) == 0xa8;
}

static size_t
plain_run(const char *p, const char *end)
{
    const char *q = p;

    while (q < end) {
        unsigned char c = (unsigned char)*q;
        if (c < 0x20 || c == '"' || c == '\\')
            break;
        if (c == 0xe2 && text_is_line_separator(q, end))
            break;
        q++;
    }
    return (size_t)(q - p);
}

static size_t
add_escape(struct bytes *out, const char *p)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char)*p;
    char letter = escape_of(c);
    char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

    if (c == 0xe2) {
        bytes_add(out, (unsigned char)p[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
        return 3;
    }
    text[1] = letter;
    bytes_add(out, text, letter == 'u' ? 6 : 2);
    return 1;
}

void
text_quote(struct bytes *out, const char *text, size_t len)
{
    const char *p = text, *end = text + len;

    bytes_room(out, len + 2);
    bytes_add(out, "\"", 1);
    while (p < end) {
        size_t n = plain_run(p, end);
        bytes_add(out, p, n);
        p += n;
        if (p < end)
            p += add_escape(out, p);
    }
    bytes_add(out, "\"", 1);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
text_code(const char *p, const char *end)
{
    int code = 0;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

static void
add_utf8(struct bytes *out, int code)
{
    int rest = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
    char text[4];

    text[0] = (char)(first[rest] | code >> 6 * rest);
    for (int i = 1; i <= rest; i++)
        text[i] = (char)(0x80 | (code >> 6 * (rest - i) & 0x3f));
    bytes_add(out, text, (size_t)rest + 1);
}

/* The place behind `\uXXXX`, or behind the pair of them that is one character;
 * NULL for none. */
static const char *
add_code(struct bytes *out, const char *p, const char *end)
{
    int code = text_code(p, end), low;

    if (code < 0 || (code & 0xfc00) == 0xdc00)
        return NULL;
    if ((code & 0xfc00) != 0xd800) {
        add_utf8(out, code);
        return p + 6;
    }
    low = text_code(p + 6, end);
    if (low < 0 || (low & 0xfc00) != 0xdc00)
        return NULL;
    add_utf8(out, 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff));
    return p + 12;
}

static const char *
add_unescaped(struct bytes *out, const char *p, const char *end)
{
    static const char letters[] = "\"\\/bfnrt", stand_for[] = "\"\\/\b\f\n\r\t";
    const char *letter;

    if (end - p < 2)
        return NULL;
    if (p[1] == 'u')
        return add_code(out, p, end);
    letter = memchr(letters, p[1], sizeof letters - 1);
    if (letter == NULL)
        return NULL;
    bytes_add(out, &stand_for[letter - letters], 1);
    return p + 2;
}

bool
text_unquote(struct bytes *out, const char *text, size_t len)
{
    const char *p = text, *end = text + len;

    bytes_room(out, len);
    while (p != NULL && p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        const char *stop = slash != NULL ? slash : end;

        bytes_add(out, p, (size_t)(stop - p));
        p = slash != NULL ? add_unescaped(out, slash, end) : end;
    }
    return p != NULL;
}

/* How many bytes the character that begins with `c` has; 0 for none. The
 * table of Unicode 15, 3.9 D92, without the rows for the second byte. */
static size_t
utf8_len(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

static bool
second_is_good(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    return second >= low && second <= high;
}

bool
text_is_utf8(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len;

    while (p < end) {
        size_t n = utf8_len(*p);
        if (n == 0 || (size_t)(end - p) < n)
            return false;
        if (n > 1 && !second_is_good(p[0], p[1]))
            return false;
        for (size_t i = 2; i < n; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += n;
    }
    return true;
}

void
text_add_base64(struct bytes *out, const void *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;

    for (size_t i = 0; i < len; i += 3) {
        uint32_t b1 = i + 1 < len ? p[i + 1] : 0;
        uint32_t b2 = i + 2 < len ? p[i + 2] : 0;
        uint32_t bits = (uint32_t)p[i] << 16 | b1 << 8 | b2;
        char four[4] = { digits[bits >> 18], digits[bits >> 12 & 63],
                         i + 1 < len ? digits[bits >> 6 & 63] : '=',
                         i + 2 < len ? digits[bits & 63] : '=' };
        bytes_add(out, four, 4);
    }
}

size_t
text_cut(const char *text, size_t len, size_t most)
{
    if (len <= most)
        return len;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

void
text_add_line(struct bytes *out, const char *text, size_t len)
{
    bool utf8 = text_is_utf8(text, len);
    char *to = bytes_room(out, len + 1);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool bad = c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8);
        to[i] = bad ? '?' : text[i];
    }
    out->len += len;
}

#define WORD_MOST 64

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be changed, put in or taken out (Levenshtein). */
static size_t
distance(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t row[WORD_MOST + 1];

    for (size_t j = 0; j <= blen; j++)
        row[j] = j;
    for (size_t i = 1; i <= alen; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            size_t changed = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[blen];
}

const char *
text_nearest(const char *word, const char *const *list, size_t most)
{
    const char *nearest = NULL;
    size_t len = strlen(word);

    if (len > WORD_MOST)
        return NULL;
    for (; *list != NULL; list++) {
        size_t other = strlen(*list), far;
        if (other > WORD_MOST)
            continue;
        far = distance(word, len, *list, other);
        if (far <= most && far < len) {
            nearest = *list;
            if (far == 0)
                break;
            most = far - 1;
        }
    }
    return nearest;
}

const char *
text_plural(uint64_t n, const char *one, const char *more)
{
    return n == 1 ? one : more;
}
