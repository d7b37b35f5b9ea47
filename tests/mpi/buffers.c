/* Buffers of the rank, of communicators and of sessions; and what a program
 * asks of statuses, handles and the library besides. */
#include "check.h"
#include <stdint.h>
#include <stdlib.h>

static char room[64];

static void of_the_rank(void)
{
    void *at;
    int bytes = -1;

    MPI_Buffer_attach(room, sizeof(room));
    MPI_Buffer_detach(&at, &bytes);
    CHECK(at == room && bytes == sizeof(room));
    /* The size means nothing then. */
    MPI_Buffer_attach(MPI_BUFFER_AUTOMATIC, 17);
    MPI_Buffer_detach(&at, &bytes);
    CHECK(at == MPI_BUFFER_AUTOMATIC && bytes == 0);
}

/* One of each at a time; none is another's. */
static void of_communicators(void)
{
    void *at;
    int bytes;
    MPI_Count many;
    MPI_Comm other;
    MPI_Request flushed;
    const int next = (rank + 1) % size;
    int got = -1;

    MPI_Comm_dup(MPI_COMM_WORLD, &other);
    MPI_Comm_set_errhandler(other, MPI_ERRORS_RETURN);
    MPI_Comm_attach_buffer(MPI_COMM_WORLD, room, 8);
    MPI_Comm_attach_buffer_c(other, room + 8, 16);
    CHECK(MPI_Comm_attach_buffer(other, room, 8) == MPI_ERR_BUFFER);
    CHECK(MPI_Comm_detach_buffer(other, NULL, &bytes) == MPI_ERR_ARG);
    MPI_Bsend(&rank, 1, MPI_INT, next, 3, other);
    MPI_Comm_flush_buffer(other);
    MPI_Comm_iflush_buffer(other, &flushed);
    MPI_Wait(&flushed, MPI_STATUS_IGNORE);
    MPI_Recv(&got, 1, MPI_INT, (rank + size - 1) % size, 3, other,
             MPI_STATUS_IGNORE);
    CHECK(got == (rank + size - 1) % size);
    MPI_Comm_detach_buffer_c(other, &at, &many);
    CHECK(at == room + 8 && many == 16);
    MPI_Comm_detach_buffer(MPI_COMM_WORLD, &at, &bytes);
    CHECK(at == room && bytes == 8);
    CHECK(MPI_Comm_attach_buffer(other, room, -1) == MPI_ERR_ARG);
    MPI_Comm_free(&other);
}

static void of_sessions(void)
{
    MPI_Session s;
    MPI_Request flushed;
    void *at;
    int bytes;

    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &s);
    MPI_Session_attach_buffer(s, MPI_BUFFER_AUTOMATIC, 1);
    CHECK(MPI_Session_attach_buffer(s, room, 1) == MPI_ERR_BUFFER);
    MPI_Session_flush_buffer(s);
    MPI_Session_iflush_buffer(s, &flushed);
    MPI_Wait(&flushed, MPI_STATUS_IGNORE);
    MPI_Session_detach_buffer(s, &at, &bytes);
    CHECK(at == MPI_BUFFER_AUTOMATIC && bytes == 0);
    MPI_Session_finalize(&s);
}

/* ---- Looking at requests --------------------------------------------------*/

/* The second of three is done, and stays what it is. */
static void of_several(void)
{
    int in[3] = { -1, -1, -1 };
    int indices[3];
    int index;
    int n;
    int flag;
    MPI_Request r[3];
    MPI_Status s[3];

    for (int i = 0; i < 3; i++)
        MPI_Irecv(&in[i], 1, MPI_INT, 0, i, MPI_COMM_SELF, &r[i]);
    MPI_Comm self = MPI_COMM_SELF;
    MPI_Request_get_status_any(3, r, &index, &flag, s);
    CHECK(!flag && index == MPI_UNDEFINED);
    MPI_Send(&size, 1, MPI_INT, 0, 1, self);
    do
        MPI_Request_get_status_any(3, r, &index, &flag, &s[0]);
    while (!flag);
    CHECK(index == 1 && s[0].MPI_TAG == 1 && r[1] != MPI_REQUEST_NULL);
    MPI_Request_get_status_some(3, r, &n, indices, s);
    CHECK(n == 1 && indices[0] == 1 && s[0].MPI_TAG == 1);
    MPI_Request_get_status_all(3, r, &flag, s);
    CHECK(!flag);
    MPI_Send(&size, 1, MPI_INT, 0, 0, self);
    MPI_Send(&size, 1, MPI_INT, 0, 2, self);
    do
        MPI_Request_get_status_all(3, r, &flag, s);
    while (!flag);
    CHECK(s[2].MPI_TAG == 2 && r[2] != MPI_REQUEST_NULL);
    MPI_Waitall(3, r, MPI_STATUSES_IGNORE);
    CHECK(in[0] == size && in[1] == size && in[2] == size);
    MPI_Request_get_status_some(3, r, &n, indices, s);
    CHECK(n == MPI_UNDEFINED);
    MPI_Request_get_status_any(3, r, &index, &flag, &s[0]);
    CHECK(flag && index == MPI_UNDEFINED && s[0].MPI_SOURCE == MPI_ANY_SOURCE);
    MPI_Request_get_status_all(3, r, &flag, MPI_STATUSES_IGNORE);
    CHECK(flag);
}

static void members(void)
{
    MPI_Status s = { 0 };
    int x;

    MPI_Status_set_source(&s, 3);
    MPI_Status_set_tag(&s, 4);
    MPI_Status_set_error(&s, MPI_ERR_TRUNCATE);
    CHECK(s.MPI_SOURCE == 3 && s.MPI_TAG == 4 &&
          s.MPI_ERROR == MPI_ERR_TRUNCATE);
    MPI_Status_get_source(&s, &x);
    CHECK(x == 3);
    MPI_Status_get_tag(&s, &x);
    CHECK(x == 4);
    MPI_Status_get_error(&s, &x);
    CHECK(x == MPI_ERR_TRUNCATE);
}

/* ---- Handles and the library ----------------------------------------------*/

static void handles(void)
{
    MPI_Comm made;
    MPI_Datatype pair;
    MPI_Comm parent = MPI_COMM_SELF;

    MPI_Comm_dup(MPI_COMM_SELF, &made);
    CHECK(MPI_Comm_fromint(MPI_Comm_toint(made)) == made);
    CHECK(MPI_Type_fromint(MPI_Type_toint(MPI_DOUBLE)) == MPI_DOUBLE);
    CHECK(MPI_Op_toint(MPI_SUM) == (int)(intptr_t)MPI_SUM);
    CHECK(MPI_Win_fromint(MPI_Win_toint(MPI_WIN_NULL)) == MPI_WIN_NULL);
    MPI_Comm_free(&made);
    MPI_Type_get_value_index(MPI_DOUBLE, MPI_INT, &pair);
    CHECK(pair == MPI_DOUBLE_INT);
    MPI_Type_get_value_index(MPI_INT, MPI_DOUBLE, &pair);
    CHECK(pair == MPI_DATATYPE_NULL);
    MPI_Comm_get_parent(&parent);
    CHECK(parent == MPI_COMM_NULL);
}

static void abi(void)
{
    MPI_Info info;
    char value[8] = "";
    int n = sizeof(value);
    int flag = 0;
    int minor = -1;

    MPI_Abi_get_version(&flag, &minor);
    CHECK(flag == MPI_ABI_VERSION && minor == MPI_ABI_SUBVERSION);
    MPI_Abi_get_info(&info);
    MPI_Info_get_string(info, "mpi_count_size", &n, value, &flag);
    CHECK(flag && atoi(value) == (int)sizeof(MPI_Count));
    MPI_Info_free(&info);
    MPI_Abi_get_fortran_info(&info);
    CHECK(info == MPI_INFO_NULL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    of_the_rank();
    of_communicators();
    of_sessions();
    of_several();
    members();
    handles();
    abi();
    return end();
}
