/* progress.c -- what a person is told: at the start, meanwhile, at the end. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#define FIRST_S 1.
#define EVERY_S 0.25

struct progress {
    struct progress_parts of;
    struct ev_timer timer;
    double began_s;
    bool shown;
};

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events);

struct progress *
progress_new(const struct progress_parts *parts)
{
    struct progress *p = mem_new(sizeof *p);

    p->of = *parts;
    ev_timer_init(&p->timer, on_timer, FIRST_S, EVERY_S);
    p->timer.data = p;
    return p;
}

void
progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    ev_timer_stop(p->of.loop, &p->timer);
    mem_free(p);
}

/* 1234567 bytes as "1.2 MB". */
static void
size_text(char text[32], double bytes)
{
    static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
    int unit = 0;

    for (; bytes >= 1000 && unit < 4; unit++)
        bytes /= 1000;
    snprintf(text, 32, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
}

static void
on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
    struct progress *p = timer->data;
    double seconds = clock_steady_s() - p->began_s;
    struct tail_progress at;
    char size[32], share[16] = "";

    (void)loop;
    (void)events;
    if (isatty(STDOUT_FILENO) && sinks_has(p->of.sinks, "-"))
        return; /* the lines that come out are progress enough */
    tail_progress(p->of.tail, &at);
    size_text(size, (double)at.read_bytes);
    if (at.known_bytes > 0 && at.known_bytes >= at.read_bytes)
        snprintf(share, sizeof share, "  %.0f %%",
                 100. * (double)at.read_bytes / (double)at.known_bytes);
    fprintf(stderr, "\r\033[K%s%s  %.0f lines/s", size, share,
            (double)*p->of.lines / seconds);
    p->shown = true;
}

static const char *
from_words(const struct options *o, bool resumes)
{
    if (o->from == TAIL_FROM_START)
        return "from the start";
    if (o->from == TAIL_FROM_END)
        return "from the end";
    return resumes ? "from where the last run stopped" : "from the start";
}

static const char *
input_name(const char *input)
{
    return strcmp(input, "-") == 0 ? "standard input" : input;
}

static void
add_inputs(const struct progress *p, struct bytes *text)
{
    const struct words *inputs = &p->of.options->inputs;

    for (size_t i = 0; i < inputs->n; i++)
        bytes_add_format(text, "%s%s", i > 0 ? ", " : "",
                         input_name(inputs->list[i]));
    if (inputs->n > 0)
        return;
    bytes_add_text(text, runtime_has_source(p->of.runtime)
                             ? "what the scripts give"
                             : options_default_input());
}

static void
add_files(const struct progress *p, struct bytes *text)
{
    struct tail_progress at;

    tail_progress(p->of.tail, &at);
    bytes_add_format(text, " (%zu %s there now), %s", at.files,
                     text_plural(at.files, "file", "files"),
                     from_words(p->of.options, at.read_bytes > 0));
}

void
progress_begin(struct progress *p, const char *state_dir)
{
    struct bytes text = { 0 };

    p->began_s = clock_steady_s();
    if (p->of.options->once) {
        if (isatty(STDERR_FILENO))
            ev_timer_start(p->of.loop, &p->timer);
        return;
    }
    add_inputs(p, &text);
    if (options_have_files(p->of.options, runtime_has_source(p->of.runtime)))
        add_files(p, &text);
    log_info("following %.*s%s%s", (int)text.len, text.at,
             state_dir ? "; state in " : "", state_dir ? state_dir : "");
    bytes_free(&text);
}

static void
add_counts(struct bytes *text, uint64_t n, const char *one, const char *more)
{
    if (n > 0)
        bytes_add_format(text, ", %" PRIu64 " %s", n,
                         text_plural(n, one, more));
}

static void
add_count(struct bytes *text, uint64_t n, const char *what)
{
    add_counts(text, n, what, what);
}

/* What went wrong, or was at least strange. */
static void
add_faults(const struct progress *p, const struct runtime_counts *c,
           struct bytes *text)
{
    uint64_t last, outages = sinks_outages(p->of.sinks, &last);
    struct tail_progress at;

    tail_progress(p->of.tail, &at);
    add_counts(text, c->late, "line late", "lines late");
    add_counts(text, c->ahead, "timestamp in the future",
               "timestamps in the future");
    add_counts(text, c->early, "timestamp before 2001",
               "timestamps before 2001");
    add_counts(text, c->duplicate_keys, "key there twice", "keys there twice");
    add_counts(text, at.nul_runs, "run of NUL bytes passed over",
               "runs of NUL bytes passed over");
    add_counts(text, tail_faults(p->of.tail), "fault of an input",
               "faults of inputs");
    add_count(text, rejects_count(p->of.rejects), "rejected");
    add_counts(text, outages, "outage of a destination",
               "outages of destinations");
    add_count(text, last, "of them not over");
}

void
progress_summary(const struct progress *p)
{
    uint64_t lines = *p->of.lines;
    struct runtime_counts counts;
    struct bytes text = { 0 };

    runtime_counts(p->of.runtime, &counts);
    bytes_add_format(&text, "%" PRIu64 " %s", lines,
                     text_plural(lines, "line", "lines"));
    add_count(&text, counts.events, "decoded");
    add_count(&text, counts.skipped, "wanted by no handler");
    add_count(&text, counts.not_events, "without an event");
    add_count(&text, counts.removed, "taken off the road");
    add_count(&text, counts.made, "made by scripts");
    add_count(&text, counts.emitted, "emitted");
    add_counts(&text, counts.failures, "failure of a handler",
               "failures of handlers");
    add_counts(&text, counts.unkept, "value of state not kept",
               "values of state not kept");
    add_counts(&text, commit_held(p->of.commit),
               "pause for a handler that waits",
               "pauses for handlers that wait");
    add_counts(&text, counts.timers, "timer run", "timers run");
    add_faults(p, &counts, &text);
    log_info("%.*s", (int)text.len, text.at);
    bytes_free(&text);
}

void
progress_stop(struct progress *p)
{
    ev_timer_stop(p->of.loop, &p->timer);
    if (p->shown)
        fputs("\r\033[K", stderr);
}

void
progress_end(struct progress *p)
{
    struct runtime_counts counts;

    runtime_counts(p->of.runtime, &counts);
    if (!p->of.options->once || p->shown || tail_faults(p->of.tail) > 0 ||
        counts.unkept > 0 || counts.early > 0 ||
        rejects_count(p->of.rejects) > 0)
        progress_summary(p);
    if (rejects_count(p->of.rejects) > 0)
        log_info("what was rejected is %skept in %s",
                 rejects_are_kept(p->of.rejects) ? "" : "not all ",
                 rejects_path(p->of.rejects));
}
