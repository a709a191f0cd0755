/* smtp_url.h -- what a mail sink is told: which server, from whom, to whom. */
#ifndef ACTION_SMTP_URL_H
#define ACTION_SMTP_URL_H

#include "action/http.h"
#include "action/mail.h"
#include "action/sink_options.h"

enum smtp_tls { SMTP_TLS_REQUIRED, SMTP_TLS_TRY, SMTP_TLS_NONE };

struct smtp_url {
    char *url, *shown; /* without the user and the password */
    enum smtp_tls tls; /* of smtp:// by STARTTLS; smtps:// always has it */
    struct http_access access;
    char *user, *password; /* owned for `access` */
    struct mail_head head;
    double timeout_s;
    bool is_local;       /* the server is on this machine */
    const char *warning; /* NULL: all is well */
};

/* The keys of the options, ended by NULL. */
extern const char *const smtp_url_options[];

/* "smtp://[user[:password]@]host[:port]", or smtps://. All zero before. Freed
 * by smtp_url_free, also after a failure. */
int smtp_url_read(struct smtp_url *u, const char *url,
                  const struct sink_options *o, struct error *err);
void smtp_url_free(struct smtp_url *u);

#endif
