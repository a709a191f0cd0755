/* sink_kafka.c -- messages to a topic of Kafka, taken when its brokers say so.
 *
 * librdkafka sends from threads of its own and writes to an eventfd when there
 * is something to hear. It blocks where it is destroyed, so that is done in one
 * more thread. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "action/kafka_conf.h"
#include "action/sink.h"
#include "base/mem.h"

#define MOST      10000
#define BURIAL_S  1
#define ERROR_LEN 256

struct kafka {
    struct ev_loop *loop;
    void *outbox;
    struct kafka_conf conf;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    ev_io told;
    int fd;          /* the eventfd */
    size_t n, heard; /* messages produced; of which it is known */
    bool later;      /* an answer is owed */
    rd_kafka_resp_err_t errors[MOST];
    char last[ERROR_LEN]; /* what librdkafka said of its brokers */
};

/* ---- a producer's life ---- */

static void *
destroy(void *rk)
{
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(rk);
    return NULL;
}

/* In a thread, for which nobody waits for long. */
static void
bury(rd_kafka_t *rk, int wait_s)
{
    struct timespec until;
    pthread_t thread;

    if (pthread_create(&thread, NULL, destroy, rk) != 0)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += wait_s;
    if (wait_s == 0 || pthread_timedjoin_np(thread, NULL, &until) != 0)
        pthread_detach(thread);
}

static void
close_producer(struct kafka *k, int wait_s)
{
    if (k->rk == NULL)
        return;
    ev_io_stop(k->loop, &k->told);
    rd_kafka_queue_io_event_enable(k->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(k->queue);
    rd_kafka_topic_destroy(k->topic);
    bury(k->rk, wait_s);
    k->rk = NULL;
}

static int
open_producer(struct kafka *k, struct error *err)
{
    static const uint64_t one = 1;
    rd_kafka_conf_t *conf = rd_kafka_conf_dup(k->conf.conf);
    char why[ERROR_LEN];

    k->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (k->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return fail(err, "%.250s: %s", k->conf.shown, why);
    }
    k->topic = rd_kafka_topic_new(k->rk, k->conf.topic, NULL);
    k->queue = rd_kafka_queue_get_main(k->rk);
    rd_kafka_queue_io_event_enable(k->queue, k->fd, &one, sizeof one);
    ev_io_start(k->loop, &k->told);
    /* It tells only of what comes to an empty queue: this one may not be. */
    ev_feed_event(k->loop, &k->told, EV_READ);
    return 0;
}

/* A producer that cannot go on, says librdkafka, is replaced. */
static int
be_open(struct kafka *k, struct error *err)
{
    char why[ERROR_LEN];

    if (k->rk != NULL && rd_kafka_fatal_error(k->rk, why, sizeof why) != 0)
        close_producer(k, 0);
    return k->rk != NULL ? 0 : open_producer(k, err);
}

/* ---- what becomes of messages ---- */

static bool
is_for_good(rd_kafka_resp_err_t why)
{
    return why == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           why == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
           why == RD_KAFKA_RESP_ERR_INVALID_RECORD;
}

/* What is known beside the code: a topic that is not there is waited for by
 * librdkafka without a word. */
static const char *
hint(const struct kafka *k, rd_kafka_resp_err_t why)
{
    if (*k->last == '\0' && why == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)
        return "the brokers are there; perhaps the topic is not";
    return k->last;
}

static ssize_t
failed(struct kafka *k, rd_kafka_resp_err_t why, struct error *err)
{
    const char *more = hint(k, why);

    if (is_for_good(why)) {
        fail(err, "%s", rd_kafka_err2str(why));
        return SINK_REFUSED;
    }
    fail(err, "%.200s: %s%s%s", k->conf.shown, rd_kafka_err2str(why),
         *more != '\0' ? ": " : "", more);
    return SINK_FAILED;
}

/* Those before the first that failed are taken; what was delivered behind it is
 * given once more. */
static void
answer(struct kafka *k)
{
    struct error why;
    size_t taken = 0;
    ssize_t n;

    while (taken < k->n && k->errors[taken] == 0)
        taken++;
    n = taken > 0 ? (ssize_t)taken : failed(k, k->errors[0], &why);
    if (taken == k->n)
        *k->last = '\0';
    k->later = false;
    outbox_answer(k->outbox, n, 0., &why);
}

static void
hear_reports(struct kafka *k, rd_kafka_event_t *event)
{
    const rd_kafka_message_t *m;

    while ((m = rd_kafka_event_message_next(event)) != NULL) {
        k->errors[(size_t)m->_private] = m->err;
        k->heard++;
    }
}

static void
on_told(struct ev_loop *loop, ev_io *io, int events)
{
    struct kafka *k = io->data;
    rd_kafka_event_t *event;
    uint64_t times;

    (void)loop;
    (void)events;
    if (read(k->fd, &times, sizeof times) < 0 && errno != EAGAIN)
        return;
    while ((event = rd_kafka_queue_poll(k->queue, 0)) != NULL) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
            hear_reports(k, event);
        else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
            strncpy(k->last, rd_kafka_event_error_string(event), ERROR_LEN - 1);
        rd_kafka_event_destroy(event);
    }
    if (k->later && k->heard == k->n)
        answer(k);
}

static rd_kafka_vu_t
part(rd_kafka_vtype_t type, struct span value)
{
    rd_kafka_vu_t vu = { .vtype = type };

    vu.u.mem.ptr = value.len > 0 ? (void *)value.at : NULL;
    vu.u.mem.size = value.len;
    return vu;
}

static rd_kafka_headers_t *
headers_of(const struct message *m)
{
    rd_kafka_headers_t *h = rd_kafka_headers_new(2);

    rd_kafka_header_add(h, "id", -1, m->id.at, (ssize_t)m->id.len);
    rd_kafka_header_add(h, "event", -1, m->event.at, (ssize_t)m->event.len);
    return h;
}

/* Headers that librdkafka makes itself are freed twice where it does not take
 * the message, as when it knows that there is no such topic (its #4627). */
static rd_kafka_resp_err_t
produce(struct kafka *k, const struct message *m, size_t i)
{
    rd_kafka_headers_t *headers = headers_of(m);
    const rd_kafka_vu_t parts[] = {
        { .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = k->topic },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        part(RD_KAFKA_VTYPE_VALUE, m->text),
        part(RD_KAFKA_VTYPE_KEY, m->session),
        { .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers },
        { .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)i },
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(k->rk, parts, sizeof parts / sizeof *parts);
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);

    if (code != 0)
        rd_kafka_headers_destroy(headers);
    rd_kafka_error_destroy(error);
    return code;
}

static ssize_t
give(void *sink, const struct message *messages, size_t n, struct error *err)
{
    struct kafka *k = sink;
    rd_kafka_resp_err_t why = 0;

    if (be_open(k, err) < 0)
        return SINK_FAILED;
    k->n = k->heard = 0;
    while (k->n < n) {
        why = produce(k, &messages[k->n], k->n);
        if (why != 0)
            break;
        k->n++;
    }
    if (k->n == 0)
        return failed(k, why, err);
    k->later = true;
    return SINK_LATER;
}

/* ---- the rest ---- */

static void
unmake(void *sink)
{
    struct kafka *k = sink;

    if (k == NULL)
        return;
    close_producer(k, BURIAL_S);
    kafka_conf_free(&k->conf);
    if (k->fd >= 0)
        close(k->fd);
    mem_free(k);
}

static void *
make(struct ev_loop *loop, const char *dest, const struct sink_options *options,
     void (*ready)(void *arg), void *arg, struct error *err)
{
    struct kafka *k = mem_new(sizeof *k);

    (void)ready;
    k->loop = loop;
    k->outbox = arg;
    k->fd = -1;
    if (kafka_conf_read(&k->conf, dest, options, err) == 0)
        return k;
    unmake(k);
    return NULL;
}

static int
open_kafka(void *sink, int64_t known, struct error *err)
{
    struct kafka *k = sink;

    (void)known;
    if (k->fd < 0)
        k->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (k->fd < 0)
        return fail(err, "%s: %s", k->conf.shown, strerror(errno));
    ev_io_init(&k->told, on_told, k->fd, EV_READ);
    k->told.data = k;
    return be_open(k, err);
}

static size_t
most(const void *sink)
{
    (void)sink;
    return MOST;
}

const struct sink_class sink_kafka = {
    .schemes = "kafka",
    .options = kafka_conf_options,
    .make = make,
    .unmake = unmake,
    .open = open_kafka,
    .give = give,
    .most = most,
    .batch = (size_t)1 << 20,
    .lingers = true,
};
