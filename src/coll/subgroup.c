/* Groups of threads that are there already: joined one by one, or made from
 * another group by all of its members.
 *
 * Whoever comes first makes the group, and leaves it with the record of the
 * call (call.c), where the others find it.  A record stays until all have gone
 * on to their next call, so nobody comes too late. */

#include <assert.h>
#include <stdlib.h>

#include "coll/comm.h"
#include "coll/vec.h"
#include "net/net.h"

/* ---- Joining --------------------------------------------------------------*/

ds_comm_group *ds_comm_group_new(ds_loop *loop, ds_net *net,
                                 ds_node *const *nodes, size_t n)
{
    static const char call[] = "ds_comm_group_new";

    if (!ds__members_check(loop, net, nodes, n, call))
        return NULL;
    ds__comm_group *group = ds__members_new(net, n, call);
    while (group != NULL && group->size < n)
        if (!ds__members_add(group, nodes[group->size]))
            return NULL;
    return group;
}

/* Says why a thread of h cannot be the member of a rank, or NULL. */
static const char *fault_of(const ds__comm_group *group, const ds_handle *h,
                            size_t rank)
{
    if (group->loop != ds_handle_loop(h))
        return "the group belongs to another loop";
    if (rank >= group->size)
        return "there is no such rank";
    if (group->members[rank].thread != 0)
        return "a thread has joined as this rank before";
    return NULL;
}

ds_comm *ds_comm_join(ds_comm_group *group, ds_handle *h, size_t rank)
{
    if (!ds__enter(h, "ds_comm_join") || group == NULL)
        return NULL;

    const char *fault = fault_of(group, h, rank);
    if (fault != NULL) {
        ds__fail(ds_handle_loop(h), DS_EMISUSE,
                 "ds_comm_join: rank %zu of a group of %zu: %s", rank,
                 group->size, fault);
        return NULL;
    }
    ds__comm_give(&group->members[rank], h);
    return &group->members[rank];
}

/* Whether its thread is in a collective, or waits for a message. */
static bool is_in_a_call(const ds_comm *c)
{
    return c->call != NULL || c->port->stream.num_places > 0 ||
           c->own->stream.num_places > 0;
}

void ds_comm_take_over(ds_comm *c, ds_handle *h)
{
    static const char call[] = "ds_comm_take_over";

    if (!ds__enter(h, call) || c == NULL)
        return;
    if (c->group->loop != ds_handle_loop(h))
        ds__fail(ds_handle_loop(h), DS_EMISUSE,
                 "%s: the comm belongs to another loop", call);
    else if (is_in_a_call(c))
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: the thread of rank %zu is in %s", call, c->rank,
                 ds__comm_function(c));
    else
        ds__comm_give(c, h);
}

/* ---- Making one of another ------------------------------------------------*/

/* What a member says of itself in a split. */
typedef struct choice {
    int color;
    int key;
} choice;

/* A member of the new group. */
typedef struct place {
    int key;
    size_t rank; /* in the old one */
} place;

static int compare(const void *left, const void *right)
{
    const place *a = left;
    const place *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Adds a member in the place of one of the old group. */
static bool add(ds__comm_group *child, const ds_comm *old)
{
    ds_comm *c = &child->members[child->size];

    if (!ds__members_add(child, ds_port_node(old->port)))
        return false;
    c->was = old->rank;
    if (!ds__comm_is_vacant(old))
        ds__comm_give(c, old->handle);
    return true;
}

/* Makes a group of n members, in the order of places. */
static ds__comm_group *make(ds_comm *c, const place *places, size_t n,
                            int color, const char *call)
{
    ds__comm_group *child = ds__members_new(c->group->net, n, call);
    ds__comm_group **children = ds__call_children(c);

    if (child == NULL)
        return NULL;
    while (child->size < n)
        if (!add(child, &c->group->members[places[child->size].rank]))
            return NULL;
    child->parent = c->group;
    child->color = color;
    child->sibling = *children;
    *children = child;
    return child;
}

static ds__comm_group *find(ds_comm *c, int color)
{
    ds__comm_group *child = *ds__call_children(c);

    while (child != NULL && child->color != color)
        child = child->sibling;
    return child;
}

/* Makes the group of a color, of all who have said it; NULL in choices: all
 * have. */
static ds__comm_group *make_of(ds_comm *c, const choice *choices, int color,
                               const char *call)
{
    const size_t size = c->group->size;
    place *places = malloc(size * sizeof(*places));
    size_t n = 0;

    if (places == NULL) {
        ds__fail_memory(c->group->loop, call);
        return NULL;
    }
    for (size_t i = 0; i < size; i++)
        if (choices == NULL || choices[i].color == color)
            places[n++] = (place){ choices == NULL ? 0 : choices[i].key, i };
    qsort(places, n, sizeof(*places), compare);
    ds__comm_group *child = make(c, places, n, color, call);
    free(places);
    return child;
}

/* Returns what c becomes in the group of a color, which is made if c is the
 * first to ask. */
static ds_comm *become(ds_comm *c, const choice *choices, int color,
                       const char *call)
{
    ds__comm_group *child = find(c, color);

    if (child == NULL)
        child = make_of(c, choices, color, call);
    if (child == NULL)
        return NULL;
    for (size_t i = 0; i < child->size; i++) {
        ds_comm *made = &child->members[i];
        if (made->was != c->rank)
            continue;
        made->mode = c->mode;
        made->eager = c->eager;
        made->path = c->path;
        made->wait = c->wait;
        made->waited = c->waited;
        made->waiter = c->waiter;
        ds__comm_give(made, c->handle);
        return made;
    }
    return NULL;
}

ds_comm *ds_comm_dup(ds_comm *c)
{
    static const char name[] = "ds_comm_dup";
    ds__call call = { .function = name };

    if (!ds__comm_enter(c, name) || !ds__comm_check_between(c, name) ||
        !ds__call_begin(c, &call))
        return NULL;
    ds_comm *made = become(c, NULL, 0, name);
    ds__call_end(c, NULL);
    return made;
}

ds_comm *ds_comm_split(ds_comm *c, int color, int key)
{
    static const char name[] = "ds_comm_split";

    if (!ds__comm_enter(c, name) || !ds__comm_check_between(c, name))
        return NULL;
    ds_vec *mine = ds_vec_new_of(1, sizeof(choice));
    if (mine == NULL) {
        ds__fail_memory(c->group->loop, name);
        return NULL;
    }
    *(choice *)ds_vec_at(mine, 0) = (choice){ color, key };
    ds_vec *all =
        ds__collective_enter(name, &ds_allgather_bruck, c, mine, NULL, 0);
    ds_vec_unref(mine);
    if (all == NULL)
        return NULL;
    assert(all->len == c->group->size && all->data != NULL);
    ds_comm *made =
        color < 0 ? NULL : become(c, ds_vec_at(all, 0), color, name);
    ds_vec_unref(all);
    return made;
}
