/* Communicators that only some make, or that are there later, and groups of
 * ranges of ranks. */
#include "check.h"

static void ranges(void)
{
    MPI_Group all;
    MPI_Group some;
    MPI_Group rest;
    int every_second[1][3] = { { 0, size - 1, 2 } };
    int backwards[2][3] = { { size - 1, 1, -1 }, { 0, 0, 7 } };
    int none[1][3] = { { 1, 0, 1 } };
    int too_far[1][3] = { { 0, size, 1 } };
    int endless[1][3] = { { 0, 1, 0 } };
    int n;
    int r;

    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_range_incl(all, 1, every_second, &some);
    MPI_Group_size(some, &n);
    MPI_Group_rank(some, &r);
    CHECK(n == (size + 1) / 2);
    CHECK(r == (rank % 2 == 0 ? rank / 2 : MPI_UNDEFINED));
    MPI_Group_range_excl(all, 1, every_second, &rest);
    MPI_Group_size(rest, &n);
    MPI_Group_rank(rest, &r);
    CHECK(n == size / 2);
    CHECK(r == (rank % 2 == 1 ? rank / 2 : MPI_UNDEFINED));
    MPI_Group_free(&some);
    MPI_Group_free(&rest);
    MPI_Group_range_incl(all, 2, backwards, &some);
    MPI_Group_rank(some, &r);
    CHECK(r == size - 1 - rank);
    MPI_Group_free(&some);
    MPI_Group_range_incl(all, 1, none, &some);
    MPI_Group_size(some, &n);
    CHECK(n == 0);
    MPI_Group_free(&some);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Group_range_incl(all, 1, too_far, &some) == MPI_ERR_RANK);
    CHECK(MPI_Group_range_incl(all, 1, endless, &some) == MPI_ERR_ARG);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    MPI_Group_free(&all);
}

/* Makes the communicator of those that leave such a rest; the others do not
 * take part. */
static void check_group(int by, int rest)
{
    MPI_Group all;
    MPI_Group some;
    MPI_Comm made;
    int which[1][3] = { { rest, size - 1, by } };
    int n;
    int r;
    int sum;
    int want = 0;

    if (rank % by != rest)
        return;
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_range_incl(all, 1, which, &some);
    MPI_Comm_create_group(MPI_COMM_WORLD, some, 5, &made);
    MPI_Group_free(&some);
    MPI_Group_free(&all);
    MPI_Comm_size(made, &n);
    MPI_Comm_rank(made, &r);
    CHECK(r == rank / by);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, made);
    for (int i = rest; i < size; i += by)
        want += i;
    CHECK(sum == want);
    MPI_Comm_free(&made);
}

/* A message in one of them is none in another. */
static void later(void)
{
    MPI_Comm made[2];
    MPI_Request r[2];
    int got[2] = { -1, -1 };
    const int right = (rank + 1) % size;
    const int left = (rank + size - 1) % size;
    int how;

    MPI_Comm_idup(MPI_COMM_WORLD, &made[0], &r[0]);
    MPI_Comm_idup(MPI_COMM_WORLD, &made[1], &r[1]);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    MPI_Comm_compare(made[0], made[1], &how);
    CHECK(how == MPI_CONGRUENT);
    for (int i = 0; i < 2; i++)
        MPI_Irecv(&got[i], 1, MPI_INT, left, 0, made[i], &r[i]);
    for (int i = 1; i >= 0; i--) {
        const int mine = 10 * rank + i;
        MPI_Send(&mine, 1, MPI_INT, right, 0, made[i]);
    }
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    CHECK(got[0] == 10 * left && got[1] == 10 * left + 1);
    MPI_Comm_free(&made[0]);
    MPI_Comm_free(&made[1]);
}

/* Splits the world by a hint under a key; returns how many are together, or 0
 * if there is no communicator. */
static int together(int type, const char *key, const char *value)
{
    MPI_Info info;
    MPI_Comm made;
    int n = 0;

    MPI_Info_create(&info);
    if (key != NULL)
        MPI_Info_set(info, key, value);
    MPI_Comm_split_type(MPI_COMM_WORLD, type, 0, info, &made);
    if (made != MPI_COMM_NULL) {
        MPI_Comm_size(made, &n);
        MPI_Comm_free(&made);
    }
    if (type == MPI_COMM_TYPE_HW_UNGUIDED) {
        int flag;
        MPI_Info_get_valuelen(info, "mpi_hw_resource_type", &type, &flag);
        CHECK(flag == (n == 1));
    }
    MPI_Info_free(&info);
    return n;
}

/* Each rank is on a machine of its own. */
static void resources(void)
{
    const char type[] = "mpi_hw_resource_type";
    MPI_Comm made;
    int error;

    CHECK(together(MPI_COMM_TYPE_SHARED, NULL, NULL) == 1);
    CHECK(together(MPI_UNDEFINED, NULL, NULL) == 0);
    CHECK(together(MPI_COMM_TYPE_HW_UNGUIDED, NULL, NULL) == (size > 1));
    CHECK(together(MPI_COMM_TYPE_HW_GUIDED, NULL, NULL) == 0);
    CHECK(together(MPI_COMM_TYPE_HW_GUIDED, type, "mpi_shared_memory") == 1);
    CHECK(together(MPI_COMM_TYPE_HW_GUIDED, type, "attic") == 0);
#ifdef MPI_COMM_TYPE_RESOURCE_GUIDED
    CHECK(together(MPI_COMM_TYPE_RESOURCE_GUIDED, type, "mpi_shared_memory") ==
          1);
    CHECK(together(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name",
                   "mpi://WORLD") == size);
    CHECK(together(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name",
                   "mpi://SELF") == 1);
    CHECK(together(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name", "") == 0);
#endif
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Error_class(
        MPI_Comm_split_type(MPI_COMM_WORLD, 77, 0, MPI_INFO_NULL, &made),
        &error);
    CHECK(error == MPI_ERR_ARG);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    ranges();
    for (int by = 1; by < 4; by++)
        for (int rest = 0; rest < by && rest < size; rest++)
            check_group(by, rest);
    later();
    resources();
    return end();
}
