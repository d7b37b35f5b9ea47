/* The ports of the library's own models. */

#include <math.h>

#include "base/text.h"
#include "net/fluid/engine.h"

static bool sound(double rate)
{
    return rate > 0 && isfinite(rate);
}

static bool check_list(const char *model, const char *name, const double *list,
                       size_t n, ds__why *why)
{
    for (size_t i = 0; i < n; i++) {
        if (sound(list[i]))
            continue;
        ds__format(why->text, sizeof(why->text),
                   "%s.%s[%zu] is %g; a rate is finite and greater than 0",
                   model, name, i, list[i]);
        return false;
    }
    return true;
}

/* Checks that the rates of all ports have a finite sum, because models add them
 * up. */
static bool check_sum(const ds__ports *ports, const char *name,
                      const double *list, ds__why *why)
{
    double sum = 0;

    for (size_t i = 0; i < ports->num_nodes; i++)
        sum += list == NULL ? ports->rate : list[i];
    if (isfinite(sum))
        return true;
    ds__format(
        why->text, sizeof(why->text),
        "%s.%s: the rates of all ports add up to %g; their sum is finite",
        ports->model, list == NULL ? "rate" : name, sum);
    return false;
}

bool ds__ports_check(const ds__ports *ports, size_t num_ports, ds__why *why)
{
    const double *send = ports->send_rates;
    const double *recv = ports->recv_rates;

    if (ports->num_nodes != num_ports) {
        ds__format(why->text, sizeof(why->text),
                   "%s.num_nodes is %zu, but config->num_nodes is %zu; they "
                   "must be equal",
                   ports->model, ports->num_nodes, num_ports);
        return false;
    }
    if ((send == NULL || recv == NULL) && !sound(ports->rate)) {
        ds__format(why->text, sizeof(why->text),
                   "%s.rate is %g; a rate is finite and greater than 0",
                   ports->model, ports->rate);
        return false;
    }
    return (send == NULL ||
            check_list(ports->model, "send_rates", send, num_ports, why)) &&
           (recv == NULL ||
            check_list(ports->model, "recv_rates", recv, num_ports, why)) &&
           check_sum(ports, "send_rates", send, why) &&
           check_sum(ports, "recv_rates", recv, why);
}

void ds__say_beyond(ds__why *why, const ds__flow *flow)
{
    ds__format(why->text, sizeof(why->text),
               "ds_send: a message of %g bytes from port %u to port %u would "
               "arrive beyond the last time that a double holds",
               flow->msg.size, (unsigned)flow->src, (unsigned)flow->dst);
}
