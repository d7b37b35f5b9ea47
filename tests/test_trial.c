/* Trials: what they have, what becomes of them, and that the same order has the
 * same result. */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <distsys/disk.h>

#include "explore/runner/marks.h"
#include "explore/runner/trial.h"
#include "harness.h"

static ds__result result;

static ds__fate fate_of(const ds_test *test)
{
    const ds__trial_order order = { .seed = 38, .exec = DS_FIBERS };

    ds__trial_run(test, &order, &result);
    return result.fate;
}

/* ---- Operations -----------------------------------------------------------*/

enum { CLIENTS = 3, OPERATIONS = 7 };

/* What a client did: when, and what it drew. */
typedef struct deed {
    bool done;
    double time;
    double drawn[2];
} deed;

static deed deeds[CLIENTS][OPERATIONS];

static void busy_client(ds_handle *h, void *arg)
{
    deed *mine = arg;

    for (size_t i; ds_next(h, &i);) {
        ck_assert(i < OPERATIONS && !mine[i].done);
        mine[i] = (deed){ true, ds_now(h), { ds_random(h), 0 } };
        mine[i].drawn[1] = ds_random(h);
    }
}

static void build_busy(ds_trial *t, void *arg)
{
    memset(deeds, 0, sizeof(deeds));
    for (int i = 0; i < CLIENTS; i++) {
        ds_node *node = ds_node_new(ds_trial_loop(t));
        if (i < CLIENTS - 1)
            ds_node_boot(node, busy_client, deeds[i]);
        else
            ds_spawn(ds_trial_loop(t), busy_client, deeds[i]);
    }
}

static const ds_test busy = {
    .name = "busy",
    .build = build_busy,
    .operations = OPERATIONS,
    .calm_after = 300,
    .time_limit = 500,
};

START_TEST(operations_are_spread_over_the_time_before_the_calm)
{
    ck_assert_int_eq(fate_of(&busy), DS__WELL);
    for (int c = 0; c < CLIENTS; c++)
        for (int i = 0; i < OPERATIONS; i++) {
            const double share = 300. / OPERATIONS;
            ck_assert(deeds[c][i].done);
            ck_assert(deeds[c][i].time >= i * share);
            ck_assert(deeds[c][i].time <= (i + 1) * share);
        }
}
END_TEST

START_TEST(operations_of_clients_have_times_and_draws_of_their_own)
{
    fate_of(&busy);
    for (int c = 1; c < CLIENTS; c++) {
        ck_assert(deeds[c][0].time != deeds[0][0].time);
        ck_assert(deeds[c][0].drawn[0] != deeds[0][0].drawn[0]);
    }
    ck_assert(deeds[0][0].drawn[0] != deeds[0][1].drawn[0]);
    ck_assert(deeds[0][0].drawn[0] != deeds[0][0].drawn[1]);
}
END_TEST

/* Whose thread is the third by number, and those of machines by place. */
static const ds__operation without[] = {
    { 0, 0, 2 },
    { 0, 0, 3 },
    { 1, 0, OPERATIONS - 1 },
    { DS__NO_MACHINE, CLIENTS, 0 },
};

START_TEST(an_operation_that_is_left_out_changes_no_other)
{
    const ds__operation *out = &without[_i];
    const size_t c =
        out->machine == DS__NO_MACHINE ? CLIENTS - 1 : (size_t)out->machine;
    const ds__trial_order order = {
        .seed = 38, .exec = DS_FIBERS, .left_out = out, .num_left_out = 1
    };
    deed whole[CLIENTS][OPERATIONS];

    fate_of(&busy);
    memcpy(whole, deeds, sizeof(whole));
    ds__trial_run(&busy, &order, &result);
    ck_assert_int_eq(result.fate, DS__WELL);
    ck_assert(!deeds[c][out->number].done);
    whole[c][out->number] = (deed){ 0 };
    ck_assert_mem_eq(whole, deeds, sizeof(whole));
}
END_TEST

static void restart_in_the_middle(ds_handle *h, void *arg)
{
    ds_sleep(h, 151);
    ds_node_restart(arg);
}

static void build_restart(ds_trial *t, void *arg)
{
    ds_node *node = ds_node_new(ds_trial_loop(t));

    memset(deeds, 0, sizeof(deeds));
    ds_node_boot(node, busy_client, deeds[0]);
    ds_spawn(ds_trial_loop(t), restart_in_the_middle, node);
}

START_TEST(a_client_that_is_restarted_goes_on_with_what_is_left)
{
    ds_test test = busy;

    test.build = build_restart;
    ck_assert_int_eq(fate_of(&test), DS__WELL);
    for (int i = 0; i < OPERATIONS; i++)
        ck_assert(deeds[0][i].done);
}
END_TEST

static double first_draw;

static void drawing_server(ds_handle *h, void *arg)
{
    first_draw = ds_random(h);
    ds_sleep(h, 1000);
}

static void idle_server(ds_handle *h, void *arg)
{
    ds_sleep(h, 1000);
}

static void crowd(ds_handle *h, void *arg)
{
    ds_node **nodes = arg;

    ds_sleep(h, 5);
    if (nodes[1] != NULL)
        ds_node_restart(nodes[1]);
    ds_node_restart(nodes[0]);
}

static void build_crowd(ds_trial *t, void *arg)
{
    ds_node **nodes = ds_trial_alloc(t, 2 * sizeof(*nodes));
    ds_node *other;

    nodes[0] = ds_node_new(ds_trial_loop(t));
    other = ds_node_new(ds_trial_loop(t));
    nodes[1] = arg == NULL ? NULL : other;
    ds_node_boot_daemon(nodes[0], drawing_server, NULL);
    ds_node_boot_daemon(other, idle_server, NULL);
    ds_spawn(ds_trial_loop(t), crowd, nodes);
}

START_TEST(what_a_restarted_machine_draws_does_not_hang_on_other_machines)
{
    ds_test test = { .name = "crowd", .build = build_crowd };

    ck_assert_int_eq(fate_of(&test), DS__WELL);
    const double alone = first_draw;
    test.arg = &test;
    ck_assert_int_eq(fate_of(&test), DS__WELL);
    ck_assert(first_draw == alone);
}
END_TEST

/* ---- What becomes of a trial ----------------------------------------------*/

static void does_nothing(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
}

static void fails(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_fail(h, "%d is wrong", 17);
}

static void fails_the_trial(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_trial_fail(ds_handle_trial(h), "%d is wrong", 17);
    ck_assert(!ds_sleep(h, 3));
}

static void stops(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_stop(h);
}

static void waits_for_ever(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_name(h, "patient");
    ds_poll(h, ds_stream_new(ds_handle_loop(h)), &event);
}

static void never_ends(ds_handle *h, void *arg)
{
    ds_set_name(h, "restless");
    while (ds_sleep(h, 0.75))
        continue;
}

static void hurries(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0.001))
        continue;
}

static void sleeps_backwards(ds_handle *h, void *arg)
{
    ds_sleep(h, -1);
}

static void asks_for_nowhere(ds_handle *h, void *arg)
{
    ds_next(h, NULL);
}

static void reaches_null(ds_handle *h, void *arg)
{
    ds_sometimes(h, NULL);
}

static size_t begin(ds_handle *h, int op, int64_t value)
{
    return ds_history_begin(ds_trial_history(ds_handle_trial(h)),
                            ds_loop_now(ds_handle_loop(h)), 1, op, 0, value, 0);
}

static void end(ds_handle *h, size_t call, int64_t value)
{
    ds_history_end(ds_trial_history(ds_handle_trial(h)),
                   ds_loop_now(ds_handle_loop(h)), call, value);
}

static void reads_what_nobody_wrote(ds_handle *h, void *arg)
{
    size_t call = begin(h, DS_READ, 0);

    ds_sleep(h, 3);
    end(h, call, 17);
}

static void reads_what_it_wrote(ds_handle *h, void *arg)
{
    size_t call = begin(h, DS_WRITE, 17);

    end(h, call, 0);
    call = begin(h, DS_READ, 0);
    ds_sleep(h, 3);
    end(h, call, 17);
}

static void ends_a_call_twice(ds_handle *h, void *arg)
{
    size_t call = begin(h, DS_READ, 0);

    end(h, call, 0);
    end(h, call, 0);
}

static void build_body(ds_trial *t, void *arg)
{
    ds_thread_fn *const *body = arg;

    ds_spawn(ds_trial_loop(t), *body, NULL);
}

static void build_nothing(ds_trial *t, void *arg)
{
}

static void build_daemon(ds_trial *t, void *arg)
{
    ds_spawn_daemon(ds_trial_loop(t), does_nothing, NULL);
}

static void build_failure(ds_trial *t, void *arg)
{
    ds_spawn(ds_trial_loop(t), fails, NULL);
    ds_trial_fail(t, "the %s is wrong", "building");
}

static void build_misuse(ds_trial *t, void *arg)
{
    ds_spawn(ds_trial_loop(t), NULL, NULL);
}

static void build_exposed_twice(ds_trial *t, void *arg)
{
    ds_trial_expose(t, NULL, NULL, 0, NULL, 0);
    ds_trial_expose(t, NULL, NULL, 0, NULL, 0);
}

static void check_nothing(ds_trial *t, void *arg)
{
}

static void check_and_fail(ds_trial *t, void *arg)
{
    ds_trial_fail(t, "%s", "checked and found wanting");
    ds_trial_fail(t, "the second reason does not count");
}

typedef struct fate_row {
    ds_thread_fn *body;
    ds_test test;
    ds__fate fate;
    ds__judge judge;
    const char *why; /* is somewhere in it */
} fate_row;

static const fate_row fates[] = {
    { does_nothing, { 0 }, DS__WELL, DS__BY_NOBODY, "" },
    { does_nothing, { .check = check_nothing }, DS__WELL, DS__BY_NOBODY, "" },
    { fails, { 0 }, DS__WRONG, DS__BY_BODY, "17 is wrong" },
    { fails_the_trial, { 0 }, DS__WRONG, DS__BY_TEST, "17 is wrong" },
    { stops, { 0 }, DS__WRONG, DS__BY_LOOP, "stopped the simulation" },
    { waits_for_ever, { 0 }, DS__ENDLESS, DS__BY_LOOP, "\"patient\" waits" },
    { never_ends,
      { .time_limit = 100 },
      DS__ENDLESS,
      DS__BY_LOOP,
      "; not at an end:\n  thread 1 \"restless\" waits in ds_sleep" },
    { hurries,
      { .event_limit = 777 },
      DS__ENDLESS,
      DS__BY_LOOP,
      "the limit of 777 events" },
    { sleeps_backwards, { 0 }, DS__WRONG, DS__BY_LOOP, "ds_sleep: " },
    { asks_for_nowhere,
      { 0 },
      DS__WRONG,
      DS__BY_LOOP,
      "ds_next: operation is NULL" },
    { reaches_null, { 0 }, DS__WRONG, DS__BY_LOOP, "ds_sometimes: what" },
    { reads_what_nobody_wrote,
      { .model = &ds_register_model },
      DS__WRONG,
      DS__BY_HISTORY,
      "not linearizable" },
    { reads_what_nobody_wrote, { 0 }, DS__WELL, DS__BY_NOBODY, "" },
    { reads_what_it_wrote,
      { .model = &ds_register_model },
      DS__WELL,
      DS__BY_NOBODY,
      "" },
    { ends_a_call_twice,
      { .model = &ds_register_model },
      DS__UNDECIDED,
      DS__BY_HISTORY,
      "has returned before" },
    { does_nothing,
      { .check = check_and_fail },
      DS__WRONG,
      DS__BY_TEST,
      "found wanting" },
    { fails,
      { .check = check_and_fail },
      DS__WRONG,
      DS__BY_BODY,
      "17 is wrong" },
    { NULL,
      { .build = build_failure },
      DS__WRONG,
      DS__BY_TEST,
      "the building is wrong" },
    { NULL,
      { .build = build_misuse },
      DS__WRONG,
      DS__BY_LOOP,
      "ds_spawn: the body is NULL" },
    { NULL,
      { .build = build_exposed_twice },
      DS__WRONG,
      DS__BY_LOOP,
      "ds_trial_expose: it has been called before" },
    { NULL, { .build = build_nothing }, DS__WRONG, DS__BY_RUNNER, "nothing" },
    { NULL, { .build = build_daemon }, DS__WRONG, DS__BY_RUNNER, "nothing" },
    { NULL,
      { .build = build_nothing, .check = check_nothing },
      DS__WELL,
      DS__BY_NOBODY,
      "" },
};

START_TEST(a_trial_is_judged)
{
    const fate_row *row = &fates[_i];
    ds_thread_fn *body = row->body;
    ds_test test = row->test;

    if (body != NULL) {
        test.build = build_body;
        test.arg = &body;
    }
    ck_assert_int_eq(fate_of(&test), row->fate);
    ck_assert_int_eq(result.judge, row->judge);
    ck_assert_msg(strstr(result.why, row->why) != NULL, "%s", result.why);
    ck_assert((row->why[0] == '\0') == (result.why[0] == '\0'));
}
END_TEST

START_TEST(a_failure_has_its_time)
{
    ds_thread_fn *body = fails;
    const ds_test test = { .build = build_body, .arg = &body };

    fate_of(&test);
    ck_assert(result.time == 3 && result.nanoseconds == 3000000000);
}
END_TEST

/* ---- Tests that are none --------------------------------------------------*/

static void build_servers(ds_trial *t, void *arg)
{
    const char *how = arg;
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[2] = { ds_node_new(loop), ds_node_new(loop) };

    ds_spawn(loop, does_nothing, NULL);
    if (strchr(how, 'b') != NULL)
        ds_node_boot_daemon(nodes[0], idle_server, NULL);
    if (strchr(how, 'B') != NULL)
        ds_node_boot_daemon(nodes[1], idle_server, NULL);
    if (strchr(how, 'd') != NULL)
        ds_node_set_disk(nodes[1], &(ds_disk_config){ .sync_time = 0.002 });
    if (strchr(how, 'e') != NULL)
        ds_trial_expose(
            t, strchr(how, 'n') != NULL ? ds_random_net_new(loop, 0.02) : NULL,
            nodes, strchr(how, '0') != NULL ? 0 : 2, nodes, 1);
}

typedef struct odd_row {
    const char *how;
    unsigned hazards;
    size_t max_down;
    const char *why;
} odd_row;

static const odd_row odd[] = {
    { "", DS_HAZARD_PAUSE, 0, "does not call ds_trial_expose()" },
    { "e", DS_HAZARD_DROP, 0, "exposes no network" },
    { "e", DS_HAZARD_PAUSE, 0, "exposes no network" },
    { "e0n", DS_HAZARD_PAUSE, 0, "hazards of servers" },
    { "enb", DS_HAZARD_CRASH, 0, "boots nothing" },
    { "enbB", DS_HAZARD_DISK, 0, "no server has a disk" },
    { "en", DS_HAZARD_LINK, 0, "the network has no links" },
    { "en", DS_HAZARD_PAUSE, 3, "max_down is more" },
    { "", 0, 0, NULL },
    { "e", 0, 0, NULL },
    { "e0n", DS_HAZARD_PARTITION | DS_HAZARD_DUPLICATE, 0, NULL },
    { "ebBdn", 2 * DS_HAZARD_DISK - 1, 2, NULL },
};

START_TEST(a_hazard_that_cannot_apply_is_named)
{
    const odd_row *row = &odd[_i];
    const ds_test test = { .build = build_servers,
                           .arg = (void *)row->how,
                           .hazards = row->hazards,
                           .max_down = row->max_down };

    ck_assert_int_eq(fate_of(&test), row->why == NULL ? DS__WELL : DS__USAGE);
    if (row->why != NULL)
        ck_assert_msg(strstr(result.why, row->why) != NULL, "%s", result.why);
}
END_TEST

static const struct {
    ds_test test;
    const char *why; /* NULL: nothing */
} wrong[] = {
    { { .build = build_nothing }, "has no name" },
    { { .name = "", .build = build_nothing }, "has no name" },
    { { .name = "a,b", .build = build_nothing }, "has a comma" },
    { { .name = "a" }, "build is NULL" },
    { { .name = "a", .build = build_nothing, .hazards = 1 << 12 },
      "hazards is 0x1000" },
    { { .name = "a", .build = build_nothing, .tick = -1 }, "tick is -1" },
    { { .name = "a", .build = build_nothing, .calm_after = INFINITY },
      "calm_after inf" },
    { { .name = "a", .build = build_nothing, .time_limit = 3 },
      "time_limit is 3 s, before the calm at 4 s" },
    { { .name = "a", .build = build_nothing }, NULL },
    { { .name = "a", .build = build_nothing, .tick = 1e-6, .time_limit = 3 },
      NULL },
};

START_TEST(a_test_that_is_none_is_named)
{
    char why[200];

    ck_assert_int_eq(ds__test_is_wrong(&wrong[_i].test, why, sizeof(why)),
                     wrong[_i].why != NULL);
    if (wrong[_i].why != NULL)
        ck_assert_msg(strstr(why, wrong[_i].why) != NULL, "%s", why);
    else
        ck_assert_str_eq(why, "");
}
END_TEST

/* ---- Determinism ----------------------------------------------------------*/

enum { SEEDS = 12 };

static void build_pair(ds_trial *t, void *arg)
{
    static ds_thread_fn *bodies[] = { reads_what_it_wrote, busy_client };
    ds_loop *loop = ds_trial_loop(t);

    memset(deeds, 0, sizeof(deeds));
    ds_spawn(loop, bodies[0], NULL);
    ds_node_spawn(ds_node_new(loop), bodies[1], deeds[0]);
    if (ds_trial_random(t) < 0.5)
        ds_node_spawn(ds_node_new(loop), bodies[1], deeds[1]);
}

static const ds_test pair = { .build = build_pair, .operations = OPERATIONS };

static void run_pair(uint64_t seed, ds_exec exec)
{
    const ds__trial_order order = { .seed = seed, .exec = exec };

    ds__trial_run(&pair, &order, &result);
    ck_assert_int_eq(result.fate, DS__WELL);
}

START_TEST(a_trial_is_the_same_on_threads_and_on_fibers)
{
    run_pair((uint64_t)_i + 1, DS_THREADS);
    const ds__result first = result;
    run_pair((uint64_t)_i + 1, DS_FIBERS);
    ck_assert(first.digest == result.digest);
    ck_assert(first.history == result.history);
    ck_assert(first.events == result.events && first.time == result.time);
}
END_TEST

START_TEST(seeds_differ_in_events_and_in_histories)
{
    run_pair(1, DS_FIBERS);
    const ds__result first = result;
    run_pair(2, DS_FIBERS);
    ck_assert(first.digest != result.digest);
    ck_assert(first.history == result.history); /* it begins at 0 in both */
}
END_TEST

START_TEST(the_environment_changes_nothing)
{
    run_pair(3, DS_FIBERS);
    const ds__result first = result;
    setenv("DISTSYS_SEED", "17", 1);
    setenv("DISTSYS_TIES", "fifo", 1);
    setenv("DISTSYS_EXEC", "nonsense", 1);
    run_pair(3, DS_FIBERS);
    ck_assert(first.digest == result.digest);
}
END_TEST

START_TEST(a_history_that_differs_in_one_number_has_another_digest)
{
    ds_history *a = ds_history_new();
    ds_history *b = ds_history_new();

    ds_history_end(a, 7, ds_history_begin(a, 5, 1, DS_READ, 0, 0, 0), 1);
    ds_history_end(b, 7, ds_history_begin(b, 5, 1, DS_READ, 0, 0, 0), 1);
    ck_assert(ds__history_digest(a) == ds__history_digest(b));
    ds_history_begin(a, 8, 1, DS_WRITE, 0, 3, 0);
    ds_history_begin(b, 8, 1, DS_WRITE, 0, 4, 0);
    ck_assert(ds__history_digest(a) != ds__history_digest(b));
    ds_history_free(a);
    ds_history_free(b);
}
END_TEST

/* ---- Memory ---------------------------------------------------------------*/

static void build_memory(ds_trial *t, void *arg)
{
    for (size_t size = 0; size < 5000; size = 3 * size + 1) {
        char *bytes = ds_trial_alloc(t, size);
        ck_assert_ptr_nonnull(bytes);
        for (size_t i = 0; i < size; i++)
            ck_assert_int_eq(bytes[i], 0);
        memset(bytes, 1, size);
    }
}

START_TEST(memory_is_zeroed_and_goes_with_the_trial)
{
    const ds_test test = { .build = build_memory, .check = check_nothing };

    ck_assert_int_eq(fate_of(&test), DS__WELL);
}
END_TEST

static void build_greedy(ds_trial *t, void *arg)
{
    ds_trial_alloc(t, SIZE_MAX);
}

/* Runs a trial in a child, which ends; returns its status. */
static int status_of(const ds_test *test, char *words, size_t size)
{
    int ends[2];
    int status;

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        const ds__trial_order order = { .seed = 38 };
        ds__trial_run(test, &order, &result);
        _exit(0);
    }
    close(ends[1]);
    memset(words, 0, size);
    ck_assert(read(ends[0], words, size - 1) >= 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    close(ends[0]);
    return status;
}

START_TEST(no_memory_for_a_trial_ends_the_process_by_name)
{
    const ds_test test = { .name = "greedy", .build = build_greedy };
    char words[300];
    int status = status_of(&test, words, sizeof(words));

    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), DS__DIED);
    ck_assert_msg(
        strstr(words, "greedy: seed 38: ds_trial_alloc: out of memory") ==
            words,
        "%s", words);
}
END_TEST

/* ---- Questions ------------------------------------------------------------*/

static void asks_outside_of_trials(ds_handle *h, void *arg)
{
    size_t operation;

    ck_assert_ptr_null(ds_handle_trial(h));
    ds_sometimes(h, "this is nobody's business");
    ck_assert(!ds_next(h, &operation));
}

START_TEST(outside_of_trials_there_are_no_operations)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, asks_outside_of_trials, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_EMISUSE);
    ck_assert_ptr_nonnull(
        strstr(ds_loop_error(loop), "the loop is of no trial"));
    ds_loop_free(loop);
    ck_assert_ptr_null(ds_handle_trial(NULL));
}
END_TEST

START_TEST(no_trial_is_a_trial_in_no_call)
{
    ck_assert_ptr_null(ds_trial_loop(NULL));
    ck_assert_ptr_null(ds_trial_alloc(NULL, 8));
    ck_assert_ptr_null(ds_trial_history(NULL));
    ck_assert(ds_trial_seed(NULL) == 0 && ds_trial_random(NULL) == 0);
    ds_trial_fail(NULL, "nothing");
    ds_trial_expose(NULL, NULL, NULL, 0, NULL, 0);
}
END_TEST

/* ---- What build has made --------------------------------------------------*/

static void adds_one(ds_handle *h, void *arg)
{
    int *count = ds_trial_user(ds_handle_trial(h));

    ++*count;
}

static void build_count(ds_trial *t, void *arg)
{
    ck_assert_ptr_null(ds_trial_user(t));
    ds_trial_set_user(t, ds_trial_alloc(t, sizeof(int)));
    for (int i = 0; i < 3; i++)
        ds_spawn(ds_trial_loop(t), adds_one, NULL);
}

static void check_count(ds_trial *t, void *arg)
{
    const int *count = ds_trial_user(t);

    ck_assert_int_eq(*count, 3);
    *(bool *)arg = true;
}

START_TEST(check_and_threads_reach_what_build_has_made)
{
    bool checked = false;
    const ds_test test = { .build = build_count,
                           .check = check_count,
                           .arg = &checked };

    ck_assert_int_eq(fate_of(&test), DS__WELL);
    ck_assert(checked);
    ds_trial_set_user(NULL, &checked);
    ck_assert_ptr_null(ds_trial_user(NULL));
}
END_TEST

static void reaches(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ds_sometimes(h, "b");
    if (ds_trial_seed(ds_handle_trial(h)) % 2 == 0)
        ds_sometimes(h, "a");
}

START_TEST(a_trial_counts_once_for_what_it_reaches)
{
    ds_thread_fn *body = reaches;
    const ds_test test = { .build = build_body, .arg = &body };
    ds__marks marks = { 0 };

    for (uint64_t seed = 11; seed < 18; seed++) {
        const ds__trial_order order = { .seed = seed,
                                        .exec = DS_FIBERS,
                                        .marks = &marks };
        ds__trial_run(&test, &order, &result);
        ck_assert_int_eq(result.fate, DS__WELL);
    }
    ds__marks_sort(&marks);
    ck_assert_uint_eq(marks.count, 2);
    ck_assert_str_eq(marks.list[0].name, "a");
    ck_assert_uint_eq(marks.list[0].trials, 3);
    ck_assert_uint_eq(marks.list[0].first, 12);
    ck_assert_str_eq(marks.list[1].name, "b");
    ck_assert_uint_eq(marks.list[1].trials, 7);
    ds__marks_free(&marks);
}
END_TEST

/* ---- Given plans ----------------------------------------------------------*/

static void notes_its_life(ds_handle *h, void *arg)
{
    *(uint64_t *)arg = ds_node_life(ds_handle_node(h));
    ds_sleep(h, 3);
}

static void build_lives(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[2] = { ds_node_new(loop), ds_node_new(loop) };

    for (int i = 0; i < 2; i++)
        ds_node_boot(nodes[i], notes_its_life, (uint64_t *)arg + i);
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), nodes, 2, NULL, 0);
}

static ds__fate fate_under(const ds_test *test, const char *text)
{
    ds_plan *plan = ds_plan_parse(text, result.why, sizeof(result.why));
    const ds__trial_order order = { .seed = 38,
                                    .exec = DS_FIBERS,
                                    .plan = plan };

    ck_assert_msg(plan != NULL, "%s", result.why);
    ds__trial_run(test, &order, &result);
    ds_plan_free(plan);
    return result.fate;
}

START_TEST(a_plan_that_is_given_happens)
{
    uint64_t lives[2] = { 7, 7 };
    const ds_test test = { .build = build_lives, .arg = lives };

    ck_assert_int_eq(fate_under(&test, "1 crash 1 until 2"), DS__WELL);
    ck_assert_uint_eq(lives[0], 0);
    ck_assert_uint_eq(lives[1], 1);
    ck_assert(result.time == 5);
}
END_TEST

static const struct {
    const char *plan;
    bool exposed;
    const char *why;
} misfits[] = {
    { "1 crash 2", true, "names node 2; there are 2" },
    { "1 crash 0", false, "build does not call ds_trial_expose()" },
    { "# nothing happens", false, "" },
};

START_TEST(a_plan_that_does_not_fit_is_no_success)
{
    uint64_t lives[2];
    ds_thread_fn *body = does_nothing;
    ds_test test = { .build = build_lives, .arg = lives };
    bool good = misfits[_i].why[0] == '\0';

    if (!misfits[_i].exposed) {
        test.build = build_body;
        test.arg = &body;
    }
    ck_assert_int_eq(fate_under(&test, misfits[_i].plan),
                     good ? DS__WELL : DS__USAGE);
    ck_assert_msg(strstr(result.why, misfits[_i].why) != NULL, "%s",
                  result.why);
}
END_TEST

static void stays(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 1))
        ;
}

static void serves(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0.3))
        ;
}

static void build_endless(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[3];

    for (int i = 0; i < 3; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_boot_daemon(nodes[i], serves, NULL);
    }
    ds_spawn(loop, stays, NULL);
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), nodes, 3, NULL, 0);
}

static const struct {
    const char *plan;
    size_t max_down;
    bool excused;
} endless[] = {
    { "", 0, false },
    { "1 crash 0 until 2\n2 crash 1 until 3", 0, false },
    { "1 crash 0 until 2\n1.5 crash 1 until 3", 0, true },
    { "1 crash 0 until 2\n1.5 crash 1 until 3", 2, false },
    { "1 wipe 0\n3 crash 1 until 3.5", 1, true },
    { "1 wipe 0\n3 crash 0 until 3.5", 1, false },
};

START_TEST(no_progress_is_expected_of_those_who_are_hurt_too_much)
{
    const ds_test test = { .build = build_endless,
                           .max_down = endless[_i].max_down };
    bool excused = endless[_i].excused;

    ck_assert_int_eq(fate_under(&test, endless[_i].plan),
                     excused ? DS__WELL : DS__ENDLESS);
    ck_assert_int_eq(result.excused, excused);
    ck_assert_int_eq(result.why[0] == '\0', excused);
}
END_TEST

START_TEST(nobody_explains_a_history_if_it_is_not_wanted)
{
    const ds__trial_order order = { .seed = 38,
                                    .exec = DS_FIBERS,
                                    .brief = true };
    ds_thread_fn *body = NULL;
    ds_test test = { 0 };

    for (size_t i = 0; i < sizeof(fates) / sizeof(*fates); i++)
        if (fates[i].judge == DS__BY_HISTORY && fates[i].fate == DS__WRONG) {
            test = fates[i].test;
            body = fates[i].body;
        }
    test.build = build_body;
    test.arg = &body;
    ds__trial_run(&test, &order, &result);
    ck_assert_int_eq(result.fate, DS__WRONG);
    ck_assert_int_eq(result.judge, DS__BY_HISTORY);
    ck_assert_str_eq(result.why, "");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, operations_are_spread_over_the_time_before_the_calm);
    tcase_add_test(tc, operations_of_clients_have_times_and_draws_of_their_own);
    tcase_add_loop_test(tc, an_operation_that_is_left_out_changes_no_other, 0,
                        sizeof(without) / sizeof(*without));
    tcase_add_test(tc, a_client_that_is_restarted_goes_on_with_what_is_left);
    tcase_add_test(
        tc, what_a_restarted_machine_draws_does_not_hang_on_other_machines);
    tcase_add_loop_test(tc, a_trial_is_judged, 0,
                        sizeof(fates) / sizeof(*fates));
    tcase_add_test(tc, a_failure_has_its_time);
    tcase_add_loop_test(tc, a_hazard_that_cannot_apply_is_named, 0,
                        sizeof(odd) / sizeof(*odd));
    tcase_add_loop_test(tc, a_test_that_is_none_is_named, 0,
                        sizeof(wrong) / sizeof(*wrong));
    tcase_add_loop_test(tc, a_trial_is_the_same_on_threads_and_on_fibers, 0,
                        SEEDS);
    tcase_add_test(tc, seeds_differ_in_events_and_in_histories);
    tcase_add_test(tc, the_environment_changes_nothing);
    tcase_add_test(tc, a_history_that_differs_in_one_number_has_another_digest);
    tcase_add_test(tc, memory_is_zeroed_and_goes_with_the_trial);
    tcase_add_test(tc, no_memory_for_a_trial_ends_the_process_by_name);
    tcase_add_test(tc, outside_of_trials_there_are_no_operations);
    tcase_add_test(tc, no_trial_is_a_trial_in_no_call);
    tcase_add_test(tc, a_trial_counts_once_for_what_it_reaches);
    tcase_add_test(tc, a_plan_that_is_given_happens);
    tcase_add_loop_test(tc, a_plan_that_does_not_fit_is_no_success, 0,
                        sizeof(misfits) / sizeof(*misfits));
    tcase_add_test(tc, check_and_threads_reach_what_build_has_made);
    tcase_add_loop_test(tc,
                        no_progress_is_expected_of_those_who_are_hurt_too_much,
                        0, sizeof(endless) / sizeof(*endless));
    tcase_add_test(tc, nobody_explains_a_history_if_it_is_not_wanted);
}

int main(void)
{
    return harness_main("trial", add);
}
