/* dated.h -- which file of a folder is of which day, named as OpenVidu does.
 *
 * CDR.<yyyy-MM-dd>_<HH-mm-ss>.log, local time: the date is that of the events,
 * and the time of day behind it that of the first event, which OpenVidu keeps
 * from its start on. A file is known by the digits of its name, 20200929153000;
 * 0 is none. */
#ifndef ACTION_DATED_H
#define ACTION_DATED_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: no file yet. */
struct dated {
    uint64_t day, time; /* 20200929, 153000 */
    int64_t until_ms;   /* when the day is over */
    bool begins;        /* the next event begins a file */
};

/* The file that begins with an event of that time (milliseconds since 1970, 0
 * when it has none), or 0: it goes to the present one. That never goes back to
 * an earlier day. */
uint64_t dated_at(struct dated *d, int64_t ms);

/* The next event that has a time begins a file, as at the server's start. */
void dated_begin(struct dated *d);

/* Goes on with that file; with none where the digits are no name. */
void dated_resume(struct dated *d, uint64_t file);

/* The file's name in its folder. */
#define DATED_NAME_SIZE 64
void dated_name(uint64_t file, char name[DATED_NAME_SIZE]);

#endif
