/* again.c -- the key that came next before, most likely comes next again. */
#include "decode/again.h"

#define TRIES 4

static bool
is_next(const struct key *key, const char *p, const char *end)
{
    return key->plain && (size_t)(end - p) >= key->quoted_len &&
           keys_alike(p, key->quoted, key->quoted_len);
}

uint32_t
again_step(const struct decoder *d, uint32_t place, const char *p,
           const char *end)
{
    const struct step *steps = d->shapes.steps;
    uint32_t i = steps[place].first;

    for (int tries = TRIES; i != 0 && tries > 0; i = steps[i].beside, tries--)
        if (is_next(&d->keys.at[steps[i].key], p, end))
            return i;
    return 0;
}

bool
again_key(struct decoder *d, struct cursor *c, uint32_t *place)
{
    uint32_t i = again_step(d, *place, c->p, c->end);
    const struct key *key = &d->keys.at[d->shapes.steps[i].key];

    if (i == 0)
        return false;
    c->p += key->quoted_len;
    cursor_skip_space(c);
    lua_pushvalue(d->pins.lua, key->slot);
    *place = i;
    return true;
}
