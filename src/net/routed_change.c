/* What becomes of messages when links change. */

#include <stdlib.h>

#include "net/routed.h"

static bool crosses(const ds__path *path, uint32_t l)
{
    for (uint32_t i = 0; path != NULL && i < path->num_route; i++)
        if (path->hops[i].link == l)
            return true;
    return false;
}

static ds__routed_flow *waiting_at(const ds__routed *self, size_t i)
{
    return ds__container(self->waiting.entries[i].node, ds__routed_flow,
                         in_waiting);
}

/* Appends those that wait out their latency and would cross a link. */
static void fail_waiting(ds__routed *self, uint32_t l, ds__flow_queue *lost)
{
    for (size_t i = 0; i < self->waiting.count; i++) {
        ds__routed_flow *flow = waiting_at(self, i);
        if (!crosses(flow->path, l) || flow->is_lost)
            continue;
        self->links[l].hits++;
        flow->is_lost = true;
        ds__flow_queue_append(lost, &flow->placed.flow);
    }
}

static void fail(ds__routed *self, uint32_t l, ds__flow_queue *lost)
{
    ds__flow *list = ds__flows_cut(self->engine, l);

    while (list != NULL) {
        ds__routed_flow *flow = (ds__routed_flow *)list;
        list = list->next;
        self->links[l].hits++;
        flow->is_lost = true;
        flow->path = NULL;
        ds__flow_queue_append(lost, &flow->placed.flow);
    }
    if (self->model.early_failure)
        fail_waiting(self, l, lost);
}

/* Lists the paths of what drains over a link, and may weigh something else
 * now.  NULL: no memory. */
static ds__path **paths_over(const ds__routed *self, uint32_t l, size_t *n)
{
    const ds__pipe *pipe = &self->engine->pipes[l];
    ds__path **paths = malloc((pipe->num_lanes + 1) * sizeof(ds__path *));

    *n = 0;
    for (uint32_t i = 0; paths != NULL && i < pipe->num_lanes; i++) {
        const ds__lane *lane = &pipe->lanes[i];
        if (lane->path->hops[lane->slot].times > 0)
            paths[(*n)++] = lane->path;
    }
    return paths;
}

static void reweigh(ds__routed *self, uint32_t l)
{
    ds__course course;
    size_t n;
    ds__path **paths = paths_over(self, l, &n);
    bool ok = paths != NULL;

    for (size_t i = 0; ok && i < n; i++)
        if (ds__routed_weigh(self, paths[i], &course)) {
            ds__routed_tell_move(self, paths[i], &course);
            ok = ds__flows_move(self->engine, paths[i], &course);
        }
    free(paths);
    if (!ok)
        ds_net_fail(&self->base, DS_ENOMEM, "ds_link_set_rate: out of memory");
    self->reweighs = true;
}

static void change(ds__routed *self, uint32_t l, ds__flow_queue *lost)
{
    ds__routed_link *link = &self->links[l];
    double rate = link->up || !self->stall ? link->rate : 0;

    if (link->fell && !self->stall)
        fail(self, l, lost);
    else if (link->fell)
        link->hits += self->engine->pipes[l].num_lanes;
    link->fell = link->changed = false;
    ds__routed_tell_link(self, l);
    if (!ds__flows_resize(self->engine, l, rate))
        ds_net_fail(&self->base, DS_ENOMEM, "ds_link_set_rate: out of memory");
}

void ds__routed_change_links(ds__routed *self, ds__flow_queue *lost)
{
    for (size_t i = 0; i < self->num_changed; i++)
        change(self, self->changed[i], lost);
    for (size_t i = 0; i < self->num_changed; i++) {
        ds__routed_link *link = &self->links[self->changed[i]];
        if (link->weighed)
            reweigh(self, self->changed[i]);
        link->weighed = false;
    }
    self->num_changed = 0;
}
