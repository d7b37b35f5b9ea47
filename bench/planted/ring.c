/* Election on a ring (Chang, Roberts, CACM 22(5), 1979): the names of machines
 * go around, and a higher one stops a lower one.  Whatever is sent to the next
 * machine is sent again until it says that it has it. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { RING = 4, ELECTIONS = 16, OWED = 64 };

enum { WHO, CANDIDATE, LEADER, RECEIPT };

static const double patience = 0.1;

typedef struct packet {
    int64_t call;     /* of WHO and its answer, and between neighbours */
    int64_t election; /* one after the other */
    int kind;
    int name;
} packet;

typedef struct ring_rules {
    /* Whether a packet is kept until there is a receipt. */
    bool (*keeps)(void);
} ring_rules;

static bool keep(void)
{
    return true;
}

static const ring_rules ring_right = { keep };

typedef struct member {
    const group *g;
    int64_t calls;
    bool takes_part[ELECTIONS];
    int leader[ELECTIONS]; /* NOBODY: not known */
    packet owed[OWED];     /* to the next one */
    int num_owed;
} member;

/* ---- The way to the next one ----------------------------------------------*/

static int next(const ds_handle *h)
{
    return (group_me(h) + 1) % RING;
}

static void pass(ds_handle *h, member *m, int kind, int64_t election, int name)
{
    const ring_rules *rules = m->g->rules;
    packet p = { ++m->calls, election, kind, name };

    group_send(h, m->g, next(h), &p, sizeof(p));
    if (rules->keeps() && m->num_owed < OWED)
        m->owed[m->num_owed++] = p;
}

static void pass_again(ds_handle *h, const member *m)
{
    for (int i = 0; i < m->num_owed; i++)
        group_send(h, m->g, next(h), &m->owed[i], sizeof(packet));
}

static void see_receipt(member *m, int64_t call)
{
    for (int i = 0; i < m->num_owed; i++)
        if (m->owed[i].call == call)
            m->owed[i] = m->owed[--m->num_owed];
}

/* ---- The election ---------------------------------------------------------*/

static void stand(ds_handle *h, member *m, int64_t election)
{
    if (m->takes_part[election])
        return;
    m->takes_part[election] = true;
    pass(h, m, CANDIDATE, election, group_me(h));
}

static void see_candidate(ds_handle *h, member *m, const packet *p)
{
    int me = group_me(h);

    if (m->leader[p->election] != NOBODY)
        return;
    if (p->name == me) {
        m->leader[p->election] = me;
        pass(h, m, LEADER, p->election, me);
    } else if (p->name > me) {
        m->takes_part[p->election] = true;
        pass(h, m, CANDIDATE, p->election, p->name);
    } else {
        stand(h, m, p->election);
    }
}

static void see_leader(ds_handle *h, member *m, const packet *p)
{
    if (m->leader[p->election] != NOBODY)
        return;
    m->leader[p->election] = p->name;
    pass(h, m, LEADER, p->election, p->name);
}

static void take(ds_handle *h, member *m, packet p, int from)
{
    switch (p.kind) {
    case WHO:
        stand(h, m, p.election);
        p.name = m->leader[p.election];
        group_send(h, m->g, from, &p, sizeof(p));
        return;
    case RECEIPT:
        see_receipt(m, p.call);
        return;
    case CANDIDATE:
        see_candidate(h, m, &p);
        break;
    case LEADER:
        see_leader(h, m, &p);
        break;
    }
    p.kind = RECEIPT;
    group_send(h, m->g, from, &p, sizeof(p));
}

static void serve(ds_handle *h, void *arg)
{
    member m = { .g = arg };
    double again = patience;
    packet p;
    int from;

    for (int i = 0; i < ELECTIONS; i++)
        m.leader[i] = NOBODY;
    while (group_recv(h, m.g, again - ds_now(h), &p, sizeof(p), &from)) {
        if (from != NOBODY) {
            take(h, &m, p, from);
            continue;
        }
        pass_again(h, &m);
        again = ds_now(h) + patience;
    }
}

/* ---- The client, and the tests --------------------------------------------*/

/* Asks until all have told who it is. */
static bool elect(ds_handle *h, const group *g, int64_t *calls,
                  int64_t election)
{
    packet answers[RING];
    int known;

    do {
        packet p = { ++*calls, election, WHO, NOBODY };
        int got;
        if (!ds_sleep(h, patience) ||
            !group_ask(h, g, &p, sizeof(p), patience, RING, answers, &got))
            return false;
        known = 0;
        for (int i = 0; i < got; i++)
            known += answers[i].name != NOBODY;
    } while (known < RING);
    for (int i = 0; i < RING; i++)
        if (answers[i].name != RING - 1)
            ds_fail(h, "election %d: %d was elected", (int)election,
                    answers[i].name);
    return true;
}

static void client(ds_handle *h, void *arg)
{
    int64_t calls = 0;

    for (size_t i; ds_next(h, &i) && i < ELECTIONS;)
        if (!elect(h, arg, &calls, (int64_t)i))
            return;
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &ring_right,
        .rules_size = sizeof(ring_right),
        .servers = RING,
        .clients = 1,
        .server = serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
}

#define ELECTION(title, mistake)                                               \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL & ~DS_HAZARD_CRASH                            \
    }

static const ds_test right = ELECTION("ring-election", NULL);

/* ---- X10 ------------------------------------------------------------------*/

static bool keep_nothing(void)
{
    return false;
}

static const ring_rules sends_once = { keep_nothing };
static const ds_test x10 = ELECTION("X10", &sends_once);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X10",
        .title =
            "Chang and Roberts' election waits for a message that was lost",
        .source =
            "Lynch, Distributed algorithms, 1996, 3.3: links lose nothing",
        .correct = &right,
        .planted = &x10,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_ring = PLANTED_FAMILY(rows);
