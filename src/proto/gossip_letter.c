/* Packets of gossip: writing them, sending them, and reading what they tell. */
#include "proto/gossip_rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(ds__gossip_head) == 2 * sizeof(uint64_t), "no padding");
_Static_assert(sizeof(ds__claim) == 9 * sizeof(uint64_t), "no padding");

/* ---- Writing --------------------------------------------------------------*/

/* Makes room for one more of so many of a size; NULL: no memory, and *old is
 * as it was. */
static void *make_room(void *old, size_t n, size_t *max, size_t size)
{
    if (n < *max)
        return old;
    size_t more = *max == 0 ? 1 : 2 * *max;
    void *wider = realloc(old, more * size);
    if (wider != NULL)
        *max = more;
    return wider;
}

void ds__letter_add_claim(ds__letter *l, const ds__claim *claim)
{
    ds__claim *claims =
        make_room(l->claims, l->num_claims, &l->max_claims, sizeof(*claims));

    if (claims == NULL) {
        l->failed = true;
        return;
    }
    l->claims = claims;
    claims[l->num_claims++] = *claim;
}

void ds__letter_add_entry(ds__letter *l, const ds_entry *entry)
{
    ds_entry *entries =
        make_room(l->entries, l->num_entries, &l->max_entries, sizeof(*entry));

    if (entries == NULL) {
        l->failed = true;
        return;
    }
    l->entries = entries;
    entries[l->num_entries++] = *entry;
}

void ds__letter_free(ds__letter *l)
{
    free(l->claims);
    free(l->entries);
}

/* ---- Sending --------------------------------------------------------------*/

static int compare(const void *a, const void *b)
{
    return ds_key_compare(&((const ds_entry *)a)->key,
                          &((const ds_entry *)b)->key);
}

/* An entry may be there for two reasons, and is the same both times. */
static void put_in_order(ds__letter *l)
{
    size_t n = 0;

    if (l->num_entries < 2)
        return;
    qsort(l->entries, l->num_entries, sizeof(*l->entries), compare);
    for (size_t i = 0; i < l->num_entries; i++)
        if (n == 0 || compare(&l->entries[n - 1], &l->entries[i]) != 0)
            l->entries[n++] = l->entries[i];
    l->num_entries = n;
}

/* NULL: no memory. */
static unsigned char *pack(const ds__letter *l, size_t *size)
{
    const ds__gossip_head head = { .claims = (uint32_t)l->num_claims,
                                   .entries = (uint32_t)l->num_entries,
                                   .asks = l->asks };
    size_t claims = l->num_claims * sizeof(*l->claims);
    size_t entries = l->num_entries * sizeof(*l->entries);
    unsigned char *packet = malloc(sizeof(head) + claims + entries);

    if (packet == NULL)
        return NULL;
    memcpy(packet, &head, sizeof(head));
    if (claims > 0)
        memcpy(packet + sizeof(head), l->claims, claims);
    if (entries > 0)
        memcpy(packet + sizeof(head) + claims, l->entries, entries);
    *size = sizeof(head) + claims + entries;
    return packet;
}

bool ds__letter_is_empty(const ds__letter *l)
{
    return !l->asks && l->num_claims == 0 && l->num_entries == 0 && !l->failed;
}

static void empty(ds__letter *l)
{
    l->num_claims = l->num_entries = 0;
    l->asks = l->failed = false;
}

void ds__letter_send(ds_handle *h, const ds_group *g, size_t to, ds__letter *l)
{
    unsigned char *packet = NULL;
    size_t size;

    put_in_order(l);
    if (!l->failed)
        packet = pack(l, &size);
    if (packet == NULL)
        ds_fail(h, "ds_gossip_serve: there is no memory for a packet");
    else
        ds_tell(h, g, to, packet, size);
    free(packet);
    empty(l);
}

/* ---- Reading --------------------------------------------------------------*/

ds__told ds__told_by(const ds_msg *m)
{
    const unsigned char *packet = m->data;
    const ds__gossip_head *head = m->data;
    const size_t claims = head->claims * sizeof(ds__claim);

    assert(m->size ==
           (double)(sizeof(*head) + claims + head->entries * sizeof(ds_entry)));
    return (ds__told){
        .claims = (const void *)(packet + sizeof(*head)),
        .entries = (const void *)(packet + sizeof(*head) + claims),
        .num_claims = head->claims,
        .num_entries = head->entries,
        .asks = head->asks != 0,
    };
}

const ds_entry *ds__told_find(const ds__told *told, const ds_key *key)
{
    const ds_entry wanted = { .key = *key };

    return bsearch(&wanted, told->entries, told->num_entries, sizeof(wanted),
                   compare);
}
