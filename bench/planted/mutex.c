/* Mutual exclusion, <distsys/mutex.h>, and mistakes in it.  A thread on each
 * machine enters again and again. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/mutex_rules.h"

enum { MEMBERS = 4 };

typedef struct mutex {
    ds_mutex mutex;
    struct ds_mutex_member *members[MEMBERS];
} mutex;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__mutex_serve(h, &((mutex *)g->shared)->mutex, g->rules);
}

static void visit(ds_handle *h, void *arg)
{
    const group *g = arg;
    const ds_mutex *m = &((mutex *)g->shared)->mutex;

    for (size_t i; ds_next(h, &i);) {
        if (!ds_mutex_lock(h, m) || !ds_sleep(h, 0.01 * ds_random(h)))
            return;
        ds_mutex_unlock(h, m);
    }
}

static void build(ds_trial *t, void *mistake, const ds_mutex_kind *right)
{
    const group_plan plan = {
        .rules = right,
        .rules_size = sizeof(*right),
        .servers = MEMBERS,
        .server = serve,
        .client = visit,
        .shared = sizeof(mutex),
    };

    group_watch(t, DS_CHECK_EXCLUSION);
    const group *g = group_new(t, mistake, &plan);
    mutex *m = g->shared;
    m->mutex = (ds_mutex){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .again = 0.1,
        .members = m->members,
    };
}

#define BUILD(kind)                                                            \
    static void build_##kind(ds_trial *t, void *mistake)                       \
    {                                                                          \
        build(t, mistake, &ds_mutex_##kind);                                   \
    }
BUILD(lamport)
BUILD(ricart_agrawala)
BUILD(maekawa)
BUILD(token_ring)
BUILD(raymond)

#define MUTEX(title, kind, mistake)                                            \
    {                                                                          \
        .name = title, .build = build_##kind, .arg = (void *)(mistake),        \
        .hazards = PLANTED_USUAL & ~DS_HAZARD_CRASH                            \
    }

static const ds_test lamport = MUTEX("lamport", lamport, NULL);
static const ds_test ricart_agrawala =
    MUTEX("ricart-agrawala", ricart_agrawala, NULL);
static const ds_test maekawa = MUTEX("maekawa", maekawa, NULL);
static const ds_test token_ring = MUTEX("token-ring", token_ring, NULL);
static const ds_test raymond = MUTEX("raymond", raymond, NULL);

/* ---- Links ----------------------------------------------------------------*/

static bool as_it_comes(uint64_t taken, uint64_t number)
{
    return true;
}

static bool keep_nothing(double again)
{
    return false;
}

static const ds_mutex_kind no_order = { .links.in_turn = as_it_comes };
static const ds_mutex_kind loses = { .links.keeps = keep_nothing };
static const ds_test x5 = MUTEX("X5", lamport, &no_order);
static const ds_test x24 = MUTEX("X24", ricart_agrawala, &no_order);
static const ds_test x25 = MUTEX("X25", token_ring, &no_order);
static const ds_test x25b = MUTEX("X25b", token_ring, &loses);
static const ds_test x6d = MUTEX("X6d", maekawa, &no_order);
static const ds_test x26c = MUTEX("X26c", raymond, &no_order);

/* ---- Lamport's ------------------------------------------------------------*/

/* Of the requests that it knows. */
static bool enter_if_oldest(const struct ds_mutex_member *m)
{
    return ds__mutex_oldest(m) == m->me;
}

/* Nobody has said anything that is earlier, or asked earlier. */
static bool enter_if_none_is_earlier(const struct ds_mutex_member *m)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (i != m->me &&
            (m->of[i].heard < m->mine ||
             (m->of[i].request > 0 && m->of[i].request < m->mine)))
            return false;
    return true;
}

static void learn_nothing(struct ds_mutex_member *m, ds_lamport time)
{
}

static const ds_mutex_kind hears_nobody = { .may_enter = enter_if_oldest };
static const ds_mutex_kind equal_times = {
    .may_enter = enter_if_none_is_earlier,
};
static const ds_mutex_kind own_times = { .learns = learn_nothing };
static const ds_test x5b = MUTEX("X5b", lamport, &hears_nobody);
static const ds_test x5c = MUTEX("X5c", lamport, &equal_times);
static const ds_test x5d = MUTEX("X5d", lamport, &own_times);

/* ---- Ricart and Agrawala's ------------------------------------------------*/

static bool defer_by_time(const struct ds_mutex_member *m, size_t from,
                          ds_lamport time)
{
    return m->state == DS__INSIDE || (m->state == DS__WANTS && m->mine < time);
}

static const ds_mutex_kind no_ties = { .defers = defer_by_time };
static const ds_test x24b = MUTEX("X24b", ricart_agrawala, &no_ties);

static const ds_test x24c = MUTEX("X24c", ricart_agrawala, &own_times);

/* ---- Maekawa's ------------------------------------------------------------*/

static bool inquire_never(const struct ds_mutex_member *m, size_t oldest)
{
    return false;
}

static const ds_mutex_kind stubborn = { .inquires = inquire_never };
static const ds_test x6 = MUTEX("X6", maekawa, &stubborn);

static bool yield_always(const struct ds_mutex_member *m, size_t from,
                         ds_lamport time)
{
    return m->of[from].granted;
}

static size_t need_most(const struct ds_mutex_member *m)
{
    return ds_mutex_maekawa.needs(m) / 2 + 1;
}

static const ds_mutex_kind yields_inside = { .yields = yield_always };
static const ds_mutex_kind impatient = { .needs = need_most };
static const ds_test x6b = MUTEX("X6b", maekawa, &yields_inside);
static const ds_test x6c = MUTEX("X6c", maekawa, &impatient);

/* ---- Tokens ---------------------------------------------------------------*/

static bool give_always(const struct ds_mutex_member *m)
{
    return true;
}

static const ds_mutex_kind generous = { .gives = give_always };
static const ds_test x26 = MUTEX("X26", raymond, &generous);
static const ds_test x25c = MUTEX("X25c", token_ring, &generous);

static bool ask_never(const struct ds_mutex_member *m)
{
    return false;
}

static const ds_mutex_kind forgets = { .asks_back = ask_never };
static const ds_test x26b = MUTEX("X26b", raymond, &forgets);

/* ---- The rows -------------------------------------------------------------*/

#define PERMISSIONS "Ricart, Agrawala, CACM 24(1), 1981"
#define TOKENS      "Lynch, Distributed algorithms, 1996, 3.3: links lose nothing"
#define TREES       "Raymond, TOCS 7(1), 1989"

static const planted_row rows[] = {
    {
        .name = "X5",
        .title = "Lamport's mutex on links that do not keep the order",
        .source = "https://cs.stackexchange.com/questions/103839; "
                  "tlaplus/Examples, specifications/lamport_mutex",
        .correct = &lamport,
        .planted = &x5,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X5b",
        .title = "who has the oldest request that it knows of enters at once",
        .source = "Lamport, CACM 21(7), 1978, rule 5 (ii)",
        .correct = &lamport,
        .planted = &x5b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X5c",
        .title = "two requests of the same time both go first",
        .source = "Lamport, CACM 21(7), 1978, the total order of events",
        .correct = &lamport,
        .planted = &x5c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X5d",
        .title = "clocks learn nothing, and no answer is later than a request",
        .source = "Lamport, CACM 21(7), 1978, IR2 (b)",
        .correct = &lamport,
        .planted = &x5d,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X24",
        .title = "an answer that comes twice is taken for two permissions",
        .source = PERMISSIONS,
        .correct = &ricart_agrawala,
        .planted = &x24,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X24b",
        .title = "two requests of the same time do not put each other off",
        .source = PERMISSIONS,
        .correct = &ricart_agrawala,
        .planted = &x24b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X24c",
        .title =
            "a clock learns nothing of requests, so that the next is too old",
        .source = PERMISSIONS,
        .correct = &ricart_agrawala,
        .planted = &x24c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X6",
        .title = "Maekawa's mutex without taking a grant back",
        .source = "Sanders, TOCS 5(3), 1987",
        .correct = &maekawa,
        .planted = &x6,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X6b",
        .title = "who is inside gives a grant back that is asked for",
        .source = "Maekawa, TOCS 3(2), 1985; Sanders, TOCS 5(3), 1987",
        .correct = &maekawa,
        .planted = &x6b,
        .end = PLANTED_WRONG,
        .note = "rare",
    },
    {
        .name = "X6c",
        .title = "who has most of the grants of its quorum enters",
        .source = "Maekawa, TOCS 3(2), 1985",
        .correct = &maekawa,
        .planted = &x6c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X6d",
        .title = "a grant that comes twice is taken for two",
        .source = "Maekawa, TOCS 3(2), 1985",
        .correct = &maekawa,
        .planted = &x6d,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X25",
        .title = "a token that comes twice is two",
        .source = TOKENS,
        .correct = &token_ring,
        .planted = &x25,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X25b",
        .title = "a token that is lost is waited for",
        .source = TOKENS,
        .correct = &token_ring,
        .planted = &x25b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X25c",
        .title = "a token goes on while who had it is inside",
        .source = TOKENS,
        .correct = &token_ring,
        .planted = &x25c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X26",
        .title = "Raymond's token is given away by who is inside",
        .source = TREES,
        .correct = &raymond,
        .planted = &x26,
        .end = PLANTED_WRONG,
    },
    {
        .name = "X26b",
        .title = "who gives the token away does not ask for who waits behind",
        .source = TREES,
        .correct = &raymond,
        .planted = &x26b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X26c",
        .title = "a privilege that comes twice is two",
        .source = TREES,
        .correct = &raymond,
        .planted = &x26c,
        .end = PLANTED_WRONG,
    },
};

const planted_family planted_mutex = PLANTED_FAMILY(rows);
