/* Failure detectors: who is suspected, when, and what it costs to know. */

#include "counted.h"

#include <distsys.h>
#include <distsys/detector.h>
#include <distsys/fault.h>

static party all;

/* ---- By heartbeats --------------------------------------------------------*/

static ds_detector detector;
static struct ds_detector_member *members[PARTY_MOST];

static void with_members(const ds_detector_kind *kind, double threshold,
                         size_t n)
{
    party_new(&all, 3, n, 1, 0.5);
    detector = (ds_detector){ .group = all.group,
                              .kind = kind,
                              .period = 1,
                              .threshold = threshold,
                              .members = members };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_detector_serve, &detector);
}

/* In the end it has been silent since a heartbeat came that left 1.2 seconds
 * before, with those of a byte to all others. */
static void count_heartbeats(ds_handle *h, void *arg)
{
    size_t n = all.group.n;

    ck_assert(ds_sleep(h, 1000.2));
    for (size_t i = 0; i < n; i++)
        ck_assert(!ds_detector_suspects(h, &detector, i));
    size_t sent = all.wire.messages;
    ck_assert(ds_sleep(h, 10));
    ck_assert_uint_eq(all.wire.messages - sent, 10 * n * (n - 1));
    ck_assert_double_eq(
        ds_detector_level(h, &detector, ds_group_me(&all.group, h)), 0);
    if (detector.kind == &ds_detector_heartbeat && n > 1)
        ck_assert_double_eq_tol(ds_detector_level(h, &detector, n - 1),
                                0.7 - party_drain((double)(n - 1)), 1e-6);
}

START_TEST(each_member_tells_each_other_in_each_period)
{
    EACH_WAY
    for (size_t n = 1; n < 8; n++) {
        with_members(&ds_detector_heartbeat, 2, n);
        ds_node_spawn(all.nodes[0], count_heartbeats, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
        with_members(&ds_detector_phi, 8, n);
        ds_node_spawn(all.nodes[n - 1], count_heartbeats, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
    }
}
END_TEST

/* Just before, and just after. */
static void ck_suspected_after(ds_handle *h, size_t of, double last,
                               double silence)
{
    ck_assert(ds_sleep(h, last + silence - 0.0001 - ds_now(h)));
    ck_assert(!ds_detector_suspects(h, &detector, of));
    ck_assert(ds_sleep(h, 0.0002));
    ck_assert(ds_detector_suspects(h, &detector, of));
}

/* The last heartbeat leaves at 1000 and takes half a second; the level counts
 * periods of silence, less the one mistake. */
static void wait_in_silence(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1000.2));
    ds_node_crash(all.nodes[1]);
    ck_suspected_after(h, 1, 1000.5, 3);
    ck_assert(!ds_detector_suspects(h, &detector, 2));
    ds_node_restart(all.nodes[1]);
    double restarted = ds_now(h);
    ck_assert(ds_sleep(h, 0.6));
    ck_assert(!ds_detector_suspects(h, &detector, 1));
    ck_assert(ds_sleep(h, 99.6));
    ds_node_crash(all.nodes[1]);
    ck_suspected_after(h, 1, restarted + 100.5, 4);
}

START_TEST(a_timeout_is_longer_after_a_mistake)
{
    with_members(&ds_detector_heartbeat, 3, 3);
    ds_node_spawn(all.nodes[0], wait_in_silence, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* Gaps of a second without any deviation count as of a tenth of one.  That a
 * normal variable is more than 1.2816 deviations too great has probability 0.1,
 * 3.0902 0.001, and 5.6120 1e-8. */
static const struct {
    double phi;
    double deviations;
} quantiles[] = { { 1, 1.281552 }, { 3, 3.090232 }, { 8, 5.612001 } };
enum { QUANTILES = sizeof(quantiles) / sizeof(*quantiles) };

static double deviations;

static void wait_for_phi(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1000.2));
    ds_node_crash(all.nodes[1]);
    ck_suspected_after(h, 1, 1000.5, 1 + 0.1 * deviations);
}

START_TEST(phi_is_how_improbable_it_is_that_a_heartbeat_is_late)
{
    with_members(&ds_detector_phi, quantiles[_i].phi, 3);
    deviations = quantiles[_i].deviations;
    ds_node_spawn(all.nodes[0], wait_for_phi, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* A fifth of the heartbeats come a period late or more: that is learned. */
static void bear_a_bad_link(ds_handle *h, void *arg)
{
    int wrong = 0;

    ds_net_set_faults(all.wire.net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.2 });
    ck_assert(ds_sleep(h, 1000));
    for (int i = 0; i < 1000; i++) {
        ck_assert(ds_sleep(h, 0.5));
        wrong += ds_detector_suspects(h, &detector, 1);
    }
    ck_assert_int_lt(wrong, 10);
    ds_node_crash(all.nodes[1]);
    ck_assert(ds_sleep(h, 20));
    ck_assert(ds_detector_suspects(h, &detector, 1));
}

START_TEST(what_a_bad_link_does_is_learned)
{
    with_members(_i == 0 ? &ds_detector_heartbeat : &ds_detector_phi,
                 _i == 0 ? 2 : 8, 2);
    ds_node_spawn(all.nodes[0], bear_a_bad_link, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void ask_elsewhere(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ck_assert(!ds_detector_suspects(h, &detector, *(const size_t *)arg));
}

START_TEST(only_a_member_knows_and_only_of_members)
{
    const size_t none = 2, one = 0;

    with_members(&ds_detector_phi, 8, 2);
    ds_node_spawn(all.nodes[1], ask_elsewhere, (void *)&none);
    ck_run_once(all.loop, DS_FAILED,
                "ds_detector_level: there is no member 2, but 0 to 1");
    with_members(&ds_detector_phi, 8, 2);
    ds_node_spawn(all.nodes[2], ask_elsewhere, (void *)&one);
    ck_run_once(all.loop, DS_FAILED,
                "ds_detector_level: no member serves on the caller's machine");
}
END_TEST

/* ---- By probes and gossip -------------------------------------------------*/

static ds_swim swim;
static ds_report reports[PARTY_MOST * PARTY_MOST];

static void with_swim(size_t n, size_t helpers)
{
    party_new(&all, 3, n, 0, 0.5);
    swim = (ds_swim){ .group = all.group,
                      .period = 6,
                      .patience = 2,
                      .helpers = helpers,
                      .grace = 30,
                      .report = reports };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_swim_serve, &swim);
}

static const ds_report *report_of(size_t by, size_t of)
{
    return &reports[by * all.group.n + of];
}

/* All but that one say that it is so, and that all others live. */
static void ck_all_say(size_t of, ds_health health)
{
    size_t n = all.group.n;

    for (size_t by = 0; by < n; by++)
        for (size_t k = 0; k < n; k++)
            if (by != of)
                ck_assert_int_eq((int)report_of(by, k)->health,
                                 (int)(k == of ? health : DS_ALIVE));
}

/* Whoever probes the one that is down has two helpers probe it, too. */
static void count_probes(ds_handle *h, void *arg)
{
    size_t n = all.group.n, k = swim.helpers;

    ck_assert(ds_sleep(h, 601));
    size_t sent = all.wire.messages;
    ck_assert(ds_sleep(h, 60));
    ck_assert_uint_eq(all.wire.messages - sent, 10 * 2 * n);
    ck_all_say(0, DS_ALIVE);
    ds_node_crash(all.nodes[n - 1]);
    ck_assert(ds_sleep(h, 6 * (2 * (double)n - 3) + 30 + 30));
    ck_all_say(n - 1, DS_DEAD);
    /* In n - 1 periods each of the others probes it once, but where a round
     * begins or ends. */
    sent = all.wire.messages;
    ck_assert(ds_sleep(h, 600 * ((double)n - 1)));
    ck_assert_uint_ge(all.wire.messages - sent, 100 * (n - 1) * (2 * (n - 2)) +
                                                    99 * (n - 1) * (1 + 2 * k));
    ck_assert_uint_le(all.wire.messages - sent,
                      100 * (n - 1) * (2 * (n - 2)) +
                          101 * (n - 1) * (1 + 2 * k));
}

START_TEST(a_probe_takes_two_messages_or_one_and_two_for_each_helper)
{
    EACH_WAY
    {
        with_swim((size_t)_i, 2);
        ds_spawn(all.loop, count_probes, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
    }
}
END_TEST

static void restart_and_cut(ds_handle *h, void *arg)
{
    size_t n = all.group.n;

    ck_assert(ds_sleep(h, 601));
    ds_node_crash(all.nodes[1]);
    ck_assert(ds_sleep(h, 200));
    ck_all_say(1, DS_DEAD);
    ds_node_restart(all.nodes[1]);
    ck_assert(ds_sleep(h, 200));
    ck_all_say(1, DS_ALIVE);
    ck_assert_int_eq((int)report_of(1, 1)->health, DS_ALIVE);
    ck_assert_int_gt(report_of(0, 1)->incarnation, 0);
    ds_net_cut(all.wire.net, all.nodes[2], NULL);
    ck_assert(ds_sleep(h, 300));
    ck_all_say(2, DS_DEAD);
    ds_net_mend(all.wire.net, all.nodes[2], NULL);
    ck_assert(ds_sleep(h, 300));
    for (size_t by = 0; by < n; by++)
        for (size_t of = 0; of < n; of++)
            ck_assert_int_eq((int)report_of(by, of)->health, DS_ALIVE);
}

START_TEST(who_comes_back_from_a_crash_or_a_cut_lives_to_all)
{
    with_swim(5, 2);
    ds_spawn(all.loop, restart_and_cut, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void cut_one_link(ds_handle *h, void *arg)
{
    ds_net_cut(all.wire.net, all.nodes[0], all.nodes[1]);
    ds_net_cut(all.wire.net, all.nodes[1], all.nodes[0]);
    for (int i = 0; i < 1000; i++) {
        ck_assert(ds_sleep(h, 1));
        ck_all_say(0, DS_ALIVE);
    }
}

START_TEST(helpers_see_who_is_only_behind_a_bad_link)
{
    with_swim(6, 2);
    ds_spawn(all.loop, cut_one_link, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, each_member_tells_each_other_in_each_period);
    tcase_add_test(tc, a_timeout_is_longer_after_a_mistake);
    tcase_add_loop_test(
        tc, phi_is_how_improbable_it_is_that_a_heartbeat_is_late, 0, QUANTILES);
    tcase_add_loop_test(tc, what_a_bad_link_does_is_learned, 0, 2);
    tcase_add_test(tc, only_a_member_knows_and_only_of_members);
    tcase_add_loop_test(
        tc, a_probe_takes_two_messages_or_one_and_two_for_each_helper, 4, 9);
    tcase_add_test(tc, who_comes_back_from_a_crash_or_a_cut_lives_to_all);
    tcase_add_test(tc, helpers_see_who_is_only_behind_a_bad_link);
}

int main(void)
{
    return harness_main("detector", add);
}
