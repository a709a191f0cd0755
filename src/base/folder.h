/* folder.h -- the folders above a file. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <sys/types.h>

#include "base/error.h"

/* The folder that the file is in: "/" of "/a", "." of "a". The caller frees it.
 */
char *folder_of(const char *path);

/* Makes the folders that are missing above the path, with that mode. -1: one
 * cannot be made; those above it stay. */
int folder_make_parents(const char *path, mode_t mode, struct error *err);

#endif
