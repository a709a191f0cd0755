/* postgres_rows.c -- messages as what PostgreSQL is sent: the rows of a batch,
 * by table.
 *
 * A table's rows are an array for each column. Arrays go in their binary form,
 * which needs no quoting; their elements are texts, so that PostgreSQL judges
 * what is a number.
 *
 * ON CONFLICT doubles what a row costs. It is left out for a table once a batch
 * of it went with it and was all new, which also tells that the index is there.
 * The ids are told to be unique by the index all the same. */
#include "action/postgres_rows.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "action/split.h"
#include "base/mem.h"

#define TEXT_OID       25
#define TEXT_ARRAY_OID 1009
#define GROUPS_MOST    256

struct array {
    struct bytes elements;
    bool any; /* one that is not NULL */
};

struct postgres_group {
    struct table table;
    struct array ids, more, columns[TABLE_COLUMNS_MOST];
    size_t n;
    bool all_new; /* the last rows were */
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
add_element(struct array *a, struct span text)
{
    a->any = true;
    add_number(&a->elements, text.len);
    bytes_add(&a->elements, text.at, text.len);
}

static void
add_null(struct array *a)
{
    add_number(&a->elements, UINT32_MAX);
}

/* JSON stays as it is, of a string in any other column what it stands for. */
static int
add_value(struct array *a, enum column_type type, struct span value,
          struct bytes *room)
{
    struct span text = value;

    room->len = 0;
    if (value.at == NULL)
        add_null(a);
    else if (type != COLUMN_JSON && split_text(value, room, &text) < 0)
        return -1;
    else
        add_element(a, text);
    return 0;
}

static int
add_row(struct postgres_group *g, const struct message *m,
        struct postgres_rows *r, struct error *err)
{
    const struct bytes *more = &r->split.more;

    if (split_message(&g->table, m, &r->split, err) < 0)
        return -1;
    for (size_t i = 0; i < g->table.n; i++)
        if (add_value(&g->columns[i], g->table.columns[i].type,
                      r->split.columns[i], &r->room) < 0)
            return fail(err, "malformed JSON");
    if (m->id.len > 0)
        add_element(&g->ids, m->id);
    else
        add_null(&g->ids);
    g->ids.any = true; /* so that there always is a column */
    if (more->len > 0)
        add_element(&g->more, (struct span){ more->at, more->len });
    else
        add_null(&g->more);
    g->n++;
    return 0;
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

int
postgres_rows_fill(struct postgres_rows *r, const struct message *messages,
                   size_t n, struct error *err)
{
    int got = 0;

    for (size_t i = 0; got == 0 && i < n; i++) {
        if (messages[i].event.len == 0)
            return fail(err, "only events have a table");
        got = add_row(group_of(r, messages[i].event), &messages[i], r, err);
    }
    return got;
}

static void
empty_array(struct array *a)
{
    bytes_free(&a->elements);
    a->any = false;
}

void
postgres_rows_empty(struct postgres_rows *r)
{
    for (size_t i = 0; i < r->n_groups; i++) {
        struct postgres_group *g = &r->groups[i];

        empty_array(&g->ids);
        empty_array(&g->more);
        for (size_t c = 0; c < g->table.n; c++)
            empty_array(&g->columns[c]);
        g->n = 0;
    }
    if (r->n_groups > GROUPS_MOST)
        r->n_groups = 0;
}

void
postgres_rows_free(struct postgres_rows *r)
{
    postgres_rows_empty(r);
    split_free(&r->split);
    bytes_free(&r->room);
    mem_free(r->groups);
    *r = (struct postgres_rows){ 0 };
}

/* ---- which are new ---- */

static size_t
next_answer(const struct postgres_rows *r)
{
    size_t i = r->answered;

    while (i < r->n_groups && r->groups[i].n == 0)
        i++;
    return i;
}

void
postgres_rows_put(struct postgres_rows *r, size_t n)
{
    size_t i = next_answer(r);

    if (i == r->n_groups)
        return;
    r->groups[i].all_new = n == r->groups[i].n;
    r->answered = i + 1;
}

const char *
postgres_rows_table(const struct postgres_rows *r)
{
    size_t i = next_answer(r);

    return i < r->n_groups ? r->groups[i].table.name : "";
}

bool
postgres_rows_doubt(struct postgres_rows *r)
{
    bool believed = false;

    for (size_t i = 0; i < r->n_groups; i++) {
        believed |= r->groups[i].n > 0 && r->groups[i].all_new;
        r->groups[i].all_new = false;
    }
    return believed;
}

/* ---- locks of others ---- */

/* The server would wait for a lock long after we have given up, with one more
 * connection each time that we try. It gives up a little before us, which also
 * tells why; or when it is set to do so earlier. In this transaction only, so
 * that nothing is left with who shares the connection (pgbouncer). */
static int
send_patience(const struct postgres_rows *r, PGconn *conn)
{
    char ms[32];
    const char *values[] = { ms };

    snprintf(ms, sizeof ms, "%.0f", ceil(800. * r->timeout_s));
    return PQsendQueryParams(conn,
                             "SELECT set_config('lock_timeout', $1, true) "
                             "WHERE current_setting('lock_timeout') = '0'",
                             1, NULL, values, NULL, NULL, 0);
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
    int ok = send_patience(r, conn);

    for (size_t i = 0; ok && i < r->n_groups; i++) {
        if (r->groups[i].n == 0)
            continue;
        sql.len = 0;
        add_make(&r->groups[i].table, &sql);
        ok = PQsendQueryParams(conn, sql.at, 0, NULL, NULL, NULL, NULL, 0);
    }
    bytes_free(&sql);
    return ok;
}

/* ---- rows ---- */

/* Texts, so many, of one dimension that is counted from 1. */
static void
begin_array(struct bytes *to, size_t n)
{
    add_number(to, 1);
    add_number(to, 1); /* NULLs may be among them */
    add_number(to, TEXT_OID);
    add_number(to, n);
    add_number(to, 1);
}

/* A command and its arrays, one behind the other. */
struct insert {
    struct bytes names, values, sql, arrays;
    size_t at[TABLE_COLUMNS_MOST + 2];
    int lengths[TABLE_COLUMNS_MOST + 2];
    int n;
};

/* A column that no row has is left out. */
static void
add_array(struct insert *i, const struct array *a, size_t n,
          const struct column *column)
{
    const char *comma = i->n > 0 ? "," : "";

    if (!a->any)
        return;
    i->at[i->n] = i->arrays.len;
    begin_array(&i->arrays, n);
    bytes_add(&i->arrays, a->elements.at, a->elements.len);
    i->lengths[i->n] = (int)(i->arrays.len - i->at[i->n]);
    i->n++;
    bytes_add_format(&i->names, "%s\"%s\"", comma, column->name);
    bytes_add_format(&i->values, "%sunnest($%d)::%s", comma, i->n,
                     type_names[column->type]);
}

static void
add_arrays(struct insert *i, const struct postgres_group *g)
{
    static const struct column id = { "cdr_id", 6, COLUMN_TEXT };
    static const struct column more = { "more", 4, COLUMN_JSON };

    add_array(i, &g->ids, g->n, &id);
    for (size_t c = 0; c < g->table.n; c++)
        add_array(i, &g->columns[c], g->n, &g->table.columns[c]);
    add_array(i, &g->more, g->n, &more);
}

/* Arrays of one length, side by side in a SELECT's list, are rows: PostgreSQL
 * does not keep them in between, as it does those of FROM. */
static void
add_insert(struct insert *i, const struct postgres_group *g)
{
    bytes_add_format(&i->sql, "INSERT INTO \"%s\"(", g->table.name);
    bytes_add(&i->sql, i->names.at, i->names.len);
    bytes_add_text(&i->sql, ") SELECT ");
    bytes_add(&i->sql, i->values.at, i->values.len);
    if (!g->all_new)
        bytes_add_text(&i->sql, " ON CONFLICT (\"cdr_id\") DO NOTHING");
    bytes_add(&i->sql, "", 1);
}

static int
send_insert(const struct insert *i, PGconn *conn)
{
    const char *values[TABLE_COLUMNS_MOST + 2];
    int binary[TABLE_COLUMNS_MOST + 2];
    Oid types[TABLE_COLUMNS_MOST + 2];

    for (int p = 0; p < i->n; p++) {
        values[p] = i->arrays.at + i->at[p];
        binary[p] = 1;
        types[p] = TEXT_ARRAY_OID;
    }
    return PQsendQueryParams(conn, i->sql.at, i->n, types, values, i->lengths,
                             binary, 0);
}

static int
send_group(const struct postgres_group *g, PGconn *conn)
{
    struct insert i = { .n = 0 };
    int ok;

    add_arrays(&i, g);
    add_insert(&i, g);
    ok = send_insert(&i, conn);
    bytes_free(&i.names);
    bytes_free(&i.values);
    bytes_free(&i.sql);
    bytes_free(&i.arrays);
    return ok;
}

int
postgres_rows_send(struct postgres_rows *r, PGconn *conn)
{
    int ok = send_patience(r, conn);

    r->answered = 0;
    for (size_t i = 0; ok && i < r->n_groups; i++)
        if (r->groups[i].n > 0)
            ok = send_group(&r->groups[i], conn);
    return ok;
}
