/* anew.c -- a run that cannot go on starts anew from its last commit.
 *
 * What is below "in a signal handler" may call little: no memory, no printf. */
#include "anew.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "signals.h"
#include "state/poison.h"

#define OFTEN        5 /* so many times in OFTEN_S are too many */
#define OFTEN_S      60
#define JUST_NOW_S   5
#define STACK_SIZE   (64 * 1024)
#define REASON_STUCK "the handler never came back"
#define REASON_GC    "a finalizer (__gc) never came back"

struct anew {
    const struct options *options;
    const struct runtime *runtime;
    struct poison *poison; /* NULL: no places are kept */
    bool reads_once;       /* what was read cannot be read again */
    struct bytes words;    /* of the command line, each with its NUL */
    char **argv;
    pid_t thread; /* that runs handlers */
    char *stack;
    char reason[64];
};

static struct anew *only;
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#define N_CRASHES (sizeof crashes / sizeof *crashes)

/* ---- in a signal handler ---- */

static void
say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

    (void)ignored;
}

static const char *
name_of(int number)
{
    const char *name = sigabbrev_np(number);

    return name != NULL ? name : "?";
}

/* "cdrlua: error: rules: the handler never came back: the run ends" */
static void
say_end(const char *station, int number)
{
    say("cdrlua: error: ");
    if (station != NULL) {
        say(station);
        say(": ");
    }
    if (number == 0) {
        say(station != NULL ? REASON_STUCK : REASON_GC);
    } else {
        say("the program was ended by SIG");
        say(name_of(number));
    }
    say(": the run ends\n");
}

static void
run_again(const struct anew *a)
{
    sigset_t none;

    signal(SIGVTALRM, SIG_IGN); /* it ticks on */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close_range(STDERR_FILENO + 1, UINT_MAX, 0);
    execv("/proc/self/exe", a->argv);
}

static bool
may_run_again(const struct anew *a)
{
    return !a->reads_once && !signals_came() &&
           poison_since(a->poison, time(NULL) - OFTEN_S) < OFTEN;
}

/* Whether the line is known to the next run. */
static bool
note(const struct anew *a, const struct script_line *line, const char *station,
     int number)
{
    struct poisoned p = { .first_line = line->first_line,
                          .offset = line->offset,
                          .when_s = time(NULL),
                          .signal = number };

    if (station != NULL)
        memccpy(p.station, station, '\0', sizeof p.station - 1);
    return poison_add(a->poison, &p) == 0;
}

/* Comes back where it cannot start anew. */
static void
give_up(struct anew *a, int number)
{
    const char *station;
    const struct script_line *line = runtime_in_hand(a->runtime, &station);

    if (a->poison != NULL && line != NULL && note(a, line, station, number) &&
        may_run_again(a))
        run_again(a);
    say_end(station, number);
}

void
anew_stuck(void *anew)
{
    give_up(anew, 0);
    _exit(1);
}

/* Behind it stands the system's own action, which leaves a core. */
static void
on_crash(int number)
{
    int cause = errno;

    if (gettid() == only->thread)
        give_up(only, number);
    errno = cause;
    raise(number);
}

/* ---- before ---- */

static void
catch_crashes(struct anew *a)
{
    stack_t stack = { .ss_size = STACK_SIZE };
    struct sigaction before;
    struct sigaction action = { .sa_handler = on_crash,
                                .sa_flags = SA_RESETHAND | SA_ONSTACK };

    sigemptyset(&action.sa_mask);
    stack.ss_sp = a->stack = mem_new(STACK_SIZE);
    if (sigaltstack(&stack, NULL) < 0)
        return;
    for (size_t i = 0; i < N_CRASHES; i++)
        if (sigaction(crashes[i], NULL, &before) == 0 &&
            before.sa_handler == SIG_DFL)
            sigaction(crashes[i], &action, NULL);
}

static void
let_crashes(void)
{
    struct sigaction now;

    for (size_t i = 0; i < N_CRASHES; i++)
        if (sigaction(crashes[i], NULL, &now) == 0 &&
            now.sa_handler == on_crash)
            signal(crashes[i], SIG_DFL);
    sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
}

/* The words that the program was started with. */
static void
read_words(struct anew *a)
{
    FILE *f = fopen("/proc/self/cmdline", "re");
    size_t n, count = 0;
    char *word;

    while (f != NULL &&
           (n = fread(bytes_room(&a->words, 4096), 1, 4096, f)) > 0)
        a->words.len += n;
    if (f != NULL)
        fclose(f);
    bytes_add(&a->words, "", 1);
    a->argv = mem_new((a->words.len + 1) * sizeof *a->argv);
    for (word = a->words.at; word + 1 < a->words.at + a->words.len;
         word += strlen(word) + 1)
        a->argv[count++] = word;
}

static bool
reads_once(const struct options *o, const struct runtime *rt)
{
    for (size_t i = 0; i < o->inputs.n; i++)
        if (strcmp(o->inputs.list[i], "-") == 0)
            return true;
    return runtime_has_source(rt);
}

struct anew *
anew_new(const struct options *o, const struct runtime *rt)
{
    struct anew *a = mem_new(sizeof *a);

    a->options = o;
    a->runtime = rt;
    a->thread = gettid();
    return a;
}

void
anew_free(struct anew *a)
{
    if (a == NULL)
        return;
    if (only == a) {
        let_crashes();
        only = NULL;
    }
    poison_free(a->poison);
    bytes_free(&a->words);
    mem_free(a->argv);
    mem_free(a->stack);
    mem_free(a);
}

static const char *
reason_of(struct anew *a, const struct poisoned *p)
{
    if (p->signal == 0)
        return p->station[0] != '\0' ? REASON_STUCK : REASON_GC;
    snprintf(a->reason, sizeof a->reason, "the program was ended by SIG%s",
             name_of(p->signal));
    return a->reason;
}

static void
tell(struct anew *a)
{
    const struct poisoned *last = poison_last(a->poison);
    const char *of;

    if (last == NULL || last->when_s < time(NULL) - JUST_NOW_S)
        return;
    of = last->station[0] != '\0' ? last->station : "decoding";
    log_warn("%s: %s: started anew from the last commit", of,
             reason_of(a, last));
}

void
anew_open(struct anew *a, const char *dir)
{
    a->reads_once = reads_once(a->options, a->runtime);
    read_words(a);
    if (dir != NULL) {
        a->poison = poison_open(dir);
        tell(a);
    }
    only = a;
    catch_crashes(a);
}

const char *
anew_refuses(struct anew *a, const struct tail_line *line, const char **station)
{
    const struct poisoned *p;

    if (a->poison == NULL)
        return NULL;
    p = poison_find(a->poison, line->first_line, line->start.offset);
    if (p == NULL)
        return NULL;
    *station = p->station[0] != '\0' ? p->station : NULL;
    return reason_of(a, p);
}
