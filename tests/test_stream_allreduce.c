/* The stream allreduce: how long it takes.  What it computes is in
 * test_allreduce.c. */

#include "harness.h"
#include "sim.h"

/* A byte a second, so that elements take 8 and acknowledgements 1. */
static double seconds(const ds_allreduce *algorithm, size_t nodes, size_t len)
{
    return sim_allreduce((sim_config){ .nodes = nodes, .rate = 1 }, algorithm,
                         DS_COMM_ASYNC, len);
}

START_TEST(one_element_goes_round_twice)
{
    /* REDUCE and BCAST have 9 bytes.  Rank 1's REDUCE shares its way with an
     * acknowledgement, and so does the BCAST: 10 bytes each. */
    ck_assert_double_eq_tol(seconds(&ds_allreduce_stream, 2, 1),
                            9.5 + 10.5 + 10.5 + 1.5, 1e-8);
}
END_TEST

START_TEST(the_input_is_the_result_without_elements_or_others)
{
    ck_assert_double_eq(seconds(&ds_allreduce_stream, 5, 0), 0);
    ck_assert_double_eq(seconds(&ds_allreduce_stream, 1, 1000), 0);
}
END_TEST

START_TEST(chunks_are_never_empty)
{
    ds_allreduce fine = ds_allreduce_stream;

    fine.granularity = 1000;
    ck_assert_double_eq_tol(seconds(&fine, 5, 3),
                            seconds(&ds_allreduce_stream, 5, 3), 1e-9);
}
END_TEST

START_TEST(granularity_makes_chunks_smaller)
{
    ds_allreduce fine = ds_allreduce_stream;

    fine.granularity = 4;
    ck_assert_double_lt(seconds(&fine, 4, 16000),
                        seconds(&ds_allreduce_stream, 4, 16000));
}
END_TEST

START_TEST(no_granularity_is_one)
{
    ds_allreduce one = ds_allreduce_stream;

    one.granularity = 1;
    ck_assert_double_eq(seconds(&one, 4, 100),
                        seconds(&ds_allreduce_stream, 4, 100));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, one_element_goes_round_twice);
    tcase_add_test(tc, the_input_is_the_result_without_elements_or_others);
    tcase_add_test(tc, chunks_are_never_empty);
    tcase_add_test(tc, granularity_makes_chunks_smaller);
    tcase_add_test(tc, no_granularity_is_one);
}

int main(void)
{
    return harness_main("stream_allreduce", add);
}
