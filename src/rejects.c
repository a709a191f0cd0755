/* rejects.c -- lines that could not be used: counted, warned of, kept. */
#include "rejects.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "state/reject.h"

struct rejects {
    struct sinks *sinks;
    char *path;
    uint64_t count;
    struct bytes text;
    struct log_limit lines, stations;
};

struct rejects *
rejects_new(const struct options *o, struct sinks *sinks)
{
    struct rejects *r = mem_new(sizeof *r);
    char *dir;

    r->sinks = sinks;
    if (o->rejects != NULL) {
        r->path = mem_dup(o->rejects);
        return r;
    }
    dir = options_state_dir(o);
    r->path = mem_format("%s/rejects.jsonl", dir);
    mem_free(dir);
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

bool
rejects_add(struct rejects *r, const struct script_line *line,
            uint64_t whole_len, const char *station, const char *reason)
{
    struct reject reject = { station, line->path, line->offset, line->number,
                             reason,  line->text, line->len,    whole_len };
    struct outbox *outbox;
    struct error err;

    r->count++;
    warn_of_line(r, line, station, reason);
    r->text.len = 0;
    reject_format(&r->text, &reject);
    outbox = sinks_get(r->sinks, r->path, &err);
    if (outbox == NULL) {
        log_error("%s; the rejected line: %.*s", err.text, (int)r->text.len,
                  r->text.at);
        return false;
    }
    outbox_send(outbox, line->ticket, r->text.at, r->text.len);
    outbox_flush(outbox);
    return true;
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
