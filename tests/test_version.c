/* The version is everywhere the same. */

#include "harness.h"

#include <stdio.h>

#include <distsys/version.h>

#include "config.h"

START_TEST(the_library_has_that_of_configure)
{
    ck_assert_str_eq(ds_version(), PACKAGE_VERSION);
}
END_TEST

START_TEST(the_headers_have_it_too)
{
    char text[40];

    ck_assert_str_eq(DS_VERSION, PACKAGE_VERSION);
    snprintf(text, sizeof(text), "%d.%d.%d", DS_VERSION_MAJOR, DS_VERSION_MINOR,
             DS_VERSION_PATCH);
    ck_assert_str_eq(text, PACKAGE_VERSION);
}
END_TEST

START_TEST(the_number_can_be_compared_by_the_preprocessor)
{
#if DS_VERSION_NUMBER < 1000 || DS_VERSION_NUMBER >= 1000000000
    ck_abort_msg("it is %d", DS_VERSION_NUMBER);
#endif
    ck_assert_int_eq(DS_VERSION_NUMBER % 1000, DS_VERSION_PATCH);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_library_has_that_of_configure);
    tcase_add_test(tc, the_headers_have_it_too);
    tcase_add_test(tc, the_number_can_be_compared_by_the_preprocessor);
}

int main(void)
{
    return harness_main("version", add);
}
