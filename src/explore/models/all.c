/* All models, by name. */

#include "explore/models/models.h"

static const ds_model *const all[] = {
    &ds_bank_model,         &ds_counter_model, &ds_lock_model,
    &ds_log_model,          &ds_map_model,     &ds_mutex_model,
    &ds_nil_register_model, &ds_queue_model,   &ds_register_model,
    &ds_set_model,          &ds_stack_model,
};

const ds_model *const *ds_model_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all);
    return all;
}

const ds_model *ds_model_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (name != NULL && strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
