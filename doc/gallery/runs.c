/* The runs behind the pictures in this folder: runs NAME, with a file for the
 * trace in DISTSYS_TRACE, makes that of NAME.svg.  Each shows one thing. */

#include <stdio.h>
#include <string.h>

#include <distsys.h>

/* ---- Eight ranks ----------------------------------------------------------*/

enum { RANKS = 8 };

typedef struct ranks {
    ds_loop *loop;
    ds_node *nodes[RANKS];
    double rates[RANKS];
    ds_greedy_switch ports;
} ranks;

/* All ports carry 1 GB/s, but for those of rank 3. */
static void spawn_ranks(ranks *r, double slow, bool in_order, ds_comm_fn *fn)
{
    ds_switched_net_config config = {
        .nodes = r->nodes,
        .num_nodes = RANKS,
        .model = &r->ports.base,
        .latency = 100e-6,
        .in_order = in_order,
    };

    for (int i = 0; i < RANKS; i++) {
        r->nodes[i] = ds_node_new(r->loop);
        r->rates[i] = i == 3 ? slow : 1e9;
    }
    r->ports = ds_greedy_switch_uniform(RANKS, 1e9);
    r->ports.send_rates = r->ports.recv_rates = r->rates;
    ds_comm_spawn(r->loop, ds_switched_net_new(r->loop, &config), r->nodes,
                  RANKS, fn, NULL);
}

/* Each sends to the next one, and receives from the one before. */
static void reduce(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(800000);

    ds_vec_unref(ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

/* Five wait for each other in a ring, and three for some of these. */
static void wait_for_each_other(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_phantom(100000);

    ds_vec_unref(
        ds_allreduce_run(&ds_allreduce_recursive_doubling, c, mine, &ds_sum));
    ds_sleep(ds_comm_handle(c), 50e-6 * (double)(rank + 1));
    const size_t from = rank < 5 ? (rank + 2) % 5 : rank - 4;
    ds_vec *theirs = ds_comm_recv_tag(c, from, 7);
    if (theirs != NULL)
        ds_comm_send_tag(c, (rank + 3) % 5, 7, mine);
    ds_vec_unref(theirs);
    ds_vec_unref(mine);
}

static void ring(ranks *r)
{
    spawn_ranks(r, 1e9, true, reduce);
}

static void slow(ranks *r)
{
    spawn_ranks(r, 0.4e9, true, reduce);
}

static void lump(ranks *r)
{
    spawn_ranks(r, 0.4e9, false, reduce);
}

static void deadlock(ranks *r)
{
    spawn_ranks(r, 1e9, true, wait_for_each_other);
}

/* ---- An election ----------------------------------------------------------*/

/* Servers that have a leader for each term, as in Raft, but no log. */
enum { SERVERS = 5, VOTE = 1, GRANT, BEAT };

typedef struct note {
    int kind;
    int term;
} note;

static ds_net *net;
static ds_node *machines[SERVERS];
static ds_port *boxes[SERVERS];

typedef struct server {
    int number;
    int term;
    int votes;
    bool leads;
} server;

static void say(ds_handle *h, const server *s, int to, int kind)
{
    const note n = { kind, s->term };

    if (to != s->number)
        ds_send_bytes(h, net, boxes[s->number], boxes[to], &n, sizeof(n));
}

static void say_to_all(ds_handle *h, const server *s, int kind)
{
    for (int i = 0; i < SERVERS; i++)
        say(h, s, i, kind);
}

static void run_for_leader(ds_handle *h, server *s)
{
    s->term++;
    s->votes = 1;
    ds_state(h, "candidate");
    ds_mark(h, "term %d", s->term);
    say_to_all(h, s, VOTE);
}

static void follow(ds_handle *h, server *s, int term)
{
    s->term = term;
    s->votes = 0;
    s->leads = false;
    ds_state(h, NULL);
}

static void hear(ds_handle *h, server *s, int from, note n)
{
    const bool is_newer = n.term > s->term;

    if (is_newer || (n.kind == BEAT && n.term == s->term && s->votes > 0))
        follow(h, s, n.term);
    if (n.kind == VOTE && is_newer)
        say(h, s, from, GRANT);
    if (n.kind != GRANT || n.term != s->term || s->leads || s->votes == 0)
        return;
    if (++s->votes <= SERVERS / 2)
        return;
    s->leads = true;
    ds_state(h, "leader");
    say_to_all(h, s, BEAT);
}

static void serve(ds_handle *h, void *arg)
{
    server s = { .number = (int)(size_t)arg };

    for (;;) {
        const double patience = s.leads ? 0.05 : 0.11 + 0.06 * ds_random(h);
        ds_msg msg;
        if (!ds_recv_timeout(h, boxes[s.number], patience, &msg))
            return;
        if (msg.dest == NULL && s.leads) {
            say_to_all(h, &s, BEAT);
        } else if (msg.dest == NULL) {
            run_for_leader(h, &s);
        } else {
            const size_t from = ds_node_number(ds_port_node(msg.source));
            hear(h, &s, (int)from, *(note *)msg.data);
            ds_msg_drop(&msg);
        }
    }
}

/* Cuts two of five off, the leader among them, and crashes another one. */
static void hurt(ds_handle *h, void *arg)
{
    ds_node *minority[] = { machines[2], machines[3] };

    ds_set_name(h, "fate");
    ds_sleep(h, 0.25);
    ds_net_partition(net, minority, 2);
    ds_sleep(h, 0.35);
    ds_net_heal(net);
    ds_sleep(h, 0.1);
    ds_node_crash(machines[2]);
    ds_sleep(h, 0.1);
    ds_node_restart(machines[2]);
    ds_sleep(h, 0.1);
}

static void partition(ranks *r)
{
    net = ds_random_net_new(r->loop, 0.02);
    for (size_t i = 0; i < SERVERS; i++) {
        char name[20];
        snprintf(name, sizeof(name), "server %zu", i);
        machines[i] = ds_node_new(r->loop);
        ds_node_set_name(machines[i], name);
        boxes[i] = ds_port_new(machines[i]);
        ds_node_boot_daemon(machines[i], serve, (void *)i);
    }
    ds_spawn(r->loop, hurt, NULL);
}

/* ---- All of them ----------------------------------------------------------*/

static const struct {
    const char *name;
    void (*make)(ranks *r);
    ds_status end;
} runs[] = {
    { "ring", ring, DS_OK },
    { "slow", slow, DS_OK },
    { "lump", lump, DS_OK },
    { "partition", partition, DS_OK },
    { "deadlock", deadlock, DS_DEADLOCK },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof(runs) / sizeof(*runs); i++) {
        if (strcmp(argv[1], runs[i].name) != 0)
            continue;
        ranks r = { .loop = ds_loop_new(NULL) };
        runs[i].make(&r);
        const ds_status status = ds_loop_run(r.loop);
        if (status != runs[i].end)
            fprintf(stderr, "%s\n", ds_loop_error(r.loop));
        ds_loop_free(r.loop);
        return status == runs[i].end ? 0 : 1;
    }
    fprintf(stderr, "usage: runs ring|slow|lump|partition|deadlock\n");
    return 2;
}
