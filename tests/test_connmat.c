/* Matrices of rates. */

#include <stdint.h>

#include <distsys.h>

#include "harness.h"

/* 1 2 3
 * 4 5 6
 * 7 8 9 */
static ds_connmat *counting(void)
{
    ds_connmat *mat = ds_connmat_new(3);

    ck_assert_ptr_nonnull(mat);
    for (size_t i = 0; i < 9; i++)
        ds_connmat_set(mat, i / 3, i % 3, (double)(i + 1));
    return mat;
}

START_TEST(a_new_matrix_is_zero)
{
    ds_connmat *mat = ds_connmat_new(4);

    ck_assert_uint_eq(mat->num_nodes, 4);
    for (size_t i = 0; i < 16; i++)
        ck_assert(ds_connmat_get(mat, i / 4, i % 4) == 0);
    ds_connmat_free(mat);
}
END_TEST

START_TEST(rates_lie_row_by_row)
{
    ds_connmat *mat = counting();

    for (size_t i = 0; i < 9; i++)
        ck_assert(mat->rates[i] == (double)(i + 1));
    ck_assert(ds_connmat_get(mat, 1, 2) == 6);
    ck_assert(ds_connmat_get(mat, 2, 1) == 8);
    ds_connmat_free(mat);
}
END_TEST

START_TEST(a_source_is_a_row_and_a_destination_a_column)
{
    ds_connmat *mat = counting();

    ck_assert(ds_connmat_sum_source(mat, 1) == 15);
    ck_assert(ds_connmat_sum_dest(mat, 1) == 15);
    ck_assert(ds_connmat_sum_source(mat, 0) == 6);
    ck_assert(ds_connmat_sum_dest(mat, 0) == 12);
    ds_connmat_free(mat);
}
END_TEST

START_TEST(scaling_a_source_leaves_the_others_alone)
{
    ds_connmat *mat = counting();

    ds_connmat_scale_source(mat, 2, 10);
    ck_assert(ds_connmat_sum_source(mat, 0) == 6);
    ck_assert(ds_connmat_sum_source(mat, 1) == 15);
    ck_assert(ds_connmat_sum_source(mat, 2) == 240);
    ds_connmat_free(mat);
}
END_TEST

START_TEST(scaling_a_destination_leaves_the_others_alone)
{
    ds_connmat *mat = counting();

    ds_connmat_scale_dest(mat, 0, 0.5);
    ck_assert(ds_connmat_sum_dest(mat, 0) == 6);
    ck_assert(ds_connmat_sum_dest(mat, 1) == 15);
    ck_assert(ds_connmat_sum_dest(mat, 2) == 18);
    ds_connmat_free(mat);
}
END_TEST

START_TEST(an_index_outside_reads_as_zero_and_is_not_written)
{
    ds_connmat *mat = counting();

    ds_connmat_set(mat, 3, 0, 99);
    ds_connmat_set(mat, 0, 3, 99);
    ds_connmat_scale_source(mat, 3, 99);
    ds_connmat_scale_dest(mat, SIZE_MAX, 99);
    ck_assert(ds_connmat_get(mat, 0, 3) == 0);
    ck_assert(ds_connmat_get(mat, 3, 0) == 0);
    ck_assert(ds_connmat_sum_source(mat, 3) == 0);
    ck_assert(ds_connmat_sum_dest(mat, SIZE_MAX) == 0);
    for (size_t i = 0; i < 9; i++)
        ck_assert(mat->rates[i] == (double)(i + 1));
    ds_connmat_free(mat);
}
END_TEST

START_TEST(a_matrix_of_no_nodes_is_one)
{
    ds_connmat *mat = ds_connmat_new(0);

    ck_assert_ptr_nonnull(mat);
    ck_assert(ds_connmat_get(mat, 0, 0) == 0);
    ds_connmat_free(mat);
    ds_connmat_free(NULL);
}
END_TEST

START_TEST(a_matrix_that_no_size_can_count_is_no_memory)
{
    ck_assert_ptr_null(ds_connmat_new(SIZE_MAX));
    ck_assert_ptr_null(ds_connmat_new((size_t)1 << 32));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_new_matrix_is_zero);
    tcase_add_test(tc, rates_lie_row_by_row);
    tcase_add_test(tc, a_source_is_a_row_and_a_destination_a_column);
    tcase_add_test(tc, scaling_a_source_leaves_the_others_alone);
    tcase_add_test(tc, scaling_a_destination_leaves_the_others_alone);
    tcase_add_test(tc, an_index_outside_reads_as_zero_and_is_not_written);
    tcase_add_test(tc, a_matrix_of_no_nodes_is_one);
    tcase_add_test(tc, a_matrix_that_no_size_can_count_is_no_memory);
}

int main(void)
{
    return harness_main("connmat", add);
}
