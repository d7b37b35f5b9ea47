/* A counter and a map, replicated without agreement: each operation is sent to
 * every replica until that has it, and what they come to must not depend on the
 * order (Shapiro et al., SSS 2011).  A deletion names what it deletes by its
 * stamp, and is remembered, since an older value may come later. */
#include <string.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { REPLICAS = 3, CLIENTS = 2, MOST = 16, IDS = CLIENTS * MOST, KEYS = 2 };

enum { ADD = 1, SET, DELETE };

enum { DO = 1, DONE, COPY, RECEIPT, ASK };

static const double patience = 0.1;

typedef struct operation {
    int64_t id; /* of the client's, whoever takes it */
    int64_t stamp;
    int64_t value;
    int kind;
    int key;
    int origin; /* the replica that has it from the client */
} operation;

typedef struct packet {
    int64_t call;
    operation op;
    int64_t stamp; /* in an answer: of what the key has */
    int kind;
    int known; /* in an answer: how many operations */
} packet;

/* A stamp without a value has been deleted. */
typedef struct entry {
    int64_t stamp;
    int64_t value;
} entry;

typedef struct state {
    int64_t count;
    entry map[KEYS];
} state;

typedef struct replica_rules {
    /* Whether an operation is to be performed. */
    bool (*is_new)(bool known);
    void (*delete)(entry *e, int64_t stamp);
} replica_rules;

static bool unless_known(bool known)
{
    return !known;
}

static void delete_and_remember(entry *e, int64_t stamp)
{
    if (stamp >= e->stamp)
        *e = (entry){ stamp, 0 };
}

static const replica_rules replicas_right = { unless_known,
                                              delete_and_remember };

/* What the test sees. */
typedef struct seen {
    state of[REPLICAS];
    int begun; /* operations */
    int added; /* those that count */
    int busy;  /* clients */
} seen;

/* ---- Replicas -------------------------------------------------------------*/

/* What is known is on disk, in the order in which it was performed. */
typedef struct replica {
    const group *g;
    state now;
    bool known[IDS];
    int num_known;
    operation ops[IDS];
    bool has[REPLICAS][IDS]; /* who has said so */
} replica;

static void perform(ds_handle *h, replica *r, const operation *op)
{
    const replica_rules *rules = r->g->rules;
    entry *e = &r->now.map[op->key];

    if (op->kind == ADD)
        r->now.count++;
    if (op->kind == SET && op->stamp > e->stamp)
        *e = (entry){ op->stamp, op->value };
    if (op->kind == DELETE)
        rules->delete (e, op->stamp);
    r->num_known += !r->known[op->id];
    r->known[op->id] = true;
    r->ops[op->id] = *op;
    ((seen *)r->g->shared)->of[group_me(h)] = r->now;
}

static bool recover(ds_handle *h, replica *r)
{
    operation op;

    for (size_t got, at = 0;; at += got) {
        if (!ds_disk_get(h, "operations", at, &op, sizeof(op), &got))
            return false;
        if (got < sizeof(op))
            return true;
        perform(h, r, &op);
    }
}

static bool take(ds_handle *h, replica *r, const operation *op)
{
    const replica_rules *rules = r->g->rules;

    if (!rules->is_new(r->known[op->id]))
        return true;
    if (!group_save(h, "operations", op, sizeof(*op)))
        return false;
    perform(h, r, op);
    return true;
}

static void send_copies(ds_handle *h, replica *r)
{
    for (int id = 0; id < IDS; id++)
        for (int to = 0; to < REPLICAS; to++)
            if (r->known[id] && r->ops[id].origin == group_me(h) &&
                to != group_me(h) && !r->has[to][id]) {
                packet p = { .kind = COPY, .op = r->ops[id] };
                group_send(h, r->g, to, &p, sizeof(p));
            }
}

static bool answer(ds_handle *h, replica *r, packet p, int from)
{
    switch (p.kind) {
    case DO:
        p.op.origin = group_me(h);
        if (!take(h, r, &p.op))
            return false;
        send_copies(h, r);
        p.kind = DONE;
        break;
    case COPY:
        if (!take(h, r, &p.op))
            return false;
        p.kind = RECEIPT;
        break;
    case RECEIPT:
        r->has[from][p.op.id] = true;
        return true;
    }
    p.stamp = r->now.map[p.op.key].stamp;
    p.known = r->num_known;
    group_send(h, r->g, from, &p, sizeof(p));
    return true;
}

static void serve(ds_handle *h, void *arg)
{
    replica *r = ds_alloc(h, sizeof(*r));
    double again = ds_now(h) + patience;
    packet p;
    int from;

    if (r == NULL)
        return;
    r->g = arg;
    if (!recover(h, r))
        return;
    while (group_recv(h, r->g, again - ds_now(h), &p, sizeof(p), &from)) {
        if (from == NOBODY) {
            send_copies(h, r);
            again = ds_now(h) + patience;
        } else if (!answer(h, r, p, from)) {
            return;
        }
    }
}

/* ---- Clients --------------------------------------------------------------*/

typedef struct user {
    const group *g;
    int64_t calls;
    int64_t stamp;
    int64_t seen[KEYS];
} user;

/* Asks one replica after the other, until one has done it. */
static bool run(ds_handle *h, user *u, operation op)
{
    packet p = { .call = ++u->calls, .kind = DO, .op = op }, a;
    int from = NOBODY;

    while (from == NOBODY) {
        double end = ds_now(h) + patience;
        group_send(h, u->g, group_random(h, REPLICAS), &p, sizeof(p));
        do {
            if (!group_recv(h, u->g, end - ds_now(h), &a, sizeof(a), &from))
                return false;
        } while (from != NOBODY && a.call != p.call);
    }
    u->seen[op.key] = a.stamp;
    if (a.stamp > u->stamp)
        u->stamp = a.stamp;
    return true;
}

static operation invent(ds_handle *h, user *u, size_t number)
{
    int who = group_me(h) - REPLICAS;
    operation op = {
        .id = who * MOST + (int64_t)number,
        .kind = ADD + group_random(h, 3),
        .key = group_random(h, KEYS),
    };

    if (op.kind == DELETE && u->seen[op.key] == 0)
        op.kind = SET;
    if (op.kind == SET) {
        u->stamp = (u->stamp / GROUP_MAX + 1) * GROUP_MAX + group_me(h);
        op.value = op.id + 1;
    }
    op.stamp = op.kind == DELETE ? u->seen[op.key] : u->stamp;
    return op;
}

/* Until every replica knows all operations of all. */
static bool wait_for_all(ds_handle *h, user *u)
{
    const seen *all = u->g->shared;
    packet answers[REPLICAS];
    int know, got;

    do {
        packet p = { .call = ++u->calls, .kind = ASK };
        if (!ds_sleep(h, patience) ||
            !group_ask(h, u->g, &p, sizeof(p), patience, REPLICAS, answers,
                       &got))
            return false;
        know = 0;
        for (int i = 0; i < got; i++)
            know += answers[i].known == all->begun;
    } while (all->busy > 0 || know < REPLICAS);
    return true;
}

static void judge(ds_handle *h, const seen *all)
{
    for (int i = 0; i < REPLICAS; i++)
        if (all->of[i].count != all->added)
            ds_fail(h, "replica %d has counted %d of %d", i,
                    (int)all->of[i].count, all->added);
    for (int i = 1; i < REPLICAS; i++)
        if (memcmp(all->of[i].map, all->of[0].map, sizeof(all->of[i].map)) != 0)
            ds_fail(h, "replicas 0 and %d know the same and have other maps",
                    i);
}

static void client(ds_handle *h, void *arg)
{
    user u = { .g = arg };
    seen *all = u.g->shared;

    for (size_t i; ds_next(h, &i) && i < MOST;) {
        operation op = invent(h, &u, i);
        all->begun++;
        all->added += op.kind == ADD;
        if (!run(h, &u, op))
            return;
    }
    all->busy--;
    if (wait_for_all(h, &u))
        judge(h, all);
}

/* ---- Tests ----------------------------------------------------------------*/

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &replicas_right,
        .rules_size = sizeof(replicas_right),
        .servers = REPLICAS,
        .clients = CLIENTS,
        .server = serve,
        .client = client,
        .shared = sizeof(seen),
    };
    group *g = group_new(t, mistake, &plan);

    ((seen *)g->shared)->busy = CLIENTS;
}

#define REPLICATED(title, mistake)                                             \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL                                               \
    }

static const ds_test right = REPLICATED("replicas", NULL);

/* ---- X13 ------------------------------------------------------------------*/

static bool always(bool known)
{
    return true;
}

static const replica_rules twice = { .is_new = always };
static const ds_test x13 = REPLICATED("X13", &twice);

/* ---- X15 ------------------------------------------------------------------*/

static void delete_and_forget(entry *e, int64_t stamp)
{
    if (stamp == e->stamp)
        *e = (entry){ 0, 0 };
}

static const replica_rules no_tombstone = { .delete = delete_and_forget };
static const ds_test x15 = REPLICATED("X15", &no_tombstone);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X13",
        .title = "a counter adds an operation again that is sent again",
        .source = "sourcenetwork/defradb#847",
        .correct = &right,
        .planted = &x13,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X15",
        .title = "a map forgets what it has deleted, and an older value comes "
                 "later",
        .source = "Alexander-N/tla-specs, crdt-bug",
        .correct = &right,
        .planted = &x15,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_replicas = PLANTED_FAMILY(rows);
