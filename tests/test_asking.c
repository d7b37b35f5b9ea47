/* What a thread can ask for and say without waiting: whether something is
 * there, who is running, what a report is to say of it; and a stack of a size
 * of its own. */

#include "stage.h"

#include <distsys.h>

static ds_loop *loop;
static ds_stream *streams[2];
static ds_stream *const nowhere[1];

static void make(ds_exec exec)
{
    loop = ds_loop_new(&(ds_loop_config){ .exec = exec, .ties = DS_TIES_FIFO });
    for (int i = 0; i < 2; i++)
        streams[i] = ds_stream_new(loop);
}

static void play(ds_thread_fn *fn, ds_status want, const char *text)
{
    ds_spawn(loop, fn, NULL);
    ck_run(loop, want, text);
    ds_loop_free(loop);
}

/* ---- A look ---------------------------------------------------------------*/

static void look(ds_handle *h)
{
    ds_event event = { .data = h };

    if (ds_try_poll(h, streams, 2, &event))
        note("%s@%g ", (const char *)event.data, ds_now(h));
    else
        note("none@%g ", ds_now(h));
    ck_assert(event.stream != NULL || event.data == NULL);
}

static void look_at_three(ds_handle *h, void *arg)
{
    look(h);
    ds_schedule(h, streams[1], 0, "b", NULL);
    look(h);
    ds_schedule(h, streams[1], 2, "c", NULL);
    ds_schedule(h, streams[0], 1, "a", NULL);
    ds_sleep(h, 3);
    for (int i = 0; i < 4; i++)
        look(h);
}

START_TEST(a_look_takes_what_is_there_and_no_time)
{
    make((ds_exec)_i);
    play(look_at_three, DS_OK, NULL);
    ck_noted("none@0 none@0 a@3 b@3 c@3 none@3 ");
}
END_TEST

static void look_nowhere(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(!ds_try_poll(h, nowhere, 0, &event));
    ck_assert(!ds_try_poll(h, NULL, 0, &event));
}

START_TEST(a_look_at_no_streams_finds_nothing)
{
    make(DS_FIBERS);
    play(look_nowhere, DS_OK, NULL);
}
END_TEST

static void look_when_over(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, streams[0], 1, "a", NULL);
    ds_sleep(h, 2);
    ds_stop(h);
    ck_assert(!ds_try_poll(h, streams, 2, &event));
}

START_TEST(a_look_after_the_end_finds_nothing)
{
    make(DS_FIBERS);
    play(look_when_over, DS_STOPPED, NULL);
}
END_TEST

static void look_for_no_event(ds_handle *h, void *arg)
{
    ds_try_poll(h, streams, 2, NULL);
}

static void look_at_no_array(ds_handle *h, void *arg)
{
    ds_event event;

    ds_try_poll(h, NULL, 2, &event);
}

static void look_at_no_stream(ds_handle *h, void *arg)
{
    ds_event event;

    ds_try_poll(h, nowhere, 1, &event);
}

static const struct {
    ds_thread_fn *fn;
    const char *text;
} misuses[] = {
    { look_for_no_event, "ds_try_poll: the event is NULL" },
    { look_at_no_array, "ds_try_poll: the array of streams is NULL" },
    { look_at_no_stream, "ds_try_poll: the stream is NULL" },
};

START_TEST(a_look_names_what_is_wrong_with_it)
{
    make(DS_FIBERS);
    play(misuses[_i].fn, DS_EMISUSE, misuses[_i].text);
}
END_TEST

/* ---- Who is running -------------------------------------------------------*/

static ds_handle *first;

static void work(void *arg)
{
    ck_assert_ptr_null(ds_current(NULL));
}

static void be_two(ds_handle *h, void *arg)
{
    ck_assert_ptr_eq(ds_current(loop), h);
    ck_assert_ptr_ne(ds_current(loop), first);
    ds_sleep(h, 1);
    ck_assert_ptr_eq(ds_current(NULL), h);
}

static void be_one(ds_handle *h, void *arg)
{
    ds_loop *other = ds_loop_new(NULL);

    first = h;
    ds_spawn(loop, be_two, NULL);
    ck_assert_ptr_eq(ds_current(loop), h);
    ds_sleep(h, 0.5);
    ck_assert_ptr_eq(ds_current(loop), h);
    ck_assert_ptr_null(ds_current(other));
    ds_compute(h, 1, work, NULL);
    ck_assert_ptr_eq(ds_current(NULL), h);
    ds_loop_free(other);
}

START_TEST(a_body_knows_who_it_is)
{
    make((ds_exec)_i);
    ck_assert_ptr_null(ds_current(loop));
    play(be_one, DS_OK, NULL);
    ck_assert_ptr_null(ds_current(NULL));
}
END_TEST

/* ---- What a report says ---------------------------------------------------*/

static ds_handle *pair[2];

static void say(const void *arg, char *buf, size_t size)
{
    snprintf(buf, size, "rank %d in a call", *(const int *)arg);
}

static size_t name_the_other(const void *arg, ds_handle **whom, size_t max)
{
    ck_assert_uint_ge(max, 1);
    whom[0] = pair[1 - *(const int *)arg];
    return 1;
}

static void wait_for_the_other(ds_handle *h, void *arg)
{
    const int *rank = arg;
    ds_event event;

    pair[*rank] = h;
    ds_set_note(h, say, rank);
    ds_set_whom(h, name_the_other, rank);
    ds_poll(h, streams[*rank], &event);
}

static void spawn_pair(void)
{
    static int ranks[] = { 0, 1 };

    for (int i = 0; i < 2; i++)
        ds_spawn(loop, wait_for_the_other, &ranks[i]);
}

START_TEST(a_report_says_what_a_thread_says_that_it_waits_for)
{
    make((ds_exec)_i);
    spawn_pair();
    ck_run(loop, DS_DEADLOCK,
           "thread 2 waits in ds_poll for rank 1 in a call, since 0 s");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_report_names_the_circle_of_those_who_say_for_whom)
{
    make(DS_FIBERS);
    spawn_pair();
    ck_run(loop, DS_DEADLOCK, "in a circle: thread 1");
    ds_loop_free(loop);
}
END_TEST

static void take_it_back(ds_handle *h, void *arg)
{
    static const int rank = 7;
    ds_event event;

    ds_set_note(h, say, &rank);
    ds_set_note(h, NULL, NULL);
    ds_poll(h, streams[0], &event);
}

START_TEST(a_note_can_be_taken_back)
{
    make(DS_FIBERS);
    play(take_it_back, DS_DEADLOCK, "for stream 1");
}
END_TEST

static size_t name_nobody(const void *arg, ds_handle **whom, size_t max)
{
    whom[0] = NULL;
    return *(const size_t *)arg;
}

static void wait_for_nobody(ds_handle *h, void *arg)
{
    static const size_t counts[] = { 1, SIZE_MAX };
    ds_event event;

    ds_set_whom(h, name_nobody, &counts[*(int *)arg]);
    ds_poll(h, streams[0], &event);
}

START_TEST(whom_there_cannot_be_is_not_believed)
{
    make(DS_FIBERS);
    ds_spawn(loop, wait_for_nobody, &_i);
    ck_run(loop, DS_DEADLOCK, "stream 1");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "circle"));
    ds_loop_free(loop);
}
END_TEST

static void write_much(const void *arg, char *buf, size_t size)
{
    memset(buf, 'x', size);
}

static void wait_with_much(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_note(h, write_much, NULL);
    ds_poll(h, streams[0], &event);
}

START_TEST(a_note_without_an_end_does_no_harm)
{
    make(DS_FIBERS);
    play(wait_with_much, DS_DEADLOCK, "xxx, since 0 s");
}
END_TEST

static void receive_with_a_note(ds_comm *c, void *arg)
{
    static const int rank = 4;

    ds_set_note(ds_comm_handle(c), say, &rank);
    if (ds_comm_rank(c) == 0)
        ck_assert_ptr_null(ds_comm_recv_tag(c, 1, 9));
}

START_TEST(a_note_stands_before_what_a_member_waits_for)
{
    loop = ds_loop_new(NULL);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };
    ds_net *net = ds_random_net_new(loop, 1);
    ds_comm_spawn(loop, net, nodes, 2, receive_with_a_note, NULL);
    ck_run(loop, DS_DEADLOCK,
           "for rank 4 in a call: a message from rank 1, tag 9");
    ds_loop_free(loop);
}
END_TEST

/* ---- A stack of its own ---------------------------------------------------*/

/* Uses size bytes of the stack. */
static size_t dig(size_t size)
{
    volatile char frame[4096];

    frame[0] = (char)size;
    return size < sizeof(frame) ? (size_t)frame[0]
                                : dig(size - sizeof(frame)) + 1;
}

static void dig_deep(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ck_assert_uint_gt(dig(*(const size_t *)arg), 0);
    ds_sleep(h, 1);
    note("%zu@%g ", *(const size_t *)arg >> 10, ds_now(h));
}

/* Twice, so that handles and stacks are used again. */
static void spawn_deep_ones(ds_handle *h, void *arg)
{
    static const size_t depths[] = { 3 << 20, 16 << 10, 1 << 20, 100 << 10 };
    static const size_t sizes[] = { 4 << 20, 64 << 10, 2 << 20, 0 };

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++)
            ds_spawn_with(loop, dig_deep, (void *)&depths[i],
                          &(ds_spawn_config){ .stack_size = sizes[i] });
        ds_sleep(h, 5);
    }
}

START_TEST(threads_have_the_stacks_that_they_were_spawned_with)
{
    make((ds_exec)_i);
    play(spawn_deep_ones, DS_OK, NULL);
    ck_noted("3072@2 16@2 1024@2 100@2 3072@7 16@7 1024@7 100@7 ");
}
END_TEST

static void wait_for_ever(ds_handle *h, void *arg)
{
    ds_event event;

    ds_poll(h, streams[0], &event);
}

static void nothing(ds_handle *h, void *arg)
{
}

START_TEST(a_thread_can_be_spawned_as_a_daemon)
{
    make(DS_FIBERS);
    ds_spawn_with(loop, wait_for_ever, NULL,
                  &(ds_spawn_config){ .daemon = true });
    play(nothing, DS_OK, NULL);
}
END_TEST

START_TEST(a_thread_can_be_spawned_with_a_name)
{
    char name[] = "the one";

    make(DS_FIBERS);
    ds_spawn_with(loop, wait_for_ever, NULL,
                  &(ds_spawn_config){ .name = name });
    name[0] = 'T';
    ds_spawn_with(loop, nothing, NULL, NULL);
    ck_run(loop, DS_DEADLOCK, "thread 1 \"the one\" waits");
    ds_loop_free(loop);
}
END_TEST

static const struct {
    size_t size;
    const char *text;
} refused[] = {
    { 1, "ds_spawn_with: stack_size is 1; it must be 0 or at least" },
    { SIZE_MAX / 4, "ds_spawn_with: stack_size is " },
};

START_TEST(a_stack_that_cannot_be_is_misuse)
{
    make((ds_exec)(_i % 2));
    ds_spawn_with(loop, nothing, NULL,
                  &(ds_spawn_config){ .stack_size = refused[_i / 2].size });
    ck_run(loop, DS_EMISUSE, refused[_i / 2].text);
    ds_loop_free(loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_look_takes_what_is_there_and_no_time, 0, 2);
    tcase_add_test(tc, a_look_at_no_streams_finds_nothing);
    tcase_add_test(tc, a_look_after_the_end_finds_nothing);
    tcase_add_loop_test(tc, a_look_names_what_is_wrong_with_it, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_loop_test(tc, a_body_knows_who_it_is, 0, 2);
    tcase_add_loop_test(tc, a_report_says_what_a_thread_says_that_it_waits_for,
                        0, 2);
    tcase_add_test(tc, a_report_names_the_circle_of_those_who_say_for_whom);
    tcase_add_test(tc, a_note_can_be_taken_back);
    tcase_add_loop_test(tc, whom_there_cannot_be_is_not_believed, 0, 2);
    tcase_add_test(tc, a_note_without_an_end_does_no_harm);
    tcase_add_test(tc, a_note_stands_before_what_a_member_waits_for);
    tcase_add_loop_test(tc, threads_have_the_stacks_that_they_were_spawned_with,
                        0, 2);
    tcase_add_test(tc, a_thread_can_be_spawned_as_a_daemon);
    tcase_add_test(tc, a_thread_can_be_spawned_with_a_name);
    tcase_add_loop_test(tc, a_stack_that_cannot_be_is_misuse, 0, 4);
}

int main(void)
{
    return harness_main("asking", add);
}
