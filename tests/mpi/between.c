/* Communicators between two groups: who is on either side, messages from one to
 * the other, and communicators that are made of them. */
#include "check.h"

/* Which side this rank is on, its place there, and how many there are here and
 * there: even ranks on side 0, odd ones on side 1. */
static int side;
static int me;
static int here;
static int there;

static MPI_Comm join(void)
{
    MPI_Comm half;
    MPI_Comm between;

    side = rank % 2;
    MPI_Comm_split(MPI_COMM_WORLD, side, rank, &half);
    MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - side, 3, &between);
    MPI_Comm_free(&half);
    me = rank / 2;
    here = (size + 1 - side) / 2;
    there = size - here;
    return between;
}

static void sides(MPI_Comm c)
{
    MPI_Group world;
    MPI_Group group;
    int flag;
    int n;
    int r;
    const int first = 0;

    MPI_Comm_test_inter(c, &flag);
    CHECK(flag);
    MPI_Comm_test_inter(MPI_COMM_WORLD, &flag);
    CHECK(!flag);
    MPI_Comm_rank(c, &r);
    CHECK(r == me);
    MPI_Comm_size(c, &n);
    CHECK(n == here);
    MPI_Comm_remote_size(c, &n);
    CHECK(n == there);
    MPI_Comm_group(MPI_COMM_WORLD, &world);
    MPI_Comm_remote_group(c, &group);
    MPI_Group_translate_ranks(group, 1, &first, world, &r);
    CHECK(r == 1 - side);
    MPI_Group_rank(group, &r);
    CHECK(r == MPI_UNDEFINED);
    MPI_Group_free(&group);
    MPI_Comm_group(c, &group);
    MPI_Group_rank(group, &r);
    CHECK(r == me);
    MPI_Group_free(&group);
    MPI_Group_free(&world);
}

/* Each of the first side writes to each of the other, and hears back. */
static void messages(MPI_Comm c)
{
    MPI_Status s;
    int from_all = 0;
    int x = rank;

    for (int i = 0; side == 0 && i < there; i++)
        MPI_Send(&x, 1, MPI_INT, i, me, c);
    for (int i = 0; side == 0 && i < there; i++) {
        MPI_Recv(&x, 1, MPI_INT, i, 7, c, &s);
        CHECK(x == 2 * i + 1 && s.MPI_SOURCE == i);
    }
    for (int i = 0; side == 1 && i < there; i++) {
        MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, c, &s);
        CHECK(s.MPI_SOURCE == s.MPI_TAG && s.MPI_SOURCE < there);
        MPI_Recv(&x, 1, MPI_INT, s.MPI_SOURCE, MPI_ANY_TAG, c, &s);
        CHECK(x == 2 * s.MPI_SOURCE);
        from_all += x;
        MPI_Send(&rank, 1, MPI_INT, s.MPI_SOURCE, 7, c);
    }
    CHECK(side == 0 || from_all == there * (there - 1));
}

static void compare(MPI_Comm c)
{
    MPI_Comm twin;
    MPI_Comm later;
    MPI_Comm backwards;
    MPI_Request r;
    int how;
    int x = -1;

    MPI_Comm_dup(c, &twin);
    MPI_Comm_idup(twin, &later, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    MPI_Comm_compare(c, c, &how);
    CHECK(how == MPI_IDENT);
    MPI_Comm_compare(c, later, &how);
    CHECK(how == MPI_CONGRUENT);
    MPI_Comm_compare(c, MPI_COMM_WORLD, &how);
    CHECK(how == MPI_UNEQUAL);
    MPI_Comm_split(c, 0, -me, &backwards);
    MPI_Comm_compare(c, backwards, &how);
    CHECK(how == (here > 1 || there > 1 ? MPI_SIMILAR : MPI_CONGRUENT));
    if (me < there) {
        MPI_Sendrecv(&rank, 1, MPI_INT, there - 1 - me, 1, &x, 1, MPI_INT,
                     MPI_ANY_SOURCE, 1, backwards, MPI_STATUS_IGNORE);
        CHECK(x % 2 != side);
    } else {
        MPI_Send(&rank, 1, MPI_INT, MPI_PROC_NULL, 1, backwards);
    }
    MPI_Comm_free(&backwards);
    MPI_Comm_free(&later);
    MPI_Comm_free(&twin);
}

/* Those of a color meet those of the same one on the other side, if there are
 * any. */
static void split(MPI_Comm c)
{
    MPI_Comm made;
    int n;

    MPI_Comm_split(c, me == 0 ? 0 : 1 + side, 0, &made);
    CHECK((made == MPI_COMM_NULL) == (me != 0));
    if (made != MPI_COMM_NULL) {
        MPI_Comm_remote_size(made, &n);
        CHECK(n == 1);
        MPI_Comm_free(&made);
    }
    MPI_Comm_split(c, side == 0 ? MPI_UNDEFINED : 0, 0, &made);
    CHECK(made == MPI_COMM_NULL);
}

static void create(MPI_Comm c)
{
    MPI_Group all;
    MPI_Group last;
    MPI_Comm made;
    int n;
    const int which = here - 1;

    MPI_Comm_group(c, &all);
    MPI_Group_incl(all, 1, &which, &last);
    MPI_Comm_create(c, last, &made);
    CHECK((made == MPI_COMM_NULL) == (me != which));
    if (made != MPI_COMM_NULL) {
        MPI_Comm_size(made, &n);
        CHECK(n == 1);
        MPI_Barrier(made);
        MPI_Comm_free(&made);
    }
    MPI_Comm_create(c, side == 0 ? MPI_GROUP_EMPTY : last, &made);
    CHECK(made == MPI_COMM_NULL);
    MPI_Group_free(&last);
    MPI_Group_free(&all);
}

/* Which side is high comes last; if both are or none is, they come in some
 * order, the same to all. */
static void merge(MPI_Comm c)
{
    MPI_Comm all;
    MPI_Comm self;
    int r;
    int n;
    int is_first;

    for (int high = 0; high < 4; high++) {
        MPI_Intercomm_merge(c, high >> side & 1, &all);
        MPI_Comm_rank(all, &r);
        MPI_Comm_size(all, &n);
        is_first = r == me;
        CHECK(n == size);
        CHECK(r == (is_first ? me : there + me));
        if (high == 1 || high == 2)
            CHECK(is_first == (side == high - 1 ? 0 : 1));
        MPI_Allreduce(&is_first, &n, 1, MPI_INT, MPI_SUM, all);
        CHECK(is_first ? n == here : n == there);
        MPI_Comm_test_inter(all, &n);
        CHECK(!n);
        MPI_Comm_free(&all);
    }
    /* The communicator of the leaders may be between groups. */
    if (me == 0) {
        MPI_Intercomm_create(MPI_COMM_SELF, 0, c, 0, 9, &self);
        MPI_Comm_remote_size(self, &n);
        CHECK(n == 1);
        MPI_Comm_free(&self);
    }
}

static void refusals(MPI_Comm c)
{
    MPI_Comm made;
    MPI_Comm grid;
    MPI_Group group;
    int x = 0;
    int y = 0;
    int class;
    const int dims[] = { 1 };

#define REFUSES(wanted, call)                                                  \
    do {                                                                       \
        MPI_Error_class(call, &class);                                         \
        CHECK(class == (wanted));                                              \
    } while (0)
    MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    REFUSES(MPI_ERR_RANK, MPI_Send(&x, 1, MPI_INT, there, 0, c));
    REFUSES(MPI_ERR_COMM, MPI_Scan(&x, &y, 1, MPI_INT, MPI_SUM, c));
    REFUSES(MPI_ERR_COMM, MPI_Exscan(&x, &y, 1, MPI_INT, MPI_SUM, c));
    REFUSES(MPI_ERR_COMM, MPI_Cart_create(c, 1, dims, dims, 0, &grid));
    REFUSES(MPI_ERR_ROOT, MPI_Bcast(&x, 1, MPI_INT, there, c));
    REFUSES(MPI_ERR_ROOT, MPI_Bcast(&x, 1, MPI_INT, MPI_ROOT, MPI_COMM_WORLD));
    REFUSES(MPI_ERR_BUFFER,
            MPI_Allreduce(MPI_IN_PLACE, &x, 1, MPI_INT, MPI_SUM, c));
    REFUSES(MPI_ERR_BUFFER,
            MPI_Allgather(MPI_IN_PLACE, 1, MPI_INT, &x, 1, MPI_INT, c));
    REFUSES(MPI_ERR_COMM, MPI_Intercomm_merge(MPI_COMM_WORLD, 0, &made));
    REFUSES(MPI_ERR_COMM, MPI_Comm_remote_size(MPI_COMM_WORLD, &x));
    REFUSES(MPI_ERR_COMM, MPI_Comm_remote_group(MPI_COMM_WORLD, &group));
    REFUSES(MPI_ERR_COMM,
            MPI_Intercomm_create(c, 0, MPI_COMM_WORLD, 0, 0, &made));
    REFUSES(MPI_ERR_RANK, MPI_Intercomm_create(MPI_COMM_WORLD, size,
                                               MPI_COMM_WORLD, 0, 0, &made));
    REFUSES(MPI_ERR_COMM, MPI_Intercomm_create(MPI_COMM_WORLD, 0,
                                               MPI_COMM_WORLD, 0, 0, &made));
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    MPI_Comm c;

    begin(&argc, &argv);
    c = join();
    sides(c);
    messages(c);
    compare(c);
    split(c);
    create(c);
    merge(c);
    refusals(c);
    MPI_Comm_free(&c);
    return end();
}
