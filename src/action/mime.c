/* mime.c -- text of any kind in a mail, which is lines of ASCII. */
#include "action/mime.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define PLAIN_MOST 60 /* characters of a header that stand as they are */
#define WORD_BYTES 39 /* of an encoded word: 64 characters, and a name fits */
#define LINE_MOST  75 /* before the "=" of a line that goes on */

/* ---- headers ---- */

static bool
is_plain(const struct bytes *text)
{
    for (size_t i = 0; i < text->len; i++) {
        char c = text->at[i];
        if (c < ' ' || c > '~')
            return false;
        if (c == '=' && i + 1 < text->len && text->at[i + 1] == '?')
            return false;
    }
    return text->len <= PLAIN_MOST;
}

static bool
is_atoms(const struct bytes *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (strchr(" abcdefghijklmnopqrstuvwxyz0123456789",
                   text->at[i] | 0x20) == NULL)
            return false;
    return text->len <= PLAIN_MOST;
}

static void
add_word(struct bytes *out, const char *at, size_t len)
{
    bytes_add_text(out, "=?UTF-8?B?");
    text_add_base64(out, at, len);
    bytes_add_text(out, "?=");
}

/* A character is not split between words. */
static void
add_encoded(struct bytes *out, const struct bytes *clean)
{
    for (size_t at = 0, n; at < clean->len; at += n) {
        if (at > 0)
            bytes_add_text(out, "\r\n ");
        n = text_cut(clean->at + at, clean->len - at, WORD_BYTES);
        add_word(out, clean->at + at, n);
    }
}

static void
add(struct bytes *out, struct span text,
    bool (*as_it_is)(const struct bytes *text))
{
    struct bytes clean = { 0 };

    text_add_line(&clean, text.at, text.len);
    if (as_it_is(&clean))
        bytes_add(out, clean.at, clean.len);
    else
        add_encoded(out, &clean);
    bytes_free(&clean);
}

void
mime_add_words(struct bytes *out, struct span text)
{
    add(out, text, is_plain);
}

void
mime_add_phrase(struct bytes *out, struct span text)
{
    add(out, text, is_atoms);
}

/* ---- bodies ---- */

static bool
ends_line(struct span text, size_t at)
{
    if (at >= text.len || text.at[at] == '\n')
        return true;
    return text.at[at] == '\r' && at + 1 < text.len && text.at[at + 1] == '\n';
}

/* Whether the character may stand as it is: not where a space would be lost,
 * and not where a dot would end the mail. */
static bool
stands(struct span text, size_t at, size_t column)
{
    char c = text.at[at];

    if (c == ' ' || c == '\t')
        return !ends_line(text, at + 1);
    if (c == '.')
        return column > 0;
    return c > ' ' && c <= '~' && c != '=';
}

static void
add_character(struct bytes *out, unsigned char c, bool as_it_is, size_t *column)
{
    size_t width = as_it_is ? 1 : 3;

    if (*column + width > LINE_MOST) {
        bytes_add_text(out, "=\r\n");
        *column = 0;
        width = c == '.' ? 3 : width;
    }
    if (width == 1)
        bytes_add(out, &c, 1);
    else
        bytes_add_format(out, "=%02X", c);
    *column += width;
}

void
mime_add_body(struct bytes *out, struct span text)
{
    bool utf8 = text_is_utf8(text.at, text.len);
    size_t column = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        if (ends_line(text, i)) {
            i += c == '\r';
            bytes_add_text(out, "\r\n");
            column = 0;
        } else if (c >= 0x80 && !utf8) {
            add_character(out, '?', true, &column);
        } else {
            add_character(out, c, stands(text, i, column), &column);
        }
    }
    if (column > 0)
        bytes_add_text(out, "\r\n");
}
