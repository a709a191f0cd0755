/* mail.c -- a message as a mail: headers and a body of plain text. */
#include "action/mail.h"

#include <string.h>
#include <time.h>

#include "action/mime.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#define SUBJECT_MOST 400 /* bytes; what is cut off stands in the body too */
#define ID_MOST      100
#define ID_CHARACTERS                                                          \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* What the fields of a message say. */
struct content {
    struct bytes subject, text, lines;
    bool has_subject, has_text;
};

/* ---- the content ---- */

/* A value of several lines is set in, so that no line of it looks like a field
 * of its own. */
static void
add_value(struct bytes *out, struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        bytes_add(out, &value.at[i], 1);
        if (value.at[i] == '\n')
            bytes_add_text(out, "    ");
    }
}

static void
on_field(void *arg, struct span key, struct span value, bool is_text)
{
    struct content *c = arg;

    if (is_text && span_is(key, "subject")) {
        c->has_subject = true;
        bytes_add(&c->subject, value.at, value.len);
    }
    if (is_text && span_is(key, "text")) {
        c->has_text = true;
        bytes_add(&c->text, value.at, value.len);
    }
    add_value(&c->lines, key);
    bytes_add_text(&c->lines, ": ");
    add_value(&c->lines, value);
    bytes_add_text(&c->lines, "\n");
}

static void
free_content(struct content *c)
{
    bytes_free(&c->subject);
    bytes_free(&c->text);
    bytes_free(&c->lines);
}

/* ---- headers ---- */

/* The message's own, else what is always said, else what it is about. */
static void
choose_subject(struct bytes *text, const struct mail_head *head,
               const struct message *m, const struct content *c)
{
    if (c->has_subject && c->has_text) {
        bytes_add(text, c->subject.at, c->subject.len);
    } else if (head->subject != NULL) {
        bytes_add_text(text, head->subject);
    } else if (m->event.len > 0) {
        bytes_add(text, m->event.at, m->event.len);
        bytes_add_text(text, " ");
        bytes_add(text, m->session.at, m->session.len);
    } else {
        bytes_add_text(text, "cdrlua");
    }
}

static void
add_subject(struct bytes *out, const struct mail_head *head,
            const struct message *m, const struct content *c)
{
    struct bytes text = { 0 };
    size_t len;

    choose_subject(&text, head, m, c);
    len = text_cut(text.at, text.len, SUBJECT_MOST);
    bytes_add_text(out, "Subject: ");
    mime_add_words(out, (struct span){ text.at, len });
    bytes_add_text(out, "\r\n");
    bytes_free(&text);
}

/* In English whatever the locale is (RFC 5322, 3.3). */
static void
add_date(struct bytes *out)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm t;

    gmtime_r(&now, &t);
    bytes_add_format(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
                     days + 3 * t.tm_wday, t.tm_mday, months + 3 * t.tm_mon,
                     t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* An id of other characters is known by its hash. */
static void
add_id(struct bytes *out, const struct mail_head *head, const struct message *m)
{
    const char *host = strchr(head->from.all[0].address, '@');
    struct span of = m->id.len > 0 ? m->id : m->text;
    char hash[HASH_ID_SIZE], *id = mem_dup_bytes(of.at, of.len);

    if (of.len > ID_MOST || strspn(id, ID_CHARACTERS) != of.len) {
        hash_id(hash, 0, of.at, of.len);
        mem_free(id);
        id = mem_dup(hash);
    }
    bytes_add_format(out, "Message-ID: <%s%s>\r\n", id, host);
    mem_free(id);
}

void
mail_add(struct bytes *out, const struct mail_head *head,
         const struct message *m, struct fields *f)
{
    struct content c = { 0 };
    struct span body = m->text;

    if (fields_each(f, m->text, on_field, &c) > 0)
        body = c.has_subject && c.has_text
                   ? (struct span){ c.text.at, c.text.len }
                   : (struct span){ c.lines.at, c.lines.len };
    mail_addresses_add(out, "From", &head->from);
    mail_addresses_add(out, "To", &head->to);
    add_subject(out, head, m, &c);
    add_date(out);
    add_id(out, head, m);
    bytes_add_text(out, "Auto-Submitted: auto-generated\r\n"
                        "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_add_body(out, body);
    free_content(&c);
}
