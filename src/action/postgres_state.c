/* postgres_state.c -- what PostgreSQL's error codes mean for rows. */
#include "action/postgres_state.h"

#include <string.h>

/* By the class; a trigger of the database's owner may refuse too, and what has
 * the event's name may be no table, as an index of ours. */
bool
postgres_state_refuses(const char *state)
{
    return strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 ||
           strcmp(state, "P0001") == 0 || strcmp(state, "54000") == 0 ||
           strcmp(state, "42809") == 0;
}

bool
postgres_state_lacks(const char *state)
{
    return strcmp(state, "42P01") == 0 || strcmp(state, "42703") == 0;
}

/* Which of the two depends on how far the other was. */
bool
postgres_state_made(const char *state)
{
    return strcmp(state, "42P07") == 0 || strcmp(state, "23505") == 0;
}

bool
postgres_state_doubles(const char *state)
{
    return strcmp(state, "23505") == 0;
}
