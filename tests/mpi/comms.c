/* Communicators keep their messages apart; groups are sets in an order. */
#include "check.h"
#include <string.h>

static int called;

static void handler(MPI_Comm *comm, int *error, ...)
{
    called = *error;
}

int main(int argc, char **argv)
{
    MPI_Comm twin;
    MPI_Comm half;
    MPI_Comm backwards;
    MPI_Comm first;
    MPI_Group world;
    MPI_Group some;
    MPI_Group others;
    MPI_Group both;
    MPI_Errhandler h;
    MPI_Errhandler had;
    int one = rank;
    int two = 0;
    int result;
    int r;
    int n;
    char name[MPI_MAX_OBJECT_NAME];

    begin(&argc, &argv);
    MPI_Comm_dup(MPI_COMM_WORLD, &twin);
    MPI_Comm_compare(MPI_COMM_WORLD, twin, &result);
    CHECK(result == MPI_CONGRUENT);
    MPI_Comm_compare(twin, twin, &result);
    CHECK(result == MPI_IDENT);
    if (rank == 0) {
        one = 1;
        MPI_Send(&one, 1, MPI_INT, size - 1, 5, MPI_COMM_WORLD);
        one = 2;
        MPI_Send(&one, 1, MPI_INT, size - 1, 5, twin);
    }
    if (rank == size - 1) {
        MPI_Recv(&two, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, twin,
                 MPI_STATUS_IGNORE);
        CHECK(two == 2);
        MPI_Recv(&two, 1, MPI_INT, 0, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        CHECK(two == 1);
    }
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, 0, &half);
    MPI_Comm_rank(half, &r);
    MPI_Comm_size(half, &n);
    CHECK(r == rank / 2 && n == (size + 1 - rank % 2) / 2);
    one = rank;
    MPI_Allreduce(&one, &two, 1, MPI_INT, MPI_SUM, half);
    CHECK(two == n * (n - 1) + n * (rank % 2));
    MPI_Comm_split(half, 0, -r, &backwards);
    MPI_Comm_rank(backwards, &two);
    CHECK(two == n - 1 - r);
    MPI_Comm_compare(half, backwards, &result);
    CHECK(result == (n > 1 ? MPI_SIMILAR : MPI_CONGRUENT));
    MPI_Comm_free(&backwards);
    MPI_Comm_split(twin, rank == 0 ? MPI_UNDEFINED : 1, 0, &backwards);
    CHECK((backwards == MPI_COMM_NULL) == (rank == 0));
    if (backwards != MPI_COMM_NULL)
        MPI_Comm_free(&backwards);

    MPI_Comm_group(MPI_COMM_WORLD, &world);
    int ranks[] = { size - 1, 0 };
    MPI_Group_incl(world, 2, ranks, &some);
    MPI_Group_excl(world, 2, ranks, &others);
    MPI_Group_size(others, &n);
    CHECK(n == size - 2);
    MPI_Group_rank(some, &r);
    CHECK(r == (rank == 0 ? 1 : rank == size - 1 ? 0 : MPI_UNDEFINED));
    MPI_Group_union(others, some, &both);
    MPI_Group_compare(both, world, &result);
    CHECK(result == MPI_SIMILAR);
    MPI_Group_free(&both);
    MPI_Group_intersection(world, some, &both);
    MPI_Group_compare(both, some, &result);
    CHECK(result == MPI_SIMILAR);
    MPI_Group_free(&both);
    MPI_Group_difference(world, others, &both);
    MPI_Group_size(both, &n);
    CHECK(n == 2);
    int all[] = { 0, 1 };
    int where[2];
    MPI_Group_translate_ranks(some, 2, all, world, where);
    CHECK(where[0] == size - 1 && where[1] == 0);
    MPI_Group_free(&both);
    MPI_Group_intersection(some, others, &both);
    CHECK(both == MPI_GROUP_EMPTY);
    MPI_Group_excl(some, 2, all, &both);
    CHECK(both == MPI_GROUP_EMPTY);
    MPI_Comm_create(MPI_COMM_WORLD, some, &first);
    CHECK((first == MPI_COMM_NULL) == (rank != 0 && rank != size - 1));
    if (first != MPI_COMM_NULL) {
        MPI_Comm_rank(first, &r);
        CHECK(r == (rank == 0));
        MPI_Comm_set_name(first, "ends");
        MPI_Comm_get_name(first, name, &n);
        CHECK(strcmp(name, "ends") == 0 && n == 4);
        MPI_Comm_free(&first);
    }
    MPI_Comm_get_name(MPI_COMM_WORLD, name, &n);
    CHECK(strcmp(name, "MPI_COMM_WORLD") == 0);

    MPI_Comm_create_errhandler(handler, &h);
    MPI_Comm_set_errhandler(twin, h);
    MPI_Comm_get_errhandler(twin, &had);
    CHECK(had == h);
    MPI_Errhandler_free(&h);
    MPI_Send(&one, 1, MPI_INT, size, 1, twin);
    MPI_Error_class(called, &n);
    CHECK(n == MPI_ERR_RANK);
    MPI_Group_free(&world);
    MPI_Group_free(&some);
    MPI_Group_free(&others);
    MPI_Comm_free(&half);
    MPI_Comm_free(&twin);
    CHECK(twin == MPI_COMM_NULL);
    return end();
}
