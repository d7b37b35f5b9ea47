/* Snapshots, <distsys/snapshot.h>, and mistakes in them: banks move money to
 * and fro, and each snapshot must hold all the money there is. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/snapshot_rules.h"

enum { BANKS = 3, DEPOSIT = 100 };

typedef struct banks {
    ds_snapshot snapshot;
    struct {
        ds_snapshot_member *member;
        int64_t balance;
    } of[BANKS];
    int64_t recorded; /* money, at banks and on links */
} banks;

static void record(ds_handle *h, uint64_t snapshot, void *arg)
{
    banks *all = arg;

    all->recorded += all->of[group_me(h)].balance;
}

static void record_message(ds_handle *h, uint64_t snapshot, const ds_msg *m,
                           void *arg)
{
    ((banks *)arg)->recorded += *(const int64_t *)m->data;
}

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    banks *all = g->shared;
    ds_msg m;

    all->of[group_me(h)].member =
        ds__snapshot_join(h, &all->snapshot, g->rules);
    while (ds_snapshot_recv(h, all->of[group_me(h)].member, &m)) {
        all->of[group_me(h)].balance += *(const int64_t *)m.data;
        ds_msg_drop(&m);
    }
}

static void take_one(ds_handle *h, void *arg)
{
    banks *all = arg;
    uint64_t snapshot;

    all->recorded = 0;
    if (ds_snapshot_take(h, all->of[0].member, &snapshot) &&
        all->recorded != BANKS * DEPOSIT)
        ds_fail(h, "a snapshot has %d of %d", (int)all->recorded,
                BANKS * DEPOSIT);
}

/* Moves money now and then; the first bank takes snapshots in between, and goes
 * on meanwhile. */
static void trade(ds_handle *h, void *arg)
{
    const group *g = arg;
    banks *all = g->shared;
    int me = group_me(h);

    for (size_t i; ds_next(h, &i);)
        for (int n = 0; n < 8; n++) {
            int64_t amount = group_random(h, (int)all->of[me].balance / 2 + 1);
            int to = (me + 1 + group_random(h, BANKS - 1)) % BANKS;
            all->of[me].balance -= amount;
            ds_snapshot_send(h, all->of[me].member, (size_t)to, &amount,
                             sizeof(amount));
            if (me == 0 && n == 4)
                take_one(h, all);
            if (!ds_sleep(h, ds_random(h) * 0.02))
                return;
        }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &ds__snapshot_right,
        .rules_size = sizeof(ds__snapshot_right),
        .servers = BANKS,
        .server = serve,
        .client = trade,
        .shared = sizeof(banks),
    };
    const group *g = group_new(t, mistake, &plan);
    banks *all = g->shared;

    all->snapshot = (ds_snapshot){
        .group = { .net = g->net, .ports = g->ports, .n = BANKS },
        .record = record,
        .record_message = record_message,
        .arg = all,
    };
    for (int i = 0; i < BANKS; i++)
        all->of[i].balance = DEPOSIT;
}

#define SNAPSHOT(title, mistake)                                               \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER   \
    }

static const ds_test right = SNAPSHOT("snapshot", NULL);

/* ---- X7 -------------------------------------------------------------------*/

static bool as_it_comes(uint64_t taken, uint64_t number)
{
    return true;
}

static const ds__snapshot_rules no_order = { .in_turn = as_it_comes };
static const ds_test x7 = SNAPSHOT("X7", &no_order);

/* ---- X7b ------------------------------------------------------------------*/

static bool never(bool marked)
{
    return false;
}

static const ds__snapshot_rules states_only = { .was_under_way = never };
static const ds_test x7b = SNAPSHOT("X7b", &states_only);

/* ---- X7c ------------------------------------------------------------------*/

static bool always(bool marked)
{
    return true;
}

static const ds__snapshot_rules to_the_end = { .was_under_way = always };
static const ds_test x7c = SNAPSHOT("X7c", &to_the_end);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X7",
        .title = "Chandy and Lamport's snapshot on links that do not keep the "
                 "order",
        .source = "Lai, Yang, IPL 25(3), 1987",
        .correct = &right,
        .planted = &x7,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X7b",
        .title = "a snapshot of states without the messages under way",
        .source = "Chandy, Lamport, TOCS 3(1), 1985, 2.2",
        .correct = &right,
        .planted = &x7b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X7c",
        .title = "a snapshot records what comes behind a marker, until all "
                 "have come",
        .source = "Chandy, Lamport, TOCS 3(1), 1985, 3.2",
        .correct = &right,
        .planted = &x7c,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_snapshot = PLANTED_FAMILY(rows);
