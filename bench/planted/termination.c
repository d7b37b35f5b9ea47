/* Termination detection on a ring (Dijkstra, Feijen, van Gasteren, IPL 16(5),
 * 1983; Safra, EWD998).  Machines work, and give each other work.  A token goes
 * around and learns whether somebody was given work behind its back, and how
 * many more packets were sent than received. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { RING = 4, PATIENCE = 3 };

enum { START, WORK, TOKEN, FINISHED };

typedef struct packet {
    int64_t round; /* of the computations, one after the other */
    int64_t sum;   /* of the token: sent but not received */
    int kind;
    int depth;  /* of WORK: how often it is passed on yet */
    bool black; /* of the token */
} packet;

typedef struct termination_rules {
    /* Whether the token tells that nobody works and nothing is under way. */
    bool (*tells_end)(const packet *token);
} termination_rules;

static bool white_and_even(const packet *token)
{
    return !token->black && token->sum == 0;
}

static const termination_rules termination_right = { white_and_even };

typedef struct machine {
    const group *g;
    int64_t round;
    int64_t surplus; /* packets of work sent, less those received */
    bool black;
    int client;
} machine;

/* What nobody but the test can know. */
typedef struct truth {
    int64_t under_way; /* work */
    int working;
} truth;

/* ---- Work -----------------------------------------------------------------*/

static void give_work(ds_handle *h, machine *m, int depth)
{
    packet p = { .round = m->round, .kind = WORK, .depth = depth };
    int to = (group_me(h) + 1 + group_random(h, RING - 1)) % RING;

    ((truth *)m->g->shared)->under_way++;
    m->surplus++;
    group_send(h, m->g, to, &p, sizeof(p));
}

static bool work(ds_handle *h, machine *m, const packet *p)
{
    truth *all = m->g->shared;

    m->surplus--;
    m->black = true;
    all->under_way--;
    all->working++;
    if (!ds_sleep(h, 0.01 * ds_random(h)))
        return false;
    for (int n = group_random(h, 3); n > 0 && p->depth > 0; n--)
        give_work(h, m, p->depth - 1);
    all->working--;
    return true;
}

/* ---- The token ------------------------------------------------------------*/

static void pass_token(ds_handle *h, machine *m, packet token)
{
    int next = (group_me(h) + RING - 1) % RING;

    group_send(h, m->g, next, &token, sizeof(token));
}

static void send_token(ds_handle *h, machine *m)
{
    m->black = false;
    pass_token(h, m, (packet){ .round = m->round, .kind = TOKEN });
}

static void announce(ds_handle *h, machine *m)
{
    const truth *all = m->g->shared;
    packet p = { .round = m->round, .kind = FINISHED };

    if (all->under_way > 0 || all->working > 0)
        ds_fail(h, "it is finished, with %d at work and %d packets under way",
                all->working, (int)all->under_way);
    group_send(h, m->g, m->client, &p, sizeof(p));
}

static void take_token(ds_handle *h, machine *m, packet token)
{
    const termination_rules *rules = m->g->rules;

    token.sum += m->surplus;
    token.black = token.black || m->black;
    m->black = false;
    if (group_me(h) != 0)
        pass_token(h, m, token);
    else if (rules->tells_end(&token))
        announce(h, m);
    else
        send_token(h, m);
}

static void serve(ds_handle *h, void *arg)
{
    machine m = { .g = arg };
    packet p;
    int from;

    while (group_recv(h, m.g, INFINITY, &p, sizeof(p), &from)) {
        m.round = p.round;
        switch (p.kind) {
        case START:
            m.client = from;
            give_work(h, &m, PATIENCE);
            send_token(h, &m);
            break;
        case WORK:
            if (!work(h, &m, &p))
                return;
            break;
        case TOKEN:
            take_token(h, &m, p);
            break;
        }
    }
}

/* ---- The client, and the tests --------------------------------------------*/

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;
    packet p;
    int from;

    for (size_t i; ds_next(h, &i);) {
        p = (packet){ .round = (int64_t)i, .kind = START };
        group_send(h, g, 0, &p, sizeof(p));
        if (!group_recv(h, g, INFINITY, &p, sizeof(p), &from))
            return;
    }
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &termination_right,
        .rules_size = sizeof(termination_right),
        .servers = RING,
        .clients = 1,
        .server = serve,
        .client = client,
        .shared = sizeof(truth),
    };

    group_new(t, mistake, &plan);
}

#define TERMINATION(title, mistake)                                            \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = DS_HAZARD_PAUSE | DS_HAZARD_REORDER                         \
    }

static const ds_test right = TERMINATION("termination", NULL);

/* ---- X8 -------------------------------------------------------------------*/

static bool white(const packet *token)
{
    return !token->black;
}

static const termination_rules counts_nothing = { white };
static const ds_test x8 = TERMINATION("X8", &counts_nothing);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X8",
        .title = "termination is detected while work is under way, which the "
                 "token does not count",
        .source = "tlaplus/Examples, specifications/ewd840 and ewd998",
        .correct = &right,
        .planted = &x8,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_termination = PLANTED_FAMILY(rows);
