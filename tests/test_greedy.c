/* Greedy-drop: rates and times worked out by hand. */

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "harness.h"
#include "traffic.h"

/* The matrix with a 1 for each pair in flight, made into rates. */
static ds_connmat *rates_of(const ds_switch *model, size_t nodes,
                            const double *counts)
{
    ds_connmat *count = ds_connmat_new(nodes);
    ds_connmat *rate = ds_connmat_new(nodes);

    for (size_t i = 0; i < nodes * nodes; i++) {
        count->rates[i] = counts[i];
        rate->rates[i] = counts[i] > 0;
    }
    model->rates(model, count, rate);
    ds_connmat_free(count);
    return rate;
}

static void ck_rates(const ds_switch *model, size_t nodes, const double *counts,
                     const double *want)
{
    ds_connmat *rate = rates_of(model, nodes, counts);

    for (size_t i = 0; i < nodes * nodes; i++)
        ck_close(rate->rates[i], want[i]);
    ds_connmat_free(rate);
}

START_TEST(a_sender_divides_its_rate_over_its_destinations)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 60);
    const double count[] = { 0, 1, 1, 0, 0, 0, 0, 0, 0 };
    const double want[] = { 0, 30, 30, 0, 0, 0, 0, 0, 0 };

    ck_rates(&model.base, 3, count, want);
}
END_TEST

START_TEST(messages_on_a_pair_count_once)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 60);
    const double count[] = { 0, 5, 1, 0, 0, 0, 0, 0, 0 };
    const double want[] = { 0, 30, 30, 0, 0, 0, 0, 0, 0 };

    ck_rates(&model.base, 3, count, want);
}
END_TEST

/* Node 0 sends 30 to 1 and to 2, node 1 sends 60 to 2: 2 gets 90 and drops a
 * third; what node 0 loses there is not handed out again. */
START_TEST(a_receiver_drops_the_same_share_from_everyone)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 60);
    const double count[] = { 0, 1, 1, 0, 0, 1, 0, 0, 0 };
    const double want[] = { 0, 30, 20, 0, 0, 40, 0, 0, 0 };

    ck_rates(&model.base, 3, count, want);
}
END_TEST

/* 0 has 60 to send and uses 50 of them, 1 could take 30 more: so it stays. */
START_TEST(what_a_drop_leaves_unused_is_not_handed_out_again)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 60);
    const double count[] = { 0, 1, 1, 0, 0, 1, 0, 0, 0 };
    ds_connmat *rate = rates_of(&model.base, 3, count);

    ck_close(ds_connmat_sum_source(rate, 0), 50);
    ck_close(ds_connmat_sum_dest(rate, 1), 30);
    ck_close(ds_connmat_sum_dest(rate, 2), 60);
    ds_connmat_free(rate);
}
END_TEST

/* Rows first: 0 sends 50 to 1 and to 2, 1 sends 20 to 2, 2 sends 30 to 1.
 * Then columns: 1 gets 80 and takes 40, a half; 2 gets 70 and takes 35. */
START_TEST(uneven_rates_go_by_rows_and_then_by_columns)
{
    const double send[] = { 100, 20, 30 };
    const double recv[] = { 10, 40, 35 };
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 1);
    const double count[] = { 0, 1, 1, 0, 0, 1, 0, 1, 0 };
    const double want[] = { 0, 25, 25, 0, 0, 10, 0, 15, 0 };

    model.send_rates = send;
    model.recv_rates = recv;
    ck_rates(&model.base, 3, count, want);
}
END_TEST

/* The same rates, and what becomes of them: sizes are such that everything
 * would take 10 s if nothing changed.  So it does, all at once. */
START_TEST(messages_take_the_times_that_uneven_rates_give)
{
    const double send[] = { 100, 20, 30 };
    const double recv[] = { 10, 40, 35 };
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 1);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 250 },
        { .from = 0, .to = 2, .size = 250 },
        { .from = 1, .to = 2, .size = 100 },
        { .from = 2, .to = 1, .size = 150 },
    };

    model.send_rates = send;
    model.recv_rates = recv;
    traffic_run((traffic){ .nodes = 3, .model = &model.base }, parcels, 4);
    for (int i = 0; i < 4; i++)
        ck_close(parcels[i].arrived, 10);
}
END_TEST

/* 0 sends 90 bytes to 1 and 30 to 2, at 60 in all.  The short one is through
 * after 1 s; then the long one has 60 to go, at 60. */
START_TEST(what_a_finished_message_leaves_goes_to_the_others)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 60);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 90 },
        { .from = 0, .to = 2, .size = 30 },
    };

    traffic_run((traffic){ .nodes = 3, .model = &model.base }, parcels, 2);
    ck_close(parcels[1].arrived, 1);
    ck_close(parcels[0].arrived, 2);
}
END_TEST

/* Two on the pair have 30 each; the third comes at 1, when the first two have
 * 30 and 90 to go: 20 each until 2.5, and so on. */
START_TEST(messages_on_a_pair_share_it_equally)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(2, 60);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 60 },
        { .from = 0, .to = 1, .size = 120 },
        { .at = 1, .from = 0, .to = 1, .size = 60 },
    };

    traffic_run((traffic){ .nodes = 2, .model = &model.base }, parcels, 3);
    ck_close(parcels[0].arrived, 2.5);
    ck_close(parcels[2].arrived, 2.5 + 1);
    ck_close(parcels[1].arrived, 4);
}
END_TEST

/* A to B, C, D and E, and F to E: A's quarter and F's whole meet at E. */
START_TEST(in_and_out_gets_2_and_8_into_e)
{
    ds_greedy_switch model = ds_greedy_switch_uniform(6, 10);
    double count[36] = { 0 };
    ds_connmat *rate;

    for (int to = 1; to <= 4; to++)
        count[to] = 1;
    count[5 * 6 + 4] = 1;
    rate = rates_of(&model.base, 6, count);
    for (size_t to = 1; to <= 3; to++)
        ck_close(ds_connmat_get(rate, 0, to), 2.5);
    ck_close(ds_connmat_get(rate, 0, 4), 2.0);
    ck_close(ds_connmat_get(rate, 5, 4), 8.0);
    ds_connmat_free(rate);
}
END_TEST

/* A destination that is never idle adds up shares that differ by ten decades,
 * again and again.  The long message would take 100 s at the 0.05 that node 0
 * takes; each visitor, which has no bytes, all but stops it for the time of the
 * latency. */
START_TEST(shares_that_come_and_go_leave_no_trace)
{
    enum { VISITS = 90 };
    const double send[] = { 1, 0.1, 1e9 };
    const double recv[] = { 0.05, 1, 1 };
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 1);
    parcel parcels[1 + VISITS] = { { .from = 1, .to = 0, .size = 5 } };

    model.send_rates = send;
    model.recv_rates = recv;
    for (int i = 1; i <= VISITS; i++)
        parcels[i] = (parcel){ .at = i, .from = 2, .to = 0 };
    traffic_run((traffic){ .nodes = 3, .model = &model.base, .latency = 0.125 },
                parcels, 1 + VISITS);
    ck_close(parcels[0].arrived, 0.125 + 100 + 0.125 * VISITS);
}
END_TEST

/* A modem gets a slow stream without a pause, and after a while something
 * from a fast sender, which then has nearly all of it. */
static void ck_modem(double begin, double fast)
{
    const double send[] = { 100, fast, 1200 };
    const double recv[] = { 1200, 1200, 1200 };
    const double want = (fast + 100) / (1200 * fast) * 1000;
    ds_greedy_switch model = ds_greedy_switch_uniform(3, 1);
    parcel parcels[] = {
        { .at = 0, .from = 0, .to = 2, .size = 1e12 },
        { .at = begin, .from = 1, .to = 2, .size = 1000 },
    };

    model.send_rates = send;
    model.recv_rates = recv;
    traffic_run((traffic){ .nodes = 3, .model = &model.base }, parcels, 2);
    double took = parcels[1].arrived - begin;
    double slack = 1e-9 * want + 8 * DBL_EPSILON * (begin + want);
    ck_assert_msg(fabs(took - want) <= slack,
                  "after %g s, at %g bytes/s: took %.17g and not %.17g", begin,
                  fast, took, want);
}

START_TEST(a_factor_may_fall_by_decades_after_long)
{
    static const double begins[] = { 0, 3600, 86400, 1e6, 1e7 };
    static const double rates[] = { 1e4, 1.25e10, 1e12, 1e15 };

    for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
        for (size_t k = 0; k < sizeof(rates) / sizeof(*rates); k++)
            ck_modem(begins[i], rates[k]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_sender_divides_its_rate_over_its_destinations);
    tcase_add_test(tc, messages_on_a_pair_count_once);
    tcase_add_test(tc, a_receiver_drops_the_same_share_from_everyone);
    tcase_add_test(tc, what_a_drop_leaves_unused_is_not_handed_out_again);
    tcase_add_test(tc, uneven_rates_go_by_rows_and_then_by_columns);
    tcase_add_test(tc, messages_take_the_times_that_uneven_rates_give);
    tcase_add_test(tc, what_a_finished_message_leaves_goes_to_the_others);
    tcase_add_test(tc, messages_on_a_pair_share_it_equally);
    tcase_add_test(tc, shares_that_come_and_go_leave_no_trace);
    tcase_add_test(tc, in_and_out_gets_2_and_8_into_e);
    tcase_add_test(tc, a_factor_may_fall_by_decades_after_long);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("greedy", add);
}
