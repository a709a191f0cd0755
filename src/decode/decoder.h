/* decoder.h -- what the parts of a decoder share. */
#ifndef DECODE_DECODER_H
#define DECODE_DECODER_H

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "decode/arena.h"
#include "decode/keys.h"
#include "decode/order.h"
#include "decode/record.h"
#include "decode/shape.h"

/* How deep values may be nested, both ways. */
#define DECODE_DEPTH 64

struct decoder {
    struct pins pins;
    struct arena arena;
    struct keys keys;
    struct shapes shapes;
    struct values values;
    struct orders orders; /* of events without a shape */
    struct bytes names;   /* of the new keys while an object is written */
    int array_slot;       /* the metatable that all arrays have */
    const void *array_meta;
    int event_key, session_key, time_key;
    uint8_t sizes[256]; /* fields of the last event, by the name's number */
    bool busy; /* a finalizer that the work sets off may not start another */
    uint64_t duplicates;
};

#endif
