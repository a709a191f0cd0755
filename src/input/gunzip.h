/* gunzip.h -- the bytes in a .gz, also while it is still being written. */
#ifndef INPUT_GUNZIP_H
#define INPUT_GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct gunzip;

/* Reads `fd` from its beginning and by place; the caller keeps it open. */
struct gunzip *gunzip_new(int fd);
void gunzip_free(struct gunzip *g);

/* The next bytes: how many; 0 when there are none now (more may come if the
 * file grows); -1: this is no gzip, or it is damaged here. */
ssize_t gunzip_read(struct gunzip *g, char *bytes, size_t size,
                    struct error *err);

/* After a 0: whether it ended where a .gz may end, not in the middle. */
bool gunzip_is_whole(const struct gunzip *g);

#endif
