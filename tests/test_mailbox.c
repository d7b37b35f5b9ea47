/* The mailbox: queues by key. */

#include "coll/mailbox.h"

#include "harness.h"

static void put(ds__mailbox *box, ds__key key, uint32_t kind)
{
    ds__packet *packet = ds__packet_new(key, key.from, NULL, 0);

    packet->kind = kind;
    ds__mailbox_put(box, packet);
}

/* The kind of the next one under key; it must be there. */
static uint32_t take(ds__mailbox *box, ds__key key)
{
    ds__packet *packet = ds__mailbox_take(box, key);

    ck_assert_ptr_nonnull(packet);
    ck_assert(ds__key_equal(packet->key, key));
    uint32_t kind = packet->kind;
    ds__packet_free(packet);
    return kind;
}

START_TEST(an_empty_mailbox_has_nothing)
{
    ds__mailbox box;

    ds__mailbox_init(&box);
    ck_assert_ptr_null(ds__mailbox_take(&box, (ds__key){ 1, 2, 3, 0 }));
    ds__mailbox_clear(&box);
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
}
END_TEST

START_TEST(what_is_left_is_freed_with_the_mailbox)
{
    ds_vec *vec = ds_vec_new(1);
    ds__mailbox box;

    ds__mailbox_init(&box);
    for (uint32_t i = 0; i < 100; i++)
        ds__mailbox_put(
            &box, ds__packet_new((ds__key){ 1, i % 30, 0, 0 }, 0, vec, 0));
    ds__mailbox_clear(&box);
    ck_assert_uint_eq(box.keys, 0);
    ds_vec_unref(vec); /* LeakSanitizer sees the rest */
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, an_empty_mailbox_has_nothing);
    tcase_add_test(tc, packets_of_one_key_come_in_order);
    tcase_add_test(tc, call_source_tag_and_number_all_count);
    tcase_add_test(tc, ten_thousand_keys_keep_their_queues);
    tcase_add_test(tc, what_is_left_is_freed_with_the_mailbox);
}

int main(void)
{
    return harness_main("mailbox", add);
}
