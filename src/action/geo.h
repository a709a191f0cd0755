/* geo.h -- where addresses are: a list of databases that may be replaced.
 *
 * The files are watched. A new one is read beside the old, tried out, and put
 * in its place; one that is broken is told once and not taken. */
#ifndef ACTION_GEO_H
#define ACTION_GEO_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/mmdb.h"
#include "base/error.h"
#include "base/log.h"

struct geo;

#define GEO_DATABASES_MOST 8

struct geo_options {
    const char *const *paths; /* the first that knows a field is believed */
    size_t n;
    double sweep_s; /* how often to look where nobody tells of changes */
};

/* NULL: one of the databases is not there or not whole. Notes come from inside
 * this call too, and then from the loop. */
struct geo *geo_open(struct ev_loop *loop, const struct geo_options *options,
                     log_note_fn *note, void *arg, struct error *err);
void geo_free(struct geo *g);

/* How often a database was replaced: what was looked up before may be wrong. */
uint64_t geo_swaps(const struct geo *g);

/* The age of the oldest data, in seconds; -1: no database tells. */
int64_t geo_age_s(const struct geo *g);

/* What the databases have of an address; good until the loop runs. Addresses
 * with the same `id` have the same, until a database is replaced; 0: another
 * may have the same or not. */
struct geo_found {
    uint64_t id;
    size_t n;
    struct {
        const struct mmdb *db;
        uint32_t entry;
    } in[GEO_DATABASES_MOST];
};

/* False: none has anything. */
bool geo_find(const struct geo *g, const struct address *a,
              struct geo_found *found);

enum geo_field {
    GEO_COUNTRY,
    GEO_ISO,
    GEO_CITY,
    GEO_SUBDIVISION,
    GEO_LATITUDE,
    GEO_LONGITUDE,
    GEO_TIME_ZONE,
    GEO_ASN,
    GEO_ORGANISATION,
    GEO_FIELDS
};

/* What scripts call the field: "time_zone". */
const char *geo_field_name(enum geo_field field);

/* The field from the first database that has it. Names are English. */
bool geo_value(const struct geo_found *found, enum geo_field field,
               struct mmdb_value *value);

#endif
