/* Vectors: references, slices and phantoms. */

#include <distsys/vec.h>
#include <stdint.h>

#include "coll/vec.h"
#include "harness.h"

START_TEST(a_new_vector_is_zeroed)
{
    ds_vec *vec = ds_vec_new(100);

    ck_assert_uint_eq(vec->len, 100);
    ck_assert_ptr_null(vec->whole);
    for (size_t i = 0; i < vec->len; i++)
        ck_assert_double_eq(vec->data[i], 0);
    ds_vec_unref(vec);
}
END_TEST

START_TEST(a_vector_of_no_elements_is_no_phantom)
{
    ds_vec *vec = ds_vec_new(0);
    ds_vec *slice = ds_vec_slice(vec, 0, 0);

    ck_assert_uint_eq(vec->len, 0);
    ck_assert_ptr_nonnull(vec->data);
    ck_assert_ptr_nonnull(slice->data);
    ds_vec_unref(slice);
    ds_vec_unref(vec);
}
END_TEST

START_TEST(a_phantom_has_a_length_and_no_data)
{
    ds_vec *vec = ds_vec_phantom(SIZE_MAX);

    ck_assert_uint_eq(vec->len, SIZE_MAX);
    ck_assert_ptr_null(vec->data);
    ds_vec_unref(vec);
}
END_TEST

START_TEST(a_vector_too_long_for_memory_is_null)
{
    ck_assert_ptr_null(ds_vec_new(SIZE_MAX));
    ck_assert_ptr_null(ds_vec_new(SIZE_MAX / sizeof(double)));
}
END_TEST

START_TEST(a_slice_shows_elements_of_the_whole)
{
    ds_vec *vec = ds_vec_new(10);
    ds_vec *slice = ds_vec_slice(vec, 3, 7);

    vec->data[3] = 42;
    ck_assert_uint_eq(slice->len, 4);
    ck_assert_double_eq(slice->data[0], 42);
    ck_assert_ptr_eq(slice->whole, vec);
    ds_vec_unref(slice);
    ds_vec_unref(vec);
}
END_TEST

START_TEST(a_slice_keeps_the_whole_alive)
{
    ds_vec *vec = ds_vec_new(10);
    vec->data[9] = 7;
    ds_vec *slice = ds_vec_slice(vec, 5, 10);

    ds_vec_unref(vec);
    ck_assert_double_eq(slice->data[4], 7);
    ds_vec_unref(slice);
}
END_TEST

START_TEST(a_slice_of_a_slice_is_part_of_the_same_whole)
{
    ds_vec *vec = ds_vec_new(10);
    ds_vec *slice = ds_vec_slice(vec, 2, 10);
    ds_vec *inner = ds_vec_slice(slice, 3, 5);

    ck_assert_ptr_eq(inner->data, vec->data + 5);
    ck_assert_ptr_eq(inner->whole, vec);
    ds_vec_unref(slice);
    ds_vec_unref(vec);
    inner->data[1] = 1;
    ds_vec_unref(inner);
}
END_TEST

START_TEST(a_slice_of_a_phantom_is_a_phantom)
{
    ds_vec *vec = ds_vec_phantom(10);
    ds_vec *slice = ds_vec_slice(vec, 2, 5);

    ck_assert_uint_eq(slice->len, 3);
    ck_assert_ptr_null(slice->data);
    ck_assert_ptr_eq(slice->whole, vec);
    ds_vec_unref(slice);
    ds_vec_unref(vec);
}
END_TEST

START_TEST(a_slice_that_is_not_inside_is_null)
{
    ds_vec *vec = ds_vec_new(10);

    ck_assert_ptr_null(ds_vec_slice(vec, 5, 11));
    ck_assert_ptr_null(ds_vec_slice(vec, 6, 5));
    ck_assert_ptr_null(ds_vec_slice(vec, 11, 11));
    ck_assert_ptr_null(ds_vec_slice(NULL, 0, 0));
    ds_vec_unref(vec);
}
END_TEST

START_TEST(the_last_reference_frees)
{
    ds_vec *vec = ds_vec_new(1);

    ck_assert_ptr_eq(ds_vec_ref(vec), vec);
    ds_vec_unref(vec);
    vec->data[0] = 1;
    ds_vec_unref(vec);
}
END_TEST

START_TEST(null_has_no_references)
{
    ck_assert_ptr_null(ds_vec_ref(NULL));
    ds_vec_unref(NULL);
}
END_TEST

START_TEST(what_is_lent_is_known_in_slices_and_not_in_copies)
{
    double data[] = { 1, 2, 3, 4 };
    ds_vec *vec = ds__vec_lend(data, 4, sizeof(*data));
    ds_vec *slice = ds_vec_slice(vec, 1, 3);
    ds_vec *copy = ds__vec_copy(slice);

    ck_assert_ptr_eq(vec->data, data);
    ck_assert(ds__vec_is_lent(vec) && ds__vec_is_lent(slice));
    ck_assert(!ds__vec_is_lent(copy));
    data[1] = data[2] = 0;
    ck_assert_uint_eq(copy->len, 2);
    ck_assert_double_eq(copy->data[0], 2);
    ck_assert_double_eq(copy->data[1], 3);
    ds_vec_unref(copy);
    ds_vec_unref(slice);
    ds_vec_unref(vec);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_new_vector_is_zeroed);
    tcase_add_test(tc, a_vector_of_no_elements_is_no_phantom);
    tcase_add_test(tc, a_phantom_has_a_length_and_no_data);
    tcase_add_test(tc, a_vector_too_long_for_memory_is_null);
    tcase_add_test(tc, a_slice_shows_elements_of_the_whole);
    tcase_add_test(tc, a_slice_keeps_the_whole_alive);
    tcase_add_test(tc, a_slice_of_a_slice_is_part_of_the_same_whole);
    tcase_add_test(tc, a_slice_of_a_phantom_is_a_phantom);
    tcase_add_test(tc, a_slice_that_is_not_inside_is_null);
    tcase_add_test(tc, the_last_reference_frees);
    tcase_add_test(tc, null_has_no_references);
    tcase_add_test(tc, what_is_lent_is_known_in_slices_and_not_in_copies);
}

int main(void)
{
    return harness_main("vec", add);
}
