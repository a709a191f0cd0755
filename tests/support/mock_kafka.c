/* mock_kafka.c -- librdkafka's mock cluster in a process of its own, for specs.
 *
 * mock_kafka FOLDER: writes its brokers to FOLDER/brokers, and what arrives in
 * the topic "calls" to FOLDER/heard: partition, key, id, event and text, with
 * tabs. Standard input: "errors N", "large", "deny", "down", "up", "missing",
 * "there" (the topic). Each is answered on standard error: "obeyed WORD". */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTITIONS  4
#define PRODUCE_KEY 0

static void
obey(rd_kafka_mock_cluster_t *mock, const char *word)
{
    if (strncmp(word, "errors ", 7) == 0)
        for (int n = atoi(word + 7); n > 0; n--)
            rd_kafka_mock_push_request_errors(
                mock, PRODUCE_KEY, 2, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    else if (strncmp(word, "large", 5) == 0)
        rd_kafka_mock_push_request_errors(mock, PRODUCE_KEY, 1,
                                          RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    else if (strncmp(word, "deny", 4) == 0)
        rd_kafka_mock_push_request_errors(
            mock, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    else if (strncmp(word, "missing", 7) == 0)
        rd_kafka_mock_topic_set_error(mock, "calls",
                                      RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    else if (strncmp(word, "there", 5) == 0)
        rd_kafka_mock_topic_set_error(mock, "calls",
                                      RD_KAFKA_RESP_ERR_NO_ERROR);
    else if (strncmp(word, "down", 4) == 0)
        rd_kafka_mock_broker_set_down(mock, 1);
    else if (strncmp(word, "up", 2) == 0)
        rd_kafka_mock_broker_set_up(mock, 1);
}

static void
listen_to_orders(rd_kafka_mock_cluster_t *mock)
{
    struct pollfd input = { .fd = 0, .events = POLLIN };
    char word[64];
    ssize_t n;

    if (poll(&input, 1, 0) <= 0)
        return;
    n = read(0, word, sizeof word - 1);
    if (n <= 0)
        exit(0);
    word[n] = '\0';
    obey(mock, word);
    fprintf(stderr, "obeyed %s\n", word);
}

static rd_kafka_t *
new_client(rd_kafka_type_t type, const char *brokers)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];
    rd_kafka_t *rk;

    if (brokers != NULL)
        rd_kafka_conf_set(conf, "bootstrap.servers", brokers, NULL, 0);
    if (type == RD_KAFKA_CONSUMER)
        rd_kafka_conf_set(conf, "group.id", "heard", NULL, 0);
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "20", NULL, 0);
    rd_kafka_conf_set(conf, "reconnect.backoff.max.ms", "200", NULL, 0);
    rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
    rk = rd_kafka_new(type, conf, why, sizeof why);
    if (rk != NULL)
        return rk;
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static rd_kafka_t *
new_reader(const char *brokers)
{
    rd_kafka_t *rk = new_client(RD_KAFKA_CONSUMER, brokers);
    rd_kafka_topic_partition_list_t *all =
        rd_kafka_topic_partition_list_new(PARTITIONS);

    for (int i = 0; i < PARTITIONS; i++)
        rd_kafka_topic_partition_list_add(all, "calls", i)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_assign(rk, all);
    rd_kafka_topic_partition_list_destroy(all);
    return rk;
}

static void
put_header(FILE *out, const rd_kafka_message_t *m, const char *name)
{
    rd_kafka_headers_t *headers;
    const void *value;
    size_t len;

    if (rd_kafka_message_headers(m, &headers) == 0 &&
        rd_kafka_header_get_last(headers, name, &value, &len) == 0)
        fwrite(value, 1, len, out);
    fputc('\t', out);
}

static void
put(FILE *out, const rd_kafka_message_t *m)
{
    fprintf(out, "%d\t%.*s\t", (int)m->partition, (int)m->key_len,
            m->key != NULL ? (const char *)m->key : "");
    put_header(out, m, "id");
    put_header(out, m, "event");
    fwrite(m->payload, 1, m->len, out);
    fputc('\n', out);
}

int
main(int argc, char **argv)
{
    rd_kafka_t *host = new_client(RD_KAFKA_PRODUCER, NULL), *reader;
    rd_kafka_mock_cluster_t *mock = rd_kafka_mock_cluster_new(host, 1);
    const char *brokers = rd_kafka_mock_cluster_bootstraps(mock);
    FILE *out;

    if (argc != 2 || chdir(argv[1]) < 0)
        return 2;
    rd_kafka_mock_topic_create(mock, "calls", PARTITIONS, 1);
    reader = new_reader(brokers);
    out = fopen("brokers.new", "w");
    fputs(brokers, out);
    fclose(out);
    rename("brokers.new", "brokers");
    for (out = fopen("heard", "a");; fflush(out)) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(reader, 10);

        for (; m != NULL; m = rd_kafka_consumer_poll(reader, 0)) {
            if (m->err == 0)
                put(out, m);
            rd_kafka_message_destroy(m);
        }
        listen_to_orders(mock);
    }
}
