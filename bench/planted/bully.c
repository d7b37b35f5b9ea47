/* Election by bullies (Garcia-Molina, IEEE ToC 31(1), 1982): who misses the
 * leader asks all above it whether they live; who lives takes over; who hears
 * of nobody above it leads.  Who was told that somebody lives waits for that
 * one, but not for ever: it may be down again. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { MEMBERS = 4 };

enum { WHO, ELECTION, ALIVE, LEADER };

static const double patience = 0.1;

typedef struct packet {
    int64_t call;  /* of WHO, and its answer */
    int64_t epoch; /* the highest that is known */
    int kind;
    int leader; /* in the answer */
} packet;

typedef struct bully_rules {
    /* In which epoch one leads who knows of no higher one than this. */
    int64_t (*epoch_after)(int64_t highest, int me);
    /* How long it waits for somebody who lives to lead. */
    double (*waits)(void);
} bully_rules;

static int64_t one_of_its_own(int64_t highest, int me)
{
    return (highest / GROUP_MAX + 1) * GROUP_MAX + me;
}

static double a_while(void)
{
    return 3 * patience;
}

static const bully_rules bully_right = { one_of_its_own, a_while };

typedef enum phase {
    FOLLOWS, /* its leader, who may be itself */
    ASKS,    /* whether somebody above lives */
    WAITS,   /* for one who does */
} phase;

typedef struct member {
    const group *g;
    phase phase;
    int leader; /* NOBODY: not known */
    int64_t epoch;
    double until;
} member;

static void tell(ds_handle *h, const member *m, int to, int kind)
{
    packet p = { .kind = kind, .epoch = m->epoch };

    group_send(h, m->g, to, &p, sizeof(p));
}

static void announce(ds_handle *h, member *m)
{
    m->until = ds_now(h) + patience;
    for (int i = 0; i < group_me(h); i++)
        tell(h, m, i, LEADER);
}

static bool lead(ds_handle *h, member *m)
{
    const bully_rules *rules = m->g->rules;

    m->epoch = rules->epoch_after(m->epoch, group_me(h));
    if (!group_save(h, "epoch", &m->epoch, sizeof(m->epoch)))
        return false;
    ds_observe(h, DS_FACT_LEAD, m->epoch, 0);
    m->phase = FOLLOWS;
    m->leader = group_me(h);
    announce(h, m);
    return true;
}

static void ask_above(ds_handle *h, member *m)
{
    m->phase = ASKS;
    m->leader = NOBODY;
    m->until = ds_now(h) + patience;
    for (int i = group_me(h) + 1; i < MEMBERS; i++)
        tell(h, m, i, ELECTION);
}

static void follow(ds_handle *h, member *m, int leader)
{
    m->phase = FOLLOWS;
    m->leader = leader;
    m->until = ds_now(h) + 3 * patience;
}

/* Time is up. */
static bool act(ds_handle *h, member *m)
{
    if (m->phase == ASKS)
        return lead(h, m);
    if (m->leader == group_me(h))
        announce(h, m);
    else
        ask_above(h, m);
    return true;
}

static void take(ds_handle *h, member *m, packet p, int from)
{
    const bully_rules *rules = m->g->rules;
    int me = group_me(h);

    if (p.epoch > m->epoch)
        m->epoch = p.epoch;
    switch (p.kind) {
    case WHO:
        p.leader = m->leader;
        group_send(h, m->g, from, &p, sizeof(p));
        break;
    case ELECTION:
        tell(h, m, from, ALIVE);
        if (m->leader == me)
            tell(h, m, from, LEADER);
        else if (m->phase == FOLLOWS)
            ask_above(h, m);
        break;
    case ALIVE:
        if (m->phase == ASKS) {
            m->phase = WAITS;
            m->until = ds_now(h) + rules->waits();
        }
        break;
    case LEADER:
        if (from > me && from >= m->leader)
            follow(h, m, from);
        break;
    }
}

static void serve(ds_handle *h, void *arg)
{
    member m = { .g = arg };
    packet p;
    int from;

    if (!group_load(h, "epoch", &m.epoch, sizeof(m.epoch)))
        return;
    ask_above(h, &m);
    while (group_recv(h, m.g, m.until - ds_now(h), &p, sizeof(p), &from))
        if (from != NOBODY)
            take(h, &m, p, from);
        else if (!act(h, &m))
            return;
}

/* ---- The client, and the tests --------------------------------------------*/

/* Until all say that the highest one leads. */
static bool settle(ds_handle *h, const group *g, int64_t *calls)
{
    packet answers[MEMBERS];
    int agree, got;

    do {
        packet p = { .call = ++*calls, .kind = WHO };
        if (!group_ask(h, g, &p, sizeof(p), patience, MEMBERS, answers, &got) ||
            !ds_sleep(h, patience))
            return false;
        agree = 0;
        for (int i = 0; i < got; i++)
            agree += answers[i].leader == MEMBERS - 1;
    } while (agree < MEMBERS);
    return true;
}

static void client(ds_handle *h, void *arg)
{
    int64_t calls = 0;

    for (size_t i; ds_next(h, &i);)
        if (!settle(h, arg, &calls))
            return;
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &bully_right,
        .rules_size = sizeof(bully_right),
        .servers = MEMBERS,
        .clients = 1,
        .server = serve,
        .client = client,
    };

    group_watch(t, DS_CHECK_ELECTION);
    group_new(t, mistake, &plan);
}

#define BULLY(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = BULLY("bully", NULL);

/* ---- X9 -------------------------------------------------------------------*/

static int64_t next_one(int64_t highest, int me)
{
    return highest + 1;
}

static const bully_rules counts_epochs = { .epoch_after = next_one };
static const ds_test x9 = BULLY("X9", &counts_epochs);

/* ---- X9b ------------------------------------------------------------------*/

/* The leader repeats itself, so that ends when there is one. */
static double for_ever(void)
{
    return INFINITY;
}

static const bully_rules trusting = { .waits = for_ever };
static const ds_test x9b = BULLY("X9b", &trusting);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X9",
        .title = "answers are late, and two bullies lead in the same epoch",
        .source = "Stoller, Indiana University TR 481, 1997",
        .correct = &right,
        .planted = &x9,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X9b",
        .title = "who was told that somebody above it lives waits for that one "
                 "for ever",
        .source = "Stoller, Indiana University TR 481, 1997",
        .correct = &right,
        .planted = &x9b,
        .end = PLANTED_STUCK,
        .note = "equivalent",
    },
};

const planted_family planted_bully = PLANTED_FAMILY(rows);
