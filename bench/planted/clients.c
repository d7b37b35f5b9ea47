/* Clients of a register. */
#include "bench/planted/clients.h"

#include <distsys/history.h>

/* Asks for one thing and notes it down; what it has seen is what it compares
 * with next time. */
static void operate(ds_handle *h, ds_session *s, int op, int64_t value,
                    int64_t *seen)
{
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    const ds_command c = { .op = op,
                           .arg = { op == DS_CAS ? *seen : value, value } };
    int64_t result;
    size_t call = ds_history_begin(history, group_time(h),
                                   ds_node_number(ds_handle_node(h)), op, 0,
                                   c.arg[0], c.arg[1]);

    if (op == DS_READ ? !ds_session_look(h, s, &c, &result)
                      : !ds_session_do(h, s, &c, &result))
        return;
    ds_history_end(history, group_time(h), call, result);
    if (op == DS_READ)
        *seen = result;
    else if (op == DS_WRITE || result == 1)
        *seen = value;
}

void clients_live(ds_handle *h, const group *g, const ds_group *members,
                  double tick)
{
    static const int ops[] = { DS_READ, DS_WRITE, DS_CAS };
    const int me = group_me(h);
    ds_session s = ds_session_of(h, members, g->ports[me], 2 * tick, 10 * tick);
    int64_t seen = 0;

    for (size_t i; ds_next(h, &i);)
        operate(h, &s, ops[group_random(h, 3)],
                100 * (me - g->servers + 1) + (int64_t)i, &seen);
    s.patience = 0;
    operate(h, &s, DS_READ, 0, &seen);
}
