/* keys.c -- strings that come again and again, ready to be pushed. */
#include "decode/keys.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

int
pins_add(struct pins *p)
{
    p->count++;
    lua_insert(p->lua, p->count);
    lua_checkstack(p->lua, PINS_WORK);
    return p->count;
}

static uint64_t
load8(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t
load_short(const char *p, size_t len)
{
    uint32_t first, last;

    if (len >= 4) {
        memcpy(&first, p, sizeof first);
        memcpy(&last, p + len - 4, sizeof last);
        return (uint64_t)last << 32 | first;
    }
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)p[0] |
           (uint64_t)(unsigned char)p[len / 2] << 8 |
           (uint64_t)(unsigned char)p[len - 1] << 16;
}

/* Three samples tell ids and names apart well enough for a cache. */
static uint64_t
hash(const char *p, size_t len)
{
    uint64_t h = len * 0x9e3779b97f4a7c15u;

    if (len < 8) {
        h ^= load_short(p, len);
    } else {
        h = (h ^ load8(p)) * 0xff51afd7ed558ccdu;
        h = (h ^ (h >> 32) ^ load8(p + len / 2 - 4)) * 0xc4ceb9fe1a85ec53u;
        h ^= (h >> 32) ^ load8(p + len - 8);
    }
    h *= 0x9e3779b97f4a7c15u;
    return h >> 32;
}

void
keys_init(struct keys *k, struct pins *pins)
{
    *k = (struct keys){ .pins = pins };
    k->at = mem_new(KEYS_MOST * sizeof *k->at);
}

void
keys_reset(struct keys *k)
{
    for (int i = 0; i < k->count; i++)
        mem_free(k->at[i].quoted);
    memset(k->places, 0, sizeof k->places);
    k->count = 0;
    k->crowded = false;
}

void
keys_free(struct keys *k)
{
    keys_reset(k);
    mem_free(k->at);
}

static bool
is_plain(const struct bytes *quoted, size_t len)
{
    return quoted->len == len + 2;
}

static int
add(struct keys *k, const char *name, size_t len)
{
    struct key *key = &k->at[k->count];
    struct bytes quoted = { 0 };

    text_quote(&quoted, name, len);
    key->plain = is_plain(&quoted, len);
    bytes_add(&quoted, ":", 1);
    key->quoted = quoted.at;
    key->quoted_len = quoted.len;
    key->name = lua_pushlstring(k->pins->lua, name, len);
    key->len = len;
    key->slot = pins_add(k->pins);
    return k->count++;
}

/* Where the key is among the places, or the free one where it goes. */
static size_t
find(const struct keys *k, const char *name, size_t len)
{
    size_t most = sizeof k->places / sizeof *k->places;
    size_t i = hash(name, len) % most;

    for (; k->places[i] != 0; i = (i + 1) % most) {
        const struct key *key = &k->at[k->places[i] - 1];
        if (key->len == len && memcmp(key->name, name, len) == 0)
            break;
    }
    return i;
}

int
keys_known(const struct keys *k, const char *name, size_t len)
{
    return k->places[find(k, name, len)] - 1;
}

int
keys_find(struct keys *k, const char *name, size_t len)
{
    size_t i = find(k, name, len);

    if (k->places[i] != 0)
        return k->places[i] - 1;
    if (len > KEYS_LONGEST)
        return KEYS_NONE;
    if (k->count == KEYS_MOST) {
        k->crowded = true;
        return KEYS_NONE;
    }
    k->places[i] = (int16_t)(k->count + 1);
    return add(k, name, len);
}

void
values_reset(struct values *v)
{
    memset(v->at, 0, sizeof v->at);
}

struct value *
values_push(struct values *v, const char *text, size_t len, bool *pushed)
{
    struct value *value = &v->at[hash(text, len) % VALUES_MOST];

    *pushed = value->slot != 0 && value->len == len &&
              keys_alike(value->text, text, len);
    if (*pushed)
        lua_pushvalue(v->pins->lua, value->slot);
    return value;
}

void
values_keep(struct values *v, struct value *place, const char *text, size_t len)
{
    lua_State *L = v->pins->lua;

    memcpy(place->text, text, len);
    place->len = (uint32_t)len;
    lua_pushvalue(L, -1);
    if (place->slot != 0)
        lua_replace(L, place->slot);
    else
        place->slot = pins_add(v->pins);
}
