/* place.h -- a point in an input file, and what is remembered of the file. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include <stdint.h>

/* How many bytes the two fingerprints of a file cover at most. Both cover only
 * bytes that were read, so that a growing file never changes them. */
#define PLACE_HEAD 1024
#define PLACE_TAIL 64

/* A place between two lines. `file` is the number of one life of a file: it
 * stays over restarts and renames, and a rewritten file gets a new one; 0 is
 * no file (standard input, events that scripts make). `tail` is the hash of
 * the last min(64, offset) bytes before the place. */
struct place {
    uint32_t file;
    uint64_t offset;
    uint64_t line; /* how many lines stand before the place */
    uint64_t tail;
};

/* One life of a file, as it is kept over restarts: place 0 has nothing to
 * lose, so there is no record of it. `head` is the hash of the first
 * min(1024, offset) bytes. Offsets in a .gz count unpacked bytes. */
struct record {
    struct place place;
    char *path; /* absolute; the name it had last */
    uint64_t dev, ino;
    uint64_t head;
    int64_t seen_ms; /* when the file was last there, wall clock */
};

#endif
