/* Who waits for whom in a circle, for the report of a deadlock.
 *
 * A thread that has said whom it waits for goes on as soon as any of them acts,
 * so it is stuck if all of them are.  Those are found by elimination: at first
 * every thread counts as stuck, then each that has not said whom it waits for,
 * or waits for one that is not stuck, is ruled out, until that changes nothing.
 * Whoever is left waits only for others that are left, so going from each to
 * the first that it waits for leads into a circle.  No memory is needed. */

#include <assert.h>

#include "loop/state.h"

#define MAX_NAMED 8  /* of a circle */
#define MAX_NAME  40 /* bytes of a name */

/* Asks the program.  What it says is believed only if it can be so. */
static size_t ask_program(const ds_handle *h, ds_handle *whom[DS__MAX_WHOM])
{
    const size_t n = h->own_whom(h->own_whom_arg, whom, DS__MAX_WHOM);

    for (size_t i = 0; i < n && i < DS__MAX_WHOM; i++)
        if (whom[i] == NULL || whom[i]->loop != h->loop)
            return 0;
    return n <= DS__MAX_WHOM ? n : 0;
}

size_t ds__waits_for(const ds_handle *h, ds_handle *whom[DS__MAX_WHOM])
{
    if (h->state != DS__WAITING || h->num_waits == 0)
        return 0;
    if (h->whom != NULL)
        return h->whom(h->note_arg, whom);
    return h->own_whom == NULL ? 0 : ask_program(h, whom);
}

static ds_handle *first_of(const ds_handle *h)
{
    ds_handle *whom[DS__MAX_WHOM];

    return ds__waits_for(h, whom) == 0 ? NULL : whom[0];
}

/* ---- Who is stuck ---------------------------------------------------------*/

static bool stays_stuck(const ds_handle *h)
{
    ds_handle *whom[DS__MAX_WHOM];
    size_t n = ds__waits_for(h, whom);

    for (size_t i = 0; i < n; i++)
        if (!whom[i]->stuck)
            return false;
    return n > 0;
}

static void mark_all(ds_loop *loop, bool stuck)
{
    for (ds__link *l = loop->live.next; l != &loop->live; l = l->next)
        ds__container(l, ds_handle, link)->stuck = stuck;
}

/* Rules out whom it can; true: somebody. */
static bool rule_out(ds_loop *loop, bool forwards)
{
    const ds__link *live = &loop->live;
    bool any = false;

    for (ds__link *l = forwards ? live->next : live->prev; l != live;
         l = forwards ? l->next : l->prev) {
        ds_handle *h = ds__container(l, ds_handle, link);
        if (h->stuck && !stays_stuck(h)) {
            h->stuck = false;
            any = true;
        }
    }
    return any;
}

/* Chains mostly go up or down by rank, and so both ways in turn are fast. */
static void find_stuck(ds_loop *loop)
{
    bool forwards = true;

    mark_all(loop, true);
    while (rule_out(loop, forwards))
        forwards = !forwards;
}

/* ---- A circle of them -----------------------------------------------------*/

/* Returns one that is in a circle, or NULL.  From the first that is stuck on,
 * whoever is met loses his mark; the first that has none is met again. */
static const ds_handle *find_circle(ds_loop *loop)
{
    ds__link *l = loop->live.next;

    while (l != &loop->live && !ds__container(l, ds_handle, link)->stuck)
        l = l->next;
    if (l == &loop->live)
        return NULL;

    ds_handle *h = ds__container(l, ds_handle, link);
    while (h->stuck) {
        h->stuck = false;
        h = first_of(h);
        assert(h != NULL);
    }
    return h;
}

/* The one of its circle that was spawned first, and how many there are. */
static const ds_handle *begin_of(const ds_handle *any, size_t *length)
{
    const ds_handle *first = any;

    *length = 1;
    for (const ds_handle *h = first_of(any); h != any; h = first_of(h)) {
        if (h->number < first->number)
            first = h;
        ++*length;
    }
    return first;
}

static void add_name(const ds_handle *h, ds__text *text)
{
    if (h->name == NULL)
        ds__text_add(text, "thread %llu", (unsigned long long)h->number);
    else
        ds__text_add(text, "%.*s", MAX_NAME, h->name);
}

/* Adds for whom h waits, and if for others as well; returns the first. */
static const ds_handle *add_step(const ds_handle *h, ds__text *text)
{
    ds_handle *whom[DS__MAX_WHOM];
    size_t n = ds__waits_for(h, whom);

    assert(n > 0);
    ds__text_add(text, " waits for ");
    add_name(whom[0], text);
    if (n == 2)
        ds__text_add(text, " or another");
    else if (n > 2)
        ds__text_add(text, " or %zu others", n - 1);
    return whom[0];
}

void ds__report_circle(ds_loop *loop, ds__text *text)
{
    find_stuck(loop);
    const ds_handle *h = find_circle(loop);
    size_t length;

    mark_all(loop, false);
    if (h == NULL)
        return;
    h = begin_of(h, &length);
    const ds_handle *first = h;
    const size_t named = length > MAX_NAMED ? MAX_NAMED - 1 : length;

    ds__text_add(text, "\n  in a circle: ");
    add_name(h, text);
    for (size_t i = 0; i < named; i++) {
        ds__text_add(text, i == 0 ? "" : ", which");
        h = add_step(h, text);
    }
    if (named == length)
        return;
    ds__text_add(text, ", and so on over %zu more back to ",
                 length - MAX_NAMED);
    add_name(first, text);
}
