/* What the MPI libraries choose, at the edges of their rules. */

#include "bench/common/rules.h"
#include "harness.h"

enum { MPICH, OPEN_MPI };

/* len elements of 8 bytes, on both sides of every limit. */
static const struct {
    int library;
    size_t p;
    size_t len;
    const char *choice; /* NULL: one that is not here */
} allreduces[] = {
    { MPICH, 32, 0, "recursive-doubling" },
    { MPICH, 32, 1, "recursive-doubling" },
    { MPICH, 32, 31, "recursive-doubling" },
    { MPICH, 32, 32, "rabenseifner" },
    { MPICH, 32, 256, "rabenseifner" },
    { MPICH, 32, 257, "rabenseifner" },
    { MPICH, 2, 1, "recursive-doubling" },
    { MPICH, 2, 2, "rabenseifner" },
    { MPICH, 24, 15, "recursive-doubling" },
    { MPICH, 24, 16, "rabenseifner" },
    { MPICH, 511, 255, "recursive-doubling" },
    { MPICH, 511, 256, "rabenseifner" },
    { MPICH, 512, 511, "recursive-doubling" },
    { MPICH, 512, 512, "rabenseifner" },
    { OPEN_MPI, 2, 0, "recursive-doubling" },
    { OPEN_MPI, 3, 1, "recursive-doubling" },
    { OPEN_MPI, 3, 511, "recursive-doubling" },
    { OPEN_MPI, 3, 512, "ring" },
    { OPEN_MPI, 3, 1023, "ring" },
    { OPEN_MPI, 3, 1024, "recursive-doubling" },
    { OPEN_MPI, 3, 2047, "recursive-doubling" },
    { OPEN_MPI, 3, 2048, "ring" },
    { OPEN_MPI, 3, 8191, "ring" },
    { OPEN_MPI, 3, 8192, "ring" },
    { OPEN_MPI, 3, 32767, "ring" },
    { OPEN_MPI, 3, 32768, "rabenseifner" },
    { OPEN_MPI, 4, 1, "recursive-doubling" },
    { OPEN_MPI, 7, 2, "recursive-doubling" },
    { OPEN_MPI, 7, 1023, "recursive-doubling" },
    { OPEN_MPI, 7, 1024, "rabenseifner" },
    { OPEN_MPI, 8, 1023, "recursive-doubling" },
    { OPEN_MPI, 15, 1024, "rabenseifner" },
    { OPEN_MPI, 16, 7, "recursive-doubling" },
    { OPEN_MPI, 31, 511, "recursive-doubling" },
    { OPEN_MPI, 31, 512, "rabenseifner" },
    { OPEN_MPI, 32, 15, "recursive-doubling" },
    { OPEN_MPI, 32, 16, "rabenseifner" },
    { OPEN_MPI, 63, 16, "rabenseifner" },
    { OPEN_MPI, 64, 32767, "recursive-doubling" },
    { OPEN_MPI, 127, 32768, "rabenseifner" },
    { OPEN_MPI, 128, 16383, NULL },
    { OPEN_MPI, 128, 16384, "recursive-doubling" },
    { OPEN_MPI, 255, 32767, "recursive-doubling" },
    { OPEN_MPI, 255, 32768, "rabenseifner" },
    { OPEN_MPI, 256, 511, NULL },
    { OPEN_MPI, 511, 512, "rabenseifner" },
    { OPEN_MPI, 512, 255, NULL },
    { OPEN_MPI, 512, 256, "recursive-doubling" },
    { OPEN_MPI, 2047, 2047, "recursive-doubling" },
    { OPEN_MPI, 2047, 2048, "rabenseifner" },
    { OPEN_MPI, 2048, 255, NULL },
    { OPEN_MPI, 2048, 256, "recursive-doubling" },
    { OPEN_MPI, 4095, 2047, "recursive-doubling" },
    { OPEN_MPI, 4095, 2048, "rabenseifner" },
    { OPEN_MPI, 4096, 255, NULL },
    { OPEN_MPI, 4096, 2047, "recursive-doubling" },
    { OPEN_MPI, 10000, 4095, "recursive-doubling" },
    { OPEN_MPI, 10000, 4096, "rabenseifner" },
};
enum { NUM_ALLREDUCES = sizeof(allreduces) / sizeof(*allreduces) };

static void check_choice(const char *choice, const char *wanted)
{
    if (wanted == NULL)
        ck_assert_ptr_null(choice);
    else
        ck_assert_str_eq(choice, wanted);
}

START_TEST(an_allreduce_is_chosen_by_ranks_and_bytes)
{
    const rule *one = &rules_of(DS_ALLREDUCE)->rule[allreduces[_i].library];

    check_choice(
        rule_for_doubles(one->choose, allreduces[_i].p, allreduces[_i].len),
        allreduces[_i].choice);
}
END_TEST

static const struct {
    ds_collective_kind kind;
    size_t p;
    size_t len;
    const char *choice; /* NULL: one that is not here */
} others[] = {
    { DS_BCAST, 32, 1536, "bcast-binomial" },
    { DS_BCAST, 31, 1536, "bcast-binomial" },
    { DS_BCAST, 32, 1537, NULL },
    { DS_BCAST, 31, 1537, "bcast-scatter-allgather" },
    { DS_BCAST, 8, 65536, NULL },
    { DS_BCAST, 32, 65537, "bcast-scatter-allgather" },
    { DS_BCAST, 7, 1000000, "bcast-binomial" },
    { DS_BCAST, 4, 1000000, "bcast-binomial" },
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
    { DS_ALLTOALL, 7, 28672, NULL },
    { DS_ALLTOALL, 7, 28679, "alltoall-pairwise" },
    { DS_ALLTOALL, 8, 32768, NULL },
    { DS_ALLTOALL, 8, 32776, "alltoall-pairwise" },
};
enum { NUM_OTHERS = sizeof(others) / sizeof(*others) };

START_TEST(another_collective_is_chosen_by_ranks_and_bytes)
{
    const rule *one = &rules_of(others[_i].kind)->rule[0];

    check_choice(rule_for_doubles(one->choose, others[_i].p, others[_i].len),
                 others[_i].choice);
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

START_TEST(every_choice_of_an_allreduce_is_one)
{
    rule_fn *choose = rules_of(DS_ALLREDUCE)->rule[_i].choose;

    for (size_t p = 1; p < 10000; p = p * 3 / 2 + 1)
        for (size_t len = 1; len < 1000000; len *= 2) {
            const char *choice = rule_for_doubles(choose, p, len);
            ck_assert(choice == NULL || ds_allreduce_find(choice) != NULL);
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
                const char *choice = rule_for_doubles(choose, p, len);
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
    tcase_add_loop_test(tc, every_choice_of_an_allreduce_is_one, MPICH,
                        OPEN_MPI + 1);
    tcase_add_test(tc, every_choice_is_an_algorithm_of_the_kind);
}

int main(void)
{
    return harness_main("rules", add);
}
