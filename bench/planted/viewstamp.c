/* Viewstamped replication (Liskov, Cowling, MIT-CSAIL-TR-2012-021): a log that
 * the primary of a view appends to, and that a majority of the replicas has.
 * If nothing is heard of the primary the next view begins, with the best log of
 * a majority, which is that of the latest view, and the longest of these.
 *
 * A replica that has missed something asks another one for the whole state.
 * What it knows is in its memory, so none crashes. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

enum { REPLICAS = 3, QUORUM = REPLICAS / 2 + 1, CLIENTS = 2 };
enum { MOST = 10, LONGEST = CLIENTS * MOST };

enum {
    REQUEST,
    REPLY,
    PREPARE, /* all that is in a log up to n, but only the last one with it */
    PREPARED,
    CHANGE_VIEW,
    DO_CHANGE_VIEW,
    START_VIEW,
    GET_STATE,
    NEW_STATE,
};

static const double period = 0.1;

/* A log and where it is from. */
typedef struct state {
    int64_t view; /* the latest in which it was in use */
    int n;
    int commit;
    int log[LONGEST]; /* what was asked for, by its number */
} state;

typedef struct packet {
    int64_t view;
    int kind;
    int request;
    state state;
} packet;

typedef struct view_rules {
    /* Whether the log stays until there is that of the view. */
    bool (*keeps_log)(void);
} view_rules;

static bool yes(void)
{
    return true;
}

static const view_rules view_right = { yes };

typedef struct replica {
    ds_handle *h;
    const group *g;
    int me;
    int64_t view;
    bool changes; /* the view has not begun here */
    bool sent;    /* ... and this has been said to its primary */
    double deadline;
    state s;
    int has[REPLICAS];      /* how much, as far as a primary knows */
    unsigned asked;         /* who wants the view */
    unsigned told;          /* who has told its state, */
    state states[REPLICAS]; /* ... and these */
} replica;

static int primary_of(int64_t view)
{
    return (int)(view % REPLICAS);
}

static bool leads(const replica *r)
{
    return !r->changes && primary_of(r->view) == r->me;
}

static void wait_for_primary(replica *r)
{
    r->deadline = ds_now(r->h) + (2 + 2 * ds_random(r->h)) * period;
}

/* ---- The log --------------------------------------------------------------*/

static void append(replica *r, int request)
{
    r->s.log[r->s.n++] = request;
    ds_observe(r->h, DS_FACT_APPEND, r->s.n, request);
}

static void cut(replica *r, int n)
{
    r->s.n = n;
    ds_observe(r->h, DS_FACT_CUT, n + 1, 0);
}

static void commit(replica *r, int n)
{
    for (int i = r->s.commit; i < n && i < r->s.n; i++) {
        r->s.commit = i + 1;
        ds_observe(r->h, DS_FACT_COMMIT, i + 1, r->s.log[i]);
    }
}

static void take_over(replica *r, const state *s)
{
    int same = 0;

    while (same < s->n && same < r->s.n && s->log[same] == r->s.log[same])
        same++;
    if (same < r->s.n)
        cut(r, same);
    for (int i = same; i < s->n; i++)
        append(r, s->log[i]);
    commit(r, s->commit);
}

static int find(const replica *r, int request)
{
    for (int i = 0; i < r->s.n; i++)
        if (r->s.log[i] == request)
            return i;
    return r->s.n;
}

/* ---- Sending --------------------------------------------------------------*/

static void send(const replica *r, int to, int kind, int request)
{
    const packet p = { r->view, kind, request, r->s };

    group_send(r->h, r->g, to, &p, sizeof(p));
}

static void send_others(const replica *r, int kind)
{
    for (int i = 0; i < REPLICAS; i++)
        if (i != r->me)
            send(r, i, kind, 0);
}

/* The view is in use here. */
static void use_view(replica *r, int64_t view)
{
    r->view = r->s.view = view;
    r->changes = false;
    r->asked = r->told = 0;
    wait_for_primary(r);
}

/* ---- A new view -----------------------------------------------------------*/

static void want_view(replica *r, int64_t view)
{
    r->view = view;
    r->changes = true;
    r->sent = false;
    r->asked = 1u << r->me;
    r->told = 0;
    wait_for_primary(r);
    send_others(r, CHANGE_VIEW);
}

static bool is_better(const state *a, const state *b)
{
    return a->view != b->view ? a->view > b->view : a->n > b->n;
}

static int count(unsigned set)
{
    int n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

/* Begins the view as its primary, if a majority has told what it has. */
static void begin_view(replica *r)
{
    state best = r->s;

    if (count(r->told) < QUORUM || (r->told >> r->me & 1) == 0)
        return;
    for (int i = 0; i < REPLICAS; i++) {
        const state *s = &r->states[i];
        if ((r->told >> i & 1) == 0)
            continue;
        int most = s->commit > best.commit ? s->commit : best.commit;
        if (is_better(s, &best))
            best = *s;
        best.commit = most;
    }
    take_over(r, &best);
    use_view(r, r->view);
    for (int i = 0; i < REPLICAS; i++)
        r->has[i] = i == r->me ? r->s.n : 0;
    ds_observe(r->h, DS_FACT_LEAD, r->view, 0);
    send_others(r, START_VIEW);
}

static void note_state(replica *r, int from, const state *s)
{
    r->states[from] = *s;
    r->told |= 1u << from;
    begin_view(r);
}

/* Tells the primary of the view, once a majority wants it. */
static void tell_primary(replica *r)
{
    int primary = primary_of(r->view);

    if (r->sent || count(r->asked) < QUORUM)
        return;
    r->sent = true;
    if (primary == r->me)
        note_state(r, r->me, &r->s);
    else
        send(r, primary, DO_CHANGE_VIEW, 0);
}

static void on_change(replica *r, const packet *p, int from)
{
    if (p->view > r->view)
        want_view(r, p->view);
    if (p->view < r->view || !r->changes)
        return;
    r->asked |= 1u << from;
    tell_primary(r);
    if (r->changes && p->kind == DO_CHANGE_VIEW)
        note_state(r, from, &p->state);
}

/* ---- What was missed ------------------------------------------------------*/

/* Whether something has come from a view that has not begun here. */
static bool is_ahead(const replica *r, const packet *p)
{
    return p->view > r->view || (p->view == r->view && r->changes);
}

/* Asks for the state of a later view, or for what is missing in this one.  What
 * has been prepared in an earlier view may have been committed by that, and is
 * needed until there is something better. */
static void catch_up(replica *r, const packet *p, int from)
{
    const view_rules *rules = r->g->rules;

    if (is_ahead(r, p) && !rules->keeps_log()) {
        cut(r, r->s.commit);
        use_view(r, p->view);
    }
    send(r, from, GET_STATE, 0);
}

static void on_state(replica *r, const packet *p)
{
    if (!is_ahead(r, p) && (p->view < r->view || p->state.n <= r->s.n))
        return;
    take_over(r, &p->state);
    use_view(r, p->view);
    send(r, primary_of(r->view), PREPARED, 0);
}

/* ---- Requests -------------------------------------------------------------*/

static void on_request(replica *r, const packet *p, int from)
{
    int at = find(r, p->request);

    if (!leads(r))
        return;
    if (at < r->s.commit) {
        send(r, from, REPLY, p->request);
    } else if (at == r->s.n) {
        append(r, p->request);
        r->has[r->me] = r->s.n;
        send_others(r, PREPARE);
    }
}

static void on_prepare(replica *r, const packet *p, int from)
{
    const state *s = &p->state;

    if (p->view < r->view)
        return;
    if (is_ahead(r, p) || s->n > r->s.n + 1) {
        catch_up(r, p, from);
        return;
    }
    wait_for_primary(r);
    if (s->n == r->s.n + 1)
        append(r, s->log[s->n - 1]);
    commit(r, s->commit);
    send(r, from, PREPARED, 0);
}

static void on_prepared(replica *r, const packet *p, int from)
{
    int enough = 0;

    if (!leads(r) || p->view != r->view)
        return;
    if (p->state.n > r->has[from])
        r->has[from] = p->state.n;
    for (int n = r->s.commit + 1; n <= r->s.n; n++) {
        int have = 0;
        for (int i = 0; i < REPLICAS; i++)
            have += r->has[i] >= n;
        if (have >= QUORUM)
            enough = n;
    }
    commit(r, enough);
}

/* ---- Replicas -------------------------------------------------------------*/

static void take(replica *r, const packet *p, int from)
{
    switch (p->kind) {
    case REQUEST:
        on_request(r, p, from);
        break;
    case PREPARE:
        on_prepare(r, p, from);
        break;
    case PREPARED:
        on_prepared(r, p, from);
        break;
    case CHANGE_VIEW:
    case DO_CHANGE_VIEW:
        on_change(r, p, from);
        break;
    case GET_STATE:
        if (!r->changes && r->view >= p->view)
            send(r, from, NEW_STATE, 0);
        break;
    case START_VIEW:
    case NEW_STATE:
        on_state(r, p);
        break;
    }
}

static void on_time(replica *r)
{
    if (!leads(r)) {
        want_view(r, r->view + 1);
        return;
    }
    send_others(r, PREPARE);
    r->deadline = ds_now(r->h) + period / 2;
}

static void serve(ds_handle *h, void *arg)
{
    replica *r = ds_alloc(h, sizeof(*r));
    packet p;
    int from;

    if (r == NULL)
        return;
    r->h = h;
    r->g = arg;
    r->me = group_me(h);
    wait_for_primary(r);
    while (group_recv(h, r->g, r->deadline - ds_now(h), &p, sizeof(p), &from)) {
        if (from == NOBODY)
            on_time(r);
        else
            take(r, &p, from);
    }
}

/* ---- Clients, and the tests -----------------------------------------------*/

static bool request(ds_handle *h, const group *g, int number)
{
    packet p = { .kind = REQUEST, .request = number }, a;
    int from = NOBODY;

    while (from == NOBODY) {
        double end = ds_now(h) + 2 * period;
        group_send_all(h, g, &p, sizeof(p));
        do {
            if (!group_recv(h, g, end - ds_now(h), &a, sizeof(a), &from))
                return false;
        } while (from != NOBODY && a.request != number);
    }
    return true;
}

static void client(ds_handle *h, void *arg)
{
    int who = group_me(h) - REPLICAS;

    for (size_t i; ds_next(h, &i) && i < MOST;)
        if (!request(h, arg, 1 + who * MOST + (int)i))
            return;
}

static void build(ds_trial *t, void *mistake)
{
    const group_plan plan = {
        .rules = &view_right,
        .rules_size = sizeof(view_right),
        .servers = REPLICAS,
        .clients = CLIENTS,
        .server = serve,
        .client = client,
    };

    group_new(t, mistake, &plan);
    group_watch(t,
                DS_CHECK_ELECTION | DS_CHECK_COMPLETENESS | DS_CHECK_MACHINE);
}

#define VIEWSTAMPED(title, mistake)                                            \
    {                                                                          \
        .name = title, .build = build, .arg = (void *)(mistake),               \
        .hazards = PLANTED_USUAL & ~DS_HAZARD_CRASH                            \
    }

static const ds_test right = VIEWSTAMPED("viewstamp", NULL);

/* ---- P7 -------------------------------------------------------------------*/

static bool no(void)
{
    return false;
}

static const view_rules cuts_log = { no };
static const ds_test p7 = VIEWSTAMPED("P7", &cuts_log);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "P7",
        .title = "a replica cuts its log before it has that of the later view",
        .source = "Vanlightly/vsr-tlaplus, state transfer",
        .correct = &right,
        .planted = &p7,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
};

const planted_family planted_viewstamp = PLANTED_FAMILY(rows);
