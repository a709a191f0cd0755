/* series.c -- names of files, and which of them is older. */
#include "input/series.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PATTERN  "CDR.dddd-dd-dd_dd-dd-dd.log"
#define NAME_LEN (sizeof PATTERN - 1)
#define DATE_AT  4
#define DATE_LEN 10
#define TIME_AT  15
#define TIME_LEN 8

static size_t
len_without_gz(const char *name)
{
    size_t len = strlen(name);

    return len > 3 && strcmp(name + len - 3, ".gz") == 0 ? len - 3 : len;
}

bool
series_is_gz(const char *name)
{
    return name[len_without_gz(name)] != '\0';
}

static bool
is_separator(char c)
{
    return c == '.' || c == '-' || c == '_' || c == '~';
}

/* 1, 20201001, 2020100110, 01T10:00:00Z */
static bool
is_number_or_time(const char *word, size_t len)
{
    size_t digits = 0;

    for (size_t i = 0; i < len; i++) {
        if (isdigit((unsigned char)word[i]))
            digits++;
        else if (strchr("TZ:+", word[i]) == NULL)
            return false;
    }
    return digits > 0;
}

static bool
is_word_of_rotators(const char *word, size_t len)
{
    static const char *const words[] = { "old",  "bak",  "orig",
                                         "prev", "save", NULL };

    for (const char *const *w = words; *w != NULL; w++)
        if (strlen(*w) == len && memcmp(*w, word, len) == 0)
            return true;
    return false;
}

/* How long the name is without its last part, if a rotator added that. */
static size_t
without_last_part(const char *name, size_t len)
{
    size_t at = len;

    while (at > 0 && !is_separator(name[at - 1]))
        at--;
    if (at < 2 || at == len)
        return len;
    if (is_number_or_time(name + at, len - at) ||
        is_word_of_rotators(name + at, len - at))
        return at - 1;
    return len;
}

size_t
series_base_len(const char *name)
{
    size_t len = len_without_gz(name), shorter;

    while ((shorter = without_last_part(name, len)) < len)
        len = shorter;
    return len;
}

bool
series_is_rotation(const char *suffix)
{
    size_t len = len_without_gz(suffix), at = 0, end;

    while (at < len) {
        if (!is_separator(suffix[at++]))
            return false;
        for (end = at; end < len && !is_separator(suffix[end]);)
            end++;
        if (!is_number_or_time(suffix + at, end - at) &&
            !is_word_of_rotators(suffix + at, end - at))
            return false;
        at = end;
    }
    return true;
}

static bool
has_shape(const char *name, const char *pattern)
{
    for (; *pattern != '\0'; name++, pattern++) {
        if (*pattern == 'd' ? !isdigit((unsigned char)*name)
                            : *name != *pattern)
            return false;
    }
    return true;
}

static bool
begins_openvidu(const char *name)
{
    return has_shape(name, PATTERN);
}

bool
series_is_openvidu(const char *name)
{
    return begins_openvidu(name) && len_without_gz(name) == NAME_LEN;
}

/* How a base was put aside; the greater, the younger. */
enum aside { ASIDE_DATE, ASIDE_NUMBER, ASIDE_WORD, ASIDE_NOT };

static enum aside
aside_of(const char *name)
{
    size_t base = series_base_len(name), len = len_without_gz(name);
    const char *last = name + len;

    if (base == len)
        return ASIDE_NOT;
    while (!is_separator(last[-1]))
        last--;
    if (!isdigit((unsigned char)*last))
        return ASIDE_WORD;
    return last - 1 == name + base && name + len - last <= 5 ? ASIDE_NUMBER
                                                             : ASIDE_DATE;
}

bool
series_is_aside(const char *name)
{
    enum aside aside = aside_of(name);

    return aside == ASIDE_NUMBER || aside == ASIDE_WORD;
}

static int
sign(long long n)
{
    return (n > 0) - (n < 0);
}

static size_t
digits(const char *p, size_t len)
{
    size_t n = 0;

    while (n < len && isdigit((unsigned char)p[n]))
        n++;
    return n;
}

static size_t
zeros(const char *p, size_t len)
{
    size_t n = 0;

    while (n + 1 < len && p[n] == '0')
        n++;
    return n;
}

/* Two runs of digits, as the numbers they are. */
static int
compare_numbers(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t az = zeros(a, alen), bz = zeros(b, blen);

    if (alen - az != blen - bz)
        return alen - az < blen - bz ? -1 : 1;
    return sign(memcmp(a + az, b + bz, alen - az));
}

static int
compare_natural(const char *a, size_t alen, const char *b, size_t blen)
{
    size_t i = 0, j = 0;

    while (i < alen && j < blen) {
        size_t m = digits(a + i, alen - i), n = digits(b + j, blen - j);
        int order;
        if (m > 0 && n > 0) {
            order = compare_numbers(a + i, m, b + j, n);
        } else {
            order = sign((unsigned char)a[i] - (unsigned char)b[j]);
            m = n = 1;
        }
        if (order != 0)
            return order;
        i += m;
        j += n;
    }
    return (i < alen) - (j < blen);
}

static int
compare_openvidu(const struct series_item *a, const struct series_item *b)
{
    int order = memcmp(a->name + DATE_AT, b->name + DATE_AT, DATE_LEN);

    if (order == 0)
        order = memcmp(a->since, b->since, DATE_LEN);
    if (order == 0)
        order = memcmp(a->name + TIME_AT, b->name + TIME_AT, TIME_LEN);
    return sign(order);
}

static int
compare_bases(const struct series_item *a, const struct series_item *b)
{
    size_t alen = series_base_len(a->name), blen = series_base_len(b->name);

    if ((a->since != NULL) != (b->since != NULL))
        return a->since == NULL ? -1 : 1;
    if (a->since != NULL)
        return compare_openvidu(a, b);
    return compare_natural(a->name, alen, b->name, blen);
}

static int
compare_asides(const struct series_item *x, const struct series_item *y)
{
    const char *a = x->name, *b = y->name;
    size_t from_a = series_base_len(a), from_b = series_base_len(b);
    enum aside aside = aside_of(a), other = aside_of(b);
    int order;

    if (x->came != y->came)
        return x->came < y->came ? -1 : 1;
    if (aside != other)
        return aside < other ? -1 : 1;
    order = compare_natural(a + from_a, len_without_gz(a) - from_a, b + from_b,
                            len_without_gz(b) - from_b);
    return aside == ASIDE_NUMBER ? -order : order;
}

static int
compare_items(const void *x, const void *y)
{
    const struct series_item *a = x, *b = y;
    int order = compare_bases(a, b);

    if (order == 0)
        order = compare_asides(a, b);
    if (order == 0)
        order = series_is_gz(a->name) - series_is_gz(b->name);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->age > b->age) - (a->age < b->age);
}

static int
compare_starts(const void *x, const void *y)
{
    const char *a = (*(struct series_item *const *)x)->name;
    const char *b = (*(struct series_item *const *)y)->name;
    int order = memcmp(a + TIME_AT, b + TIME_AT, TIME_LEN);

    return order != 0 ? order : memcmp(a + DATE_AT, b + DATE_AT, DATE_LEN);
}

/* Gives each OpenVidu name the first date that its time stands on. */
static void
find_since(struct series_item *items, size_t n)
{
    struct series_item **row = mem_new(n * sizeof *row);
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        items[i].since = NULL;
        if (begins_openvidu(items[i].name))
            row[count++] = &items[i];
    }
    qsort(row, count, sizeof *row, compare_starts);
    for (size_t i = 0; i < count; i++) {
        const char *date = row[i]->name + DATE_AT;
        if (i > 0 && memcmp(row[i]->name + TIME_AT, row[i - 1]->name + TIME_AT,
                            TIME_LEN) == 0)
            date = row[i - 1]->since;
        row[i]->since = date;
    }
    mem_free(row);
}

void
series_order(struct series_item *items, size_t n)
{
    find_since(items, n);
    qsort(items, n, sizeof *items, compare_items);
}
