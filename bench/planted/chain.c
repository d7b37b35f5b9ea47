/* Registers that a chain keeps, <distsys/chain.h>, and mistakes in it. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/chain_rules.h"

#include <distsys/fault.h>

enum { MEMBERS = 3, MASTER = MEMBERS, CLIENTS = 3, KEYS = 2 };

static void member(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__chain_serve(h, g->shared, g->rules);
}

static void use(ds_handle *h, const group *g)
{
    ds_chain_client c = ds_chain_client_of(h, g->shared, g->ports[group_me(h)]);
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t me = (uint64_t)group_me(h);

    for (size_t i; ds_next(h, &i);) {
        bool writes = ds_random(h) < 0.5;
        uint64_t key = (uint64_t)group_random(h, KEYS);
        int64_t value = 100 * (int64_t)me + (int64_t)i + 1, seen = 0;
        size_t call = ds_history_begin(history, group_time(h), me,
                                       writes ? DS_WRITE : DS_READ,
                                       (int64_t)key, value, 0);
        if (writes ? ds_chain_write(h, &c, key, value)
                   : ds_chain_read(h, &c, key, &seen))
            ds_history_end(history, group_time(h), call, seen);
    }
}

static void lead_or_use(ds_handle *h, void *arg)
{
    const group *g = arg;

    if (group_me(h) == MASTER)
        ds_node_spawn_daemon(ds_handle_node(h), ds_chain_master, g->shared);
    else
        use(h, g);
}

static void build(ds_trial *t, void *mistake, bool craq)
{
    const group_plan plan = {
        .rules = &ds__chain_right,
        .rules_size = sizeof(ds__chain_right),
        .servers = MEMBERS,
        .clients = 1 + CLIENTS,
        .server = member,
        .client = lead_or_use,
        .shared = sizeof(ds_chain),
    };
    const group *g = group_new(t, mistake, &plan);

    *(ds_chain *)g->shared = (ds_chain){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .master = { .net = g->net, .ports = g->ports + MASTER, .n = 1 },
        .craq = craq,
        .lease = 0.25,
        .period = 0.08,
        .again = 0.06,
        .patience = 0.15,
    };
}

static void build_plain(ds_trial *t, void *mistake)
{
    build(t, mistake, false);
}

static void build_craq(ds_trial *t, void *mistake)
{
    build(t, mistake, true);
}

#define CHAIN(title, way, mistake)                                             \
    {                                                                          \
        .name = title, .build = build_##way, .arg = (void *)(mistake),         \
        .operations = 12, .hazards = PLANTED_USUAL,                            \
        .model = &ds_register_model                                            \
    }

static const ds_test plain = CHAIN("chain", plain, NULL);
static const ds_test craq = CHAIN("craq", craq, NULL);

/* ---- P14 ------------------------------------------------------------------*/

static bool always(void)
{
    return true;
}

static const ds__chain_rules dirty = { .shows_dirty = always };
static const ds_test p14 = CHAIN("P14", craq, &dirty);

/* ---- P14b -----------------------------------------------------------------*/

static bool at_any_time(double now, double until)
{
    return true;
}

static const ds__chain_rules no_lease = { .may_read = at_any_time };
static const ds_test p14b = CHAIN("P14b", plain, &no_lease);

/* ---- P14c -----------------------------------------------------------------*/

static const ds__chain_rules hasty = { .reads_incomplete = always };
static const ds_test p14c = CHAIN("P14c", plain, &hasty);

/* ---- P14d -----------------------------------------------------------------*/

static bool is_new(const ds__history *all, const ds__update *u, size_t *which)
{
    return false;
}

static const ds__chain_rules twice = { .is_known = is_new };
static const ds_test p14d = CHAIN("P14d", plain, &twice);

/* ---- P14e -----------------------------------------------------------------*/

static bool keep_all(ds_handle *h, ds__history *all)
{
    return true;
}

static const ds__chain_rules keeps_old = { .begin_anew = keep_all };
static const ds_test p14e = CHAIN("P14e", plain, &keeps_old);

/* ---- P14f -----------------------------------------------------------------*/

static bool keep_in_memory(ds_handle *h, const ds__update *updates, size_t n)
{
    return true;
}

static const ds__chain_rules no_disk = { .keep = keep_in_memory };
static const ds_test p14f = CHAIN("P14f", craq, &no_disk);

/* ---- P14g -----------------------------------------------------------------*/

static const ds_test p14g = CHAIN("P14g", craq, &twice);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P14",
        .title = "CRAQ: a member shows a version without asking the tail "
                 "whether it has that",
        .source = "Terrace, Freedman, USENIX ATC 2009, 2.3",
        .correct = &craq,
        .planted = &p14,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P14b",
        .title = "a tail that was taken out of the chain, and does not know, "
                 "goes on to answer reads",
        .source = "van Renesse, Schneider, OSDI 2004, which takes it for "
                  "crashed",
        .correct = &plain,
        .planted = &p14b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P14c",
        .title = "a new tail answers reads before it has all that the old one "
                 "had",
        .source = "van Renesse, Schneider, OSDI 2004, extending a chain",
        .correct = &plain,
        .planted = &p14c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P14d",
        .title = "a write that a client has asked for again is done again",
        .source =
            "van Renesse, Schneider, OSDI 2004, a storage service interface",
        .correct = &plain,
        .planted = &p14d,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P14e",
        .title = "a member that is appended again keeps what it had",
        .source = "van Renesse, Schneider, OSDI 2004, extending a chain",
        .correct = &plain,
        .planted = &p14e,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P14f",
        .title = "a member passes on what is not on its disk",
        .source = "etcd-io/etcd#14143, of another protocol",
        .correct = &craq,
        .planted = &p14f,
        .end = PLANTED_STUCK,
    },
    {
        .name = "P14g",
        .title =
            "CRAQ: a write that a client has asked for again is done again",
        .source =
            "van Renesse, Schneider, OSDI 2004, a storage service interface",
        .correct = &craq,
        .planted = &p14g,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_chain = PLANTED_FAMILY(rows);
