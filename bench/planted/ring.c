/* Elections on a ring, <distsys/election.h>, and mistakes in them.
 *
 * Each round is begun by one member, who also wants to know how it ends; all
 * must decide for one, and one may win. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/ring.h"

enum { RING = 5 };

/* Neither the one who begins nor the next is the highest of all. */
static const uint64_t names[RING] = { 30, 10, 50, 20, 40 };

typedef struct election {
    ds_ring ring;
    struct ds_ring_member *members[RING];
} election;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__ring_serve(h, &((election *)g->shared)->ring, g->rules);
}

static void stand(ds_handle *h, void *arg)
{
    const group *g = arg;
    const ds_ring *ring = &((election *)g->shared)->ring;
    ds_leader leader;

    for (size_t i; ds_next(h, &i);) {
        if (i % RING != (size_t)group_me(h))
            continue;
        if (!ds_ring_elect(h, ring, (int64_t)i + 1, &leader))
            return;
        if (leader.member != 2)
            ds_fail(h, "round %d: %d was elected", (int)leader.epoch,
                    (int)leader.member);
    }
}

static void build(ds_trial *t, void *mistake, const ds__ring_rules *right)
{
    const group_plan plan = {
        .rules = right,
        .rules_size = sizeof(*right),
        .servers = RING,
        .server = serve,
        .client = stand,
        .shared = sizeof(election),
    };

    group_watch(t, DS_CHECK_ELECTION | DS_CHECK_AGREEMENT);
    const group *g = group_new(t, mistake, &plan);
    election *e = g->shared;
    e->ring = (ds_ring){
        .group = { .net = g->net, .ports = g->ports, .n = RING },
        .names = names,
        .again = 0.1,
        .members = e->members,
    };
}

static void build_chang_roberts(ds_trial *t, void *mistake)
{
    build(t, mistake, &ds__chang_roberts_right);
}

static void build_hirschberg_sinclair(ds_trial *t, void *mistake)
{
    build(t, mistake, &ds__hirschberg_sinclair_right);
}

#define ELECTION(title, builder, mistake)                                      \
    {                                                                          \
        .name = title, .build = builder, .arg = (void *)(mistake),             \
        .operations = 2 * RING, .hazards = PLANTED_USUAL & ~DS_HAZARD_CRASH    \
    }
#define CHANG_ROBERTS(title, mistake)                                          \
    ELECTION(title, build_chang_roberts, mistake)
#define HIRSCHBERG_SINCLAIR(title, mistake)                                    \
    ELECTION(title, build_hirschberg_sinclair, mistake)

static const ds_test chang_roberts = CHANG_ROBERTS("chang-roberts", NULL);
static const ds_test hirschberg_sinclair =
    HIRSCHBERG_SINCLAIR("hirschberg-sinclair", NULL);

/* ---- Mistakes -------------------------------------------------------------*/

static bool keep_nothing(double again)
{
    return false;
}

static const ds__ring_rules sends_once = { .links.keeps = keep_nothing };
static const ds_test x10 = CHANG_ROBERTS("X10", &sends_once);
static const ds_test x23 = HIRSCHBERG_SINCLAIR("X23", &sends_once);

static bool stop_nobody(const struct ds_ring_member *m, size_t other)
{
    return false;
}

static const ds__ring_rules lets_pass = { .stops = stop_nobody };
static const ds_test x10b = CHANG_ROBERTS("X10b", &lets_pass);
static const ds_test x23b = HIRSCHBERG_SINCLAIR("X23b", &lets_pass);

static bool stand_never(const struct ds_ring_member *m)
{
    return false;
}

static const ds__ring_rules only_stops = { .stands_then = stand_never };
static const ds_test x10c = CHANG_ROBERTS("X10c", &only_stops);
static const ds_test x23c = HIRSCHBERG_SINCLAIR("X23c", &only_stops);

/* ---- The rows -------------------------------------------------------------*/

#define LOST        "Lynch, Distributed algorithms, 1996, 3.3: links lose nothing"
#define RING_PAPER  "Chang, Roberts, CACM 22(5), 1979"
#define SIDES_PAPER "Hirschberg, Sinclair, CACM 23(11), 1980"

static const planted_row rows[] = {
    {
        .name = "X10",
        .title =
            "Chang and Roberts' election waits for a message that was lost",
        .source = LOST,
        .correct = &chang_roberts,
        .planted = &x10,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X10b",
        .title = "a higher name does not stop a lower one, which wins as well",
        .source = RING_PAPER,
        .correct = &chang_roberts,
        .planted = &x10b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X10c",
        .title = "who stops a name does not stand, and so nobody wins",
        .source = RING_PAPER,
        .correct = &chang_roberts,
        .planted = &x10c,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X23",
        .title = "Hirschberg and Sinclair's election waits for a message that "
                 "was lost",
        .source = LOST,
        .correct = &hirschberg_sinclair,
        .planted = &x23,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X23b",
        .title = "a higher name does not stop a probe, and a lower one wins",
        .source = SIDES_PAPER,
        .correct = &hirschberg_sinclair,
        .planted = &x23b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X23c",
        .title = "who stops a probe does not probe, and so nobody wins",
        .source = SIDES_PAPER,
        .correct = &hirschberg_sinclair,
        .planted = &x23c,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_ring = PLANTED_FAMILY(rows);
