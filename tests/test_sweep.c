/* Parts of distsys-sweep: JSON that programs say, what is swept over, what is
 * known of points, and which shard this is. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/sweep/grid.h"
#include "bench/sweep/json.h"
#include "bench/sweep/shard.h"
#include "bench/sweep/tally.h"
#include "harness.h"

/* ---- JSON -----------------------------------------------------------------*/

static const struct {
    const char *text;
    bool right;
} objects[] = {
    { "{}", true },
    { " { } ", true },
    { "{\"a\": 1}", true },
    { "{\"a\":-0.5e+3,\"b\":[1,[],{\"c\":null}],\"d\":true}", true },
    { "{\"\\u00e9\\n\\\"\": \"\xc3\xa9\"}", true },
    { "", false },
    { "1", false },
    { "[1]", false },
    { "{", false },
    { "{}}", false },
    { "{} x", false },
    { "{\"a\"}", false },
    { "{\"a\": }", false },
    { "{\"a\": 1,}", false },
    { "{,}", false },
    { "{a: 1}", false },
    { "{\"a\": 01}", false },
    { "{\"a\": 1.}", false },
    { "{\"a\": .5}", false },
    { "{\"a\": 1e}", false },
    { "{\"a\": +1}", false },
    { "{\"a\": nul}", false },
    { "{\"a\": \"\\x\"}", false },
    { "{\"a\": \"\\u12g4\"}", false },
    { "{\"a\": \"\t\"}", false },
    { "{\"a\": \"\xff\"}", false },
    { "{\"a\": \"\xc0\xaf\"}", false },
    { "{\"a\": \"\xed\xa0\x80\"}", false },
    { "{\"a\": \"\xf4\x90\x80\x80\"}", false },
    { "{\"a\": \"\xf0\x9f\x98\x80\"}", true },
    { "{\"a\": \"x", false },
    { "{\"a\": [1, 2}", false },
};

START_TEST(an_object_is_told_from_what_is_none)
{
    /* Of exactly that size, so that a sanitizer sees who looks behind it. */
    const size_t n = strlen(objects[_i].text);
    char *text = malloc(n + (n == 0));

    memcpy(text, objects[_i].text, n);
    ck_assert_int_eq(json_is_object(text, n), objects[_i].right);
    free(text);
}
END_TEST

/* Nothing that is cut off is an object, wherever that is. */
START_TEST(an_object_that_is_cut_off_is_none)
{
    static const char whole[] = "{\"a\": [1.5e-3, \"\\u00e9\xc3\xa9\"], "
                                "\"b\": {\"c\": true, \"d\": null}}";

    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        char *text = malloc(n + (n == 0));

        memcpy(text, whole, n);
        ck_assert(!json_is_object(text, n));
        free(text);
    }
    ck_assert(json_is_object(whole, sizeof(whole) - 1));
}
END_TEST

/* So that a program cannot use up the stack. */
START_TEST(an_object_nests_at_most_64_deep)
{
    char text[1000];

    for (size_t depth = 60; depth < 70; depth++) {
        size_t n = 0;

        for (size_t i = 1; i < depth; i++)
            n += (size_t)sprintf(text + n, "{\"a\":");
        n += (size_t)sprintf(text + n, "{}");
        memset(text + n, '}', depth - 1);
        n += depth - 1;
        ck_assert_int_eq(json_is_object(text, n), depth <= 64);
    }
}
END_TEST

START_TEST(members_are_found)
{
    static const char text[] =
        "{\"a\": {\"b\": 1}, \"b\": 18446744073709551615"
        ", \"c\": \"x\\n\\u00e9\", \"d\":-2.5 , \"e\":[]}";
    const json_part object = { text, sizeof(text) - 1 };
    json_part value;
    uint64_t word;
    double real;
    char said[20];

    ck_assert(json_find(object, "b", &value) && json_word(value, &word));
    ck_assert_uint_eq(word, UINT64_MAX);
    ck_assert(json_find(object, "c", &value));
    ck_assert(json_text(value, said, sizeof(said)));
    ck_assert_str_eq(said, "x\n\xc3\xa9");
    ck_assert(!json_word(value, &word) && !json_real(value, &real));
    ck_assert(json_find(object, "d", &value) && json_real(value, &real));
    ck_assert_double_eq(real, -2.5);
    ck_assert(!json_word(value, &word) && !json_text(value, said, 20));
    ck_assert(!json_find(object, "f", &value));
}
END_TEST

START_TEST(elements_are_walked_over)
{
    static const char text[] = "[ 1 ,\"a,]\", [2, 3],{\"x\": 4} ]";
    const json_part array = { text, sizeof(text) - 1 };
    static const char *const wanted[] = { "1", "\"a,]\"", "[2, 3]",
                                          "{\"x\": 4}" };
    json_part value;
    size_t n = 0;

    for (size_t next = 0; json_next_element(array, &next, &value); n++) {
        ck_assert_uint_lt(n, 4);
        ck_assert_uint_eq(value.n, strlen(wanted[n]));
        ck_assert_mem_eq(value.at, wanted[n], value.n);
    }
    ck_assert_uint_eq(n, 4);
    n = 0;
    ck_assert(!json_next_element((json_part){ "[ ]", 3 }, &n, &value));
}
END_TEST

START_TEST(a_word_that_is_too_large_is_none)
{
    uint64_t word;

    ck_assert(!json_word((json_part){ "18446744073709551616", 20 }, &word));
    ck_assert(!json_word((json_part){ "99999999999999999999", 20 }, &word));
    ck_assert(!json_word((json_part){ "", 0 }, &word));
}
END_TEST

/* Whatever a program says, what is written is JSON, and reads as what it was
 * where it was text. */
START_TEST(any_bytes_become_a_string)
{
    static const char bytes[] = "\x01\"\\\n\x7f\xff\xc3\xa9\xc3";
    char *text = NULL, back[60];
    size_t n;
    FILE *file = open_memstream(&text, &n);

    fputs("{\"a\":", file);
    json_put_text(file, bytes, sizeof(bytes) - 1);
    fputs("}", file);
    fclose(file);
    ck_assert(json_is_object(text, n));
    ck_assert(json_text((json_part){ text + 5, n - 6 }, back, sizeof(back)));
    ck_assert_str_eq(back, "\x01\"\\\n\x7f\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
    free(text);
}
END_TEST

/* ---- The grid -------------------------------------------------------------*/

static char *const echo[] = { "/bin/echo", "{a}", "{b}-{seed}", NULL };
static char *const plain[] = { "/bin/echo", NULL };

static void ck_command(const grid *g, uint64_t point, const char *wanted)
{
    char *text = NULL;
    size_t n;
    FILE *file = open_memstream(&text, &n);

    grid_put_command(g, point, file);
    fclose(file);
    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(values_vary_fastest_and_the_last_one_most)
{
    grid g;

    ck_assert_int_eq(
        grid_read(&g, "5-6", "a=x,y\nb=1,2,3", (char **)echo).status, 0);
    ck_assert_uint_eq(g.points, 12);
    ck_command(&g, 0, "DISTSYS_SEED=5 /bin/echo x 1-5");
    ck_command(&g, 1, "DISTSYS_SEED=5 /bin/echo x 2-5");
    ck_command(&g, 3, "DISTSYS_SEED=5 /bin/echo y 1-5");
    ck_command(&g, 6, "DISTSYS_SEED=6 /bin/echo x 1-6");
    ck_command(&g, 11, "DISTSYS_SEED=6 /bin/echo y 3-6");
    grid_free(&g);
}
END_TEST

static const struct {
    const char *set;
    const char *values;
} lists[] = {
    { "1", "1 " },
    { "1,2", "1 2 " },
    { "8:64:*2", "8 16 32 64 " },
    { "0:0.1:0.02", "0 0.02 0.04 0.06 0.08 0.1 " },
    { "0:1:0.3", "0 0.3 0.6 0.9 " },
    { "-1:1:0.5", "-1 -0.5 0 0.5 1 " },
    { "10:1:-3", "10 7 4 1 " },
    { "1e-6:1e-3:*10", "1e-06 1e-05 0.0001 0.001 " },
    { "64:1:*0.25", "64 16 4 1 " },
    { "5:5:1", "5 " },
    { "1,8:10:1,x", "1 8 9 10 x " },
    { "host:80,a:b:c", "host:80 a:b:c " },
    { "1:2", "1:2 " },
    { "", " " },
    { ",x", " x " },
    { "a=b", "a=b " },
};

START_TEST(lists_and_ranges_are_read)
{
    static char *const command[] = { "/bin/echo", "{v}", NULL };
    char set[100], values[400] = "";
    grid g;

    snprintf(set, sizeof(set), "v=%s", lists[_i].set);
    ck_assert_int_eq(grid_read(&g, "1", set, (char **)command).status, 0);
    for (size_t i = 0; i < g.axes[0].n; i++)
        strcat(strcat(values, g.axes[0].values[i]), " ");
    ck_assert_str_eq(values, lists[_i].values);
    grid_free(&g);
}
END_TEST

static const struct {
    const char *text;
    uint64_t first;
    uint64_t count; /* 0: without an end */
} seeds[] = {
    { "1", 1, 1 },   { "1k", 1, 1000 },      { "3-7", 3, 5 },
    { "0-0", 0, 1 }, { "10M", 1, 10000000 }, { "1k-2k", 1000, 1001 },
    { "9-", 9, 0 },
};

START_TEST(seeds_are_read)
{
    grid g;

    ck_assert_int_eq(grid_read(&g, seeds[_i].text, NULL, (char **)plain).status,
                     0);
    ck_assert_uint_eq(g.first, seeds[_i].first);
    ck_assert_int_eq(g.endless, seeds[_i].count == 0);
    if (seeds[_i].count > 0)
        ck_assert_uint_eq(g.points, seeds[_i].count);
    else
        ck_assert_uint_gt(g.points, UINT64_C(1) << 60);
    grid_free(&g);
}
END_TEST

static const struct {
    const char *seeds;
    const char *sets;
    const char *why;
} refused[] = {
    { "0", NULL, "--seeds: bad value '0'" },
    { "x", NULL, "--seeds: bad value 'x'" },
    { "5-3", NULL, "--seeds: bad value '5-3'" },
    { "1-2x", NULL, "--seeds: bad value '1-2x'" },
    { "99999999999999999999", NULL, "--seeds: bad value" },
    { "0-18446744073709551615", NULL, "--seeds: 0-18446744073709551615 of" },
    { "1", "a", "--set: bad value 'a'; allowed" },
    { "1", "=1", "--set: bad value '=1'" },
    { "1", "1a=1", "--set: bad value '1a=1'" },
    { "1", "a=1\na=2", "--set: 'a' is there twice" },
    { "1", "seed=1", "--set: 'seed' is what something else" },
    { "1", "a=1:9:0", "--set a: '1:9:0' leads from nowhere" },
    { "1", "a=1:9:-1", "--set a: '1:9:-1' leads" },
    { "1", "a=1:9:*1", "--set a: '1:9:*1' leads" },
    { "1", "a=-1:9:*2", "--set a: '-1:9:*2' leads" },
    { "1", "a=0:9:1e-9", "--set a: '0:9:1e-9' leads" },
    { "1", "a=1", "the command has {b}, and no --set" },
    { "1", "a=1\nb=2\nc=3", "--set c: the command has no {c} in it" },
};

START_TEST(what_makes_no_grid_is_refused)
{
    grid g;
    failure why = grid_read(&g, refused[_i].seeds, refused[_i].sets,
                            (char **)(refused[_i].sets == NULL ? plain : echo));

    ck_assert_int_eq(why.status, BAD_USAGE);
    ck_assert_msg(strncmp(why.text, refused[_i].why, strlen(refused[_i].why)) ==
                      0,
                  "%s", why.text);
    free(why.text);
    grid_free(&g);
}
END_TEST

START_TEST(two_braces_stand_for_one)
{
    static char *const command[] = { "/bin/echo", "{{\"x\": {a}} {1} {", NULL };
    grid g;

    ck_assert_int_eq(grid_read(&g, "1", "a=7", (char **)command).status, 0);
    ck_command(&g, 0, "DISTSYS_SEED=1 /bin/echo '{\"x\": 7} {1} {'");
    grid_free(&g);
}
END_TEST

/* The head of a grid makes one with the same head and the same commands. */
START_TEST(a_head_is_read_back)
{
    char *heads[2] = { NULL, NULL };
    size_t sizes[2];
    grid g, back;

    ck_assert_int_eq(
        grid_read(&g, "7-", "a=x \"y\",08\nb=1,2.50", (char **)echo).status, 0);
    FILE *file = open_memstream(&heads[0], &sizes[0]);
    grid_put_head(&g, file);
    fclose(file);
    ck_assert(grid_read_head(&back, heads[0], sizes[0] - 1));
    file = open_memstream(&heads[1], &sizes[1]);
    grid_put_head(&back, file);
    fclose(file);
    ck_assert_str_eq(heads[0], heads[1]);
    ck_command(&back, 5, "DISTSYS_SEED=8 /bin/echo 'x \"y\"' 2.50-8");
    grid_free(&g);
    grid_free(&back);
    free(heads[0]);
    free(heads[1]);
}
END_TEST

START_TEST(what_is_no_head_is_refused)
{
    static const char *const wrong[] = {
        "",
        "{}",
        "{\"distsys_sweep\": 1}",
        "{\"distsys_sweep\": 1, \"from\": \"x\", \"set\": {}, \"command\": "
        "[\"a\"]}",
        "{\"distsys_sweep\": 1, \"from\": 1, \"set\": [], \"command\": "
        "[\"a\"]}",
        "{\"distsys_sweep\": 1, \"from\": 1, \"set\": {\"a\": []}, "
        "\"command\": [\"a\"]}",
        "{\"distsys_sweep\": 1, \"from\": 1, \"set\": {\"a\": 1}, "
        "\"command\": [\"a\"]}",
        "{\"distsys_sweep\": 1, \"from\": 1, \"set\": {}, \"command\": []}",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        grid g;

        ck_assert(!grid_read_head(&g, wrong[i], strlen(wrong[i])));
        grid_free(&g);
    }
}
END_TEST

/* ---- What is known of points ----------------------------------------------*/

static void add_line(tally *t, const char *line)
{
    bool fresh;

    ck_assert_msg(tally_add(t, line, strlen(line), &fresh), "%s", line);
}

static void add_point(tally *t, unsigned point, const char *end,
                      const char *text, unsigned try, double seconds)
{
    char line[400];

    snprintf(line, sizeof(line),
             "{\"point\": %u, \"end\": \"%s\", \"text\": \"%s\", \"try\": %u, "
             "\"seconds\": %g}",
             point, end, text, try, seconds);
    add_line(t, line);
}

START_TEST(failures_are_of_one_kind_but_for_numbers)
{
    tally t;
    size_t n;

    tally_init(&t);
    add_point(&t, 9, "exit 1", "node 3 at 0.5s: 0x1f", 1, 2);
    add_point(&t, 4, "exit 1", "node 12 at 1.5e-3s: 0x2a", 1, 3);
    add_point(&t, 5, "exit 1", "node3 at 1: 1", 1, 1);
    add_point(&t, 6, "exit 2", "node 3 at 0.5s: 0x1f", 1, 1);
    add_point(&t, 7, "exit 1", "node 3 at 7: 8\\nand more", 1, 1);
    add_point(&t, 8, "ok", "", 1, 1);
    tally_group *groups = tally_groups(&t, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert_str_eq(groups[0].name, "exit 1: node # at #: #");
    ck_assert_uint_eq(groups[0].count, 3);
    ck_assert_uint_eq(groups[0].first, 4);
    ck_assert_uint_eq(groups[0].quickest, 7);
    ck_assert_str_eq(groups[1].name, "exit 1: node3 at #: #");
    ck_assert_str_eq(groups[2].name, "exit 2: node # at #: #");
    ck_assert_uint_eq(t.done, 6);
    ck_assert_uint_eq(t.failed, 5);
    free(groups);
    tally_free(&t);
}
END_TEST

START_TEST(events_tell_which_is_quickest_where_there_are_any)
{
    tally t;
    size_t n;

    tally_init(&t);
    add_line(&t, "{\"point\": 0, \"end\": \"x\", \"seconds\": 1, \"run\": "
                 "{\"events\": 50}}");
    add_line(&t, "{\"point\": 1, \"end\": \"x\", \"seconds\": 9, \"run\": "
                 "{\"events\": 20}}");
    add_line(&t, "{\"point\": 2, \"end\": \"x\", \"seconds\": 2, \"run\": "
                 "{\"events\": 20}}");
    tally_group *groups = tally_groups(&t, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(groups[0].quickest, 1);
    free(groups);
    tally_free(&t);
}
END_TEST

/* In whichever order the files are read. */
START_TEST(the_last_try_counts)
{
    for (int order = 0; order < 2; order++) {
        tally t;
        size_t n;

        tally_init(&t);
        for (int i = 0; i < 2; i++)
            if (i == order)
                add_point(&t, 3, "exit 1", "first", 1, 1);
            else
                add_point(&t, 3, "ok", "", 2, 1);
        ck_assert_uint_eq(t.done, 1);
        if (order == 0)
            ck_assert_uint_eq(t.failed, 0);
        add_point(&t, 3, "exit 2", "third", 3, 1);
        ck_assert_uint_eq(t.failed, 1);
        ck_assert_uint_eq(t.done, 1);
        ck_assert_uint_eq(tally_tries(&t, 3), 3);
        tally_group *groups = tally_groups(&t, &n);
        ck_assert_uint_eq(n, 1);
        ck_assert_str_eq(groups[0].name, "exit 2: third");
        free(groups);
        tally_free(&t);
    }
}
END_TEST

START_TEST(a_try_that_went_well_is_not_undone_by_an_earlier_one)
{
    tally t;

    tally_init(&t);
    add_point(&t, 3, "ok", "", 2, 1);
    add_point(&t, 3, "exit 1", "first", 1, 1);
    ck_assert_uint_eq(t.done, 1);
    ck_assert_uint_eq(t.failed, 0);
    tally_free(&t);
}
END_TEST

START_TEST(what_is_done_is_known_of_far_points)
{
    static const unsigned points[] = { 0, 7, 8, 1000000, 31 };
    tally t;

    tally_init(&t);
    for (size_t i = 0; i < 5; i++) {
        ck_assert(!tally_is_done(&t, points[i]));
        add_point(&t, points[i], "ok", "", 1, 1);
        ck_assert(tally_is_done(&t, points[i]));
    }
    ck_assert(!tally_is_done(&t, 1) && !tally_is_done(&t, 999999) &&
              !tally_is_done(&t, UINT64_MAX));
    ck_assert_uint_eq(t.done, 5);
    tally_free(&t);
}
END_TEST

START_TEST(failed_points_are_listed_in_their_order)
{
    tally t;
    size_t n;

    tally_init(&t);
    for (unsigned i = 100; i > 0; i--)
        add_point(&t, i, i % 3 == 0 ? "exit 1" : "ok", "", 1, 1);
    add_point(&t, 30, "ok", "", 2, 1);
    uint64_t *points = tally_failed_points(&t, &n);
    ck_assert_uint_eq(n, 32);
    for (size_t i = 1; i < n; i++)
        ck_assert(points[i - 1] < points[i] && points[i] != 30);
    free(points);
    tally_free(&t);
}
END_TEST

START_TEST(a_line_that_is_no_result_is_not_taken)
{
    static const char *const wrong[] = {
        "",
        "{}",
        "{\"point\": 1}",
        "{\"point\": -1, \"end\": \"ok\"}",
        "{\"point\": 1, \"end\": 2}",
        "{\"point\": 1, \"end\": \"ok\"",
    };
    tally t;
    bool fresh;

    tally_init(&t);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert(!tally_add(&t, wrong[i], strlen(wrong[i]), &fresh));
    ck_assert_uint_eq(t.done, 0);
    tally_free(&t);
}
END_TEST

/* ---- Shards ---------------------------------------------------------------*/

static const struct {
    const char *option;
    const char *variables[6]; /* names and values */
    uint64_t shard;
    uint64_t shards; /* 0: it is refused */
} shards[] = {
    { NULL, { NULL }, 0, 1 },
    { "0/1", { NULL }, 0, 1 },
    { "3/7", { NULL }, 3, 7 },
    { "7/7", { NULL }, 0, 0 },
    { "1/0", { NULL }, 0, 0 },
    { "x", { NULL }, 0, 0 },
    { "1/2/3", { NULL }, 0, 0 },
    { "5", { NULL }, 0, 0 },
    { NULL,
      { "SLURM_ARRAY_TASK_ID", "5", "SLURM_ARRAY_TASK_MIN", "0",
        "SLURM_ARRAY_TASK_MAX", "9" },
      5,
      10 },
    { NULL,
      { "SLURM_ARRAY_TASK_ID", "1", "SLURM_ARRAY_TASK_MIN", "1",
        "SLURM_ARRAY_TASK_MAX", "9" },
      0,
      9 },
    { NULL, { "SLURM_ARRAY_TASK_ID", "5" }, 0, 0 },
    { "0/1", { "SLURM_ARRAY_TASK_ID", "5" }, 0, 1 },
    { NULL,
      { "SGE_TASK_ID", "4", "SGE_TASK_FIRST", "1", "SGE_TASK_LAST", "6" },
      3,
      6 },
    { NULL, { "SGE_TASK_ID", "undefined" }, 0, 1 },
    { NULL, { "PBS_ARRAY_INDEX", "2" }, 0, 0 },
    { "4", { "PBS_ARRAY_INDEX", "2" }, 2, 4 },
    { "4", { "PBS_ARRAYID", "0" }, 0, 4 },
    { "4", { "JOB_COMPLETION_INDEX", "3" }, 3, 4 },
    { "4", { "JOB_COMPLETION_INDEX", "4" }, 0, 0 },
};

START_TEST(a_shard_is_what_the_option_or_the_environment_says)
{
    const char *const *v = shards[_i].variables;
    uint64_t shard, count;

    for (int i = 0; i < 6 && v[i] != NULL; i += 2)
        setenv(v[i], v[i + 1], 1);
    failure why = shard_find(shards[_i].option, &shard, &count);
    for (int i = 0; i < 6 && v[i] != NULL; i += 2)
        unsetenv(v[i]);
    if (shards[_i].shards == 0) {
        ck_assert_int_eq(why.status, BAD_USAGE);
        ck_assert_ptr_nonnull(why.text);
        free(why.text);
        return;
    }
    ck_assert_int_eq(why.status, 0);
    ck_assert_uint_eq(shard, shards[_i].shard);
    ck_assert_uint_eq(count, shards[_i].shards);
}
END_TEST

START_TEST(slurm_may_count_in_steps_and_not_in_leaps)
{
    uint64_t shard, count;

    setenv("SLURM_ARRAY_TASK_ID", "6", 1);
    setenv("SLURM_ARRAY_TASK_MIN", "2", 1);
    setenv("SLURM_ARRAY_TASK_MAX", "10", 1);
    setenv("SLURM_ARRAY_TASK_STEP", "4", 1);
    setenv("SLURM_ARRAY_TASK_COUNT", "3", 1);
    ck_assert_int_eq(shard_find(NULL, &shard, &count).status, 0);
    ck_assert_uint_eq(shard, 1);
    ck_assert_uint_eq(count, 3);
    setenv("SLURM_ARRAY_TASK_COUNT", "4", 1);
    failure why = shard_find(NULL, &shard, &count);
    ck_assert_int_eq(why.status, BAD_USAGE);
    free(why.text);
    unsetenv("SLURM_ARRAY_TASK_ID");
    unsetenv("SLURM_ARRAY_TASK_MIN");
    unsetenv("SLURM_ARRAY_TASK_MAX");
    unsetenv("SLURM_ARRAY_TASK_STEP");
    unsetenv("SLURM_ARRAY_TASK_COUNT");
}
END_TEST

#define SIZE(table) (int)(sizeof(table) / sizeof(*(table)))

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, an_object_is_told_from_what_is_none, 0,
                        SIZE(objects));
    tcase_add_test(tc, an_object_that_is_cut_off_is_none);
    tcase_add_test(tc, an_object_nests_at_most_64_deep);
    tcase_add_test(tc, members_are_found);
    tcase_add_test(tc, elements_are_walked_over);
    tcase_add_test(tc, a_word_that_is_too_large_is_none);
    tcase_add_test(tc, any_bytes_become_a_string);
    tcase_add_test(tc, values_vary_fastest_and_the_last_one_most);
    tcase_add_loop_test(tc, lists_and_ranges_are_read, 0, SIZE(lists));
    tcase_add_loop_test(tc, seeds_are_read, 0, SIZE(seeds));
    tcase_add_loop_test(tc, what_makes_no_grid_is_refused, 0, SIZE(refused));
    tcase_add_test(tc, two_braces_stand_for_one);
    tcase_add_test(tc, a_head_is_read_back);
    tcase_add_test(tc, what_is_no_head_is_refused);
    tcase_add_test(tc, failures_are_of_one_kind_but_for_numbers);
    tcase_add_test(tc, events_tell_which_is_quickest_where_there_are_any);
    tcase_add_test(tc, the_last_try_counts);
    tcase_add_test(tc, a_try_that_went_well_is_not_undone_by_an_earlier_one);
    tcase_add_test(tc, what_is_done_is_known_of_far_points);
    tcase_add_test(tc, failed_points_are_listed_in_their_order);
    tcase_add_test(tc, a_line_that_is_no_result_is_not_taken);
    tcase_add_loop_test(tc, a_shard_is_what_the_option_or_the_environment_says,
                        0, SIZE(shards));
    tcase_add_test(tc, slurm_may_count_in_steps_and_not_in_leaps);
}

int main(void)
{
    return harness_main("sweep", add);
}
