/* Links that change by themselves: texts of what they are like when, and what
 * becomes of messages meanwhile. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

#include "base/rng.h"
#include "stage.h"
#include "topology/timetable.h"

/* ---- Texts ----------------------------------------------------------------*/

static const struct {
    const char *text;
    const char *read; /* time, deed, value; and how often */
} good[] = {
    { "0 rate 1G; 5 off; 7 on; repeat 10", "0 0 1e+09;5 2 0;7 3 0;every 10" },
    { "5 off", "5 2 0;" },
    { "5 off;", "5 2 0;" },
    { "  1.5ms   off ;2 on", "0.0015 2 0;2 3 0;" },
    { "0 rate 8kbit latency 20us on; 0 off",
      "0 0 1000;0 1 2e-05;0 3 0;0 2 0;" },
    { "0 latency 0; repeat 1us", "0 1 0;every 1e-06" },
    { "0 off; 1 on; repeat 2;", "0 2 0;1 3 0;every 2" },
};

static void note_table(const ds__timetable *t)
{
    for (size_t i = 0; i < t->count; i++)
        note("%g %d %g;", t->entries[i].time, (int)t->entries[i].deed,
             t->entries[i].value);
    if (t->period > 0)
        note("every %g", t->period);
}

START_TEST(a_text_says_what_a_link_is_like_when)
{
    ds__timetable t;
    char why[200] = "";

    ck_assert_msg(ds__timetable_read(&t, good[_i].text, why, sizeof(why)), "%s",
                  why);
    note_table(&t);
    ck_noted(good[_i].read);
    ds__timetable_free(&t);
}
END_TEST

static const struct {
    const char *text;
    const char *why;
} wrong[] = {
    { "", "at character 1, '': allowed: seconds from 0 on" },
    { ";", "at character 1, '': allowed: seconds" },
    { "0", "at character 2, '': allowed: rate, latency, off, on" },
    { "0 of", "at character 3, 'of': allowed: rate, latency, off, on" },
    { "0 off on 3", "at character 10, '3': allowed: rate" },
    { "0 rate", "at character 7, '': allowed: bytes a second above 0" },
    { "0 rate 0", "at character 8, '0': allowed: bytes a second above 0" },
    { "0 rate 1Gb", "at character 8, '1Gb': allowed: bytes" },
    { "0 rate -1", "at character 8, '-1': allowed: bytes" },
    { "0 latency 1G", "at character 11, '1G': allowed: seconds from 0 on" },
    { "0 latency -1", "at character 11, '-1': allowed: seconds" },
    { "-1 off", "at character 1, '-1': allowed: seconds" },
    { "x off", "at character 1, 'x': allowed: seconds" },
    { "inf off", "at character 1, 'inf': allowed: seconds" },
    { "2 off; 1 on",
      "at character 8, '1': allowed: a time that is no earlier" },
    { "2 off;; 3 on", "at character 7, '': allowed: seconds" },
    { "repeat 3", "at character 1, 'repeat': allowed: a time, since there" },
    { "0 off; repeat", "at character 14, '': allowed: seconds" },
    { "2 off; repeat 2",
      "at character 15, '2': allowed: seconds that are more" },
    { "0 off; repeat 0", "at character 15, '0': allowed: seconds that are" },
    { "0 off; repeat 3 4", "at character 17, '4': allowed: the end" },
    { "0 off; repeat 3; 4 on", "at character 18, '4': allowed: the end" },
};

START_TEST(what_is_wrong_is_said_with_its_place)
{
    ds__timetable t;
    char why[200];

    ck_assert(!ds__timetable_read(&t, wrong[_i].text, why, sizeof(why)));
    ck_assert_msg(strstr(why, wrong[_i].why) != NULL, "%s", why);
    ck_assert(t.entries == NULL && t.count == 0);
}
END_TEST

/* Whatever is read is sound, and whatever is not is said. */
START_TEST(pieces_in_any_order_are_read_or_refused)
{
    static const char *const pieces[] = {
        "0",       "1",  "2.5", ";", " ", "off", "on", "rate",
        "latency", "1G", "5us", "x", "-", "9",   "\t", "repeat",
    };
    size_t sound = 0;

    for (uint64_t round = 0; round < 20000; round++) {
        char text[200] = "";
        char why[200] = "";
        ds__timetable t;
        const size_t n = 1 + ds__rng_below(ds__mix(round), 12);
        for (size_t i = 0; i < n; i++) {
            strcat(text, pieces[ds__rng_below(ds__mix(round * 64 + i), 16)]);
            strcat(text, i % 2 == 0 ? " " : "");
        }
        if (!ds__timetable_read(&t, text, why, sizeof(why))) {
            ck_assert_str_ne(why, "");
            continue;
        }
        sound++;
        ck_assert_uint_gt(t.count, 0);
        for (size_t i = 1; i < t.count; i++)
            ck_assert_double_ge(t.entries[i].time, t.entries[i - 1].time);
        ck_assert(t.period == 0 || t.period > t.entries[t.count - 1].time);
        ds__timetable_free(&t);
    }
    ck_assert_uint_gt(sound, 100);
}
END_TEST

/* ---- Messages -------------------------------------------------------------*/

#define START 1000.0

static ds_loop *loop;
static ds_net *net;
static ds_port *port[2];
static double now(void)
{
    return ds_loop_now(loop) - START;
}

typedef struct story {
    const char *profile;
    bool stall;
    double at[3]; /* when messages are sent; 0: at once, and no more after it */
    double bytes[3];
    double own; /* when the program says that the rate is 100; 0: never */
    const char *noted;
} story;

static const story stories[] = {
    { "2 rate 50", .bytes = { 300 }, .noted = "4;" },
    { "2 rate 50; 3 rate 25", .bytes = { 300 }, .noted = "5;" },
    { "0 rate 50", .bytes = { 300 }, .noted = "6;" },
    { "1 latency 5; 3 latency 0.5", .at = { 2, 3 }, .bytes = { 100, 200 },
      .noted = "5.5;8;" },
    { "2 off; 4 on", .at = { 0, 3, 4 }, .bytes = { 300, 100, 100 },
      .noted = "2 lost;3 lost;5;" },
    { "2 off; 4 on", .stall = true, .bytes = { 300 }, .noted = "5;" },
    { "2 off; 3 on; repeat 4", .stall = true, .bytes = { 700 }, .noted = "9;" },
    { "0 on; 0 off; 0 on", .bytes = { 100 }, .noted = "1;" },
    /* Long after it was asked last. */
    { "2 off; 3 on; repeat 4", .stall = true, .at = { 1e6 + 1 },
      .bytes = { 300 }, .noted = "1.00000e+06+5;" },
    { "2 off; 3 on", .stall = true, .at = { 1e6 + 1 }, .bytes = { 300 },
      .noted = "1.00000e+06+4;" },
    { "1 rate 25; 3 rate 100; repeat 5", .at = { 5e5 }, .bytes = { 250 },
      .noted = "5.00000e+05+4;" },
    /* What is said last counts. */
    { "1 rate 50", .bytes = { 300 }, .own = 2, .noted = "3.5;" },
    { "1 rate 50; 3 rate 10", .bytes = { 300 }, .own = 2, .noted = "8;" },
};

static void lose(void *data)
{
    note("%g lost;", now());
}

static ds_topology *one_link(void)
{
    ds_topology *t = ds_topology_new(2);

    ds_topology_add_link(t, (ds_link){ .rate = 100 });
    ds_topology_set_route(t, 0, 1, (size_t[]){ 0 }, 1);
    return t;
}

static void build(ds_exec exec, const ds_topology *t, bool stall)
{
    ds_node *nodes[2];

    loop = ds_loop_new(&(ds_loop_config){ .exec = exec });
    for (int i = 0; i < 2; i++) {
        nodes[i] = ds_node_new(loop);
        port[i] = ds_port_new(nodes[i]);
    }
    net = ds_routed_net_new(loop, &(ds_routed_net_config){ .nodes = nodes,
                                                           .num_nodes = 2,
                                                           .topology = t,
                                                           .stall = stall });
    ck_assert_ptr_nonnull(net);
}

static void send_bytes(ds_handle *h, double bytes)
{
    ds_send(h, net,
            (ds_msg){ .source = port[0],
                      .dest = port[1],
                      .data = "",
                      .free = lose,
                      .size = bytes });
}

static void send_all(ds_handle *h, void *arg)
{
    const story *s = arg;

    ds_sleep(h, START);
    ds_link_set_profile(net, 0, s->profile);
    for (int i = 0; i < 3 && s->bytes[i] > 0; i++) {
        if (s->at[i] > now())
            ds_sleep(h, s->at[i] - now());
        send_bytes(h, s->bytes[i]);
    }
    ds_sleep(h, 100);
}

static void set_own(ds_handle *h, void *arg)
{
    const story *s = arg;

    ds_sleep(h, START + s->own);
    ds_link_set_rate(net, 0, 100);
}

static void receive(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg)) {
        const double million = now() < 1e5 ? 0 : floor(now() / 1e5) * 1e5;
        if (million > 0)
            note("%.5e+%g;", million, round((now() - million) * 1e6) / 1e6);
        else
            note("%g;", now());
    }
}

START_TEST(messages_take_a_link_as_it_is)
{
    story s = stories[_i / 2];
    ds_topology *t = one_link();

    build(_i % 2 == 0 ? DS_THREADS : DS_FIBERS, t, s.stall);
    ds_spawn(loop, send_all, &s);
    ds_spawn_daemon(loop, receive, NULL);
    if (s.own > 0)
        ds_spawn(loop, set_own, &s);
    ck_run_once(loop, DS_OK, NULL);
    ds_topology_free(t);
    ck_noted(s.noted);
}
END_TEST

static void wait_in_vain(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_link_set_profile(net, 0, "1 off; 2 on; repeat 3");
    send_bytes(h, 50);
    ds_recv(h, port[1], &msg);
    ds_recv(h, port[1], &msg);
}

START_TEST(a_profile_that_repeats_keeps_no_run_alive)
{
    ds_topology *t = one_link();

    build(DS_FIBERS, t, true);
    ds_spawn(loop, wait_in_vain, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_assert_double_lt(ds_loop_now(loop), 1);
    ds_loop_free(loop);
    ds_topology_free(t);
}
END_TEST

/* 100 bytes a second from 0 to 1 and from 2 on. */
static void give_up(ds_handle *h, void *arg)
{
    ds_sleep(h, START);
    ds_link_set_profile(net, 0, "1 off; 5 on");
    send_bytes(h, 200);
    ds_sleep(h, 2);
    ds_link_set_profile(net, 0, *(bool *)arg ? "9 off" : NULL);
    ds_sleep(h, 20);
}

START_TEST(without_its_profile_a_link_is_on)
{
    bool other = _i == 1;
    ds_topology *t = one_link();

    build(DS_FIBERS, t, true);
    ds_spawn(loop, give_up, &other);
    ds_spawn_daemon(loop, receive, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ds_topology_free(t);
    ck_noted("3;");
}
END_TEST

static void go_wrong(ds_handle *h, void *arg)
{
    ds_link_set_profile(net, (size_t)(*(int *)arg), "0 off; 3 ob");
}

START_TEST(what_is_no_profile_is_misuse)
{
    int which = _i;
    ds_topology *t = one_link();

    build(DS_FIBERS, t, true);
    ds_spawn(loop, go_wrong, &which);
    ck_run_once(loop, DS_EMISUSE,
                _i == 0 ? "ds_link_set_profile: \"0 off; 3 ob\", at character "
                          "10, 'ob': allowed: rate, latency, off, on"
                        : "ds_link_set_profile: there is no link 1");
    ds_topology_free(t);
}
END_TEST

/* ---- Of files -------------------------------------------------------------*/

static ds_topology *parse(const char *profile)
{
    FILE *file = tmpfile();
    char name[64];

    fprintf(file,
            "distsys topology 1\nhosts 2\ncable h0 h1 100 0\nprofile %s\n",
            profile);
    fflush(file);
    snprintf(name, sizeof(name), "file:/dev/fd/%d", fileno(file));
    ds_topology *t = ds_topology_parse(name);
    fclose(file);
    return t;
}

static void send_one(ds_handle *h, void *arg)
{
    send_bytes(h, 200);
    ds_sleep(h, START);
}

START_TEST(a_file_may_say_it)
{
    ds_topology *t = parse("h0-h1 0 rate 50; 2 off; # for long\n"
                           "profile h1-h0 0 off");

    ck_assert_str_eq(ds_topology_error(t), "");
    build(DS_FIBERS, t, false);
    ds_spawn(loop, send_one, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ds_topology_free(t);
    ck_noted("-998 lost;");
}
END_TEST

static const struct {
    const char *profile;
    const char *why;
} spoilt[] = {
    { "h0-h1 0 of",
      "line 4: the profile, at character 3, 'of': allowed: rate" },
    { "h0-h1", "line 4: 2 words; allowed: profile LINK TIME WHAT" },
    { "h0-h2 0 off", "line 4: no link is called 'h0-h2'" },
    { "h0-h1 0 off\ncable h0 h1 1 1", "line 5: links come before routes and" },
};

START_TEST(a_file_that_is_spoilt_is_refused)
{
    ds_topology *t = parse(spoilt[_i].profile);

    ck_assert_msg(strstr(ds_topology_error(t), spoilt[_i].why) != NULL, "%s",
                  ds_topology_error(t));
    ds_topology_free(t);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_text_says_what_a_link_is_like_when, 0,
                        sizeof(good) / sizeof(*good));
    tcase_add_loop_test(tc, what_is_wrong_is_said_with_its_place, 0,
                        sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(tc, pieces_in_any_order_are_read_or_refused);
    tcase_add_loop_test(tc, messages_take_a_link_as_it_is, 0,
                        2 * sizeof(stories) / sizeof(*stories));
    tcase_add_test(tc, a_profile_that_repeats_keeps_no_run_alive);
    tcase_add_loop_test(tc, without_its_profile_a_link_is_on, 0, 2);
    tcase_add_loop_test(tc, what_is_no_profile_is_misuse, 0, 2);
    tcase_add_test(tc, a_file_may_say_it);
    tcase_add_loop_test(tc, a_file_that_is_spoilt_is_refused, 0,
                        sizeof(spoilt) / sizeof(*spoilt));
}

int main(void)
{
    return harness_main("routed_profile", add);
}
