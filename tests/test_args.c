/* Options of programs: what is understood, and the one line about the rest. */

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "harness.h"

/* ---- A program to try it on -----------------------------------------------*/

static const char *const colours[] = { "red", "green", "blue" };

static const args_known known_colours = { colours, 3 };

static const args_range times = {
    .allowed = "seconds >= 0, such as 0.5 or 100us",
    .max = 1e9,
    .units = args_seconds,
};
static const args_range nodes = {
    .allowed = "whole numbers from 1 to 1000",
    .min = 1,
    .max = 1000,
    .whole = true,
    .units = args_counts,
};
static const args_range rates = {
    .allowed = "bytes per second > 0",
    .max = 1e15,
    .above = true,
    .units = args_rates,
};

typedef struct options {
    args_reals times;
    args_reals later;
    args_names colours;
    size_t colour;
    size_t nodes;
    double rate;
    uint64_t seed;
    const char *file;
    bool real;
} options;

enum { TIME, LATER, COLOURS, COLOUR, NODES, RATE, SEED, WHERE, REAL, OPTIONS };
static const args_option table[OPTIONS] = {
    [TIME] = { .name = "time",
               .letter = 't',
               .unit = "LIST",
               .type = ARGS_REALS,
               .at = offsetof(options, times),
               .range = &times,
               .help = "Times" },
    [LATER] = { .name = "later",
                .unit = "LIST",
                .type = ARGS_REALS,
                .at = offsetof(options, later),
                .range = &times,
                .preset = "5,6,7",
                .late = true,
                .help = "Times that another one completes" },
    [COLOURS] = { .name = "colours",
                  .letter = 'c',
                  .unit = "LIST",
                  .type = ARGS_NAMES,
                  .at = offsetof(options, colours),
                  .known = &known_colours,
                  .preset = "red,blue",
                  .help = "Colours" },
    [COLOUR] = { .name = "favourite",
                 .unit = "NAME",
                 .type = ARGS_CHOICE,
                 .at = offsetof(options, colour),
                 .known = &known_colours,
                 .preset = "blue",
                 .help = "The one" },
    [NODES] = { .name = "nodes",
                .unit = "N",
                .type = ARGS_COUNT,
                .at = offsetof(options, nodes),
                .range = &nodes,
                .preset = "32",
                .help = "Nodes" },
    [RATE] = { .name = "rate",
               .unit = "RATE",
               .type = ARGS_REAL,
               .at = offsetof(options, rate),
               .range = &rates,
               .preset = "10G",
               .help = "Rate" },
    [SEED] = { .name = "seed",
               .unit = "NUMBER",
               .type = ARGS_WORD,
               .at = offsetof(options, seed),
               .preset = "7",
               .variable = "TEST_SEED",
               .help = "Seed" },
    [WHERE] = { .name = "file",
                .unit = "FILE",
                .type = ARGS_STRING,
                .at = offsetof(options, file),
                .shown = "somewhere",
                .help = "File" },
    [REAL] = { .name = "real",
               .letter = 'r',
               .type = ARGS_FLAG,
               .at = offsetof(options, real),
               .help = "Really" },
};

enum { WORDS = 8, TEXT = 4096 };

typedef struct outcome {
    int status;
    char out[TEXT];
    char err[TEXT];
} outcome;

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
static outcome run(void (*fn)(void *), void *arg)
{
    outcome r;
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

static void print(const options *o)
{
    printf("%zu times, %zu colours, %s, %zu nodes, rate %g, seed %llu%s%s%s\n",
           o->times.n, o->colours.n, colours[o->colour], o->nodes, o->rate,
           (unsigned long long)o->seed, o->file != NULL ? ", file " : "",
           o->file != NULL ? o->file : "", o->real ? ", real" : "");
}

static void run_program(void *arg)
{
    static const args_program program = { "prog", "Tries." };
    char *argv[WORDS + 2] = { "/some/where/prog" };
    char **words = arg;
    int argc = 1;
    options o = { 0 };
    const args_option *rows[OPTIONS];
    const args_table tables[] = { { "Which:", rows, 4, &o },
                                  { NULL, rows + 4, OPTIONS - 4, &o } };

    for (size_t i = 0; i < OPTIONS; i++)
        rows[i] = &table[i];
    for (; *words != NULL; words++)
        argv[argc++] = *words;
    failure why = args_parse(&program, tables, 2, argc, argv);
    if (why.status == 0)
        print(&o);
    args_free(tables, 2);
    exit(args_end(why));
}

/* What one value becomes; the program's own options are of no use here. */
static failure read_one(args_type type, const args_range *range,
                        const char *text, void *value)
{
    const args_option one = {
        .name = "n", .type = type, .range = range, .known = &known_colours
    };

    return args_read(&one, "--n", text, value);
}

/* ---- What is understood ---------------------------------------------------*/

static const struct {
    const char *text;
    const args_range *range;
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
    double value;
    failure why =
        read_one(ARGS_REAL, numbers[_i].range, numbers[_i].text, &value);

    ck_assert_int_eq(why.status, 0);
    ck_assert(value == numbers[_i].value);
}
END_TEST

START_TEST(a_list_keeps_its_order_and_replaces_the_one_before)
{
    args_reals list = { 0 };

    read_one(ARGS_REALS, &times, "9,9,9", &list);
    read_one(ARGS_REALS, &times, "3,1ms", &list);
    ck_assert_uint_eq(list.n, 2);
    ck_assert(list.values[0] == 3 && list.values[1] == 0.001);
    free(list.values);
}
END_TEST

START_TEST(all_stands_for_every_name)
{
    args_names list = { 0 };

    read_one(ARGS_NAMES, NULL, "blue,all", &list);
    ck_assert_uint_eq(list.n, 4);
    ck_assert_uint_eq(list.index[0], 2);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(list.index[i + 1], i);
    free(list.index);
}
END_TEST

START_TEST(a_choice_is_the_index_of_its_name)
{
    size_t index;

    read_one(ARGS_CHOICE, NULL, "green", &index);
    ck_assert_uint_eq(index, 1);
}
END_TEST

static const struct {
    const char *text;
    uint64_t word;
} good_words[] = {
    { "18446744073709551615", UINT64_MAX },
    { "0xff", 255 },
    { "0xffffffffffffffff", UINT64_MAX },
    { "010", 10 },
};

START_TEST(a_word_has_64_bits)
{
    uint64_t word;
    failure why = read_one(ARGS_WORD, NULL, good_words[_i].text, &word);

    ck_assert_int_eq(why.status, 0);
    ck_assert_uint_eq(word, good_words[_i].word);
}
END_TEST

START_TEST(a_list_that_is_left_for_later_gets_its_preset_then)
{
    options o = { 0 };

    args_complete(&table[LATER], &o);
    ck_assert_uint_eq(o.later.n, 3);
    ck_assert(o.later.values[2] == 7);
    args_complete(&table[LATER], &o);
    ck_assert_uint_eq(o.later.n, 3);
    free(o.later.values);
}
END_TEST

/* With TEST_SEED as given. */
static const struct {
    const char *variable;
    char *words[WORDS];
    const char *line;
} good_usage[] = {
    { NULL,
      { NULL },
      "0 times, 2 colours, blue, 32 nodes, rate 1e+10, seed 7\n" },
    { NULL,
      { "--time=1,2", "-r", "--col", "all" },
      "2 times, 3 colours, blue, 32 nodes, rate 1e+10, seed 7, real\n" },
    { NULL,
      { "--fav=red", "--nodes", "1k", "--rate=1M", "--file=x", "--seed=0x10" },
      "0 times, 2 colours, red, 1000 nodes, rate 1e+06, seed 16, file x\n" },
    { "5",
      { NULL },
      "0 times, 2 colours, blue, 32 nodes, rate 1e+10, seed 5\n" },
    { "5",
      { "--seed=7" },
      "0 times, 2 colours, blue, 32 nodes, rate 1e+10, seed 7\n" },
    { "junk",
      { NULL },
      "0 times, 2 colours, blue, 32 nodes, rate 1e+10, seed 7\n" },
    { "18446744073709551616",
      { NULL },
      "0 times, 2 colours, blue, 32 nodes, rate 1e+10, seed 7\n" },
};

START_TEST(good_usage_comes_back)
{
    if (good_usage[_i].variable != NULL)
        setenv("TEST_SEED", good_usage[_i].variable, 1);
    outcome r = run(run_program, (void *)good_usage[_i].words);

    ck_assert_str_eq(r.err, "");
    ck_assert_str_eq(r.out, good_usage[_i].line);
    ck_assert_int_eq(r.status, 0);
}
END_TEST

START_TEST(version_names_program_package_and_version)
{
    char *words[] = { "--version", NULL };
    outcome r = run(run_program, words);

    ck_assert_int_eq(strncmp(r.out, "prog (dist-sys) ", 16), 0);
    ck_assert_ptr_eq(strchr(r.out, '\n'), r.out + strlen(r.out) - 1);
    ck_assert_int_eq(r.status, 0);
}
END_TEST

START_TEST(help_goes_to_standard_output)
{
    char *words[] = { "--help", NULL };
    outcome r = run(run_program, words);

    ck_assert_ptr_nonnull(strstr(r.out, "Usage: prog [OPTION...]"));
    ck_assert_ptr_nonnull(strstr(r.out, "--colours=LIST"));
    ck_assert_ptr_nonnull(strstr(r.out, "Nodes (32)"));
    ck_assert_ptr_nonnull(strstr(r.out, "Seed ($TEST_SEED, or 7)"));
    ck_assert_ptr_nonnull(strstr(r.out, "File (somewhere)"));
    ck_assert_ptr_nonnull(strstr(r.out, " Which:"));
    ck_assert_str_eq(r.err, "");
    ck_assert_int_eq(r.status, 0);
}
END_TEST

/* ---- And what is not ------------------------------------------------------*/

static const struct {
    const char *text;
    const args_range *range;
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

START_TEST(a_bad_number_names_option_value_and_what_is_allowed)
{
    double value;
    failure why = read_one(ARGS_REAL, bad_numbers[_i].range,
                           bad_numbers[_i].text, &value);
    char wanted[256];

    snprintf(wanted, sizeof(wanted), "--n: bad value '%s'; allowed: %s",
             bad_numbers[_i].text, bad_numbers[_i].range->allowed);
    ck_assert_str_eq(why.text, wanted);
    ck_assert_int_eq(why.status, 2);
    free(why.text);
}
END_TEST

static const char *const bad_words[] = { "",    "-1", "1.5",
                                         "x",   " 1", "1x",
                                         "0xg", "0x", "18446744073709551616" };

START_TEST(a_bad_word_is_refused)
{
    uint64_t word;
    failure why = read_one(ARGS_WORD, NULL, bad_words[_i], &word);

    ck_assert_ptr_nonnull(strstr(why.text, "--n: bad value '"));
    ck_assert_int_eq(why.status, 2);
    free(why.text);
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
    { { "--favourite=pink" },
      "prog: --favourite: unknown name 'pink'; known are red, green, blue\n" },
    { { "--nodes=0" },
      "prog: --nodes: bad value '0'; allowed: whole numbers from 1 to 1000\n" },
    { { "--time=1,,2" },
      "prog: --time: bad value ''; allowed: seconds >= 0, such as 0.5 or "
      "100us\n" },
    { { "--time=1,5parsecs" },
      "prog: --time: bad value '5parsecs'; allowed: seconds >= 0, such as "
      "0.5 or 100us\n" },
    { { "--colours=red,pink" },
      "prog: --colours: unknown name 'pink'; known are red, green, blue; or "
      "all\n" },
    { { "--colours=" },
      "prog: --colours: unknown name ''; known are red, green, blue; or "
      "all\n" },
};

START_TEST(bad_usage_is_one_line_and_status_2)
{
    outcome r = run(run_program, (void *)bad_usage[_i].words);

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
    static char *const lines[][2] = { { "--help" }, { "--version" }, { NULL } };
    outcome r = run(run_full, (void *)lines[_i]);

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
    tcase_add_loop_test(tc, a_word_has_64_bits, 0, LENGTH(good_words));
    tcase_add_test(tc, a_list_that_is_left_for_later_gets_its_preset_then);
    tcase_add_loop_test(tc, good_usage_comes_back, 0, LENGTH(good_usage));
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
