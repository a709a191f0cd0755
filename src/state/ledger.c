/* ledger.c -- which lines are in hand, and so where each file may resume.
 *
 * The tickets stand in a row in the order of their numbers, the oldest open
 * one first. What is done behind an open ticket needs no slot of its own: the
 * ticket before it in the same file takes over its end, so that one line that
 * waits for minutes does not keep a slot for each line that passes it. */
#include "state/ledger.h"

#include <assert.h>

#include "base/mem.h"

#define FIRST_SLOTS 64
#define NOWHERE     SIZE_MAX

struct slot {
    uint64_t ticket;
    struct place end; /* of its line, and of what was done behind it */
    uint32_t held;
};

/* What is known of a file since ledger_moved was last asked. */
struct file {
    struct place safe;
    size_t last; /* its newest slot; below `first` it is gone */
    bool moved;
};

struct ledger {
    struct slot *slots;
    size_t first, end, cap;
    struct file *files;
    size_t n_files, cap_files;
    size_t current; /* the file asked for last */
    size_t in_hand;
    uint64_t newest;
};

struct ledger *
ledger_new(void)
{
    struct ledger *l = mem_new(sizeof *l);

    l->cap = FIRST_SLOTS;
    l->slots = mem_new(l->cap * sizeof *l->slots);
    return l;
}

void
ledger_free(struct ledger *l)
{
    if (l == NULL)
        return;
    mem_free(l->slots);
    mem_free(l->files);
    mem_free(l);
}

static struct file *
add_file(struct ledger *l, uint32_t number)
{
    if (l->n_files == l->cap_files) {
        l->cap_files = l->cap_files ? 2 * l->cap_files : 4;
        l->files = mem_grow(l->files, l->cap_files * sizeof *l->files);
    }
    l->current = l->n_files++;
    l->files[l->current] =
        (struct file){ .safe.file = number, .last = NOWHERE };
    return &l->files[l->current];
}

/* The newest files stand last and are the ones being read. */
static struct file *
search_file(struct ledger *l, uint32_t number)
{
    for (size_t i = l->n_files; i-- > 0;) {
        if (l->files[i].safe.file == number) {
            l->current = i;
            return &l->files[i];
        }
    }
    return add_file(l, number);
}

static inline struct file *
file_of(struct ledger *l, uint32_t number)
{
    if (l->current < l->n_files && l->files[l->current].safe.file == number)
        return &l->files[l->current];
    return search_file(l, number);
}

static inline bool
has_slot(const struct ledger *l, const struct file *f)
{
    return f->last != NOWHERE && f->last >= l->first;
}

static inline void
settle(struct file *f, struct place end)
{
    f->safe = end;
    f->moved = true;
}

/* All that stood before `end` in its file is done, but for what has a slot. */
static inline void
pass(struct ledger *l, struct place end)
{
    struct file *f = file_of(l, end.file);

    if (has_slot(l, f))
        l->slots[f->last].end = end;
    else
        settle(f, end);
}

/* Drops the slots of closed tickets. */
static void
squeeze(struct ledger *l)
{
    size_t from = l->first, end = l->end;

    for (size_t i = 0; i < l->n_files; i++)
        l->files[i].last = NOWHERE;
    l->first = l->end = 0;
    for (; from < end; from++) {
        struct slot s = l->slots[from];

        if (s.held > 0) {
            l->slots[l->end++] = s;
            if (s.end.file != 0)
                file_of(l, s.end.file)->last = l->end - 1;
        } else if (s.end.file != 0) {
            pass(l, s.end);
        }
    }
}

static struct slot *
new_slot(struct ledger *l)
{
    if (l->end == l->cap) {
        squeeze(l);
        if (l->end > l->cap / 2) {
            l->cap *= 2;
            l->slots = mem_grow(l->slots, l->cap * sizeof *l->slots);
        }
    }
    return &l->slots[l->end++];
}

/* Where it is unless a squeeze left gaps behind it, as mostly none did. */
static size_t
guess(const struct ledger *l, uint64_t ticket)
{
    uint64_t before_end = l->newest - ticket + 1;

    return before_end <= l->end - l->first ? l->end - (size_t)before_end
                                           : l->first;
}

static struct slot *
slot_of(struct ledger *l, uint64_t ticket)
{
    size_t low = guess(l, ticket), high = low + 1;

    if (l->slots[low].ticket != ticket) {
        low = l->first;
        high = l->end;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (l->slots[middle].ticket <= ticket)
            low = middle;
        else
            high = middle;
    }
    assert(low < l->end && l->slots[low].ticket == ticket);
    assert(l->slots[low].held > 0);
    return &l->slots[low];
}

uint64_t
ledger_open(struct ledger *l, struct place end)
{
    struct slot *s = new_slot(l);

    *s = (struct slot){ .ticket = ++l->newest, .end = end, .held = 1 };
    if (end.file != 0)
        file_of(l, end.file)->last = l->end - 1;
    l->in_hand++;
    return l->newest;
}

void
ledger_hold(struct ledger *l, uint64_t ticket)
{
    if (ticket != 0)
        slot_of(l, ticket)->held++;
}

/* The first slot stays that of an open ticket. */
static void
pop(struct ledger *l)
{
    while (l->first < l->end && l->slots[l->first].held == 0) {
        struct place end = l->slots[l->first++].end;

        if (end.file != 0)
            settle(file_of(l, end.file), end);
    }
}

void
ledger_release(struct ledger *l, uint64_t ticket)
{
    if (ticket == 0)
        return;
    if (--slot_of(l, ticket)->held == 0) {
        l->in_hand--;
        pop(l);
    }
}

void
ledger_pass(struct ledger *l, struct place end)
{
    if (end.file != 0)
        pass(l, end);
}

size_t
ledger_in_hand(const struct ledger *l)
{
    return l->in_hand;
}

uint64_t
ledger_newest(const struct ledger *l)
{
    return l->newest;
}

bool
ledger_settled(const struct ledger *l, uint64_t ticket)
{
    return l->first == l->end || l->slots[l->first].ticket > ticket;
}

/* A file of which nothing is open is forgotten once its place is told. */
static void
forget(struct ledger *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->n_files; i++) {
        if (has_slot(l, &l->files[i]))
            l->files[kept++] = l->files[i];
    }
    l->n_files = kept;
}

size_t
ledger_moved(struct ledger *l, ledger_place_fn *each, void *arg)
{
    size_t told = 0;

    squeeze(l);
    for (size_t i = 0; i < l->n_files; i++) {
        if (!l->files[i].moved)
            continue;
        l->files[i].moved = false;
        each(arg, l->files[i].safe);
        told++;
    }
    forget(l);
    return told;
}

size_t
ledger_read(struct ledger *l, ledger_place_fn *each, void *arg)
{
    size_t told = 0;

    squeeze(l);
    for (size_t i = 0; i < l->n_files; i++) {
        struct file *f = &l->files[i];

        if (!has_slot(l, f) && !f->moved)
            continue;
        each(arg, has_slot(l, f) ? l->slots[f->last].end : f->safe);
        f->moved = false;
        told++;
    }
    forget(l);
    return told;
}
