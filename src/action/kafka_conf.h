/* kafka_conf.h -- a kafka:// URL and its options, told to librdkafka. */
#ifndef ACTION_KAFKA_CONF_H
#define ACTION_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "action/sink_options.h"

struct kafka_conf {
    char *shown, *topic;
    rd_kafka_conf_t *conf;
};

/* The keys that kafka_conf_read takes. */
extern const char *const kafka_conf_options[];

/* "kafka://broker[,broker]/topic". -1: it is none, or librdkafka does not know
 * a property or its value; free it all the same. */
int kafka_conf_read(struct kafka_conf *k, const char *dest,
                    const struct sink_options *options, struct error *err);
void kafka_conf_free(struct kafka_conf *k);

#endif
