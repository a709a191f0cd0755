/* fields.c -- the fields of a JSON object (SQLite takes it apart). */
#include "action/fields.h"

#include <assert.h>
#include <sqlite3.h>

#include "base/mem.h"

struct fields {
    sqlite3 *db; /* of no file */
    sqlite3_stmt *each;
};

static const char sql[] =
    "SELECT key, CASE type WHEN 'true' THEN type WHEN 'false' THEN type "
    "WHEN 'null' THEN type ELSE value END, type = 'text' "
    "FROM json_each(?1) WHERE json_type(?1) = 'object'";

struct fields *
fields_new(void)
{
    struct fields *f = mem_new(sizeof *f);
    int rc = sqlite3_open(":memory:", &f->db);

    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(f->db, sql, -1, &f->each, NULL);
    assert(rc == SQLITE_OK);
    (void)rc;
    return f;
}

void
fields_free(struct fields *f)
{
    if (f == NULL)
        return;
    sqlite3_finalize(f->each);
    sqlite3_close(f->db);
    mem_free(f);
}

static struct span
column(sqlite3_stmt *row, int i)
{
    const char *at = (const char *)sqlite3_column_text(row, i);

    return (struct span){ at != NULL ? at : "",
                          (size_t)sqlite3_column_bytes(row, i) };
}

size_t
fields_each(struct fields *f, struct span json, fields_fn *each, void *arg)
{
    size_t n = 0;

    sqlite3_bind_text64(f->each, 1, json.at, json.len, SQLITE_STATIC,
                        SQLITE_UTF8);
    for (; sqlite3_step(f->each) == SQLITE_ROW; n++)
        each(arg, column(f->each, 0), column(f->each, 1),
             sqlite3_column_int(f->each, 2) != 0);
    sqlite3_reset(f->each);
    sqlite3_clear_bindings(f->each);
    return n;
}
