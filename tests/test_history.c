/* Histories: what is recorded, what is judged, and what is said about it. */

#include <stdlib.h>
#include <string.h>

#include <distsys/history.h>

#include "harness.h"

static char why[8192];

/* ---- Recording ------------------------------------------------------------*/

static ds_history *h;

static void set_up(void)
{
    h = ds_history_new();
}

static size_t begin(uint64_t process, int op, int64_t a, int64_t b)
{
    static double now = 1e4;

    now += 0.125;
    return ds_history_begin(h, now, process, op, 0, a, b);
}

static void end(size_t call, int64_t result)
{
    const ds_call *c = ds_history_at(h, call);

    ds_history_end(h, c == NULL ? 0 : c->began + 0.0625, call, result);
}

static void whole(uint64_t process, int op, int64_t a, int64_t b,
                  int64_t result)
{
    end(begin(process, op, a, b), result);
}

static ds_verdict judge(const ds_model *model)
{
    why[0] = '\0';
    const ds_verdict verdict = ds_history_check(h, model, 0, why, sizeof(why));
    ds_history_free(h);
    h = NULL;
    return verdict;
}

START_TEST(what_is_recorded_can_be_looked_at)
{
    const size_t first =
        ds_history_begin(h, 1.5, 9, DS_CAS, -4, 100, INT64_MIN);
    const size_t second = ds_history_begin(h, 1.5, 8, DS_READ, 3, 0, 0);

    ds_history_end(h, 2.5, second, 77);
    ck_assert_uint_eq(first, 0);
    ck_assert_uint_eq(ds_history_size(h), 2);
    const ds_call *c = ds_history_at(h, 0);
    ck_assert_uint_eq(c->process, 9);
    ck_assert_int_eq(c->op, DS_CAS);
    ck_assert_int_eq(c->key, -4);
    ck_assert_int_eq(c->arg[0], 100);
    ck_assert_int_eq(c->arg[1], INT64_MIN);
    ck_assert(!c->returned && !c->forgotten);
    ck_assert_double_eq(c->began, 1.5);
    c = ds_history_at(h, 1);
    ck_assert(c->returned);
    ck_assert_int_eq(c->result, 77);
    ck_assert_double_eq(c->ended, 2.5);
    ck_assert_ptr_null(ds_history_at(h, 2));
    ds_history_forget(h, 0);
    ck_assert(ds_history_at(h, 0)->forgotten);
    ck_assert_uint_eq(ds_history_size(h), 2);
    ds_history_free(h);
}
END_TEST

START_TEST(an_empty_history_is_linearizable)
{
    ck_assert_int_eq(judge(&ds_register_model), DS_LINEARIZABLE);
    ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(without_a_history_nothing_is_decided)
{
    ck_assert_uint_eq(ds_history_begin(NULL, 1, 1, 1, 1, 1, 1), SIZE_MAX);
    ds_history_end(NULL, 1, SIZE_MAX, 1);
    ds_history_forget(NULL, SIZE_MAX);
    ck_assert_uint_eq(ds_history_size(NULL), 0);
    ck_assert_int_eq(ds_history_check(NULL, &ds_register_model, 0, why, 80),
                     DS_UNDECIDED);
    ck_assert_str_eq(why, "undecided: out of memory");
    ds_history_free(NULL);
    ds_history_free(h);
}
END_TEST

START_TEST(ending_what_has_ended_is_a_mistake_and_nothing_is_decided)
{
    whole(1, DS_WRITE, 5, 0, 0);
    end(0, 0);
    end(7, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_UNDECIDED);
    ck_assert_str_eq(why,
                     "undecided: ds_history_end: call 0 has returned before");
}
END_TEST

START_TEST(so_is_forgetting_what_never_began)
{
    ds_history_forget(h, 3);
    ck_assert_int_eq(judge(&ds_register_model), DS_UNDECIDED);
    ck_assert_str_eq(why,
                     "undecided: ds_history_forget: call 3 has never begun");
}
END_TEST

START_TEST(and_ending_what_was_forgotten)
{
    ds_history_forget(h, begin(1, DS_READ, 0, 0));
    end(0, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_UNDECIDED);
    ck_assert_str_eq(
        why, "undecided: ds_history_end: call 0 has been forgotten before");
}
END_TEST

/* ---- Judging --------------------------------------------------------------*/

START_TEST(what_is_under_way_may_have_happened_at_any_time_since)
{
    begin(1, DS_WRITE, 5, 0);
    whole(2, DS_READ, 0, 0, 0);
    whole(2, DS_READ, 0, 0, 5);
    ck_assert_int_eq(judge(&ds_register_model), DS_LINEARIZABLE);
}
END_TEST

START_TEST(but_only_once)
{
    begin(1, DS_WRITE, 5, 0);
    whole(2, DS_READ, 0, 0, 5);
    whole(2, DS_WRITE, 6, 0, 0);
    whole(2, DS_READ, 0, 0, 5);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(and_not_before_it_began)
{
    whole(2, DS_READ, 0, 0, 5);
    begin(1, DS_WRITE, 5, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
    ck_assert_ptr_nonnull(
        strstr(why, "but sequentially consistent: told before it was so"));
}
END_TEST

START_TEST(what_was_forgotten_had_no_effect)
{
    ds_history_forget(h, begin(1, DS_WRITE, 5, 0));
    whole(2, DS_READ, 0, 0, 5);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(the_order_counts_and_not_the_seconds)
{
    const size_t write = ds_history_begin(h, 7, 1, DS_WRITE, 0, 5, 0);
    ds_history_end(h, 7, write, 0);
    const size_t read = ds_history_begin(h, 7, 2, DS_READ, 0, 0, 0);
    ds_history_end(h, 7, read, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(calls_that_meet_in_a_moment_may_have_either_order)
{
    const size_t write = ds_history_begin(h, 7, 1, DS_WRITE, 0, 5, 0);
    const size_t read = ds_history_begin(h, 7, 2, DS_READ, 0, 0, 0);
    ds_history_end(h, 7, write, 0);
    ds_history_end(h, 7, read, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_LINEARIZABLE);
}
END_TEST

START_TEST(keys_are_objects_of_their_own)
{
    size_t call = ds_history_begin(h, 1, 1, DS_WRITE, INT64_MAX, 5, 0);
    ds_history_end(h, 2, call, 0);
    call = ds_history_begin(h, 3, 1, DS_READ, INT64_MIN, 0, 0);
    ds_history_end(h, 4, call, 0);
    ck_assert_int_eq(ds_history_check(h, &ds_register_model, 0, NULL, 0),
                     DS_LINEARIZABLE);
    call = ds_history_begin(h, 5, 1, DS_READ, INT64_MAX, 0, 0);
    ds_history_end(h, 6, call, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
    ck_assert_ptr_nonnull(strstr(why, "key 9223372036854775807"));
}
END_TEST

START_TEST(hundreds_of_writes_that_nobody_saw_cost_nothing)
{
    for (uint64_t i = 0; i < 300; i++) {
        begin(100 + i, DS_WRITE, 1000 + (int64_t)i, 0);
        begin(5000 + i, DS_READ, 0, 0);
    }
    whole(1, DS_WRITE, 5, 0, 0);
    whole(1, DS_READ, 0, 0, 5);
    whole(1, DS_READ, 0, 0, 6);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(ten_thousand_calls_of_one_object_are_judged)
{
    size_t calls[5];

    for (int64_t i = 0; i < 2000; i++) {
        for (uint64_t p = 0; p < 5; p++)
            calls[p] = begin(p, p == 0 ? DS_WRITE : DS_READ, i, 0);
        for (uint64_t p = 0; p < 5; p++)
            end(calls[p], p < 3 ? i : i > 0 ? i - 1 : 0);
    }
    ck_assert_int_eq(judge(&ds_register_model), DS_LINEARIZABLE);
}
END_TEST

START_TEST(however_long_a_process_goes_on_its_places_are_told_apart)
{
    for (int i = 0; i < 70000; i++)
        whole(1, DS_READ, 0, 0, 0);
    ck_assert_int_eq(judge(&ds_register_model), DS_LINEARIZABLE);
}
END_TEST

/* ---- What is not decided --------------------------------------------------*/

/* Adds to a queue all at once, and takes out what was never put in. */
static void add_hard_ones(void)
{
    size_t calls[40];

    for (uint64_t i = 0; i < 40; i++)
        calls[i] = begin(i, DS_QUEUE_PUT, (int64_t)i, 0);
    for (uint64_t i = 0; i < 40; i++)
        end(calls[i], 0);
    whole(1, DS_QUEUE_TAKE, 0, 0, 100);
}

START_TEST(what_takes_too_long_is_undecided)
{
    add_hard_ones();
    ck_assert_int_eq(ds_history_check(h, &ds_queue_model, 0.01, why, 8192),
                     DS_UNDECIDED);
    ck_assert_ptr_nonnull(
        strstr(why, "undecided: key 0 took too long, after "));
    ds_history_free(h);
}
END_TEST

START_TEST(what_takes_too_much_memory_is_undecided)
{
    add_hard_ones();
    ck_assert_int_eq(judge(&ds_queue_model), DS_UNDECIDED);
    ck_assert_ptr_nonnull(strstr(why, "filled the memory allowed"));
}
END_TEST

START_TEST(what_is_wrong_elsewhere_is_wrong_all_the_same)
{
    add_hard_ones();
    const size_t call = ds_history_begin(h, 1, 1, DS_QUEUE_TAKE, 1, 0, 0);
    ds_history_end(h, 2, call, 7);
    ck_assert_int_eq(ds_history_check(h, &ds_queue_model, 0.01, why, 8192),
                     DS_NOT_LINEARIZABLE);
    ck_assert_ptr_nonnull(strstr(why, "queue, key 1: not linearizable"));
    ds_history_free(h);
}
END_TEST

/* ---- Models that are wrong ------------------------------------------------*/

static void init_nothing(void *state, int64_t key)
{
}

/* Remembers something that is not in the state. */
static bool step_secretly(void *state, const ds_call *call)
{
    static int64_t secret;

    if (call->op == DS_WRITE)
        secret++;
    *(int64_t *)state = secret;
    return true;
}

/* Leaves a part of the state as chance has it. */
static bool step_carelessly(void *state, const ds_call *call)
{
    memcpy((char *)state + 8, &state, 8);
    return true;
}

static void ck_inconsistent(bool (*step)(void *state, const ds_call *call))
{
    const ds_model model = {
        .name = "mine", .size = 16, .init = init_nothing, .step = step
    };

    setenv("DISTSYS_CHECK", "1", 1);
    whole(1, DS_WRITE, 5, 0, 0);
    ck_assert_int_eq(judge(&model), DS_UNDECIDED);
    ck_assert_str_eq(why,
                     "undecided: the model \"mine\" does different things in "
                     "equal states, in op 2(5, 0) = 0; two states are equal if "
                     "their bytes are, and nothing else may count");
}

START_TEST(a_model_with_a_secret_is_named_when_checking)
{
    ck_inconsistent(step_secretly);
}
END_TEST

START_TEST(so_is_one_whose_states_differ_by_chance)
{
    ck_inconsistent(step_carelessly);
}
END_TEST

START_TEST(a_model_without_steps_decides_nothing)
{
    const ds_model model = { .name = "mine", .init = init_nothing };

    ck_assert_int_eq(ds_history_check(h, NULL, 0, why, 80), DS_UNDECIDED);
    ck_assert_int_eq(judge(&model), DS_UNDECIDED);
    ck_assert_str_eq(why, "undecided: ds_history_check: the model is NULL, or "
                          "has no init or step");
}
END_TEST

/* ---- What is said ---------------------------------------------------------*/

/* A replicated register whose reads do not write back what they have seen, and
 * a few calls that have nothing to do with it. */
static void record_stale_read(void)
{
    const size_t read = ds_history_begin(h, 0.31, 5, DS_READ, 0, 0, 0);
    ds_history_end(h, 0.311, read, 0);
    ds_history_begin(h, 0.312, 3, DS_WRITE, 0, 303, 0);
    const size_t first = ds_history_begin(h, 0.3309, 4, DS_READ, 0, 0, 0);
    ds_history_end(h, 0.3522, first, 303);
    const size_t other = ds_history_begin(h, 0.3523, 7, DS_READ, 0, 0, 0);
    const size_t second = ds_history_begin(h, 0.3601, 4, DS_READ, 0, 0, 0);
    ds_history_end(h, 0.3814, second, 0);
    ds_history_end(h, 0.39, other, 303);
    const size_t late = ds_history_begin(h, 0.4, 4, DS_WRITE, 0, 404, 0);
    ds_history_end(h, 0.45, late, 0);
}

START_TEST(what_has_no_place_is_shown_with_as_few_others_as_will_do)
{
    record_stale_read();
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
    ck_assert_str_eq(
        why, "register, key 0: not linearizable, nor sequentially consistent\n"
             "  process 3  write(303)    |~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~  "
             "0.312 - no answer\n"
             "  process 4  read() = 303          |-------|                   "
             "0.331 - 0.352\n"
             "  process 4  read() = 0                            |--------|  "
             "0.360 - 0.381\n"
             "                                            "
             "^ has no place: the register was 303");
}
END_TEST

/* How many writes are under way, and what is said of what they may have left.
 */
static const struct {
    int64_t writes;
    const char *said;
} many[] = {
    { 3, ": the register could only be 0, 9, 10 or 11" },
    { 4, ": the register could only be one of 5 things: 0, 9, 10, 11," },
    { 40, ": the register could only be one of more than 24 things: 0, " },
};

START_TEST(of_many_states_a_few_are_named_in_order)
{
    for (int64_t i = 0; i < many[_i].writes; i++)
        ds_history_begin(h, 1, (uint64_t)i, DS_WRITE, 0, 9 + i, 0);
    const size_t read = ds_history_begin(h, 2, 99, DS_READ, 0, 0, 0);
    ds_history_end(h, 3, read, 7);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
    ck_assert_msg(strstr(why, many[_i].said) != NULL, "%s", why);
}
END_TEST

/* Two take the same thing. */
START_TEST(a_call_that_has_a_place_only_where_another_has_none_is_told)
{
    const size_t put = begin(1, DS_QUEUE_PUT, 7, 0);
    end(put, 0);
    const size_t first = begin(2, DS_QUEUE_TAKE, 0, 0);
    const size_t second = begin(3, DS_QUEUE_TAKE, 0, 0);
    end(first, 7);
    end(second, 7);
    ck_assert_int_eq(judge(&ds_queue_model), DS_NOT_LINEARIZABLE);
    /* Without where it came from, both would be to blame. */
    ck_assert_ptr_nonnull(strstr(why, "put(7)"));
    ck_assert_ptr_nonnull(
        strstr(why, "^ has no place: wherever it fits, take() = 7 of process 2 "
                    "does not"));
}
END_TEST

static int count_lines(void)
{
    int lines = 0;

    for (const char *c = why; *c != '\0'; c++)
        lines += *c == '\n';
    return lines;
}

START_TEST(what_was_locked_and_released_in_between_is_left_out)
{
    begin(9, DS_ACQUIRE, 0, 0);
    for (uint64_t i = 0; i < 20; i++) {
        whole(i % 3, DS_ACQUIRE, 0, 0, 0);
        whole(i % 3, DS_RELEASE, 0, 0, 0);
    }
    whole(4, DS_ACQUIRE, 0, 0, 0);
    whole(5, DS_ACQUIRE, 0, 0, 0);
    ck_assert_int_eq(judge(&ds_mutex_model), DS_NOT_LINEARIZABLE);
    ck_assert_msg(count_lines() == 3, "%s", why);
    ck_assert_ptr_nonnull(strstr(why, "the mutex was held by process 4"));
}
END_TEST

static void ck_fits_in_columns(void)
{
    size_t column = 0;

    for (const char *c = why; *c != '\0'; c++) {
        column = *c == '\n' ? 0 : column + 1;
        ck_assert_msg(column <= 80, "%s", why);
    }
}

START_TEST(a_report_fits_in_eighty_columns)
{
    ds_history_begin(h, 1e6, UINT64_MAX, DS_CAS, 0, INT64_MIN + 1, INT64_MAX);
    for (int64_t i = 0; i < 40; i++) {
        const size_t call =
            ds_history_begin(h, 1e6 + 1e-9 * (double)i, 1, DS_CAS, 0, i, i + 1);
        ds_history_end(h, 1e6 + 1e-9 * (double)i, call, 1);
    }
    const size_t call =
        ds_history_begin(h, 1e7, UINT64_MAX - 1, DS_READ, 0, 0, 0);
    ds_history_end(h, 1e7, call, INT64_MAX);
    ck_assert_int_eq(judge(&ds_register_model), DS_NOT_LINEARIZABLE);
    ck_fits_in_columns();
}
END_TEST

START_TEST(equal_histories_have_equal_reports)
{
    static char again[sizeof(why)];

    add_hard_ones();
    ds_history_end(h, 1, begin(50, DS_QUEUE_TAKE, 0, 0), 100);
    ds_history_free(h);
    for (int i = 0; i < 2; i++) {
        h = ds_history_new();
        record_stale_read();
        judge(&ds_register_model);
        if (i == 0)
            strcpy(again, why);
    }
    ck_assert_str_eq(again, why);
}
END_TEST

START_TEST(a_report_is_cut_to_the_room_there_is)
{
    for (size_t size = 0; size < 300; size++) {
        char *exact = malloc(size + 1);
        memset(exact, 'x', size + 1);
        ds_history_free(h);
        set_up();
        record_stale_read();
        ck_assert_int_eq(
            ds_history_check(h, &ds_register_model, 0, exact, size),
            DS_NOT_LINEARIZABLE);
        ck_assert_int_eq(exact[size], 'x');
        ck_assert(size == 0 || strlen(exact) < size);
        free(exact);
    }
    ds_history_free(h);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, what_is_recorded_can_be_looked_at);
    tcase_add_test(tc, an_empty_history_is_linearizable);
    tcase_add_test(tc, without_a_history_nothing_is_decided);
    tcase_add_test(tc,
                   ending_what_has_ended_is_a_mistake_and_nothing_is_decided);
    tcase_add_test(tc, so_is_forgetting_what_never_began);
    tcase_add_test(tc, and_ending_what_was_forgotten);
    tcase_add_test(tc, what_is_under_way_may_have_happened_at_any_time_since);
    tcase_add_test(tc, but_only_once);
    tcase_add_test(tc, and_not_before_it_began);
    tcase_add_test(tc, what_was_forgotten_had_no_effect);
    tcase_add_test(tc, the_order_counts_and_not_the_seconds);
    tcase_add_test(tc, calls_that_meet_in_a_moment_may_have_either_order);
    tcase_add_test(tc, keys_are_objects_of_their_own);
    tcase_add_test(tc, hundreds_of_writes_that_nobody_saw_cost_nothing);
    tcase_add_test(tc, ten_thousand_calls_of_one_object_are_judged);
    tcase_add_test(tc,
                   however_long_a_process_goes_on_its_places_are_told_apart);
    tcase_add_test(tc, what_takes_too_long_is_undecided);
    tcase_add_test(tc, what_takes_too_much_memory_is_undecided);
    tcase_add_test(tc, what_is_wrong_elsewhere_is_wrong_all_the_same);
    tcase_add_test(tc, a_model_with_a_secret_is_named_when_checking);
    tcase_add_test(tc, so_is_one_whose_states_differ_by_chance);
    tcase_add_test(tc, a_model_without_steps_decides_nothing);
    tcase_add_test(tc,
                   what_has_no_place_is_shown_with_as_few_others_as_will_do);
    tcase_add_loop_test(tc, of_many_states_a_few_are_named_in_order, 0,
                        sizeof(many) / sizeof(*many));
    tcase_add_test(tc,
                   a_call_that_has_a_place_only_where_another_has_none_is_told);
    tcase_add_test(tc, what_was_locked_and_released_in_between_is_left_out);
    tcase_add_test(tc, a_report_fits_in_eighty_columns);
    tcase_add_test(tc, equal_histories_have_equal_reports);
    tcase_add_test(tc, a_report_is_cut_to_the_room_there_is);
}

int main(void)
{
    return harness_main("history", add);
}
