/* Generates faults; see the header. */

#include "explore/plan/generate.h"

#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "explore/plan/draft.h"
#include "explore/plan/script.h"
#include "explore/plan/toll.h"
#include "net/gate.h"

#define CALL "ds_trial_expose"

/* How often another fault is tried if one would hurt too many. */
#define TRIES 4

/* Invariants: recent holds, from 0 to num_recent, lines of plan that may still
 * be on; sent has a place for each server. */
struct ds__generator {
    ds__author author; /* first */
    ds__resident resident;
    ds_loop *loop;
    const ds__cast *cast;
    size_t num_servers;
    size_t max_down;
    double calm_after;
    double anew_at; /* INFINITY: never, or no more */
    uint64_t anew;
    ds__profile profile;
    ds__dice dice;
    ds_plan *plan;
    size_t *recent;
    size_t num_recent;
    ds__draft draft;
    ds__toll toll;
    uint64_t *sent; /* by each server, up to the last fault, */
    uint64_t *now;  /* ... and up to now */
};

/* ---- Whom to aim at -------------------------------------------------------*/

/* Counts what each server has sent so far, by what came to the gate. */
static void count_sent(const ds__generator *g, uint64_t *sent)
{
    for (size_t i = 0; i < g->num_servers; i++)
        sent[i] = ds__gate_asked(g->cast->net, g->cast->nodes[i]);
}

static uint32_t random_server(ds__generator *g)
{
    return (uint32_t)ds__dice_below(&g->dice, g->num_servers);
}

/* Finds who has sent most since the last fault; false: nobody has sent. */
static bool find_busiest(ds__generator *g, uint32_t *server)
{
    uint64_t most = 0;

    count_sent(g, g->now);
    for (uint32_t i = 0; i < g->num_servers; i++) {
        assert(g->now[i] >= g->sent[i]);
        if (g->now[i] - g->sent[i] <= most)
            continue;
        most = g->now[i] - g->sent[i];
        *server = i;
    }
    return most > 0;
}

static ds__moment look(ds__generator *g, double now)
{
    ds__moment moment = { .now = now, .end = g->calm_after };
    bool aims = ds__dice_chance(&g->dice, g->profile.aim);

    moment.in_the_middle = ds__dice_chance(&g->dice, g->profile.middle);
    moment.server = random_server(g);
    moment.aimed = aims && find_busiest(g, &moment.server);
    return moment;
}

/* ---- Whether it may be ----------------------------------------------------*/

static void forget_the_past(ds__generator *g, double now)
{
    size_t left = 0;

    for (size_t i = 0; i < g->num_recent; i++)
        if (g->plan->lines[g->recent[i]].until > now)
            g->recent[left++] = g->recent[i];
    g->num_recent = left;
}

static bool hurts(const ds__plan_line *line)
{
    return line->kind == DS__PLAN_CRASH || line->kind == DS__PLAN_PAUSE ||
           line->kind == DS__PLAN_CUT || line->kind == DS__PLAN_PARTITION ||
           line->kind == DS__PLAN_OFF;
}

/* Tells whether the server is down or paused already, or is going to be. */
static bool is_taken(const ds__generator *g, uint32_t server)
{
    for (size_t i = 0; i < g->num_recent; i++) {
        const ds__plan_line *line = &g->plan->lines[g->recent[i]];
        if ((line->kind == DS__PLAN_CRASH || line->kind == DS__PLAN_PAUSE) &&
            line->node == server)
            return true;
    }
    return false;
}

/* Whatever ends, ends later, and nothing begins before the next fault: so if it
 * is not too much now it never is. */
static bool is_bearable(ds__generator *g)
{
    const ds__draft *draft = &g->draft;
    ds__toll *toll = &g->toll;

    if (draft->count == 0)
        return false;
    if (!hurts(&draft->lines[0]))
        return true;
    if (draft->lines[0].kind == DS__PLAN_CRASH ||
        draft->lines[0].kind == DS__PLAN_PAUSE) {
        if (is_taken(g, draft->lines[0].node))
            return false;
    }
    ds__toll_begin(toll);
    for (size_t i = 0; i < g->num_recent; i++)
        ds__toll_add(toll, &g->plan->lines[g->recent[i]]);
    for (size_t i = 0; i < draft->count; i++)
        ds__toll_add(toll, &draft->lines[i]);
    return ds__toll_count(toll) <= g->max_down;
}

/* ---- Writing --------------------------------------------------------------*/

static bool add_line(ds__generator *g, ds__script *script,
                     const ds__plan_line *line)
{
    if (!ds__plan_append(g->plan, line)) {
        ds__fail_memory(g->loop, CALL);
        return false;
    }
    g->recent[g->num_recent++] = g->plan->count - 1;
    return ds__script_add(script, g->cast, line, CALL);
}

/* The plan's lines are what happens; false: no memory. */
static bool add_draft(ds__generator *g, ds__script *script)
{
    for (size_t i = 0; i < g->draft.count; i++)
        if (!add_line(g, script, &g->draft.lines[i]))
            return false;
    return true;
}

static bool has_room(const ds__generator *g)
{
    return g->plan->count + DS__DRAFT_MOST <= g->profile.most_lines;
}

/* From now on the dice are others. */
static bool is_anew(ds__generator *g, double now)
{
    if (now < g->anew_at)
        return false;
    g->anew_at = INFINITY;
    g->dice.stream += g->anew << 8;
    g->dice.draws = 0;
    return true;
}

static void set_next(ds__generator *g, double now)
{
    double gap = ds__profile_gap(&g->profile, &g->dice);

    g->author.next = now + gap;
    if (!has_room(g) || !(g->author.next > now) ||
        g->author.next >= g->calm_after)
        g->author.next = INFINITY;
    if (g->author.next > g->anew_at)
        g->author.next = g->anew_at;
}

static void write(ds__author *self, ds__script *script)
{
    ds__generator *g = (ds__generator *)self;
    double now = ds_loop_now(g->loop);

    if (is_anew(g, now)) {
        set_next(g, now);
        return;
    }
    forget_the_past(g, now);
    for (int i = 0; i < TRIES; i++) {
        ds__moment moment = look(g, now);
        unsigned hazard = ds__profile_hazard(&g->profile, &g->dice);
        if (hazard == 0) {
            self->next = INFINITY;
            return;
        }
        ds__draft_hazard(&g->draft, hazard, &g->profile, &g->dice, &moment);
        if (!is_bearable(g))
            continue;
        count_sent(g, g->sent);
        if (!add_draft(g, script)) {
            self->next = INFINITY;
            return;
        }
        break;
    }
    set_next(g, now);
}

/* ---- Beginning ------------------------------------------------------------*/

/* Chooses whose disk cannot be trusted: they count as hurt from now on. */
static bool add_liars(ds__generator *g, ds__script *script)
{
    ds__moment moment = {
        .now = ds_loop_now(g->loop),
        .end = g->calm_after,
    };
    size_t many = ds__dice_below(&g->dice, g->max_down + 1);

    for (size_t i = 0; i < many; i++) {
        moment.server = random_server(g);
        ds__draft_liar(&g->draft, &g->dice, &moment);
        if (g->toll.distrusted[moment.server])
            continue;
        g->toll.distrusted[moment.server] = true;
        if (!add_draft(g, script))
            return false;
    }
    return true;
}

static bool begin(ds__generator *g, ds__script *script)
{
    double now = ds_loop_now(g->loop);
    ds__moment moment = { .now = now, .end = g->calm_after };

    ds__draft_weather(&g->draft, &g->profile.weather, &moment);
    if (!add_draft(g, script))
        return false;
    if (g->num_servers == 0)
        return true;
    if (g->profile.on & DS_HAZARD_DISK && !add_liars(g, script))
        return false;
    is_anew(g, now);
    set_next(g, now);
    return true;
}

static void check(const ds__resident *resident)
{
    const ds__generator *g =
        ds__container((ds__resident *)resident, ds__generator, resident);

    ds__plan_check(g->plan);
    assert(g->plan->count <= g->profile.most_lines);
    assert(g->num_recent <= g->plan->count);
    for (size_t i = 0; i < g->num_recent; i++)
        assert(g->recent[i] < g->plan->count);
}

static void free_parts(ds__generator *g)
{
    ds_plan_free(g->plan);
    free(g->recent);
    ds__draft_free(&g->draft);
    ds__toll_free(&g->toll);
    free(g->sent);
    free(g->now);
    free(g);
}

static void free_generator(ds__resident *resident)
{
    free_parts(ds__container(resident, ds__generator, resident));
}

static ds__generator *make(const ds__exposure *who, const ds__hazards *what,
                           uint64_t seed)
{
    ds__generator *g = calloc(1, sizeof(*g));
    size_t n = who->num_servers;

    if (g == NULL)
        return NULL;
    g->author = (ds__author){ .write = write, .next = INFINITY };
    g->resident.free = free_generator;
    g->resident.check = check;
    g->loop = who->loop;
    g->num_servers = n;
    g->max_down = ds__toll_allowed(what->max_down, n);
    g->calm_after = what->calm_after;
    g->anew = what->anew;
    g->anew_at = what->anew == 0 ? INFINITY : what->anew_at;
    g->dice = (ds__dice){ .seed = seed, .stream = 2 };
    g->profile = ds__profile_draw(&g->dice, what);
    g->plan = ds__plan_new();
    g->recent =
        calloc(g->profile.most_lines + DS__DRAFT_MOST, sizeof(*g->recent));
    g->sent = calloc(n + 1, sizeof(*g->sent));
    g->now = calloc(n + 1, sizeof(*g->now));
    if (ds__draft_init(&g->draft, n, n + who->num_clients) &&
        ds__toll_init(&g->toll, n, NULL, NULL) && g->plan != NULL &&
        g->recent != NULL && g->sent != NULL && g->now != NULL)
        return g;
    free_parts(g);
    return NULL;
}

/* Servers first, then clients; NULL: no memory. */
static ds_node **list_nodes(const ds__exposure *who)
{
    size_t n = who->num_servers + who->num_clients;
    ds_node **nodes = calloc(n + 1, sizeof(ds_node *));

    for (size_t i = 0; nodes != NULL && i < n; i++)
        nodes[i] = i < who->num_servers ? who->servers[i]
                                        : who->clients[i - who->num_servers];
    return nodes;
}

static const ds__cast *make_cast(const ds__exposure *who, ds__script *script)
{
    ds_node **nodes = list_nodes(who);
    const ds__cast *cast = NULL;

    if (nodes == NULL)
        ds__fail_memory(who->loop, CALL);
    else
        cast = ds__script_cast(script, who->net, nodes,
                               who->num_servers + who->num_clients, CALL);
    free(nodes);
    return cast;
}

ds__generator *ds__generate(const ds__exposure *who, const ds__hazards *what,
                            uint64_t seed)
{
    ds__script *script = ds__script_of(who->loop, CALL);

    if (script == NULL)
        return NULL;
    assert(script->author == NULL && what->calm_after > 0);
    const ds__cast *cast = make_cast(who, script);
    if (cast == NULL)
        return NULL;
    ds__generator *g = make(who, what, seed);
    if (g == NULL) {
        ds__fail_memory(who->loop, CALL);
        return NULL;
    }
    g->cast = cast;
    g->draft.net = g->toll.net = cast->net;
    g->draft.nodes = g->toll.servers = cast->nodes;
    ds__loop_keep(who->loop, &g->resident);
    if (ds__seed_is_quiet(seed) || ds_loop_now(who->loop) >= what->calm_after)
        return g;
    if (begin(g, script))
        script->author = &g->author;
    ds__script_wind(script);
    return g;
}

const ds_plan *ds__generated(const ds__generator *generator)
{
    return generator->plan;
}
