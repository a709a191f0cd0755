/* rejects.c -- lines that could not be used: counted, warned of, kept. */
#include "rejects.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "state/reject.h"
#include "state/reject_file.h"

#define MOST_SIZE ((uint64_t)100 * 1000 * 1000)

struct rejects {
    struct sinks *sinks;
    struct outbox *outbox;
    char *path;
    bool is_own; /* of the state folder, not somebody's file */
    double keep_days;
    uint64_t count;
    struct bytes text;
    struct log_limit lines, stations;
};

struct rejects *
rejects_new(const struct options *o, struct sinks *sinks)
{
    struct rejects *r = mem_new(sizeof *r);

    r->sinks = sinks;
    r->path = options_rejects_path(o);
    r->is_own = o->rejects == NULL;
    r->keep_days = o->rejects_keep_days;
    return r;
}

void
rejects_free(struct rejects *r)
{
    if (r == NULL)
        return;
    mem_free(r->path);
    bytes_free(&r->text);
    mem_free(r);
}

/* What is too old or too much goes. */
static void
tidy(struct rejects *r)
{
    int64_t age_ms = (int64_t)(r->keep_days * 86400e3);
    char since[CLOCK_ISO_SIZE];
    struct error err;
    size_t dropped;

    clock_iso(since, clock_wall_ms() - age_ms);
    if (reject_file_compact(r->path, since, MOST_SIZE, &dropped, &err) < 0)
        log_warn("%s", err.text);
    else if (dropped > 0)
        log_info("%s: %zu %s dropped: older than %g days, or beyond 100 MB",
                 r->path, dropped,
                 text_plural(dropped, "record was", "records were"),
                 r->keep_days);
}

int
rejects_open(struct rejects *r, const char *dir, struct error *err)
{
    struct stat st;
    const char *slash = strrchr(r->path, '/');

    if ((slash != NULL && slash[1] == '\0') ||
        (stat(r->path, &st) == 0 && S_ISDIR(st.st_mode)))
        return fail(err, "%s: %s", r->path, strerror(EISDIR));
    if (access(r->path, W_OK) < 0 && errno != ENOENT && errno != ENOTDIR)
        return fail(err, "%s: %s", r->path, strerror(errno));
    if (dir != NULL && r->is_own)
        tidy(r);
    r->outbox = sinks_get_late(r->sinks, r->path, err);
    return r->outbox != NULL ? 0 : -1;
}

void
rejects_warn(struct rejects *r, const char *station, const char *reason)
{
    log_limited(&r->stations, LOG_WARN, "%s: %s", station, reason);
}

static void
warn_of_line(struct rejects *r, const struct script_line *line,
             const char *station, const char *reason)
{
    if (station != NULL)
        log_limited(&r->stations, LOG_WARN,
                    "%s: %s (%s, line %" PRIu64 "; kept in %s)", station,
                    reason, line->path, line->number, r->path);
    else
        log_limited(&r->lines, LOG_WARN,
                    "%s: line %" PRIu64 ", byte %" PRIu64 ": %s (kept in %s)",
                    line->path, line->number, line->offset, reason, r->path);
}

static void
keep(struct rejects *r, uint64_t ticket, const struct reject *reject)
{
    r->count++;
    r->text.len = 0;
    reject_format(&r->text, reject);
    outbox_send(r->outbox, ticket, r->text.at, r->text.len);
    outbox_flush(r->outbox);
}

void
rejects_add(struct rejects *r, const struct script_line *line,
            uint64_t whole_len, const char *station, const char *reason)
{
    char id[LINE_ID_SIZE];

    line_id(line, id);
    warn_of_line(r, line, station, reason);
    keep(r, line->ticket,
         &(struct reject){ .station = station,
                           .path = line->path,
                           .id = id,
                           .id_len = strlen(id),
                           .offset = line->offset,
                           .number = line->number,
                           .reason = reason,
                           .text = line->text,
                           .len = line->len,
                           .whole_len = whole_len });
}

void
rejects_add_message(struct rejects *r, uint64_t ticket,
                    const struct message *message, const char *dest,
                    const char *reason)
{
    log_limited(&r->lines, LOG_WARN, "%s refuses %.*s: %s (kept in %s)", dest,
                (int)message->id.len, message->id.at, reason, r->path);
    keep(r, ticket,
         &(struct reject){ .sink = dest,
                           .id = message->id.at,
                           .id_len = message->id.len,
                           .reason = reason,
                           .text = message->text.at,
                           .len = message->text.len,
                           .whole_len = message->text.len });
}

uint64_t
rejects_count(const struct rejects *r)
{
    return r->count;
}

const char *
rejects_path(const struct rejects *r)
{
    return r->path;
}

bool
rejects_are_kept(const struct rejects *r)
{
    return outbox_empty(r->outbox);
}
