/* number.c -- numbers as JSON spells them.
 *
 * Floats are spelled as Java spells them (8.0, 4.5E-4), since that is what the
 * lines come from; only that large ones keep plain digits up to 1e17, where
 * Java begins with exponents at 1e7 and makes times in seconds unreadable. */
#include "decode/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static const char *
skip_digits(const char *p, const char *end)
{
    while (is_digit(p, end))
        p++;
    return p;
}

/* The place behind what follows the integer part; NULL when it is cut off. */
static const char *
skip_fraction(const char *p, const char *end)
{
    if (p < end && *p == '.') {
        if (!is_digit(++p, end))
            return NULL;
        p = skip_digits(p, end);
    }
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        if (!is_digit(p, end))
            return NULL;
        p = skip_digits(p, end);
    }
    return p;
}

/* Of 20 digits and more the value is not looked at. */
static enum number_kind
to_integer(uint64_t value, size_t digits, bool negative, int64_t *n)
{
    if (digits > 19 || value > (uint64_t)INT64_MAX + negative)
        return NUMBER_TOO_LARGE;
    if (negative && value == 0)
        return NUMBER_FLOAT;
    *n = negative ? (int64_t)(0 - value) : (int64_t)value;
    return NUMBER_INTEGER;
}

enum number_kind
number_read(const char *text, const char *end, size_t *len, int64_t *integer)
{
    bool negative = text < end && *text == '-';
    const char *digits = text + negative, *p = digits, *behind;
    uint64_t value = 0;

    while (is_digit(p, end))
        value = value * 10 + (uint64_t)(*p++ - '0');
    behind = p;
    if (p == digits || (*digits == '0' && p > digits + 1))
        return NUMBER_NONE;
    if (p < end && (*p == '.' || (*p | 0x20) == 'e'))
        p = skip_fraction(p, end);
    if (p == NULL)
        return NUMBER_NONE;
    *len = (size_t)(p - text);
    if (p > behind)
        return NUMBER_FLOAT;
    return to_integer(value, (size_t)(p - digits), negative, integer);
}

static size_t
write_digits(char *text, uint64_t n)
{
    char digits[20], *p = digits + sizeof digits;

    do
        *--p = (char)('0' + n % 10);
    while (n /= 10);
    memcpy(text, p, (size_t)(digits + sizeof digits - p));
    return (size_t)(digits + sizeof digits - p);
}

size_t
number_write_integer(char *text, int64_t n)
{
    if (n >= 0)
        return write_digits(text, (uint64_t)n);
    *text = '-';
    return 1 + write_digits(text + 1, 0 - (uint64_t)n);
}

/* A float as 0.DIGITS times ten to the power of `point`. */
struct decimal {
    char digits[24];
    int count, point;
};

/* A quotient of two numbers that a double holds exactly is rounded once, as
 * the reader rounds, so that few decimals need no search. */
static bool
few_decimals(struct decimal *d, double n)
{
    static const double tens[] = { 1, 10, 100, 1000, 10000 };

    if (n < 1e-3 || n >= 1e10)
        return false;
    for (int i = 0; i < 5; i++) {
        double whole = nearbyint(n * tens[i]);
        if (whole / tens[i] != n)
            continue;
        d->count = (int)write_digits(d->digits, (uint64_t)whole);
        d->point = d->count - i;
        return true;
    }
    return false;
}

/* Rounds to the first `count` digits. */
static void
round_to(struct decimal *d, int count)
{
    int i = count;
    bool up = d->digits[count] >= '5';

    d->count = count;
    while (up && i > 0) {
        up = d->digits[--i] == '9';
        d->digits[i] = up ? '0' : (char)(d->digits[i] + 1);
    }
    if (up) {
        d->digits[0] = '1';
        d->point++;
    }
}

static bool
gives_back(const struct decimal *d, double n)
{
    char text[40] = "0.", *p = text + 2;

    memcpy(p, d->digits, (size_t)d->count);
    p += d->count;
    *p++ = 'e';
    p += number_write_integer(p, d->point);
    *p = '\0';
    return strtod(text, NULL) == n;
}

/* 17 digits always give a double back; mostly fewer do. */
static void
search_digits(struct decimal *d, double n)
{
    struct decimal all = { .count = 17 };
    char text[32];

    snprintf(text, sizeof text, "%.16e", n);
    all.digits[0] = text[0];
    memcpy(all.digits + 1, text + 2, 16);
    all.point = atoi(text + 19) + 1;
    for (int count = 15; count <= 16; count++) {
        *d = all;
        round_to(d, count);
        if (gives_back(d, n))
            break;
        *d = all;
    }
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

static size_t
write_plain(char *text, const struct decimal *d)
{
    char *p = text;

    if (d->point <= 0) {
        *p++ = '0';
        *p++ = '.';
    }
    for (int i = d->point; i < 0; i++)
        *p++ = '0';
    for (int i = 0; i < d->count || i < d->point; i++) {
        if (i > 0 && i == d->point)
            *p++ = '.';
        *p++ = i < d->count ? d->digits[i] : '0';
    }
    if (d->count <= d->point) {
        *p++ = '.';
        *p++ = '0';
    }
    return (size_t)(p - text);
}

static size_t
write_scientific(char *text, struct decimal *d)
{
    int exponent = d->point - 1;
    char *p;

    d->point = 1;
    p = text + write_plain(text, d);
    *p++ = 'E';
    return (size_t)(p - text) + number_write_integer(p, exponent);
}

size_t
number_write_float(char *text, double n)
{
    struct decimal d;
    bool negative = signbit(n);

    if (negative) {
        *text++ = '-';
        n = -n;
    }
    if (n == 0)
        d = (struct decimal){ "0", 1, 1 };
    else if (!few_decimals(&d, n))
        search_digits(&d, n);
    if (d.point < -2 || d.point > 17)
        return negative + write_scientific(text, &d);
    return negative + write_plain(text, &d);
}
