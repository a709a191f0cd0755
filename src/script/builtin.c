/* builtin.c -- the Lua files that ship inside the binary, as source. */
#include "script/builtin.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define FOLDER "scripts/"
#define ENDING ".lua"

const struct builtin_file *
builtin_find(const char *name)
{
    for (const struct builtin_file *f = builtin_files; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const struct builtin_file *
builtin_script(const char *script)
{
    char *name = mem_format(FOLDER "%s" ENDING, script);
    const struct builtin_file *file = builtin_find(name);

    mem_free(name);
    return file;
}

/* The script's name when the file is a script: the caller frees it. */
static char *
script_name(const struct builtin_file *file)
{
    const char *name = file->name + strlen(FOLDER);

    if (strncmp(file->name, FOLDER, strlen(FOLDER)) != 0)
        return NULL;
    return mem_dup_bytes(name, strlen(name) - strlen(ENDING));
}

static char *
first_line(const char *text)
{
    text += strspn(text, "- ");
    return mem_dup_bytes(text, strcspn(text, "\n"));
}

void
builtin_each_script(builtin_script_fn *each, void *arg)
{
    for (const struct builtin_file *f = builtin_files; f->name != NULL; f++) {
        char *name = script_name(f), *summary;
        if (name == NULL)
            continue;
        summary = first_line(f->text);
        each(arg, name, summary);
        mem_free(summary);
        mem_free(name);
    }
}

struct row {
    char **names;
    size_t n;
};

static void
add_name(void *arg, const char *script, const char *summary)
{
    struct row *row = arg;

    (void)summary;
    row->names = mem_grow(row->names, (row->n + 2) * sizeof *row->names);
    row->names[row->n++] = mem_dup(script);
    row->names[row->n] = NULL;
}

char **
builtin_names(void)
{
    struct row row = { mem_new(sizeof *row.names), 0 };

    builtin_each_script(add_name, &row);
    return row.names;
}

void
builtin_free_names(char **names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        mem_free(names[i]);
    mem_free(names);
}
