/* Machines at one switch, made in one call. */

#include "stage.h"

#include <distsys/fault.h>
#include <distsys/lan.h>

static const ds_lan *lan;

static void pass_on(ds_handle *h, void *arg)
{
    const size_t me = ds_lan_me(lan, h);
    size_t from;
    ds_msg m;

    if (me == 0)
        ds_lan_send(h, lan, 1 % lan->n, "token", 6);
    ck_assert(ds_lan_recv(h, lan, &m, &from));
    ck_assert_str_eq(m.data, "token");
    note("%zu<%zu@%g ", me, from, ds_now(h));
    ds_msg_drop(&m);
    if (me != 0)
        ds_lan_send(h, lan, (me + 1) % lan->n, "token", 6);
}

START_TEST(a_message_takes_its_latency_and_its_bytes)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, 3, 0.25, 12);
    ds_lan_spawn(lan, pass_on, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1<0@0.75 2<1@1.5 0<2@2.25 ");
}
END_TEST

START_TEST(one_machine_can_send_to_itself)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, 1, 0.25, 12);
    ds_lan_spawn(lan, pass_on, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("0<0@0.75 ");
}
END_TEST

static void send_two(ds_handle *h, void *arg)
{
    ds_msg m;

    if (ds_lan_me(lan, h) == 0) {
        ds_lan_send(h, lan, 1, "first", 6);
        ds_lan_send(h, lan, 1, "second", 7);
        return;
    }
    for (int i = 0; i < 2 && ds_lan_recv(h, lan, &m, NULL); i++) {
        note("%s@%g ", (char *)m.data, ds_now(h));
        ds_msg_drop(&m);
    }
}

START_TEST(what_one_sends_another_takes_turns)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, 2, 0, 1);
    ds_lan_spawn(lan, send_two, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("first@6 second@13 ");
}
END_TEST

static ds_port *stranger;

static void hear(ds_handle *h, void *arg)
{
    size_t from;
    ds_msg m;

    ck_assert(ds_lan_recv(h, lan, &m, &from));
    ck_assert_uint_eq(from, lan->n);
    ds_msg_drop(&m);
}

static void call_in(ds_handle *h, void *arg)
{
    ck_assert_uint_eq(ds_lan_me(lan, h), lan->n);
    ds_send_bytes(h, arg, stranger, lan->ports[1], "", 1);
}

START_TEST(somebody_else_is_told_apart)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 1);

    lan = ds_lan_new(loop, 2, 0.1, 10);
    stranger = ds_port_new(ds_node_new(loop));
    ds_node_spawn(lan->nodes[1], hear, NULL);
    ds_node_spawn(ds_port_node(stranger), call_in, net);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void send_from_nowhere(ds_handle *h, void *arg)
{
    ds_lan_send(h, lan, 0, "", 1);
}

static void receive_nowhere(ds_handle *h, void *arg)
{
    ds_msg m;

    ck_assert(!ds_lan_recv(h, lan, &m, NULL));
    ck_assert_ptr_null(m.dest);
}

START_TEST(a_caller_that_is_on_no_machine_of_it_is_misuse)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, 2, 0.1, 10);
    ds_spawn(loop, _i == 0 ? send_from_nowhere : receive_nowhere, NULL);
    ck_run(loop, DS_EMISUSE, _i == 0 ? "ds_lan_send: " : "ds_lan_recv: ");
    ck_contains(ds_loop_error(loop), "none of the 2 machines");
    ds_loop_free(loop);
}
END_TEST

static void send_beyond(ds_handle *h, void *arg)
{
    ds_lan_send(h, lan, 2, "", 1);
}

START_TEST(there_is_no_machine_beyond_the_last)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, 2, 0.1, 10);
    ds_node_spawn(lan->nodes[0], send_beyond, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_lan_send: there is no machine 2");
}
END_TEST

static void nothing(ds_handle *h, void *arg)
{
    ds_lan_send(h, lan, 0, "", 1);
    ck_assert(!ds_lan_recv(h, lan, NULL, NULL));
    ck_assert_uint_eq(ds_lan_me(lan, h), 0);
}

static const struct {
    size_t n;
    double latency;
    double rate;
    const char *text;
} wrong[] = {
    { 0, 0, 1, "ds_lan_new: n is 0" }, { 2, -1, 1, "latency" },
    { 2, NAN, 1, "latency" },          { 2, 0, 0, "rate" },
    { 2, 0, INFINITY, "rate" },
};

START_TEST(what_cannot_be_is_misuse_and_null)
{
    ds_loop *loop = ds_loop_new(NULL);

    lan = ds_lan_new(loop, wrong[_i].n, wrong[_i].latency, wrong[_i].rate);
    ck_assert_ptr_null(lan);
    ds_lan_spawn(lan, nothing, NULL);
    ds_spawn(loop, nothing, NULL);
    ck_run(loop, DS_EMISUSE, wrong[_i].text);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

START_TEST(no_loop_has_no_machines)
{
    ck_assert_ptr_null(ds_lan_new(NULL, 2, 0, 1));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_message_takes_its_latency_and_its_bytes);
    tcase_add_test(tc, one_machine_can_send_to_itself);
    tcase_add_test(tc, what_one_sends_another_takes_turns);
    tcase_add_test(tc, somebody_else_is_told_apart);
    tcase_add_loop_test(tc, a_caller_that_is_on_no_machine_of_it_is_misuse, 0,
                        2);
    tcase_add_test(tc, there_is_no_machine_beyond_the_last);
    tcase_add_loop_test(tc, what_cannot_be_is_misuse_and_null, 0, 5);
    tcase_add_test(tc, no_loop_has_no_machines);
}

int main(void)
{
    return harness_main("lan", add);
}
