/* The calm: from a time on everything is well, and stays so. */

#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "explore/plan/generate.h"
#include "explore/plan/script.h"
#include "net/wires.h"

#define CALL "ds_trial_expose"

/* The restart of all its nodes is planned until it has come. */
typedef struct calm {
    ds__author author; /* first */
    ds__resident resident;
    ds_net *net;
    size_t count;
    ds_node *nodes[];
} calm;

/* Crash points of the program's own are forgotten too. */
static void set_right(ds_node *node)
{
    for (int i = DS_AT_CALL; i <= DS_AT_SYNC; i++)
        ds__life_forget(node, &node->life.own_point[i]);
    if (!ds_node_is_up(node))
        ds_node_restart(node);
    ds_node_resume(node);
    ds__life_plan_no_restart(node);
}

static void write(ds__author *self, ds__script *script)
{
    calm *c = (calm *)self;

    self->next = INFINITY;
    ds__script_end(script);
    ds_net_heal(c->net);
    ds__wires_mend(c->net);
    for (size_t i = 0; i < c->count; i++)
        set_right(c->nodes[i]);
}

static void free_calm(ds__resident *resident)
{
    free(ds__container(resident, calm, resident));
}

static void take(calm *c, ds_node *const *nodes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert(nodes[i]->loop == c->net->loop);
        c->nodes[c->count++] = nodes[i];
        ds__life_plan_restart(nodes[i]);
    }
}

bool ds__calm(const ds__exposure *who, double time)
{
    ds__script *script = ds__script_of(who->loop, CALL);
    size_t n = who->num_servers + who->num_clients;

    if (script == NULL)
        return false;
    assert(script->calm == NULL && time >= ds_loop_now(who->loop));
    calm *c = calloc(1, sizeof(*c) + n * sizeof(ds_node *));
    if (c == NULL) {
        ds__fail_memory(who->loop, CALL);
        return false;
    }
    c->author = (ds__author){ .write = write, .next = time };
    c->resident.free = free_calm;
    c->net = who->net;
    take(c, who->servers, who->num_servers);
    take(c, who->clients, who->num_clients);
    ds__loop_keep(who->loop, &c->resident);
    script->calm = &c->author;
    ds__script_wind(script);
    return true;
}
