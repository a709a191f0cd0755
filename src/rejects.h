/* rejects.h -- lines that could not be used: counted, warned of, kept. */
#ifndef REJECTS_H
#define REJECTS_H

#include <stdint.h>

#include "action/sinks.h"
#include "options.h"
#include "script/runtime.h"

/* The file is an outbox like any other, opened at the first reject: --rejects,
 * else rejects.jsonl in the state folder. */
struct rejects;
struct rejects *rejects_new(const struct options *o, struct sinks *sinks);
void rejects_free(struct rejects *r);

/* Keeps the line. The caller holds its ticket once for that; it is let go of
 * as any other when the file has taken the record. False: the file cannot be
 * opened (the record was then written to the log), and the ticket is the
 * caller's to release. `station` is whose handler failed, or NULL. */
bool rejects_add(struct rejects *r, const struct script_line *line,
                 uint64_t whole_len, const char *station, const char *reason);

/* Warns of a failure that has no line to keep. */
void rejects_warn(struct rejects *r, const char *station, const char *reason);

uint64_t rejects_count(const struct rejects *r);
/* The file they are kept in; lent. */
const char *rejects_path(const struct rejects *r);

#endif
