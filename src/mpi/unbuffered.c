/* Both ends of a message, and a collective, are points; a rank's steps begin
 * points and wait for them. */

#include "mpi/unbuffered.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "mpi/finding.h"
#include "mpi/rank.h"

/* Invariants: needs is how many must begin a point before whoever waits for it
 * goes on, which are begun so far; a message's end needs none itself, and has
 * the other end. */
typedef struct point {
    ds__spot spot;
    size_t other; /* 0: it met nothing, or is a collective */
    int needs;
    int begun;
    bool is_send;
} point;

typedef struct step {
    uint32_t point;
    bool waits;
} step;

/* Invariant: those before at have been played. */
typedef struct part {
    step *steps;
    size_t n;
    size_t max;
    size_t at;
} part;

static point *points; /* the first one is none */
static size_t num_points;
static size_t max_points;
static part *parts; /* by rank */

/* ---- Writing down ---------------------------------------------------------*/

static bool is_on(void)
{
    return ds__the_world.checking == DS__CHECK_FULL;
}

static size_t add_point(const ds__spot *spot)
{
    if (num_points == max_points) {
        max_points = 2 * max_points + 64;
        points = ds__mpi_realloc(points, max_points, sizeof(*points));
    }
    if (num_points == 0)
        num_points = 1;
    points[num_points] = (point){ .spot = *spot };
    assert(num_points < UINT32_MAX);
    return num_points++;
}

static void add_step(size_t number, bool waits)
{
    if (parts == NULL)
        parts = ds__mpi_alloc((size_t)ds__the_world.num_ranks, sizeof(*parts));
    part *p = &parts[ds__me()->number];
    if (p->n == p->max) {
        p->max = 2 * p->max + 16;
        p->steps = ds__mpi_realloc(p->steps, p->max, sizeof(*p->steps));
    }
    assert(number > 0 && number < num_points);
    p->steps[p->n++] = (step){ (uint32_t)number, waits };
}

size_t ds__unbuffered_begin(const ds__spot *spot, bool is_send)
{
    if (!is_on())
        return 0;
    const size_t number = add_point(spot);
    points[number].is_send = is_send;
    add_step(number, false);
    return number;
}

void ds__unbuffered_meet(size_t send, size_t receive)
{
    if (send == 0 || receive == 0)
        return;
    assert(points[send].is_send && !points[receive].is_send);
    points[send].other = receive;
    points[receive].other = send;
}

void ds__unbuffered_wait(size_t number)
{
    if (number != 0)
        add_step(number, true);
}

size_t ds__unbuffered_collective(size_t number, const ds__spot *spot,
                                 int members, bool blocking)
{
    if (!is_on())
        return 0;
    if (number == 0)
        number = add_point(spot);
    points[number].needs = members;
    add_step(number, false);
    if (blocking)
        add_step(number, true);
    return number;
}

/* ---- Playing --------------------------------------------------------------*/

static bool may_go_on(const point *p)
{
    assert(p->needs == 0 || (p->other == 0 && p->begun <= p->needs));
    if (p->needs > 0)
        return p->begun == p->needs;
    return p->other == 0 || points[p->other].begun > 0;
}

/* Returns whether there was any step that could be played. */
static bool play(part *p)
{
    const size_t before = p->at;
    assert(p->at <= p->n);

    for (; p->at < p->n; p->at++) {
        const step *s = &p->steps[p->at];
        if (!s->waits)
            points[s->point].begun++;
        else if (!may_go_on(&points[s->point]))
            break;
    }
    return p->at > before;
}

/* Whoever waits for all of a collective may wait for somebody who waits for a
 * receive, of which more can be said. */
static void tell(const part *p, bool of_collective)
{
    const point *wanted = &points[p->steps[p->at].point];
    assert(p->steps[p->at].waits);

    if (wanted->needs > 0 && of_collective)
        ds__find(
            &wanted->spot,
            "a deadlock if collectives wait for all members, which they "
            "may: one of them waits for what is done here only afterwards");
    else if (wanted->is_send)
        ds__find_with(&wanted->spot, &points[wanted->other].spot,
                      "a deadlock unless the message is buffered, which it "
                      "need not be (see --eager=0): that waits before it comes "
                      "to receive it, as");
}

static void tell_all(int n)
{
    bool sends = false;

    for (int i = 0; i < n && parts != NULL; i++)
        if (parts[i].at < parts[i].n)
            sends = sends || points[parts[i].steps[parts[i].at].point].is_send;
    for (int i = 0; i < n && parts != NULL; i++)
        if (parts[i].at < parts[i].n)
            tell(&parts[i], !sends);
}

void ds__unbuffered_find(void)
{
    const int n = ds__the_world.num_ranks;
    bool any = parts != NULL;

    while (any) {
        any = false;
        for (int i = 0; i < n; i++)
            any = play(&parts[i]) || any;
    }
    tell_all(n);
    for (int i = 0; i < n && parts != NULL; i++)
        free(parts[i].steps);
    free(parts);
    free(points);
    parts = NULL;
    points = NULL;
    num_points = 0;
    max_points = 0;
}
