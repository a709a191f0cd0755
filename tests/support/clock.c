/* clock.c -- a clock that a spec sets, preloaded into the program.
 *
 * The file that TEST_CLOCK names holds milliseconds since 1970 in 8 bytes. The
 * wall clock stands still at that until it changes; the steady one goes on by
 * less than a millisecond, as libev runs what is due at once a moment later. */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *
page(void)
{
    static const volatile int64_t *ms;
    const char *path = getenv("TEST_CLOCK");
    int fd;

    if (ms != NULL || path == NULL)
        return ms;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        abort();
    ms = mmap(NULL, sizeof *ms, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (ms == MAP_FAILED)
        abort();
    return ms;
}

/* A double of seconds since 1970 tells no shorter steps apart. */
#define STEP_NS 250
#define STEPS   3999

/* Nanoseconds, more with each look while the file stands still. */
static long
goes_on(int64_t ms)
{
    static _Atomic int64_t at;
    static _Atomic long steps;

    if (atomic_exchange(&at, ms) != ms)
        steps = 0;
    else if (steps < STEPS)
        steps++;
    return steps * STEP_NS;
}

int
clock_gettime(clockid_t which, struct timespec *t)
{
    const volatile int64_t *ms = page();
    int64_t now;

    if (ms == NULL || (which != CLOCK_REALTIME && which != CLOCK_MONOTONIC))
        return (int)syscall(SYS_clock_gettime, which, t);
    now = *ms;
    t->tv_sec = now / 1000;
    t->tv_nsec = now % 1000 * 1000000;
    if (which == CLOCK_MONOTONIC)
        t->tv_nsec += goes_on(now);
    return 0;
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
time(time_t *to)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (to != NULL)
        *to = now.tv_sec;
    return now.tv_sec;
}
