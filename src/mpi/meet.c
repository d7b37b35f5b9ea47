/* Those who lead tell each other what the groups are, and then their own. */

#include "mpi/meet.h"

#include <assert.h>

#include "mpi/coll.h"
#include "mpi/split.h"
#include "mpi/step.h"

/* What goes before the members of a group. */
typedef struct head {
    int size;
    int first;   /* its first member, by its number in the world */
    int context; /* that its leader would choose */
} head;

enum { HEAD = sizeof(head) / sizeof(int) };

/* One of the two choices is taken, the same on both sides; the other is lost.
 */
static int *swap_groups(const ds__comm *local, const ds__leader *with,
                        head *theirs)
{
    const ds__mpi_call c = ds__mpi_call_tagged(with->peers, with->tag);
    ds__type *type = ds__type_basic(DS__BASIC_INT);
    const head ours = { ds__comm_size(local), local->group->world[0],
                        ds__comm_context_alone(with->peers) };

    ds__mpi_step_swap(&c, &ours, HEAD, type, with->remote, theirs, HEAD, type,
                      with->remote);
    if (ours.first < theirs->first)
        theirs->context = ours.context;
    assert(theirs->size > 0);
    int *world = ds__mpi_alloc((size_t)theirs->size, sizeof(*world));
    ds__mpi_step_swap(&c, local->group->world, (size_t)ours.size, type,
                      with->remote, world, (size_t)theirs->size, type,
                      with->remote);
    return world;
}

static bool have_common(const ds__group *a, const ds__group *b)
{
    for (int i = 0; i < a->size; i++)
        if (ds__group_find(b, a->world[i]) >= 0)
            return true;
    return false;
}

ds__comm *ds__inter_create(ds__comm *local, int leader, const ds__leader *with)
{
    ds__type *type = ds__type_basic(DS__BASIC_INT);
    int *world = NULL;
    head theirs;

    assert((with != NULL) == (local->rank == leader));
    if (with != NULL)
        world = swap_groups(local, with, &theirs);
    ds__mpi_bcast(local, &theirs, HEAD, type, leader);
    if (with == NULL)
        world = ds__mpi_alloc((size_t)theirs.size, sizeof(*world));
    ds__mpi_bcast(local, world, (size_t)theirs.size, type, leader);
    ds__group *remote = ds__group_new(world, theirs.size);
    if (!have_common(local->group, remote))
        return ds__comm_new_inter(ds__object_hold(local->group), local->rank,
                                  remote, theirs.context, local->errors);
    ds__group_release(remote);
    return NULL;
}

/* ---- Of groups ------------------------------------------------------------*/

/* Members find each other in the world, under a tag that is made of the text.
 */
static int tag_of(const char *name)
{
    uint32_t hash = 2166136261;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619;
    return (int)(hash >> 1);
}

ds__comm *ds__comm_from_group(const ds__group *group, const char *name)
{
    assert(group->size > 0);
    return ds__comm_create_group(ds__me()->world, group, tag_of(name));
}

ds__comm *ds__inter_from_groups(const ds__group *group, int leader,
                                const ds__group *others, int remote,
                                const char *name)
{
    assert(leader >= 0 && leader < group->size && others->size > 0);
    ds__comm *local = ds__comm_from_group(group, name);
    const ds__leader with = {
        .peers = ds__me()->world,
        .remote = local->rank == leader ? others->world[remote] : 0,
        .tag = tag_of(name),
    };
    ds__comm *made =
        ds__inter_create(local, leader, local->rank == leader ? &with : NULL);

    ds__object_remove(local);
    ds__comm_release(local);
    return made;
}

/* ---- Of both --------------------------------------------------------------*/

/* If both are high, or none is, the one whose first member has the lower number
 * in the world comes first. */
static bool comes_first(ds__comm *inter, bool high)
{
    const ds__mpi_call c = ds__mpi_call_begin(inter);
    ds__type *type = ds__type_basic(DS__BASIC_INT);
    const int ours = high;
    int theirs = 0;

    assert(ds__comm_is_inter(inter));
    if (c.rank == 0)
        ds__mpi_step_swap(&c, &ours, 1, type, 0, &theirs, 1, type, 0);
    ds__mpi_bcast(inter->local, &theirs, 1, type, 0);
    if (theirs != ours)
        return theirs;
    return inter->group->world[0] < inter->remote->world[0];
}

ds__comm *ds__inter_merge(ds__comm *inter, bool high)
{
    const int context = ds__comm_context(inter, inter->calls, 0);
    const bool first = comes_first(inter, high);
    ds__group *all = first ? ds__group_union(inter->group, inter->remote)
                           : ds__group_union(inter->remote, inter->group);

    return ds__comm_new(all, inter->rank + (first ? 0 : ds__comm_peers(inter)),
                        context, inter->errors);
}
