/* Records of calls, one list for each context. */

#include "mpi/agree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/call.h"
#include "mpi/finding.h"
#include "mpi/signature.h"
#include "mpi/unbuffered.h"

/* What the first member said, in a list from the oldest to the newest.  A
 * member stands at the record of its latest call; one that everybody has gone
 * past is freed, and so none before an older one. */
struct ds__agreed {
    ds__agreed *next;
    size_t point; /* of what is played again; 0: none */
    int passed;   /* members that have gone past it */
    ds__spot spot;
    int rank; /* in the communicator */
    int root;
    ds__op_code code;
    size_t own; /* of an operator of the program, the place of its function */
    bool has_type;
    int base; /* of the type */
    size_t count;
    size_t bytes;
    uint64_t counts; /* a hash of them */
};

/* Of one context.  Invariant: joined members stand somewhere in it. */
typedef struct channel {
    ds__entry entry;
    int joined;
    ds__agreed *oldest;
    ds__agreed *newest;
} channel;

static channel *channel_of(const ds__comm *comm)
{
    static ds__table table;

    if (table.size == 0)
        ds__table_init(&table, sizeof(channel));
    channel *c =
        ds__table_put(&table, (ds__table_key){ (uint64_t)comm->context, 0, 0 });
    if (c == NULL)
        ds__mpi_die(1, "there is no memory");
    return c;
}

/* Of both groups, if there are two. */
static int count_members(const ds__comm *comm)
{
    return ds__comm_size(comm) +
           (ds__comm_is_inter(comm) ? comm->remote->size : 0);
}

/* ---- Records --------------------------------------------------------------*/

static uint64_t hash_counts(const int *counts, int n)
{
    uint64_t hash = 1;

    for (int i = 0; i < n; i++)
        hash = (hash ^ (uint64_t)counts[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return hash;
}

static ds__agreed say(const ds__comm *comm, const ds__claim *claim)
{
    ds__agreed said = {
        .spot = ds__spot_here(),
        .rank = comm->rank,
        .root = claim->root,
        .code = claim->op == NULL ? DS__OP_NO_OP : claim->op->code,
        .count = claim->count,
    };

    if (said.code == DS__OP_OWN)
        said.own = (size_t)((unsigned char *)(uintptr_t)claim->op->own -
                            ds__me()->image->base);
    if (claim->type != NULL) {
        said.has_type = true;
        said.base = claim->type->base;
        said.bytes = claim->count * claim->type->size;
    }
    if (claim->counts != NULL)
        said.counts = hash_counts(claim->counts, ds__comm_size(comm));
    return said;
}

/* Moves to the record of this call, which may have to be made. */
static ds__agreed *next_record(ds__comm *comm, const ds__agreed *said)
{
    channel *c = channel_of(comm);
    ds__agreed *here = comm->agreed;
    assert((c->oldest == NULL) == (c->newest == NULL));
    ds__agreed *next = here == NULL ? c->oldest : here->next;

    if (next == NULL) {
        next = ds__mpi_room(sizeof(*next));
        *next = *said;
        if (c->newest == NULL)
            c->oldest = next;
        else
            c->newest->next = next;
        c->newest = next;
    }
    c->joined += here == NULL;
    comm->agreed = next;
    if (here != NULL && ++here->passed == count_members(comm)) {
        assert(here == c->oldest);
        c->oldest = here->next;
        free(here);
    }
    return next;
}

void ds__agree_leave(ds__comm *comm)
{
    channel *c;

    if (comm->agreed == NULL)
        return;
    c = channel_of(comm);
    comm->agreed = NULL;
    assert(c->joined > 0);
    if (--c->joined > 0)
        return;
    while (c->oldest != NULL) {
        ds__agreed *next = c->oldest->next;
        free(c->oldest);
        c->oldest = next;
    }
    c->newest = NULL;
}

/* ---- Comparing ------------------------------------------------------------*/

static _Noreturn void disagree(const ds__agreed *theirs, const char *mine,
                               const char *other)
{
    char buf[512];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "collectives do not agree: %s here, and %s for ", mine,
                 other);
    ds__spot_add(&text, &theirs->spot);
    ds__text_add(&text, "; all members of a communicator make the same calls "
                        "in the same order");
    ds__mpi_die(1, "%s", buf);
}

static void compare_roots(const ds__agreed *mine, const ds__agreed *theirs)
{
    char a[32];
    char b[32];

    if (mine->root == theirs->root)
        return;
    ds__format(a, sizeof(a), "a root of %d", mine->root);
    ds__format(b, sizeof(b), "one of %d", theirs->root);
    disagree(theirs, a, b);
}

static const char *op_name(const ds__agreed *a)
{
    return a->code == DS__OP_OWN ? "an operator of the program"
                                 : ds__op_name(a->code);
}

static void compare_ops(const ds__agreed *mine, const ds__agreed *theirs)
{
    if (mine->code != theirs->code)
        disagree(theirs, op_name(mine), op_name(theirs));
    if (mine->own != theirs->own)
        disagree(theirs, op_name(mine), "another one");
}

static void compare_types(const ds__agreed *mine, const ds__agreed *theirs)
{
    char a[80];
    char b[80];

    if (!mine->has_type || !theirs->has_type)
        return;
    const bool alike = mine->bytes == 0 || theirs->bytes == 0 ||
                       ds__bases_fit(mine->base, theirs->base);
    if (mine->bytes == theirs->bytes && alike)
        return;
    ds__format(a, sizeof(a), "%zu of %s (%zu bytes)", mine->count,
               ds__base_name(mine->base), mine->bytes);
    ds__format(b, sizeof(b), "%zu of %s (%zu bytes)", theirs->count,
               ds__base_name(theirs->base), theirs->bytes);
    disagree(theirs, a, b);
}

/* The names of those that do not say so, but for one that need not. */
static bool waits(const char *call)
{
    if (strncmp(call, "MPI_Intercomm", 13) == 0)
        return true;
    return strncmp(call, "MPI_I", 5) != 0 &&
           strncmp(call, "MPI_Neighbor", 12) != 0 &&
           strncmp(call, "MPI_Comm_idup", 13) != 0 &&
           strcmp(call, "MPI_Comm_free") != 0;
}

void ds__agree(ds__comm *comm, const ds__claim *claim)
{
    if (ds__the_world.checking == DS__CHECK_NONE || count_members(comm) == 1)
        return;
    const ds__agreed mine = say(comm, claim);
    ds__agreed *theirs = next_record(comm, &mine);
    assert(theirs->rank < count_members(comm));
    theirs->point = ds__unbuffered_collective(
        theirs->point, &mine.spot, count_members(comm), waits(mine.spot.call));
    if (strcmp(mine.spot.call, theirs->spot.call) != 0)
        disagree(theirs, mine.spot.call, theirs->spot.call);
    compare_roots(&mine, theirs);
    compare_ops(&mine, theirs);
    compare_types(&mine, theirs);
    if (mine.counts != theirs->counts)
        disagree(theirs, "a list of counts", "another list");
}

void ds__agree_on_call(ds__comm *comm)
{
    ds__agree(comm, &(ds__claim){ .root = -1 });
}
