/* postgres_rows.c -- messages as what PostgreSQL is sent: the rows of a batch,
 * by table.
 *
 * A table's rows are two arrays, ids and events, and PostgreSQL takes the
 * fields out of the JSON. Arrays go in their binary form, which needs no
 * quoting. */
#include "action/postgres_rows.h"

#include <arpa/inet.h>
#include <string.h>

#include "action/tables.h"
#include "base/mem.h"

#define TEXT_OID       25
#define TEXT_ARRAY_OID 1009

struct postgres_group {
    struct table table;
    struct bytes ids, events; /* elements of arrays */
    size_t n;
};

static const char *const type_names[] = {
    [COLUMN_TEXT] = "text",
    [COLUMN_INTEGER] = "bigint",
    [COLUMN_REAL] = "double precision",
    [COLUMN_BOOLEAN] = "boolean",
    [COLUMN_JSON] = "jsonb",
};

/* ---- filling ---- */

static void
add_number(struct bytes *b, size_t n)
{
    uint32_t big = htonl((uint32_t)n);

    bytes_add(b, &big, sizeof big);
}

static void
add_element(struct bytes *b, struct span text)
{
    add_number(b, text.len);
    bytes_add(b, text.at, text.len);
}

static struct postgres_group *
group_of(struct postgres_rows *r, struct span event)
{
    char name[TABLE_NAME_SIZE];

    table_name_of(event, name);
    for (size_t i = 0; i < r->n_groups; i++)
        if (strcmp(r->groups[i].table.name, name) == 0)
            return &r->groups[i];
    r->groups = mem_grow(r->groups, (r->n_groups + 1) * sizeof *r->groups);
    r->groups[r->n_groups] = (struct postgres_group){ .n = 0 };
    table_of(event, &r->groups[r->n_groups].table);
    return &r->groups[r->n_groups++];
}

void
postgres_rows_fill(struct postgres_rows *r, const struct message *messages,
                   size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct postgres_group *g = group_of(r, messages[i].event);
        add_element(&g->ids, messages[i].id);
        add_element(&g->events, messages[i].text);
        g->n++;
    }
}

void
postgres_rows_empty(struct postgres_rows *r)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        bytes_free(&r->groups[i].ids);
        bytes_free(&r->groups[i].events);
    }
    mem_free(r->groups);
    *r = (struct postgres_rows){ 0 };
}

/* ---- tables ---- */

static void
add_columns(const struct table *t, const char *before, struct bytes *sql)
{
    for (size_t i = 0; i < t->n; i++)
        bytes_add_format(sql, "%s%s\"%s\" %s", i > 0 ? ", " : "", before,
                         t->columns[i].name, type_names[t->columns[i].type]);
}

/* Asks before it makes anything, so that who may only add rows can do so where
 * the tables are there. */
static void
add_make(const struct table *t, struct bytes *sql)
{
    bytes_add_format(sql,
                     "DO $$ DECLARE t oid := to_regclass('\"%s\"'); BEGIN "
                     "IF t IS NULL THEN CREATE TABLE \"%s\" "
                     "(\"cdr_id\" text UNIQUE, ",
                     t->name, t->name);
    add_columns(t, "", sql);
    bytes_add_format(sql,
                     ", \"more\" jsonb); "
                     "ELSIF (SELECT count(*) FROM pg_attribute WHERE "
                     "attrelid = t AND attname IN ('cdr_id', 'more')) < 2 "
                     "THEN RAISE EXCEPTION USING ERRCODE = '23000', MESSAGE = "
                     "'table %s has no columns cdr_id and more: it is not "
                     "cdrlua''s'; ELSE ALTER TABLE \"%s\" ",
                     t->name, t->name);
    add_columns(t, "ADD COLUMN IF NOT EXISTS ", sql);
    bytes_add_text(sql, "; END IF; END $$");
    bytes_add(sql, "", 1);
}

int
postgres_rows_make_tables(const struct postgres_rows *r, PGconn *conn)
{
    struct bytes sql = { 0 };
    int ok = 1;

    for (size_t i = 0; ok && i < r->n_groups; i++) {
        sql.len = 0;
        add_make(&r->groups[i].table, &sql);
        ok = PQsendQueryParams(conn, sql.at, 0, NULL, NULL, NULL, NULL, 0);
    }
    bytes_free(&sql);
    return ok;
}

/* ---- rows ---- */

static void
add_field(const struct column *c, struct bytes *sql)
{
    if (c->type == COLUMN_TEXT)
        bytes_add_format(sql, ",e->>'%s'", c->name);
    else if (c->type == COLUMN_JSON)
        bytes_add_format(sql, ",nullif(e->'%s','null')", c->name);
    else
        bytes_add_format(sql, ",(e->>'%s')::%s", c->name, type_names[c->type]);
}

/* OFFSET 0 keeps PostgreSQL from reading the JSON once for each column. */
static void
add_insert(const struct table *t, struct bytes *sql)
{
    bytes_add_format(sql, "INSERT INTO \"%s\"(", t->name);
    table_add_names(t, sql);
    bytes_add_text(sql, ") SELECT nullif(i,'')");
    for (size_t i = 0; i < t->n; i++)
        add_field(&t->columns[i], sql);
    bytes_add_text(sql, ",nullif(e-'{event");
    for (size_t i = 0; i < t->n; i++)
        bytes_add_format(sql, ",%s", t->columns[i].name);
    bytes_add_text(sql, "}'::text[],'{}') FROM (SELECT i, x::jsonb AS e FROM "
                        "unnest($1,$2) AS u(i,x) OFFSET 0) AS r "
                        "ON CONFLICT (\"cdr_id\") DO NOTHING");
    bytes_add(sql, "", 1);
}

/* One dimension, no NULLs, of texts, so many, counted from 1. */
static void
add_array(struct bytes *to, const struct bytes *elements, size_t n)
{
    add_number(to, 1);
    add_number(to, 0);
    add_number(to, TEXT_OID);
    add_number(to, n);
    add_number(to, 1);
    bytes_add(to, elements->at, elements->len);
}

static int
send_group(const struct postgres_group *g, PGconn *conn)
{
    static const Oid types[] = { TEXT_ARRAY_OID, TEXT_ARRAY_OID };
    static const int binary[] = { 1, 1 };
    struct bytes sql = { 0 }, ids = { 0 }, events = { 0 };
    int ok;

    add_insert(&g->table, &sql);
    add_array(&ids, &g->ids, g->n);
    add_array(&events, &g->events, g->n);
    ok = PQsendQueryParams(conn, sql.at, 2, types,
                           (const char *const[]){ ids.at, events.at },
                           (int[]){ (int)ids.len, (int)events.len }, binary, 0);
    bytes_free(&sql);
    bytes_free(&ids);
    bytes_free(&events);
    return ok;
}

int
postgres_rows_send(const struct postgres_rows *r, PGconn *conn)
{
    int ok = 1;

    for (size_t i = 0; ok && i < r->n_groups; i++)
        ok = send_group(&r->groups[i], conn);
    return ok;
}
