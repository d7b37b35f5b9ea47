/* A replica of a machine, and the sessions of its clients.
 *
 * The one idea: what a client has had done last is part of the state, and so
 * all replicas know of a request that is in the log twice (Ongaro's thesis,
 * section 6.3). */
#include "proto/machine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/history.h>

/* ---- Machines -------------------------------------------------------------*/

static int64_t apply_to_register(void *state, const ds_command *c)
{
    int64_t *value = state;
    bool equal = *value == c->arg[0];

    if (c->op == DS_READ)
        return *value;
    if (c->op == DS_WRITE)
        *value = c->arg[0];
    else if (equal)
        *value = c->arg[1];
    return c->op == DS_CAS && equal;
}

static int64_t look_at_number(const void *state, const ds_command *c)
{
    return *(const int64_t *)state;
}

static int64_t apply_to_counter(void *state, const ds_command *c)
{
    int64_t *sum = state;

    if (c->op != DS_COUNTER_READ)
        *sum += c->arg[0];
    return c->op == DS_COUNTER_ADD ? 0 : *sum;
}

const ds_machine ds_register_machine = { .size = sizeof(int64_t),
                                         .apply = apply_to_register,
                                         .look = look_at_number };
const ds_machine ds_counter_machine = { .size = sizeof(int64_t),
                                        .apply = apply_to_counter,
                                        .look = look_at_number };

/* ---- Replicas -------------------------------------------------------------*/

bool ds__replica_open(ds_handle *h, ds__replica *r, const ds_machine *machine)
{
    *r = (ds__replica){ .machine = machine };
    r->state = calloc(1, machine->size + 1);
    if (r->state == NULL)
        ds_fail(h, "ds_machine: there is no memory for a state of %zu bytes",
                machine->size);
    return r->state != NULL;
}

void ds__replica_close(ds__replica *r)
{
    free(r->state);
    free(r->done);
}

/* The place of a client, or where it would be. */
static size_t place_of(const ds__replica *r, uint64_t client)
{
    size_t from = 0, to = r->n;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (r->done[middle].client < client)
            from = middle + 1;
        else
            to = middle;
    }
    assert(from == r->n || r->done[from].client >= client);
    return from;
}

static bool is_at(const ds__replica *r, size_t place, uint64_t client)
{
    return place < r->n && r->done[place].client == client;
}

static const ds__done nothing = { .number = 0 };

const ds__done *ds__replica_done(const ds__replica *r, uint64_t client)
{
    size_t place = place_of(r, client);

    return is_at(r, place, client) ? &r->done[place] : &nothing;
}

static bool make_room(ds_handle *h, ds__replica *r, size_t n)
{
    size_t room = n > 2 * r->room ? n : 2 * r->room;
    ds__done *done =
        n <= r->room ? r->done : realloc(r->done, room * sizeof(*done));

    if (done == NULL && n > 0) {
        ds_fail(h, "ds_machine: there is no memory for %zu sessions", n);
        return false;
    }
    r->room = n <= r->room ? r->room : room;
    r->done = done;
    return true;
}

/* NULL: there is no memory. */
static ds__done *session_of(ds_handle *h, ds__replica *r, uint64_t client)
{
    size_t place = place_of(r, client);

    if (is_at(r, place, client))
        return &r->done[place];
    if (!make_room(h, r, r->n + 1))
        return NULL;
    memmove(&r->done[place + 1], &r->done[place],
            (r->n - place) * sizeof(*r->done));
    r->done[place] = (ds__done){ .client = client };
    r->n++;
    return &r->done[place];
}

const ds__done *ds__replica_do(ds_handle *h, ds__replica *r,
                               const ds__request *request)
{
    ds__done *done = session_of(h, r, request->client);

    if (done == NULL)
        return &nothing;
    done->number = request->number;
    done->result = request->command.op == DS__OWN
                       ? 0
                       : r->machine->apply(r->state, &request->command);
    return done;
}

bool ds__was_done(const ds__done *done, const ds__request *request)
{
    return request->number <= done->number;
}

/* ---- Snapshots ------------------------------------------------------------*/

/* The state, and behind it the sessions. */
size_t ds__replica_size(const ds__replica *r)
{
    return r->machine->size + r->n * sizeof(*r->done);
}

void ds__replica_save(const ds__replica *r, void *snapshot)
{
    unsigned char *to = snapshot;

    memcpy(to, r->state, r->machine->size);
    if (r->n > 0)
        memcpy(to + r->machine->size, r->done, r->n * sizeof(*r->done));
}

void ds__replica_load(ds_handle *h, ds__replica *r, const void *snapshot,
                      size_t size)
{
    const unsigned char *from = snapshot;
    const size_t n = (size - r->machine->size) / sizeof(*r->done);

    assert(size >= r->machine->size);
    if (!make_room(h, r, n))
        return;
    memcpy(r->state, from, r->machine->size);
    if (n > 0)
        memcpy(r->done, from + r->machine->size, n * sizeof(*r->done));
    r->n = n;
}
