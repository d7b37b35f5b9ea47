/* Three machines whose clocks are wrong, and what three logical clocks make of
 * their messages. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/clocks.h>
#include <distsys/fault.h>

enum { MACHINES = 3 };

struct stamps {
    ds_lamport lamport;
    uint64_t vector[MACHINES];
    ds_hlc hlc;
};

static ds_net *net;
static ds_port *ports[MACHINES];

static void tell(ds_handle *h, size_t me, const char *what,
                 const struct stamps *s)
{
    ds_mark(h, "%d", (int)s->lamport);
    printf("%c %-12s Lamport %d, vector %d %d %d, hybrid %.3f s + %d\n",
           (int)('a' + me), what, (int)s->lamport, (int)s->vector[0],
           (int)s->vector[1], (int)s->vector[2], (double)s->hlc.time / 1e9,
           (int)s->hlc.count);
}

/* Each passes on what it has got, to the next one, after a while; the first has
 * something to begin with. */
static void machine(ds_handle *h, void *arg)
{
    size_t me = *(size_t *)arg, next = (me + 1) % MACHINES;
    struct stamps mine = { 0 };
    ds_msg m;

    for (int i = 0; i < 2; i++) {
        if (i > 0 || me > 0) {
            if (!ds_recv(h, ports[me], &m))
                return;
            const struct stamps *theirs = m.data;
            ds_lamport_receive(&mine.lamport, theirs->lamport);
            ds_vector_receive(mine.vector, theirs->vector, MACHINES, me);
            ds_hlc_receive(&mine.hlc, theirs->hlc, ds_hlc_now(h));
            ds_msg_drop(&m);
            tell(h, me, "has received", &mine);
        }
        ds_sleep(h, 0.2);
        ds_lamport_tick(&mine.lamport);
        ds_vector_tick(mine.vector, me);
        ds_hlc_tick(&mine.hlc, ds_hlc_now(h));
        tell(h, me, "sends", &mine);
        ds_send_bytes(h, net, ports[me], ports[next], &mine, sizeof(mine));
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    static size_t numbers[MACHINES] = { 0, 1, 2 };

    net = ds_random_net_new(loop, 0.3);
    for (size_t i = 0; i < MACHINES; i++) {
        ds_node *node = ds_node_new(loop);
        ports[i] = ds_port_new(node);
        ds_node_set_name(node, (const char *[]){ "a", "b", "c" }[i]);
        if (i == 1)
            ds_node_set_clock(node, 0.9, 0); /* it is ahead */
        ds_node_spawn(node, machine, &numbers[i]);
    }
    return ds_loop_finish(loop);
}
