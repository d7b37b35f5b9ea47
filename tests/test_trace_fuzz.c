/* Files that are damaged: whatever bytes they have, the reader and all outputs
 * come to an end, and say what is wrong or show what is left. */

#include "tracing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <distsys.h>

#include "config.h"
#include "bench/trace/json.h"
#include "bench/trace/summary.h"
#include "bench/trace/svg.h"
#include "bench/trace/text.h"
#include "bench/trace/writers.h"

enum { NODES = 4, MUTATIONS = 3000, BATCHES = 6 };

/* ---- A small trace --------------------------------------------------------*/

static ds_node *nodes[NODES];

/* Calls, messages and faults, and a deadlock at the end. */
static void member(ds_comm *c, void *arg)
{
    ds_handle *h = ds_comm_handle(c);
    ds_vec *mine = ds_vec_phantom(1000);

    ds_state(h, "reducing");
    ds_vec_unref(ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum));
    ds_vec_unref(mine);
    ds_mark(h, "rank %zu is done", ds_comm_rank(c));
    ds_count(h, "calls", 1);
    if (ds_comm_rank(c) == 0) {
        ds_net_partition(ds_comm_net(c), &nodes[3], 1);
        ds_node_set_speed(nodes[2], 2);
    }
    ds_sleep(h, 0.1);
    ds_vec_unref(ds_comm_recv_tag(c, (ds_comm_rank(c) + 1) % NODES, 1));
}

static char *small_trace(size_t *size)
{
    const char *file = tracing_file();
    ds_greedy_switch model = ds_greedy_switch_uniform(NODES, 1e6);
    unsetenv("DISTSYS_TRACE");
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .trace = file });
    ds_switched_net_config config = {
        .nodes = nodes,
        .num_nodes = NODES,
        .model = &model.base,
        .latency = 1e-3,
    };

    for (int i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);
    ds_comm_spawn(loop, ds_switched_net_new(loop, &config), nodes, NODES,
                  member, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_DEADLOCK);
    ds_loop_free(loop);
    return bytes_of(file, size);
}

/* ---- A small trace with links ---------------------------------------------*/

static ds_net *net;
static ds_port *ports[NODES];

static void talk(ds_handle *h, void *arg)
{
    const size_t me = (size_t)arg;
    ds_msg msg;

    for (size_t i = 0; i < 6; i++) {
        ds_sleep(h, 1e-3 * ds_random(h));
        ds_send(h, net,
                (ds_msg){ .source = ports[me],
                          .dest = ports[(me + 1 + i % 3) % NODES],
                          .size = 1e3 * (double)i });
        if (i == 3)
            ds_link_set_rate(net, me, 5e5);
        if (i == 4)
            ds_link_set_up(net, NODES + me, false);
    }
    while (ds_recv_timeout(h, ports[me], 0.1, &msg) && msg.dest != NULL)
        ds_msg_drop(&msg);
}

static char *trace_of_links(size_t *size)
{
    const char *file = tracing_file();
    ds_topology *star = ds_topology_new(NODES);
    const size_t middle = ds_topology_add_switch(star);
    unsetenv("DISTSYS_TRACE");
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .trace = file });

    for (size_t i = 0; i < NODES; i++) {
        ds_topology_add_cable(
            star, i, middle,
            (ds_link){ .name = "cable", .rate = 1e6, .latency = 1e-4 });
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
        ds_spawn(loop, talk, (void *)i);
    }
    net = ds_routed_net_new(loop,
                            &(ds_routed_net_config){ .nodes = nodes,
                                                     .num_nodes = NODES,
                                                     .topology = star,
                                                     .model = ds_flow_cm02 });
    ds_net_set_faults(net, NULL, NULL, (ds_link_faults){ .jitter = 1e-3 });
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ds_loop_free(loop);
    ds_topology_free(star);
    return bytes_of(file, size);
}

/* ---- Damage ---------------------------------------------------------------*/

static uint32_t word_at(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;

    return u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 |
           (uint32_t)u[3] << 24;
}

/* Makes chunks that are whole sound again, so that what is wrong in them is
 * read. */
static void mend(char *bytes, size_t size)
{
    ds__crc crc;
    size_t at = DS__TRACE_HEAD;

    ds__crc_init(&crc);
    while (at + DS__CHUNK_HEAD <= size) {
        char *head = bytes + at;
        const size_t left = size - at - DS__CHUNK_HEAD;
        const uint32_t length = word_at(head + 8);
        if (length > left)
            return;
        uint32_t sum = ds__crc_of(&crc, 0, (uint8_t *)head, 32);
        sum = ds__crc_of(&crc, sum, (uint8_t *)head + DS__CHUNK_HEAD, length);
        for (int i = 0; i < 4; i++)
            head[32 + i] = (char)(sum >> 8 * i);
        at += DS__CHUNK_HEAD + length;
    }
}

static uint64_t seed;

/* A number below n, by xorshift64. */
static size_t below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)((seed >> 11) % n);
}

/* Returns the new size; bytes has room for more. */
static size_t damage(char *bytes, size_t size)
{
    const uint64_t changes = 1 + below(4);

    for (uint64_t i = 0; i < changes; i++) {
        const size_t at = below(size);
        switch (below(8)) {
        case 0:
            bytes[at] ^= (char)(1 << below(8));
            break;
        case 1:
            bytes[at] = (char)0xff;
            break;
        case 2: /* a byte less */
            memmove(bytes + at, bytes + at + 1, size - at - 1);
            size -= size > 1;
            break;
        case 3: /* a byte more */
            memmove(bytes + at + 1, bytes + at, size - at);
            size++;
            break;
        default:
            bytes[at] = (char)below(256);
            break;
        }
    }
    if (below(20) == 0)
        size = 1 + below(size);
    if (below(4) != 0)
        mend(bytes, size);
    return size;
}

/* ---- Outputs --------------------------------------------------------------*/

static char database[80];

static void end_well(failure why)
{
    ck_assert_msg(why.status == 0, "%s", why.text);
}

static void show(trace_view *view, bool tables)
{
    trace_summary(view);
    trace_text(view);
    trace_json(view);
    end_well(trace_svg(view, "/dev/null"));
    end_well(trace_mermaid(view, "/dev/null"));
    end_well(trace_perfetto(view, "/dev/null"));
#ifdef HAVE_SQLITE3
    if (tables)
        end_well(trace_sqlite(view, database));
#endif
}

/* Whether it could be shown. */
static bool try(const char *file, bool tables)
{
    trace_model model;
    trace_view view;
    failure why = trace_model_read(&model, file);

    if (why.status != 0) {
        ck_assert_int_eq(why.status, 2);
        ck_assert_ptr_nonnull(why.text);
        ck_assert_ptr_null(strchr(why.text, '\n'));
        free(why.text);
        return false;
    }
    why = trace_view_make(&view, &model, NAN, NAN, NULL);
    if (why.status == 0) {
        show(&view, tables);
        trace_view_free(&view);
    }
    free(why.text);
    trace_model_free(&model);
    return true;
}

/* It may not ask for more memory than any program of that size may, either. */
START_TEST(damaged_files_are_shown_or_refused)
{
    size_t size;
    char *whole = _i % 2 == 0 ? small_trace(&size) : trace_of_links(&size);
    char *bytes = malloc(size + 16);
    const char *file = tracing_file();
    int shown = 0;

    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    snprintf(database, sizeof(database), "%s-database", file);
    seed = (uint64_t)_i + 1;
    for (int i = 0; i < MUTATIONS / BATCHES; i++) {
        memcpy(bytes, whole, size);
        write_bytes(file, bytes, damage(bytes, size));
        shown += try(file, i % 20 == 0);
    }
    unlink(database);
    ck_assert_int_gt(shown, MUTATIONS / BATCHES / 2);
    free(whole);
    free(bytes);
}
END_TEST

/* Wherever the file ends. */
START_TEST(files_that_are_cut_off_are_shown_or_refused)
{
    size_t size;
    char *whole = _i == 0 ? small_trace(&size) : trace_of_links(&size);
    const char *file = tracing_file();

    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    for (size_t n = 0; n < size; n += n < 100 ? 1 : 37) {
        write_bytes(file, whole, n);
        ck_assert_int_eq(try(file, false), n >= DS__TRACE_HEAD);
    }
    free(whole);
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, damaged_files_are_shown_or_refused, 0, BATCHES);
    tcase_add_loop_test(tc, files_that_are_cut_off_are_shown_or_refused, 0, 2);
}

int main(void)
{
    return harness_main("trace_fuzz", add);
}
