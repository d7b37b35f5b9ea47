/* Max-min fairness among messages: none can get more without one that has no
 * more than it getting less. */

#include <distsys/switch.h>

#include <math.h>
#include <stdlib.h>

#include "net/fluid.h"

static ds__ports ports_of(const ds_switch *model)
{
    const ds_maxmin_switch *self = (const ds_maxmin_switch *)model;

    return (ds__ports){
        .model = "ds_maxmin_switch",
        .num_nodes = self->num_nodes,
        .rate = self->rate,
        .send_rates = self->send_rates,
        .recv_rates = self->recv_rates,
    };
}

/* ---- The definition -------------------------------------------------------*/

/* Progressive filling: the share of every message grows until some port is
 * full; the messages through it keep what they have, and the others go on
 * (Bertsekas, Gallager, Data Networks, 6.5.2).  A pair of ports that is not
 * decided yet holds -1. */
enum side { SOURCE, DEST };

typedef struct filling {
    const ds__ports *ports;
    const ds_connmat *count;
    ds_connmat *rate;
} filling;

static double *cell_of(const ds_connmat *mat, enum side side, size_t port,
                       size_t other)
{
    return &mat->rates[side == SOURCE ? port * mat->num_nodes + other
                                      : other * mat->num_nodes + port];
}

/* What a port has left for each undecided message; INFINITY: has none. */
static double share_of(const filling *f, enum side side, size_t port)
{
    double left = side == SOURCE ? ds__send_rate(f->ports, port)
                                 : ds__recv_rate(f->ports, port);
    double messages = 0;

    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double rate = *cell_of(f->rate, side, port, i);
        if (rate < 0)
            messages += *cell_of(f->count, side, port, i);
        else
            left -= rate;
    }
    return messages > 0 ? fmax(left, 0) / messages : INFINITY;
}

static void decide(filling *f, enum side side, size_t port, double share)
{
    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double *rate = cell_of(f->rate, side, port, i);
        if (*rate < 0)
            *rate = share * *cell_of(f->count, side, port, i);
    }
}

static bool fill_fullest(filling *f)
{
    enum side side = SOURCE;
    size_t port = 0;
    double least = INFINITY;

    for (size_t i = 0; i < 2 * f->rate->num_nodes; i++) {
        enum side s = i % 2 == 0 ? SOURCE : DEST;
        double share = share_of(f, s, i / 2);
        if (share < least) {
            least = share;
            side = s;
            port = i / 2;
        }
    }
    if (isinf(least))
        return false;
    decide(f, side, port, least);
    return true;
}

static void rates(const ds_switch *model, const ds_connmat *count,
                  ds_connmat *rate)
{
    const ds__ports ports = ports_of(model);
    filling f = { &ports, count, rate };

    for (size_t i = 0; i < rate->num_nodes * rate->num_nodes; i++)
        rate->rates[i] = count->rates[i] > 0 ? -1 : 0;
    while (fill_fullest(&f))
        continue;
}

ds_maxmin_switch ds_maxmin_switch_uniform(size_t num_nodes, double rate)
{
    return (ds_maxmin_switch){
        .base = { .rates = rates },
        .num_nodes = num_nodes,
        .rate = rate,
    };
}
