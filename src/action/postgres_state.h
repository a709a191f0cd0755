/* postgres_state.h -- what PostgreSQL's error codes mean for rows. */
#ifndef ACTION_POSTGRES_STATE_H
#define ACTION_POSTGRES_STATE_H

#include <stdbool.h>

#define POSTGRES_STATE 6

/* The code of an error; NULL: it has none, as where a connection was lost. */
void postgres_state_copy(char to[POSTGRES_STATE], const char *state);

/* One of the rows is wrong, rather than the database not as it should be. */
bool postgres_state_refuses(const char *state);

/* There is no such table, or it has no such column. */
bool postgres_state_lacks(const char *state);

/* Of making a table: it is there since, made by another at the same time. */
bool postgres_state_made(const char *state);

/* A row is there already. */
bool postgres_state_doubles(const char *state);

/* What is wrong has to do with the table. */
bool postgres_state_of_table(const char *state);

#endif
