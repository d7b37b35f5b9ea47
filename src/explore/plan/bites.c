/* Counts what bit; see the header. */

#include "explore/plan/bites.h"

#include "explore/plan/script.h"

const char *const ds__family_names[DS__NUM_FAMILIES] = {
    "crash",  "pause", "partition", "drop", "duplicate", "reorder",
    "damage", "clock", "speed",     "disk", "link",      "stall",
};

void ds__bites_count(ds_loop *loop)
{
    ds__script *script = ds__script_of(loop, "ds_plan_apply");

    if (script != NULL)
        script->counts = true;
}

/* Brings one that is still on up to date. */
static const ds__bite *look_at(ds__act *act)
{
    if (act->state == DS__ACT_ON && act->node != NULL)
        ds__machine_bites(act);
    if (act->state == DS__ACT_ON && act->line.kind == DS__PLAN_OFF)
        ds__wire_bites(act);
    return &act->bite;
}

/* Most lines are of one family. */
static void add(ds__bites *bites, const ds__bite *bite)
{
    for (unsigned left = bite->planned | bite->bit; left != 0;
         left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);
        bool planned = bite->planned >> i & 1;
        bites->planned[i] += planned;
        bites->happened[i] += planned && bite->happened;
        bites->bit[i] += bite->bit >> i & 1;
    }
}

ds__bites ds__bites_of(const ds_loop *loop)
{
    const ds__script *script = ds__script_find(loop);
    ds__bites bites = { 0 };

    if (script == NULL || !script->counts)
        return bites;
    for (size_t i = 0; i < script->num_acts; i++)
        add(&bites, look_at(script->acts[i]));
    bites.singles = script->singles;
    return bites;
}

const ds__bite *ds__bite_of_line(const ds_loop *loop, size_t line)
{
    const ds__script *script = ds__script_find(loop);

    return script == NULL || line >= script->num_acts
               ? NULL
               : look_at(script->acts[line]);
}
