/* Connections; see the header. */

#include "net/connection.h"

#include <assert.h>

void ds__connections_init(ds__connections *all)
{
    ds__pairs_init(&all->pairs, sizeof(ds__connection));
    all->leaving = NULL;
    all->end_of_leaving = &all->leaving;
}

void ds__connections_free(ds__connections *all)
{
    ds__pairs_free(&all->pairs);
}

static ds__connection *add(ds__connections *all, uint32_t src, uint32_t dst)
{
    ds__pair *pair = ds__pairs_add(&all->pairs, src, dst);

    if (pair == NULL)
        return NULL;
    ds__connection *connection = (ds__connection *)pair;
    connection->line = NULL;
    connection->end_of_line = &connection->line;
    connection->arrived = NULL;
    connection->end_of_arrived = &connection->arrived;
    connection->is_leaving = false;
    return connection;
}

bool ds__connections_join(ds__connections *all, ds__flow *flow)
{
    ds__placed *placed = ds__placed_of(flow);
    ds__pair *pair = ds__pairs_find(&all->pairs, flow->src, flow->dst);

    placed->connection =
        pair != NULL ? (ds__connection *)pair : add(all, flow->src, flow->dst);
    placed->behind = NULL;
    placed->is_ready = false;
    if (placed->connection == NULL)
        return false;
    *placed->connection->end_of_line = flow;
    placed->connection->end_of_line = &placed->behind;
    return true;
}

void ds__connection_advance(ds__connection *connection)
{
    ds__placed *first = ds__placed_of(connection->line);

    assert(first->behind == NULL || first->behind->number > first->flow.number);
    connection->line = first->behind;
    if (connection->line == NULL)
        connection->end_of_line = &connection->line;
}

void ds__connections_end(ds__connections *all, ds__connection *connection)
{
    if (connection->line == NULL && connection->arrived == NULL &&
        !connection->is_leaving)
        ds__pairs_remove(&all->pairs, &connection->base);
}

static void append_leaving(ds__connections *all, ds__connection *connection)
{
    connection->next = NULL;
    connection->is_leaving = true;
    *all->end_of_leaving = connection;
    all->end_of_leaving = &connection->next;
}

void ds__connections_arrive(ds__connections *all, ds__flow *flow)
{
    ds__connection *connection = ds__placed_of(flow)->connection;

    assert(flow->src == connection->base.src &&
           flow->dst == connection->base.dst);
    flow->next = NULL;
    *connection->end_of_arrived = flow;
    connection->end_of_arrived = &flow->next;
    if (!connection->is_leaving)
        append_leaving(all, connection);
}

static ds__flow *take_arrived(ds__connection *connection)
{
    ds__flow *flow = connection->arrived;

    connection->arrived = flow->next;
    if (connection->arrived == NULL)
        connection->end_of_arrived = &connection->arrived;
    return flow;
}

ds__flow *ds__connections_leave(ds__connections *all)
{
    ds__connection *connection = all->leaving;
    ds__flow *list = NULL;
    ds__flow **end = &list;

    all->leaving = NULL;
    all->end_of_leaving = &all->leaving;
    while (connection != NULL) {
        ds__connection *next = connection->next;
        ds__flow *flow = take_arrived(connection);
        *end = flow;
        end = &flow->next;
        connection->is_leaving = false;
        if (connection->arrived != NULL)
            append_leaving(all, connection);
        else
            ds__connections_end(all, connection);
        connection = next;
    }
    *end = NULL;
    return list;
}

ds__flow *ds__connections_hold_back(ds__connections *all, ds__flow *list)
{
    while (list != NULL) {
        ds__flow *flow = list;
        list = flow->next;
        ds__connections_arrive(all, flow);
    }
    return ds__connections_leave(all);
}

/* ---- Invariants -----------------------------------------------------------*/

static void check_connection(const ds__connection *c)
{
    uint64_t number = 0;

    assert(c->line != NULL || c->arrived != NULL);
    assert(c->is_leaving == (c->arrived != NULL));
    for (const ds__flow *f = c->arrived; f != NULL; f = f->next) {
        assert(f->src == c->base.src && f->dst == c->base.dst);
        assert(f->number >= number);
        number = f->number + 1;
    }
    for (const ds__flow *f = c->line; f != NULL;) {
        const ds__placed *placed = (const ds__placed *)f;
        assert(placed->connection == c && f->number >= number);
        assert(f == c->line || !f->is_open);
        number = f->number + 1;
        f = placed->behind;
    }
}

void ds__connections_check(const ds__connections *all)
{
    size_t count = 0;

    ds__pairs_check(&all->pairs);
    for (size_t i = 0; i < all->pairs.num_buckets; i++)
        for (const ds__pair *p = all->pairs.buckets[i]; p; p = p->chain)
            check_connection((const ds__connection *)p);
    for (const ds__connection *c = all->leaving; c != NULL; c = c->next) {
        assert(c->is_leaving);
        count++;
    }
    assert(count <= all->pairs.count);
    (void)count;
}
