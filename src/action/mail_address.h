/* mail_address.h -- who sends a mail and who gets it. */
#ifndef ACTION_MAIL_ADDRESS_H
#define ACTION_MAIL_ADDRESS_H

#include "base/error.h"
#include "base/mem.h"

/* "ops@example.com", or with a name before it: "Operations <ops@example.com>".
 * Both are owned. */
struct mail_address {
    char *address; /* ASCII, nothing that could end a command or a header */
    char *name;    /* of any letters, or NULL */
};

/* The addresses of a list with commas between them; freed by
 * mail_addresses_free, also after a failure (-1: one of them is none). */
struct mail_addresses {
    struct mail_address *all;
    size_t n;
};
int mail_addresses_read(struct mail_addresses *a, const char *text,
                        struct error *err);
void mail_addresses_free(struct mail_addresses *a);

/* Adds a header with them, "NAME: ...", one a line. */
void mail_addresses_add(struct bytes *out, const char *header,
                        const struct mail_addresses *a);

#endif
