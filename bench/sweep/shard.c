/* See shard.h. */

#include "bench/sweep/shard.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define MOST_SHARDS 1000000000

/* The variables of a system: the number of this one, and from which to which,
 * by which step, such numbers go.  NULL: it does not say. */
typedef struct scheduler {
    const char *number;
    const char *least;
    const char *most;
    const char *step;
    const char *count; /* that there are, to be compared */
} scheduler;

static const scheduler schedulers[] = {
    { "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX",
      "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT" },
    { "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE",
      NULL },
    { "PBS_ARRAY_INDEX", NULL, NULL, NULL, NULL },
    { "PBS_ARRAYID", NULL, NULL, NULL, NULL },
    { "JOB_COMPLETION_INDEX", NULL, NULL, NULL, NULL },
};

enum { SCHEDULERS = sizeof(schedulers) / sizeof(*schedulers) };

static const char *read_number(const char *at, uint64_t *number)
{
    char *end;

    if (!isdigit((unsigned char)*at))
        return NULL;
    errno = 0;
    *number = strtoull(at, &end, 10);
    return errno == 0 ? end : NULL;
}

/* False: the variable is not set, or is no number, as outside of arrays. */
static bool read_variable(const char *name, uint64_t *number)
{
    const char *value = name == NULL ? NULL : getenv(name);
    const char *end = value == NULL ? NULL : read_number(value, number);

    return end != NULL && *end == '\0';
}

static const scheduler *find_scheduler(uint64_t *number)
{
    for (size_t i = 0; i < SCHEDULERS; i++)
        if (read_variable(schedulers[i].number, number))
            return &schedulers[i];
    return NULL;
}

/* All that the environment says; false: it does not say it all, or it does not
 * fit together, as an array of 1,5,7. */
static bool read_scheduler(const scheduler *s, uint64_t number, uint64_t *shard,
                           uint64_t *shards)
{
    uint64_t least, most, step = 1, count;

    if (!read_variable(s->least, &least) || !read_variable(s->most, &most) ||
        number < least || number > most)
        return false;
    if (read_variable(s->step, &step) && step == 0)
        return false;
    *shard = (number - least) / step;
    *shards = (most - least) / step + 1;
    return !read_variable(s->count, &count) || count == *shards;
}

static failure read_environment(uint64_t *shard, uint64_t *shards)
{
    uint64_t number;
    const scheduler *s = find_scheduler(&number);

    if (s == NULL || read_scheduler(s, number, shard, shards))
        return SUCCESS;
    return failure_new(BAD_USAGE,
                       "%s is %llu, but the environment does not say of how "
                       "many in a row; --shard=N does, or --shard=I/N, and 0/1 "
                       "is all of it",
                       s->number, (unsigned long long)number);
}

static failure bad_value(const char *option)
{
    return failure_new(BAD_USAGE,
                       "--shard: bad value '%s'; allowed: I/N, with I from 0 "
                       "to N - 1; or N, if the environment says which",
                       option);
}

failure shard_find(const char *option, uint64_t *shard, uint64_t *shards)
{
    const char *at;

    *shard = 0;
    *shards = 1;
    if (option == NULL)
        return read_environment(shard, shards);
    at = read_number(option, shard);
    if (at != NULL && *at == '/')
        at = read_number(at + 1, shards);
    else if (at != NULL) {
        *shards = *shard;
        if (find_scheduler(shard) == NULL)
            return failure_new(BAD_USAGE,
                               "--shard=%s: the environment does not say which "
                               "one this is; I/N does, with I from 0",
                               option);
    }
    if (at == NULL || *at != '\0' || *shards == 0 || *shards > MOST_SHARDS)
        return bad_value(option);
    if (*shard >= *shards)
        return failure_new(BAD_USAGE,
                           "--shard=%s: this is number %llu, and they are "
                           "numbered from 0 to %llu",
                           option, (unsigned long long)*shard,
                           (unsigned long long)*shards - 1);
    return SUCCESS;
}
