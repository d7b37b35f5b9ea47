/* SWIM, <distsys/detector.h>, and mistakes in it.  The client is a member on
 * whose machine nobody serves; it watches until all know that, and that all
 * others live. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/swim_rules.h"

enum { SERVERS = 5, MEMBERS = SERVERS + 1 };

typedef struct membership {
    ds_swim swim;
    ds_report report[MEMBERS * MEMBERS];
} membership;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__swim_serve(h, &((const membership *)g->shared)->swim, g->rules);
}

static bool all_know(const membership *m)
{
    for (size_t i = 0; i < SERVERS; i++)
        for (size_t k = 0; k < MEMBERS; k++)
            if (m->report[i * MEMBERS + k].health !=
                (k < SERVERS ? DS_ALIVE : DS_DEAD))
                return false;
    return true;
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;

    for (size_t i; ds_next(h, &i);)
        do {
            if (!ds_sleep(h, 0.05))
                return;
        } while (!all_know(g->shared));
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &ds__swim_right,
        .rules_size = sizeof(ds__swim_right),
        .servers = SERVERS,
        .clients = 1,
        .server = serve,
        .client = client,
        .shared = sizeof(membership),
    };
    const group *g = group_new(t, mistake, &plan);
    membership *m = g->shared;

    m->swim = (ds_swim){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .period = 0.15,
        .patience = 0.05,
        .helpers = 2,
        .grace = 0.3,
        .report = m->report,
    };
}

#define SWIM(title, mistake)                                                   \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = SWIM("swim", NULL);

/* ---- X12 ------------------------------------------------------------------*/

/* Nobody comes back from the dead. */
static bool worse_or_newer(const ds_report *news, const ds_report *old)
{
    if (news->health == DS_DEAD || old->health == DS_DEAD)
        return old->health != DS_DEAD;
    return ds__swim_right.overrides(news, old);
}

static const ds__swim_rules final = { .overrides = worse_or_newer };
static const ds_test x12 = SWIM("X12", &final);

/* ---- X12b -----------------------------------------------------------------*/

static bool refute_nothing(const ds_report *news)
{
    return false;
}

static const ds__swim_rules silent = { .refutes = refute_nothing };
static const ds_test x12b = SWIM("X12b", &silent);

/* ---- X12c -----------------------------------------------------------------*/

/* So the two sides of a cut that has lasted never hear of each other again. */
static bool probe_the_living(const ds_report *of)
{
    return of->health != DS_DEAD;
}

static const ds__swim_rules forgets = { .probes = probe_the_living };
static const ds_test x12c = SWIM("X12c", &forgets);

/* ---- X12d -----------------------------------------------------------------*/

static bool newer_or_other(const ds_report *news, const ds_report *old)
{
    return news->incarnation > old->incarnation ||
           (news->incarnation == old->incarnation &&
            news->health != old->health);
}

static const ds__swim_rules gullible = { .overrides = newer_or_other };
static const ds_test x12d = SWIM("X12d", &gullible);

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
    {
        .name = "X12b",
        .title = "a suspect that hears of it does not say that it lives",
        .source = "Das, Gupta, Motivala, SWIM, DSN 2002, 4.2",
        .correct = &right,
        .planted = &x12b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X12c",
        .title = "who is dead is not probed, and a cut lasts for ever",
        .source = "hashicorp/memberlist, GossipToTheDeadTime",
        .correct = &right,
        .planted = &x12c,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X12d",
        .title = "of one incarnation the later report counts, not the worse",
        .source = "Das, Gupta, Motivala, SWIM, DSN 2002, 4.2",
        .correct = &right,
        .planted = &x12d,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_swim = PLANTED_FAMILY(rows);
