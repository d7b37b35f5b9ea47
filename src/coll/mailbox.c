/* Packets, and a hash table of queues of them. */

#include <assert.h>
#include <stdlib.h>

#include "base/rng.h"
#include "coll/mailbox.h"

enum { FEW = sizeof((ds__mailbox){ 0 }.few) / sizeof(ds__packet *) };

ds__packet *ds__packet_new(ds__slab *slab, ds__key key, size_t from,
                           ds_vec *vec, double size)
{
    ds__packet *packet = ds__slab_take(slab);

    if (packet != NULL)
        *packet = (ds__packet){
            .key = key,
            .from = (uint32_t)from,
            .place = DS__PACKET_KEPT,
            .slab = slab,
            .vec = ds_vec_ref(vec),
            .trip = { .size = size },
        };
    return packet;
}

void ds__packet_free(void *data)
{
    ds__packet *packet = data;

    if (packet == NULL || packet->place == DS__PACKET_UNUSED)
        return;
    assert(packet->slab != NULL && packet->slab->size == sizeof(*packet));
    packet->place = DS__PACKET_UNUSED;
    ds_vec_unref(packet->vec);
    ds__slab_give(packet->slab, packet);
}

void ds__mailbox_init(ds__mailbox *box)
{
    *box = (ds__mailbox){ .mask = FEW - 1 };
    box->buckets = box->few;
}

static void free_queue(ds__packet *packet)
{
    while (packet != NULL) {
        ds__packet *next = packet->next;
        ds__packet_free(packet);
        packet = next;
    }
}

void ds__mailbox_clear(ds__mailbox *box)
{
    for (size_t i = 0; i <= box->mask; i++) {
        ds__packet *first = box->buckets[i];
        while (first != NULL) {
            ds__packet *chain = first->chain;
            free_queue(first);
            first = chain;
        }
    }
    if (box->buckets != box->few)
        free(box->buckets);
    ds__mailbox_init(box);
}

static ds__packet **bucket_of(const ds__mailbox *box, ds__key key)
{
    uint64_t who = (uint64_t)key.from << 32 | key.tag;

    return &box->buckets[ds__mix(who + ds__mix(key.call ^ (uint64_t)key.number
                                                              << 32)) &
                         box->mask];
}

/* Where the first packet of key hangs, or the end of its chain. */
static ds__packet **find(const ds__mailbox *box, ds__key key)
{
    ds__packet **at = bucket_of(box, key);

    while (*at != NULL && !ds__key_equal((*at)->key, key))
        at = &(*at)->chain;
    return at;
}

/* Without memory the chains just grow longer. */
static void grow(ds__mailbox *box)
{
    ds__mailbox wide = { .mask = box->mask * 2 + 1 };

    wide.buckets = calloc(wide.mask + 1, sizeof(ds__packet *));
    if (wide.buckets == NULL)
        return;
    for (size_t i = 0; i <= box->mask; i++) {
        ds__packet *first = box->buckets[i];
        while (first != NULL) {
            ds__packet *chain = first->chain;
            ds__packet **at = bucket_of(&wide, first->key);
            first->chain = *at;
            *at = first;
            first = chain;
        }
    }
    if (box->buckets != box->few)
        free(box->buckets);
    box->buckets = wide.buckets;
    box->mask = wide.mask;
}

void ds__mailbox_put(ds__mailbox *box, ds__packet *packet)
{
    ds__packet **at = find(box, packet->key);
    ds__packet *first = *at;

    assert(packet->place == DS__PACKET_KEPT);
    packet->next = NULL;
    if (first != NULL) {
        assert(first->last->next == NULL);
        first->last->next = packet;
        first->last = packet;
        return;
    }
    packet->chain = NULL;
    packet->last = packet;
    *at = packet;
    if (++box->keys > box->mask)
        grow(box);
}

ds__packet *ds__mailbox_take(ds__mailbox *box, ds__key key)
{
    ds__packet **at = find(box, key);
    ds__packet *first = *at;

    if (first == NULL)
        return NULL;
    if (first->next == NULL) {
        assert(first->last == first && box->keys > 0);
        *at = first->chain;
        box->keys--;
        return first;
    }
    first->next->last = first->last;
    first->next->chain = first->chain;
    *at = first->next;
    return first;
}

bool ds__mailbox_has(const ds__mailbox *box, ds__key key)
{
    return *find(box, key) != NULL;
}

/* ---- Piles ----------------------------------------------------------------*/

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By what makes piles. */
static int compare(ds__key a, ds__key b)
{
    int order = compare_numbers(a.call, b.call);

    if (order == 0)
        order = compare_numbers(a.from, b.from);
    return order != 0 ? order : compare_numbers(a.tag, b.tag);
}

static size_t length(const ds__packet *first)
{
    size_t n = 0;

    for (; first != NULL; first = first->next)
        n++;
    return n;
}

/* Makes it the pile of this queue, if it comes before, or adds the queue. */
static void consider(const ds__packet *first, ds__pile *pile)
{
    int order = pile->len == 0 ? -1 : compare(first->key, pile->key);

    if (order < 0)
        *pile = (ds__pile){ .key = first->key, .first = first };
    if (order > 0)
        return;
    pile->len += length(first);
    if (first->key.number < pile->first->key.number)
        pile->first = first;
}

bool ds__mailbox_next_pile(const ds__mailbox *box, const ds__key *after,
                           ds__pile *pile)
{
    *pile = (ds__pile){ 0 };
    for (size_t i = 0; i <= box->mask; i++)
        for (const ds__packet *first = box->buckets[i]; first != NULL;
             first = first->chain)
            if (after == NULL || compare(first->key, *after) > 0)
                consider(first, pile);
    return pile->len > 0;
}

/* ---- What must hold -------------------------------------------------------*/

static void check_queue(const ds__packet *first)
{
    const ds__packet *packet = first;

    for (; packet->next != NULL; packet = packet->next) {
        assert(packet->place == DS__PACKET_KEPT);
        assert(ds__key_equal(packet->next->key, first->key));
    }
    assert(packet->place == DS__PACKET_KEPT);
    assert(packet == first->last);
}

void ds__mailbox_check(const ds__mailbox *box)
{
    size_t keys = 0;

    assert((box->mask & (box->mask + 1)) == 0);
    assert((box->buckets == box->few) == (box->mask + 1 == FEW));
    for (size_t i = 0; i <= box->mask; i++)
        for (ds__packet **at = &box->buckets[i]; *at != NULL;
             at = &(*at)->chain) {
            assert(bucket_of(box, (*at)->key) == &box->buckets[i]);
            assert(find(box, (*at)->key) == at); /* no other of its key */
            check_queue(*at);
            keys++;
        }
    assert(keys == box->keys);
}
