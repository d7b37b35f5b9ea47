/* The recorder: what is traced is complete, is the same however a run is
 * executed, and changes nothing. */

#include "tracing.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <distsys.h>

#include "bench/trace/model.h"

static ds_loop *loop_traced(const char *trace, int exec)
{
    unsetenv("DISTSYS_TRACE");
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){
        .exec = (ds_exec)exec,
        .trace = trace,
    });
}

/* ---- Programs -------------------------------------------------------------*/

/* A run that ends, and the networks that it uses, to be asked afterwards. */
typedef struct play {
    ds_loop *loop;
    ds_node *nodes[4];
    ds_port *ports[4];
    ds_stream *done;
    ds_net *net;
    ds_greedy_switch model;
} play;

static play town;

static void member(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(1000);

    ds_comm_set_mode(c, *(ds_comm_mode *)arg);
    ds_vec_unref(ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

static ds_comm_mode rendezvous = DS_COMM_RENDEZVOUS;
static ds_comm_mode async = DS_COMM_ASYNC;

static void fill_reduce(ds_comm_mode *mode)
{
    town.model = ds_greedy_switch_uniform(4, 1e6);
    town.net = ds_switched_net_new(town.loop, &(ds_switched_net_config){
                                                  .nodes = town.nodes,
                                                  .num_nodes = 4,
                                                  .model = &town.model.base,
                                                  .latency = 1e-3,
                                              });
    ds_comm_spawn(town.loop, town.net, town.nodes, 4, member, mode);
}

static void fill_async(void)
{
    fill_reduce(&async);
}

static void fill_rendezvous(void)
{
    fill_reduce(&rendezvous);
}

/* Sends a message a second, and waits until each has arrived or is lost. */
static void talk(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_name(h, "talker");
    for (int i = 0; i < 40; i++) {
        ds_state(h, i % 2 ? "odd" : "even");
        ds_count(h, "said", i);
        ds_send(h, town.net,
                (ds_msg){ .source = town.ports[0],
                          .dest = town.ports[1 + i % 2],
                          .size = 100,
                          .done = town.done });
        if (!ds_poll(h, town.done, &event))
            return;
        ck_assert_ptr_null(event.data);
        ck_assert(event.free == NULL);
        ds_mark(h, "%d said", i + 1);
        if (!ds_sleep(h, 0.75))
            return;
    }
}

static void hear(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, arg, &msg))
        ds_msg_drop(&msg);
}

static void spoil(ds_handle *h, void *arg)
{
    ds_set_name(h, "spoiler");
    ds_sleep(h, 2.5);
    ds_net_partition(town.net, &town.nodes[1], 1);
    ds_sleep(h, 5);
    ds_net_heal(town.net);
    ds_node_crash(town.nodes[2]);
    ds_sleep(h, 5);
    ds_node_restart(town.nodes[2]);
    ds_node_pause(town.nodes[1]);
    ds_sleep(h, 5);
    ds_node_resume(town.nodes[1]);
    ds_node_set_speed(town.nodes[1], 0.5);
    ds_node_set_clock(town.nodes[1], 0.25, 1e-3);
    ds_net_cut(town.net, town.nodes[0], town.nodes[1]);
    ds_net_mend(town.net, town.nodes[0], town.nodes[1]);
    ds_net_hold(town.net, town.nodes[0], town.nodes[1]);
    ds_sleep(h, 2);
    ds_net_mend(town.net, NULL, NULL);
    ds_node_set_disk(town.nodes[3], NULL);
}

static void fill_talk(void)
{
    for (int i = 0; i < 4; i++)
        town.ports[i] = ds_port_new(town.nodes[i]);
    town.done = ds_stream_new(town.loop);
    ds_stream_set_name(town.done, "has been said");
    ds_node_set_name(town.nodes[2], "cellar");
    town.net = ds_random_net_new(town.loop, 0.5);
    ds_net_set_faults(town.net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.2, .duplicate = 0.3 });
    ds_node_spawn(town.nodes[0], talk, NULL);
    ds_node_spawn_daemon(town.nodes[1], hear, town.ports[1]);
    ds_node_boot_daemon(town.nodes[2], hear, town.ports[2]);
    ds_spawn(town.loop, spoil, NULL);
}

static void (*const programs[])(void) = { fill_async, fill_rendezvous,
                                          fill_talk };
enum { NUM_PROGRAMS = sizeof(programs) / sizeof(*programs) };

/* Runs one; the loop stays. */
static void run(void (*fill)(void), const char *trace, int exec)
{
    town = (play){ .loop = loop_traced(trace, exec) };
    for (int i = 0; i < 4; i++)
        town.nodes[i] = ds_node_new(town.loop);
    fill();
    ck_run(town.loop, DS_OK, NULL);
}

static records records_of_run(void (*fill)(void), const char *options, int exec)
{
    char trace[128];
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s%s", file, options);
    run(fill, trace, exec);
    ds_loop_free(town.loop);
    return records_of(file);
}

/* ---- The same -------------------------------------------------------------*/

START_TEST(bytes_are_the_same_on_threads_and_fibers_and_again)
{
    size_t first_size, size;
    char *first = NULL;

    for (int i = 0; i < 4; i++) {
        const char *file = tracing_file();
        run(programs[_i], file, i % 2 ? DS_FIBERS : DS_THREADS);
        ds_loop_free(town.loop);
        char *bytes = bytes_of(file, &size);
        ck_assert_uint_gt(size, 500);
        if (first == NULL) {
            first = bytes;
            first_size = size;
            continue;
        }
        ck_assert_uint_eq(size, first_size);
        ck_assert_mem_eq(bytes, first, size);
        free(bytes);
    }
    free(first);
}
END_TEST

START_TEST(a_trace_changes_no_digest)
{
    run(programs[_i], NULL, DS_FIBERS);
    const uint64_t without = ds_loop_digest(town.loop);
    ds_loop_free(town.loop);
    run(programs[_i], tracing_file(), DS_FIBERS);
    ck_assert_uint_eq(ds_loop_digest(town.loop), without);
    ds_loop_free(town.loop);
}
END_TEST

START_TEST(the_variable_asks_for_one_unless_it_is_ignored)
{
    const char *file = tracing_file();

    for (int ignore = 0; ignore < 2; ignore++) {
        unlink(file);
        setenv("DISTSYS_TRACE", file, 1);
        ds_loop *loop =
            ds_loop_new(&(ds_loop_config){ .ignore_environment = ignore == 1 });
        ds_loop_run(loop);
        ds_loop_free(loop);
        ck_assert_int_eq(access(file, R_OK), ignore == 1 ? -1 : 0);
    }
}
END_TEST

START_TEST(the_configuration_has_a_copy_of_what_was_asked_for)
{
    char trace[128];

    snprintf(trace, sizeof(trace), "%s,last=64K", tracing_file());
    ds_loop *loop = loop_traced(trace, DS_FIBERS);
    char *asked = strdup(trace);
    memset(trace, 'x', sizeof(trace) - 1);
    ck_assert_str_eq(ds_loop_config_of(loop)->trace, asked);
    free(asked);
    ds_loop_free(loop);
    ck_assert_ptr_null(ds_loop_config_of(NULL)->trace);
}
END_TEST

/* ---- Complete -------------------------------------------------------------*/

START_TEST(each_message_that_is_sent_arrives_or_is_lost_or_is_under_way)
{
    const char *file = tracing_file();

    run(programs[_i], file, DS_FIBERS);
    const ds_net_stats stats = ds_net_get_stats(town.net);
    ds_loop_free(town.loop);
    records r = records_of(file);
    const size_t sent = count_of(&r, DS__TELL_SEND);
    ck_assert_uint_eq(sent, stats.sent);
    ck_assert_uint_eq(count_of(&r, DS__TELL_ARRIVE), stats.arrived);
    ck_assert_uint_eq(count_of(&r, DS__TELL_LOSE), stats.lost);

    /* Names are the how manieth each was, and none is of another. */
    char *ends = calloc(sent + 1, 1);
    size_t name = 0;
    for (size_t i = 0; i < r.n; i++) {
        const trace_record *record = &r.all[i];
        if (record->kind == DS__TELL_SEND)
            ck_assert_uint_eq(record->number, ++name);
        if (record->kind != DS__TELL_ARRIVE && record->kind != DS__TELL_LOSE)
            continue;
        ck_assert_uint_gt(record->number, 0);
        ck_assert_uint_le(record->number, name);
        ends[record->number] = 1;
    }
    size_t ended = 0;
    for (size_t i = 1; i <= sent; i++)
        ended += ends[i] == 1;
    ck_assert_uint_le(ended, sent);
    ck_assert_uint_ge(ended + 1, sent); /* the last may be under way */
    free(ends);
    records_free(&r);
}
END_TEST

/* Also one that a sender waits for. */
START_TEST(each_event_names_its_message)
{
    records r = records_of_run(programs[_i], "", DS_FIBERS);
    size_t woken = 0;

    for (size_t i = 0; i < r.n; i++) {
        const trace_record *record = &r.all[i];
        bool wakes =
            record->kind == DS__TELL_WAKE && record->flag == DS__WOKEN_EVENT;
        if (!wakes && record->kind != DS__TELL_TAKE)
            continue;
        ck_assert_uint_gt(record->number, 0);
        ck_assert_uint_le(record->number, count_of(&r, DS__TELL_SEND));
        woken++;
    }
    ck_assert_uint_ge(woken, 24);
    records_free(&r);
}
END_TEST

START_TEST(time_does_not_go_back_and_every_wait_ends)
{
    records r = records_of_run(programs[_i], "", DS_FIBERS);
    int waiting[32] = { 0 };

    for (size_t i = 0; i < r.n; i++) {
        const trace_record *record = &r.all[i];
        ck_assert_uint_eq(record->index, i);
        ck_assert(i == 0 || record->time >= r.all[i - 1].time);
        ck_assert_uint_lt(record->who, 32);
        if (record->kind == DS__TELL_WAIT || record->kind == DS__TELL_SLEEP ||
            record->kind == DS__TELL_COMPUTE)
            ck_assert_int_eq(waiting[record->who]++, 0);
        if (record->kind == DS__TELL_WAKE)
            ck_assert_int_eq(waiting[record->who]--, 1);
    }
    for (int i = 0; i < 32; i++)
        ck_assert_int_eq(waiting[i], 0);
    records_free(&r);
}
END_TEST

/* ---- What is told ---------------------------------------------------------*/

START_TEST(a_collective_is_told_with_its_model_calls_and_work)
{
    records r = records_of_run(fill_async, "", DS_FIBERS);
    const trace_record *model = nth_of(&r, DS__TELL_MODEL, 0);

    ck_assert_str_eq(model->text, "greedy");
    ck_assert_double_eq(model->real, 1e-3);
    ck_assert_uint_eq(count_of(&r, DS__TELL_RATES), 8);
    ck_assert_double_eq(nth_of(&r, DS__TELL_RATES, 7)->real, 1e6);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_RATES, 7)->b, 4);
    ck_assert_str_eq(nth_of(&r, DS__TELL_NET, 0)->text, "switched");
    ck_assert_uint_eq(count_of(&r, DS__TELL_PORT), 8);
    ck_assert_uint_eq(count_of(&r, DS__TELL_CALL), 8);
    ck_assert_str_eq(nth_of(&r, DS__TELL_CALL, 0)->text, "ring");
    ck_assert_double_eq(nth_of(&r, DS__TELL_CALL, 0)->real, 1000);
    ck_assert_uint_eq(count_of(&r, DS__TELL_COMPUTE), 12);
    ck_assert_str_eq(nth_of(&r, DS__TELL_COMPUTE, 0)->text, "sum");
    ck_assert_uint_eq(count_of(&r, DS__TELL_SLEEP), 0);
    ck_assert_uint_eq(count_of(&r, DS__TELL_BEGIN), 24);
    ck_assert_uint_eq(count_of(&r, DS__TELL_STEP), 0);
    ck_assert_uint_eq(count_of(&r, DS__TELL_START), 4);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_START, 3)->a, 4);
    records_free(&r);
}
END_TEST

START_TEST(steps_are_told_if_they_are_asked_for)
{
    records r = records_of_run(fill_async, ",steps", DS_FIBERS);

    ck_assert_uint_eq(count_of(&r, DS__TELL_STEP), 48);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_STEP, 0)->flag, 1);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_STEP, 0)->b, 3);
    records_free(&r);
}
END_TEST

/* In the reader's model, each with the call that it belongs to. */
START_TEST(steps_belong_to_calls)
{
    char trace[128];
    const char *file = tracing_file();
    trace_model m;

    snprintf(trace, sizeof(trace), "%s,steps", file);
    run(fill_async, trace, DS_THREADS);
    ds_loop_free(town.loop);
    failure why = trace_model_read(&m, file);
    ck_assert_int_eq(why.status, 0);
    ck_assert_uint_eq(m.num_steps, 48);
    for (size_t i = 0; i < m.num_steps; i++) {
        const trace_step *s = &m.steps[i];
        ck_assert_uint_ge(s->call, 1);
        ck_assert_uint_eq(m.calls[s->call - 1].thread, s->thread);
        ck_assert_uint_lt(s->number, 6);
        ck_assert_uint_eq(s->rank, (s->thread - 1 + (s->receives ? 3 : 1)) % 4);
    }
    trace_model_free(&m);
}
END_TEST

START_TEST(a_member_says_because_of_which_message_it_goes_on)
{
    records r = records_of_run(fill_rendezvous, "", DS_FIBERS);
    const size_t n = count_of(&r, DS__TELL_BECAUSE);

    ck_assert_uint_ge(n, 24);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_gt(nth_of(&r, DS__TELL_BECAUSE, i)->number, 0);
    records_free(&r);
}
END_TEST

static const ds__fault_kind faults[] = {
    DS__FAULT_CHANCE,  DS__FAULT_PART,  DS__FAULT_HEAL,   DS__FAULT_CRASH,
    DS__FAULT_RESTART, DS__FAULT_PAUSE, DS__FAULT_RESUME, DS__FAULT_SPEED,
    DS__FAULT_CLOCK,   DS__FAULT_STEP,  DS__FAULT_CUT,    DS__FAULT_MEND,
    DS__FAULT_HOLD,    DS__FAULT_MEND,  DS__FAULT_DISK,
};

START_TEST(each_fault_is_told_in_its_turn)
{
    records r = records_of_run(fill_talk, "", DS_FIBERS);
    const size_t n = sizeof(faults) / sizeof(*faults);

    ck_assert_uint_eq(count_of(&r, DS__TELL_FAULT), n);
    for (size_t i = 0; i < n; i++)
        ck_assert_str_eq(trace_fault_name(nth_of(&r, DS__TELL_FAULT, i)->flag),
                         trace_fault_name(faults[i]));
    ck_assert_uint_eq(nth_of(&r, DS__TELL_FAULT, 3)->a, 3);
    ck_assert_double_eq(nth_of(&r, DS__TELL_FAULT, 3)->time, 7.5);
    ck_assert_double_eq(nth_of(&r, DS__TELL_FAULT, 7)->real, 0.5);
    ck_assert_double_eq(nth_of(&r, DS__TELL_FAULT, 8)->real, 1e-3);
    ck_assert_double_eq(nth_of(&r, DS__TELL_FAULT, 9)->real, 0.25);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_FAULT, 10)->b, 2);
    records_free(&r);
}
END_TEST

START_TEST(a_loss_says_why)
{
    records r = records_of_run(fill_talk, "", DS_FIBERS);
    size_t why[DS__LOST_NO_MEMORY + 1] = { 0 };

    for (size_t i = 0; i < count_of(&r, DS__TELL_LOSE); i++)
        why[nth_of(&r, DS__TELL_LOSE, i)->flag]++;
    ck_assert_uint_ge(why[DS__LOST_BY_CHANCE], 1);
    ck_assert_uint_ge(why[DS__LOST_CUT], 1);
    ck_assert_uint_ge(why[DS__LOST_DOWN], 1);
    ck_assert_uint_eq(why[DS__LOST_BY_NET], 0);
    ck_assert_uint_eq(why[DS__LOST_BY_RULE], 0);
    records_free(&r);
}
END_TEST

/* And it arrives, or is lost, after that. */
START_TEST(a_message_that_is_put_off_is_told_by_its_number)
{
    records r = records_of_run(fill_talk, "", DS_FIBERS);
    size_t n = count_of(&r, DS__TELL_HELD);
    size_t later = 0;

    ck_assert_uint_gt(n, 0);
    for (size_t i = 0; i < n; i++) {
        const trace_record *held = nth_of(&r, DS__TELL_HELD, i);
        ck_assert_uint_le(held->flag, DS__HELD_SECOND);
        ck_assert_uint_gt(held->number, 0);
        for (size_t k = 0; k < count_of(&r, DS__TELL_ARRIVE); k++) {
            const trace_record *end = nth_of(&r, DS__TELL_ARRIVE, k);
            later += end->number == held->number && end->index > held->index;
        }
    }
    ck_assert_uint_gt(later, 0);
    ck_assert_str_eq(trace_kind_name(DS__TELL_HELD), "held");
    records_free(&r);
}
END_TEST

START_TEST(names_lives_marks_states_and_counts_are_told)
{
    records r = records_of_run(fill_talk, "", DS_FIBERS);
    size_t spoken = 0;

    ck_assert_uint_ge(count_of(&r, DS__TELL_MARK), 20);
    ck_assert_str_eq(nth_of(&r, DS__TELL_MARK, 0)->text, "1 said");
    ck_assert_str_eq(nth_of(&r, DS__TELL_STATE, 0)->text, "even");
    ck_assert_str_eq(nth_of(&r, DS__TELL_STATE, 1)->text, "odd");
    ck_assert_str_eq(nth_of(&r, DS__TELL_COUNT, 1)->text, "said");
    ck_assert_double_eq(nth_of(&r, DS__TELL_COUNT, 1)->real, 1);
    for (size_t i = 0; i < count_of(&r, DS__TELL_NAME); i++) {
        const trace_record *name = nth_of(&r, DS__TELL_NAME, i);
        spoken += name->flag == DS__NAMED_STREAM &&
                  strcmp(name->text, "has been said") == 0;
        spoken += name->flag == DS__NAMED_NODE && name->a == 3 &&
                  strcmp(name->text, "cellar") == 0;
        spoken += name->flag == DS__NAMED_THREAD && name->a == 1 &&
                  strcmp(name->text, "talker") == 0;
    }
    ck_assert_uint_eq(spoken, 3);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_SPAWN, 1)->flag, 1);
    ck_assert_uint_eq(count_of(&r, DS__TELL_START), 5);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_START, 4)->a, 3);
    ck_assert_uint_eq(nth_of(&r, DS__TELL_START, 4)->b, 1);
    records_free(&r);
}
END_TEST

START_TEST(the_end_is_told_with_status_digest_and_seed)
{
    const char *file = tracing_file();

    for (int k = 0; k < 2; k++) {
        ds_loop *loop = ds_loop_new(&(ds_loop_config){
            .trace = file, .seed = 77, .time_limit = k, .exec = DS_FIBERS });
        ds_spawn(loop, spoil, NULL);
        if (k == 1)
            ck_run(loop, DS_LIMIT, NULL);
        else
            ds_loop_run(loop);
        records r = records_of(file);
        ck_assert_uint_eq(nth_of(&r, DS__TELL_RUN, 0)->number, 77);
        const trace_record *ran = nth_of(&r, DS__TELL_RAN, 0);
        ck_assert_uint_eq(ran->number, ds_loop_digest(loop));
        ck_assert_uint_eq(ran->flag, k == 1 ? DS_LIMIT : DS_OK);
        ck_assert_str_eq(ran->text, ds_loop_error(loop));
        records_free(&r);
        ds_loop_free(loop);
    }
}
END_TEST

static void nothing(ds_handle *h, void *arg)
{
}

START_TEST(the_next_run_is_told_behind_the_first)
{
    const char *file = tracing_file();
    ds_loop *loop = loop_traced(file, DS_FIBERS);

    for (size_t i = 1; i <= 3; i++) {
        ds_spawn(loop, nothing, NULL);
        ck_run(loop, DS_OK, NULL);
        records r = records_of(file);
        ck_assert_uint_eq(count_of(&r, DS__TELL_RAN), i);
        ck_assert_uint_eq(count_of(&r, DS__TELL_END), i);
        ck_assert_uint_eq(r.damaged, 0);
        records_free(&r);
    }
    ds_loop_free(loop);
}
END_TEST

/* Each waits for the next, round a circle. */
static void wait_in_vain(ds_comm *c, void *arg)
{
    const size_t next = (ds_comm_rank(c) + 1) % ds_comm_size(c);

    ds_sleep(ds_comm_handle(c), 1.5);
    ds_vec_unref(ds_comm_recv_tag(c, next, 3));
}

START_TEST(a_deadlock_is_told_with_who_waits_for_whom)
{
    const char *file = tracing_file();

    town = (play){ .loop = loop_traced(file, DS_FIBERS) };
    for (int i = 0; i < 4; i++)
        town.nodes[i] = ds_node_new(town.loop);
    town.net = ds_random_net_new(town.loop, 1);
    ds_comm_spawn(town.loop, town.net, town.nodes, 4, wait_in_vain, NULL);
    char hint[128];
    snprintf(hint, sizeof(hint), "\n  see it: distsys-trace --text %s", file);
    ck_run_once(town.loop, DS_DEADLOCK, hint);
    records r = records_of(file);
    ck_assert_uint_eq(count_of(&r, DS__TELL_STUCK), 4);
    ck_assert_uint_eq(count_of(&r, DS__TELL_FOR), 4);
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(nth_of(&r, DS__TELL_STUCK, i)->who, i + 1);
        ck_assert_uint_eq(nth_of(&r, DS__TELL_FOR, i)->who, i + 1);
        ck_assert_uint_eq(nth_of(&r, DS__TELL_FOR, i)->a, (i + 1) % 4 + 1);
    }
    ck_assert_str_eq(nth_of(&r, DS__TELL_STUCK, 0)->text,
                     "a message from rank 1, tag 3");
    records_free(&r);
}
END_TEST

/* ---- Costs nothing if nobody asked ----------------------------------------*/

static void speak_nonsense(ds_handle *h, void *arg)
{
    ds_mark(h, "%s", (const char *)(uintptr_t)arg);
    ds_state(h, (const char *)(uintptr_t)arg);
}

START_TEST(without_a_trace_nothing_is_formatted)
{
    ds_loop *loop = loop_traced(NULL, _i);

    ds_spawn(loop, speak_nonsense, (void *)(uintptr_t)1);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void speak_no_format(ds_handle *h, void *arg)
{
    const char *none = NULL;
    ds_mark(h, none);
}

static void speak_no_name(ds_handle *h, void *arg)
{
    ds_count(h, NULL, 1);
}

START_TEST(what_says_nothing_is_misuse_with_a_trace_and_without)
{
    ds_loop *loop = loop_traced(_i ? tracing_file() : NULL, DS_FIBERS);

    ds_spawn(loop, speak_no_format, NULL);
    ck_run(loop, DS_EMISUSE, "ds_mark: the format is NULL (thread 1, at 0 s)");
    ds_spawn(loop, speak_no_name, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_count: the name is NULL (thread 2, ");
}
END_TEST

static void speak_at_length(ds_handle *h, void *arg)
{
    ds_mark(h, "%0300d", 7);
}

START_TEST(a_long_mark_is_cut)
{
    const char *file = tracing_file();
    ds_loop *loop = loop_traced(file, DS_FIBERS);

    ds_spawn(loop, speak_at_length, NULL);
    ck_run_once(loop, DS_OK, NULL);
    records r = records_of(file);
    ck_assert_uint_eq(strlen(nth_of(&r, DS__TELL_MARK, 0)->text), 255);
    records_free(&r);
}
END_TEST

/* ---- What cannot be written -----------------------------------------------*/

/* More than both chunks hold. */
static void sleep_often(ds_handle *h, void *arg)
{
    for (int i = 0; i < 20000; i++)
        ds_sleep(h, 1);
}

START_TEST(a_full_disk_ends_the_trace_and_not_the_run)
{
    if (access("/dev/full", W_OK) != 0) {
        harness_skip("a_full_disk_ends_the_trace", "there is no /dev/full");
        return;
    }
    ds_loop *loop = loop_traced("/dev/full", _i);
    ds_spawn(loop, sleep_often, NULL);
    ds_spawn(loop, sleep_often, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    /* The head did not fit already, when the loop was made. */
    ck_assert_str_eq(said, "");
    ck_assert_double_eq(ds_loop_now(loop), 20000);
    ds_loop_free(loop);
}
END_TEST

/* In the middle of the run, by the thread that writes. */
START_TEST(a_file_that_may_not_grow_says_so_once)
{
    const char *file = tracing_file();
    ds_loop *loop = loop_traced(file, _i);
    char line[200];

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 100000, 100000 });
    for (int i = 0; i < 4; i++)
        ds_spawn(loop, sleep_often, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    snprintf(line, sizeof(line),
             "distsys: the trace %s ends here: File too large\n", file);
    ck_assert_str_eq(said, line);
    ds_loop_free(loop);
    records r = records_of(file);
    ck_assert_uint_ge(r.n, 2 * DS__CHUNK_SLOTS);
    ck_assert_uint_eq(r.damaged, 1);
    records_free(&r);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_named)
{
    ck_run_once(loop_traced("/nowhere/run.dstrace", _i), DS_EMISUSE,
                "ds_loop_new: the trace \"/nowhere/run.dstrace\" cannot be "
                "written: No such file or directory");
}
END_TEST

static const char *const bad[] = {
    "run,last",           "run,last=",     "run,last=63K",
    "run,last=1",         "run,last=64Q",  "run,last=64M2",
    "run,last=-1M",       "run,",          "run,steps=1",
    "run,step",           "run,,steps",    "run,last=64M,fast",
    "run,last=1e9",       "run,last=64 M", "run,last=99999999999999999999",
    "run,last=99999999T",
};

START_TEST(an_option_that_there_is_not_is_misuse)
{
    char text[200];

    snprintf(text, sizeof(text),
             "ds_loop_new: trace is \"%s\"; it must be a file, and then "
             "\",last=SIZE\", such as 64M and at least 64K, or \",steps\"",
             bad[_i]);
    ck_run_once(loop_traced(bad[_i], DS_FIBERS), DS_EMISUSE, text);
    ck_assert_int_eq(access("run", F_OK), -1);
}
END_TEST

START_TEST(a_trace_without_a_file_is_misuse)
{
    ck_run_once(loop_traced(_i ? ",steps" : "", DS_FIBERS), DS_EMISUSE,
                "it must be a file");
}
END_TEST

START_TEST(a_file_that_another_loop_writes_is_left_alone)
{
    const char *file = tracing_file();
    ds_loop *first = loop_traced(file, DS_FIBERS);
    ds_loop *second = loop_traced(file, DS_FIBERS);

    ds_spawn(second, sleep_often, NULL);
    ck_run_once(second, DS_OK, NULL);
    ds_spawn(first, nothing, NULL);
    ck_run_once(first, DS_OK, NULL);
    records r = records_of(file);
    ck_assert_uint_eq(count_of(&r, DS__TELL_RAN), 1);
    ck_assert_uint_eq(count_of(&r, DS__TELL_SLEEP), 0);
    records_free(&r);
}
END_TEST

static void sleep_and_die(ds_handle *h, void *arg)
{
    for (int i = 0; i < 20000; i++)
        ds_sleep(h, 1);
    kill(getpid(), SIGKILL);
}

/* All but what was in the two chunks. */
START_TEST(a_run_that_is_killed_leaves_what_was_full)
{
    const char *file = tracing_file();
    pid_t child = fork();
    int status;

    if (child == 0) {
        ds_loop *loop = loop_traced(file, _i);
        ds_spawn(loop, sleep_and_die, NULL);
        ds_loop_run(loop);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    records r = records_of(file);
    ck_assert_uint_ge(r.n, 40000 - 3 * DS__CHUNK_SLOTS);
    ck_assert_uint_eq(count_of(&r, DS__TELL_RAN), 0);
    records_free(&r);
}
END_TEST

/* ---- Reading what is broken -----------------------------------------------*/

static char *whole;
static size_t whole_size;

/* A trace of several chunks. */
static const char *make_whole(void)
{
    const char *file = tracing_file();
    ds_loop *loop = loop_traced(file, DS_FIBERS);

    ds_spawn(loop, sleep_often, NULL);
    ck_run_once(loop, DS_OK, NULL);
    whole = bytes_of(file, &whole_size);
    return file;
}

START_TEST(a_file_that_is_cut_off_is_read_up_to_there)
{
    const char *file = make_whole();
    size_t before = 0;

    for (size_t size = DS__TRACE_HEAD; size < whole_size; size += 997) {
        write_bytes(file, whole, size);
        records r = records_of(file);
        ck_assert_uint_ge(r.n, before);
        ck_assert_uint_le(r.damaged, 1);
        if (size > DS__TRACE_HEAD && r.damaged == 1)
            ck_contains(r.trouble, "it is cut off at byte ");
        before = r.n;
        records_free(&r);
    }
    ck_assert_uint_gt(before, 30000);
    free(whole);
}
END_TEST

START_TEST(a_damaged_chunk_is_left_out_and_the_rest_is_read)
{
    const char *file = make_whole();

    whole[DS__TRACE_HEAD + DS__CHUNK_HEAD + 1234] ^= 0x10;
    write_bytes(file, whole, whole_size);
    records r = records_of(file);
    ck_assert_uint_eq(r.damaged, 1);
    ck_contains(r.trouble, "it is damaged at byte 32 of ");
    ck_assert_uint_ge(r.all[0].index, 2000);
    ck_assert_uint_eq(r.all[r.n - 1].kind, DS__TELL_RAN);
    records_free(&r);
    free(whole);
}
END_TEST

/* Whatever is in a head. */
START_TEST(no_bit_of_a_head_can_make_the_reader_stumble)
{
    const char *file = make_whole();

    for (size_t at = DS__TRACE_HEAD; at < DS__TRACE_HEAD + DS__CHUNK_HEAD - 4;
         at++)
        for (int bit = 0; bit < 8; bit++) {
            whole[at] ^= (char)(1 << bit);
            write_bytes(file, whole, whole_size);
            records r = records_of(file);
            ck_assert_uint_ge(r.damaged, 1);
            ck_assert_uint_le(r.damaged, 2);
            records_free(&r);
            whole[at] ^= (char)(1 << bit);
        }
    free(whole);
}
END_TEST

/* Makes the first chunk sound again, whatever is in it. */
static void mend_chunk(char *bytes)
{
    static ds__crc crc;
    uint8_t *head = (uint8_t *)bytes + DS__TRACE_HEAD;
    const size_t n = head[8] | (size_t)head[9] << 8 | (size_t)head[10] << 16;

    ds__crc_init(&crc);
    uint32_t sum = ds__crc_of(&crc, 0, head, 32);
    sum = ds__crc_of(&crc, sum, head + DS__CHUNK_HEAD, n);
    for (int i = 0; i < 4; i++)
        head[32 + i] = (uint8_t)(sum >> 8 * i);
}

/* Also if the sum is right. */
START_TEST(no_byte_of_a_record_can_make_the_reader_stumble)
{
    const char *file = tracing_file();
    size_t size;

    run(programs[_i], file, DS_FIBERS);
    ds_loop_free(town.loop);
    char *bytes = bytes_of(file, &size);
    for (size_t at = DS__TRACE_HEAD + DS__CHUNK_HEAD; at < size; at += 7) {
        const char before = bytes[at];
        bytes[at] = (char)(at * 0x9d + at / 7);
        mend_chunk(bytes);
        write_bytes(file, bytes, size);
        trace_model m;
        failure why = trace_model_read(&m, file);
        ck_assert_int_eq(why.status, 0);
        trace_model_free(&m);
        bytes[at] = before;
    }
    free(bytes);
}
END_TEST

/* As a newer library may write: a kind that there is not, with every field. */
START_TEST(a_kind_that_is_not_known_is_read_and_skipped)
{
    static const char record[] = "\xc8\x7e\x07\x00\x06\x08\x0a\x0c";
    const char *file = tracing_file();
    size_t size;

    run(fill_async, file, DS_FIBERS);
    ds_loop_free(town.loop);
    records r = records_of(file);
    char *bytes = bytes_of(file, &size);
    const size_t more = sizeof(record) - 1;
    char *longer = malloc(size + more);
    const size_t at = DS__TRACE_HEAD + DS__CHUNK_HEAD;
    memcpy(longer, bytes, at);
    memcpy(longer + at, record, more);
    memcpy(longer + at + more, bytes + at, size - at);
    const size_t n = size - at + more;
    longer[DS__TRACE_HEAD + 8] = (char)n;
    longer[DS__TRACE_HEAD + 9] = (char)(n >> 8);
    longer[DS__TRACE_HEAD + 12]++;
    mend_chunk(longer);
    write_bytes(file, longer, size + more);

    records s = records_of(file);
    ck_assert_uint_eq(s.damaged, 0);
    ck_assert_uint_eq(s.n, r.n + 1);
    ck_assert_uint_eq(s.all[0].kind, 200);
    ck_assert_str_eq(trace_kind_name(200), "?");
    ck_assert_uint_eq(s.all[0].flag, 7);
    ck_assert_uint_eq(s.all[0].who, 3);
    ck_assert_uint_eq(s.all[0].number, 6);
    for (size_t i = 0; i < r.n; i++) {
        ck_assert_uint_eq(s.all[i + 1].kind, r.all[i].kind);
        ck_assert_uint_eq(s.all[i + 1].number, r.all[i].number);
    }
    trace_model m;
    failure why = trace_model_read(&m, file);
    ck_assert_int_eq(why.status, 0);
    ck_assert_uint_eq(m.sent, 24);
    trace_model_free(&m);
    records_free(&r);
    records_free(&s);
    free(longer);
    free(bytes);
}
END_TEST

static const struct {
    size_t at;
    const char *bytes;
    size_t n;
    const char *text;
} heads[] = {
    { 0, "x", 1, ": it is no trace" },
    { 8, "\2", 1, ": it is of version 2, and this program knows 1" },
    { 8, "\0", 1, ": its beginning is damaged" },
    { 12, "\1\2\3\4", 4,
      ": it has the other order of bytes, which no version "
      "writes" },
    { 12, "\4\3\2\2", 4, ": its beginning is damaged" },
};

START_TEST(what_is_no_trace_is_named)
{
    const char *file = make_whole();
    char text[200];
    trace_file f;

    memcpy(whole + heads[_i].at, heads[_i].bytes, heads[_i].n);
    write_bytes(file, whole, whole_size);
    failure why = trace_open(&f, file);
    ck_assert_int_eq(why.status, BAD_USAGE);
    snprintf(text, sizeof(text), "%s%s", file, heads[_i].text);
    ck_assert_str_eq(why.text, text);
    free(why.text);
    free(whole);
}
END_TEST

START_TEST(a_file_of_a_few_bytes_is_named)
{
    const char *file = make_whole();
    trace_file f;

    for (size_t size = 0; size < DS__TRACE_HEAD; size++) {
        write_bytes(file, whole, size);
        failure why = trace_open(&f, file);
        ck_assert_int_eq(why.status, BAD_USAGE);
        ck_contains(why.text, size < 8 ? "is no trace" : "is cut off");
        free(why.text);
    }
    free(whole);
}
END_TEST

/* ---- The flight recorder --------------------------------------------------*/

static void sleep_under_names(ds_handle *h, void *arg)
{
    ds_set_name(h, "sleeper");
    ds_state(h, "awake");
    ds_state(h, "tired");
    for (int i = 0; i < 20000; i++) {
        ds_mark(h, "night %d", i);
        ds_sleep(h, 1);
    }
}

START_TEST(a_flight_recorder_forgets_and_says_how_much)
{
    char trace[128];
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s,last=128K", file);
    ds_loop *loop = loop_traced(trace, _i);
    ds_spawn(loop, sleep_under_names, NULL);
    ck_run_once(loop, DS_OK, NULL);
    records r = records_of(file);

    /* A mark takes two slots, and three chunks are kept. */
    ck_assert_uint_ge(r.n, 2 * DS__CHUNK_SLOTS * 3 / 4);
    ck_assert_uint_le(r.n, 3 * DS__CHUNK_SLOTS + 100);
    ck_assert_uint_ge(r.forgotten, 60000 - 3 * DS__CHUNK_SLOTS);
    ck_assert_uint_eq(r.all[r.n - 1].index,
                      60000 + count_of(&r, DS__TELL_NAME) + 6);
    ck_assert_uint_eq(r.all[r.n - 1].kind, DS__TELL_RAN);
    ck_assert_uint_eq(r.damaged, 0);

    /* What must not be forgotten. */
    ck_assert(r.all[0].kept);
    ck_assert_uint_eq(count_of(&r, DS__TELL_SPAWN), 1);
    ck_assert_uint_eq(count_of(&r, DS__TELL_START), 1);
    ck_assert_str_eq(nth_of(&r, DS__TELL_STATE, 1)->text, "tired");
    ck_assert_str_eq(nth_of(&r, DS__TELL_SLEEP, 0)->text, "ds_sleep");
    records_free(&r);
}
END_TEST

START_TEST(one_that_is_large_enough_forgets_nothing)
{
    records all = records_of_run(programs[_i], "", DS_FIBERS);
    records last = records_of_run(programs[_i], ",last=1M", DS_FIBERS);

    ck_assert_uint_eq(last.forgotten, 0);
    ck_assert_uint_eq(last.n, all.n);
    for (size_t i = 0; i < all.n; i++) {
        ck_assert_uint_eq(last.all[i].kind, all.all[i].kind);
        ck_assert_uint_eq(last.all[i].number, all.all[i].number);
    }
    records_free(&all);
    records_free(&last);
}
END_TEST

static void sleep_and_fail(ds_handle *h, void *arg)
{
    for (int i = 0; i < 20000; i++)
        ds_sleep(h, 1);
    ds_fail(h, "enough");
}

/* Also that of a run that fails has its end, and one that is killed a head. */
START_TEST(a_flight_recorder_is_written_when_the_run_fails)
{
    char trace[128];
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s,last=64K", file);
    ds_loop *loop = loop_traced(trace, _i);
    ds_spawn(loop, sleep_and_fail, NULL);
    ck_run(loop, DS_FAILED, "enough");
    records r = records_of(file);
    ds_loop_free(loop);
    ck_assert_uint_ge(r.n, DS__CHUNK_SLOTS);
    ck_assert_uint_ge(r.forgotten, 30000);
    ck_assert_uint_eq(r.all[r.n - 1].kind, DS__TELL_RAN);
    ck_assert_uint_eq(r.all[r.n - 1].flag, DS_FAILED);
    ck_contains(r.all[r.n - 1].text, "enough");
    records_free(&r);
}
END_TEST

START_TEST(a_flight_recorder_whose_file_may_not_grow_says_so_once)
{
    char trace[128], line[200];
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s,last=1M", file);
    ds_loop *loop = loop_traced(trace, _i);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 40000, 40000 });
    ds_spawn(loop, sleep_often, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    snprintf(line, sizeof(line),
             "distsys: the trace %s ends here: File too large\n", file);
    ck_assert_str_eq(said, line);
    ck_assert_double_eq(ds_loop_now(loop), 20000);
    ds_loop_free(loop);
    records r = records_of(file);
    ck_assert_uint_eq(r.damaged, 1);
    ck_assert_uint_ge(r.n, DS__CHUNK_SLOTS);
    records_free(&r);
}
END_TEST

/* Threads that come and go must not make it grow without end. */
static void be_short(ds_handle *h, void *arg)
{
    ds_set_name(h, "short");
    ds_sleep(h, 0.5);
}

static void spawn_often(ds_handle *h, void *arg)
{
    ds_set_name(h, "parent");
    for (int i = 0; i < 20000; i++) {
        ds_spawn(ds_handle_loop(h), be_short, NULL);
        if (i % 2)
            ds_node_crash(town.nodes[1]);
        else
            ds_node_restart(town.nodes[1]);
        ds_sleep(h, 1);
    }
}

START_TEST(what_has_ended_is_forgotten_in_the_end)
{
    char trace[128];
    const char *file = tracing_file();
    size_t parents = 0;

    snprintf(trace, sizeof(trace), "%s,last=64K", file);
    town = (play){ .loop = loop_traced(trace, DS_FIBERS) };
    for (int i = 0; i < 2; i++)
        town.nodes[i] = ds_node_new(town.loop);
    ds_spawn(town.loop, spawn_often, NULL);
    ck_run_once(town.loop, DS_OK, NULL);
    records r = records_of(file);
    ck_assert_uint_le(r.n, 8 * DS__CHUNK_SLOTS);
    ck_assert_uint_ge(r.forgotten, 100000);
    for (size_t i = 0; i < r.n; i++)
        parents += r.all[i].kind == DS__TELL_NAME &&
                   r.all[i].flag == DS__NAMED_THREAD && r.all[i].a == 1;
    ck_assert_uint_eq(parents, 1);
    records_free(&r);
}
END_TEST

static void sleep_until_shown(ds_handle *h, void *arg)
{
    const char *file = arg;
    struct {
        char bytes[DS__TRACE_HEAD + 1];
    } head;

    ds_sleep(h, 7.5);
    kill(getpid(), SIGQUIT);
    for (int i = 0; i < 400; i++) {
        usleep(10000);
        ds_sleep(h, 0x1p-20);
        FILE *f = fopen(file, "rb");
        const size_t n = fread(&head, 1, sizeof(head), f);
        fclose(f);
        if (n == sizeof(head))
            return;
    }
    ck_abort_msg("nothing was shown");
}

START_TEST(a_signal_has_the_flight_recorder_shown_and_the_run_goes_on)
{
    char trace[128];
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s,last=64K", file);
    signal(SIGQUIT, SIG_DFL);
    unsetenv("DISTSYS_DUMP");
    ds_loop *loop = loop_traced(trace, _i);
    ds_spawn(loop, sleep_until_shown, (void *)(uintptr_t)file);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, bytes_are_the_same_on_threads_and_fibers_and_again,
                        0, NUM_PROGRAMS);
    tcase_add_loop_test(tc, a_trace_changes_no_digest, 0, NUM_PROGRAMS);
    tcase_add_test(tc, the_variable_asks_for_one_unless_it_is_ignored);
    tcase_add_test(tc, the_configuration_has_a_copy_of_what_was_asked_for);
    tcase_add_loop_test(
        tc, each_message_that_is_sent_arrives_or_is_lost_or_is_under_way, 0,
        NUM_PROGRAMS);
    tcase_add_loop_test(tc, each_event_names_its_message, 0, NUM_PROGRAMS);
    tcase_add_loop_test(tc, time_does_not_go_back_and_every_wait_ends, 0,
                        NUM_PROGRAMS);
    tcase_add_test(tc, a_collective_is_told_with_its_model_calls_and_work);
    tcase_add_test(tc, steps_are_told_if_they_are_asked_for);
    tcase_add_test(tc, steps_belong_to_calls);
    tcase_add_test(tc, a_member_says_because_of_which_message_it_goes_on);
    tcase_add_test(tc, each_fault_is_told_in_its_turn);
    tcase_add_test(tc, a_loss_says_why);
    tcase_add_test(tc, a_message_that_is_put_off_is_told_by_its_number);
    tcase_add_test(tc, names_lives_marks_states_and_counts_are_told);
    tcase_add_test(tc, the_end_is_told_with_status_digest_and_seed);
    tcase_add_test(tc, the_next_run_is_told_behind_the_first);
    tcase_add_test(tc, a_deadlock_is_told_with_who_waits_for_whom);
    tcase_add_loop_test(tc, without_a_trace_nothing_is_formatted, 0, 2);
    tcase_add_loop_test(
        tc, what_says_nothing_is_misuse_with_a_trace_and_without, 0, 2);
    tcase_add_test(tc, a_long_mark_is_cut);
    tcase_add_loop_test(tc, a_full_disk_ends_the_trace_and_not_the_run, 0, 2);
    tcase_add_loop_test(tc, a_file_that_may_not_grow_says_so_once, 0, 2);
    tcase_add_loop_test(tc, a_file_that_cannot_be_written_is_named, 0, 2);
    tcase_add_loop_test(tc, an_option_that_there_is_not_is_misuse, 0,
                        sizeof(bad) / sizeof(*bad));
    tcase_add_loop_test(tc, a_trace_without_a_file_is_misuse, 0, 2);
    tcase_add_test(tc, a_file_that_another_loop_writes_is_left_alone);
    tcase_add_loop_test(tc, a_run_that_is_killed_leaves_what_was_full, 0, 2);
    tcase_add_test(tc, a_file_that_is_cut_off_is_read_up_to_there);
    tcase_add_test(tc, a_damaged_chunk_is_left_out_and_the_rest_is_read);
    tcase_add_test(tc, no_bit_of_a_head_can_make_the_reader_stumble);
    tcase_add_loop_test(tc, no_byte_of_a_record_can_make_the_reader_stumble, 0,
                        NUM_PROGRAMS);
    tcase_add_test(tc, a_kind_that_is_not_known_is_read_and_skipped);
    tcase_add_loop_test(tc, what_is_no_trace_is_named, 0,
                        sizeof(heads) / sizeof(*heads));
    tcase_add_test(tc, a_file_of_a_few_bytes_is_named);
    tcase_add_loop_test(tc, a_flight_recorder_forgets_and_says_how_much, 0, 2);
    tcase_add_loop_test(tc, one_that_is_large_enough_forgets_nothing, 0,
                        NUM_PROGRAMS);
    tcase_add_loop_test(tc, a_flight_recorder_is_written_when_the_run_fails, 0,
                        2);
    tcase_add_loop_test(
        tc, a_flight_recorder_whose_file_may_not_grow_says_so_once, 0, 2);
    tcase_add_test(tc, what_has_ended_is_forgotten_in_the_end);
    tcase_add_loop_test(
        tc, a_signal_has_the_flight_recorder_shown_and_the_run_goes_on, 0, 2);
}

int main(void)
{
    return harness_main("trace", add);
}
