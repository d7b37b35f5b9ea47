/* See model.h. */

#include "bench/common/model.h"

static const char *const names[MODELS] = { "greedy", "maxmin", "dense" };

const args_known model_names = { names, MODEL_DENSE };
const args_known model_all_names = { names, MODELS };

const ds_switch *model_make(size_t index, size_t n, double rate,
                            model_room *room)
{
    if (index == MODEL_MAXMIN) {
        room->maxmin = ds_maxmin_switch_uniform(n, rate);
        return &room->maxmin.base;
    }
    room->greedy = ds_greedy_switch_uniform(n, rate);
    if (index == MODEL_DENSE)
        room->greedy.base.engine = NULL;
    return &room->greedy.base;
}
