/* Three people write at the beginning of one text, and nobody can hear one of
 * them at first. */
#include <stdio.h>
#include <stdlib.h>

#include <distsys.h>
#include <distsys/crdt.h>
#include <distsys/fault.h>

enum { MACHINES = 3, TEXT = 1, WORDS };

static const char *const names[MACHINES] = { "ann", "ben", "cleo" };
static const char *const words[MACHINES] = { "one ", "two ", "three " };

static ds_node *nodes[MACHINES];
static ds_port *ports[MACHINES];
static ds_group group;

static void show(ds_handle *h, const ds_crdt *c)
{
    size_t n;
    ds_entry *text = ds_rga_read(c, TEXT, &n);
    char line[80] = "";

    for (size_t i = 0; i < n && i + 1 < sizeof(line); i++)
        line[i] = (char)text[i].value;
    free(text);
    ds_mark(h, "%s", line);
    printf("%.1f s, %-4s: \"%s\", of %d words\n", ds_now(h),
           names[ds_group_me(&group, h)], line, (int)ds_counter_read(c, WORDS));
}

static void machine(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&group, h);
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(me, state);
    ds_key key;
    ds_msg m;

    for (const char *at = words[me]; *at != '\0'; at++)
        ds_rga_insert(c, TEXT, at == words[me] ? NULL : &key, *at, &key);
    ds_g_counter_add(c, WORDS, 1);
    show(h, c);
    for (int i = 0; i < 2; i++) {
        ds_crdt_tell(h, c, &group, i > 0); /* what has changed, or all */
        while (ds_recv_timeout(h, ports[me], i + 1 - ds_now(h), &m) &&
               m.dest != NULL) {
            ds_crdt_hear(h, c, &m);
            ds_msg_drop(&m);
        }
        show(h, c);
        ds_net_heal(group.net);
    }
    ds_crdt_free(c);
    ds_entries_free(state);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);

    for (size_t i = 0; i < MACHINES; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_set_name(nodes[i], names[i]);
    }
    group = ds_group_of(ds_random_net_new(loop, 0.3), nodes, ports, MACHINES);
    ds_net_partition(group.net, &nodes[1], 1);
    for (size_t i = 0; i < MACHINES; i++)
        ds_node_spawn(nodes[i], machine, NULL);
    return ds_loop_finish(loop);
}
