/* Lists of links side by side: each keeps what is in it, and its place is used
 * again. */

#include "harness.h"
#include "net/flow/ways.h"

enum { LISTS = 200 };

static ds__ways ways;

static void setup(void)
{
    ds__ways_init(&ways);
}

static void teardown(void)
{
    ds__ways_free(&ways);
}

/* Takes a list of n links, which are first, first + 1 and so on. */
static uint32_t list(size_t n, uint32_t first)
{
    const uint32_t way = ds__ways_take(&ways, n);

    ck_assert_uint_ne(way, DS__NOWHERE);
    for (size_t i = 0; i < n; i++)
        ways.links[way + i] = first + (uint32_t)i;
    ways.links[way + n] = DS__NOWHERE;
    return way;
}

static void ck_list(uint32_t way, size_t n, uint32_t first)
{
    const uint32_t *links = ds__ways_at(&ways, way);

    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(links[i], first + i);
    ck_assert_uint_eq(links[n], DS__NOWHERE);
}

START_TEST(new_list_is_empty)
{
    ck_list(ds__ways_take(&ways, 6), 0, 0);
}
END_TEST

START_TEST(lists_keep_their_links_while_others_come)
{
    uint32_t at[LISTS];

    for (uint32_t i = 0; i < LISTS; i++)
        at[i] = list(i, 1000 * i);
    for (uint32_t i = 0; i < LISTS; i++)
        ck_list(at[i], i, 1000 * i);
}
END_TEST

START_TEST(list_given_back_is_taken_for_one_that_fits)
{
    const uint32_t way = list(6, 10);
    const uint32_t other = list(6, 20);

    ds__ways_give(&ways, way, 6);
    ck_assert_uint_eq(list(7, 30), way);
    ck_list(other, 6, 20);
    ck_list(way, 7, 30);
}
END_TEST

START_TEST(list_given_back_is_not_taken_for_a_longer_one)
{
    const uint32_t way = list(3, 10);

    ds__ways_give(&ways, way, 3);
    ck_assert_uint_ne(list(4, 30), way);
}
END_TEST

START_TEST(no_more_is_used_than_was_at_a_time)
{
    uint32_t at[LISTS];
    uint32_t used = 0;

    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < LISTS; i++)
            at[i] = list(i % 20, i);
        ck_assert(round == 0 || ways.used == used);
        used = ways.used;
        for (uint32_t i = 0; i < LISTS; i++) {
            ck_list(at[i], i % 20, i);
            ds__ways_give(&ways, at[i], i % 20);
        }
    }
}
END_TEST

START_TEST(list_that_no_number_reaches_is_refused)
{
    list(6, 10);
    ck_assert_uint_eq(ds__ways_take(&ways, SIZE_MAX / 8), DS__NOWHERE);
    ck_assert_uint_eq(ds__ways_take(&ways, UINT32_MAX), DS__NOWHERE);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, new_list_is_empty);
    tcase_add_test(tc, lists_keep_their_links_while_others_come);
    tcase_add_test(tc, list_given_back_is_taken_for_one_that_fits);
    tcase_add_test(tc, list_given_back_is_not_taken_for_a_longer_one);
    tcase_add_test(tc, no_more_is_used_than_was_at_a_time);
    tcase_add_test(tc, list_that_no_number_reaches_is_refused);
}

int main(void)
{
    return harness_main("ways", add);
}
