/* Blunt plans; see the header. */

#include "explore/shrink/blunt.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Of a message, that it is lost; and in times of the shortest fault, how long
 * it is put off, at most. */
typedef struct strength {
    double drop;
    double jitter;
} strength;

static const strength strengths[] = {
    { 0.5, 0 }, { 0.5, 10 }, { 0.5, 30 }, { 0.3, 0 }, { 0.3, 10 }, { 0.3, 30 },
};
enum { STRENGTHS = sizeof(strengths) / sizeof(*strengths) };

/* The number of a field of lines of chances. */
static size_t field(const char *name)
{
    const ds__plan_word *word = &ds__plan_words[DS__PLAN_FAULTS];
    size_t i = 0;

    while (i < word->num_fields && strcmp(word->field[i].name, name) != 0)
        i++;
    assert(i < word->num_fields);
    return i;
}

static void set(ds__plan_line *line, const char *name, double value)
{
    size_t i = field(name);

    line->value[i] = value;
    if (value > 0)
        line->named |= 1u << i;
}

bool ds__blunt(unsigned hazards, const ds__bounds *bounds, double end, size_t i,
               ds__plan_line *line)
{
    bool drops = (hazards & DS_HAZARD_DROP) != 0;
    bool puts_off = (hazards & DS_HAZARD_REORDER) != 0;
    const strength *s = &strengths[i % STRENGTHS];

    if ((!drops && !puts_off) || !(end > 0))
        return false;
    *line = (ds__plan_line){ .kind = DS__PLAN_FAULTS,
                             .until = end,
                             .node = DS__PLAN_EVERY,
                             .to = DS__PLAN_EVERY };
    if (drops)
        set(line, "drop", s->drop);
    if (puts_off)
        set(line, "jitter", fmax(s->jitter, drops ? 0 : 5) * bounds->shortest);
    return line->named != 0;
}
