/* mail_address.c -- who sends a mail and who gets it. */
#include "action/mail_address.h"

#include <stdbool.h>
#include <string.h>

#include "action/mime.h"

#define ADDRESS_MOST 254 /* RFC 5321, 4.5.3.1.3 */
#define NAME_MOST    200
#define MOST         100 /* recipients that every server must take */

/* Letters, digits and what else stands in an address without quotes; one @ with
 * something on either side. */
static bool
is_address(const char *text)
{
    const char *at = strchr(text, '@');
    size_t good = strspn(text, "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789!#$%&'*+-/=?^_`{|}~.@[:]");

    return text[good] == '\0' && good <= ADDRESS_MOST && at != NULL &&
           at > text && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}

/* Without the spaces around it. */
static char *
trimmed(const char *from, size_t len)
{
    while (len > 0 && (*from == ' ' || *from == '\t'))
        from++, len--;
    while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t'))
        len--;
    return mem_dup_bytes(from, len);
}

static int
read_one(struct mail_address *a, const char *from, size_t len,
         struct error *err)
{
    const char *open = memchr(from, '<', len);
    size_t before = open != NULL ? (size_t)(open - from) : 0;

    if (open == NULL) {
        a->address = trimmed(from, len);
    } else {
        const char *close = memchr(open, '>', len - before);
        a->name = trimmed(from, before);
        a->address = mem_dup_bytes(
            open + 1, close != NULL ? (size_t)(close - open - 1) : 0);
    }
    if (is_address(a->address) && (!a->name || strlen(a->name) <= NAME_MOST))
        return 0;
    return fail(err, "no address: %.*s", len < 80 ? (int)len : 80, from);
}

int
mail_addresses_read(struct mail_addresses *a, const char *text,
                    struct error *err)
{
    for (size_t len; *text != '\0'; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        a->all = mem_grow(a->all, (a->n + 1) * sizeof *a->all);
        a->all[a->n] = (struct mail_address){ 0 };
        if (read_one(&a->all[a->n++], text, len, err) < 0)
            return -1;
        if (a->n > MOST)
            return fail(err, "more than %d addresses", MOST);
    }
    return a->n > 0 ? 0 : fail(err, "there is no address");
}

void
mail_addresses_free(struct mail_addresses *a)
{
    for (size_t i = 0; i < a->n; i++) {
        mem_free(a->all[i].address);
        mem_free(a->all[i].name);
    }
    mem_free(a->all);
    *a = (struct mail_addresses){ 0 };
}

void
mail_addresses_add(struct bytes *out, const char *header,
                   const struct mail_addresses *a)
{
    bytes_add_format(out, "%s:", header);
    for (size_t i = 0; i < a->n; i++) {
        bytes_add_text(out, i == 0 ? " " : ",\r\n ");
        if (a->all[i].name != NULL && *a->all[i].name != '\0') {
            mime_add_phrase(out, span_of(a->all[i].name));
            bytes_add_text(out, "\r\n ");
        }
        bytes_add_format(out, "<%s>", a->all[i].address);
    }
    bytes_add_text(out, "\r\n");
}
