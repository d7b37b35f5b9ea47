/* Blunt plans: which lines some hazards allow. */

#include "explore/shrink/blunt.h"
#include "harness.h"

static const ds__bounds bounds = { 5, 0.02 };
static const double end = 3.25;

enum { SOME = 12 };

START_TEST(what_may_neither_be_lost_nor_put_off_has_none)
{
    ds__plan_line line;

    ck_assert(!ds__blunt(DS_HAZARD_CRASH | DS_HAZARD_PARTITION, &bounds, end, 0,
                         &line));
}
END_TEST

START_TEST(what_has_no_time_has_none)
{
    ds__plan_line line;

    ck_assert(!ds__blunt(DS_HAZARD_DROP, &bounds, 0, 0, &line));
}
END_TEST

static const unsigned allowed[] = { DS_HAZARD_DROP, DS_HAZARD_REORDER,
                                    DS_HAZARD_DROP | DS_HAZARD_REORDER };

START_TEST(each_is_allowed_and_a_line_of_a_plan)
{
    for (size_t i = 0; i < SOME; i++) {
        ds__plan_line line;
        const ds_plan plan = { &line, 1, 1 };
        ck_assert(ds__blunt(allowed[_i], &bounds, end, i, &line));
        ds__plan_check(&plan);
        ck_assert_uint_eq(ds__plan_families(&line) & ~allowed[_i], 0);
        ck_assert(line.time == 0 && line.until == end);
    }
}
END_TEST

START_TEST(both_are_tried_alone_and_together)
{
    unsigned seen = 0;

    for (size_t i = 0; i < SOME; i++) {
        ds__plan_line line;
        ck_assert(ds__blunt(allowed[2], &bounds, end, i, &line));
        seen |= 1u << ds__plan_families(&line) / DS_HAZARD_DROP;
    }
    ck_assert_uint_ne(seen & 1u << 1, 0);
    ck_assert_uint_ne(
        seen & 1u << (DS_HAZARD_DROP | DS_HAZARD_REORDER) / DS_HAZARD_DROP, 0);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_may_neither_be_lost_nor_put_off_has_none);
    tcase_add_test(tc, what_has_no_time_has_none);
    tcase_add_loop_test(tc, each_is_allowed_and_a_line_of_a_plan, 0, 3);
    tcase_add_test(tc, both_are_tried_alone_and_together);
}

int main(void)
{
    return harness_main("blunt", add);
}
