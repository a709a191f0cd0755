/* native_process.c -- start, watch, signal and measure processes from specs. */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int luaopen_native_process(lua_State *L);

static int
push_errno(lua_State *L, const char *what)
{
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", what, strerror(errno));
    return 2;
}

static int
push_done(lua_State *L, int rc, const char *what)
{
    if (rc < 0)
        return push_errno(L, what);
    lua_pushboolean(L, 1);
    return 1;
}

struct start {
    const char **argv;
    const char *cwd;
    int fds[3];        /* what the child gets; -1: inherited */
    lua_Integer fsize; /* RLIMIT_FSIZE, or -1 */
};

/* An array of strings at the table's `field`, ended by NULL; it lives as long
 * as the userdata that is left on the stack. */
static const char **
to_strings(lua_State *L, int table)
{
    lua_Integer n = luaL_len(L, table);
    const char **row = lua_newuserdatauv(L, (n + 1) * sizeof *row, 0);

    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, table, i);
        row[i - 1] = luaL_checkstring(L, -1);
        lua_pop(L, 1); /* the table keeps it */
    }
    row[n] = NULL;
    return row;
}

static int
fd_field(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    int fd = (int)luaL_optinteger(L, -1, -1);
    lua_pop(L, 1);
    return fd;
}

/* In the child: only what is safe after fork. */
static void
become(const struct start *s)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no process outlives the specs */
    signal(SIGPIPE, SIG_DFL);
    for (int fd = 0; fd < 3; fd++)
        if (s->fds[fd] >= 0 && dup2(s->fds[fd], fd) < 0)
            _exit(126);
    if (s->cwd != NULL && chdir(s->cwd) < 0)
        _exit(126);
    if (s->fsize >= 0) {
        struct rlimit limit = { s->fsize, s->fsize };
        setrlimit(RLIMIT_FSIZE, &limit);
        signal(SIGXFSZ, SIG_IGN); /* so that write says EFBIG, as a full disk */
    }
    execvp(s->argv[0], (char *const *)s->argv);
    _exit(127);
}

/* start{argv = {...}, cwd=, stdin=fd, stdout=fd, stderr=fd, fsize=} -> pid */
static int
start(lua_State *L)
{
    struct start s = { 0 };

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    s.fds[0] = fd_field(L, "stdin");
    s.fds[1] = fd_field(L, "stdout");
    s.fds[2] = fd_field(L, "stderr");
    lua_getfield(L, 1, "fsize");
    s.fsize = luaL_optinteger(L, -1, -1);
    lua_getfield(L, 1, "cwd");
    s.cwd = luaL_optstring(L, -1, NULL);
    lua_getfield(L, 1, "argv");
    luaL_checktype(L, -1, LUA_TTABLE);
    s.argv = to_strings(L, lua_gettop(L));

    pid_t pid = fork();
    if (pid == 0)
        become(&s);
    if (pid < 0)
        return push_errno(L, "fork");
    lua_pushinteger(L, pid);
    return 1;
}

/* pipe() -> reading end, writing end; neither is inherited by itself. */
static int
make_pipe(lua_State *L)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return push_errno(L, "pipe");
    lua_pushinteger(L, fds[0]);
    lua_pushinteger(L, fds[1]);
    return 2;
}

static int
kill_process(lua_State *L)
{
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);
    int number = (int)luaL_checkinteger(L, 2);

    if (pid <= 1) /* 0 and -1 would be everybody */
        return luaL_error(L, "not a process: %d", (int)pid);
    return push_done(L, kill(pid, number), "kill");
}

static int
wait_ready(int fd, double seconds)
{
    struct pollfd p = { fd, POLLIN, 0 };
    int rc;

    do
        rc = poll(&p, 1, seconds < 0 ? -1 : (int)(seconds * 1000));
    while (rc < 0 && errno == EINTR);
    return rc;
}

static double
seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* wait(pid, seconds) -> "exit", code, use | "signal", number, use | nil,
 * "timeout"; use = { user=, system=, peak_kib= } */
static int
wait_process(lua_State *L)
{
    pid_t pid = (pid_t)luaL_checkinteger(L, 1);
    double seconds = luaL_optnumber(L, 2, -1);
    struct rusage use;
    int status, fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0)
        return push_errno(L, "pidfd_open");
    int ready = wait_ready(fd, seconds);
    close(fd);
    if (ready == 0) {
        lua_pushnil(L);
        lua_pushstring(L, "timeout");
        return 2;
    }
    if (wait4(pid, &status, 0, &use) < 0)
        return push_errno(L, "wait4");
    lua_pushstring(L, WIFEXITED(status) ? "exit" : "signal");
    lua_pushinteger(L,
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    lua_createtable(L, 0, 3);
    lua_pushnumber(L, seconds_of(use.ru_utime));
    lua_setfield(L, -2, "user");
    lua_pushnumber(L, seconds_of(use.ru_stime));
    lua_setfield(L, -2, "system");
    lua_pushinteger(L, use.ru_maxrss);
    lua_setfield(L, -2, "peak_kib");
    return 3;
}

/* open(path, "r"|"w"|"a") -> descriptor, not inherited by itself */
static int
open_file(lua_State *L)
{
    static const char *const words[] = { "r", "w", "a", NULL };
    static const int flags[] = { O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC,
                                 O_WRONLY | O_CREAT | O_APPEND };
    const char *path = luaL_checkstring(L, 1);
    int how = luaL_checkoption(L, 2, "r", words);
    int fd = open(path, flags[how] | O_CLOEXEC, 0644);

    if (fd < 0)
        return push_errno(L, path);
    lua_pushinteger(L, fd);
    return 1;
}

static int
close_fd(lua_State *L)
{
    return push_done(L, close((int)luaL_checkinteger(L, 1)), "close");
}

/* read(fd, seconds) -> bytes, "" at the end, nil when nothing came in time */
static int
read_fd(lua_State *L)
{
    char bytes[65536];
    int fd = (int)luaL_checkinteger(L, 1);

    if (wait_ready(fd, luaL_optnumber(L, 2, -1)) == 0)
        return 0;
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0)
        return push_errno(L, "read");
    lua_pushlstring(L, bytes, (size_t)n);
    return 1;
}

/* write(fd, bytes): all of them, or nil and why */
static int
write_fd(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1);
    size_t len;
    const char *bytes = luaL_checklstring(L, 2, &len);

    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return push_errno(L, "write");
        bytes += n;
        len -= (size_t)n;
    }
    return push_done(L, 0, "write");
}

static int
sync_fd(lua_State *L)
{
    return push_done(L, fsync((int)luaL_checkinteger(L, 1)), "fsync");
}

static int
make_folder(lua_State *L)
{
    char path[4096];

    lua_pushfstring(L, "%s/cdrlua-test-XXXXXX", luaL_checkstring(L, 1));
    strncpy(path, lua_tostring(L, -1), sizeof path - 1);
    path[sizeof path - 1] = '\0';
    if (mkdtemp(path) == NULL)
        return push_errno(L, path);
    lua_pushstring(L, path);
    return 1;
}

static int
mkdir_path(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    return push_done(L, mkdir(path, 0755), path);
}

/* stat(path) -> { dev=, ino=, size=, mtime=, mode= }, links followed */
static int
stat_path(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    struct stat st;

    if (stat(path, &st) < 0)
        return push_errno(L, path);
    lua_createtable(L, 0, 5);
    lua_pushinteger(L, (lua_Integer)st.st_dev);
    lua_setfield(L, -2, "dev");
    lua_pushinteger(L, (lua_Integer)st.st_ino);
    lua_setfield(L, -2, "ino");
    lua_pushinteger(L, (lua_Integer)st.st_size);
    lua_setfield(L, -2, "size");
    lua_pushnumber(L, (double)st.st_mtim.tv_sec + st.st_mtim.tv_nsec / 1e9);
    lua_setfield(L, -2, "mtime");
    lua_pushinteger(L, (lua_Integer)(st.st_mode & 07777));
    lua_setfield(L, -2, "mode");
    return 1;
}

static int
truncate_path(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    return push_done(L, truncate(path, luaL_checkinteger(L, 2)), path);
}

static int
link_symbolic(lua_State *L)
{
    const char *to = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    return push_done(L, symlink(to, path), path);
}

static int
link_hard(lua_State *L)
{
    const char *old = luaL_checkstring(L, 1), *path = luaL_checkstring(L, 2);
    return push_done(L, link(old, path), path);
}

static int
absolute(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    char *whole = realpath(path, NULL);

    if (whole == NULL)
        return push_errno(L, path);
    lua_pushstring(L, whole);
    free(whole);
    return 1;
}

static int
now(lua_State *L)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec / 1e9);
    return 1;
}

static int
sleep_ms(lua_State *L)
{
    lua_Integer ms = luaL_checkinteger(L, 1);
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&t, NULL);
    return 0;
}

static const luaL_Reg functions[] = {
    { "start", start },
    { "pipe", make_pipe },
    { "kill", kill_process },
    { "wait", wait_process },
    { "open", open_file },
    { "close", close_fd },
    { "read", read_fd },
    { "write", write_fd },
    { "fsync", sync_fd },
    { "mkdtemp", make_folder },
    { "mkdir", mkdir_path },
    { "stat", stat_path },
    { "truncate", truncate_path },
    { "symlink", link_symbolic },
    { "link", link_hard },
    { "realpath", absolute },
    { "now", now },
    { "sleep_ms", sleep_ms },
    { NULL, NULL },
};

int
luaopen_native_process(lua_State *L)
{
    /* A program that ends early must not take the specs with it. */
    signal(SIGPIPE, SIG_IGN);
    luaL_newlib(L, functions);
    return 1;
}
