/* options_state.c -- where a run reads from and keeps things, unless told. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "options.h"

const char *
options_default_input(void)
{
    const char *path = getenv("OPENVIDU_CDR_PATH");

    return path != NULL && *path != '\0' ? path : "/opt/openvidu/cdr";
}

bool
options_have_files(const struct options *o, bool has_source)
{
    for (size_t i = 0; i < o->inputs.n; i++)
        if (strcmp(o->inputs.list[i], "-") != 0)
            return true;
    return o->inputs.n == 0 && !has_source;
}

bool
options_keep_state(const struct options *o, bool has_source)
{
    return o->state != NULL || (!o->once && options_have_files(o, has_source));
}

/* "sub/rules.lua" gives "rules", a built-in its own name. */
static void
add_script_name(struct bytes *out, const char *script)
{
    const char *slash = strrchr(script, '/');
    const char *base = slash ? slash + 1 : script;
    size_t len = strlen(base);

    if (len > 4 && strcmp(base + len - 4, ".lua") == 0)
        len -= 4;
    if (out->len > 0)
        bytes_add_text(out, "+");
    bytes_add(out, base, len);
}

/* The caller frees it. */
static char *
run_name(const struct options *o)
{
    struct bytes name = { 0 };

    if (o->name != NULL)
        return mem_dup(o->name);
    for (size_t i = 0; i < o->scripts.n; i++)
        add_script_name(&name, o->scripts.list[i]);
    bytes_add(&name, "", 1);
    return name.at;
}

char *
options_state_dir(const struct options *o)
{
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *name, *dir;

    if (o->state != NULL)
        return mem_dup(o->state);
    name = run_name(o);
    if (geteuid() == 0)
        dir = mem_format("/var/lib/cdrlua/%s", name);
    else if (xdg != NULL && *xdg == '/')
        dir = mem_format("%s/cdrlua/%s", xdg, name);
    else
        dir = mem_format("%s/.local/state/cdrlua/%s", home ? home : ".", name);
    mem_free(name);
    return dir;
}

char *
options_rejects_path(const struct options *o)
{
    char *dir, *path;

    if (o->rejects != NULL)
        return mem_dup(o->rejects);
    dir = options_state_dir(o);
    path = mem_format("%s/rejects.jsonl", dir);
    mem_free(dir);
    return path;
}
