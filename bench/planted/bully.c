/* Bullies, <distsys/election.h>, and mistakes in them.  A client watches until
 * all follow the highest. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/bully_rules.h"

enum { MEMBERS = 4 };

static const double patience = 0.1;

typedef struct election {
    ds_bully bully;
    ds_leader leader[MEMBERS];
} election;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__bully_serve(h, &((election *)g->shared)->bully, g->rules);
}

static bool agree(const election *e)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (e->leader[i].member != MEMBERS - 1)
            return false;
    return true;
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;

    for (size_t i; ds_next(h, &i);)
        do {
            if (!ds_sleep(h, patience))
                return;
        } while (!agree(g->shared));
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &ds__bully_right,
        .rules_size = sizeof(ds__bully_right),
        .servers = MEMBERS,
        .clients = 1,
        .server = serve,
        .client = client,
        .shared = sizeof(election),
    };

    group_watch(t, DS_CHECK_ELECTION);
    const group *g = group_new(t, mistake, &plan);
    election *e = g->shared;
    e->bully = (ds_bully){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .patience = patience,
        .leader = e->leader,
    };
}

#define BULLY(title, mistake)                                                  \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = BULLY("bully", NULL);

/* ---- X9 -------------------------------------------------------------------*/

static int64_t next_one(const ds_bully *b, int64_t highest, size_t me)
{
    return highest + 1;
}

static const ds__bully_rules counts_epochs = { .epoch_after = next_one };
static const ds_test x9 = BULLY("X9", &counts_epochs);

/* ---- X9b ------------------------------------------------------------------*/

/* The leader repeats itself, so that ends when there is one. */
static double for_ever(const ds_bully *b)
{
    return INFINITY;
}

static const ds__bully_rules trusting = { .waits = for_ever };
static const ds_test x9b = BULLY("X9b", &trusting);

/* ---- X9c ------------------------------------------------------------------*/

/* So a leader that leads no longer, or that was not the highest, is not left
 * for who is above it. */
static bool follow_the_first(const ds_leader *mine, size_t me, size_t other)
{
    return other > me && (mine->member == DS_NOBODY || mine->member == other);
}

static const ds__bully_rules faithful = { .follows = follow_the_first };
static const ds_test x9c = BULLY("X9c", &faithful);

/* ---- X9d ------------------------------------------------------------------*/

static bool follow_unless_it_leads(const ds_leader *mine, size_t me,
                                   size_t other)
{
    return mine->member != me && ds__bully_right.follows(mine, me, other);
}

static const ds__bully_rules stubborn = { .follows = follow_unless_it_leads };
static const ds_test x9d = BULLY("X9d", &stubborn);

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
    {
        .name = "X9c",
        .title = "who has a leader does not leave it for a higher one",
        .source = "Garcia-Molina, IEEE ToC 31(1), 1982",
        .correct = &right,
        .planted = &x9c,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X9d",
        .title = "a leader does not give way to a higher one",
        .source = "Garcia-Molina, IEEE ToC 31(1), 1982",
        .correct = &right,
        .planted = &x9d,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_bully = PLANTED_FAMILY(rows);
