/* The agenda: what comes first, what comes after it, and places that are kept
 * for alarms.  Orders at one instant are in test_order.c. */

#include <signal.h>

#include "base/rng.h"
#include "harness.h"
#include "loop/agenda.h"

enum { FEW = 120, MANY = 300, CROWD = 1000 };

static ds__agenda agenda;
static ds__due dues[CROWD];

static void fill(size_t n, uint64_t seed)
{
    ds__agenda_init(&agenda, seed, false);
    for (size_t i = 0; i < n; i++) {
        dues[i] = (ds__due){ .kind = DS__DUE_EVENT };
        double time = (double)ds__rng_below(ds__rng_bits(seed, 0, 0, i), 50);
        ck_assert(ds__agenda_add(&agenda, &dues[i], time));
    }
}

START_TEST(what_is_early_comes_first)
{
    double last = 0;

    fill(MANY, 7);
    for (size_t i = 0; i < MANY; i++) {
        double time = ds__agenda_time(&agenda);
        ck_assert_double_ge(time, last);
        last = time;
        ds__agenda_take(&agenda);
    }
    ck_assert_uint_eq(agenda.count, 0);
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(nothing_comes_before_what_is_due_at_minus_zero)
{
    fill(0, 7);
    dues[0].kind = dues[1].kind = DS__DUE_EVENT;
    ck_assert(ds__agenda_add(&agenda, &dues[1], 1e-300));
    ck_assert(ds__agenda_add(&agenda, &dues[0], -0.0));
    ck_assert_ptr_eq(ds__agenda_take(&agenda), &dues[0]);
    ck_assert_ptr_eq(ds__agenda_take(&agenda), &dues[1]);
    ds__agenda_free(&agenda);
}
END_TEST

/* Takes all but one; returns how many of the others were announced. */
static int count_announced(void)
{
    int n = 0;

    while (agenda.count > 1) {
        ds__due *second = ds__agenda_likely_second(&agenda);
        ds__agenda_take(&agenda);
        n += ds__agenda_take(&agenda) == second;
    }
    return n;
}

/* Whatever is taken away and put in between. */
START_TEST(the_second_is_what_is_first_after_the_first)
{
    fill(FEW, (uint64_t)_i);
    for (size_t i = 0; i < FEW / 4; i++)
        ds__agenda_remove(&agenda, &dues[i * 4]);
    ck_assert_int_eq(count_announced(), (FEW - FEW / 4) / 2);
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(in_a_crowd_the_second_is_mostly_guessed)
{
    fill(CROWD, (uint64_t)_i);
    ck_assert_int_ge(count_announced(), CROWD / 2 * 9 / 10);
    ds__agenda_free(&agenda);
}
END_TEST

/* The slots are in the order of time then. */
START_TEST(at_one_instant_the_second_is_mostly_guessed_too)
{
    ds__agenda_init(&agenda, 1, true);
    for (size_t i = 0; i < CROWD; i++) {
        dues[i] = (ds__due){ .kind = DS__DUE_EVENT };
        ck_assert(ds__agenda_add(&agenda, &dues[i], 7));
    }
    ck_assert_int_ge(count_announced(), CROWD / 2 * 9 / 10);
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(one_alone_has_no_second)
{
    fill(0, 1);
    ck_assert_ptr_null(ds__agenda_likely_second(&agenda));
    ds__agenda_free(&agenda);
    fill(1, 1);
    ck_assert_ptr_null(ds__agenda_likely_second(&agenda));
    ds__agenda_free(&agenda);
    fill(2, 1);
    ck_assert_ptr_nonnull(ds__agenda_likely_second(&agenda));
    ds__agenda_free(&agenda);
}
END_TEST

START_TEST(what_is_removed_does_not_happen)
{
    fill(MANY, 3);
    for (size_t i = 0; i < MANY; i += 2)
        ds__agenda_remove(&agenda, &dues[i]);
    ds__agenda_remove(&agenda, &dues[0]); /* which is not in any more */
    ck_assert_uint_eq(agenda.count, MANY / 2);
    while (agenda.count > 0)
        ck_assert_uint_eq((ds__agenda_take(&agenda) - dues) % 2, 1);
    ds__agenda_free(&agenda);
}
END_TEST

/* ---- Against a list that is searched from end to end ----------------------*/

typedef struct item {
    ds__due due;
    double time;
    uint64_t number; /* among those of its class, in the order of coming */
} item;

static item items[MANY];
static uint64_t random_state;

static uint64_t below(uint64_t n)
{
    return ds__rng_below(ds__rng_bits(7, 0, 1, random_state++), n);
}

static int class_of(const item *it)
{
    switch (it->due.kind) {
    case DS__DUE_FIRST:
        return 0;
    case DS__DUE_EVENT:
    case DS__DUE_WAKE:
        return 1;
    case DS__DUE_ALARM:
        return 2;
    case DS__DUE_TIMEOUT:
        break;
    }
    return 3;
}

static bool earlier(const item *a, const item *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (class_of(a) != class_of(b))
        return class_of(a) < class_of(b);
    return a->number < b->number;
}

/* NULL: there is none. */
static item *first_but(const item *other)
{
    item *first = NULL;

    for (size_t i = 0; i < MANY; i++)
        if (ds__due_pending(&items[i].due) && &items[i] != other &&
            (first == NULL || earlier(&items[i], first)))
            first = &items[i];
    return first;
}

/* Most are due at one of few instants, some decades away. */
static double draw_time(double now)
{
    static const double steps[] = { 0, 0, 1e-9, 0.5, 0.5, 1, 3, 1e6 };

    return now + steps[below(sizeof(steps) / sizeof(*steps))];
}

static void put_in(item *it, double now)
{
    it->time = draw_time(now);
    if (ds__due_is_alarm(it->due.kind)) {
        it->number = (uint64_t)(it - items);
        ds__agenda_add_alarm(&agenda, &it->due, it->time, it->number);
        return;
    }
    it->number = agenda.sequence;
    ck_assert(ds__agenda_add(&agenda, &it->due, it->time));
}

static double take_first(double now)
{
    item *first = first_but(NULL);

    if (first == NULL) {
        ck_assert(ds__agenda_empty(&agenda));
        return now;
    }
    if (below(2) == 0)
        ck_assert_double_eq(ds__agenda_time(&agenda), first->time);
    ck_assert_ptr_eq(ds__agenda_take(&agenda), &first->due);
    ck_assert(!ds__due_pending(&first->due));
    return first->time;
}

static void look_at_second(void)
{
    item *first = first_but(NULL);
    ds__due *second = ds__agenda_likely_second(&agenda);

    if (first == NULL || first_but(first) == NULL)
        ck_assert_ptr_null(second);
    if (second != NULL)
        ck_assert(ds__due_pending(second) && second != &first->due);
}

static void make_items(void)
{
    static const ds__due_kind kinds[] = { DS__DUE_EVENT, DS__DUE_WAKE,
                                          DS__DUE_TIMEOUT, DS__DUE_ALARM,
                                          DS__DUE_FIRST };

    for (size_t i = 0; i < MANY; i++) {
        items[i] = (item){ .due = { .kind = kinds[below(5)] } };
        if (ds__due_is_alarm(items[i].due.kind))
            ck_assert(ds__agenda_promise(&agenda));
        ds__agenda_check(&agenda);
    }
}

/* With few of the many things in, or with nearly all of them. */
START_TEST(whatever_comes_and_goes_the_earliest_is_first)
{
    double now = 1e-3 * _i;

    random_state = (uint64_t)_i << 32;
    ds__agenda_init(&agenda, 5, true);
    make_items();
    const uint64_t used = 1 + below(MANY);
    for (int i = 0; i < 3000; i++) {
        item *it = &items[below(used)];
        uint64_t what = below(8);
        if (what < 4 && !ds__due_pending(&it->due))
            put_in(it, now);
        else if (what < 6)
            now = take_first(now);
        else if (what == 6)
            ds__agenda_remove(&agenda, &it->due);
        else
            look_at_second();
        ds__agenda_check(&agenda);
    }
    ds__agenda_free(&agenda);
}
END_TEST

/* ---- What the walk finds --------------------------------------------------*/

static void lose_a_match(void)
{
    agenda.winners[1] ^= 1;
}

static void move_a_time(void)
{
    ds__agenda_close(&agenda);
    agenda.times[agenda.winners[1]] = UINT64_C(0x7fe0000000000000);
}

static void move_a_rank(void)
{
    agenda.ranks[dues[7].slot - 1] ^= UINT64_C(1) << 62;
}

static void point_elsewhere(void)
{
    dues[7].slot++;
}

static void lose_a_slot(void)
{
    agenda.unused = agenda.capacity;
}

static void go_round_in_the_chain(void)
{
    agenda.ranks[agenda.unused] = agenda.unused;
}

static void lose_count(void)
{
    agenda.count--;
}

static void promise_too_much(void)
{
    agenda.idle = agenda.capacity;
}

static void (*const damages[])(void) = {
    lose_a_match, move_a_time,           move_a_rank, point_elsewhere,
    lose_a_slot,  go_round_in_the_chain, lose_count,  promise_too_much,
};
enum { DAMAGES = sizeof(damages) / sizeof(*damages) };

START_TEST(damage_is_found)
{
    fill(MANY, 11);
    ds__agenda_take(&agenda);
    ds__agenda_check(&agenda);
    damages[_i]();
    ds__agenda_check(&agenda); /* aborts */
    ds__agenda_free(&agenda);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_is_early_comes_first);
    tcase_add_test(tc, nothing_comes_before_what_is_due_at_minus_zero);
    tcase_add_loop_test(tc, the_second_is_what_is_first_after_the_first, 0, 20);
    tcase_add_loop_test(tc, in_a_crowd_the_second_is_mostly_guessed, 0, 20);
    tcase_add_test(tc, at_one_instant_the_second_is_mostly_guessed_too);
    tcase_add_test(tc, one_alone_has_no_second);
    tcase_add_test(tc, what_is_removed_does_not_happen);
    tcase_add_loop_test(tc, whatever_comes_and_goes_the_earliest_is_first, 0,
                        20);
    tcase_add_loop_test_raise_signal(tc, damage_is_found, SIGABRT, 0, DAMAGES);
}

int main(void)
{
    return harness_main("agenda", add);
}
