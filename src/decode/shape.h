/* shape.h -- the key orders seen.
 *
 * A tree: each step from the root is one more key, so that a place in the
 * tree is an order of keys without repetition. An object's order is its last
 * place; a metatable carries the number of that order with the table. */
#ifndef DECODE_SHAPE_H
#define DECODE_SHAPE_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/keys.h"

/* The bounds of the tree: orders, places, steps that lead on from one place,
 * and keys in one order. */
#define SHAPES_MOST 1024
#define STEPS_MOST  8192
#define STEPS_WIDE  64
#define STEPS_DEEP  256

/* The roots (an event whose name is not kept has its own), and the place of an
 * object whose order is not kept. */
enum { SHAPE_OBJECT, SHAPE_EVENT, SHAPE_UNNAMED, SHAPE_LOST };

struct step {
    int16_t key;
    uint16_t depth; /* how many keys the order has so far */
    uint16_t wide;  /* how many steps lead on */
    int16_t shape;  /* 0 none yet, else the shape's number + 1 */
    uint32_t before, first, beside;
};

struct shape {
    int slot; /* where its metatable is pinned */
    int count;
    int16_t *keys;
    const char **names; /* Lua's own bytes, so that most are told by pointer */
};

struct shapes {
    struct pins *pins;
    struct keys *keys;
    struct step *steps;
    uint32_t step_count;
    struct shape *at;
    int count;
    lua_Integer first; /* the number of at[0]; higher after each reset */
    bool crowded;      /* an order had no room */
};

void shapes_init(struct shapes *s, struct keys *keys, struct pins *pins);
void shapes_free(struct shapes *s);

/* Forgets all, when the pins are gone. Tables that still have an order from
 * before have none then. */
void shapes_reset(struct shapes *s);

/* The number of a key that comes next; KEYS_NONE for a new one that could not
 * be a step from there. */
int shapes_key(struct shapes *s, uint32_t place, const char *name, size_t len);

/* The place one key further on. The same place means that the key was there
 * before; SHAPE_LOST that the order is not kept. */
uint32_t shapes_step(struct shapes *s, uint32_t place, int key);

/* Forgets the keys so far: what follows is the order of an event's fields,
 * apart for each name. */
uint32_t shapes_event(struct shapes *s, int name);

/* Gives the table on top of the pins' thread the order of that place. */
void shapes_mark(struct shapes *s, uint32_t place);

/* The order of the table at `index`, or NULL. */
const struct shape *shapes_of(const struct shapes *s, lua_State *L, int index);

#endif
