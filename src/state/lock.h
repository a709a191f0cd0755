/* lock.h -- a directory that one process has for itself. */
#ifndef STATE_LOCK_H
#define STATE_LOCK_H

#include "base/error.h"

/* Makes the directory with those above it that are missing (mode 0700) and
 * takes its lock, the file DIR/lock with the process's number in it. Returns
 * what to close to give it back; -1: not writable, or another process has it,
 * which the sentence names. The end of a process gives its locks back. */
int lock_directory(const char *dir, struct error *err);

#endif
