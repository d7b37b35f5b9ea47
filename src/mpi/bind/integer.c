/* Handles as numbers of Fortran, which all of them are anyway. */

#include "mpi/bind/abi.h"

#define BOTH_WAYS(kind, handle_type)                                           \
    API int F(kind##_toint)(handle_type handle)                                \
    {                                                                          \
        return (int)(uint32_t)(uintptr_t)handle;                               \
    }                                                                          \
    API handle_type F(kind##_fromint)(int number)                              \
    {                                                                          \
        return (handle_type)(uintptr_t)(uint32_t)number;                       \
    }
BOTH_WAYS(Comm, MPI_Comm)
BOTH_WAYS(Errhandler, MPI_Errhandler)
BOTH_WAYS(Group, MPI_Group)
BOTH_WAYS(Info, MPI_Info)
BOTH_WAYS(Message, MPI_Message)
BOTH_WAYS(Op, MPI_Op)
BOTH_WAYS(Request, MPI_Request)
BOTH_WAYS(Session, MPI_Session)
BOTH_WAYS(Type, MPI_Datatype)
BOTH_WAYS(Win, MPI_Win)

#define LIST(N)                                                                \
    N(Comm_fromint)                                                            \
    N(Comm_toint)                                                              \
    N(Errhandler_fromint)                                                      \
    N(Errhandler_toint)                                                        \
    N(Group_fromint)                                                           \
    N(Group_toint)                                                             \
    N(Info_fromint)                                                            \
    N(Info_toint)                                                              \
    N(Message_fromint)                                                         \
    N(Message_toint)                                                           \
    N(Op_fromint)                                                              \
    N(Op_toint)                                                                \
    N(Request_fromint)                                                         \
    N(Request_toint)                                                           \
    N(Session_fromint)                                                         \
    N(Session_toint)                                                           \
    N(Type_fromint)                                                            \
    N(Type_toint)                                                              \
    N(Win_fromint)                                                             \
    N(Win_toint)
DEFINE_NAMES(integer_names, LIST)
