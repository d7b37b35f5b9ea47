/* Who may be hurt, and by what: the faults of a trial come from a plan, or from
 * its seed, and end with the calm. */

#include <assert.h>
#include <math.h>

#include <distsys/explore.h>

#include "explore/plan/generate.h"
#include "explore/plan/toll.h"
#include "explore/runner/inside.h"
#include "net/net.h"
#include "net/wires.h"

/* ---- Who ------------------------------------------------------------------*/

static bool has_hole(ds_node *const *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (nodes[i] == NULL)
            return true;
    return false;
}

/* A NULL among them comes from a constructor that failed, and the loop knows,
 * or it is a mistake. */
void ds_trial_expose(ds_trial *t, ds_net *net, ds_node *const *servers,
                     size_t num_servers, ds_node *const *clients,
                     size_t num_clients)
{
    if (t == NULL)
        return;
    if (t->exposed || has_hole(servers, num_servers) ||
        has_hole(clients, num_clients)) {
        ds__fail(t->loop, DS_EMISUSE, "ds_trial_expose: %s",
                 t->exposed ? "it has been called before" : "a node is NULL");
        return;
    }
    t->nodes =
        ds_trial_alloc(t, (num_servers + num_clients + 1) * sizeof(*t->nodes));
    for (size_t i = 0; i < num_servers; i++)
        t->nodes[i] = servers[i];
    for (size_t i = 0; i < num_clients; i++)
        t->nodes[num_servers + i] = clients[i];
    assert(t->num_nodes == 0);
    t->exposed = true;
    t->net = net;
    t->num_servers = num_servers;
    t->num_nodes = num_servers + num_clients;
}

/* What cannot be done to what the test has built is a mistake in the test, and
 * would otherwise be believed to have been tried. */
static bool can_boot(const ds_trial *t)
{
    for (size_t i = 0; i < t->num_servers; i++)
        if (t->nodes[i]->life.boot == NULL)
            return false;
    return true;
}

static bool has_disk(const ds_trial *t)
{
    for (size_t i = 0; i < t->num_servers; i++)
        if (t->nodes[i]->life.disk != NULL)
            return true;
    return false;
}

/* Says what the test lacks; NULL: nothing. */
static const char *missing(const ds_trial *t)
{
    const unsigned of_servers =
        DS_HAZARD_CRASH | DS_HAZARD_PAUSE | DS_HAZARD_CLOCK | DS_HAZARD_SPEED |
        DS_HAZARD_DISK | DS_HAZARD_LINK | DS_HAZARD_STALL;
    const unsigned hazards = t->test.hazards;

    if (hazards == 0)
        return NULL;
    if (!t->exposed)
        return "it has hazards, but build does not call ds_trial_expose()";
    if (t->net == NULL)
        return "it has hazards, but exposes no network";
    if ((hazards & of_servers) != 0 && t->num_servers == 0)
        return "it has hazards of servers, but exposes none";
    if ((hazards & DS_HAZARD_CRASH) != 0 && !can_boot(t))
        return "DS_HAZARD_CRASH restarts servers, but one boots nothing; see "
               "ds_node_boot()";
    if ((hazards & DS_HAZARD_DISK) != 0 && !has_disk(t))
        return "DS_HAZARD_DISK is allowed, but no server has a disk; see "
               "ds_node_set_disk()";
    if ((hazards & DS_HAZARD_LINK) != 0 && ds__num_wires(t->net) == 0)
        return "DS_HAZARD_LINK is allowed, but the network has no links; see "
               "ds_routed_net_new()";
    if (t->test.max_down > t->num_servers)
        return "max_down is more than there are servers";
    return NULL;
}

/* ---- By what --------------------------------------------------------------*/

/* A plan that does not fit to the test is nothing that the test does wrong. */
static void apply(ds_trial *t)
{
    const ds_plan *plan = t->order->plan;

    if (ds_plan_size(plan) == 0)
        return;
    if (!t->exposed || t->net == NULL) {
        ds__trial_blame(t, DS__USAGE, DS__BY_RUNNER,
                        "a plan needs somebody who can be hurt; build does not "
                        "call ds_trial_expose()");
        return;
    }
    ds_plan_apply(plan, t->loop, t->net, t->nodes, t->num_nodes);
    if (ds__over(t->loop)) {
        ds_loop_run(t->loop); /* which says why it does not */
        ds__trial_blame(t, DS__USAGE, DS__BY_RUNNER, "%s",
                        ds_loop_error(t->loop));
    }
}

static void generate(ds_trial *t, const ds__exposure *who)
{
    const ds__hazards what = {
        .allowed = t->test.hazards,
        .max_down = t->test.max_down,
        .tick = t->test.tick,
        .calm_after = t->test.calm_after,
        .anew_at = t->order->anew_at,
        .anew = t->order->anew,
    };

    assert(t->net != NULL && t->order->plan == NULL);
    t->generator = ds__generate(who, &what, t->order->seed);
}

/* Numbers other than those of faults are drawn anew. */
static void reseed(ds_trial *t)
{
    ds__plan_line line = { .time = t->order->anew_at,
                           .until = INFINITY,
                           .kind = DS__PLAN_RESEED,
                           .number = t->order->anew };
    const ds_plan plan = { &line, 1, 1 };

    if (t->order->anew != 0)
        ds_plan_apply(&plan, t->loop, t->net, t->nodes, t->num_nodes);
}

void ds__trial_endanger(ds_trial *t)
{
    const char *why = missing(t);
    const ds__exposure who = {
        .loop = t->loop,
        .net = t->net,
        .servers = t->nodes,
        .num_servers = t->num_servers,
        .clients = t->nodes + t->num_servers,
        .num_clients = t->num_nodes - t->num_servers,
    };

    if (why != NULL) {
        ds__trial_blame(t, DS__USAGE, DS__BY_RUNNER, "%s", why);
        return;
    }
    if (t->net == NULL && t->order->plan == NULL)
        return;
    ds__bites_count(t->loop);
    if (t->net != NULL && !ds__calm(&who, t->test.calm_after))
        return;
    if (t->order->plan != NULL) {
        apply(t);
    } else if (t->test.hazards != 0) {
        reseed(t);
        generate(t, &who);
    }
}

/* Those that are generated keep within bounds. */
bool ds__trial_is_beyond(const ds_trial *t)
{
    size_t n = t->num_servers;
    size_t most = ds__toll_allowed(t->test.max_down, n);
    size_t hurt = ds_plan_size(t->order->plan) == 0 || n == 0
                      ? 0
                      : ds__toll_most(t->order->plan, n, t->net, t->nodes);

    return hurt != SIZE_MAX && hurt > most;
}

const ds_plan *ds__trial_plan(const ds_trial *t)
{
    if (t->order->plan != NULL)
        return t->order->plan;
    return t->generator == NULL ? NULL : ds__generated(t->generator);
}
