/* queue.c -- who waits behind whom: lines of a session whose job waits. */
#include "script/queue.h"

#include "base/hash.h"
#define HASH_FUNCTION(key, len, to) ((to) = (unsigned)hash_bytes(key, len))
#include <uthash.h>

#include "base/mem.h"

struct session {
    char *name;
    struct queued *first, **last;
    UT_hash_handle hh;
};

struct queue {
    struct session *sessions;
    size_t lines, bytes;
};

struct queue *
queue_new(void)
{
    return mem_new(sizeof(struct queue));
}

struct session *
queue_find(struct queue *q, const char *name, size_t len)
{
    struct session *session;

    HASH_FIND(hh, q->sessions, name, len, session);
    return session;
}

struct session *
queue_begin(struct queue *q, const char *name, size_t len)
{
    struct session *session = mem_new(sizeof *session);

    session->name = mem_dup_bytes(name, len);
    session->last = &session->first;
    HASH_ADD_KEYPTR(hh, q->sessions, session->name, len, session);
    return session;
}

void
queue_end(struct queue *q, struct session *session)
{
    struct queued *queued;

    while ((queued = queue_take(q, session)) != NULL)
        queue_drop(queued);
    HASH_DEL(q->sessions, session);
    mem_free(session->name);
    mem_free(session);
}

void
queue_free(struct queue *q)
{
    struct session *session, *next;

    if (q == NULL)
        return;
    HASH_ITER(hh, q->sessions, session, next)
    queue_end(q, session);
    mem_free(q);
}

static struct queued *
append(struct session *session)
{
    struct queued *queued = mem_new(sizeof *queued);

    *session->last = queued;
    session->last = &queued->next;
    return queued;
}

void
queue_line(struct queue *q, struct session *session,
           const struct script_line *line)
{
    struct queued *queued = append(session);

    queued->line = *line;
    queued->line.text = mem_dup_bytes(line->text, line->len);
    queued->line.path = mem_dup(line->path);
    q->lines++;
    q->bytes += line->len;
}

void
queue_job(struct session *session, struct job *job)
{
    append(session)->job = job;
}

struct queued *
queue_take(struct queue *q, struct session *session)
{
    struct queued *queued = session->first;

    if (queued == NULL)
        return NULL;
    session->first = queued->next;
    if (session->first == NULL)
        session->last = &session->first;
    q->lines -= queued->job == NULL;
    q->bytes -= queued->line.len;
    return queued;
}

void
queue_drop(struct queued *queued)
{
    mem_free((char *)queued->line.text);
    mem_free((char *)queued->line.path);
    mem_free(queued);
}

size_t
queue_lines(const struct queue *q)
{
    return q->lines;
}

size_t
queue_bytes(const struct queue *q)
{
    return q->bytes;
}
