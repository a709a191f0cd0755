/* cut.c -- what is to be kept together: places, and what scripts remember. */
#include "cut.h"

#include <string.h>

/* Before the bytes of its key and of its value. */
struct packed {
    const char *name; /* the runtime's, as long as that lives */
    size_t text_len, value_len;
    int64_t number, seen_ms;
    bool is_text, is_there;
};

void
cut_clear(struct cut *cut)
{
    cut->n = 0;
    bytes_free(&cut->states);
}

void
cut_free(struct cut *cut)
{
    cut_clear(cut);
    mem_free(cut->places);
}

bool
cut_is_empty(const struct cut *cut)
{
    return cut->n == 0 && cut->states.len == 0;
}

void
cut_add_place(void *arg, struct place place)
{
    struct cut *cut = arg;
    size_t i = 0;

    while (i < cut->n && cut->places[i].file != place.file)
        i++;
    if (i == cut->n)
        cut->places = mem_grow(cut->places, ++cut->n * sizeof *cut->places);
    cut->places[i] = place;
}

void
cut_add_state(void *arg, const struct runtime_state *state)
{
    struct cut *cut = arg;
    struct packed p = { .name = state->name,
                        .text_len = state->text_len,
                        .value_len = state->value_len,
                        .number = state->number,
                        .seen_ms = state->seen_ms,
                        .is_text = state->text != NULL,
                        .is_there = state->value != NULL };

    bytes_add(&cut->states, (const char *)&p, sizeof p);
    bytes_add(&cut->states, state->text, state->text_len);
    bytes_add(&cut->states, state->value, state->value_len);
}

/* The state that begins there; `*at` is moved behind it. */
static struct checkpoint_state
unpack(const struct cut *cut, size_t *at)
{
    const char *from = cut->states.at + *at;
    struct packed p;

    memcpy(&p, from, sizeof p);
    from += sizeof p;
    *at += sizeof p + p.text_len + p.value_len;
    return (struct checkpoint_state){
        .name = p.name,
        .text = p.is_text ? from : NULL,
        .text_len = p.text_len,
        .number = p.number,
        .value = p.is_there ? from + p.text_len : NULL,
        .value_len = p.value_len,
        .seen_ms = p.seen_ms,
    };
}

int
cut_put_states(const struct cut *cut, struct checkpoint *to, struct error *err)
{
    for (size_t at = 0; at < cut->states.len;) {
        struct checkpoint_state state = unpack(cut, &at);

        if (checkpoint_put_state(to, &state, err) < 0)
            return -1;
    }
    return 0;
}
