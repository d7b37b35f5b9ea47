/* The mailbox: queues by key. */

#include <signal.h>
#include <stdio.h>

#include "coll/mailbox.h"

#include "harness.h"

static ds__slab slab = { .size = sizeof(ds__packet) };

static void put(ds__mailbox *box, ds__key key, uint32_t kind)
{
    ds__packet *packet = ds__packet_new(&slab, key, key.from, NULL, 0);

    packet->kind = kind;
    ds__mailbox_put(box, packet);
    if (box->mask < 64)
        ds__mailbox_check(box);
}

/* The kind of the next one under key; it must be there. */
static uint32_t take(ds__mailbox *box, ds__key key)
{
    ds__packet *packet = ds__mailbox_take(box, key);

    ck_assert_ptr_nonnull(packet);
    ck_assert(ds__key_equal(packet->key, key));
    uint32_t kind = packet->kind;
    ds__packet_free(packet);
    if (box->mask < 64)
        ds__mailbox_check(box);
    return kind;
}

START_TEST(an_empty_mailbox_has_nothing)
{
    ds__mailbox box;

    ds__mailbox_init(&box);
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 1, 2, 3, 0 }));
    ds__mailbox_clear(&box);
    ds__slab_free(&slab);
}
END_TEST

START_TEST(packets_of_one_key_come_in_order)
{
    const ds__key key = { 1, 2, 3, 0 };
    ds__mailbox box;

    ds__mailbox_init(&box);
    for (uint32_t i = 0; i < 1000; i++)
        put(&box, key, i);
    for (uint32_t i = 0; i < 1000; i++)
        ck_assert_uint_eq(take(&box, key), i);
    ck_assert_ptr_null(ds__mailbox_take(&box, key));
    ds__mailbox_clear(&box);
    ds__slab_free(&slab);
}
END_TEST

START_TEST(call_source_tag_and_number_all_count)
{
    const ds__key key = { 1, 2, 3, 0 };
    ds__mailbox box;

    ds__mailbox_init(&box);
    put(&box, key, 0);
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 2, 2, 3, 0 }));
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 1, 3, 3, 0 }));
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 1, 2, 4, 0 }));
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 1, 2, 3, 1 }));
    take(&box, key);
    ds__mailbox_clear(&box);
    ds__slab_free(&slab);
}
END_TEST

START_TEST(ten_thousand_keys_keep_their_queues)
{
    ds__mailbox box;

    ds__mailbox_init(&box);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 10000; i++)
            put(&box, (ds__key){ i % 7, i, i * 31, 0 }, round);
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 10000; i++)
            ck_assert_uint_eq(take(&box, (ds__key){ i % 7, i, i * 31, 0 }),
                              round);
    ck_assert_uint_eq(box.keys, 0);
    ds__mailbox_clear(&box);
    ds__slab_free(&slab);
}
END_TEST

START_TEST(what_is_left_is_freed_with_the_mailbox)
{
    ds_vec *vec = ds_vec_new(1);
    ds__mailbox box;

    ds__mailbox_init(&box);
    for (uint32_t i = 0; i < 100; i++)
        ds__mailbox_put(
            &box,
            ds__packet_new(&slab, (ds__key){ 1, i % 30, 0, 0 }, 0, vec, 0));
    ds__mailbox_clear(&box);
    ck_assert_uint_eq(box.keys, 0);
    ds__slab_free(&slab);
    ds_vec_unref(vec); /* LeakSanitizer sees the rest */
}
END_TEST

/* ---- What the walk finds --------------------------------------------------*/

static ds__packet *first_of(ds__mailbox *box)
{
    size_t i = 0;

    while (box->buckets[i] == NULL)
        i++;
    return box->buckets[i];
}

static void miscount(ds__mailbox *box)
{
    box->keys++;
}

static void change_key(ds__mailbox *box)
{
    first_of(box)->key.number++;
}

static void change_one_of_a_queue(ds__mailbox *box)
{
    first_of(box)->next->key.tag++;
}

static void lose_the_end(ds__mailbox *box)
{
    first_of(box)->last = first_of(box);
}

static void send_it_away(ds__mailbox *box)
{
    first_of(box)->place = DS__PACKET_AWAY;
}

static void widen(ds__mailbox *box)
{
    box->mask++;
}

static void (*const spoils[])(ds__mailbox *box) = {
    miscount,     change_key,   change_one_of_a_queue,
    lose_the_end, send_it_away, widen,
};

START_TEST(what_is_spoiled_is_found)
{
    ds__mailbox box;

    ds__mailbox_init(&box);
    for (uint32_t i = 0; i < 10; i++)
        put(&box, (ds__key){ 1, i % 5, 0, 0 }, i);
    fclose(stderr); /* what assert() says */
    spoils[_i](&box);
    ds__mailbox_check(&box);
}
END_TEST

/* Fifty sources, each with two tags of which one has packets of two numbers. */
START_TEST(piles_come_in_order_whatever_their_numbers)
{
    ds__mailbox box;
    ds__pile pile;
    ds__key last = { 0 };
    uint32_t n = 0;

    ds__mailbox_init(&box);
    ck_assert(!ds__mailbox_next_pile(&box, NULL, &pile));
    for (uint32_t i = 0; i < 50; i++) {
        put(&box, (ds__key){ 3, 49 - i, 1, 7 }, i);
        put(&box, (ds__key){ 3, 49 - i, 1, 2 }, 100 + i);
        put(&box, (ds__key){ 3, 49 - i, 1, 7 }, i);
        put(&box, (ds__key){ 3, 49 - i, 0, 0 }, i);
    }
    for (; ds__mailbox_next_pile(&box, n == 0 ? NULL : &last, &pile); n++) {
        last = pile.key;
        ck_assert_uint_eq(last.from, n / 2);
        ck_assert_uint_eq(last.tag, n % 2);
        ck_assert_uint_eq(pile.len, n % 2 == 0 ? 1 : 3);
        ck_assert_uint_eq(pile.first->key.number, n % 2 == 0 ? 0 : 2);
    }
    ck_assert_uint_eq(n, 100);
    ds__mailbox_clear(&box);
    ds__slab_free(&slab);
}
END_TEST

START_TEST(a_packet_that_is_freed_twice_is_freed_once)
{
    ds__packet *a = ds__packet_new(&slab, (ds__key){ 1, 0, 0, 0 }, 0, NULL, 0);

    ds__packet_free(a);
    ds__packet_free(a);
    ds__packet *b = ds__packet_new(&slab, (ds__key){ 1, 0, 0, 0 }, 0, NULL, 0);
    ds__packet *c = ds__packet_new(&slab, (ds__key){ 1, 0, 0, 0 }, 0, NULL, 0);
    ck_assert_ptr_ne(b, c);
    ds__packet_free(b);
    ds__packet_free(c);
    ds__slab_free(&slab);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, an_empty_mailbox_has_nothing);
    tcase_add_test(tc, packets_of_one_key_come_in_order);
    tcase_add_test(tc, call_source_tag_and_number_all_count);
    tcase_add_test(tc, ten_thousand_keys_keep_their_queues);
    tcase_add_test(tc, what_is_left_is_freed_with_the_mailbox);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
    tcase_add_test(tc, piles_come_in_order_whatever_their_numbers);
    tcase_add_test(tc, a_packet_that_is_freed_twice_is_freed_once);
}

int main(void)
{
    return harness_main("mailbox", add);
}
