/* kafka_conf.c -- a kafka:// URL and its options, told to librdkafka. */
#include "action/kafka_conf.h"

#include <stdio.h>
#include <string.h>

#include "action/path.h"
#include "base/mem.h"

#define TIMEOUT_S  30.
#define TOPIC_MOST 249

const char *const kafka_conf_options[] = {
    "kafka.",   "timeout",      "user",          "user_env", "user_file",
    "password", "password_env", "password_file", NULL
};

/* The value may be a secret: it is not told. */
static int
set(struct kafka_conf *k, const char *key, const char *value, struct error *err)
{
    switch (rd_kafka_conf_set(k->conf, key, value, NULL, 0)) {
    case RD_KAFKA_CONF_OK:
        return 0;
    case RD_KAFKA_CONF_UNKNOWN:
        return fail(err, "%.300s: librdkafka has no property \"%.80s\"",
                    k->shown, key);
    default:
        return fail(err, "%.300s: librdkafka does not take that value of %.80s",
                    k->shown, key);
    }
}

/* HOST or HOST:PORT each, with commas; IPv6 has more colons, in brackets.
 * librdkafka takes a wrong port for another. */
static int
check_brokers(const struct kafka_conf *k, const char *list, struct error *err)
{
    char *copy = mem_dup(list), *rest;
    int rc = 0;

    for (char *one = strtok_r(copy, ",", &rest); rc == 0 && one != NULL;
         one = strtok_r(NULL, ",", &rest)) {
        const char *colon = strrchr(one, ':');

        if (colon == one || (colon != NULL && strchr(colon, ']') == NULL &&
                             !path_is_port(colon + 1)))
            rc = fail(err, "%.300s: \"%.80s\" is no broker", k->shown, one);
    }
    mem_free(copy);
    return rc;
}

static int
read_url(struct kafka_conf *k, const char *dest, struct error *err)
{
    const char *brokers = path_behind_scheme(dest);
    size_t len = strcspn(brokers, "/?"), topic_len;
    const char *topic = brokers + len + (brokers[len] == '/');
    char *list;
    int rc;

    topic_len = strspn(topic, "abcdefghijklmnopqrstuvwxyz0123456789._-"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (memchr(brokers, '@', len) != NULL)
        return fail(err, "%.300s: say user and password as options", k->shown);
    if (len == 0)
        return fail(err, "%.300s: there is no broker", k->shown);
    if (topic_len == 0 || topic_len > TOPIC_MOST || topic[topic_len] != '\0')
        return fail(err, "%.300s: no name of a topic", k->shown);
    k->topic = mem_dup(topic);
    list = mem_dup_bytes(brokers, len);
    rc = check_brokers(k, list, err);
    if (rc == 0)
        rc = set(k, "bootstrap.servers", list, err);
    mem_free(list);
    return rc;
}

static int
read_timeout(struct kafka_conf *k, const struct sink_options *options,
             struct error *err)
{
    char ms[32];
    double timeout_s;

    if (sink_options_number(options, "timeout", TIMEOUT_S, 0.1, 3600,
                            &timeout_s, err) < 0)
        return -1;
    snprintf(ms, sizeof ms, "%.0f", timeout_s * 1000);
    return set(k, "message.timeout.ms", ms, err);
}

/* 1: it was said and set. */
static int
read_secret(struct kafka_conf *k, const struct sink_options *options,
            const char *key, const char *property, struct error *err)
{
    char *value;
    int rc = sink_options_secret(options, key, &value, err);

    if (rc < 0 || value == NULL)
        return rc;
    rc = set(k, property, value, err) < 0 ? -1 : 1;
    mem_free(value);
    return rc;
}

static int
read_user(struct kafka_conf *k, const struct sink_options *options,
          struct error *err)
{
    int user = read_secret(k, options, "user", "sasl.username", err);
    int password;

    if (user < 0)
        return -1;
    password = read_secret(k, options, "password", "sasl.password", err);
    if (password < 0)
        return -1;
    if (user == 0 && password == 1)
        return fail(err, "%.300s: a password without the option user",
                    k->shown);
    if (user == 0)
        return 0;
    if (set(k, "security.protocol", "sasl_ssl", err) < 0)
        return -1;
    return set(k, "sasl.mechanism", "PLAIN", err);
}

struct passing {
    struct kafka_conf *k;
    struct error *err;
    int rc;
};

static void
pass(void *arg, const char *key, const char *value)
{
    struct passing *p = arg;

    if (p->rc == 0)
        p->rc = set(p->k, key, value, p->err);
}

static void
ignore_log(const rd_kafka_t *rk, int level, const char *part, const char *text)
{
    (void)rk;
    (void)level;
    (void)part;
    (void)text;
}

int
kafka_conf_read(struct kafka_conf *k, const char *dest,
                const struct sink_options *options, struct error *err)
{
    struct passing passing = { k, err, 0 };

    *k = (struct kafka_conf){ .shown = path_shown(dest),
                              .conf = rd_kafka_conf_new() };
    rd_kafka_conf_set_log_cb(k->conf, ignore_log);
    rd_kafka_conf_set_events(k->conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    if (read_url(k, dest, err) < 0 || read_timeout(k, options, err) < 0 ||
        set(k, "client.id", "cdrlua", err) < 0 ||
        set(k, "enable.idempotence", "true", err) < 0 ||
        set(k, "max.in.flight", "1", err) < 0 ||
        set(k, "linger.ms", "1", err) < 0 ||
        set(k, "partitioner", "murmur2_random", err) < 0 ||
        read_user(k, options, err) < 0)
        return -1;
    sink_options_each(options, "kafka.", pass, &passing);
    return passing.rc;
}

void
kafka_conf_free(struct kafka_conf *k)
{
    if (k->conf != NULL)
        rd_kafka_conf_destroy(k->conf);
    mem_free(k->shown);
    mem_free(k->topic);
}
