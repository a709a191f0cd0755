/* halves.c -- how a batch that was refused is given again. */
#include "action/halves.h"

#include <assert.h>

size_t
halves_most(const struct halves *h, size_t most)
{
    return h->left > 0 && h->step < most ? h->step : most;
}

void
halves_refused(struct halves *h, size_t n)
{
    assert(n > 1);
    if (h->left == 0)
        h->left = n;
    h->step = n / 2;
    h->grows = false;
}

/* So many less are left. */
static void
go_on(struct halves *h, size_t n)
{
    h->left -= n < h->left ? n : h->left;
    if (h->left == 0)
        *h = (struct halves){ 0 };
    else if (h->step > h->left)
        h->step = h->left;
}

void
halves_found(struct halves *h)
{
    h->step = h->found ? 2 * h->well + 1 : h->left;
    h->well = 0;
    h->found = h->grows = true;
    go_on(h, 1);
}

void
halves_took(struct halves *h, size_t n)
{
    h->well += n;
    if (h->grows)
        h->step *= 2;
    go_on(h, n);
}
