/* tail.h -- follow directories, files and globs, losing no line of them. */
#ifndef INPUT_TAIL_H
#define INPUT_TAIL_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/place.h"

struct tail;

enum tail_from { TAIL_FROM_CHECKPOINT, TAIL_FROM_START, TAIL_FROM_END };

struct tail_options {
    size_t max_line; /* bytes */
    double sweep_s;  /* how often the files are looked at without inotify */
    enum tail_from from;
    bool once; /* read to the end, then `done` */
};

/* One line, lent until the callback returns. `start` and `end` are its places;
 * `start` is the place to resume at while the line is in hand. */
struct tail_line {
    const char *text;
    size_t len;
    struct place start, end;
    const char *path;    /* the name the file was found by; "-" for stdin */
    uint32_t series;     /* a number below tail_n_series, of what it is from */
    uint64_t first_line; /* hash of (the first 1024 bytes of) the file's first
                            line: the same for a renamed file and its .gz */
    bool too_long;       /* reject it: `text` is only its beginning */
    bool half;           /* it has no newline and none will come */
};

/* `line` returns false to refuse a line that is `half`: it then stays before
 * the resume place (or, from standard input, is gone). The return value for
 * whole lines means nothing. Inside the callbacks tail_pause and tail_stop may
 * be called, tail_free may not. */
struct tail_calls {
    bool (*line)(void *arg, const struct tail_line *line);
    /* TAIL_FROM_END: what stands before the place is not wanted, then or later
     */
    void (*skipped)(void *arg, struct place place);
    void (*opened)(void *arg, const char *path, uint64_t offset);
    void (*ended)(void *arg, const char *path, uint64_t offset);
    void (*drained)(void *arg); /* all that was there was lent */
    log_note_fn *note;
    void (*done)(void *arg); /* nothing is left and nothing will come */
};

/* For a clock by the lines' timestamps, which tail itself knows nothing of. */
struct tail_clock {
    /* The series was read to its end; the next line of it says otherwise. */
    void (*rested)(void *arg, uint32_t series);
    void (*caught_up)(void *arg); /* all were, just now */
    /* With `once`, whether lines of `series` should come before the other's. */
    bool (*is_behind)(void *arg, uint32_t series, uint32_t other);
};

struct tail *tail_new(struct ev_loop *loop, const struct tail_options *options,
                      const struct tail_calls *calls, void *arg);
void tail_free(struct tail *t);

/* Before tail_start, where there is one. */
void tail_tell_clock(struct tail *t, const struct tail_clock *clock, void *arg);

/* Before tail_start. An input is a directory (its CDR.*.log and their .gz), a
 * file, a glob or "-". -1: it is not there, or can never give a line. */
int tail_add(struct tail *t, const char *input, struct error *err);

/* Before tail_start: what the checkpoint knows, copied. */
void tail_remember(void *tail, const struct record *record);

/* -1: the file of that name (absolute) is, or would be, read as an input, or a
 * CDR.*.log in that folder (a slash at its end) may be: nobody may write there
 * what was read. */
int tail_refuse_circle(void *tail, const char *path, struct error *err);

/* How many series there are: a directory, glob or name is one, a stream too. */
uint32_t tail_n_series(const struct tail *t);

/* Begins to watch and to read. -1: the system gave no watch. */
int tail_start(struct tail *t, struct error *err);

/* No line comes until tail_resume; calls may be repeated. */
void tail_pause(struct tail *t);
void tail_resume(struct tail *t);

/* Looks for what came, told of or not; then comes `caught_up`, sooner or later:
 * everything that was written before this call has been read then. */
void tail_look(struct tail *t);

/* No line comes any more; the records can still be asked for. */
void tail_stop(struct tail *t);

/* Fills in what is kept of the file that `place` is in; `path` is lent until
 * the next callback. -1: that file is not known any more (it was let go of
 * after its last line). */
int tail_record(struct tail *t, struct place place, struct record *record);

/* For the progress line and the first message: bytes read so far and bytes
 * known to be there (0 where that cannot be said: .gz, standard input). */
struct tail_progress {
    uint64_t read_bytes, known_bytes;
    size_t files;
    uint64_t nul_runs;
};
void tail_progress(const struct tail *t, struct tail_progress *progress);

/* How often something could not be read, or not to its end; told each time. */
uint64_t tail_faults(const struct tail *t);

#endif
