/* The phrases for the ways a simulation can end. */

#include "harness.h"

#include <ctype.h>
#include <string.h>

#include <distsys/status.h>

static const ds_status all[] = {
    DS_OK,    DS_DEADLOCK, DS_STOPPED, DS_FAILED,
    DS_LIMIT, DS_ENOMEM,   DS_ETHREAD, DS_EMISUSE
};
enum { num_all = sizeof(all) / sizeof(*all) };

START_TEST(every_status_has_a_lower_case_phrase)
{
    const char *phrase = ds_strstatus(all[_i]);

    ck_assert_ptr_nonnull(phrase);
    ck_assert_uint_gt(strlen(phrase), 0);
    for (const char *c = phrase; *c != '\0'; c++)
        ck_assert_msg(islower((unsigned char)*c) || *c == ' ', "'%c' in \"%s\"",
                      *c, phrase);
}
END_TEST

START_TEST(no_two_statuses_share_a_phrase)
{
    for (int j = 0; j < _i; j++)
        ck_assert_str_ne(ds_strstatus(all[_i]), ds_strstatus(all[j]));
}
END_TEST

START_TEST(a_number_that_is_no_status_has_a_phrase_too)
{
    ck_assert_str_eq(ds_strstatus((ds_status)99), "unknown status");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, every_status_has_a_lower_case_phrase, 0, num_all);
    tcase_add_loop_test(tc, no_two_statuses_share_a_phrase, 0, num_all);
    tcase_add_test(tc, a_number_that_is_no_status_has_a_phrase_too);
}

int main(void)
{
    return harness_main("status", add);
}
