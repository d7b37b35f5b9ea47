/* Three nodes that are too polite: each waits for a letter before it writes
 * one.  The report says who waits for whom. */
#include <stdio.h>
#include <distsys.h>

struct person {
    const char *name;
    const char *waits_for;
    double rest; /* seconds before looking at the letterbox */
    ds_net *net;
    ds_port *box;
    ds_port *writes_to;
};

static void write_back(ds_handle *h, void *arg)
{
    struct person *self = arg;
    ds_msg letter;

    ds_set_name(h, self->name);
    if (!ds_sleep(h, self->rest) || !ds_recv(h, self->box, &letter))
        return;
    letter.source = self->box;
    letter.dest = self->writes_to;
    ds_send(h, self->net, letter);
}

int main(void)
{
    struct person people[] = {
        { .name = "ann", .waits_for = "from bob" },
        { .name = "bob", .waits_for = "from carol" },
        { .name = "carol", .waits_for = "from ann", .rest = 1.5 },
    };
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 1.0);

    for (int i = 0; i < 3; i++) {
        people[i].net = net;
        people[i].box = ds_port_new(ds_node_new(loop));
        ds_stream_set_name(ds_port_stream(people[i].box), people[i].waits_for);
    }
    for (int i = 0; i < 3; i++) {
        people[i].writes_to = people[(i + 2) % 3].box;
        ds_spawn(loop, write_back, &people[i]);
    }

    ds_status status = ds_loop_run(loop);
    printf("%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
    return status == DS_DEADLOCK ? 0 : 1;
}
