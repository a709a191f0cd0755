/* gate.c -- a gate before every look into a folder, preloaded into the program.
 *
 * While the file that TEST_GATE names is there, opendir waits; the same name
 * with ".reached" says that it does. */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
wait_at(const char *gate)
{
    char reached[4096];
    int fd;

    if (gate == NULL || access(gate, F_OK) < 0)
        return;
    snprintf(reached, sizeof reached, "%s.reached", gate);
    fd = open(reached, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    while (access(gate, F_OK) == 0)
        usleep(1000);
}

DIR *
opendir(const char *name)
{
    DIR *(*real)(const char *);

    *(void **)&real = dlsym(RTLD_NEXT, "opendir");
    wait_at(getenv("TEST_GATE"));
    return real(name);
}
