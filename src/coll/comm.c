/* Groups, and packets between their members. */

#include <math.h>
#include <stdlib.h>

#include "coll/comm.h"
#include "net/net.h"

/* ---- Making a group -------------------------------------------------------*/

static void group_free(ds__resident *resident)
{
    ds__group *group = ds__container(resident, ds__group, resident);

    for (size_t i = 0; i < group->size; i++)
        ds__mailbox_clear(&group->members[i].early);
    ds__agreements_free(group);
    free(group);
}

static void member_main(ds_handle *h, void *arg)
{
    ds_comm *c = arg;

    (void)h;
    c->group->fn(c, c->group->arg);
}

static bool check_spawn(ds_loop *loop, ds_net *net, ds_node *const *nodes,
                        size_t n, ds_comm_fn *fn)
{
    if (!ds__may_build(loop, "ds_comm_spawn"))
        return false;
    if (net == NULL || nodes == NULL) {
        ds__fail(loop, DS_ENOMEM, "ds_comm_spawn: the %s NULL",
                 net == NULL ? "network is" : "array of nodes is");
        return false;
    }
    if (net->loop != loop) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_comm_spawn: the network belongs to another loop");
        return false;
    }
    if (fn == NULL) {
        ds__fail(loop, DS_EMISUSE, "ds_comm_spawn: the body is NULL");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (nodes[i] == NULL) {
            ds__fail(loop, DS_ENOMEM, "ds_comm_spawn: node %zu is NULL", i);
            return false;
        }
        if (ds_node_loop(nodes[i]) != loop) {
            ds__fail(loop, DS_EMISUSE,
                     "ds_comm_spawn: node %zu belongs to another loop", i);
            return false;
        }
    }
    return true;
}

static bool member_init(ds__group *group, size_t rank, ds_node *node)
{
    ds_comm *c = &group->members[rank];

    *c = (ds_comm){ .group = group, .rank = rank, .oldest = 1 };
    ds__mailbox_init(&c->early);
    c->own = ds_port_new(node);
    c->port = ds_port_new(node);
    return c->own != NULL && c->port != NULL;
}

static ds__group *group_new(ds_loop *loop, size_t n)
{
    const size_t most = (SIZE_MAX - sizeof(ds__group)) / sizeof(ds_comm);
    ds__group *group = NULL;

    if (n <= most && n < DS__ANY)
        group = malloc(sizeof(*group) + n * sizeof(ds_comm));
    if (group == NULL) {
        ds__fail_memory(loop, "ds_comm_spawn");
        return NULL;
    }
    *group = (ds__group){ .loop = loop };
    group->resident.free = group_free;
    ds__loop_keep(loop, &group->resident);
    return group;
}

void ds_comm_spawn(ds_loop *loop, ds_net *net, ds_node *const *nodes, size_t n,
                   ds_comm_fn *fn, void *arg)
{
    if (!check_spawn(loop, net, nodes, n, fn))
        return;

    ds__group *group = group_new(loop, n);
    if (group == NULL)
        return;
    group->net = net;
    group->fn = fn;
    group->arg = arg;
    for (; group->size < n; group->size++)
        if (!member_init(group, group->size, nodes[group->size]))
            return;

    for (size_t i = 0; i < n; i++) {
        ds_comm *c = &group->members[i];
        c->handle = ds__spawn(loop, member_main, c, false, "ds_comm_spawn");
        if (c->handle == NULL || !ds__set_handle_name(c->handle, "rank %zu", i))
            return;
    }
}

/* ---- Asking ---------------------------------------------------------------*/

ds_handle *ds_comm_handle(ds_comm *c)
{
    return c->handle;
}

size_t ds_comm_rank(const ds_comm *c)
{
    return c->rank;
}

size_t ds_comm_size(const ds_comm *c)
{
    return c->group->size;
}

ds_net *ds_comm_net(const ds_comm *c)
{
    return c->group->net;
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
    if (!check_rank(c, rank, "ds_comm_port"))
        return NULL;
    return c->group->members[rank].own;
}

/* ---- Checks ---------------------------------------------------------------*/

bool ds__comm_enter(ds_comm *c, const char *function)
{
    return ds__enter(c->handle, function) && !ds__over(c->group->loop);
}

bool ds__comm_check_vec(ds_comm *c, const ds_vec *vec, const char *function)
{
    if (vec != NULL)
        return true;
    ds__fail(c->group->loop, DS_ENOMEM, "%s: the vector is NULL", function);
    return false;
}

bool ds__comm_check_rank(ds_comm *c, size_t rank, const char *function)
{
    return check_rank(c, rank, function);
}

void ds__comm_fail_memory(ds_comm *c)
{
    ds__fail_memory(c->group->loop,
                    c->call == NULL ? "ds_comm_send" : c->call->function);
}

/* ---- Sending --------------------------------------------------------------*/

static ds_msg message(const ds_comm *c, size_t to, ds__packet *packet)
{
    return (ds_msg){
        .source = c->port,
        .dest = c->group->members[to].port,
        .data = packet,
        .free = ds__packet_free,
        .size = packet->size,
        .done = packet->done,
    };
}

void ds__packet_send(ds_comm *c, size_t to, ds__packet *packet)
{
    if (packet == NULL)
        ds__comm_fail_memory(c);
    else
        ds_send(c->handle, c->group->net, message(c, to, packet));
}

static void drop_all(ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_msg_drop(&msgs[i]);
}

void ds__packet_send_others(ds_comm *c, ds__key key, ds_vec *vec)
{
    size_t others = c->group->size - 1;
    if (others == 0)
        return;

    double size = DS__ELEMENT_SIZE * (double)vec->len;
    ds_msg *msgs = malloc(others * sizeof(*msgs));
    size_t made = 0;
    for (; msgs != NULL && made < others; made++) {
        ds__packet *packet = ds__packet_new(key, c->rank, vec, size);
        if (packet == NULL)
            break;
        msgs[made] = message(c, made < c->rank ? made : made + 1, packet);
    }
    if (made == others) {
        ds_send_all(c->handle, c->group->net, msgs, others);
    } else {
        drop_all(msgs, made);
        ds__comm_fail_memory(c);
    }
    free(msgs);
}

/* ---- Receiving ------------------------------------------------------------*/

static void note(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    const ds__key key = c->wanted;
    ds__text text;

    ds__text_init(&text, buf, size);
    ds__text_add(&text, "a message ");
    if (c->call != NULL && key.call == c->call->number) {
        const char *algorithm = c->call->algorithm;
        ds__text_add(&text, "of %s call %llu%s%s, ", c->call->function,
                     (unsigned long long)key.call, algorithm ? ", " : "",
                     algorithm ? algorithm : "");
    }
    if (key.from == DS__ANY)
        ds__text_add(&text, "from any rank");
    else
        ds__text_add(&text, "from rank %u, %s %u", key.from,
                     key.call == 0 ? "tag" : "step", key.tag);
}

static bool is_stale(const ds_comm *c, const ds__packet *packet)
{
    return packet->key.call != 0 && packet->key.call < c->oldest;
}

/* Waits for one message, whichever comes; NULL: the simulation is over. */
static ds__packet *next_packet(ds_comm *c, const char *function)
{
    ds_msg msg;

    while (ds__recv(c->handle, c->port, INFINITY, &msg, function)) {
        /* A network of somebody's own could deliver anything here. */
        if (msg.free != ds__packet_free)
            ds_msg_drop(&msg);
        else if (is_stale(c, msg.data))
            ds_msg_drop(&msg);
        else
            return msg.data;
    }
    return NULL;
}

static ds__packet *wait_for(ds_comm *c, ds__key key, const char *function)
{
    ds__packet *packet;

    while ((packet = next_packet(c, function)) != NULL) {
        if (ds__key_equal(packet->key, key))
            return packet;
        ds__mailbox_put(&c->early, packet);
    }
    return NULL;
}

ds__packet *ds__packet_recv(ds_comm *c, ds__key key)
{
    if (ds__over(c->group->loop))
        return NULL;

    ds__packet *packet = ds__mailbox_take(&c->early, key);
    if (packet != NULL)
        return packet;

    const char *function = c->call == NULL ? "ds_comm_recv" : c->call->function;
    c->wanted = key;
    ds__set_note(c->handle, note, c);
    packet = wait_for(c, key, function);
    ds__set_note(c->handle, NULL, NULL);
    return packet;
}

/* ---- Between members, outside collectives ---------------------------------*/

static const ds__key point_to_point = { .call = 0, .from = DS__ANY };

void ds_comm_send(ds_comm *c, size_t to, ds_vec *vec)
{
    if (!ds__comm_enter(c, "ds_comm_send") ||
        !ds__comm_check_vec(c, vec, "ds_comm_send") ||
        !ds__comm_check_rank(c, to, "ds_comm_send"))
        return;

    double size = DS__ELEMENT_SIZE * (double)vec->len;
    ds__packet_send(c, to, ds__packet_new(point_to_point, c->rank, vec, size));
}

void ds_comm_bcast(ds_comm *c, ds_vec *vec)
{
    if (ds__comm_enter(c, "ds_comm_bcast") &&
        ds__comm_check_vec(c, vec, "ds_comm_bcast"))
        ds__packet_send_others(c, point_to_point, vec);
}

ds_vec *ds_comm_recv(ds_comm *c, size_t *from)
{
    if (!ds__comm_enter(c, "ds_comm_recv"))
        return NULL;
    ds__packet *packet = ds__packet_recv(c, point_to_point);
    if (packet == NULL)
        return NULL;

    ds_vec *vec = ds_vec_ref(packet->vec);
    if (from != NULL)
        *from = packet->from;
    ds__packet_free(packet);
    return vec;
}
