/* Sets of entries against a plain array, and the laws that replicas live by. */

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "proto/entries_rules.h"

static uint64_t seed, draws;

static uint64_t draw(uint64_t n)
{
    return ds__rng_below(ds__rng_bits(seed, DS__RNG_NET, 0, draws++), n);
}

/* Few keys, so that many entries have the same; small ones, and those at both
 * ends of what there is. */
static uint64_t draw_word(void)
{
    static const uint64_t words[] = {
        0, 1, 2, UINT64_MAX / 2, UINT64_MAX / 2 + 1, UINT64_MAX
    };

    return words[draw(sizeof(words) / sizeof(*words))];
}

static ds_entry draw_entry(void)
{
    return (ds_entry){
        .key = { .object = draw_word(),
                 .element = (int64_t)draw_word(),
                 .dot = draw_word() },
        .rank = draw(3),
        .value = (int64_t)draw_word(),
    };
}

static ds_entries *set_of(size_t n)
{
    ds_entries *set = ds_entries_new();

    for (size_t i = 0; i < n; i++) {
        ds_entry e = draw_entry();
        ck_assert(ds_entries_put(set, &e, NULL));
    }
    ds__entries_check(set);
    return set;
}

static ds_entries *copy_of(const ds_entries *set)
{
    ds_entries *copy = ds_entries_new();

    ck_assert(ds_entries_merge(copy, set));
    ds__entries_check(copy);
    return copy;
}

static ds_entries_sum all_of(const ds_entries *set)
{
    return ds_entries_sum_of(set, NULL, NULL);
}

static bool are_same(const ds_entry *a, const ds_entry *b)
{
    return ds_key_compare(&a->key, &b->key) == 0 && a->rank == b->rank &&
           a->value == b->value;
}

/* Entry by entry; and so do the sums say. */
static void ck_same(const ds_entries *a, const ds_entries *b)
{
    ck_assert_uint_eq(all_of(a).count, all_of(b).count);
    for (size_t i = 0; i < all_of(a).count; i++)
        ck_assert(are_same(ds_entries_at(a, i), ds_entries_at(b, i)));
    ck_assert(all_of(a).digest == all_of(b).digest);
    ck_assert(all_of(a).dot == all_of(b).dot);
}

/* ---- Against an array -----------------------------------------------------*/

enum { MOST = 600 };
static ds_entry array[MOST];
static size_t size;

static int by_key(const void *a, const void *b)
{
    return ds_key_compare(&((const ds_entry *)a)->key,
                          &((const ds_entry *)b)->key);
}

/* Returns whether the array is another now. */
static bool put_into_array(const ds_entry *e)
{
    for (size_t i = 0; i < size; i++)
        if (by_key(&array[i], e) == 0) {
            bool is_less =
                array[i].rank < e->rank ||
                (array[i].rank == e->rank && array[i].value < e->value);
            if (is_less)
                array[i] = *e;
            return is_less;
        }
    array[size++] = *e;
    return true;
}

static ds_entries *fill_both(uint64_t from, size_t n)
{
    ds_entries *set = ds_entries_new();

    seed = from;
    draws = size = 0;
    for (size_t i = 0; i < n; i++) {
        ds_entry e = draw_entry();
        bool news, expected = put_into_array(&e);
        ck_assert(ds_entries_put(set, &e, &news));
        ck_assert_int_eq(news, expected);
        if (i % 16 == 0 || i < 16)
            ds__entries_check(set);
    }
    qsort(array, size, sizeof(*array), by_key);
    return set;
}

static const size_t sizes[] = { 0, 1, 2, 3, 17, 100, MOST };

START_TEST(it_has_what_an_array_has)
{
    ds_entries *set = fill_both((uint64_t)_i, sizes[_i]);

    ck_assert_uint_eq(all_of(set).count, size);
    for (size_t i = 0; i < size; i++) {
        ck_assert(are_same(ds_entries_at(set, i), &array[i]));
        ck_assert_ptr_eq(ds_entries_find(set, &array[i].key),
                         ds_entries_at(set, i));
    }
    ck_assert_ptr_null(ds_entries_at(set, size));
    ck_assert_ptr_null(ds_entries_at(set, SIZE_MAX));
    ds_entries_free(set);
}
END_TEST

START_TEST(from_and_after_find_what_an_array_has)
{
    ds_entries *set = fill_both(20 + (uint64_t)_i, sizes[_i]);

    ck_assert_ptr_eq(ds_entries_from(set, NULL), ds_entries_at(set, 0));
    for (size_t i = 0; i < 200; i++) {
        ds_key key = draw_entry().key;
        size_t less = 0, same = 0;
        for (size_t k = 0; k < size; k++) {
            less += ds_key_compare(&array[k].key, &key) < 0;
            same += ds_key_compare(&array[k].key, &key) == 0;
        }
        ck_assert_ptr_eq(ds_entries_from(set, &key), ds_entries_at(set, less));
        ck_assert_ptr_eq(ds_entries_after(set, &key),
                         ds_entries_at(set, less + same));
        ck_assert_ptr_eq(ds_entries_find(set, &key),
                         same ? ds_entries_at(set, less) : NULL);
    }
    ds_entries_free(set);
}
END_TEST

START_TEST(a_sum_is_that_of_the_range)
{
    ds_entries *set = fill_both(40 + (uint64_t)_i, sizes[_i]);

    for (size_t i = 0; i < 300; i++) {
        ds_key from = draw_entry().key, to = draw_entry().key;
        bool open = draw(4) == 0, open_end = draw(4) == 0;
        ds_entries_sum expected = { 0 };
        for (size_t k = 0; k < size; k++)
            if ((open || ds_key_compare(&array[k].key, &from) >= 0) &&
                (open_end || ds_key_compare(&array[k].key, &to) < 0)) {
                expected.count++;
                expected.digest += ds_entry_hash(&array[k]);
                if (array[k].key.dot > expected.dot)
                    expected.dot = array[k].key.dot;
            }
        ds_entries_sum sum =
            ds_entries_sum_of(set, open ? NULL : &from, open_end ? NULL : &to);
        ck_assert_uint_eq(sum.count, expected.count);
        ck_assert(sum.digest == expected.digest);
        ck_assert(sum.dot == expected.dot);
    }
    ds_entries_free(set);
}
END_TEST

/* ---- The laws -------------------------------------------------------------*/

static ds_entries *merged(const ds_entries *a, const ds_entries *b)
{
    ds_entries *both = copy_of(a);

    ck_assert(ds_entries_merge(both, b));
    ds__entries_check(both);
    return both;
}

static void draw_three(int i, ds_entries *sets[3])
{
    seed = 100 + (uint64_t)i;
    draws = 0;
    for (size_t k = 0; k < 3; k++)
        sets[k] = set_of(draw(150));
}

static void free_all(ds_entries **sets, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_entries_free(sets[i]);
}

START_TEST(to_merge_is_commutative)
{
    ds_entries *s[3];
    draw_three(_i, s);
    ds_entries *both[] = { merged(s[0], s[1]), merged(s[1], s[0]) };

    ck_same(both[0], both[1]);
    free_all(both, 2);
    free_all(s, 3);
}
END_TEST

START_TEST(to_merge_is_associative)
{
    ds_entries *s[3];
    draw_three(_i, s);
    ds_entries *left = merged(s[0], s[1]), *right = merged(s[1], s[2]);
    ds_entries *all[] = { merged(left, s[2]), merged(s[0], right), left,
                          right };

    ck_same(all[0], all[1]);
    free_all(all, 4);
    free_all(s, 3);
}
END_TEST

START_TEST(to_merge_again_changes_nothing)
{
    ds_entries *s[3];
    draw_three(_i, s);
    ds_entries *both = merged(s[0], s[1]);
    ds_entries *all[] = { merged(both, s[1]), merged(both, both), both };

    ck_assert(ds_entries_merge(all[1], all[1]));
    ck_same(all[0], both);
    ck_same(all[1], both);
    free_all(all, 3);
    free_all(s, 3);
}
END_TEST

/* ---- Entries --------------------------------------------------------------*/

/* One that differs from it in the i-th of five words. */
static ds_entry other_than(ds_entry e, size_t i)
{
    uint64_t words[5];

    memcpy(words, &e, sizeof(e));
    words[i] ^= UINT64_C(1) << draw(64);
    memcpy(&e, words, sizeof(e));
    return e;
}

START_TEST(a_digest_sees_each_part_of_an_entry)
{
    seed = 5;
    for (size_t i = 0; i < 500; i++) {
        ds_entry e = draw_entry(), other = other_than(e, i % 5);
        ds_entries *sets[] = { ds_entries_new(), ds_entries_new() };
        ck_assert(ds_entries_put(sets[0], &e, NULL));
        ck_assert(ds_entries_put(sets[1], &other, NULL));
        ck_assert(all_of(sets[0]).digest != all_of(sets[1]).digest);
        free_all(sets, 2);
    }
}
END_TEST

START_TEST(of_one_rank_the_greater_value_stays)
{
    ds_entry low = { .key = { .object = 1, .element = 2, .dot = 3 },
                     .rank = 7,
                     .value = -5 },
             high = low;
    ds_entries *set = ds_entries_new();
    bool news;

    high.value = 4;
    ck_assert(ds_entries_put(set, &high, &news) && news);
    ck_assert(ds_entries_put(set, &low, &news) && !news);
    ck_assert_int_eq(ds_entries_find(set, &low.key)->value, 4);
    ds_entries_free(set);
}
END_TEST

START_TEST(a_greater_rank_stays_whatever_the_value)
{
    ds_entry old = { .key = { .object = 1, .element = 2, .dot = 3 },
                     .rank = 7,
                     .value = 9 },
             young = old;
    ds_entries *set = ds_entries_new();
    const ds_entry *it;

    young.rank = UINT64_MAX;
    young.value = INT64_MIN;
    ck_assert(ds_entries_put(set, &old, NULL));
    it = ds_entries_find(set, &old.key);
    ck_assert(ds_entries_put(set, &young, NULL));
    ck_assert_int_eq(it->value, INT64_MIN); /* it has stayed where it was */
    ds_entries_free(set);
}
END_TEST

/* The worst order for a tree that does not balance itself: the keys grow. */
START_TEST(many_in_order_take_no_longer_than_at_random)
{
    enum { MANY = 200000 };
    ds_entries *set = ds_entries_new();

    for (uint64_t i = 0; i < MANY; i++) {
        ds_entry e = { .key = { .object = 1, .dot = i }, .rank = 1 };
        ck_assert(ds_entries_put(set, &e, NULL));
    }
    ck_assert_uint_eq(all_of(set).count, MANY);
    for (uint64_t i = 0; i < MANY; i += 7)
        ck_assert_uint_eq(ds_entries_at(set, i)->key.dot, i);
    ds__entries_check(set);
    ds_entries_free(set);
}
END_TEST

static void add(TCase *tc)
{
    int n = sizeof(sizes) / sizeof(*sizes), sweep = harness_full() ? 300 : 30;

    tcase_add_loop_test(tc, it_has_what_an_array_has, 0, n);
    tcase_add_loop_test(tc, from_and_after_find_what_an_array_has, 0, n);
    tcase_add_loop_test(tc, a_sum_is_that_of_the_range, 0, n);
    tcase_add_loop_test(tc, to_merge_is_commutative, 0, sweep);
    tcase_add_loop_test(tc, to_merge_is_associative, 0, sweep);
    tcase_add_loop_test(tc, to_merge_again_changes_nothing, 0, sweep);
    tcase_add_test(tc, a_digest_sees_each_part_of_an_entry);
    tcase_add_test(tc, of_one_rank_the_greater_value_stays);
    tcase_add_test(tc, a_greater_rank_stays_whatever_the_value);
    tcase_add_test(tc, many_in_order_take_no_longer_than_at_random);
}

int main(void)
{
    return harness_main("entries", add);
}
