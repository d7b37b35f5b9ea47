/* The switches that programs can choose from, by name. */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include <distsys.h>

#include "bench/common/args.h"

enum { MODEL_GREEDY, MODEL_MAXMIN, MODEL_DENSE, MODELS };

extern const args_known model_names;     /* greedy, maxmin */
extern const args_known model_all_names; /* and dense: greedy by definition */

typedef union model_room {
    ds_greedy_switch greedy;
    ds_maxmin_switch maxmin;
} model_room;

/* The switch of that index among the names, with n ports of a rate, in a place
 * that the caller has for it. */
const ds_switch *model_make(size_t index, size_t n, double rate,
                            model_room *room);

#endif
