/* shape.c -- the key orders seen. */
#include "decode/shape.h"

#include <string.h>

#include "base/mem.h"

/* Its address is the field of a metatable that holds the shape's number. A
 * number and not a pointer: what a script puts there cannot do harm. */
static const char number_field;

void
shapes_init(struct shapes *s, struct keys *keys, struct pins *pins)
{
    *s = (struct shapes){ .pins = pins, .keys = keys };
    s->steps = mem_new(STEPS_MOST * sizeof *s->steps);
    s->at = mem_new(SHAPES_MOST * sizeof *s->at);
    s->step_count = SHAPE_LOST + 1;
}

void
shapes_reset(struct shapes *s)
{
    for (int i = 0; i < s->count; i++) {
        mem_free(s->at[i].keys);
        mem_free(s->at[i].names);
    }
    memset(s->steps, 0, (SHAPE_LOST + 1) * sizeof *s->steps);
    s->step_count = SHAPE_LOST + 1;
    s->count = 0;
    s->first += SHAPES_MOST;
    s->crowded = false;
}

void
shapes_free(struct shapes *s)
{
    shapes_reset(s);
    mem_free(s->at);
    mem_free(s->steps);
}

static bool
is_on_the_way(const struct shapes *s, uint32_t place, int key)
{
    for (; s->steps[place].depth > 0; place = s->steps[place].before)
        if (s->steps[place].key == key)
            return true;
    return false;
}

static uint32_t
known_step(struct shapes *s, uint32_t place, int key)
{
    uint32_t i = s->steps[place].first;

    while (i != 0 && s->steps[i].key != key)
        i = s->steps[i].beside;
    return i;
}

static uint32_t
new_step(struct shapes *s, uint32_t place, int key)
{
    struct step *from = &s->steps[place], *to = &s->steps[s->step_count];

    if (from->depth == STEPS_DEEP)
        return SHAPE_LOST;
    if (s->step_count == STEPS_MOST || from->wide == STEPS_WIDE) {
        s->crowded = true;
        return SHAPE_LOST;
    }
    *to = (struct step){ .key = (int16_t)key, .before = place };
    to->depth = (uint16_t)(from->depth + 1);
    to->beside = from->first;
    from->first = s->step_count;
    from->wide++;
    return s->step_count++;
}

int
shapes_key(struct shapes *s, uint32_t place, const char *name, size_t len)
{
    const struct step *step = &s->steps[place];
    int key;

    if (place != SHAPE_LOST && step->wide < STEPS_WIDE &&
        step->depth < STEPS_DEEP)
        return keys_find(s->keys, name, len);
    key = keys_known(s->keys, name, len);
    if (key == KEYS_NONE && step->wide == STEPS_WIDE)
        s->crowded = true;
    return key;
}

uint32_t
shapes_step(struct shapes *s, uint32_t place, int key)
{
    uint32_t to;

    if (place == SHAPE_LOST || key == KEYS_NONE)
        return SHAPE_LOST;
    to = known_step(s, place, key);
    if (to == 0 && is_on_the_way(s, place, key))
        return place;
    if (to == 0)
        to = new_step(s, place, key);
    return to;
}

uint32_t
shapes_event(struct shapes *s, int name)
{
    uint32_t place = shapes_step(s, SHAPE_EVENT, name);

    if (place == SHAPE_LOST)
        return SHAPE_UNNAMED;
    s->steps[place].depth = 0;
    return place;
}

static void
make_shape(struct shapes *s, struct step *step)
{
    struct shape *shape = &s->at[s->count];
    lua_State *T = s->pins->lua;

    shape->count = step->depth;
    shape->keys = mem_new(step->depth * sizeof *shape->keys);
    shape->names = mem_new(step->depth * sizeof *shape->names);
    for (const struct step *i = step; i->depth > 0; i = &s->steps[i->before]) {
        shape->keys[i->depth - 1] = i->key;
        shape->names[i->depth - 1] = s->keys->at[i->key].name;
    }
    lua_createtable(T, 0, 1);
    lua_pushinteger(T, s->first + s->count);
    lua_rawsetp(T, -2, &number_field);
    shape->slot = pins_add(s->pins);
    step->shape = (int16_t)++s->count;
}

void
shapes_mark(struct shapes *s, uint32_t place)
{
    struct step *step = &s->steps[place];

    if (step->depth == 0)
        return;
    if (step->shape == 0) {
        s->crowded |= s->count == SHAPES_MOST;
        if (s->count == SHAPES_MOST)
            return;
        make_shape(s, step);
    }
    lua_pushvalue(s->pins->lua, s->at[step->shape - 1].slot);
    lua_setmetatable(s->pins->lua, -2);
}

const struct shape *
shapes_of(const struct shapes *s, lua_State *L, int index)
{
    lua_Integer n = s->first - 1;

    if (!lua_getmetatable(L, index))
        return NULL;
    if (lua_rawgetp(L, -1, &number_field) == LUA_TNUMBER)
        n = lua_tointegerx(L, -1, NULL);
    lua_pop(L, 2);
    n -= s->first;
    return n >= 0 && n < s->count ? &s->at[n] : NULL;
}
