/* rejected.h -- one line of a rejects file, read back. */
#ifndef STATE_REJECTED_H
#define STATE_REJECTED_H

#include <stddef.h>
#include <stdint.h>

/* 16 hexadecimal digits and a NUL. */
#define REJECTED_KEY_SIZE 17

/* Words are NULL where the record has none; all end with a NUL, and `text` may
 * have others in it. A key is a hash of the record's line: it stays when
 * others are taken out of the file. */
struct rejected {
    char key[REJECTED_KEY_SIZE];
    const char *time, *station, *sink, *file, *id, *reason;
    const char *text;
    size_t text_len;
    uint64_t offset, line;
    uint64_t length; /* of the whole text; more than text_len: it was cut */
    char *memory;    /* of the words */
};

enum rejected_kind { REJECTED_NONE, REJECTED_RECORD, REJECTED_MARK };

/* Reads a line without its newline; REJECTED_NONE: it is neither. Only of a
 * record words are given, until rejected_free. */
enum rejected_kind rejected_read(struct rejected *r, const char *line,
                                 size_t len);
void rejected_free(struct rejected *r);

/* Calls `each` with every key that the mark says is gone. */
typedef void rejected_key_fn(void *arg, const char key[REJECTED_KEY_SIZE]);
void rejected_keys(const char *mark, size_t len, rejected_key_fn *each,
                   void *arg);

#endif
