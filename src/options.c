/* options.c -- the words of the command line, checked. */
#include "options.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "options_list.h"

void
words_add(struct words *w, const char *word)
{
    w->list = mem_grow(w->list, (w->n + 2) * sizeof *w->list);
    w->list[w->n++] = word;
    w->list[w->n] = NULL;
}

/* What a container was given; 0: all there is. */
static size_t
memory_given(void)
{
    FILE *f = fopen("/sys/fs/cgroup/memory.max", "re");
    size_t bytes = 0;

    if (f == NULL)
        return 0;
    if (fscanf(f, "%zu", &bytes) != 1)
        bytes = 0;
    fclose(f);
    return bytes;
}

static size_t
half_of_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    size_t given = memory_given();
    size_t all = pages > 0 && size > 0 ? (size_t)pages * (size_t)size : 0;

    return (given > 0 && given < all ? given : all) / 2;
}

static void
set_defaults(struct options *o)
{
    *o = (struct options){
        .log_level = LOG_INFO,
        .from = TAIL_FROM_CHECKPOINT,
        .max_line = 1024 * 1024,
        .sweep_s = 5,
        .grace_s = 10,
        .rejects_keep_days = 40,
        .lateness_s = 5,
        .max_time_s = 10,
        .max_memory = half_of_memory(),
    };
}

/* What getopt_long wants to know; ':' first: tell a missing value apart. */
static void
describe(unsigned command, struct option *longs, char *letters)
{
    *letters++ = ':';
    for (size_t i = 0; i < OPTIONS_LISTED; i++) {
        const struct spec *s = &options_list[i];
        if (!(s->commands & command))
            continue;
        *longs++ =
            (struct option){ s->name, s->value != NULL, NULL, 256 + (int)i };
        if (s->letter != 0) {
            *letters++ = s->letter;
            if (s->value != NULL)
                *letters++ = ':';
        }
    }
    *longs = (struct option){ 0 };
    *letters = '\0';
}

static const struct spec *
spec_of(int got)
{
    for (size_t i = 0; i < OPTIONS_LISTED; i++)
        if (got == 256 + (int)i || (got < 256 && options_list[i].letter == got))
            return &options_list[i];
    return NULL;
}

static int
unknown(const char *word, unsigned command, struct error *err)
{
    const char *names[OPTIONS_LISTED + 1], *near;
    size_t n = 0;

    for (size_t i = 0; i < OPTIONS_LISTED; i++)
        if (options_list[i].commands & command)
            names[n++] = options_list[i].name;
    names[n] = NULL;
    near =
        strncmp(word, "--", 2) == 0 ? text_nearest(word + 2, names, 2) : NULL;
    if (near != NULL)
        return fail(err, "unknown option \"%s\" (did you mean \"--%s\"?)", word,
                    near);
    return fail(err, "unknown option \"%s\"", word);
}

/* What getopt_long did not like. */
static int
complain(int got, char **argv, unsigned command, struct error *err)
{
    char letter[3] = { '-', (char)optopt, '\0' };
    const struct spec *s = spec_of(optopt);
    const char *word = argv[optind - 1];

    if (got == ':')
        return fail(err, "option \"%s\" needs a value: %s",
                    optopt < 256 ? letter : word, s ? s->value : "?");
    if (optopt >= 256)
        return fail(err, "option \"%s\" takes no value", word);
    return unknown(optopt != 0 ? letter : word, command, err);
}

int
options_parse(struct options *o, enum options_of command, int argc, char **argv,
              struct error *err)
{
    struct option longs[OPTIONS_LISTED + 1];
    char letters[2 * OPTIONS_LISTED + 2];
    int got;

    set_defaults(o);
    o->command = argv[0];
    describe(command, longs, letters);
    opterr = 0;
    optind = 1;
    while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (got == '?' || got == ':')
            return complain(got, argv, command, err);
        if (spec_of(got)->take(o, optarg, err) < 0)
            return -1;
    }
    for (int i = optind; i < argc; i++)
        words_add(&o->rest, argv[i]);
    return 0;
}

void
options_free(struct options *o)
{
    mem_free(o->scripts.list);
    mem_free(o->inputs.list);
    mem_free(o->forwards.list);
    mem_free(o->sets.list);
    mem_free(o->rest.list);
}

const void *
options_verb(const struct options *o, const void *verbs, size_t size,
             const char *choices)
{
    const char *row = verbs, *name;

    if (o->rest.n == 0)
        return verbs;
    for (; (name = *(const char *const *)row) != NULL; row += size)
        if (strcmp(name, o->rest.list[0]) == 0)
            return row;
    log_error("%s: %s: not %s", o->command, o->rest.list[0], choices);
    return NULL;
}

static void
print_help(const struct spec *s, FILE *out)
{
    const char *line = s->help, *end;
    char letter[] = { '-', s->letter, ',', ' ', '\0' }, left[40];
    int first = 1;

    snprintf(left, sizeof left, "%s--%s%s%s", s->letter ? letter : "    ",
             s->name, s->value ? " " : "", s->value ? s->value : "");
    for (; *line != '\0'; line = *end ? end + 1 : end) {
        end = line + strcspn(line, "\n");
        fprintf(out, "  %-23s %.*s\n", first ? left : "", (int)(end - line),
                line);
        first = 0;
    }
}

void
options_help(enum options_of command, FILE *out)
{
    fputs("Options:\n", out);
    for (size_t i = 0; i < OPTIONS_LISTED; i++)
        if (options_list[i].commands & command)
            print_help(&options_list[i], out);
}
