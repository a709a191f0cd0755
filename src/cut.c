/* cut.c -- what is to be kept together: places, and what scripts remember. */
#include "cut.h"

#include <string.h>

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
cut_add_state(void *arg, const struct kept *state)
{
    struct cut *cut = arg;

    bytes_add(&cut->states, state, sizeof *state);
    bytes_add(&cut->states, state->text, state->text_len);
    bytes_add(&cut->states, state->value, state->value_len);
}

/* The state that begins there; `*at` is moved behind it. Its name is still the
 * runtime's, the bytes of its key and value stand behind it. */
static struct kept
unpack(const struct cut *cut, size_t *at)
{
    const char *from = cut->states.at + *at;
    struct kept state;

    memcpy(&state, from, sizeof state);
    from += sizeof state;
    *at += sizeof state + state.text_len + state.value_len;
    if (state.text != NULL)
        state.text = from;
    if (state.value != NULL)
        state.value = from + state.text_len;
    return state;
}

int
cut_put_states(const struct cut *cut, struct checkpoint *to, struct error *err)
{
    for (size_t at = 0; at < cut->states.len;) {
        struct kept state = unpack(cut, &at);

        if (checkpoint_put_state(to, &state, err) < 0)
            return -1;
    }
    return 0;
}
