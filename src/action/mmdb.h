/* mmdb.h -- one geolocation database in memory (by libmaxminddb). */
#ifndef ACTION_MMDB_H
#define ACTION_MMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/address.h"
#include "base/error.h"

struct mmdb;

/* Reads the whole file and tries it out; what happens to the file afterwards
 * does not matter. NULL: it cannot be read, changes while it is read, or is no
 * database, and the sentence says which. */
struct mmdb *mmdb_open(const char *path, struct error *err);
void mmdb_close(struct mmdb *db);

/* When its data were put together, in seconds since 1970; 0: it does not say.
 */
uint64_t mmdb_epoch(const struct mmdb *db);

/* What the database has of the address. False: nothing. */
bool mmdb_find(const struct mmdb *db, const struct address *a, uint32_t *entry);

/* A text, a number with a fraction, or a whole number; text is lent until
 * mmdb_close and not ended by a NUL. */
struct mmdb_value {
    enum { MMDB_TEXT, MMDB_NUMBER, MMDB_WHOLE } kind;
    const char *text;
    size_t len;
    double number;
    uint64_t whole;
};

/* The value at that path (words, ended by NULL). False: it has none, or an
 * empty text. */
bool mmdb_value(const struct mmdb *db, uint32_t entry, const char *const *path,
                struct mmdb_value *value);

#endif
