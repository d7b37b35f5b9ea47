/* One trial; see the header.
 *
 * Whatever fails, a trial goes through all its steps, and what cannot be done
 * any more is left out; so there is one way to free it. */

#include "explore/runner/trial.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "explore/history.h"
#include "explore/observe/verdict.h"
#include "explore/plan/generate.h"
#include "explore/runner/inside.h"
#include "net/net.h"

/* Of real time, after which a history counts as undecided. */
#define MOST_SECONDS 10

enum { PRESET_OPERATIONS = 10, PRESET_CALM = 40, PRESET_LIMIT = 100 };
static const double preset_tick = 0.1;
static const uint64_t preset_events = 10000000;

/* ---- The test -------------------------------------------------------------*/

ds_test ds__test_whole(const ds_test *test)
{
    ds_test whole = *test;

    if (whole.tick == 0)
        whole.tick = preset_tick;
    if (whole.operations == 0)
        whole.operations = PRESET_OPERATIONS;
    if (whole.calm_after == 0)
        whole.calm_after = PRESET_CALM * whole.tick;
    if (whole.time_limit == 0)
        whole.time_limit = whole.calm_after + PRESET_LIMIT * whole.tick;
    if (whole.event_limit == 0)
        whole.event_limit = preset_events;
    return whole;
}

static bool is_time(double seconds)
{
    return isfinite(seconds) && seconds >= 0;
}

bool ds__test_is_wrong(const ds_test *test, char *why, size_t size)
{
    const unsigned all = 2 * DS_HAZARD_STALL - 1;

    why[0] = '\0';
    if (test == NULL || test->name == NULL || test->name[0] == '\0')
        ds__format(why, size, "a test has no name");
    else if (strpbrk(test->name, ", \n") != NULL)
        ds__format(why, size,
                   "the name of test \"%s\" has a comma, a blank or an end of "
                   "line in it",
                   test->name);
    else if (test->build == NULL)
        ds__format(why, size, "test %s: build is NULL", test->name);
    else if ((test->hazards & ~all) != 0)
        ds__format(why, size,
                   "test %s: hazards is 0x%x, which has bits that are no "
                   "DS_HAZARD_...",
                   test->name, test->hazards);
    else if (!is_time(test->tick) || !is_time(test->calm_after) ||
             !is_time(test->time_limit))
        ds__format(why, size,
                   "test %s: tick is %g, calm_after %g, time_limit %g; they "
                   "are finite and at least 0",
                   test->name, test->tick, test->calm_after, test->time_limit);
    else if (ds__test_whole(test).time_limit < ds__test_whole(test).calm_after)
        ds__format(
            why, size, "test %s: time_limit is %g s, before the calm at %g s",
            test->name, test->time_limit, ds__test_whole(test).calm_after);
    return why[0] != '\0';
}

/* ---- Blame ----------------------------------------------------------------*/

/* During a run the loop keeps the reason, since the run ends by it. */
void ds_trial_fail(ds_trial *t, const char *format, ...)
{
    va_list args;

    if (t == NULL)
        return;
    va_start(args, format);
    if (format == NULL)
        ds__trial_blame(t, DS__WRONG, DS__BY_TEST,
                        "ds_trial_fail: the format is NULL");
    else
        ds__trial_vblame(t, DS__WRONG, DS__BY_TEST, format, args);
    va_end(args);
    if (t->loop != NULL && !ds__over(t->loop))
        ds__fail(t->loop, DS_FAILED, "ds_trial_fail");
}

/* ---- What a trial has -----------------------------------------------------*/

ds_loop *ds_trial_loop(ds_trial *t)
{
    return t == NULL ? NULL : t->loop;
}

uint64_t ds_trial_seed(const ds_trial *t)
{
    return t == NULL ? 0 : t->order->seed;
}

double ds_trial_random(ds_trial *t)
{
    return t == NULL ? 0
                     : ds__rng_uniform(ds__rng_bits(
                           t->order->seed, DS__RNG_TRIAL, 0, t->draws++));
}

ds_trial *ds_handle_trial(const ds_handle *h)
{
    const ds_loop *loop = ds_handle_loop(h);

    return loop == NULL ? NULL : ds__loop_trial(loop);
}

/* Also if history is NULL: out of memory is for the process to say. */
ds_history *ds_trial_history(ds_trial *t)
{
    if (t == NULL)
        return NULL;
    if (t->history == NULL)
        t->history = ds_history_new();
    if (t->history == NULL)
        ds__trial_starve(t, "ds_trial_history", sizeof(ds_history));
    return t->history;
}

const ds_history *ds__trial_record(const ds_trial *t)
{
    return t->history;
}

/* ---- Steps ----------------------------------------------------------------*/

static void make_loop(ds_trial *t)
{
    const ds_loop_config config = {
        .seed = t->order->seed,
        .exec = t->order->exec,
        .ties = t->order->ties == DS_TIES_FIFO ? DS_TIES_FIFO
                                               : ds__seed_ties(t->order->seed),
        .time_limit = t->test.time_limit,
        .event_limit = t->test.event_limit,
        .trace = t->order->trace,
        .stall = t->order->stall,
        .ignore_environment = true,
    };

    assert(t->order->seed > 0);
    t->loop = ds_loop_new(&config);
    if (t->loop == NULL) {
        ds__trial_blame(t, DS__DIED, DS__BY_RUNNER, "out of memory");
        return;
    }
    ds__loop_set_trial(t->loop, t);
    if (t->order->probe != NULL)
        ds__loop_watch(t->loop, t->order->probe);
}

static void build(ds_trial *t)
{
    if (t->loop == NULL)
        return;
    t->test.build(t, t->test.arg);
    if (t->result->fate == DS__WELL && !ds__over(t->loop))
        ds__trial_endanger(t);
}

/* A run in which nothing ran has shown nothing, unless check looks at what
 * build has made. */
static bool was_idle(const ds_trial *t, ds_status status)
{
    return status == DS_OK && t->test.check == NULL &&
           ds_loop_error(t->loop)[0] != '\0';
}

static void note_status(ds_trial *t, ds_status status)
{
    const char *why = ds_loop_error(t->loop);

    switch (status) {
    case DS_OK:
        if (was_idle(t, status))
            ds__trial_blame(t, DS__WRONG, DS__BY_RUNNER, "%s", why);
        return;
    case DS_DEADLOCK:
    case DS_LIMIT:
        if (ds__trial_is_beyond(t))
            t->result->excused = true;
        else
            ds__trial_blame(t, DS__ENDLESS, DS__BY_LOOP, "%s", why);
        return;
    case DS_ENOMEM:
    case DS_ETHREAD:
        ds__trial_blame(t, DS__DIED, DS__BY_LOOP, "%s", why);
        return;
    case DS_FAILED:
        ds__trial_blame(t, DS__WRONG, DS__BY_BODY, "%s", why);
        return;
    case DS_STOPPED:
    case DS_EMISUSE:
        ds__trial_blame(t, DS__WRONG, DS__BY_LOOP, "%s", why);
        return;
    }
    assert(false);
}

static void run(ds_trial *t)
{
    if (t->result->fate != DS__WELL)
        return;
    ds__loop_name_late(t->loop);
    note_status(t, ds_loop_run(t->loop));
}

static bool is_before_calm(const ds_trial *t)
{
    return t->exposed && ds_loop_now(t->loop) < t->test.calm_after;
}

/* False: there is nothing to say against it, so far. */
static bool blame_observed(ds_trial *t, ds__property property)
{
    const bool early = property == DS__LIVENESS && is_before_calm(t);
    char why[500] = "";

    switch (ds__observers_verdict(t->loop, property, why, sizeof(why))) {
    case DS_SOUND:
        return false;
    case DS_UNSOUND:
        ds__trial_blame(t, DS__WRONG, DS__BY_OBSERVER, "%s%s", why,
                        early ? "; it was over before the calm, and a client "
                                "that stays until then gives them the time"
                              : "");
        return true;
    case DS_UNKNOWN:
        ds__trial_blame(t, DS__DIED, DS__BY_OBSERVER, "an observer: %s", why);
        return true;
    }
    assert(false);
    return true;
}

/* Whoever watches is asked, so that nobody has to remember it.  Who is hurt
 * more than it is to survive need not get anything done. */
static void ask_observers(ds_trial *t)
{
    if (t->result->fate == DS__WELL && !blame_observed(t, DS__SAFETY) &&
        !ds__trial_is_beyond(t))
        blame_observed(t, DS__LIVENESS);
}

/* A history without a model is somebody else's business. */
static void judge_history(ds_trial *t)
{
    ds__result *result = t->result;
    ds_verdict verdict;

    if (result->fate != DS__WELL || t->history == NULL || t->test.model == NULL)
        return;
    verdict = ds_history_check(t->history, t->test.model, MOST_SECONDS,
                               t->order->brief ? NULL : result->why,
                               sizeof(result->why));
    if (verdict == DS_LINEARIZABLE)
        return;
    result->judge = DS__BY_HISTORY;
    result->fate = verdict == DS_NOT_LINEARIZABLE ? DS__WRONG : DS__UNDECIDED;
}

static void check(ds_trial *t)
{
    if (t->result->fate == DS__WELL && t->test.check != NULL)
        t->test.check(t, t->test.arg);
}

/* ---- What came of it ------------------------------------------------------*/

static void digest(uint64_t *sum, uint64_t word)
{
    *sum = ds__mix(*sum + UINT64_C(0x9e3779b97f4a7c15)) ^ ds__mix(word);
}

static void digest_time(uint64_t *sum, double time)
{
    uint64_t bits;

    memcpy(&bits, &time, sizeof(bits));
    digest(sum, bits);
}

uint64_t ds__history_digest(const ds_history *history)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < ds_history_size(history); i++) {
        const ds__recorded *c = &history->calls[i];
        digest(&sum, c->call.process);
        digest(&sum, (uint64_t)c->call.op);
        digest(&sum, (uint64_t)c->call.key);
        digest(&sum, (uint64_t)c->call.arg[0]);
        digest(&sum, (uint64_t)c->call.arg[1]);
        digest(&sum, (uint64_t)c->call.result);
        digest(&sum, c->first);
        digest(&sum, c->last);
        digest(&sum, c->call.forgotten);
        digest_time(&sum, c->call.began);
        digest_time(&sum, c->call.ended);
    }
    return sum;
}

/* Whether every machine is down, for good: then nothing has been tested since.
 */
static bool is_dead(const ds_loop *loop)
{
    const ds__annex *annex = ds__loop_annex(loop);
    const ds_node *node = annex == NULL ? NULL : annex->nodes;

    if (node == NULL)
        return false;
    while (node != NULL && node->life.down)
        node = node->next;
    return node == NULL;
}

static void measure(ds_trial *t)
{
    ds__result *result = t->result;

    if (t->loop == NULL)
        return;
    result->time = ds_loop_now(t->loop);
    result->nanoseconds = (uint64_t)(result->time * 1e9 + 0.5);
    result->digest = ds_loop_digest(t->loop);
    result->events = ds__loop_events(t->loop);
    result->messages = ds__loop_messages(t->loop);
    result->calls = ds_history_size(t->history);
    if (result->fate != DS__WELL || !t->order->alone)
        result->history = ds__history_digest(t->history);
    result->bites = ds__bites_of(t->loop);
    result->idle = is_dead(t->loop);
}

/* ---- All of it ------------------------------------------------------------*/

/* The text is long, and nearly always empty. */
static void clear(ds__result *result)
{
    memset(result, 0, offsetof(ds__result, why));
    result->why[0] = '\0';
}

ds_trial *ds__trial_new(const ds_test *test, const ds__trial_order *order,
                        ds__result *result)
{
    ds_trial *t = calloc(1, sizeof(*t));

    clear(result);
    if (t == NULL) {
        result->fate = DS__DIED;
        result->judge = DS__BY_RUNNER;
        ds__format(result->why, sizeof(result->why), "out of memory");
        return NULL;
    }
    t->test = ds__test_whole(test);
    assert(t->test.operations > 0 && t->test.calm_after > 0);
    t->order = order;
    t->result = result;
    make_loop(t);
    build(t);
    run(t);
    ask_observers(t);
    judge_history(t);
    check(t);
    measure(t);
    return t;
}

/* Payloads that are under way may lie in what was granted. */
void ds__trial_free(ds_trial *t)
{
    if (t == NULL)
        return;
    ds_loop_free(t->loop);
    ds_history_free(t->history);
    ds__trial_free_grants(t);
    free(t);
}

void ds__trial_run(const ds_test *test, const ds__trial_order *order,
                   ds__result *result)
{
    ds__trial_free(ds__trial_new(test, order, result));
}
