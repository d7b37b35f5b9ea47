/* Leaves behind one of each. */
#include <mpi.h>
#include <stddef.h>

static void add(void *in, void *inout, int *n, MPI_Datatype *type)
{
    *(int *)inout += *(int *)in;
}

int main(int argc, char **argv)
{
    static int x[4];
    MPI_Comm comm;
    MPI_Group group;
    MPI_Datatype type;
    MPI_Op op;
    MPI_Info info;
    MPI_Request request;
    MPI_Errhandler handler;
    int rank;
    int key;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler);
    if (rank == 0) {
        MPI_Comm_group(MPI_COMM_WORLD, &group);
        MPI_Type_contiguous(2, MPI_INT, &type);
        MPI_Op_create(add, 1, &op);
        MPI_Info_create(&info);
        MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN,
                               &key, NULL);
        MPI_Irecv(&x[0], 1, MPI_INT, 1, 7, MPI_COMM_WORLD, &request);
        MPI_Send_init(&x[1], 1, MPI_INT, 1, 7, MPI_COMM_WORLD, &request);
        for (int i = 0; i < 3; i++)
            MPI_Send(&x[2], 1, MPI_INT, 1, 8, MPI_COMM_WORLD);
    }
    return MPI_Finalize();
}
