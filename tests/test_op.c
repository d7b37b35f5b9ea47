/* Operators. */

#include <distsys.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"

/* One thread reduces some vectors and frees them. */
typedef struct job {
    const ds_op *op;
    ds_vec *vecs[4];
    size_t n;
    ds_vec *result;
    double time;
    ds_status status;
    char error[256];
} job;

static void body(ds_handle *h, void *arg)
{
    job *j = arg;

    j->result = j->op->reduce(j->op, h, j->vecs, j->n);
    j->time = ds_now(h);
}

static void run(job *j)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, body, j);
    j->status = ds_loop_run(loop);
    snprintf(j->error, sizeof(j->error), "%s", ds_loop_error(loop));
    ds_loop_free(loop);
    for (size_t i = 0; i < j->n; i++)
        ds_vec_unref(j->vecs[i]);
}

static ds_vec *vec_of(size_t len, double value)
{
    ds_vec *vec = ds_vec_new(len);

    for (size_t i = 0; i < len; i++)
        vec->data[i] = value;
    return vec;
}

/* The one element that op makes of three. */
static double three(const ds_op *op, double a, double b, double c)
{
    job j = { op, { vec_of(1, a), vec_of(1, b), vec_of(1, c) }, .n = 3 };

    run(&j);
    ck_assert_int_eq(j.status, DS_OK);
    double value = j.result->data[0];
    ds_vec_unref(j.result);
    return value;
}

START_TEST(the_operators_do_what_they_are_called)
{
    ck_assert_double_eq(three(&ds_sum, 5, -2, 4), 7);
    ck_assert_double_eq(three(&ds_prod, 5, -2, 4), -40);
    ck_assert_double_eq(three(&ds_max, 5, -2, 4), 5);
    ck_assert_double_eq(three(&ds_min, 5, -2, 4), -2);
}
END_TEST

START_TEST(vectors_are_combined_in_the_order_given)
{
    ck_assert_double_eq(three(&ds_sum, 1e16, 1, -1e16), 0);
    ck_assert_double_eq(three(&ds_sum, 1e16, -1e16, 1), 1);
}
END_TEST

START_TEST(a_nan_anywhere_gives_a_nan)
{
    const ds_op *ops[] = { &ds_sum, &ds_prod, &ds_max, &ds_min };
    const ds_op *op = ops[_i];

    ck_assert(isnan(three(op, NAN, 1, 2)));
    ck_assert(isnan(three(op, 1, NAN, 2)));
    ck_assert(isnan(three(op, 1, 2, NAN)));
    ck_assert(isnan(three(op, INFINITY, NAN, -INFINITY)));
}
END_TEST

START_TEST(it_takes_a_nanosecond_for_each_element_of_each_vector)
{
    job j = { &ds_sum, { vec_of(1000, 1), vec_of(1000, 1) }, .n = 2 };

    run(&j);
    ck_assert_double_eq(j.time, 2000 * DS_FLOP_TIME);
    ds_vec_unref(j.result);
}
END_TEST

START_TEST(one_vector_alone_is_copied_and_paid_for)
{
    job j = { &ds_sum, { vec_of(1000, 3) }, .n = 1 };
    const ds_vec *given = j.vecs[0];

    run(&j);
    ck_assert_double_eq(j.time, 1000 * DS_FLOP_TIME);
    ck_assert_ptr_ne(j.result, given);
    ck_assert_double_eq(j.result->data[999], 3);
    ds_vec_unref(j.result);
}
END_TEST

START_TEST(no_elements_take_no_time)
{
    job j = { &ds_max, { ds_vec_new(0), ds_vec_new(0) }, .n = 2 };

    run(&j);
    ck_assert_int_eq(j.status, DS_OK);
    ck_assert_double_eq(j.time, 0);
    ck_assert_uint_eq(j.result->len, 0);
    ck_assert_ptr_nonnull(j.result->data);
    ds_vec_unref(j.result);
}
END_TEST

START_TEST(one_phantom_makes_the_result_one_in_the_same_time)
{
    for (size_t which = 0; which < 3; which++) {
        job j = { &ds_sum, { 0 }, .n = 3 };
        for (size_t i = 0; i < 3; i++)
            j.vecs[i] = i == which ? ds_vec_phantom(1000) : ds_vec_new(1000);
        run(&j);
        ck_assert_int_eq(j.status, DS_OK);
        ck_assert_uint_eq(j.result->len, 1000);
        ck_assert_ptr_null(j.result->data);
        ck_assert_double_eq(j.time, 3000 * DS_FLOP_TIME);
        ds_vec_unref(j.result);
    }
}
END_TEST

START_TEST(large_work_gives_the_same_as_small)
{
    enum { LEN = 200000 };
    job j = { &ds_sum,
              { vec_of(LEN, 1e16), vec_of(LEN, 1), vec_of(LEN, -1e16) },
              .n = 3 };

    j.vecs[1]->data[LEN / 2] = 4;
    run(&j);
    ck_assert_int_eq(j.status, DS_OK);
    ck_assert_double_eq_tol(j.time, 3.0 * LEN * DS_FLOP_TIME, 1e-15);
    for (size_t i = 0; i < LEN; i++)
        ck_assert_double_eq(j.result->data[i], i == LEN / 2 ? 4 : 0);
    ds_vec_unref(j.result);
}
END_TEST

static void expect_misuse(job *j, const char *part)
{
    run(j);
    ck_assert_ptr_null(j->result);
    ck_assert_int_eq(j->status, DS_EMISUSE);
    ck_assert_msg(strstr(j->error, part) != NULL, "%s", j->error);
}

START_TEST(different_lengths_are_misuse)
{
    job j = { &ds_sum, { ds_vec_new(3), ds_vec_new(4) }, .n = 2 };

    expect_misuse(&j, "ds_sum: vector 1 has 4 elements and vector 0 has 3");
}
END_TEST

START_TEST(no_vectors_are_misuse)
{
    job j = { .op = &ds_max };

    expect_misuse(&j, "ds_max: nothing to reduce");
}
END_TEST

START_TEST(a_null_vector_means_no_memory)
{
    job j = { &ds_sum, { ds_vec_new(3), NULL }, .n = 2 };

    run(&j);
    ck_assert_ptr_null(j.result);
    ck_assert_int_eq(j.status, DS_ENOMEM);
}
END_TEST

static void stop_at_once(ds_handle *h, void *arg)
{
    ds_stop(h);
}

START_TEST(the_end_of_the_simulation_gives_null)
{
    for (size_t len = 10; len <= 100000; len *= 100) {
        job j = { &ds_sum, { ds_vec_new(len) }, .n = 1 };
        ds_loop *loop = ds_loop_new(NULL);
        ds_spawn(loop, body, &j);
        ds_spawn(loop, stop_at_once, NULL);
        ck_assert_int_eq(ds_loop_run(loop), DS_STOPPED);
        ck_assert_ptr_null(j.result);
        ds_loop_free(loop);
        ds_vec_unref(j.vecs[0]);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_operators_do_what_they_are_called);
    tcase_add_test(tc, vectors_are_combined_in_the_order_given);
    tcase_add_loop_test(tc, a_nan_anywhere_gives_a_nan, 0, 4);
    tcase_add_test(tc, it_takes_a_nanosecond_for_each_element_of_each_vector);
    tcase_add_test(tc, one_vector_alone_is_copied_and_paid_for);
    tcase_add_test(tc, no_elements_take_no_time);
    tcase_add_test(tc, one_phantom_makes_the_result_one_in_the_same_time);
    tcase_add_test(tc, large_work_gives_the_same_as_small);
    tcase_add_test(tc, different_lengths_are_misuse);
    tcase_add_test(tc, no_vectors_are_misuse);
    tcase_add_test(tc, a_null_vector_means_no_memory);
    tcase_add_test(tc, the_end_of_the_simulation_gives_null);
}

int main(void)
{
    return harness_main("op", add);
}
