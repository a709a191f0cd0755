/* scan.h -- going over a line's text without decoding it. */
#ifndef DECODE_SCAN_H
#define DECODE_SCAN_H

#include <string.h>

#include "base/scan.h"
#include "decode/record.h"

static inline bool
scan_begins(const char *p, const char *end, const char *with, size_t len)
{
    return (size_t)(end - p) >= len && memcmp(p, with, len) == 0;
}

/* Where the JSON of a line is: 1; 0 and -1 as record_peek. */
int scan_line(const char *text, size_t len, struct record_peek *peek);

/* Whether the line is {"NAME":{...}} of a name that OpenVidu has: then it is
 * filled in. */
bool scan_known(struct record_peek *peek);

/* The JSON of a line that the server's CDR logger wrote, or NULL. */
const char *scan_logged(const char *p, const char *end);

/* Whether a server log has such a line beside its events. */
bool scan_is_log(const char *p, const char *end);
bool scan_is_trace(const char *p, const char *end);

#endif
