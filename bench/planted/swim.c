/* Membership by gossip (Das, Gupta, Motivala, SWIM, DSN 2002).  Each member
 * probes others, and tells in each packet what it knows of all.  One that does
 * not answer is suspected, and after a while dead; if it hears of that, it says
 * with a higher incarnation that it is not. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { MEMBERS = 5 };

enum { WHO, PROBE, ANSWER };

typedef enum health { ALIVE, SUSPECT, DEAD } health;

static const double period = 0.05, grace = 0.3;

typedef struct report {
    int64_t incarnation; /* which the member itself alone raises */
    health health;
} report;

typedef struct packet {
    int64_t call; /* of WHO, and its answer */
    int kind;
    report of[MEMBERS];
} packet;

typedef struct swim_rules {
    /* Whether a report goes before another of the same member. */
    bool (*overrides)(const report *news, const report *old);
} swim_rules;

static bool newer_or_worse(const report *news, const report *old)
{
    return news->incarnation != old->incarnation
               ? news->incarnation > old->incarnation
               : news->health > old->health;
}

static const swim_rules swim_right = { newer_or_worse };

typedef struct member {
    const group *g;
    report of[MEMBERS];
    double suspected[MEMBERS]; /* since when */
    int probed;                /* who has not answered yet, or NOBODY */
} member;

static void tell(ds_handle *h, const member *m, int to, int kind, int64_t call)
{
    packet p = { .call = call, .kind = kind };

    for (int i = 0; i < MEMBERS; i++)
        p.of[i] = m->of[i];
    group_send(h, m->g, to, &p, sizeof(p));
}

static void learn(ds_handle *h, member *m, int who, const report *news)
{
    const swim_rules *rules = m->g->rules;
    report *old = &m->of[who];

    if (!rules->overrides(news, old))
        return;
    if (news->health == SUSPECT && old->health != SUSPECT)
        m->suspected[who] = ds_now(h);
    *old = *news;
    if (who == group_me(h) && news->health != ALIVE)
        *old = (report){ news->incarnation + 1, ALIVE };
}

static void suspect(ds_handle *h, member *m, int who)
{
    const report news = { m->of[who].incarnation, SUSPECT };

    learn(h, m, who, &news);
}

/* The end of a period, and the beginning of the next. */
static void act(ds_handle *h, member *m)
{
    int me = group_me(h);

    if (m->probed != NOBODY)
        suspect(h, m, m->probed);
    for (int i = 0; i < MEMBERS; i++)
        if (m->of[i].health == SUSPECT && ds_now(h) > m->suspected[i] + grace)
            m->of[i].health = DEAD;
    m->probed = (me + 1 + group_random(h, MEMBERS - 1)) % MEMBERS;
    tell(h, m, m->probed, PROBE, 0);
}

static void take(ds_handle *h, member *m, const packet *p, int from)
{
    if (p->kind == WHO) {
        tell(h, m, from, WHO, p->call);
        return;
    }
    for (int i = 0; i < MEMBERS; i++)
        learn(h, m, i, &p->of[i]);
    if (p->kind == PROBE)
        tell(h, m, from, ANSWER, 0);
    else if (m->probed == from)
        m->probed = NOBODY;
}

static void serve(ds_handle *h, void *arg)
{
    member m = { .g = arg, .probed = NOBODY };
    double next = ds_now(h) + period;
    packet p;
    int from;

    while (group_recv(h, m.g, next - ds_now(h), &p, sizeof(p), &from)) {
        if (from != NOBODY) {
            take(h, &m, &p, from);
            continue;
        }
        act(h, &m);
        next = ds_now(h) + period;
    }
}

/* ---- The client, and the tests --------------------------------------------*/

static int count_alive(const packet *answers, int n)
{
    int alive = 0;

    for (int i = 0; i < n; i++)
        for (int k = 0; k < MEMBERS; k++)
            alive += answers[i].of[k].health == ALIVE;
    return alive;
}

/* Until all say that all are alive. */
static bool settle(ds_handle *h, const group *g, int64_t *calls)
{
    packet answers[MEMBERS];
    int got;

    do {
        packet p = { .call = ++*calls, .kind = WHO };
        if (!group_ask(h, g, &p, sizeof(p), 2 * period, MEMBERS, answers,
                       &got) ||
            !ds_sleep(h, period))
            return false;
    } while (count_alive(answers, got) < MEMBERS * MEMBERS);
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
        .rules = &swim_right,
        .rules_size = sizeof(swim_right),
        .servers = MEMBERS,
        .clients = 1,
        .server = serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
}

#define SWIM(title, mistake)                                                   \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = SWIM("swim", NULL);

/* ---- X12 ------------------------------------------------------------------*/

/* Nobody comes back from the dead. */
static bool worse_or_newer(const report *news, const report *old)
{
    if (news->health == DEAD || old->health == DEAD)
        return old->health != DEAD;
    return newer_or_worse(news, old);
}

static const swim_rules final = { worse_or_newer };
static const ds_test x12 = SWIM("X12", &final);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X12",
        .title = "a member that was slow is dead to the others for ever",
        .source = "Das, Gupta, Motivala, SWIM, DSN 2002, 4.2; Lifeguard, arXiv "
                  "1707.00788",
        .correct = &right,
        .planted = &x12,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_swim = PLANTED_FAMILY(rows);
