/* A table from three numbers to an entry. */

#include "base/table.h"

#include <signal.h>
#include <stdio.h>

#include "harness.h"

typedef struct thing {
    ds__entry entry;
    double value;
} thing;

static ds__table table;

static void set_up(void)
{
    ds__table_init(&table, sizeof(thing));
}

static void tear_down(void)
{
    ds__table_free(&table);
}

/* Keys that are near each other, and far. */
static ds__table_key key_of(uint64_t i)
{
    return (
        ds__table_key){ .a = i % 3, .b = i / 3 % 50, .c = i * i << (i % 40) };
}

static void fill(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        thing *t = ds__table_put(&table, key_of(i));
        ck_assert_ptr_nonnull(t);
        ck_assert(t->value == 0);
        t->value = (double)(i + 1);
        ds__table_check(&table);
    }
}

START_TEST(nothing_is_in_an_empty_table)
{
    size_t i = 0;

    ck_assert_ptr_null(ds__table_find(&table, (ds__table_key){ 0 }));
    ck_assert_ptr_null(ds__table_next(&table, &i));
    ds__table_check(&table);
}
END_TEST

START_TEST(what_was_put_is_found)
{
    const uint64_t many = 1000;

    fill(many);
    ck_assert_uint_eq(table.count, many);
    for (uint64_t i = 0; i < many; i++) {
        const thing *t = ds__table_find(&table, key_of(i));
        ck_assert(t != NULL && t->value == (double)(i + 1));
    }
    ck_assert_ptr_null(ds__table_find(&table, (ds__table_key){ .a = 7 }));
}
END_TEST

START_TEST(the_key_of_zeros_is_one)
{
    thing *t = ds__table_put(&table, (ds__table_key){ 0 });

    ck_assert(t != NULL && t == ds__table_find(&table, (ds__table_key){ 0 }));
}
END_TEST

START_TEST(each_part_of_a_key_counts)
{
    static const ds__table_key keys[] = {
        { 1, 2, 3 }, { 2, 2, 3 }, { 1, 3, 3 }, { 1, 2, 4 }, { 3, 2, 1 },
    };

    for (size_t i = 0; i < 5; i++)
        ds__table_put(&table, keys[i]);
    ck_assert_uint_eq(table.count, 5);
}
END_TEST

START_TEST(what_is_there_is_not_put_twice)
{
    thing *t = ds__table_put(&table, key_of(5));

    t->value = 8;
    ck_assert_ptr_eq(ds__table_put(&table, key_of(5)), t);
    ck_assert(t->value == 8);
    ck_assert_uint_eq(table.count, 1);
}
END_TEST

START_TEST(a_walk_meets_each_once)
{
    const uint64_t many = 300;
    double sum = 0;
    const thing *t;

    fill(many);
    for (size_t i = 0; (t = ds__table_next(&table, &i)) != NULL; i++)
        sum += t->value;
    ck_assert(sum == (double)(many * (many + 1)) / 2);
}
END_TEST

START_TEST(a_freed_table_is_an_empty_one)
{
    fill(10);
    ds__table_free(&table);
    ck_assert_ptr_null(ds__table_find(&table, key_of(3)));
    fill(10);
}
END_TEST

static void miscount(void)
{
    table.count--;
}

static void take_out(void)
{
    size_t i = 0;
    thing *t = ds__table_next(&table, &i);

    t->entry.used = false;
}

static void move(void)
{
    size_t i = 0;
    thing *t = ds__table_next(&table, &i);

    t->entry.key.b = 1000000;
    t->entry.key.c = UINT64_MAX;
}

static void (*const spoils[])(void) = { miscount, take_out, move };

START_TEST(the_walk_finds_what_is_spoiled)
{
    fill(64);
    fclose(stderr); /* what assert() says */
    spoils[_i]();
    ds__table_check(&table);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, nothing_is_in_an_empty_table);
    tcase_add_test(tc, what_was_put_is_found);
    tcase_add_test(tc, the_key_of_zeros_is_one);
    tcase_add_test(tc, each_part_of_a_key_counts);
    tcase_add_test(tc, what_is_there_is_not_put_twice);
    tcase_add_test(tc, a_walk_meets_each_once);
    tcase_add_test(tc, a_freed_table_is_an_empty_one);
    tcase_add_loop_test_raise_signal(tc, the_walk_finds_what_is_spoiled,
                                     SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
}

int main(void)
{
    return harness_main("table", add);
}
