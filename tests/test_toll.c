/* How many servers are hurt. */

#include "explore/plan/toll.h"
#include "harness.h"

static const struct {
    const char *lines;
    size_t servers;
    size_t hurt;
} tolls[] = {
    { "", 5, 0 },
    { "1 crash 2", 5, 1 },
    { "1 crash 2\n1 crash 2\n1 pause 2", 5, 1 },
    { "1 crash 2 at-send 7\n1 pause 3", 5, 2 },
    { "1 crash 5\n1 pause 6", 5, 0 }, /* clients */
    { "1 clock 2 step 1\n1 hold 2 - *\n1 speed 3 0.5", 5, 0 },
    /* Sides that are less than half. */
    { "1 partition 0,1 | 2,3,4", 5, 2 },
    { "1 partition 0,1 | 2,3", 4, 0 },
    { "1 partition 0 | 1,2,3", 4, 1 },
    { "1 partition 0 | 1", 2, 0 },
    { "1 partition 0,1,2", 5, 2 },
    { "1 partition 0 | 1 | 2,3,4", 5, 2 },
    { "1 partition 0,6 | 1,2,3,4,5", 5, 1 }, /* with clients */
    { "1 partition 0,1 | 2,3,4\n1 crash 4", 5, 3 },
    { "1 partition 0,1 | 2,3,4\n1 crash 0", 5, 2 },
    /* Links: one way is enough not to talk. */
    { "1 cut 0 > *", 5, 1 },
    { "1 cut * > 0", 5, 1 },
    { "1 cut * - *", 3, 3 },
    { "1 cut 0 > 1", 3, 0 },
    { "1 cut 0 > 1\n1 cut 2 > 0", 3, 1 },
    { "1 cut 0 - 1\n1 cut 0 - 2", 3, 1 },
    { "1 cut 0 - 1\n1 cut 0 - 2", 5, 0 },
    { "1 cut 0 - 1\n1 cut 0 - 2\n1 cut 0 > 3", 5, 1 },
    /* A bridge, and a ring. */
    { "1 cut 0 - 2\n1 cut 0 - 3\n1 cut 1 - 2\n1 cut 1 - 3", 5, 0 },
    { "1 cut 0 - 2\n1 cut 0 - 3\n1 cut 1 - 3\n1 cut 1 - 4\n1 cut 2 - 4", 5, 0 },
};

static size_t toll_of(const char *text, size_t servers, bool distrusted)
{
    ds_plan *plan = ds_plan_parse(text, NULL, 0);
    ds__toll toll;

    ck_assert(ds__toll_init(&toll, servers, NULL, NULL));
    toll.distrusted[servers - 1] = distrusted;
    ds__toll_begin(&toll);
    ck_assert_uint_eq(ds__toll_count(&toll), distrusted);
    ds__toll_begin(&toll);
    for (size_t i = 0; i < plan->count; i++)
        ds__toll_add(&toll, &plan->lines[i]);
    size_t count = ds__toll_count(&toll);
    ds__toll_free(&toll);
    ds_plan_free(plan);
    return count;
}

START_TEST(a_server_is_hurt_if_it_is_down_or_with_less_than_half)
{
    ck_assert_uint_eq(toll_of(tolls[_i].lines, tolls[_i].servers, false),
                      tolls[_i].hurt);
}
END_TEST

START_TEST(a_server_with_a_bad_disk_is_always_hurt)
{
    ck_assert_uint_eq(toll_of("", 3, true), 1);
    ck_assert_uint_eq(toll_of("1 crash 2", 3, true), 1);
    ck_assert_uint_eq(toll_of("1 crash 1", 3, true), 2);
    ck_assert_uint_eq(toll_of("1 partition 1 | 0,2", 3, true), 2);
}
END_TEST

static const struct {
    const char *lines;
    size_t most; /* of three servers */
} plans[] = {
    { "", 0 },
    { "1 crash 0 until 2\n2 crash 1 until 3", 1 },
    { "1 crash 0 until 2\n1.9 crash 1 until 3\n5 crash 2", 2 },
    { "1 crash 0\n70 pause 1 until 71\n700 pause 2", 2 },
    { "1 wipe 0\n50 crash 1 until 51", 2 },
    { "1 disk 0 lost-sync 0.1 until 2\n50 wipe 1\n99 crash 2", 3 },
    { "1 disk 0 sync-time 3 until 2\n1.5 crash 1 until 3", 1 },
    { "1 disk 0 rot 0 until 2\n1.5 crash 1 until 3", 1 },
    { "5 wipe 2\n1 crash 0 until 4", 1 },
    { "1 wipe 3\n2 wipe 4", 0 }, /* clients */
    { "1 partition 0 | 1 | 2 until 2", 3 },
};

START_TEST(a_plan_hurts_as_many_as_it_does_at_its_worst)
{
    ds_plan *plan = ds_plan_parse(plans[_i].lines, NULL, 0);

    ck_assert_uint_eq(ds__toll_most(plan, 3, NULL, NULL), plans[_i].most);
    ds_plan_free(plan);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc,
                        a_server_is_hurt_if_it_is_down_or_with_less_than_half,
                        0, sizeof(tolls) / sizeof(*tolls));
    tcase_add_test(tc, a_server_with_a_bad_disk_is_always_hurt);
    tcase_add_loop_test(tc, a_plan_hurts_as_many_as_it_does_at_its_worst, 0,
                        sizeof(plans) / sizeof(*plans));
}

int main(void)
{
    return harness_main("toll", add);
}
