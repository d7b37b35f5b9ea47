/* What lines may say instead: proposals are lines, each is simpler in what its
 * manner is about, and they come to an end. */

#include <stdlib.h>

#include "explore/shrink/gentler.h"
#include "harness.h"

enum { NODES = 5, MOST_PROPOSALS = 200 };

static ds_plan *plan_of(const char *text)
{
    char why[200];
    ds_plan *plan = ds_plan_parse(text, why, sizeof(why));

    ck_assert_msg(plan != NULL, "%s", why);
    return plan;
}

static void print(const ds__plan_line *line, char *buf, size_t size)
{
    ds__text text;

    ck_assert_uint_le(ds__plan_line_room(line), size);
    ds__text_init(&text, buf, size);
    ds__plan_print_line(line, &text);
}

/* Adds what is proposed in a manner and differs, separated by bars. */
static void propose(const ds__plan_line *line, ds__manner manner,
                    ds__text *proposals)
{
    const ds__bounds bounds = { NODES, 0.01 };
    ds__plan_line gentler;
    char buf[2048];

    for (size_t i = 0; ds__gentler(line, manner, &bounds, i, &gentler); i++) {
        ck_assert_uint_lt(i, MOST_PROPOSALS);
        if (ds__plan_same_line(line, &gentler))
            continue;
        print(&gentler, buf, sizeof(buf));
        ds__text_add(proposals, "%s%s", proposals->used == 0 ? "" : " | ", buf);
    }
}

/* ---- What is proposed -----------------------------------------------------*/

static const struct {
    ds__manner manner;
    const char *line;
    const char *proposals;
} table[] = {
    { DS__FROM_PARTITION_TO_CUT, "1 partition 0,1,2,3 until 2",
      "1 cut 0 - 4 until 2 | 1 cut 1 - 4 until 2 | 1 cut 2 - 4 until 2 | "
      "1 cut 3 - 4 until 2 | 1 cut 0 - * until 2 | 1 cut 1 - * until 2 | "
      "1 cut 2 - * until 2 | 1 cut 3 - * until 2 | 1 cut 4 - * until 2" },
    { DS__FROM_PARTITION_TO_CUT, "1 cut 0 - 4", "" },
    { DS__FEWER_LINKS, "1 cut 0 - 4", "1 cut 0 > 4 | 1 cut 4 > 0" },
    { DS__FEWER_LINKS, "1 cut 0 > 4", "" },
    { DS__FEWER_LINKS, "1 hold 2 > *",
      "1 hold 2 > 0 | 1 hold 2 > 1 | 1 hold 2 > 3 | 1 hold 2 > 4" },
    { DS__FEWER_LINKS, "1 hold * > 0",
      "1 hold 1 > 0 | 1 hold 2 > 0 | 1 hold 3 > 0 | 1 hold 4 > 0" },
    { DS__FEWER_LINKS, "0 faults * > * drop 1",
      "0 faults 0 > * drop 1 | 0 faults 1 > * drop 1 | 0 faults 2 > * drop 1 "
      "| 0 faults 3 > * drop 1 | 0 faults 4 > * drop 1 | 0 faults * > 0 drop "
      "1 | 0 faults * > 1 drop 1 | 0 faults * > 2 drop 1 | 0 faults * > 3 drop "
      "1 | 0 faults * > 4 drop 1" },
    { DS__FEWER_LINKS, "1 crash 2", "" },
    { DS__AT_ONCE_OR_SOONER, "1 crash 2 at-send 9",
      "1 crash 2 | 1 crash 2 at-send 1 | 1 crash 2 at-send 4 | "
      "1 crash 2 at-send 8" },
    { DS__AT_ONCE_OR_SOONER, "1 crash 2 at-call 1", "1 crash 2" },
    { DS__AT_ONCE_OR_SOONER, "1 pause 2 at-call 5",
      "1 pause 2 | 1 pause 2 at-call 1 | 1 pause 2 at-call 2 | "
      "1 pause 2 at-call 4" },
    { DS__AT_ONCE_OR_SOONER, "1 crash 2", "" },
    { DS__FEWER_FIELDS, "1 clock 0 step 1 drift 0.5",
      "1 clock 0 drift 0.5 | 1 clock 0 step 1" },
    { DS__FEWER_FIELDS, "1 clock 0 step 1", "" },
    { DS__WEAKER_FIELDS, "1 clock 0 step -1 drift 0.5",
      "1 clock 0 step -0.5 drift 0.5 | 1 clock 0 step -1 drift 0.25" },
    { DS__WEAKER_FIELDS, "1 speed 0 0.5", "1 speed 0 0.75" },
    { DS__SHORTER, "1 crash 2 until 2",
      "1 crash 2 until 1.1 | 1 crash 2 until 1.5" },
    { DS__SHORTER, "1 crash 2", "" },
    { DS__SHORTER, "1 crash 2 until 1.05", "1 crash 2 until 1.025" },
    { DS__SHORTER, "1 crash 2 until 1.015", "" },
    { DS__ROUNDER_UNTIL, "1 crash 2 until 1.28765",
      "1 crash 2 until 1.3 | 1 crash 2 until 1.29 | 1 crash 2 until 1.288 | "
      "1 crash 2 until 1.3" },
    { DS__ROUNDER_UNTIL, "1.28761 crash 2 until 1.28765",
      "1.28761 crash 2 until 1.3 | 1.28761 crash 2 until 1.29 | "
      "1.28761 crash 2 until 1.288" },
    { DS__ROUNDER_TIME, "0.87654 wipe 2",
      "0.9 wipe 2 | 0.88 wipe 2 | 0.877 wipe 2 | 0.8765 wipe 2" },
    { DS__ROUNDER_TIME, "1.28761 crash 2 until 1.28765",
      "1 crash 2 until 1.28765" },
    { DS__ROUNDER_FIELDS, "1 speed 0 0.46", "1 speed 0 0.5" },
};

START_TEST(proposals_of_a_manner)
{
    char buf[4096];
    ds__text proposals;
    ds_plan *plan = plan_of(table[_i].line);

    ds__text_init(&proposals, buf, sizeof(buf));
    propose(&plan->lines[0], table[_i].manner, &proposals);
    ck_assert_str_eq(buf, table[_i].proposals);
    ds_plan_free(plan);
}
END_TEST

/* ---- All of them ----------------------------------------------------------*/

static const char *const lines[] = {
    "0 faults * > * drop 0.1 duplicate 0.01 late 2 jitter 0.2 until 5",
    "0 faults 0 - * damage 1",
    "0.4127 partition 0,1 | 2,3,4 until 0.663",
    "3 partition 2",
    "1.2 cut 0 - *",
    "1e+20 hold * - * until 1e+308",
    "1.0291 crash 2 until 1.0713",
    "1.1 crash 2 at-sync 18446744073709551615",
    "1.4 pause 3 until 1.4000000000000001",
    "1.5 clock 1 drift -0.9999999999999999",
    "1.5 clock 1 step 1e-300 until 1e300",
    "2 speed 1 5e-324",
    "2 disk 2 write-rate 1e+06 read-rate 2000 sync-time 0.01 rot 1",
    "2.5 wipe 2",
    "2.8106 reseed 17",
    "2.9 link h3-s0 off until 3",
};

START_TEST(whatever_is_proposed_is_a_line_that_a_plan_may_have)
{
    ds_plan *plan = plan_of(lines[_i]);

    for (int manner = 0; manner < DS__NUM_MANNERS; manner++)
        for (uint32_t nodes = 0; nodes <= 20; nodes += 5) {
            const ds__bounds bounds = { nodes, 0 };
            ds_plan *gentler = ds__plan_new();
            ds__plan_line line;
            size_t i = 0;
            for (; ds__gentler(plan->lines, (ds__manner)manner, &bounds, i,
                               &line);
                 i++)
                ck_assert(ds__plan_append(gentler, &line));
            ck_assert_uint_lt(i, MOST_PROPOSALS);
            ds__plan_check(gentler);
            char *text = ds_plan_print(gentler);
            ds_plan *again = plan_of(text);
            ck_assert_uint_eq(ds_plan_size(again), i);
            ds_plan_free(again);
            ds_plan_free(gentler);
            free(text);
        }
    ds_plan_free(plan);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, proposals_of_a_manner, 0,
                        sizeof(table) / sizeof(*table));
    tcase_add_loop_test(tc, whatever_is_proposed_is_a_line_that_a_plan_may_have,
                        0, sizeof(lines) / sizeof(*lines));
}

int main(void)
{
    return harness_main("gentler", add);
}
