/* What the acts of a script do to the links of a routed network: a link is off
 * as long as any of them says so, or the program does. */

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "explore/plan/script.h"
#include "net/wires.h"

/* ---- Which ----------------------------------------------------------------*/

static bool is_named(const ds_net *net, const char *name, size_t link)
{
    return strcmp(ds__wire_name(net, link), name) == 0;
}

static bool has_name(const ds_net *net, const char *name)
{
    for (size_t l = 0; l < ds__num_wires(net); l++)
        if (is_named(net, name, l))
            return true;
    return false;
}

static bool is_number(const char *name, size_t link)
{
    char digits[32];

    ds__format(digits, sizeof(digits), "%zu", link);
    return strcmp(name, digits) == 0;
}

bool ds__wire_is(const ds_net *net, const char *name, size_t link)
{
    return is_named(net, name, link) ||
           (is_number(name, link) && !has_name(net, name));
}

const char *ds__wire_lack(const ds_net *net, const char *name)
{
    if (ds__num_wires(net) == 0)
        return "the network has none; one of ds_routed_net_new() has";
    for (size_t l = 0; l < ds__num_wires(net); l++)
        if (ds__wire_is(net, name, l))
            return NULL;
    return "the topology has none of that name";
}

/* ---- Beginning and end ----------------------------------------------------*/

/* What the links of an act have done so far. */
static uint64_t hits_of(const ds__act *act)
{
    const ds_net *net = act->cast->net;
    uint64_t hits = 0;

    for (size_t l = 0; l < ds__num_wires(net); l++)
        if (ds__wire_is(net, act->line.name, l))
            hits += ds__wire_hits(net, l);
    return hits;
}

/* With the line in words, but if there is no memory for that. */
static void set_off(const ds__act *act, bool off)
{
    ds_net *net = act->cast->net;
    char *text = ds__plan_line_text(&act->line);
    const char *told = text;

    for (size_t l = 0; l < ds__num_wires(net); l++) {
        if (!ds__wire_is(net, act->line.name, l))
            continue;
        ds__wire_set_off(net, l, off);
        ds__tell_wire(net, l, off, act->number + 1, told);
        told = NULL;
    }
    free(text);
}

void ds__wire_begin(ds__act *act)
{
    act->bite.happened = true;
    act->bite.before[0] = hits_of(act);
    set_off(act, true);
}

void ds__wire_bites(ds__act *act)
{
    if (hits_of(act) > act->bite.before[0])
        act->bite.bit |= DS_HAZARD_LINK;
}

void ds__wire_end(ds__act *act)
{
    ds__wire_bites(act);
    set_off(act, false);
}
