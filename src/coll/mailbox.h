/* Packets that came before they were wanted.
 *
 * A packet waits under its key: the call it belongs to, who sent it, and the
 * step of the algorithm or the tag of the program.  Sender and receiver build
 * the same key, so a receiver that takes packets from anybody agrees with its
 * senders on the source DS__ANY, and matching is nothing but equality.  First
 * in, first out under each key; finding a key takes constant time however many
 * packets lie here. */
#ifndef DS_COLL_MAILBOX_H
#define DS_COLL_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include <distsys/loop.h>
#include <distsys/vec.h>

#include "base/slab.h"
#include "coll/path.h"

#define DS__ANY UINT32_MAX

typedef struct ds__key {
    uint64_t call;   /* of a collective, from 1; 0: none, point to point */
    uint32_t from;   /* rank, or DS__ANY */
    uint32_t tag;    /* step or tag */
    uint32_t number; /* of several under one tag, from 1; 0: there is one */
} ds__key;

static inline bool ds__key_equal(ds__key a, ds__key b)
{
    return a.call == b.call && a.from == b.from && a.tag == b.tag &&
           a.number == b.number;
}

/* Where a packet is.  A network of somebody's own may deliver one twice, and
 * then it is not under way when it arrives. */
typedef enum ds__packet_place {
    DS__PACKET_UNUSED, /* in the slab */
    DS__PACKET_KEPT,   /* with a member: in its hands, or in a mailbox */
    DS__PACKET_AWAY,   /* in a message */
} ds__packet_place;

/* What the library's messages carry.  The links belong to the mailbox.  The
 * memory of a packet stays a packet until the loop is freed, so one that comes
 * once too often can be looked at. */
typedef struct ds__packet {
    ds__key key;
    uint32_t from; /* who really sent it */
    uint32_t to;   /* once it is away */
    uint32_t kind; /* for algorithms with several */
    uint32_t mode; /* of whom it belongs to, if it is empty */
    ds__packet_place place;
    ds__slab *slab;           /* that it comes from */
    ds_vec *vec;              /* NULL in an acknowledgement */
    struct ds__edge *edge;    /* that it was posted over, or NULL */
    ds__trip trip;            /* once it is on its way */
    struct ds__packet *chain; /* first of the next key in this bucket */
    struct ds__packet *next;  /* under the same key */
    struct ds__packet *last;  /* in the first of a key: its last one */
} ds__packet;

/* Makes a packet that holds a reference of its own to vec; NULL: no memory. */
ds__packet *ds__packet_new(ds__slab *slab, ds__key key, size_t from,
                           ds_vec *vec, double size);

/* Gives a packet back.  NULL is allowed, and so is one that is unused already.
 */
void ds__packet_free(void *packet);

/* Invariants: buckets has mask + 1 places, a power of two; the chains hold the
 * first packet of each key, keys of them.  few serves until it is too small,
 * so putting a packet away needs no memory and cannot fail. */
typedef struct ds__mailbox {
    ds__packet **buckets;
    size_t mask;
    size_t keys;
    ds__packet *few[8];
} ds__mailbox;

/* The mailbox must not move afterwards. */
void ds__mailbox_init(ds__mailbox *box);
void ds__mailbox_clear(ds__mailbox *box); /* frees what is in it */

void ds__mailbox_put(ds__mailbox *box, ds__packet *packet);
ds__packet *ds__mailbox_take(ds__mailbox *box, ds__key key); /* or NULL */
bool ds__mailbox_has(const ds__mailbox *box, ds__key key);

/* Packets of one call, source and tag, whatever their numbers. */
typedef struct ds__pile {
    ds__key key;
    size_t len;
    const ds__packet *first; /* to be received */
} ds__pile;

/* Finds the pile after that of a key, in the order of call, source and tag, or
 * (NULL) the first one; false: there is none. */
bool ds__mailbox_next_pile(const ds__mailbox *box, const ds__key *after,
                           ds__pile *pile);

/* Asserts what stands above the struct. */
void ds__mailbox_check(const ds__mailbox *box);

#endif
