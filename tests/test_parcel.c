/* Copies of small payloads: whose they are, and when they are used again. */

#include "harness.h"

#include <distsys.h>
#include <pthread.h>
#include <stdint.h>

#include "net/parcel.h"

enum { small = 100, large = 10000 };

static ds_loop *loop;
static ds_net *net;
static ds_port *port;
static unsigned char bytes[large];

static void setup(void)
{
    loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS, .seed = 1 });
    net = ds_random_net_new(loop, 1);
    port = ds_port_new(ds_node_new(loop));
    for (size_t i = 0; i < large; i++)
        bytes[i] = (unsigned char)(i * 7 + 1);
}

static void run(ds_thread_fn *fn, void *arg)
{
    ds_spawn(loop, fn, arg);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
}

static ds_msg get(ds_handle *h, size_t size)
{
    ds_msg msg;

    ds_send_bytes(h, net, port, port, bytes, size);
    ck_assert(ds_recv(h, port, &msg));
    return msg;
}

/* Of all sizes around those that are put aside, twice. */
static void send_all_sizes(ds_handle *h, void *arg)
{
    for (size_t i = 0; i < 600; i++) {
        const size_t size = i % 300;
        ds_msg msg = get(h, size);
        ck_assert_double_eq(msg.size, (double)size);
        ck_assert_mem_eq(msg.data, bytes, size);
        ck_assert_uint_eq((uintptr_t)msg.data % _Alignof(max_align_t), 0);
        ds_msg_drop(&msg);
    }
}

START_TEST(whatever_its_size_a_copy_is_what_was_sent)
{
    setup();
    run(send_all_sizes, NULL);
    ds_loop_free(loop);
}
END_TEST

/* With AddressSanitizer it is freed, or that could not look for this. */
static void drop_and_send(ds_handle *h, void *reused)
{
    ds_msg first = get(h, small);
    uintptr_t before = (uintptr_t)first.data;

    ds_msg_drop(&first);
    ds_msg second = get(h, small);
    *(bool *)reused = (uintptr_t)second.data == before;
    ck_assert_mem_eq(second.data, bytes, small);
    ds_msg_drop(&second);
}

START_TEST(what_is_dropped_is_used_again)
{
    bool reused = false;

    if (harness_slowness() > 1)
        return;
    setup();
    run(drop_and_send, &reused);
    ck_assert(reused);
    ds_loop_free(loop);
}
END_TEST

static void keep(ds_handle *h, void *kept)
{
    *(ds_msg *)kept = get(h, small);
}

START_TEST(one_that_is_kept_outlives_the_loop)
{
    ds_msg kept;

    setup();
    run(keep, &kept);
    ds_loop_free(loop);
    ck_assert_mem_eq(kept.data, bytes, small);
    ds_msg_drop(&kept);
}
END_TEST

static void drop_other(ds_handle *h, void *other)
{
    ds_msg own = get(h, small);

    ds_msg_drop(other);
    ds_msg_drop(&own);
}

START_TEST(one_of_a_loop_that_has_gone_is_dropped_in_another)
{
    ds_msg kept;

    setup();
    run(keep, &kept);
    ds_loop_free(loop);
    setup();
    run(drop_other, &kept);
    ds_loop_free(loop);
}
END_TEST

static void *drop_outside(void *msg)
{
    ds_msg_drop(msg);
    return NULL;
}

static void drop_in_a_thread(ds_handle *h, void *arg)
{
    ds_msg msg = get(h, small);
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, drop_outside, &msg), 0);
    pthread_join(thread, NULL);
    ck_assert_ptr_null(msg.data);
}

START_TEST(a_thread_of_the_programs_own_may_drop_one)
{
    setup();
    run(drop_in_a_thread, NULL);
    ds_loop_free(loop);
}
END_TEST

static void make_another(ds_handle *h, void *arg)
{
    ds_msg msg = get(h, small);
    void *second = msg.clone(msg.data);

    ck_assert_ptr_ne(second, msg.data);
    ds_msg_drop(&msg);
    ck_assert_mem_eq(second, bytes, small);
    ds__parcel_drop(second);
}

START_TEST(a_clone_is_another_one)
{
    setup();
    run(make_another, NULL);
    ds_loop_free(loop);
}
END_TEST

START_TEST(one_without_a_loop_is_a_copy_too)
{
    void *copy = ds__parcel_new(NULL, bytes, small);

    ck_assert_mem_eq(copy, bytes, small);
    ds__parcel_drop(copy);
    ck_assert_ptr_null(ds__parcel_new(NULL, bytes, SIZE_MAX));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, whatever_its_size_a_copy_is_what_was_sent);
    tcase_add_test(tc, what_is_dropped_is_used_again);
    tcase_add_test(tc, one_that_is_kept_outlives_the_loop);
    tcase_add_test(tc, one_of_a_loop_that_has_gone_is_dropped_in_another);
    tcase_add_test(tc, a_thread_of_the_programs_own_may_drop_one);
    tcase_add_test(tc, a_clone_is_another_one);
    tcase_add_test(tc, one_without_a_loop_is_a_copy_too);
}

int main(void)
{
    return harness_main("parcel", add);
}
