/* Histories as files. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/history.h>

#include "harness.h"
#include "random_history.h"

static char why[1024];

static char *text_of(const ds_history *history, const ds_model *model,
                     size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);

    ck_assert(ds_history_write_edn(history, model, file));
    fclose(file);
    return text;
}

static ds_history *history_of(const ds_model *model, const char *text,
                              size_t size)
{
    FILE *file =
        size == 0 ? fopen("/dev/null", "r") : fmemopen((void *)text, size, "r");

    why[0] = '\0';
    ds_history *history = ds_history_read_edn(model, file, why, sizeof(why));
    fclose(file);
    return history;
}

/* ---- There and back -------------------------------------------------------*/

static void ck_same_call(const ds_model *model, const ds_call *a,
                         const ds_call *b)
{
    const ds_model_op *op = &model->ops[a->op - 1];

    ck_assert_int_eq(a->op, b->op);
    ck_assert_int_eq(a->key, b->key);
    for (int i = 0; i < op->args; i++)
        ck_assert_int_eq(a->arg[i], b->arg[i]);
    ck_assert_int_eq(a->returned, b->returned);
    ck_assert_int_eq(a->forgotten, b->forgotten);
    if (a->returned && op->gives)
        ck_assert_int_eq(a->result, b->result);
    ck_assert_double_eq_tol(a->began, b->began, 1e-9);
    ck_assert_double_eq_tol(a->ended, b->ended, 1e-9);
}

static ds_verdict verdict_of(const ds_history *history, const ds_model *model)
{
    return ds_history_check(history, model, 0, NULL, 0);
}

START_TEST(what_is_written_is_read_again)
{
    const ds_model *model = ds_model_all(NULL)[_i];

    for (uint64_t seed = 1; seed <= 500; seed++) {
        ds_history *history = random_history(model, seed, 2 + seed % 20, 3);
        size_t size;
        char *text = text_of(history, model, &size);
        ds_history *again = history_of(model, text, size);
        ck_assert_msg(again != NULL, "%s in\n%s", why, text);
        ck_assert_uint_eq(ds_history_size(again), ds_history_size(history));
        for (size_t i = 0; i < ds_history_size(history); i++)
            ck_same_call(model, ds_history_at(history, i),
                         ds_history_at(again, i));
        /* A mutex looks at who calls, and processes have got other numbers. */
        if (model->anonymous)
            ck_assert_int_eq(verdict_of(again, model),
                             verdict_of(history, model));
        ds_history_free(again);
        ds_history_free(history);
        free(text);
    }
}
END_TEST

START_TEST(what_is_written_is_what_jepsen_writes)
{
    static const char wanted[] =
        "{:process 4, :type :invoke, :f :write, :value 7, :time 1500000000, "
        ":index 0}\n"
        "{:process 5, :type :invoke, :f :read, :value nil, :key -2, "
        ":time 1500000000, :index 1}\n"
        "{:process 5, :type :ok, :f :read, :value 0, :key -2, "
        ":time 1750000000, :index 2}\n"
        "{:process 5, :type :invoke, :f :cas, :value [1 2], :time 2000000000, "
        ":index 3}\n"
        "{:process 5, :type :fail, :f :cas, :value [1 2], :result 0, "
        ":time 2250000000, :index 4}\n"
        "{:process 4, :type :info, :f :write, :value 7, :time 2500000000, "
        ":index 5}\n"
        "{:process 6, :type :invoke, :f :cas, :value [7 nil], "
        ":time 2500000000, :index 6}\n"
        "{:process 6, :type :ok, :f :cas, :value [7 nil], :result 1, "
        ":time 2750000000, :index 7}\n";
    ds_history *h = ds_history_new();
    size_t size;

    ds_history_begin(h, 1.5, 4, DS_WRITE, 0, 7, 0);
    const size_t read = ds_history_begin(h, 1.5, 5, DS_READ, -2, 0, 0);
    ds_history_end(h, 1.75, read, 0);
    const size_t failed = ds_history_begin(h, 2, 5, DS_CAS, 0, 1, 2);
    ds_history_end(h, 2.25, failed, 0);
    const size_t cas = ds_history_begin(h, 2.5, 4, DS_CAS, 0, 7, DS_NIL);
    ds_history_end(h, 2.75, cas, 1);
    char *text = text_of(h, &ds_register_model, &size);
    ck_assert_str_eq(text, wanted);
    free(text);
    ds_history_free(h);
}
END_TEST

START_TEST(a_process_that_calls_twice_at_once_is_two_in_a_file)
{
    ds_history *h = ds_history_new();
    size_t size;

    const size_t first = ds_history_begin(h, 1, 4, DS_WRITE, 0, 7, 0);
    const size_t second = ds_history_begin(h, 2, 4, DS_READ, 0, 0, 0);
    ds_history_end(h, 3, first, 0);
    ds_history_end(h, 4, second, 7);
    char *text = text_of(h, &ds_register_model, &size);
    ds_history *again = history_of(&ds_register_model, text, size);
    ck_assert_msg(again != NULL, "%s", why);
    ck_assert(ds_history_at(again, 0)->returned);
    ck_assert_int_eq(ds_history_at(again, 1)->result, 7);
    ck_assert_uint_eq(ds_history_at(again, 1)->process, 5);
    ds_history_free(again);
    ds_history_free(h);
    free(text);
}
END_TEST

START_TEST(what_cannot_be_written_is_told)
{
    ds_history *h = ds_history_new();
    FILE *full = fopen("/dev/full", "w");

    ds_history_begin(h, 1, 4, DS_WRITE, 0, 7, 0);
    ck_assert(!ds_history_write_edn(h, &ds_register_model, full));
    ck_assert(!ds_history_write_edn(NULL, &ds_register_model, full));
    ck_assert(!ds_history_write_edn(h, NULL, full));
    ck_assert(!ds_history_write_edn(h, &ds_register_model, NULL));
    fclose(full);
    ds_history_free(h);
}
END_TEST

/* ---- What others write ----------------------------------------------------*/

START_TEST(a_history_of_jepsens_is_read)
{
    static const char text[] =
        "; from a test\n"
        "[{:type :invoke, :f :read, :value nil, :process 2, :time 643128}\n"
        " {:type :info :f :start :process :nemesis :value [:isolated #{1 "
        "\"n]1\""
        "}]}\n"
        " #jepsen.history.Op{:index 1, :time 15, :type :invoke, :process 0,\n"
        "   :f :cas, :value (), :value2 [0 3], :error [:timeout 4.5]}\n"
        " ]";
    static const char good[] =
        "[{:type :invoke, :f :read, :value nil, :process 2, :time 643128}\n"
        " {:type :info :f :start :process :nemesis :value [:isolated #{1 "
        "\"n]1\""
        "}]}\n"
        " #jepsen.history.Op{:index 1, :time 15, :type :invoke, :process 0,\n"
        "   :f :cas, :value [nil 3], :error [:timeout 4.5 true #inst \"x\"]}\n"
        " {:type :ok, :f :read, :value 3, :process 2}\n"
        " {:type :fail :f :cas :value [nil 3] :process 0} ; did not happen\n"
        "]\n";

    ck_assert_ptr_null(history_of(&ds_nil_register_model, text, strlen(text)));
    ck_assert_str_eq(why, "line 4: :cas takes two numbers, [1 2]");
    ds_history *h = history_of(&ds_nil_register_model, good, strlen(good));
    ck_assert_msg(h != NULL, "%s", why);
    ck_assert_uint_eq(ds_history_size(h), 2);
    ck_assert(ds_history_at(h, 1)->forgotten);
    ck_assert_int_eq(ds_history_at(h, 1)->arg[0], DS_NIL);
    ck_assert_int_eq(verdict_of(h, &ds_nil_register_model),
                     DS_NOT_LINEARIZABLE);
    ds_history_free(h);
}
END_TEST

START_TEST(an_empty_file_is_an_empty_history)
{
    ds_history *h = history_of(&ds_register_model, "", 0);

    ck_assert_uint_eq(ds_history_size(h), 0);
    ds_history_free(h);
    h = history_of(&ds_register_model, " [ ] ; nothing", 14);
    ck_assert_uint_eq(ds_history_size(h), 0);
    ds_history_free(h);
}
END_TEST

/* ---- What is wrong --------------------------------------------------------*/

#define READ  "{:process 1 :type :invoke :f :read}\n"
#define WRITE "{:process 1 :type :invoke :f :write :value 5}\n"

static const struct {
    const char *text;
    const char *why;
} mistakes[] = {
    { READ "5", "line 2: an operation is a map, {:process ...}" },
    { READ READ,
      "line 2: process 1 begins a call before it has ended another" },
    { READ "{:process 2 :type :ok :f :read :value 1}",
      "line 2: process 2 ends a call that it has not begun" },
    { READ "{:process 1 :type :ok :f :write :value 1}",
      "line 2: process 1 ends another call than it began" },
    { WRITE "{:process 1 :type :ok :f :write :value 6}",
      "line 2: process 1 ends another call than it began" },
    { READ "{:process 1 :type :ok :f :read :key 1 :value 6}",
      "line 2: process 1 ends another call than it began" },
    { READ "{:process 1 :type :ok :f :read :value [1 2]}",
      "line 2: :read ends with a number, or nil, as :value" },
    { "{:process 1 :type :invoke :f :read :value 4}",
      "line 1: :read begins with :value nil" },
    { "\n{:process 1 :type :invoke :f :write :value [1]}",
      "line 2: :write takes a number, or nil" },
    { "{:process 1 :type :invoke :f :cas :value 4}",
      "line 1: :cas takes two numbers, [1 2]" },
    { "{:process 1 :type :begin :f :read}",
      "line 1: :type is one of :invoke, :ok, :fail, :info" },
    { "{:process 1 :f :read}",
      "line 1: :type is one of :invoke, :ok, :fail, :info" },
    { "{:process 1 :type :invoke :f :reed}",
      "line 1: :f :reed is none of those of \"register\": :read, :write, "
      ":cas" },
    { "{:process 1 :type :invoke}",
      "line 1: :f is a keyword, one of :read, :write, :cas" },
    { "{:process -1 :type :invoke :f :read}",
      "line 1: :process is a number from 0 on" },
    { "{:type :invoke :f :read}", "line 1: :process is a number from 0 on" },
    { "{:process 99999999999999999999 :type :invoke :f :read}",
      "line 1: :process is a number from 0 on" },
    { "{:process 1 :type :invoke :f :read :key :x}",
      "line 1: :key is a number" },
    { "{:process 1 :type :invoke :f :read :time 1.5}",
      "line 1: :time is a number of nanoseconds" },
    { "\n{:process 1\n:f :read :f :read}", "line 3: :f is there twice" },
    { "{:process 1 :type}", "line 1: :type has no value" },
    { "{5 6}", "line 1: a key of an operation is a keyword" },
    { "\n\n{:process 1", "line 3: the operation here does not end" },
    { "{:process [1 (2", "line 1: there is no ) for the bracket here" },
    { "{:process \"1\n", "line 1: the string that begins here does not end" },
    { "{:process #", "line 1: there is nothing after #" },
    { "{:process ]", "line 1: nothing can begin like this" },
    { "[" READ, "line 2: there is no ] for the first [" },
    { "[" READ "]\n" READ, "line 3: there is something after ]" },
    { "#tag", "line 1: there is no operation after the tag" },
};

START_TEST(what_is_wrong_is_named_with_its_line)
{
    const char *text = mistakes[_i].text;

    ck_assert_ptr_null(history_of(&ds_register_model, text, strlen(text)));
    ck_assert_str_eq(why, mistakes[_i].why);
}
END_TEST

START_TEST(without_room_for_the_reason_it_is_refused_all_the_same)
{
    FILE *file = fmemopen("{", 1, "r");

    ck_assert_ptr_null(ds_history_read_edn(&ds_register_model, file, NULL, 0));
    fclose(file);
    ck_assert_ptr_null(
        ds_history_read_edn(&ds_register_model, NULL, why, sizeof(why)));
    ck_assert_ptr_null(ds_history_read_edn(NULL, NULL, why, sizeof(why)));
}
END_TEST

/* ---- What is spoiled ------------------------------------------------------*/

enum { most_text = 1 << 16 };

/* Changes some bytes, leaves some out, or repeats some. */
static size_t spoil(char *text, size_t size, uint64_t *random)
{
    static const char bytes[] = "{}[]():;#\"\\ \n,-09anil\0\377";

    for (uint64_t n = 1 + random_below(random, 4); n > 0 && size > 0; n--) {
        const size_t at = random_below(random, size);
        const size_t most = size - at < 40 ? size - at : 40;
        const size_t some = 1 + random_below(random, most);
        switch (random_below(random, 4)) {
        case 0:
            text[at] = bytes[random_below(random, sizeof(bytes))];
            break;
        case 1:
            memmove(text + at, text + at + some, size - at - some);
            size -= some;
            break;
        case 2:
            if (size + some > most_text)
                break;
            memmove(text + at + some, text + at, size - at);
            size += some;
            break;
        default:
            size = random_below(random, 8) == 0 ? at : size;
        }
    }
    return size;
}

static void ck_names_a_line(const char *text, size_t size)
{
    unsigned long line = 0, lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    ck_assert_msg(sscanf(why, "line %lu: ", &line) == 1, "%s", why);
    ck_assert_uint_ge(line, 1);
    ck_assert_uint_le(line, lines);
}

START_TEST(nothing_that_is_spoiled_does_any_harm)
{
    const ds_model *model = ds_model_all(NULL)[_i];
    const uint64_t seeds = harness_full() ? 20000 : 1500;
    static char text[most_text];
    uint64_t random = 1;
    int refused = 0;

    for (uint64_t seed = 1; seed <= seeds; seed++) {
        ds_history *history = random_history(model, seed, 12, 2);
        size_t size;
        char *whole = text_of(history, model, &size);
        memcpy(text, whole, size);
        size = spoil(text, size, &random);
        ds_history_free(history);
        free(whole);
        history = history_of(model, text, size);
        refused += history == NULL;
        if (history == NULL)
            ck_names_a_line(text, size);
        else
            ds_history_check(history, model, 0, NULL, 0);
        ds_history_free(history);
    }
    ck_assert_int_gt(refused, (int)seeds / 4);
}
END_TEST

START_TEST(brackets_without_end_do_not_overflow_the_stack)
{
    char *text = malloc(1 << 20);

    memset(text, '[', 1 << 20);
    text[1] = '{';
    text[2] = ':';
    text[3] = 'a';
    ck_assert_ptr_null(history_of(&ds_register_model, text, 1 << 20));
    ck_assert_str_eq(why, "line 1: more than 64 brackets in each other");
    for (int i = 4; i < (1 << 20) - 1; i++)
        text[i] = i % 3 == 0 ? ' ' : i % 3 == 1 ? '#' : 'a';
    ck_assert_ptr_null(history_of(&ds_register_model, text, 1 << 20));
    free(text);
}
END_TEST

static void add(TCase *tc)
{
    size_t models;

    ds_model_all(&models);
    tcase_add_loop_test(tc, what_is_written_is_read_again, 0, (int)models);
    tcase_add_test(tc, what_is_written_is_what_jepsen_writes);
    tcase_add_test(tc, a_process_that_calls_twice_at_once_is_two_in_a_file);
    tcase_add_test(tc, what_cannot_be_written_is_told);
    tcase_add_test(tc, a_history_of_jepsens_is_read);
    tcase_add_test(tc, an_empty_file_is_an_empty_history);
    tcase_add_loop_test(tc, what_is_wrong_is_named_with_its_line, 0,
                        sizeof(mistakes) / sizeof(*mistakes));
    tcase_add_test(tc, without_room_for_the_reason_it_is_refused_all_the_same);
    tcase_add_loop_test(tc, nothing_that_is_spoiled_does_any_harm, 0,
                        (int)models);
    tcase_add_test(tc, brackets_without_end_do_not_overflow_the_stack);
}

int main(void)
{
    return harness_main("edn", add);
}
