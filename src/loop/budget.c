/* What a run may use up; see the header. */

#include "loop/budget.h"

#include <math.h>

#include "loop/state.h"

/* So many things before a limit remembering begins. */
#define NEAR 64

static uint64_t shortly_before(uint64_t limit)
{
    return limit < NEAR ? 0 : limit - NEAR;
}

void ds__budget_init(ds_loop *loop)
{
    const ds_loop_config *config = &loop->config;
    ds__budget *budget = &loop->budget;

    budget->near_events = config->event_limit > 0
                              ? shortly_before(config->event_limit)
                              : UINT64_MAX;
    budget->near_instant = shortly_before(config->instant_limit);
}

static double time_limit(const ds_loop *loop)
{
    return loop->config.time_limit > 0 ? loop->config.time_limit : INFINITY;
}

void ds__budget_begin(ds_loop *loop, double rest_time)
{
    ds__budget *budget = &loop->budget;

    budget->last_time = fmin(time_limit(loop), rest_time);
    budget->rest_time = rest_time;
    budget->instant = 0;
    budget->num_witnesses = 0;
}

bool ds__budget_rests(const ds_loop *loop, double time)
{
    const double rest_time = loop->budget.rest_time;

    return rest_time < INFINITY && time > rest_time &&
           (time == INFINITY || rest_time <= time_limit(loop));
}

/* ---- Witnesses ------------------------------------------------------------*/

static bool is_known(const ds__budget *budget, const ds_handle *h)
{
    for (unsigned i = 0; i < budget->num_witnesses; i++)
        if (budget->witnesses[i] == h)
            return true;
    return false;
}

/* Whoever has given the baton up last was at work. */
static void remember(ds_loop *loop)
{
    ds__budget *budget = &loop->budget;
    const ds_handle *h =
        atomic_load_explicit(&loop->watchdog.holder, memory_order_relaxed);

    if (h == NULL || h == &loop->main || is_known(budget, h) ||
        budget->num_witnesses == DS__MAX_WITNESSES)
        return;
    budget->witnesses[budget->num_witnesses++] = h;
}

static void add_witnesses(const ds__budget *budget, ds__text *text)
{
    if (budget->num_witnesses == 0)
        return;
    ds__text_add(text, "; at work were:");
    for (unsigned i = 0; i < budget->num_witnesses; i++)
        ds__report_thread(budget->witnesses[i], text);
}

/* ---- The limits -----------------------------------------------------------*/

static bool no_time(ds_loop *loop, double time)
{
    ds__text text;

    if (!ds__fail_open(loop, DS_LIMIT, &text))
        return false;
    ds__text_add(&text, "the time limit of %g s: the next event is due at %g s",
                 loop->config.time_limit, time);
    if (loop->budget.names_late)
        ds__report_late(loop, &text);
    ds__fail_close(loop);
    return false;
}

static bool no_events(ds_loop *loop)
{
    ds__text text;

    if (!ds__fail_open(loop, DS_LIMIT, &text))
        return false;
    ds__text_add(&text, "the limit of %llu events, at %g s",
                 (unsigned long long)loop->config.event_limit, loop->now);
    add_witnesses(&loop->budget, &text);
    ds__fail_close(loop);
    return false;
}

static bool no_progress(ds_loop *loop)
{
    ds__text text;

    if (!ds__fail_open(loop, DS_LIMIT, &text))
        return false;
    ds__text_add(&text,
                 "the clock stands still at %.9g s, where the limit of %llu "
                 "events at one instant is reached "
                 "(ds_loop_config.instant_limit)",
                 loop->now, (unsigned long long)loop->config.instant_limit);
    add_witnesses(&loop->budget, &text);
    ds__fail_close(loop);
    return false;
}

bool ds__budget_judge(ds_loop *loop, double time)
{
    const ds_loop_config *config = &loop->config;
    const ds__budget *budget = &loop->budget;

    remember(loop);
    if (time > budget->last_time)
        return no_time(loop, time);
    if (config->event_limit > 0 &&
        ds__budget_events(budget) >= config->event_limit)
        return no_events(loop);
    if (time == loop->now && budget->instant >= config->instant_limit)
        return no_progress(loop);
    return true;
}
