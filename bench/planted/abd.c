/* The register of a quorum, <distsys/quorum.h>, and mistakes in it. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/quorum_rules.h"

enum { CLIENTS = 3 };

static void replica(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__quorum_serve(h, g->shared, g->rules);
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    ds_quorum_client c =
        ds_quorum_client_of(h, g->shared, g->ports[group_me(h)]);
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t me = (uint64_t)group_me(h);

    for (size_t i; ds_next(h, &i);) {
        bool writes = ds_random(h) < 0.5;
        int64_t value = 100 * (int64_t)me + (int64_t)i + 1, seen = 0;
        size_t call =
            ds_history_begin(history, group_time(h), me,
                             writes ? DS_WRITE : DS_READ, 0, value, 0);
        if (writes ? ds__quorum_write(h, &c, value, g->rules)
                   : ds__quorum_read(h, &c, &seen, g->rules))
            ds_history_end(history, group_time(h), call, seen);
    }
}

static void build(ds_trial *t, void *mistake, int replicas, size_t reads,
                  size_t writes)
{
    const group_plan plan = {
        .rules = &ds__quorum_right,
        .rules_size = sizeof(ds__quorum_right),
        .servers = replicas,
        .clients = CLIENTS,
        .server = replica,
        .client = client,
        .sync_time = 0.01,
        .shared = sizeof(ds_quorum),
    };
    const group *g = group_new(t, mistake, &plan);

    *(ds_quorum *)g->shared = (ds_quorum){
        .group = { .net = g->net, .ports = g->ports, .n = (size_t)replicas },
        .reads = reads,
        .writes = writes,
        .patience = 0.2,
        .thrifty = true,
    };
}

static void build_majority(ds_trial *t, void *mistake)
{
    build(t, mistake, 3, 0, 0);
}

/* Writes are at three of four, so that two are enough to read. */
static void build_quorum(ds_trial *t, void *mistake)
{
    build(t, mistake, 4, 2, 3);
}

#define REGISTER(title, way, mistake)                                          \
    {                                                                          \
        .name = title, .build = build_##way, .arg = (void *)(mistake),         \
        .operations = 8, .hazards = PLANTED_USUAL, .model = &ds_register_model \
    }

#define ABD(title, mistake) REGISTER(title, majority, mistake)

static const ds_test right = ABD("abd", NULL);
static const ds_test quorum = REGISTER("quorum", quorum, NULL);

/* ---- P10 ------------------------------------------------------------------*/

static bool settle_never(const ds_quorum *q, const ds__version *newest,
                         const ds_msg *answers, size_t n)
{
    return false;
}

static const ds__quorum_rules reads_once = { .settles = settle_never };
static const ds_test p10 = ABD("P10", &reads_once);

/* ---- P10b -----------------------------------------------------------------*/

static bool settle_always(const ds_quorum *q, const ds__version *newest,
                          const ds_msg *answers, size_t n)
{
    return true;
}

static const ds__quorum_rules reads_twice = { .settles = settle_always };
static const ds_test p10b = ABD("P10b", &reads_twice);

/* ---- P10c -----------------------------------------------------------------*/

static bool keep_in_cache(ds_handle *h, ds__cell *cell,
                          const ds__version *newer)
{
    return ds__cell_write(h, cell, newer);
}

static const ds__quorum_rules never_syncs = { .keep = keep_in_cache };
static const ds_test p10c = ABD("P10c", &never_syncs);

/* ---- P10d -----------------------------------------------------------------*/

/* Every other write is left out, so that all go to one of the two records. */
static bool keep_in_place(ds_handle *h, ds__cell *cell,
                          const ds__version *newer)
{
    cell->writes++;
    return ds__cell_save(h, cell, newer);
}

static const ds__quorum_rules overwrites = { .keep = keep_in_place };
static const ds_test p10d = ABD("P10d", &overwrites);

/* ---- P10e to P10h ---------------------------------------------------------*/

static size_t one_less_to_read(const ds_quorum *q)
{
    return ds__quorum_right.readers(q) - 1;
}

static size_t half_to_write(const ds_quorum *q)
{
    return q->group.n / 2;
}

static int64_t above_its_own(int64_t seen, int64_t own)
{
    return own + 1;
}

static const ds__quorum_rules reads_less = { .readers = one_less_to_read };
static const ds_test p10e = REGISTER("P10e", quorum, &reads_less);
static const ds__quorum_rules writes_half = { .writers = half_to_write };
static const ds_test p10f = REGISTER("P10f", quorum, &writes_half);
static const ds__quorum_rules counts_alone = { .next = above_its_own };
static const ds_test p10g = REGISTER("P10g", quorum, &counts_alone);
static const ds_test p10h = ABD("P10h", &counts_alone);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P10",
        .title = "a read does not store again what it has read",
        .source = "stateright/stateright, "
                  "examples/linearizable-register.rs",
        .correct = &right,
        .planted = &p10,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P10b",
        .title = "a read stores again also what all answers agree about",
        .source = "Lynch, Shvartsman, FTCS 1997",
        .correct = &right,
        .planted = &p10b,
        .end = PLANTED_WRONG,
        .note = "equivalent",
    },
    {
        .name = "P10c",
        .title = "a replica answers before its disk is in sync",
        .source = "etcd-io/etcd#14143, of another protocol",
        .correct = &right,
        .planted = &p10c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P10d",
        .title = "a replica writes a newer version over the only one it has",
        .source = "Pillai et al., All file systems are not created equal, OSDI "
                  "2014",
        .correct = &right,
        .planted = &p10d,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "P10e",
        .title = "readers and writers are all the replicas, not more",
        .source = "Gifford, SOSP 1979: r + w > N",
        .correct = &quorum,
        .planted = &p10e,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P10f",
        .title = "half of an even number of replicas store it",
        .source = "unixpickle/dist-sys, raft/candidate.go, of another protocol",
        .correct = &quorum,
        .planted = &p10f,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P10g",
        .title = "a writer counts from its own last write",
        .source = "Lynch, Shvartsman, FTCS 1997",
        .correct = &quorum,
        .planted = &p10g,
        .end = PLANTED_WRONG,
    },
    {
        .name = "P10h",
        .title = "a writer asks a majority, and counts from its own last write",
        .source = "Lynch, Shvartsman, FTCS 1997",
        .correct = &right,
        .planted = &p10h,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_abd = PLANTED_FAMILY(rows);
