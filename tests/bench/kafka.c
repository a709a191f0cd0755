/* kafka.c -- a cluster that does nothing else, and a plain producer to compare
 * cdrlua's with: `kafka serve FILE`, `kafka produce BROKERS TOPIC FILE`. */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTITIONS 4
#define LINE_MOST  65536
#define ID_LEN     32

static size_t delivered;

static void
die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* ---- serve ---- */

static void
serve_for_ever(const char *path)
{
    char why[200];
    rd_kafka_t *host =
        rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
    rd_kafka_mock_cluster_t *mock;
    FILE *f = fopen(path, "w");

    if (host == NULL || f == NULL)
        die(path);
    mock = rd_kafka_mock_cluster_new(host, 1);
    rd_kafka_mock_topic_create(mock, "calls", PARTITIONS, 1);
    fputs(rd_kafka_mock_cluster_bootstraps(mock), f);
    fclose(f);
    for (;;)
        pause();
}

/* ---- produce ---- */

static void
on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    (void)rk, (void)arg;
    if (m->err != 0)
        die(rd_kafka_err2str(m->err));
    delivered++;
}

/* As cdrlua sets them. */
static rd_kafka_conf_t *
settings(const char *brokers)
{
    const char *const all[][2] = { { "bootstrap.servers", brokers },
                                   { "enable.idempotence", "true" },
                                   { "max.in.flight", "1" },
                                   { "linger.ms", "1" },
                                   { "partitioner", "murmur2_random" } };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (rd_kafka_conf_set(conf, all[i][0], all[i][1], why, sizeof why) != 0)
            die(why);
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    return conf;
}

/* What stands between `before` and the next quote. */
static const char *
word(const char *line, const char *before, size_t *len)
{
    const char *at = strstr(line, before);

    at = at != NULL ? at + strlen(before) : "";
    *len = strcspn(at, "\"");
    return at;
}

static void
produce(rd_kafka_t *rk, const char *topic, char *line, size_t n)
{
    size_t key_len, event_len;
    const char *key = word(line, "\"sessionId\":\"", &key_len);
    const char *event = word(line, "{\"", &event_len);
    rd_kafka_resp_err_t code;
    char id[ID_LEN + 1];

    snprintf(id, sizeof id, "%0*zx", ID_LEN, n);
    do {
        code = rd_kafka_producev(
            rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_VALUE(line, strlen(line)),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(key, key_len), RD_KAFKA_V_HEADER("id", id, ID_LEN),
            RD_KAFKA_V_HEADER("event", event, (ssize_t)event_len),
            RD_KAFKA_V_END);
        rd_kafka_poll(rk, code != 0 ? 10 : 0);
    } while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL);
    if (code != 0)
        die(rd_kafka_err2str(code));
}

static void
produce_file(const char *brokers, const char *topic, const char *path)
{
    static char line[LINE_MOST];
    char why[200];
    rd_kafka_t *rk =
        rd_kafka_new(RD_KAFKA_PRODUCER, settings(brokers), why, sizeof why);
    FILE *f = fopen(path, "r");
    size_t n = 0;

    if (rk == NULL || f == NULL)
        die(rk == NULL ? why : path);
    while (fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        produce(rk, topic, line, n++);
    }
    while (rd_kafka_flush(rk, 1000) != 0)
        continue;
    if (delivered != n)
        die("not all were delivered");
    rd_kafka_destroy(rk);
    fclose(f);
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        serve_for_ever(argv[2]);
    if (argc != 5 || strcmp(argv[1], "produce") != 0)
        return 2;
    produce_file(argv[2], argv[3], argv[4]);
    return 0;
}
