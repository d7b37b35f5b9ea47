/* What happens between two times; see the header.
 *
 * Records name streams, threads and messages by number.  Who they belong to was
 * told before, and is kept by number. */

#include "explore/runner/moment.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/table.h"
#include "base/text.h"
#include "explore/runner/child.h"
#include "explore/runner/worker.h"

/* Which numbers are of what. */
typedef enum owned { BY_STREAM = 1, BY_THREAD, BY_MESSAGE } owned;

/* The nodes of one number, plus 1; 0: none. */
typedef struct owner {
    ds__entry entry;
    uint32_t node;
    uint32_t to; /* of a message */
} owner;

/* What both processes see, but for the owners. */
typedef struct page {
    ds__probe probe; /* first */
    _Atomic uint64_t since;
    double from;
    double until;
    ds__table owners;
    ds__text text;
    ds__moment_told told;
    ds__result result;
    bool finished;
} page;

/* ---- Who is who -----------------------------------------------------------*/

static ds__table_key key(owned what, uint64_t number)
{
    return (ds__table_key){ .a = what, .b = number };
}

static void own(page *p, owned what, uint64_t number, uint32_t node,
                uint32_t to)
{
    owner *o = ds__table_put(&p->owners, key(what, number));

    if (o == NULL)
        return;
    o->node = node;
    o->to = to;
}

static owner owner_of(const page *p, owned what, uint64_t number)
{
    const owner *o = ds__table_find(&p->owners, key(what, number));

    return o == NULL ? (owner){ .node = 0 } : *o;
}

static void add_node(ds__text *text, uint32_t node, const char *none)
{
    if (node == 0)
        ds__text_add(text, "%s", none);
    else
        ds__text_add(text, "node %lu", (unsigned long)node - 1);
}

/* ---- In words -------------------------------------------------------------*/

static const char *const losses[] = {
    [DS__LOST_BY_NET] = " by the network",
    [DS__LOST_CUT] = ": the link is cut",
    [DS__LOST_BY_CHANCE] = " by chance",
    [DS__LOST_BY_RULE] = " by a rule",
    [DS__LOST_DOWN] = ": it is down",
    [DS__LOST_NO_MEMORY] = ": out of memory",
};

static const char *const holds[] = {
    [DS__HELD_BY_LINK] = "; it is held",
    [DS__HELD_A_WHILE] = "; it is put off for a while",
    [DS__HELD_SECOND] = "; it comes a second time",
};

static const char *const faults[] = {
    [DS__FAULT_CRASH] = "crashes",
    [DS__FAULT_RESTART] = "is restarted",
    [DS__FAULT_PAUSE] = "is paused",
    [DS__FAULT_RESUME] = "is resumed",
    [DS__FAULT_SPEED] = "has another speed",
    [DS__FAULT_CLOCK] = "has a clock that drifts otherwise",
    [DS__FAULT_STEP] = "has a clock that has jumped",
    [DS__FAULT_DISK] = "has another disk",
    [DS__FAULT_CUT] = "is cut off from",
    [DS__FAULT_HOLD] = "has its messages held to",
    [DS__FAULT_MEND] = "reaches again",
    [DS__FAULT_CHANCE] = "has other chances to reach",
    [DS__FAULT_PART] = "is parted from others",
    [DS__FAULT_HEAL] = "and all others: every link is mended",
    [DS__FAULT_TORN] = "has lost changes of its disk",
    [DS__FAULT_LIED] = "has a disk that has not synced, and lied",
    [DS__FAULT_ROT] = "has a disk that has turned a bit",
    [DS__FAULT_RESEED] = "draws other random numbers",
};

static void tell_message(page *p, const ds__record *r)
{
    owner o = r->id != 0 ? owner_of(p, BY_MESSAGE, r->id)
                         : (owner){ .node = owner_of(p, BY_STREAM, r->a).node,
                                    .to = owner_of(p, BY_STREAM, r->b).node };

    add_node(&p->text, o.to, "somebody");
    ds__text_add(&p->text, " %s from ",
                 r->kind == DS__TELL_ARRIVE ? "receives a message"
                 : r->kind == DS__TELL_HELD ? "is about to receive a message"
                                            : "does not receive a message");
    add_node(&p->text, o.node, "somebody");
    if (r->kind == DS__TELL_HELD && r->flag < sizeof(holds) / sizeof(*holds))
        ds__text_add(&p->text, "%s", holds[r->flag]);
    if (r->kind == DS__TELL_LOSE && r->flag < sizeof(losses) / sizeof(*losses))
        ds__text_add(&p->text, ", which is lost%s", losses[r->flag]);
}

static void tell_send(page *p, const ds__record *r)
{
    add_node(&p->text, owner_of(p, BY_STREAM, r->a).node, "somebody");
    ds__text_add(&p->text, " sends a message to ");
    add_node(&p->text, owner_of(p, BY_STREAM, r->b).node, "somebody");
}

static bool is_of_links(const ds__record *r)
{
    return r->flag >= DS__FAULT_CUT && r->flag <= DS__FAULT_HEAL;
}

/* A line of a plan, in its own words; the further records of it say no more. */
static bool is_line(const ds__record *r)
{
    return r->kind == DS__TELL_FAULT && is_of_links(r) && r->x != 0;
}

static void tell_line(page *p, const ds__record *r)
{
    const bool ends = r->flag == DS__FAULT_MEND || r->flag == DS__FAULT_HEAL;

    ds__text_add(&p->text, "%s: %s", ends ? "no longer" : "from now on",
                 r->text);
}

static void tell_fault(page *p, const ds__record *r)
{
    add_node(&p->text, r->a, "every node");
    if (r->flag < sizeof(faults) / sizeof(*faults))
        ds__text_add(&p->text, " %s", faults[r->flag]);
    if (r->flag >= DS__FAULT_CUT && r->flag <= DS__FAULT_CHANCE) {
        ds__text_add(&p->text, " ");
        add_node(&p->text, r->b, "every node");
    }
}

static void tell_time(page *p, const ds__record *r)
{
    add_node(&p->text, owner_of(p, BY_THREAD, r->who).node, "a thread");
    ds__text_add(&p->text, " has waited long enough");
}

/* ---- Listening ------------------------------------------------------------*/

static bool is_worth_telling(const ds__record *r)
{
    if (is_line(r))
        return r->text != NULL;
    return r->kind == DS__TELL_SEND || r->kind == DS__TELL_ARRIVE ||
           r->kind == DS__TELL_LOSE || r->kind == DS__TELL_HELD ||
           r->kind == DS__TELL_FAULT ||
           (r->kind == DS__TELL_WAKE && r->flag == DS__WOKEN_TIME);
}

static void tell(page *p, const ds__record *r)
{
    assert(r->kind < DS__TELL_LAST);
    if (p->told.count++ >= DS__MOMENT_LINES)
        return;
    ds__text_add(&p->text, "%.9g  ", r->time);
    if (is_line(r))
        tell_line(p, r);
    else if (r->kind == DS__TELL_FAULT)
        tell_fault(p, r);
    else if (r->kind == DS__TELL_WAKE)
        tell_time(p, r);
    else if (r->kind == DS__TELL_SEND)
        tell_send(p, r);
    else
        tell_message(p, r);
    ds__text_add(&p->text, "\n");
}

static void listen(ds__probe *self, const ds__record *r)
{
    page *p = (page *)self;

    if (r->kind == DS__TELL_PORT)
        own(p, BY_STREAM, r->a, r->b, 0);
    else if (r->kind == DS__TELL_START)
        own(p, BY_THREAD, r->who, r->a, 0);
    else if (r->kind == DS__TELL_SEND)
        own(p, BY_MESSAGE, r->id, owner_of(p, BY_STREAM, r->a).node,
            owner_of(p, BY_STREAM, r->b).node);
    if (r->time >= p->from && r->time < p->until && is_worth_telling(r))
        tell(p, r);
}

_Noreturn static void run(page *p, const ds_test *test,
                          const ds__trial_order *given)
{
    ds__trial_order order = *given;

    p->probe.record = listen;
    order.probe = &p->probe;
    order.brief = true;
    ds__table_init(&p->owners, sizeof(owner));
    ds__text_init(&p->text, p->told.text, sizeof(p->told.text));
    ds__trial_new(test, &order, &p->result);
    _exit(0);
}

bool ds__moment_tell(ds__moment_told *told, const ds_test *test,
                     const ds__trial_order *order, double from, double until,
                     double hang)
{
    page *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ds__child child;
    int status = 0;
    bool good;

    if (p == MAP_FAILED)
        return false;
    assert(from < until);
    p->from = from;
    p->until = until;
    atomic_store(&p->since, ds__clock_nanoseconds());
    good = ds__child_begin(&child);
    if (good && child.pid == 0)
        run(p, test, order);
    if (good)
        ds__child_end(&child, &p->since, hang, &status);
    *told = p->told;
    munmap(p, sizeof(*p));
    return good;
}
