/* A program of tests, each of which is wrong in one way, or in none; what is
 * said of them is looked at by tests/test_runner.sh. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <distsys/disk.h>
#include <distsys/explore.h>

/* ---- What clients do ------------------------------------------------------*/

static void well(ds_handle *h, void *arg)
{
    for (size_t i; ds_next(h, &i);)
        if (ds_random(h) < 0.25)
            ds_sometimes(h, "a number is small");
        else if (ds_random(h) < 0)
            ds_sometimes(h, "a number is negative");
}

/* Fails with seeds that are odd, from 11 on, after a while. */
static void wrong(ds_handle *h, void *arg)
{
    uint64_t seed = ds_trial_seed(ds_handle_trial(h));

    ds_sleep(h, 1.5);
    if (seed > 10 && seed % 2 == 1)
        ds_fail(h, "seed %d is odd\nand that is odd", (int)seed);
}

static void endless(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_name(h, "patient");
    if (ds_trial_seed(ds_handle_trial(h)) == 5)
        ds_poll(h, ds_stream_new(ds_handle_loop(h)), &event);
}

/* The second of two reads sees an older value. */
static void stale(ds_handle *h, void *arg)
{
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    ds_loop *loop = ds_handle_loop(h);
    int64_t me = (int64_t)ds_node_number(ds_handle_node(h));
    bool bad = ds_trial_seed(ds_handle_trial(h)) == 7;
    const int64_t values[] = { 1, 2, bad ? 1 : 2 };

    for (size_t i = 0; i < 3; i++) {
        size_t call =
            ds_history_begin(history, ds_loop_now(loop), (uint64_t)me,
                             i < 2 ? DS_WRITE : DS_READ, me, values[i], 0);
        ds_sleep(h, 0.5);
        ds_history_end(history, ds_loop_now(loop), call, i < 2 ? 0 : values[i]);
    }
}

/* A model that does not do the same in equal states. */
static void init_moody(void *state, int64_t key)
{
}

static bool step_moody(void *state, const ds_call *call)
{
    static bool good;

    good = !good;
    return good;
}

static const ds_model moody_model = {
    .name = "moody", .size = 8, .init = init_moody, .step = step_moody
};

static void moody(ds_handle *h, void *arg)
{
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t me = ds_node_number(ds_handle_node(h));

    for (int i = 0; i < 3; i++) {
        size_t call = ds_history_begin(history, 0, me, 1, 0, 0, 0);
        ds_sleep(h, 1);
        ds_history_end(history, 0, call, 0);
    }
}

/* ---- How processes die ----------------------------------------------------*/

static bool is_seed(ds_handle *h, uint64_t seed)
{
    ds_sleep(h, 0.25);
    return ds_trial_seed(ds_handle_trial(h)) == seed;
}

static void aborts(ds_handle *h, void *arg)
{
    if (is_seed(h, 21)) {
        fprintf(stderr, "it was the butler\n");
        abort();
    }
}

static void kills(ds_handle *h, void *arg)
{
    if (is_seed(h, 18) || is_seed(h, 20) || is_seed(h, 40))
        raise(SIGKILL);
}

static void exits(ds_handle *h, void *arg)
{
    if (is_seed(h, 22))
        _exit(0);
}

static void starves(ds_handle *h, void *arg)
{
    if (is_seed(h, 23))
        ds_trial_alloc(ds_handle_trial(h), SIZE_MAX);
}

static void hangs(ds_handle *h, void *arg)
{
    ds_set_name(h, "stubborn");
    if (is_seed(h, 24))
        for (;;)
            pause();
}

static void dawdles(ds_handle *h, void *arg)
{
    usleep(20000);
}

static void prints(ds_handle *h, void *arg)
{
    printf("seed %d speaks\n", (int)ds_trial_seed(ds_handle_trial(h)));
}

/* ---- What differs from run to run -----------------------------------------*/

/* Which of two blocks lies lower. */
static void by_address(ds_handle *h, void *arg)
{
    void *a = malloc(40);
    void *b = malloc(40);
    bool rising = (uintptr_t)a < (uintptr_t)b;

    free(a);
    free(b);
    ds_sleep(h, rising ? 1 : 2);
}

/* Memory that nobody has filled, which the compiler must not see. */
static void *(*volatile get)(size_t) = malloc;

static void by_garbage(ds_handle *h, void *arg)
{
    unsigned char *a = get(3000);
    unsigned char found = a[2900];

    free(a);
    ds_sleep(h, 1 + found);
}

static void by_clock(ds_handle *h, void *arg)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    ds_sleep(h, 1 + (double)now.tv_nsec);
}

static void by_rand(ds_handle *h, void *arg)
{
    ds_sleep(h, 1 + rand() % 1000);
}

static int how_many;

static void by_global(ds_handle *h, void *arg)
{
    ds_sleep(h, 1 + how_many++ / 2);
}

/* The threads see the same, and the clients write down something else. */
static void by_history(ds_handle *h, void *arg)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    ds_history_begin(ds_trial_history(ds_handle_trial(h)), 0,
                     ds_node_number(ds_handle_node(h)), DS_WRITE, 0,
                     now.tv_nsec, 0);
    ds_sleep(h, 1);
}

/* Only a thread that comes after others fails. */
static void fails_by_global(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    if (++how_many == 15)
        ds_fail(h, "there were %d before", how_many);
}

/* ---- Who can be hurt ------------------------------------------------------*/

enum { SERVERS = 3, NODES = 5 };

typedef struct cluster {
    ds_net *net;
    ds_port *ports[NODES]; /* the servers first */
    bool clones;
} cluster;

static void *clone(const void *data)
{
    char *copy = malloc(1);

    if (copy != NULL)
        *copy = *(const char *)data;
    return copy;
}

static void post(ds_handle *h, const cluster *all, ds_port *from, ds_port *to)
{
    ds_msg m = { .source = from,
                 .dest = to,
                 .data = clone("x"),
                 .free = free,
                 .clone = all->clones ? clone : NULL,
                 .size = 1 };

    if (m.data != NULL)
        ds_send(h, all->net, m);
}

static void answers(ds_handle *h, void *arg)
{
    const cluster *all = arg;
    ds_port *port = all->ports[ds_node_number(ds_handle_node(h))];

    ds_disk_put(h, "life", "x", 1);
    for (ds_msg m; ds_recv(h, port, &m); ds_msg_drop(&m)) {
        ds_disk_append(h, "asked", "x", 1);
        ds_sleep(h, 0.001);
        post(h, all, port, m.source);
    }
}

static void asks(ds_handle *h, void *arg)
{
    const cluster *all = arg;
    ds_port *port = all->ports[ds_node_number(ds_handle_node(h))];

    for (size_t i; ds_next(h, &i);) {
        ds_msg m;
        for (int to = 0; to < SERVERS; to++)
            post(h, all, port, all->ports[to]);
        while (ds_recv_timeout(h, port, 0.1, &m) && m.dest != NULL)
            ds_msg_drop(&m);
    }
}

static void build_cluster(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    cluster *all = ds_trial_alloc(t, sizeof(*all));
    ds_node *nodes[NODES];

    all->net = ds_random_net_new(loop, 0.02);
    all->clones = arg != NULL;
    for (int i = 0; i < NODES; i++) {
        nodes[i] = ds_node_new(loop);
        all->ports[i] = ds_port_new(nodes[i]);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.002 });
        if (i < SERVERS)
            ds_node_boot_daemon(nodes[i], answers, all);
        else
            ds_node_boot(nodes[i], asks, all);
    }
    ds_trial_expose(t, all->net, nodes, SERVERS, nodes + SERVERS,
                    NODES - SERVERS);
}

/* ---- The tests ------------------------------------------------------------*/

static void build(ds_trial *t, void *arg)
{
    ds_thread_fn *const *body = arg;

    for (int i = 0; i < 2; i++)
        ds_node_boot(ds_node_new(ds_trial_loop(t)), *body, NULL);
}

#define TEST(body)                                                             \
    {                                                                          \
        .name = #body, .build = build, .arg = &(ds_thread_fn *){ body },       \
        .time_limit = 1e10                                                     \
    }

static ds_thread_fn *const bodies[] = { stale, well, moody };

static const ds_test tests[] = {
    TEST(well),
    TEST(wrong),
    TEST(endless),
    { .name = "stale",
      .build = build,
      .arg = (void *)&bodies[0],
      .model = &ds_register_model },
    { .name = "exposed",
      .build = build,
      .arg = (void *)&bodies[1],
      .hazards = DS_HAZARD_DROP },
    { .name = "moody",
      .build = build,
      .arg = (void *)&bodies[2],
      .model = &moody_model },
    { .name = "hurt",
      .build = build_cluster,
      .arg = (void *)&bodies[0],
      .hazards = 2 * DS_HAZARD_DISK - 1 - DS_HAZARD_SPEED - DS_HAZARD_DISK },
    { .name = "harmless",
      .build = build_cluster,
      .hazards = DS_HAZARD_DUPLICATE | DS_HAZARD_DROP },
    TEST(aborts),
    TEST(kills),
    TEST(exits),
    TEST(starves),
    TEST(hangs),
    TEST(dawdles),
    TEST(prints),
    TEST(by_address),
    TEST(by_garbage),
    TEST(by_clock),
    TEST(by_rand),
    TEST(by_global),
    TEST(by_history),
    TEST(fails_by_global),
};

enum { TESTS = sizeof(tests) / sizeof(*tests) };

int main(int argc, char **argv)
{
    const ds_test *all[TESTS];

    for (size_t i = 0; i < TESTS; i++)
        all[i] = &tests[i];
    return ds_test_main(argc, argv, all, TESTS);
}
