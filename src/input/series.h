/* series.h -- names of files, and which of them is older. */
#ifndef INPUT_SERIES_H
#define INPUT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name is BASE[ROTATION][.gz], as in `calls.log.2.gz`. These are names
 * without a directory. */

/* How many bytes of the name are its base: without .gz and without what a
 * rotator adds (.1, -20201001, .old). */
size_t series_base_len(const char *name);
bool series_is_gz(const char *name);

/* Whether a rotator put it aside by number or word (.1, .old): nobody writes
 * to such a name. A date may well be in the name that is written to. */
bool series_is_aside(const char *name);

/* Whether `suffix`, as it stands behind a base, is what a rotator adds. */
bool series_is_rotation(const char *suffix);

/* CDR.<yyyy-MM-dd>_<HH-mm-ss>.log, or its .gz. */
bool series_is_openvidu(const char *name);

/* One name to put in order. Names of one base go by when they `came`, whatever
 * they are; what came together, goes by the names; what has the same name, by
 * `age`. */
struct series_item {
    const char *name;
    uint64_t came;
    uint32_t age;
    void *owner;
    const char *since; /* filled in by series_order */
};

/* Puts the oldest first. The time in an OpenVidu name is when the server
 * started, so within a date the file of the server that already ran on an
 * earlier date comes first: the whole set decides. */
void series_order(struct series_item *items, size_t n);

#endif
