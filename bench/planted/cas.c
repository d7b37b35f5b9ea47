/* A register that can be compared and set, by one round of Paxos for each
 * operation: the value that a majority has is changed and accepted again
 * (Rystsov, CASPaxos, arXiv 1802.07000; lightweight transactions). */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/paxos_rules.h"

enum { ACCEPTORS = 3, CLIENTS = 3 };

typedef struct cas_rules {
    /* Whether what the operation leaves is to be accepted before its result is
     * known. */
    bool (*settles)(int op);
} cas_rules;

static bool settle_always(int op)
{
    return true;
}

/* ---- Clients --------------------------------------------------------------*/

typedef struct operation {
    int op;
    int64_t arg[2];
    int64_t result;
} operation;

static int64_t perform(operation *o, int64_t value)
{
    switch (o->op) {
    case DS_READ:
        o->result = value;
        return value;
    case DS_WRITE:
        return o->arg[0];
    default:
        o->result = value == o->arg[0];
        return o->result ? o->arg[1] : value;
    }
}

/* A promise that was refused may be asked for again.  What may have been
 * accepted by anybody may yet be done: false. */
static bool run(ds_handle *h, const cas_rules *rules, ds_paxos_proposer *me,
                operation *o)
{
    ds__vote best;

    do {
        if (!ds_sleep(h, ds_random(h) * 0.1))
            return false;
    } while (!ds__paxos_prepare(h, me, 0, &ds__paxos_right, &best));
    int64_t next = perform(o, best.value);
    return !rules->settles(o->op) ||
           ds__paxos_vote(h, me, 0, &ds__paxos_right, next);
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    ds_paxos_proposer me =
        ds_paxos_proposer_of(h, g->shared, g->ports[group_me(h)]);
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t who = (uint64_t)group_me(h);
    int64_t known = 0;

    for (size_t i; ds_next(h, &i);) {
        operation o = { .op = DS_READ + group_random(h, 3) };
        int64_t value = 100 * (int64_t)who + (int64_t)i + 1;
        o.arg[0] = o.op == DS_CAS ? known : value;
        o.arg[1] = value;
        size_t call = ds_history_begin(history, group_time(h), who, o.op, 0,
                                       o.arg[0], o.arg[1]);
        if (!run(h, g->rules, &me, &o))
            continue;
        known = o.op == DS_READ ? o.result : value;
        ds_history_end(history, group_time(h), call, o.result);
    }
}

static void acceptor(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds_paxos_accept(h, g->shared);
}

static void build(ds_trial *t, void *mistake)
{
    static const cas_rules cas_right = { settle_always };
    const group_plan plan = {
        .rules = &cas_right,
        .rules_size = sizeof(cas_right),
        .servers = ACCEPTORS,
        .clients = CLIENTS,
        .server = acceptor,
        .client = client,
        .shared = sizeof(ds_paxos),
    };
    const group *g = group_new(t, mistake, &plan);

    *(ds_paxos *)g->shared = (ds_paxos){
        .group = { .net = g->net, .ports = g->ports, .n = ACCEPTORS },
        .patience = 0.1,
        .thrifty = true,
    };
}

#define CAS(title, mistake)                                                    \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 8, .hazards = PLANTED_USUAL, .model = &ds_register_model \
    }

static const ds_test right = CAS("cas", NULL);

/* ---- P9 -------------------------------------------------------------------*/

static bool settle_changes(int op)
{
    return op != DS_READ;
}

static const cas_rules reads_once = { .settles = settle_changes };
static const ds_test p9 = CAS("P9", &reads_once);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P9",
        .title = "a read tells what it finds before that is accepted",
        .source = "CASSANDRA-12126; scylladb/scylladb#6299",
        .correct = &right,
        .planted = &p9,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_cas = PLANTED_FAMILY(rows);
