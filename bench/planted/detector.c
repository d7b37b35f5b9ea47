/* Detectors by heartbeats, <distsys/detector.h>, and mistakes in them.  The
 * client is a member on whose machine nobody serves; it watches until all
 * suspect it, and nobody else, for a while. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/detector_rules.h"

enum { SERVERS = 4, MEMBERS = SERVERS + 1 };

static const double period = 0.05;

typedef struct detector {
    ds_detector d;
    struct ds_detector_member *members[MEMBERS];
} detector;

static void serve(ds_handle *h, void *arg)
{
    const group *g = arg;

    ds__detector_serve(h, &((detector *)g->shared)->d, g->rules);
}

static bool is_right(const detector *d, size_t by, size_t of, double now)
{
    const struct ds_detector_member *m = d->members[by];

    return m != NULL &&
           (ds__detector_level(m, of, now) > d->d.threshold) == (of >= SERVERS);
}

static bool all_are_right(const detector *d, double now)
{
    for (size_t by = 0; by < SERVERS; by++)
        for (size_t of = 0; of < MEMBERS; of++)
            if (of != by && !is_right(d, by, of, now))
                return false;
    return true;
}

static void client(ds_handle *h, void *arg)
{
    const group *g = arg;

    for (size_t i; ds_next(h, &i);)
        for (int right = 0; right < 20;) {
            if (!ds_sleep(h, period / 2))
                return;
            right = all_are_right(g->shared, ds_now(h)) ? right + 1 : 0;
        }
}

static void build(ds_trial *t, void *mistake, const ds_detector_kind *right,
                  double threshold)
{
    const group_plan plan = {
        .rules = right,
        .rules_size = sizeof(*right),
        .servers = SERVERS,
        .clients = 1,
        .server = serve,
        .client = client,
        .shared = sizeof(detector),
    };
    const group *g = group_new(t, mistake, &plan);
    detector *d = g->shared;

    d->d = (ds_detector){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .period = period,
        .threshold = threshold,
        .members = d->members,
    };
}

/* Heartbeats are up to 1.4 periods apart. */
static void build_heartbeat(ds_trial *t, void *mistake)
{
    build(t, mistake, &ds_detector_heartbeat, 1.1);
}

static void build_phi(ds_trial *t, void *mistake)
{
    build(t, mistake, &ds_detector_phi, 8);
}

#define DETECTOR(title, builder, mistake)                                      \
    {                                                                          \
        .name = title, .build = builder, .arg = (void *)(mistake),             \
        .operations = 4, .hazards = PLANTED_USUAL                              \
    }

static const ds_test heartbeat = DETECTOR("heartbeat", build_heartbeat, NULL);
static const ds_test phi = DETECTOR("phi-accrual", build_phi, NULL);

/* ---- Mistakes -------------------------------------------------------------*/

static void hear_only(ds__heard *of, double now, bool suspected)
{
    of->last = now;
}

static const ds_detector_kind never_adapts = { .hear = hear_only };
static const ds_test x27 = DETECTOR("X27", build_heartbeat, &never_adapts);

static void hear_who_is_not_suspected(ds__heard *of, double now, bool suspected)
{
    if (!suspected)
        ds_detector_heartbeat.hear(of, now, suspected);
}

static const ds_detector_kind bears_a_grudge = {
    .hear = hear_who_is_not_suspected,
};
static const ds_test x27b = DETECTOR("X27b", build_heartbeat, &bears_a_grudge);

static void note_no_gap_of_a_suspect(ds__heard *of, double now, bool suspected)
{
    if (suspected)
        of->last = now;
    else
        ds_detector_phi.hear(of, now, suspected);
}

static const ds_detector_kind narrow = { .hear = note_no_gap_of_a_suspect };
static const ds_test x28 = DETECTOR("X28", build_phi, &narrow);

/* As soon as one is in time, it is expected in time again. */
static void hear_and_forget(ds__heard *of, double now, bool suspected)
{
    ds_detector_heartbeat.hear(of, now, suspected);
    of->wrong = suspected;
}

static const ds_detector_kind forgets = { .hear = hear_and_forget };
static const ds_test x27c = DETECTOR("X27c", build_heartbeat, &forgets);

static void phi_of_who_is_not_suspected(ds__heard *of, double now,
                                        bool suspected)
{
    if (!suspected)
        ds_detector_phi.hear(of, now, suspected);
}

static const ds_detector_kind bears_another = {
    .hear = phi_of_who_is_not_suspected,
};
static const ds_test x28b = DETECTOR("X28b", build_phi, &bears_another);

/* How likely it is that a heartbeat has come, not that it will. */
static double earlier(const ds__heard *of, double each, double now)
{
    double later = pow(10, -ds_detector_phi.level(of, each, now));

    return -log10(1 - later);
}

static const ds_detector_kind other_tail = { .level = earlier };
static const ds_test x28c = DETECTOR("X28c", build_phi, &other_tail);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "X27",
        .title = "a timeout stays as it is, although it was wrong",
        .source = "Chandra, Toueg, J. ACM 43(2), 1996, figure 10",
        .correct = &heartbeat,
        .planted = &x27,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X27b",
        .title = "who is suspected once is suspected for ever",
        .source = "Chandra, Toueg, J. ACM 43(2), 1996, figure 10",
        .correct = &heartbeat,
        .planted = &x27b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X27c",
        .title = "one heartbeat in time takes back what a timeout has learned",
        .source = "Chandra, Toueg, J. ACM 43(2), 1996, figure 10",
        .correct = &heartbeat,
        .planted = &x27c,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X28",
        .title = "gaps that were longer than expected are not learned from",
        .source = "Hayashibara et al., SRDS 2004, 4.2",
        .correct = &phi,
        .planted = &x28,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X28b",
        .title = "what comes of a suspect is not taken for a sign of life",
        .source = "Hayashibara et al., SRDS 2004, 4.2",
        .correct = &phi,
        .planted = &x28b,
        .end = PLANTED_STUCK,
    },
    {
        .name = "X28c",
        .title = "the probability is that of a heartbeat before now, not after",
        .source = "Hayashibara et al., SRDS 2004, 4.2: P_later",
        .correct = &phi,
        .planted = &x28c,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_detector = PLANTED_FAMILY(rows);
