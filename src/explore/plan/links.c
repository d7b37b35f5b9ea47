/* What the acts of a script say of links. */

#include "base/invariant.h"
#include "explore/plan/script.h"

/* ---- Which messages an act is about ---------------------------------------*/

/* The place of a node in a cast, + 1; 0: it is not in it. */
static uint32_t place_of(const ds__cast *cast, const ds_node *node)
{
    return node->number < cast->num_places ? cast->places[node->number] : 0;
}

static bool is_end(uint32_t end, uint32_t place)
{
    return end == DS__PLAN_EVERY || end == place - 1;
}

/* Tells whether a link of an act leads from one place to another one. */
static bool leads(const ds__plan_line *line, uint32_t from, uint32_t to)
{
    return (is_end(line->node, from) && is_end(line->to, to)) ||
           (line->both && is_end(line->node, to) && is_end(line->to, from));
}

static bool parts(const ds__act *act, uint32_t from, uint32_t to)
{
    uint32_t side = act->sides[from - 1];

    assert(from <= act->cast->count && to <= act->cast->count);

    return side == 0 || side != act->sides[to - 1];
}

static bool is_about(const ds__act *act, const ds_net *net, const ds_msg *msg)
{
    if (act->cast->net != net || msg->source == NULL)
        return false;

    uint32_t from = place_of(act->cast, msg->source->node);
    uint32_t to = place_of(act->cast, msg->dest->node);
    if (from == 0 || to == 0 || from == to)
        return false;
    return act->sides != NULL ? parts(act, from, to)
                              : leads(&act->line, from, to);
}

static ds__act *act_of(ds__link *link)
{
    return ds__container(link, ds__act, link);
}

/* ---- What they say --------------------------------------------------------*/

static bool cuts(const ds__act *act)
{
    return act->line.kind == DS__PLAN_CUT ||
           act->line.kind == DS__PLAN_PARTITION;
}

static ds__link_state state(const ds__overlay *self, const ds_net *net,
                            const ds_msg *msg)
{
    const ds__script *script = (const ds__script *)self;
    ds__link_state found = DS__LINK_OPEN;

    for (ds__link *l = script->links.next; l != &script->links; l = l->next) {
        const ds__act *act = act_of(l);
        if (act->line.kind == DS__PLAN_FAULTS || !is_about(act, net, msg))
            continue;
        if (cuts(act))
            return DS__LINK_CUT;
        found = DS__LINK_HELD;
    }
    return found;
}

static double *field_of(ds_link_faults *faults, size_t i)
{
    double *const fields[] = { &faults->drop, &faults->duplicate, &faults->late,
                               &faults->damage, &faults->jitter };

    return fields[i];
}

/* Each says what it names, and those that began later are right. */
static bool chances(const ds__overlay *self, const ds_net *net,
                    const ds_msg *msg, ds_link_faults *faults)
{
    const ds__script *script = (const ds__script *)self;
    bool changed = false;

    for (ds__link *l = script->links.next; l != &script->links; l = l->next) {
        const ds__act *act = act_of(l);
        if (act->line.kind != DS__PLAN_FAULTS || !is_about(act, net, msg))
            continue;
        changed = true;
        for (size_t i = 0; i < DS__PLAN_MOST; i++)
            if (act->line.named >> i & 1)
                *field_of(faults, i) = act->line.value[i];
    }
    return changed;
}

/* ---- What they have done --------------------------------------------------*/

/* Which family a fate is of, if a line of this kind is what brought it. */
static unsigned family_of(ds__mishap fate, const ds__act *act)
{
    bool chance = act->line.kind == DS__PLAN_FAULTS;

    switch (fate) {
    case DS__MISHAP_CUT:
        return cuts(act) ? DS_HAZARD_PARTITION : 0;
    case DS__MISHAP_HELD:
        return act->line.kind == DS__PLAN_HOLD ? DS_HAZARD_REORDER : 0;
    case DS__MISHAP_DROPPED:
        return chance ? DS_HAZARD_DROP : 0;
    case DS__MISHAP_DOUBLED:
        return chance ? DS_HAZARD_DUPLICATE : 0;
    case DS__MISHAP_DAMAGED:
        return chance ? DS_HAZARD_DAMAGE : 0;
    case DS__MISHAP_PUT_OFF:
        return chance ? DS_HAZARD_REORDER : 0;
    case DS__MISHAP_DOWN:
    case DS__MISHAP_SINGLE:
        break;
    }
    return 0;
}

/* It came to a machine that was down. */
static void tell_machines(ds__script *script, const ds_node *node)
{
    ds__link *list = &script->machines;

    for (ds__link *l = list->next; l != list; l = l->next)
        if (act_of(l)->node == node && act_of(l)->struck)
            act_of(l)->bite.bit |= DS_HAZARD_CRASH;
}

static void tell(ds__overlay *self, const ds_net *net, const ds_msg *msg,
                 ds__mishap fate)
{
    ds__script *script = (ds__script *)self;
    ds__link *list = &script->links;

    if (!script->counts)
        return;
    script->singles += fate == DS__MISHAP_SINGLE;
    if (fate == DS__MISHAP_DOWN)
        tell_machines(script, msg->dest->node);
    for (ds__link *l = list->next; l != list; l = l->next) {
        ds__act *act = act_of(l);
        unsigned family = family_of(fate, act) & act->bite.planned;
        if (family != 0 && is_about(act, net, msg))
            act->bite.bit |= family;
    }
}

/* ---- For the script -------------------------------------------------------*/

void ds__script_overlay(ds__script *script)
{
    script->overlay = (ds__overlay){
        .state = state,
        .chances = chances,
        .tell = tell,
    };
}

void ds__links_changed(const ds__act *act)
{
    if (act->line.kind != DS__PLAN_FAULTS)
        ds__faults_look_again(act->cast->net);
}
