/* again.c -- the key that came next before, most likely comes next again. */
#include "decode/again.h"

bool
again_key(struct decoder *d, struct cursor *c, uint32_t *place)
{
    uint32_t i = again_step(d, *place, c->p, c->end);
    const struct key *key;

    if (i == 0)
        return false;
    key = &d->keys.at[d->shapes.steps[i].key];
    c->p += key->quoted_len;
    cursor_skip_space(c);
    lua_pushvalue(d->pins.lua, key->slot);
    *place = i;
    return true;
}
