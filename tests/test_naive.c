/* The naive allreduce: how long it takes.  What it computes is in
 * test_allreduce.c. */

#include "harness.h"
#include "sim.h"

static double seconds(size_t nodes, size_t len)
{
    return sim_allreduce((sim_config){ .nodes = nodes }, &ds_allreduce_naive,
                         DS_COMM_ASYNC, len);
}

/* A port sends size - 1 vectors at once, at an element a second. */
START_TEST(all_vectors_share_the_ports_and_one_latency)
{
    for (size_t size = 2; size < 9; size++)
        ck_assert_double_eq_tol(
            seconds(size, 10),
            0.5 + 10.0 * (double)(size - 1) + 10e-9 * (double)size, 1e-9);
}
END_TEST

START_TEST(alone_it_reduces_its_own_vector)
{
    ck_assert_double_eq_tol(seconds(1, 1000), 1e-6, 1e-18);
}
END_TEST

START_TEST(without_elements_it_takes_a_latency)
{
    ck_assert_double_eq_tol(seconds(5, 0), 0.5, 1e-12);
}
END_TEST

START_TEST(vectors_are_reduced_in_rank_order_whatever_arrives_first)
{
    sim_order(&ds_allreduce_naive, 4, "1+2+4+8 1+2+4+8 1+2+4+8 1+2+4+8 ");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, all_vectors_share_the_ports_and_one_latency);
    tcase_add_test(tc, alone_it_reduces_its_own_vector);
    tcase_add_test(tc,
                   vectors_are_reduced_in_rank_order_whatever_arrives_first);
    tcase_add_test(tc, without_elements_it_takes_a_latency);
}

int main(void)
{
    return harness_main("naive", add);
}
