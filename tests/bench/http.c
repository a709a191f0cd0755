/* http.c -- a receiver that does nothing else, and a plain poster to compare
 * cdrlua's with: `http serve PORTFILE`, `http post URL FILE LINES`. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MOST (4 << 20)

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static int
die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- serve ---- */

static size_t
length_of(const char *head)
{
    const char *at = strcasestr(head, "\r\nContent-Length:");

    return at != NULL ? strtoul(at + 17, NULL, 10) : 0;
}

/* Reads requests and answers each, one after the other. */
static void
serve(int fd)
{
    static char in[BODY_MOST];
    size_t have = 0, need = 0;
    ssize_t n;

    while ((n = read(fd, in + have, sizeof in - 1 - have)) > 0) {
        have += (size_t)n;
        in[have] = '\0';
        if (need == 0) {
            char *end = strstr(in, "\r\n\r\n");
            need = end ? (size_t)(end + 4 - in) + length_of(in) : 0;
        }
        if (need == 0 || have < need)
            continue;
        if (write(fd, ok, sizeof ok - 1) < 0)
            return;
        memmove(in, in + need, have - need);
        have -= need;
        need = 0;
    }
}

static void
listen_for_ever(const char *port_file)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0), peer, on = 1;
    FILE *f = fopen(port_file, "w");

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || f == NULL || bind(fd, (struct sockaddr *)&at, len) < 0 ||
        listen(fd, 8) < 0)
        die(port_file);
    getsockname(fd, (struct sockaddr *)&at, &len);
    fprintf(f, "%d", ntohs(at.sin_port));
    fclose(f);
    while ((peer = accept(fd, NULL, NULL)) >= 0) {
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        serve(peer);
        close(peer);
    }
}

/* ---- post ---- */

static void
post(CURL *easy, const char *body, size_t len)
{
    long status = 0;

    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)len);
    if (curl_easy_perform(easy) != CURLE_OK ||
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
        status != 200)
        die("post");
}

static void
post_file(const char *url, const char *path, int lines)
{
    static char body[BODY_MOST];
    FILE *f = fopen(path, "r");
    CURL *easy = curl_easy_init();
    size_t len = 0;
    int n = 0;

    if (f == NULL)
        die(path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    while (fgets(body + len, (int)(sizeof body - len), f) != NULL) {
        len += strlen(body + len);
        if (++n % lines != 0)
            continue;
        post(easy, body, len);
        len = 0;
    }
    if (len > 0)
        post(easy, body, len);
    curl_easy_cleanup(easy);
    fclose(f);
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0)
        listen_for_ever(argv[2]);
    if (argc != 5 || strcmp(argv[1], "post") != 0)
        return 2;
    post_file(argv[2], argv[3], atoi(argv[4]));
    return 0;
}
