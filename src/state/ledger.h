/* ledger.h -- which lines are in hand, and so where each file may resume. */
#ifndef STATE_LEDGER_H
#define STATE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/place.h"

/* A ticket stands for one line from reading until all that was done for it is
 * done. It closes when everybody who held it has let go. Tickets are numbered
 * from 1; 0 is no ticket, and holding or releasing it does nothing. */
struct ledger;
struct ledger *ledger_new(void);
void ledger_free(struct ledger *l);

/* Opens a ticket, held once, for the line that ends at `end`. Tickets of a
 * file must be opened in the order of its lines. A place with file 0 is of no
 * file: its ticket only counts as in hand. */
uint64_t ledger_open(struct ledger *l, struct place end);
void ledger_hold(struct ledger *l, uint64_t ticket);
void ledger_release(struct ledger *l, uint64_t ticket);

/* A line that was done at once, without a ticket: as open and release. */
void ledger_pass(struct ledger *l, struct place end);

/* How many tickets are open. */
size_t ledger_in_hand(const struct ledger *l);

/* The last ticket opened, 0 at first: what a cut is compared with. */
uint64_t ledger_newest(const struct ledger *l);
/* Whether every ticket up to and with this one is closed. */
bool ledger_settled(const struct ledger *l, uint64_t ticket);

/* Calls `each` with the safe place of every file whose safe place moved since
 * the last call, and takes them as told: the end of the last line before the
 * oldest open ticket. Returns how many there were. */
typedef void ledger_place_fn(void *arg, struct place safe);
size_t ledger_moved(struct ledger *l, ledger_place_fn *each, void *arg);

/* As ledger_moved, but tells the place up to which each file was read, as far
 * as it is not told: the end of the last line that was opened or passed. It is
 * safe once ledger_settled says so of what is now ledger_newest. */
size_t ledger_read(struct ledger *l, ledger_place_fn *each, void *arg);

#endif
