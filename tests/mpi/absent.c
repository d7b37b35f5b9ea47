/* Uses a function that is not there, as a header of somebody else's would let
 * it. */
#include <mpi.h>

int MPI_Not_there(int x);

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    if (argc > 1)
        MPI_Not_there(1);
    MPI_Finalize();
    return 0;
}
