/* Making, configuring, running and freeing a loop. */

#include "stage.h"

#include <pthread.h>

/* ---- Bodies ---------------------------------------------------------------*/

static void nothing(ds_handle *h, void *arg)
{
}

static void say(ds_handle *h, void *arg)
{
    note("%s@%g ", (const char *)arg, ds_now(h));
}

static void sleep_arg(ds_handle *h, void *arg)
{
    const double *seconds = arg;
    const bool on = ds_sleep(h, *seconds);
    note("%s@%g ", on ? "slept" : "over", ds_now(h));
}

static void tick(ds_handle *h, void *arg)
{
    int *left = arg;
    while ((*left)-- > 0 && ds_sleep(h, 1))
        note("%g ", ds_now(h));
}

static void break_down(ds_handle *h, void *arg)
{
    ds_fail(h, "%s", (const char *)arg);
}

static void receive(ds_handle *h, void *arg)
{
    ds_event event;
    if (ds_poll(h, arg, &event)) {
        note("got %s@%g ", (const char *)event.data, ds_now(h));
        ds_event_drop(&event);
    }
}

/* ---- Fresh loops ----------------------------------------------------------*/

START_TEST(a_fresh_loop_stands_at_0_without_an_error)
{
    ds_loop *loop = ds_loop_new(NULL);

    ck_assert(ds_loop_now(loop) == 0);
    ck_assert_str_eq(ds_loop_error(loop), "");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_loop_without_threads_runs_to_its_end)
{
    ds_loop *loop = ds_loop_new(NULL);

    ck_run(loop, DS_OK, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 0);
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_loop_that_never_ran_can_be_freed)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_stream_set_name(ds_stream_new(loop), "unused");
    ds_node_new(loop);
    ds_spawn(loop, say, "never");
    ds_loop_free(loop);
    ck_noted("");
}
END_TEST

START_TEST(freeing_no_loop_is_allowed)
{
    ds_loop_free(NULL);
}
END_TEST

START_TEST(a_null_loop_reports_no_memory)
{
    ck_assert_int_eq(ds_loop_run(NULL), DS_ENOMEM);
}
END_TEST

START_TEST(building_on_a_null_loop_does_nothing)
{
    ds_stream *stream = ds_stream_new(NULL);
    ds_node *node = ds_node_new(NULL);
    ds_port *port = ds_port_new(node);

    ck_assert_ptr_null(stream);
    ck_assert_ptr_null(node);
    ck_assert_ptr_null(port);
    ds_stream_set_name(stream, "none");
    ds_spawn(NULL, say, "never");
    ds_spawn_daemon(NULL, say, "never");
    ck_assert_ptr_null(ds_random_net_new(NULL, 1));
    ck_assert_ptr_null(ds_port_stream(port));
    ck_assert_ptr_null(ds_port_node(port));
    ck_noted("");
}
END_TEST

START_TEST(a_null_loop_can_be_asked_about)
{
    ck_assert(ds_loop_now(NULL) == 0);
    ck_assert_ptr_nonnull(ds_loop_error(NULL));
    (void)ds_loop_digest(NULL);
}
END_TEST

/* ---- Configuration --------------------------------------------------------*/

static void draw(ds_handle *h, void *arg)
{
    note("%.17g ", ds_random(h));
}

/* What a loop of this configuration draws first. */
static const char *first_draw(const ds_loop_config *config)
{
    static char drawn[64];
    ds_loop *loop = ds_loop_new(config);

    ds_spawn(loop, draw, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_lt(strlen(noted()), sizeof(drawn));
    strcpy(drawn, noted());
    note_clear();
    return drawn;
}

static const char *draw_of_seed(uint64_t seed)
{
    return first_draw(&(ds_loop_config){ .seed = seed });
}

START_TEST(no_configuration_means_all_defaults)
{
    char drawn[64];

    strcpy(drawn, first_draw(NULL));
    ck_assert_str_eq(drawn, first_draw(&(ds_loop_config){ 0 }));
}
END_TEST

START_TEST(the_default_seed_is_fixed)
{
    char drawn[64];

    strcpy(drawn, draw_of_seed(0));
    ck_assert_str_eq(drawn, draw_of_seed(0));
    ck_assert_str_ne(drawn, draw_of_seed(77));
}
END_TEST

START_TEST(the_seed_of_the_environment_overrides)
{
    char drawn[64];

    strcpy(drawn, draw_of_seed(77));
    setenv("DISTSYS_SEED", "77", 1);
    ck_assert_str_eq(drawn, draw_of_seed(5));
    ck_assert_str_eq(drawn, first_draw(NULL));
}
END_TEST

START_TEST(a_seed_of_the_environment_may_have_64_bits)
{
    char drawn[64];

    strcpy(drawn, draw_of_seed(UINT64_MAX));
    setenv("DISTSYS_SEED", "18446744073709551615", 1);
    ck_assert_str_eq(drawn, draw_of_seed(5));
}
END_TEST

START_TEST(a_seed_of_the_environment_is_decimal)
{
    char drawn[64];

    strcpy(drawn, draw_of_seed(10));
    setenv("DISTSYS_SEED", "010", 1);
    ck_assert_str_eq(drawn, draw_of_seed(5));
}
END_TEST

static void send_four(ds_handle *h, void *arg)
{
    static char *const names[] = { "a", "b", "c", "d" };
    for (int i = 0; i < 4; i++)
        ds_schedule(h, arg, 1, names[i], NULL);
}

static void receive_four(ds_handle *h, void *arg)
{
    ds_event event;
    for (int i = 0; i < 4 && ds_poll(h, arg, &event); i++)
        note("%s", (const char *)event.data);
}

/* Counts the seeds whose loop lets four events of one instant happen in the
 * order they were scheduled: all with FIFO, few with random ties. */
static int runs_in_fifo_order(ds_ties ties)
{
    int n = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        ds_loop *loop =
            ds_loop_new(&(ds_loop_config){ .seed = seed, .ties = ties });
        ds_stream *stream = ds_stream_new(loop);
        ds_spawn(loop, send_four, stream);
        ds_spawn(loop, receive_four, stream);
        ck_run_once(loop, DS_OK, NULL);
        n += strcmp(noted(), "abcd") == 0;
        note_clear();
    }
    return n;
}

START_TEST(the_ties_of_the_environment_override)
{
    setenv("DISTSYS_TIES", "fifo", 1);
    ck_assert_int_eq(runs_in_fifo_order(DS_TIES_RANDOM), 20);
    setenv("DISTSYS_TIES", "random", 1);
    ck_assert_int_lt(runs_in_fifo_order(DS_TIES_FIFO), 10);
    unsetenv("DISTSYS_TIES");
    ck_assert_int_eq(runs_in_fifo_order(DS_TIES_FIFO), 20);
    ck_assert_int_lt(runs_in_fifo_order(DS_TIES_RANDOM), 10);
}
END_TEST

START_TEST(threads_of_the_environment_are_known)
{
    setenv("DISTSYS_EXEC", "threads", 1);
    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, say, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@0 ");
}
END_TEST

static const struct {
    const char *name, *value;
} bad_env[] = {
    { "DISTSYS_SEED", "abc" },
    { "DISTSYS_SEED", "" },
    { "DISTSYS_SEED", " 1" },
    { "DISTSYS_SEED", "0x" },
    { "DISTSYS_SEED", "0xg" },
    { "DISTSYS_SEED", "0x-1" },
    { "DISTSYS_SEED", "0x10000000000000000" },
    { "DISTSYS_EXEC", "" },
    { "DISTSYS_TIES", "" },
    { "DISTSYS_PIN", "2" },
    { "DISTSYS_ABORT", "yes" },
    { "DISTSYS_STALL", "-1" },
    { "DISTSYS_STALL", "nan" },
    { "DISTSYS_STALL", "1s" },
    { "DISTSYS_SEED", "12x" },
    { "DISTSYS_SEED", "1.5" },
    { "DISTSYS_SEED", "-1" },
    { "DISTSYS_SEED", "18446744073709551616" },
    { "DISTSYS_EXEC", "processes" },
    { "DISTSYS_EXEC", "Threads" },
    { "DISTSYS_EXEC", "threads " },
    { "DISTSYS_TIES", "lifo" },
    { "DISTSYS_TIES", "fifo,random" },
};
enum { num_bad_env = sizeof(bad_env) / sizeof(*bad_env) };

START_TEST(a_value_of_the_environment_that_nobody_knows_is_misuse)
{
    setenv(bad_env[_i].name, bad_env[_i].value, 1);
    ds_loop *loop = ds_loop_new(NULL);
    ck_assert_ptr_nonnull(loop);
    ds_spawn(loop, say, "never");
    ck_run(loop, DS_EMISUSE, bad_env[_i].name);
    ck_contains(ds_loop_error(loop), bad_env[_i].value);
    ds_loop_free(loop);
    ck_noted("");
}
END_TEST

START_TEST(a_program_may_ignore_the_environment)
{
    const ds_loop_config config = {
        .seed = 5,
        .ties = DS_TIES_FIFO,
        .exec = DS_FIBERS,
        .stall = 7,
        .ignore_environment = true,
    };

    for (size_t i = 0; i < num_bad_env; i++)
        setenv(bad_env[i].name, bad_env[i].value, 1);
    ds_loop *loop = ds_loop_new(&config);
    ds_spawn(loop, say, "a");
    const ds_loop_config *used = ds_loop_config_of(loop);
    ck_assert_uint_eq(used->seed, 5);
    ck_assert_int_eq(used->ties, DS_TIES_FIFO);
    ck_assert_int_eq(used->exec, DS_FIBERS);
    ck_assert_double_eq(used->stall, 7);
    ck_assert(used->ignore_environment);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@0 ");
}
END_TEST

START_TEST(a_loop_tells_what_it_uses)
{
    setenv("DISTSYS_SEED", "0xfedcba9876543210", 1);
    setenv("DISTSYS_EXEC", "fibers", 1);
    setenv("DISTSYS_TIES", "fifo", 1);
    setenv("DISTSYS_STALL", "1e3", 1);
    ds_loop *loop = ds_loop_new(
        &(ds_loop_config){ .seed = 3, .stack_size = 100001, .time_limit = -1 });
    const ds_loop_config *used = ds_loop_config_of(loop);
    ck_assert_uint_eq(used->seed, UINT64_C(0xfedcba9876543210));
    ck_assert_int_eq(used->exec, DS_FIBERS);
    ck_assert_int_eq(used->ties, DS_TIES_FIFO);
    ck_assert_double_eq(used->stall, 1e3);
    ck_assert_uint_ge(used->stack_size, 100001);
    ck_assert_double_eq(used->time_limit, 0);
    ds_loop_free(loop);

    loop = ds_loop_new(&(ds_loop_config){ .ignore_environment = true });
    ck_assert_uint_eq(ds_loop_config_of(loop)->stack_size, 256 * 1024);
    ds_loop_free(loop);
    ck_assert_uint_eq(ds_loop_config_of(NULL)->stack_size, 0);
}
END_TEST

static const ds_loop_config bad_config[] = {
    { .ties = (ds_ties)2 },      { .exec = (ds_exec)2 },
    { .ties = (ds_ties)-1 },     { .exec = (ds_exec)-1 },
    { .time_limit = -1 },        { .time_limit = NAN },
    { .time_limit = -INFINITY },
};
static const char *const bad_field[] = {
    "ties", "exec", "ties", "exec", "time_limit", "time_limit", "time_limit",
};
enum { num_bad_config = sizeof(bad_config) / sizeof(*bad_config) };

START_TEST(a_value_of_the_configuration_that_nobody_knows_is_misuse)
{
    unsetenv("DISTSYS_EXEC");
    ds_loop *loop = ds_loop_new(&bad_config[_i]);
    ck_assert_ptr_nonnull(loop);
    ds_spawn(loop, say, "never");
    ck_run_once(loop, DS_EMISUSE, bad_field[_i]);
    ck_noted("");
}
END_TEST

/* ThreadSanitizer takes most of a stack for itself. */
#ifdef __SANITIZE_THREAD__
enum { stack_used = 16 * 1024 };
#else
enum { stack_used = 192 * 1024 };
#endif

static void use_stack(ds_handle *h, void *arg)
{
    volatile char big[stack_used];
    for (size_t i = 0; i < sizeof(big); i += 1024)
        big[i] = 1;
    note("%d@%g ", big[1024], ds_now(h));
}

START_TEST(the_default_stack_holds_most_of_256_kib)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, use_stack, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1@0 ");
}
END_TEST

START_TEST(a_field_that_was_refused_has_its_default_in_the_next_run)
{
    unsetenv("DISTSYS_EXEC");
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .ties = (ds_ties)2,
        .exec = (ds_exec)2,
        .stack_size = 1,
        .time_limit = -1,
        .stall = -1,
    });
    ck_run(loop, DS_EMISUSE, NULL);
    ds_spawn(loop, use_stack, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1@0 ");
}
END_TEST

static void use_large_stack(ds_handle *h, void *arg)
{
    volatile char big[4 << 20];
    for (size_t i = 0; i < sizeof(big); i += 1024)
        big[i] = 1;
    note("%d ", big[1024]);
}

START_TEST(a_larger_stack_may_be_asked_for)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .stack_size = 5 << 20 });
    ds_spawn(loop, use_large_stack, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1 ");
}
END_TEST

START_TEST(a_stack_size_need_not_be_a_number_of_pages)
{
    static const size_t sizes[] = { 65535, 65537, 300001 };
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .stack_size = sizes[_i] });
    ds_spawn(loop, say, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@0 ");
}
END_TEST

START_TEST(a_stack_too_small_for_the_system_is_misuse)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .stack_size = 100 });
    ds_spawn(loop, say, "never");
    ck_run_once(loop, DS_EMISUSE, "stack_size is 100");
    ck_noted("");
}
END_TEST

static const size_t impossible_sizes[] = { (size_t)1 << 60, SIZE_MAX - 4096,
                                           SIZE_MAX };

START_TEST(a_stack_that_the_system_has_no_room_for_is_misuse)
{
    char text[64];
    const size_t size = impossible_sizes[_i / 2];
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .stack_size = size,
        .exec = (ds_exec)(_i % 2),
    });

    snprintf(text, sizeof(text), "ds_loop_new: stack_size is %zu;", size);
    ds_spawn(loop, say, "never");
    ck_run_once(loop, DS_EMISUSE, text);
    ck_noted("");
}
END_TEST

/* ---- Running again --------------------------------------------------------*/

START_TEST(the_clock_goes_on_in_the_next_run)
{
    double seconds = 2.5;
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, sleep_arg, &seconds);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 2.5);
    ds_spawn(loop, sleep_arg, &seconds);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 5);
    ds_loop_free(loop);
    ck_noted("slept@2.5 slept@5 ");
}
END_TEST

START_TEST(a_thread_runs_in_one_run_only)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, say, "a");
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, say, "b");
    ck_run(loop, DS_OK, NULL);
    ds_loop_free(loop);
    ck_noted("a@0 b@0 ");
}
END_TEST

static void send_now_and_later(ds_handle *h, void *arg)
{
    ds_schedule(h, arg, 0, "first", NULL);
    ds_schedule(h, arg, 7, "second", NULL);
    ds_sleep(h, 3);
}

START_TEST(undelivered_events_stay_queued_for_the_next_run)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *stream = ds_stream_new(loop);

    ds_spawn(loop, send_now_and_later, stream);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 3);

    ds_spawn(loop, receive, stream);
    ck_run(loop, DS_OK, NULL);
    ck_noted("got first@3 ");
    ds_spawn(loop, receive, stream);
    ck_run(loop, DS_OK, NULL);
    ck_noted("got second@7 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_run_ends_when_its_threads_do_and_leaves_later_events_alone)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *stream = ds_stream_new(loop);

    ds_spawn(loop, send_now_and_later, stream);
    ck_run(loop, DS_OK, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 3);
    ds_loop_free(loop);
}
END_TEST

START_TEST(the_failure_reported_is_forgotten)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, break_down, "broken");
    ck_run(loop, DS_FAILED, "broken");
    ck_assert_str_eq(ds_loop_error(loop), "broken");
    ds_spawn(loop, say, "a");
    ck_run(loop, DS_OK, NULL);
    ds_loop_free(loop);
    ck_noted("a@0 ");
}
END_TEST

START_TEST(an_error_stays_readable_until_the_next_run)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, break_down, "broken");
    ck_run(loop, DS_FAILED, NULL);
    const char *text = ds_loop_error(loop);
    ds_spawn(loop, say, "a");
    ds_stream_new(loop);
    ck_assert_str_eq(text, "broken");
    ck_assert_str_eq(ds_loop_error(loop), "broken");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_failure_before_the_run_is_reported_at_once_and_nothing_starts)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, say, "before");
    ck_assert_ptr_null(ds_random_net_new(loop, -1));
    ds_spawn(loop, say, "after");
    ck_run(loop, DS_EMISUSE, "ds_random_net_new");
    ck_assert(ds_loop_now(loop) == 0);
    ck_noted("");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_failure_before_the_run_is_forgotten_once_reported)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_random_net_new(loop, NAN);
    ck_run(loop, DS_EMISUSE, NULL);
    ds_spawn(loop, say, "a");
    ck_run(loop, DS_OK, NULL);
    ck_noted("a@0 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_thread_that_a_failure_kept_from_starting_never_starts)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, say, "old");
    ds_random_net_new(loop, NAN);
    ck_run(loop, DS_EMISUSE, NULL);
    ds_spawn(loop, say, "new");
    ck_run(loop, DS_OK, NULL);
    ck_noted("new@0 ");
    ds_loop_free(loop);
}
END_TEST

/* ---- Limits ---------------------------------------------------------------*/

static ds_loop *limited(double time, uint64_t events)
{
    return ds_loop_new(
        &(ds_loop_config){ .time_limit = time, .event_limit = events });
}

START_TEST(an_event_at_exactly_the_time_limit_happens)
{
    double seconds = 10;
    ds_loop *loop = limited(10, 0);

    ds_spawn(loop, sleep_arg, &seconds);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 10);
    ds_loop_free(loop);
    ck_noted("slept@10 ");
}
END_TEST

START_TEST(an_event_after_the_time_limit_is_refused_and_the_clock_stays)
{
    int ticks = 100;
    ds_loop *loop = limited(3.5, 0);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_LIMIT, "3.5");
    ck_assert(ds_loop_now(loop) == 3);
    ck_noted("1 2 3 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(the_event_just_after_the_time_limit_is_refused)
{
    double seconds = nextafter(10, 11);
    ds_loop *loop = limited(10, 0);

    ds_spawn(loop, sleep_arg, &seconds);
    ck_run(loop, DS_LIMIT, NULL);
    ck_assert(ds_loop_now(loop) == 0);
    ds_loop_free(loop);
    ck_noted("over@0 ");
}
END_TEST

START_TEST(the_time_limit_counts_from_the_beginning_of_the_loop)
{
    int ticks = 3;
    ds_loop *loop = limited(5, 0);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_OK, NULL);
    ticks = 3;
    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_LIMIT, NULL);
    ck_assert(ds_loop_now(loop) == 5);
    ck_noted("1 2 3 4 5 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(an_event_limit_of_n_lets_n_events_happen)
{
    int ticks = 100;
    ds_loop *loop = limited(0, 5);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_LIMIT, "5");
    ck_assert(ds_loop_now(loop) == 5);
    ck_noted("1 2 3 4 5 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_run_that_needs_exactly_its_event_limit_succeeds)
{
    int ticks = 5;
    ds_loop *loop = limited(0, 5);

    ds_spawn(loop, tick, &ticks);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1 2 3 4 5 ");
}
END_TEST

START_TEST(the_event_limit_counts_from_the_beginning_of_the_loop)
{
    int ticks = 3;
    ds_loop *loop = limited(0, 5);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_OK, NULL);
    ticks = 3;
    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_LIMIT, NULL);
    ck_noted("1 2 3 4 5 ");
    ds_loop_free(loop);
}
END_TEST

/* ---- An instant that does not end -----------------------------------------*/

static void send_three_twice(ds_handle *h, void *arg)
{
    for (int i = 0; i < 2; i++) {
        ds_sleep(h, 1);
        for (int k = 0; k < 3; k++)
            ds_schedule(h, arg, 0.5, NULL, NULL);
    }
    ds_sleep(h, 1);
}

static void look_at_nothing(void *arg)
{
}

/* Neighbours at 1e9 s are 1.2e-7 s apart. */
static void sleep_long_and_shortly(ds_handle *h, void *arg)
{
    ds_event event;
    double since;

    ds_sleep(h, 1e9);
    since = ds_now(h);
    ds_sleep(h, 1e-8);
    note(ds_now(h) > since ? "later " : "now ");
    since = ds_now(h);
    ds_poll_timeout(h, NULL, 0, 1e-300, &event);
    note(ds_now(h) > since ? "later " : "now ");
    since = ds_now(h);
    ds_compute(h, 1e-9, look_at_nothing, NULL);
    note(ds_now(h) > since ? "later " : "now ");
}

static ds_stream *to_ping, *to_pong;

static void ping(ds_handle *h, void *arg)
{
    ds_event ball;

    ds_set_name(h, "ping");
    ds_sleep(h, 2.5);
    do
        ds_schedule(h, to_pong, 0, NULL, NULL);
    while (ds_poll(h, to_ping, &ball));
}

static void pong(ds_handle *h, void *arg)
{
    ds_event ball;

    ds_set_name(h, "pong");
    while (ds_poll(h, to_pong, &ball))
        ds_schedule(h, to_ping, 0, NULL, NULL);
}

static void wait_for_3(ds_handle *h, void *arg)
{
    ds_set_name(h, "innocent");
    ds_sleep(h, 3);
}

static void poll_for_nothing(ds_handle *h, void *arg)
{
    ds_stream *never = arg;
    ds_event event;

    while (ds_poll_timeout(h, &never, 1, 0, &event))
        continue;
}

static void sleep_for_nothing(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0))
        continue;
}

static void halve(ds_handle *h, void *arg)
{
    for (double d = 0.5; ds_sleep(h, d); d /= 2)
        continue;
}

static void compute_nothing(ds_handle *h, void *arg)
{
    while (ds_compute(h, 0, look_at_nothing, NULL))
        continue;
}

static void spawn_another(ds_handle *h, void *arg)
{
    ds_spawn(ds_handle_loop(h), spawn_another, arg);
}

static const struct {
    ds_thread_fn *body;
    const char *call; /* what the report says of it */
} standing[] = {
    { poll_for_nothing, "thread 1 waits in ds_poll_timeout" },
    { sleep_for_nothing, "thread 1 waits in ds_sleep, since 0 s" },
    { halve, "thread 1 waits in ds_sleep, since 1 s" },
    { compute_nothing, "thread 1 is in ds_compute" },
    { spawn_another, "has ended" },
};
enum { num_standing = sizeof(standing) / sizeof(*standing) };

START_TEST(a_clock_that_stands_still_ends_the_run_and_names_the_call)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .instant_limit = 10000 });
    ds_stream *never = ds_stream_new(loop);

    ds_spawn(loop, standing[_i].body, never);
    ck_run(loop, DS_LIMIT, "the clock stands still at ");
    ck_contains(ds_loop_error(loop), "the limit of 10000 events");
    ck_contains(ds_loop_error(loop), standing[_i].call);
    ds_loop_free(loop);
}
END_TEST

static ds_loop *at_play(const ds_loop_config *config)
{
    ds_loop *loop = ds_loop_new(config);

    to_ping = ds_stream_new(loop);
    to_pong = ds_stream_new(loop);
    ds_spawn(loop, ping, NULL);
    ds_spawn(loop, pong, NULL);
    ds_spawn(loop, wait_for_3, NULL);
    return loop;
}

START_TEST(a_game_without_delay_ends_and_names_its_players)
{
    ds_loop *loop = at_play(&(ds_loop_config){ .instant_limit = 1000 });

    ck_run(loop, DS_LIMIT, "stands still at 2.5 s");
    ck_contains(ds_loop_error(loop), "\"ping\" waits in ds_poll for stream 1");
    ck_contains(ds_loop_error(loop), "\"pong\" waits in ds_poll for stream 2");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "innocent"));
    ds_loop_free(loop);
}
END_TEST

START_TEST(an_event_limit_names_who_was_at_work)
{
    ds_loop *loop = at_play(&(ds_loop_config){ .event_limit = 1000 });

    ck_run(loop, DS_LIMIT, "the limit of 1000 events, at 2.5 s");
    ck_contains(ds_loop_error(loop), "\"ping\"");
    ck_contains(ds_loop_error(loop), "\"pong\"");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "innocent"));
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_clock_that_stands_still_ends_the_run_by_default)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });

    ds_spawn(loop, sleep_for_nothing, NULL);
    ck_run_once(loop, DS_LIMIT, "the limit of 10000000 events");
}
END_TEST

/* Its own start is one, too. */
START_TEST(an_instant_limit_of_n_lets_n_things_happen_at_each_instant)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .instant_limit = 3 });
    ds_stream *letters = ds_stream_new(loop);

    ds_spawn(loop, send_three_twice, letters);
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, send_three_twice, letters);
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, send_four, letters);
    ds_spawn(loop, wait_for_3, NULL);
    ck_run_once(loop, DS_LIMIT, "the limit of 3 events");
}
END_TEST

START_TEST(a_span_that_is_too_short_for_the_clock_moves_it)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, sleep_long_and_shortly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("later later later ");
}
END_TEST

START_TEST(a_limit_once_reached_stays_reached)
{
    int ticks = 100;
    ds_loop *loop = limited(2, 0);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_LIMIT, NULL);
    for (int i = 0; i < 3; i++) {
        ticks = 1;
        ds_spawn(loop, tick, &ticks);
        ck_run(loop, DS_LIMIT, NULL);
        ck_assert(ds_loop_now(loop) == 2);
    }
    ck_noted("1 2 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(threads_without_events_run_in_spite_of_a_limit_reached)
{
    int ticks = 2;
    ds_loop *loop = limited(0, 2);

    ds_spawn(loop, tick, &ticks);
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, say, "a");
    ck_run(loop, DS_OK, NULL);
    ck_noted("1 2 a@2 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_deadlock_at_the_limit_is_a_deadlock)
{
    int ticks = 2;
    ds_loop *loop = limited(2, 2);

    ds_spawn(loop, tick, &ticks);
    ds_spawn(loop, receive, ds_stream_new(loop));
    ck_run_once(loop, DS_DEADLOCK, NULL);
    ck_noted("1 2 ");
}
END_TEST

static void send_counted(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ds_schedule(h, arg, i, &freed[i], count_free);
    ds_sleep(h, 10);
}

START_TEST(arrivals_count_for_the_event_limit_even_if_nobody_waits)
{
    ds_loop *loop = limited(0, 2);

    ds_spawn(loop, send_counted, ds_stream_new(loop));
    ck_run(loop, DS_LIMIT, NULL);
    ck_assert(ds_loop_now(loop) == 1);
    ds_loop_free(loop);
    ck_each_freed_once(3);
}
END_TEST

static void count_pending(ds_handle *h, void *arg)
{
    ds_event event;
    while (ds_poll_timeout(h, (ds_stream *[]){ arg }, 1, 0, &event) &&
           event.stream != NULL) {
        note("got %d ", (int)((int *)event.data - freed));
        ds_event_drop(&event);
    }
}

START_TEST(a_refused_event_stays_queued_and_is_freed_with_the_loop)
{
    ds_loop *loop = limited(1.5, 0);
    ds_stream *stream = ds_stream_new(loop);

    ds_spawn(loop, send_counted, stream);
    ck_run(loop, DS_LIMIT, NULL);
    ck_assert(ds_loop_now(loop) == 1);
    ck_assert_int_eq(freed[2], 0);
    ds_spawn(loop, count_pending, stream);
    ck_run(loop, DS_OK, NULL);
    ck_noted("got 0 got 1 ");
    ck_assert_int_eq(freed[2], 0);
    ds_loop_free(loop);
    ck_each_freed_once(3);
}
END_TEST

/* ---- Running a running loop -----------------------------------------------*/

static void run_again(ds_handle *h, void *arg)
{
    note("%s ", ds_strstatus(ds_loop_run(ds_handle_loop(h))));
    note(ds_sleep(h, 1) ? "slept " : "over ");
}

START_TEST(running_a_running_loop_is_misuse)
{
    ds_loop *loop = ds_loop_new(NULL);
    char want[100];

    ds_spawn(loop, run_again, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_loop_run");
    snprintf(want, sizeof(want), "%s over ", ds_strstatus(DS_EMISUSE));
    ck_noted(want);
}
END_TEST

static void free_running(ds_handle *h, void *arg)
{
    ds_loop_free(ds_handle_loop(h));
    note(ds_sleep(h, 1) ? "slept " : "over ");
}

START_TEST(freeing_a_running_loop_is_misuse)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, free_running, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_loop_free");
    ck_noted("over ");
}
END_TEST

/* ---- Payloads -------------------------------------------------------------*/

static void leave_payloads(ds_handle *h, void *arg)
{
    ds_stream *stream = arg;

    ds_schedule(h, stream, 0, &freed[0], count_free);   /* will be pending */
    ds_schedule(h, stream, 0.5, &freed[1], count_free); /* so will this */
    ds_schedule(h, stream, 9, &freed[2], count_free);   /* still to come */
    ds_schedule(h, stream, 9, NULL, NULL);
    ds_sleep(h, 1);
}

START_TEST(payloads_in_flight_are_freed_exactly_once_with_the_loop)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, leave_payloads, ds_stream_new(loop));
    ck_run(loop, DS_OK, NULL);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(freed[i], 0);
    ds_loop_free(loop);
    ck_each_freed_once(3);
}
END_TEST

static void keep_payload(ds_handle *h, void *arg)
{
    ds_event event;
    ck_assert(ds_poll(h, arg, &event));
    ck_assert_ptr_eq(event.data, &freed[0]);
    ck_assert(event.free == count_free);
    ck_assert_ptr_eq(event.stream, arg);
}

static void send_one(ds_handle *h, void *arg)
{
    ds_schedule(h, arg, 1, &freed[0], count_free);
}

START_TEST(a_payload_received_belongs_to_the_receiver)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *stream = ds_stream_new(loop);

    ds_spawn(loop, keep_payload, stream);
    ds_spawn(loop, send_one, stream);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(freed[0], 0);
}
END_TEST

START_TEST(dropping_an_event_frees_its_payload_once_and_clears_it)
{
    ds_event event = { .data = &freed[0], .free = count_free };

    ds_event_drop(&event);
    ck_assert_int_eq(freed[0], 1);
    ck_assert_ptr_null(event.data);
    ck_assert(event.free == NULL);
    ck_assert_ptr_null(event.stream);
    ds_event_drop(&event);
    ck_assert_int_eq(freed[0], 1);
}
END_TEST

START_TEST(dropping_a_payload_without_a_free_function_frees_nothing)
{
    int data = 0;
    ds_event event = { .data = &data };

    ds_event_drop(&event);
    ck_assert_ptr_null(event.data);
}
END_TEST

/* ---- Several loops --------------------------------------------------------*/

static void chatter(ds_handle *h, void *arg)
{
    ds_stream *stream = arg;
    ds_event event;

    for (int i = 0; i < 200; i++) {
        ds_schedule(h, stream, ds_random(h), NULL, NULL);
        if (!ds_poll(h, stream, &event))
            return;
    }
}

static uint64_t digest_of_chatter(void)
{
    ds_loop *loop = loop_seeded(3);
    ds_stream *stream = ds_stream_new(loop);
    for (int i = 0; i < 5; i++)
        ds_spawn(loop, chatter, stream);

    const ds_status status = ds_loop_run(loop);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return status == DS_OK ? digest : 0;
}

static void *chatter_beside(void *digest)
{
    for (int i = 0; i < 5; i++)
        *(uint64_t *)digest = digest_of_chatter();
    return NULL;
}

START_TEST(two_loops_run_beside_each_other_in_two_threads)
{
    const uint64_t alone = digest_of_chatter();
    uint64_t beside[3] = { 0 };
    pthread_t threads[3];

    ck_assert(alone != 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, chatter_beside, &beside[i]), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        ck_assert(beside[i] == alone);
    }
}
END_TEST

static void run_inner(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    *(uint64_t *)arg = digest_of_chatter();
    note("now %g ", ds_now(h));
    ds_sleep(h, 1);
    note("now %g ", ds_now(h));
}

START_TEST(a_loop_runs_inside_a_body_of_another)
{
    const uint64_t alone = digest_of_chatter();
    uint64_t inner = 0;
    int ticks = 2;
    ds_loop *loop = loop_fifo();

    ds_spawn(loop, run_inner, &inner);
    ds_spawn(loop, tick, &ticks);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(inner == alone);
    ck_noted("now 1 1 now 2 2 ");
}
END_TEST

START_TEST(two_loops_alternate_without_knowing_each_other)
{
    double one = 1, ten = 10;
    ds_loop *a = ds_loop_new(NULL), *b = ds_loop_new(NULL);

    for (int i = 0; i < 3; i++) {
        ds_spawn(a, sleep_arg, &one);
        ds_spawn(b, sleep_arg, &ten);
        ck_run(a, DS_OK, NULL);
        ck_run(b, DS_OK, NULL);
    }
    ds_loop_free(a);
    ds_loop_free(b);
    ck_noted("slept@1 slept@10 slept@2 slept@20 slept@3 slept@30 ");
}
END_TEST

/* ---- Names and handles ----------------------------------------------------*/

START_TEST(the_name_of_a_stream_is_copied)
{
    char name[] = "letters";
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *stream = ds_stream_new(loop);

    ds_stream_set_name(stream, name);
    memset(name, 'x', sizeof(name) - 1);
    ds_spawn(loop, receive, stream);
    ck_run_once(loop, DS_DEADLOCK, "letters");
}
END_TEST

START_TEST(a_stream_can_be_named_again)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *stream = ds_stream_new(loop);

    ds_stream_set_name(stream, "first");
    ds_stream_set_name(stream, "second");
    ds_spawn(loop, receive, stream);
    ck_run(loop, DS_DEADLOCK, "second");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "first"));
    ds_loop_free(loop);
}
END_TEST

static void check_loop(ds_handle *h, void *arg)
{
    ck_assert_ptr_eq(ds_handle_loop(h), arg);
    ck_assert(ds_loop_now(arg) == ds_now(h));
    ds_sleep(h, 4);
    ck_assert(ds_now(h) == 4);
    ck_assert(ds_loop_now(arg) == 4);
}

START_TEST(a_handle_knows_its_loop)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, check_loop, loop);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void make_during_run(ds_handle *h, void *arg)
{
    ds_stream *stream = ds_stream_new(ds_handle_loop(h));
    ds_event event;

    ds_stream_set_name(stream, "late");
    ds_schedule(h, stream, 1, "x", NULL);
    ck_assert(ds_poll(h, stream, &event));
    note("%s@%g ", (const char *)event.data, ds_now(h));
}

START_TEST(streams_can_be_made_during_a_run)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, make_during_run, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("x@1 ");
}
END_TEST

/* ---- Digests --------------------------------------------------------------*/

static uint64_t digest_of_sleeps(int threads, double seconds)
{
    ds_loop *loop = ds_loop_new(NULL);
    for (int i = 0; i < threads; i++)
        ds_spawn(loop, i == threads - 1 ? sleep_arg : nothing, &seconds);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    note_clear();
    return digest;
}

START_TEST(a_digest_tells_times_apart)
{
    ck_assert(digest_of_sleeps(1, 1) == digest_of_sleeps(1, 1));
    ck_assert(digest_of_sleeps(1, 1) != digest_of_sleeps(1, 2));
    ck_assert(digest_of_sleeps(1, 1) != digest_of_sleeps(1, 1 + 0x1p-52));
}
END_TEST

START_TEST(a_digest_tells_threads_apart)
{
    ck_assert(digest_of_sleeps(1, 1) != digest_of_sleeps(2, 1));
}
END_TEST

static void ring_and_poll(ds_handle *h, void *arg)
{
    ds_event event;
    ring(h, arg, 1);
    ds_poll(h, arg, &event);
}

static uint64_t digest_of_stream(int which)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *streams[] = { ds_stream_new(loop), ds_stream_new(loop) };
    ds_spawn(loop, ring_and_poll, streams[which]);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

START_TEST(a_digest_tells_streams_apart)
{
    ck_assert(digest_of_stream(0) == digest_of_stream(0));
    ck_assert(digest_of_stream(0) != digest_of_stream(1));
    ck_assert(digest_of_stream(0) != digest_of_sleeps(1, 1));
}
END_TEST

static void time_out(ds_handle *h, void *arg)
{
    ds_event event;
    ds_poll_timeout(h, (ds_stream *[]){ arg }, 1, 1, &event);
}

START_TEST(a_timeout_counts_like_a_sleep)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_spawn(loop, time_out, ds_stream_new(loop));
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_digest(loop) == digest_of_sleeps(1, 1));
    ds_loop_free(loop);
}
END_TEST

START_TEST(an_event_that_nobody_received_is_not_in_the_digest)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, send_now_and_later, ds_stream_new(loop));
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_digest(loop) == digest_of_sleeps(1, 3));
    ds_loop_free(loop);
}
END_TEST

START_TEST(the_digest_goes_on_over_runs)
{
    double one = 1;
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, sleep_arg, &one);
    ck_run(loop, DS_OK, NULL);
    const uint64_t first = ds_loop_digest(loop);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_digest(loop) == first);
    ds_spawn(loop, sleep_arg, &one);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_digest(loop) != first);
    ds_loop_free(loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_fresh_loop_stands_at_0_without_an_error);
    tcase_add_test(tc, a_loop_without_threads_runs_to_its_end);
    tcase_add_test(tc, a_loop_that_never_ran_can_be_freed);
    tcase_add_test(tc, freeing_no_loop_is_allowed);
    tcase_add_test(tc, a_null_loop_reports_no_memory);
    tcase_add_test(tc, building_on_a_null_loop_does_nothing);
    tcase_add_test(tc, a_null_loop_can_be_asked_about);

    tcase_add_test(tc, no_configuration_means_all_defaults);
    tcase_add_test(tc, the_default_seed_is_fixed);
    tcase_add_test(tc, the_seed_of_the_environment_overrides);
    tcase_add_test(tc, a_seed_of_the_environment_may_have_64_bits);
    tcase_add_test(tc, a_seed_of_the_environment_is_decimal);
    tcase_add_test(tc, the_ties_of_the_environment_override);
    tcase_add_test(tc, threads_of_the_environment_are_known);
    tcase_add_loop_test(tc,
                        a_value_of_the_environment_that_nobody_knows_is_misuse,
                        0, num_bad_env);
    tcase_add_loop_test(
        tc, a_value_of_the_configuration_that_nobody_knows_is_misuse, 0,
        num_bad_config);
    tcase_add_test(tc, the_default_stack_holds_most_of_256_kib);
    tcase_add_test(tc, a_larger_stack_may_be_asked_for);
    tcase_add_test(tc,
                   a_field_that_was_refused_has_its_default_in_the_next_run);
    tcase_add_loop_test(tc, a_stack_size_need_not_be_a_number_of_pages, 0, 3);
    tcase_add_loop_test(tc, a_stack_that_the_system_has_no_room_for_is_misuse,
                        0, 6);
    tcase_add_test(tc, a_stack_too_small_for_the_system_is_misuse);

    tcase_add_test(tc, the_clock_goes_on_in_the_next_run);
    tcase_add_test(tc, a_thread_runs_in_one_run_only);
    tcase_add_test(tc, undelivered_events_stay_queued_for_the_next_run);
    tcase_add_test(
        tc, a_run_ends_when_its_threads_do_and_leaves_later_events_alone);
    tcase_add_test(tc, the_failure_reported_is_forgotten);
    tcase_add_test(tc, a_program_may_ignore_the_environment);
    tcase_add_test(tc, a_loop_tells_what_it_uses);
    tcase_add_test(tc, an_error_stays_readable_until_the_next_run);
    tcase_add_test(
        tc, a_failure_before_the_run_is_reported_at_once_and_nothing_starts);
    tcase_add_test(tc, a_failure_before_the_run_is_forgotten_once_reported);
    tcase_add_test(tc, a_thread_that_a_failure_kept_from_starting_never_starts);

    tcase_add_test(tc, an_event_at_exactly_the_time_limit_happens);
    tcase_add_test(
        tc, an_event_after_the_time_limit_is_refused_and_the_clock_stays);
    tcase_add_test(tc, the_event_just_after_the_time_limit_is_refused);
    tcase_add_test(tc, the_time_limit_counts_from_the_beginning_of_the_loop);
    tcase_add_test(tc, an_event_limit_of_n_lets_n_events_happen);
    tcase_add_test(tc, a_run_that_needs_exactly_its_event_limit_succeeds);
    tcase_add_test(tc, the_event_limit_counts_from_the_beginning_of_the_loop);
    tcase_add_loop_test(
        tc, a_clock_that_stands_still_ends_the_run_and_names_the_call, 0,
        num_standing);
    tcase_add_test(tc, a_game_without_delay_ends_and_names_its_players);
    tcase_add_test(tc, an_event_limit_names_who_was_at_work);
    tcase_add_test(tc, a_clock_that_stands_still_ends_the_run_by_default);
    tcase_add_test(tc,
                   an_instant_limit_of_n_lets_n_things_happen_at_each_instant);
    tcase_add_test(tc, a_span_that_is_too_short_for_the_clock_moves_it);
    tcase_add_test(tc, a_limit_once_reached_stays_reached);
    tcase_add_test(tc, threads_without_events_run_in_spite_of_a_limit_reached);
    tcase_add_test(tc, a_deadlock_at_the_limit_is_a_deadlock);
    tcase_add_test(tc, arrivals_count_for_the_event_limit_even_if_nobody_waits);
    tcase_add_test(tc, a_refused_event_stays_queued_and_is_freed_with_the_loop);

    tcase_add_test(tc, running_a_running_loop_is_misuse);
    tcase_add_test(tc, freeing_a_running_loop_is_misuse);

    tcase_add_test(tc, payloads_in_flight_are_freed_exactly_once_with_the_loop);
    tcase_add_test(tc, a_payload_received_belongs_to_the_receiver);
    tcase_add_test(tc, dropping_an_event_frees_its_payload_once_and_clears_it);
    tcase_add_test(tc,
                   dropping_a_payload_without_a_free_function_frees_nothing);

    tcase_add_test(tc, two_loops_run_beside_each_other_in_two_threads);
    tcase_add_test(tc, a_loop_runs_inside_a_body_of_another);
    tcase_add_test(tc, two_loops_alternate_without_knowing_each_other);

    tcase_add_test(tc, the_name_of_a_stream_is_copied);
    tcase_add_test(tc, a_stream_can_be_named_again);
    tcase_add_test(tc, a_handle_knows_its_loop);
    tcase_add_test(tc, streams_can_be_made_during_a_run);

    tcase_add_test(tc, a_digest_tells_times_apart);
    tcase_add_test(tc, a_digest_tells_threads_apart);
    tcase_add_test(tc, a_digest_tells_streams_apart);
    tcase_add_test(tc, a_timeout_counts_like_a_sleep);
    tcase_add_test(tc, an_event_that_nobody_received_is_not_in_the_digest);
    tcase_add_test(tc, the_digest_goes_on_over_runs);
}

int main(void)
{
    return harness_main("loop", add);
}
