/* Chord's ring (Stoica et al., SIGCOMM 2001), as it has to be to repair itself
 * (Zave, arXiv 1502.06461): every member knows those who follow it, and who
 * goes before it.  From time to time it asks the first of those who follow
 * whether somebody has come between, and tells it that it is there.
 *
 * Three members never fail.  Two may crash, and join again when they are back;
 * one is there at first and leaves without a word. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { CRASHING = 2, LEAVING = CRASHING, BASE, JUDGE = BASE + 3 };
enum { MEMBERS = JUDGE, FOLLOWERS = 4 };

enum { QUERY, ANSWER, NOTIFY };

static const double period = 0.1;
static const double patience = 0.05;

/* Where each is on the ring. */
static const int places[MEMBERS] = {
    [0] = 1, [1] = 4, [LEAVING] = 2, [BASE] = 0, [BASE + 1] = 3, [BASE + 2] = 5,
};

/* Who follows whom, the nearest first, up to the first that is NOBODY. */
typedef struct links {
    int next[FOLLOWERS];
    int before; /* or NOBODY */
} links;

typedef struct packet {
    int64_t call;
    int kind;
    bool belongs; /* of an answer: it is on the ring */
    links links;  /* likewise */
} packet;

typedef struct chord_rules {
    /* Whether one that does not come between is looked at, since the one before
     * may have gone. */
    bool (*doubts)(void);
} chord_rules;

static bool always(void)
{
    return true;
}

static const chord_rules chord_right = { always };

/* What the judge sees: the first who follows each, or NOBODY. */
typedef struct seen {
    int next[MEMBERS];
} seen;

typedef struct member {
    ds_handle *h;
    const group *g;
    int me;
    int64_t calls;
    bool belongs;
    links links;
    int candidate; /* to go before it */
} member;

/* ---- The circle -----------------------------------------------------------*/

/* How far it is from one to another, clockwise; all around to itself. */
static int distance(int from, int to)
{
    int d = (places[to] - places[from] + MEMBERS) % MEMBERS;

    return d == 0 ? MEMBERS : d;
}

static bool is_between(int from, int who, int to)
{
    return distance(from, who) < distance(from, to);
}

/* Puts one in front of those who follow it, up to the member itself. */
static void follow(member *m, int first, const links *its)
{
    links *l = &m->links;
    int n = 0;

    l->next[n++] = first;
    for (int i = 0; i < FOLLOWERS && n < FOLLOWERS; i++) {
        if (its->next[i] == NOBODY || its->next[i] == m->me)
            break;
        l->next[n++] = its->next[i];
    }
    while (n < FOLLOWERS)
        l->next[n++] = NOBODY;
}

static void forget_first(links *l)
{
    for (int i = 1; i < FOLLOWERS; i++)
        l->next[i - 1] = l->next[i];
    l->next[FOLLOWERS - 1] = NOBODY;
}

static void show(const member *m)
{
    seen *all = m->g->shared;

    all->next[m->me] = m->belongs ? m->links.next[0] : NOBODY;
}

/* ---- Asking ---------------------------------------------------------------*/

static void serve(member *m, const packet *p, int from)
{
    packet a = { p->call, ANSWER, m->belongs, m->links };

    if (p->kind == NOTIFY)
        m->candidate = from;
    else if (p->kind == QUERY)
        group_send(m->h, m->g, from, &a, sizeof(a));
}

/* Serves until then, or the answer to its latest call comes. */
static bool wait_for(member *m, double end, packet *answer, bool *there)
{
    packet p;
    int from;

    *there = false;
    do {
        if (!group_recv(m->h, m->g, end - ds_now(m->h), &p, sizeof(p), &from))
            return false;
        if (from == NOBODY)
            return true;
        serve(m, &p, from);
    } while (p.kind != ANSWER || p.call != m->calls);
    *there = p.belongs;
    *answer = p;
    return true;
}

/* Who does not belong to the ring is as if it were not there. */
static bool ask(member *m, int whom, packet *answer, bool *there)
{
    packet p = { .call = ++m->calls, .kind = QUERY };

    group_send(m->h, m->g, whom, &p, sizeof(p));
    return wait_for(m, ds_now(m->h) + patience, answer, there);
}

/* ---- Joining and repairing ------------------------------------------------*/

/* Goes around from one who never fails, up to whoever is before its place. */
static bool join(member *m)
{
    int at = BASE + group_random(m->h, 3);
    packet a;
    bool there;

    for (int i = 0; i < 2 * MEMBERS; i++) {
        if (!ask(m, at, &a, &there))
            return false;
        if (there && a.links.next[0] == m->me) /* it was there before */
            forget_first(&a.links);
        if (!there || a.links.next[0] == NOBODY)
            return true;
        if (is_between(at, m->me, a.links.next[0])) {
            int first = a.links.next[0];
            forget_first(&a.links);
            follow(m, first, &a.links);
            m->links.before = NOBODY;
            m->belongs = true;
            return true;
        }
        at = a.links.next[0];
    }
    return true;
}

/* Goes by what is known without asking: that all from one on are there. */
static void know_from(member *m, int least)
{
    links all = { .before = NOBODY };
    int n = 0;

    m->belongs = m->me >= least;
    for (int d = 1; d < MEMBERS; d++)
        for (int i = least; i < MEMBERS && n < FOLLOWERS; i++)
            if (distance(m->me, i) == d)
                all.next[n++] = i;
    while (n < FOLLOWERS)
        all.next[n++] = NOBODY;
    m->links = all;
}

/* Finds the first that is there, and who has come between. */
static bool stabilize(member *m)
{
    int first = m->links.next[0], between;
    packet a, b;
    bool there;

    if (first == NOBODY) {
        know_from(m, BASE);
        return true;
    }
    if (!ask(m, first, &a, &there))
        return false;
    if (!there) {
        forget_first(&m->links);
        return true;
    }
    between = a.links.before;
    follow(m, first, &a.links);
    if (between != NOBODY && is_between(m->me, between, first)) {
        if (!ask(m, between, &b, &there))
            return false;
        if (there)
            follow(m, between, &b.links);
    }
    packet p = { .kind = NOTIFY };
    group_send(m->h, m->g, m->links.next[0], &p, sizeof(p));
    return true;
}

/* Looks whether the candidate goes before it. */
static bool rectify(member *m)
{
    const chord_rules *rules = m->g->rules;
    int candidate = m->candidate, before = m->links.before;
    bool there = true;
    packet a;

    m->candidate = NOBODY;
    if (candidate == NOBODY || candidate == before)
        return true;
    if (before == NOBODY || is_between(before, candidate, m->me))
        there = false;
    else if (rules->doubts() && !ask(m, before, &a, &there))
        return false;
    if (!there)
        m->links.before = candidate;
    return true;
}

static bool repair(member *m)
{
    bool on = m->belongs ? stabilize(m) && rectify(m) : join(m);

    show(m);
    return on;
}

/* ---- Members --------------------------------------------------------------*/

static void begin(member *m)
{
    m->candidate = NOBODY;
    if (m->me >= CRASHING)
        know_from(m, LEAVING);
    else
        know_from(m, MEMBERS);
}

static void belong(ds_handle *h, void *arg)
{
    member m = { .h = h, .g = arg, .me = group_me(h) };
    double end = m.me == LEAVING ? ds_now(h) + (4 + 16 * ds_random(h)) * period
                                 : INFINITY;
    double again = ds_now(h) + period * ds_random(h);
    packet answer;
    bool there;

    begin(&m);
    show(&m);
    while (ds_now(h) < end) {
        if (!wait_for(&m, again, &answer, &there))
            return;
        if (ds_now(h) < again)
            continue;
        if (!repair(&m))
            return;
        again = ds_now(h) + period;
    }
}

/* ---- The judge, and the tests ---------------------------------------------*/

/* Whether each has who follows it of those that are left. */
static bool is_ring(const seen *all)
{
    for (int i = 0; i < MEMBERS; i++) {
        int nearest = i;
        for (int k = 0; k < MEMBERS; k++)
            if (k != LEAVING && distance(i, k) < distance(i, nearest))
                nearest = k;
        if (i != LEAVING && all->next[i] != nearest)
            return false;
    }
    return true;
}

static void judge(ds_handle *h, const group *g)
{
    for (size_t i; ds_next(h, &i);)
        continue;
    while (!is_ring(g->shared))
        if (!ds_sleep(h, period))
            return;
}

static void stay(ds_handle *h, void *arg)
{
    if (group_me(h) == JUDGE)
        judge(h, arg);
    else
        ds_spawn_daemon(ds_handle_loop(h), belong, arg);
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &chord_right,
        .rules_size = sizeof(chord_right),
        .servers = CRASHING,
        .clients = JUDGE + 1 - CRASHING,
        .server = belong,
        .client = stay,
        .shared = sizeof(seen),
    };

    group_new(t, mistake, &plan);
}

/* Whoever does not answer in time has failed: that is what Chord goes by, and a
 * lost message can leave a ring that winds around twice. */
#define CHORD(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .max_down = CRASHING,                                                  \
        .hazards = DS_HAZARD_CRASH | DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE     \
    }

static const ds_test right = CHORD("chord", NULL);

/* ---- X11 ------------------------------------------------------------------*/

static bool never(void)
{
    return false;
}

static const chord_rules keeps_the_dead = { never };
static const ds_test x11 = CHORD("X11", &keeps_the_dead);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X11",
        .title = "a node of a ring keeps a predecessor that has failed",
        .source = "Zave, arXiv 1502.06461; pamelazave.com/chord.html",
        .correct = &right,
        .planted = &x11,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_chord = PLANTED_FAMILY(rows);
