/* Groups and their members. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "coll/comm.h"
#include "coll/vec.h"
#include "net/net.h"

/* The eager limit of a new comm: 64 KiB, as of Open MPI over TCP (its
 * opal/mca/btl/tcp/btl_tcp_component.c). */
#define EAGER 65536.0

/* ---- Making a group -------------------------------------------------------*/

static void group_free(ds__resident *resident)
{
    ds__comm_group *group = ds__container(resident, ds__comm_group, resident);

    for (size_t i = 0; i < group->size; i++) {
        ds_comm *c = &group->members[i];
        ds__mailbox_clear(&c->early);
        ds__mailbox_clear(&c->announced);
        ds__mailbox_clear(&c->parked);
        ds__mailbox_clear(&c->expected);
    }
    ds__agreements_free(group);
    ds__chain_free(&group->chain);
    free(group);
}

static void group_report(const ds__resident *resident, ds__text *text)
{
    const ds__comm_group *group =
        ds__container((ds__resident *)resident, ds__comm_group, resident);

    ds__calls_report(group, text);
    ds__unread_report(group, text);
}

static void group_ended(ds__resident *resident)
{
    ds__calls_compare(ds__container(resident, ds__comm_group, resident));
}

static void group_check(const ds__resident *resident)
{
    ds__agreements_check(
        ds__container((ds__resident *)resident, ds__comm_group, resident));
}

static void packets_free(ds__resident *resident)
{
    ds__packets *packets = ds__container(resident, ds__packets, resident);

    ds__slab_free(&packets->slab);
    free(packets);
}

/* Of a member that could not go on nobody knows what it would have called. */
static void member_main(ds_handle *h, void *arg)
{
    ds_comm *c = arg;

    c->group->fn(c, c->group->arg);
    if (ds__gone(h))
        c->group->settled = true;
}

bool ds__members_check(ds_loop *loop, const ds_net *net, ds_node *const *nodes,
                       size_t n, const char *call)
{
    if (!ds__may_build(loop, call))
        return false;
    if (net == NULL || nodes == NULL) {
        ds__fail(loop, DS_ENOMEM, "%s: the %s NULL", call,
                 net == NULL ? "network is" : "array of nodes is");
        return false;
    }
    if (net->loop != loop) {
        ds__fail(loop, DS_EMISUSE, "%s: the network belongs to another loop",
                 call);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (nodes[i] == NULL) {
            ds__fail(loop, DS_ENOMEM, "%s: node %zu is NULL", call, i);
            return false;
        }
        if (ds_node_loop(nodes[i]) != loop) {
            ds__fail(loop, DS_EMISUSE, "%s: node %zu belongs to another loop",
                     call, i);
            return false;
        }
    }
    return true;
}

bool ds__members_add(ds__comm_group *group, ds_node *node)
{
    ds_comm *c = &group->members[group->size];

    *c = (ds_comm){
        .group = group,
        .rank = group->size,
        .eager = EAGER,
        .oldest = 1,
    };
    ds__mailbox_init(&c->early);
    ds__mailbox_init(&c->announced);
    ds__mailbox_init(&c->parked);
    ds__mailbox_init(&c->expected);
    c->own = ds_port_new(node);
    c->port = ds_port_new(node);
    group->size++;
    return c->own != NULL && c->port != NULL;
}

void ds__comm_give(ds_comm *c, ds_handle *h)
{
    c->handle = h;
    c->thread = ds__handle_number(h);
}

static ds__packets *packets_new(ds_loop *loop, const char *call)
{
    ds__packets *packets = malloc(sizeof(*packets));

    if (packets == NULL) {
        ds__fail_memory(loop, call);
        return NULL;
    }
    *packets = (ds__packets){
        .resident.free = packets_free,
        .slab.size = sizeof(ds__packet),
    };
    ds__loop_keep_longest(loop, &packets->resident);
    return packets;
}

ds__comm_group *ds__members_new(ds_net *net, size_t n, const char *call)
{
    ds_loop *loop = net->loop;
    const size_t most = (SIZE_MAX - sizeof(ds__comm_group)) / sizeof(ds_comm);
    ds__comm_group *group = NULL;

    if (n <= most && n < DS__ANY)
        group = malloc(sizeof(*group) + n * sizeof(ds_comm));
    if (group == NULL) {
        ds__fail_memory(loop, call);
        return NULL;
    }
    *group = (ds__comm_group){ .loop = loop, .net = net };
    group->resident = (ds__resident){
        .free = group_free,
        .report = group_report,
        .check = group_check,
        .ended = group_ended,
    };
    ds__loop_keep(loop, &group->resident);
    group->packets = packets_new(loop, call);
    return group->packets == NULL ? NULL : group;
}

void ds_comm_spawn(ds_loop *loop, ds_net *net, ds_node *const *nodes, size_t n,
                   ds_comm_fn *fn, void *arg)
{
    static const char call[] = "ds_comm_spawn";

    if (!ds__members_check(loop, net, nodes, n, call))
        return;
    if (fn == NULL) {
        ds__fail(loop, DS_EMISUSE, "%s: the body is NULL", call);
        return;
    }
    ds__comm_group *group = ds__members_new(net, n, call);
    if (group == NULL)
        return;
    group->fn = fn;
    group->arg = arg;
    while (group->size < n)
        if (!ds__members_add(group, nodes[group->size]))
            return;

    for (size_t i = 0; i < n; i++) {
        ds_comm *c = &group->members[i];
        ds_handle *h = ds__node_spawn(nodes[i], member_main, c, false, call);
        if (h == NULL || !ds__set_handle_name(h, "rank %zu", i))
            return;
        ds__comm_give(c, h);
    }
}

/* ---- Asking ---------------------------------------------------------------*/

ds_handle *ds_comm_handle(ds_comm *c)
{
    return c == NULL ? NULL : c->handle;
}

size_t ds_comm_rank(const ds_comm *c)
{
    return c == NULL ? 0 : c->rank;
}

size_t ds_comm_size(const ds_comm *c)
{
    return c == NULL ? 0 : c->group->size;
}

ds_net *ds_comm_net(const ds_comm *c)
{
    return c == NULL ? NULL : c->group->net;
}

static bool check_rank(const ds_comm *c, size_t rank, const char *function)
{
    if (rank < c->group->size)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: there is no rank %zu in a comm of %zu members", function,
             rank, c->group->size);
    return false;
}

ds_port *ds_comm_port(const ds_comm *c, size_t rank)
{
    if (c == NULL || !check_rank(c, rank, "ds_comm_port"))
        return NULL;
    return c->group->members[rank].own;
}

/* ---- The mode -------------------------------------------------------------*/

/* Modes and limits are set where all members can do so at the same place. */
bool ds__comm_check_between(ds_comm *c, const char *function)
{
    if (!ds__comm_enter(c, function))
        return false;
    if (c->call == NULL)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: called inside %s, which has begun in %s mode", function,
             c->call->function, ds__mode_name(c->mode));
    return false;
}

ds_comm_mode ds_comm_get_mode(const ds_comm *c)
{
    return c == NULL ? DS_COMM_ASYNC : c->mode;
}

void ds_comm_set_mode(ds_comm *c, ds_comm_mode mode)
{
    if (!ds__comm_check_between(c, "ds_comm_set_mode"))
        return;
    if (ds__mode_name(mode) == NULL)
        ds__fail(c->group->loop, DS_EMISUSE,
                 "ds_comm_set_mode: there is no mode %d", (int)mode);
    else
        c->mode = mode;
}

double ds_comm_get_eager(const ds_comm *c)
{
    return c == NULL ? EAGER : c->eager;
}

void ds_comm_set_eager(ds_comm *c, double bytes)
{
    if (!ds__comm_check_between(c, "ds_comm_set_eager"))
        return;
    if (!(bytes >= 0))
        ds__fail(c->group->loop, DS_EMISUSE,
                 "ds_comm_set_eager: the limit is %g bytes; it is at least 0",
                 bytes);
    else
        c->eager = bytes;
}

/* ---- The critical path ----------------------------------------------------*/

ds_path ds_comm_path(const ds_comm *c)
{
    return c == NULL ? (ds_path){ 0 } : c->path;
}

void ds_comm_keep_path(ds_comm *c)
{
    if (ds__comm_enter(c, "ds_comm_keep_path"))
        c->group->keeps = true;
}

size_t ds_comm_path_messages(const ds_comm *c, uint64_t *messages, size_t max)
{
    if (c == NULL || !c->group->keeps)
        return 0;
    return ds__chain_walk(&c->group->chain, c->last, messages, max);
}

/* A message that had come before it was wanted has delayed nobody, and is not
 * on the path. */
void ds__comm_waited(ds_comm *c, double since, const ds__trip *trip,
                     size_t rank, bool sends)
{
    double now = ds_loop_now(c->group->loop);

    assert(now >= since && trip->start <= now);
    if (now == since)
        return;
    if (c->waited != NULL)
        c->waited(c, since, trip, rank, sends);
    c->path = ds__path_after(trip, now);
    c->last = trip->id;
    if (ds__handle_is_watched(c->handle))
        ds__tell_probe(c->group->loop,
                       (ds__record){ .kind = DS__TELL_BECAUSE,
                                     .who = ds__handle_number(c->handle),
                                     .id = trip->id });
}

/* ---- What must hold -------------------------------------------------------*/

void ds__comm_check(const ds_comm *c)
{
    assert(c == &c->group->members[c->rank]);
    assert(c->call == NULL || c->call->number <= c->calls);
    assert(c->oldest <= c->calls + 1);
    assert(c->eager >= 0 && ds__mode_name(c->mode) != NULL);
    ds__mailbox_check(&c->early);
    ds__mailbox_check(&c->announced);
    ds__mailbox_check(&c->parked);
    ds__mailbox_check(&c->expected);
    for (size_t i = 0; i <= c->parked.mask; i++)
        for (const ds__packet *p = c->parked.buckets[i]; p != NULL;
             p = p->chain)
            assert(!ds__mailbox_has(&c->expected, p->key));
}

/* ---- Checks ---------------------------------------------------------------*/

bool ds__comm_enter(ds_comm *c, const char *function)
{
    if (!ds__enter(c == NULL ? NULL : c->handle, function) ||
        ds__gone(c->handle))
        return false;
    c->function = function;
    return true;
}

bool ds__comm_check_vec(ds_comm *c, const ds_vec *vec, const char *function)
{
    return ds__vec_check(c->group->loop, vec, function, "the vector");
}

bool ds__comm_check_rank(ds_comm *c, size_t rank, const char *function)
{
    return check_rank(c, rank, function);
}

bool ds__comm_check_total(ds_comm *c, size_t len, const char *function)
{
    size_t p = ds_comm_size(c);

    if (len <= SIZE_MAX / p)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: %zu vectors of %zu elements are too many for one; at most "
             "%zu each",
             function, p, len, SIZE_MAX / p);
    return false;
}

const char *ds__comm_function(const ds_comm *c)
{
    return c->call == NULL ? c->function : c->call->function;
}

void ds__comm_fail_memory(ds_comm *c)
{
    ds__fail_memory(c->group->loop, ds__comm_function(c));
}
