/* The tree allreduce: how long it takes.  What it computes is in
 * test_allreduce.c. */

#include "harness.h"
#include "sim.h"

static double seconds(size_t nodes, size_t len)
{
    return sim_allreduce((sim_config){ .nodes = nodes }, &ds_allreduce_tree,
                         DS_COMM_ASYNC, len);
}

START_TEST(two_nodes_send_up_and_down)
{
    /* The leaf reduces its own alone, the root both. */
    ck_assert_double_eq_tol(seconds(2, 10), 2 * 10.5 + 10e-9 + 20e-9, 1e-10);
}
END_TEST

START_TEST(two_children_share_the_port_of_their_parent)
{
    ck_assert_double_eq_tol(seconds(3, 10), 2 * 20.5 + 10e-9 + 30e-9, 1e-10);
}
END_TEST

START_TEST(a_level_more_takes_twice_a_vector_more)
{
    /* Ranks 0 to 3: 3 is the only child of 1, while 2 has none. */
    ck_assert_double_eq_tol(seconds(4, 0), 4 * 0.5, 1e-12);
}
END_TEST

START_TEST(alone_it_reduces_its_own_vector)
{
    ck_assert_double_eq_tol(seconds(1, 1000), 1e-6, 1e-18);
}
END_TEST

/* Ranks 2 and 3 are leaves; 3 is the only child of 1, whose sum is 10. */
START_TEST(a_node_reduces_its_own_then_left_then_right)
{
    sim_order(&ds_allreduce_tree, 4, "4 8 2+8 1+10+4 ");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, two_nodes_send_up_and_down);
    tcase_add_test(tc, two_children_share_the_port_of_their_parent);
    tcase_add_test(tc, a_level_more_takes_twice_a_vector_more);
    tcase_add_test(tc, alone_it_reduces_its_own_vector);
    tcase_add_test(tc, a_node_reduces_its_own_then_left_then_right);
}

int main(void)
{
    return harness_main("tree", add);
}
