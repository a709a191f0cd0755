/* poison.h -- lines that a run did not survive, known to the next one.
 *
 * They stand in DIR/poison, one a line: hash of the file's first line, offset,
 * seconds since 1970, what ended the run, the script. What is 40 days old is
 * forgotten, as the records of files are. */
#ifndef STATE_POISON_H
#define STATE_POISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct poisoned {
    uint64_t first_line, offset; /* of the line, as in its id */
    int64_t when_s;
    int signal;       /* that ended the run; 0: a handler never came back */
    char station[64]; /* whose handler ran; "": none */
};

/* Reads the file, if there is one. What is torn in it is passed over. */
struct poison;
struct poison *poison_open(const char *dir);
void poison_free(struct poison *p); /* takes NULL */

/* How many came from that second on. */
size_t poison_since(const struct poison *p, int64_t when_s);

/* The record of that line, or NULL; lent. */
const struct poisoned *poison_find(const struct poison *p, uint64_t first_line,
                                   uint64_t offset);
/* The newest; NULL: there is none. */
const struct poisoned *poison_last(const struct poison *p);

/* Adds a record to the file; for signal handlers too. -1: it is not there. */
int poison_add(const struct poison *p, const struct poisoned *line);

#endif
