/* follow.h -- what the parts of tail share; for src/input alone.
 *
 * A *life* is one life of a file: bytes that grow behind each other under one
 * number, whatever names they have. An *entry* is one file found in a
 * directory. Following is to find out, for each entry, which life it is: its
 * own, a copy of a life that is known, or a new one. */
#ifndef INPUT_FOLLOW_H
#define INPUT_FOLLOW_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uthash.h>

#include "base/place.h"
#include "input/lines.h"
#include "input/source.h"
#include "input/tail.h"
#include "input/watch.h"

#define QUIET_S 60 /* an old file is closed after that */

struct entry;
struct input;
struct stream;

struct life {
    uint32_t number; /* 0: not ours to read, known to be told apart */
    struct tail *tail;
    struct input *input; /* NULL: of a record that no input is about */
    struct entry *entry; /* the file it is in; NULL: without a name now */
    char *path;          /* absolute, the name it had last */
    char *shown;         /* as the user would spell it */
    char *target;        /* where the path leads, if it is a symbolic link */
    size_t base_len;     /* of its name */
    uint64_t came;       /* when it was found */
    uint64_t dev, ino;
    int64_t seen_ms;

    uint64_t offset, line, tail_hash; /* the resume place */
    uint64_t head_hash; /* of a record, as long as there is no `head` */
    char *head;
    size_t head_len;
    uint64_t first_line;

    struct source *source; /* NULL: closed */
    struct lines *lines;
    uint64_t nul_runs; /* of lines that were freed */
    double moved_s;    /* when bytes came last */
    int stalls;        /* sweeps for which a cut .gz stayed as it was */

    bool from_record;
    bool ready;    /* there may be unread lines */
    bool preceded; /* older files were read to what was their end then */
    bool begun;    /* told as opened */
    bool ended;    /* told as ended */
    bool final;    /* rewritten: what a copy holds is its end */
    bool lost;     /* look for a copy that holds the rest */
    bool gone;     /* nothing is to come of it */
    bool troubled; /* it could not be read: told, tried at each sweep */
    bool told_cut; /* so was that it is a .gz without an end */
    UT_hash_handle hh;
    struct life *next, *prev; /* in all, oldest number first */
};

enum entry_kind {
    ENTRY_NEW,     /* to be decided */
    ENTRY_WAITING, /* too short to say: a copy in the making, maybe */
    ENTRY_OWN,     /* its life is in it */
    ENTRY_COPY     /* of its life, which is elsewhere */
};

struct file_id {
    uint64_t dev, ino;
};

struct entry {
    struct file_id id;
    struct input *input;
    char *path, *shown;
    bool is_link;
    char *real; /* path without symbolic links, which the watch tells of */
    size_t base_len;
    uint64_t came; /* when its name came, or its bytes were rewritten */
    struct stamp stamp;
    enum entry_kind kind;
    struct life *life;
    uint64_t copy_at; /* a copy of so much, at least; and of more? */
    bool copy_more;
    bool due;        /* to be decided */
    bool closed;     /* and it is all there */
    bool from_start; /* was there when the program started */
    bool touched;    /* since it was looked at last */
    bool unsure;     /* touched, and its life was not found in it since */
    bool noted;
    unsigned scan; /* the last one that saw it */
    UT_hash_handle hh, hh_real;
    struct entry *next, *prev; /* of its input */
};

/* What one argument (or several that a shell made of one glob) stands for: a
 * directory and which of its names are followed. */
struct input {
    struct tail *tail;
    uint32_t series;
    bool rests;           /* read to its end */
    char *dir, *real_dir; /* absolute; without symbolic links, or NULL */
    char *shown_dir;      /* what to put before a name; "" for none */
    char **patterns;
    size_t n_patterns;
    bool is_glob;  /* patterns are globs, not names */
    bool openvidu; /* a series of plain arguments */
    bool lost_dir; /* told that the directory is not there */
    bool dirty;    /* to be looked at again */
    bool has_due;  /* entries to be decided */
    bool has_lost; /* lives to look for */
    bool has_unsure;
    uint64_t dir_dev, dir_ino;
    struct entry *entries;
    struct life **order; /* oldest first, those that are not gone */
    size_t n_order;
    bool unordered;
};

struct tail {
    struct ev_loop *loop;
    struct tail_options options;
    struct tail_calls calls;
    void *arg;
    struct tail_clock clock;
    void *clock_arg;
    struct input **inputs;
    size_t n_inputs, turn;
    struct stream **streams;
    size_t n_streams;
    uint32_t n_series;
    struct life *lives, *numbered; /* all; by number */
    struct entry *by_id, *by_real;
    struct watch *watch; /* NULL: only the sweep */
    uint32_t last_number;
    unsigned scan;
    struct arrival *arrivals; /* names that came since the last scan */
    uint64_t came;
    size_t n_gone;
    size_t n_open;
    uint64_t nul_runs; /* of lives that were forgotten */
    uint64_t faults;
    ev_timer again, sweep;
    bool started, paused, stopped, said_done;
    bool more;      /* the last burst filled the buffer */
    bool undrained; /* lines were lent since the caller was told of an end */
    bool starting;  /* what is found now was there at the start */
};

/* A name that the watch told of: two rotations may have happened until the
 * directory is read, and only their order tells which name is older. */
struct arrival {
    char *real;
    uint64_t came;
    UT_hash_handle hh;
};

static inline const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* tail.c */
void tail_note(struct tail *t, enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes a fault of an input: told once by the caller, and counted. */
void tail_fault(struct tail *t, const char *name, const char *cause);
/* Lends one line; `what` tells where it is from. */
bool tail_lend(struct tail *t, struct tail_line *line);
/* Does a bounded piece of what there is to do; or from the event loop. */
void tail_work(struct tail *t);
void tail_again(struct tail *t);

#endif
