/* What all parts of a trial need: memory that goes with it, and to say why it
 * has failed. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "explore/runner/inside.h"
#include "loop/loop.h"

/* ---- Blame ----------------------------------------------------------------*/

void ds__trial_vblame(ds_trial *t, ds__fate fate, ds__judge judge,
                      const char *format, va_list args)
{
    ds__result *result = t->result;

    if (result->fate != DS__WELL)
        return;
    result->fate = fate;
    result->judge = judge;
    ds__vformat(result->why, sizeof(result->why), format, args);
}

void ds__trial_blame(ds_trial *t, ds__fate fate, ds__judge judge,
                     const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ds__trial_vblame(t, fate, judge, format, args);
    va_end(args);
}

/* ---- Memory ---------------------------------------------------------------*/

/* What a trial was granted, behind this. */
struct ds__grant {
    ds__grant *older;
    max_align_t bytes[];
};

void *ds__trial_grant(ds_trial *t, size_t size)
{
    ds__grant *grant;

    if (size > SIZE_MAX - sizeof(*grant))
        return NULL;
    grant = calloc(1, sizeof(*grant) + size);
    if (grant == NULL)
        return NULL;
    grant->older = t->grants;
    t->grants = grant;
    return grant->bytes;
}

void ds__trial_starve(const ds_trial *t, const char *call, size_t size)
{
    char why[200];

    ds__format(why, sizeof(why), "%s: out of memory (%zu bytes)", call, size);
    if (t->order->last_words != NULL)
        ds__format(t->order->last_words, t->order->last_words_size, "%s", why);
    else
        dprintf(STDERR_FILENO, "%s: seed %llu: %s\n", t->test.name,
                (unsigned long long)t->order->seed, why);
    _exit(DS__DIED);
}

void *ds_trial_alloc(ds_trial *t, size_t size)
{
    void *bytes = t == NULL ? NULL : ds__trial_grant(t, size);

    if (bytes == NULL && t != NULL)
        ds__trial_starve(t, "ds_trial_alloc", size);
    return bytes;
}

void ds_trial_set_user(ds_trial *t, void *user)
{
    if (t != NULL)
        t->user = user;
}

void *ds_trial_user(const ds_trial *t)
{
    return t == NULL ? NULL : t->user;
}

void ds__trial_free_grants(ds_trial *t)
{
    while (t->grants != NULL) {
        ds__grant *grant = t->grants;
        t->grants = grant->older;
        free(grant);
    }
}
