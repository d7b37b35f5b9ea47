/* Figures: all that happened is in them, they say what is left out, and the
 * same run has the same bytes. */

#include "tracing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <distsys.h>

#include "bench/trace/svg.h"

/* ---- Runs -----------------------------------------------------------------*/

static ds_node *nodes[4];
static ds_port *ports[4];
static ds_net *net;

static void make_town(ds_loop *loop)
{
    for (int i = 0; i < 4; i++) {
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
    }
    net = ds_random_net_new(loop, 0.5);
}

static void listen(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, arg, &msg))
        ds_msg_drop(&msg);
}

static void work(void *arg)
{
}

/* One message arrives, and the others are lost to a cut and to a crash. */
static void suffer(ds_handle *h, void *arg)
{
    ds_set_name(h, "a<b>&\"'\x01\xff");
    ds_sleep(h, 1);
    ds_state(h, "hopeful <");
    ds_mark(h, "it begins & goes on");
    ds_send_bytes(h, net, ports[0], ports[1], "one", 3);
    ds_sleep(h, 1);
    ds_net_partition(net, &nodes[1], 1);
    ds_send_bytes(h, net, ports[0], ports[1], "two", 3);
    ds_sleep(h, 1);
    ds_net_heal(net);
    ds_state(h, NULL);
    ds_node_crash(nodes[1]);
    ds_node_pause(nodes[2]);
    ds_node_set_speed(nodes[2], 0.5);
    ds_sleep(h, 1);
    ds_compute(h, 1, work, NULL);
    ds_node_resume(nodes[2]);
    ds_send_bytes(h, net, ports[0], ports[3], "late", 4);
}

static void fill_trouble(ds_loop *loop)
{
    make_town(loop);
    ds_node_boot_daemon(nodes[1], listen, ports[1]);
    ds_node_boot_daemon(nodes[2], listen, ports[2]);
    ds_spawn(loop, suffer, NULL);
}

/* 0, 1 and 2 wait for each other, 3 for 0. */
static void wait_in_a_circle(ds_comm *c, void *arg)
{
    const size_t rank = ds_comm_rank(c);

    ds_sleep(ds_comm_handle(c), 1);
    ds_vec_unref(ds_comm_recv_tag(c, rank < 3 ? (rank + 1) % 3 : 0, 1));
}

static void fill_circle(ds_loop *loop)
{
    make_town(loop);
    ds_comm_spawn(loop, net, nodes, 4, wait_in_a_circle, NULL);
}

static void send_many(ds_handle *h, void *arg)
{
    for (int i = 0; i < 25000; i++) {
        ds_send_bytes(h, net, ports[0], ports[1], "", 1);
        ds_sleep(h, 0.001);
    }
}

static void fill_many(ds_loop *loop)
{
    make_town(loop);
    ds_node_boot_daemon(nodes[1], listen, ports[1]);
    ds_spawn(loop, send_many, NULL);
}

static void sleep_on(ds_handle *h, void *arg)
{
    ds_sleep(h, 10);
}

static void fill_crowd(ds_loop *loop)
{
    for (int i = 0; i < 203; i++)
        ds_spawn(loop, sleep_on, NULL);
}

static void fill_sleep(ds_loop *loop)
{
    ds_spawn(loop, sleep_on, NULL);
}

/* ---- Figures --------------------------------------------------------------*/

static char figure_file[80];

static void remove_figure(void)
{
    unlink(figure_file);
}

/* The figure of a run, to be freed. */
static char *figure_of(void (*fill)(ds_loop *loop), ds_exec exec, double from,
                       double to, const char *rows)
{
    const char *trace = tracing_file();
    ds_loop *loop;
    trace_model model;
    trace_view view;
    size_t size;

    unsetenv("DISTSYS_TRACE");
    unsetenv("DISTSYS_EXEC");
    loop = ds_loop_new(&(ds_loop_config){ .exec = exec, .trace = trace });
    fill(loop);
    ds_loop_run(loop);
    ds_loop_free(loop);
    snprintf(figure_file, sizeof(figure_file), "%s/figure-%ld", P_tmpdir,
             (long)getpid());
    atexit(remove_figure);
    ck_assert_int_eq(trace_model_read(&model, trace).status, 0);
    ck_assert_int_eq(trace_view_make(&view, &model, from, to, rows).status, 0);
    ck_assert_int_eq(trace_svg(&view, figure_file).status, 0);
    trace_view_free(&view);
    trace_model_free(&model);
    char *text = bytes_of(figure_file, &size);
    text = realloc(text, size + 1);
    ck_assert_ptr_nonnull(text);
    text[size] = '\0';
    return text;
}

static char *whole_figure(void (*fill)(ds_loop *loop))
{
    return figure_of(fill, DS_FIBERS, NAN, NAN, NULL);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    while ((text = strstr(text, what)) != NULL) {
        text += strlen(what);
        n++;
    }
    return n;
}

#define HAS(text, what) ck_assert_msg(strstr(text, what) != NULL, "no %s", what)

/* Shapes of the paths that have these attributes. */
static size_t shapes(const char *text, const char *attribute)
{
    size_t n = 0;

    while ((text = strstr(text, attribute)) != NULL) {
        const char *d = strstr(text, " d='");
        const char *end = strstr(text, "/>");
        for (; d != NULL && d < end; d++)
            n += *d == 'M';
        text = end;
    }
    return n;
}

/* ---- What there is --------------------------------------------------------*/

START_TEST(it_is_the_same_on_threads_and_fibers)
{
    static void (*const fills[])(ds_loop *) = { fill_trouble, fill_circle };
    char *a = figure_of(fills[_i], DS_FIBERS, NAN, NAN, NULL);
    char *b = figure_of(fills[_i], DS_THREADS, NAN, NAN, NULL);

    ck_assert_str_eq(a, b);
    free(a);
    free(b);
}
END_TEST

START_TEST(what_went_wrong_is_shown_and_in_the_legend)
{
    static const char *const texts[] = {
        ">lost</text>",      ">cut off</text>", ">down</text>",
        ">paused</text>",    ">fault</text>",   ">mark</text>",
        ">computes</text>",  ">sleeps</text>",  ">message</text>",
        ">speed 0.5</text>",
    };
    char *text = whole_figure(fill_trouble);

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        HAS(text, texts[i]);
    free(text);
}
END_TEST

/* The first one, and the swatch of the legend. */
START_TEST(each_message_is_a_line_and_each_lost_one_has_a_cross)
{
    char *text = whole_figure(fill_trouble);

    ck_assert_uint_eq(shapes(text, "stroke='#4a6fa5' stroke-width='.6'"), 2);
    ck_assert_uint_eq(shapes(text, "stroke-dasharray='3,1.5'"), 2);
    ck_assert_uint_eq(shapes(text, "stroke='#c0143c' stroke-width='1.3'"), 4);
    free(text);
}
END_TEST

START_TEST(names_are_escaped)
{
    char *text = whole_figure(fill_trouble);

    HAS(text, ">a&lt;b&gt;&amp;&quot;&#39; \xef\xbf\xbd</text>");
    HAS(text, ">hopeful &lt;</text>");
    HAS(text, ">it begins &amp; goes on</text>");
    for (const char *p = text; *p != '\0'; p++)
        ck_assert(*p == '\n' || (unsigned char)*p >= ' ');
    free(text);
}
END_TEST

START_TEST(a_circle_is_told_from_who_waits_for_it)
{
    char *text = whole_figure(fill_circle);

    HAS(text, "deadlock: waits for");
    HAS(text, ">waits in a circle</text>");
    ck_assert_uint_eq(shapes(text, "stroke='#c0143c' stroke-width='2'"), 4);
    ck_assert_uint_eq(shapes(text, "stroke-dasharray='3,2'"), 2);
    ck_assert_uint_eq(count(text, "r='2.5' fill='#c0143c'"), 3);
    ck_assert_uint_eq(count(text, "r='2.5' fill='#fff'"), 1);
    free(text);
}
END_TEST

/* ---- The axis -------------------------------------------------------------*/

static const struct {
    double from;
    double to;
    const char *ticks[4];
} views[] = {
    { 0, 10, { ">0 s<", ">2 s<", ">8 s<", ">10 s<" } },
    { 1.25, 1.62, { ">1.25 s<", ">1.30 s<", ">1.55 s<", ">1.60 s<" } },
    { 0, 0.0031, { ">0.0 ms<", ">0.5 ms<", ">2.5 ms<", ">3.0 ms<" } },
    { 3e-6, 9e-6, { ">3 us<", ">4 us<", ">8 us<", ">9 us<" } },
    { 7,
      7.0001,
      { ">7.00000 s<", ">7.00002 s<", ">7.00008 s<", ">7.00010 s<" } },
    { 5, 5, { ">5.000 s<", ">5", ">5", ">5" } },
};

START_TEST(times_are_round)
{
    char *text =
        figure_of(fill_sleep, DS_FIBERS, views[_i].from, views[_i].to, NULL);

    for (int i = 0; i < 4; i++)
        HAS(text, views[_i].ticks[i]);
    ck_assert_uint_le(count(text, "s</text>"), 14);
    free(text);
}
END_TEST

/* ---- What there is not ----------------------------------------------------*/

START_TEST(too_many_messages_are_said)
{
    char *text = whole_figure(fill_many);
    const size_t n = shapes(text, "stroke='#4a6fa5' stroke-width='.6'");

    HAS(text, "one in 2 messages is drawn, and all of the critical path");
    ck_assert_uint_gt(n, 11000);
    ck_assert_uint_lt(n, 14000);
    free(text);
}
END_TEST

START_TEST(too_many_rows_are_said)
{
    char *text = whole_figure(fill_crowd);

    HAS(text, ">thread 200</text>");
    ck_assert_ptr_null(strstr(text, ">thread 201</text>"));
    HAS(text, "3 more rows are not drawn; --rows chooses");
    free(text);
}
END_TEST

START_TEST(messages_to_rows_that_are_not_shown_are_said)
{
    char *text = figure_of(fill_trouble, DS_FIBERS, NAN, NAN, "1-2");

    HAS(text, "messages from or to rows that are not shown are not drawn");
    free(text);
}
END_TEST

static const struct {
    const char *file;
    int status;
    const char *text;
} bad_files[] = {
    { "/nowhere/figure", 2, "/nowhere/figure: No such file or directory" },
    { "/dev/full", 1, "/dev/full: cannot write it: No space left on device" },
};

START_TEST(a_file_that_cannot_be_written_is_named)
{
    trace_model model;
    trace_view view;

    const char *trace = tracing_file();
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .trace = trace });
    fill_trouble(loop);
    ds_loop_run(loop);
    ds_loop_free(loop);
    ck_assert_int_eq(trace_model_read(&model, trace).status, 0);
    ck_assert_int_eq(trace_view_make(&view, &model, NAN, NAN, NULL).status, 0);
    failure why = trace_svg(&view, bad_files[_i].file);
    ck_assert_int_eq(why.status, bad_files[_i].status);
    ck_assert_str_eq(why.text, bad_files[_i].text);
    free(why.text);
    trace_view_free(&view);
    trace_model_free(&model);
}
END_TEST

/* ---- All of them ----------------------------------------------------------*/

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, it_is_the_same_on_threads_and_fibers, 0, 2);
    tcase_add_test(tc, what_went_wrong_is_shown_and_in_the_legend);
    tcase_add_test(tc, each_message_is_a_line_and_each_lost_one_has_a_cross);
    tcase_add_test(tc, names_are_escaped);
    tcase_add_test(tc, a_circle_is_told_from_who_waits_for_it);
    tcase_add_loop_test(tc, times_are_round, 0, sizeof(views) / sizeof(*views));
    tcase_add_test(tc, too_many_messages_are_said);
    tcase_add_test(tc, too_many_rows_are_said);
    tcase_add_test(tc, messages_to_rows_that_are_not_shown_are_said);
    tcase_add_loop_test(tc, a_file_that_cannot_be_written_is_named, 0,
                        sizeof(bad_files) / sizeof(*bad_files));
}

int main(void)
{
    return harness_main("figure", add);
}
