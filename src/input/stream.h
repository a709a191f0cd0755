/* stream.h -- standard input, or a pipe: lines without a place to resume at. */
#ifndef INPUT_STREAM_H
#define INPUT_STREAM_H

#include "input/follow.h"

/* `path` is "-" or names a pipe; NULL when it cannot be opened. */
struct stream *stream_new(struct tail *t, const char *path, struct error *err);
void stream_free(struct stream *s);

/* Watches the stream, unless it ended; or does so no more. */
void stream_start(struct stream *s);
void stream_stop(struct stream *s);

bool stream_is_ended(const struct stream *s);
uint32_t stream_series(const struct stream *s);
uint64_t stream_read_bytes(const struct stream *s);
uint64_t stream_nul_runs(const struct stream *s);

#endif
