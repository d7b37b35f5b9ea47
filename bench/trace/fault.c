/* Faults: what a later one ends, and how they are called; see model.h.
 *
 * What lines of a plan say of links ends line by line, and what the program
 * says of them pair by pair, or with all others. */

#include <math.h>
#include <stdio.h>

#include "bench/common/args.h"
#include "bench/trace/model.h"

bool trace_fault_is_of_links(const trace_fault *f)
{
    return f->what >= DS__FAULT_CUT && f->what <= DS__FAULT_HEAL;
}

/* Of a link of a routed network. */
static bool is_of_wires(const trace_fault *f)
{
    return f->what == DS__FAULT_OFF || f->what == DS__FAULT_ON;
}

/* ---- When they are over ---------------------------------------------------*/

/* It begins nothing that lasts. */
static bool is_moment(const trace_fault *f)
{
    switch (f->what) {
    case DS__FAULT_SPEED:
        return f->value == 1;
    case DS__FAULT_CLOCK:
        return f->value == 0;
    case DS__FAULT_DISK:
        return f->value == 1 || f->text == NULL || *f->text == '\0';
    case DS__FAULT_CRASH:
    case DS__FAULT_PAUSE:
    case DS__FAULT_CUT:
    case DS__FAULT_HOLD:
    case DS__FAULT_CHANCE:
    case DS__FAULT_PART:
    case DS__FAULT_OFF:
        return false;
    default:
        return true;
    }
}

/* A node, or all of them. */
static bool covers(uint32_t all, uint32_t one)
{
    return all == 0 || all == one;
}

static bool ends_link(const trace_fault *f, const trace_fault *before)
{
    const bool mends = f->what == DS__FAULT_MEND;
    const bool heals = f->what == DS__FAULT_HEAL;

    if (f->net != before->net || f->line != before->line)
        return false;
    if (f->line != 0)
        return mends || heals;
    switch (before->what) {
    case DS__FAULT_CHANCE:
        return f->what == DS__FAULT_CHANCE && covers(f->a, before->a) &&
               covers(f->b, before->b);
    case DS__FAULT_PART:
        return heals || (mends && f->a == 0 && f->b == 0);
    default:
        return heals || ((mends || f->what == DS__FAULT_CUT ||
                          f->what == DS__FAULT_HOLD) &&
                         covers(f->a, before->a) && covers(f->b, before->b));
    }
}

static bool ends_machine(const trace_fault *f, const trace_fault *before)
{
    if (f->a != before->a)
        return false;
    switch (before->what) {
    case DS__FAULT_CRASH:
        return f->what == DS__FAULT_RESTART;
    case DS__FAULT_PAUSE:
        return f->what == DS__FAULT_RESUME || f->what == DS__FAULT_CRASH;
    case DS__FAULT_DISK:
        return f->what == DS__FAULT_DISK && f->value == 0;
    default:
        return f->what == before->what;
    }
}

static bool ends(const trace_fault *f, const trace_fault *before)
{
    if (is_of_wires(f) || is_of_wires(before))
        return f->what == DS__FAULT_ON && before->what == DS__FAULT_OFF &&
               f->net == before->net && f->link == before->link &&
               f->line == before->line;
    if (trace_fault_is_of_links(f) != trace_fault_is_of_links(before))
        return false;
    return trace_fault_is_of_links(f) ? ends_link(f, before)
                                      : ends_machine(f, before);
}

static void end_others(trace_model *m, trace_fault *f)
{
    size_t left = 0;

    for (size_t i = 0; i < m->num_lasting; i++) {
        trace_fault *before = &m->faults[m->lasting[i]];
        if (!ends(f, before)) {
            m->lasting[left++] = m->lasting[i];
            continue;
        }
        before->until = f->time;
        f->ended = before->what;
    }
    m->num_lasting = left;
}

/* Room for one more, whose number is a power of two at first. */
static void *room(void *array, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0)
        return array;
    return args_realloc(array, n == 0 ? 1 : 2 * n, size);
}

void trace_fault_add(trace_model *m, const trace_fault *fault)
{
    m->faults = room(m->faults, m->num_faults, sizeof(*m->faults));
    m->lasting = room(m->lasting, m->num_faults, sizeof(*m->lasting));

    trace_fault *f = &m->faults[m->num_faults];
    *f = *fault;
    f->ended = f->what;
    f->until = is_moment(f) ? f->time : NAN;
    end_others(m, f);
    if (isnan(f->until))
        m->lasting[m->num_lasting++] = m->num_faults;
    m->num_faults++;
}

/* Whether the next one is on its side of a partition. */
static bool goes_on(const trace_model *m, const trace_fault *f)
{
    const trace_fault *next = f + 1;

    return f->what == DS__FAULT_PART && f->more > 0 &&
           next < m->faults + m->num_faults && next->what == f->what &&
           next->more == f->more - 1 && next->net == f->net &&
           next->line == f->line && next->time == f->time;
}

bool trace_fault_is_told_before(const trace_model *m, const trace_fault *f)
{
    if (f->line != 0)
        return f->text == NULL;
    return f > m->faults && goes_on(m, f - 1);
}

/* ---- In words -------------------------------------------------------------*/

static int put_machine(const trace_fault *f, const char *node, char *buf,
                       size_t size)
{
    const char *text = f->text == NULL ? "" : f->text;

    switch (f->what) {
    case DS__FAULT_CRASH:
        return snprintf(buf, size, "%s crashes", node);
    case DS__FAULT_RESTART:
        return snprintf(buf, size, "%s is restarted", node);
    case DS__FAULT_PAUSE:
        return snprintf(buf, size, "%s is paused", node);
    case DS__FAULT_RESUME:
        return snprintf(buf, size, "%s is resumed", node);
    case DS__FAULT_SPEED:
        return snprintf(buf, size, "%s has a speed of %g", node, f->value);
    case DS__FAULT_CLOCK:
        return snprintf(buf, size, "%s has a clock that drifts by %g", node,
                        f->value);
    case DS__FAULT_STEP:
        return snprintf(buf, size, "%s has a clock that jumps by %g s", node,
                        f->value);
    case DS__FAULT_DISK:
        if (*text != '\0')
            return snprintf(buf, size, "%s has a disk: %s", node, text);
        return snprintf(buf, size, "%s has a %s disk", node,
                        f->value == 1 ? "new" : "plain");
    case DS__FAULT_TORN:
        return snprintf(buf, size, "%s: its disk has lost %g changes", node,
                        f->value);
    case DS__FAULT_LIED:
        return snprintf(buf, size, "%s: its disk has not synced, and lied",
                        node);
    case DS__FAULT_ROT:
        return snprintf(buf, size, "%s: its disk has turned a bit", node);
    case DS__FAULT_RESEED:
        return snprintf(buf, size, "%s", text);
    default:
        return snprintf(buf, size, "%s: fault %u", node, f->what);
    }
}

static int put_links(const trace_fault *f, const char *from, const char *to,
                     char *buf, size_t size)
{
    const char *text = f->text == NULL ? "" : f->text;

    if (f->line != 0 && f->text != NULL)
        return snprintf(buf, size, "%s%s", is_moment(f) ? "over: " : "", text);
    switch (f->what) {
    case DS__FAULT_CUT:
        return snprintf(buf, size, "%s to %s is cut", from, to);
    case DS__FAULT_HOLD:
        return snprintf(buf, size, "%s to %s is held", from, to);
    case DS__FAULT_MEND:
        return snprintf(buf, size, "%s to %s is mended", from, to);
    case DS__FAULT_CHANCE:
        return snprintf(buf, size, "%s to %s: %s", from, to,
                        *text == '\0' ? "no faults" : text);
    default:
        return snprintf(buf, size, "all links are mended");
    }
}

/* All of a side; what does not fit is left out. */
static void put_side(const trace_model *m, const trace_fault *f, char *buf,
                     size_t size)
{
    char name[64];
    size_t used = 0;

    for (const trace_fault *last = NULL; last == NULL || goes_on(m, last);) {
        last = last == NULL ? f : last + 1;
        const int n =
            snprintf(buf + used, size - used, "%s%s", last == f ? "" : ", ",
                     trace_node_name(m, last->a, name, sizeof(name)));
        used = used + (size_t)n < size ? used + (size_t)n : size - 1;
    }
    snprintf(buf + used, size - used, " %s cut off",
             f->more > 0 ? "are" : "is");
}

static void put_wire(const trace_fault *f, char *buf, size_t size)
{
    const char *text = f->text == NULL ? "" : f->text;
    const bool on = f->what == DS__FAULT_ON;

    if (f->line != 0)
        snprintf(buf, size, "%s%s", on ? "over: " : "", text);
    else
        snprintf(buf, size, "link %s is %s", text, on ? "on again" : "off");
}

const char *trace_fault_words(const trace_model *m, const trace_fault *f,
                              char buf[TRACE_FAULT_MAX])
{
    char a[64], b[64];
    const char *from = trace_node_name(m, f->a, a, sizeof(a));

    if (f->what == DS__FAULT_PART && (f->line == 0 || f->text == NULL))
        put_side(m, f, buf, TRACE_FAULT_MAX);
    else if (is_of_wires(f))
        put_wire(f, buf, TRACE_FAULT_MAX);
    else if (trace_fault_is_of_links(f))
        put_links(f, from, trace_node_name(m, f->b, b, sizeof(b)), buf,
                  TRACE_FAULT_MAX);
    else
        put_machine(f, from, buf, TRACE_FAULT_MAX);
    return buf;
}
