/* sink_postgres.c -- events as rows of a PostgreSQL database, a table per
 * event.
 *
 * What is given is one pipeline, which PostgreSQL makes one transaction; a row
 * that is there already, by its id, stays as it is. Where rows that were taken
 * for new are not, all are sent once more, with care. A table is made, or gets
 * the columns that it lacks, when PostgreSQL misses it. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "action/path.h"
#include "action/postgres_rows.h"
#include "action/postgres_state.h"
#include "action/postgres_url.h"
#include "action/resolve.h"
#include "action/sink.h"
#include "base/mem.h"

#define MOST_ROWS  10000
#define BATCH_SIZE ((size_t)2 << 20)
#define TIMEOUT_S  30.

enum stage { OFF, RESOLVING, CONNECTING, IDLE, SENDING, MAKING };

struct postgres {
    struct ev_loop *loop;
    void *outbox;
    char *url;
    char *shown;
    char *password; /* NULL: the URL's, or as libpq finds it */
    char *host;     /* to be resolved; NULL: a socket, or an address */

    enum stage stage;
    struct resolve *resolve;
    PGconn *conn;
    ev_io io;
    ev_timer deadline;

    struct postgres_rows rows; /* that the outbox waits for */
    size_t n;
    bool made; /* the tables, for these rows */

    bool failed; /* in this pipeline, and why */
    char state[POSTGRES_STATE];
    struct error why;
};

/* ---- the connection ---- */

static void
disconnect(struct postgres *p)
{
    resolve_free(p->resolve);
    p->resolve = NULL;
    ev_io_stop(p->loop, &p->io);
    ev_timer_stop(p->loop, &p->deadline);
    PQfinish(p->conn);
    p->conn = NULL;
    postgres_rows_doubt(&p->rows);
    p->stage = OFF;
}

static void
answer(struct postgres *p, ssize_t n)
{
    struct error why = p->why;

    ev_timer_stop(p->loop, &p->deadline);
    postgres_rows_empty(&p->rows);
    outbox_answer(p->outbox, n, 0., &why);
}

static void
lose(struct postgres *p)
{
    disconnect(p);
    answer(p, SINK_FAILED);
}

/* libpq's sentences have lines. */
static int
fail_postgres(struct postgres *p, const char *what)
{
    size_t len = what != NULL ? strcspn(what, "\n") : 0;

    return fail(&p->why, "%s: %.*s", p->shown, len > 0 ? (int)len : 15,
                len > 0 ? what : "connection lost");
}

/* While connecting, the socket may be another one of the same number: libpq has
 * gone on to the next address. The loop must be told even so. */
static void
watch(struct postgres *p, int events)
{
    int fd = PQsocket(p->conn);

    if (p->stage != CONNECTING && ev_is_active(&p->io) && p->io.fd == fd &&
        (p->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(p->loop, &p->io);
    ev_io_set(&p->io, fd, events);
    ev_io_start(p->loop, &p->io);
}

/* ---- one pipeline ---- */

/* What libpq could not send at once waits for the socket. */
static int
push(struct postgres *p)
{
    int waits = PQflush(p->conn);

    if (waits < 0)
        return fail_postgres(p, PQerrorMessage(p->conn));
    watch(p, waits ? EV_READ | EV_WRITE : EV_READ);
    return 0;
}

static int
begin(struct postgres *p, enum stage stage)
{
    int ok;

    p->failed = false;
    p->stage = stage;
    if (stage == MAKING)
        ok = postgres_rows_make_tables(&p->rows, p->conn);
    else
        ok = postgres_rows_send(&p->rows, p->conn);
    if (!ok || !PQpipelineSync(p->conn))
        return fail_postgres(p, PQerrorMessage(p->conn));
    return push(p);
}

static void
begin_or_lose(struct postgres *p, enum stage stage)
{
    if (begin(p, stage) < 0)
        lose(p);
}

static void
note_error(struct postgres *p, const PGresult *result)
{
    const char *what = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (p->failed)
        return;
    p->failed = true;
    postgres_state_copy(p->state, PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (what != NULL && p->stage == SENDING &&
        postgres_state_of_table(p->state))
        fail(&p->why, "%s: table %s: %.300s", p->shown,
             postgres_rows_table(&p->rows), what);
    else
        fail_postgres(p, what);
}

static void
note_result(struct postgres *p, PGresult *result)
{
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        note_error(p, result);
    else if (PQresultStatus(result) == PGRES_COMMAND_OK && p->stage == SENDING)
        postgres_rows_put(&p->rows, strtoul(PQcmdTuples(result), NULL, 10));
}

/* Whether the end of the pipeline was among the results. */
static bool
read_results(struct postgres *p)
{
    bool ended = false;

    for (int nothing = 0; !ended && nothing < 2 && !PQisBusy(p->conn);) {
        PGresult *result = PQgetResult(p->conn);

        nothing = result == NULL ? nothing + 1 : 0;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
            ended = true;
        else if (result != NULL)
            note_result(p, result);
        PQclear(result);
    }
    return ended;
}

/* What failed may go well the second time: another may have made the tables
 * meanwhile, or put the rows. */
static bool
try_again(struct postgres *p, enum stage ended)
{
    if (ended == MAKING && postgres_state_made(p->state)) {
        p->made = false;
        begin_or_lose(p, SENDING);
        return true;
    }
    if (!p->made && postgres_state_lacks(p->state)) {
        p->made = true;
        begin_or_lose(p, MAKING);
        return true;
    }
    if (!postgres_state_doubles(p->state) || !postgres_rows_doubt(&p->rows))
        return false;
    begin_or_lose(p, SENDING);
    return true;
}

static void
end(struct postgres *p)
{
    enum stage ended = p->stage;
    ssize_t n = (ssize_t)p->n;

    p->stage = IDLE;
    if (p->failed) {
        if (!try_again(p, ended))
            answer(p, postgres_state_refuses(p->state) ? SINK_REFUSED
                                                       : SINK_FAILED);
    } else if (ended == MAKING) {
        begin_or_lose(p, SENDING);
    } else {
        answer(p, n);
    }
}

static void
go_on(struct postgres *p)
{
    bool alive = PQconsumeInput(p->conn) && push(p) == 0;
    bool ended = read_results(p);

    if (ended)
        end(p);
    else if (!alive || PQstatus(p->conn) == CONNECTION_BAD) {
        if (!p->failed)
            fail_postgres(p, PQerrorMessage(p->conn));
        lose(p);
    }
}

/* ---- connecting ---- */

static void
ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static void
connected(struct postgres *p)
{
    PQsetnonblocking(p->conn, 1);
    if (PQenterPipelineMode(p->conn))
        begin_or_lose(p, SENDING);
    else
        lose(p);
}

static void
connect_on(struct postgres *p)
{
    switch (PQconnectPoll(p->conn)) {
    case PGRES_POLLING_OK:
        connected(p);
        break;
    case PGRES_POLLING_READING:
        watch(p, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        watch(p, EV_WRITE);
        break;
    default:
        fail_postgres(p, PQerrorMessage(p->conn));
        lose(p);
    }
}

static int
start(struct postgres *p, const char *const *addresses, int n)
{
    p->conn = postgres_url_start(p->url, p->password, p->host, addresses, n);
    p->stage = CONNECTING;
    if (p->conn == NULL || PQstatus(p->conn) == CONNECTION_BAD)
        return fail_postgres(p, p->conn ? PQerrorMessage(p->conn) : NULL);
    PQsetNoticeProcessor(p->conn, ignore_notice, NULL);
    watch(p, EV_WRITE);
    return 0;
}

static void
on_resolved(void *arg, const char *const *addresses, int n,
            const struct error *why)
{
    struct postgres *p = arg;
    int rc = n > 0 ? start(p, addresses, n) : fail_postgres(p, why->text);

    if (rc < 0)
        lose(p);
    resolve_free(p->resolve);
    p->resolve = NULL;
}

static int
begin_connecting(struct postgres *p)
{
    struct error err;

    if (p->host == NULL)
        return start(p, NULL, 0);
    p->stage = RESOLVING;
    p->resolve = resolve_new(p->loop, p->host, on_resolved, p, &err);
    return p->resolve != NULL ? 0 : fail_postgres(p, err.text);
}

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
    struct postgres *p = io->data;

    (void)loop;
    (void)events;
    if (p->stage == CONNECTING)
        connect_on(p);
    else if (p->stage != IDLE)
        go_on(p);
    else if (!PQconsumeInput(p->conn) || PQstatus(p->conn) == CONNECTION_BAD)
        disconnect(p);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct postgres *p = timer->data;

    (void)loop;
    (void)events;
    fail(&p->why, "%s: no answer within %g s", p->shown, p->rows.timeout_s);
    lose(p);
}

/* ---- the sink ---- */

static void
unmake_postgres(void *sink)
{
    struct postgres *p = sink;

    if (p == NULL)
        return;
    disconnect(p);
    postgres_rows_free(&p->rows);
    mem_free(p->url);
    mem_free(p->shown);
    mem_free(p->password);
    mem_free(p->host);
    mem_free(p);
}

static void *
make_postgres(struct ev_loop *loop, const char *dest,
              const struct sink_options *options, void (*ready)(void *arg),
              void *arg, struct error *err)
{
    struct postgres *p = mem_new(sizeof *p);

    (void)ready;
    p->loop = loop;
    p->outbox = arg;
    p->url = mem_dup(dest);
    p->shown = path_shown(dest);
    ev_init(&p->io, on_io);
    ev_timer_init(&p->deadline, on_deadline, 0., 0.);
    p->io.data = p->deadline.data = p;
    if (postgres_url_host(dest, p->shown, &p->host, err) == 0 &&
        sink_options_shape(options, "webhook", p->shown, err) == 0 &&
        sink_options_number(options, "timeout", TIMEOUT_S, 0.1, 3600.,
                            &p->rows.timeout_s, err) == 0 &&
        sink_options_secret(options, "password", &p->password, err) == 0)
        return p;
    unmake_postgres(p);
    return NULL;
}

/* The first rows connect it. */
static int
open_postgres(void *sink, int64_t known, struct error *err)
{
    (void)sink;
    (void)known;
    (void)err;
    return 0;
}

static size_t
most_rows(const void *sink)
{
    (void)sink;
    return MOST_ROWS;
}

static void
start_deadline(struct postgres *p)
{
    ev_now_update(p->loop);
    ev_timer_set(&p->deadline, p->rows.timeout_s, 0.);
    ev_timer_start(p->loop, &p->deadline);
}

static ssize_t
give_postgres(void *sink, const struct message *messages, size_t n,
              struct error *err)
{
    struct postgres *p = sink;
    struct error why;

    if (postgres_rows_fill(&p->rows, messages, n, &why) < 0) {
        postgres_rows_empty(&p->rows);
        fail(err, "%s: %s", p->shown, why.text);
        return SINK_REFUSED;
    }
    p->n = n;
    p->made = false;
    start_deadline(p);
    if ((p->stage == IDLE ? begin(p, SENDING) : begin_connecting(p)) == 0)
        return SINK_LATER;
    disconnect(p);
    postgres_rows_empty(&p->rows);
    *err = p->why;
    return SINK_FAILED;
}

static const char *const options[] = { "password", "password_env",
                                       "password_file", "timeout", NULL };

const struct sink_class sink_postgres = {
    .schemes = "postgres postgresql",
    .options = options,
    .make = make_postgres,
    .unmake = unmake_postgres,
    .open = open_postgres,
    .give = give_postgres,
    .most = most_rows,
    .batch = BATCH_SIZE,
    .lingers = true,
    .shape = "webhook",
};
