/* How long each message took, and why, for who asks. */

#include <math.h>
#include <stdlib.h>

#include "net/routed.h"

static double *losses_of(ds__flow *flow)
{
    const ds__crossing *crossing = ((ds__routed_flow *)flow)->crossing;

    return crossing == NULL ? NULL : crossing->lost;
}

void ds__routed_ask(ds__routed *self, ds_crossing_fn *crossed, void *arg)
{
    self->crossed = crossed;
    self->arg = arg;
    if (crossed != NULL)
        ds__flows_count_delays(self->engine, losses_of);
}

bool ds__routed_cross_begin(const ds__routed *self, ds__routed_flow *flow)
{
    const ds__path *path = flow->path;
    const size_t n = path->num_route;

    if (self->crossed == NULL)
        return true;
    flow->crossing =
        calloc(1, sizeof(*flow->crossing) +
                      n * (sizeof(*flow->crossing->links) + sizeof(double)));
    if (flow->crossing == NULL)
        return false;
    flow->crossing->began = ds_net_now(&self->base);
    flow->crossing->num_links = n;
    flow->crossing->lost = (double *)(flow->crossing->links + n);
    for (size_t i = 0; i < n; i++)
        flow->crossing->links[i] = path->hops[i].link;
    return true;
}

void ds__routed_cross_end(const ds__routed *self, ds__routed_flow *flow)
{
    if (flow->crossing != NULL)
        flow->crossing->took = ds_net_now(&self->base) - flow->crossing->began;
}

/* Differences of sums may be a little below 0. */
static double clean_losses(ds__crossing *crossing)
{
    double sum = 0;

    for (size_t i = 0; i < crossing->num_links; i++) {
        crossing->lost[i] = fmax(0, crossing->lost[i]);
        sum += crossing->lost[i];
    }
    return sum;
}

void ds__routed_cross_tell(const ds__routed *self, const ds__routed_flow *flow)
{
    const ds__flow *f = &flow->placed.flow;
    ds__crossing *crossing = flow->crossing;
    ds_crossing told = { .message = f->msg.id, .latency = flow->latency };

    if (self->crossed == NULL)
        return;
    if (crossing == NULL) {
        told.waiting = fmax(0, ds_net_now(&self->base) - f->ready);
    } else {
        told.waiting = fmax(0, crossing->began - f->ready);
        told.draining = fmax(0, crossing->took - clean_losses(crossing));
        told.num_links = crossing->num_links;
        told.links = crossing->links;
        told.held = crossing->lost;
    }
    self->crossed(self->arg, &told);
}
