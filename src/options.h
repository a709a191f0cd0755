/* options.h -- the words of the command line, checked. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "input/tail.h"
#include "script/runtime.h"

/* A row of words ended by NULL; the words are those of argv. */
struct words {
    const char **list;
    size_t n;
};
void words_add(struct words *w, const char *word);

/* Which rejects or alerts, and what to do with them; NULL: nothing said. */
struct which {
    const char *reason, *station, *sink, *since, *until, *id;
    const char *by, *to;
    const char *alert, *severity; /* patterns */
    size_t count;                 /* 0: all of them */
    bool json, all, compact;
};

/* What was said of a silence; NULL: nothing. */
struct silencing {
    const char *lasts, *from, *until, *comment, *by;
};

struct options {
    const char *command;
    struct words scripts, inputs, forwards, sets;
    struct words rest; /* what is no option, in order */
    bool once, help;
    const char *state, *name, *rejects, *lua_dir; /* NULL: the default */
    enum log_level log_level;
    bool log_json;
    enum tail_from from;
    size_t max_line, max_memory; /* bytes; 0 of memory: no limit */
    double sweep_s, grace_s, rejects_keep_days, lateness_s, max_time_s;
    enum runtime_clock clock;
    struct which which;
    struct silencing silencing;
};

/* Which options a command takes. */
enum options_of {
    OPTIONS_RUN = 1,
    OPTIONS_CHECK = 2,
    OPTIONS_NONE = 4,
    OPTIONS_REJECTS = 8,
    OPTIONS_SILENCE = 16,
    OPTIONS_ALERTS = 32
};

/* Reads argv[1...], argv[0] being the command's name. -1: an unknown option or
 * a bad value; the sentence names it. */
int options_parse(struct options *o, enum options_of command, int argc,
                  char **argv, struct error *err);
void options_free(struct options *o);

/* The row of `verbs` that the first word names, or of the first verb where
 * there is no word. A row is a struct of that size, which begins with its name;
 * the last has NULL. NULL: there is no such verb, which was said: "not
 * CHOICES". */
const void *options_verb(const struct options *o, const void *verbs,
                         size_t size, const char *choices);

/* Prints a line for each option of the command. */
void options_help(enum options_of command, FILE *out);

/* The input of a run without an INPUT: $OPENVIDU_CDR_PATH, else OpenVidu's own
 * folder. */
const char *options_default_input(void);

/* Whether there are files among the inputs: neither standard input nor what
 * scripts make (`has_source`) are. */
bool options_have_files(const struct options *o, bool has_source);

/* Whether the run keeps its places: when told where, and when it follows
 * files. `has_source`: its scripts make the events. */
bool options_keep_state(const struct options *o, bool has_source);

/* Where state and rejects of that run are: --state, else for root
 * /var/lib/cdrlua/NAME, else $XDG_STATE_HOME/cdrlua/NAME, else
 * ~/.local/state/cdrlua/NAME, NAME being --name or the names of its scripts
 * joined by "+". The caller frees it. */
char *options_state_dir(const struct options *o);

/* Where the rejects of that run are: --rejects, else rejects.jsonl there. The
 * caller frees it. */
char *options_rejects_path(const struct options *o);

#endif
