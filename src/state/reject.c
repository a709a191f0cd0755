/* reject.c -- what is kept of a line that could not be used, and why. */
#include "state/reject.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

static void
add_word(struct bytes *out, const char *key, const char *text, size_t len)
{
    struct bytes clean = { 0 };

    bytes_add_format(out, ",\"%s\":", key);
    if (text_is_utf8(text, len)) {
        text_quote(out, text, len);
        return;
    }
    text_add_line(&clean, text, len);
    text_quote(out, clean.at, clean.len);
    bytes_free(&clean);
}

static void
add_base64(struct bytes *out, const char *text, size_t len)
{
    bytes_add_text(out, ",\"base64\":\"");
    text_add_base64(out, text, len);
    bytes_add_text(out, "\"");
}

static void
add_place(struct bytes *out, const struct reject *r)
{
    add_word(out, "file", r->path, strlen(r->path));
    bytes_add_format(out, ",\"offset\":%" PRIu64 ",\"line\":%" PRIu64,
                     r->offset, r->number);
}

void
reject_format(struct bytes *out, const struct reject *r)
{
    char now[CLOCK_ISO_SIZE];

    clock_iso(now, clock_wall_ms());
    bytes_add_format(out, "{\"time\":\"%s\"", now);
    if (r->station != NULL)
        add_word(out, "station", r->station, strlen(r->station));
    if (r->sink != NULL)
        add_word(out, "sink", r->sink, strlen(r->sink));
    else
        add_place(out, r);
    add_word(out, "id", r->id, r->id_len);
    add_word(out, "reason", r->reason, strlen(r->reason));
    if (r->whole_len > r->len)
        bytes_add_format(out, ",\"length\":%" PRIu64, r->whole_len);
    if (text_is_utf8(r->text, r->len))
        add_word(out, "text", r->text, r->len);
    else
        add_base64(out, r->text, r->len);
    bytes_add_text(out, "}");
}
