/* What kind of weather it is going to be; see the header.
 *
 * These numbers decide what is found.  Whoever changes one compares what
 * distsys-planted finds before and after. */

#include "explore/plan/profile.h"

#include "base/invariant.h"

/* Seeds without faults, which test the test, and of these the ones whose events
 * are in the order of scheduling. */
#define QUIET 0.2
#define PLAIN 0.1

/* Seeds in which every hazard that is allowed is on; in the others, each of
 * them with ONE_ON, since hazards may hide what others would bring to light. In
 * consensus protocols they do not, and switching them off halves the finds. */
#define ALL_ON 0.5
#define ONE_ON 0.5

/* The time scale, in ticks.  A fixed one found a vote that was not persisted
 * eleven times more seldom. */
#define SCALE_LOW  0.1
#define SCALE_HIGH 10

/* How long until the next fault, and how long it lasts, in time scales.  A
 * downtime of 0 is as useless as one beyond everything. */
#define GAP_LOW     0.25
#define GAP_HIGH    4
#define LENGTH_LOW  0.1
#define LENGTH_HIGH 4

/* No more lines than anybody would read, or shrink. */
#define MOST_LINES 150

/* Of crashes that are aimed, those that come at a call instead of a time. */
#define MIDDLE 0.5

/* Chances of every message, in such seeds as have them all the time. */
#define WEATHER        0.7
#define DROP_LOW       0.002
#define DROP_HIGH      0.3
#define DUPLICATE_LOW  0.005
#define DUPLICATE_HIGH 0.3
#define DAMAGE_LOW     0.001
#define DAMAGE_HIGH    0.1

/* In ticks: late duplicates find what a clean network never shows. */
#define LATE_LOW    0.1
#define LATE_HIGH   20
#define JITTER_LOW  0.02
#define JITTER_HIGH 4

/* For a while, and on some links. */
#define BURST_LOW  0.1
#define BURST_HIGH 1

/* The how manieth call, message or sync. */
#define CALL_LOW  1
#define CALL_HIGH 32

/* Of clocks: steps in time scales, and no drift at which a timeout of twice the
 * length would not do.  What a drift brings to light, the greatest does most of
 * all, so half of them are that. */
#define STEP_LOW  0.1
#define STEP_HIGH 30
#define DRIFT     (1.0 / 3)

#define SPEED_LOW  0.01
#define SPEED_HIGH 0.7

/* Of disks that lie or rot; and how slow slow ones are, in time scales. */
#define LIE_LOW   0.02
#define LIE_HIGH  1
#define SYNC_LOW  0.05
#define SYNC_HIGH 3

/* What is known before anything else, of its own stream. */
static double mood(uint64_t seed)
{
    ds__dice dice = { .seed = seed, .stream = 1 };

    return ds__dice_uniform(&dice);
}

bool ds__seed_is_quiet(uint64_t seed)
{
    return mood(seed) < QUIET;
}

ds_ties ds__seed_ties(uint64_t seed)
{
    return mood(seed) < PLAIN ? DS_TIES_FIFO : DS_TIES_RANDOM;
}

static unsigned choose(ds__dice *dice, unsigned allowed)
{
    unsigned on = 0;

    if (ds__dice_chance(dice, ALL_ON))
        return allowed;
    for (unsigned bit = 1; bit != 0 && bit <= allowed; bit <<= 1)
        if (ds__dice_chance(dice, ONE_ON))
            on |= bit & allowed;
    return on;
}

/* Draws it, whether it counts or not, so that one hazard more moves nothing. */
static double chance_of(ds__dice *dice, bool on, double low, double high)
{
    bool rains = ds__dice_chance(dice, WEATHER);
    double value = ds__dice_spread(dice, low, high);

    return on && rains ? value : 0;
}

static ds__weather draw_weather(ds__dice *dice, unsigned on, double tick)
{
    ds__weather w;

    w.drop = chance_of(dice, on & DS_HAZARD_DROP, DROP_LOW, DROP_HIGH);
    w.duplicate = chance_of(dice, on & DS_HAZARD_DUPLICATE, DUPLICATE_LOW,
                            DUPLICATE_HIGH);
    w.late = ds__dice_spread(dice, LATE_LOW * tick, LATE_HIGH * tick);
    w.damage = chance_of(dice, on & DS_HAZARD_DAMAGE, DAMAGE_LOW, DAMAGE_HIGH);
    w.jitter = chance_of(dice, on & DS_HAZARD_REORDER, JITTER_LOW * tick,
                         JITTER_HIGH * tick);
    return w;
}

ds__profile ds__profile_draw(ds__dice *dice, const ds__hazards *what)
{
    ds__profile profile = { .most_lines = MOST_LINES };

    profile.on = choose(dice, what->allowed);
    profile.scale = what->tick * ds__dice_spread(dice, SCALE_LOW, SCALE_HIGH);
    profile.aim = ds__dice_uniform(dice);
    profile.middle = profile.aim * MIDDLE;
    profile.weather = draw_weather(dice, profile.on, what->tick);
    assert((profile.on & ~what->allowed) == 0);
    assert(profile.scale > 0 && profile.aim < 1);
    return profile;
}

double ds__profile_gap(const ds__profile *profile, ds__dice *dice)
{
    return profile->scale * ds__dice_spread(dice, GAP_LOW, GAP_HIGH);
}

double ds__profile_length(const ds__profile *profile, ds__dice *dice)
{
    return profile->scale * ds__dice_spread(dice, LENGTH_LOW, LENGTH_HIGH);
}

uint64_t ds__profile_call(ds__dice *dice)
{
    return (uint64_t)ds__dice_spread(dice, CALL_LOW, CALL_HIGH);
}

double ds__profile_step(const ds__profile *profile, ds__dice *dice)
{
    double step = profile->scale * ds__dice_spread(dice, STEP_LOW, STEP_HIGH);

    return ds__dice_chance(dice, 0.5) ? step : -step;
}

double ds__profile_drift(ds__dice *dice)
{
    double drift = ds__dice_between(dice, -2 * DRIFT, 2 * DRIFT);

    return fmax(-DRIFT, fmin(drift, DRIFT));
}

double ds__profile_speed(ds__dice *dice)
{
    return ds__dice_spread(dice, SPEED_LOW, SPEED_HIGH);
}

double ds__profile_burst(ds__dice *dice)
{
    return ds__dice_spread(dice, BURST_LOW, BURST_HIGH);
}

double ds__profile_lie(ds__dice *dice)
{
    return ds__dice_spread(dice, LIE_LOW, LIE_HIGH);
}

double ds__profile_sync(const ds__profile *profile, ds__dice *dice)
{
    return profile->scale * ds__dice_spread(dice, SYNC_LOW, SYNC_HIGH);
}

/* ---- What goes wrong ------------------------------------------------------*/

/* How often each hazard is chosen among those that are on. */
static const unsigned weights[] = {
    [0] = 6,  /* crash */
    [1] = 3,  /* pause */
    [2] = 5,  /* partition */
    [3] = 1,  /* drop, for a while */
    [4] = 1,  /* duplicate, for a while */
    [5] = 3,  /* hold a link */
    [6] = 0,  /* damage: it is weather only */
    [7] = 2,  /* clock */
    [8] = 1,  /* speed */
    [9] = 1,  /* a slow disk */
    [10] = 4, /* a link goes off */
    [11] = 3, /* a pause at a call */
};

enum { NUM_WEIGHTS = sizeof(weights) / sizeof(*weights) };

unsigned ds__profile_hazard(const ds__profile *profile, ds__dice *dice)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < NUM_WEIGHTS; i++)
        sum += profile->on >> i & 1 ? weights[i] : 0;
    if (sum == 0)
        return 0;
    size_t left = ds__dice_below(dice, sum);
    for (unsigned i = 0;; i++) {
        assert(i < NUM_WEIGHTS);
        unsigned weight = profile->on >> i & 1 ? weights[i] : 0;
        if (left < weight)
            return 1u << i;
        left -= weight;
    }
}

ds__split ds__profile_split(ds__dice *dice)
{
    static const ds__split splits[] = {
        DS__SPLIT_ALONE,  DS__SPLIT_ALONE,  DS__SPLIT_HALVES,
        DS__SPLIT_HALVES, DS__SPLIT_HALVES, DS__SPLIT_RANDOM,
        DS__SPLIT_BRIDGE, DS__SPLIT_RING,   DS__SPLIT_LINK,
    };

    return splits[ds__dice_below(dice, sizeof(splits) / sizeof(*splits))];
}

/* Of four partitions one loses messages in one direction only. */
bool ds__profile_both_ways(ds__dice *dice)
{
    return ds__dice_chance(dice, 0.75);
}
