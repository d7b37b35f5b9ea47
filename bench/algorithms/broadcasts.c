/* All members deliver a message of the last one. */
#include <distsys/broadcast.h>

#include "bench/algorithms/rows.h"

static void take_part(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_broadcaster *me = ds_broadcast_join(h, s->own);
    ds_msg m;

    if (me == NULL)
        return;
    if (scene_me(s, h) == s->setting.members - 1)
        ds_broadcast_send(h, me, "message", 8);
    if (!ds_broadcast_recv(h, me, &m))
        return;
    ds_msg_drop(&m);
    scene_decide(h, s);
    /* Others may not have heard all yet. */
    while (ds_broadcast_recv(h, me, &m))
        ds_msg_drop(&m);
}

static void start(scene *s, ds_broadcast_order order, bool reliable)
{
    ds_broadcast *b = scene_own(s, sizeof(*b));

    *b = (ds_broadcast){ .group = s->group,
                         .order = order,
                         .reliable = reliable };
    scene_spawn(s, take_part);
}

#define ORDER(row, called, order, reliable, what)                              \
    static void start_##row(scene *s)                                          \
    {                                                                          \
        start(s, order, reliable);                                             \
    }                                                                          \
    const algorithm algorithm_##row = {                                        \
        .name = called,                                                        \
        .decision = what,                                                      \
        .least = 1,                                                            \
        .by_all = true,                                                        \
        .start = start_##row,                                                  \
    }

ORDER(best_effort, "best-effort", DS_BROADCAST_UNORDERED, false,
      "all members deliver a message of the last one");
ORDER(reliable, "reliable", DS_BROADCAST_UNORDERED, true,
      "all do, even if its sender crashes in the middle");
ORDER(fifo, "fifo", DS_BROADCAST_FIFO, false,
      "all do, after what that one has sent before");
ORDER(causal, "causal", DS_BROADCAST_CAUSAL, false,
      "all do, after what that one has sent or heard before");
ORDER(total_order, "total-order", DS_BROADCAST_TOTAL, false,
      "all do, in an order that is the same for all");
