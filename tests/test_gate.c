/* The gate before every port: what a listener can do to what arrives. */

#include "stage.h"

#include <signal.h>

#include "loop/state.h"
#include "net/gate.h"

/* The message by its number on its way, and what becomes of it. */
typedef enum fate { PASS, LOSE, LATE, KEEP, DOUBLE, DAMAGE } fate;

enum { num_fates = 8 };

static ds_loop *loop;
static ds_port *a, *b, *c;
static ds_stream *done;
static ds_net *net;
static ds__gate gate;
static fate fates[num_fates]; /* of those from a to b; the rest pass */
static bool copied;           /* whether there was a second one */

static double judge(ds__gate *self, ds__box *box)
{
    note("%g:%s%llu ", ds_loop_now(loop), box->msg.source == a ? "a" : "c",
         (unsigned long long)box->number);
    if (box->msg.source != a || box->number >= num_fates || box->asked > 0)
        return 0;
    switch (fates[box->number]) {
    case LOSE:
        return DS__GATE_LOSE;
    case LATE:
        return 2.5;
    case KEEP:
        return DS__GATE_KEEP;
    case DOUBLE:
        copied = ds__gate_double(self, box, 0.25);
        break;
    case DAMAGE:
        box->msg.damaged = true;
        break;
    case PASS:
        break;
    }
    return 0;
}

/* A network of one's own: everything takes a second. */
static void send(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(self, 1, msgs[i]);
}

static void free_net(ds_net *self)
{
    free(self);
}

static const ds_net_ops ops = { .name = "own", .send = send, .free = free_net };

static void build(void)
{
    loop = loop_fifo();
    a = ds_port_new(ds_node_new(loop));
    b = ds_port_new(ds_node_new(loop));
    c = ds_port_new(ds_node_new(loop));
    done = ds_stream_new(loop);
    net = ds_net_init(calloc(1, sizeof(*net)), loop, &ops);
}

static void setup(void)
{
    build();
    gate = (ds__gate){ .judge = judge };
    ck_assert(ds__gate_listen(&gate, loop, "test"));
    memset(fates, 0, sizeof(fates));
    copied = false;
}

static void teardown(void)
{
    ds_loop_free(loop);
}

static ds_msg from(ds_port *source, int i)
{
    return (ds_msg){
        .source = source,
        .dest = b,
        .data = &freed[i],
        .free = count_free,
        .size = 1,
        .done = done,
    };
}

/* Sends at 3 what arrives at 4, a second apart. */
static void send_three(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    for (int i = 0; i < 3; i++) {
        ds_send(h, net, from(a, i));
        ds_sleep(h, 1);
    }
}

/* Whatever comes, until nothing has for a hundred seconds. */
static void receive_all(ds_handle *h, void *arg)
{
    ds_stream *streams[] = { ds_port_stream(b), done };
    ds_event event;
    ds_msg msg;

    while (ds_poll_timeout(h, streams, 2, 100, &event) &&
           event.stream != NULL) {
        ds__net_check(ds__loop_annex(loop));
        ds__gate_check(&gate);
        if (!ds_unpack(&event, &msg)) {
            note("done@%g ", ds_now(h));
            continue;
        }
        ck_assert_ptr_null(msg.done);
        note("%s%d@%g ", msg.damaged ? "damaged " : "",
             (int)((const int *)msg.data - freed), ds_now(h));
        ds_msg_drop(&msg);
    }
}

static void play(const char *text)
{
    ds_spawn(loop, send_three, NULL);
    ds_spawn(loop, receive_all, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted(text);
}

START_TEST(a_message_that_is_admitted_arrives_as_ever)
{
    play("4:a1 0@4 done@4 5:a2 1@5 done@5 6:a3 2@6 done@6 ");
    ck_each_freed_once(3);
}
END_TEST

START_TEST(a_message_that_is_lost_is_freed_and_signals_done)
{
    fates[2] = LOSE;
    play("4:a1 0@4 done@4 5:a2 done@5 6:a3 2@6 done@6 ");
    ck_each_freed_once(3);
    ck_assert_uint_eq(gate.lost, 1);
}
END_TEST

START_TEST(a_message_that_is_put_off_is_asked_about_again)
{
    fates[1] = LATE;
    play("4:a1 5:a2 1@5 done@5 6:a3 2@6 done@6 6.5:a1 0@6.5 done@6.5 ");
    ck_each_freed_once(3);
}
END_TEST

static void release_at_9(ds_handle *h, void *arg)
{
    ds_sleep(h, 9);
    while (!ds__list_empty(&gate.kept))
        ds__gate_release(&gate,
                         ds__container(gate.kept.next, ds__box, event.link));
}

START_TEST(messages_that_are_kept_arrive_when_they_are_released)
{
    fates[1] = KEEP;
    fates[3] = KEEP;
    ds_spawn(loop, release_at_9, NULL);
    play("4:a1 5:a2 1@5 done@5 6:a3 0@9 2@9 done@9 done@9 ");
    ck_each_freed_once(3);
}
END_TEST

START_TEST(messages_that_are_kept_for_ever_are_freed_once_with_the_loop)
{
    fates[1] = KEEP;
    fates[3] = KEEP;
    play("4:a1 5:a2 1@5 done@5 6:a3 ");
    teardown();
    ck_each_freed_once(3);
    setup();
}
END_TEST

START_TEST(a_message_with_data_and_no_clone_arrives_once)
{
    fates[1] = DOUBLE;
    play("4:a1 0@4 done@4 5:a2 1@5 done@5 6:a3 2@6 done@6 ");
    ck_assert(!copied);
}
END_TEST

static void *clone_next(const void *data)
{
    return (int *)data + 10;
}

static void *clone_none(const void *data)
{
    return NULL;
}

static void send_clones(ds_handle *h, void *arg)
{
    static const struct {
        void *data;
        ds_clone_fn *clone;
    } payloads[] = {
        { NULL, NULL },
        { &freed[0], clone_next },
        { &freed[1], clone_none },
    };

    ds_sleep(h, 3);
    for (int i = 0; i < 3; i++) {
        ds_msg msg = from(a, 0);
        msg.data = payloads[i].data;
        msg.free = msg.data == NULL ? NULL : count_free;
        msg.clone = payloads[i].clone;
        ds_send(h, net, msg);
        ds_sleep(h, 1);
        ck_assert(ds_poll(h, done, &(ds_event){ 0 }));
        ck_assert_int_eq(copied, i < 2);
    }
}

static void receive_clones(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv_timeout(h, b, 100, &msg) && msg.dest != NULL) {
        note("#%llu:%d@%g ", (unsigned long long)msg.id,
             msg.data == NULL ? -1 : (int)((const int *)msg.data - freed),
             ds_now(h));
        ds_msg_drop(&msg);
    }
}

START_TEST(a_message_that_can_be_cloned_arrives_twice_and_signals_done_once)
{
    fates[1] = fates[2] = fates[3] = DOUBLE;
    ds_spawn(loop, send_clones, NULL);
    ds_spawn(loop, receive_clones, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("4:a1 #1:-1@4 #1:-1@4.25 5:a2 #2:0@5 #2:10@5.25 6:a3 #3:1@6 ");
    ck_each_freed_once(2);
    ck_assert_int_eq(freed[10], 1);
    ck_assert_uint_eq(gate.doubled, 2);
}
END_TEST

START_TEST(a_message_may_be_damaged)
{
    fates[3] = DAMAGE;
    play("4:a1 0@4 done@4 5:a2 1@5 done@5 6:a3 damaged 2@6 done@6 ");
}
END_TEST

static void send_both_ways(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++) {
        ds_send(h, net, from(a, 0));
        ds_send(h, net, from(c, 1));
        ds_sleep(h, 1);
    }
}

static void swallow(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv_timeout(h, b, 100, &msg) && msg.dest != NULL)
        continue;
}

START_TEST(messages_are_numbered_by_where_they_come_from)
{
    ds_spawn(loop, send_both_ways, NULL);
    ds_spawn(loop, swallow, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("1:a1 1:c1 2:a2 2:c2 3:a3 3:c3 ");
}
END_TEST

static const size_t many = 300;

static void send_from_many(ds_handle *h, void *arg)
{
    for (size_t i = 0; i < 2 * many; i++)
        ds_send(h, net,
                (ds_msg){ .source = ((ds_port **)arg)[i % many], .dest = b });
}

static void receive_from_many(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (size_t i = 0; i < 2 * many; i++)
        ck_assert(ds_recv(h, b, &msg));
    ds__gate_check(&gate);
}

static uint64_t firsts;
static uint64_t seconds;

static double count_numbers(ds__gate *self, ds__box *box)
{
    firsts += box->number == 1;
    seconds += box->number == 2;
    return 0;
}

START_TEST(many_ways_have_numbers_of_their_own)
{
    ds_port *ports[300];

    gate.judge = count_numbers;
    firsts = seconds = 0;
    for (size_t i = 0; i < many; i++)
        ports[i] = ds_port_new(ds_node_new(loop));
    ds_spawn(loop, send_from_many, ports);
    ds_spawn(loop, receive_from_many, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_uint_eq(firsts, many);
    ck_assert_uint_eq(seconds, many);
    /* Some are counted in a square, and some in the table. */
    ck_assert_uint_gt(gate.ways.count, 100);
    ck_assert_uint_lt(gate.ways.count, many - 30);
}
END_TEST

static double add_one(ds__gate *self, ds__box *box)
{
    if (box->msg.id != 0)
        ds_net_deliver(net, 0.5, (ds_msg){ .source = c, .dest = b });
    return 0;
}

START_TEST(a_listener_may_deliver_messages_of_its_own)
{
    gate.judge = add_one;
    ds_spawn(loop, send_three, NULL);
    ds_spawn(loop, receive_clones, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("#1:0@4 #0:-1@4.5 #2:1@5 #0:-1@5.5 #3:2@6 #0:-1@6.5 ");
}
END_TEST

/* ---- Nothing is different -------------------------------------------------*/

static double admit(ds__gate *self, ds__box *box)
{
    return 0;
}

static void chat(ds_handle *h, void *arg)
{
    ds_port **ports = arg;
    ds_msg msg;

    for (int i = 0; i < 50; i++) {
        ds_send(h, net, (ds_msg){ .source = ports[0], .dest = ports[1] });
        if (!ds_recv(h, ports[0], &msg) || !ds_sleep(h, ds_random(h)))
            return;
    }
}

static uint64_t digest_of_chat(bool listened)
{
    ds_port *there[2];
    ds_port *back[2];
    ds__gate open = { .judge = admit };

    ds_loop *chatting = loop_seeded(11);
    there[0] = back[1] = ds_port_new(ds_node_new(chatting));
    there[1] = back[0] = ds_port_new(ds_node_new(chatting));
    net = ds_random_net_new(chatting, 0.001);
    if (listened)
        ck_assert(ds__gate_listen(&open, chatting, "test"));
    ds_spawn(chatting, chat, there);
    ds_spawn(chatting, chat, back);
    ck_run(chatting, DS_OK, NULL);
    uint64_t digest = ds_loop_digest(chatting);
    ds_loop_free(chatting);
    return digest;
}

START_TEST(a_listener_that_admits_everything_changes_nothing)
{
    ck_assert_uint_eq(digest_of_chat(true), digest_of_chat(false));
}
END_TEST

/* ---- The walk -------------------------------------------------------------*/

static void lose_box(void)
{
    ds__container(gate.kept.next, ds__box, event.link)->event.payload.data =
        NULL;
}

static void miscount(void)
{
    gate.ways.count++;
}

static void misplace(void)
{
    ((ds__way *)(void *)gate.ways.places)[0].entry.used ^= true;
}

static void (*const spoils[])(void) = { lose_box, miscount, misplace };

START_TEST(the_walk_finds_what_is_spoiled)
{
    fates[1] = KEEP;
    play("4:a1 5:a2 1@5 done@5 6:a3 2@6 done@6 ");
    ck_assert_ptr_nonnull(ds__table_put(&gate.ways, (ds__table_key){ 0 }));
    ds__gate_check(&gate);
    fclose(stderr); /* what assert() says */
    spoils[_i]();
    ds__gate_check(&gate);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, a_message_that_is_admitted_arrives_as_ever);
    tcase_add_test(tc, a_message_that_is_lost_is_freed_and_signals_done);
    tcase_add_test(tc, a_message_that_is_put_off_is_asked_about_again);
    tcase_add_test(tc, messages_that_are_kept_arrive_when_they_are_released);
    tcase_add_test(
        tc, messages_that_are_kept_for_ever_are_freed_once_with_the_loop);
    tcase_add_test(tc, a_message_with_data_and_no_clone_arrives_once);
    tcase_add_test(
        tc, a_message_that_can_be_cloned_arrives_twice_and_signals_done_once);
    tcase_add_test(tc, a_message_may_be_damaged);
    tcase_add_test(tc, messages_are_numbered_by_where_they_come_from);
    tcase_add_test(tc, many_ways_have_numbers_of_their_own);
    tcase_add_test(tc, a_listener_may_deliver_messages_of_its_own);
    tcase_add_test(tc, a_listener_that_admits_everything_changes_nothing);
    tcase_add_loop_test_raise_signal(tc, the_walk_finds_what_is_spoiled,
                                     SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
}

int main(void)
{
    return harness_main("gate", add);
}
