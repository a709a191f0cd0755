/* options_list.c -- every option that there is, and what it takes. */
#include "options_list.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
take_script(struct options *o, const char *value, struct error *err)
{
    (void)err;
    words_add(&o->scripts, value);
    return 0;
}

static int
take_forward(struct options *o, const char *value, struct error *err)
{
    (void)err;
    words_add(&o->forwards, value);
    return 0;
}

static int
take_set(struct options *o, const char *value, struct error *err)
{
    const char *equals = strchr(value, '=');

    if (equals == NULL || equals == value)
        return fail(err, "--set %s: not KEY=VALUE", value);
    words_add(&o->sets, value);
    return 0;
}

/* A word that is kept as it is. */
#define TAKE_WORD(name, field)                                                 \
    static int take_##name(struct options *o, const char *value,               \
                           struct error *err)                                  \
    {                                                                          \
        (void)err;                                                             \
        o->field = value;                                                      \
        return 0;                                                              \
    }
TAKE_WORD(reason, which.reason)
TAKE_WORD(station, which.station)
TAKE_WORD(sink, which.sink)
TAKE_WORD(since, which.since)
TAKE_WORD(until, which.until)
TAKE_WORD(id, which.id)
TAKE_WORD(to, which.to)
TAKE_WORD(lua_dir, lua_dir)
TAKE_WORD(alert, which.alert)
TAKE_WORD(severity, which.severity)
TAKE_WORD(lasts, silencing.lasts)
TAKE_WORD(begin, silencing.from)
TAKE_WORD(end, silencing.until)
TAKE_WORD(comment, silencing.comment)
TAKE_WORD(who, silencing.by)

/* An option without a value. */
#define TAKE_FLAG(name, field)                                                 \
    static int take_##name(struct options *o, const char *value,               \
                           struct error *err)                                  \
    {                                                                          \
        (void)value;                                                           \
        (void)err;                                                             \
        o->field = true;                                                       \
        return 0;                                                              \
    }
TAKE_FLAG(once, once)
TAKE_FLAG(all, which.all)
TAKE_FLAG(json, which.json)
TAKE_FLAG(compact, which.compact)
TAKE_FLAG(help, help)

static int
take_from(struct options *o, const char *value, struct error *err)
{
    if (strcmp(value, "checkpoint") == 0)
        o->from = TAIL_FROM_CHECKPOINT;
    else if (strcmp(value, "start") == 0)
        o->from = TAIL_FROM_START;
    else if (strcmp(value, "end") == 0)
        o->from = TAIL_FROM_END;
    else
        return fail(err, "--from %s: not start, end or checkpoint", value);
    return 0;
}

static int
take_state(struct options *o, const char *value, struct error *err)
{
    if (*value == '\0')
        return fail(err, "--state: an empty name");
    o->state = value;
    return 0;
}

static int
take_name(struct options *o, const char *value, struct error *err)
{
    if (*value == '\0' || *value == '.' || strchr(value, '/') != NULL)
        return fail(err, "--name %s: not a name for a folder", value);
    o->name = value;
    return 0;
}

static int
take_rejects(struct options *o, const char *value, struct error *err)
{
    if (*value == '\0' || strcmp(value, "-") == 0)
        return fail(err, "--rejects: needs the name of a file");
    o->rejects = value;
    return 0;
}

static int
take_number(const char *name, const char *value, double least, double *number,
            struct error *err)
{
    char *end;
    double n = strtod(value, &end);

    if (end == value || *end != '\0' || !isfinite(n) || n < least)
        return fail(err, "--%s %s: not a number from %g on", name, value,
                    least);
    *number = n;
    return 0;
}

/* Bytes, or with K, M or G behind them. False: it is no such size. */
static bool
is_size(const char *value, size_t least, size_t most, size_t *size)
{
    static const char units[] = "KMG";
    char *end;
    unsigned long long n, unit = 1;
    const char *u;

    errno = 0;
    n = strtoull(value, &end, 10);
    u = *end != '\0' ? strchr(units, *end) : NULL;
    if (u != NULL) {
        unit = 1ULL << (10 * (u - units + 1));
        end++;
    }
    *size = (size_t)(n * unit);
    return errno == 0 && *value >= '0' && *value <= '9' && *end == '\0' &&
           n <= most / unit && *size >= least;
}

static int
take_max_line(struct options *o, const char *value, struct error *err)
{
    if (is_size(value, 1024, (size_t)1 << 30, &o->max_line))
        return 0;
    return fail(err, "--max-line %s: not a size from 1K to 1024M", value);
}

static int
take_max_memory(struct options *o, const char *value, struct error *err)
{
    size_t n;

    if (!is_size(value, 0, SIZE_MAX / 2, &n) ||
        (n != 0 && n < (size_t)64 << 20))
        return fail(err, "--max-memory %s: not a size from 64M on, nor 0",
                    value);
    o->max_memory = n;
    return 0;
}

static int
take_sweep(struct options *o, const char *value, struct error *err)
{
    return take_number("sweep", value, 0.01, &o->sweep_s, err);
}

static int
take_max_time(struct options *o, const char *value, struct error *err)
{
    if (take_number("max-time", value, 0, &o->max_time_s, err) < 0)
        return -1;
    return o->max_time_s == 0 ||
                   (o->max_time_s >= 0.1 && o->max_time_s <= 86400)
               ? 0
               : fail(err, "--max-time %s: not from 0.1 to 86400, nor 0",
                      value);
}

static int
take_grace(struct options *o, const char *value, struct error *err)
{
    return take_number("grace", value, 0, &o->grace_s, err);
}

static int
take_log_level(struct options *o, const char *value, struct error *err)
{
    if (log_level_parse(value, &o->log_level) < 0)
        return fail(err, "--log-level %s: not debug, info, warn or error",
                    value);
    return 0;
}

static int
take_log_format(struct options *o, const char *value, struct error *err)
{
    o->log_json = strcmp(value, "json") == 0;
    if (!o->log_json && strcmp(value, "text") != 0)
        return fail(err, "--log-format %s: not text or json", value);
    return 0;
}

static int
take_clock(struct options *o, const char *value, struct error *err)
{
    static const char *const words[] = { "auto", "event", "wall" };

    for (int i = 0; i < 3; i++) {
        if (strcmp(value, words[i]) == 0) {
            o->clock = (enum runtime_clock)i;
            return 0;
        }
    }
    return fail(err, "--clock %s: not auto, event or wall", value);
}

static int
take_lateness(struct options *o, const char *value, struct error *err)
{
    if (take_number("lateness", value, 0, &o->lateness_s, err) < 0)
        return -1;
    return o->lateness_s <= 86400
               ? 0
               : fail(err, "--lateness %s: over a day (86400)", value);
}

static int
take_rejects_keep(struct options *o, const char *value, struct error *err)
{
    if (take_number("rejects-keep", value, 0, &o->rejects_keep_days, err) < 0)
        return -1;
    return o->rejects_keep_days <= 10000
               ? 0
               : fail(err, "--rejects-keep %s: over 10000", value);
}

static int
take_by(struct options *o, const char *value, struct error *err)
{
    o->which.by = value;
    if (strcmp(value, "reason") == 0 || strcmp(value, "station") == 0 ||
        strcmp(value, "sink") == 0 || strcmp(value, "file") == 0)
        return 0;
    return fail(err, "--by %s: not reason, station, sink or file", value);
}

static int
take_count(struct options *o, const char *value, struct error *err)
{
    double n = 0;

    if (take_number("count", value, 1, &n, err) < 0)
        return -1;
    o->which.count = n < 1e9 ? (size_t)n : 0;
    return 0;
}

#define RUN     OPTIONS_RUN
#define REJECTS OPTIONS_REJECTS
#define ROAD    (RUN | REJECTS)
#define LOAD    (ROAD | OPTIONS_CHECK)
#define SILENCE OPTIONS_SILENCE
#define ALERTS  OPTIONS_ALERTS
#define VISIT   (SILENCE | ALERTS)
#define LOG     (LOAD | VISIT)
#define EVERY   (LOG | OPTIONS_NONE)

const struct spec options_list[OPTIONS_LISTED] = {
    { "script", 's', "SCRIPT", LOAD, take_script,
      "a script; may be repeated: events pass them in this order" },
    { "write", 'w', "DEST", ROAD, take_forward,
      "write each event that survives the road to DEST: - (standard\n"
      "output), a file, DIR/ (files for each day, named as OpenVidu's\n"
      "by the events' time), or a URL (see README.md); may be repeated" },
    { "set", 0, "KEY=VALUE", LOAD, take_set,
      "an option of the scripts, or of one: SCRIPT.KEY=VALUE" },
    { "once", 0, NULL, RUN, take_once,
      "read to the end, then exit, instead of following" },
    { "from", 0, "PLACE", RUN, take_from,
      "where to begin: checkpoint (default; a file without one from its\n"
      "start), start, or end" },
    { "state", 0, "DIR", RUN, take_state,
      "keep the resume places, and what scripts remember, here (default:\n"
      "a folder for each set of scripts under ~/.local/state/cdrlua, root:\n"
      "/var/lib/cdrlua; with --once nothing is kept unless this is given)" },
    { "name", 0, "NAME", RUN, take_name,
      "the name of that folder (default: the scripts' names)" },
    { "rejects", 0, "FILE", RUN, take_rejects,
      "keep lines that could not be used here (default: rejects.jsonl in\n"
      "the state folder)" },
    { "rejects-keep", 0, "DAYS", RUN, take_rejects_keep,
      "how long the rejects.jsonl of a state folder keeps what is in it\n"
      "(default 40; looked at when a run starts; never over 100 MB)" },
    { "state", 0, "DIR", REJECTS, take_state,
      "the rejects of the run that keeps its state here" },
    { "name", 0, "NAME", REJECTS, take_name,
      "those of the run of that name (default: the scripts' names)" },
    { "rejects", 0, "FILE", REJECTS, take_rejects, "those in this file" },
    { "reason", 0, "TEXT", REJECTS, take_reason,
      "only those with it in their reason" },
    { "station", 0, "NAME", REJECTS, take_station,
      "only where that script failed" },
    { "sink", 0, "DEST", REJECTS, take_sink,
      "only what a destination with that in its name refused" },
    { "since", 0, "TIME", REJECTS, take_since,
      "only from then on: 2026-11-24, 2026-11-24T13:00 (UTC), or 90m, 12h,\n"
      "7d ago" },
    { "until", 0, "TIME", REJECTS, take_until, "only up to and with then" },
    { "id", 0, "ID", REJECTS, take_id, "only of the event with that id" },
    { "all", 0, NULL, REJECTS, take_all, "drop: all of them" },
    { "by", 0, "WHAT", REJECTS, take_by,
      "list: how many there are by reason, station, sink or file" },
    { "json", 0, NULL, REJECTS, take_json,
      "list, show: one JSON object a line, as in the file, with its number" },
    { "to", 0, "DEST", REJECTS, take_to,
      "replay: send the texts to this destination" },
    { "compact", 0, NULL, REJECTS, take_compact,
      "drop: write the file anew without what is gone; no run may use it" },
    { "script", 's', "SCRIPT", VISIT, take_script,
      "the run of this script; of several: each as the run was told" },
    { "state", 0, "DIR", VISIT, take_state,
      "the run that keeps its state here" },
    { "name", 0, "NAME", VISIT, take_name,
      "the run of that name (default: the scripts' names)" },
    { "for", 0, "TIME", SILENCE, take_lasts,
      "add: how long, as 90m, 2h, 1h30m or 7d (default 1h)" },
    { "until", 0, "TIME", SILENCE, take_end,
      "add: or up to then: 18:30 (today), \"2026-11-26 08:00\", 2026-11-26;\n"
      "local time, or UTC with a Z behind it" },
    { "from", 0, "TIME", SILENCE, take_begin,
      "add: from then on (default: now)" },
    { "comment", 0, "TEXT", SILENCE, take_comment, "add: why" },
    { "by", 0, "NAME", SILENCE, take_who, "add: who says so (default: you)" },
    { "all", 0, NULL, SILENCE, take_all,
      "list: expired ones too; expire: all of them" },
    { "alert", 0, "PATTERN", ALERTS, take_alert,
      "only alerts whose name is like that: network*" },
    { "severity", 0, "PATTERN", ALERTS, take_severity,
      "only those of such a severity" },
    { "since", 0, "TIME", ALERTS, take_since,
      "only what came from then on: 90m, 2h ... ago, 18:30 (today),\n"
      "\"2026-11-26 08:00\", 2026-11-26; local time, or UTC with a Z" },
    { "until", 0, "TIME", ALERTS, take_until, "only up to and with then" },
    { "count", 'n', "COUNT", ALERTS, take_count, "only the last COUNT" },
    { "json", 0, NULL, VISIT, take_json,
      "one JSON object a line, times in milliseconds" },
    { "max-line", 0, "SIZE", RUN, take_max_line,
      "longest line, as 64K or 1M (default 1M); a longer one is rejected" },
    { "max-time", 0, "SECONDS", RUN, take_max_time,
      "how long a handler may run before its event is given up (default\n"
      "10; what it waits for does not count); 0: as long as it likes" },
    { "max-memory", 0, "SIZE", RUN, take_max_memory,
      "how much memory scripts may hold, as 500M or 2G (default: half of\n"
      "the machine's or container's); 0: no limit" },
    { "sweep", 0, "SECONDS", RUN, take_sweep,
      "how often files are looked at where the system gives no notice,\n"
      "such as on NFS (default 5)" },
    { "clock", 0, "CLOCK", RUN, take_clock,
      "what timers go by: auto (default: the events' timestamps, and in\n"
      "silence the wall clock), event (timestamps alone), or wall" },
    { "lateness", 0, "SECONDS", RUN, take_lateness,
      "how late a line may come behind others (default 5): timers wait so\n"
      "long for it" },
    { "grace", 0, "SECONDS", RUN, take_grace,
      "how long a stop waits for what is in hand (default 10)" },
    { "lua-dir", 0, "DIR", LOAD, take_lua_dir,
      "look here for Lua modules before the built-in library" },
    { "log-level", 0, "LEVEL", LOG, take_log_level,
      "debug, info (default), warn or error" },
    { "log-format", 0, "FORMAT", LOG, take_log_format,
      "text (default) or json" },
    { "help", 'h', NULL, EVERY, take_help, "this text" },
};
