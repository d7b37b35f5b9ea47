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
    int library;
    ds_collective_kind kind;
    size_t p;
    size_t len;
    const char *choice; /* NULL: one that is not here */
} others[] = {
    { MPICH, DS_BCAST, 32, 1536, "bcast-binomial" },
    { MPICH, DS_BCAST, 31, 1536, "bcast-binomial" },
    { MPICH, DS_BCAST, 32, 1537, NULL },
    { MPICH, DS_BCAST, 31, 1537, "bcast-scatter-allgather" },
    { MPICH, DS_BCAST, 8, 65536, NULL },
    { MPICH, DS_BCAST, 32, 65537, "bcast-scatter-allgather" },
    { MPICH, DS_BCAST, 7, 1000000, "bcast-binomial" },
    { MPICH, DS_BCAST, 4, 1000000, "bcast-binomial" },
    { MPICH, DS_REDUCE, 8, 256, "reduce-binomial" },
    { MPICH, DS_REDUCE, 8, 257, "reduce-scatter-gather" },
    { MPICH, DS_REDUCE, 600, 511, "reduce-binomial" },
    { MPICH, DS_REDUCE, 600, 512, "reduce-scatter-gather" },
    { MPICH, DS_ALLGATHER, 8, 8191, "allgather-recursive-doubling" },
    { MPICH, DS_ALLGATHER, 8, 8192, "allgather-ring" },
    { MPICH, DS_ALLGATHER, 10, 1023, "allgather-bruck" },
    { MPICH, DS_ALLGATHER, 10, 1024, "allgather-ring" },
    { MPICH, DS_REDUCE_SCATTER, 8, 65535, "reduce-scatter-recursive-halving" },
    { MPICH, DS_REDUCE_SCATTER, 8, 65536, NULL },
    { MPICH, DS_REDUCE_SCATTER, 9, 1, NULL },
    { MPICH, DS_ALLTOALL, 8, 256, "alltoall-bruck" },
    { MPICH, DS_ALLTOALL, 8, 257, NULL },
    { MPICH, DS_ALLTOALL, 7, 7, NULL },
    { MPICH, DS_ALLTOALL, 7, 28672, NULL },
    { MPICH, DS_ALLTOALL, 7, 28679, "alltoall-pairwise" },
    { MPICH, DS_ALLTOALL, 8, 32768, NULL },
    { MPICH, DS_ALLTOALL, 8, 32776, "alltoall-pairwise" },
    { OPEN_MPI, DS_BCAST, 3, 65535, NULL },
    { OPEN_MPI, DS_BCAST, 3, 65536, "bcast-binomial" },
    { OPEN_MPI, DS_BCAST, 3, 131072, NULL },
    { OPEN_MPI, DS_BCAST, 4, 7, NULL },
    { OPEN_MPI, DS_BCAST, 7, 8, "bcast-binomial" },
    { OPEN_MPI, DS_BCAST, 7, 16, NULL },
    { OPEN_MPI, DS_BCAST, 15, 2048, "bcast-binomial" },
    { OPEN_MPI, DS_BCAST, 15, 4096, NULL },
    { OPEN_MPI, DS_BCAST, 31, 512, "bcast-binomial" },
    { OPEN_MPI, DS_BCAST, 32, 255, "bcast-binomial" },
    { OPEN_MPI, DS_BCAST, 63, 256, NULL },
    { OPEN_MPI, DS_BCAST, 10000, 1, NULL },
    { OPEN_MPI, DS_REDUCE, 4, 8191, NULL },
    { OPEN_MPI, DS_REDUCE, 7, 8192, "reduce-binomial" },
    { OPEN_MPI, DS_REDUCE, 7, 32768, NULL },
    { OPEN_MPI, DS_REDUCE, 7, 65536, "reduce-binomial" },
    { OPEN_MPI, DS_REDUCE, 8, 1023, NULL },
    { OPEN_MPI, DS_REDUCE, 15, 1024, "reduce-binomial" },
    { OPEN_MPI, DS_REDUCE, 31, 511, NULL },
    { OPEN_MPI, DS_REDUCE, 31, 512, "reduce-binomial" },
    { OPEN_MPI, DS_REDUCE, 255, 1, "reduce-binomial" },
    { OPEN_MPI, DS_REDUCE, 511, 1024, NULL },
    { OPEN_MPI, DS_REDUCE, 4096, 2, NULL },
    { OPEN_MPI, DS_REDUCE, 4096, 4, "reduce-binomial" },
    { OPEN_MPI, DS_GATHER, 3, 1, "gather-binomial" },
    { OPEN_MPI, DS_GATHER, 3, 4096, NULL },
    { OPEN_MPI, DS_GATHER, 3, 8192, "gather-binomial" },
    { OPEN_MPI, DS_GATHER, 3, 16384, NULL },
    { OPEN_MPI, DS_GATHER, 7, 128, NULL },
    { OPEN_MPI, DS_GATHER, 255, 1000000, "gather-binomial" },
    { OPEN_MPI, DS_GATHER, 256, 256, NULL },
    { OPEN_MPI, DS_GATHER, 511, 1024, "gather-binomial" },
    { OPEN_MPI, DS_SCATTER, 3, 300, NULL },
    { OPEN_MPI, DS_SCATTER, 4, 4 * 255, "scatter-binomial" },
    { OPEN_MPI, DS_SCATTER, 4, 4 * 256, NULL },
    { OPEN_MPI, DS_SCATTER, 4, 4 * 512, "scatter-binomial" },
    { OPEN_MPI, DS_SCATTER, 4, 4 * 1024, NULL },
    { OPEN_MPI, DS_SCATTER, 16, 16 * 2047, "scatter-binomial" },
    { OPEN_MPI, DS_SCATTER, 16, 16 * 2048, NULL },
    { OPEN_MPI, DS_SCATTER, 63, 63 * 1024, "scatter-binomial" },
    { OPEN_MPI, DS_SCATTER, 64, 64 * 63, "scatter-binomial" },
    { OPEN_MPI, DS_SCATTER, 64, 64 * 64, NULL },
    { OPEN_MPI, DS_ALLGATHER, 2, 9, "allgather-recursive-doubling" },
    { OPEN_MPI, DS_ALLGATHER, 16, 9, "allgather-recursive-doubling" },
    { OPEN_MPI, DS_ALLGATHER, 31, 9, "allgather-bruck" },
    { OPEN_MPI, DS_ALLGATHER, 32, 127, "allgather-recursive-doubling" },
    { OPEN_MPI, DS_ALLGATHER, 32, 128, NULL },
    { OPEN_MPI, DS_ALLGATHER, 33, 128, "allgather-ring" },
    { OPEN_MPI, DS_ALLGATHER, 32, 8192, "allgather-ring" },
    { OPEN_MPI, DS_ALLGATHER, 256, 4, "allgather-bruck" },
    { OPEN_MPI, DS_ALLGATHER, 512, 256, NULL },
    { OPEN_MPI, DS_REDUCE_SCATTER, 3, 8191, "reduce-scatter-ring" },
    { OPEN_MPI, DS_REDUCE_SCATTER, 3, 8192, NULL },
    { OPEN_MPI, DS_REDUCE_SCATTER, 4, 1, "reduce-scatter-recursive-halving" },
    { OPEN_MPI, DS_REDUCE_SCATTER, 4, 0, NULL },
    { OPEN_MPI, DS_REDUCE_SCATTER, 5, 1, NULL },
    { OPEN_MPI, DS_REDUCE_SCATTER, 31, 32768, "reduce-scatter-ring" },
    { OPEN_MPI, DS_REDUCE_SCATTER, 32, 255,
      "reduce-scatter-recursive-halving" },
    { OPEN_MPI, DS_REDUCE_SCATTER, 32, 256, NULL },
    { OPEN_MPI, DS_REDUCE_SCATTER, 63, 65536, "reduce-scatter-ring" },
    { OPEN_MPI, DS_REDUCE_SCATTER, 64, 65536, NULL },
    { OPEN_MPI, DS_ALLTOALL, 2, 2, "alltoall-pairwise" },
    { OPEN_MPI, DS_ALLTOALL, 2, 2 * 4096, NULL },
    { OPEN_MPI, DS_ALLTOALL, 2, 2 * 32768, "alltoall-pairwise" },
    { OPEN_MPI, DS_ALLTOALL, 7, 7 * 65536, "alltoall-pairwise" },
    { OPEN_MPI, DS_ALLTOALL, 7, 7 * 131072, NULL },
    { OPEN_MPI, DS_ALLTOALL, 16, 16, "alltoall-bruck" },
    { OPEN_MPI, DS_ALLTOALL, 16, 16 * 64, NULL },
    { OPEN_MPI, DS_ALLTOALL, 64, 64 * 127, "alltoall-bruck" },
    { OPEN_MPI, DS_ALLTOALL, 64, 64 * 128, NULL },
    { OPEN_MPI, DS_ALLTOALL, 64, 64 * 32768, "alltoall-pairwise" },
    { OPEN_MPI, DS_ALLTOALL, 4096, 4096 * 255, "alltoall-bruck" },
    { OPEN_MPI, DS_BARRIER, 63, 0, NULL },
    { OPEN_MPI, DS_BARRIER, 64, 0, "barrier-dissemination" },
    { OPEN_MPI, DS_BARRIER, 256, 0, NULL },
    { OPEN_MPI, DS_BARRIER, 512, 0, "barrier-dissemination" },
    { OPEN_MPI, DS_BARRIER, 1024, 0, NULL },
    { OPEN_MPI, DS_BARRIER, 4096, 0, "barrier-dissemination" },
};
enum { NUM_OTHERS = sizeof(others) / sizeof(*others) };

START_TEST(another_collective_is_chosen_by_ranks_and_bytes)
{
    const rule *one = &rules_of(others[_i].kind)->rule[others[_i].library];

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
        for (size_t i = 0; i < rules_of(kind)->n; i++)
            if (rules_of(kind)->rule[i].choose == NULL)
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
        if (rules_of(kind)->n <= (size_t)_i)
            continue;
        rule_fn *choose = rules_of(kind)->rule[_i].choose;
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
    tcase_add_loop_test(tc, every_choice_is_an_algorithm_of_the_kind, MPICH,
                        OPEN_MPI + 1);
}

int main(void)
{
    return harness_main("rules", add);
}
