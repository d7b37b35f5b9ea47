/* Replicated data types, <distsys/crdt.h>, and mistakes in them: a counter,
 * registers, a set and a text at replicas that change them without asking
 * anybody.  What an operation has changed goes to every replica until that has
 * it.
 *
 * The one idea: an operation takes along which others its replica knew.  In the
 * end that says what the objects may be, by the definition of each type, and
 * no type has to be written a second time. */
#include <assert.h>
#include <stdlib.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/crdt_rules.h"
#include "proto/entries_rules.h"

enum { REPLICAS = 3, CLIENTS = 2, MOST = 16, OPERATIONS = CLIENTS * MOST };

/* Objects; the first of the registers.  A set has as many elements. */
enum { COUNTER = 1, SET, TEXT, REGISTERS, KEYS = 2 };

enum { COUNT = 0, ADD, REMOVE, WRITE, ERASE, INSERT, DELETE, KINDS };

/* Of what an element of a set that was known has three dots, one a replica. */
enum { CHANGES = REPLICAS + 1 };

static const double patience = 0.1;

typedef struct operation {
    int64_t id;
    int64_t done; /* true, once it is */
    int64_t kind;
    int64_t key;
    int64_t place;    /* in the text, as a draw */
    int64_t target;   /* whose element of the text it deletes; NOBODY's */
    uint64_t knew;    /* which operations its replica knew, bit by bit */
    uint64_t changed; /* how many entries */
    ds_entry changes[CHANGES];
} operation;

enum { DO = 1, DONE, COPY, RECEIPT, ASK };

typedef struct packet {
    int64_t call;
    int64_t kind;
    uint64_t known; /* to a replica that sends it, bit by bit */
    operation op;
} packet;

typedef struct replica_rules {
    ds__entries_rules entries;
    ds__crdt_rules crdt;
    /* Writes down an operation, before anybody is told that it is done. */
    bool (*keep)(ds_handle *h, const char *name, const void *data, size_t size);
    /* What others are told of an entry of a counter, and what they make of it.
     */
    void (*tell)(ds_entry *e);
    bool (*merge)(ds_entries *state, const ds_entry *e, bool *news);
} replica_rules;

static void all_that_was_counted(ds_entry *e)
{
}

static const replica_rules *right_rules(void)
{
    static replica_rules rules;

    rules = (replica_rules){
        .entries = ds__entries_right,
        .crdt = ds__crdt_right,
        .keep = group_save,
        .tell = all_that_was_counted,
        .merge = ds_entries_put,
    };
    return &rules;
}

/* ---- Replicas -------------------------------------------------------------*/

/* What a replica shows. */
typedef struct view {
    uint64_t digest;
    int64_t count;
    int64_t registers[KEYS]; /* the operation, and one; 0: nothing */
    bool set[KEYS];
    uint64_t text; /* whose elements are there, bit by bit */
} view;

/* What the test sees. */
typedef struct seen {
    view of[REPLICAS];
    operation ops[OPERATIONS];
    int busy; /* clients */
} seen;

/* Operations that are known are on disk. */
typedef struct replica {
    const group *g;
    ds_entries *state;
    ds_crdt *crdt;
    uint64_t known; /* bit by bit */
    operation ops[OPERATIONS];
    uint64_t has[REPLICAS]; /* what each other one last said it knows */
} replica;

static uint64_t bit(int64_t id)
{
    return UINT64_C(1) << id;
}

static uint64_t object_of(const operation *op)
{
    switch (op->kind) {
    case COUNT:
        return COUNTER;
    case ADD:
    case REMOVE:
        return SET;
    case WRITE:
    case ERASE:
        return REGISTERS + (uint64_t)op->key;
    default:
        return TEXT;
    }
}

static void look(replica *r, view *v)
{
    size_t n;
    ds_entry *text = ds_rga_read(r->crdt, TEXT, &n);

    *v = (view){
        .digest = ds_entries_sum_of(r->state, NULL, NULL).digest,
        .count = ds_counter_read(r->crdt, COUNTER),
    };
    for (int i = 0; i < KEYS; i++) {
        v->set[i] = ds_set_has(r->crdt, SET, i);
        ds_lww_read(r->crdt, REGISTERS + (uint64_t)i, &v->registers[i]);
    }
    for (size_t i = 0; i < n; i++)
        v->text |= bit(text[i].value);
    free(text);
}

/* Puts an element somewhere, and looks whether it comes right behind the one
 * that it was put behind, as its user sees it. */
static void insert(ds_handle *h, replica *r, const operation *op)
{
    size_t n, now;
    ds_entry *before = ds_rga_read(r->crdt, TEXT, &n), *after;
    size_t place = (size_t)op->place % (n + 1);

    ds_rga_insert(r->crdt, TEXT, place == 0 ? NULL : &before[place - 1].key,
                  op->id, NULL);
    after = ds_rga_read(r->crdt, TEXT, &now);
    if (now != n + 1 || after[place].value != op->id)
        ds_fail(h, "operation %d is not at place %d of the text", (int)op->id,
                (int)place);
    free(before);
    free(after);
}

static void delete (replica *r, operation *op)
{
    size_t n;
    ds_entry *text = ds_rga_read(r->crdt, TEXT, &n);

    op->target = NOBODY;
    if (n > 0) {
        const ds_entry *chosen = &text[(size_t)op->place % n];
        op->target = chosen->value;
        ds_rga_delete(r->crdt, &chosen->key);
    }
    free(text);
}

static void perform(ds_handle *h, replica *r, operation *op)
{
    uint64_t object = object_of(op);

    switch (op->kind) {
    case COUNT:
        ds_g_counter_add(r->crdt, object, 1);
        break;
    case ADD:
        ds_or_set_add(r->crdt, object, op->key);
        break;
    case REMOVE:
        ds_or_set_remove(r->crdt, object, op->key);
        break;
    case WRITE:
        ds_lww_write(r->crdt, object, 0, op->id + 1);
        break;
    case ERASE:
        ds_lww_erase(r->crdt, object, 0);
        break;
    case INSERT:
        insert(h, r, op);
        break;
    case DELETE:
        delete (r, op);
        break;
    }
}

static void note_changes(replica *r, operation *op)
{
    const replica_rules *rules = r->g->rules;
    ds_entries *delta = ds_crdt_delta(r->crdt);

    op->changed = ds_entries_sum_of(delta, NULL, NULL).count;
    assert(op->changed <= CHANGES);
    for (size_t i = 0; i < op->changed; i++) {
        op->changes[i] = *ds_entries_at(delta, i);
        if (op->kind == COUNT)
            rules->tell(&op->changes[i]);
    }
    ds_entries_free(delta);
}

static void know(replica *r, const operation *op)
{
    r->known |= bit(op->id);
    r->ops[op->id] = *op;
    ((seen *)r->g->shared)->ops[op->id] = *op;
}

static void merge(replica *r, const operation *op)
{
    const replica_rules *rules = r->g->rules;

    for (size_t i = 0; i < op->changed; i++)
        rules->merge(r->state, &op->changes[i], NULL);
}

static bool recover(ds_handle *h, replica *r)
{
    operation op;

    for (size_t got, at = 0;; at += got) {
        if (!ds_disk_get(h, "operations", at, &op, sizeof(op), &got))
            return false;
        if (got < sizeof(op))
            return true;
        merge(r, &op);
        know(r, &op);
    }
}

/* The operation of a client, who asks no other replica to do it. */
static bool do_it(ds_handle *h, replica *r, operation *op)
{
    const replica_rules *rules = r->g->rules;

    if (r->known & bit(op->id))
        return true;
    op->knew = r->known;
    op->done = true;
    perform(h, r, op);
    note_changes(r, op);
    if (!rules->keep(h, "operations", op, sizeof(*op)))
        return false;
    know(r, op);
    return true;
}

/* Nobody has to know what has been merged before, but for the disk's sake. */
static bool take(ds_handle *h, replica *r, const operation *op)
{
    bool is_new = (r->known & bit(op->id)) == 0;

    if (is_new && !group_save(h, "operations", op, sizeof(*op)))
        return false;
    merge(r, op);
    know(r, op);
    return true;
}

static void send_copies(ds_handle *h, replica *r)
{
    for (int to = 0; to < REPLICAS; to++)
        for (int id = 0; id < OPERATIONS; id++)
            if (to != group_me(h) && (r->known & ~r->has[to] & bit(id))) {
                packet p = {
                    .kind = COPY,
                    .known = r->known,
                    .op = r->ops[id],
                };
                group_send(h, r->g, to, &p, sizeof(p));
            }
}

static bool answer(ds_handle *h, replica *r, packet p, int from)
{
    switch (p.kind) {
    case DO:
        if (!do_it(h, r, &p.op))
            return false;
        send_copies(h, r);
        p.kind = DONE;
        break;
    case COPY:
        r->has[from] = p.known;
        if (!take(h, r, &p.op))
            return false;
        p.kind = RECEIPT;
        break;
    case RECEIPT:
        r->has[from] = p.known;
        return true;
    case ASK:
        look(r, &((seen *)r->g->shared)->of[group_me(h)]);
        break;
    }
    p.known = r->known;
    group_send(h, r->g, from, &p, sizeof(p));
    return true;
}

static void run_replica(ds_handle *h, replica *r)
{
    double again = ds_now(h) + patience;
    packet p;
    int from;

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

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    const replica_rules *rules = g->rules;
    replica *r = ds_alloc(h, sizeof(*r));

    if (r == NULL)
        return;
    r->g = g;
    r->state = ds__entries_new(&rules->entries);
    r->crdt = ds__crdt_new((uint64_t)group_me(h), r->state, &rules->crdt);
    run_replica(h, r);
    ds_crdt_free(r->crdt);
    ds_entries_free(r->state);
}

/* ---- Clients --------------------------------------------------------------*/

typedef struct user {
    const group *g;
    int64_t calls;
} user;

/* Asks one replica, and again, until that has done it. */
static bool run(ds_handle *h, user *u, const operation *op)
{
    packet p = { .call = ++u->calls, .kind = DO, .op = *op }, a;
    int home = group_random(h, REPLICAS), from = NOBODY;

    while (from == NOBODY) {
        double end = ds_now(h) + patience;
        group_send(h, u->g, home, &p, sizeof(p));
        do {
            if (!group_recv(h, u->g, end - ds_now(h), &a, sizeof(a), &from))
                return false;
        } while (from != NOBODY && a.call != p.call);
    }
    return true;
}

static operation invent(ds_handle *h, size_t number)
{
    int who = group_me(h) - REPLICAS;

    return (operation){
        .id = who * MOST + (int64_t)number,
        .kind = group_random(h, KINDS),
        .key = group_random(h, KEYS),
        .place = group_random(h, OPERATIONS),
    };
}

/* Until all replicas know the same, after the last operation. */
static bool wait_for_all(ds_handle *h, user *u)
{
    const seen *all = u->g->shared;
    packet answers[REPLICAS];
    bool ended;
    int same, got;

    do {
        packet p = { .call = ++u->calls, .kind = ASK };
        ended = all->busy == 0;
        if (!ds_sleep(h, patience) ||
            !group_ask(h, u->g, &p, sizeof(p), patience, REPLICAS, answers,
                       &got))
            return false;
        same = 0;
        for (int i = 0; i < got; i++)
            same += answers[i].known == answers[0].known;
    } while (!ended || same < REPLICAS);
    return true;
}

/* ---- What is right --------------------------------------------------------*/

/* Whether an operation was known to one of a kind on the same thing. */
static bool known_to(const seen *all, const operation *op, int64_t kind)
{
    for (const operation *other = all->ops; other < all->ops + OPERATIONS;
         other++)
        if (other->done && other->kind == kind && other->key == op->key &&
            (other->knew & bit(op->id)))
            return true;
    return false;
}

static int64_t true_count(const seen *all)
{
    int64_t n = 0;

    for (int i = 0; i < OPERATIONS; i++)
        n += all->ops[i].done && all->ops[i].kind == COUNT;
    return n;
}

/* An element is there if somebody added it, and nobody removed it who knew. */
static bool is_in(const seen *all, int key)
{
    for (const operation *op = all->ops; op < all->ops + OPERATIONS; op++)
        if (op->done && op->kind == ADD && op->key == key &&
            !known_to(all, op, REMOVE))
            return true;
    return false;
}

/* Whether a register may have that: it was written or erased by somebody whom
 * no other writer knew, or by nobody. */
static bool may_have(const seen *all, int key, int64_t value)
{
    bool untouched = true;

    for (const operation *op = all->ops; op < all->ops + OPERATIONS; op++) {
        bool is_write = op->kind == WRITE;
        if (!op->done || op->key != key || (!is_write && op->kind != ERASE))
            continue;
        untouched = false;
        if (value == (is_write ? op->id + 1 : 0) && !known_to(all, op, WRITE) &&
            !known_to(all, op, ERASE))
            return true;
    }
    return untouched && value == 0;
}

static uint64_t true_text(const seen *all)
{
    uint64_t inserted = 0, deleted = 0;

    for (const operation *op = all->ops; op < all->ops + OPERATIONS; op++) {
        if (op->done && op->kind == INSERT)
            inserted |= bit(op->id);
        if (op->done && op->kind == DELETE && op->target != NOBODY)
            deleted |= bit(op->target);
    }
    return inserted & ~deleted;
}

static void judge(ds_handle *h, const seen *all)
{
    const view *v = &all->of[0];

    for (int i = 0; i < REPLICAS; i++) {
        if (all->of[i].count != true_count(all))
            ds_fail(h, "replica %d has counted %d of %d", i,
                    (int)all->of[i].count, (int)true_count(all));
        if (all->of[i].digest != v->digest)
            ds_fail(h, "replicas 0 and %d know the same and differ", i);
    }
    for (int key = 0; key < KEYS; key++) {
        if (v->set[key] != is_in(all, key))
            ds_fail(h, "element %d is %s the set", key,
                    v->set[key] ? "still in" : "not in");
        if (!may_have(all, key, v->registers[key]))
            ds_fail(h, "register %d has what somebody replaced", key);
    }
    if (v->text != true_text(all))
        ds_fail(h, "the text has not what was inserted");
}

static void client(ds_handle *h, void *arg)
{
    user u = { .g = arg };
    seen *all = u.g->shared;

    for (size_t i; ds_next(h, &i) && i < MOST;) {
        operation op = invent(h, i);
        if (!run(h, &u, &op))
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
        .rules = right_rules(),
        .rules_size = sizeof(replica_rules),
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

static void one_more(ds_entry *e)
{
    e->value = 1;
}

static bool add_counts(ds_entries *state, const ds_entry *e, bool *news)
{
    const ds_entry *mine = ds_entries_find(state, &e->key);
    ds_entry sum = *e;

    if (e->key.object == COUNTER && mine != NULL)
        sum.value += mine->value;
    return ds_entries_put(state, &sum, news);
}

static const replica_rules increments = { .tell = one_more,
                                          .merge = add_counts };
static const ds_test x13 = REPLICATED("X13", &increments);

/* ---- X13b -----------------------------------------------------------------*/

static const replica_rules no_sync = { .keep = group_note };
static const ds_test x13b = REPLICATED("X13b", &no_sync);

/* ---- X15 ------------------------------------------------------------------*/

/* The tombstone of a register has no time any more. */
static ds_entry forget_when(const ds_entry *mine, const ds_entry *other)
{
    ds_entry e = ds_entry_is_less(mine, other) ? *other : *mine;

    if (e.key.object >= REGISTERS && ds__is_dead(&e))
        e.rank = 1;
    return e;
}

static const replica_rules no_tombstone = { .entries.join = forget_when };
static const ds_test x15 = REPLICATED("X15", &no_tombstone);

/* ---- X15b -----------------------------------------------------------------*/

static uint64_t the_same_anywhere(const ds_crdt *c, uint64_t greatest,
                                  uint64_t now)
{
    return ds__crdt_right.stamp(c, greatest, now) &
           ~(uint64_t)(DS_CRDT_REPLICAS - 1);
}

static const replica_rules nobodys = { .crdt.stamp = the_same_anywhere };
static const ds_test x15b = REPLICATED("X15b", &nobodys);

/* ---- X15c -----------------------------------------------------------------*/

static uint64_t time_of(const ds_entry *e)
{
    return e->rank >> (DS__STAMP_BITS + 1);
}

static ds_entry of_one_time_the_later(const ds_entry *mine,
                                      const ds_entry *other)
{
    if (mine->key.object >= REGISTERS && time_of(mine) == time_of(other))
        return *other;
    return ds__entries_right.join(mine, other);
}

static const replica_rules arrival = { .entries.join = of_one_time_the_later };
static const ds_test x15c = REPLICATED("X15c", &arrival);

/* ---- X15d -----------------------------------------------------------------*/

static uint64_t after_own(const ds_crdt *c, uint64_t greatest, uint64_t now)
{
    uint64_t n = 0;

    for (const ds_entry *e = ds_entries_from(c->state, NULL); e != NULL;
         e = ds_entries_after(c->state, &e->key))
        n += e->key.object == TEXT &&
             e->key.dot % DS_CRDT_REPLICAS == c->replica;
    return greatest == 0 ? ds__crdt_right.stamp(c, greatest, now)
                         : (n + 1) << DS__STAMP_BITS | c->replica;
}

static const replica_rules own_count = { .crdt.stamp = after_own };
static const ds_test x15d = REPLICATED("X15d", &own_count);

/* ---- X15e -----------------------------------------------------------------*/

static uint64_t what_is_there(const ds_crdt *c, uint64_t greatest,
                              const ds_entry *live)
{
    return live != NULL ? live->key.dot : ds__crdt_right.dot(c, greatest, live);
}

static const replica_rules no_dot = { .crdt.dot = what_is_there };
static const ds_test x15e = REPLICATED("X15e", &no_dot);

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
        .name = "X13b",
        .title = "a replica forgets in a crash what it has counted, and counts "
                 "on from before",
        .source = "scylladb/scylladb#2169",
        .correct = &right,
        .planted = &x13b,
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
    {
        .name = "X15b",
        .title = "a dot does not name its replica: a removal removes what it "
                 "has not seen",
        .source = "Shapiro et al., INRIA RR-7506, 2011, 3.3.5",
        .correct = &right,
        .planted = &x15b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X15c",
        .title = "of two writes at one time the one that arrives later stays",
        .source = "Shapiro et al., INRIA RR-7506, 2011, 3.2.1",
        .correct = &right,
        .planted = &x15c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X15d",
        .title = "a text's stamps count what a replica did itself, not what it "
                 "has seen",
        .source = "Roh et al., JPDC 71(3), 2011, 4",
        .correct = &right,
        .planted = &x15d,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X15e",
        .title = "to add what is there already changes nothing, and a removal "
                 "at once wins",
        .source = "Shapiro et al., INRIA RR-7506, 2011, 3.3.5",
        .correct = &right,
        .planted = &x15e,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_replicas = PLANTED_FAMILY(rows);
