/* Max-min fairness: by hand, and by the condition that defines it. */

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "harness.h"
#include "traffic.h"

static void fill(const ds_switch *model, const ds_connmat *count,
                 ds_connmat *rate)
{
    for (size_t i = 0; i < count->num_nodes * count->num_nodes; i++)
        rate->rates[i] = count->rates[i] > 0;
    model->rates(model, count, rate);
}

/* A to B, C, D and E, and F to E, at 10 Gb/s each.  Packets give 2.51, 2.51,
 * 2.50, 2.38 and 7.55 (htsim, sim/EXAMPLES/in_and_out). */
START_TEST(in_and_out_gets_a_quarter_each_and_the_rest)
{
    ds_maxmin_switch model = ds_maxmin_switch_uniform(6, 10);
    ds_connmat *count = ds_connmat_new(6);
    ds_connmat *rate = ds_connmat_new(6);

    for (size_t to = 1; to <= 4; to++)
        ds_connmat_set(count, 0, to, 1);
    ds_connmat_set(count, 5, 4, 1);
    fill(&model.base, count, rate);
    for (size_t to = 1; to <= 4; to++)
        ck_close(ds_connmat_get(rate, 0, to), 2.5);
    ck_close(ds_connmat_get(rate, 5, 4), 7.5);
    ds_connmat_free(count);
    ds_connmat_free(rate);
}
END_TEST

/* The same, by time: sizes at which all are through at 4. */
START_TEST(in_and_out_takes_the_time_that_this_gives)
{
    ds_maxmin_switch model = ds_maxmin_switch_uniform(6, 10);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 10 }, { .from = 0, .to = 2, .size = 10 },
        { .from = 0, .to = 3, .size = 10 }, { .from = 0, .to = 4, .size = 10 },
        { .from = 5, .to = 4, .size = 30 },
    };

    traffic_run((traffic){ .nodes = 6, .model = &model.base }, parcels, 5);
    for (int i = 0; i < 5; i++)
        ck_close(parcels[i].arrived, 4);
}
END_TEST

/* Three messages leave node 0: two to 1 and one to 2, 20 each. */
START_TEST(it_is_fair_to_messages_and_not_to_pairs)
{
    ds_maxmin_switch model = ds_maxmin_switch_uniform(3, 60);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 100 },
        { .from = 0, .to = 1, .size = 100 },
        { .from = 0, .to = 2, .size = 100 },
    };

    traffic_run((traffic){ .nodes = 3, .model = &model.base }, parcels, 3);
    for (int i = 0; i < 3; i++)
        ck_close(parcels[i].arrived, 5);
}
END_TEST

/* 0 sends to 1 and 2; 3, 4 and 5 send to 2 as well, which gives 15 each; so 0
 * has 45 left for 1.  When those into 2 are through at 2, node 0 has 60 for
 * what is left: 150 - 90 bytes, in 1 s. */
START_TEST(what_one_port_cannot_take_goes_to_the_others)
{
    ds_maxmin_switch model = ds_maxmin_switch_uniform(6, 60);
    parcel parcels[] = {
        { .from = 0, .to = 1, .size = 150 }, { .from = 0, .to = 2, .size = 30 },
        { .from = 3, .to = 2, .size = 30 },  { .from = 4, .to = 2, .size = 30 },
        { .from = 5, .to = 2, .size = 30 },
    };

    traffic_run((traffic){ .nodes = 6, .model = &model.base }, parcels, 5);
    for (int i = 1; i < 5; i++)
        ck_close(parcels[i].arrived, 2);
    ck_close(parcels[0].arrived, 3);
}
END_TEST

/* ---- The bottleneck condition ---------------------------------------------*/

static double unit(uint64_t seed, uint64_t *draws)
{
    return ds__rng_uniform(ds__rng_bits(seed, DS__RNG_NET, 1, (*draws)++));
}

/* What each message of a pair gets. */
static double share(const ds_connmat *count, const ds_connmat *rate, size_t s,
                    size_t d)
{
    double n = ds_connmat_get(count, s, d);

    return n > 0 ? ds_connmat_get(rate, s, d) / n : 0;
}

/* Whether a port is full and no message through it gets more than this. */
static bool source_is_bottleneck(const ds_connmat *count,
                                 const ds_connmat *rate, size_t s,
                                 double capacity, double mine)
{
    for (size_t d = 0; d < rate->num_nodes; d++)
        if (share(count, rate, s, d) > mine * (1 + 1e-9))
            return false;
    return ds_connmat_sum_source(rate, s) >= capacity * (1 - 1e-9);
}

static bool dest_is_bottleneck(const ds_connmat *count, const ds_connmat *rate,
                               size_t d, double capacity, double mine)
{
    for (size_t s = 0; s < rate->num_nodes; s++)
        if (share(count, rate, s, d) > mine * (1 + 1e-9))
            return false;
    return ds_connmat_sum_dest(rate, d) >= capacity * (1 - 1e-9);
}

enum { MOST = 24 };

static void ck_bottlenecks(const ds_maxmin_switch *model,
                           const ds_connmat *count, const ds_connmat *rate)
{
    for (size_t i = 0; i < model->num_nodes; i++) {
        ck_assert(ds_connmat_sum_source(rate, i) <=
                  model->send_rates[i] * (1 + 1e-9));
        ck_assert(ds_connmat_sum_dest(rate, i) <=
                  model->recv_rates[i] * (1 + 1e-9));
    }
    for (size_t s = 0; s < model->num_nodes; s++) {
        for (size_t d = 0; d < model->num_nodes; d++) {
            double mine = share(count, rate, s, d);
            if (ds_connmat_get(count, s, d) == 0)
                ck_assert(ds_connmat_get(rate, s, d) == 0);
            else
                ck_assert(source_is_bottleneck(count, rate, s,
                                               model->send_rates[s], mine) ||
                          dest_is_bottleneck(count, rate, d,
                                             model->recv_rates[d], mine));
        }
    }
}

static void check_seed(uint64_t seed)
{
    uint64_t draws = 0;
    size_t n = 2 + (size_t)(unit(seed, &draws) * (MOST - 1));
    double density = unit(seed, &draws);
    double uneven = seed % 2 == 0 ? 2 : 0;
    double send[MOST];
    double recv[MOST];
    ds_maxmin_switch model = ds_maxmin_switch_uniform(n, 1);
    ds_connmat *count = ds_connmat_new(n);
    ds_connmat *rate = ds_connmat_new(n);

    for (size_t i = 0; i < n; i++) {
        send[i] = pow(10, uneven * unit(seed, &draws));
        recv[i] = pow(10, uneven * unit(seed, &draws));
    }
    model.send_rates = send;
    model.recv_rates = recv;
    for (size_t i = 0; i < n * n; i++)
        if (unit(seed, &draws) < density)
            count->rates[i] = floor(1 + 3 * unit(seed, &draws));
    fill(&model.base, count, rate);
    ck_bottlenecks(&model, count, rate);
    ds_connmat_free(count);
    ds_connmat_free(rate);
}

START_TEST(every_message_crosses_a_full_port_on_which_none_has_more)
{
    for (uint64_t i = 0; i < 100; i++)
        check_seed((uint64_t)_i * 100 + i);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, in_and_out_gets_a_quarter_each_and_the_rest);
    tcase_add_test(tc, in_and_out_takes_the_time_that_this_gives);
    tcase_add_test(tc, it_is_fair_to_messages_and_not_to_pairs);
    tcase_add_test(tc, what_one_port_cannot_take_goes_to_the_others);
    tcase_add_loop_test(
        tc, every_message_crosses_a_full_port_on_which_none_has_more, 0,
        harness_full() ? 50 : 10);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("maxmin", add);
}
