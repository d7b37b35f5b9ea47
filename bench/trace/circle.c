/* Which threads wait for each other in a circle at a deadlock: see model.h.
 *
 * Whoever waits for nobody, or for one that is not stuck, is ruled out until
 * that changes nothing.  From one that is left, always to the first that it
 * waits for, the way leads into a circle. */

#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/model.h"

/* One round; true: somebody was ruled out. */
static bool rule_out(const trace_model *m, bool *stuck)
{
    bool any = false;

    for (size_t i = 0; i < m->num_waits; i++) {
        const trace_wait *w = &m->waits[i];
        if (stuck[w->who] && !stuck[w->whom]) {
            stuck[w->who] = false;
            any = true;
        }
    }
    return any;
}

/* The first that a thread waits for, by thread; 0: none. */
static void find_first(const trace_model *m, uint32_t *first)
{
    for (size_t i = m->num_waits; i > 0; i--)
        first[m->waits[i - 1].who] = m->waits[i - 1].whom;
}

static void mark(trace_model *m, bool *stuck, const uint32_t *first,
                 uint32_t from)
{
    uint32_t at = from;

    while (stuck[at]) {
        stuck[at] = false;
        at = first[at];
    }
    while (!m->threads[at].in_circle) {
        m->threads[at].in_circle = true;
        at = first[at];
    }
}

void trace_circle_find(trace_model *m)
{
    bool *stuck = args_alloc(m->num_threads + 1, sizeof(*stuck));
    uint32_t *first = args_alloc(m->num_threads + 1, sizeof(*first));

    memset(stuck, 0, (m->num_threads + 1) * sizeof(*stuck));
    memset(first, 0, (m->num_threads + 1) * sizeof(*first));
    for (size_t i = 0; i < m->num_waits; i++)
        stuck[m->waits[i].who] = true;
    while (rule_out(m, stuck))
        continue;
    find_first(m, first);
    for (uint32_t i = 1; i < m->num_threads; i++)
        if (stuck[i]) {
            mark(m, stuck, first, i);
            break;
        }
    free(stuck);
    free(first);
}
