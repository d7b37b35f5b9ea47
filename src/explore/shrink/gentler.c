/* Gentler lines; see the header. */

#include "explore/shrink/gentler.h"

#include <assert.h>
#include <math.h>

/* Of a larger cluster the first ones are tried. */
enum { MOST_NODES = 16, MOST_DIGITS = 4 };

/* A shorter fault lasts these shares of the longer one. */
static const double shares[] = { 0.1, 0.5 };
enum { SHARES = sizeof(shares) / sizeof(*shares) };

typedef bool manner_fn(const ds__plan_line *line, const ds__bounds *bounds,
                       size_t i, ds__plan_line *gentler);

static uint32_t some_nodes(const ds__bounds *bounds)
{
    return bounds->num_nodes < MOST_NODES ? bounds->num_nodes : MOST_NODES;
}

/* ---- Links ----------------------------------------------------------------*/

/* Finds the side of a node, which is SIZE_MAX - node if it is alone. */
static size_t side_of(const ds__plan_line *line, uint32_t node)
{
    for (size_t i = 0; i < line->num_members; i++)
        if (line->members[i].node == node)
            return line->members[i].side;
    return SIZE_MAX - node;
}

static void become_cut(ds__plan_line *line, uint32_t from, uint32_t to)
{
    line->kind = DS__PLAN_CUT;
    line->both = true;
    line->node = from;
    line->to = to;
    line->members = NULL;
    line->num_members = 0;
}

/* Cuts between two nodes of different sides, and then those of one node. */
static bool from_partition(const ds__plan_line *line, const ds__bounds *bounds,
                           size_t i, ds__plan_line *gentler)
{
    const uint32_t num_nodes = some_nodes(bounds);

    if (line->kind != DS__PLAN_PARTITION)
        return false;
    for (uint32_t from = 0; from < num_nodes; from++)
        for (uint32_t to = from + 1; to < num_nodes; to++)
            if (side_of(line, from) != side_of(line, to) && i-- == 0) {
                become_cut(gentler, from, to);
                return true;
            }
    if (i >= num_nodes)
        return false;
    become_cut(gentler, (uint32_t)i, DS__PLAN_EVERY);
    return true;
}

static bool fewer_links(const ds__plan_line *line, const ds__bounds *bounds,
                        size_t i, ds__plan_line *gentler)
{
    const uint32_t num_nodes = some_nodes(bounds);

    if (ds__plan_words[line->kind].shape != DS__PLAN_LINK)
        return false;
    if (line->both && i < 2) {
        gentler->both = false;
        gentler->node = i == 0 ? line->node : line->to;
        gentler->to = i == 0 ? line->to : line->node;
        return true;
    }
    if (line->both)
        i -= 2;
    if (line->node == DS__PLAN_EVERY) {
        if (i < num_nodes) {
            gentler->node = (uint32_t)i;
            if (gentler->node == line->to)
                gentler->node = line->node;
            return true;
        }
        i -= num_nodes;
    }
    if (line->to != DS__PLAN_EVERY || i >= num_nodes)
        return false;
    gentler->to = (uint32_t)i;
    if (gentler->to == line->node)
        gentler->to = line->to;
    return true;
}

/* ---- Machines -------------------------------------------------------------*/

static bool at_once(const ds__plan_line *line, const ds__bounds *bounds,
                    size_t i, ds__plan_line *gentler)
{
    const uint64_t sooner[] = { 1, line->number / 2, line->number - 1 };

    if (line->point == DS__PLAN_AT_ONCE || i > sizeof(sooner) / sizeof(*sooner))
        return false;
    if (i == 0) {
        gentler->point = DS__PLAN_AT_ONCE;
        gentler->number = 0;
    } else if (sooner[i - 1] > 0) {
        gentler->number = sooner[i - 1];
    }
    return true;
}

/* ---- Fields ---------------------------------------------------------------*/

static const ds__plan_field *field_of(const ds__plan_line *line, size_t i)
{
    const ds__plan_word *word = &ds__plan_words[line->kind];

    return i < word->num_fields ? &word->field[i] : NULL;
}

static bool has_field(const ds__plan_line *line, size_t i)
{
    return (line->named >> i & 1) != 0;
}

static bool fewer_fields(const ds__plan_line *line, const ds__bounds *bounds,
                         size_t i, ds__plan_line *gentler)
{
    if (field_of(line, i) == NULL)
        return false;
    if (has_field(line, i) && line->named != 1u << i) {
        gentler->named &= ~(1u << i);
        gentler->value[i] = 0;
    }
    return true;
}

static bool weaker_fields(const ds__plan_line *line, const ds__bounds *bounds,
                          size_t i, ds__plan_line *gentler)
{
    const ds__plan_field *field = field_of(line, i);

    if (field == NULL)
        return false;
    if (has_field(line, i))
        gentler->value[i] = line->value[i] / 2 + field->gentlest / 2;
    return true;
}

/* ---- Numbers --------------------------------------------------------------*/

/* Rounds to so many digits, the way it is printed. */
static double rounded(double x, size_t digits)
{
    char text[40];

    ds__format(text, sizeof(text), "%.*g", (int)digits, x);
    return ds__to_double(text, NULL);
}

static bool shorter(const ds__plan_line *line, const ds__bounds *bounds,
                    size_t i, ds__plan_line *gentler)
{
    if (line->until == INFINITY || i >= SHARES)
        return false;
    gentler->until = line->time + (line->until - line->time) * shares[i];
    if (gentler->until - line->time < bounds->shortest ||
        gentler->until <= line->time)
        gentler->until = line->until;
    return true;
}

/* To a multiple of a power of ten that is less than the fault is long. */
static double rounded_end(const ds__plan_line *line)
{
    double grid = pow(10, floor(log10(line->until - line->time)));

    return rounded(floor(line->until / grid + 0.5) * grid, 12);
}

static bool rounder_until(const ds__plan_line *line, const ds__bounds *bounds,
                          size_t i, ds__plan_line *gentler)
{
    if (line->until == INFINITY || i > MOST_DIGITS)
        return false;
    gentler->until =
        i < MOST_DIGITS ? rounded(line->until, i + 1) : rounded_end(line);
    if (gentler->until <= line->time)
        gentler->until = line->until;
    return true;
}

static bool rounder_time(const ds__plan_line *line, const ds__bounds *bounds,
                         size_t i, ds__plan_line *gentler)
{
    if (i >= MOST_DIGITS)
        return false;
    gentler->time = rounded(line->time, i + 1);
    if (gentler->time >= line->until)
        gentler->time = line->time;
    return true;
}

static bool rounder_fields(const ds__plan_line *line, const ds__bounds *bounds,
                           size_t i, ds__plan_line *gentler)
{
    size_t which = i / MOST_DIGITS;
    const ds__plan_field *field = field_of(line, which);

    if (field == NULL)
        return false;
    if (has_field(line, which)) {
        double value = rounded(line->value[which], i % MOST_DIGITS + 1);
        if (ds__plan_within(field->bound, value))
            gentler->value[which] = value;
    }
    return true;
}

/* ---- All of them ----------------------------------------------------------*/

bool ds__gentler(const ds__plan_line *line, ds__manner manner,
                 const ds__bounds *bounds, size_t i, ds__plan_line *gentler)
{
    static manner_fn *const manners[DS__NUM_MANNERS] = {
        [DS__FROM_PARTITION_TO_CUT] = from_partition,
        [DS__FEWER_LINKS] = fewer_links,
        [DS__AT_ONCE_OR_SOONER] = at_once,
        [DS__FEWER_FIELDS] = fewer_fields,
        [DS__WEAKER_FIELDS] = weaker_fields,
        [DS__SHORTER] = shorter,
        [DS__ROUNDER_UNTIL] = rounder_until,
        [DS__ROUNDER_TIME] = rounder_time,
        [DS__ROUNDER_FIELDS] = rounder_fields,
    };

    assert(manner < DS__NUM_MANNERS);
    *gentler = *line;
    if (!manners[manner](line, bounds, i, gentler))
        return false;
    assert(gentler->time >= 0 && gentler->time < gentler->until);
    assert(gentler->named != 0 || line->named == 0);
    return true;
}
