/* id.c -- the stable identity of an event: equal over restarts and copies. */
#include <stdio.h>
#include <string.h>

#include "script/job.h"

void
line_id(const struct script_line *line, char id[LINE_ID_SIZE])
{
    uint64_t of[2] = { line->first_line, line->offset };

    if (line->id != NULL) {
        snprintf(id, LINE_ID_SIZE, "%s", line->id);
        return;
    }
    hash_id(id, hash_bytes(of, sizeof of), line->text ? line->text : "",
            line->text ? line->len : 0);
}

void
job_id(const struct job *job, char id[JOB_ID_SIZE])
{
    size_t len;

    line_id(&job->line, id);
    len = strlen(id);
    if (job->ordinal > 0)
        snprintf(id + len, JOB_ID_SIZE - len, "-%u", job->ordinal);
}

uint64_t
job_origin(struct job *job)
{
    char id[JOB_ID_SIZE];
    uint64_t of[2];

    job_id(job, id);
    of[0] = hash_bytes(id, strlen(id));
    of[1] = ++job->origins;
    return hash_bytes(of, sizeof of);
}
