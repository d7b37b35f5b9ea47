/* What a loop tells whoever has started the program: a line for each run. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <distsys.h>

#include "harness.h"
#include "loop/outcome.h"

/* ---- What is told ---------------------------------------------------------*/

static char said[65536];
static int ends[2];

/* DISTSYS_REPORT names one end of a pipe from now on. */
static void listen(void)
{
    char number[20];

    ck_assert_int_eq(pipe(ends), 0);
    snprintf(number, sizeof(number), "%d", ends[1]);
    setenv("DISTSYS_REPORT", number, 1);
}

static void hear(void)
{
    ssize_t n;

    close(ends[1]);
    n = read(ends[0], said, sizeof(said) - 1);
    ck_assert_int_ge(n, 0);
    said[n] = '\0';
    close(ends[0]);
    unsetenv("DISTSYS_REPORT");
}

static void ck_line(const ds_loop *loop, const char *status, const char *text,
                    const char *counts)
{
    char wanted[2000];

    snprintf(wanted, sizeof(wanted),
             "{\"status\": \"%s\", \"text\": \"%s\", \"digest\": \"%016llx\", "
             "%s, \"exec\": \"%s\"}\n",
             status, text, (unsigned long long)ds_loop_digest(loop), counts,
             ds_loop_config_of(loop)->exec == DS_FIBERS ? "fibers" : "threads");
    ck_assert_str_eq(said, wanted);
}

/* ---- Simulations ----------------------------------------------------------*/

static ds_net *net;
static ds_port *ports[2];

static void give(ds_handle *h, void *arg)
{
    ds_send(h, net,
            (ds_msg){ .source = ports[0], .dest = ports[1], .size = 1 });
}

static void take(ds_handle *h, void *arg)
{
    ds_msg m;

    ck_assert(ds_recv(h, ports[1], &m));
    ds_msg_drop(&m);
}

static ds_loop *with_message(void)
{
    ds_loop *loop = ds_loop_new(NULL);

    net = ds_random_net_new(loop, 1);
    for (size_t i = 0; i < 2; i++)
        ports[i] = ds_port_new(ds_node_new(loop));
    ds_spawn(loop, give, NULL);
    ds_spawn(loop, take, NULL);
    return loop;
}

/* Of a run that has begun at a time: one message, which is one event. */
static void ck_message(const ds_loop *loop, double began)
{
    char counts[200];

    snprintf(counts, sizeof(counts),
             "\"seconds\": %.17g, \"events\": 1, \"messages\": 1",
             ds_loop_now(loop) - began);
    ck_line(loop, "success", "", counts);
}

START_TEST(a_run_that_rests_is_told_of_once_and_whole)
{
    ds_loop *loop;

    listen();
    loop = with_message();
    ck_assert_int_eq(ds_loop_run_until(loop, 0.001), DS_OK);
    ck_assert_int_eq(ds_loop_run_until(loop, 1.5), DS_OK);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    hear();
    ck_message(loop, 0);
    ds_loop_free(loop);
}
END_TEST

static void fail_oddly(ds_handle *h, void *arg)
{
    ds_fail(h, "a \"quote\",\ta tab,\n a \\ and \xc3\xa9");
}

static void fail_long(ds_handle *h, void *arg)
{
    char text[4000];

    memset(text, '\x01', sizeof(text));
    text[0] = 'x';
    text[sizeof(text) - 1] = '\0';
    ds_fail(h, "%s", text);
}

START_TEST(a_run_that_goes_well_is_told)
{
    ds_loop *loop;

    listen();
    loop = with_message();
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    hear();
    ck_message(loop, 0);
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_second_run_tells_of_itself_alone)
{
    ds_loop *loop;
    double first;

    listen();
    loop = with_message();
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ck_assert_int_gt(read(ends[0], said, sizeof(said)), 0);
    first = ds_loop_now(loop);
    ck_assert_double_gt(first, 0);
    ds_spawn(loop, give, NULL);
    ds_spawn(loop, take, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    hear();
    ck_message(loop, first);
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_failure_has_its_text)
{
    ds_loop *loop;

    listen();
    loop = ds_loop_new(NULL);
    ds_spawn(loop, fail_oddly, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_FAILED);
    hear();
    ck_line(loop, "failed",
            "a \\\"quote\\\",\\u0009a tab,\\n a \\\\ and \xc3\xa9",
            "\"seconds\": 0, \"events\": 0, \"messages\": 0");
    ds_loop_free(loop);
}
END_TEST

/* POSIX has writes of 4096 bytes to a pipe whole in Linux. */
START_TEST(a_long_text_is_cut_and_the_line_is_whole)
{
    ds_loop *loop;
    size_t n;

    listen();
    loop = ds_loop_new(NULL);
    ds_spawn(loop, fail_long, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_FAILED);
    hear();
    n = strlen(said);
    ck_assert_uint_gt(n, 3600);
    ck_assert_uint_le(n, 4096);
    ck_assert_ptr_nonnull(strstr(said, "\"messages\": 0, \"exec\": \""));
    ck_assert_str_eq(said + n - 2, "}\n");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_letter_of_several_bytes_is_not_cut)
{
    char text[1000];
    const ds__outcome outcome = { .status = "failed", .text = text };

    listen();
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + 1 + i, "\xc3\xa9", 2);
    text[0] = 'x';
    text[sizeof(text) - 1] = '\0';
    ds__outcome_write(ends[1], &outcome);
    hear();
    ck_assert_ptr_nonnull(strstr(said, "\xc3\xa9\", \"digest\""));
}
END_TEST

START_TEST(a_loop_that_ignores_the_environment_tells_nothing)
{
    const ds_loop_config config = { .ignore_environment = true };
    ds_loop *loop;

    listen();
    loop = ds_loop_new(&config);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    hear();
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_full_disk_changes_nothing)
{
    const ds__outcome outcome = { .status = "success", .text = "" };
    FILE *full = fopen("/dev/full", "w");

    if (full == NULL) {
        harness_skip("a full disk", "there is no /dev/full");
        return;
    }
    errno = EDOM;
    ds__outcome_write(fileno(full), &outcome);
    ck_assert_int_eq(errno, EDOM);
    fclose(full);
}
END_TEST

/* ---- The variable ---------------------------------------------------------*/

static const char *const bad[] = {
    "", "x", "-1", "1x", " 1", "123456789", "99999999999999999999", "1 ",
};

START_TEST(a_variable_that_names_no_open_file_is_misuse)
{
    char wanted[200];
    ds_loop *loop;

    setenv("DISTSYS_REPORT", bad[_i], 1);
    loop = ds_loop_new(NULL);
    snprintf(wanted, sizeof(wanted),
             "ds_loop_new: DISTSYS_REPORT is \"%s\"; it must be the number of "
             "a file that is open",
             bad[_i]);
    ck_assert_int_eq(ds_loop_run(loop), DS_EMISUSE);
    ck_assert_str_eq(ds_loop_error(loop), wanted);
    ds_loop_free(loop);
    unsetenv("DISTSYS_REPORT");
}
END_TEST

START_TEST(an_open_file_is_found)
{
    ck_assert_int_eq(ds__outcome_file("2"), 2);
    ck_assert_int_eq(ds__outcome_file("002"), 2);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_run_that_rests_is_told_of_once_and_whole);
    tcase_add_test(tc, a_run_that_goes_well_is_told);
    tcase_add_test(tc, a_second_run_tells_of_itself_alone);
    tcase_add_test(tc, a_failure_has_its_text);
    tcase_add_test(tc, a_long_text_is_cut_and_the_line_is_whole);
    tcase_add_test(tc, a_letter_of_several_bytes_is_not_cut);
    tcase_add_test(tc, a_loop_that_ignores_the_environment_tells_nothing);
    tcase_add_test(tc, a_full_disk_changes_nothing);
    tcase_add_loop_test(tc, a_variable_that_names_no_open_file_is_misuse, 0,
                        sizeof(bad) / sizeof(*bad));
    tcase_add_test(tc, an_open_file_is_found);
}

int main(void)
{
    return harness_main("outcome", add);
}
