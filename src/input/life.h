/* life.h -- one life of a file: where it is read to, and how it is known. */
#ifndef INPUT_LIFE_H
#define INPUT_LIFE_H

#include "input/follow.h"

/* A number of 0: the life of a file that is not to be read. */
struct life *life_new(struct tail *t, uint32_t number, const char *path);
struct life *life_from_record(struct tail *t, const struct record *record);
void life_free(struct life *life);

/* Whether the bytes are those of the life up to its place. */
enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_SHORT,    /* not as many bytes, but these agree */
    MATCH_OLDER,    /* the same, and there will never be more: a whole .gz */
    MATCH_FAILED,   /* they could not be read */
    MATCH_ELSEWHERE /* the name is of another file now, or of none */
};
bool life_match_head(const struct life *life, struct source *s);
enum match life_match(const struct life *life, struct source *s);

/* Whether it is a copy of the life; also of one of which only half a line was
 * read, whose place tells nothing. */
enum match life_match_copy(const struct life *life, struct source *s);

/* The two take part in rotations of one name. */
bool life_is_kin(const struct life *life, const struct entry *e);

/* The entry is where the life is now. */
void life_settle(struct life *life, struct entry *e);
/* The entry is not any more. */
void life_unsettle(struct life *life);
void life_named(struct life *life, const char *path, const char *shown);

/* Opens the file, finds the place again and stands there. MATCH_YES, or the
 * life stays closed; MATCH_FAILED comes with a sentence. */
enum match life_open(struct life *life, struct error *err);
/* Whether the open file begins with other bytes by now: lines may end alike, so
 * that the last bytes alone do not tell. */
bool life_is_rewritten(const struct life *life);
/* Goes back to the resume place in the open file, where a half line that was
 * read has changed. False: it is not the same file any more. */
bool life_go_back(struct life *life);
void life_close(struct life *life);
void life_close_source(struct life *life); /* the half line read stays */

/* The file changed: there may be more to read. */
void life_touched(struct life *life);

/* Nothing is to come of it any more. */
void life_end(struct life *life);
/* As if it had never been known. */
void life_discard(struct life *life);

/* Begins behind the last line that is there. */
void life_skip_to_end(struct life *life);

/* Keeps the first bytes, out of `bytes` read at `offset`. */
void life_keep_head(struct life *life, uint64_t offset, const char *bytes,
                    size_t n);
/* The same out of a file that holds the life. */
void life_learn_head(struct life *life, struct source *s);
uint64_t life_first_line(struct life *life);

/* Fills in all but `place`; it is at `offset`, which was passed. */
void life_describe(const struct life *life, struct record *record);

/* Adds what was read of it. */
void life_count(const struct life *life, struct tail_progress *progress);

/* Drops the memory of those long gone. */
void life_forget_some(struct tail *t);

#endif
