/* keys.h -- strings that come again and again, ready to be pushed.
 *
 * They are pinned on the stack of a Lua thread that runs nothing, so that
 * pushing one is lua_pushvalue: no hash, no comparison, no search. */
#ifndef DECODE_KEYS_H
#define DECODE_KEYS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The lowest `count` slots of the thread's stack; work goes on above them and
 * counts its own places from the top. */
struct pins {
    lua_State *lua;
    int count;
};

/* How many places the work on top may take before it asks for more. */
#define PINS_WORK 512

/* Takes the value on top; its slot stays good as long as the thread. */
int pins_add(struct pins *p);

#define KEYS_MOST    1024
#define KEYS_LONGEST 64
#define KEYS_NONE    (-1)

struct key {
    char *quoted; /* with its colon, as in "name": */
    size_t quoted_len;
    const char *name; /* Lua's own bytes */
    size_t len;
    int slot;
    bool plain; /* spelled in JSON as it is */
};

struct keys {
    struct pins *pins;
    struct key *at;
    int count;
    bool crowded;                  /* a key had no room */
    int16_t places[2 * KEYS_MOST]; /* by hash; 0 free, else the number + 1 */
};

void keys_init(struct keys *k, struct pins *pins);
void keys_free(struct keys *k);

/* Forgets all, when the pins are gone. */
void keys_reset(struct keys *k);

/* The number of the key of that name, or KEYS_NONE. */
int keys_known(const struct keys *k, const char *name, size_t len);

/* The number of the key of that name, a new one if need be; KEYS_NONE when it
 * is long or there are too many. */
int keys_find(struct keys *k, const char *name, size_t len);

/* A string value is known by how it is spelled in the text. */
#define VALUES_MOST    2048
#define VALUES_LONGEST 40

struct value {
    char text[VALUES_LONGEST];
    uint32_t len;
    int slot;
};

struct values {
    struct pins *pins;
    struct value at[VALUES_MOST];
};

void values_reset(struct values *v);

/* The place of a spelling of at most VALUES_LONGEST bytes. If it holds that
 * spelling, the string is pushed and `*pushed` set. */
struct value *values_push(struct values *v, const char *text, size_t len,
                          bool *pushed);

/* Keeps a copy of the string on top as what the text spells. */
void values_keep(struct values *v, struct value *place, const char *text,
                 size_t len);

/* Whether two texts of the same length are alike: short as they are, a call
 * costs more than looking at them. */
static inline bool
keys_alike(const char *a, const char *b, size_t len)
{
    uint64_t x, y;

    if (len < sizeof x)
        return memcmp(a, b, len) == 0;
    for (; len > sizeof x; a += sizeof x, b += sizeof x, len -= sizeof x) {
        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        if (x != y)
            return false;
    }
    memcpy(&x, a + len - sizeof x, sizeof x);
    memcpy(&y, b + len - sizeof y, sizeof y);
    return x == y;
}

#endif
