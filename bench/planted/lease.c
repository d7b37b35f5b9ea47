/* A lock with a lease, and a store that its holder writes to.  The lock hands
 * out tokens that go up; the store refuses one that is lower than what it has
 * seen, since nobody knows how long a holder pauses before it writes
 * (Kleppmann, How to do distributed locking, 2016). */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { LOCK, STORE, WORKERS, MACHINES = 4 };
enum { ACQUIRE, RELEASE, WRITE };

static const double lease = 0.2, patience = 0.1, work = 0.05;

typedef struct packet { /* a request, and its answer */
    int64_t call;
    int64_t token; /* 0 in the answer of the lock: it is taken */
    int kind;
    bool done;
} packet;

typedef struct lease_rules {
    bool (*admits)(int64_t highest, int64_t token);
} lease_rules;

static bool admit_no_lower(int64_t highest, int64_t token)
{
    return token >= highest;
}

static const lease_rules lease_right = { admit_no_lower };

/* ---- The lock and the store -----------------------------------------------*/

static void lock(ds_handle *h, const group *g)
{
    int64_t token = 0;
    double until = 0;
    packet p;
    int from;

    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from)) {
        if (p.kind == RELEASE && p.token == token)
            until = 0;
        if (p.kind == ACQUIRE && ds_now(h) >= until) {
            p.token = ++token;
            until = ds_now(h) + lease;
        }
        group_send(h, g, from, &p, sizeof(p));
    }
}

static void store(ds_handle *h, const group *g)
{
    const lease_rules *rules = g->rules;
    int64_t highest = 0;
    packet p;
    int from;

    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from)) {
        p.done = rules->admits(highest, p.token);
        if (p.done) {
            ds_observe(h, DS_FACT_USE, 0, p.token);
            if (p.token > highest)
                highest = p.token;
        }
        group_send(h, g, from, &p, sizeof(p));
    }
}

/* ---- Workers --------------------------------------------------------------*/

typedef struct worker {
    const group *g;
    int64_t calls;
} worker;

/* Asks once; *p becomes the answer, or nothing that was done. */
static bool ask(ds_handle *h, worker *w, int to, packet *p)
{
    double end = ds_now(h) + patience;
    packet a;
    int from;

    p->call = ++w->calls;
    group_send(h, w->g, to, p, sizeof(*p));
    do {
        if (!group_recv(h, w->g, end - ds_now(h), &a, sizeof(a), &from))
            return false;
    } while (from != NOBODY && a.call != p->call);
    if (from != NOBODY)
        *p = a;
    return true;
}

static bool acquire(ds_handle *h, worker *w, packet *p)
{
    for (;;) {
        *p = (packet){ .kind = ACQUIRE };
        if (!ask(h, w, LOCK, p))
            return false;
        if (p->token > 0)
            return true;
        if (!ds_sleep(h, ds_random(h) * patience))
            return false;
    }
}

static bool use(ds_handle *h, worker *w)
{
    double began = ds_now(h);
    packet p;

    if (!acquire(h, w, &p))
        return false;
    int64_t token = p.token;
    if (ds_now(h) < began + lease) {
        if (!ds_sleep(h, ds_random(h) * work))
            return false;
        p = (packet){ .kind = WRITE, .token = token };
        if (!ask(h, w, STORE, &p))
            return false;
    }
    p = (packet){ .kind = RELEASE, .token = token };
    return ask(h, w, LOCK, &p);
}

/* ---- Machines -------------------------------------------------------------*/

static void serve(ds_handle *h, void *arg)
{
    switch (group_me(h)) {
    case LOCK:
        lock(h, arg);
        break;
    case STORE:
        store(h, arg);
        break;
    }
}

/* Workers are servers, since clients are never paused. */
static void work_there(ds_handle *h, void *arg)
{
    worker w = { .g = arg };

    if (group_me(h) < WORKERS)
        return;
    for (size_t i; ds_next(h, &i);)
        if (!use(h, &w))
            return;
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &lease_right,
        .rules_size = sizeof(lease_right),
        .servers = MACHINES,
        .server = serve,
        .client = work_there,
    };

    group_watch(t, DS_CHECK_FENCING);
    group_new(t, mistake, &plan);
}

#define LEASE(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL & ~DS_HAZARD_CRASH                            \
    }

static const ds_test right = LEASE("lease", NULL);

/* ---- X4 -------------------------------------------------------------------*/

static bool admit_all(int64_t highest, int64_t token)
{
    return true;
}

static const lease_rules no_fence = { admit_all };
static const ds_test x4 = LEASE("X4", &no_fence);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X4",
        .title = "a store takes what the holder of a lease writes after it",
        .source = "https://martin.kleppmann.com/2016/02/08/"
                  "how-to-do-distributed-locking.html; "
                  "https://jepsen.io/analyses/etcd-3.4.3",
        .correct = &right,
        .planted = &x4,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_lease = PLANTED_FAMILY(rows);
