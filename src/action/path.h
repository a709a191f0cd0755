/* path.h -- where an output file is, and its folders. */
#ifndef ACTION_PATH_H
#define ACTION_PATH_H

#include "base/error.h"

/* The absolute name of what need not be there yet, with the symbolic links in
 * its folders followed (not one in its last part). The caller frees it; NULL
 * without a current folder. */
char *path_absolute(const char *name, struct error *err);

/* Makes the folders that are missing above an absolute path, mode 0750. */
int path_make_parents(const char *path, struct error *err);

/* Brings the name itself to the disk, which syncing the file does not. */
void path_sync_parent(const char *path);

#endif
