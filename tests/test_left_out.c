/* Operations that are left out, as text: printed, read again, and refused. */

#include <stdlib.h>

#include "explore/runner/left_out.h"
#include "harness.h"

/* Each is printed as it stands here. */
static const char *const texts[] = {
    "0:0",
    "3:0-2",
    "3:0-2,3:4-9",
    "3:9,3:7,3:5-6",
    "4.1:0,4:0,4.17:3-4",
    "t7:5-6,7:5-6,t8:0",
    "1234567890123456789:1234567890",
};

START_TEST(a_list_is_printed_as_it_was_read)
{
    char buf[256];
    ds__text text;
    ds__operation *list;
    size_t n;

    ck_assert(ds__left_out_parse(texts[_i], &list, &n));
    ds__text_init(&text, buf, sizeof(buf));
    ds__left_out_print(list, n, &text);
    ck_assert_str_eq(buf, texts[_i]);
    free(list);
}
END_TEST

START_TEST(a_list_has_what_it_says)
{
    const ds__operation wanted[] = {
        { 3, 0, 1 }, { 3, 0, 2 }, { 4, 1, 0 }, { DS__NO_MACHINE, 7, 5 }
    };
    ds__operation *list;
    size_t n;

    ck_assert(ds__left_out_parse("3:1-2,4.1:0,t7:5", &list, &n));
    ck_assert_uint_eq(n, 4);
    for (size_t i = 0; i < n; i++)
        ck_assert(list[i].machine == wanted[i].machine &&
                  list[i].thread == wanted[i].thread &&
                  list[i].number == wanted[i].number);
    free(list);
}
END_TEST

static const char *const wrong[] = {
    "",
    "3",
    "3:",
    ":3",
    "3:x",
    "3:4-",
    "3:4-3",
    "3:4,",
    ",3:4",
    "3:4;",
    "t:4",
    "3.:4",
    "t3.1:4",
    "-3:4",
    "3:-4",
    "3 :4",
    "3:4 ",
    "3:0-1048576",
    "3:0-99999999999999999999",
    "99999999999999999999:1",
    "3:0-1048575,3:0",
};

START_TEST(what_is_no_list_is_refused)
{
    ds__operation *list;
    size_t n;

    ck_assert(!ds__left_out_parse(wrong[_i], &list, &n));
    ck_assert_ptr_null(list);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_list_is_printed_as_it_was_read, 0,
                        sizeof(texts) / sizeof(*texts));
    tcase_add_test(tc, a_list_has_what_it_says);
    tcase_add_loop_test(tc, what_is_no_list_is_refused, 0,
                        sizeof(wrong) / sizeof(*wrong));
}

int main(void)
{
    return harness_main("left_out", add);
}
