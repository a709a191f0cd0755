/* geo.c -- looks up each address of a file with libmaxminddb alone.
 *
 * geo DATABASE FILE ROUNDS: prints nanoseconds for one lookup of the country's
 * name, and how many were found. */
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 1000000

static char addresses[MOST][48];

static size_t
read_addresses(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t n = 0;

    while (file != NULL && n < MOST && fscanf(file, "%47s", addresses[n]) == 1)
        n++;
    return n;
}

static int
look_up(const MMDB_s *db, const char *address)
{
    int gai, error;
    MMDB_lookup_result_s found = MMDB_lookup_string(db, address, &gai, &error);
    MMDB_entry_data_s name;

    return gai == 0 && error == MMDB_SUCCESS && found.found_entry &&
           MMDB_get_value(&found.entry, &name, "country", "names", "en",
                          NULL) == MMDB_SUCCESS &&
           name.has_data;
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    MMDB_s db;
    size_t n, found = 0;
    int rounds = argc == 4 ? atoi(argv[3]) : 0;
    double began;

    if (rounds < 1 || MMDB_open(argv[1], MMDB_MODE_MMAP, &db) != MMDB_SUCCESS)
        return 1;
    n = read_addresses(argv[2]);
    began = now();
    for (int r = 0; r < rounds; r++)
        for (size_t i = 0; i < n; i++)
            found += (size_t)look_up(&db, addresses[i]);
    printf("%.1f %zu\n", (now() - began) * 1e9 / ((double)n * rounds),
           found / (size_t)rounds);
    MMDB_close(&db);
    return 0;
}
