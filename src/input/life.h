/* life.h -- one life of a file: where it is read to, and how it is known. */
#ifndef INPUT_LIFE_H
#define INPUT_LIFE_H

#include "input/follow.h"

/* A number of 0: the life of a file that is not to be read. */
struct life *life_new(struct tail *t, uint32_t number, const char *path);
struct life *life_from_record(struct tail *t, const struct record *record);
void life_free(struct life *life);

/* The two take part in rotations of one name. */
bool life_is_kin(const struct life *life, const struct entry *e);

/* The entry is where the life is now. */
void life_settle(struct life *life, struct entry *e);
/* The entry is not any more. */
void life_unsettle(struct life *life);
void life_named(struct life *life, const char *path, const char *shown);

/* The file changed: there may be more to read. */
void life_touched(struct life *life);

/* Nothing is to come of it any more. */
void life_end(struct life *life);
/* As if it had never been known. */
void life_discard(struct life *life);

/* How many bytes of a file read up to `offset` its head hash covers, and that
 * hash. */
size_t life_head_size(uint64_t offset);
uint64_t life_head_hash(const struct life *life, size_t n);

/* Fills in all but `place`; it is at `offset`, which was passed. */
void life_describe(const struct life *life, struct record *record);

/* Adds what was read of it. */
void life_count(const struct life *life, struct tail_progress *progress);

/* Drops the memory of those long gone. */
void life_forget_some(struct tail *t);

#endif
