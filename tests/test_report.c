/* Rows as Markdown, CSV and JSON, and the rounding of the table. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report.h"
#include "harness.h"

static const struct report_column columns[] = {
    { "name", "Name", REPORT_TEXT },   { "on", "On", REPORT_BOOL },
    { "size", "Size", REPORT_COUNT },  { "latency", "Latency", REPORT_REAL },
    { "rate", "Rate", REPORT_RATE },   { "seconds", "Time", REPORT_SECONDS },
    { "digest", "Id", REPORT_DIGEST },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static const struct report_value row[COLUMNS] = {
    { .text = "a|b, \"c\"" }, { .truth = true }, { .word = 10000000 },
    { .real = 0.1 },          { .real = 1e9 },   { .real = 1.0 / 3 },
    { .word = 0xabc },
};

static const struct report_value nothing[COLUMNS] = {
    { .none = true },     { .none = true },      { .none = true },
    { .real = INFINITY }, { .real = -INFINITY }, { .real = NAN },
    { .none = true },
};

/* What a report with one row prints; the caller frees it. */
static char *printed(enum report_format format, const struct report_value *one)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct report report = { out, format, columns, COLUMNS };

    ck_assert_ptr_nonnull(out);
    report_begin(&report);
    report_row(&report, one);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void check_printed(enum report_format format,
                          const struct report_value *one, const char *wanted)
{
    char *text = printed(format, one);

    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(markdown_has_titles_and_rounds_for_people)
{
    check_printed(REPORT_MD, row,
                  "| Name | On | Size | Latency | Rate | Time | Id |\n"
                  "|:--|:--|:--|:--|:--|:--|:--|\n"
                  "| a\\|b, \"c\" | true | 10000000 | 0.1 | 1E+09 | 0.333333 "
                  "| 0000000000000abc |\n");
}
END_TEST

START_TEST(what_is_strong_is_bold_in_markdown_alone)
{
    static const struct report_column one = { "t", "T", REPORT_COUNT };
    static const char *const wanted[] = { "| **7** |\n", "7\n",
                                          "{\"t\": 7}\n" };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct report report = { out, (enum report_format)_i, &one, 1 };

    report_row(&report, &(struct report_value){ .strong = true, .word = 7 });
    fclose(out);
    ck_assert_str_eq(text, wanted[_i]);
    free(text);
}
END_TEST

START_TEST(csv_has_names_quotes_and_every_digit)
{
    check_printed(REPORT_CSV, row,
                  "name,on,size,latency,rate,seconds,digest\n"
                  "\"a|b, \"\"c\"\"\",true,10000000,0.1,1000000000,"
                  "0.3333333333333333,0000000000000abc\n");
}
END_TEST

START_TEST(json_is_one_object_a_line)
{
    check_printed(REPORT_JSON, row,
                  "{\"name\": \"a|b, \\\"c\\\"\", \"on\": true, "
                  "\"size\": 10000000, \"latency\": 0.1, "
                  "\"rate\": 1000000000, \"seconds\": 0.3333333333333333, "
                  "\"digest\": \"0000000000000abc\"}\n");
}
END_TEST

START_TEST(json_shows_what_is_not_there_as_null)
{
    check_printed(REPORT_JSON, nothing,
                  "{\"name\": null, \"on\": null, \"size\": null, "
                  "\"latency\": null, \"rate\": null, \"seconds\": null, "
                  "\"digest\": null}\n");
}
END_TEST

START_TEST(csv_shows_what_is_not_there_as_an_empty_field)
{
    check_printed(REPORT_CSV, nothing,
                  "name,on,size,latency,rate,seconds,digest\n,,,,,,\n");
}
END_TEST

START_TEST(json_escapes_control_characters)
{
    static const struct report_column one = { "t", "T", REPORT_TEXT };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct report report = { out, REPORT_JSON, &one, 1 };

    report_row(&report, &(struct report_value){ .text = "a\n\\\x01" });
    fclose(out);
    ck_assert_str_eq(text, "{\"t\": \"a\\u000a\\\\\\u0001\"}\n");
    free(text);
}
END_TEST

static const struct {
    double x;
    int decimals;
    const char *text;
} fixed[] = {
    /* the exact ties of the table, and the doubles beside them */
    { 0.0024025, 6, "0.002403" },
    { 0.0024024999999999997, 6, "0.002403" },
    { 0.0024025000000000006, 6, "0.002403" },
    { 1.4909125, 6, "1.490913" },
    { 1.4909124999999999, 6, "1.490913" },
    { 1.0200255, 6, "1.020026" },
    { 1.0200254999999998, 6, "1.020026" },
    /* off a tie in one of the 12 digits that count */
    { 1.02002549999, 6, "1.020025" },
    { 1.02002550001, 6, "1.020026" },
    { 0, 6, "0.000000" },
    { 0.10008, 6, "0.100080" },
    { 1200.161, 6, "1200.161000" },
    { 0.0000005, 6, "0.000001" },
    { 0.00000049, 6, "0.000000" },
    { 1e-300, 6, "0.000000" },
    { 9.9999995, 6, "10.000000" },
    { 0.9999995, 6, "1.000000" },
    { 99999.5, 0, "100000" },
    { 0.5, 0, "1" },
    { 0.49, 0, "0" },
    { 2.5, 0, "3" },
    { -2.5, 0, "-3" },
    { -0.00000049, 6, "0.000000" },
    { -0.0000005, 6, "-0.000001" },
    { 1e15, 2, "1000000000000000.00" },
    { 123456789012.6, 1, "123456789013.0" }, /* 12 digits first */
    { 12345678.9, 2, "12345678.90" },
};

START_TEST(seconds_are_rounded_to_12_digits_and_then_half_up)
{
    char text[REPORT_NUMBER_MAX];

    ck_assert_str_eq(report_fixed(text, fixed[_i].x, fixed[_i].decimals),
                     fixed[_i].text);
}
END_TEST

START_TEST(the_largest_double_has_room)
{
    char text[REPORT_NUMBER_MAX];

    ck_assert_uint_eq(strlen(report_fixed(text, -1.7976931348623157e308, 6)),
                      1 + 309 + 1 + 6);
}
END_TEST

START_TEST(csv_and_json_read_back_as_the_same_bits)
{
    static const double values[] = { 0.1,    1.0 / 3,          2.0 / 3,
                                     1e-300, 5e-324,           1e22,
                                     1e300,  0.1 + 0.2,        -7.25,
                                     1e15,   9007199254740994, 200.860011 };
    static const struct report_column one = { "t", "T", REPORT_REAL };

    size_t before = _i == REPORT_JSON ? strlen("{\"t\": ") : 0;

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        struct report report = { out, (enum report_format)_i, &one, 1 };

        report_row(&report, &(struct report_value){ .real = values[i] });
        fclose(out);
        ck_assert(strtod(text + before, NULL) == values[i]);
        free(text);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, markdown_has_titles_and_rounds_for_people);
    tcase_add_loop_test(tc, what_is_strong_is_bold_in_markdown_alone, 0,
                        REPORT_FORMATS);
    tcase_add_test(tc, csv_has_names_quotes_and_every_digit);
    tcase_add_test(tc, json_is_one_object_a_line);
    tcase_add_test(tc, json_shows_what_is_not_there_as_null);
    tcase_add_test(tc, csv_shows_what_is_not_there_as_an_empty_field);
    tcase_add_test(tc, json_escapes_control_characters);
    tcase_add_loop_test(tc, seconds_are_rounded_to_12_digits_and_then_half_up,
                        0, sizeof(fixed) / sizeof(*fixed));
    tcase_add_test(tc, the_largest_double_has_room);
    tcase_add_loop_test(tc, csv_and_json_read_back_as_the_same_bits, REPORT_CSV,
                        REPORT_FORMATS);
}

int main(void)
{
    return harness_main("report", add);
}
