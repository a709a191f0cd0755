/* check.c -- do the scripts of a run load, and what do they subscribe to? */
#include "command/check.h"

#include <ev.h>
#include <stdio.h>
#include <string.h>

#include "action/sinks.h"
#include "script/runtime.h"

/* Nothing travels here, so nothing is held. */
static uint64_t
no_ticket(void *arg)
{
    (void)arg;
    return 0;
}

static void
no_hold(void *arg, uint64_t ticket)
{
    (void)arg;
    (void)ticket;
}

static const struct runtime_calls runtime_calls = { .ticket = no_ticket,
                                                    .hold = no_hold,
                                                    .release = no_hold };
static const struct outbox_calls outbox_calls = { .taken = no_hold };

static void
print_subscription(void *arg, const char *station, const char *event,
                   const char *where)
{
    if (strcmp(arg, station) == 0)
        printf("  %-26s %s\n", event, where);
}

static void
print_station(void *arg, const char *station)
{
    printf("%s:\n", station);
    runtime_subscriptions(arg, print_subscription, (char *)station);
}

static int
load(struct runtime *rt)
{
    struct error err;

    if (runtime_load(rt, &err) < 0) {
        log_error("%s", err.text);
        return 2;
    }
    runtime_stations(rt, print_station, rt);
    return 0;
}

int
check_scripts(const struct options *o)
{
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct runtime_options options = { .sets = o->sets.list,
                                       .lua_dir = o->lua_dir,
                                       .scripts = o->scripts.list,
                                       .clock = RUNTIME_CLOCK_EVENT };
    struct sinks *sinks = sinks_new(loop, &outbox_calls, NULL);
    struct runtime *rt =
        runtime_new(loop, sinks, &options, &runtime_calls, NULL);
    int code = load(rt);

    runtime_free(rt);
    sinks_free(sinks);
    ev_loop_destroy(loop);
    return code;
}
