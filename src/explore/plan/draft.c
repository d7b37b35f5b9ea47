/* What the lines of one fault are; see the header. */

#include "explore/plan/draft.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "net/wires.h"

bool ds__draft_init(ds__draft *draft, size_t num_servers, size_t num_nodes)
{
    *draft = (ds__draft){
        .num_servers = num_servers,
        .num_nodes = num_nodes,
        .members = calloc(num_nodes + 1, sizeof(*draft->members)),
        .sides = calloc(num_nodes + 1, sizeof(*draft->sides)),
        .order = calloc(num_nodes + 1, sizeof(*draft->order)),
    };
    return draft->members != NULL && draft->sides != NULL &&
           draft->order != NULL;
}

void ds__draft_free(ds__draft *draft)
{
    free(draft->members);
    free(draft->sides);
    free(draft->order);
}

/* ---- Lines ----------------------------------------------------------------*/

static ds__plan_line *add(ds__draft *draft, ds__plan_kind kind,
                          const ds__moment *moment, double length)
{
    ds__plan_line *line = &draft->lines[draft->count++];
    double until = moment->now + length;

    assert(draft->count <= DS__DRAFT_MOST && moment->now < moment->end);
    *line = (ds__plan_line){
        .time = moment->now,
        .until =
            until > moment->now && until < moment->end ? until : moment->end,
        .kind = kind,
    };
    return line;
}

static void set(ds__plan_line *line, unsigned field, double value)
{
    line->named |= 1u << field;
    line->value[field] = value;
}

/* ---- Weather --------------------------------------------------------------*/

enum { DROP, DUPLICATE, LATE, DAMAGE, JITTER };

static ds__plan_line *add_chance(ds__draft *draft, unsigned field, double value,
                                 const ds__moment *moment, double length)
{
    ds__plan_line *line = add(draft, DS__PLAN_FAULTS, moment, length);

    line->node = DS__PLAN_EVERY;
    line->to = DS__PLAN_EVERY;
    set(line, field, value);
    return line;
}

void ds__draft_weather(ds__draft *draft, const ds__weather *weather,
                       const ds__moment *moment)
{
    double whole = moment->end - moment->now;

    draft->count = 0;
    if (weather->drop > 0)
        add_chance(draft, DROP, weather->drop, moment, whole);
    if (weather->duplicate > 0)
        set(add_chance(draft, DUPLICATE, weather->duplicate, moment, whole),
            LATE, weather->late);
    if (weather->damage > 0)
        add_chance(draft, DAMAGE, weather->damage, moment, whole);
    if (weather->jitter > 0)
        add_chance(draft, JITTER, weather->jitter, moment, whole);
}

/* ---- Partitions -----------------------------------------------------------*/

static bool is_server(const ds__draft *draft, uint32_t node)
{
    return node < draft->num_servers;
}

/* Brings the servers into a random order; whoever is aimed at comes first. */
static void shuffle_servers(ds__draft *draft, ds__dice *dice,
                            const ds__moment *moment)
{
    uint32_t *order = draft->order;

    for (uint32_t i = 0; i < draft->num_servers; i++) {
        size_t at = ds__dice_below(dice, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; moment->aimed && i < draft->num_servers; i++) {
        if (order[i] != moment->server)
            continue;
        order[i] = order[0];
        order[0] = moment->server;
    }
}

static void part_clients(ds__draft *draft, ds__dice *dice)
{
    bool on_each_side = ds__dice_chance(dice, 0.5);
    uint32_t next = (uint32_t)ds__dice_below(dice, 2);

    for (size_t i = draft->num_servers; i < draft->num_nodes; i++) {
        uint32_t random = (uint32_t)ds__dice_below(dice, 2);
        draft->sides[i] = on_each_side ? next : random;
        next = 1 - next;
    }
}

/* Says for each node on which of two sides it is. */
static void part_nodes(ds__draft *draft, ds__split split, ds__dice *dice,
                       const ds__moment *moment)
{
    size_t n = draft->num_servers;
    size_t first = split == DS__SPLIT_ALONE ? 1 : n / 2;

    shuffle_servers(draft, dice, moment);
    for (size_t i = 0; i < n; i++) {
        uint32_t random = (uint32_t)ds__dice_below(dice, 2);
        uint32_t server = draft->order[i];
        draft->sides[server] = split == DS__SPLIT_RANDOM ? random : i >= first;
    }
    part_clients(draft, dice);
}

/* One line, if there are nodes on both sides. */
static void add_partition(ds__draft *draft, const ds__moment *moment,
                          double length)
{
    size_t count = 0;
    uint32_t first = draft->sides[0];

    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t i = 0; i < draft->num_nodes; i++)
            if ((draft->sides[i] == first) == (side == 0))
                draft->members[count++] = (ds__plan_member){ i, side };
    assert(count == draft->num_nodes);
    if (draft->members[count - 1].side == 0)
        return;
    ds__plan_line *line = add(draft, DS__PLAN_PARTITION, moment, length);
    line->members = draft->members;
    line->num_members = count;
}

static size_t count_pairs(const ds__draft *draft)
{
    size_t first = 0;

    for (size_t i = 0; i < draft->num_nodes; i++)
        first += draft->sides[i] == 0;
    return first * (draft->num_nodes - first);
}

static void add_cut(ds__draft *draft, uint32_t from, uint32_t to, bool both,
                    const ds__moment *moment, double length)
{
    ds__plan_line *line = add(draft, DS__PLAN_CUT, moment, length);

    line->node = from;
    line->to = to;
    line->both = both;
}

/* What the one side says is not heard by the other one. */
static void add_one_way(ds__draft *draft, uint32_t side,
                        const ds__moment *moment, double length)
{
    for (uint32_t i = 0; i < draft->num_nodes; i++)
        for (uint32_t j = 0; j < draft->num_nodes; j++)
            if (draft->sides[i] == side && draft->sides[j] != side &&
                (is_server(draft, i) || is_server(draft, j)))
                add_cut(draft, i, j, false, moment, length);
}

static void draft_sides(ds__draft *draft, ds__split split, bool both,
                        ds__dice *dice, const ds__moment *moment, double length)
{
    uint32_t side = (uint32_t)ds__dice_below(dice, 2);

    part_nodes(draft, split, dice, moment);
    if (!both && count_pairs(draft) <= DS__DRAFT_MOST)
        add_one_way(draft, side, moment, length);
    else
        add_partition(draft, moment, length);
}

/* Halves that do not hear each other, but both hear the last in the order. */
static bool draft_bridge(ds__draft *draft, ds__dice *dice,
                         const ds__moment *moment, double length)
{
    size_t n = draft->num_servers;

    part_nodes(draft, DS__SPLIT_HALVES, dice, moment);
    assert(n > 0);
    draft->sides[draft->order[n - 1]] = 2;
    if (n < 3 || count_pairs(draft) > DS__DRAFT_MOST)
        return false;
    for (uint32_t i = 0; i < draft->num_nodes; i++)
        for (uint32_t j = 0; j < draft->num_nodes; j++)
            if (draft->sides[i] == 0 && draft->sides[j] == 1 &&
                (is_server(draft, i) || is_server(draft, j)))
                add_cut(draft, i, j, true, moment, length);
    return true;
}

static bool draft_ring(ds__draft *draft, ds__dice *dice,
                       const ds__moment *moment, double length)
{
    size_t n = draft->num_servers;

    if (n < 4 || n * (n - 3) / 2 > DS__DRAFT_MOST)
        return false;
    shuffle_servers(draft, dice, moment);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 2; j < n && j - i < n - 1; j++)
            add_cut(draft, draft->order[i], draft->order[j], true, moment,
                    length);
    return true;
}

/* Another node than this one; there is one. */
static uint32_t other_node(const ds__draft *draft, uint32_t node,
                           ds__dice *dice)
{
    uint32_t other = (uint32_t)ds__dice_below(dice, draft->num_nodes - 1);

    return other + (other >= node);
}

static void draft_link(ds__draft *draft, bool both, ds__dice *dice,
                       const ds__moment *moment, double length)
{
    uint32_t other = other_node(draft, moment->server, dice);
    bool outwards = ds__dice_chance(dice, 0.5);

    add_cut(draft, outwards ? moment->server : other,
            outwards ? other : moment->server, both, moment, length);
}

static void draft_partition(ds__draft *draft, const ds__profile *profile,
                            ds__dice *dice, const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice);
    ds__split split = ds__profile_split(dice);
    bool both = ds__profile_both_ways(dice);

    if (draft->num_nodes < 2)
        return;
    if (split == DS__SPLIT_LINK)
        draft_link(draft, both, dice, moment, length);
    else if (split == DS__SPLIT_BRIDGE &&
             draft_bridge(draft, dice, moment, length))
        return;
    else if (split == DS__SPLIT_RING && draft_ring(draft, dice, moment, length))
        return;
    else
        draft_sides(draft, split, both, dice, moment, length);
}

/* ---- Machines -------------------------------------------------------------*/

/* One in the middle has as long to come as the machine is down otherwise, and
 * is down as long after that at least. */
static void draft_crash(ds__draft *draft, const ds__profile *profile,
                        ds__dice *dice, const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice);
    double window = ds__profile_length(profile, dice);
    uint64_t call = ds__profile_call(dice);
    size_t point = DS__PLAN_AT_CALL + ds__dice_below(dice, 3);

    if (moment->in_the_middle)
        length += window;
    ds__plan_line *line = add(draft, DS__PLAN_CRASH, moment, length);
    line->node = moment->server;
    if (!moment->in_the_middle)
        return;
    line->point = (ds__plan_point)point;
    line->number = call;
}

/* It has as long to come as a pause takes otherwise, and takes as long after
 * that at least.  What it has missed a server finds out from others at once: so
 * half of them cannot hear others until some time after they have gone on, if
 * there are partitions at all. */
static void draft_stall(ds__draft *draft, const ds__profile *profile,
                        ds__dice *dice, const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice);
    double window = ds__profile_length(profile, dice);
    double longer = ds__profile_length(profile, dice);
    uint64_t call = ds__profile_call(dice);
    bool alone = ds__dice_chance(dice, 0.5);
    ds__plan_line *line = add(draft, DS__PLAN_PAUSE, moment, length + window);
    ds__moment aimed = *moment;

    line->node = moment->server;
    line->point = DS__PLAN_AT_CALL;
    line->number = call;
    if (!alone || (profile->on & DS_HAZARD_PARTITION) == 0)
        return;
    aimed.aimed = true;
    part_nodes(draft, DS__SPLIT_ALONE, dice, &aimed);
    add_partition(draft, moment, length + window + longer);
}

/* Clocks and speeds stay wrong for longer than others: what they do takes time
 * to show. */
#define SLOWLY 4

/* The clocks of all other servers gain what that of one loses: what counts of
 * clocks is how they go beside each other. */
static void add_opposite_drifts(ds__draft *draft, double drift,
                                const ds__moment *moment, double length)
{
    for (uint32_t i = 0; i < draft->num_servers; i++) {
        if (i == moment->server || draft->count == DS__DRAFT_MOST)
            continue;
        ds__plan_line *line = add(draft, DS__PLAN_CLOCK, moment, length);
        line->node = i;
        set(line, 1, -drift);
    }
}

static void draft_clock(ds__draft *draft, const ds__profile *profile,
                        ds__dice *dice, const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice) * SLOWLY;
    double step = ds__profile_step(profile, dice);
    double drift = ds__profile_drift(dice);
    size_t which = ds__dice_below(dice, 3);
    bool opposite = ds__dice_chance(dice, 0.5);
    ds__plan_line *line = add(draft, DS__PLAN_CLOCK, moment, length);

    line->node = moment->server;
    if (which != 0)
        set(line, 1, drift);
    if (which != 1)
        set(line, 0, step);
    if (which != 0 && opposite)
        add_opposite_drifts(draft, drift, moment, length);
}

enum { SYNC_TIME = 2, LOST_SYNC, ROT };

void ds__draft_liar(ds__draft *draft, ds__dice *dice, const ds__moment *moment)
{
    bool lies = ds__dice_chance(dice, 0.5);
    double value = ds__profile_lie(dice);

    draft->count = 0;
    ds__plan_line *line =
        add(draft, DS__PLAN_DISK, moment, moment->end - moment->now);
    line->node = moment->server;
    set(line, lies ? LOST_SYNC : ROT, value);
}

/* What takes one node and one number at most. */
static void draft_simple(ds__draft *draft, ds__plan_kind kind, double length,
                         unsigned field, double value, const ds__moment *moment)
{
    ds__plan_line *line = add(draft, kind, moment, length);

    line->node = moment->server;
    if (value > 0)
        set(line, field, value);
}

/* ---- Links ----------------------------------------------------------------*/

/* From or to the server: one link, or all. */
static void aim_link(const ds__draft *draft, ds__plan_line *line,
                     ds__dice *dice, const ds__moment *moment)
{
    bool outwards = ds__dice_chance(dice, 0.5);
    bool all = ds__dice_chance(dice, 0.5);
    uint32_t other = DS__PLAN_EVERY;

    if (draft->num_nodes > 1 && !all)
        other = other_node(draft, moment->server, dice);
    line->node = outwards ? moment->server : other;
    line->to = outwards ? other : moment->server;
}

static void draft_hold(ds__draft *draft, const ds__profile *profile,
                       ds__dice *dice, const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice);

    aim_link(draft, add(draft, DS__PLAN_HOLD, moment, length), dice, moment);
}

/* A link of the network goes off, which is on the way from the server to
 * another node or back. */
static void draft_wire(ds__draft *draft, const ds__profile *profile,
                       ds__dice *dice, const ds__moment *moment)
{
    const double length = ds__profile_length(profile, dice);
    const bool outwards = ds__dice_chance(dice, 0.5);
    const double where = ds__dice_uniform(dice);
    size_t way[DS__MOST_WIRES];

    if (draft->num_nodes < 2)
        return;
    const ds_node *one = draft->nodes[moment->server];
    const ds_node *other =
        draft->nodes[other_node(draft, moment->server, dice)];
    size_t n = ds__wires_between(draft->net, outwards ? one : other,
                                 outwards ? other : one, way, DS__MOST_WIRES);
    n = n < DS__MOST_WIRES ? n : DS__MOST_WIRES;
    if (n == 0)
        return;
    const size_t link = way[(size_t)(where * (double)n)];
    ds__format(draft->digits, sizeof(draft->digits), "%zu", link);
    const char *name = ds__wire_name(draft->net, link);
    add(draft, DS__PLAN_OFF, moment, length)->name =
        ds__plan_is_word(name) ? name : draft->digits;
}

static void draft_burst(ds__draft *draft, unsigned field,
                        const ds__profile *profile, ds__dice *dice,
                        const ds__moment *moment)
{
    double length = ds__profile_length(profile, dice);
    double value = ds__profile_burst(dice);
    ds__plan_line *line = add_chance(draft, field, value, moment, length);

    if (field == DUPLICATE)
        set(line, LATE, ds__profile_length(profile, dice));
    aim_link(draft, line, dice, moment);
}

/* ---- Any ------------------------------------------------------------------*/

void ds__draft_hazard(ds__draft *draft, unsigned hazard,
                      const ds__profile *profile, ds__dice *dice,
                      const ds__moment *moment)
{
    double length;

    draft->count = 0;
    switch (hazard) {
    case DS_HAZARD_CRASH:
        draft_crash(draft, profile, dice, moment);
        return;
    case DS_HAZARD_PAUSE:
        length = ds__profile_length(profile, dice);
        draft_simple(draft, DS__PLAN_PAUSE, length, 0, 0, moment);
        return;
    case DS_HAZARD_PARTITION:
        draft_partition(draft, profile, dice, moment);
        return;
    case DS_HAZARD_DROP:
        draft_burst(draft, DROP, profile, dice, moment);
        return;
    case DS_HAZARD_DUPLICATE:
        draft_burst(draft, DUPLICATE, profile, dice, moment);
        return;
    case DS_HAZARD_REORDER:
        draft_hold(draft, profile, dice, moment);
        return;
    case DS_HAZARD_CLOCK:
        draft_clock(draft, profile, dice, moment);
        return;
    case DS_HAZARD_SPEED:
        length = ds__profile_length(profile, dice) * SLOWLY;
        draft_simple(draft, DS__PLAN_SPEED, length, 0, ds__profile_speed(dice),
                     moment);
        return;
    case DS_HAZARD_DISK:
        length = ds__profile_length(profile, dice) * SLOWLY;
        draft_simple(draft, DS__PLAN_DISK, length, SYNC_TIME,
                     ds__profile_sync(profile, dice), moment);
        return;
    case DS_HAZARD_STALL:
        draft_stall(draft, profile, dice, moment);
        return;
    case DS_HAZARD_LINK:
        draft_wire(draft, profile, dice, moment);
        return;
    default:
        assert(hazard == 0);
    }
}
