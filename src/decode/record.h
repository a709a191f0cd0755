/* record.h -- a line of call detail records becomes an event, and back.
 *
 * An event is one Lua table: the fields of the line, and `event`, its name.
 * Three forms of line are the same event:
 *   RECORD_CDR   {"NAME":{...}}                    the CDR file
 *   RECORD_FLAT  {...,"event":"NAME"}              the webhook's body
 *   RECORD_LOG   ... CDRLoggerFile - {"NAME":{}}   the server's console log
 */
#ifndef DECODE_RECORD_H
#define DECODE_RECORD_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/mem.h"

enum record_form { RECORD_CDR, RECORD_FLAT, RECORD_LOG };

/* What can be told of a line without decoding it. `name` points into the line
 * and is the event's name as it is spelled there. */
struct record_peek {
    enum record_form form;
    const char *json; /* where the JSON begins; what stands before it is a
                         log line's prefix */
    size_t json_len;
    const char *name; /* NULL: only decoding tells (escapes, odd layout) */
    size_t name_len;
};

/* 1: `peek` is filled in. 0: an empty line, or one of a server log that holds
 * no event: one with a level mark, or of a stack trace. -1: no event can be in
 * it; `err` says why. Never reads behind text + len. */
int record_peek(const char *text, size_t len, struct record_peek *peek,
                struct error *err);

/* The event's session, found in the line's text: points into the line, or NULL.
 * Only the event's own field counts, the first of that name. A session, or its
 * key, that is spelled with escapes is none (NULL): such lines keep their order
 * among the events without a session, not with those of their session.
 * *name_len is 0 where there is none. */
const char *record_session(const char *text, size_t len, size_t *name_len);

/* The number in the event's own field "timestamp", or 0. */
int64_t record_timestamp(const char *text, size_t len);

/* Both of them at once, of a line that was peeked at. */
struct record_told {
    const char *session; /* as it is spelled; NULL: none */
    size_t session_len;
    bool is_escaped; /* that has escapes in it */
    int64_t ms;
};
void record_tell(const struct record_peek *peek, struct record_told *told);

/* One for each Lua state: keeps strings, key orders ("shapes") and an arena
 * warm. It anchors what it needs in the registry of L. */
struct decoder;
struct decoder *decoder_new(lua_State *L);
void decoder_free(struct decoder *d);

/* Pushes the event of a peeked line on L: 0, or -1 with the reason and nothing
 * pushed. Raises no Lua error (but for memory). */
int decoder_event(struct decoder *d, lua_State *L,
                  const struct record_peek *peek, struct error *err);

/* Pushes the value of any JSON text (for cdr.json.decode). As above. */
int decoder_value(struct decoder *d, lua_State *L, const char *text, size_t len,
                  struct error *err);

/* Adds to `out` the event at `index` in the form asked for, without a newline
 * (RECORD_LOG is written as RECORD_CDR). -1: it cannot be written (no `event`
 * name, a function in it, a cycle, NaN ...): `err` names the field and `out`
 * is as it was. Keys come in the order in which they came in, where that is not
 * known in that of decoder_key_order; new ones last, sorted. */
int decoder_encode_event(struct decoder *d, lua_State *L, int index,
                         enum record_form form, struct bytes *out,
                         struct error *err);
int decoder_encode_value(struct decoder *d, lua_State *L, int index,
                         struct bytes *out, struct error *err);

/* In which order the keys of events of that name are written that came from no
 * line: those of the list at `index` first, as far as they are there. Replaces
 * what was said of the name before. -1: there are 64 orders, or the list is not
 * one of at most 64 different names of at most 64 bytes; the name has no order
 * then. */
int decoder_key_order(struct decoder *d, lua_State *L, const char *name,
                      int index, struct error *err);

/* Whether the two values are the same event or value: deep, integer and float
 * apart, order of keys not looked at. */
bool decoder_equal(struct decoder *d, lua_State *L, int a, int b);

/* Whether the order of its keys is known of the table at `index`, so that it
 * is written in the order in which they came. */
bool decoder_knows_order(const struct decoder *d, lua_State *L, int index);

/* Whether the JSON text of an event is written just as decoder_encode_event
 * writes it when no key is there twice and the order of keys is known: no white
 * space between tokens, flat, no float, no escape spelled another way, as
 * OpenVidu writes. False says nothing. */
bool record_is_plain(const char *text, size_t len);

/* A clean line: one event without a doubt, its fields spelled just as they are
 * written, none there twice, none nested or a float. They stand, as the line
 * has them, before and behind the field with the name (of {"NAME":{...}} all
 * before); the name is the peek's. */
struct record_parts {
    const char *before, *behind;
    size_t before_len, behind_len;
    struct record_told told; /* as record_tell */
};

/* False: only decoding tells what it is, as it does of the first line with such
 * keys in any case. */
bool decoder_take_apart(struct decoder *d, const struct record_peek *peek,
                        struct record_parts *parts);

/* Adds to `out` what decoder_event and then decoder_encode_event would. */
void record_put_together(const struct record_peek *peek,
                         const struct record_parts *parts,
                         enum record_form form, struct bytes *out);

/* Marks the table at `index` as a JSON array, so that an empty one is written
 * as [] (cdr.array). JSON null is the light userdata NULL (cdr.null). */
void decoder_mark_array(struct decoder *d, lua_State *L, int index);

/* How many keys were there twice in their object (the last one won). */
uint64_t decoder_duplicate_keys(const struct decoder *d);

#endif
