/* A lock with a lease, <distsys/mutex.h>, a store that its holders write to,
 * and mistakes in both. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/lease_rules.h"

enum { LOCK, STORE, WORKERS, MACHINES = 4 };

static const double patience = 0.1, work = 0.05;

/* held_by believes until then that nobody else holds it. */
typedef struct lock {
    ds_lease lease;
    ds_group store;
    uint64_t held_by; /* its token */
    double held_until;
} lock;

typedef struct write {
    uint64_t number;
    uint64_t token;
} write;

typedef struct lock_rules {
    ds__lease_rules lease;
    /* The store has a token that is higher than those before, and is about to
     * take what comes with it. */
    bool (*keep_fence)(ds_handle *h, ds__cell *cell, const void *fence);
} lock_rules;

/* ---- The store ------------------------------------------------------------*/

static bool take(ds_handle *h, const lock_rules *rules, ds__cell *cell,
                 ds_fence *fence, const write *w)
{
    if (!rules->lease.admits(fence, w->token))
        return true;
    if (!rules->keep_fence(h, cell, fence))
        return false;
    ds_observe(h, DS_FACT_USE, 0, (int64_t)w->token);
    return true;
}

static void keep_store(ds_handle *h, const group *g)
{
    const lock *l = g->shared;
    ds_fence fence;
    ds__cell cell;
    ds_msg m;
    bool goes_on = ds__cell_open(h, &cell, "fence", &fence, sizeof(fence));

    while (goes_on && ds_recv(h, g->ports[STORE], &m)) {
        write w = *(const write *)m.data;
        goes_on = take(h, g->rules, &cell, &fence, &w);
        if (goes_on)
            ds_answer(h, &l->store, &m, &w, sizeof(w));
        ds_msg_drop(&m);
    }
}

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    const lock *l = g->shared;
    const lock_rules *rules = g->rules;

    if (group_me(h) == LOCK)
        ds__lease_serve(h, &l->lease, &rules->lease);
    if (group_me(h) == STORE)
        keep_store(h, g);
}

/* ---- Workers --------------------------------------------------------------*/

/* Clocks are right in this test. */
static void hold(ds_handle *h, lock *l, const ds_lease_client *c)
{
    if (ds_now(h) < l->held_until)
        ds_fail(h, "token %llu is given before the lease of %llu is over",
                (unsigned long long)c->token, (unsigned long long)l->held_by);
    l->held_by = c->token;
    l->held_until = c->until;
}

static void let_go(ds_handle *h, lock *l, ds_lease_client *c)
{
    if (l->held_by == c->token)
        l->held_until = ds_now(h);
    ds_lease_release(h, c);
}

/* It works, looks at its clock, and writes.  No two have the same token. */
static bool use(ds_handle *h, lock *l, ds_lease_client *c, ds_asker *store)
{
    write w = { .number = 0 };
    ds_msg m;

    if (!ds_lease_acquire(h, c))
        return false;
    hold(h, l, c);
    w.token = c->token;
    ds_observe(h, DS_FACT_DECIDE, (int64_t)w.token, group_me(h));
    if (!ds_sleep(h, ds_random(h) * work))
        return false;
    if (ds_now(h) < c->until && ds_ask(h, store, 0, &w, sizeof(w), &m))
        ds_msg_drop(&m);
    let_go(h, l, c);
    return true;
}

/* Workers are servers, since clients are never paused. */
static void work_there(ds_handle *h, void *arg)
{
    const group *g = arg;
    lock *l = g->shared;
    ds_port *port = g->ports[group_me(h)];

    if (group_me(h) < WORKERS)
        return;
    ds_lease_client c = ds_lease_client_of(h, &l->lease, port);
    ds_asker store = ds_asker_of(h, &l->store, port, patience, 0, false);
    for (size_t i; ds_next(h, &i);)
        if (!use(h, l, &c, &store))
            return;
}

static void build(ds_trial *t, void *mistake)
{
    const lock_rules right = { ds__lease_right, ds__cell_save };
    const group_plan plan = {
        .rules = &right,
        .rules_size = sizeof(right),
        .servers = MACHINES,
        .server = serve,
        .client = work_there,
        .shared = sizeof(lock),
    };

    group_watch(t, DS_CHECK_FENCING | DS_CHECK_AGREEMENT);
    const group *g = group_new(t, mistake, &plan);
    *(lock *)g->shared = (lock){
        .lease = { .group = { g->net, &g->ports[LOCK], 1 },
                   .seconds = 0.2,
                   .again = patience },
        .store = { g->net, &g->ports[STORE], 1 },
    };
}

#define LEASE(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test correct = LEASE("lease", NULL);

/* ---- X4 -------------------------------------------------------------------*/

static bool admit_all(ds_fence *fence, uint64_t token)
{
    return true;
}

static const lock_rules no_fence = { .lease.admits = admit_all };
static const ds_test x4 = LEASE("X4", &no_fence);

/* ---- X4b ------------------------------------------------------------------*/

static bool keep_nothing(ds_handle *h, ds__cell *cell, const uint64_t *token)
{
    return true;
}

static const lock_rules forgets = { .lease.keep = keep_nothing };
static const ds_test x4b = LEASE("X4b", &forgets);

/* ---- X4c ------------------------------------------------------------------*/

static double rest_never(const ds_lease *lease, double now)
{
    return now;
}

static const lock_rules hasty = { .lease.rests = rest_never };
static const ds_test x4c = LEASE("X4c", &hasty);

/* ---- X4d ------------------------------------------------------------------*/

static bool keep_no_fence(ds_handle *h, ds__cell *cell, const void *fence)
{
    return true;
}

static const lock_rules forgetful = { .keep_fence = keep_no_fence };
static const ds_test x4d = LEASE("X4d", &forgetful);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X4",
        .title = "a store takes what the holder of a lease writes after it",
        .source = "https://martin.kleppmann.com/2016/02/08/"
                  "how-to-do-distributed-locking.html; "
                  "https://jepsen.io/analyses/etcd-3.4.3",
        .correct = &correct,
        .planted = &x4,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X4b",
        .title = "a server of leases gives a token twice after a crash",
        .source = "https://martin.kleppmann.com/2016/02/08/"
                  "how-to-do-distributed-locking.html",
        .correct = &correct,
        .planted = &x4b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X4c",
        .title = "a server of leases gives one as soon as it is restarted",
        .source = "Gray, Cheriton, SOSP 1989, 2",
        .correct = &correct,
        .planted = &x4c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X4d",
        .title = "a store forgets in a crash which token was the highest",
        .source = "https://martin.kleppmann.com/2016/02/08/"
                  "how-to-do-distributed-locking.html",
        .correct = &correct,
        .planted = &x4d,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
};

const planted_family planted_lease = PLANTED_FAMILY(rows);
