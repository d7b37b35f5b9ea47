/* One run of one collective in one setting: a trial. */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include "bench/common/failure.h"
#include "bench/common/places.h"
#include "bench/common/setting.h"
#include "bench/common/split.h"

typedef struct trial_result {
    failure why;         /* status 0: it ran, and what follows is known */
    setting used;        /* what the loop made of the setting */
    double seconds;      /* virtual, until the last node was done */
    ds_path path;        /* that led there */
    double wall_seconds; /* that it took to find out */
    uint64_t digest;
    double whole;      /* virtual seconds, until all was over */
    ds_link_use *uses; /* by link, to be freed; NULL: nobody has asked */
    split split;       /* of the path, likewise; parts are NULL then */
} trial_result;

/* A copy of an algorithm, with the parameters of the setting, and told of the
 * places, which it borrows, if it cares. */
ds_collective trial_algorithm(const ds_collective *how, const setting *s,
                              const places *where);

/* Runs it, with the parameters of the setting, and on a topology splits its
 * path by link if that is to be explained; one of so many (0: nobody knows) of
 * which some are done.  If standard error is a terminal, a line there says so
 * meanwhile. */
trial_result trial_run(const ds_collective *how, const setting *s, bool explain,
                       size_t done, size_t all);

#endif
