/* Observers: who is told, and what becomes of it. */

#include <stdlib.h>

#include <distsys/fault.h>

#include "explore/observe/observer.h"
#include "explore/observe/verdict.h"

/* ---- Facts ----------------------------------------------------------------*/

/* Remembers a new member; NULL: no memory. */
static ds__member *welcome(ds_observer *o, const ds__told *told)
{
    if (!ds__observer_room(o, &o->members, o->num_members,
                           sizeof(*o->members)) ||
        ds__observer_note(o, DS__NOTE_MEMBER, told->who, 0,
                          (int64_t)o->num_members, told) == NULL)
        return NULL;
    o->latest = o->num_members++;
    o->members[o->latest] = (ds__member){ .who = told->who };
    return &o->members[o->latest];
}

/* Finds who tells it, mostly the same as the last time. */
static ds__member *meet(ds_observer *o, const ds__told *told)
{
    const ds__note *known;

    if (o->num_members > 0 && o->members[o->latest].who == told->who)
        return &o->members[o->latest];
    known = ds__observer_find(o, DS__NOTE_MEMBER, told->who, 0);
    if (known == NULL)
        return welcome(o, told);
    o->latest = (size_t)known->value;
    return &o->members[o->latest];
}

/* After something is wrong, or has been forgotten, nothing new is learned. */
static void tell(ds_observer *o, const ds__told *told)
{
    ds__member *member = o->wrong || o->out_of_memory ? NULL : meet(o, told);

    if (member == NULL)
        return;
    if (told->fact <= DS_FACT_DECIDE) {
        ds__check_consensus(o, member, told);
        return;
    }
    ds__check_locks(o, told);
    ds__check_delivery(o, told);
    ds__check_replicas(o, told);
}

/* Holds a fact against what each observer checks. */
static void tell_all(ds_loop *loop, const ds__told *told)
{
    if (!ds__may_build(loop, "ds_observe"))
        return;
    if (told->fact < DS_FACT_VOTE || told->fact > DS_FACT_STATE) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_observe: there is no fact %d; the last one is "
                 "DS_FACT_STATE, %d",
                 (int)told->fact, (int)DS_FACT_STATE);
        return;
    }
    for (ds_observer *o = ds__loop_observer(loop); o != NULL; o = o->next)
        tell(o, told);
}

void ds_observe_as(ds_handle *h, uint64_t who, ds_fact fact, int64_t a,
                   int64_t b)
{
    ds_loop *loop = ds_handle_loop(h);

    if (loop == NULL)
        ds__enter(h, "ds_observe");
    else if (ds__loop_observer(loop) != NULL)
        tell_all(loop, &(ds__told){ fact, who, a, b, ds_loop_now(loop) });
}

/* A machine's threads change with its lives, so it is the machine that counts;
 * who is on none is a thread. */
static uint64_t who_is(const ds_handle *h)
{
    const ds_node *node = ds_handle_node(h);

    return node != NULL ? ds_node_number(node) : ds__handle_number(h);
}

void ds_observe(ds_handle *h, ds_fact fact, int64_t a, int64_t b)
{
    ds_loop *loop = ds_handle_loop(h);

    if (loop == NULL)
        ds__enter(h, "ds_observe");
    else if (ds__loop_observer(loop) != NULL)
        tell_all(loop, &(ds__told){ fact, who_is(h), a, b, ds_loop_now(loop) });
}

/* ---- Observers ------------------------------------------------------------*/

static void free_observer(ds__resident *resident)
{
    ds_observer *o = (ds_observer *)resident;

    ds__table_free(&o->notes);
    free(o->members);
    free(o->messages);
    free(o->deliveries);
    free(o);
}

ds_observer *ds_observer_new(ds_loop *loop, const ds_observer_config *config)
{
    if (!ds__may_build(loop, "ds_observer_new"))
        return NULL;
    ds_observer *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        ds__fail_memory(loop, "ds_observer_new");
        return NULL;
    }
    if (config != NULL)
        o->config = *config;
    if (o->config.checks == 0)
        o->config.checks = DS_CHECK_USUAL;
    ds__table_init(&o->notes, sizeof(ds__note));
    o->loop = loop;
    o->resident.free = free_observer;
    o->next = ds__loop_observer(loop);
    ds__loop_set_observer(loop, o);
    ds__loop_keep(loop, &o->resident);
    return o;
}

/* ---- Verdicts -------------------------------------------------------------*/

static void look(ds_observer *o, ds__property property)
{
    if (o->wrong || o->out_of_memory)
        return;
    if (property == DS__SAFETY) {
        ds__check_order_end(o);
    } else {
        ds__check_delivery_end(o);
        ds__check_replicas_end(o);
    }
}

/* What it has found so far. */
static ds_finding tell_finding(const ds_observer *o, char *why, size_t size)
{
    const char *text = "out of memory";
    ds_finding finding = DS_UNKNOWN;

    if (o != NULL && o->wrong) {
        text = o->why;
        finding = DS_UNSOUND;
    } else if (o != NULL && !o->out_of_memory) {
        text = "";
        finding = DS_SOUND;
    }
    if (why != NULL && size > 0)
        ds__format(why, size, "%s", text);
    return finding;
}

ds_finding ds_observer_verdict(ds_observer *o, char *why, size_t size)
{
    if (o != NULL) {
        look(o, DS__SAFETY);
        look(o, DS__LIVENESS);
    }
    return tell_finding(o, why, size);
}

ds_finding ds__observers_verdict(ds_loop *loop, ds__property property,
                                 char *why, size_t size)
{
    ds_finding all = DS_SOUND;

    for (ds_observer *o = ds__loop_observer(loop); o != NULL; o = o->next) {
        look(o, property);
        if (o->wrong || o->out_of_memory)
            all = tell_finding(o, why, size);
    }
    return all;
}
