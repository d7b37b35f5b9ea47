/* Packets, and a hash table of queues of them. */

#include <stdlib.h>

#include "base/rng.h"
#include "coll/mailbox.h"

ds__packet *ds__packet_new(ds__key key, size_t from, ds_vec *vec, double size)
{
    ds__packet *packet = malloc(sizeof(*packet));

    if (packet != NULL)
        *packet = (ds__packet){
            .key = key,
            .from = (uint32_t)from,
            .vec = ds_vec_ref(vec),
            .trip = { .size = size },
        };
    return packet;
}

void ds__packet_free(void *data)
{
    ds__packet *packet = data;

    if (packet == NULL)
        return;
    ds_vec_unref(packet->vec);
    free(packet);
}

void ds__mailbox_init(ds__mailbox *box)
{
    *box = (ds__mailbox){ .mask = sizeof(box->few) / sizeof(box->few[0]) - 1 };
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

    packet->next = NULL;
    if (first != NULL) {
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
