/* Lives of machines: boot, crash, restart, pause, clocks, crash points, and
 * the memory of a life. */

#include "stage.h"

#include <distsys.h>

static ds_loop *loop;
static ds_node *node[3];
static ds_port *port[3];
static ds_net *net;
static ds_stream *stream;

/* Three machines on a network that takes a second for each message. */
static void wire_send(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(self, 1, msgs[i]);
}

static void wire_free(ds_net *self)
{
    free(self);
}

static const ds_net_ops wire = { .name = "wire",
                                 .send = wire_send,
                                 .free = wire_free };

static void begin(void)
{
    setenv("DISTSYS_CHECK", "1", 1);
    loop = loop_fifo();
    for (int i = 0; i < 3; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_net_init(calloc(1, sizeof(*net)), loop, &wire);
    stream = ds_stream_new(loop);
}

static void sleep_to(ds_handle *h, double time)
{
    ds_sleep(h, time - ds_now(h));
}

/* ---- Bodies ---------------------------------------------------------------*/

static void tick(ds_handle *h, void *name)
{
    note("%s%llu:boot ", (char *)name,
         (unsigned long long)ds_node_life(ds_handle_node(h)));
    while (ds_sleep(h, 1))
        note("%s%g ", (char *)name, ds_now(h));
    note("%s:over ", (char *)name);
}

static void crash_and_restart(ds_handle *h, void *arg)
{
    sleep_to(h, 1.5);
    ds_node_crash(node[0]);
    note("down%d ", ds_node_is_up(node[0]));
    sleep_to(h, 3.5);
    ds_node_restart(node[0]);
    note("up%d ", ds_node_is_up(node[0]));
    sleep_to(h, 5);
    ds_stop(h);
}

/* ---- Crash and restart ----------------------------------------------------*/

START_TEST(a_machine_boots_again_after_a_restart)
{
    begin();
    ds_node_boot(node[0], tick, "a");
    ds_spawn(loop, crash_and_restart, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("a0:boot a1 down0 a:over up1 a1:boot a4.5 a:over ");
}
END_TEST

static void restart_at_2(ds_handle *h, void *arg)
{
    sleep_to(h, 2.5);
    ds_node_restart(node[0]);
    note("again ");
    sleep_to(h, 4);
    ds_stop(h);
}

START_TEST(a_restart_crashes_a_machine_that_is_up)
{
    begin();
    ds_node_boot(node[0], tick, "a");
    ds_spawn(loop, restart_at_2, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("a0:boot a1 a2 again a:over a1:boot a3.5 a:over ");
}
END_TEST

static void restart_myself(ds_handle *h, void *arg)
{
    const uint64_t life = ds_node_life(node[0]);

    note("%llu ", (unsigned long long)life);
    if (life == 2)
        return;
    ds_sleep(h, 1);
    ds_node_restart(node[0]);
    note("%s ", ds_sleep(h, 1) ? "awake" : "over");
}

START_TEST(a_machine_may_restart_itself)
{
    begin();
    ds_node_boot(node[0], restart_myself, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0 over 1 over 2 ");
}
END_TEST

static void crash_0_at_1(ds_handle *h, void *arg)
{
    sleep_to(h, 1.25);
    ds_node_crash(node[0]);
    sleep_to(h, 2.75);
    ds_node_restart(node[0]);
    sleep_to(h, 9);
}

static void receive_all(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[0], &msg)) {
        note("%s@%g ", (char *)msg.data, ds_now(h));
        ds_msg_drop(&msg);
        if (ds_now(h) >= 4)
            ds_stop(h);
    }
}

static void send_from_1(ds_handle *h, void *arg)
{
    static const double times[] = { 0, 0.5, 1, 2, 3 };
    static const char *const names[] = { "a", "b", "c", "d", "e" };

    for (int i = 0; i < 5; i++) {
        sleep_to(h, times[i]);
        ds_send(h, net,
                (ds_msg){ .source = port[1],
                          .dest = port[0],
                          .data = (void *)names[i],
                          .done = stream });
    }
}

static void count_done(ds_handle *h, void *arg)
{
    ds_event event;

    while (ds_poll(h, stream, &event))
        note("done@%g ", ds_now(h));
}

START_TEST(what_arrives_while_a_machine_is_down_is_lost_and_signals_done)
{
    begin();
    ds_node_boot(node[0], receive_all, NULL);
    ds_node_boot(node[1], send_from_1, NULL);
    ds_spawn_daemon(loop, count_done, NULL);
    ds_spawn(loop, crash_0_at_1, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("a@1 done@1 done@1.5 done@2 d@3 done@3 e@4 ");
}
END_TEST

static void be_busy(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_sleep(h, 1.75);
    if (ds_recv_timeout(h, port[0], 0.5, &msg))
        note("%s ", msg.dest == NULL ? "nothing" : (char *)msg.data);
}

static void restart_at_once(ds_handle *h, void *arg)
{
    sleep_to(h, 1.6);
    ds_node_restart(node[0]);
}

START_TEST(what_waits_in_its_ports_is_dropped)
{
    begin();
    ds_node_boot(node[0], be_busy, NULL);
    ds_node_boot(node[1], send_from_1, NULL);
    ds_spawn(loop, restart_at_once, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("c "); /* and neither a nor b */
}
END_TEST

static void schedule_and_wait(ds_handle *h, void *arg)
{
    ds_schedule(h, stream, 3, &freed[0], count_free);
    ds_send(h, net,
            (ds_msg){ .source = port[0], .dest = port[1], .data = "sent" });
    ds_sleep(h, 10);
}

static void look_around(ds_handle *h, void *arg)
{
    ds_event event;
    ds_msg msg;

    sleep_to(h, 0.5);
    ds_node_crash(node[0]);
    note("%d ", freed[0]);
    ck_assert(ds_recv(h, port[1], &msg));
    note("%s@%g ", (char *)msg.data, ds_now(h));
    ck_assert(ds_poll_timeout(h, &stream, 1, 5, &event));
    note("%s ", event.stream == NULL ? "none" : "some");
}

START_TEST(what_it_had_scheduled_is_dropped_and_what_it_had_sent_arrives)
{
    begin();
    ds_node_boot(node[0], schedule_and_wait, NULL);
    ds_spawn(loop, look_around, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1 sent@1 none ");
}
END_TEST

START_TEST(a_machine_that_is_down_does_not_keep_the_run_alive)
{
    begin();
    ds_node_boot(node[0], tick, "a");
    ds_node_crash(node[0]);
    ds_spawn(loop, be_busy, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("nothing ");
}
END_TEST

START_TEST(a_report_says_who_is_down_and_who_is_paused)
{
    begin();
    ds_node_set_name(node[1], "db");
    ds_spawn(loop, receive_all, NULL);
    ds_node_crash(node[1]);
    ds_node_pause(node[2]);
    ck_run(loop, DS_DEADLOCK, "node 1 \"db\" is down since 0 s");
    ck_contains(ds_loop_error(loop), "node 2 is paused since 0 s");
    ds_loop_free(loop);
}
END_TEST

/* ---- Memory ---------------------------------------------------------------*/

static int *kept;

static void allocate(ds_handle *h, void *arg)
{
    kept = ds_alloc(h, sizeof(*kept));
    ck_assert_ptr_nonnull(kept);
    ck_assert_int_eq(*kept, 0);
    *kept = 7;
    ds_sleep(h, 1000);
    *kept = 8; /* until it has been unwound it is there */
}

START_TEST(memory_of_a_life_is_there_until_its_threads_are_unwound)
{
    begin();
    ds_node_boot_daemon(node[0], allocate, NULL);
    ds_spawn(loop, crash_and_restart, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
}
END_TEST

START_TEST(memory_of_a_thread_on_no_machine_goes_with_the_loop)
{
    begin();
    ds_spawn_daemon(loop, allocate, NULL);
    ds_spawn(loop, be_busy, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_int_eq(*kept, 8);
    ds_loop_free(loop);
}
END_TEST

/* ---- Pauses, clocks, speed ------------------------------------------------*/

static void pause_0(ds_handle *h, void *arg)
{
    sleep_to(h, 1.5);
    ds_node_pause(node[0]);
    ds_node_pause(node[0]);
    note("up%d ", ds_node_is_up(node[0]));
    sleep_to(h, 3.5);
    ds_node_resume(node[0]);
    ds_node_resume(node[0]);
    sleep_to(h, 5);
    ds_stop(h);
}

START_TEST(a_paused_machine_goes_on_when_it_is_resumed)
{
    begin();
    ds_node_boot(node[0], tick, "a");
    ds_spawn(loop, pause_0, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("a0:boot a1 up1 a3.5 a4.5 a:over ");
}
END_TEST

static void watch_clocks(ds_handle *h, void *arg)
{
    note("%g/%g ", ds_now(h), ds_clock(h));
    ds_sleep(h, 2);
    note("%g/%g@%g ", ds_now(h), ds_clock(h), ds_loop_now(loop));
    ds_node_set_clock(node[0], -0.5, 1);
    note("%g/%g ", ds_now(h), ds_clock(h));
    ds_sleep(h, 2);
    note("%g/%g@%g ", ds_now(h), ds_clock(h), ds_loop_now(loop));
}

START_TEST(the_time_of_day_jumps_and_the_clock_does_not)
{
    begin();
    ds_node_boot(node[0], watch_clocks, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0/0 2/2@2 2/1.5 4/3.5@3 ");
}
END_TEST

static void work(void *arg)
{
}

static void compute(ds_handle *h, void *arg)
{
    ds_compute(h, 3, work, NULL);
    note("%g ", ds_now(h));
}

START_TEST(a_slow_machine_computes_for_longer)
{
    begin();
    ds_node_set_speed(node[0], 0.25);
    ds_node_boot(node[0], compute, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("12 ");
}
END_TEST

/* ---- Crash points ---------------------------------------------------------*/

static void send_batch(ds_handle *h, void *arg)
{
    ds_msg msgs[3];

    for (int i = 0; i < 3; i++)
        msgs[i] = (ds_msg){ .source = port[0],
                            .dest = port[1],
                            .data = &freed[i],
                            .free = count_free };
    ds_send_all(h, net, msgs, 3);
    note("%s ", ds_sleep(h, 1) ? "awake" : "over");
}

static void count_arrivals(ds_handle *h, void *arg)
{
    ds_msg msg;
    int n = 0;

    while (ds_recv_timeout(h, port[1], 3, &msg) && msg.dest != NULL) {
        n++;
        ds_msg_drop(&msg);
    }
    note("%d ", n);
}

START_TEST(a_crash_in_a_batch_lets_the_first_ones_through)
{
    static const char *const want[] = { "over 0 ", "over 1 ", "over 2 ",
                                        "awake 3 " };

    begin();
    ds_node_crash_at(node[0], DS_AT_SEND, (uint64_t)_i + 1);
    ds_node_boot(node[0], send_batch, NULL);
    ds_spawn(loop, count_arrivals, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted(want[_i]);
    ck_each_freed_once(3);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void boot_twice(void)
{
    ds_node_boot(node[0], tick, "a");
    ds_node_boot(node[0], tick, "a");
}

static void boot_nothing(void)
{
    ds_node_boot_daemon(node[0], NULL, NULL);
}

static void stand_still(void)
{
    ds_node_set_speed(node[0], 0);
}

static void go_back(void)
{
    ds_node_set_clock(node[0], 0, -1);
}

static void strike_never(void)
{
    ds_node_crash_at(node[0], DS_AT_CALL, 0);
}

static void strike_nowhere(void)
{
    ds_node_crash_at(node[0], (ds_crash_point)17, 1);
}

static void have_no_name(void)
{
    ds_node_set_name(node[0], NULL);
}

static const struct {
    void (*misuse)(void);
    const char *text;
} misuses[] = {
    { boot_twice, "ds_node_boot: the node boots something already" },
    { boot_nothing, "ds_node_boot_daemon: the body is NULL" },
    { stand_still, "ds_node_set_speed: speed is 0; it must be finite and "
                   "greater than 0" },
    { go_back, "ds_node_set_clock: step is 0 and drift -1; both must be finite "
               "and drift greater than -1" },
    { strike_never, "ds_node_crash_at: k is 0; the next one is number 1" },
    { strike_nowhere, "ds_node_crash_at: point is 17; it must be DS_AT_CALL, "
                      "DS_AT_SEND or DS_AT_SYNC" },
    { have_no_name, "ds_node_set_name: the name is NULL" },
};

START_TEST(misuse_is_named)
{
    begin();
    misuses[_i].misuse();
    ck_run_once(loop, DS_EMISUSE, misuses[_i].text);
}
END_TEST

START_TEST(a_null_node_is_a_constructor_that_failed)
{
    ds_node_boot(NULL, tick, NULL);
    ds_node_spawn(NULL, tick, NULL);
    ds_node_crash(NULL);
    ds_node_restart(NULL);
    ds_node_pause(NULL);
    ds_node_resume(NULL);
    ds_node_set_clock(NULL, 0, 0);
    ds_node_set_speed(NULL, 1);
    ds_node_crash_at(NULL, DS_AT_CALL, 1);
    ck_assert(!ds_node_is_up(NULL));
    ck_assert_uint_eq(ds_node_life(NULL), 0);
    ck_assert_ptr_null(ds_handle_node(NULL));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_machine_boots_again_after_a_restart);
    tcase_add_test(tc, a_restart_crashes_a_machine_that_is_up);
    tcase_add_test(tc, a_machine_may_restart_itself);
    tcase_add_test(
        tc, what_arrives_while_a_machine_is_down_is_lost_and_signals_done);
    tcase_add_test(tc, what_waits_in_its_ports_is_dropped);
    tcase_add_test(
        tc, what_it_had_scheduled_is_dropped_and_what_it_had_sent_arrives);
    tcase_add_test(tc, a_machine_that_is_down_does_not_keep_the_run_alive);
    tcase_add_test(tc, a_report_says_who_is_down_and_who_is_paused);
    tcase_add_test(tc, memory_of_a_life_is_there_until_its_threads_are_unwound);
    tcase_add_test(tc, memory_of_a_thread_on_no_machine_goes_with_the_loop);
    tcase_add_test(tc, a_paused_machine_goes_on_when_it_is_resumed);
    tcase_add_test(tc, the_time_of_day_jumps_and_the_clock_does_not);
    tcase_add_test(tc, a_slow_machine_computes_for_longer);
    tcase_add_loop_test(tc, a_crash_in_a_batch_lets_the_first_ones_through, 0,
                        4);
    tcase_add_loop_test(tc, misuse_is_named, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_test(tc, a_null_node_is_a_constructor_that_failed);
}

int main(void)
{
    return harness_main("life", add);
}
