/* What shapes are called: their sides as they are, and of lists as long as
 * there are members a hash. */

#include "coll/shape.h"

#include "base/rng.h"

void ds__shape_add_sides(ds__text *text, const ds_shape *shape)
{
    for (size_t d = 0; d < shape->num_sides; d++)
        ds__text_add(text, "%s%zu", d == 0 ? "" : "x", shape->sides[d]);
}

static void add_list(ds__text *text, const char *what, const size_t *list,
                     size_t n)
{
    uint64_t hash = n;

    if (list == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        hash = ds__mix(hash ^ (list[i] + DS__RNG_GOLDEN));
    ds__text_add(text, ", %s %08x", what, (unsigned)hash);
}

void ds__shape_name(const ds_shape *shape, size_t p, char *text, size_t size)
{
    ds__text name;

    ds__text_init(&name, text, size);
    if (shape == NULL)
        return;
    if (shape->num_sides > 0)
        ds__shape_add_sides(&name, shape);
    else
        ds__text_add(&name, "of no sides");
    if (shape->ports > 0)
        ds__text_add(&name, ", ports %zu", shape->ports);
    add_list(&name, "ranks", shape->ranks, p);
    add_list(&name, "groups", shape->groups, p);
}
