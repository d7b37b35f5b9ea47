/* Every allocation fails once, and every start of a thread: the run ends with
 * the reason, nothing leaks, nothing crashes, and the next run is as good as
 * ever.
 *
 * The linker sends the library's calls here (--wrap), where they are counted
 * and one is refused, or all from one on.  Programs are run as a user would
 * write them: without a check between ds_loop_new() and ds_loop_run(). */

#include "stage.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include <distsys.h>
#include <distsys/history.h>
#include <distsys/observe.h>
#include <distsys/topology.h>

#include "loop/exec/stack.h"

/* ---- What is refused ------------------------------------------------------*/

typedef struct supply {
    atomic_long calls;
    long refused;  /* the number of the call that fails, from 1; 0: none */
    bool for_good; /* and all after it */
} supply;

static supply memory, threads;

/* What the library has and has not given back. */
static atomic_long outstanding;

static bool refuse(supply *s)
{
    const long call = atomic_fetch_add(&s->calls, 1) + 1;

    return s->refused != 0 &&
           (call == s->refused || (s->for_good && call > s->refused));
}

static void *given(void *p)
{
    if (p != NULL)
        atomic_fetch_add(&outstanding, 1);
    return p;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void __real_free(void *p);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd,
                  off_t offset);
int __real_munmap(void *at, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *arg);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
void __wrap_free(void *p);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
                  off_t offset);
int __wrap_munmap(void *at, size_t size);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *arg);

void *__wrap_malloc(size_t size)
{
    return refuse(&memory) ? NULL : given(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refuse(&memory) ? NULL : given(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (refuse(&memory))
        return NULL;
    return p == NULL ? given(__real_malloc(size)) : __real_realloc(p, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    if (refuse(&memory))
        return NULL;
    return p == NULL ? given(__real_reallocarray(p, n, size))
                     : __real_reallocarray(p, n, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return refuse(&memory) ? NULL : given(__real_aligned_alloc(align, size));
}
void __wrap_free(void *p)
{
    if (p != NULL)
        atomic_fetch_sub(&outstanding, 1);
    __real_free(p);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
                  off_t offset)
{
    if (refuse(&memory)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void *p = __real_mmap(at, size, prot, flags, fd, offset);
    if (p != MAP_FAILED)
        atomic_fetch_add(&outstanding, 1);
    return p;
}

int __wrap_munmap(void *at, size_t size)
{
    atomic_fetch_sub(&outstanding, 1);
    return __real_munmap(at, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*start)(void *), void *arg)
{
    if (refuse(&threads))
        return EAGAIN;
    return __real_pthread_create(thread, attr, start, arg);
}

/* ---- Programs -------------------------------------------------------------*/

/* Each runs a loop to its end, runs it once more, and frees it.  right says
 * whether it computed what it should. */
static bool right;

/* Whether ds_loop_error() had something to say about a failure. */
static bool explained;

static void set_right(ds_handle *h, void *arg)
{
    *(bool *)arg = true;
}

/* A loop that has failed is as good as new; only one that could not be made is
 * none. */
static void run_again(ds_loop *loop)
{
    bool again = false;

    if (memory.for_good || threads.for_good || loop == NULL)
        return;
    ds_spawn(loop, set_right, &again);
    const ds_status status = ds_loop_run(loop);
    if (status == DS_OK && !again)
        right = false;
    if (status != DS_OK && status != DS_ENOMEM && status != DS_ETHREAD)
        right = false;
}

static ds_status run_and_free(ds_loop *loop)
{
    const ds_status status = ds_loop_run(loop);

    explained = status == DS_OK || *ds_loop_error(loop) != '\0';
    run_again(loop);
    ds_loop_free(loop);
    return status;
}

static void listener(ds_handle *h, void *arg)
{
    ds_event event;

    if (ds_poll(h, arg, &event)) {
        right = strcmp(event.data, "Hello, world!") == 0 && ds_now(h) == 15.5;
        ds_event_drop(&event);
    }
}

static void greeter(ds_handle *h, void *arg)
{
    ds_schedule(h, arg, 15.5, "Hello, world!", NULL);
}

static ds_status hello(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *greetings = ds_stream_new(loop);

    ds_spawn(loop, listener, greetings);
    ds_spawn(loop, greeter, greetings);
    return run_and_free(loop);
}

struct lan {
    ds_net *net;
    ds_port *server;
    ds_port *client;
};

static void server(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    ds_msg msg;

    if (!ds_recv(h, lan->server, &msg))
        return;
    for (char *c = msg.data; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    ds_sleep(h, 0.125);
    msg.source = lan->server;
    msg.dest = lan->client;
    ds_send(h, lan->net, msg);
}

static void client(ds_handle *h, void *arg)
{
    struct lan *lan = arg;
    static char text[32];
    ds_msg msg;

    strcpy(text, "this should be capitalized");
    ds_send(h, lan->net,
            (ds_msg){ .source = lan->client,
                      .dest = lan->server,
                      .data = text,
                      .size = (double)strlen(text) });
    if (ds_recv(h, lan->client, &msg))
        right = strcmp(msg.data, "THIS SHOULD BE CAPITALIZED") == 0 &&
                ds_now(h) == 26.625;
}

typedef ds_net *make_net(ds_loop *loop, ds_node *const *nodes,
                         const void *from);

/* Over a network of two nodes, 2 bytes a second and 0.25 seconds of latency. */
static ds_status capitalize_over(make_net *make, const void *from)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };
    struct lan lan = {
        .net = make(loop, nodes, from),
        .server = ds_port_new(nodes[0]),
        .client = ds_port_new(nodes[1]),
    };

    ds_spawn(loop, server, &lan);
    ds_spawn(loop, client, &lan);
    return run_and_free(loop);
}

static ds_net *switched(ds_loop *loop, ds_node *const *nodes, const void *from)
{
    return ds_switched_net_new(loop, &(ds_switched_net_config){
                                         .nodes = nodes,
                                         .num_nodes = 2,
                                         .model = from,
                                         .latency = 0.25,
                                     });
}

static ds_status capitalize(void)
{
    ds_greedy_switch ports = ds_greedy_switch_uniform(2, 2.0);

    return capitalize_over(switched, &ports.base);
}

static ds_net *routed(ds_loop *loop, ds_node *const *nodes, const void *from)
{
    return ds_routed_net_new(loop, &(ds_routed_net_config){
                                       .nodes = nodes,
                                       .num_nodes = 2,
                                       .topology = from,
                                   });
}

static ds_status capitalize_routed(void)
{
    const char *text = "star:2,rate=2,latency=0.125,routing=shortest";
    ds_topology *topology = ds_topology_parse(text);

    if (topology == NULL)
        return DS_ENOMEM;
    const ds_status status = capitalize_over(routed, topology);
    ds_topology_free(topology);
    return status;
}

/* Payloads from the heap, so that one that is lost shows. */
static void *some_memory(void)
{
    return malloc(10);
}

static struct {
    ds_loop *loop;
    ds_net *net;
    ds_port *port;
    ds_stream *streams[20];
    int steps;
} fair;

static void step(bool on)
{
    fair.steps += on;
}

static void visitor(ds_handle *h, void *arg)
{
    ds_event event;
    ds_msg msg;

    ds_set_name(h, arg);
    for (int i = 0; i < 20; i++)
        ds_schedule(h, fair.streams[i], i, some_memory(), free);
    ds_cancel(h, ds_schedule(h, fair.streams[0], 0.5, some_memory(), free));
    const bool polled = ds_poll_any(h, fair.streams, 20, &event);
    step(polled);
    if (polled)
        ds_event_drop(&event);
    for (int i = 0; i < 3; i++)
        ds_send(h, fair.net,
                (ds_msg){ .source = fair.port,
                          .dest = fair.port,
                          .data = some_memory(),
                          .free = free,
                          .size = 10,
                          .done = fair.streams[1] });
    if (ds_recv_timeout(h, fair.port, 100, &msg)) {
        step(msg.dest != NULL);
        ds_msg_drop(&msg);
    }
    step(ds_poll_timeout(h, NULL, 0, 5, &event));
}

static void compute_nothing(void *arg)
{
}

static void host(ds_handle *h, void *arg)
{
    ds_spawn(fair.loop, visitor, arg);
    step(ds_sleep(h, 3));
    ds_spawn(fair.loop, visitor, arg);
    step(ds_compute(h, 1, compute_nothing, NULL));
}

static void guard(ds_handle *h, void *arg)
{
    ds_event event;

    while (ds_poll(h, arg, &event))
        ds_event_drop(&event);
}

/* Everything else that takes memory, most of it during the run. */
static ds_status all_the_fun(void)
{
    fair.loop = ds_loop_new(NULL);
    fair.steps = 0;
    for (int i = 0; i < 20; i++)
        fair.streams[i] = ds_stream_new(fair.loop);
    ds_stream_set_name(fair.streams[0], "zero");
    ds_node *node = ds_node_new(fair.loop);
    fair.port = ds_port_new(node);
    fair.net = ds_random_net_new(fair.loop, 2);
    ds_spawn(fair.loop, host, "visitor");
    ds_spawn_daemon(fair.loop, guard, fair.streams[2]);
    const ds_status status = run_and_free(fair.loop);
    if (status == DS_OK)
        right = fair.steps == 8;
    return status;
}

/* Tells an observer of many things; what it could not remember it must say. */
static void tell(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    for (int64_t i = 1; i < 100; i++) {
        ds_observe_as(h, (uint64_t)i % 3, DS_FACT_APPEND, i, i);
        ds_observe_as(h, (uint64_t)i % 3, DS_FACT_SEND, i, DS_TO_ALL);
        ds_observe_as(h, (uint64_t)i % 5, DS_FACT_DELIVER, i, 0);
        ds_observe_as(h, 1, DS_FACT_DECIDE, i / 99, i / 50);
    }
}

static ds_status observed(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_observer *observer = ds_observer_new(
        loop, &(ds_observer_config){ .checks = DS_CHECK_USUAL });

    for (int i = 0; i < 3; i++)
        ds_spawn(loop, tell, NULL);
    ds_status status = ds_loop_run(loop);
    const ds_finding finding = ds_observer_verdict(observer, NULL, 0);
    right = finding == DS_UNSOUND;
    if (status == DS_OK && finding == DS_UNKNOWN)
        status = DS_ENOMEM;
    explained = true;
    run_again(loop);
    ds_loop_free(loop);
    return status;
}

/* ---- Allreduces -----------------------------------------------------------*/

enum { members = 5, length = 23 };

static const ds_allreduce *algorithm;
static int right_members;

static void reduce_all(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(length);
    bool all = true;

    for (size_t i = 0; mine != NULL && i < length; i++)
        mine->data[i] = (double)(ds_comm_rank(c) + i);
    ds_vec *sum = ds_allreduce_run(algorithm, c, mine, &ds_sum);
    for (size_t i = 0; sum != NULL && i < length; i++)
        all = all && sum->data[i] == (double)(10 + members * i);
    if (sum != NULL)
        right_members += all ? 1 : -members;
    ds_vec_unref(sum);
    ds_vec_unref(mine);
}

/* A group of n over a network, and what its members do. */
static ds_status run_group(size_t n, ds_comm_fn *fn)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[members];
    ds_maxmin_switch ports = ds_maxmin_switch_uniform(n, 100);

    for (size_t i = 0; i < n; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                                .nodes = nodes,
                                                .num_nodes = n,
                                                .model = &ports.base,
                                                .latency = 0.25,
                                                .in_order = true,
                                            });
    right_members = 0;
    ds_comm_spawn(loop, net, nodes, n, fn, NULL);
    const ds_status status = run_and_free(loop);
    right = right_members == (int)n;
    return status;
}

static ds_status allreduce(void)
{
    return run_group(members, reduce_all);
}

/* ---- The other collectives ------------------------------------------------*/

static const ds_collective *how;
static ds_comm_mode how_mode;

/* What each member has if nothing fails, boiled down to a number. */
static double expected[members];
static bool expecting;

static double boiled_down(const ds_vec *vec)
{
    double sum = (double)vec->len;

    for (size_t i = 0; i < vec->len && vec->data != NULL; i++)
        sum += (double)(i + 1) * vec->data[i];
    return sum;
}

static void collect(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);
    ds_vec *mine = ds_vec_new(length);

    for (size_t i = 0; mine != NULL && i < length; i++)
        mine->data[i] = (double)(rank * rank + i);
    ds_comm_set_mode(c, how_mode);
    ds_comm_set_eager(c, 3.0 * length); /* between a block and the whole */
    ds_vec *got = ds_collective_run(how, c, mine, &ds_sum, 1);
    if (got != NULL) {
        if (!expecting)
            expected[rank] = boiled_down(got);
        right_members += boiled_down(got) == expected[rank] ? 1 : -members;
    }
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

/* Of four, for those that need a power of two. */
static ds_status collective(void)
{
    const bool power = (how->traits & DS_TRAIT_POWER) != 0;
    const ds_status status = run_group(power ? 4 : members, collect);

    expecting = true;
    return status;
}

/* ---- Failing --------------------------------------------------------------*/

static void supply_without_limit(void)
{
    memory = (supply){ 0 };
    threads = (supply){ 0 };
}

static void ck_sound(ds_status (*program)(void))
{
    supply_without_limit();
    right = false;
    const ds_status status = program();
    if (status != DS_OK || !right)
        ck_abort_msg("%s, %s result", ds_strstatus(status),
                     right ? "right" : "wrong");
}

/* Refuses the n-th of the supply and judges; false: there are not so many. */
static bool fails_well(ds_status (*program)(void), supply *s, long n,
                       bool for_good, ds_status want)
{
    ds__stacks_forget(); /* which a thread may keep */
    const long before = atomic_load(&outstanding);

    supply_without_limit();
    s->refused = n;
    s->for_good = for_good;
    right = false;
    const ds_status status = program();
    const bool happened = atomic_load(&s->calls) >= n;
    s->refused = 0;
    ds__stacks_forget();

    if (atomic_load(&outstanding) != before)
        ck_abort_msg("number %ld refused: %ld are not given back", n,
                     atomic_load(&outstanding) - before);
    if (status == DS_OK && !right)
        ck_abort_msg("number %ld refused: success, but a wrong result", n);
    if (!explained)
        ck_abort_msg("number %ld refused: no text", n);
    if (right_members < 0)
        ck_abort_msg("number %ld refused: a wrong sum", n);
    if (status != DS_OK && status != want)
        ck_abort_msg("number %ld refused: %s", n, ds_strstatus(status));
    if (for_good && happened && want == DS_ENOMEM && n == 1 && status == DS_OK)
        ck_abort_msg("without any memory: success");
    return happened;
}

/* One after another, until there are no more to refuse. */
static void refuse_each(ds_status (*program)(void), supply *s, bool for_good,
                        ds_status want)
{
    long n = 1;

    ck_sound(program);
    while (fails_well(program, s, n, for_good, want)) {
        n++;
        /* Starting threads takes long under a sanitizer. */
        if (harness_max_threads() < 2000 && !harness_full())
            n += n / 4;
    }
    ck_assert_int_gt(n, 2);
    ck_sound(program);
}

/* So many that a small flight recorder forgets some. */
static void say_a_lot(ds_handle *h, void *arg)
{
    bool slept = true;

    ds_set_name(h, "speaker");
    for (int i = 0; i < 3000 && slept; i++) {
        char state[16];
        snprintf(state, sizeof(state), "state %d", i % 60);
        ds_state(h, state);
        ds_mark(h, "%d", i);
        slept = ds_sleep(h, 1);
    }
    right = slept && ds_now(h) == 3000;
}

static ds_status traced_with(const char *options)
{
    char file[64], trace[128];

    snprintf(file, sizeof(file), "%s/failure-%ld", P_tmpdir, (long)getpid());
    snprintf(trace, sizeof(trace), "%s%s", file, options);
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .trace = trace });
    ds_spawn(loop, say_a_lot, NULL);
    const ds_status status = run_and_free(loop);
    unlink(file);
    return status;
}

static ds_status traced(void)
{
    return traced_with("");
}

static ds_status traced_in_flight(void)
{
    return traced_with(",last=64K");
}

static ds_status (*const programs[])(void) = {
    hello,    capitalize, capitalize_routed, all_the_fun,
    observed, traced,     traced_in_flight,
};
enum { num_programs = sizeof(programs) / sizeof(*programs) };

START_TEST(whichever_allocation_fails_the_run_ends_with_that_and_leaks_nothing)
{
    refuse_each(programs[_i], &memory, false, DS_ENOMEM);
}
END_TEST

START_TEST(so_it_does_if_all_later_ones_fail_too)
{
    refuse_each(programs[_i], &memory, true, DS_ENOMEM);
}
END_TEST

START_TEST(an_allreduce_survives_the_failure_of_any_allocation)
{
    algorithm = ds_allreduce_all(NULL)[_i];
    refuse_each(allreduce, &memory, false, DS_ENOMEM);
}
END_TEST

START_TEST(an_allreduce_survives_the_failure_of_all_from_any_on)
{
    algorithm = ds_allreduce_all(NULL)[_i];
    refuse_each(allreduce, &memory, true, DS_ENOMEM);
}
END_TEST

START_TEST(every_other_collective_survives_the_failure_of_any_allocation)
{
    how = ds_collective_all(NULL)[_i / 3];
    how_mode = (ds_comm_mode)(_i % 3);
    refuse_each(collective, &memory, false, DS_ENOMEM);
    refuse_each(collective, &memory, true, DS_ENOMEM);
}
END_TEST

/* Two slices around a ring, or one group. */
START_TEST(an_allreduce_that_is_told_a_shape_survives_the_failure_of_any)
{
    static const ds_allreduce *const placed[] = {
        &ds_allreduce_swing,
        &ds_allreduce_swing_latency,
        &ds_allreduce_torus,
        &ds_allreduce_hierarchical,
    };
    const size_t sides[] = { members };
    const size_t groups[members] = { 0 };
    const ds_shape shape = { .sides = sides, .num_sides = 1, .groups = groups };
    ds_allreduce own = *placed[_i];

    own.shape = &shape;
    algorithm = &own;
    refuse_each(allreduce, &memory, false, DS_ENOMEM);
    refuse_each(allreduce, &memory, true, DS_ENOMEM);
}
END_TEST

/* On POSIX threads, whatever the environment says. */
START_TEST(whichever_thread_cannot_start_the_run_ends_with_that)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    refuse_each(programs[_i], &threads, false, DS_ETHREAD);
}
END_TEST

START_TEST(so_it_does_if_no_later_one_can_start)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    refuse_each(programs[_i], &threads, true, DS_ETHREAD);
}
END_TEST

START_TEST(an_allreduce_survives_a_thread_that_cannot_start)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    algorithm = ds_allreduce_all(NULL)[_i];
    refuse_each(allreduce, &threads, false, DS_ETHREAD);
}
END_TEST

static void nothing(ds_handle *h, void *arg)
{
}

START_TEST(a_thread_that_cannot_start_is_named)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, nothing, NULL);
    ds_spawn(loop, nothing, NULL);
    threads = (supply){ .refused = 2 };
    ck_run_once(loop, DS_ETHREAD, "thread 2");
}
END_TEST

static void compute_in_vain(ds_handle *h, void *arg)
{
    ck_assert(!ds_compute(h, 1, compute_nothing, arg));
}

START_TEST(work_for_fibers_that_no_thread_can_do_is_reported)
{
    setenv("DISTSYS_EXEC", "fibers", 1);
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, compute_in_vain, NULL);
    ds_spawn(loop, nothing, NULL);
    threads = (supply){ .refused = 1, .for_good = true };
    ck_run_once(loop, DS_ETHREAD,
                "ds_compute: the system refuses to start a thread");
}
END_TEST

START_TEST(a_watchdog_that_cannot_start_is_reported)
{
    bool ran = false;
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .stall = 10 });

    ds_spawn(loop, set_right, &ran);
    threads = (supply){ .refused = 1 };
    ck_run(loop, DS_ETHREAD,
           "ds_loop_run: the system refuses to start the watchdog");
    ck_assert(!ran);
    ds_spawn(loop, set_right, &ran);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(ran);
}
END_TEST

/* ---- For long -------------------------------------------------------------*/

/* How much the library holds after so many calls, at the last member to end. */
typedef struct growth {
    int calls;
    long held;
} growth;

static void reduce_often(ds_comm *c, void *arg)
{
    growth *g = arg;
    ds_vec *vec = ds_vec_phantom(100);

    for (int i = 0; i < g->calls; i++) {
        ds_barrier(c);
        ds_vec *next = ds_allreduce_run(&ds_allreduce_ring, c, vec, &ds_sum);
        ds_vec_unref(vec);
        vec = next;
    }
    ds_vec_unref(vec);
    ds_barrier(c);
    g->held = atomic_load(&outstanding);
}

static long held_after(int calls)
{
    growth g = { .calls = calls };
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[members];
    ds_greedy_switch ports = ds_greedy_switch_uniform(members, 1e9);

    for (int i = 0; i < members; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = ds_switched_net_new(
        loop, &(ds_switched_net_config){
                  .nodes = nodes, .num_nodes = members, .model = &ports.base });
    ds_comm_spawn(loop, net, nodes, members, reduce_often, &g);
    ck_run(loop, DS_OK, NULL);
    ds_loop_free(loop);
    return g.held;
}

/* A few blocks more are kept for the longest queue that there was. */
START_TEST(calls_leave_nothing_behind_while_the_group_goes_on)
{
    ck_assert_int_lt(held_after(2000), held_after(200) + 100);
}
END_TEST

/* ---- Alarms ---------------------------------------------------------------*/

static void send_nothing(ds_net *net, const ds_msg *msgs, size_t n)
{
}

static void note_alarm(ds_net *net)
{
    note("alarm@%g ", ds_net_now(net));
}

static void not_allocated(ds_net *net)
{
}

static const ds_net_ops alarm_ops = {
    .send = send_nothing,
    .alarm = note_alarm,
    .free = not_allocated,
};

/* Schedules until there is no room left for anything, then sets an alarm. */
static void exhaust(ds_handle *h, void *arg)
{
    ds_stream *stream = ds_stream_new(ds_handle_loop(h));
    ds_timer timer;

    supply_without_limit();
    memory.refused = 1;
    memory.for_good = true;
    do
        timer = ds_schedule(h, stream, 9, NULL, NULL);
    while (timer.id != 0);
    ds_net_set_alarm(arg, 1);
    supply_without_limit();
}

static void sleep_two(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 2));
}

/* The run has failed, but in the next one the network must not wait for ever
 * with what it holds. */
START_TEST(an_alarm_can_be_set_without_memory)
{
    ds_net net;
    ds_loop *loop = ds_loop_new(NULL);

    ds_net_init(&net, loop, &alarm_ops);
    ds_spawn(loop, exhaust, &net);
    ck_run(loop, DS_ENOMEM, "ds_schedule: out of memory");
    ds_spawn(loop, sleep_two, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("alarm@1 ");
}
END_TEST

static void wait_for_end(ds_handle *h, void *arg)
{
    note(ds_sleep(h, 1) ? "slept " : "told ");
}

START_TEST(threads_that_run_already_are_told)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    ds_loop *loop = ds_loop_new(NULL);

    for (int i = 0; i < 3; i++)
        ds_spawn(loop, wait_for_end, NULL);
    threads = (supply){ .refused = 3 };
    ck_run_once(loop, DS_ETHREAD, NULL);
    ck_noted("told told ");
}
END_TEST

/* ---- Histories ------------------------------------------------------------*/

/* Records, judges, writes and reads; wrong: the last call has no place.  Tells
 * what was not to be, or NULL; Check itself would ask for memory here. */
static const char *tell_a_history(const ds_model *model, bool wrong)
{
    static char file_text[1 << 14];
    static char why[4096];
    ds_history *history = ds_history_new();
    const ds_verdict worst = wrong ? DS_NOT_LINEARIZABLE : DS_LINEARIZABLE;

    for (int64_t i = 0; i < 20; i++) {
        const size_t call = ds_history_begin(history, 1, (uint64_t)i,
                                             1 + (int)(i % 3), i / 4, i, 1);
        if (i % 2 == 0)
            ds_history_forget(history, call);
    }
    const size_t last = ds_history_begin(history, 2, 77, 77, 2, 0, 0);
    if (wrong)
        ds_history_end(history, 3, last, 5);
    else
        ds_history_forget(history, last);
    const ds_verdict verdict =
        ds_history_check(history, model, 0, why, sizeof(why));
    right = verdict == worst;

    FILE *file = fmemopen(file_text, sizeof(file_text), "w+");
    const bool written = ds_history_write_edn(history, model, file);
    rewind(file);
    ds_history *again = ds_history_read_edn(model, file, why, sizeof(why));
    fclose(file);
    right = right && written && again != NULL;
    const bool told = again != NULL || strstr(why, "out of memory") != NULL;
    ds_history_free(history);
    ds_history_free(again);
    if (verdict != worst && verdict != DS_UNDECIDED)
        return "the verdict is wrong";
    return told || !written ? NULL : "it cannot be read, and is not told why";
}

START_TEST(a_history_survives_the_failure_of_any_allocation)
{
    const ds_model *model = ds_model_all(NULL)[_i / 2];
    bool happened = true;

    for (long n = 1; happened; n++) {
        const long before = atomic_load(&outstanding);
        supply_without_limit();
        memory.refused = (n + 1) / 2;
        memory.for_good = n % 2 == 0;
        const char *bad = tell_a_history(model, _i % 2 == 0);
        happened = atomic_load(&memory.calls) >= memory.refused;
        memory.refused = 0;
        const long after = atomic_load(&outstanding);
        ck_assert_int_eq(after, before);
        ck_assert_ptr_null(bad);
        ck_assert(right || happened);
    }
}
END_TEST

static void add(TCase *tc)
{
    size_t algorithms, collectives, models;

    ds_allreduce_all(&algorithms);
    ds_collective_all(&collectives);
    ds_model_all(&models);
    const int few = harness_full() ? (int)algorithms : 3;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(
        tc, whichever_allocation_fails_the_run_ends_with_that_and_leaks_nothing,
        0, num_programs);
    tcase_add_loop_test(tc, so_it_does_if_all_later_ones_fail_too, 0,
                        num_programs);
    tcase_add_loop_test(tc, an_allreduce_survives_the_failure_of_any_allocation,
                        0, (int)algorithms);
    tcase_add_loop_test(
        tc, an_allreduce_survives_the_failure_of_all_from_any_on, 0, few);
    tcase_add_loop_test(
        tc, every_other_collective_survives_the_failure_of_any_allocation, 0,
        3 * (int)collectives);

    tcase_add_loop_test(tc,
                        whichever_thread_cannot_start_the_run_ends_with_that, 0,
                        num_programs);
    tcase_add_loop_test(tc, so_it_does_if_no_later_one_can_start, 0,
                        num_programs);
    tcase_add_loop_test(
        tc, an_allreduce_that_is_told_a_shape_survives_the_failure_of_any, 0,
        4);
    tcase_add_loop_test(tc, an_allreduce_survives_a_thread_that_cannot_start, 0,
                        few);
    tcase_add_test(tc, a_thread_that_cannot_start_is_named);
    tcase_add_test(tc, threads_that_run_already_are_told);
    tcase_add_test(tc, work_for_fibers_that_no_thread_can_do_is_reported);
    tcase_add_test(tc, a_watchdog_that_cannot_start_is_reported);
    tcase_add_test(tc, calls_leave_nothing_behind_while_the_group_goes_on);
    tcase_add_test(tc, an_alarm_can_be_set_without_memory);
    tcase_add_loop_test(tc, a_history_survives_the_failure_of_any_allocation, 0,
                        2 * (int)models);
}

int main(void)
{
    return harness_main("failure", add);
}
