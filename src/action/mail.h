/* mail.h -- a message as a mail: headers and a body of plain text. */
#ifndef ACTION_MAIL_H
#define ACTION_MAIL_H

#include "action/fields.h"
#include "action/mail_address.h"
#include "action/message.h"

/* Between whom. */
struct mail_head {
    struct mail_addresses from, to; /* the first has one */
    const char *subject; /* where the message says none; NULL: its event */
};

/* Adds the whole mail, lines of ASCII that end in CRLF, none begun by a dot. A
 * JSON object with the texts "subject" and "text" is the subject and the text;
 * any other becomes "key: value" lines, and what is no object is the text
 * itself. The Message-ID is made of the message's id, so that it is the same
 * when it comes once more. */
void mail_add(struct bytes *out, const struct mail_head *head,
              const struct message *m, struct fields *f);

#endif
