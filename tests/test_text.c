/* Texts that must get through: cut where there is no room, never overrun. */

#include "harness.h"

#include <string.h>

#include "base/text.h"

START_TEST(a_new_text_is_empty)
{
    char buf[8] = "garbage";
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ck_assert_str_eq(buf, "");
    ck_assert_uint_eq(text.used, 0);
}
END_TEST

START_TEST(pieces_follow_each_other)
{
    char buf[32];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%d ", 1);
    ds__text_add(&text, "%s", "");
    ds__text_add(&text, "and %g", 1.5);
    ck_assert_str_eq(buf, "1 and 1.5");
    ck_assert_uint_eq(text.used, 9);
}
END_TEST

/* The byte after the text's memory is somebody else's. */
START_TEST(what_does_not_fit_is_cut)
{
    char buf[32];
    ds__text text;
    size_t size = (size_t)_i;

    memset(buf, '#', sizeof(buf));
    ds__text_init(&text, buf, size);
    for (int i = 0; i < 3; i++)
        ds__text_add(&text, "%s", "abcd");
    ck_assert_uint_eq(text.used, size <= 12 ? size - 1 : 12);
    ck_assert_uint_eq(strlen(buf), text.used);
    ck_assert_int_eq(strncmp(buf, "abcdabcdabcd", text.used), 0);
    ck_assert_int_eq(buf[size], '#');
}
END_TEST

/* Of wide characters, the locale "C" has ASCII only. */
START_TEST(what_cannot_be_written_leaves_what_was_there)
{
    char buf[32];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "one, ");
    ds__text_add(&text, "two %ls", L"\x3b1");
    ck_assert_str_eq(buf, "one, ");
    ds__text_add(&text, "three");
    ck_assert_str_eq(buf, "one, three");
}
END_TEST

START_TEST(numbers_read_back_as_they_were_written)
{
    static const double values[] = { 0, -0.5, 1.0 / 3, 5e-324, 1e300, 1e22 };
    char buf[64];
    char *end;

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        ck_assert_int_eq(ds__format(buf, sizeof(buf), "%.17g!", values[i]),
                         (int)strlen(buf));
        ck_assert_double_eq(ds__to_double(buf, &end), values[i]);
        ck_assert_str_eq(end, "!");
    }
    ds__to_double("no number", &end);
    ck_assert_str_eq(end, "no number");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_new_text_is_empty);
    tcase_add_test(tc, pieces_follow_each_other);
    tcase_add_loop_test(tc, what_does_not_fit_is_cut, 1, 20);
    tcase_add_test(tc, what_cannot_be_written_leaves_what_was_there);
    tcase_add_test(tc, numbers_read_back_as_they_were_written);
}

int main(void)
{
    return harness_main("text", add);
}
