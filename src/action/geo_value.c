/* geo_value.c -- the fields of an address, in the schemas that there are. */
#include "action/geo.h"

/* MaxMind's schema is nested, that of others flat: paths in turn. */
#define PATHS_MOST 3
#define WORDS_MOST 5
#define TEXT       (1 << MMDB_TEXT)
#define NUMBER     (1 << MMDB_NUMBER | 1 << MMDB_WHOLE)
struct field {
    const char *name;
    unsigned kinds;
    const char *paths[PATHS_MOST][WORDS_MOST];
};

static const struct field fields[GEO_FIELDS] = {
    [GEO_COUNTRY] = { "country",
                      TEXT,
                      { { "country", "names", "en" }, { "country_name" } } },
    [GEO_ISO] = { "iso",
                  TEXT,
                  { { "country", "iso_code" }, { "country_code" } } },
    [GEO_CITY] = { "city", TEXT, { { "city", "names", "en" }, { "city" } } },
    [GEO_SUBDIVISION] = { "subdivision",
                          TEXT,
                          { { "subdivisions", "0", "names", "en" },
                            { "state1" },
                            { "region" } } },
    [GEO_LATITUDE] = { "latitude",
                       NUMBER,
                       { { "location", "latitude" }, { "latitude" } } },
    [GEO_LONGITUDE] = { "longitude",
                        NUMBER,
                        { { "location", "longitude" }, { "longitude" } } },
    [GEO_TIME_ZONE] = { "time_zone",
                        TEXT,
                        { { "location", "time_zone" },
                          { "time_zone" },
                          { "timezone" } } },
    [GEO_ASN] = { "asn",
                  TEXT | NUMBER,
                  { { "autonomous_system_number" }, { "asn" } } },
    [GEO_ORGANISATION] = { "organisation",
                           TEXT,
                           { { "autonomous_system_organization" },
                             { "as_name" },
                             { "organization" } } },
};

const char *
geo_field_name(enum geo_field field)
{
    return fields[field].name;
}

static bool
value_in(const struct mmdb *db, uint32_t entry, const struct field *field,
         struct mmdb_value *value)
{
    for (size_t i = 0; i < PATHS_MOST && field->paths[i][0] != NULL; i++)
        if (mmdb_value(db, entry, field->paths[i], value) &&
            (field->kinds & 1u << value->kind) != 0)
            return true;
    return false;
}

bool
geo_value(const struct geo_found *found, enum geo_field field,
          struct mmdb_value *value)
{
    for (size_t i = 0; i < found->n; i++)
        if (value_in(found->in[i].db, found->in[i].entry, &fields[field],
                     value))
            return true;
    return false;
}
