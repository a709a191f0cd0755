/* address.h -- internet addresses as text and as bytes. */
#ifndef ACTION_ADDRESS_H
#define ACTION_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

/* An IPv4 address has four bytes, also where it came mapped into IPv6. */
struct address {
    unsigned char bytes[16];
    size_t len; /* 4 or 16 */
};

/* The usual spellings, and Java's, which abbreviates nothing
 * (0:0:0:0:0:0:0:1). False: no address. Zone ids, ports, netmasks and leading
 * zeros are none either. `text` need not end in a NUL. */
bool address_parse(struct address *a, const char *text, size_t len);

/* What kind of address that belongs to no place it is, as "a private address";
 * NULL for one that may stand in a database. */
const char *address_special(const struct address *a);

/* Clears all bits behind the first `bits4` or `bits6`. */
void address_truncate(struct address *a, unsigned bits4, unsigned bits6);

/* The one usual spelling. */
#define ADDRESS_TEXT_SIZE INET6_ADDRSTRLEN
void address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE]);

#endif
