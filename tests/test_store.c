/* What lies on a disk: changes, syncs, and what a crash may leave. */

#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "net/store.h"

static ds__store store;

static void put(const char *name, const char *text)
{
    ck_assert(
        ds__store_change(&store, DS__CHANGE_PUT, name, text, strlen(text)));
    ds__store_check(&store);
}

static void append(const char *name, const char *text)
{
    ck_assert(
        ds__store_change(&store, DS__CHANGE_APPEND, name, text, strlen(text)));
    ds__store_check(&store);
}

static void cut(const char *name, size_t size)
{
    ck_assert(ds__store_change(&store, DS__CHANGE_CUT, name, NULL, size));
    ds__store_check(&store);
}

static void sync_all(void)
{
    ck_assert(ds__store_sync(&store, store.changes));
    ds__store_check(&store);
}

static const char *read_all(const char *name)
{
    static char text[8192];
    size_t n = ds__store_read(&store, name, 0, text, sizeof(text) - 1);

    ck_assert_uint_eq(n, ds__store_size(&store, name));
    text[n] = '\0';
    return text;
}

/* ---- Draws ----------------------------------------------------------------*/

/* Drawn numbers in the order in which they are asked for. */
typedef struct script {
    const int *numbers;
    int used;
} script;

static uint64_t scripted(void *arg, uint64_t n)
{
    script *s = arg;
    int number = s->numbers[s->used++];

    ck_assert_int_ge(number, 0);
    ck_assert_uint_lt((uint64_t)number, n);
    return (uint64_t)number;
}

/* Returns how many changes were lost. */
static uint64_t crash(const int *numbers)
{
    script s = { numbers, 0 };
    uint64_t lost = 0;

    ck_assert(ds__store_crash(&store, scripted, &s, &lost));
    ck_assert_int_eq(numbers[s.used], -1); /* all were asked for */
    ds__store_check(&store);
    ck_assert_ptr_null(store.first);
    return lost;
}

enum { ALL, NONE, FIRST, ANY }; /* fates, in their order */

/* ---- Cases ----------------------------------------------------------------*/

START_TEST(a_put_replaces_and_an_append_goes_on)
{
    ds__store_init(&store);
    put("a", "one");
    append("a", " two");
    append("b", "x");
    ck_assert_str_eq(read_all("a"), "one two");
    put("a", "z");
    ck_assert_str_eq(read_all("a"), "z");
    ck_assert_str_eq(read_all("b"), "x");
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_cut_keeps_the_beginning_and_nothing_removes)
{
    ds__store_init(&store);
    put("a", "abcdef");
    cut("a", 4);
    ck_assert_str_eq(read_all("a"), "abcd");
    cut("a", 40);
    ck_assert_str_eq(read_all("a"), "abcd");
    cut("a", 0);
    ck_assert_uint_eq(ds__store_size(&store, "a"), 0);
    cut("nothing", 3);
    append("a", "new");
    ck_assert_str_eq(read_all("a"), "new");
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_read_begins_at_an_offset_and_ends_with_the_record)
{
    char buf[8] = "........";

    ds__store_init(&store);
    put("a", "abcdef");
    ck_assert_uint_eq(ds__store_read(&store, "a", 4, buf, 8), 2);
    ck_assert_int_eq(memcmp(buf, "ef......", 8), 0);
    ck_assert_uint_eq(ds__store_read(&store, "a", 6, buf, 8), 0);
    ck_assert_uint_eq(ds__store_read(&store, "b", 0, buf, 8), 0);
    ds__store_clear(&store);
}
END_TEST

START_TEST(what_was_synced_survives_whatever_is_kept)
{
    static const int fates[][6] = {
        { ALL, 0, -1 }, { NONE, -1 }, { FIRST, 0, -1 }, { ANY, 0, -1 }
    };
    static const char *const left[] = { "safe, new", "safe", "safe", "safe" };

    ds__store_init(&store);
    put("a", "safe");
    sync_all();
    append("a", ", new");
    ck_assert_uint_eq(crash(fates[_i]), _i > 0);
    ck_assert_str_eq(read_all("a"), left[_i]);
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_crash_may_keep_the_first_few)
{
    ds__store_init(&store);
    put("a", "1");
    put("b", "2");
    put("c", "3");
    ck_assert_uint_eq(crash((const int[]){ FIRST, 2, 0, -1 }), 1);
    ck_assert_str_eq(read_all("a"), "1");
    ck_assert_str_eq(read_all("b"), "2");
    ck_assert_uint_eq(ds__store_size(&store, "c"), 0);
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_crash_may_keep_any)
{
    ds__store_init(&store);
    put("a", "1");
    append("a", "2");
    append("a", "3");
    ck_assert_uint_eq(crash((const int[]){ ANY, 1, 0, 1, 0, -1 }), 1);
    ck_assert_str_eq(read_all("a"), "13");
    ds__store_clear(&store);
}
END_TEST

START_TEST(the_last_change_kept_may_be_torn_between_sectors)
{
    static char big[1300];

    memset(big, 'x', sizeof(big) - 1);
    ds__store_init(&store);
    put("a", "before");
    put("a", big); /* three sectors, the last one not full */
    put("b", "not kept");
    ck_assert_uint_eq(crash((const int[]){ FIRST, 2, 1, 2, -1 }), 2);
    ck_assert_uint_eq(ds__store_size(&store, "a"), 1024);
    ck_assert_uint_eq(ds__store_size(&store, "b"), 0);
    put("a", big);
    crash((const int[]){ ALL, 1, 0, -1 });
    ck_assert_uint_eq(ds__store_size(&store, "a"), 0);
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_cut_is_never_torn)
{
    ds__store_init(&store);
    put("a", "abcdef");
    sync_all();
    cut("a", 2);
    crash((const int[]){ ALL, -1 });
    ck_assert_str_eq(read_all("a"), "ab");
    ds__store_clear(&store);
}
END_TEST

START_TEST(a_sync_covers_what_came_before_it_began)
{
    ds__store_init(&store);
    put("a", "1");
    const uint64_t began = store.changes;
    append("a", "2");
    ck_assert(ds__store_sync(&store, began));
    crash((const int[]){ NONE, -1 });
    ck_assert_str_eq(read_all("a"), "1");
    ds__store_clear(&store);
}
END_TEST

/* A text for each record, as a program would see it. */
enum { RECORDS = 3, STEPS = 60, LONGEST = 4096 };
typedef struct image {
    char text[RECORDS][LONGEST];
} image;

static uint64_t random_below(void *arg, uint64_t n)
{
    uint64_t *count = arg;

    return ds__rng_below(ds__rng_bits(7, DS__RNG_NET, 1, ++*count), n);
}

static void change_both(image *m, uint64_t *count)
{
    static const char *const names[RECORDS] = { "a", "b", "log" };
    size_t r = random_below(count, RECORDS);
    char *text = m->text[r];
    size_t size = strlen(text);
    char piece[8];

    snprintf(piece, sizeof(piece), "%llu",
             (unsigned long long)random_below(count, 1000));
    switch (random_below(count, 3)) {
    case 0:
        put(names[r], piece);
        strcpy(text, piece);
        break;
    case 1:
        append(names[r], piece);
        strcat(text, piece);
        break;
    case 2:
        size = random_below(count, size + 2);
        cut(names[r], size);
        if (size < strlen(text))
            text[size] = '\0';
        break;
    }
    for (r = 0; r < RECORDS; r++)
        ck_assert_str_eq(read_all(names[r]), m->text[r]);
}

START_TEST(a_long_life_with_crashes_is_as_a_program_sees_it)
{
    static image safe, now;
    uint64_t count = (uint64_t)_i << 32;

    ds__store_init(&store);
    safe = now = (image){ 0 };
    for (int life = 0; life < 20; life++) {
        for (int i = 0; i < STEPS; i++) {
            change_both(&now, &count);
            if (random_below(&count, 5) != 0)
                continue;
            sync_all();
            safe = now;
        }
        if (store.first != NULL)
            crash((const int[]){ NONE, -1 });
        now = safe;
    }
    ds__store_clear(&store);
}
END_TEST

START_TEST(any_crash_leaves_a_sound_disk)
{
    static image m;
    uint64_t count = (uint64_t)_i << 32;
    uint64_t lost = 0;

    ds__store_init(&store);
    m = (image){ 0 };
    for (int i = 0; i < STEPS; i++)
        change_both(&m, &count);
    ck_assert(ds__store_crash(&store, random_below, &count, &lost));
    ds__store_check(&store);
    ds__store_clear(&store);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_put_replaces_and_an_append_goes_on);
    tcase_add_test(tc, a_cut_keeps_the_beginning_and_nothing_removes);
    tcase_add_test(tc, a_read_begins_at_an_offset_and_ends_with_the_record);
    tcase_add_loop_test(tc, what_was_synced_survives_whatever_is_kept, 0, 4);
    tcase_add_test(tc, a_crash_may_keep_the_first_few);
    tcase_add_test(tc, a_crash_may_keep_any);
    tcase_add_test(tc, the_last_change_kept_may_be_torn_between_sectors);
    tcase_add_test(tc, a_cut_is_never_torn);
    tcase_add_test(tc, a_sync_covers_what_came_before_it_began);
    tcase_add_loop_test(tc, a_long_life_with_crashes_is_as_a_program_sees_it, 0,
                        4);
    tcase_add_loop_test(tc, any_crash_leaves_a_sound_disk, 0, 50);
}

int main(void)
{
    return harness_main("store", add);
}
