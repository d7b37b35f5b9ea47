/* A watch: a client is told of each newer revision by one of several replicas,
 * some of which lag, and goes to another one if it hears nothing.  It tells
 * that one which revision it wants. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { SERVERS = 3, WRITER = 0, WATCHERS = 4 };

enum { WATCH, EVENT, PULL, NEWEST };

static const double patience = 0.15, writes_every = 0.05;

typedef struct packet {
    int64_t call; /* of WATCH and its EVENT */
    int64_t revision;
    int kind;
} packet;

typedef struct watch_rules {
    /* The least revision that a client wants, of a replica that it comes to. */
    int64_t (*wants)(int64_t seen);
} watch_rules;

static int64_t next_one(int64_t seen)
{
    return seen + 1;
}

static const watch_rules watch_right = { next_one };

/* ---- Servers --------------------------------------------------------------*/

typedef struct replica {
    const group *g;
    int64_t revision;
    packet watches[WATCHERS]; /* those that wait; revision 0: none */
    int who[WATCHERS];
    int next;
} replica;

static void show(ds_handle *h, replica *r)
{
    for (int i = 0; i < WATCHERS; i++) {
        packet *w = &r->watches[i];
        if (w->revision == 0 || w->revision > r->revision)
            continue;
        packet p = { .call = w->call, .revision = r->revision, .kind = EVENT };
        group_send(h, r->g, r->who[i], &p, sizeof(p));
        w->revision = 0;
    }
}

static bool learn(ds_handle *h, replica *r, int64_t revision)
{
    if (revision <= r->revision)
        return true;
    r->revision = revision;
    return group_save(h, "revision", &revision, sizeof(revision));
}

/* A new one takes the place of the oldest. */
static void add_watch(replica *r, const packet *p, int from)
{
    r->watches[r->next] = *p;
    r->who[r->next] = from;
    r->next = (r->next + 1) % WATCHERS;
}

static bool take(ds_handle *h, replica *r, packet p, int from)
{
    switch (p.kind) {
    case WATCH:
        add_watch(r, &p, from);
        break;
    case PULL:
        p.kind = NEWEST;
        p.revision = r->revision;
        group_send(h, r->g, from, &p, sizeof(p));
        break;
    case NEWEST:
        if (!learn(h, r, p.revision))
            return false;
        break;
    }
    show(h, r);
    return true;
}

/* The writer makes a revision, and the others ask for it. */
static bool act(ds_handle *h, replica *r)
{
    const packet p = { .kind = PULL };

    if (group_me(h) != WRITER) {
        group_send(h, r->g, WRITER, &p, sizeof(p));
        return true;
    }
    if (!learn(h, r, r->revision + 1))
        return false;
    show(h, r);
    return true;
}

static void serve(ds_handle *h, void *arg)
{
    replica r = { .g = arg };
    double again = ds_now(h) + writes_every;
    packet p;
    int from;

    if (!group_load(h, "revision", &r.revision, sizeof(r.revision)))
        return;
    while (group_recv(h, r.g, again - ds_now(h), &p, sizeof(p), &from)) {
        if (from != NOBODY) {
            if (!take(h, &r, p, from))
                return;
            continue;
        }
        if (!act(h, &r))
            return;
        again = ds_now(h) + writes_every;
    }
}

/* ---- The client -----------------------------------------------------------*/

typedef struct watcher {
    const group *g;
    int64_t calls;
    int64_t seen;
    int64_t wanted;
    int replica;
} watcher;

static bool next_event(ds_handle *h, watcher *w, int64_t *revision)
{
    const watch_rules *rules = w->g->rules;
    packet a;
    int from = NOBODY;

    while (from == NOBODY) {
        double end = ds_now(h) + patience;
        packet p = { ++w->calls, w->wanted, WATCH };
        group_send(h, w->g, w->replica, &p, sizeof(p));
        do {
            if (!group_recv(h, w->g, end - ds_now(h), &a, sizeof(a), &from))
                return false;
        } while (from != NOBODY && a.call != p.call);
        if (from == NOBODY) {
            w->replica = group_random(h, SERVERS);
            w->wanted = rules->wants(w->seen);
        }
    }
    *revision = a.revision;
    return true;
}

static void client(ds_handle *h, void *arg)
{
    watcher w = { .g = arg, .wanted = 1 };
    int64_t revision;

    for (size_t i; ds_next(h, &i);) {
        if (!next_event(h, &w, &revision))
            return;
        if (revision < w.seen)
            ds_fail(h, "revision %d comes after %d", (int)revision,
                    (int)w.seen);
        w.seen = revision;
        w.wanted = revision + 1;
    }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &watch_right,
        .rules_size = sizeof(watch_right),
        .servers = SERVERS,
        .clients = 2,
        .server = serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
}

#define WATCHES(title, mistake)                                                \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .operations = 40, .hazards = PLANTED_USUAL                             \
    }

static const ds_test right = WATCHES("watch", NULL);

/* ---- X20 ------------------------------------------------------------------*/

static int64_t any(int64_t seen)
{
    return 1;
}

static const watch_rules forgetful = { any };
static const ds_test x20 = WATCHES("X20", &forgetful);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X20",
        .title = "a client that comes to another replica does not say what it "
                 "has seen",
        .source = "etcd-io/etcd#15271",
        .correct = &right,
        .planted = &x20,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_watch = PLANTED_FAMILY(rows);
