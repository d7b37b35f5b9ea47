/* Ranks that share a machine, of which there are so many as the argument says:
 * rank i is on machine i % argument. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

static int machines;

/* How many of the first so many ranks are on this one's machine. */
static int neighbours(int ranks)
{
    return (ranks - rank % machines + machines - 1) / machines;
}

static int split(MPI_Comm from, int type, const char *resource, int *first)
{
    MPI_Info info;
    MPI_Comm made;
    int n = 0;

    MPI_Info_create(&info);
    if (resource != NULL)
        MPI_Info_set(info, "mpi_hw_resource_type", resource);
    MPI_Comm_split_type(from, type, 0, info, &made);
    MPI_Info_free(&info);
    if (made == MPI_COMM_NULL)
        return 0;
    *first = rank;
    MPI_Bcast(first, 1, MPI_INT, 0, made);
    MPI_Comm_size(made, &n);
    MPI_Comm_free(&made);
    return n;
}

static void all_ways(void)
{
    const char *memory = "mpi_shared_memory";
    int first = -1;

    CHECK(split(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, NULL, &first) ==
          neighbours(size));
    CHECK(first == rank % machines);
    CHECK(split(MPI_COMM_WORLD, MPI_COMM_TYPE_HW_GUIDED, memory, &first) ==
          neighbours(size));
    CHECK(split(MPI_COMM_WORLD, MPI_COMM_TYPE_RESOURCE_GUIDED, memory,
                &first) == neighbours(size));
    CHECK(split(MPI_COMM_WORLD, MPI_COMM_TYPE_HW_GUIDED, "attic", &first) == 0);
    /* No part of all is smaller than that of one machine. */
    CHECK(split(MPI_COMM_WORLD, MPI_COMM_TYPE_HW_UNGUIDED, NULL, &first) ==
          (machines > 1 ? neighbours(size) : 0));
}

/* What is said of a part is said of its ranks, and not of their numbers. */
static void of_a_part(void)
{
    MPI_Comm half;
    int first = -1;
    int here = 0;

    for (int i = rank % 2; i < size; i += 2)
        here += i % machines == rank % machines;
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, -rank, &half);
    CHECK(split(half, MPI_COMM_TYPE_SHARED, NULL, &first) == here);
    CHECK(split(half, MPI_COMM_TYPE_HW_UNGUIDED, NULL, &first) ==
          (machines > 2 ? here : 0));
    MPI_Comm_free(&half);
}

static void names(void)
{
    char name[MPI_MAX_PROCESSOR_NAME];
    char wanted[16];
    char value[8] = "";
    int n = sizeof(value);
    int flag;
    MPI_Info info;

    MPI_Get_processor_name(name, &flag);
    snprintf(wanted, sizeof(wanted), "node%d", rank % machines);
    CHECK(strcmp(name, wanted) == 0 && flag == (int)strlen(name));
    MPI_Get_hw_resource_info(&info);
    MPI_Info_get_string(info, "mpi_shared_memory", &n, value, &flag);
    CHECK(flag && strcmp(value, "true") == 0);
    MPI_Info_free(&info);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    machines = atoi(argv[1]);
    all_ways();
    of_a_part();
    names();
    return end();
}
