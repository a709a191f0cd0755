/* again.c -- the key that came next before, most likely comes next again. */
#include "decode/again.h"

#define TRIES 4

static bool
is_next(const struct cursor *c, const struct key *key)
{
    return key->plain && (size_t)(c->end - c->p) >= key->quoted_len &&
           keys_alike(c->p, key->quoted, key->quoted_len);
}

bool
again_key(struct decoder *d, struct cursor *c, uint32_t *place)
{
    const struct step *steps = d->shapes.steps;
    uint32_t i = steps[*place].first;

    for (int tries = TRIES; i != 0 && tries > 0; i = steps[i].beside, tries--) {
        const struct key *key = &d->keys.at[steps[i].key];
        if (!is_next(c, key))
            continue;
        c->p += key->quoted_len;
        cursor_skip_space(c);
        lua_pushvalue(d->pins.lua, key->slot);
        *place = i;
        return true;
    }
    return false;
}
