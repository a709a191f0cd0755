/* rejects.h -- lines that could not be used: counted, warned of, kept. */
#ifndef REJECTS_H
#define REJECTS_H

#include <stdint.h>

#include "action/sinks.h"
#include "base/error.h"
#include "options.h"
#include "script/runtime.h"

/* The file is a sink like any other, --rejects, else rejects.jsonl in the state
 * folder; it is made when there is something to write. */
struct rejects;
struct rejects *rejects_new(const struct options *o, struct sinks *sinks);
void rejects_free(struct rejects *r);

/* Before the sinks are opened. -1: the file can surely not be written. `dir` is
 * the state folder, whose lock the caller has, or NULL: then nothing is dropped
 * of the file there, however old it is. */
int rejects_open(struct rejects *r, const char *dir, struct error *err);

/* Keeps the line. The caller holds its ticket once for that; it is let go of
 * when the file has taken the record. `station` is whose handler failed, or
 * NULL. */
void rejects_add(struct rejects *r, const struct script_line *line,
                 uint64_t whole_len, const char *station, const char *reason);

/* The same for what a destination will never take. */
void rejects_add_message(struct rejects *r, uint64_t ticket,
                         const struct message *message, const char *dest,
                         const char *reason);

/* Warns of a failure that has no line to keep. */
void rejects_warn(struct rejects *r, const char *station, const char *reason);

uint64_t rejects_count(const struct rejects *r);
/* The file they are kept in; lent. */
const char *rejects_path(const struct rejects *r);

/* Whether all of them are in the file: what could not be written is not. */
bool rejects_are_kept(const struct rejects *r);

#endif
