/* A replicated register (Attiya, Bar-Noy, Dolev, JACM 42(1), 1995).  A value is
 * as new as its stamp.  Who writes asks a majority for the newest stamp and
 * stores a newer one at a majority; who reads stores again what it has read. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { REPLICAS = 3, QUORUM = REPLICAS / 2 + 1 };

static const double patience = 0.2;

typedef struct packet { /* a request, and its answer: what the replica has */
    int64_t call;
    int64_t stamp; /* 0: the request only asks */
    int64_t value;
} packet;

typedef struct copy {
    int64_t stamp;
    int64_t value;
} copy;

typedef struct abd_rules {
    /* What a replica does with a newer version before it answers. */
    bool (*keep)(ds_handle *h, const copy *newer);
    /* Whether what was read is to be stored again, of these answers. */
    bool (*settles)(const packet *answers);
} abd_rules;

static bool keep_on_disk(ds_handle *h, const copy *newer)
{
    return group_save(h, "register", newer, sizeof(*newer));
}

static bool settle_always(const packet *answers)
{
    return true;
}

static const abd_rules abd_right = { keep_on_disk, settle_always };

/* ---- Replicas -------------------------------------------------------------*/

static void replica(ds_handle *h, void *arg)
{
    const group *g = arg;
    const abd_rules *rules = g->rules;
    copy mine = { 0, 0 };
    packet p;
    int from;

    if (!group_load(h, "register", &mine, sizeof(mine)))
        return;
    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from)) {
        if (p.stamp > mine.stamp) {
            mine = (copy){ p.stamp, p.value };
            if (!rules->keep(h, &mine))
                return;
        }
        p.stamp = mine.stamp;
        p.value = mine.value;
        group_send(h, g, from, &p, sizeof(p));
    }
}

/* ---- Clients --------------------------------------------------------------*/

typedef struct user {
    const group *g;
    int64_t call;
    int64_t stamp; /* the last that it has used, perhaps in vain */
    packet answers[QUORUM];
} user;

/* False: it is over, or too few have answered. */
static bool ask(ds_handle *h, user *u, packet request)
{
    int got;

    request.call = ++u->call;
    return group_ask(h, u->g, &request, sizeof(request), patience, QUORUM,
                     u->answers, &got) &&
           got == QUORUM;
}

static packet newest(const user *u)
{
    packet best = u->answers[0];

    for (int i = 1; i < QUORUM; i++)
        if (u->answers[i].stamp > best.stamp)
            best = u->answers[i];
    return best;
}

static bool write_value(ds_handle *h, user *u, int64_t value)
{
    if (!ask(h, u, (packet){ 0 }))
        return false;
    int64_t seen = newest(u).stamp;
    u->stamp =
        ((seen > u->stamp ? seen : u->stamp) / GROUP_MAX + 1) * GROUP_MAX +
        group_me(h);
    return ask(h, u, (packet){ .stamp = u->stamp, .value = value });
}

static bool read_value(ds_handle *h, user *u, int64_t *value)
{
    const abd_rules *rules = u->g->rules;

    if (!ask(h, u, (packet){ 0 }))
        return false;
    packet best = newest(u);
    *value = best.value;
    return best.stamp == 0 || !rules->settles(u->answers) || ask(h, u, best);
}

static void client(ds_handle *h, void *arg)
{
    user u = { .g = arg };
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    uint64_t me = (uint64_t)group_me(h);

    for (size_t i; ds_next(h, &i);) {
        bool writes = ds_random(h) < 0.5;
        int64_t value = 100 * (int64_t)me + (int64_t)i + 1, seen = 0;
        size_t call =
            ds_history_begin(history, group_time(h), me,
                             writes ? DS_WRITE : DS_READ, 0, value, 0);
        if (writes ? write_value(h, &u, value) : read_value(h, &u, &seen))
            ds_history_end(history, group_time(h), call, seen);
    }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &abd_right,
        .rules_size = sizeof(abd_right),
        .servers = REPLICAS,
        .clients = 3,
        .server = replica,
        .client = client,
        .sync_time = 0.01,
    };

    group_new(t, mistake, &plan);
}

#define ABD(title, mistake)                                                    \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 8, .hazards = PLANTED_USUAL, .model = &ds_register_model \
    }

static const ds_test right = ABD("abd", NULL);

/* ---- P10 ------------------------------------------------------------------*/

static bool settle_never(const packet *answers)
{
    return false;
}

static const abd_rules reads_once = { .settles = settle_never };
static const ds_test p10 = ABD("P10", &reads_once);

/* ---- P10b -----------------------------------------------------------------*/

/* Two replicas that agree are a majority that has it: nothing is left to do. */
static bool settle_if_they_differ(const packet *answers)
{
    return answers[0].stamp != answers[1].stamp;
}

static const abd_rules reads_fast = { .settles = settle_if_they_differ };
static const ds_test p10b = ABD("P10b", &reads_fast);

/* ---- P10c -----------------------------------------------------------------*/

static bool keep_in_cache(ds_handle *h, const copy *newer)
{
    return group_note(h, "register", newer, sizeof(*newer));
}

static const abd_rules never_syncs = { .keep = keep_in_cache };
static const ds_test p10c = ABD("P10c", &never_syncs);

/* ---- P10d -----------------------------------------------------------------*/

/* Half of the old version may be gone before the new one is there. */
static bool keep_in_place(ds_handle *h, const copy *newer)
{
    return ds_disk_put(h, "register", newer, sizeof(*newer)) && ds_disk_sync(h);
}

static const abd_rules overwrites = { .keep = keep_in_place };
static const ds_test p10d = ABD("P10d", &overwrites);

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
        .title = "a read does not store again what all answers agree about",
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
};

const planted_family planted_abd = PLANTED_FAMILY(rows);
