/* The lives of machines: boot, crash, restart, pause, and what dies with a
 * life.
 *
 * A machine is a scope of threads (loop/scope.h) with ports, memory and a disk.
 * A crash ends the scope; a restart renews it and boots again. */

#include "net/life.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "net/faults.h"

/* ---- Asking ---------------------------------------------------------------*/

ds_node *ds__node_of(const ds_handle *h)
{
    ds__scope *scope = ds__handle_scope(h);

    if (scope->outermost)
        return NULL;
    return ds__container(scope, ds_node, life.scope);
}

ds_node *ds_handle_node(const ds_handle *h)
{
    return h == NULL ? NULL : ds__node_of(h);
}

bool ds_node_is_up(const ds_node *node)
{
    return node != NULL && !node->life.down;
}

uint64_t ds_node_life(const ds_node *node)
{
    return node == NULL ? 0 : node->life.number;
}

void ds__node_describe(const ds_node *node, ds__text *text)
{
    ds__text_add(text, "node %zu", node->number);
    if (node->life.name != NULL)
        ds__text_add(text, " \"%s\"", node->life.name);
}

static void report_life(const ds_node *node, ds__text *text)
{
    const ds__life *life = &node->life;

    if (!life->down && !life->scope.paused)
        return;
    ds__text_add(text, "\n  ");
    ds__node_describe(node, text);
    ds__text_add(text, life->down ? " is down" : " is paused");
    ds__text_add(text, " since %.9g s", life->since);
}

/* Whether a public call about a node may go on.  A NULL node comes from a
 * constructor that failed: its loop knows. */
static bool may_touch(const ds_node *node, const char *call)
{
    return node != NULL && ds__may_build(node->loop, call);
}

/* The same for a call of a program that makes things fail: from here on the
 * gate is asked about every message. */
static bool may_hurt(const ds_node *node, const char *call)
{
    return may_touch(node, call) && ds__faults_watch(node->loop, call);
}

/* ---- Memory ---------------------------------------------------------------*/

static void free_memory(ds__life *life)
{
    ds__piece_free_all(life->pieces);
    life->pieces = NULL;
}

/* Called when the last thread of a life has been unwound. */
static void life_emptied(ds__scope *scope)
{
    free_memory(ds__container(scope, ds__life, scope));
}

void *ds_alloc(ds_handle *h, size_t size)
{
    if (!ds__ask(h, "ds_alloc"))
        return NULL;

    ds_loop *loop = ds_handle_loop(h);
    ds__annex *annex = ds__annex_of(loop, "ds_alloc");
    ds_node *node = ds__node_of(h);
    if (annex == NULL)
        return NULL;
    void *bytes =
        ds__piece_new(node == NULL ? &annex->pieces : &node->life.pieces, size);
    if (bytes == NULL)
        ds__fail_memory(loop, "ds_alloc");
    return bytes;
}

/* ---- Beginning and end ----------------------------------------------------*/

static void free_life(ds_node *node)
{
    free_memory(&node->life);
    if (node->life.disk != NULL)
        node->life.disk->free(node);
    free(node->life.name);
}

void ds__life_init(ds_node *node)
{
    node->life = (ds__life){ .free = free_life, .report = report_life };
    ds__scope_init(&node->life.scope, node->loop);
    node->life.scope.number = (uint32_t)node->number + 1;
    node->life.scope.emptied = life_emptied;
    node->life.scope.name = node->number;
}

void ds_node_set_name(ds_node *node, const char *name)
{
    if (!may_touch(node, "ds_node_set_name"))
        return;
    if (name == NULL) {
        ds__fail(node->loop, DS_EMISUSE, "ds_node_set_name: the name is NULL");
        return;
    }
    char *copy = strdup(name);
    if (copy == NULL) {
        ds__fail_memory(node->loop, "ds_node_set_name");
        return;
    }
    free(node->life.name);
    node->life.name = copy;
    ds__tell_name(node->loop, DS__NAMED_NODE, (uint32_t)node->number + 1, copy);
}

/* ---- Threads --------------------------------------------------------------*/

ds_handle *ds__node_spawn(ds_node *node, ds_thread_fn *fn, void *arg,
                          bool daemon, const char *call)
{
    if (!may_touch(node, call))
        return NULL;
    return ds__scope_spawn(&node->life.scope, fn, arg, daemon, call);
}

void ds_node_spawn(ds_node *node, ds_thread_fn *fn, void *arg)
{
    if (may_hurt(node, "ds_node_spawn"))
        ds__node_spawn(node, fn, arg, false, "ds_node_spawn");
}

void ds_node_spawn_daemon(ds_node *node, ds_thread_fn *fn, void *arg)
{
    if (may_hurt(node, "ds_node_spawn_daemon"))
        ds__node_spawn(node, fn, arg, true, "ds_node_spawn_daemon");
}

/* Brings up to date whether the run waits for a restart. */
static void reckon(ds_node *node)
{
    ds__life *life = &node->life;
    bool awaited = life->down && life->restarts > 0 && life->boot != NULL &&
                   !life->boot_daemon;

    if (awaited && !life->awaited)
        ds__loop_expect(node->loop);
    if (!awaited && life->awaited)
        ds__loop_expect_no_more(node->loop);
    life->awaited = awaited;
}

void ds__life_plan_restart(ds_node *node)
{
    node->life.restarts++;
    reckon(node);
}

void ds__life_plan_no_restart(ds_node *node)
{
    assert(node->life.restarts > 0);
    node->life.restarts--;
    reckon(node);
}

static void switch_on(ds_node *node, const char *call)
{
    const ds__life *life = &node->life;

    if (life->boot != NULL)
        ds__node_spawn(node, life->boot, life->boot_arg, life->boot_daemon,
                       call);
}

static void boot(ds_node *node, ds_thread_fn *fn, void *arg, bool daemon,
                 const char *call)
{
    if (!may_hurt(node, call))
        return;
    if (fn == NULL || node->life.boot != NULL) {
        ds__fail(node->loop, DS_EMISUSE, "%s: %s", call,
                 fn == NULL ? "the body is NULL"
                            : "the node boots something already");
        return;
    }
    node->life.boot = fn;
    node->life.boot_arg = arg;
    node->life.boot_daemon = daemon;
    if (!node->life.down)
        switch_on(node, call);
    reckon(node);
}

void ds_node_boot(ds_node *node, ds_thread_fn *fn, void *arg)
{
    boot(node, fn, arg, false, "ds_node_boot");
}

void ds_node_boot_daemon(ds_node *node, ds_thread_fn *fn, void *arg)
{
    boot(node, fn, arg, true, "ds_node_boot_daemon");
}

/* ---- Crash and restart ----------------------------------------------------*/

/* What waits in its ports was in its memory, and so were its handlers. */
static void clear_ports(ds_node *node)
{
    for (ds_port *port = node->ports; port != NULL; port = port->sibling) {
        ds__stream_drop_queue(&port->stream);
        ds__handler_forget(port);
    }
}

static void crash(ds_node *node)
{
    ds__life *life = &node->life;

    life->down = true;
    life->since = ds_loop_now(node->loop);
    ds__tell_machine(node, DS__FAULT_CRASH, 0, NULL);
    ds__scope_end(&life->scope);
    life->doomed = life->handling && life->scope.num_live == 0;
    if (life->scope.num_live == 0 && !life->handling)
        free_memory(life);
    clear_ports(node);
    if (life->disk != NULL)
        life->disk->crash(node);
    reckon(node);
}

void ds_node_crash(ds_node *node)
{
    if (may_hurt(node, "ds_node_crash") && !node->life.down)
        crash(node);
}

void ds_node_restart(ds_node *node)
{
    if (!may_hurt(node, "ds_node_restart"))
        return;
    if (!node->life.down)
        crash(node);
    node->life.down = false;
    node->life.number++;
    ds__tell_machine(node, DS__FAULT_RESTART, 0, NULL);
    ds__scope_renew(&node->life.scope);
    switch_on(node, "ds_node_restart");
    reckon(node);
}

/* ---- Pauses, clocks, speed ------------------------------------------------*/

void ds_node_pause(ds_node *node)
{
    if (!may_hurt(node, "ds_node_pause") || node->life.down ||
        node->life.scope.paused)
        return;
    node->life.since = ds_loop_now(node->loop);
    ds__tell_machine(node, DS__FAULT_PAUSE, 0, NULL);
    ds__scope_pause(&node->life.scope);
}

void ds_node_resume(ds_node *node)
{
    if (!may_touch(node, "ds_node_resume") || !node->life.scope.paused)
        return;
    ds__tell_machine(node, DS__FAULT_RESUME, 0, NULL);
    ds__scope_resume(&node->life.scope);
    for (ds_port *port = node->ports; port != NULL; port = port->sibling)
        ds__handler_wake(port);
}

void ds_node_set_speed(ds_node *node, double speed)
{
    if (!may_touch(node, "ds_node_set_speed"))
        return;
    if (!(speed > 0) || isinf(speed)) {
        ds__fail(node->loop, DS_EMISUSE,
                 "ds_node_set_speed: speed is %g; it must be finite and "
                 "greater than 0",
                 speed);
        return;
    }
    node->life.scope.speed = speed;
    ds__tell_machine(node, DS__FAULT_SPEED, speed, NULL);
}

void ds_node_set_clock(ds_node *node, double step, double drift)
{
    if (!may_touch(node, "ds_node_set_clock"))
        return;
    if (!isfinite(step) || !(drift > -1) || isinf(drift)) {
        ds__fail(node->loop, DS_EMISUSE,
                 "ds_node_set_clock: step is %g and drift %g; both must be "
                 "finite and drift greater than -1",
                 step, drift);
        return;
    }
    ds__scope_set_clock(&node->life.scope, step, drift);
    ds__tell_machine(node, DS__FAULT_CLOCK, drift, NULL);
    if (step != 0)
        ds__tell_machine(node, DS__FAULT_STEP, step, NULL);
}

double ds_clock(const ds_handle *h)
{
    return ds__ask((ds_handle *)h, "ds_clock") ? ds__handle_clock(h) : 0;
}

/* ---- Crash points ---------------------------------------------------------*/

/* Puts it behind those that are there. */
static void append(ds__point **list, ds__point *point)
{
    while (*list != NULL)
        list = &(*list)->next;
    *list = point;
    point->next = NULL;
}

/* Takes the first point of a list off that is to come at this call. */
static ds__point *take_struck(ds__point **list, ds_crash_point kind)
{
    for (; *list != NULL; list = &(*list)->next) {
        ds__point *point = *list;
        if (point->kind != kind || point->left > 0)
            continue;
        *list = point->next;
        return point;
    }
    return NULL;
}

/* So many calls of a kind have been made; whether that has come to a point. */
static bool count_down(const ds__life *life, ds_crash_point kind,
                       uint64_t calls)
{
    bool struck = false;

    for (ds__point *p = life->points; p != NULL; p = p->next) {
        if (p->kind != kind)
            continue;
        assert(p->left >= calls);
        p->left -= calls;
        struck = struck || p->left == 0;
    }
    return struck;
}

static bool is_to_crash(const ds__life *life, ds_crash_point kind)
{
    const ds__point *p = life->points;

    while (p != NULL && (p->kind != kind || p->left > 0 || p->pauses))
        p = p->next;
    return p != NULL;
}

/* Crashes the node at the points that have come: once, however many they are.
 */
static void strike(ds_node *node, ds_crash_point kind)
{
    ds__point *point;

    if (!node->life.down && is_to_crash(&node->life, kind))
        crash(node);
    while ((point = take_struck(&node->life.points, kind)) != NULL)
        if (point->struck != NULL)
            point->struck(point);
}

static void count_calls(ds__life *life);

static void strike_call(ds__scope *scope, ds_handle *h)
{
    ds_node *node = ds__container(scope, ds_node, life.scope);

    count_down(&node->life, DS_AT_CALL, node->life.counted);
    strike(node, DS_AT_CALL);
    count_calls(&node->life);
    if (!scope->over && scope->paused)
        ds__stand_still(h);
}

/* Has the scope count up to the nearest call that is a point. */
static void count_calls(ds__life *life)
{
    uint64_t nearest = 0;

    for (const ds__point *p = life->points; p != NULL; p = p->next)
        if (p->kind == DS_AT_CALL && (nearest == 0 || p->left < nearest))
            nearest = p->left;
    life->counted = nearest;
    ds__scope_count_calls(&life->scope, nearest, strike_call);
}

/* Takes into account what the scope has counted so far. */
static void settle_calls(ds__life *life)
{
    count_down(life, DS_AT_CALL, life->counted - life->scope.calls_left);
    life->counted = life->scope.calls_left;
}

void ds__life_await(ds_node *node, ds__point *point)
{
    assert(point->left > 0);
    settle_calls(&node->life);
    append(&node->life.points, point);
    count_calls(&node->life);
}

void ds__life_forget(ds_node *node, ds__point *point)
{
    ds__point **at = &node->life.points;

    settle_calls(&node->life);
    while (*at != NULL && *at != point)
        at = &(*at)->next;
    if (*at != NULL)
        *at = point->next;
    count_calls(&node->life);
}

void ds_node_crash_at(ds_node *node, ds_crash_point kind, uint64_t k)
{
    if (!may_hurt(node, "ds_node_crash_at"))
        return;
    if (k == 0) {
        ds__fail(node->loop, DS_EMISUSE,
                 "ds_node_crash_at: k is 0; the next one is number 1");
        return;
    }
    if (kind != DS_AT_CALL && kind != DS_AT_SEND && kind != DS_AT_SYNC) {
        ds__fail(node->loop, DS_EMISUSE,
                 "ds_node_crash_at: point is %d; it must be DS_AT_CALL, "
                 "DS_AT_SEND or DS_AT_SYNC",
                 (int)kind);
        return;
    }
    ds__point *point = &node->life.own_point[kind];
    ds__life_forget(node, point);
    *point = (ds__point){ .kind = kind, .left = k };
    ds__life_await(node, point);
}

size_t ds__life_count_sends(ds_node *node, size_t n)
{
    if (node == NULL || node->life.points == NULL)
        return n;
    for (size_t i = 0; i < n; i++)
        if (count_down(&node->life, DS_AT_SEND, 1))
            return i;
    return n;
}

bool ds__life_count_sync(ds_node *node)
{
    if (!count_down(&node->life, DS_AT_SYNC, 1))
        return true;
    strike(node, DS_AT_SYNC);
    return false;
}

void ds__life_strike(ds_node *node)
{
    strike(node, DS_AT_SEND);
}
