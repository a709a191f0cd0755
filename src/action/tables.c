/* tables.c -- which table of a database an event is a row of, and its columns.
 */
#include "action/tables.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Keys in the order of OpenVidu's server, up to release 2.32; a text where
 * nothing is said. */
#define HEAD     "sessionId uniqueSessionId timestamp:integer "
#define ENDING   "startTime:integer duration:integer reason "
#define RECORDED "startTime:integer duration:real reason "
#define PERSON                                                                 \
    "participantId connectionId location ip platform clientData serverData "
#define STREAM                                                                 \
    "streamId participantId connectionId connection receivingFrom rtspUri "    \
    "adaptativeBitrate:boolean networkCache:integer "                          \
    "onlyPlayWithSubscribers:boolean videoSource videoFramerate:integer "      \
    "videoDimensions audioEnabled:boolean videoEnabled:boolean "
#define RECORDING                                                              \
    "id name outputMode resolution frameRate:integer recordingLayout "         \
    "customLayout media_node_id hasAudio:boolean hasVideo:boolean "            \
    "size:integer "
#define NODE                                                                   \
    "timestamp:integer id environmentId ip uri nodeRole sessionIds:json "      \
    "recordingIds:json broadcasts:json clusterId timeOfDisconnection:integer "

#define FILTER "participantId connectionId streamId filterType eventType data "
#define SIGNAL "from to:json type data "

static const struct {
    const char *name, *keys;
} known[] = {
    { "sessionCreated", HEAD },
    { "sessionDestroyed", HEAD ENDING },
    { "participantJoined", HEAD PERSON },
    { "participantLeft", HEAD ENDING PERSON },
    { "webrtcConnectionCreated", HEAD STREAM },
    { "webrtcConnectionDestroyed", HEAD ENDING STREAM },
    { "recordingStatusChanged", HEAD RECORDED RECORDING "status " },
    { "filterEventDispatched", HEAD FILTER },
    { "signalSent", HEAD SIGNAL },
    { "nodeCrashed", NODE },
    { "recordingStarted", HEAD RECORDING "duration:real " },
    { "recordingStopped", HEAD RECORDED RECORDING },
    { NULL, "event " HEAD }, /* all others */
};

const char *
tables_known(size_t i)
{
    return known[i].name;
}

static enum column_type
type_of(const char *word, size_t len)
{
    static const char *const words[] = { "text", "integer", "real", "boolean",
                                         "json" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
            return (enum column_type)i;
    assert(len == 0);
    return COLUMN_TEXT;
}

static void
add_columns(struct table *t, const char *at)
{
    t->n = 0;
    while (*at != '\0') {
        size_t len = strcspn(at, " "), name = strcspn(at, " :");
        struct column *c = &t->columns[t->n++];

        assert(t->n <= TABLE_COLUMNS_MOST && name < sizeof c->name);
        snprintf(c->name, sizeof c->name, "%.*s", (int)name, at);
        c->len = name;
        c->type =
            name < len ? type_of(at + name + 1, len - name - 1) : COLUMN_TEXT;
        at += len + 1;
    }
}

static bool
is_plain(struct span name)
{
    if (name.len == 0 || name.len >= TABLE_NAME_SIZE ||
        !isalpha((unsigned char)name.at[0]))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!isalnum((unsigned char)name.at[i]) && name.at[i] != '_')
            return false;
    return name.len < 7 || strncasecmp(name.at, "sqlite_", 7) != 0;
}

void
table_name_of(struct span event, char name[TABLE_NAME_SIZE])
{
    if (!is_plain(event))
        event = span_of("other");
    memcpy(name, event.at, event.len);
    name[event.len] = '\0';
}

void
table_of(struct span event, struct table *t)
{
    size_t i = 0;

    while (known[i].name != NULL && !span_is(event, known[i].name))
        i++;
    table_name_of(event, t->name);
    add_columns(t, known[i].keys);
}

size_t
table_column(const struct table *t, struct span name, size_t from)
{
    for (size_t i = 0; i < t->n; i++) {
        size_t at = from + i < t->n ? from + i : from + i - t->n;
        const struct column *c = &t->columns[at];

        if (c->len == name.len && memcmp(c->name, name.at, name.len) == 0)
            return at;
    }
    return t->n;
}

void
table_add_names(const struct table *t, struct bytes *sql)
{
    bytes_add_text(sql, "\"cdr_id\"");
    for (size_t i = 0; i < t->n; i++)
        bytes_add_format(sql, ",\"%s\"", t->columns[i].name);
    bytes_add_text(sql, ",\"more\"");
}
