/* The pool of events: a name finds its event as long as that is to happen, and
 * nothing else ever. */

#include "harness.h"

#include "loop/event.h"

static ds__event_pool pool;
static ds__agenda agenda;

static void setup(void)
{
    ds__event_pool_init(&pool);
    ds__agenda_init(&agenda, 1, true);
}

static void teardown(void)
{
    ds__agenda_free(&agenda);
    ds__event_pool_free(&pool);
}

static ds__event *due_at(double time)
{
    ds__event *event = ds__event_get(&pool);

    ck_assert_ptr_nonnull(event);
    event->time = time;
    ck_assert(ds__agenda_add(&agenda, &event->due, time));
    return event;
}

START_TEST(a_name_finds_its_event_among_many)
{
    enum { MANY = 1000 };
    ds__event *events[MANY];
    ds_timer names[MANY];

    for (int i = 0; i < MANY; i++) {
        events[i] = due_at(3.5 + i);
        names[i] = ds__event_timer(events[i]);
    }
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(ds__event_find(&pool, names[i]), events[i]);
}
END_TEST

START_TEST(the_name_of_what_has_happened_finds_nothing)
{
    ds__event *event = due_at(1);
    ds_timer name = ds__event_timer(event);

    ds__agenda_remove(&agenda, &event->due);
    ck_assert_ptr_null(ds__event_find(&pool, name));
    ds__event_put(&pool, event);
    ck_assert_ptr_eq(due_at(1), event); /* the same place, and moment */
    ck_assert_ptr_null(ds__event_find(&pool, name));
}
END_TEST

/* Generations come round, and then the time tells. */
START_TEST(a_name_with_another_time_finds_nothing)
{
    ds_timer name = ds__event_timer(due_at(1));

    name.time = 2;
    ck_assert_ptr_null(ds__event_find(&pool, name));
}
END_TEST

START_TEST(a_generation_is_never_0)
{
    ds__event *event = ds__event_get(&pool);

    event->generation = UINT32_MAX;
    ds__event_put(&pool, event);
    ck_assert_uint_eq(event->generation, 1);
}
END_TEST

START_TEST(no_event_has_the_name_of_zeros)
{
    due_at(0);
    ck_assert_ptr_null(ds__event_find(&pool, (ds_timer){ 0 }));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_name_finds_its_event_among_many);
    tcase_add_test(tc, the_name_of_what_has_happened_finds_nothing);
    tcase_add_test(tc, a_name_with_another_time_finds_nothing);
    tcase_add_test(tc, a_generation_is_never_0);
    tcase_add_test(tc, no_event_has_the_name_of_zeros);
}

int main(void)
{
    return harness_main("event", add);
}
