/* A rank remembers its latest open receives; older ones are forgotten, and with
 * them what they might have got instead. */

#include "mpi/race.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/finding.h"
#include "mpi/rank.h"

/* Among more ranks than that, what is known of all is too much for every
 * message. */
enum { MOST_RANKS = 1024, REMEMBERED = 64 };

struct ds__knowledge {
    int refs;
    uint32_t over[]; /* how many open receives of each rank */
};

/* An open receive.  Invariant: seen has the ranks of which a message that fits
 * it was received later; only the first of each might have come before. */
typedef struct open {
    ds__received received;
    size_t index; /* from 1 */
    uint64_t *seen;
} open;

typedef struct racer {
    ds__knowledge *mine; /* NULL: nothing */
    size_t opened;
    open latest[REMEMBERED];
} racer;

static racer **racers; /* by rank, of which some may have none; NULL: nobody */

/* ---- What ranks know ------------------------------------------------------*/

static size_t count_ranks(void)
{
    return (size_t)ds__the_world.num_ranks;
}

static racer *racer_of(int rank)
{
    assert(rank >= 0 && rank < ds__the_world.num_ranks);
    if (racers == NULL)
        racers = ds__mpi_alloc(count_ranks(), sizeof(*racers));
    if (racers[rank] == NULL)
        racers[rank] = ds__mpi_alloc(1, sizeof(*racers[rank]));
    return racers[rank];
}

ds__knowledge *ds__race_tell(void)
{
    ds__knowledge *k;

    if (racers == NULL || racers[ds__me()->number] == NULL)
        return NULL;
    k = racers[ds__me()->number]->mine;
    if (k != NULL)
        k->refs++;
    return k;
}

void ds__race_release(ds__knowledge *k)
{
    assert(k == NULL || k->refs > 0);
    if (k != NULL && --k->refs == 0)
        free(k);
}

static uint32_t known(const ds__knowledge *k, size_t rank)
{
    return k == NULL ? 0 : k->over[rank];
}

/* Returns knowledge of r that may be changed. */
static ds__knowledge *own(racer *r)
{
    const size_t n = count_ranks();
    ds__knowledge *k = r->mine;

    assert(k == NULL || k->refs > 0);
    if (k != NULL && k->refs == 1)
        return k;
    k = ds__mpi_alloc(1, sizeof(*k) + n * sizeof(k->over[0]));
    k->refs = 1;
    for (size_t i = 0; i < n; i++)
        k->over[i] = known(r->mine, i);
    ds__race_release(r->mine);
    r->mine = k;
    return k;
}

static void learn_of(racer *r, size_t rank, uint32_t over)
{
    if (over > known(r->mine, rank))
        own(r)->over[rank] = over;
}

void ds__race_learn(int rank, size_t opened, const ds__knowledge *k)
{
    racer *r;

    if (opened == 0 && k == NULL)
        return;
    r = racer_of(ds__me()->number);
    learn_of(r, (size_t)rank, (uint32_t)opened);
    if (k == NULL || k == r->mine)
        return;
    for (size_t i = 0; i < count_ranks(); i++)
        learn_of(r, i, k->over[i]);
}

void ds__race_learn_all(void)
{
    if (racers == NULL)
        return;
    racer *r = racer_of(ds__me()->number);
    for (size_t i = 0; i < count_ranks(); i++)
        if (racers[i] != NULL)
            learn_of(r, i, (uint32_t)racers[i]->opened);
}

/* ---- What might have been -------------------------------------------------*/

/* Returns whether it is the first one of its sender that this might have got
 * instead. */
static bool might_get(open *o, const ds__received *later)
{
    const size_t s = (size_t)later->source;
    const uint64_t bit = UINT64_C(1) << s % 64;

    if (o->received.number > later->number ||
        o->received.source == later->source ||
        !ds__match_fits(o->received.receive, later->message) ||
        (o->seen[s / 64] & bit) != 0)
        return false;
    assert(s < count_ranks());
    o->seen[s / 64] |= bit;
    return true;
}

static void tell(const open *o, const ds__received *later)
{
    if (ds__match_fits(later->receive, o->received.message))
        ds__suspect(&o->received.spot,
                    "a race: it got the message of rank %d, and might have got "
                    "that of rank %d first",
                    o->received.source, later->source);
    else
        ds__find_with(&o->received.spot, &later->spot,
                      "a race: it got the message of rank %d, and might have "
                      "got that of rank %d, and then there would be none for",
                      o->received.source, later->source);
}

static void compare(racer *r, const ds__received *later, uint32_t over)
{
    for (size_t i = r->opened; i > over && r->opened - i < REMEMBERED; i--) {
        open *o = &r->latest[i % REMEMBERED];
        assert(o->index == i);
        if (might_get(o, later))
            tell(o, later);
    }
}

static size_t remember(racer *r, const ds__received *received)
{
    const size_t words = count_ranks() / 64 + 1;
    const size_t index = ++r->opened;
    open *o = &r->latest[index % REMEMBERED];

    assert(received->receive.source == DS__ANY_SOURCE);
    free(o->seen);
    *o = (open){
        .received = *received,
        .index = index,
        .seen = ds__mpi_alloc(words, sizeof(*o->seen)),
    };
    return index;
}

size_t ds__race_match(int rank, const ds__received *received,
                      const ds__knowledge *k)
{
    const bool is_open = received->receive.source == DS__ANY_SOURCE;

    if (ds__the_world.num_ranks > MOST_RANKS ||
        (!is_open && (racers == NULL || racers[rank] == NULL)))
        return 0;
    racer *r = racer_of(rank);
    compare(r, received, known(k, (size_t)rank));
    return is_open ? remember(r, received) : 0;
}

/* Returns whether something has come that the open receive fits, and that the
 * receive which is stuck does not. */
static bool has_other(const ds__matcher *m, const ds__received *o,
                      ds__match_key stuck)
{
    const ds__match *other = ds__match_first(&m->unexpected);

    for (; other != NULL; other = ds__match_next(&m->unexpected, other))
        if (ds__match_fits(o->receive, other->key) &&
            !ds__match_fits(stuck, other->key))
            return true;
    return false;
}

static void find_theft(const ds__rank *r, const ds__match *stuck,
                       const ds__spot *spot)
{
    const racer *own_of = racers[r->number];

    for (size_t i = own_of->opened; i > 0 && own_of->opened - i < REMEMBERED;
         i--) {
        const ds__received *o = &own_of->latest[i % REMEMBERED].received;
        if (o->number > stuck->number ||
            !ds__match_fits(stuck->key, o->message) ||
            !has_other(&r->matcher, o, stuck->key))
            continue;
        ds__find_with(&o->spot, spot,
                      "a race: it got the message of rank %d, which might have "
                      "been there for",
                      o->source);
        return;
    }
}

void ds__race_stuck(const ds__rank *r, const ds__match *stuck,
                    const ds__spot *spot)
{
    if (racers != NULL && racers[r->number] != NULL)
        find_theft(r, stuck, spot);
}
