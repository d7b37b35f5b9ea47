/* Sessions: MPI before MPI_Init() and after MPI_Finalize(), and communicators
 * of groups alone. */
#include "check.h"
#include <string.h>

static MPI_Session told_of;
static int told;

static void handler(MPI_Session *session, int *error, ...)
{
    told_of = *session;
    told = *error;
}

static void comm_handler(MPI_Comm *comm, int *error, ...)
{
    told = *error;
}

static void sets(MPI_Session s)
{
    static const char *const names[] = { "mpi://WORLD", "mpi://SELF" };
    char name[32];
    char number[8];
    MPI_Group group;
    MPI_Info info;
    int n;
    int flag;
    int length;

    MPI_Session_get_num_psets(s, MPI_INFO_NULL, &n);
    CHECK(n == 2);
    for (int i = 0; i < n; i++) {
        length = 0;
        MPI_Session_get_nth_pset(s, MPI_INFO_NULL, i, &length, NULL);
        CHECK(length == (int)strlen(names[i]) + 1);
        MPI_Session_get_nth_pset(s, MPI_INFO_NULL, i, &length, name);
        CHECK(strcmp(name, names[i]) == 0);
        length = 5;
        MPI_Session_get_nth_pset(s, MPI_INFO_NULL, i, &length, name);
        CHECK(strcmp(name, "mpi:") == 0 && length == (int)strlen(names[i]) + 1);
        MPI_Session_get_pset_info(s, names[i], &info);
        MPI_Info_get(info, "mpi_size", 7, number, &flag);
        CHECK(flag && (strcmp(number, "1") == 0) == (i == 1 || size == 1));
        MPI_Info_free(&info);
        MPI_Group_from_session_pset(s, names[i], &group);
        MPI_Group_size(group, &length);
        CHECK(length == (i == 0 ? size : 1));
        MPI_Group_free(&group);
    }
}

/* Evens and odds, in a communicator each, and one between them. */
static void groups(MPI_Session s)
{
    MPI_Group world;
    MPI_Group halves[2];
    MPI_Comm half;
    MPI_Comm between;
    MPI_Errhandler h;
    int n;
    int sum;
    int evens[1][3] = { { 0, size - 1, 2 } };
    const int mine = rank % 2;

    MPI_Group_from_session_pset(s, "mpi://WORLD", &world);
    MPI_Group_range_incl(world, 1, evens, &halves[0]);
    MPI_Group_range_excl(world, 1, evens, &halves[1]);
    MPI_Comm_create_errhandler(comm_handler, &h);
    MPI_Comm_create_from_group(halves[mine], "halves", MPI_INFO_NULL, h, &half);
    MPI_Comm_size(half, &n);
    CHECK(n == (size + 1 - mine) / 2);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, half);
    CHECK(sum == n * (n - 1) + mine * n);
    told = -1;
    MPI_Send(&sum, 1, MPI_INT, n, 0, half);
    MPI_Error_class(told, &n);
    CHECK(n == MPI_ERR_RANK);
    MPI_Comm_free(&half);
    MPI_Comm_create_from_group(MPI_GROUP_EMPTY, "nobody", MPI_INFO_NULL,
                               MPI_ERRORS_ARE_FATAL, &half);
    CHECK(half == MPI_COMM_NULL);
    MPI_Intercomm_create_from_groups(halves[mine], 0, halves[1 - mine], 0,
                                     "halves", MPI_INFO_NULL, h, &between);
    MPI_Comm_remote_size(between, &n);
    CHECK(n == size - (size + 1 - mine) / 2);
    MPI_Allreduce(&rank, &sum, 1, MPI_INT, MPI_SUM, between);
    CHECK(sum == n * (n - 1) + (1 - mine) * n);
    MPI_Comm_free(&between);
    MPI_Errhandler_free(&h);
    MPI_Group_free(&halves[0]);
    MPI_Group_free(&halves[1]);
    MPI_Group_free(&world);
}

static void errors(MPI_Session s)
{
    MPI_Errhandler h;
    MPI_Errhandler had;
    MPI_Group group;
    int class;

    MPI_Session_get_errhandler(s, &had);
    CHECK(had == MPI_ERRORS_RETURN);
    MPI_Session_create_errhandler(handler, &h);
    MPI_Session_set_errhandler(s, h);
    MPI_Session_get_errhandler(s, &had);
    CHECK(had == h);
    MPI_Errhandler_free(&had);
    MPI_Session_call_errhandler(s, MPI_ERR_OTHER);
    CHECK(told_of == s && told == MPI_ERR_OTHER);
    MPI_Group_from_session_pset(s, "mpi://NOBODY", &group);
    CHECK(told == MPI_ERR_ARG);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
    MPI_Error_class(MPI_Comm_set_errhandler(MPI_COMM_SELF, h), &class);
    CHECK(class == MPI_ERR_ARG);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL);
    MPI_Errhandler_free(&h);
}

static void have_level(const char *wanted, const char *given)
{
    char level[32];
    MPI_Session s;
    MPI_Info info;
    int flag;

    MPI_Info_create(&info);
    MPI_Info_set(info, "thread_level", wanted);
    MPI_Session_init(info, MPI_ERRORS_ARE_FATAL, &s);
    MPI_Info_free(&info);
    MPI_Session_get_info(s, &info);
    MPI_Info_get(info, "thread_level", sizeof(level) - 1, level, &flag);
    CHECK(flag && strcmp(level, given) == 0);
    MPI_Info_free(&info);
    MPI_Session_finalize(&s);
    CHECK(s == MPI_SESSION_NULL);
}

/* All ranks by a session alone. */
static void all_alone(MPI_Session s)
{
    MPI_Group group;
    MPI_Comm all;

    MPI_Group_from_session_pset(s, "mpi://WORLD", &group);
    MPI_Comm_create_from_group(group, "all", MPI_INFO_NULL,
                               MPI_ERRORS_ARE_FATAL, &all);
    MPI_Group_free(&group);
    MPI_Comm_rank(all, &rank);
    MPI_Comm_size(all, &size);
    MPI_Barrier(all);
    MPI_Comm_free(&all);
}

int main(int argc, char **argv)
{
    MPI_Session s;
    MPI_Session late;
    int flag;
    int code;

    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &s);
    MPI_Initialized(&flag);
    CHECK(!flag);
    all_alone(s);
    begin(&argc, &argv);
    have_level("MPI_THREAD_MULTIPLE", "MPI_THREAD_SERIALIZED");
    have_level("MPI_THREAD_SINGLE", "MPI_THREAD_SINGLE");
    sets(s);
    if (size > 1)
        groups(s);
    errors(s);
    MPI_Session_finalize(&s);
    code = end();
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &late);
    all_alone(late);
    MPI_Session_finalize(&late);
    return code;
}
