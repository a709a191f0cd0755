/* watermark.h -- how far the events' clock has come.
 *
 * Lines come late and out of order. The watermark is the time before which
 * none is expected any more: the smallest, over the series that are still being
 * read, of the greatest timestamp seen, less the lateness that is allowed. It
 * never runs backwards. Times are milliseconds since 1970. */
#ifndef BASE_WATERMARK_H
#define BASE_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

#define WATERMARK_NONE INT64_MIN /* the clock has not begun */

struct watermark;
struct watermark *watermark_new(int64_t lateness_ms);
void watermark_free(struct watermark *w);

/* A series of files (or a stream, or a script that is an input) by its number,
 * which will be read: until its first timestamp it holds the clock. */
void watermark_add(struct watermark *w, uint32_t series);

/* A line of that series, which is being read; 0: it has no timestamp. One that
 * lies over an hour ahead of the wall clock, or before 2001-09-09 (10^12, such
 * as seconds in place of milliseconds), is counted and moves nothing; one that
 * is behind the watermark is counted as late. */
void watermark_line(struct watermark *w, uint32_t series, int64_t ms);

/* The series was read to its end: it is left out until its next line. */
void watermark_rest(struct watermark *w, uint32_t series);
bool watermark_all_rest(const struct watermark *w);

/* While all rest, the wall clock goes on. A line with a timestamp before T may
 * be written until T and the lateness; and what moves the clock to T is a line
 * from T and the lateness on. So only the wall clock less twice the lateness
 * tells that no line can come any more that a run over the finished files would
 * have read first. Nothing while something is still being read. */
void watermark_wall(struct watermark *w, int64_t wall_ms);
/* When the wall clock will have pushed it to `ms`. */
int64_t watermark_wall_for(const struct watermark *w, int64_t ms);

/* To `ms`, if that is ahead. */
void watermark_push(struct watermark *w, int64_t ms);

/* Where it stands; the greatest timestamp seen, 0 before the first. */
int64_t watermark_at(const struct watermark *w);
int64_t watermark_seen(const struct watermark *w);

/* Goes on from where an earlier run stood. */
void watermark_restore(struct watermark *w, int64_t at, int64_t seen);

/* The series whose clock is behind the others': the next line should be of it.
 * `series` itself, where that is as good as any. */
bool watermark_is_behind(const struct watermark *w, uint32_t series,
                         uint32_t other);

struct watermark_counts {
    uint64_t late;  /* lines behind the watermark */
    uint64_t ahead; /* lines over an hour ahead of the wall clock */
    uint64_t early; /* lines from before 2001-09-09 */
};
void watermark_counts(const struct watermark *w,
                      struct watermark_counts *counts);

#endif
