/* Prints plans.  A number has the fewest digits that read back as the same
 * double. */

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "explore/plan/plan.h"

#define WORD                                                                   \
    32 /* characters, at most, of a number or a word with its blank            \
        */

/* Of those with the fewest digits the shortest: 2000, and not 2e+03. */
static void add_double(ds__text *text, double value)
{
    char best[WORD] = "";

    for (int n = 1; n <= 17; n++) {
        char digits[WORD];
        ds__format(digits, sizeof(digits), "%.*g", n, value);
        if (ds__to_double(digits, NULL) != value)
            continue;
        if (best[0] != '\0' && strlen(digits) > strlen(best))
            break;
        strcpy(best, digits);
        if (strchr(best, 'e') == NULL)
            break;
    }
    ds__text_add(text, "%s", best);
}

static void add_node(ds__text *text, uint32_t node)
{
    if (node == DS__PLAN_EVERY)
        ds__text_add(text, " *");
    else
        ds__text_add(text, " %" PRIu32, node);
}

static void add_members(ds__text *text, const ds__plan_line *line)
{
    for (size_t i = 0; i < line->num_members; i++) {
        const ds__plan_member *m = &line->members[i];
        const char *before = i == 0                     ? " "
                             : m->side == (m - 1)->side ? ","
                                                        : " | ";
        ds__text_add(text, "%s%" PRIu32, before, m->node);
    }
}

static void add_operands(ds__text *text, const ds__plan_line *line)
{
    switch (ds__plan_words[line->kind].shape) {
    case DS__PLAN_LINK:
        add_node(text, line->node);
        ds__text_add(text, line->both ? " -" : " >");
        add_node(text, line->to);
        return;
    case DS__PLAN_SIDES:
        add_members(text, line);
        return;
    case DS__PLAN_NODE:
        add_node(text, line->node);
        if (line->point != DS__PLAN_AT_ONCE)
            ds__text_add(text, " %s %" PRIu64, ds__plan_points[line->point],
                         line->number);
        return;
    case DS__PLAN_NUMBER:
        ds__text_add(text, " %" PRIu64, line->number);
        return;
    case DS__PLAN_NAME:
        ds__text_add(text, " %s off", line->name);
        return;
    }
}

static void add_fields(ds__text *text, const ds__plan_line *line)
{
    const ds__plan_word *word = &ds__plan_words[line->kind];

    for (size_t i = 0; i < word->num_fields; i++) {
        if ((line->named >> i & 1) == 0)
            continue;
        if (word->field[i].name != NULL)
            ds__text_add(text, " %s", word->field[i].name);
        ds__text_add(text, " ");
        add_double(text, line->value[i]);
    }
}

/* Time, word, two operands, a point, until, fields with their names, and a name
 * of any length. */
size_t ds__plan_line_room(const ds__plan_line *line)
{
    return (size_t)WORD * (8 + 2 * DS__PLAN_MOST + line->num_members) +
           (line->name == NULL ? 0 : strlen(line->name));
}

void ds__plan_print_line(const ds__plan_line *line, ds__text *text)
{
    add_double(text, line->time);
    ds__text_add(text, " %s", ds__plan_words[line->kind].name);
    add_operands(text, line);
    add_fields(text, line);
    if (line->until == INFINITY)
        return;
    ds__text_add(text, " until ");
    add_double(text, line->until);
}

char *ds__plan_line_text(const ds__plan_line *line)
{
    const size_t room = ds__plan_line_room(line);
    char *buf = malloc(room);
    ds__text text;

    if (buf == NULL)
        return NULL;
    ds__text_init(&text, buf, room);
    ds__plan_print_line(line, &text);
    return buf;
}

char *ds_plan_print(const ds_plan *plan)
{
    size_t count = ds_plan_size(plan);
    size_t room = 1;
    ds__text text;

    for (size_t i = 0; i < count; i++)
        room += ds__plan_line_room(&plan->lines[i]);
    char *buf = malloc(room);
    if (buf == NULL)
        return NULL;
    ds__text_init(&text, buf, room);
    for (size_t i = 0; i < count; i++) {
        ds__plan_print_line(&plan->lines[i], &text);
        ds__text_add(&text, "\n");
    }
    assert(text.used < room - 1 || count == 0);

    char *shorter = realloc(buf, text.used + 1);
    return shorter == NULL ? buf : shorter;
}
