/* The LogGOPS network: messages cost processors time, and never meet each
 * other on their way.
 *
 * Each machine has a processor, and an interface with a side that sends and one
 * that receives.  What they do next is chosen when they are free: of all that
 * could begin, what has stood in line for longest.  A send needs the processor
 * and the sending side, a message that has come needs the processor and the
 * receiving side, and work needs the processor.
 *
 * Places in line are numbers.  A message stands in line, at its receiver, from
 * when it was begun to be sent.  Who goes on at the moment when the processor
 * is done with something, because that was what it waited for, stands in line
 * from when that was begun: the same order as if all that follows were known by
 * then, which is that of LogGOPSim.
 *
 * Everything that happens at one instant is settled when the alarm rings at its
 * end: first what is done with, and when its threads have run, the alarm rings
 * once more for what begins.  That is in order over all machines, and whenever
 * a thread goes on it may ask for something before the next begins. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include <distsys/topology.h>

#include "base/heap.h"
#include "base/invariant.h"
#include "base/slab.h"
#include "net/places.h"
#include "net/turn.h"

/* Two times are one if they differ by no more than sums of so many terms do. */
#define ROUNDING 0x1p-42

typedef enum kind {
    SEND,
    ARRIVAL,
    WORK,
    TURN, /* needs nothing */
    KINDS,
} kind;

/* A thread that waits until all that it asked for is done: its stream gets an
 * event then, and one for each message that it must see received. */
typedef struct waiter {
    struct waiter *next; /* of all, and of those that nobody uses */
    struct waiter *next_unused;
    ds_stream *stream;
    size_t left; /* requests that are not done */
    size_t met;  /* messages */
} waiter;

typedef struct site site;

/* What stands in line; a message, also while it is under way.  Invariants: it
 * is in the line of its site and kind, or in the heap of flights, or what its
 * site brings; number is at least 1. */
typedef struct request {
    ds__heap_node node;
    ds_msg msg; /* dest is NULL if there is none */
    site *at;
    uint64_t number;  /* the place in line */
    uint64_t nth;     /* and among those of one number */
    double seconds;   /* of work; of a turn, when it is, not before */
    waiter *waiter;   /* or NULL */
    ds_stream *begun; /* is told when the processor begins with it; or NULL */
    kind kind;
} request;

/* A machine.  Invariants: while is_running, the processor is busy with
 * something that has not been ended, which is told to teller, and brings a
 * message if it is one. */
struct site {
    ds__heap_node node; /* in moments, or among the candidates */
    const ds_node *machine;
    double busy; /* until when */
    double sides[2];
    uint64_t follow; /* the place of who goes on when the processor is done */
    ds__heap lines[KINDS];
    bool is_running;
    waiter *teller;
    request *brings;
    bool is_lively;
    site *next_lively;
};

typedef struct loggops {
    ds_net base;
    double L, o, g, G, O, S;
    site *sites;
    size_t num_sites;
    ds__places places; /* of nodes, and of their sites */

    ds__slab requests;
    waiter *waiters;
    waiter *unused;
    waiter *asked;    /* by the thread that has just sent */
    ds_stream *begun; /* for what it sends */

    uint64_t numbers; /* that have been given */
    ds__heap flights; /* by when the first byte is there */
    ds__heap moments; /* sites, by when one may have something to do */
    ds__heap candidates;
    site *lively;      /* at this instant */
    ds_stream *passed; /* is told before anything else begins; or NULL */
} loggops;

/* ---- Lines ----------------------------------------------------------------*/

static request *request_of(const ds__heap_node *node)
{
    return (request *)((char *)node - offsetof(request, node));
}

static site *site_of(const ds__heap_node *node)
{
    return (site *)((char *)node - offsetof(site, node));
}

static bool request_before(const ds__heap_node *a, const ds__heap_node *b)
{
    return request_of(a)->nth < request_of(b)->nth;
}

static bool site_before(const ds__heap_node *a, const ds__heap_node *b)
{
    return site_of(a) < site_of(b);
}

static bool is_due(double now, double time)
{
    return time <= now + now * ROUNDING;
}

static site *find_site(const loggops *self, const ds_node *node)
{
    uint32_t place;

    if (node == NULL || !ds__places_find(&self->places, node, &place))
        return NULL;
    return &self->sites[place];
}

static void enliven(loggops *self, site *at)
{
    if (at->is_lively)
        return;
    at->is_lively = true;
    at->next_lively = self->lively;
    self->lively = at;
}

/* The place of who asks now: who goes on when the processor is done has one. */
static uint64_t next_place(loggops *self, const site *at)
{
    const double now = ds_net_now(&self->base);

    if (at->follow != 0 && !at->is_running && is_due(at->busy, now))
        return at->follow;
    return ++self->numbers;
}

static void push(loggops *self, request *r)
{
    r->nth = ++self->numbers;
    ds__heap_push(&r->at->lines[r->kind], (double)r->number, &r->node,
                  request_before);
    enliven(self, r->at);
}

/* ---- Asking ---------------------------------------------------------------*/

static void release(loggops *self, request *r)
{
    r->msg.dest = NULL;
    ds__slab_give(&self->requests, r);
}

static waiter *take_waiter(loggops *self)
{
    waiter *w = self->unused;

    if (w != NULL) {
        self->unused = w->next_unused;
    } else {
        w = malloc(sizeof(*w));
        ds_stream *stream = w == NULL ? NULL : ds_stream_new(self->base.loop);
        if (stream == NULL) {
            free(w);
            return NULL;
        }
        *w = (waiter){ .stream = stream, .next = self->waiters };
        self->waiters = w;
    }
    w->left = 0;
    w->met = 0;
    return w;
}

static void give_waiter(loggops *self, waiter *w)
{
    w->next_unused = self->unused;
    self->unused = w;
}

/* Puts something into the line of a site; false: no memory. */
static bool ask(loggops *self, waiter *w, site *at, request what)
{
    request *r = NULL;

    if (ds__heap_reserve(&at->lines[what.kind], 1))
        r = ds__slab_take(&self->requests);
    if (r == NULL)
        return false;
    *r = what;
    r->at = at;
    r->waiter = w;
    r->number = next_place(self, at);
    w->left++;
    push(self, r);
    return true;
}

/* Takes what a thread that is gone had asked for out of the lines, and forgets
 * the thread; its stream may still be told of messages. */
static void abandon(loggops *self, waiter *w)
{
    for (size_t i = 0; i < self->num_sites; i++)
        if (self->sites[i].teller == w)
            self->sites[i].teller = NULL;
    for (ds__slab_block *b = self->requests.blocks; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->count; i++) {
            request *r = ds__slab_at(&self->requests, b, i);
            if (r->waiter != w)
                continue;
            r->waiter = NULL;
            ds__heap_remove(&r->at->lines[r->kind], &r->node, request_before);
            if (r->kind == SEND)
                ds_net_lose(&self->base, r->msg);
            release(self, r);
        }
    }
}

/* Waits for all that it has asked for. */
static bool wait(loggops *self, ds_handle *h, waiter *w, const char *call)
{
    for (size_t left = 1 + w->met; left > 0; left--) {
        if (ds__turn_poll(h, w->stream, call))
            continue;
        abandon(self, w);
        return false;
    }
    give_waiter(self, w);
    return true;
}

static bool begin_turn(ds_net *net, const char *call)
{
    loggops *self = (loggops *)net;

    if (self->asked == NULL && self->sites != NULL)
        self->asked = take_waiter(self);
    if (self->asked != NULL)
        return true;
    ds_net_fail(net, DS_ENOMEM, "%s: out of memory", call);
    return false;
}

static void wait_for_turn(ds_net *net, ds_handle *h, const char *call)
{
    loggops *self = (loggops *)net;
    waiter *w = self->asked;

    if (w == NULL || w->left == 0)
        return;
    self->asked = NULL;
    wait(self, h, w, call);
}

static const ds__turn turns = { begin_turn, wait_for_turn };

/* ---- Sending --------------------------------------------------------------*/

static double all_but_one(double size)
{
    return size > 1 ? size - 1 : 0;
}

static bool check_message(loggops *self, const ds_msg *msg, size_t i)
{
    const double bytes = all_but_one(msg->size);
    const char *which = "source";

    if (find_site(self, ds_port_node(msg->source)) != NULL) {
        which = "destination";
        if (find_site(self, ds_port_node(msg->dest)) != NULL)
            which = NULL;
    }
    if (which != NULL) {
        ds_net_fail(&self->base, DS_EMISUSE,
                    "ds_send: the %s node of message %zu is not on this "
                    "network; list it in ds_loggops_net_config.nodes",
                    which, i);
        return false;
    }
    if (isfinite(ds_net_now(&self->base) + self->L + 2 * self->o + self->g +
                 bytes * self->O + bytes * self->G))
        return true;
    ds_net_fail(&self->base, DS_EMISUSE,
                "ds_send: a message of %g bytes would arrive beyond the last "
                "time that a double holds",
                msg->size);
    return false;
}

static bool check_messages(loggops *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!check_message(self, &msgs[i], i))
            return false;
    return true;
}

/* Has the sender wait for the receiver of a long message, unless somebody else
 * is told. */
static ds_msg to_be_met(loggops *self, waiter *w, const ds_msg *msg, bool ahead)
{
    ds_msg met = *msg;

    if (msg->size > self->S && msg->done == NULL && !ahead) {
        met.done = w->stream;
        met.done_data = NULL;
        w->met++;
    }
    return met;
}

static void lose_all(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_lose(net, msgs[i]);
}

static bool send_one(loggops *self, const ds_msg *msg, bool ahead)
{
    waiter *w = self->asked;
    const request what = {
        .msg = to_be_met(self, w, msg, ahead),
        .begun = self->begun,
        .kind = SEND,
    };

    return ask(self, w, find_site(self, ds_port_node(msg->source)), what);
}

static void send(ds_net *net, const ds_msg *msgs, size_t n)
{
    loggops *self = (loggops *)net;
    const bool ahead = ds__turn_is_ahead(net);
    size_t i = 0;

    assert(self->asked != NULL && self->asked->left == 0);
    if (check_messages(self, msgs, n)) {
        while (i < n && send_one(self, &msgs[i], ahead))
            i++;
        if (i < n)
            ds_net_fail(net, DS_ENOMEM, "ds_send: out of memory");
    }
    self->begun = NULL;
    lose_all(net, msgs + i, n - i);
    if (i > 0)
        ds_net_set_alarm(net, 0);
}

/* ---- What ends ------------------------------------------------------------*/

static void tell(loggops *self, waiter *w)
{
    if (w != NULL && --w->left == 0)
        ds__turn_signal(&self->base, w->stream);
}

static void bring(loggops *self, request *r)
{
    const ds_msg msg = r->msg;

    release(self, r);
    if (msg.size > self->S && msg.done != NULL)
        ds__turn_deliver(&self->base, msg);
    else
        ds_net_deliver(&self->base, 0, msg);
}

static void end(loggops *self, site *at)
{
    waiter *w = at->teller;
    request *brings = at->brings;

    at->is_running = false;
    at->teller = NULL;
    at->brings = NULL;
    tell(self, w);
    if (brings != NULL)
        bring(self, brings);
}

/* Tells the sender of a long message that is there, once a thread waits for it.
 * Whether that was so. */
static bool meet(loggops *self, site *at)
{
    request *r = at->brings;

    if (r == NULL || r->msg.done == NULL || r->msg.size <= self->S ||
        !ds__turn_is_awaited(r->msg.dest))
        return false;
    ds__turn_signal_done(&self->base, &r->msg);
    return true;
}

/* Ends what processors are through with, and has met what is met; whether that
 * was anything. */
static bool end_all(loggops *self, double now)
{
    bool ended = false;

    for (site *s = self->lively; s != NULL; s = s->next_lively) {
        if (s->is_running && is_due(now, s->busy)) {
            end(self, s);
            ended = true;
        } else if (meet(self, s)) {
            ended = true;
        }
    }
    return ended;
}

/* ---- What begins ----------------------------------------------------------*/

/* Takes up the processor, and lets who follows stand in line from now on. */
static void run(loggops *self, site *at, double busy)
{
    at->busy = busy;
    at->follow = ++self->numbers;
    at->is_running = true;
}

static void begin_send(loggops *self, site *at, request *r, double now)
{
    const double bytes = all_but_one(r->msg.size);

    at->sides[SEND] = now + self->g + bytes * self->G;
    at->teller = r->waiter;
    r->waiter = NULL;
    r->kind = ARRIVAL;
    r->at = find_site(self, ds_port_node(r->msg.dest));
    r->number = ++self->numbers;
    if (ds__heap_reserve(&self->flights, 1)) {
        ds__heap_push(&self->flights, now + self->o + self->L, &r->node,
                      request_before);
    } else {
        ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
        ds_net_lose(&self->base, r->msg);
        release(self, r);
    }
    run(self, at, now + self->o + bytes * self->O);
}

static void begin_arrival(loggops *self, site *at, request *r, double now)
{
    const double bytes = all_but_one(r->msg.size);

    at->sides[ARRIVAL] = now + self->g + bytes * self->G;
    at->brings = r;
    ds_net_begins(&self->base, &r->msg);
    run(self, at, now + self->o + bytes * fmax(self->O, self->G));
}

static void begin_work(loggops *self, site *at, request *r, double now)
{
    const double seconds = r->seconds;

    at->teller = r->waiter;
    r->waiter = NULL;
    release(self, r);
    run(self, at, now + seconds);
}

/* From when on the first in a line could begin, if the processor is free. */
static double could_begin(const site *at, int k)
{
    if (at->lines[k].count == 0)
        return INFINITY;
    if (k == TURN)
        return request_of(at->lines[k].entries[0].node)->seconds;
    return k == WORK ? 0 : at->sides[k];
}

/* What a site could begin now, or NULL. */
static request *candidate(const site *at, double now)
{
    request *best = NULL;

    for (int k = 0; k < KINDS; k++) {
        if ((at->is_running && k != TURN) || !is_due(now, could_begin(at, k)))
            continue;
        request *r = request_of(at->lines[k].entries[0].node);
        if (best == NULL || r->number < best->number ||
            (r->number == best->number && r->nth < best->nth))
            best = r;
    }
    return best;
}

static void propose(loggops *self, site *at, double now)
{
    const request *r = candidate(at, now);

    if (r != NULL)
        ds__heap_push(&self->candidates, (double)r->number, &at->node,
                      site_before);
}

static void take_turn(loggops *self, request *r)
{
    waiter *w = r->waiter;

    r->waiter = NULL;
    release(self, r);
    tell(self, w);
}

/* Whether a thread goes on by that. */
static bool begin(loggops *self, site *at, double now)
{
    request *r = candidate(at, now);

    ds_stream *begun = r->begun;

    ds__heap_remove(&at->lines[r->kind], &r->node, request_before);
    r->begun = NULL;
    if (r->kind == TURN) {
        self->passed = begun;
        take_turn(self, r);
        return true;
    }
    if (r->kind == SEND)
        begin_send(self, at, r, now);
    else if (r->kind == ARRIVAL)
        begin_arrival(self, at, r, now);
    else
        begin_work(self, at, r, now);
    if (begun != NULL)
        ds__turn_signal(&self->base, begun);
    if (!is_due(now, at->busy))
        return meet(self, at) || begun != NULL;
    end(self, at);
    return true;
}

/* ---- Time -----------------------------------------------------------------*/

/* Has what a flight or the end of something makes lively be so. */
static void wake_due(loggops *self, double now)
{
    while (self->flights.count > 0 &&
           is_due(now, self->flights.entries[0].key)) {
        request *r = request_of(self->flights.entries[0].node);
        ds__heap_remove(&self->flights, &r->node, request_before);
        if (ds__heap_reserve(&r->at->lines[ARRIVAL], 1)) {
            push(self, r);
            continue;
        }
        ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
        ds_net_lose(&self->base, r->msg);
        release(self, r);
    }
    while (self->moments.count > 0 &&
           is_due(now, self->moments.entries[0].key)) {
        site *at = site_of(self->moments.entries[0].node);
        ds__heap_remove(&self->moments, &at->node, site_before);
        enliven(self, at);
    }
}

/* Who asks from now on has not waited for the end of what is past. */
static void propose_all(loggops *self, double now)
{
    for (site *s = self->lively; s != NULL; s = s->next_lively) {
        if (ds__heap_contains(&s->node))
            ds__heap_remove(&self->moments, &s->node, site_before);
        if (!s->is_running)
            s->follow = 0;
        propose(self, s, now);
    }
}

static void propose_none(loggops *self)
{
    while (self->candidates.count > 0)
        ds__heap_remove(&self->candidates, self->candidates.entries[0].node,
                        site_before);
}

/* Begins what can begin, over all sites in the order of their places, until a
 * thread goes on: then it returns true, and there may be more. */
static bool begin_all(loggops *self, double now)
{
    propose_all(self, now);
    while (self->candidates.count > 0) {
        site *at = site_of(self->candidates.entries[0].node);
        ds__heap_remove(&self->candidates, &at->node, site_before);
        if (begin(self, at, now)) {
            propose_none(self);
            return true;
        }
        propose(self, at, now);
    }
    return false;
}

/* Tells that who had a turn has made use of it, if somebody asked. */
static bool pass_turn(loggops *self)
{
    ds_stream *passed = self->passed;

    self->passed = NULL;
    ds__turn_signal(&self->base, passed);
    return passed != NULL;
}

/* When something may happen at a site if nobody asks before. */
static double next_moment(const site *at)
{
    double next = at->is_running ? at->busy : INFINITY;

    for (int k = 0; k < KINDS; k++)
        if (k == TURN || !at->is_running)
            next = fmin(next, could_begin(at, k));
    return next;
}

/* Every site has room in the heaps. */
static void calm_down(loggops *self)
{
    while (self->lively != NULL) {
        site *at = self->lively;
        self->lively = at->next_lively;
        at->is_lively = false;
        const double next = next_moment(at);
        if (next < INFINITY)
            ds__heap_push(&self->moments, next, &at->node, site_before);
    }
}

static void plan(loggops *self, double now)
{
    double next = INFINITY;

    if (self->flights.count > 0)
        next = self->flights.entries[0].key;
    if (self->moments.count > 0)
        next = fmin(next, self->moments.entries[0].key);
    ds_net_set_alarm(&self->base, next > now ? next - now : 0);
}

/* Asserts what stands above the structs. */
static void walk(const loggops *self, double now)
{
    ds__heap_check(&self->flights);
    ds__heap_check(&self->moments);
    assert(self->candidates.count == 0 && self->lively == NULL);
    for (size_t i = 0; i < self->num_sites; i++) {
        const site *at = &self->sites[i];
        assert(!at->is_lively && candidate(at, now) == NULL);
        assert(!at->is_running || !is_due(now, at->busy));
        assert(at->is_running || (at->brings == NULL && at->teller == NULL));
        assert(ds__heap_contains(&at->node) == (next_moment(at) < INFINITY));
        for (int k = 0; k < KINDS; k++) {
            ds__heap_check(&at->lines[k]);
            for (size_t j = 0; j < at->lines[k].count; j++) {
                const request *r = request_of(at->lines[k].entries[j].node);
                assert(r->at == at && (int)r->kind == k && r->number > 0);
            }
        }
    }
}

static void alarm(ds_net *net)
{
    loggops *self = (loggops *)net;
    const double now = ds_net_now(net);

    wake_due(self, now);
    if (end_all(self, now) || pass_turn(self) || begin_all(self, now)) {
        ds_net_set_alarm(net, 0);
        return;
    }
    calm_down(self);
    if (ds__checking())
        walk(self, now);
    plan(self, now);
}

/* ---- The processor --------------------------------------------------------*/

static const ds_net_ops ops;

/* The site of a node on a network that must be one of these, or NULL. */
static site *site_for(const ds_net *net, const ds_node *node, const char *call)
{
    const loggops *self = (const loggops *)net;
    const bool known = net->ops == &ops && self->sites != NULL;
    site *at = known ? find_site(self, node) : NULL;

    if (at != NULL)
        return at;
    ds_net_fail((ds_net *)net, DS_EMISUSE, "%s: the %s", call,
                net->ops != &ops ? "network is not one of ds_loggops_net_new()"
                : node == NULL   ? "node is NULL"
                                 : "node is not on this network; list it in "
                                   "ds_loggops_net_config.nodes");
    return NULL;
}

static bool check_begun(ds_net *net, const ds_stream *begun, const char *call)
{
    if (begun == NULL || ds__turn_may_signal(net, begun))
        return true;
    ds_net_fail(net, DS_EMISUSE,
                "%s: the stream is a port's or of another loop", call);
    return false;
}

/* Has a thread stand in the line of a node. */
static bool stand(ds_handle *h, ds_net *net, const ds_node *node, request what,
                  const char *call)
{
    loggops *self = (loggops *)net;
    site *at = NULL;

    if (!ds__turn_enter(h, net, call) ||
        (at = site_for(net, node, call)) == NULL ||
        !check_begun(net, what.begun, call))
        return false;
    if (!(what.seconds >= 0) || !isfinite(ds_net_now(net) + what.seconds)) {
        ds_net_fail(net, DS_EMISUSE,
                    "%s: seconds is %g; it must be finite and at least 0", call,
                    what.seconds);
        return false;
    }
    if (what.kind == TURN)
        what.seconds = fmax(at->busy, ds_net_now(net));
    waiter *w = take_waiter(self);
    if (w == NULL || !ask(self, w, at, what)) {
        ds_net_fail(net, DS_ENOMEM, "%s: out of memory", call);
        return false;
    }
    ds_net_set_alarm(net, 0);
    return wait(self, h, w, call);
}

bool ds_loggops_work(ds_handle *h, ds_net *net, const ds_node *node,
                     double seconds, ds_stream *begun)
{
    const request work = { .kind = WORK, .seconds = seconds, .begun = begun };

    return stand(h, net, node, work, "ds_loggops_work");
}

bool ds_loggops_turn(ds_handle *h, ds_net *net, const ds_node *node,
                     ds_stream *passed)
{
    const request turn = { .kind = TURN, .begun = passed };

    return stand(h, net, node, turn, "ds_loggops_turn");
}

void ds_loggops_send(ds_handle *h, ds_net *net, ds_msg msg, ds_stream *begun)
{
    static const char call[] = "ds_loggops_send";
    loggops *self = (loggops *)net;

    if (!ds__turn_enter(h, net, call) ||
        site_for(net, ds_port_node(msg.source), call) == NULL ||
        !check_begun(net, begun, call)) {
        ds_msg_drop(&msg);
        return;
    }
    self->begun = begun;
    ds_send(h, net, msg);
}

/* ---- Making and unmaking --------------------------------------------------*/

static void free_net(ds_net *net)
{
    loggops *self = (loggops *)net;

    for (ds__slab_block *b = self->requests.blocks; b != NULL; b = b->next) {
        for (size_t i = 0; i < b->count; i++) {
            request *r = ds__slab_at(&self->requests, b, i);
            if (r->msg.dest != NULL)
                ds_msg_drop(&r->msg);
        }
    }
    ds__slab_free(&self->requests);
    while (self->waiters != NULL) {
        waiter *w = self->waiters;
        self->waiters = w->next;
        free(w);
    }
    for (size_t i = 0; i < self->num_sites; i++)
        for (int k = 0; k < KINDS; k++)
            ds__heap_free(&self->sites[i].lines[k]);
    ds__heap_free(&self->flights);
    ds__heap_free(&self->moments);
    ds__heap_free(&self->candidates);
    ds__places_free(&self->places);
    free(self->sites);
    free(self);
}

static const ds_net_ops ops = {
    .name = "loggops",
    .send = send,
    .alarm = alarm,
    .free = free_net,
};

static bool check_parameter(ds_net *net, const char *name, double value)
{
    const bool is_limit = name[0] == 'S';

    if (value >= 0 && (isfinite(value) || is_limit))
        return true;
    ds_net_fail(net, DS_EMISUSE,
                "ds_loggops_net_new: config->%s is %g; it must be %sat least 0",
                name, value, is_limit ? "" : "finite and ");
    return false;
}

static bool check_config(ds_net *net, const ds_loggops_net_config *config)
{
    const char *fault = NULL;

    if (config == NULL)
        fault = "config is NULL";
    else if (config->nodes == NULL && config->num_nodes > 0)
        fault = "config->nodes is NULL; it must be an array of num_nodes";
    else if (config->num_nodes >= UINT32_MAX / 2)
        fault = "config->num_nodes is too large";
    if (fault != NULL) {
        ds_net_fail(net, DS_EMISUSE, "ds_loggops_net_new: %s", fault);
        return false;
    }
    return check_parameter(net, "L", config->L) &&
           check_parameter(net, "o", config->o) &&
           check_parameter(net, "g", config->g) &&
           check_parameter(net, "G", config->G) &&
           check_parameter(net, "O", config->O) &&
           check_parameter(net, "S", config->S);
}

static bool number_nodes(loggops *self, const ds_loggops_net_config *config)
{
    for (size_t i = 0; i < config->num_nodes; i++) {
        size_t before = ds__places_put(&self->places, config->nodes[i], i);
        if (before != DS__UNPLACED) {
            ds_net_fail(&self->base, DS_EMISUSE,
                        "ds_loggops_net_new: config->nodes[%zu] is nodes[%zu] "
                        "already; a node has one processor",
                        i, before);
            return false;
        }
        self->sites[i].machine = config->nodes[i];
    }
    return true;
}

/* Sites are there only if all is well: without them what is sent is lost. */
static bool settle_down(loggops *self, const ds_loggops_net_config *config)
{
    const size_t n = config->num_nodes;

    if (!ds__places_init(&self->places, &self->base, "ds_loggops_net_new",
                         config->nodes, n))
        return false;
    self->sites = calloc(n + 1, sizeof(*self->sites));
    if (self->sites == NULL || !ds__heap_reserve(&self->moments, n) ||
        !ds__heap_reserve(&self->candidates, n)) {
        ds_net_fail(&self->base, DS_ENOMEM,
                    "ds_loggops_net_new: out of memory");
        return false;
    }
    self->num_sites = n;
    return number_nodes(self, config);
}

/* Says what it is, for a trace: the latency is that of a message of one byte,
 * with the overheads at both ends, and the rate is that of the bytes behind it.
 */
static void describe(loggops *self, const ds_loggops_net_config *config)
{
    const double rate = 1 / fmax(self->O, self->G);

    ds_net_set_model(&self->base, "loggops", self->L + 2 * self->o);
    for (size_t i = 0; i < config->num_nodes; i++)
        ds_net_set_rates(&self->base, config->nodes[i], rate, rate);
}

/* From here on the loop frees the network, whatever becomes of it. */
ds_net *ds_loggops_net_new(ds_loop *loop, const ds_loggops_net_config *config)
{
    loggops *self = loop == NULL ? NULL : calloc(1, sizeof(*self));
    ds_net *net = ds_net_init((ds_net *)self, loop, &ops);

    if (net == NULL) {
        free(self);
        return NULL;
    }
    ds__net_set_turn(net, &turns);
    self->requests.size = sizeof(request);
    if (!check_config(net, config) || !settle_down(self, config))
        return NULL;
    self->L = config->L;
    self->o = config->o;
    self->g = config->g;
    self->G = config->G;
    self->O = config->O;
    self->S = config->S;

    describe(self, config);
    return net;
}
