/* smtp_wire.c -- a connection to a mail server: what is said and answered. */
#include "action/smtp_wire.h"

#include <assert.h>
#include <curl/curl.h>
#include <string.h>

#include "action/http_loop.h"
#include "action/http_set.h"
#include "base/text.h"

#define HEARD_MOST ((size_t)64 << 10) /* bytes that are no whole reply yet */
#define SHOWN_MOST 200

struct smtp_wire {
    struct ev_loop *loop;
    const struct smtp_url *url;
    const struct smtp_wire_calls *calls;
    void *arg;

    CURLM *multi;
    struct http_loop *glue;
    CURL *easy;      /* NULL: closed */
    unsigned opened; /* how often */
    bool ready;
    char why[CURL_ERROR_SIZE];
    ev_io io;
    struct bytes out, in;
    size_t sent; /* of `out` */
};

/* ---- open and closed ---- */

void
smtp_wire_close(struct smtp_wire *w)
{
    ev_io_stop(w->loop, &w->io);
    if (w->easy == NULL)
        return;
    curl_multi_remove_handle(w->multi, w->easy);
    curl_easy_cleanup(w->easy);
    w->easy = NULL;
    w->ready = false;
    w->out.len = w->sent = w->in.len = 0;
}

static void
set_tls(struct smtp_wire *w)
{
    static const long words[] = { [SMTP_TLS_REQUIRED] = CURLUSESSL_ALL,
                                  [SMTP_TLS_TRY] = CURLUSESSL_TRY,
                                  [SMTP_TLS_NONE] = CURLUSESSL_NONE };

    curl_easy_setopt(w->easy, CURLOPT_USE_SSL, words[w->url->tls]);
}

void
smtp_wire_open(struct smtp_wire *w)
{
    assert(w->easy == NULL);
    w->easy = curl_easy_init();
    assert(w->easy != NULL);
    w->opened++;
    *w->why = '\0';
    curl_easy_setopt(w->easy, CURLOPT_URL, w->url->url);
    curl_easy_setopt(w->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(w->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(w->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(w->easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, w->why);
    http_set_access(w->easy, &w->url->access);
    set_tls(w);
    curl_multi_add_handle(w->multi, w->easy);
}

bool
smtp_wire_is_open(const struct smtp_wire *w)
{
    return w->easy != NULL && w->in.len == 0;
}

static void
lost(struct smtp_wire *w, const char *why)
{
    smtp_wire_close(w);
    w->calls->lost(w->arg, why);
}

/* ---- replies ---- */

/* The length of the whole reply at the beginning; 0: it is not there yet. Its
 * last line has no "-" behind the status. */
static size_t
reply_len(const struct bytes *in)
{
    const char *line = in->at, *end;

    while (in->len > 0 && line < in->at + in->len) {
        end = memchr(line, '\n', (size_t)(in->at + in->len - line));
        if (end == NULL)
            return 0;
        if (end - line < 4 || line[3] != '-')
            return (size_t)(end + 1 - in->at);
        line = end + 1;
    }
    return 0;
}

/* 0: it has none. */
static int
status_of(const char *reply)
{
    int status = 0;

    for (size_t i = 0; i < 3; i++) {
        if (reply[i] < '0' || reply[i] > '9')
            return 0;
        status = 10 * status + reply[i] - '0';
    }
    return status;
}

/* Takes one reply out of what was heard: its text, ended by a NUL. */
static bool
next_reply(struct smtp_wire *w, struct bytes *text)
{
    size_t len = reply_len(&w->in), shown = len;

    text->len = 0;
    if (len == 0)
        return false;
    while (shown > 0 && strchr("\r\n", w->in.at[shown - 1]) != NULL)
        shown--;
    text_add_line(text, w->in.at, shown < SHOWN_MOST ? shown : SHOWN_MOST);
    bytes_add(text, "", 1);
    bytes_drop(&w->in, len);
    return true;
}

/* ---- bytes ---- */

static bool
write_out(struct smtp_wire *w)
{
    CURLcode rc = CURLE_OK;
    size_t n;

    while (w->sent < w->out.len && rc == CURLE_OK) {
        rc = curl_easy_send(w->easy, w->out.at + w->sent, w->out.len - w->sent,
                            &n);
        if (rc == CURLE_OK)
            w->sent += n;
    }
    if (w->sent == w->out.len)
        w->out.len = w->sent = 0;
    if (rc == CURLE_OK || rc == CURLE_AGAIN)
        return true;
    lost(w, curl_easy_strerror(rc));
    return false;
}

/* All that there is: TLS may hold some of which the socket says nothing. */
static CURLcode
read_in(struct smtp_wire *w)
{
    CURLcode rc;
    size_t n;

    do {
        rc = curl_easy_recv(w->easy, bytes_room(&w->in, 4096), 4096, &n);
        if (rc == CURLE_OK)
            w->in.len += n;
    } while (rc == CURLE_OK && n > 0 && w->in.len < HEARD_MOST);
    return rc;
}

static void
watch(struct smtp_wire *w)
{
    curl_socket_t fd;

    curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    ev_io_stop(w->loop, &w->io);
    ev_io_set(&w->io, fd, EV_READ | (w->out.len > 0 ? EV_WRITE : 0));
    ev_io_start(w->loop, &w->io);
}

/* Tells the replies that are there; one may close it and open another. */
static void
tell(struct smtp_wire *w)
{
    struct bytes text = { 0 };

    while (w->ready && next_reply(w, &text))
        w->calls->reply(w->arg, status_of(text.at), text.at);
    bytes_free(&text);
}

static void
on_io(struct ev_loop *loop, ev_io *io, int events)
{
    struct smtp_wire *w = io->data;
    unsigned opened = w->opened;
    CURLcode rc = events & EV_READ ? read_in(w) : CURLE_AGAIN;

    (void)loop;
    tell(w);
    if (!w->ready || w->opened != opened)
        return;
    if (rc == CURLE_OK)
        lost(w, w->in.len < HEARD_MOST ? "the server closed the connection"
                                       : "the server's answer has no end");
    else if (rc != CURLE_AGAIN)
        lost(w, curl_easy_strerror(rc));
    else if (write_out(w))
        watch(w);
}

void
smtp_wire_say(struct smtp_wire *w, const char *bytes, size_t len)
{
    bytes_add(&w->out, bytes, len);
    watch(w);
}

/* It is open, or could not be opened. */
static void
on_moved(void *arg)
{
    struct smtp_wire *w = arg;
    CURLMsg *message;
    CURLcode code;
    int left;

    while ((message = curl_multi_info_read(w->multi, &left)) != NULL) {
        code = message->data.result;
        w->ready = code == CURLE_OK;
        if (w->ready)
            w->calls->ready(w->arg);
        else
            lost(w, *w->why != '\0' ? w->why : curl_easy_strerror(code));
    }
}

/* ---- birth and death ---- */

struct smtp_wire *
smtp_wire_new(struct ev_loop *loop, const struct smtp_url *url,
              const struct smtp_wire_calls *calls, void *arg)
{
    struct smtp_wire *w = mem_new(sizeof *w);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    w->loop = loop;
    w->url = url;
    w->calls = calls;
    w->arg = arg;
    w->multi = curl_multi_init();
    assert(w->multi != NULL);
    w->glue = http_loop_new(loop, w->multi, on_moved, w);
    ev_io_init(&w->io, on_io, -1, EV_READ);
    w->io.data = w;
    return w;
}

void
smtp_wire_free(struct smtp_wire *w)
{
    if (w == NULL)
        return;
    if (w->ready)
        write_out(w); /* a last word, if that needs no waiting */
    smtp_wire_close(w);
    curl_multi_cleanup(w->multi);
    http_loop_free(w->glue);
    bytes_free(&w->out);
    bytes_free(&w->in);
    mem_free(w);
}
