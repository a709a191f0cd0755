/* options_list.h -- every option that there is; for options*.c alone. */
#ifndef OPTIONS_LIST_H
#define OPTIONS_LIST_H

#include "options.h"

struct spec {
    const char *name;
    char letter;       /* 0: none */
    const char *value; /* what the help calls it; NULL: takes none */
    unsigned commands;
    int (*take)(struct options *o, const char *value, struct error *err);
    const char *help;
};

#define OPTIONS_LISTED 49
extern const struct spec options_list[OPTIONS_LISTED];

#endif
