/* Failure detectors by heartbeats: members tell that they live, and silence has
 * a level.
 *
 * A member thinks nothing until it is asked; what it keeps is when it has heard
 * of whom. */
#include "proto/detector_rules.h"

#include <assert.h>
#include <math.h>

#include <distsys/fault.h>

#include "proto/group.h"

typedef struct ds_detector_member member;

/* ---- Heartbeats -----------------------------------------------------------*/

double ds__detector_level(const member *m, size_t of, double now)
{
    return m->kind->level(&m->of[of], m->detector->period, now);
}

static void hear(ds_handle *h, member *m, size_t from)
{
    double now = ds_now(h);

    assert(now >= m->of[from].last);
    m->kind->hear(&m->of[from], now,
                  ds__detector_level(m, from, now) > m->detector->threshold);
}

static void serve(ds_handle *h, member *m, ds_port *port)
{
    const ds_group *g = &m->detector->group;
    const unsigned char beat = 0;
    double next = ds_now(h);
    ds_msg msg;

    for (;;) {
        if (ds_now(h) >= next) {
            ds_tell_others(h, g, &beat, sizeof(beat));
            next = ds_now(h) + m->detector->period;
        }
        if (!ds_recv_timeout(h, port, next - ds_now(h), &msg))
            return;
        if (msg.dest == NULL)
            continue;
        hear(h, m, ds_group_sender(g, &msg));
        ds_msg_drop(&msg);
    }
}

void ds__detector_serve(ds_handle *h, ds_detector *d,
                        const ds_detector_kind *kind)
{
    member m = { .detector = d,
                 .kind = kind,
                 .of = ds_alloc(h, d->group.n * sizeof(*m.of)) };
    size_t me;

    if (m.of == NULL ||
        !ds__group_enter(h, &d->group, "ds_detector_serve", &me))
        return;
    for (size_t i = 0; i < d->group.n; i++)
        m.of[i].last = ds_now(h);
    d->members[me] = &m;
    serve(h, &m, d->group.ports[me]);
    d->members[me] = NULL;
}

void ds_detector_serve(ds_handle *h, void *arg)
{
    ds_detector *d = arg;

    ds__detector_serve(h, d, d->kind);
}

/* ---- Questions ------------------------------------------------------------*/

double ds_detector_level(ds_handle *h, const ds_detector *d, size_t of)
{
    size_t me = ds_group_me(&d->group, h);
    const member *m = me == DS_NOBODY ? NULL : d->members[me];

    if (m == NULL)
        ds_fail(h, "ds_detector_level: no member serves on the caller's "
                   "machine");
    else if (ds__group_has(h, &d->group, "ds_detector_level", of) && of != me)
        return ds__detector_level(m, of, ds_now(h));
    return 0;
}

bool ds_detector_suspects(ds_handle *h, const ds_detector *d, size_t of)
{
    return ds_detector_level(h, d, of) > d->threshold;
}

/* ---- A timeout that adapts ------------------------------------------------*/

static double periods_of_silence(const ds__heard *of, double period, double now)
{
    return (now - of->last) / period - of->wrong;
}

static void be_patient_with_who_was_suspected(ds__heard *of, double now,
                                              bool suspected)
{
    of->last = now;
    of->wrong += suspected;
}

const ds_detector_kind ds_detector_heartbeat = {
    periods_of_silence,
    be_patient_with_who_was_suspected,
};

/* ---- Phi ------------------------------------------------------------------*/

static void note_gap(ds__heard *of, double now, bool suspected)
{
    if (of->beats++ > 0)
        of->gap[(of->beats - 2) % DS__GAPS] = now - of->last;
    of->last = now;
}

/* Before there is a gap, it is guessed to be a period. */
static void estimate(const ds__heard *of, double period, double *mean,
                     double *deviation)
{
    size_t n = of->beats < 2 ? 0 : of->beats - 1;
    double sum = 0, squares = 0;

    n = n < DS__GAPS ? n : DS__GAPS;
    for (size_t i = 0; i < n; i++)
        sum += of->gap[i];
    *mean = n > 0 ? sum / (double)n : period;
    for (size_t i = 0; i < n; i++)
        squares += (of->gap[i] - *mean) * (of->gap[i] - *mean);
    *deviation = fmax(n > 0 ? sqrt(squares / (double)n) : 0, period / 10);
}

/* Hayashibara et al., SRDS 2004, 4.2: P_later by the normal distribution. */
static double phi(const ds__heard *of, double period, double now)
{
    double mean, deviation;

    estimate(of, period, &mean, &deviation);
    assert(deviation > 0);
    return -log10(erfc((now - of->last - mean) / (deviation * sqrt(2))) / 2);
}

const ds_detector_kind ds_detector_phi = { phi, note_gap };
