/* address.c -- internet addresses as text and as bytes. */
#include "action/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

/* A client behind an IPv6 socket: ::ffff:1.2.3.4. */
static void
unmap(struct address *a)
{
    if (a->len != 16 || memcmp(a->bytes, mapped, sizeof mapped) != 0)
        return;
    memmove(a->bytes, a->bytes + sizeof mapped, 4);
    a->len = 4;
}

bool
address_parse(struct address *a, const char *text, size_t len)
{
    char copy[ADDRESS_TEXT_SIZE];
    bool is_v6 = memchr(text, ':', len) != NULL;

    if (len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, copy, a->bytes) != 1)
        return false;
    a->len = is_v6 ? 16 : 4;
    unmap(a);
    return true;
}

/* IANA's registries of special addresses (RFC 6890 and its updates). Databases
 * have invented countries for some of them. */
struct range {
    unsigned char start[8];
    unsigned bits;
    const char *what;
};

static const struct range ranges4[] = {
    { { 0 }, 8, "an unspecified address" },
    { { 10 }, 8, "a private address" },
    { { 100, 64 }, 10, "a carrier's private address" },
    { { 127 }, 8, "a loopback address" },
    { { 169, 254 }, 16, "a link-local address" },
    { { 172, 16 }, 12, "a private address" },
    { { 192, 0, 0 }, 24, "a reserved address" },
    { { 192, 0, 2 }, 24, "an address for documentation" },
    { { 192, 168 }, 16, "a private address" },
    { { 198, 18 }, 15, "an address for benchmarks" },
    { { 198, 51, 100 }, 24, "an address for documentation" },
    { { 203, 0, 113 }, 24, "an address for documentation" },
    { { 224 }, 4, "a multicast address" },
    { { 240 }, 4, "a reserved address" },
};

static const struct range ranges6[] = {
    { { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 48, "a private address" },
    { { 0x01, 0x00 }, 64, "a reserved address" },
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32, "an address for documentation" },
    { { 0x3f, 0xff, 0x00 }, 20, "an address for documentation" },
    { { 0xfc }, 7, "a private address" },
    { { 0xfe, 0x80 }, 10, "a link-local address" },
    { { 0xfe, 0xc0 }, 10, "a private address" },
    { { 0xff }, 8, "a multicast address" },
};

static bool
is_within(const unsigned char *bytes, const struct range *r)
{
    unsigned whole = r->bits / 8, rest = r->bits % 8;

    if (memcmp(bytes, r->start, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ r->start[whole]) >> (8 - rest) == 0;
}

static const char *
find(const unsigned char *bytes, const struct range *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_within(bytes, &list[i]))
            return list[i].what;
    return NULL;
}

/* ::, ::1, and the old ::1.2.3.4, under which databases keep IPv4. */
static const char *
special_zeros(const unsigned char *bytes)
{
    static const unsigned char zeros[15];

    if (memcmp(bytes, zeros, 12) != 0)
        return NULL;
    if (memcmp(bytes, zeros, 15) != 0 || bytes[15] > 1)
        return "a reserved address";
    return bytes[15] ? "a loopback address" : "an unspecified address";
}

const char *
address_special(const struct address *a)
{
    const char *what;

    if (a->len == 4)
        return find(a->bytes, ranges4, sizeof ranges4 / sizeof *ranges4);
    what = special_zeros(a->bytes);
    if (what != NULL)
        return what;
    return find(a->bytes, ranges6, sizeof ranges6 / sizeof *ranges6);
}

void
address_truncate(struct address *a, unsigned bits4, unsigned bits6)
{
    unsigned bits = a->len == 4 ? bits4 : bits6;

    for (size_t i = 0; i < a->len; i++, bits -= bits < 8 ? bits : 8)
        if (bits < 8)
            a->bytes[i] &= (unsigned char)(0xff00 >> bits);
}

void
address_text(const struct address *a, char text[ADDRESS_TEXT_SIZE])
{
    const char *got = inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->bytes,
                                text, ADDRESS_TEXT_SIZE);

    assert(got != NULL);
    (void)got;
}
