/* Every place where a machine can crash: programs in which one machine crashes
 * in its k-th call, for each k from 1 until it does so no more.  Whatever k is,
 * the run ends, nothing is lost, and it is the same on threads and fibers. */

#include "stage.h"

#include <distsys.h>

/* A program: it makes its nodes and threads, and one of its nodes crashes. */
typedef struct program {
    const char *name;
    ds_node *(*build)(ds_loop *loop);
} program;

static ds_port *ports[4];
static ds_net *net;
static ds_stream *stream;

static void make_network(ds_loop *loop, ds_node **nodes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
    }
    net = ds_random_net_new(loop, 1);
    stream = ds_stream_new(loop);
}

/* ---- Programs -------------------------------------------------------------*/

static void serve(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, ports[0], &msg)) {
        ds_send(h, net,
                (ds_msg){ .source = ports[0],
                          .dest = msg.source,
                          .data = malloc(10),
                          .free = free,
                          .size = 10 });
        ds_msg_drop(&msg);
    }
}

/* Asks until it has its answers, and again when none comes. */
static void ask(ds_handle *h, void *arg)
{
    ds_port *mine = arg;
    ds_msg msg;

    for (int tries = 0; tries < 6; tries++) {
        ds_send_bytes(h, net, mine, ports[0], "question", 9);
        if (!ds_recv_timeout(h, mine, 3, &msg))
            return;
        ds_msg_drop(&msg);
    }
}

static ds_node *clients_and_server(ds_loop *loop)
{
    ds_node *nodes[3];

    make_network(loop, nodes, 3);
    ds_node_boot_daemon(nodes[0], serve, NULL);
    ds_node_boot(nodes[1], ask, ports[1]);
    ds_node_boot(nodes[2], ask, ports[2]);
    return nodes[0];
}

static ds_node *server_and_client_that_dies(ds_loop *loop)
{
    ds_node *server = clients_and_server(loop);

    return server == NULL ? NULL : ds_port_node(ports[1]);
}

static void sweat(void *arg)
{
    ++*(int *)arg;
}

static void child(ds_handle *h, void *arg)
{
    int effort = 0;
    ds_event event;

    ds_compute(h, 0.5, sweat, &effort);
    if (ds_poll_timeout(h, &stream, 1, 2, &event))
        ds_event_drop(&event);
}

static void parent(ds_handle *h, void *arg)
{
    ds_timer timer;

    ds_set_name(h, "parent");
    for (int i = 0; i < 3; i++)
        ds_spawn(ds_handle_loop(h), child, NULL);
    ds_schedule(h, stream, 1, malloc(5), free);
    timer = ds_schedule(h, stream, 2, malloc(5), free);
    ds_sleep(h, 1);
    ds_cancel(h, timer);
    int *mine = ds_alloc(h, sizeof(*mine));
    if (mine != NULL)
        *mine = 1;
    ds_sleep(h, 5);
}

static ds_node *family(ds_loop *loop)
{
    ds_node *nodes[1];

    make_network(loop, nodes, 1);
    ds_node_boot(nodes[0], parent, NULL);
    return nodes[0];
}

static void write_log(ds_handle *h, void *arg)
{
    char entry[16] = "";
    size_t size = ds_disk_size(h, "log");

    for (int i = 0; i < 4; i++) {
        snprintf(entry, sizeof(entry), "%zu", size + (size_t)i);
        if (!ds_disk_append(h, "log", entry, sizeof(entry)) ||
            !ds_disk_sync(h) ||
            !ds_disk_get(h, "log", 0, entry, sizeof(entry), NULL))
            return;
    }
    ds_disk_cut(h, "log", 16);
}

static ds_node *writer(ds_loop *loop)
{
    ds_node *nodes[1];

    make_network(loop, nodes, 1);
    ds_node_set_disk(
        nodes[0], &(ds_disk_config){ .sync_time = 0.01, .write_rate = 1000 });
    ds_node_boot(nodes[0], write_log, NULL);
    return nodes[0];
}

static const program programs[] = {
    { "a server crashes", clients_and_server },
    { "a client crashes", server_and_client_that_dies },
    { "a family crashes", family },
    { "a writer crashes", writer },
};

/* ---- Collectives ----------------------------------------------------------*/

enum { MEMBERS = 4 };
static const ds_collective *collective;

static void take_part(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(MEMBERS * 4);

    ds_vec_unref(ds_collective_run(collective, c, mine, &ds_sum, 0));
    ds_vec_unref(mine);
}

static ds_node *group(ds_loop *loop)
{
    ds_node *nodes[MEMBERS];

    for (int i = 0; i < MEMBERS; i++)
        nodes[i] = ds_node_new(loop);
    net = ds_random_net_new(loop, 1);
    ds_comm_spawn(loop, net, nodes, MEMBERS, take_part, NULL);
    return nodes[1];
}

/* ---- Every k --------------------------------------------------------------*/

typedef struct outcome {
    ds_status status;
    bool crashed;
    uint64_t digest;
    double end;
    char text[4096];
} outcome;

static outcome play(const program *p, uint64_t k, ds_exec exec)
{
    ds_loop *loop = ds_loop_new(
        &(ds_loop_config){ .exec = exec, .ignore_environment = true });
    ds_node *victim = p->build(loop);

    ds_node_crash_at(victim, DS_AT_CALL, k);
    outcome o = { .status = ds_loop_run(loop) };
    o.crashed = !ds_node_is_up(victim);
    o.digest = ds_loop_digest(loop);
    o.end = ds_loop_now(loop);
    snprintf(o.text, sizeof(o.text), "%s", ds_loop_error(loop));
    ds_loop_free(loop);
    return o;
}

static void ck_same(const outcome *a, const outcome *b)
{
    ck_assert_int_eq(a->status, b->status);
    ck_assert_int_eq(a->crashed, b->crashed);
    ck_assert_uint_eq(a->digest, b->digest);
    ck_assert_double_eq(a->end, b->end);
    ck_assert_str_eq(a->text, b->text);
}

/* Who waits in vain is told who is down. */
static void ck_sound(const outcome *o)
{
    if (o->status == DS_OK)
        return;
    ck_assert_msg(o->status == DS_DEADLOCK, "%s: %s", ds_strstatus(o->status),
                  o->text);
    ck_contains(o->text, " is down since ");
}

/* Returns how many crash points there are. */
static uint64_t crash_everywhere(const program *p)
{
    for (uint64_t k = 1;; k++) {
        outcome on_fibers = play(p, k, DS_FIBERS);
        outcome on_threads = play(p, k, DS_THREADS);

        ck_same(&on_fibers, &on_threads);
        ck_sound(&on_fibers);
        if (!on_fibers.crashed)
            return k - 1;
    }
}

START_TEST(a_program_survives_a_crash_at_any_call)
{
    setenv("DISTSYS_CHECK", "1", 1);
    ck_assert_uint_gt(crash_everywhere(&programs[_i]), 4);
}
END_TEST

START_TEST(a_collective_survives_a_crash_at_any_call)
{
    const program p = { "a member crashes", group };
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    setenv("DISTSYS_CHECK", "1", 1);
    for (size_t i = (size_t)_i; i < n; i += 6) {
        collective = all[i];
        ck_assert_uint_gt(crash_everywhere(&p), 0);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_program_survives_a_crash_at_any_call, 0,
                        sizeof(programs) / sizeof(*programs));
    tcase_add_loop_test(tc, a_collective_survives_a_crash_at_any_call, 0, 6);
    tcase_set_timeout(tc, 60);
}

int main(void)
{
    return harness_main("crash_points", add);
}
