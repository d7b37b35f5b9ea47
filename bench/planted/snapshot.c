/* Snapshots (Chandy, Lamport, TOCS 3(1), 1985): banks move money to and fro,
 * and a marker on each link, behind what was sent before, tells which of it
 * belongs to a snapshot.  Each snapshot must hold all the money there is. */
#include "bench/planted/links.h"
#include "bench/planted/planted.h"

enum { BANKS = 3, DEPOSIT = 100 };

enum { MONEY, MARKER };

typedef struct snapshot_rules {
    link_rule *takes;
} snapshot_rules;

static const snapshot_rules snapshot_right = { link_in_turn };

typedef struct bank {
    links net;
    int64_t balance;
    int64_t snapshot;   /* the last that it takes part in */
    bool marked[BANKS]; /* from whom that one's marker has come */
    int num_marked;
} bank;

/* There is one snapshot at a time. */
typedef struct banks {
    bank of[BANKS];
    int64_t snapshot;
    int64_t recorded; /* money, at banks and on links */
    int complete;     /* how many banks are */
} banks;

/* Records its own state and sends markers. */
static void take_part(ds_handle *h, const group *g, int64_t snapshot)
{
    banks *all = g->shared;
    bank *b = &all->of[group_me(h)];

    b->snapshot = snapshot;
    b->num_marked = 0;
    for (int i = 0; i < BANKS; i++)
        b->marked[i] = false;
    all->recorded += b->balance;
    links_send_others(h, g, &b->net, MARKER, snapshot, 0);
}

static void see_marker(ds_handle *h, const group *g, const link_packet *p)
{
    banks *all = g->shared;
    bank *b = &all->of[group_me(h)];

    if (b->snapshot < p->a)
        take_part(h, g, p->a);
    b->marked[p->from] = true;
    if (++b->num_marked < BANKS - 1 || ++all->complete < BANKS)
        return;
    if (all->recorded != BANKS * DEPOSIT)
        ds_fail(h, "snapshot %d has %d of %d", (int)p->a, (int)all->recorded,
                BANKS * DEPOSIT);
}

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    const snapshot_rules *rules = g->rules;
    banks *all = g->shared;
    bank *b = &all->of[group_me(h)];
    link_packet p;

    while (links_recv(h, g, &b->net, rules->takes, &p)) {
        if (p.kind == MARKER) {
            see_marker(h, g, &p);
            continue;
        }
        b->balance += p.a;
        if (b->snapshot == all->snapshot && b->num_marked < BANKS - 1 &&
            !b->marked[p.from])
            all->recorded += p.a;
    }
}

static void begin_snapshot(ds_handle *h, const group *g)
{
    banks *all = g->shared;

    if (all->snapshot > 0 && all->complete < BANKS)
        return;
    all->complete = 0;
    all->recorded = 0;
    take_part(h, g, ++all->snapshot);
}

/* Moves money now and then; the first bank takes snapshots in between. */
static void trade(ds_handle *h, void *arg)
{
    const group *g = arg;
    int me = group_me(h);
    bank *b = &((banks *)g->shared)->of[me];

    for (size_t i; ds_next(h, &i);)
        for (int n = 0; n < 8; n++) {
            int64_t amount = group_random(h, (int)b->balance / 2 + 1);
            int to = (me + 1 + group_random(h, BANKS - 1)) % BANKS;
            b->balance -= amount;
            links_send(h, g, &b->net, to, MONEY, amount, 0);
            if (me == 0 && n == 4)
                begin_snapshot(h, g);
            if (!ds_sleep(h, ds_random(h) * 0.02))
                return;
        }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &snapshot_right,
        .rules_size = sizeof(snapshot_right),
        .servers = BANKS,
        .server = serve,
        .client = trade,
        .shared = sizeof(banks),
    };
    group *g = group_new(t, mistake, &plan);

    for (int i = 0; i < BANKS; i++)
        ((banks *)g->shared)->of[i].balance = DEPOSIT;
}

#define SNAPSHOT(title, mistake)                                               \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER   \
    }

static const ds_test right = SNAPSHOT("snapshot", NULL);

/* ---- X7 -------------------------------------------------------------------*/

static const snapshot_rules no_order = { link_as_it_comes };
static const ds_test x7 = SNAPSHOT("X7", &no_order);

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
};

const planted_family planted_snapshot = PLANTED_FAMILY(rows);
