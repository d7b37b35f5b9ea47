/* The way in from outside: threads of the program's own that post to streams.
 */

#include "stage.h"

#include <pthread.h>
#include <stdint.h>

static ds_loop *loop;
static ds_stream *stream;
static ds_port *port;

static void setup(void)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
    port = ds_port_new(ds_node_new(loop));
}

static void teardown(void)
{
    ds_loop_free(loop);
}

static void in_a_thread(void *(*fn)(void *), void *arg)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, fn, arg), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void *post_three(void *arg)
{
    for (int i = 0; i < 3; i++)
        ds_stream_post(stream, &freed[i], count_free);
    return arg;
}

/* Receives three and says when. */
static void receive_three(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 3; i++) {
        ck_assert(ds_poll(h, stream, &event));
        ck_assert_ptr_eq(event.data, &freed[i]);
        note("%d@%g ", i, ds_now(h));
        ds_event_drop(&event);
    }
}

static void compute_post(void *arg)
{
    in_a_thread(post_three, NULL);
}

static void work(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 3));
    ck_assert(ds_compute(h, 4, compute_post, NULL));
}

static void tick(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ck_assert(ds_sleep(h, 4.5));
}

START_TEST(what_is_posted_arrives_at_the_time_that_it_finds_in_order)
{
    ds_spawn(loop, work, NULL);
    ds_spawn(loop, receive_three, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_each_freed_once(3);
    ck_contains(noted(), "0@");
    ck_assert_ptr_nonnull(strstr(strstr(noted(), "0@"), "1@"));
    note_clear();
}
END_TEST

static void post_in_body(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 6));
    in_a_thread(post_three, NULL);
    ck_assert(ds_sleep(h, 1));
}

START_TEST(what_is_posted_arrives_before_the_next_thing_happens)
{
    ds_spawn(loop, tick, NULL);
    ds_spawn(loop, receive_three, NULL);
    ds_spawn(loop, post_in_body, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("0@6 1@6 2@6 ");
}
END_TEST

START_TEST(what_is_posted_before_the_run_arrives_at_its_beginning)
{
    in_a_thread(post_three, NULL);
    ds_spawn(loop, receive_three, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("0@0 1@0 2@0 ");
}
END_TEST

static void nothing(ds_handle *h, void *arg)
{
}

START_TEST(what_is_posted_after_the_run_waits_for_the_next)
{
    ds_spawn(loop, tick, NULL);
    ck_run(loop, DS_OK, NULL);
    post_three(NULL);
    ds_spawn(loop, receive_three, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("0@13.5 1@13.5 2@13.5 ");
    post_three(NULL);
    teardown();
    ck_assert_int_eq(freed[0], 2);
    setup();
}
END_TEST

START_TEST(a_body_and_its_work_may_post)
{
    ds_spawn(loop, work, NULL);
    ds_spawn(loop, receive_three, NULL);
    ck_run(loop, DS_OK, NULL);
    note_clear();
}
END_TEST

static void wait_for_ever(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(!ds_poll(h, stream, &event));
}

START_TEST(a_run_with_nothing_left_does_not_wait_for_more)
{
    ds_spawn(loop, wait_for_ever, NULL);
    ck_run(loop, DS_DEADLOCK, "deadlock at 0 s");
}
END_TEST

START_TEST(to_post_to_a_port_is_misuse)
{
    ds_stream_post(ds_port_stream(port), &freed[0], count_free);
    ds_spawn(loop, nothing, NULL);
    ck_run(loop, DS_EMISUSE, "ds_stream_post: the stream is a port's");
    ck_each_freed_once(1);
}
END_TEST

START_TEST(to_post_to_nothing_drops_the_payload)
{
    ds_stream_post(NULL, &freed[0], count_free);
    ds_stream_post(NULL, NULL, NULL);
    ck_each_freed_once(1);
}
END_TEST

/* ---- Many at once ---------------------------------------------------------*/

enum { posters = 3, posts = 5000 };

static void *post_many(void *arg)
{
    for (int i = 0; i < posts; i++)
        ds_stream_post(stream, arg, NULL);
    return NULL;
}

static void join_all(void *arg)
{
    pthread_t threads[posters];

    for (intptr_t i = 0; i < posters; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, post_many, (void *)(i + 1)), 0);
    for (int i = 0; i < posters; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

static void work_with_many(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 1000, join_all, NULL));
    ck_assert(ds_sleep(h, 1));
}

static void receive_many(ds_handle *h, void *arg)
{
    intptr_t sum = 0;
    ds_event event;

    for (int i = 0; i < posters * posts; i++) {
        ck_assert(ds_poll(h, stream, &event));
        sum += (intptr_t)event.data;
    }
    ck_assert_int_eq(sum, (intptr_t)posts * posters * (posters + 1) / 2);
}

static void tick_often(ds_handle *h, void *arg)
{
    for (int i = 0; i < 900; i++)
        ck_assert(ds_sleep(h, 1));
}

START_TEST(many_threads_may_post_at_once)
{
    ds_spawn(loop, work_with_many, NULL);
    ds_spawn(loop, receive_many, NULL);
    ds_spawn(loop, tick_often, NULL);
    ck_run(loop, DS_OK, NULL);
}
END_TEST

/* ---- What disposes of a payload -------------------------------------------*/

static int disposals;

static void dispose_and_free_the_loop(void *data)
{
    disposals++;
    ds_loop_free(loop);
    ck_assert_ptr_null(ds_stream_new(loop));
    ck_assert_ptr_null(ds_node_new(loop));
    ds_spawn(loop, nothing, NULL);
}

static void leave_everywhere(ds_handle *h, void *arg)
{
    ds_net *net = ds_random_net_new(loop, 1);

    ds_schedule(h, stream, 100, &disposals, dispose_and_free_the_loop);
    ds_schedule(h, stream, 0, &disposals, dispose_and_free_the_loop);
    ds_send(h, net,
            (ds_msg){ .source = port,
                      .dest = port,
                      .data = &disposals,
                      .free = dispose_and_free_the_loop });
    ds_sleep(h, 3);
    ds_send(h, net,
            (ds_msg){ .source = port,
                      .dest = port,
                      .data = &disposals,
                      .free = dispose_and_free_the_loop });
}

START_TEST(what_disposes_of_a_payload_cannot_free_or_build_what_is_being_freed)
{
    disposals = 0;
    ds_spawn(loop, leave_everywhere, NULL);
    ck_run(loop, DS_OK, NULL);
    ds_stream_post(stream, &disposals, dispose_and_free_the_loop);
    teardown();
    ck_assert_int_eq(disposals, 5);
    setup();
}
END_TEST

static void drop_in_body(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, stream, 1, loop, (ds_free_fn *)(void (*)(void))ds_loop_free);
    ck_assert(ds_poll(h, stream, &event));
    ds_event_drop(&event);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(what_disposes_of_a_payload_cannot_free_what_runs)
{
    ds_spawn(loop, drop_in_body, NULL);
    ck_run(loop, DS_EMISUSE, "ds_loop_free: the loop is running");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc,
                   what_is_posted_arrives_at_the_time_that_it_finds_in_order);
    tcase_add_test(tc, what_is_posted_arrives_before_the_next_thing_happens);
    tcase_add_test(tc, what_is_posted_before_the_run_arrives_at_its_beginning);
    tcase_add_test(tc, what_is_posted_after_the_run_waits_for_the_next);
    tcase_add_test(tc, a_body_and_its_work_may_post);
    tcase_add_test(tc, a_run_with_nothing_left_does_not_wait_for_more);
    tcase_add_test(tc, to_post_to_a_port_is_misuse);
    tcase_add_test(tc, to_post_to_nothing_drops_the_payload);
    tcase_add_test(tc, many_threads_may_post_at_once);
    tcase_add_test(
        tc,
        what_disposes_of_a_payload_cannot_free_or_build_what_is_being_freed);
    tcase_add_test(tc, what_disposes_of_a_payload_cannot_free_what_runs);
}

int main(void)
{
    return harness_main("outside", add);
}
