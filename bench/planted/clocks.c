/* Clocks, <distsys/clocks.h>, and mistakes in them.  Machines send each other
 * messages; who knows all machines knows of each event what went before it, and
 * holds against that what the clocks say. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

#include <distsys/clocks.h>
#include <distsys/fault.h>

enum { MACHINES = 4, EACH = 8, MOST = 256, WORDS = MOST / 64 };

typedef struct clock_rules {
    ds_lamport (*tick)(ds_lamport *clock);
    ds_lamport (*receive)(ds_lamport *clock, ds_lamport sent);
    void (*vector_tick)(uint64_t *clock, size_t me);
    void (*vector_receive)(uint64_t *clock, const uint64_t *sent, size_t n,
                           size_t me);
    ds_order (*vector_compare)(const uint64_t *a, const uint64_t *b, size_t n);
    ds_hlc (*hlc_tick)(ds_hlc *clock, int64_t now);
    ds_hlc (*hlc_receive)(ds_hlc *clock, ds_hlc sent, int64_t now);
} clock_rules;

static const clock_rules right = {
    ds_lamport_tick,   ds_lamport_receive, ds_vector_tick, ds_vector_receive,
    ds_vector_compare, ds_hlc_tick,        ds_hlc_receive,
};

/* What all three clocks say. */
typedef struct stamp {
    ds_lamport lamport;
    uint64_t vector[MACHINES];
    ds_hlc hybrid;
} stamp;

/* past: bit i is that event i went before it.  shown is the greatest that the
 * clock of a machine showed at one of those, or at this one, or 0, at which
 * clocks begin. */
typedef struct event {
    stamp stamp;
    uint64_t past[WORDS];
    int64_t shown;
} event;

typedef struct message {
    size_t event;
    stamp stamp;
} message;

/* What the test sees. */
typedef struct shared {
    void (*judge)(ds_handle *h, const clock_rules *rules, const event *all,
                  size_t e);
    stamp clocks[MACHINES];
    size_t last[MACHINES]; /* event of each, and one more; 0: none */
    event events[MOST];
    size_t n;
} shared;

static bool is_before(const event *e, size_t i)
{
    return (e->past[i / 64] >> i % 64 & 1) != 0;
}

static void add_past(event *e, const event *all, size_t before)
{
    for (size_t i = 0; i < WORDS; i++)
        e->past[i] |= all[before].past[i];
    e->past[before / 64] |= (uint64_t)1 << before % 64;
    if (all[before].shown > e->shown)
        e->shown = all[before].shown;
}

/* Something has happened to the caller's machine, whose clocks say so already:
 * a message came that was sent at another event, or nothing came. */
static void note(ds_handle *h, const group *g, const message *came, int64_t now)
{
    shared *s = g->shared;
    const int me = group_me(h);

    if (s->n == MOST)
        return;
    event *e = &s->events[s->n];
    *e = (event){ .stamp = s->clocks[me], .shown = now > 0 ? now : 0 };
    if (s->last[me] > 0)
        add_past(e, s->events, s->last[me] - 1);
    if (came != NULL)
        add_past(e, s->events, came->event);
    s->judge(h, g->rules, s->events, s->n);
    s->last[me] = ++s->n;
}

/* ---- Machines -------------------------------------------------------------*/

static void send(ds_handle *h, const group *g)
{
    shared *s = g->shared;
    const clock_rules *rules = g->rules;
    const int me = group_me(h);
    const int to = (me + 1 + group_random(h, MACHINES - 1)) % MACHINES;
    const int64_t now = ds_hlc_now(h);
    stamp *mine = &s->clocks[me];

    rules->tick(&mine->lamport);
    rules->vector_tick(mine->vector, (size_t)me);
    rules->hlc_tick(&mine->hybrid, now);
    const message m = { s->n, *mine };
    note(h, g, NULL, now);
    group_send(h, g, to, &m, sizeof(m));
}

static void receive(ds_handle *h, const group *g, const message *m)
{
    shared *s = g->shared;
    const clock_rules *rules = g->rules;
    const int me = group_me(h);
    const int64_t now = ds_hlc_now(h);
    stamp *mine = &s->clocks[me];

    rules->receive(&mine->lamport, m->stamp.lamport);
    rules->vector_receive(mine->vector, m->stamp.vector, MACHINES, (size_t)me);
    rules->hlc_receive(&mine->hybrid, m->stamp.hybrid, now);
    note(h, g, m, now);
}

static void listen(ds_handle *h, void *arg)
{
    const group *g = arg;
    message m;
    int from;

    while (group_recv(h, g, INFINITY, &m, sizeof(m), &from))
        if (m.event < MOST)
            receive(h, g, &m);
}

static void talk(ds_handle *h, void *arg)
{
    for (size_t i; ds_next(h, &i) && i < EACH;)
        send(h, arg);
}

/* ---- What must be ---------------------------------------------------------*/

/* Lamport, the clock condition. */
static void judge_lamport(ds_handle *h, const clock_rules *rules,
                          const event *all, size_t e)
{
    for (size_t i = 0; i < e; i++)
        if (is_before(&all[e], i) &&
            all[i].stamp.lamport >= all[e].stamp.lamport)
            ds_fail(h, "an event at %llu went before one at %llu",
                    (unsigned long long)all[i].stamp.lamport,
                    (unsigned long long)all[e].stamp.lamport);
}

/* Mattern, theorem 10: what went before is less, and nothing else is. */
static void judge_vector(ds_handle *h, const clock_rules *rules,
                         const event *all, size_t e)
{
    for (size_t i = 0; i < e; i++) {
        ds_order is = is_before(&all[e], i) ? DS_BEFORE : DS_CONCURRENT;
        ds_order said = rules->vector_compare(all[i].stamp.vector,
                                              all[e].stamp.vector, MACHINES);
        if (said != is)
            ds_fail(h, "of events %zu and %zu the clocks say %d, but it is %d",
                    i, e, (int)said, (int)is);
    }
}

/* Kulkarni et al., theorems 1 to 3. */
static void judge_hybrid(ds_handle *h, const clock_rules *rules,
                         const event *all, size_t e)
{
    if (all[e].stamp.hybrid.time != all[e].shown)
        ds_fail(h, "a clock says %lld, and the greatest shown so far is %lld",
                (long long)all[e].stamp.hybrid.time, (long long)all[e].shown);
    for (size_t i = 0; i < e; i++)
        if (is_before(&all[e], i) &&
            ds_hlc_compare(all[i].stamp.hybrid, all[e].stamp.hybrid) !=
                DS_BEFORE)
            ds_fail(h, "an event at %lld, %llu went before one at %lld, %llu",
                    (long long)all[i].stamp.hybrid.time,
                    (unsigned long long)all[i].stamp.hybrid.count,
                    (long long)all[e].stamp.hybrid.time,
                    (unsigned long long)all[e].stamp.hybrid.count);
}

#define BUILD(kind)                                                            \
    static void build_##kind(ds_trial *t, void *mistake)                       \
    {                                                                          \
        const group_plan plan = {                                              \
            .rules = &right,                                                   \
            .rules_size = sizeof(right),                                       \
            .servers = MACHINES,                                               \
            .server = listen,                                                  \
            .client = talk,                                                    \
            .shared = sizeof(shared),                                          \
        };                                                                     \
        const group *g = group_new(t, mistake, &plan);                         \
                                                                               \
        ((shared *)g->shared)->judge = judge_##kind;                           \
    }
BUILD(lamport)
BUILD(vector)
BUILD(hybrid)

#define CLOCK(title, kind, mistake)                                            \
    {                                                                          \
        .name = title, .build = build_##kind, .arg = (void *)(mistake),        \
        .hazards = (PLANTED_USUAL & ~DS_HAZARD_CRASH) | DS_HAZARD_CLOCK        \
    }

static const ds_test lamport = CLOCK("lamport-clock", lamport, NULL);
static const ds_test vector = CLOCK("vector-clock", vector, NULL);
static const ds_test hybrid = CLOCK("hybrid-clock", hybrid, NULL);

/* ---- Lamport's ------------------------------------------------------------*/

static ds_lamport count_own(ds_lamport *clock, ds_lamport sent)
{
    return ds_lamport_tick(clock);
}

static ds_lamport take_greater(ds_lamport *clock, ds_lamport sent)
{
    return *clock = sent > *clock ? sent : *clock;
}

static ds_lamport look(ds_lamport *clock)
{
    return *clock;
}

static const clock_rules no_maximum = { .receive = count_own };
static const clock_rules no_step = { .receive = take_greater };
static const clock_rules no_send = { .tick = look };
static const ds_test c1 = CLOCK("C1", lamport, &no_maximum);
static const ds_test c1b = CLOCK("C1b", lamport, &no_step);
static const ds_test c1c = CLOCK("C1c", lamport, &no_send);

/* ---- Vectors --------------------------------------------------------------*/

static void only_merge(uint64_t *clock, const uint64_t *sent, size_t n,
                       size_t me)
{
    ds_vector_merge(clock, sent, n);
}

static void take_over(uint64_t *clock, const uint64_t *sent, size_t n,
                      size_t me)
{
    for (size_t i = 0; i < n; i++)
        clock[i] = i == me ? clock[i] : sent[i];
    ds_vector_tick(clock, me);
}

static ds_order compare_any(const uint64_t *a, const uint64_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] < b[i])
            return DS_BEFORE;
    return ds_vector_compare(a, b, n);
}

static const clock_rules no_event = { .vector_receive = only_merge };
static const clock_rules forgets = { .vector_receive = take_over };
static const clock_rules any_entry = { .vector_compare = compare_any };
static const ds_test c2 = CLOCK("C2", vector, &no_event);
static const ds_test c2b = CLOCK("C2b", vector, &forgets);
static const ds_test c2c = CLOCK("C2c", vector, &any_entry);

/* ---- Hybrid ones ----------------------------------------------------------*/

static ds_hlc show_time(ds_hlc *clock, int64_t now)
{
    return *clock = (ds_hlc){ .time = now };
}

static ds_hlc ignore_sent(ds_hlc *clock, ds_hlc sent, int64_t now)
{
    return ds_hlc_tick(clock, now);
}

/* What was sent has a time, but no count. */
static ds_hlc ignore_count(ds_hlc *clock, ds_hlc sent, int64_t now)
{
    sent.count = 0;
    return ds_hlc_receive(clock, sent, now);
}

/* A time that is not new is counted on itself. */
static ds_hlc count_in_time(ds_hlc *clock, int64_t now)
{
    const int64_t next = clock->time + 1;

    return *clock = (ds_hlc){ .time = now > next ? now : next };
}

static const clock_rules goes_back = { .hlc_tick = show_time };
static const clock_rules alone = { .hlc_receive = ignore_sent };
static const clock_rules half = { .hlc_receive = ignore_count };
static const clock_rules naive = { .hlc_tick = count_in_time };
static const ds_test c3 = CLOCK("C3", hybrid, &goes_back);
static const ds_test c3b = CLOCK("C3b", hybrid, &alone);
static const ds_test c3c = CLOCK("C3c", hybrid, &half);
static const ds_test c3d = CLOCK("C3d", hybrid, &naive);

/* ---- The rows -------------------------------------------------------------*/

#define LAMPORT "Lamport, CACM 21(7), 1978, IR1 and IR2"
#define MATTERN "Mattern, Virtual time and global states, 1989"
#define HLC     "Kulkarni et al., OPODIS 2014"

#define ROW(row, correct_one, wrong, what, where)                              \
    {                                                                          \
        .name = row, .title = what, .source = where, .correct = &correct_one,  \
        .planted = &wrong, .end = PLANTED_WRONG                                \
    }

static const planted_row rows[] = {
    ROW("C1", lamport, c1, "who receives counts on, whatever the message says",
        LAMPORT " (b)"),
    ROW("C1b", lamport, c1b,
        "who receives takes the greater time, and does not count on",
        LAMPORT " (b)"),
    ROW("C1c", lamport, c1c, "to send is no event of its own",
        "Lamport, CACM 21(7), 1978, IR1"),
    ROW("C2", vector, c2, "to receive is no event of its own", MATTERN),
    ROW("C2b", vector, c2b,
        "who receives takes the sender's entries for the newer ones", MATTERN),
    ROW("C2c", vector, c2c, "one vector is before another if any entry is less",
        "Fidge, ACSC 1988"),
    ROW("C3", hybrid, c3, "a hybrid clock goes back with the machine's clock",
        HLC ", 3.3"),
    ROW("C3b", hybrid, c3b, "who receives looks at its own clock only",
        HLC ", 3.3"),
    ROW("C3c", hybrid, c3c,
        "who receives does not look at the count of the message", HLC ", 3.3"),
    ROW("C3d", hybrid, c3d,
        "what has no new time is counted in the time, which drifts away",
        HLC ", 3.2: the naive algorithm"),
};

const planted_family planted_clocks = PLANTED_FAMILY(rows);
