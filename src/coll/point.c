/* Vectors between two members, outside collectives. */

#include "coll/comm.h"
#include "coll/vec.h"

/* ---- From anybody ---------------------------------------------------------*/

static const ds__key from_anybody = { .call = 0, .from = DS__ANY };

/* A rendezvous needs to know with whom. */
static bool check_async(ds_comm *c, const char *function, const char *instead)
{
    if (c->mode == DS_COMM_ASYNC)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: a comm in %s mode matches by source; use %s", function,
             ds__mode_name(c->mode), instead);
    return false;
}

static ds__packet *packet_of(ds_comm *c, ds__key key, ds_vec *vec)
{
    return ds__packet_make(c, key, vec, ds__vec_bytes(vec));
}

/* The vector out of a packet, which is freed; both may be NULL. */
static ds_vec *open_packet(ds__packet *packet, size_t *from)
{
    if (packet == NULL)
        return NULL;
    ds_vec *vec = ds_vec_ref(packet->vec);
    if (from != NULL)
        *from = packet->from;
    ds__packet_free(packet);
    return vec;
}

void ds_comm_send(ds_comm *c, size_t to, ds_vec *vec)
{
    if (ds__comm_enter(c, "ds_comm_send") &&
        ds__comm_check_vec(c, vec, "ds_comm_send") &&
        ds__comm_check_rank(c, to, "ds_comm_send") &&
        check_async(c, "ds_comm_send", "ds_comm_send_tag"))
        ds__packet_post(c, to, packet_of(c, from_anybody, vec));
}

void ds_comm_bcast(ds_comm *c, ds_vec *vec)
{
    if (ds__comm_enter(c, "ds_comm_bcast") &&
        ds__comm_check_vec(c, vec, "ds_comm_bcast") &&
        check_async(c, "ds_comm_bcast", "ds_comm_send_tag"))
        ds__packet_post_others(c, from_anybody, vec);
}

ds_vec *ds_comm_recv(ds_comm *c, size_t *from)
{
    if (!ds__comm_enter(c, "ds_comm_recv") ||
        !check_async(c, "ds_comm_recv", "ds_comm_recv_tag"))
        return NULL;
    return open_packet(ds__packet_take(c, from_anybody), from);
}

/* ---- Matched by source and tag --------------------------------------------*/

static ds__key matched(size_t from, unsigned tag)
{
    return (ds__key){ .call = 0, .from = (uint32_t)from, .tag = tag };
}

/* Posts vec, which is borrowed. */
static void post(ds_comm *c, size_t to, unsigned tag, ds_vec *vec)
{
    ds__packet_post_tagged(c, to, packet_of(c, matched(c->rank, tag), vec));
}

void ds_comm_send_tag(ds_comm *c, size_t to, unsigned tag, ds_vec *vec)
{
    if (!ds__comm_enter(c, "ds_comm_send_tag") ||
        !ds__comm_check_vec(c, vec, "ds_comm_send_tag") ||
        !ds__comm_check_rank(c, to, "ds_comm_send_tag"))
        return;
    post(c, to, tag, vec);
    ds__packet_flush(c);
}

ds_vec *ds_comm_recv_tag(ds_comm *c, size_t from, unsigned tag)
{
    if (!ds__comm_enter(c, "ds_comm_recv_tag") ||
        !ds__comm_check_rank(c, from, "ds_comm_recv_tag"))
        return NULL;
    ds__key key = ds__packet_expect_tagged(c, matched(from, tag));
    return open_packet(ds__packet_take(c, key), NULL);
}

ds_vec *ds_comm_sendrecv(ds_comm *c, ds_vec *vec, size_t to, unsigned send_tag,
                         size_t from, unsigned recv_tag)
{
    if (!ds__comm_enter(c, "ds_comm_sendrecv") ||
        !ds__comm_check_vec(c, vec, "ds_comm_sendrecv") ||
        !ds__comm_check_rank(c, to, "ds_comm_sendrecv") ||
        !ds__comm_check_rank(c, from, "ds_comm_sendrecv"))
        return NULL;
    ds__key key = ds__packet_expect_tagged(c, matched(from, recv_tag));
    post(c, to, send_tag, vec);
    ds_vec *got = open_packet(ds__packet_take(c, key), NULL);
    if (ds__packet_flush(c))
        return got;
    ds_vec_unref(got);
    return NULL;
}
