/* folder.h -- folders that are missing. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <sys/types.h>

#include "base/error.h"

/* Makes the folders that are missing above the path, with that mode. */
int folder_make_parents(const char *path, mode_t mode, struct error *err);

#endif
