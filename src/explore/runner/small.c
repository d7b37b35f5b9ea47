/* Makes failures of trials small: says to the shrinker how its guesses are
 * tried; see the header. */

#include "explore/runner/small.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/list.h"
#include "explore/runner/happened.h"
#include "explore/runner/lab.h"
#include "explore/search.h"
#include "explore/shrink/shrink.h"

enum { USUAL_EVENTS = 6000000, USUAL_SECONDS = 30, USUAL_HANG = 60 };

/* A trial that takes so many times as long as the failure hangs, but not before
 * so many seconds. */
enum { TIMES_AS_LONG = 50, LEAST_HANG = 2 };

/* No fault is made shorter than so many ticks. */
static const double shortest_ticks = 0.1;

/* What is smaller may fail so much later. */
static const double slack_ticks = 10;

/* Whom the shrinker asks. */
typedef struct asker {
    ds__oracle oracle; /* first */
    ds__lab lab;
    const ds__trial_order *order;
    const ds__happened *happened;
    ds__operation *left_out; /* room for all of them */
} asker;

/* ---- Guesses --------------------------------------------------------------*/

/* Appends those that a guess leaves out to those that the order does. */
static size_t leave_out(const ds__trial_order *order, const ds__happened *h,
                        const bool *without, ds__operation *list)
{
    size_t n = order->num_left_out;

    if (n > 0)
        memcpy(list, order->left_out, n * sizeof(*list));
    for (size_t i = 0; i < h->num_operations; i++)
        if (without[i])
            list[n++] = h->operations[i];
    assert(n <= order->num_left_out + h->num_operations);
    return n;
}

static ds__reply ask(ds__oracle *oracle, const ds__guess *guess)
{
    asker *a = (asker *)oracle;
    ds__trial_order order = *a->order;

    order.plan = guess->plan;
    order.ties = guess->fifo ? DS_TIES_FIFO : DS_TIES_RANDOM;
    order.left_out = a->left_out;
    order.num_left_out =
        leave_out(a->order, a->happened, guess->without, a->left_out);
    return ds__lab_ask(&a->lab, &order, guess->latest, &oracle->time);
}

/* ---- The original ---------------------------------------------------------*/

static double or_usual(double value, double usual)
{
    return value == 0 ? usual : value;
}

/* Failures of these kinds are the same when they are run again.  Where nothing
 * is exposed there are no plans, nor fresh draws, but operations. */
static bool can_be_small(const ds__happened *h)
{
    ds__fate fate = h->result.fate;

    return (h->exposed || h->num_operations > 0) &&
           (fate == DS__WRONG || fate == DS__ENDLESS || fate == DS__DIED);
}

static bool same_client(const ds__operation *a, const ds__operation *b)
{
    return a->machine == b->machine && a->thread == b->thread;
}

/* A number for the client of each operation; NULL: no memory. */
static size_t *number_clients(const ds__happened *h)
{
    size_t *clients = calloc(h->num_operations + 1, sizeof(*clients));

    for (size_t i = 1; clients != NULL && i < h->num_operations; i++)
        clients[i] = clients[i - 1] +
                     !same_client(&h->operations[i - 1], &h->operations[i]);
    return clients;
}

/* ---- Making ---------------------------------------------------------------*/

static bool refuse(ds__small *small, const char *why)
{
    ds__format(small->why, sizeof(small->why), "%s", why);
    return false;
}

static bool take(ds__small *small, asker *a, ds__shrunk *shrunk)
{
    ds__operation *left_out = calloc(
        a->order->num_left_out + shrunk->num_without + 1, sizeof(*left_out));

    if (left_out == NULL)
        return false;
    small->left_out = left_out;
    small->num_left_out =
        leave_out(a->order, a->happened, shrunk->without, left_out);
    assert(small->num_left_out == a->order->num_left_out + shrunk->num_without);
    small->operations = a->happened->num_operations - shrunk->num_without;
    small->plan = shrunk->plan;
    shrunk->plan = NULL;
    small->ties = shrunk->fifo ? DS_TIES_FIFO : DS_TIES_RANDOM;
    small->failed = shrunk->failed;
    small->runs = shrunk->runs;
    small->fails = shrunk->fails;
    small->draws = shrunk->draws;
    small->whole = shrunk->whole;
    small->late = a->lab.late;
    if (a->lab.broken)
        refuse(small, a->lab.why);
    return true;
}

static bool shrink(ds__small *small, asker *a, const size_t *clients)
{
    const ds__happened *h = a->happened;
    const ds_plan none = { NULL, 0, 0 };
    const ds__original original = {
        .plan = h->exposed ? h->plan : &none,
        .time = h->result.judge == DS__BY_SYSTEM ? INFINITY : h->result.time,
        .slack = h->result.fate == DS__ENDLESS
                     ? INFINITY
                     : slack_ticks * a->lab.test->tick,
        .bounds = { h->num_nodes, shortest_ticks * a->lab.test->tick },
        .hazards = h->exposed ? a->lab.test->hazards : 0,
        .num_operations = h->num_operations,
        .clients = clients,
        .fifo = a->order->ties == DS_TIES_FIFO,
        .fixed = !h->exposed,
        .dear =
            h->result.judge == DS__BY_SYSTEM && h->result.fate == DS__ENDLESS,
    };
    ds__shrunk shrunk;
    bool good = ds__shrink(&original, &a->oracle, &shrunk);

    ds__lab_free(&a->lab);
    if (!good)
        return false;
    good = take(small, a, &shrunk);
    ds__shrunk_free(&shrunk);
    return good;
}

static ds__lab_config lab_config(const ds__small_config *config,
                                 const ds__happened *h)
{
    double most = or_usual(config->hang, USUAL_HANG);
    double hang = h->result.judge == DS__BY_SYSTEM
                      ? LEAST_HANG
                      : fmax(LEAST_HANG, TIMES_AS_LONG * h->seconds);

    return (ds__lab_config){
        .most_events =
            config->most_events == 0 ? USUAL_EVENTS : config->most_events,
        .most_seconds = or_usual(config->most_seconds, USUAL_SECONDS),
        .hang = fmin(hang, most),
    };
}

static bool shrink_it(ds__small *small, const ds_test *test,
                      const ds__trial_order *order,
                      const ds__small_config *config, ds__happened *h)
{
    const ds__lab_config limits = lab_config(config, h);
    size_t *clients = number_clients(h);
    asker a = { .oracle = { .ask = ask }, .order = order, .happened = h };
    bool good = false;

    a.left_out = calloc(order->num_left_out + h->num_operations + 1,
                        sizeof(*a.left_out));
    if (clients != NULL && a.left_out != NULL &&
        ds__lab_init(&a.lab, test, &h->result, &limits))
        good = shrink(small, &a, clients);
    free(a.left_out);
    free(clients);
    return good || refuse(small, "out of memory");
}

/* The reasons are those of the small one. */
static bool explain(ds__small *small, const ds_test *test,
                    const ds__trial_order *order,
                    const ds__small_config *config)
{
    const ds__trial_order last = ds__small_order(small, order);
    ds__happened h;

    if (!ds__happen(&h, test, &last, or_usual(config->hang, USUAL_HANG)))
        return refuse(small, strerror(errno));
    small->result = h.result;
    ds__happened_free(&h);
    return true;
}

static bool make(ds__small *small, const ds_test *test,
                 const ds__trial_order *order, const ds__small_config *config,
                 ds__happened *h)
{
    bool good = !can_be_small(h) || shrink_it(small, test, order, config, h);

    small->operations_before = h->num_operations;
    if (h->exposed) {
        small->before = h->plan;
        h->plan = NULL;
    }
    if (small->failed)
        return good && explain(small, test, order, config);
    small->result = h->result;
    return good;
}

bool ds__small_make(ds__small *small, const ds_test *test,
                    const ds__trial_order *order,
                    const ds__small_config *config)
{
    double began = ds__real_time();
    ds__happened h;
    bool good;

    *small = (ds__small){ .failed = false };
    if (!ds__happen(&h, test, order, or_usual(config->hang, USUAL_HANG)))
        return refuse(small, strerror(errno));
    good = make(small, test, order, config, &h);
    ds__happened_free(&h);
    small->seconds = ds__real_time() - began;
    if (!good)
        ds__small_free(small);
    return good;
}

void ds__small_free(ds__small *small)
{
    ds_plan_free(small->plan);
    ds_plan_free(small->before);
    free(small->left_out);
    small->plan = NULL;
    small->before = NULL;
    small->left_out = NULL;
}

ds__trial_order ds__small_order(const ds__small *small,
                                const ds__trial_order *order)
{
    ds__trial_order repeat = *order;

    assert(small->failed && small->plan != NULL);
    repeat.plan = small->plan;
    repeat.ties = small->ties;
    repeat.left_out = small->left_out;
    repeat.num_left_out = small->num_left_out;
    return repeat;
}
