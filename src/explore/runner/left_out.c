/* Operations that are left out, as text; see the header. */

#include "explore/runner/left_out.h"

#include <assert.h>
#include <stdlib.h>

/* ---- Printing -------------------------------------------------------------*/

/* Whether the second is the next one of the same client. */
static bool follows(const ds__operation *a, const ds__operation *b)
{
    return a->machine == b->machine && a->thread == b->thread &&
           b->number == a->number + 1;
}

static void print_client(const ds__operation *o, ds__text *text)
{
    if (o->machine == DS__NO_MACHINE)
        ds__text_add(text, "t%llu", (unsigned long long)o->thread);
    else
        ds__text_add(text, "%llu", (unsigned long long)o->machine);
    if (o->machine != DS__NO_MACHINE && o->thread > 0)
        ds__text_add(text, ".%llu", (unsigned long long)o->thread);
}

void ds__left_out_print(const ds__operation *list, size_t n, ds__text *text)
{
    for (size_t i = 0; i < n; i++) {
        size_t first = i;
        while (i + 1 < n && follows(&list[i], &list[i + 1]))
            i++;
        if (first > 0)
            ds__text_add(text, ",");
        print_client(&list[first], text);
        ds__text_add(text, ":%zu", list[first].number);
        if (i > first)
            ds__text_add(text, "-%zu", list[i].number);
    }
}

/* ---- Parsing --------------------------------------------------------------*/

/* Goes behind a number, which has fewer digits than might be too many. */
static bool take_number(const char **at, uint64_t *number)
{
    size_t digits = 0;

    for (*number = 0; **at >= '0' && **at <= '9' && digits < 19; digits++)
        *number = 10 * *number + (uint64_t)(*(*at)++ - '0');
    return digits > 0;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool take_client(const char **at, ds__operation *o)
{
    *o = (ds__operation){ .machine = DS__NO_MACHINE };
    if (take_char(at, 't'))
        return take_number(at, &o->thread);
    if (!take_number(at, &o->machine))
        return false;
    return !take_char(at, '.') || take_number(at, &o->thread);
}

/* Appends those of one client; false: it is no such text, or no memory. */
static bool take_range(const char **at, ds__operation **list, size_t *n)
{
    uint64_t first;
    uint64_t last;
    ds__operation *longer;
    ds__operation o;

    if (!take_client(at, &o) || !take_char(at, ':') || !take_number(at, &first))
        return false;
    last = first;
    if (take_char(at, '-') && !take_number(at, &last))
        return false;
    if (last < first || last - first >= DS__MOST_LEFT_OUT - *n)
        return false;
    longer = realloc(*list, (*n + last - first + 1) * sizeof(o));
    if (longer == NULL)
        return false;
    assert(*n + (last - first) < DS__MOST_LEFT_OUT);
    *list = longer;
    for (o.number = first; o.number <= last; o.number++)
        (*list)[(*n)++] = o;
    return true;
}

bool ds__left_out_parse(const char *text, ds__operation **list, size_t *n)
{
    *list = NULL;
    *n = 0;
    do {
        if (!take_range(&text, list, n)) {
            free(*list);
            *list = NULL;
            return false;
        }
    } while (take_char(&text, ','));
    if (*text == '\0')
        return true;
    free(*list);
    *list = NULL;
    return false;
}
