/* number.h -- numbers as JSON spells them. */
#ifndef DECODE_NUMBER_H
#define DECODE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum number_kind {
    NUMBER_NONE, /* no JSON number stands here */
    NUMBER_INTEGER,
    NUMBER_FLOAT,    /* a point, an exponent, or -0 */
    NUMBER_TOO_LARGE /* an integer of more than 64 bits */
};

/* Reads the longest number at `text`, by JSON's grammar to the letter.
 * `*len` is its length, `*integer` its value if it is one. */
enum number_kind number_read(const char *text, const char *end, size_t *len,
                             int64_t *integer);

/* Write a number, of at most NUMBER_SIZE bytes, and return its length; no NUL
 * behind it. A float is written with the fewest digits that give it back, and
 * with a point, so that it stays a float. It must be finite. */
#define NUMBER_SIZE 32
size_t number_write_integer(char *text, int64_t n);
size_t number_write_float(char *text, double n);

#endif
