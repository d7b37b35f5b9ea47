/* All who live suspect the last member, which crashes after a while. */
#include <distsys/detector.h>

#include "bench/algorithms/rows.h"

/* Of both kinds: what a member asks about the last one, and how many have been
 * told that it is down. */
typedef struct own {
    ds_detector detector;
    ds_swim swim;
    bool (*suspects)(ds_handle *h, const struct own *o, size_t me);
    size_t told;
    struct ds_detector_member **members;
    ds_report *report;
} own;

/* In latencies. */
enum { PERIOD = 10, PATIENCE = 3, GRACE = 30, ROUNDS = 20 };

enum { HELPERS = 3 };

/* Looks often enough that it hardly adds to the time. */
static void watch(ds_handle *h, void *arg)
{
    scene *s = arg;
    own *o = s->own;
    const size_t last = s->setting.members - 1;
    const size_t me = scene_me(s, h);

    if (me == last)
        return;
    ds_sleep_until(h, ROUNDS * PERIOD * s->setting.latency);
    while (!o->suspects(h, o, me))
        if (!ds_sleep(h, s->setting.latency / 8))
            return;
    if (++o->told == last)
        scene_decide(h, s);
}

/* The members know each other by then. */
static void crash_last(ds_handle *h, void *arg)
{
    scene *s = arg;

    ds_sleep_until(h, ROUNDS * PERIOD * s->setting.latency);
    scene_begin(h, s);
    ds_node_crash(s->nodes[s->setting.members - 1]);
}

static void start(scene *s, own *o, ds_thread_fn *serve, void *arg)
{
    scene_serve(s, serve, arg);
    scene_spawn(s, watch);
    ds_spawn(s->loop, crash_last, s);
    o->told = 0;
}

/* ---- By heartbeats --------------------------------------------------------*/

static bool suspects_by_level(ds_handle *h, const own *o, size_t me)
{
    return ds_detector_suspects(h, &o->detector, o->detector.group.n - 1);
}

static void start_detector(scene *s, const ds_detector_kind *kind,
                           double threshold)
{
    const size_t n = s->setting.members;
    own *o = scene_own(s, sizeof(*o) + n * sizeof(struct ds_detector_member *));

    o->members = (struct ds_detector_member **)(o + 1);
    o->suspects = suspects_by_level;
    o->detector = (ds_detector){
        .group = s->group,
        .kind = kind,
        .period = PERIOD * s->setting.latency,
        .threshold = threshold,
        .members = o->members,
    };
    start(s, o, ds_detector_serve, &o->detector);
}

static void start_heartbeat(scene *s)
{
    start_detector(s, &ds_detector_heartbeat, 2);
}

static void start_phi(scene *s)
{
    start_detector(s, &ds_detector_phi, 8);
}

const algorithm algorithm_heartbeat = {
    .name = "heartbeat",
    .decision = "all others suspect the last one, which crashes",
    .least = 2,
    .start = start_heartbeat,
};

const algorithm algorithm_phi = {
    .name = "phi",
    .decision = "all others suspect the last one, which crashes",
    .least = 2,
    .start = start_phi,
};

/* ---- By probes and gossip -------------------------------------------------*/

static bool suspects_by_report(ds_handle *h, const own *o, size_t me)
{
    const size_t n = o->swim.group.n;

    return o->report[me * n + n - 1].health != DS_ALIVE;
}

static void start_swim(scene *s)
{
    const size_t n = s->setting.members;
    own *o = scene_own(s, sizeof(*o) + n * n * sizeof(*o->report));

    o->report = (ds_report *)(o + 1);
    o->suspects = suspects_by_report;
    o->swim = (ds_swim){
        .group = s->group,
        .period = PERIOD * s->setting.latency,
        .patience = PATIENCE * s->setting.latency,
        .helpers = n - 2 < HELPERS ? n - 2 : HELPERS,
        .grace = GRACE * s->setting.latency,
        .report = o->report,
    };
    start(s, o, ds_swim_serve, &o->swim);
}

const algorithm algorithm_swim = {
    .name = "swim",
    .decision = "all others suspect the last one, which crashes",
    .least = 2,
    .start = start_swim,
};
