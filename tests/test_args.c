/* Options of programs: what is understood, and the one line about the rest. */

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/args.h"
#include "harness.h"

/* ---- A program to try it on -----------------------------------------------*/

static const char *const colours[] = { "red", "green", "blue" };

static const struct args_range times = {
    .allowed = "seconds >= 0, such as 0.5 or 100us",
    .max = 1e9,
    .units = args_seconds,
};
static const struct args_range nodes = {
    .allowed = "whole numbers from 1 to 1000",
    .min = 1,
    .max = 1000,
    .whole = true,
    .units = args_counts,
};
static const struct args_range rates = {
    .allowed = "bytes per second > 0",
    .max = 1e15,
    .above = true,
    .units = args_rates,
};

struct options {
    struct args_reals times;
    struct args_names colours;
    bool real;
};

static const struct argp_option known[] = {
    { "time", 't', "LIST", 0, "Times", 0 },
    { "colour", 'c', "LIST", 0, "Colours", 0 },
    { "real", 'r', NULL, 0, "Really", 0 },
    { 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;

    if (key == 't')
        args_reals(&o->times, "--time", arg, &times);
    else if (key == 'c')
        args_names(&o->colours, "--colour", arg, colours, 3);
    else if (key == 'r')
        o->real = true;
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp argp = {
    known, parse, NULL, "Tries.", NULL, NULL, NULL
};

enum { WORDS = 8, TEXT = 4096 };

struct outcome {
    int status;
    char out[TEXT];
    char err[TEXT];
};

static void read_all(int fd, char *text)
{
    size_t n = 0;
    ssize_t got;

    while ((got = read(fd, text + n, TEXT - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    close(fd);
}

/* Runs a function in a process of its own and keeps what it writes. */
static struct outcome run(void (*fn)(void *), void *arg)
{
    struct outcome r;
    int out[2], err[2], status;

    ck_assert_int_eq(pipe(out), 0);
    ck_assert_int_eq(pipe(err), 0);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        close(out[0]);
        close(err[0]);
        fn(arg);
        exit(0);
    }
    close(out[1]);
    close(err[1]);
    read_all(out[0], r.out);
    read_all(err[0], r.err);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    r.status = WEXITSTATUS(status);
    return r;
}

static void run_program(void *arg)
{
    char *argv[WORDS + 2] = { "/some/where/prog" };
    char **words = arg;
    int argc = 1;
    struct options o = { 0 };

    for (; *words != NULL; words++)
        argv[argc++] = *words;
    args_parse("prog", &argp, argc, argv, &o);
    printf("%zu times, %zu colours%s\n", o.times.n, o.colours.n,
           o.real ? ", real" : "");
    free(o.times.values);
    free(o.colours.index);
}

/* ---- What is understood ---------------------------------------------------*/

static const struct {
    const char *text;
    const struct args_range *range;
    double value;
} numbers[] = {
    { "0", &times, 0 },
    { "0.5", &times, 0.5 },
    { ".5", &times, 0.5 },
    { "1.", &times, 1 },
    { "+2", &times, 2 },
    { "1e-3", &times, 1e-3 },
    { "1E2", &times, 100 },
    { "100us", &times, 0.0001 }, /* 100 * 1e-6 would be something else */
    { "0.3ms", &times, 0.0003 },
    { "1e3us", &times, 0.001 },
    { "7ns", &times, 7e-9 },
    { "2s", &times, 2 },
    { "64", &nodes, 64 },
    { "1k", &nodes, 1000 },
    { "0.5k", &nodes, 500 },
    { "1e9", &rates, 1e9 },
    { "10G", &rates, 1e10 },
    { "1.5M", &rates, 1500000 },
    { "10Gbit", &rates, 1.25e9 },
    { "2T", &rates, 2e12 },
};

START_TEST(a_number_is_the_double_nearest_to_what_is_written)
{
    ck_assert(args_real("--n", numbers[_i].text, numbers[_i].range) ==
              numbers[_i].value);
}
END_TEST

START_TEST(a_list_keeps_its_order_and_replaces_the_one_before)
{
    struct args_reals list = { 0 };

    args_reals(&list, "--time", "9,9,9", &times);
    args_reals(&list, "--time", "3,1ms", &times);
    ck_assert_uint_eq(list.n, 2);
    ck_assert(list.values[0] == 3 && list.values[1] == 0.001);
    free(list.values);
}
END_TEST

START_TEST(all_stands_for_every_name)
{
    struct args_names list = { 0 };

    args_names(&list, "--colour", "blue,all", colours, 3);
    ck_assert_uint_eq(list.n, 4);
    ck_assert_uint_eq(list.index[0], 2);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(list.index[i + 1], i);
    free(list.index);
}
END_TEST

START_TEST(a_choice_is_the_index_of_its_name)
{
    ck_assert_uint_eq(args_choice("--colour", "green", colours, 3), 1);
}
END_TEST

START_TEST(a_word_has_64_bits)
{
    ck_assert_uint_eq(args_word("--seed", "18446744073709551615"), UINT64_MAX);
    ck_assert_uint_eq(args_word("--seed", "0xff"), 255);
    ck_assert_uint_eq(args_word("--seed", "010"), 10);
}
END_TEST

START_TEST(good_usage_comes_back)
{
    char *words[] = { "--time=1,2", "-r", "--col", "all", NULL };
    struct outcome r = run(run_program, words);

    ck_assert_str_eq(r.err, "");
    ck_assert_str_eq(r.out, "2 times, 3 colours, real\n");
    ck_assert_int_eq(r.status, 0);
}
END_TEST

START_TEST(version_names_program_package_and_version)
{
    char *words[] = { "--version", NULL };
    struct outcome r = run(run_program, words);

    ck_assert_int_eq(strncmp(r.out, "prog (dist-sys) ", 16), 0);
    ck_assert_ptr_eq(strchr(r.out, '\n'), r.out + strlen(r.out) - 1);
    ck_assert_int_eq(r.status, 0);
}
END_TEST

START_TEST(help_goes_to_standard_output)
{
    char *words[] = { "--help", NULL };
    struct outcome r = run(run_program, words);

    ck_assert_ptr_nonnull(strstr(r.out, "Usage: prog [OPTION...]"));
    ck_assert_ptr_nonnull(strstr(r.out, "--colour=LIST"));
    ck_assert_str_eq(r.err, "");
    ck_assert_int_eq(r.status, 0);
}
END_TEST

/* ---- And what is not ------------------------------------------------------*/

static const struct {
    const char *text;
    const struct args_range *range;
} bad_numbers[] = {
    { "", &times },
    { "x", &times },
    { "-1", &times },
    { "1h", &times },
    { "1 s", &times },
    { " 1", &times },
    { "1.2.3", &times },
    { "inf", &times },
    { "nan", &times },
    { "0x10", &times },
    { "1e", &times },
    { "1e 5", &times },
    { "1e999", &times },
    { "2e9", &times },
    { "--1", &times },
    { ".", &times },
    { "1msx", &times },
    { "0", &nodes },
    { "1001", &nodes },
    { "1.5", &nodes },
    { "1ms", &nodes },
    { "0", &rates },
    { "1e16", &rates },
    { "1K", &rates },
    { "1e99999999999999999999", &times },
    { "111111111111111111111111111111111111111111111111111111", &times },
};

static void run_bad_number(void *arg)
{
    int i = *(int *)arg;

    args_real("--n", bad_numbers[i].text, bad_numbers[i].range);
}

START_TEST(a_bad_number_names_option_value_and_what_is_allowed)
{
    struct outcome r = run(run_bad_number, &_i);
    char wanted[256];

    snprintf(wanted, sizeof(wanted), ": --n: bad value '%s'; allowed: %s\n",
             bad_numbers[_i].text, bad_numbers[_i].range->allowed);
    ck_assert_str_eq(r.err, wanted);
    ck_assert_int_eq(r.status, 2);
}
END_TEST

static const char *const bad_words[] = {
    "", "-1", "1.5", "x", " 1", "1x", "0xg", "18446744073709551616"
};

static void run_bad_word(void *arg)
{
    args_word("--seed", arg);
}

START_TEST(a_bad_word_is_refused)
{
    struct outcome r = run(run_bad_word, (void *)bad_words[_i]);

    ck_assert_ptr_nonnull(strstr(r.err, "--seed: bad value '"));
    ck_assert_int_eq(r.status, 2);
}
END_TEST

static const struct {
    char *words[WORDS];
    const char *line;
} bad_usage[] = {
    { { "--nonesuch" }, "prog: unrecognized option '--nonesuch'\n" },
    { { "-z" }, "prog: invalid option -- 'z'\n" },
    { { "--time" }, "prog: option '--time' requires an argument\n" },
    { { "-t" }, "prog: option requires an argument -- 't'\n" },
    { { "--real=1" }, "prog: option '--real' doesn't allow an argument\n" },
    { { "stray" },
      "prog: unexpected argument 'stray'; only options are allowed, see "
      "--help\n" },
    { { "-r", "--", "-t" },
      "prog: unexpected argument '-t'; only options are allowed, see "
      "--help\n" },
    { { "--time=1,,2" },
      "prog: --time: bad value ''; allowed: seconds >= 0, such as 0.5 or "
      "100us\n" },
    { { "--time=1,5parsecs" },
      "prog: --time: bad value '5parsecs'; allowed: seconds >= 0, such as "
      "0.5 or 100us\n" },
    { { "--colour=red,pink" },
      "prog: --colour: unknown name 'pink'; known are red, green, blue; or "
      "all\n" },
    { { "--colour=" },
      "prog: --colour: unknown name ''; known are red, green, blue; or all\n" },
};

START_TEST(bad_usage_is_one_line_and_status_2)
{
    struct outcome r = run(run_program, (void *)bad_usage[_i].words);

    ck_assert_str_eq(r.err, bad_usage[_i].line);
    ck_assert_str_eq(r.out, "");
    ck_assert_int_eq(r.status, 2);
}
END_TEST

static void run_full(void *arg)
{
    if (freopen("/dev/full", "w", stdout) == NULL)
        exit(77);
    run_program(arg);
}

START_TEST(output_that_cannot_be_written_is_status_1)
{
    static char *const words[][2] = { { "--help" }, { "--version" }, { NULL } };
    struct outcome r = run(run_full, (void *)words[_i]);

    ck_assert_str_eq(r.err, "prog: cannot write the output: No space left on "
                            "device\n");
    ck_assert_int_eq(r.status, 1);
}
END_TEST

#define LENGTH(array) ((int)(sizeof(array) / sizeof(*(array))))

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_number_is_the_double_nearest_to_what_is_written,
                        0, LENGTH(numbers));
    tcase_add_test(tc, a_list_keeps_its_order_and_replaces_the_one_before);
    tcase_add_test(tc, all_stands_for_every_name);
    tcase_add_test(tc, a_choice_is_the_index_of_its_name);
    tcase_add_test(tc, a_word_has_64_bits);
    tcase_add_test(tc, good_usage_comes_back);
    tcase_add_test(tc, version_names_program_package_and_version);
    tcase_add_test(tc, help_goes_to_standard_output);
    tcase_add_loop_test(tc, a_bad_number_names_option_value_and_what_is_allowed,
                        0, LENGTH(bad_numbers));
    tcase_add_loop_test(tc, a_bad_word_is_refused, 0, LENGTH(bad_words));
    tcase_add_loop_test(tc, bad_usage_is_one_line_and_status_2, 0,
                        LENGTH(bad_usage));
    tcase_add_loop_test(tc, output_that_cannot_be_written_is_status_1, 0, 3);
}

int main(void)
{
    return harness_main("args", add);
}
