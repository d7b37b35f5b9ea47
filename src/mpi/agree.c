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
    int refs; /* the list counts as one */
    ds__group *members;
    ds__group *remote; /* of the other side, if there is one; or NULL */
    bool *came;        /* those of one and then of the other */
    int root;
    ds__op_code code;
    size_t own; /* of an operator of the program, the place of its function */
    bool has_type;
    bool uneven;
    int base; /* of the type */
    size_t count;
    size_t bytes;
    uint64_t counts; /* a hash of them */
};

/* Of one context.  Invariant: fewer members have left it than there are. */
typedef struct channel {
    ds__entry entry;
    int left;
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

static uint64_t hash_counts(ds__list counts, int n)
{
    uint64_t hash = 1;

    for (int i = 0; i < n; i++)
        hash = (hash ^ (uint64_t)ds__list_at(counts, i)) *
               UINT64_C(0x9e3779b97f4a7c15);
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
        said.uneven = claim->uneven;
        said.base = claim->type->base;
        said.bytes = claim->count * claim->type->size;
    }
    if (claim->counts.items != NULL)
        said.counts = hash_counts(claim->counts, ds__comm_size(comm));
    return said;
}

static ds__agreed *make_record(const ds__comm *comm, const ds__agreed *said)
{
    ds__agreed *record = ds__mpi_room(sizeof(*record));

    *record = *said;
    record->members = ds__object_hold(comm->group);
    if (ds__comm_is_inter(comm))
        record->remote = ds__object_hold(comm->remote);
    record->came = ds__mpi_alloc((size_t)count_members(comm), sizeof(bool));
    record->refs = 1;
    return record;
}

ds__agreed *ds__agree_hold(ds__agreed *record)
{
    if (record != NULL)
        record->refs++;
    return record;
}

void ds__agree_release(ds__agreed *record)
{
    if (record == NULL || --record->refs > 0)
        return;
    ds__group_release(record->members);
    if (record->remote != NULL)
        ds__group_release(record->remote);
    free(record->came);
    free(record);
}

/* Notes that this member has come, and that its thread is in it. */
static void come(ds__agreed *record)
{
    const int number = ds__me()->number;
    const int i = ds__group_find(record->members, number);

    assert(i >= 0 || record->remote != NULL);
    if (i >= 0)
        record->came[i] = true;
    else
        record->came[record->members->size +
                     ds__group_find(record->remote, number)] = true;
    ds__me()->now->agreed = record;
}

/* Moves to the record of this call, which may have to be made. */
static ds__agreed *next_record(ds__comm *comm, const ds__agreed *said)
{
    channel *c = channel_of(comm);
    ds__agreed *here = comm->agreed;
    assert((c->oldest == NULL) == (c->newest == NULL));
    ds__agreed *next = here == NULL ? c->oldest : here->next;

    if (next == NULL) {
        next = make_record(comm, said);
        if (c->newest == NULL)
            c->oldest = next;
        else
            c->newest->next = next;
        c->newest = next;
    }
    comm->agreed = next;
    if (here != NULL && ++here->passed == count_members(comm)) {
        assert(here == c->oldest);
        c->oldest = here->next;
        ds__agree_release(here);
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
    assert(c->left < count_members(comm));
    if (++c->left < count_members(comm))
        return;
    c->left = 0;
    while (c->oldest != NULL) {
        ds__agreed *next = c->oldest->next;
        ds__agree_release(c->oldest);
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
    const bool none = !mine->uneven && (mine->bytes == 0 || theirs->bytes == 0);
    const bool alike = none || ds__bases_fit(mine->base, theirs->base);
    if (alike && mine->uneven)
        return;
    if (mine->uneven)
        disagree(theirs, ds__base_name(mine->base),
                 ds__base_name(theirs->base));
    if (alike && mine->bytes == theirs->bytes)
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
    come(theirs);
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

/* ---- Who is missed --------------------------------------------------------*/

static int number_of(const ds__agreed *a, int i)
{
    return i < a->members->size ? a->members->world[i]
                                : a->remote->world[i - a->members->size];
}

int ds__agree_add_absent(const ds__thread *thread, ds__text *text)
{
    enum { SHOWN = 8 };
    const ds__agreed *a = thread->agreed;
    assert(a == NULL || a->refs > 0);
    const int n = a == NULL ? 0
                            : a->members->size +
                                  (a->remote == NULL ? 0 : a->remote->size);
    int first = -1;
    int absent = 0;

    for (int i = 0; i < n; i++) {
        if (a->came[i])
            continue;
        if (first < 0)
            first = number_of(a, i);
        if (absent++ < SHOWN)
            ds__text_add(text, "%s %d", absent == 1 ? "without rank" : ", rank",
                         number_of(a, i));
    }
    if (absent > SHOWN)
        ds__text_add(text, " and %d more", absent - SHOWN);
    return first;
}
