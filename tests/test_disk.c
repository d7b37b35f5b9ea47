/* Disks: what a machine still has after a crash, how long it takes, and what
 * goes wrong. */

#include "stage.h"

#include <distsys.h>

static ds_loop *loop;
static ds_node *node;

static void begin(uint64_t seed)
{
    setenv("DISTSYS_CHECK", "1", 1);
    loop = loop_seeded(seed);
    node = ds_node_new(loop);
}

static const char *read_all(ds_handle *h, const char *name)
{
    static char text[256];
    size_t got;

    if (!ds_disk_get(h, name, 0, text, sizeof(text) - 1, &got))
        return "over";
    text[got] = '\0';
    return text;
}

static bool put(ds_handle *h, const char *name, const char *text)
{
    return ds_disk_put(h, name, text, strlen(text));
}

static bool append(ds_handle *h, const char *name, const char *text)
{
    return ds_disk_append(h, name, text, strlen(text));
}

/* ---- Outside of crashes ---------------------------------------------------*/

static void use_disk(ds_handle *h, void *arg)
{
    char four[4] = "....";

    ck_assert(put(h, "a", "one"));
    ck_assert(append(h, "a", "two"));
    note("%s %zu ", read_all(h, "a"), ds_disk_size(h, "a"));
    ck_assert(ds_disk_cut(h, "a", 4));
    note("%s ", read_all(h, "a"));
    ck_assert(ds_disk_get(h, "a", 2, four, 4, NULL));
    ck_assert_int_eq(memcmp(four, "et\0\0", 4), 0);
    ck_assert(ds_disk_sync(h));
    ck_assert(ds_disk_cut(h, "a", 0));
    note("%zu,%s %g", ds_disk_size(h, "a"), read_all(h, "a"), ds_now(h));
}

START_TEST(a_disk_does_what_one_expects_and_takes_no_time)
{
    begin(1);
    ds_node_boot(node, use_disk, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("onetwo 6 onet 0, 0");
}
END_TEST

static void take_time(ds_handle *h, void *arg)
{
    static char big[1000];
    size_t got;

    ck_assert(ds_disk_put(h, "a", big, sizeof(big)));
    note("%g ", ds_now(h));
    ck_assert(ds_disk_sync(h));
    note("%g ", ds_now(h));
    ck_assert(ds_disk_get(h, "a", 500, big, sizeof(big), &got));
    note("%zu@%g ", got, ds_now(h));
    ck_assert(ds_disk_cut(h, "a", 10));
    ck_assert_uint_eq(ds_disk_size(h, "a"), 10);
    note("%g ", ds_now(h));
}

START_TEST(a_disk_takes_the_time_that_it_is_told)
{
    begin(1);
    ds_node_set_disk(node, &(ds_disk_config){ .write_rate = 500,
                                              .read_rate = 1000,
                                              .sync_time = 0.25 });
    ds_node_boot(node, take_time, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("2 2.25 500@2.75 2.75 ");
}
END_TEST

/* ---- Crashes --------------------------------------------------------------*/

/* In its first life it writes, in its second it looks. */
static void write_then_look(ds_handle *h, void *arg)
{
    if (ds_node_life(node) == 0) {
        put(h, "a", "safe");
        ds_disk_sync(h);
        append(h, "a", ",1");
        append(h, "a", ",2");
        append(h, "a", ",3");
        ds_sleep(h, 100);
    } else {
        note("%s", read_all(h, "a"));
    }
}

static void restart_at_1(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_node_restart(node);
    ds_sleep(h, 1);
}

/* Each of these may be left, and each is by some seed. */
static const char *const lefts[] = {
    "safe",     "safe,1",   "safe,2",   "safe,3",
    "safe,1,2", "safe,1,3", "safe,2,3", "safe,1,2,3",
};
enum { NUM_LEFTS = sizeof(lefts) / sizeof(*lefts) };

static int which_left(const char *text)
{
    int i = 0;

    while (i < NUM_LEFTS && strcmp(text, lefts[i]) != 0)
        i++;
    ck_assert_msg(i < NUM_LEFTS, "\"%s\" is left", text);
    return i;
}

START_TEST(a_crash_keeps_what_was_synced_and_any_of_the_rest)
{
    int seen[NUM_LEFTS] = { 0 };

    for (uint64_t seed = 1; seed <= 300; seed++) {
        begin(seed);
        ds_node_boot(node, write_then_look, NULL);
        ds_spawn(loop, restart_at_1, NULL);
        ck_run_once(loop, DS_OK, NULL);
        seen[which_left(noted())]++;
        note_clear();
    }
    for (int i = 0; i < NUM_LEFTS; i++)
        ck_assert_msg(seen[i] > 0, "\"%s\" is never left", lefts[i]);
    ck_assert_int_gt(seen[0], 50);             /* nothing: a quarter */
    ck_assert_int_gt(seen[NUM_LEFTS - 1], 50); /* all: likewise */
}
END_TEST

static void sync_all_the_time(ds_handle *h, void *arg)
{
    if (ds_node_life(node) == 0) {
        put(h, "a", "1");
        note("%s ", ds_disk_sync(h) ? "safe" : "over");
    } else {
        note("%s", read_all(h, "a"));
    }
}

static void write_during_sync(ds_handle *h, void *arg)
{
    ds_sleep(h, 0.5);
    append(h, "a", "2");
}

static void run_syncing(uint64_t seed)
{
    begin(seed);
    ds_node_set_disk(node, &(ds_disk_config){ .sync_time = 0.75 });
    ds_node_boot(node, sync_all_the_time, NULL);
    ds_node_spawn(node, write_during_sync, NULL);
    ds_spawn(loop, restart_at_1, NULL);
    ck_run_once(loop, DS_OK, NULL);
}

START_TEST(a_sync_does_not_cover_what_was_written_while_it_ran)
{
    int without = 0;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        run_syncing(seed);
        without += strcmp(noted(), "safe 1") == 0;
        ck_assert(strncmp(noted(), "safe 1", 6) == 0);
        note_clear();
    }
    ck_assert_int_gt(without, 5);
    ck_assert_int_lt(without, 50);
}
END_TEST

START_TEST(a_crash_at_a_sync_comes_before_it_has_any_effect)
{
    int nothing = 0;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed);
        ds_node_crash_at(node, DS_AT_SYNC, 1);
        ds_node_boot(node, sync_all_the_time, NULL);
        ds_spawn(loop, restart_at_1, NULL);
        ck_run_once(loop, DS_OK, NULL);
        ck_assert(strncmp(noted(), "over ", 5) == 0);
        nothing += strcmp(noted(), "over ") == 0;
        note_clear();
    }
    ck_assert_int_gt(nothing, 5);
}
END_TEST

static void wipe_at_1(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_node_crash(node);
    ds_node_wipe_disk(node);
    ds_node_restart(node);
    ds_sleep(h, 1);
}

START_TEST(a_new_disk_is_empty)
{
    begin(1);
    ds_node_boot(node, write_then_look, NULL);
    ds_spawn(loop, wipe_at_1, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("");
}
END_TEST

static void write_unwinding(ds_handle *h, void *arg)
{
    if (ds_node_life(node) == 0) {
        put(h, "a", "before");
        ds_disk_sync(h);
        ds_sleep(h, 100);
        note("%d%d ", put(h, "a", "after"), ds_disk_sync(h));
    } else {
        note("%s", read_all(h, "a"));
    }
}

START_TEST(calls_of_a_life_that_is_over_change_nothing)
{
    begin(1);
    ds_node_boot(node, write_unwinding, NULL);
    ds_spawn(loop, restart_at_1, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("00 before");
}
END_TEST

/* ---- What goes wrong besides ----------------------------------------------*/

static void lie(ds_handle *h, void *arg)
{
    if (ds_node_life(node) == 0) {
        put(h, "a", "1");
        ck_assert(ds_disk_sync(h));
        ds_sleep(h, 100);
    } else {
        note("%s", read_all(h, "a"));
    }
}

START_TEST(a_sync_that_lies_keeps_nothing_safe)
{
    int lost = 0;

    for (uint64_t seed = 1; seed <= 50; seed++) {
        begin(seed);
        ds_node_set_disk(node, &(ds_disk_config){ .lost_sync = 1 });
        ds_node_boot(node, lie, NULL);
        ds_spawn(loop, restart_at_1, NULL);
        ck_run_once(loop, DS_OK, NULL);
        lost += *noted() == '\0';
        note_clear();
    }
    ck_assert_int_gt(lost, 5);
}
END_TEST

static int bits_that_differ(const unsigned char *a, const unsigned char *b,
                            size_t n)
{
    int bits = 0;

    for (size_t i = 0; i < n; i++)
        bits += __builtin_popcount((unsigned)(a[i] ^ b[i]));
    return bits;
}

static void rot(ds_handle *h, void *arg)
{
    static const unsigned char zeros[2000];
    unsigned char data[2000];
    int turned = 0;

    ck_assert(ds_disk_put(h, "a", zeros, sizeof(zeros)));
    for (int i = 0; i < 1000; i++) {
        ck_assert(ds_disk_get(h, "a", 0, data, sizeof(data), NULL));
        int bits = bits_that_differ(zeros, data, sizeof(data));
        ck_assert_int_le(bits, 1);
        turned += bits;
    }
    ck_assert_int_gt(turned, 200);
    ck_assert_int_lt(turned, 300);
}

START_TEST(rot_turns_one_bit_of_some_reads)
{
    begin(1);
    ds_node_set_disk(node, &(ds_disk_config){ .rot = 0.25 });
    ds_node_boot(node, rot, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void on_no_node(ds_handle *h, void *arg)
{
    ds_disk_sync(h);
}

START_TEST(a_thread_on_no_node_has_no_disk)
{
    begin(1);
    ds_spawn(loop, on_no_node, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_disk_sync: the thread is on no node");
}
END_TEST

static void no_name(ds_handle *h, void *arg)
{
    put(h, NULL, "x");
}

static void no_data(ds_handle *h, void *arg)
{
    ds_disk_append(h, "a", NULL, 3);
}

static void no_room(ds_handle *h, void *arg)
{
    ds_disk_get(h, "a", 0, NULL, 3, NULL);
}

static const struct {
    ds_thread_fn *fn;
    const char *text;
} misuses[] = {
    { no_name, "ds_disk_put: the name is NULL" },
    { no_data, "ds_disk_append: data is NULL, but size is 3" },
    { no_room, "ds_disk_get: data is NULL, but size is 3" },
};

START_TEST(misuse_is_named)
{
    begin(1);
    ds_node_boot(node, misuses[_i].fn, NULL);
    ck_run_once(loop, DS_EMISUSE, misuses[_i].text);
}
END_TEST

static const struct {
    ds_disk_config config;
    const char *text;
} bad_configs[] = {
    { { .write_rate = -1 }, "write_rate is -1; it must be finite" },
    { { .read_rate = INFINITY }, "read_rate is inf; it must be finite" },
    { { .sync_time = -0.5 }, "sync_time is -0.5; it must be finite" },
    { { .lost_sync = 1.5 }, "lost_sync is 1.5; it must be between 0 and 1" },
    { { .rot = -1 }, "rot is -1; it must be between 0 and 1" },
};

START_TEST(a_disk_that_cannot_be_is_named)
{
    begin(1);
    ds_node_set_disk(node, &bad_configs[_i].config);
    ck_run_once(loop, DS_EMISUSE, bad_configs[_i].text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_disk_does_what_one_expects_and_takes_no_time);
    tcase_add_test(tc, a_disk_takes_the_time_that_it_is_told);
    tcase_add_test(tc, a_crash_keeps_what_was_synced_and_any_of_the_rest);
    tcase_add_test(tc, a_sync_does_not_cover_what_was_written_while_it_ran);
    tcase_add_test(tc, a_crash_at_a_sync_comes_before_it_has_any_effect);
    tcase_add_test(tc, a_new_disk_is_empty);
    tcase_add_test(tc, calls_of_a_life_that_is_over_change_nothing);
    tcase_add_test(tc, a_sync_that_lies_keeps_nothing_safe);
    tcase_add_test(tc, rot_turns_one_bit_of_some_reads);
    tcase_add_test(tc, a_thread_on_no_node_has_no_disk);
    tcase_add_loop_test(tc, misuse_is_named, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_loop_test(tc, a_disk_that_cannot_be_is_named, 0,
                        sizeof(bad_configs) / sizeof(*bad_configs));
}

int main(void)
{
    return harness_main("disk", add);
}
