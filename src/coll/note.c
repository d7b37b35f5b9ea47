/* What a member waits for, in words, and for whom, and what it has not
 * received, for the report of a deadlock. */

#include <assert.h>

#include "coll/comm.h"

/* ---- In words -------------------------------------------------------------*/

/* Adds "rank 3, 5 or 8". */
static void add_peers(ds__text *text, const ds__call *call)
{
    ds__text_add(text, "rank %zu", call->peers[0]);
    for (size_t i = 1; i < call->num_peers; i++)
        ds__text_add(text, "%s%zu", i + 1 < call->num_peers ? ", " : " or ",
                     call->peers[i]);
}

/* Adds whom the member may hear from. */
static void add_ranks(ds__text *text, const ds_comm *c, size_t rank)
{
    if (rank != DS__ANY)
        ds__text_add(text, "rank %zu", rank);
    else if (c->call == NULL || c->call->num_peers == 0)
        ds__text_add(text, "any rank");
    else
        add_peers(text, c->call);
}

/* Adds which collective this is, so that members can be compared. */
static void add_call(ds__text *text, const ds_comm *c)
{
    const char *algorithm = c->call->algorithm;

    ds__text_add(text, " (%s%scall %llu", algorithm == NULL ? "" : algorithm,
                 algorithm == NULL ? "" : ", ",
                 (unsigned long long)c->call->number);
}

static void describe(ds__text *text, const ds_comm *c, ds__key key,
                     const char *preposition, size_t rank)
{
    ds__text_add(text, "a message %s ", preposition);
    add_ranks(text, c, rank);
    if (c->call != NULL && key.call == c->call->number) {
        add_call(text, c);
        if (key.from != DS__ANY)
            ds__text_add(text, ", step %u", key.tag);
        ds__text_add(text, ")");
    } else if (key.from != DS__ANY) {
        ds__text_add(text, ", tag %u", key.tag);
    }
}

void ds__note_take(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    describe(&text, c, c->wanted, "from", c->wanted.from);
}

void ds__note_flush(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    ds__text_add(&text, "the arrival of ");
    describe(&text, c, c->sends.key, "to", c->sends.to);
}

void ds__note_wait(const void *arg, char *buf, size_t size)
{
    const ds_comm *c = arg;
    ds__text text;

    ds__text_init(&text, buf, size);
    if (c->call->num_peers == 0) {
        ds__text_add(&text, "the arrival of its own messages");
    } else {
        ds__text_add(&text, "a message from ");
        add_ranks(&text, c, DS__ANY);
    }
    add_call(&text, c);
    ds__text_add(&text, ")");
}

/* ---- For whom -------------------------------------------------------------*/

/* Adds a member; false: it has no thread, and nobody waits in its place. */
static bool add_member(const ds_comm *c, size_t rank,
                       ds_handle *whom[DS__MAX_WHOM], size_t *n)
{
    const ds_comm *member = &c->group->members[rank];

    assert(*n < DS__MAX_WHOM);
    if (ds__comm_is_vacant(member))
        return false;
    whom[(*n)++] = member->handle;
    return true;
}

/* Adds those that the packet may come from, if the call knows them. */
static bool add_sources(const ds_comm *c, ds_handle *whom[DS__MAX_WHOM],
                        size_t *n)
{
    for (size_t i = 0; i < c->call->num_peers; i++)
        if (!add_member(c, c->call->peers[i], whom, n))
            return false;
    return true;
}

/* Adds the receiver of the last packet over an edge; false: it has received
 * that, and only the network knows how it goes on. */
static bool add_receiver(const ds_comm *c, const ds__edge *edge,
                         ds_handle *whom[DS__MAX_WHOM], size_t *n)
{
    return ds__mailbox_has(&c->group->members[edge->to].parked, edge->key) &&
           add_member(c, edge->to, whom, n);
}

size_t ds__whom_take(const void *arg, ds_handle *whom[DS__MAX_WHOM])
{
    const ds_comm *c = arg;
    size_t n = 0;
    bool known = false;

    if (c->wanted.from != DS__ANY)
        known = add_member(c, c->wanted.from, whom, &n);
    else if (c->call != NULL && c->wanted.call == c->call->number)
        known = add_sources(c, whom, &n);
    return known ? n : 0;
}

/* All that were posted must arrive, so one that is stuck is enough. */
size_t ds__whom_flush(const void *arg, ds_handle *whom[DS__MAX_WHOM])
{
    const ds_comm *c = arg;
    size_t n = 0;

    return add_receiver(c, &c->sends, whom, &n) ? n : 0;
}

size_t ds__whom_wait(const void *arg, ds_handle *whom[DS__MAX_WHOM])
{
    const ds_comm *c = arg;
    size_t n = 0;

    if (!add_sources(c, whom, &n))
        return 0;
    for (size_t i = 0; i < DS__MAX_EDGES; i++)
        if (c->edges[i].busy > 0 && !add_receiver(c, &c->edges[i], whom, &n))
            return 0;
    return n;
}

_Static_assert(2 * DS__MAX_EDGES <= DS__MAX_WHOM, "peers and edges have room");

/* ---- What it has not received ---------------------------------------------*/

#define MAX_PILES 5 /* that are listed of a group */

static void report_pile(const ds_comm *c, const ds__pile *pile, ds__text *text)
{
    bool one = pile->len == 1;

    ds__text_add(text,
                 "\n  rank %zu has %zu message%s that it has not received, "
                 "%s%.12g bytes from rank %u",
                 c->rank, pile->len, one ? "" : "s",
                 one ? "of " : "the first of ", pile->first->trip.size,
                 (unsigned)pile->first->from);
    if (pile->key.call > 0) {
        ds__text_add(text, " (");
        ds__call_describe(c->group, pile->key.call, text);
        if (pile->key.from != DS__ANY)
            ds__text_add(text, ", step %u", (unsigned)pile->key.tag);
        ds__text_add(text, ")");
    } else if (pile->key.from != DS__ANY) {
        ds__text_add(text, ", tag %u", (unsigned)pile->key.tag);
    }
}

/* Adds what c has, if it is among the first few; returns how many piles. */
static size_t report_unread(const ds_comm *c, size_t before, ds__text *text)
{
    ds__pile pile;
    ds__key last;
    size_t n = 0;

    while (before + n < MAX_PILES &&
           ds__mailbox_next_pile(&c->early, n == 0 ? NULL : &last, &pile)) {
        report_pile(c, &pile, text);
        last = pile.key;
        n++;
    }
    return n;
}

void ds__unread_report(const ds__comm_group *group, ds__text *text)
{
    size_t members = 0;
    size_t piles = 0;

    for (size_t i = 0; i < group->size; i++) {
        const ds_comm *c = &group->members[i];
        if (ds__comm_is_vacant(c) || c->early.keys == 0)
            continue;
        if (piles == MAX_PILES)
            members++;
        piles += report_unread(c, piles, text);
    }
    if (members > 0)
        ds__text_add(text, "\n  and %zu more member%s messages not received",
                     members, members == 1 ? " has" : "s have");
}
