/* Kinds of failures: which two are the same one. */

#include <string.h>

#include "explore/runner/kind.h"
#include "harness.h"

typedef struct pair {
    const char *a;
    const char *b;
    bool same;
} pair;

static const pair pairs[] = {
    { "seed 11 is odd", "seed 17 is odd", true },
    { "at 1.5e-3 s", "at 20 s", true },
    { "pointer 0x7ffd12", "pointer 0xab", true },
    { "node 1\nand more", "node 2\nand something else", true },
    { "3 of 5", "4 of 7", true },
    { "", "", true },
    { "seed 11 is odd", "seed 11 is even", false },
    { "node1 is down", "node2 is down", false }, /* a name, no number */
    { "3 of 5", "3", false },
};

START_TEST(numbers_make_no_other_kind)
{
    const pair *p = &pairs[_i];
    char a[DS__KIND_SIZE];
    char b[DS__KIND_SIZE];

    ds__kind_write(a, DS__WRONG, DS__BY_BODY, p->a);
    ds__kind_write(b, DS__WRONG, DS__BY_BODY, p->b);
    ck_assert_int_eq(strcmp(a, b) == 0, p->same);
}
END_TEST

START_TEST(another_verdict_or_judge_is_another_kind)
{
    ds__result a = { .fate = DS__WRONG, .judge = DS__BY_BODY, .why = "x 1" };
    ds__result b = a;

    strcpy(b.why, "x 2");
    ck_assert(ds__kind_same(&a, &b));
    b.judge = DS__BY_TEST;
    ck_assert(!ds__kind_same(&a, &b));
    b.judge = a.judge;
    b.fate = DS__ENDLESS;
    ck_assert(!ds__kind_same(&a, &b));
}
END_TEST

START_TEST(a_long_reason_is_cut)
{
    static ds__result a = { .fate = DS__WRONG };
    static ds__result b = { .fate = DS__WRONG };

    memset(a.why, 'x', sizeof(a.why) - 1);
    memset(b.why, 'x', sizeof(b.why) / 2);
    ck_assert(ds__kind_same(&a, &b));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, numbers_make_no_other_kind, 0,
                        sizeof(pairs) / sizeof(*pairs));
    tcase_add_test(tc, another_verdict_or_judge_is_another_kind);
    tcase_add_test(tc, a_long_reason_is_cut);
}

int main(void)
{
    return harness_main("kind", add);
}
