/* lines.h -- cut a stream of bytes into lines. */
#ifndef INPUT_LINES_H
#define INPUT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines;

/* `text` is lent until the next call on the same `lines`; it is not ended by a
 * NUL, but 32 bytes behind it may be read. Without its "\n", "\r\n", a BOM at
 * the beginning of the file and NUL bytes at its beginning (a copytruncate
 * leaves them). `start` and `end` are offsets in the stream: `end` is behind
 * the newline, `start` is the `end` of the line before. */
struct line {
    const char *text;
    size_t len;
    uint64_t start, end;
    bool too_long; /* only its first bytes (at most 1024) are in `text` */
};

/* `most`: the longest line in bytes; what is longer is passed over to its
 * newline in bounded memory and lent as one that is `too_long`. */
struct lines *lines_new(size_t most);
void lines_free(struct lines *l);

/* Begin anew at `offset`, with the bytes that stand before it, at most
 * PLACE_TAIL of them. */
void lines_seek(struct lines *l, uint64_t offset, const char *before,
                size_t before_len);

/* Where the next bytes of the stream go (64 KiB or more), then how many came.
 */
char *lines_room(struct lines *l, size_t *room);
void lines_filled(struct lines *l, size_t n);

/* The next whole line: true. False when more bytes are needed. Empty lines are
 * lines too. */
bool lines_next(struct lines *l, struct line *line);

/* What stands behind the last newline, as a line whose end is the end of the
 * stream: false when nothing does. It stays there until lines_take_rest. */
bool lines_rest(struct lines *l, struct line *line);
void lines_take_rest(struct lines *l);

/* Gives the buffer back as far as nothing is in it; the next lines_room takes
 * a new one. For a stream that has nothing to say for now. Text that was lent
 * is gone. */
void lines_trim(struct lines *l);

/* The end of the bytes that came in; the end of the last line lent; the hash
 * of the PLACE_TAIL bytes before that; and the last bytes that came in, at
 * most PLACE_TAIL, which the next read must find again. */
uint64_t lines_read_end(const struct lines *l);
uint64_t lines_place(const struct lines *l);
uint64_t lines_tail_hash(const struct lines *l);
size_t lines_last_bytes(const struct lines *l, char bytes[64]);

/* How many runs of NUL bytes were passed over. */
uint64_t lines_nul_runs(const struct lines *l);

#endif
