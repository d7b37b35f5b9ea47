/* What the MPI libraries choose, at the edges of their rules. */

#include "bench/rules.h"
#include "harness.h"

enum { MPICH, OPEN_MPI };

/* len elements of 8 bytes. */
static const struct {
    int library;
    size_t p;
    size_t len;
    const char *choice;
} allreduces[] = {
    { MPICH, 8, 256, "recursive-doubling" },
    { MPICH, 8, 257, "rabenseifner" },
    { MPICH, 511, 257, "rabenseifner" },
    { MPICH, 512, 511, "recursive-doubling" },
    { MPICH, 1000, 512, "rabenseifner" },
    { OPEN_MPI, 2, 0, "ring" },
    { OPEN_MPI, 3, 1, "recursive-doubling" },
    { OPEN_MPI, 3, 512, "ring" },
    { OPEN_MPI, 3, 1024, "recursive-doubling" },
    { OPEN_MPI, 3, 2048, "ring" },
    { OPEN_MPI, 3, 8192, "segmented-ring" },
    { OPEN_MPI, 3, 32768, "rabenseifner" },
    { OPEN_MPI, 4, 1, "ring" },
    { OPEN_MPI, 7, 2, "recursive-doubling" },
    { OPEN_MPI, 8, 1023, "recursive-doubling" },
    { OPEN_MPI, 15, 1024, "rabenseifner" },
    { OPEN_MPI, 16, 7, "segmented-ring" },
    { OPEN_MPI, 31, 8, "recursive-doubling" },
    { OPEN_MPI, 32, 15, "segmented-ring" },
    { OPEN_MPI, 63, 16, "rabenseifner" },
    { OPEN_MPI, 64, 32767, "recursive-doubling" },
    { OPEN_MPI, 127, 32768, "rabenseifner" },
    { OPEN_MPI, 128, 16383, "binomial" },
    { OPEN_MPI, 255, 16384, "recursive-doubling" },
    { OPEN_MPI, 256, 511, "binomial" },
    { OPEN_MPI, 511, 512, "rabenseifner" },
    { OPEN_MPI, 512, 255, "binomial" },
    { OPEN_MPI, 2047, 256, "recursive-doubling" },
    { OPEN_MPI, 2048, 511, "segmented-ring" },
    { OPEN_MPI, 4095, 512, "recursive-doubling" },
    { OPEN_MPI, 4096, 2047, "segmented-ring" },
    { OPEN_MPI, 10000, 2048, "recursive-doubling" },
    { OPEN_MPI, 10000, 4096, "rabenseifner" },
};
enum { NUM_ALLREDUCES = sizeof(allreduces) / sizeof(*allreduces) };

START_TEST(an_allreduce_is_chosen_by_ranks_and_bytes)
{
    const struct rule *rule = &rules_allreduce.rule[allreduces[_i].library];

    ck_assert_str_eq(rule->choose(allreduces[_i].p, allreduces[_i].len),
                     allreduces[_i].choice);
}
END_TEST

static const struct {
    ds_collective_kind kind;
    size_t p;
    size_t len;
    const char *choice; /* NULL: one that is not here */
} others[] = {
    { DS_BCAST, 32, 1535, "bcast-binomial" },
    { DS_BCAST, 32, 1536, NULL },
    { DS_BCAST, 31, 1536, "bcast-scatter-allgather" },
    { DS_BCAST, 32, 65536, "bcast-scatter-allgather" },
    { DS_BCAST, 7, 65536, "bcast-binomial" },
    { DS_REDUCE, 8, 256, "reduce-binomial" },
    { DS_REDUCE, 8, 257, "reduce-scatter-gather" },
    { DS_REDUCE, 600, 511, "reduce-binomial" },
    { DS_REDUCE, 600, 512, "reduce-scatter-gather" },
    { DS_ALLGATHER, 8, 8191, "allgather-recursive-doubling" },
    { DS_ALLGATHER, 8, 8192, "allgather-ring" },
    { DS_ALLGATHER, 10, 1023, "allgather-bruck" },
    { DS_ALLGATHER, 10, 1024, "allgather-ring" },
    { DS_REDUCE_SCATTER, 8, 65535, "reduce-scatter-recursive-halving" },
    { DS_REDUCE_SCATTER, 8, 65536, NULL },
    { DS_REDUCE_SCATTER, 9, 1, NULL },
    { DS_ALLTOALL, 8, 256, "alltoall-bruck" },
    { DS_ALLTOALL, 8, 257, NULL },
    { DS_ALLTOALL, 7, 7, NULL },
    { DS_ALLTOALL, 8, 32768, NULL },
    { DS_ALLTOALL, 8, 32769, "alltoall-pairwise" },
};
enum { NUM_OTHERS = sizeof(others) / sizeof(*others) };

START_TEST(another_collective_is_chosen_by_ranks_and_bytes)
{
    const struct rule *rule = &rules_of(others[_i].kind)->rule[0];
    const char *choice = rule->choose(others[_i].p, others[_i].len);

    if (others[_i].choice == NULL)
        ck_assert_ptr_null(choice);
    else
        ck_assert_str_eq(choice, others[_i].choice);
}
END_TEST

/* Where there is no rule, there must be nothing to choose. */
START_TEST(a_collective_without_rule_has_one_algorithm)
{
    size_t n;
    const ds_collective *const *all = ds_collective_all(&n);
    size_t algorithms[DS_EXSCAN + 1] = { 0 };

    for (size_t i = 0; i < n; i++)
        algorithms[all[i]->kind]++;
    for (ds_collective_kind kind = DS_BCAST; kind <= DS_EXSCAN; kind++) {
        ck_assert_uint_eq(rules_of(kind)->n, 1);
        if (rules_of(kind)->rule[0].choose == NULL)
            ck_assert_uint_eq(algorithms[kind], 1);
    }
}
END_TEST

/* Names are data; a wrong one would be found late. */
START_TEST(every_choice_is_an_algorithm_of_the_kind)
{
    for (ds_collective_kind kind = DS_BCAST; kind <= DS_EXSCAN; kind++) {
        rule_fn *choose = rules_of(kind)->rule[0].choose;
        for (size_t p = 1; p < 70 && choose != NULL; p++)
            for (size_t len = 1; len < 1000000; len *= 2) {
                const char *choice = choose(p, len);
                if (choice == NULL)
                    continue;
                ck_assert_ptr_nonnull(ds_collective_find(choice));
                ck_assert_int_eq(ds_collective_find(choice)->kind, kind);
            }
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, an_allreduce_is_chosen_by_ranks_and_bytes, 0,
                        NUM_ALLREDUCES);
    tcase_add_loop_test(tc, another_collective_is_chosen_by_ranks_and_bytes, 0,
                        NUM_OTHERS);
    tcase_add_test(tc, a_collective_without_rule_has_one_algorithm);
    tcase_add_test(tc, every_choice_is_an_algorithm_of_the_kind);
}

int main(void)
{
    return harness_main("rules", add);
}
