/* post.c -- messages as the body of a request. */
#include "action/post.h"

#include <assert.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* zlib's way to say gzip */

static const char *const forms[] = { "single", "ndjson", "array" };

int
post_form_parse(const char *word, enum post_form *form, struct error *err)
{
    for (int i = 0; i < 3; i++) {
        if (strcmp(word, forms[i]) == 0) {
            *form = (enum post_form)i;
            return 0;
        }
    }
    return fail(err, "no body \"%.40s\" (there are single, ndjson and array)",
                word);
}

const char *
post_type(enum post_form form)
{
    return form == POST_NDJSON ? "application/x-ndjson" : "application/json";
}

static size_t
size_of(const struct message *messages, size_t n)
{
    size_t size = 2;

    for (size_t i = 0; i < n; i++)
        size += messages[i].text.len + 1;
    return size;
}

void
post_body(struct bytes *out, enum post_form form,
          const struct message *messages, size_t n)
{
    bytes_room(out, size_of(messages, n));
    if (form == POST_ARRAY)
        bytes_add_text(out, "[");
    for (size_t i = 0; i < n; i++) {
        if (form == POST_ARRAY && i > 0)
            bytes_add_text(out, ",");
        bytes_add(out, messages[i].text.at, messages[i].text.len);
        if (form == POST_NDJSON)
            bytes_add_text(out, "\n");
    }
    if (form == POST_ARRAY)
        bytes_add_text(out, "]");
}

char *
post_id(const struct message *messages, size_t n)
{
    struct bytes all = { 0 };
    char hash[HASH_ID_SIZE];

    if (n == 1 && messages->id.len > 0)
        return mem_dup_bytes(messages->id.at, messages->id.len);
    for (size_t i = 0; i < n; i++) {
        struct span of =
            messages[i].id.len > 0 ? messages[i].id : messages[i].text;
        bytes_add(&all, of.at, of.len);
        bytes_add_text(&all, "\n");
    }
    hash_id(hash, 0, all.at, all.len);
    bytes_free(&all);
    return mem_dup(hash);
}

void
post_gzip(struct bytes *body)
{
    struct bytes packed = { 0 };
    z_stream z = { .next_in = (Bytef *)body->at, .avail_in = (uInt)body->len };
    int rc = deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 8,
                          Z_DEFAULT_STRATEGY);

    assert(rc == Z_OK);
    z.avail_out = (uInt)deflateBound(&z, body->len);
    z.next_out = (Bytef *)bytes_room(&packed, z.avail_out);
    rc = deflate(&z, Z_FINISH);
    assert(rc == Z_STREAM_END);
    (void)rc;
    packed.len = z.total_out;
    deflateEnd(&z);
    bytes_free(body);
    *body = packed;
}
