/* A register that can be compared and set, by one round of Paxos for each
 * operation: the value that a majority has is changed and accepted again
 * (Rystsov, CASPaxos, arXiv 1802.07000; lightweight transactions). */
#include <math.h>

#include "bench/planted/acceptor.h"
#include "bench/planted/planted.h"

typedef struct cas_rules {
    acceptor_rules acceptor;
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
static bool run(ds_handle *h, proposer *me, operation *o)
{
    const cas_rules *rules = me->g->rules;
    ballot_packet best;
    bool yes;

    do {
        if (!ds_sleep(h, ds_random(h) * 0.1) ||
            !proposer_prepare(h, me, 0, &best, &yes))
            return false;
    } while (!yes);
    int64_t next = perform(o, best.value);
    if (!rules->settles(o->op))
        return true;
    return proposer_accept(h, me, 0, next, &yes) && yes;
}

static void client(ds_handle *h, void *arg)
{
    proposer me = { .g = arg };
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
        if (!run(h, &me, &o))
            continue;
        known = o.op == DS_READ ? o.result : value;
        ds_history_end(history, group_time(h), call, o.result);
    }
}

static void build(ds_trial *t, void *mistake)
{
    const cas_rules right = { acceptor_right, settle_always };
    const group_plan plan = {
        .rules = &right,
        .rules_size = sizeof(right),
        .servers = ACCEPTORS,
        .clients = 3,
        .server = acceptor_serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
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
