/* queue.h -- who waits behind whom: lines of a session whose job waits. */
#ifndef SCRIPT_QUEUE_H
#define SCRIPT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "script/runtime.h"

struct queue;
struct session; /* there is one while a job of that session waits */
struct job;

/* Either a line, copied, or a job that has not begun. */
struct queued {
    struct script_line line;
    struct job *job;
    struct queued *next;
};

struct queue *queue_new(void);
void queue_free(struct queue *q);

/* The session of that name, NULL when nothing of it waits. Events without a
 * session have "" for a name. */
struct session *queue_find(struct queue *q, const char *name, size_t len);
struct session *queue_begin(struct queue *q, const char *name, size_t len);
void queue_end(struct queue *q, struct session *session);

void queue_line(struct queue *q, struct session *session,
                const struct script_line *line);
void queue_job(struct session *session, struct job *job);

/* The next in the session's turn, or NULL; given back with queue_drop. */
struct queued *queue_take(struct queue *q, struct session *session);
void queue_drop(struct queued *queued);

/* The lines that queue, and their bytes. */
size_t queue_lines(const struct queue *q);
size_t queue_bytes(const struct queue *q);

#endif
