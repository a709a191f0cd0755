/* postgres_state.c -- what PostgreSQL's error codes mean for rows. */
#include "action/postgres_state.h"

#include <string.h>

void
postgres_state_copy(char to[POSTGRES_STATE], const char *state)
{
    memset(to, 0, POSTGRES_STATE);
    if (state != NULL)
        strncpy(to, state, POSTGRES_STATE - 1);
}

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

/* Values, constraints, columns and rights, or a lock of somebody else. */
bool
postgres_state_of_table(const char *state)
{
    return strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 ||
           strncmp(state, "42", 2) == 0 || strcmp(state, "55P03") == 0;
}
