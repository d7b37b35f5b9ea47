/* Mutual exclusion.  Lamport's (CACM 21(7), 1978) asks everybody, and enters
 * when its request is the oldest and everybody has said something younger.
 * Maekawa's (TOCS 3(2), 1985) asks a quorum, and any two of those share an
 * arbiter, who grants one request at a time and, if an older one comes, takes
 * the grant back from a holder that has not entered.
 *
 * On each machine a daemon takes packets, and a thread wants to enter again and
 * again.  Both rely on links that keep the order. */
#include "bench/planted/links.h"
#include "bench/planted/planted.h"

enum { MEMBERS = 3, NONE = 0 };

enum { REQUEST, REPLY, RELEASE, GRANT, INQUIRE, YIELD };

typedef struct mutex_rules {
    link_rule *takes;
    /* Whether an arbiter takes a grant back for another request. */
    bool (*inquires)(int64_t granted, int64_t wanted);
} mutex_rules;

/* Requests have stamps that are no two the same; lower ones are older. */
static bool inquire_for_older(int64_t granted, int64_t wanted)
{
    return wanted < granted;
}

static const mutex_rules mutex_right = { link_in_turn, inquire_for_older };

typedef struct member {
    links net;
    int64_t clock;
    int64_t mine; /* the stamp of its request, or NONE */
    bool inside;
    ds_stream *may_enter;

    int64_t requests[MEMBERS]; /* what each wants, as far as it knows */
    int64_t heard[MEMBERS];    /* Lamport: the last stamp of each */

    int64_t granted;   /* Maekawa: to which request, or NONE */
    bool inquired;     /* ... and asked to have it back */
    bool has[MEMBERS]; /* whose grants it has */
} member;

typedef struct mutex {
    member of[MEMBERS];
} mutex;

static member *self(ds_handle *h, const group *g)
{
    return &((mutex *)g->shared)->of[group_me(h)];
}

static int64_t next_stamp(ds_handle *h, member *m)
{
    m->clock = (m->clock / GROUP_MAX + 1) * GROUP_MAX + group_me(h);
    return m->clock;
}

static int owner(int64_t stamp)
{
    return (int)(stamp % GROUP_MAX);
}

static void enter(ds_handle *h, member *m)
{
    m->inside = true;
    ds_schedule(h, m->may_enter, 0, NULL, NULL);
}

/* Waits, works inside, and leaves the rest to the caller. */
static bool visit(ds_handle *h, member *m)
{
    ds_event e;

    if (!ds_poll(h, m->may_enter, &e))
        return false;
    ds_observe(h, DS_FACT_ENTER, 0, 0);
    if (!ds_sleep(h, 0.01 * ds_random(h)))
        return false;
    ds_observe(h, DS_FACT_LEAVE, 0, 0);
    m->inside = false;
    m->mine = NONE;
    return true;
}

/* ---- Lamport's ------------------------------------------------------------*/

static bool is_oldest(const member *m, int me)
{
    for (int i = 0; i < MEMBERS; i++)
        if (i != me && (m->heard[i] < m->mine ||
                        (m->requests[i] != NONE && m->requests[i] < m->mine)))
            return false;
    return true;
}

static void try_lamport(ds_handle *h, member *m)
{
    if (m->mine != NONE && !m->inside && is_oldest(m, group_me(h)))
        enter(h, m);
}

/* Takes the next packet, whose sender's clock has an effect on this one's;
 * false: it is over. */
static bool hear(ds_handle *h, const group *g, member *m, link_packet *p)
{
    const mutex_rules *rules = g->rules;

    if (!links_recv(h, g, &m->net, rules->takes, p))
        return false;
    if (p->a > m->clock)
        m->clock = p->a;
    return true;
}

static void serve_lamport(ds_handle *h, void *arg)
{
    const group *g = arg;
    member *m = self(h, g);
    link_packet p;

    while (hear(h, g, m, &p)) {
        m->heard[p.from] = p.a;
        if (p.kind == REQUEST) {
            m->requests[p.from] = p.a;
            links_send(h, g, &m->net, p.from, REPLY, next_stamp(h, m), 0);
        }
        if (p.kind == RELEASE)
            m->requests[p.from] = NONE;
        try_lamport(h, m);
    }
}

static void want_lamport(ds_handle *h, void *arg)
{
    const group *g = arg;
    member *m = self(h, g);

    for (size_t i; ds_next(h, &i);) {
        m->mine = next_stamp(h, m);
        links_send_others(h, g, &m->net, REQUEST, m->mine, 0);
        if (!visit(h, m))
            return;
        links_send_others(h, g, &m->net, RELEASE, next_stamp(h, m), 0);
    }
}

/* ---- Maekawa's ------------------------------------------------------------*/

/* A member's quorum is itself and its successor. */
static void send_quorum(ds_handle *h, const group *g, member *m, int kind,
                        int64_t stamp)
{
    int me = group_me(h);

    links_send(h, g, &m->net, me, kind, stamp, 0);
    links_send(h, g, &m->net, (me + 1) % MEMBERS, kind, stamp, 0);
}

static int64_t oldest_request(const member *m)
{
    int64_t oldest = NONE;

    for (int i = 0; i < MEMBERS; i++)
        if (m->requests[i] != NONE &&
            (oldest == NONE || m->requests[i] < oldest))
            oldest = m->requests[i];
    return oldest;
}

/* Requests hold all that wait, but not the one that it is granted to. */
static void arbitrate(ds_handle *h, const group *g, member *m)
{
    const mutex_rules *rules = g->rules;
    int64_t wanted = oldest_request(m);

    if (wanted == NONE)
        return;
    if (m->granted == NONE) {
        m->granted = wanted;
        m->inquired = false;
        m->requests[owner(wanted)] = NONE;
        links_send(h, g, &m->net, owner(wanted), GRANT, wanted, m->clock);
    } else if (!m->inquired && rules->inquires(m->granted, wanted)) {
        m->inquired = true;
        links_send(h, g, &m->net, owner(m->granted), INQUIRE, m->granted,
                   m->clock);
    }
}

static void be_granted(ds_handle *h, const group *g, member *m, int from)
{
    int me = group_me(h);

    m->has[from] = true;
    if (m->has[me] && m->has[(me + 1) % MEMBERS])
        enter(h, m);
}

static void be_asked(ds_handle *h, const group *g, member *m, int from)
{
    if (m->inside)
        return;
    m->has[from] = false;
    links_send(h, g, &m->net, from, YIELD, m->mine, m->clock);
}

static void take_maekawa(ds_handle *h, const group *g, member *m,
                         const link_packet *p)
{
    switch (p->kind) {
    case REQUEST:
        m->requests[p->from] = p->a;
        break;
    case RELEASE:
        m->granted = NONE;
        break;
    case YIELD:
        m->requests[p->from] = m->granted;
        m->granted = NONE;
        break;
    case GRANT:
        be_granted(h, g, m, p->from);
        break;
    case INQUIRE:
        if (p->a == m->mine)
            be_asked(h, g, m, p->from);
        break;
    }
    arbitrate(h, g, m);
}

static void serve_maekawa(ds_handle *h, void *arg)
{
    const group *g = arg;
    member *m = self(h, g);
    link_packet p;

    while (hear(h, g, m, &p)) {
        take_maekawa(h, g, m, &p);
    }
}

static void want_maekawa(ds_handle *h, void *arg)
{
    const group *g = arg;
    member *m = self(h, g);

    for (size_t i; ds_next(h, &i);) {
        int64_t stamp = m->mine = next_stamp(h, m);
        send_quorum(h, g, m, REQUEST, stamp);
        if (!visit(h, m))
            return;
        m->has[group_me(h)] = m->has[(group_me(h) + 1) % MEMBERS] = false;
        send_quorum(h, g, m, RELEASE, stamp);
    }
}

/* ---- Tests ----------------------------------------------------------------*/

static void build_of(ds_trial *t, void *mistake, ds_thread_fn *server,
                     ds_thread_fn *client)
{
    const group_plan plan = {
        .rules = &mutex_right,
        .rules_size = sizeof(mutex_right),
        .servers = MEMBERS,
        .server = server,
        .client = client,
        .shared = sizeof(mutex),
    };

    group_watch(t, DS_CHECK_EXCLUSION);
    group *g = group_new(t, mistake, &plan);
    for (int i = 0; i < MEMBERS; i++)
        ((mutex *)g->shared)->of[i].may_enter = ds_stream_new(ds_trial_loop(t));
}

static void build_lamport(ds_trial *t, void *mistake)
{
    build_of(t, mistake, serve_lamport, want_lamport);
}

static void build_maekawa(ds_trial *t, void *mistake)
{
    build_of(t, mistake, serve_maekawa, want_maekawa);
}

#define MUTEX(title, build_it, mistake)                                        \
    {                                                                          \
        .name = title, .build = build_it, .arg = (void *)(mistake),            \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER   \
    }

static const ds_test lamport = MUTEX("lamport", build_lamport, NULL);
static const ds_test maekawa = MUTEX("maekawa", build_maekawa, NULL);

/* ---- X5 -------------------------------------------------------------------*/

static const mutex_rules no_order = { .takes = link_as_it_comes };
static const ds_test x5 = MUTEX("X5", build_lamport, &no_order);

/* ---- X6 -------------------------------------------------------------------*/

static bool inquire_never(int64_t granted, int64_t wanted)
{
    return false;
}

static const mutex_rules stubborn = { .inquires = inquire_never };
static const ds_test x6 = MUTEX("X6", build_maekawa, &stubborn);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X5",
        .title = "Lamport's mutex on links that do not keep the order",
        .source = "https://cs.stackexchange.com/questions/103839; "
                  "tlaplus/Examples, specifications/lamport_mutex",
        .correct = &lamport,
        .planted = &x5,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X6",
        .title = "Maekawa's mutex without taking a grant back",
        .source = "Sanders, TOCS 5(3), 1987",
        .correct = &maekawa,
        .planted = &x6,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_mutex = PLANTED_FAMILY(rows);
