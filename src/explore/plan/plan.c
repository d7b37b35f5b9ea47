/* Plans as data; see the header. */

#include "explore/plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

/* ---- What a line may say --------------------------------------------------*/

#define AT(point) (1u << DS__PLAN_AT_##point)

const ds__plan_word ds__plan_words[DS__NUM_PLAN_KINDS] = {
    [DS__PLAN_FAULTS] = {
        "faults", DS__PLAN_LINK, true, 0, 5,
        { { "drop", DS__PLAN_PROBABILITY, 0 },
          { "duplicate", DS__PLAN_PROBABILITY, 0 },
          { "late", DS__PLAN_LENGTH, 0 },
          { "damage", DS__PLAN_PROBABILITY, 0 },
          { "jitter", DS__PLAN_LENGTH, 0 } },
    },
    [DS__PLAN_PARTITION] = { "partition", DS__PLAN_SIDES, true, 0, 0, { { 0 } } },
    [DS__PLAN_CUT] = { "cut", DS__PLAN_LINK, true, 0, 0, { { 0 } } },
    [DS__PLAN_HOLD] = { "hold", DS__PLAN_LINK, true, 0, 0, { { 0 } } },
    [DS__PLAN_CRASH] = { "crash", DS__PLAN_NODE, true,
 AT(CALL) | AT(SEND) | AT(SYNC), 0, { { 0 } } },
    [DS__PLAN_PAUSE] = { "pause", DS__PLAN_NODE, true, AT(CALL), 0, { { 0 } } },
    [DS__PLAN_CLOCK] = {
        "clock", DS__PLAN_NODE, true, 0, 2,
        { { "step", DS__PLAN_ANY, 0 }, { "drift", DS__PLAN_DRIFT, 0 } },
    },
    [DS__PLAN_SPEED] = {
        "speed", DS__PLAN_NODE, true, 0, 1, { { NULL, DS__PLAN_POSITIVE, 1 } },
    },
    [DS__PLAN_DISK] = {
        "disk", DS__PLAN_NODE, true, 0, 5,
        { { "write-rate", DS__PLAN_LENGTH, 0 },
          { "read-rate", DS__PLAN_LENGTH, 0 },
          { "sync-time", DS__PLAN_LENGTH, 0 },
          { "lost-sync", DS__PLAN_PROBABILITY, 0 },
          { "rot", DS__PLAN_PROBABILITY, 0 } },
    },
    [DS__PLAN_WIPE] = { "wipe", DS__PLAN_NODE, false, 0, 0, { { 0 } } },
    [DS__PLAN_RESEED] = { "reseed", DS__PLAN_NUMBER, false, 0, 0, { { 0 } } },
    [DS__PLAN_OFF] = { "link", DS__PLAN_NAME, true, 0, 0, { { 0 } } },
};

const char *const ds__plan_points[DS__NUM_PLAN_POINTS] = {
    [DS__PLAN_AT_CALL] = "at-call",
    [DS__PLAN_AT_SEND] = "at-send",
    [DS__PLAN_AT_SYNC] = "at-sync",
};

bool ds__plan_within(ds__plan_bound bound, double value)
{
    switch (bound) {
    case DS__PLAN_PROBABILITY:
        return value >= 0 && value <= 1;
    case DS__PLAN_LENGTH:
        return value >= 0 && isfinite(value);
    case DS__PLAN_ANY:
        return isfinite(value);
    case DS__PLAN_POSITIVE:
        return value > 0 && isfinite(value);
    case DS__PLAN_DRIFT:
        return value > -1 && isfinite(value);
    }
    return false;
}

const char *ds__plan_bound_text(ds__plan_bound bound)
{
    static const char *const texts[] = {
        [DS__PLAN_PROBABILITY] = "between 0 and 1",
        [DS__PLAN_LENGTH] = "finite and at least 0",
        [DS__PLAN_ANY] = "finite",
        [DS__PLAN_POSITIVE] = "finite and greater than 0",
        [DS__PLAN_DRIFT] = "finite and greater than -1",
    };

    return texts[bound];
}

/* Which family a field of a line of chances makes it belong to. */
static unsigned families_of_chances(const ds__plan_line *line)
{
    static const unsigned families[DS__PLAN_MOST] = {
        DS_HAZARD_DROP,   DS_HAZARD_DUPLICATE, 0,
        DS_HAZARD_DAMAGE, DS_HAZARD_REORDER,
    };
    unsigned found = 0;

    for (size_t i = 0; i < DS__PLAN_MOST; i++)
        if (line->value[i] > 0)
            found |= families[i];
    return found;
}

unsigned ds__plan_families(const ds__plan_line *line)
{
    static const unsigned families[DS__NUM_PLAN_KINDS] = {
        [DS__PLAN_PARTITION] = DS_HAZARD_PARTITION,
        [DS__PLAN_CUT] = DS_HAZARD_PARTITION,
        [DS__PLAN_HOLD] = DS_HAZARD_REORDER,
        [DS__PLAN_CRASH] = DS_HAZARD_CRASH,
        [DS__PLAN_PAUSE] = DS_HAZARD_PAUSE,
        [DS__PLAN_CLOCK] = DS_HAZARD_CLOCK,
        [DS__PLAN_SPEED] = DS_HAZARD_SPEED,
        [DS__PLAN_DISK] = DS_HAZARD_DISK,
        [DS__PLAN_OFF] = DS_HAZARD_LINK,
    };

    if (line->kind == DS__PLAN_FAULTS)
        return families_of_chances(line);
    if (line->kind == DS__PLAN_PAUSE && line->point != DS__PLAN_AT_ONCE)
        return DS_HAZARD_STALL;
    return families[line->kind];
}

/* ---- Invariants -----------------------------------------------------------*/

static void check_members(const ds__plan_line *line)
{
    assert((line->num_members > 0) == (line->kind == DS__PLAN_PARTITION));
    for (size_t i = 0; i < line->num_members; i++) {
        const ds__plan_member *m = &line->members[i];
        assert(m->node != DS__PLAN_EVERY);
        assert(i == 0 ? m->side == 0
                      : m->side - line->members[i - 1].side <= 1);
    }
}

static void check_line(const ds__plan_line *line)
{
    const ds__plan_word *word = &ds__plan_words[line->kind];

    assert(line->kind < DS__NUM_PLAN_KINDS);
    assert(line->time >= 0 && line->time < line->until);
    assert(word->ends || line->until == INFINITY);
    assert(line->named < 1u << word->num_fields);
    assert((line->named != 0) == (word->num_fields > 0));
    for (size_t i = 0; i < DS__PLAN_MOST; i++)
        assert((line->named >> i & 1) == 0
                   ? line->value[i] == 0
                   : ds__plan_within(word->field[i].bound, line->value[i]));
    assert(word->shape == DS__PLAN_LINK
               ? line->node != line->to || line->to == DS__PLAN_EVERY
               : line->to == 0 && !line->both);
    assert(line->point == DS__PLAN_AT_ONCE ||
           ((word->points >> line->point & 1) != 0 && line->number > 0));
    assert((line->name != NULL) == (word->shape == DS__PLAN_NAME));
    assert(line->name == NULL || ds__plan_is_word(line->name));
    check_members(line);
}

void ds__plan_check(const ds_plan *plan)
{
    assert(plan->count <= plan->max);
    for (size_t i = 0; i < plan->count; i++)
        check_line(&plan->lines[i]);
}

/* ---- Making ---------------------------------------------------------------*/

ds_plan *ds__plan_new(void)
{
    return calloc(1, sizeof(ds_plan));
}

void ds_plan_free(ds_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->count; i++)
        ds__plan_disown(&plan->lines[i]);
    free(plan->lines);
    free(plan);
}

size_t ds_plan_size(const ds_plan *plan)
{
    return plan == NULL ? 0 : plan->count;
}

static bool grow(ds_plan *plan)
{
    size_t max = plan->max == 0 ? 8 : plan->max * 2;

    if (max > SIZE_MAX / sizeof(*plan->lines))
        return false;
    ds__plan_line *lines = realloc(plan->lines, max * sizeof(*lines));
    if (lines == NULL)
        return false;
    plan->lines = lines;
    plan->max = max;
    return true;
}

bool ds__plan_is_word(const char *name)
{
    return name[0] != '\0' && name[strcspn(name, " \t\r\n,|>#")] == '\0';
}

void ds__plan_disown(ds__plan_line *line)
{
    free((void *)line->members);
    free((void *)line->name);
    line->members = NULL;
    line->name = NULL;
}

/* Returns a copy; NULL: no memory. */
static void *copy_of(const void *from, size_t size)
{
    void *copy = malloc(size);

    return copy == NULL ? NULL : memcpy(copy, from, size);
}

bool ds__plan_own(ds__plan_line *line)
{
    const size_t size = line->num_members * sizeof(*line->members);
    const ds__plan_member *members = line->members;
    const char *name = line->name;

    line->members = size == 0 ? NULL : copy_of(members, size);
    line->name = name == NULL ? NULL : copy_of(name, strlen(name) + 1);
    if ((size == 0 || line->members != NULL) &&
        (name == NULL || line->name != NULL))
        return true;
    ds__plan_disown(line);
    return false;
}

bool ds__plan_append(ds_plan *plan, const ds__plan_line *line)
{
    ds__plan_line copy = *line;

    if ((plan->count == plan->max && !grow(plan)) || !ds__plan_own(&copy))
        return false;
    check_line(&copy);
    plan->lines[plan->count++] = copy;
    return true;
}

ds_plan *ds__plan_pick(const ds_plan *plan, const bool *keep)
{
    ds_plan *picked = ds__plan_new();

    for (size_t i = 0; picked != NULL && i < plan->count; i++) {
        if (keep != NULL && !keep[i])
            continue;
        if (!ds__plan_append(picked, &plan->lines[i])) {
            ds_plan_free(picked);
            picked = NULL;
        }
    }
    return picked;
}

/* ---- Comparing ------------------------------------------------------------*/

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

bool ds__plan_same_line(const ds__plan_line *a, const ds__plan_line *b)
{
    bool alike = same(a->time, b->time) && same(a->until, b->until) &&
                 a->kind == b->kind && a->both == b->both &&
                 a->node == b->node && a->to == b->to && a->point == b->point &&
                 a->number == b->number && a->named == b->named &&
                 a->num_members == b->num_members &&
                 (a->name == NULL || strcmp(a->name, b->name) == 0);

    for (size_t i = 0; alike && i < DS__PLAN_MOST; i++)
        alike = same(a->value[i], b->value[i]);
    for (size_t i = 0; alike && i < a->num_members; i++)
        alike = a->members[i].node == b->members[i].node &&
                a->members[i].side == b->members[i].side;
    return alike;
}
