/* half_line.h -- the half line that a kill left at the end of an output. */
#ifndef ACTION_HALF_LINE_H
#define ACTION_HALF_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Cuts a half line off the regular file that is open for writing as `fd`, but
 * nothing of its first `known` bytes, which were whole lines; -1 if nothing is
 * known, so that the half line may be somebody else's. Whether the file still
 * ends in the middle of a line. */
bool half_line_cut(int fd, const char *path, int64_t known);

#endif
