/* path.h -- where an output file is, and its folders. */
#ifndef ACTION_PATH_H
#define ACTION_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The absolute name of what need not be there yet, with the symbolic links in
 * its folders followed (not one in its last part). The caller frees it; NULL
 * without a current folder. */
char *path_absolute(const char *name, struct error *err);

/* How long the scheme of a destination is, as in "file://" and "sqlite:"; 0 for
 * a path, even where a slash or two come behind a colon. */
size_t path_scheme(const char *dest);

/* What comes behind the scheme and its slashes. */
const char *path_behind_scheme(const char *dest);

/* The part of a destination that is a path: without "file://". */
const char *path_part(const char *dest);

/* Whether a destination is a folder: a path that ends in a slash, or that is
 * one. Not "-". */
bool path_is_folder(const char *dest);

/* The absolute name of such a folder, a slash at its end, the same for all its
 * names. The caller frees it; NULL as above. */
char *path_folder(const char *dest, struct error *err);

/* A destination as it may be shown: a URL without a user, a password, a query
 * and a fragment. The caller frees it. */
char *path_shown(const char *dest);

/* Whether the text is a port: a number from 1 to 65535. */
bool path_is_port(const char *text);

/* The mode of folders that are made for outputs. */
#define PATH_FOLDER_MODE 0750

/* Brings the name itself to the disk, which syncing the file does not. */
void path_sync_parent(const char *path);

#endif
