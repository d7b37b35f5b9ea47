/* Connections: who is first in line, what is held back, and what the walk over
 * them finds. */

#include <signal.h>
#include <stdio.h>

#include "harness.h"

#include "net/connection.h"

enum { FLOWS = 6 };

static ds__connections all;
static ds__placed placed[FLOWS];

/* Flows 0, 2 and 4 on one connection, the others on another. */
static void set_up(void)
{
    ds__connections_init(&all);
    for (uint32_t i = 0; i < FLOWS; i++) {
        placed[i].flow = (ds__flow){ .number = i, .src = i % 2, .dst = 7 };
        ck_assert(ds__connections_join(&all, &placed[i].flow));
    }
    ds__connections_check(&all);
}

static void arrive(uint32_t i)
{
    ck_assert(placed[i].connection->line == &placed[i].flow);
    ds__connection_advance(placed[i].connection);
    ds__connections_arrive(&all, &placed[i].flow);
    ds__connections_check(&all);
}

START_TEST(what_arrives_together_leaves_one_by_one)
{
    set_up();
    for (uint32_t i = 0; i < FLOWS; i++)
        arrive(i);
    for (uint32_t i = 0; i < FLOWS; i += 2) {
        ds__flow *list = ds__connections_leave(&all);
        ck_assert_ptr_eq(list, &placed[i].flow);
        ck_assert_ptr_eq(list->next, &placed[i + 1].flow);
        ck_assert_ptr_null(list->next->next);
        ds__connections_check(&all);
    }
    ck_assert(!ds__connections_waiting(&all));
    ck_assert_uint_eq(all.pairs.count, 0);
    ds__connections_free(&all);
}
END_TEST

START_TEST(a_connection_lasts_as_long_as_something_is_in_line)
{
    set_up();
    arrive(1);
    ck_assert_ptr_eq(ds__connections_leave(&all), &placed[1].flow);
    ck_assert_uint_eq(all.pairs.count, 2);
    arrive(3);
    arrive(5);
    ds__connections_leave(&all);
    ck_assert_uint_eq(all.pairs.count, 2);
    ds__connections_leave(&all);
    ck_assert_uint_eq(all.pairs.count, 1);
    ck_assert_ptr_null(ds__connections_leave(&all));
    ds__connections_free(&all);
}
END_TEST

static void overtake(void)
{
    placed[2].flow.number = 9;
}

static void stray(void)
{
    placed[2].connection = placed[1].connection;
}

static void two_open(void)
{
    placed[4].flow.is_open = true;
}

static void forgotten(void)
{
    arrive(0);
    placed[0].connection->is_leaving = false;
}

static void wrong_port(void)
{
    arrive(0);
    placed[0].flow.dst = 6;
}

static void idle(void)
{
    placed[0].connection->line = NULL;
}

static const struct {
    const char *what;
    void (*spoil)(void);
} spoils[] = {
    { "a line out of order", overtake },
    { "a flow of another connection", stray },
    { "a second flow that takes capacity", two_open },
    { "one that has arrived and is forgotten", forgotten },
    { "a flow between other ports", wrong_port },
    { "a connection of nothing", idle },
};
enum { SPOILS = sizeof(spoils) / sizeof(*spoils) };

START_TEST(what_is_spoiled_is_found)
{
    set_up();
    fclose(stderr); /* what assert() says */
    spoils[_i].spoil();
    ds__connections_check(&all);
    ck_abort_msg("%s was not found", spoils[_i].what);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_arrives_together_leaves_one_by_one);
    tcase_add_test(tc, a_connection_lasts_as_long_as_something_is_in_line);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     SPOILS);
}

int main(void)
{
    return harness_main("connection", add);
}
