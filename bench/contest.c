/* See contest.h. */

#include "bench/contest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void contest_free(struct contest *contest)
{
    free(contest->contenders);
    free(contest->settings.list);
}

/* ---- Who takes part -------------------------------------------------------*/

const char *contest_obstacle(const struct contender *contender,
                             const struct setting *setting)
{
    if (setting->mode != DS_COMM_ASYNC &&
        (contender->traits & DS_TRAIT_ASYNC_ONLY) != 0)
        return "does not run in rendezvous mode";
    if ((setting->nodes & (setting->nodes - 1)) != 0 &&
        (contender->traits & DS_TRAIT_POWER) != 0)
        return "needs a number of nodes that is a power of two";
    return NULL;
}

bool contest_is_held(const struct contest *contest,
                     const struct setting *setting)
{
    for (size_t i = 0; i < contest->n; i++)
        if (contest_obstacle(&contest->contenders[i], setting) == NULL)
            return true;
    return false;
}

static bool runs_somewhere(const struct contest *contest,
                           const struct contender *contender)
{
    for (size_t i = 0; i < contest->settings.n; i++)
        if (!contest_obstacle(contender, &contest->settings.list[i]))
            return true;
    return false;
}

/* Once for each number of nodes in a row. */
static void say_where_not(const struct contest *contest,
                          const struct contender *contender)
{
    size_t said = 0;

    for (size_t i = 0; i < contest->settings.n; i++) {
        const struct setting *s = &contest->settings.list[i];
        const char *obstacle = contest_obstacle(contender, s);

        if (obstacle != NULL && s->nodes != said) {
            args_warn("%s is left out with %zu nodes; it %s", contender->name,
                      s->nodes, obstacle);
            said = s->nodes;
        }
    }
}

static bool is_held_nowhere(const struct contest *contest)
{
    for (size_t i = 0; i < contest->settings.n; i++)
        if (contest_is_held(contest, &contest->settings.list[i]))
            return false;
    return true;
}

static void refuse(const struct contest *contest, const char *option)
{
    const struct contender *one = &contest->contenders[0];

    args_fail("%s: %s %s", option, one->name,
              contest_obstacle(one, &contest->settings.list[0]));
}

static void admit(struct contest *contest)
{
    size_t kept = 0;

    for (size_t i = 0; i < contest->n; i++) {
        struct contender *contender = &contest->contenders[i];

        if (runs_somewhere(contest, contender)) {
            say_where_not(contest, contender);
            contest->contenders[kept++] = *contender;
        } else {
            args_warn("%s is left out; it %s", contender->name,
                      contest_obstacle(contender, &contest->settings.list[0]));
        }
    }
    contest->n = kept;
}

size_t contest_admit(struct contest *contests, size_t n, const char *option)
{
    size_t kept = 0;
    size_t empty = 0;

    for (size_t i = 0; i < n; i++)
        empty += is_held_nowhere(&contests[i]);
    if (empty == n)
        refuse(&contests[0], option);
    for (size_t i = 0; i < n; i++) {
        admit(&contests[i]);
        if (contests[i].n > 0)
            contests[kept++] = contests[i];
        else
            contest_free(&contests[i]);
    }
    return kept;
}

/* ---- Running them ---------------------------------------------------------*/

static struct trial trial_of(const struct contest *contest,
                             const struct contender *contender,
                             const struct setting *setting)
{
    return (struct trial){
        .name = contender->name,
        .run = contest->run,
        .algorithm = contender->algorithm,
        .setting = *setting,
    };
}

bool contest_is_tie(double seconds, double least)
{
    return seconds <= least * (1 + 1e-9);
}

static void find_best(struct outcome *outcomes, size_t n)
{
    double least = INFINITY;

    for (size_t i = 0; i < n; i++)
        if (outcomes[i].ran && outcomes[i].result.seconds < least)
            least = outcomes[i].result.seconds;
    for (size_t i = 0; i < n; i++)
        outcomes[i].best = outcomes[i].ran &&
                           contest_is_tie(outcomes[i].result.seconds, least);
}

void contest_run(const struct contest *contest, size_t number,
                 struct outcome *outcomes)
{
    const struct setting *setting = &contest->settings.list[number];
    size_t n = contest->n;

    for (size_t i = 0; i < n; i++) {
        const struct contender *contender = &contest->contenders[i];
        struct trial trial = trial_of(contest, contender, setting);

        outcomes[i] = (struct outcome){ contender, *setting, .ran = false };
        if (contest_obstacle(contender, setting) != NULL)
            continue;
        outcomes[i].ran = true;
        outcomes[i].result =
            trial_run(&trial, number * n + i, contest->settings.n * n);
    }
    find_best(outcomes, n);
}

double contest_seconds(const struct contest *contest,
                       const struct contender *contender,
                       const struct setting *setting)
{
    static size_t done; /* for the line that says how far it is */
    struct trial trial = trial_of(contest, contender, setting);

    return trial_run(&trial, done++, 0).seconds;
}
