/* See summary.h. */

#include "bench/trace/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/status.h>

#include "bench/common/args.h"

enum { TOP = 5 };

/* ---- Choosing the first few -----------------------------------------------*/

typedef struct ranked {
    double worth;
    size_t index;
} ranked;

/* The greatest first, and of equals the one with the lesser index. */
static int compare(const void *a, const void *b)
{
    const ranked *x = a;
    const ranked *y = b;

    if (x->worth != y->worth)
        return x->worth > y->worth ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static size_t rank(ranked *list, size_t n)
{
    qsort(list, n, sizeof(*list), compare);
    return n < TOP ? n : TOP;
}

/* ---- The run --------------------------------------------------------------*/

static void print_run(const trace_model *m)
{
    char time[TRACE_UNITS_MAX];
    const char *end = strchr(m->reason, '\n');

    printf("%s: %s, ", m->file, trace_units(time, m->end, "s"));
    if (!m->ended)
        printf("cut off");
    else
        printf("%s", m->status == DS_OK ? "done"
                                        : ds_strstatus((ds_status)m->status));
    printf("; seed %llu", (unsigned long long)m->seed);
    if (m->ended)
        printf(", digest %016llx", (unsigned long long)m->digest);
    if (m->runs > 1)
        printf("; %zu runs", m->runs);
    printf("\n");
    if (*m->reason != '\0')
        printf("  %.*s\n",
               end == NULL ? (int)strlen(m->reason) : (int)(end - m->reason),
               m->reason);
}

static void print_counts(const trace_view *v)
{
    const trace_model *m = v->model;
    char bytes[TRACE_UNITS_MAX];
    size_t threads = 0;
    size_t nodes = 0;

    for (size_t i = 1; i < m->num_threads; i++)
        threads += m->threads[i].known;
    for (size_t i = 1; i < m->num_nodes; i++)
        nodes += m->nodes[i].known;
    printf("  %zu thread%s on %zu node%s, %zu message%s", threads,
           threads == 1 ? "" : "s", nodes, nodes == 1 ? "" : "s", m->sent,
           m->sent == 1 ? "" : "s");
    if (m->sent > 0)
        printf(" of %s: %zu arrived, %zu lost, %zu under way",
               trace_units(bytes, m->bytes, "B"), m->arrived, m->lost,
               m->under_way);
    if (m->nameless > 0)
        printf("; %zu more that networks made up", m->nameless);
    printf("\n");
    if (m->forgotten > 0)
        printf("  the first %llu records are forgotten, up to %s\n",
               (unsigned long long)m->forgotten,
               trace_units(bytes, m->begin, "s"));
}

static void print_put_off(const trace_model *m)
{
    char all[TRACE_UNITS_MAX], longest[TRACE_UNITS_MAX];
    const trace_message *message = trace_message_of(m, m->longest);

    if (message != NULL)
        printf("  %zu had come and %s put off, for %s in all, #%llu for %s",
               m->put_off, m->put_off == 1 ? "was" : "were",
               trace_units(all, m->put_off_for, "s"),
               (unsigned long long)m->longest,
               trace_units(longest, trace_put_off(m, message), "s"));
    if (m->held > 0)
        printf("; %zu still %s", m->held, m->held == 1 ? "is" : "are");
    if (m->put_off > 0)
        printf("\n");
    if (m->doubled > 0)
        printf("  %zu had a second copy\n", m->doubled);
}

static void print_faults(const trace_model *m)
{
    size_t n[DS__FAULT_ON + 1] = { 0 };
    const char *before = "  faults: ";

    for (size_t i = 0; i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        const bool ends_line = f->line != 0 && (f->what == DS__FAULT_MEND ||
                                                f->what == DS__FAULT_HEAL ||
                                                f->what == DS__FAULT_ON);
        if (f->what <= DS__FAULT_ON && !ends_line &&
            !trace_fault_is_told_before(m, f))
            n[f->what]++;
    }
    for (unsigned what = 0; what <= DS__FAULT_ON; what++)
        if (n[what] > 0) {
            printf("%s%s %zu", before, trace_fault_name(what), n[what]);
            before = ", ";
        }
    if (*before == ',')
        printf("\n");
}

/* ---- The critical path ----------------------------------------------------*/

static void print_term(const char *name, double seconds, bool always)
{
    char text[TRACE_UNITS_MAX];

    if (always || seconds > 0)
        printf("  %s %s", name, trace_units(text, seconds, "s"));
}

static void print_path(const trace_model *m)
{
    const trace_path *p = &m->path;
    char name[TRACE_ROW_NAME], to[TRACE_UNITS_MAX], bytes[TRACE_UNITS_MAX];

    if (p->thread == 0)
        return;
    printf("critical path: %zu message%s of %s, to %s at %s\n ", p->messages,
           p->messages == 1 ? "" : "s", trace_units(bytes, p->bytes, "B"),
           trace_thread_name(m, p->thread, name, sizeof(name)),
           trace_units(to, p->to, "s"));
    print_term("latency", p->alpha, true);
    print_term("bytes", p->beta, true);
    print_term("sharing", p->sharing, true);
    print_term("operators", p->gamma, true);
    print_term("put off", p->held, false);
    print_term("other networks", p->elsewhere, false);
    print_term("computing", p->computing, false);
    print_term("sleeping", p->sleeping, false);
    print_term("other waits", p->other, false);
    print_term("before", p->from, false);
    printf("\n");
}

/* ---- Threads --------------------------------------------------------------*/

uint32_t trace_waited_most_for(const trace_model *m, uint32_t thread,
                               double *seconds)
{
    const trace_thread *t = &m->threads[thread];
    double *sum = args_alloc(m->num_threads + 1, sizeof(*sum));
    uint32_t most = 0;

    for (size_t i = 0; i <= m->num_threads; i++)
        sum[i] = 0;
    for (size_t i = 0; i < t->spans; i++) {
        const trace_span *s = &m->spans[m->by_thread[t->first + i]];
        if (s->doing == TRACE_WAITS)
            sum[trace_other_end(m, s->message, thread)] += s->to - s->from;
    }
    for (uint32_t i = 1; i < m->num_threads; i++)
        if (sum[i] > (most == 0 ? 0 : sum[most]))
            most = i;
    *seconds = most == 0 ? 0 : sum[most];
    free(sum);
    return most;
}

/* In good order. */
static bool has_ended(const trace_thread *t)
{
    return !isnan(t->ended) && !t->unwound;
}

static void print_thread(const trace_model *m, uint32_t thread)
{
    const trace_thread *t = &m->threads[thread];
    const double from = isnan(t->started) ? m->begin : t->started;
    const double to = isnan(t->ended) ? m->end : t->ended;
    const double percent = to > from ? 100 / (to - from) : 0;
    char name[TRACE_ROW_NAME], end[TRACE_UNITS_MAX], text[TRACE_UNITS_MAX];
    double seconds;
    const uint32_t whom = trace_waited_most_for(m, thread, &seconds);

    printf("  %-20.20s %10s %7.1f%% %7.1f%% %7.1f%%",
           trace_thread_name(m, thread, name, sizeof(name)),
           has_ended(t) ? trace_units(end, t->ended, "s") : "never",
           percent * t->computes, percent * t->sleeps, percent * t->waits);
    if (whom != 0)
        printf("  %s, %s", trace_thread_name(m, whom, name, sizeof(name)),
               trace_units(text, seconds, "s"));
    printf("\n");
}

static void print_latest(const trace_view *v)
{
    const trace_model *m = v->model;
    ranked *list = args_alloc(m->num_threads + 1, sizeof(*list));
    size_t n = 0;

    for (size_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        if (!t->known || t->daemon || !v->rows[t->row].shown)
            continue;
        list[n].worth = has_ended(t) ? t->ended : INFINITY;
        list[n++].index = i;
    }
    n = rank(list, n);
    if (n > 0)
        printf("%-22s %10s %8s %8s %8s  %s\n", "latest threads", "end",
               "compute", "sleep", "wait", "the most for");
    for (size_t i = 0; i < n; i++)
        print_thread(m, (uint32_t)list[i].index);
    free(list);
}

/* ---- Ports and links ------------------------------------------------------*/

static void print_carrier(const trace_view *v, const trace_uses *u, size_t i)
{
    const trace_model *m = v->model;
    const trace_carrier *c = &u->carriers.all[i];
    char name[TRACE_ROW_NAME], rate[TRACE_UNITS_MAX], bytes[TRACE_UNITS_MAX];
    const char *called = trace_carrier_name(v, c, name, sizeof(name));

    if (c->node != 0)
        printf("  %-3s %-16.16s", c->in ? "in" : "out", called);
    else
        printf("  %-20.20s", called);
    printf(" %8s/s %8.1f%% %8s\n", trace_units(rate, c->rate, "B"),
           m->end > m->begin ? 100 * u->use[i].full / (m->end - m->begin) : 0,
           trace_units(bytes, u->use[i].bytes, "B"));
}

static void print_busiest(const trace_view *v)
{
    trace_uses u;

    if (!trace_uses_find(&u, v->model)) {
        if (*u.why != '\0')
            printf("busiest %s: %s\n", u.carriers.are_links ? "links" : "ports",
                   u.why);
        return;
    }
    ranked *list = args_alloc(u.carriers.n + 1, sizeof(*list));
    size_t n = 0;
    for (size_t i = 0; i < u.carriers.n; i++)
        if (u.use[i].bytes > 0) {
            list[n].worth = u.use[i].full;
            list[n++].index = i;
        }
    n = rank(list, n);
    if (n > 0)
        printf("%-22s %10s %9s %8s\n",
               u.carriers.are_links ? "busiest links" : "busiest ports", "rate",
               "full", "carried");
    for (size_t i = 0; i < n; i++)
        print_carrier(v, &u, list[i].index);
    free(list);
    trace_uses_free(&u);
}

static void print_queues(const trace_view *v)
{
    const trace_model *m = v->model;
    ranked *list = args_alloc(m->num_streams + 1, sizeof(*list));
    char name[TRACE_ROW_NAME], at[TRACE_UNITS_MAX], lain[TRACE_UNITS_MAX];
    size_t n = 0;

    for (size_t i = 1; i < m->num_streams; i++)
        if (m->streams[i].node != 0 && m->streams[i].longest > 1) {
            list[n].worth = (double)m->streams[i].longest;
            list[n++].index = i;
        }
    n = rank(list, n);
    if (n > 0)
        printf("%-22s %10s %10s  %s\n", "longest queues", "messages", "at",
               "and lay there, on average");
    for (size_t i = 0; i < n; i++) {
        const trace_stream *s = &m->streams[list[i].index];
        printf("  port %-3u %-11.11s %10zu %10s  %s\n", (unsigned)s->number,
               trace_view_node(v, s->node, name, sizeof(name)), s->longest,
               trace_units(at, s->longest_at, "s"),
               s->received == 0
                   ? "for ever"
                   : trace_units(lain, s->lain / (double)s->received, "s"));
    }
    free(list);
}

/* ---- A deadlock -----------------------------------------------------------*/

void trace_print_circle(const trace_model *m)
{
    char name[TRACE_ROW_NAME];
    uint32_t first = 0;
    size_t n = 0;

    for (uint32_t i = m->num_threads > 0 ? (uint32_t)m->num_threads - 1 : 0;
         i > 0; i--)
        if (m->threads[i].in_circle)
            first = i;
    if (first == 0)
        return;
    printf("in a circle: %s", trace_thread_name(m, first, name, sizeof(name)));
    for (uint32_t at = first; n < m->num_threads; n++) {
        for (size_t i = 0; i < m->num_waits; i++)
            if (m->waits[i].who == at) {
                at = m->waits[i].whom;
                break;
            }
        printf(" -> %s", trace_thread_name(m, at, name, sizeof(name)));
        if (at == first)
            break;
    }
    printf("\n");
}

/* What those wait for that are stuck, in a circle or else. */
static void print_waits(const trace_view *v)
{
    const trace_model *m = v->model;
    char name[TRACE_ROW_NAME];
    size_t n = 0;

    for (int round = 0; round < 2; round++)
        for (uint32_t i = 1; i < m->num_threads; i++) {
            const trace_thread *t = &m->threads[i];
            if (t->stuck == NULL || t->in_circle != (round == 0) ||
                !v->rows[t->row].shown)
                continue;
            if (n == 0)
                printf("%-22s %s\n", "deadlock", "waits for");
            if (n++ < TOP)
                printf("  %-20.20s %s\n",
                       trace_thread_name(m, i, name, sizeof(name)), t->stuck);
        }
    if (n > TOP)
        printf("  and %zu more; --text shows them\n", n - TOP);
}

void trace_summary(const trace_view *v)
{
    print_run(v->model);
    print_counts(v);
    print_put_off(v->model);
    print_faults(v->model);
    print_path(v->model);
    print_latest(v);
    print_busiest(v);
    print_queues(v);
    print_waits(v);
    trace_print_circle(v->model);
}
