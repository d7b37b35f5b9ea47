/* Algorithms against each other: each of them in every setting.
 *
 * A program says who takes part, at what, and what theory has to say of it.
 * Here they are run and the best are found; show.h prints what came out. */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "bench/rules.h"
#include "bench/setting.h"
#include "bench/trial.h"

/* One that takes part. */
struct contender {
    const char *name;
    const void *algorithm; /* its description; borrowed */
    unsigned traits;       /* DS_TRAIT_... */
    /* Parameters that it was given, for rows; 0: the default. */
    size_t granularity;
    size_t group;
    size_t chunk;
};

/* What there is on paper, in seconds. */
struct theory {
    bool has_closed_form;
    double closed_form;
    double lower_bound;
    double one_port_bound;
};

typedef struct theory theory_fn(const struct contender *contender,
                                const struct setting *setting);

struct contest {
    const char *name; /* of what they do, such as "allreduce" */
    struct contender *contenders;
    size_t n; /* at least 1 */
    struct settings settings;
    const struct rules *rules; /* of the MPI libraries */

    /* What each node does; see trial.h. */
    bool (*run)(ds_comm *c, const struct trial *trial);
    theory_fn *theory;
    /* Any algorithm that rules may name, taking part or not. */
    struct contender (*find)(const char *name);
};

void contest_free(struct contest *contest);

/* Leaves out who can run in none of the settings of its contest, and says so on
 * standard error, also of those that cannot run in some; then contests that
 * nobody is left in.  Returns how many remain; bad usage of this option if none
 * does. */
size_t contest_admit(struct contest *contests, size_t n, const char *option);

/* Why a contender cannot run in a setting, as in "NAME ..."; NULL: it can. */
const char *contest_obstacle(const struct contender *contender,
                             const struct setting *setting);

/* Whether anybody can run in a setting. */
bool contest_is_held(const struct contest *contest,
                     const struct setting *setting);

/* What is known of a contender in a setting when it has been run. */
struct outcome {
    const struct contender *contender;
    struct setting setting;
    struct trial_result result;
    bool ran;  /* false: it cannot, and nothing else is known */
    bool best; /* nothing else in this setting was faster; several may be */
};

/* Runs all in the setting of this number; outcomes has room for n. */
void contest_run(const struct contest *contest, size_t number,
                 struct outcome *outcomes);

/* Whether a time is as good as the least one.  What is equal on paper is equal
 * here: a billionth more is nothing but rounding. */
bool contest_is_tie(double seconds, double least);

/* Runs one in any setting that it can run in: how many seconds it takes. */
double contest_seconds(const struct contest *contest,
                       const struct contender *contender,
                       const struct setting *setting);

#endif
