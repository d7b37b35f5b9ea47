/* Clocks against what really happened before what, which a history drawn at
 * random knows: all clocks go along in the same messages. */

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <distsys/clocks.h>

#include "base/rng.h"

enum { NODES = 5, EVENTS = 200 };

typedef struct happening {
    size_t node;
    ds_lamport lamport;
    uint64_t vector[NODES];
    ds_hlc hlc;
    int64_t now;         /* of its machine */
    bool before[EVENTS]; /* which others happened before it */
} happening;

static happening all[EVENTS];
static uint64_t seed, draws;

static size_t draw(size_t n)
{
    return (size_t)ds__rng_below(ds__rng_bits(seed, DS__RNG_NET, 0, draws++),
                                 n);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The clock of a machine is wrong by what belongs to it, and goes on by a few
 * nanoseconds from one event of all to the next, or not at all. */
static int64_t clock_of(size_t node, size_t event)
{
    static const int64_t off[NODES] = { 0, 700, -300, 10000, -10000 };

    return 1000000 + off[node] + (int64_t)(event / 3) * 40;
}

static void follow(happening *e, size_t other)
{
    e->before[other] = true;
    for (size_t i = 0; i < EVENTS; i++)
        e->before[i] |= all[other].before[i];
}

/* Each event is the next of some node, and may be the receipt of a message that
 * another event was the sending of. */
static void live(uint64_t from)
{
    ds_lamport lamport[NODES] = { 0 };
    uint64_t vector[NODES][NODES] = { { 0 } };
    ds_hlc hlc[NODES] = { { 0, 0 } };
    size_t last[NODES];

    seed = from;
    draws = 0;
    memset(all, 0, sizeof(all));
    memset(last, 0xff, sizeof(last));
    for (size_t e = 0; e < EVENTS; e++) {
        size_t me = draw(NODES);
        happening *event = &all[e];
        *event = (happening){ .node = me, .now = clock_of(me, e) };
        if (last[me] != SIZE_MAX)
            follow(event, last[me]);
        if (e > 0 && draw(3) > 0) {
            size_t sent = draw(e);
            follow(event, sent);
            event->lamport =
                ds_lamport_receive(&lamport[me], all[sent].lamport);
            ds_vector_receive(vector[me], all[sent].vector, NODES, me);
            event->hlc = ds_hlc_receive(&hlc[me], all[sent].hlc, event->now);
        } else {
            event->lamport = ds_lamport_tick(&lamport[me]);
            ds_vector_tick(vector[me], me);
            event->hlc = ds_hlc_tick(&hlc[me], event->now);
        }
        memcpy(event->vector, vector[me], sizeof(vector[me]));
        last[me] = e;
    }
}

START_TEST(what_happened_before_has_the_smaller_number)
{
    live((uint64_t)_i);
    for (size_t b = 0; b < EVENTS; b++)
        for (size_t a = 0; a < EVENTS; a++)
            if (all[b].before[a])
                ck_assert_uint_lt(all[a].lamport, all[b].lamport);
}
END_TEST

static ds_order truth(size_t a, size_t b)
{
    if (a == b)
        return DS_SAME;
    return all[b].before[a]   ? DS_BEFORE
           : all[a].before[b] ? DS_AFTER
                              : DS_CONCURRENT;
}

START_TEST(vectors_know_what_happened_before_and_what_did_not)
{
    live((uint64_t)_i);
    for (size_t b = 0; b < EVENTS; b++)
        for (size_t a = 0; a < EVENTS; a++)
            ck_assert_int_eq(
                ds_vector_compare(all[a].vector, all[b].vector, NODES),
                truth(a, b));
}
END_TEST

START_TEST(hybrid_clocks_never_contradict_what_happened_before)
{
    live((uint64_t)_i);
    for (size_t b = 0; b < EVENTS; b++)
        for (size_t a = 0; a < EVENTS; a++)
            if (all[b].before[a]) {
                ck_assert_int_eq(ds_hlc_compare(all[a].hlc, all[b].hlc),
                                 DS_BEFORE);
                ck_assert_int_eq(ds_hlc_compare(all[b].hlc, all[a].hlc),
                                 DS_AFTER);
            }
}
END_TEST

/* Theorem 3 of the paper. */
START_TEST(a_hybrid_clock_is_the_greatest_clock_that_had_an_effect)
{
    live((uint64_t)_i);
    for (size_t e = 0; e < EVENTS; e++) {
        int64_t greatest = all[e].now;
        for (size_t a = 0; a < EVENTS; a++)
            if (all[e].before[a])
                greatest = larger(greatest, all[a].now);
        ck_assert_int_eq(all[e].hlc.time, greatest);
        ck_assert_uint_le(all[e].hlc.count, EVENTS);
    }
}
END_TEST

START_TEST(a_hybrid_clock_whose_machine_goes_back_goes_on)
{
    ds_hlc clock = { 0, 0 }, before;

    for (int64_t now = 1000; now > 0; now -= 10) {
        before = clock;
        ck_assert_int_eq(ds_hlc_compare(before, ds_hlc_tick(&clock, now)),
                         DS_BEFORE);
    }
    ck_assert_int_eq(clock.time, 1000);
    ck_assert_uint_eq(clock.count, 99);
    ds_hlc_tick(&clock, 1001);
    ck_assert_uint_eq(clock.count, 0);
}
END_TEST

START_TEST(a_merged_vector_is_the_least_that_is_not_less)
{
    uint64_t a[3] = { 1, 5, 2 };
    const uint64_t b[3] = { 3, 4, 2 }, both[3] = { 3, 5, 2 };

    ck_assert_int_eq(ds_vector_compare(a, b, 3), DS_CONCURRENT);
    ds_vector_merge(a, b, 3);
    ck_assert_int_eq(ds_vector_compare(a, both, 3), DS_SAME);
    ck_assert_int_eq(ds_vector_compare(a, b, 3), DS_AFTER);
    ck_assert_int_eq(ds_vector_compare(b, a, 3), DS_BEFORE);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_happened_before_has_the_smaller_number, 1, 4);
    tcase_add_loop_test(tc, vectors_know_what_happened_before_and_what_did_not,
                        1, 4);
    tcase_add_loop_test(tc, hybrid_clocks_never_contradict_what_happened_before,
                        1, 4);
    tcase_add_loop_test(
        tc, a_hybrid_clock_is_the_greatest_clock_that_had_an_effect, 1, 4);
    tcase_add_test(tc, a_hybrid_clock_whose_machine_goes_back_goes_on);
    tcase_add_test(tc, a_merged_vector_is_the_least_that_is_not_less);
}

int main(void)
{
    return harness_main("clocks", add);
}
