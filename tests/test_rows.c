/* Rows as text, Markdown, CSV and JSON, and the rounding of the table. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/rows.h"
#include "harness.h"

/* What rows are made of here. */
typedef struct thing {
    const char *name;
    bool on;
    size_t size;
    double latency;
    double rate;
    double seconds;
    uint64_t digest;
    bool none;
} thing;

static rows_value get_name(const void *row, const rows_column *self)
{
    return ((const thing *)row)->none ? ROWS_NONE : rows_get_text(row, self);
}

static rows_value get_on(const void *row, const rows_column *self)
{
    return ((const thing *)row)->none ? ROWS_NONE : rows_get_bool(row, self);
}

static rows_value get_size(const void *row, const rows_column *self)
{
    return ((const thing *)row)->none ? ROWS_NONE : rows_get_size(row, self);
}

static rows_value get_digest(const void *row, const rows_column *self)
{
    return ((const thing *)row)->none ? ROWS_NONE : rows_get_word(row, self);
}

#define COLUMN(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(thing, member), 0                     \
    }

static const rows_column *const columns[] = {
    COLUMN("name", "Name", ROWS_TEXT, get_name, name),
    COLUMN("on", "On", ROWS_BOOL, get_on, on),
    COLUMN("size", "Size", ROWS_COUNT, get_size, size),
    COLUMN("latency", "Latency", ROWS_REAL, rows_get_real, latency),
    COLUMN("rate", "Rate", ROWS_RATE, rows_get_real, rate),
    COLUMN("seconds", "Time", ROWS_SECONDS, rows_get_real, seconds),
    COLUMN("digest", "Id", ROWS_DIGEST, get_digest, digest),
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static const thing row = { "a|b, \"c\"", true,    10000000, 0.1,
                           1e9,          1.0 / 3, 0xabc,    false };

static const thing nothing = {
    .latency = INFINITY, .rate = -INFINITY, .seconds = NAN, .none = true
};

/* What a table with one row prints; the caller frees it. */
static char *printed(rows_format format, const rows_column *const *some,
                     size_t n, const void *one)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    rows_table rows = { out, format, some, n };

    ck_assert_ptr_nonnull(out);
    ck_assert(rows_begin(&rows));
    ck_assert(rows_add(&rows, one));
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

static void check_printed(rows_format format, const thing *one,
                          const char *wanted)
{
    char *text = printed(format, columns, COLUMNS, one);

    ck_assert_str_eq(text, wanted);
    free(text);
}

START_TEST(markdown_has_titles_and_rounds_for_people)
{
    check_printed(ROWS_MD, &row,
                  "| Name | On | Size | Latency | Rate | Time | Id |\n"
                  "|:--|:--|:--|:--|:--|:--|:--|\n"
                  "| a\\|b, \"c\" | true | 10000000 | 0.1 | 1E+09 | 0.333333 "
                  "| 0000000000000abc |\n");
}
END_TEST

START_TEST(text_is_aligned)
{
    static const char wanted[] =
        "Name          On         Size  Latency      Rate         Time  Id\n"
        "a|b, \"c\"      true   10000000      0.1     1E+09     0.333333  "
        "0000000000000abc\n";

    check_printed(ROWS_ALIGNED, &row, wanted);
}
END_TEST

static rows_value get_strong(const void *number, const rows_column *self)
{
    return (rows_value){ .strong = true, .word = *(const uint64_t *)number };
}

START_TEST(what_is_strong_stands_out_for_people_alone)
{
    static const rows_column column = {
        "t", "T", ROWS_COUNT, get_strong, 0, 0
    };
    static const rows_column *const one[] = { &column };
    static const char *const wanted[ROWS_FORMATS] = {
        [ROWS_MD] = "| T |\n|:--|\n| **7** |\n",
        [ROWS_CSV] = "t\n7\n",
        [ROWS_JSON] = "{\"t\": 7}\n",
        [ROWS_ALIGNED] = "       T\n       7*\n",
    };
    char *text = printed((rows_format)_i, one, 1, &(uint64_t){ 7 });

    ck_assert_str_eq(text, wanted[_i]);
    free(text);
}
END_TEST

START_TEST(csv_has_names_quotes_and_every_digit)
{
    check_printed(ROWS_CSV, &row,
                  "name,on,size,latency,rate,seconds,digest\n"
                  "\"a|b, \"\"c\"\"\",true,10000000,0.1,1000000000,"
                  "0.3333333333333333,0000000000000abc\n");
}
END_TEST

START_TEST(json_is_one_object_a_line)
{
    check_printed(ROWS_JSON, &row,
                  "{\"name\": \"a|b, \\\"c\\\"\", \"on\": true, "
                  "\"size\": 10000000, \"latency\": 0.1, "
                  "\"rate\": 1000000000, \"seconds\": 0.3333333333333333, "
                  "\"digest\": \"0000000000000abc\"}\n");
}
END_TEST

START_TEST(json_shows_what_is_not_there_as_null)
{
    check_printed(ROWS_JSON, &nothing,
                  "{\"name\": null, \"on\": null, \"size\": null, "
                  "\"latency\": null, \"rate\": null, \"seconds\": null, "
                  "\"digest\": null}\n");
}
END_TEST

START_TEST(csv_shows_what_is_not_there_as_an_empty_field)
{
    check_printed(ROWS_CSV, &nothing,
                  "name,on,size,latency,rate,seconds,digest\n,,,,,,\n");
}
END_TEST

START_TEST(json_escapes_control_characters)
{
    static const rows_column column = {
        "t", "T", ROWS_TEXT, rows_get_text, 0, 0
    };
    static const rows_column *const one[] = { &column };
    char *text = printed(ROWS_JSON, one, 1, &(const char *){ "a\n\\\x01" });

    ck_assert_str_eq(text, "{\"t\": \"a\\u000a\\\\\\u0001\"}\n");
    free(text);
}
END_TEST

/* A wide column, and titles that are. */
START_TEST(text_has_room_for_titles_and_wide_columns)
{
    static const rows_column wide = {
        "t", "T", ROWS_TEXT, rows_get_text, 0, 14
    };
    static const rows_column titled = { "t",       "A long title",
                                        ROWS_TEXT, rows_get_text,
                                        0,         0 };
    static const rows_column *const both[] = { &wide, &titled, &titled };
    char *text = printed(ROWS_ALIGNED, both, 3, &(const char *){ "abc" });

    ck_assert_str_eq(text, "T               A long title  A long title\n"
                           "abc             abc           abc\n");
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
    char text[ROWS_NUMBER_MAX];

    ck_assert_str_eq(rows_fixed(text, fixed[_i].x, fixed[_i].decimals),
                     fixed[_i].text);
}
END_TEST

START_TEST(the_largest_double_has_room)
{
    char text[ROWS_NUMBER_MAX];

    ck_assert_uint_eq(strlen(rows_fixed(text, -1.7976931348623157e308, 6)),
                      1 + 309 + 1 + 6);
}
END_TEST

/* Behind what stands before them in CSV and JSON. */
static const char *const before[] = {
    [ROWS_CSV] = "t\n", [ROWS_JSON] = "{\"t\": "
};

START_TEST(csv_and_json_read_back_as_the_same_bits)
{
    static const double values[] = { 0.1,    1.0 / 3,          2.0 / 3,
                                     1e-300, 5e-324,           1e22,
                                     1e300,  0.1 + 0.2,        -7.25,
                                     1e15,   9007199254740994, 200.860011 };
    static const rows_column column = {
        "t", "T", ROWS_REAL, rows_get_real, 0, 0
    };
    static const rows_column *const one[] = { &column };

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        char *text = printed((rows_format)_i, one, 1, &values[i]);

        ck_assert(strtod(text + strlen(before[_i]), NULL) == values[i]);
        free(text);
    }
}
END_TEST

static const struct {
    double x;
    const char *text;
} seconds[] = {
    { 0, "0.000000" },          { 0.000103, "0.000103" },
    { 0.00001, "0.000010" },    { 0.0000099, "9.9E-06" },
    { 2.56789e-6, "2.57E-06" }, { 1e-9, "1E-09" },
    { 12.5, "12.500000" },
};

START_TEST(short_times_have_digits_that_tell_something)
{
    char text[ROWS_NUMBER_MAX];

    ck_assert_str_eq(rows_seconds(text, seconds[_i].x), seconds[_i].text);
}
END_TEST

/* Exponents are written in one way, and whole numbers without. */
static const struct {
    rows_type type;
    double x;
    const char *text;
} reals[] = {
    { ROWS_REAL, 112000, "| 112000 |" },
    { ROWS_REAL, 12345678, "| 12345678 |" },
    { ROWS_REAL, 2e-5, "| 2E-05 |" },
    { ROWS_REAL, 0.25, "| 0.25 |" },
    { ROWS_REAL, 1e22, "| 1E+22 |" },
    { ROWS_RATE, 1e9, "| 1E+09 |" },
    { ROWS_RATE, 1.25e9, "| 1.25E+09 |" },
    { ROWS_SHORT, 2.999, "| 3.00 |" },
};

START_TEST(people_see_one_kind_of_exponent)
{
    const rows_column column = {
        "t", "T", reals[_i].type, rows_get_real, 0, 0
    };
    const rows_column *const one[] = { &column };
    char *text = printed(ROWS_MD, one, 1, &reals[_i].x);

    ck_assert_str_eq(strrchr(text, '\n') - strlen(reals[_i].text),
                     strcat(strcpy((char[40]){ 0 }, reals[_i].text), "\n"));
    free(text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, markdown_has_titles_and_rounds_for_people);
    tcase_add_test(tc, text_is_aligned);
    tcase_add_test(tc, text_has_room_for_titles_and_wide_columns);
    tcase_add_loop_test(tc, what_is_strong_stands_out_for_people_alone, 0,
                        ROWS_FORMATS);
    tcase_add_test(tc, csv_has_names_quotes_and_every_digit);
    tcase_add_test(tc, json_is_one_object_a_line);
    tcase_add_test(tc, json_shows_what_is_not_there_as_null);
    tcase_add_test(tc, csv_shows_what_is_not_there_as_an_empty_field);
    tcase_add_test(tc, json_escapes_control_characters);
    tcase_add_loop_test(tc, seconds_are_rounded_to_12_digits_and_then_half_up,
                        0, sizeof(fixed) / sizeof(*fixed));
    tcase_add_test(tc, the_largest_double_has_room);
    tcase_add_loop_test(tc, csv_and_json_read_back_as_the_same_bits, ROWS_CSV,
                        ROWS_JSON + 1);
    tcase_add_loop_test(tc, short_times_have_digits_that_tell_something, 0,
                        sizeof(seconds) / sizeof(*seconds));
    tcase_add_loop_test(tc, people_see_one_kind_of_exponent, 0,
                        sizeof(reals) / sizeof(*reals));
}

int main(void)
{
    return harness_main("rows", add);
}
