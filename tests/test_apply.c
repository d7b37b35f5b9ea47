/* What a plan does: to links, to machines, to clocks and disks, one line at a
 * time and several at once. */

#include "stage.h"

#include <distsys.h>
#include <distsys/explore.h>

#include "explore/plan/script.h"

enum { NODES = 4 };
static ds_loop *loop;
static ds_node *node[NODES];
static ds_port *port[NODES];
static ds_net *net;

/* A quarter of a second for each message, whatever happens to it. */
static void wire_send(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(self, 0.25, msgs[i]);
}

static void wire_free(ds_net *self)
{
    free(self);
}

static const ds_net_ops wire = { .name = "wire",
                                 .send = wire_send,
                                 .free = wire_free };

static void begin(uint64_t seed)
{
    setenv("DISTSYS_CHECK", "1", 1);
    loop = loop_seeded(seed);
    for (int i = 0; i < NODES; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_net_init(calloc(1, sizeof(*net)), loop, &wire);
}

static void apply(const char *text)
{
    char why[256] = "";
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_str_eq(why, "");
    ds_plan_apply(plan, loop, net, node, NODES);
    ds_plan_free(plan);
}

static void sleep_to(ds_handle *h, double time)
{
    ds_sleep(h, time - ds_loop_now(loop));
}

static void send(ds_handle *h, int from, int to)
{
    char text[32];

    snprintf(text, sizeof(text), "%g", ds_loop_now(loop));
    ds_send_bytes(h, net, port[from], port[to], text, strlen(text) + 1);
}

/* ---- Links ----------------------------------------------------------------*/

/* Messages from each node to each other one, at every second from 10 to 14. */
static void chat(ds_handle *h, void *arg)
{
    for (int second = 10; second < 15; second++) {
        sleep_to(h, second);
        for (int from = 0; from < NODES; from++)
            for (int to = 0; to < NODES; to++)
                send(h, from, to);
    }
    sleep_to(h, 20);
}

/* What arrived, by from and to: of each second when. */
enum { SECONDS = 21 };
static double arrived[NODES][NODES][SECONDS];
static int copies[NODES][NODES][SECONDS];

static void receive(ds_handle *h, void *arg)
{
    ds_port *at = arg;
    ds_msg msg;

    while (ds_recv(h, at, &msg)) {
        size_t from = ds_node_number(ds_port_node(msg.source));
        size_t to = ds_node_number(ds_port_node(at));
        int second = atoi(msg.data);
        ck_assert(second >= 0 && second < SECONDS);
        arrived[from][to][second] = ds_loop_now(loop);
        copies[from][to][second] += msg.damaged ? 10 : 1;
        ds_msg_drop(&msg);
    }
}

static void talk(const char *text)
{
    begin(1);
    for (int i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, receive, port[i]);
    ds_spawn(loop, chat, NULL);
    apply(text);
    ck_run_once(loop, DS_OK, NULL);
}

/* What is expected of links: "0>1 cd" loses the seconds 12 and 13 and has the
 * others on time; whatever is not named has all on time. */
static const struct {
    const char *plan;
    const char *lost;
} links[] = {
    { "", "" },
    { "11.5 cut 0 > 1 until 13.5", "0>1 cd" },
    { "11.5 cut 0 > 1", "0>1 cde" },
    { "11.5 cut 0 - 1 until 12.5", "0>1 c 1>0 c" },
    { "11.5 cut 0 > * until 12.5", "0>1 c 0>2 c 0>3 c" },
    { "11.5 cut * > 0 until 12.5", "1>0 c 2>0 c 3>0 c" },
    { "11.5 cut * - 0 until 12.5", "0>1 c 0>2 c 0>3 c 1>0 c 2>0 c 3>0 c" },
    /* What would arrive is lost, and so is what is sent and would not. */
    { "12.2 cut 0 > 1 until 12.3", "0>1 c" },
    { "12 cut 0 > 1 until 12.1", "0>1 c" },
    { "12.1 cut 0 > 1 until 12.2", "" },
    { "12.25 cut 0 > 1 until 12.26", "0>1 c" }, /* before it arrives */
    { "12.1 cut 0 > 1 until 12.25", "" },
    /* It is mended when the last of them ends. */
    { "11.5 cut 0 > 1 until 13.5\n12.5 cut 0 > 1 until 14.5", "0>1 cde" },
    { "11.5 cut 0 > 1 until 14.5\n12.5 cut 0 > 1 until 13.5", "0>1 cde" },
    { "11.5 cut 0 > 1 until 12.5\n12.5 cut 0 > * until 13.5",
      "0>1 cd 0>2 d 0>3 d" },
    { "11.5 cut 0 > 1 until 13.5\n12.5 partition 0,1 | 2,3 until 14.5",
      "0>1 cd 0>2 de 0>3 de 1>2 de 1>3 de 2>0 de 2>1 de 3>0 de 3>1 de" },
    { "11.5 partition 1 until 12.5", /* the others are alone too */
      "0>1 c 0>2 c 0>3 c 1>0 c 1>2 c 1>3 c 2>0 c 2>1 c 2>3 c 3>0 c 3>1 c "
      "3>2 c" },
    { "11.5 partition 1 | 0,2,3 until 12.5",
      "0>1 c 1>0 c 1>2 c 1>3 c 2>1 c 3>1 c" },
    { "11.5 faults 0 > 1 drop 1 until 12.5", "0>1 c" },
    /* What the others say counts again; a line says what it names. */
    { "11.5 faults 0 > 1 drop 1 until 13.5\n12.5 faults 0 > 1 drop 0 until "
      "14.5",
      "0>1 c" },
    { "11.5 faults 0 > * drop 1 until 14.5\n12.5 faults 0 > 1 drop 0 until "
      "13.5",
      "0>1 ce 0>2 cde 0>3 cde" },
    { "11.5 faults 0 > 1 drop 1 until 13.5\n12.5 faults 0 > 1 damage 0 until "
      "14",
      "0>1 cd" },
    /* Over before it is applied, or over at once. */
    { "0 cut 0 > 1 until 3", "" },
};

static bool is_lost(const char *lost, int from, int to, int second)
{
    char name[8];

    snprintf(name, sizeof(name), "%d>%d ", from, to);
    const char *at = strstr(lost, name);
    if (at == NULL)
        return false;
    for (at += 4; *at != '\0' && *at != ' '; at++)
        if (*at - 'a' + 10 == second)
            return true;
    return false;
}

START_TEST(links_are_as_the_lines_say_together)
{
    talk(links[_i].plan);
    for (int from = 0; from < NODES; from++)
        for (int to = 0; to < NODES; to++)
            for (int second = 10; second < 15; second++) {
                bool lost = is_lost(links[_i].lost, from, to, second);
                ck_assert_msg(copies[from][to][second] == !lost,
                              "%d>%d of %d: %d times", from, to, second,
                              copies[from][to][second]);
                ck_assert(lost || arrived[from][to][second] == second + 0.25);
            }
}
END_TEST

START_TEST(a_held_link_keeps_all_until_the_last_line_ends)
{
    talk("11.5 hold 0 > 1 until 13.5\n12.5 hold * > 1 until 14.75");
    ck_assert_double_eq(arrived[0][1][11], 11.25);
    ck_assert_double_eq(arrived[0][1][12], 14.75);
    ck_assert_double_eq(arrived[0][1][14], 14.75);
    ck_assert_double_eq(arrived[2][1][12], 12.25);
    ck_assert_double_eq(arrived[2][1][13], 14.75);
    ck_assert_double_eq(arrived[1][0][13], 13.25);
}
END_TEST

START_TEST(a_cut_that_begins_loses_what_is_held)
{
    talk("11.5 hold 0 > 1 until 14.5\n12.5 cut 0 > 1 until 12.75");
    ck_assert_int_eq(copies[0][1][12], 0);
    ck_assert_double_eq(arrived[0][1][13], 14.5);
}
END_TEST

START_TEST(chances_of_several_lines_count_together)
{
    talk("11.5 faults * > * duplicate 1 until 13.5\n"
         "12.5 faults 0 - 1 damage 1 until 14.5");
    ck_assert_int_eq(copies[0][1][11], 1);
    ck_assert_int_eq(copies[0][1][12], 2);
    ck_assert_int_eq(copies[0][1][13], 11); /* the second one as it was sent */
    ck_assert_int_eq(copies[1][0][14], 10);
    ck_assert_int_eq(copies[2][3][13], 2);
    ck_assert_int_eq(copies[2][2][13], 1); /* to itself: on no link */
}
END_TEST

/* What the program has said itself counts beside the lines, and after them. */
START_TEST(what_the_program_says_of_links_stays)
{
    begin(1);
    for (int i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, receive, port[i]);
    ds_spawn(loop, chat, NULL);
    ds_net_cut(net, node[2], node[3]);
    ds_net_set_faults(net, node[0], node[1],
                      (ds_link_faults){ .duplicate = 1 });
    apply("11.5 cut 2 > 3 until 12.5\n11.5 hold 2 > 3 until 12.5\n"
          "11.5 faults 0 > 1 drop 1 until 12.5");
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(copies[2][3][11] + copies[2][3][12] + copies[2][3][13], 0);
    ck_assert_int_eq(copies[0][1][11], 2);
    ck_assert_int_eq(copies[0][1][12], 0);
    ck_assert_int_eq(copies[0][1][13], 2);
}
END_TEST

/* ---- Machines -------------------------------------------------------------*/

/* Notes its lives, and ten times a second does something that takes a call, a
 * message and a sync. */
static void tick(ds_handle *h, void *arg)
{
    note("b%g ", ds_loop_now(loop));
    while (ds_sleep(h, 0.1)) {
        send(h, 2, 3);
        ds_disk_sync(h);
    }
    note("o%g ", ds_loop_now(loop));
}

static void wait_to_the_end(ds_handle *h, void *arg)
{
    sleep_to(h, 20);
}

static const struct {
    const char *plan;
    const char *noted;
} lives[] = {
    { "", "b0 o20 " },
    { "11.5 crash 2 until 13.5", "b0 o11.5 b13.5 o20 " },
    { "11.5 crash 2", "b0 o11.5 " },
    { "0 crash 2 until 13.5", "b13.5 o20 " },
    { "11.5 crash 2 until 13.5\n12 crash 2 until 14", "b0 o11.5 b14 o20 " },
    { "11.5 crash 2 until 14\n12 crash 2 until 13", "b0 o11.5 b14 o20 " },
    { "11.5 crash 2 until 14\n12 crash 2", "b0 o11.5 " },
    { "11.5 crash 2 until 12\n12 crash 2 until 13", "b0 o11.5 b13 o20 " },
    { "11.5 crash 2 until 12\n12.5 crash 2 until 13",
      "b0 o11.5 b12 o12.5 b13 o20 " },
    /* Points: three calls in each tenth of a second, the first at the end. */
    { "11.55 crash 2 at-send 2 until 13.5", "b0 o11.7 b13.5 o20 " },
    { "11.55 crash 2 at-sync 3 until 13.5", "b0 o11.8 b13.5 o20 " },
    { "11.55 crash 2 at-call 4 until 13.5", "b0 o11.7 b13.5 o20 " },
    { "11.55 crash 2 at-send 1000 until 13.5", "b0 o20 " },
    { "11.55 crash 2 at-call 1000 until 13.5", "b0 o20 " },
    { "11.55 crash 2 at-send 1\n11.55 crash 2 at-send 3 until 13.5",
      "b0 o11.6 " },
    { "11.55 crash 2 at-send 3 until 13.5\n11.55 crash 2 at-send 1 until 12",
      "b0 o11.6 b12 o12.2 b13.5 o20 " },
    { "11.55 crash 2 at-call 7 until 13.5\n11.55 crash 2 at-call 1 until 11.57",
      "b0 o11.8 b13.5 o20 " },
    { "11.55 crash 2 at-sync 1 until 13.5\n11.55 crash 2 at-sync 1 until 12",
      "b0 o11.6 b13.5 o20 " },
    { "11.55 crash 2 at-send 2 until 12\n11.55 crash 2 at-call 1 until 12",
      "b0 o11.6 b12 o20 " },
    /* A pause ends with a life, and so does one at a call. */
    { "11 pause 2 until 12\n11.5 crash 2 until 11.75", "b0 o11.5 b11.75 o20 " },
    { "11.55 pause 2 at-call 1 until 13\n11.8 crash 2 until 12.5",
      "b0 o11.8 b12.5 o20 " },
    /* At one call the crash counts. */
    { "11.55 pause 2 at-call 4 until 13\n11.55 crash 2 at-call 4 until 12.5",
      "b0 o11.7 b12.5 o20 " },
};

START_TEST(a_machine_lives_as_the_lines_say_together)
{
    begin(1);
    ds_node_boot_daemon(node[2], tick, NULL);
    ds_spawn(loop, wait_to_the_end, NULL);
    apply(lives[_i].plan);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted(lives[_i].noted);
}
END_TEST

/* Sees each second, as soon as it can. */
static void see_seconds(ds_handle *h, void *arg)
{
    sleep_to(h, 10);
    while (ds_loop_now(loop) < 15) {
        note("%g ", ds_loop_now(loop));
        ds_sleep(h, 1);
    }
}

static const struct {
    const char *plan;
    const char *noted;
} pauses[] = {
    { "", "10 11 12 13 14 " },
    { "10.5 pause 2 until 12.5", "10 12.5 13.5 14.5 " },
    { "10.5 pause 2 until 12.5\n11.5 pause 2 until 13.25", "10 13.25 14.25 " },
    { "10.5 pause 2 until 13.25\n11.5 pause 2 until 12.5", "10 13.25 14.25 " },
    { "10.5 pause 2 until 12\n12 pause 2 until 13.25", "10 13.25 14.25 " },
    { "10.5 pause 2 until 10.75", "10 11 12 13 14 " },
    /* Of the calls from then on: the first is made as it goes on at 11, and
     * sleeps from when the pause is over. */
    { "10.5 pause 2 at-call 1 until 12.5", "10 11 13.5 14.5 " },
    { "10.5 pause 2 at-call 2 until 12.5", "10 11 12 13.5 14.5 " },
    { "10.5 pause 2 at-call 4 until 12.5", "10 11 12 13 14 " },
    { "10.5 pause 2 at-call 1 until 12.5\n10.5 pause 2 at-call 1 until 13",
      "10 11 14 " },
    { "10.5 pause 2 at-call 1 until 12.5\n11.5 pause 2 until 13", "10 11 14 " },
    { "10.5 pause 2 at-call 9 until 12.5\n10.75 pause 2 until 11.5",
      "10 11.5 12.5 13.5 14.5 " },
    /* Twice as fast; what was asked for before stays as it is. */
    { "10.5 clock 2 drift 1 until 12.25", "10 11 11.5 12 12.5 13.5 14.5 " },
    { "10.5 clock 2 drift 1 until 11.25\n10.75 clock 2 drift 3 until 12.1",
      "10 11 11.25 11.5 11.75 12 12.25 13.25 14.25 " },
    { "10.5 clock 2 drift 1 until 12.25\n10.75 clock 2 step 5 until 12.1",
      "10 11 11.5 12 12.5 13.5 14.5 " },
};

START_TEST(time_passes_on_a_machine_as_the_lines_say)
{
    begin(1);
    ds_node_spawn(node[2], see_seconds, NULL);
    apply(pauses[_i].plan);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted(pauses[_i].noted);
}
END_TEST

/* How far the time of day is off at each half second. */
static void see_the_time(ds_handle *h, void *arg)
{
    for (double t = 10.5; t < 15; t++) {
        while (ds_loop_now(loop) < t)
            ds_sleep(h, 0x1p-10);
        note("%g ", round((ds_clock(h) - ds_loop_now(loop)) * 100) / 100);
    }
}

static const struct {
    const char *plan;
    const char *noted;
} clocks[] = {
    { "", "0 0 0 0 0 " },
    { "11 clock 2 step -3 until 13", "0 -3 -3 0 0 " },
    { "11 clock 2 step -3 until 13\n12 clock 2 step 5 until 14",
      "0 -3 2 5 0 " },
    { "11 clock 2 step -3 until 13\n12 clock 2 step 5", "0 -3 2 5 5 " },
    { "11 clock 2 drift 0.5 until 13", "0 0.25 0.75 0 0 " },
    { "11 clock 2 drift 0.5", "0 0.25 0.75 1.25 1.75 " },
};

START_TEST(a_clock_goes_right_again_when_the_last_line_ends)
{
    begin(1);
    ds_node_spawn(node[2], see_the_time, NULL);
    apply(clocks[_i].plan);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted(clocks[_i].noted);
}
END_TEST

/* The clock was wrong before: then it is so again, as if nothing had been. */
START_TEST(a_clock_that_was_wrong_is_so_again)
{
    begin(1);
    ds_node_set_clock(node[2], 7, 0.25);
    ds_node_spawn(node[2], see_the_time, NULL);
    apply("11 clock 2 step 100 drift 3 until 13");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("9.63 111.25 114.25 10.38 10.63 ");
}
END_TEST

static void nothing(void *arg)
{
}

static void compute_seconds(ds_handle *h, void *arg)
{
    ds_sleep(h, 10);
    while (ds_loop_now(loop) < 22) {
        note("%g ", ds_loop_now(loop));
        ds_compute(h, 2, nothing, NULL);
    }
}

START_TEST(a_machine_computes_as_fast_as_the_last_line_says)
{
    begin(1);
    ds_node_set_speed(node[2], 2);
    ds_node_spawn(node[2], compute_seconds, NULL);
    apply("10.5 speed 2 0.5 until 18.5\n14 speed 2 4 until 15.75");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("10 11 15 15.5 16 20 21 ");
}
END_TEST

static void use_disk(ds_handle *h, void *arg)
{
    ds_sleep(h, 10);
    while (ds_loop_now(loop) < 15) {
        note("%g ", ds_loop_now(loop));
        ds_disk_put(h, "a", "0123456789", 10);
        ds_disk_sync(h);
        ds_sleep(h, 0.5);
    }
}

START_TEST(a_disk_is_what_the_lines_and_the_program_name)
{
    begin(1);
    ds_node_set_disk(node[2], &(ds_disk_config){ .sync_time = 0.5 });
    ds_node_spawn(node[2], use_disk, NULL);
    apply("10.5 disk 2 write-rate 10 until 12.5\n"
          "10.75 disk 2 write-rate 40 rot 0 until 12");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("10 11 12.25 14.25 ");
}
END_TEST

static void read_disk(ds_handle *h, void *arg)
{
    ds_disk_put(h, "a", "0123456789", 10);
    ds_disk_sync(h);
    sleep_to(h, 12);
    note("%zu ", ds_disk_size(h, "a"));
    sleep_to(h, 13);
    note("%zu ", ds_disk_size(h, "a"));
}

START_TEST(a_disk_that_is_wiped_is_empty)
{
    begin(1);
    ds_node_spawn(node[2], read_disk, NULL);
    apply("12.5 wipe 2");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("10 0 ");
}
END_TEST

/* ---- How long a run goes on -----------------------------------------------*/

static void boot_once(ds_handle *h, void *arg)
{
    note("b%g ", ds_loop_now(loop));
    ds_sleep(h, 1);
    note("e ");
}

START_TEST(a_run_goes_on_for_a_restart_that_is_planned)
{
    begin(1);
    ds_node_boot(node[2], boot_once, NULL);
    apply("0.5 crash 2 until 10");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("b0 e b10 e ");
}
END_TEST

START_TEST(a_run_goes_on_though_nobody_is_up_at_its_beginning)
{
    begin(1);
    ds_node_boot(node[2], boot_once, NULL);
    apply("0 crash 2 until 10\n0 crash 1 until 99");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("b10 e ");
}
END_TEST

START_TEST(a_run_does_not_wait_for_daemons_or_for_who_stays_down)
{
    begin(1);
    ds_node_boot(node[2], boot_once, NULL);
    ds_node_boot_daemon(node[1], boot_once, NULL);
    apply("0.5 crash 2\n0.25 crash 1 until 30");
    ck_run(loop, DS_OK, NULL);
    ck_assert_double_eq(ds_loop_now(loop), 0.5);
    ds_loop_free(loop);
    ck_noted("b0 b0 e e ");
}
END_TEST

static void restart_at_3(ds_handle *h, void *arg)
{
    sleep_to(h, 3);
    ds_node_restart(node[2]);
}

START_TEST(a_machine_that_is_up_again_is_not_restarted)
{
    begin(1);
    ds_node_boot(node[2], boot_once, NULL);
    ds_spawn(loop, restart_at_3, NULL);
    apply("0.5 crash 2 until 10");
    ck_run(loop, DS_OK, NULL);
    ck_assert_double_eq(ds_loop_now(loop), 4);
    ds_loop_free(loop);
    ck_noted("b0 e b3 e ");
}
END_TEST

/* The thread that ends gives its place to one that its own machine boots at
 * that moment, on either execution. */
static void boot_briefly(ds_handle *h, void *arg)
{
    sleep_to(h, floor(ds_loop_now(loop)) + 1);
}

START_TEST(a_machine_may_boot_while_a_thread_leaves)
{
    begin((uint64_t)_i);
    ds_node_boot(node[2], boot_briefly, NULL);
    ds_node_boot(node[1], boot_briefly, NULL);
    for (int i = 1; i < 50; i++)
        ds_node_spawn(node[3], boot_briefly, NULL);
    apply("0.5 crash 2 until 1\n0.75 crash 1 until 1\n1.5 crash 2 until 2\n"
          "1.5 crash 1 until 2.25");
    ck_run(loop, DS_OK, NULL);
    ck_assert_double_eq(ds_loop_now(loop), 3);
    ds_loop_free(loop);
}
END_TEST

/* ---- Reseeding ------------------------------------------------------------*/

static double drawn[10];

static void draw(ds_handle *h, void *arg)
{
    for (int i = 0; i < 10; i++) {
        sleep_to(h, i + 10);
        drawn[i] = ds_random(h);
    }
}

static void draw_under(const char *text, double *into)
{
    begin(4);
    ds_spawn(loop, draw, NULL);
    apply(text);
    ck_run_once(loop, DS_OK, NULL);
    memcpy(into, drawn, sizeof(drawn));
}

START_TEST(other_numbers_are_drawn_after_a_reseed)
{
    double a[10];
    double b[10];
    double c[10];

    draw_under("", a);
    draw_under("14.5 reseed 0", b);
    draw_under("14.5 reseed 1", c);
    for (int i = 0; i < 10; i++) {
        ck_assert((a[i] == b[i]) == (i < 5));
        ck_assert((a[i] == c[i]) == (i < 5));
        ck_assert((b[i] == c[i]) == (i < 5));
    }
}
END_TEST

/* Threads at the same instants, messages, a disk: all that is drawn. */
static void live(ds_handle *h, void *arg)
{
    size_t me = (size_t)arg;
    ds_msg msg;

    for (int i = 0; i < 40; i++) {
        ds_disk_append(h, "log", &i, sizeof(i));
        send(h, (int)me, (int)(ds_random(h) * NODES));
        ds_sleep(h, 0.5);
        if (i % 4 == 0)
            ds_disk_sync(h);
        while (ds_recv_timeout(h, port[me], 0.1, &msg) && msg.dest != NULL)
            ds_msg_drop(&msg);
    }
}

static uint64_t digest_on(ds_exec exec, const char *text)
{
    ck_assert_int_eq(unsetenv("DISTSYS_EXEC"), 0);
    loop = ds_loop_new(&(ds_loop_config){ .seed = 9, .exec = exec });
    for (int i = 0; i < NODES; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_random_net_new(loop, 0.3);
    for (int i = 0; i < NODES; i++)
        ds_node_boot(node[i], live, (void *)(size_t)i);
    apply(text);
    ck_run(loop, DS_OK, NULL);
    uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

static const char everything[] =
    "0 faults * > * drop 0.1 duplicate 0.1 late 1 jitter 0.2 until 15\n"
    "3 partition 0,1 | 2,3 until 4\n"
    "3.5 crash 2 until 5\n"
    "4 crash 1 at-send 3 until 6\n"
    "4 crash 0 at-call 7 until 6\n"
    "5.25 pause 3 until 6.5\n"
    "6 clock 2 step -3 drift 0.3 until 9\n"
    "7 hold 0 - * until 8\n"
    "7 disk 1 lost-sync 0.5 sync-time 0.01 until 12\n"
    "9 crash 1 until 9.5\n"
    "10 wipe 3\n"
    "10 crash 3 until 10.1\n"
    "10.5 reseed 17\n"
    "11 reseed 18\n";

START_TEST(a_plan_has_one_digest_on_threads_and_fibers)
{
    uint64_t digest = digest_on(DS_FIBERS, everything);

    ck_assert_uint_eq(digest_on(DS_FIBERS, everything), digest);
    ck_assert_uint_eq(digest_on(DS_THREADS, everything), digest);
    ck_assert_uint_ne(digest_on(DS_FIBERS, ""), digest);
}
END_TEST

START_TEST(a_reseed_changes_what_comes_after_it)
{
    uint64_t none = digest_on(DS_FIBERS, "");

    ck_assert_uint_eq(digest_on(DS_FIBERS, "1000 reseed 1"), none);
    ck_assert_uint_ne(digest_on(DS_FIBERS, "10 reseed 1"), none);
    ck_assert_uint_ne(digest_on(DS_FIBERS, "10 reseed 1"),
                      digest_on(DS_FIBERS, "10 reseed 2"));
}
END_TEST

/* ---- Applying -------------------------------------------------------------*/

static void apply_at_12(ds_handle *h, void *arg)
{
    sleep_to(h, 12);
    apply("11 cut 0 > 1 until 13.5\n3 cut 0 > 2 until 12\n5 cut 1 > 0");
}

START_TEST(what_should_have_begun_begins_at_once)
{
    begin(1);
    for (int i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, receive, port[i]);
    ds_spawn(loop, apply_at_12, NULL);
    ds_spawn(loop, chat, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(copies[0][1][11], 1);
    ck_assert_int_eq(copies[0][1][12], 0);
    ck_assert_int_eq(copies[0][1][13], 0);
    ck_assert_int_eq(copies[0][1][14], 1);
    ck_assert_int_eq(copies[0][2][12], 1);
    ck_assert_int_eq(copies[1][0][14], 0);
}
END_TEST

START_TEST(several_plans_may_be_applied)
{
    ds_node *backwards[NODES];

    begin(1);
    for (int i = 0; i < NODES; i++)
        backwards[i] = node[NODES - 1 - i];
    ds_node_boot_daemon(node[2], tick, NULL);
    ds_spawn(loop, wait_to_the_end, NULL);
    apply("11.5 crash 2 until 13.5");
    ds_plan *plan = ds_plan_parse("12 crash 1 until 14", NULL, 0);
    ds_plan_apply(plan, loop, net, backwards, NODES);
    ds_plan_free(plan);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("b0 o11.5 b14 o20 ");
}
END_TEST

static void wait_to_5(ds_handle *h, void *arg)
{
    sleep_to(h, 5);
}

START_TEST(a_second_run_goes_on_with_the_plan)
{
    begin(1);
    ds_node_boot_daemon(node[2], boot_once, NULL);
    ds_spawn(loop, wait_to_5, NULL);
    apply("0.5 crash 2 until 3\n12 crash 2 until 15");
    ck_run(loop, DS_OK, NULL);
    ck_noted("b0 e b3 e ");
    ds_spawn(loop, wait_to_the_end, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("b15 e ");
    ds_loop_free(loop);
}
END_TEST

static void end_at_12(ds_handle *h, void *arg)
{
    sleep_to(h, 12);
    ds__script_end(ds__script_find(loop));
}

START_TEST(after_the_end_of_a_script_all_is_as_usual)
{
    begin(1);
    for (int i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, receive, port[i]);
    ds_node_boot_daemon(node[2], tick, NULL);
    ds_spawn(loop, end_at_12, NULL);
    ds_spawn(loop, chat, NULL);
    apply("11 crash 2\n11 cut 0 > 1\n11 crash 2 until 15\n"
          "13 cut 0 > 1 until 14\n10 crash 2 at-send 100000");
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(copies[0][1][11], 0);
    ck_assert_int_eq(copies[0][1][13], 1);
    ck_noted("b0 o11 b12 o20 ");
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static const struct {
    const char *plan;
    const char *why;
} misuses[] = {
    { "1 wipe 0\n2 crash 4", "ds_plan_apply: line 2, \"2 crash 4\", names node "
                             "4; there are 4, from 0" },
    { "2 cut 0 > 7", "line 1, \"2 cut 0 > 7\", names node 7" },
    { "2 cut 9 - *", "line 1, \"2 cut 9 - *\", names node 9" },
    { "2 partition 0 | 1,5 until 3",
      "line 1, \"2 partition 0 | 1,5 until 3\", names node 5" },
    { NULL, "ds_plan_apply: the plan is NULL" },
};

START_TEST(what_names_nobody_is_misuse)
{
    begin(1);
    ds_plan *plan = misuses[_i].plan == NULL
                        ? NULL
                        : ds_plan_parse(misuses[_i].plan, NULL, 0);
    ds_plan_apply(plan, loop, net, node, NODES);
    ds_plan_free(plan);
    ck_run_once(loop, DS_EMISUSE, misuses[_i].why);
}
END_TEST

START_TEST(what_belongs_to_another_loop_is_misuse)
{
    ds_plan *plan = ds_plan_parse("", NULL, 0);
    ds_loop *other = loop_seeded(1);
    ds_node *strange[] = { ds_node_new(other) };
    ds_node *none[] = { NULL };

    begin(1);
    ds_plan_apply(plan, loop, net, strange, 1);
    ck_run(loop, DS_EMISUSE, "ds_plan_apply: nodes[0] belongs to another loop");
    ds_plan_apply(plan, loop, net, none, 1);
    ck_run(loop, DS_EMISUSE, "ds_plan_apply: nodes[0] is NULL");
    ds_plan_apply(plan, loop, net, NULL, 1);
    ck_run(loop, DS_EMISUSE, "ds_plan_apply: the array of nodes is NULL");
    ds_plan_apply(plan, loop, NULL, node, 1);
    ck_run(loop, DS_EMISUSE, "ds_plan_apply: the network is NULL");
    ds_plan_apply(plan, other, net, strange, 1);
    ck_run_once(other, DS_EMISUSE,
                "ds_plan_apply: the network belongs to another loop");
    ds_loop_free(loop);
    ds_plan_free(plan);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, links_are_as_the_lines_say_together, 0,
                        sizeof(links) / sizeof(*links));
    tcase_add_test(tc, a_held_link_keeps_all_until_the_last_line_ends);
    tcase_add_test(tc, a_cut_that_begins_loses_what_is_held);
    tcase_add_test(tc, chances_of_several_lines_count_together);
    tcase_add_test(tc, what_the_program_says_of_links_stays);
    tcase_add_loop_test(tc, a_machine_lives_as_the_lines_say_together, 0,
                        sizeof(lives) / sizeof(*lives));
    tcase_add_loop_test(tc, time_passes_on_a_machine_as_the_lines_say, 0,
                        sizeof(pauses) / sizeof(*pauses));
    tcase_add_loop_test(tc, a_clock_goes_right_again_when_the_last_line_ends, 0,
                        sizeof(clocks) / sizeof(*clocks));
    tcase_add_test(tc, a_clock_that_was_wrong_is_so_again);
    tcase_add_test(tc, a_machine_computes_as_fast_as_the_last_line_says);
    tcase_add_test(tc, a_disk_is_what_the_lines_and_the_program_name);
    tcase_add_test(tc, a_disk_that_is_wiped_is_empty);
    tcase_add_test(tc, a_run_goes_on_for_a_restart_that_is_planned);
    tcase_add_test(tc, a_run_goes_on_though_nobody_is_up_at_its_beginning);
    tcase_add_test(tc, a_run_does_not_wait_for_daemons_or_for_who_stays_down);
    tcase_add_test(tc, a_machine_that_is_up_again_is_not_restarted);
    tcase_add_loop_test(tc, a_machine_may_boot_while_a_thread_leaves, 0, 20);
    tcase_add_test(tc, other_numbers_are_drawn_after_a_reseed);
    tcase_add_test(tc, a_plan_has_one_digest_on_threads_and_fibers);
    tcase_add_test(tc, a_reseed_changes_what_comes_after_it);
    tcase_add_test(tc, what_should_have_begun_begins_at_once);
    tcase_add_test(tc, several_plans_may_be_applied);
    tcase_add_test(tc, a_second_run_goes_on_with_the_plan);
    tcase_add_test(tc, after_the_end_of_a_script_all_is_as_usual);
    tcase_add_loop_test(tc, what_names_nobody_is_misuse, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_test(tc, what_belongs_to_another_loop_is_misuse);
}

int main(void)
{
    return harness_main("apply", add);
}
