/* The clients of a Raft. */

#include "bench/planted/raft.h"

#include <math.h>

static void ask(ds_handle *h, const raft_client *client, int op, int64_t arg0,
                int64_t arg1)
{
    const raft_cluster *c = client->cluster;
    const raft_packet call = {
        .kind = RAFT_CALL,
        .from = client->me,
        .command = { client->me, op, client->requests, { arg0, arg1 } },
    };

    ds_send_bytes(h, c->net, c->ports[c->setup.servers + client->me],
                  c->ports[client->server], &call,
                  offsetof(raft_packet, entries));
}

/* Waits until then for an answer to the latest request; its kind is 0 if there
 * was none.  False: it is over. */
static bool hear(ds_handle *h, const raft_client *client, double end,
                 raft_packet *answer)
{
    const raft_cluster *c = client->cluster;
    ds_port *port = c->ports[c->setup.servers + client->me];
    ds_msg m;

    do {
        answer->kind = 0;
        if (!ds_recv_timeout(h, port, fmax(end - ds_now(h), 0), &m))
            return false;
        if (m.dest == NULL)
            return true;
        const raft_packet *p = m.data;
        if (!m.damaged && p->kind == RAFT_RESULT &&
            p->command.number == client->requests) {
            answer->kind = p->kind;
            answer->from = p->from;
            answer->yes = p->yes;
            answer->leader = p->leader;
            answer->result = p->result;
        }
        ds_msg_drop(&m);
    } while (answer->kind == 0);
    return true;
}

/* Chooses whom to ask next, after no answer or this one; false: it is over. Two
 * may send it to each other who both do not know better, so it is any. */
static bool turn(ds_handle *h, raft_client *client, const raft_packet *answer)
{
    const raft_setup *setup = &client->cluster->setup;

    if (answer->kind != 0 && answer->leader != RAFT_NOBODY &&
        answer->leader != answer->from) {
        client->server = answer->leader;
        return true;
    }
    client->server = (int)(ds_random(h) * setup->servers);
    return answer->kind == 0 || ds_sleep(h, setup->tick / 2);
}

bool raft_call(ds_handle *h, raft_client *client, int op, int64_t arg0,
               int64_t arg1, double seconds, int64_t *result)
{
    double now, end = ds_now(h) + seconds;
    raft_packet answer;

    client->requests++;
    while ((now = ds_now(h)) < end) {
        double wait = fmin(2 * client->cluster->setup.tick, end - now);
        ask(h, client, op, arg0, arg1);
        if (!hear(h, client, now + wait, &answer))
            return false;
        if (answer.kind != 0 && answer.yes) {
            *result = answer.result;
            return true;
        }
        if (!turn(h, client, &answer))
            return false;
    }
    return false;
}
