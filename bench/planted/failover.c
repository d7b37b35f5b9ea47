/* A set that a primary keeps, and two copies of it.  A monitor, which is never
 * down, makes another server the primary if it does not hear of the one there
 * is: a new view begins when a majority has left the old one, with the newest
 * copy among them.  The primary tells a client that something is done when a
 * majority has it (Liskov, Cowling, MIT-CSAIL-TR-2012-021, with the election
 * left to somebody else). */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { SERVERS = 3, QUORUM = SERVERS / 2 + 1, MONITOR = SERVERS, CLIENTS = 2 };
enum { MOST = 16, WAITERS = 16 };

enum { ADD, DONE, STORE, STORED, PING, PONG, LEAVE, LEFT, LEAD };

static const double period = 0.1;

typedef struct copy {
    int64_t view; /* in which it was made */
    int64_t version;
    uint64_t set;
} copy;

typedef struct packet {
    int64_t call;
    int64_t view;
    copy copy;
    int kind;
    int member; /* of ADD: to be added; NOBODY: it only reads */
} packet;

/* What survives; of a view no older than that of the copy. */
typedef struct memory {
    int64_t view;
    copy mine;
} memory;

typedef struct failover_rules {
    /* How many servers must have what a client is told. */
    int (*waits_for)(bool reads);
    /* Whether the second one is the better primary. */
    bool (*is_newer)(const copy *a, const copy *b);
    /* What a server knows as it is switched on; false: it is over. */
    bool (*recover)(ds_handle *h, memory *m);
} failover_rules;

static int majority(bool reads)
{
    return QUORUM;
}

static bool newer_view_or_version(const copy *a, const copy *b)
{
    return a->view != b->view ? b->view > a->view : b->version > a->version;
}

static bool recover_all(ds_handle *h, memory *m)
{
    return group_load(h, "memory", m, sizeof(*m));
}

static const failover_rules failover_right = { majority, newer_view_or_version,
                                               recover_all };

typedef struct outcome {
    uint64_t acknowledged;
    int busy; /* clients */
} outcome;

/* ---- Servers --------------------------------------------------------------*/

typedef struct server {
    const group *g;
    memory m;
    bool leads;
    int64_t has[SERVERS]; /* which version each has, in its view */
    packet waiting[WAITERS];
    int who[WAITERS];
    int num_waiting;
} server;

static bool save(ds_handle *h, const server *s)
{
    return group_save(h, "memory", &s->m, sizeof(s->m));
}

static void spread(ds_handle *h, const server *s)
{
    packet p = { .kind = STORE, .view = s->m.view, .copy = s->m.mine };

    for (int i = 0; i < SERVERS; i++)
        if (i != group_me(h) && s->has[i] < s->m.mine.version)
            group_send(h, s->g, i, &p, sizeof(p));
}

static int count_having(const server *s, int64_t version)
{
    int n = 0;

    for (int i = 0; i < SERVERS; i++)
        n += s->has[i] >= version;
    return n;
}

static void answer_waiters(ds_handle *h, server *s)
{
    const failover_rules *rules = s->g->rules;

    for (int i = 0; i < s->num_waiting;) {
        packet *p = &s->waiting[i];
        if (count_having(s, p->copy.version) <
            rules->waits_for(p->member == NOBODY)) {
            i++;
            continue;
        }
        p->kind = DONE;
        group_send(h, s->g, s->who[i], p, sizeof(*p));
        s->waiting[i] = s->waiting[--s->num_waiting];
        s->who[i] = s->who[s->num_waiting];
    }
}

/* Each request makes a version, a read too: that a majority has it says that
 * there is no newer view. */
static bool add(ds_handle *h, server *s, packet p, int from)
{
    if (!s->leads || s->num_waiting == WAITERS)
        return true;
    if (p.member != NOBODY)
        s->m.mine.set |= UINT64_C(1) << p.member;
    s->m.mine.version++;
    if (!save(h, s))
        return false;
    s->has[group_me(h)] = s->m.mine.version;
    p.copy = s->m.mine;
    s->waiting[s->num_waiting] = p;
    s->who[s->num_waiting++] = from;
    spread(h, s);
    answer_waiters(h, s);
    return true;
}

static void abdicate(server *s)
{
    s->leads = false;
    s->num_waiting = 0;
}

static bool store(ds_handle *h, server *s, packet p, int from)
{
    if (p.view < s->m.view)
        return true;
    if (p.view > s->m.view)
        abdicate(s);
    if (p.view > s->m.mine.view || p.copy.version > s->m.mine.version) {
        s->m = (memory){ p.view, p.copy };
        if (!save(h, s))
            return false;
    }
    p.kind = STORED;
    group_send(h, s->g, from, &p, sizeof(p));
    return true;
}

static bool leave(ds_handle *h, server *s, packet p, int from)
{
    if (p.view < s->m.view)
        return true;
    if (p.view > s->m.view) {
        abdicate(s);
        s->m.view = p.view;
        if (!save(h, s))
            return false;
    }
    p.kind = LEFT;
    p.copy = s->m.mine;
    group_send(h, s->g, from, &p, sizeof(p));
    return true;
}

/* What it has becomes the first copy of the view. */
static bool lead(ds_handle *h, server *s, const packet *p)
{
    if (p->view != s->m.view || s->m.mine.view == p->view)
        return true;
    s->m.mine.view = p->view;
    s->m.mine.version++;
    if (!save(h, s))
        return false;
    for (int i = 0; i < SERVERS; i++)
        s->has[i] = i == group_me(h) ? s->m.mine.version : 0;
    s->leads = true;
    spread(h, s);
    return true;
}

static bool take(ds_handle *h, server *s, packet p, int from)
{
    switch (p.kind) {
    case ADD:
        return add(h, s, p, from);
    case STORE:
        return store(h, s, p, from);
    case STORED:
        if (s->leads && p.view == s->m.view && p.copy.version > s->has[from])
            s->has[from] = p.copy.version;
        answer_waiters(h, s);
        return true;
    case PING:
        p.kind = PONG;
        p.view = s->leads ? s->m.view : 0;
        group_send(h, s->g, from, &p, sizeof(p));
        return true;
    case LEAVE:
        return leave(h, s, p, from);
    case LEAD:
        return lead(h, s, &p);
    }
    return true;
}

static void serve(ds_handle *h, void *arg)
{
    server s = { .g = arg };
    double again = ds_now(h) + period;
    packet p;
    int from;

    if (!((const failover_rules *)s.g->rules)->recover(h, &s.m))
        return;
    while (group_recv(h, s.g, again - ds_now(h), &p, sizeof(p), &from)) {
        if (from != NOBODY) {
            if (!take(h, &s, p, from))
                return;
            continue;
        }
        if (s.leads)
            spread(h, &s);
        again = ds_now(h) + period;
    }
}

/* ---- The monitor ----------------------------------------------------------*/

/* Gathers a majority in a new view, and names the one with the newest copy. */
static bool begin_view(ds_handle *h, const group *g, int64_t view, int *primary)
{
    const failover_rules *rules = g->rules;
    double end = ds_now(h) + 2 * period;
    bool left[SERVERS] = { false };
    copy best = { -1, 0, 0 };
    packet a, p = { .kind = LEAVE, .view = view };
    int from;

    *primary = NOBODY;
    group_send_all(h, g, &p, sizeof(p));
    for (int n = 0; n < QUORUM;) {
        if (!group_recv(h, g, end - ds_now(h), &a, sizeof(a), &from))
            return false;
        if (from == NOBODY) {
            *primary = NOBODY;
            return true;
        }
        if (a.kind != LEFT || a.view != view || left[from])
            continue;
        left[from] = true;
        n++;
        if (rules->is_newer(&best, &a.copy)) {
            best = a.copy;
            *primary = from;
        }
    }
    p.kind = LEAD;
    group_send(h, g, *primary, &p, sizeof(p));
    return true;
}

/* Whether it says that it is the primary of this view. */
static bool ping(ds_handle *h, const group *g, int primary, int64_t call,
                 int64_t view, bool *leads)
{
    double end = ds_now(h) + period;
    packet a, p = { .call = call, .kind = PING };
    int from;

    *leads = false;
    group_send(h, g, primary, &p, sizeof(p));
    do {
        if (!group_recv(h, g, end - ds_now(h), &a, sizeof(a), &from))
            return false;
        if (from != NOBODY && a.kind == PONG && a.call == call)
            *leads = a.view == view;
    } while (from != NOBODY);
    return true;
}

static void monitor(ds_handle *h, const group *g)
{
    const outcome *all = g->shared;
    int64_t view = 0, call = 0;
    int primary = NOBODY, silent = 0;
    bool leads;

    while (all->busy > 0) {
        if (primary == NOBODY) {
            silent = 0;
            if (!begin_view(h, g, ++view, &primary))
                return;
            continue;
        }
        if (!ping(h, g, primary, ++call, view, &leads))
            return;
        silent = leads ? 0 : silent + 1;
        if (silent == 3)
            primary = NOBODY;
    }
}

/* ---- Clients --------------------------------------------------------------*/

typedef struct user {
    const group *g;
    int64_t calls;
    int primary; /* who it thinks it is */
} user;

/* Until somebody says that it is done; *set is what there is then. */
static bool ask(ds_handle *h, user *u, int member, uint64_t *set)
{
    packet a, p = { .call = ++u->calls, .kind = ADD, .member = member };
    int from = NOBODY;

    while (from == NOBODY) {
        double end = ds_now(h) + 2 * period;
        group_send(h, u->g, u->primary, &p, sizeof(p));
        do {
            if (!group_recv(h, u->g, end - ds_now(h), &a, sizeof(a), &from))
                return false;
        } while (from != NOBODY && a.call != p.call);
        if (from == NOBODY)
            u->primary = (u->primary + 1) % SERVERS;
    }
    *set = a.copy.set;
    return true;
}

static void client(ds_handle *h, const group *g)
{
    outcome *all = g->shared;
    user u = { .g = g };
    int who = group_me(h) - MONITOR - 1;

    for (size_t i; ds_next(h, &i) && i < MOST;) {
        int member = ds_random(h) < 0.5 ? who * MOST + (int)i : NOBODY;
        uint64_t before = all->acknowledged, set;
        if (!ask(h, &u, member, &set))
            return;
        if (member != NOBODY)
            all->acknowledged |= UINT64_C(1) << member;
        if ((before & ~set) != 0)
            ds_fail(h, "%llx was acknowledged, and %llx is there",
                    (unsigned long long)before, (unsigned long long)set);
    }
    all->busy--;
}

static void watch_or_use(ds_handle *h, void *arg)
{
    if (group_me(h) == MONITOR)
        monitor(h, arg);
    else
        client(h, arg);
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &failover_right,
        .rules_size = sizeof(failover_right),
        .servers = SERVERS,
        .clients = 1 + CLIENTS,
        .server = serve,
        .client = watch_or_use,
        .shared = sizeof(outcome),
    };
    group *g = group_new(t, mistake, &plan);

    ((outcome *)g->shared)->busy = CLIENTS;
}

#define FAILOVER(title, mistake)                                               \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = FAILOVER("failover", NULL);

/* ---- X16 ------------------------------------------------------------------*/

static int itself_if_written(bool reads)
{
    return reads ? QUORUM : 1;
}

static const failover_rules asynchronous = { .waits_for = itself_if_written };
static const ds_test x16 = FAILOVER("X16", &asynchronous);

/* ---- X16b -----------------------------------------------------------------*/

static int itself_if_read(bool reads)
{
    return reads ? 1 : QUORUM;
}

static const failover_rules reads_alone = { .waits_for = itself_if_read };
static const ds_test x16b = FAILOVER("X16b", &reads_alone);

/* ---- X16c -----------------------------------------------------------------*/

static bool only_of_newer_view(const copy *a, const copy *b)
{
    return b->view > a->view;
}

static const failover_rules takes_any = { .is_newer = only_of_newer_view };
static const ds_test x16c = FAILOVER("X16c", &takes_any);

/* ---- P8 -------------------------------------------------------------------*/

/* It has its copy, and joins the view of that. */
static bool recover_copy(ds_handle *h, memory *m)
{
    if (!recover_all(h, m))
        return false;
    m->view = m->mine.view;
    return true;
}

static const failover_rules forgets = { .recover = recover_copy };
static const ds_test p8 = FAILOVER("P8", &forgets);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P8",
        .title = "a server forgets in a crash that it has left a view",
        .source = "Michael et al., Recovering shared objects without stable "
                  "storage, DISC 2017",
        .correct = &right,
        .planted = &p8,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "X16",
        .title = "a primary says that it is done before anybody else has it",
        .source = "https://aphyr.com/posts/283-jepsen-redis",
        .correct = &right,
        .planted = &x16,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X16b",
        .title = "a primary that is none any more tells what is in its copy",
        .source = "https://aphyr.com/posts/322-jepsen-mongodb-stale-reads",
        .correct = &right,
        .planted = &x16b,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "X16c",
        .title = "the next primary is any that was in the last view",
        .source = "Kafka, KIP-106: unclean leader election",
        .correct = &right,
        .planted = &x16c,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_failover = PLANTED_FAMILY(rows);
