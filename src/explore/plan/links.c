/* What the acts of a script say of links.
 *
 * Messages are many and acts begin and end rarely, so what all of them together
 * say of the way from one node to another is kept, and put together anew when a
 * message goes that way after an act has begun or ended. */

#include <stdlib.h>

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

/* Whether an act is about what goes from one place of its cast to another. */
static bool is_between(const ds__act *act, uint32_t from, uint32_t to)
{
    if (from == 0 || to == 0 || from == to)
        return false;
    return act->sides != NULL ? parts(act, from, to)
                              : leads(&act->line, from, to);
}

static bool is_about(const ds__act *act, const ds_net *net, const ds_msg *msg)
{
    return act->cast->net == net && msg->source != NULL &&
           is_between(act, place_of(act->cast, msg->source->node),
                      place_of(act->cast, msg->dest->node));
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

/* Each says what it names, and those that began later are right. */
static void add_chances(ds__saying *saying, const ds__plan_line *line)
{
    ds_link_faults *faults = &saying->faults;
    double *const fields[DS__PLAN_MOST] = {
        &faults->drop,   &faults->duplicate, &faults->late,
        &faults->damage, &faults->jitter,
    };

    saying->named |= line->named;
    for (size_t i = 0; i < DS__PLAN_MOST; i++)
        if (line->named >> i & 1)
            *fields[i] = line->value[i];
}

static void add(ds__saying *saying, const ds__act *act)
{
    if (act->line.kind == DS__PLAN_FAULTS)
        add_chances(saying, &act->line);
    else if (cuts(act))
        saying->state = DS__LINK_CUT;
    else if (saying->state == DS__LINK_OPEN)
        saying->state = DS__LINK_HELD;
}

/* Puts together what all acts say about two places of their only cast. */
__attribute__((noinline)) static const ds__saying *
put_together(ds__said *said, const ds__script *script, uint32_t from,
             uint32_t to)
{
    *said = (ds__said){ .as_of = script->changes };
    for (ds__link *l = script->links.next; l != &script->links; l = l->next)
        if (is_between(act_of(l), from, to))
            add(&said->saying, act_of(l));
    return &said->saying;
}

/* Of several casts, or of one with too many nodes, nothing is kept. */
__attribute__((noinline)) static const ds__saying *
say_anew(ds__script *script, const ds_net *net, const ds_msg *msg)
{
    script->said = (ds__said){ 0 };
    for (ds__link *l = script->links.next; l != &script->links; l = l->next)
        if (is_about(act_of(l), net, msg))
            add(&script->said.saying, act_of(l));
    return &script->said.saying;
}

/* Whatever is rare ends the function that asks for it. */
static const ds__saying *say(ds__overlay *self, const ds_net *net,
                             const ds_msg *msg)
{
    ds__script *script = (ds__script *)self;
    const ds__cast *cast = script->keeper;

    if (ds__list_empty(&script->links) || msg->source == NULL)
        return NULL;
    if (cast == NULL)
        return say_anew(script, net, msg);

    const uint32_t from = place_of(cast, msg->source->node);
    const uint32_t to = place_of(cast, msg->dest->node);
    if (cast->net != net || from == 0 || to == 0)
        return NULL;
    ds__said *said = &cast->said[(from - 1) * cast->count + (to - 1)];
    if (said->as_of != script->changes)
        return put_together(said, script, from, to);
    return &said->saying;
}

/* ---- What they have done --------------------------------------------------*/

#define KIND(k) (1u << DS__PLAN_##k)

/* Which family a fate is of, and the kinds of lines that bring it. */
static const struct {
    unsigned family;
    unsigned kinds;
} brought_by[] = {
    [DS__MISHAP_CUT] = { DS_HAZARD_PARTITION, KIND(CUT) | KIND(PARTITION) },
    [DS__MISHAP_HELD] = { DS_HAZARD_REORDER, KIND(HOLD) },
    [DS__MISHAP_DROPPED] = { DS_HAZARD_DROP, KIND(FAULTS) },
    [DS__MISHAP_DOUBLED] = { DS_HAZARD_DUPLICATE, KIND(FAULTS) },
    [DS__MISHAP_DAMAGED] = { DS_HAZARD_DAMAGE, KIND(FAULTS) },
    [DS__MISHAP_PUT_OFF] = { DS_HAZARD_REORDER, KIND(FAULTS) },
    [DS__MISHAP_DOWN] = { 0, 0 },
    [DS__MISHAP_SINGLE] = { 0, 0 },
};

/* One that has bitten already has nothing more to show. */
static unsigned unshown(const ds__act *act)
{
    return act->bite.planned & ~act->bite.bit;
}

/* Notes what acts about links have not shown yet. */
static void look_for_unshown(ds__script *script)
{
    script->unshown = 0;
    for (ds__link *l = script->links.next; l != &script->links; l = l->next)
        script->unshown |= unshown(act_of(l));
}

/* It came to a machine that was down. */
static void tell_machines(ds__script *script, const ds_node *node)
{
    ds__link *list = &script->machines;

    for (ds__link *l = list->next; l != list; l = l->next)
        if (act_of(l)->node == node && act_of(l)->struck)
            act_of(l)->bite.bit |= DS_HAZARD_CRASH;
}

static void show(ds__script *script, const ds_net *net, const ds_msg *msg,
                 ds__mishap fate)
{
    const unsigned family = brought_by[fate].family;
    const unsigned kinds = brought_by[fate].kinds;
    ds__link *list = &script->links;

    for (ds__link *l = list->next; l != list; l = l->next) {
        ds__act *act = act_of(l);
        if ((kinds >> act->line.kind & 1) != 0 &&
            (family & unshown(act)) != 0 && is_about(act, net, msg))
            act->bite.bit |= family;
    }
    look_for_unshown(script);
}

static void tell(ds__overlay *self, const ds_net *net, const ds_msg *msg,
                 ds__mishap fate)
{
    ds__script *script = (ds__script *)self;

    if (!script->counts)
        return;
    script->singles += fate == DS__MISHAP_SINGLE;
    if (fate == DS__MISHAP_DOWN)
        tell_machines(script, msg->dest->node);
    if ((script->unshown & brought_by[fate].family) != 0)
        show(script, net, msg, fate);
}

/* ---- What is told of them -------------------------------------------------*/

static const ds_node *node_of(const ds__act *act, uint32_t end)
{
    return end == DS__PLAN_EVERY ? NULL : act->cast->nodes[end];
}

/* Of those who are on a side, or alone. */
static void tell_side(const ds__act *act, ds__link_fault fault, uint32_t side)
{
    const ds__cast *cast = act->cast;

    for (size_t i = 0; i < cast->count; i++)
        fault.more += act->sides[i] == side;
    for (size_t i = 0; i < cast->count; i++) {
        if (act->sides[i] != side)
            continue;
        fault.more--;
        fault.from = cast->nodes[i];
        ds__tell_links(cast->net, &fault);
        fault.text = NULL;
    }
}

static void tell_alone(const ds__act *act, ds__link_fault fault)
{
    for (size_t i = 0; i < act->cast->count; i++) {
        if (act->sides[i] != 0)
            continue;
        fault.from = act->cast->nodes[i];
        ds__tell_links(act->cast->net, &fault);
    }
}

static void tell_sides(const ds__act *act, ds__link_fault fault)
{
    const ds__plan_line *line = &act->line;

    if (act->state == DS__ACT_OVER) {
        fault.what = DS__FAULT_HEAL;
        ds__tell_links(act->cast->net, &fault);
        return;
    }
    for (size_t i = 0; i < line->num_members; i++) {
        const uint32_t side = line->members[i].side;
        if (i > 0 && side == line->members[i - 1].side)
            continue;
        tell_side(act, fault, side + 1);
        fault.text = NULL;
    }
    tell_alone(act, fault);
}

static void tell_ways(const ds__act *act, ds__link_fault fault)
{
    const ds__plan_line *line = &act->line;

    fault.from = node_of(act, line->node);
    fault.to = node_of(act, line->to);
    ds__tell_links(act->cast->net, &fault);
    if (!line->both)
        return;
    fault.text = NULL;
    fault.from = node_of(act, line->to);
    fault.to = node_of(act, line->node);
    ds__tell_links(act->cast->net, &fault);
}

/* With the line in words, but if there is no memory for that. */
static void tell_change(const ds__act *act)
{
    static const ds__fault_kind kinds[] = {
        [DS__PLAN_FAULTS] = DS__FAULT_CHANCE,
        [DS__PLAN_PARTITION] = DS__FAULT_PART,
        [DS__PLAN_CUT] = DS__FAULT_CUT,
        [DS__PLAN_HOLD] = DS__FAULT_HOLD,
    };
    char *text = ds__plan_line_text(&act->line);
    const ds__link_fault fault = {
        .what =
            act->state == DS__ACT_OVER ? DS__FAULT_MEND : kinds[act->line.kind],
        .line = act->number + 1,
        .text = text,
    };

    if (act->sides != NULL)
        tell_sides(act, fault);
    else
        tell_ways(act, fault);
    free(text);
}

/* ---- For the script -------------------------------------------------------*/

void ds__script_overlay(ds__script *script)
{
    script->overlay = (ds__overlay){
        .say = say,
        .tell = tell,
    };
}

void ds__links_changed(ds__script *script, const ds__act *act)
{
    script->changes++;
    look_for_unshown(script);
    if (cuts(act) && act->state == DS__ACT_ON)
        script->overlay.cuts++;
    else if (cuts(act))
        script->overlay.cuts--;
    if (ds__net_is_watched(act->cast->net->state))
        tell_change(act);
    if (act->line.kind != DS__PLAN_FAULTS)
        ds__faults_look_again(act->cast->net);
}

static bool is_same(const ds__saying *a, const ds__saying *b)
{
    const ds_link_faults *x = &a->faults, *y = &b->faults;

    return a->state == b->state && a->named == b->named && x->drop == y->drop &&
           x->duplicate == y->duplicate && x->late == y->late &&
           x->damage == y->damage && x->jitter == y->jitter;
}

void ds__links_check(const ds__script *script)
{
    const ds__cast *cast = script->keeper;
    size_t num_cuts = 0;
    ds__said now;

    assert(cast == NULL || (cast == script->casts && cast->next == NULL));

    for (ds__link *l = script->links.next; l != &script->links; l = l->next)
        num_cuts += cuts(act_of(l));
    for (ds__link *l = script->links.next; l != &script->links; l = l->next)
        assert((unshown(act_of(l)) & ~script->unshown) == 0);
    assert(num_cuts == script->overlay.cuts);
    for (size_t i = 0; cast != NULL && i < cast->count * cast->count; i++) {
        assert(cast->said[i].as_of <= script->changes);
        if (cast->said[i].as_of != script->changes)
            continue;
        put_together(&now, script, (uint32_t)(i / cast->count) + 1,
                     (uint32_t)(i % cast->count) + 1);
        assert(is_same(&cast->said[i].saying, &now.saying));
    }
}
