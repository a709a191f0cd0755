/* latency.c -- how long an appended line takes to come out of a program that
 * follows a file, and what the program costs when nothing comes.
 *
 * usage: latency FILE APPENDS PER_SECOND IDLE_SECONDS COMMAND...
 *
 * Makes FILE, starts COMMAND with its standard output on a pipe, and appends
 * lines whose sessionId is numbered. A line's latency runs from just before
 * the write(2) to the read(2) that shows its number. One process and poll(2)
 * only, so that the harness itself puts nothing in a queue. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TOKEN       "ses_L"
#define TOKEN_SIZE  14 /* with nine digits */
#define WARM_UP_S   1.0
#define LAST_WAIT_S 5.0

struct run {
    int file, pipe;
    int n, sent, seen;
    double *sent_s, *took_s; /* took_s: in the order in which they came */
    char bytes[65536];
    size_t have;
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
    fprintf(stderr, "latency: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
append(struct run *r)
{
    char line[512];
    int len = snprintf(
        line, sizeof line,
        "{\"participantLeft\":{\"sessionId\":\"" TOKEN "%09d\","
        "\"timestamp\":1601395365655,\"startTime\":1601394715606,"
        "\"duration\":650,\"reason\":\"disconnect\","
        "\"participantId\":\"con_EIeO06zgMz\","
        "\"location\":\"Berlin, Germany\","
        "\"platform\":\"Chrome 85.0.4183.121 on Linux 64-bit\","
        "\"clientData\":\"Mike\",\"serverData\":\"{'user': 'client1'}\"}}\n",
        r->sent);

    r->sent_s[r->sent++] = now();
    if (write(r->file, line, (size_t)len) != len)
        die("append");
}

/* Takes the numbers out of what came; a number cut in two stays. */
static void
look(struct run *r)
{
    double t = now();
    char *from = r->bytes, *found;

    while ((found = memmem(from, r->bytes + r->have - from, TOKEN,
                           strlen(TOKEN))) != NULL &&
           found + TOKEN_SIZE <= r->bytes + r->have) {
        int i = atoi(found + strlen(TOKEN));
        if (i >= 0 && i < r->sent && r->seen < r->n)
            r->took_s[r->seen++] = t - r->sent_s[i];
        from = found + TOKEN_SIZE;
    }
    size_t rest = (size_t)(r->bytes + r->have - from);
    size_t keep = rest < TOKEN_SIZE ? rest : TOKEN_SIZE;
    memmove(r->bytes, r->bytes + r->have - keep, keep);
    r->have = keep;
}

/* Waits for output until `until`. False: the program has closed it. */
static int
read_until(struct run *r, double until)
{
    struct pollfd p = { r->pipe, POLLIN, 0 };
    double left = until - now();
    struct timespec t = { 0, 0 };

    if (left > 0) {
        t.tv_sec = (time_t)left;
        t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
    }
    if (ppoll(&p, 1, &t, NULL) <= 0)
        return 1;
    ssize_t got = read(r->pipe, r->bytes + r->have, sizeof r->bytes - r->have);
    if (got > 0) {
        r->have += (size_t)got;
        look(r);
    }
    return got != 0;
}

static void
measure(struct run *r, double per_second)
{
    double start = now() + WARM_UP_S, end = start + r->n / per_second;

    while (r->sent < r->n || (r->seen < r->n && now() < end + LAST_WAIT_S)) {
        double due = start + r->sent / per_second;
        if (r->sent < r->n && now() >= due) {
            append(r);
            continue;
        }
        if (!read_until(r, r->sent < r->n ? due : now() + 0.1))
            break;
    }
}

static pid_t
start(struct run *r, const char *file, char **command)
{
    int fds[2];

    r->file =
        open(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (r->file < 0)
        die(file);
    if (pipe2(fds, O_CLOEXEC) < 0)
        die("pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        execvp(command[0], command);
        _exit(127);
    }
    close(fds[1]);
    r->pipe = fds[0];
    return pid;
}

/* A number of /proc/PID/status; -1 when it is not there. */
static long
status(pid_t pid, const char *key)
{
    char path[64], line[256];
    long value = -1;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return -1;
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            value = atol(line + strlen(key) + 1);
    fclose(f);
    return value;
}

/* Seconds of processor time of the main thread. */
static double
processor_s(pid_t pid)
{
    char path[64];
    unsigned long long ns = 0;

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL || fscanf(f, "%llu", &ns) != 1)
        ns = 0;
    if (f != NULL)
        fclose(f);
    return (double)ns / 1e9;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
tell_latency(struct run *r)
{
    qsort(r->took_s, (size_t)r->seen, sizeof *r->took_s, compare);
    printf("came=%d of=%d", r->seen, r->n);
    if (r->seen > 0)
        printf(" median_us=%.0f p99_us=%.0f max_us=%.0f",
               r->took_s[r->seen / 2] * 1e6,
               r->took_s[r->seen * 99 / 100] * 1e6,
               r->took_s[r->seen - 1] * 1e6);
    printf("\n");
}

static void
tell_idle(pid_t pid, unsigned seconds)
{
    sleep(2); /* what a second's commit still has to do */
    long switches = status(pid, "voluntary_ctxt_switches");
    double used_s = processor_s(pid);
    sleep(seconds);
    printf("idle_s=%u wakeups=%ld cpu_us=%.0f rss_anon_kib=%ld\n", seconds,
           status(pid, "voluntary_ctxt_switches") - switches,
           (processor_s(pid) - used_s) * 1e6, status(pid, "RssAnon"));
}

int
main(int argc, char **argv)
{
    static struct run r;

    if (argc < 6) {
        fprintf(stderr, "usage: latency FILE APPENDS PER_SECOND IDLE_SECONDS "
                        "COMMAND...\n");
        return 2;
    }
    r.n = atoi(argv[2]);
    r.sent_s = calloc((size_t)r.n, sizeof *r.sent_s);
    r.took_s = calloc((size_t)r.n, sizeof *r.took_s);
    if (r.sent_s == NULL || r.took_s == NULL)
        die("memory");
    pid_t pid = start(&r, argv[1], argv + 5);
    measure(&r, atof(argv[3]));
    tell_latency(&r);
    tell_idle(pid, (unsigned)atoi(argv[4]));
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    return r.seen == r.n ? 0 : 1;
}
