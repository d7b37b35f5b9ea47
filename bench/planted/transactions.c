/* Transactions on two accounts of one customer, who may overdraw one as long as
 * there is enough in both.  A client reads a snapshot, writes one account, and
 * commits if nothing that it has read has changed since; if it has, it begins
 * anew.  What clients are told is judged as operations on both accounts. */
#include <math.h>
#include <string.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { ACCOUNTS = 2 };

enum { BEGIN, COMMIT };

typedef struct snapshot {
    int64_t stamp;
    int64_t balance[ACCOUNTS];
} snapshot;

typedef struct packet {
    int64_t call;
    snapshot seen;
    int64_t balance; /* what the account is to have */
    int kind;
    int account;
    bool done;
} packet;

typedef struct accounts {
    snapshot now;
    int64_t changed[ACCOUNTS]; /* with which stamp */
} accounts;

typedef struct transaction_rules {
    /* Whether something has changed that the transaction depends on. */
    bool (*conflicts)(const accounts *all, int64_t seen, int written);
    /* Whether it begins anew if so, or commits what it has again. */
    bool (*reads_again)(void);
} transaction_rules;

static bool any_has_changed(const accounts *all, int64_t seen, int written)
{
    return all->changed[0] > seen || all->changed[1] > seen;
}

static bool always(void)
{
    return true;
}

static const transaction_rules transactions_right = { any_has_changed, always };

/* ---- The store ------------------------------------------------------------*/

static void commit(const transaction_rules *rules, accounts *all, packet *p)
{
    p->done = !rules->conflicts(all, p->seen.stamp, p->account);
    if (!p->done)
        return;
    all->now.balance[p->account] = p->balance;
    all->changed[p->account] = ++all->now.stamp;
}

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    accounts all;
    packet p;
    int from;

    memset(&all, 0, sizeof(all));
    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from)) {
        if (p.kind == COMMIT)
            commit(g->rules, &all, &p);
        p.seen = all.now;
        group_send(h, g, from, &p, sizeof(p));
    }
}

/* ---- Clients --------------------------------------------------------------*/

/* Pays arg[1] into account arg[0]; out of it, if there is as much in both. */
enum { PAY = 1, TOTAL };

static bool allows(const int64_t balance[ACCOUNTS], int64_t amount)
{
    return balance[0] + balance[1] + amount >= 0;
}

static bool ask(ds_handle *h, const group *g, packet *p)
{
    int from;

    group_send(h, g, 0, p, sizeof(*p));
    return group_recv(h, g, INFINITY, p, sizeof(*p), &from);
}

/* *result: 1: it is done; 0: there was not enough. */
static bool pay(ds_handle *h, const group *g, int account, int64_t amount,
                int64_t *result)
{
    const transaction_rules *rules = g->rules;
    packet p = { .kind = BEGIN };

    *result = 0;
    if (!ask(h, g, &p))
        return false;
    while (!p.done) {
        if (p.kind == BEGIN || rules->reads_again()) {
            if (!allows(p.seen.balance, amount))
                return true;
            p.balance = p.seen.balance[account] + amount;
        }
        p.kind = COMMIT;
        p.account = account;
        if (!ask(h, g, &p))
            return false;
    }
    *result = 1;
    return true;
}

static bool add_up(ds_handle *h, const group *g, int64_t *total)
{
    packet p = { .kind = BEGIN };

    if (!ask(h, g, &p))
        return false;
    *total = p.seen.balance[0] + p.seen.balance[1];
    return true;
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t me = (uint64_t)group_me(h);

    for (size_t i; ds_next(h, &i);) {
        bool pays = ds_random(h) < 0.75;
        int account = group_random(h, ACCOUNTS);
        int64_t amount = group_random(h, 2) ? 3 : -3, result;
        size_t call = ds_history_begin(history, group_time(h), me,
                                       pays ? PAY : TOTAL, 0, account, amount);
        if (pays ? !pay(h, g, account, amount, &result)
                 : !add_up(h, g, &result))
            return;
        ds_history_end(history, group_time(h), call, result);
    }
}

/* ---- What is right --------------------------------------------------------*/

static void open_accounts(void *state, int64_t key)
{
}

static bool step(void *state, const ds_call *call)
{
    int64_t *balance = state;

    if (call->op == TOTAL)
        return !call->returned || call->result == balance[0] + balance[1];
    bool allowed = allows(balance, call->arg[1]);
    if (allowed)
        balance[call->arg[0]] += call->arg[1];
    return !call->returned || call->result == (int64_t)allowed;
}

static const ds_model_op operations[] = {
    { "pay", 2, true, true },
    { "total", 0, true, false },
    { NULL, 0, false, false },
};

static const ds_model model = {
    .name = "accounts",
    .size = sizeof(int64_t[ACCOUNTS]),
    .init = open_accounts,
    .step = step,
    .ops = operations,
    .anonymous = true,
};

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &transactions_right,
        .rules_size = sizeof(transactions_right),
        .servers = 1,
        .clients = 2,
        .server = serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
}

#define TRANSACTIONS(title, mistake)                                           \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 12, .calm_after = 0.4, .model = &model                   \
    }

static const ds_test right = TRANSACTIONS("transactions", NULL);

/* ---- X18 ------------------------------------------------------------------*/

/* Snapshot isolation: what was only read does not count. */
static bool written_has_changed(const accounts *all, int64_t seen, int written)
{
    return all->changed[written] > seen;
}

static const transaction_rules isolated = { .conflicts = written_has_changed };
static const ds_test x18 = TRANSACTIONS("X18", &isolated);

/* ---- X19 ------------------------------------------------------------------*/

static bool never(void)
{
    return false;
}

static const transaction_rules blind = { .reads_again = never };
static const ds_test x19 = TRANSACTIONS("X19", &blind);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X18",
        .title = "write skew: two transactions each change what the other has "
                 "read",
        .source = "https://jepsen.io/analyses/postgresql-12.3",
        .correct = &right,
        .planted = &x18,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X19",
        .title = "lost update: after a conflict the old writes are committed "
                 "again",
        .source = "https://jepsen.io/analyses/tidb-2.1.7",
        .correct = &right,
        .planted = &x19,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_transactions = PLANTED_FAMILY(rows);
