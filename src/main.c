/* main.c -- the commands of cdrlua. */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/alerts.h"
#include "command/check.h"
#include "command/review.h"
#include "command/silence.h"
#include "options.h"
#include "pipeline.h"
#include "script/builtin.h"

struct command {
    const char *name, *usage, *summary;
    enum options_of options;
    int (*run)(struct options *o);
    const char *help;
};

static int run(struct options *o);
static int check(struct options *o);
static int scripts(struct options *o);
static int help(struct options *o);

static const struct command commands[] = {
    { "run", "run [OPTIONS] SCRIPT [INPUT...]",
      "follow CDR files and run scripts on their events", OPTIONS_RUN, run,
      "SCRIPT is a file (its name ends in .lua or has a slash) or a built-in\n"
      "script (see: cdrlua scripts). Several: -s SCRIPT -s SCRIPT INPUT...\n"
      "INPUT is a folder (its CDR.*.log files), a file, a glob in quotes, or\n"
      "- for standard input; without one, the folder $OPENVIDU_CDR_PATH, else\n"
      "/opt/openvidu/cdr.\n"
      "\n"
      "  cdrlua run rules.lua\n"
      "  cdrlua run rules.lua /opt/openvidu/cdr -w events.jsonl\n"
      "  cdrlua run --once print CDR.2020-*.log.gz\n"
      "  cdrlua run --once filter --set where='duration > 60' FILE\n"
      "  docker logs openvidu-server | cdrlua run print -\n"
      "\n"
      "Exit codes: 0 done, 1 a fault while running, 2 bad usage or a script\n"
      "that does not load. SIGINT and SIGTERM finish what is in hand first, a\n"
      "second one stops at once; SIGUSR1 logs the figures so far.\n" },
    { "check", "check [OPTIONS] SCRIPT...",
      "load scripts and list what they subscribe to", OPTIONS_CHECK, check,
      "Compiles and loads each script, opens no input and no sink.\n"
      "\n"
      "  cdrlua check rules.lua\n"
      "\n"
      "Exit codes: 0, or 2 when a script does not load.\n" },
    { "scripts", "scripts [NAME]",
      "list the built-in scripts, or print the source of one", OPTIONS_NONE,
      scripts,
      "A built-in script is a user's script that ships: print its source to\n"
      "start one of your own from.\n"
      "\n"
      "  cdrlua scripts filter > myfilter.lua\n" },
    { "rejects", "rejects [list|show|replay|drop] ...",
      "look at what was rejected, send it again, drop it", OPTIONS_REJECTS,
      review_rejects,
      "  rejects [list] [WHICH...]           a line for each, or --by reason\n"
      "  rejects show WHICH...               all of it, with the text\n"
      "  rejects replay SCRIPT [WHICH...]    run scripts on it once more\n"
      "  rejects replay --to DEST [WHICH...] send the texts there; with "
      "neither\n"
      "                                      to the sinks that refused them\n"
      "  rejects drop WHICH...|--all         it counts as gone\n"
      "\n"
      "WHICH: numbers of the list, ranges as 2-5 or 7-, ids, or options from\n"
      "--reason to --id; together they must all fit. The file is that of\n"
      "--state or --name, or a FILE (ends in .jsonl; - is standard input). A\n"
      "run may write to it meanwhile. What replay brings through is dropped;\n"
      "cdr.id() is the same as the first time, what scripts remember is empty\n"
      "and not kept.\n"
      "\n"
      "  cdrlua rejects list --name rules --by reason\n"
      "  cdrlua rejects show --name rules 3\n"
      "  cdrlua rejects replay rules.lua --since 2h\n"
      "  cdrlua rejects drop --state /var/lib/cdrlua/rules --until 2026-10-31\n"
      "\n"
      "Exit codes: 0 done, 1 something was not (of a replay: not taken), 2 "
      "bad\n"
      "usage or a file that cannot be read.\n" },
    { "alerts", "alerts [list|history] [RUN]",
      "list alerts that are pending or firing, and what was", OPTIONS_ALERTS,
      alerts_command,
      "  alerts [list] [RUN]     status, since when, severity, name, key, "
      "summary\n"
      "  alerts history [RUN]    when, to which status, the same; newest last\n"
      "\n"
      "RUN is --state DIR, --name NAME, or the run's SCRIPT. It may go on\n"
      "meanwhile; what is listed is what it has kept, about once a second.\n"
      "\n"
      "  cdrlua alerts rules.lua\n"
      "  cdrlua alerts history --name rules --since 2h --severity critical\n"
      "  cdrlua alerts history rules.lua --alert 'network*' -n 20 --json\n"
      "\n"
      "Exit codes: 0 done, 1 something was not, 2 bad usage, or no run has\n"
      "kept its state there.\n" },
    { "silence", "silence [list|add|expire] ...",
      "keep alerts from telling anybody for a while", OPTIONS_SILENCE,
      silence_command,
      "  silence [list] [RUN]                active and pending ones, with "
      "--all\n"
      "                                      those that have expired\n"
      "  silence add LABEL=VALUE... [RUN]    alerts that have all these "
      "labels;\n"
      "                                      prints the id\n"
      "  silence expire ID...|--all [RUN]    they end now\n"
      "\n"
      "LABEL is a label of the alert: name, severity, key and what the script\n"
      "gives it; in VALUE * stands for any text and ? for any character. RUN "
      "is\n"
      "--state DIR, --name NAME, or the run's SCRIPT; one that goes on takes\n"
      "notice at once. What expired is forgotten after 40 days.\n"
      "\n"
      "  cdrlua silence add name='network*' --for 2h --comment 'new router' "
      "\\\n"
      "      rules.lua\n"
      "  cdrlua silence add severity=info --from 22:00 --for 8h --name rules\n"
      "  cdrlua silence list --all --name rules\n"
      "  cdrlua silence expire 3 --name rules\n"
      "\n"
      "Exit codes: 0 done, 1 something was not, 2 bad usage, or no run has\n"
      "kept its state there.\n" },
    { "help", "help [COMMAND]", "explain a command", OPTIONS_NONE, help, "" },
    { NULL, NULL, NULL, OPTIONS_NONE, NULL, NULL },
};

static const struct command *
find_command(const char *name)
{
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static int
unknown_command(const char *name)
{
    const char *names[sizeof commands / sizeof *commands], *near;
    size_t n = 0;

    for (const struct command *c = commands; c->name != NULL; c++)
        names[n++] = c->name;
    names[n] = NULL;
    near = text_nearest(name, names, 2);
    if (near != NULL)
        log_error("unknown command \"%s\" (did you mean \"%s\"?)", name, near);
    else
        log_error("unknown command \"%s\" (see: cdrlua help)", name);
    return 2;
}

static void
print_overview(FILE *out)
{
    fputs("cdrlua: Lua scripts on OpenVidu's call detail records\n\nusage:\n",
          out);
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(out, "  cdrlua %-34s %s\n", c->usage, c->summary);
    fputs("  cdrlua --version\n\n"
          "cdrlua help COMMAND tells more. To begin with:\n"
          "  cdrlua run --once print CDR.2020-09-29_17-50-01.log\n",
          out);
}

static void
print_help(const struct command *c, FILE *out)
{
    fprintf(out, "usage: cdrlua %s\n\n%s%s", c->usage, c->help,
            *c->help ? "\n" : "");
    options_help(c->options, out);
}

/* ---- the commands ---- */

static int
needs_script(const char *command)
{
    log_error("%s: which script? (see: cdrlua help %s)", command, command);
    return 2;
}

/* The first word is the script, unless -s named some. */
static int
run(struct options *o)
{
    size_t i = 0;

    if (o->scripts.n == 0 && o->rest.n > 0)
        words_add(&o->scripts, o->rest.list[i++]);
    if (o->scripts.n == 0)
        return needs_script("run");
    for (; i < o->rest.n; i++)
        words_add(&o->inputs, o->rest.list[i]);
    return pipeline_run(o);
}

static int
check(struct options *o)
{
    for (size_t i = 0; i < o->rest.n; i++)
        words_add(&o->scripts, o->rest.list[i]);
    if (o->scripts.n == 0)
        return needs_script("check");
    return check_scripts(o);
}

static void
print_script(void *arg, const char *script, const char *summary)
{
    (void)arg;
    printf("%-10s %s\n", script, summary);
}

static int
print_source(const char *name)
{
    const struct builtin_file *file = builtin_script(name);

    if (file == NULL) {
        log_error("no built-in script \"%s\" (see: cdrlua scripts)", name);
        return 2;
    }
    fwrite(file->text, 1, file->len, stdout);
    return 0;
}

static int
scripts(struct options *o)
{
    int code = 0;

    if (o->rest.n == 0)
        builtin_each_script(print_script, NULL);
    for (size_t i = 0; i < o->rest.n && code == 0; i++)
        code = print_source(o->rest.list[i]);
    return code;
}

static int
help(struct options *o)
{
    const struct command *c;

    if (o->rest.n == 0) {
        print_overview(stdout);
        return 0;
    }
    c = find_command(o->rest.list[0]);
    if (c == NULL)
        return unknown_command(o->rest.list[0]);
    print_help(c, stdout);
    return 0;
}

/* ---- which one ---- */

static int
dispatch(const struct command *c, int argc, char **argv)
{
    struct options o;
    struct error err;
    int code;

    if (options_parse(&o, c->options, argc, argv, &err) < 0) {
        log_error("%s: %s (see: cdrlua help %s)", c->name, err.text, c->name);
        code = 2;
    } else if (o.help) {
        print_help(c, stdout);
        code = 0;
    } else {
        log_setup(o.log_level, o.log_json);
        code = c->run(&o);
    }
    options_free(&o);
    return code;
}

/* What was printed must have arrived. */
static int
flushed(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    log_error("standard output: cannot be written");
    return code == 0 ? 1 : code;
}

static bool
is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* glibc keeps more and more for itself after a burst; what a follower needs at
 * a busy minute it should not hold for days. */
#define KEEP_BYTES (128 * 1024)

/* A descriptor that came closed would be given to the next file opened. A
 * folder in its place can be neither read nor written: whoever tries is told.
 */
static void
fill_closed_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/", O_RDONLY | O_DIRECTORY) != fd)
            abort();
}

/* A sink for each tenant, and files to follow: as many as the system lets. */
static void
raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const struct command *c;

    fill_closed_descriptors();
    raise_file_limit();
    mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
    if (word == NULL) {
        print_overview(stderr);
        return 2;
    }
    if (is_one_of(word, "--version", "-V")) {
        puts("cdrlua " CDRLUA_VERSION);
        return flushed(0);
    }
    if (is_one_of(word, "--help", "-h")) {
        print_overview(stdout);
        return flushed(0);
    }
    c = find_command(word);
    if (c == NULL)
        return unknown_command(word);
    return flushed(dispatch(c, argc - 1, argv + 1));
}
