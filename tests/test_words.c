/* The words of a trace: each has one number, wherever it lies. */

#include "harness.h"

#include <stdio.h>
#include <string.h>

#include "loop/trace/format.h"
#include "loop/trace/words.h"

static ds__words words;

static unsigned number_of(const char *word, ds__word_kind kind)
{
    uint16_t number;

    ck_assert_int_eq(ds__words_find(&words, word, &number), kind);
    ds__words_check(&words);
    return number;
}

START_TEST(words_are_numbered_as_they_come)
{
    ck_assert_uint_eq(number_of("one", DS__WORD_NEW), 1);
    ck_assert_uint_eq(number_of("two", DS__WORD_NEW), 2);
    ck_assert_uint_eq(number_of("one", DS__WORD_OLD), 1);
    ck_assert_uint_eq(number_of("", DS__WORD_NEW), 3);
    ds__words_free(&words);
}
END_TEST

START_TEST(another_word_in_the_same_place_is_another_word)
{
    char place[16] = "follower";

    ck_assert_uint_eq(number_of(place, DS__WORD_NEW), 1);
    ck_assert_uint_eq(number_of(place, DS__WORD_OLD), 1);
    strcpy(place, "leader");
    ck_assert_uint_eq(number_of(place, DS__WORD_NEW), 2);
    strcpy(place, "follower");
    ck_assert_uint_eq(number_of(place, DS__WORD_OLD), 1);
    ds__words_free(&words);
}
END_TEST

START_TEST(there_are_only_so_many)
{
    char word[16];

    for (unsigned i = 1; i <= DS__WORDS_MAX; i++) {
        uint16_t number;
        snprintf(word, sizeof(word), "w%u", i);
        ck_assert_int_eq(ds__words_find(&words, word, &number), DS__WORD_NEW);
        ck_assert_uint_eq(number, i);
    }
    ds__words_check(&words);
    ck_assert_uint_eq(number_of("more", DS__WORD_TOO_MANY), 0);
    ck_assert_uint_eq(number_of("w777", DS__WORD_OLD), 777);
    ds__words_free(&words);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, words_are_numbered_as_they_come);
    tcase_add_test(tc, another_word_in_the_same_place_is_another_word);
    tcase_add_test(tc, there_are_only_so_many);
}

int main(void)
{
    return harness_main("words", add);
}
