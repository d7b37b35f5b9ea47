/* What the acts of a script do to machines, their clocks and their disks. */

#include <math.h>

#include "base/invariant.h"
#include "explore/plan/script.h"

enum { STEP, DRIFT }; /* fields of a clock */
enum { WRITE_RATE, READ_RATE, SYNC_TIME, LOST_SYNC, ROT };

#define NAMED(field) (1u << (field))

static ds__act *act_of(ds__link *link)
{
    return ds__container(link, ds__act, link);
}

/* Tells whether an act is on, and does to a machine the like of another. */
static bool is_like(const ds__act *act, const ds__act *other)
{
    return act->node == other->node && act->line.kind == other->line.kind;
}

/* Finds another act that is on and does the like: the first of them, from link
 * on; NULL: there is none. */
static ds__act *find_like(const ds__script *script, const ds__act *act,
                          ds__link *from)
{
    for (ds__link *l = from; l != &script->machines; l = l->next)
        if (act_of(l) != act && is_like(act_of(l), act))
            return act_of(l);
    return NULL;
}

static ds__act *first_like(const ds__script *script, const ds__act *act)
{
    return find_like(script, act, script->machines.next);
}

/* ---- Crashes --------------------------------------------------------------*/

static bool has_mail(const ds_node *node)
{
    for (const ds_port *p = node->ports; p != NULL; p = p->sibling)
        if (!ds__queue_empty(&p->stream.queue))
            return true;
    return false;
}

static uint64_t lost_of(const ds_node *node)
{
    return node->life.disk == NULL ? 0 : node->life.disk->lost;
}

static void has_crashed(ds__act *act)
{
    act->struck = true;
    act->bite.happened = true;
    if (act->line.until < INFINITY)
        ds__life_plan_restart(act->node);
}

static void crash_now(ds__act *act)
{
    ds_node *node = act->node;
    uint64_t lost = lost_of(node);

    if (ds_node_is_up(node) && has_mail(node))
        act->bite.bit |= DS_HAZARD_CRASH;
    has_crashed(act);
    ds_node_crash(node);
    if (lost_of(node) > lost)
        act->bite.bit |= DS_HAZARD_CRASH;
}

static void point_struck(ds__point *point)
{
    ds__act *act = ds__container(point, ds__act, point);

    act->bite.bit |= DS_HAZARD_CRASH;
    has_crashed(act);
}

static void begin_crash(ds__act *act)
{
    static const ds_crash_point kinds[] = {
        [DS__PLAN_AT_CALL] = DS_AT_CALL,
        [DS__PLAN_AT_SEND] = DS_AT_SEND,
        [DS__PLAN_AT_SYNC] = DS_AT_SYNC,
    };

    if (act->line.point == DS__PLAN_AT_ONCE) {
        crash_now(act);
        return;
    }
    act->point = (ds__point){
        .kind = kinds[act->line.point],
        .left = act->line.number,
        .struck = point_struck,
    };
    ds__life_await(act->node, &act->point);
}

/* Tells whether another act that has struck does the like: keeps the machine
 * down, or paused. */
static bool stays_so(const ds__script *script, const ds__act *act)
{
    ds__act *other = first_like(script, act);

    while (other != NULL && !other->struck)
        other = find_like(script, act, other->link.next);
    return other != NULL;
}

static void end_crash(const ds__script *script, ds__act *act)
{
    if (!act->struck) {
        ds__life_forget(act->node, &act->point);
        return;
    }
    if (!stays_so(script, act) && !ds_node_is_up(act->node))
        ds_node_restart(act->node);
    if (act->line.until < INFINITY)
        ds__life_plan_no_restart(act->node);
}

/* ---- Pauses ---------------------------------------------------------------*/

static void pause_now(ds__act *act)
{
    act->struck = true;
    act->bite.happened = true;
    ds_node_pause(act->node);
}

static void pause_struck(ds__point *point)
{
    ds__act *act = ds__container(point, ds__act, point);

    act->bite.bit |= DS_HAZARD_STALL;
    pause_now(act);
}

static void begin_pause(ds__act *act)
{
    act->bite.before[0] = act->node->life.scope.held_up;
    if (act->line.point == DS__PLAN_AT_ONCE) {
        pause_now(act);
        return;
    }
    act->point = (ds__point){
        .kind = DS_AT_CALL,
        .left = act->line.number,
        .pauses = true,
        .struck = pause_struck,
    };
    ds__life_await(act->node, &act->point);
}

static void end_pause(const ds__script *script, ds__act *act)
{
    assert(!act->node->life.down || !act->node->life.scope.paused);
    if (!act->struck)
        ds__life_forget(act->node, &act->point);
    else if (!stays_so(script, act))
        ds_node_resume(act->node);
}

/* ---- Clocks ---------------------------------------------------------------*/

/* How much the time of day of a machine is ahead of the loop's. */
static double ahead_of(ds_node *node)
{
    ds__scope *scope = &node->life.scope;
    bool asked = scope->clock.asked;
    double now = ds_loop_now(node->loop);
    double shown = ds__scope_now(scope, now) + scope->step;

    scope->clock.asked = asked;
    return shown - now;
}

static double drift_of(const ds_node *node)
{
    const ds__scope *scope = &node->life.scope;

    return scope->has_clock ? scope->clock.rate - 1 : 0;
}

/* Gives a thread's question about the time to the acts that were on then. */
static void harvest_clock(const ds__script *script, const ds__act *act)
{
    bool asked = act->node->life.scope.clock.asked;

    act->node->life.scope.clock.asked = false;
    for (ds__act *a = first_like(script, act); asked && a != NULL;
         a = find_like(script, act, a->link.next))
        a->bite.bit |= DS_HAZARD_CLOCK;
}

static void begin_clock(const ds__script *script, ds__act *act)
{
    const ds__plan_line *line = &act->line;
    bool drifts = (line->named & NAMED(DRIFT)) != 0;
    double drift = drifts ? line->value[DRIFT] : drift_of(act->node);

    harvest_clock(script, act);
    ds_node_set_clock(act->node, line->value[STEP], drift);
}

/* What the last one of those that go on says; if none does, the usual. */
static double drift_without(const ds__script *script, const ds__act *act,
                            double usual)
{
    double drift = usual;

    for (const ds__act *a = first_like(script, act); a != NULL;
         a = find_like(script, act, a->link.next))
        if (a->line.named & NAMED(DRIFT))
            drift = a->line.value[DRIFT];
    return drift;
}

/* With the last one the clock shows again what it would if nothing had been. */
static void end_clock(const ds__script *script, ds__act *act)
{
    const ds__usual *usual = &act->usual;
    double now = ds_loop_now(act->node->loop);
    double step = -act->line.value[STEP];

    if (act->node->life.scope.clock.asked)
        act->bite.bit |= DS_HAZARD_CLOCK;
    harvest_clock(script, act);
    if (first_like(script, act) == NULL)
        step = usual->ahead + (now - usual->since) * usual->drift -
               ahead_of(act->node);
    ds_node_set_clock(act->node, step,
                      drift_without(script, act, usual->drift));
}

/* ---- Speed ----------------------------------------------------------------*/

static void begin_speed(ds__act *act)
{
    act->bite.before[0] = act->node->life.scope.computed;
    ds_node_set_speed(act->node, act->line.value[0]);
}

static void end_speed(const ds__script *script, ds__act *act)
{
    double speed = act->usual.speed;

    for (const ds__act *a = first_like(script, act); a != NULL;
         a = find_like(script, act, a->link.next))
        speed = a->line.value[0];
    ds_node_set_speed(act->node, speed);
}

/* ---- Disks ----------------------------------------------------------------*/

static void override(ds_disk_config *config, const ds__plan_line *line)
{
    double *const fields[] = {
        [WRITE_RATE] = &config->write_rate,
        [READ_RATE] = &config->read_rate,
        [SYNC_TIME] = &config->sync_time,
        [LOST_SYNC] = &config->lost_sync,
        [ROT] = &config->rot,
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (line->named & NAMED(i))
            *fields[i] = line->value[i];
}

/* Puts together what the acts that are on say, but for one that ends. */
static void set_disk(const ds__script *script, const ds__act *act, bool ends)
{
    ds_disk_config config = act->usual.disk;

    for (const ds__act *a = first_like(script, act); a != NULL;
         a = find_like(script, act, a->link.next))
        override(&config, &a->line);
    if (!ends)
        override(&config, &act->line);
    ds_node_set_disk(act->node, &config);
}

static uint64_t wrongs_of(const ds_node *node)
{
    const ds__disk *disk = node->life.disk;

    return disk == NULL ? 0 : disk->lied + disk->rotted;
}

static uint64_t slowed_of(const ds_node *node)
{
    return node->life.disk == NULL ? 0 : node->life.disk->slowed;
}

/* ---- Beginning and end ----------------------------------------------------*/

/* Notes what a machine is like; whoever ends last brings that back.  All that
 * are on of a kind have the same. */
static void note_usual(ds__act *act)
{
    ds_node *node = act->node;

    act->usual = (ds__usual){
        .since = ds_loop_now(node->loop),
        .ahead = ahead_of(node),
        .drift = drift_of(node),
        .speed = node->life.scope.speed,
    };
    if (node->life.disk != NULL)
        act->usual.disk = node->life.disk->config;
}

void ds__machine_begin(ds__script *script, ds__act *act)
{
    const ds__act *other = first_like(script, act);

    assert(act->node != NULL && act->node->loop == script->loop);
    if (other != NULL)
        act->usual = other->usual;
    else
        note_usual(act);
    act->bite.happened = act->line.point == DS__PLAN_AT_ONCE;
    switch (act->line.kind) {
    case DS__PLAN_CRASH:
        begin_crash(act);
        return;
    case DS__PLAN_PAUSE:
        begin_pause(act);
        return;
    case DS__PLAN_CLOCK:
        begin_clock(script, act);
        return;
    case DS__PLAN_SPEED:
        begin_speed(act);
        return;
    case DS__PLAN_DISK:
        act->bite.before[0] = wrongs_of(act->node);
        act->bite.before[1] = slowed_of(act->node);
        set_disk(script, act, false);
        return;
    default:
        assert(!"an act about a machine");
    }
}

void ds__machine_bites(ds__act *act)
{
    const ds__plan_line *line = &act->line;
    const ds__scope *scope = &act->node->life.scope;
    const uint64_t *before = act->bite.before;
    unsigned wrong = NAMED(LOST_SYNC) | NAMED(ROT);

    if (line->kind == DS__PLAN_PAUSE && line->point == DS__PLAN_AT_ONCE &&
        scope->held_up > before[0])
        act->bite.bit |= DS_HAZARD_PAUSE;
    if (line->kind == DS__PLAN_CLOCK && scope->clock.asked)
        act->bite.bit |= DS_HAZARD_CLOCK;
    if (line->kind == DS__PLAN_SPEED && scope->computed > before[0])
        act->bite.bit |= DS_HAZARD_SPEED;
    if (line->kind != DS__PLAN_DISK)
        return;
    if ((line->named & wrong && wrongs_of(act->node) > before[0]) ||
        (line->named & ~wrong && slowed_of(act->node) > before[1]))
        act->bite.bit |= DS_HAZARD_DISK;
}

void ds__machine_end(ds__script *script, ds__act *act)
{
    ds__machine_bites(act);
    switch (act->line.kind) {
    case DS__PLAN_CRASH:
        end_crash(script, act);
        return;
    case DS__PLAN_PAUSE:
        end_pause(script, act);
        return;
    case DS__PLAN_CLOCK:
        end_clock(script, act);
        return;
    case DS__PLAN_SPEED:
        end_speed(script, act);
        return;
    case DS__PLAN_DISK:
        set_disk(script, act, true);
        return;
    default:
        assert(!"an act about a machine");
    }
}
