/* Termination, <distsys/snapshot.h>, and mistakes in finding it out.  Machines
 * work, and give each other work, in one computation after the other; whether
 * something is left of it nobody knows but the test. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/snapshot_rules.h"

enum { MACHINES = 4, DEPTH = 3, ROUNDS = 10 };

typedef struct round {
    ds_work work;
    ds_port *ports[MACHINES];
    int under_way;
    int working;
} round;

static void give_work(ds_handle *h, round *r, ds_worker *me, int depth)
{
    int to = (group_me(h) + 1 + group_random(h, MACHINES - 1)) % MACHINES;

    r->under_way++;
    ds_work_send(h, me, (size_t)to, &depth, sizeof(depth));
}

static void work(ds_handle *h, round *r, ds_worker *me, int depth)
{
    if (!ds_sleep(h, 0.01 * ds_random(h)))
        return;
    for (int n = group_random(h, 3); n > 0 && depth > 0; n--)
        give_work(h, r, me, depth - 1);
}

static void machine(ds_handle *h, void *arg)
{
    const group *g = arg;
    ds_msg m;

    for (size_t i; ds_next(h, &i) && i < ROUNDS;) {
        round *r = (round *)g->shared + i;
        ds_worker *me = ds__work_join(h, &r->work, g->rules);
        if (group_me(h) == 0)
            give_work(h, r, me, DEPTH);
        while (ds_work_recv(h, me, &m)) {
            r->under_way--;
            r->working++;
            work(h, r, me, *(const int *)m.data);
            r->working--;
            ds_msg_drop(&m);
        }
        if (ds_work_is_done(me) && (r->under_way > 0 || r->working > 0))
            ds_fail(h, "it is done, with %d at work and %d messages under way",
                    r->working, r->under_way);
    }
}

static void build(ds_trial *t, void *mistake, ds_termination way)
{
    const group_plan plan = {
        .rules = &ds__work_right,
        .rules_size = sizeof(ds__work_right),
        .servers = MACHINES,
        .client = machine,
        .shared = sizeof(round[ROUNDS]),
    };
    const group *g = group_new(t, mistake, &plan);

    for (round *r = g->shared; r < (round *)g->shared + ROUNDS; r++) {
        r->work.way = way;
        r->work.group = ds_group_of(g->net, g->nodes, r->ports, MACHINES);
    }
}

static void build_safra(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_SAFRA);
}

static void build_scholten(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_DIJKSTRA_SCHOLTEN);
}

#define TERMINATION(title, way, mistake)                                       \
    {                                                                          \
        .name = title, .build = build_##way, .arg = (void *)(mistake),         \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER   \
    }

static const ds_test safra = TERMINATION("safra", safra, NULL);
static const ds_test scholten =
    TERMINATION("dijkstra-scholten", scholten, NULL);

/* ---- X8 -------------------------------------------------------------------*/

static bool white(const ds__tally *token)
{
    return !token->black;
}

static const ds__work_rules counts_nothing = { .tells_end = white };
static const ds_test x8 = TERMINATION("X8", safra, &counts_nothing);

/* ---- X8b ------------------------------------------------------------------*/

static void count_only(ds__tally *own)
{
    own->surplus--;
}

static const ds__work_rules no_colour = { .count = count_only };
static const ds_test x8b = TERMINATION("X8b", safra, &no_colour);

/* ---- X8d ------------------------------------------------------------------*/

static void stay(ds__tally *own)
{
}

static const ds__work_rules stays_black = { .passed = stay };
static const ds_test x8d = TERMINATION("X8d", safra, &stays_black);

/* ---- X8c ------------------------------------------------------------------*/

static bool when_idle(uint64_t deficit)
{
    return true;
}

static const ds__work_rules hasty = { .signals = when_idle };
static const ds_test x8c = TERMINATION("X8c", scholten, &hasty);

/* ---- X8e, X8f -------------------------------------------------------------*/

static bool never(bool engaged)
{
    return false;
}

static bool always(bool engaged)
{
    return true;
}

static const ds__work_rules adopts_all = { .answers_at_once = never };
static const ds_test x8e = TERMINATION("X8e", scholten, &adopts_all);
static const ds__work_rules no_tree = { .answers_at_once = always };
static const ds_test x8f = TERMINATION("X8f", scholten, &no_tree);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X8",
        .title = "termination is detected while work is under way, which the "
                 "token does not count",
        .source = "tlaplus/Examples, specifications/ewd840 and ewd998",
        .correct = &safra,
        .planted = &x8,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X8b",
        .title = "a machine that was given work does not tell the token",
        .source = "Dijkstra, EWD998, 1987, rule 3",
        .correct = &safra,
        .planted = &x8b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X8d",
        .title = "a machine that has passed on the token stays black",
        .source = "Dijkstra, EWD998, 1987, rule 7",
        .correct = &safra,
        .planted = &x8d,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X8c",
        .title = "an idle machine gives its last signal before it has got all "
                 "of its own",
        .source = "Dijkstra, Scholten, IPL 11(1), 1980",
        .correct = &scholten,
        .planted = &x8c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X8e",
        .title =
            "who is engaged takes another parent, and the first waits for ever",
        .source = "Dijkstra, Scholten, IPL 11(1), 1980",
        .correct = &scholten,
        .planted = &x8e,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X8f",
        .title = "work is answered when it comes, not when all of it is done",
        .source = "Dijkstra, Scholten, IPL 11(1), 1980",
        .correct = &scholten,
        .planted = &x8f,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_termination = PLANTED_FAMILY(rows);
