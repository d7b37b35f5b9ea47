/* Gossip, <distsys/gossip.h>, and mistakes in it.  Clients are members too, and
 * are never down; they write to a few keys, and then wait until all members
 * know the last of what was written to each. */
#include <distsys/gossip.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/gossip_rules.h"

enum { SERVERS = 3, CLIENTS = 2, MEMBERS = SERVERS + CLIENTS, KEYS = 40 };

typedef struct replicas {
    ds_gossip gossip;
    struct ds_gossip_member *members[MEMBERS];
    ds_entry last[KEYS]; /* that was written */
    uint64_t written;
    int busy; /* clients */
} replicas;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__gossip_serve(h, &((const replicas *)g->shared)->gossip, g->rules);
}

static bool has_all(const replicas *r, const ds_entries *known)
{
    for (size_t i = 0; i < KEYS; i++) {
        const ds_entry *last = &r->last[i];
        const ds_entry *found =
            known == NULL ? NULL : ds_entries_find(known, &last->key);
        if (last->rank > 0 && (found == NULL || found->rank != last->rank ||
                               found->value != last->value))
            return false;
    }
    return true;
}

static bool all_know(const replicas *r)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (!has_all(r, ds_gossip_known(&r->gossip, i)))
            return false;
    return true;
}

/* Ranks are one after the other, as if clients had agreed on them. */
static bool write_some(ds_handle *h, replicas *r)
{
    for (int n = 0; n < 4; n++) {
        size_t key = (size_t)group_random(h, KEYS);
        const ds_entry e = { .key = { .object = key },
                             .rank = ++r->written,
                             .value = group_random(h, 1000) };
        r->last[key] = e;
        if (!ds_gossip_add(h, &r->gossip, &e))
            return false;
    }
    return true;
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    replicas *r = g->shared;

    ds_node_spawn_daemon(ds_handle_node(h), serve, arg);
    for (size_t i; ds_next(h, &i);)
        if (!write_some(h, r))
            return;
    r->busy--;
    while (r->busy > 0 || !all_know(r))
        if (!ds_sleep(h, 0.05))
            return;
}

static void build(ds_trial *t, void *mistake, unsigned ways, size_t hot)
{
    const group_plan plan = {
        .rules = &ds__gossip_right,
        .rules_size = sizeof(ds__gossip_right),
        .servers = SERVERS,
        .clients = CLIENTS,
        .server = serve,
        .client = client,
        .shared = sizeof(replicas),
    };
    const group *g = group_new(t, mistake, &plan);
    replicas *r = g->shared;

    r->busy = CLIENTS;
    r->gossip = (ds_gossip){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .ways = ways,
        .period = 0.05,
        .fanout = 1,
        .hot = hot,
        .members = r->members,
    };
}

/* ---- Rumours --------------------------------------------------------------*/

/* Where nothing is lost.  An entry is hot for so long that somebody misses it
 * with a probability of about (3/4)^(4 * 40), 1e-20. */
static void build_rumours(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_GOSSIP_PUSH, 40);
}

#define RUMOURS(title, mistake)                                                \
    {                                                                          \
        .name = title, .build = build_rumours, .arg = (void *)(mistake),       \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER   \
    }

static const ds_test rumours = RUMOURS("gossip-push", NULL);

static bool once(size_t periods, size_t hot)
{
    return periods == 0;
}

static const ds__gossip_rules forgetful = { .is_hot = once };
static const ds_test x29 = RUMOURS("X29", &forgetful);

static bool unless_the_key_was_known(bool key_was_known)
{
    return !key_was_known;
}

static const ds__gossip_rules bored = { .is_rumour = unless_the_key_was_known };
static const ds_test x29b = RUMOURS("X29b", &bored);

/* ---- Anti-entropy ---------------------------------------------------------*/

static void build_anti_entropy(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_GOSSIP_ANTI_ENTROPY, 0);
}

#define ANTI_ENTROPY(title, mistake)                                           \
    {                                                                          \
        .name = title, .build = build_anti_entropy, .arg = (void *)(mistake),  \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test anti_entropy = ANTI_ENTROPY("gossip-anti-entropy", NULL);

/* What was written last of a key is only what came last. */
static ds_entry the_other(const ds_entry *mine, const ds_entry *other)
{
    return *other;
}

static const ds__entries_rules by_arrival = { the_other, ds_entry_hash };
static const ds__gossip_rules careless = { .entries = &by_arrival };
static const ds_test x30 = ANTI_ENTROPY("X30", &careless);

static ds_entry the_greater(const ds_entry *mine, const ds_entry *other)
{
    return ds_entry_is_less(mine, other) ? *other : *mine;
}

static uint64_t hash_key(const ds_entry *entry)
{
    return ds_entry_hash(&(ds_entry){ .key = entry->key });
}

static const ds__entries_rules of_keys = { the_greater, hash_key };
static const ds__gossip_rules blind = { .entries = &of_keys };
static const ds_test x30b = ANTI_ENTROPY("X30b", &blind);

/* Who has less waits for the other to speak. */
static bool unless_the_other_has_less(const ds_entries_sum *mine,
                                      const ds_entries_sum *other)
{
    return mine->count <= other->count;
}

static const ds__gossip_rules polite = { .is_same = unless_the_other_has_less };
static const ds_test x30c = ANTI_ENTROPY("X30c", &polite);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X29",
        .title = "a rumour is told once, and dropped too early",
        .source = "Demers et al., PODC 1987, 1.4",
        .correct = &rumours,
        .planted = &x29,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X29b",
        .title = "another value of a known key is no rumour",
        .source = "Demers et al., PODC 1987, 1.4",
        .correct = &rumours,
        .planted = &x29b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X30",
        .title = "a younger value is overwritten by an older one that comes "
                 "later",
        .source = "Demers et al., PODC 1987, 1.1",
        .correct = &anti_entropy,
        .planted = &x30,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X30b",
        .title = "digests are of keys, without what is written there",
        .source = "DeCandia et al., SOSP 2007, 4.7",
        .correct = &anti_entropy,
        .planted = &x30b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X30c",
        .title = "only who has more entries looks at a difference",
        .source = "Demers et al., PODC 1987, 1.3",
        .correct = &anti_entropy,
        .planted = &x30c,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_gossip = PLANTED_FAMILY(rows);
