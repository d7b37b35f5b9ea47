/* The queue of events that have happened. */

#include "harness.h"
#include "loop/queue.h"

static char places[2000]; /* to be pointed at */

static void append(ds__queue *queue, size_t i)
{
    ck_assert(ds__queue_append(queue, &(ds_event){ .data = &places[i] }));
}

static void expect(ds__queue *queue, size_t i)
{
    ds_event event;

    ck_assert(ds__queue_shift(queue, &event));
    ck_assert_ptr_eq(event.data, &places[i]);
}

START_TEST(zeros_are_an_empty_queue)
{
    ds__queue queue = { 0 };
    ds_event event = { .data = places };

    ck_assert(ds__queue_empty(&queue));
    ck_assert(!ds__queue_shift(&queue, &event));
    ck_assert_ptr_eq(event.data, places);
    ds__queue_free(&queue);
}
END_TEST

START_TEST(what_came_first_leaves_first)
{
    ds__queue queue = { 0 };

    for (size_t i = 0; i < 1000; i++)
        append(&queue, i);
    for (size_t i = 0; i < 1000; i++)
        expect(&queue, i);
    ck_assert(ds__queue_empty(&queue));
    ds__queue_free(&queue);
}
END_TEST

/* However many leave in between, wherever in the ring the first one lies. */
START_TEST(the_order_is_kept_when_the_ring_grows)
{
    for (size_t ahead = 0; ahead < 9; ahead++) {
        ds__queue queue = { 0 };
        size_t in = 0;
        size_t out = 0;

        while (in < ahead)
            append(&queue, in++);
        while (in < 1500) {
            append(&queue, in++);
            append(&queue, in++);
            append(&queue, in++);
            expect(&queue, out++);
            expect(&queue, out++);
            ck_assert_uint_eq(queue.len, in - out);
            ck_assert_ptr_eq(ds__queue_at(&queue, 0)->data, &places[out]);
        }
        while (out < in)
            expect(&queue, out++);
        ds__queue_free(&queue);
    }
}
END_TEST

START_TEST(a_small_ring_is_kept)
{
    ds__queue queue = { 0 };

    append(&queue, 1);
    ds__ring *ring = queue.ring;
    for (size_t i = 0; i < 100; i++) {
        expect(&queue, 1);
        append(&queue, 1);
        ck_assert_ptr_eq(queue.ring, ring);
    }
    ds__queue_free(&queue);
}
END_TEST

START_TEST(a_large_ring_is_given_back_when_it_is_empty)
{
    ds__queue queue = { 0 };

    for (size_t i = 0; i <= DS__RING_KEPT; i++)
        append(&queue, i);
    for (size_t i = 0; i < DS__RING_KEPT; i++)
        expect(&queue, i);
    ck_assert_ptr_nonnull(queue.ring);
    expect(&queue, DS__RING_KEPT);
    ck_assert_ptr_null(queue.ring);
    append(&queue, 7);
    expect(&queue, 7);
    ds__queue_free(&queue);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, zeros_are_an_empty_queue);
    tcase_add_test(tc, what_came_first_leaves_first);
    tcase_add_test(tc, the_order_is_kept_when_the_ring_grows);
    tcase_add_test(tc, a_small_ring_is_kept);
    tcase_add_test(tc, a_large_ring_is_given_back_when_it_is_empty);
}

int main(void)
{
    return harness_main("queue", add);
}
