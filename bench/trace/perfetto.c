/* See writers.h.
 *
 * Events are collected, sorted by time and written.  Of equal times the order
 * is that of collecting: within a track what ends goes before what begins, and
 * of a message the sending goes before its slice, and that before its taking,
 * since Perfetto takes the direction of a flow from that. */

#include "bench/trace/writers.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/trace/output.h"
#include "bench/trace/loads.h"
#include "bench/trace/proto.h"

enum {
    MOST_LANES = 64,       /* of a node */
    MOST_SHARES = 1000000, /* changes of loads */
};

/* Fields of Perfetto's messages, by its files in protos/perfetto/trace. */
enum {
    TRACE_PACKET = 1,
    PACKET_TIMESTAMP = 8,
    PACKET_SEQUENCE = 10,
    PACKET_EVENT = 11,
    PACKET_INTERNED = 12,
    PACKET_FLAGS = 13,
    PACKET_TRACK = 60,
    INTERNED_CATEGORY = 1,
    INTERNED_NAME = 2,
    INTERNED_ANNOTATION = 3,
    INTERNED_VALUE = 29,
    ENTRY_NUMBER = 1,
    ENTRY_TEXT = 2,
    TRACK_UUID = 1,
    TRACK_NAME = 2,
    TRACK_PROCESS = 3,
    TRACK_THREAD = 4,
    TRACK_PARENT = 5,
    TRACK_COUNTER = 8,
    PROCESS_PID = 1,
    PROCESS_NAME = 6,
    THREAD_PID = 1,
    THREAD_TID = 2,
    THREAD_NAME = 5,
    EVENT_CATEGORY = 3,
    EVENT_ANNOTATION = 4,
    EVENT_TYPE = 9,
    EVENT_NAME = 10,
    EVENT_TRACK = 11,
    EVENT_WHOLE = 30,
    EVENT_DOUBLE = 44,
    EVENT_FLOW = 47,
    EVENT_FLOW_ENDS = 48,
    ANNOTATION_NAME = 1,
    ANNOTATION_UINT = 3,
    ANNOTATION_DOUBLE = 5,
    ANNOTATION_TEXT = 17,
};

/* Flags of a packet: numbers of texts begin with it; it refers to some. */
enum { BEGINS_TEXTS = 1, NEEDS_TEXTS = 2 };

/* Texts are written once, in the packet that is the first to need them, and go
 * by their numbers from then on; each kind has its own numbers. */
enum { CATEGORY, NAME, ANNOTATION, VALUE, KINDS_OF_TEXT };
static const unsigned interned[KINDS_OF_TEXT] = {
    [CATEGORY] = INTERNED_CATEGORY,
    [NAME] = INTERNED_NAME,
    [ANNOTATION] = INTERNED_ANNOTATION,
    [VALUE] = INTERNED_VALUE,
};

typedef enum event_type {
    SLICE_BEGIN = 1,
    SLICE_END,
    INSTANT,
    COUNTER,
} event_type;

/* Its name is a text, or that of the message: which, and what of it. */
typedef struct event {
    uint64_t time;
    size_t index; /* as they were collected */
    uint64_t track;
    uint64_t message; /* a flow; 0: none */
    const char *category;
    const char *name;
    double value;
    uint8_t type;
    bool ends; /* the flow, here */
} event;

typedef struct writing {
    const trace_view *view;
    FILE *file;
    double scale; /* nanoseconds a second, or more if the run is short */
    event *events;
    size_t num_events;
    size_t room;
    uint64_t tracks; /* so many have a number */
    uint64_t *of_thread;
    proto whole, packet, event, inner;
    trace_texts texts[KINDS_OF_TEXT];
    proto fresh, entry; /* texts that the next packet is the first to need */
    unsigned flags;     /* of the next packet */
    size_t crowded;     /* messages that have no lane */
    trace_carriers carriers;
    double *loads; /* that these have had last, in percent */
    uint64_t *of_carrier;
    double until; /* that loads are known */
    size_t shares;
} writing;

static uint64_t time_of(const writing *w, double time)
{
    const double t = time * w->scale;

    return t >= 1
               ? t < 9e18 ? (uint64_t)llround(t) : UINT64_C(9000000000000000000)
               : t >= 0.5;
}

/* ---- Tracks ---------------------------------------------------------------*/

static void put_packet(writing *w, unsigned field, proto *inner)
{
    if (w->fresh.n > 0)
        proto_message(&w->packet, PACKET_INTERNED, &w->fresh);
    proto_message(&w->packet, field, inner);
    proto_number(&w->packet, PACKET_SEQUENCE, 1);
    if (w->flags != 0)
        proto_number(&w->packet, PACKET_FLAGS, w->flags);
    w->flags = 0;
    proto_message(&w->whole, TRACE_PACKET, &w->packet);
    fwrite(w->whole.bytes, 1, w->whole.n, w->file);
    w->whole.n = 0;
}

static uint64_t put_process(writing *w, size_t pid, const char *name)
{
    proto_number(&w->inner, PROCESS_PID, pid);
    proto_text(&w->inner, PROCESS_NAME, name);
    proto_number(&w->event, TRACK_UUID, ++w->tracks);
    proto_message(&w->event, TRACK_PROCESS, &w->inner);
    put_packet(w, PACKET_TRACK, &w->event);
    return w->tracks;
}

static uint64_t put_thread(writing *w, size_t pid, size_t tid, const char *name)
{
    proto_number(&w->inner, THREAD_PID, pid);
    proto_number(&w->inner, THREAD_TID, tid);
    proto_text(&w->inner, THREAD_NAME, name);
    proto_number(&w->event, TRACK_UUID, ++w->tracks);
    proto_message(&w->event, TRACK_THREAD, &w->inner);
    put_packet(w, PACKET_TRACK, &w->event);
    return w->tracks;
}

static uint64_t put_track(writing *w, uint64_t parent, const char *name,
                          bool counter)
{
    proto_number(&w->event, TRACK_UUID, ++w->tracks);
    proto_text(&w->event, TRACK_NAME, name);
    proto_number(&w->event, TRACK_PARENT, parent);
    if (counter)
        proto_message(&w->event, TRACK_COUNTER, &w->inner);
    put_packet(w, PACKET_TRACK, &w->event);
    return w->tracks;
}

/* ---- Events ---------------------------------------------------------------*/

static event *add(writing *w, event_type type, uint64_t track, double time)
{
    if (w->num_events == w->room) {
        w->room = w->room == 0 ? 1024 : w->room * 2;
        w->events = args_realloc(w->events, w->room, sizeof(*w->events));
    }
    event *e = &w->events[w->num_events];
    *e = (event){
        .time = time_of(w, time),
        .index = w->num_events++,
        .track = track,
        .type = (uint8_t)type,
    };
    return e;
}

static void call_it(event *e, const char *category, const char *name)
{
    e->category = category;
    e->name = name;
}

static int compare_events(const void *a, const void *b)
{
    const event *x = a;
    const event *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* The number of a text in the packet that is being made. */
static uint64_t number_of(writing *w, unsigned kind, const char *text)
{
    const size_t before = w->texts[kind].n;
    const size_t number = trace_texts_number(&w->texts[kind], text);

    w->flags |= NEEDS_TEXTS;
    if (number > before) {
        proto_number(&w->entry, ENTRY_NUMBER, number);
        proto_text(&w->entry, ENTRY_TEXT, text);
        proto_message(&w->fresh, interned[kind], &w->entry);
    }
    return number;
}

/* Whether it takes less room as a whole number, and is the same. */
static bool is_whole(double value)
{
    return value >= 0 && value < 1e15 && value == (double)(uint64_t)value;
}

static void annotate(writing *w, const char *name, double value)
{
    proto_number(&w->inner, ANNOTATION_NAME, number_of(w, ANNOTATION, name));
    if (is_whole(value))
        proto_number(&w->inner, ANNOTATION_UINT, (uint64_t)value);
    else
        proto_double(&w->inner, ANNOTATION_DOUBLE, value);
    proto_message(&w->event, EVENT_ANNOTATION, &w->inner);
}

static void annotate_text(writing *w, const char *name, const char *text)
{
    proto_number(&w->inner, ANNOTATION_NAME, number_of(w, ANNOTATION, name));
    proto_number(&w->inner, ANNOTATION_TEXT, number_of(w, VALUE, text));
    proto_message(&w->event, EVENT_ANNOTATION, &w->inner);
}

static void describe_message(writing *w, const trace_message *m,
                             uint64_t number)
{
    annotate(w, "message", (double)number);
    annotate(w, "bytes", m->size);
    if (m->fate == TRACE_LOST)
        annotate_text(w, "lost", trace_loss_name(m->loss));
    if (isnan(m->came))
        return;
    annotate_text(w, "put off", trace_held_name(m->held));
    annotate(w, "seconds put off", trace_put_off(w->view->model, m));
}

static void put_name(writing *w, const char *name)
{
    proto_number(&w->event, EVENT_NAME, number_of(w, NAME, name));
}

/* A slice of a message is called by its ends. */
static void name_message(writing *w, const trace_message *m)
{
    char from[TRACE_ROW_NAME], to[TRACE_ROW_NAME];
    char name[2 * TRACE_ROW_NAME + 8];
    const trace_model *model = w->view->model;

    snprintf(name, sizeof(name), "%s to %s",
             trace_view_node(w->view, trace_node_of(model, m->source), from,
                             sizeof(from)),
             trace_view_node(w->view, trace_node_of(model, m->dest), to,
                             sizeof(to)));
    put_name(w, name);
}

static void put_event(writing *w, const event *e)
{
    const trace_message *m =
        e->message == 0 ? NULL : trace_message_of(w->view->model, e->message);

    proto_number(&w->event, EVENT_TYPE, e->type);
    proto_number(&w->event, EVENT_TRACK, e->track);
    if (e->category != NULL)
        proto_number(&w->event, EVENT_CATEGORY,
                     number_of(w, CATEGORY, e->category));
    if (e->name != NULL)
        put_name(w, e->name);
    else if (m != NULL)
        name_message(w, m);
    if (e->type == COUNTER && is_whole(e->value))
        proto_number(&w->event, EVENT_WHOLE, (uint64_t)e->value);
    else if (e->type == COUNTER)
        proto_double(&w->event, EVENT_DOUBLE, e->value);
    if (m != NULL) {
        describe_message(w, m, e->message);
        proto_fixed64(&w->event, e->ends ? EVENT_FLOW_ENDS : EVENT_FLOW,
                      e->message);
    }
    proto_number(&w->packet, PACKET_TIMESTAMP, e->time);
    put_packet(w, PACKET_EVENT, &w->event);
}

/* ---- Threads --------------------------------------------------------------*/

static const char *const doing[] = { "waits", "sleeps", "computes" };

/* What happens in a thread never goes back, not even in a file that lies. */
typedef struct track_of {
    uint64_t track;
    double now;
} track_of;

static event *go(writing *w, track_of *t, event_type type, double time)
{
    t->now = time > t->now ? time : t->now;
    return add(w, type, t->track, t->now);
}

/* Slices in slices: what a thread does, in the calls of collectives.  next: of
 * each call the next one of its thread, with calls[0] for none. */
static void add_thread(writing *w, uint32_t thread, size_t call,
                       const size_t *next)
{
    const trace_model *m = w->view->model;
    const trace_thread *t = &m->threads[thread];
    track_of track = { .track = w->of_thread[thread], .now = m->begin };
    bool in_call = false;

    for (size_t i = 0; i <= t->spans || call != 0; i++) {
        const trace_span *s =
            i < t->spans ? &m->spans[m->by_thread[t->first + i]] : NULL;
        /* Calls that end, and begin, before the next span. */
        while (call != 0) {
            const trace_call *c = &m->calls[call - 1];
            const double to = isnan(c->to) ? m->end : c->to;
            if (s != NULL && (in_call ? to > s->from : c->from > s->from))
                break;
            if (!in_call)
                call_it(go(w, &track, SLICE_BEGIN, c->from), "call",
                        c->what == NULL ? "call" : c->what);
            else
                go(w, &track, SLICE_END, to);
            call = in_call ? next[call] : call;
            in_call = !in_call;
        }
        if (s == NULL)
            continue;
        call_it(go(w, &track, SLICE_BEGIN, s->from), doing[s->doing],
                s->what != NULL ? s->what : doing[s->doing]);
        go(w, &track, SLICE_END, s->to);
    }
    assert(!in_call);
}

static void add_threads(writing *w)
{
    const trace_model *m = w->view->model;
    size_t *first = args_alloc(m->num_threads + 1, sizeof(*first));
    size_t *next = args_alloc(m->num_calls + 1, sizeof(*next));

    memset(first, 0, (m->num_threads + 1) * sizeof(*first));
    for (size_t i = m->num_calls; i > 0; i--) {
        next[i] = first[m->calls[i - 1].thread];
        first[m->calls[i - 1].thread] = i;
    }
    for (uint32_t i = 1; i < m->num_threads; i++)
        if (m->threads[i].known)
            add_thread(w, i, first[i], next);
    free(first);
    free(next);
}

/* ---- What threads say -----------------------------------------------------*/

/* The track of a state or a counter of a thread. */
typedef struct own_track {
    uint32_t thread;
    const char *name; /* NULL: states */
    uint64_t track;
    bool open; /* a state is */
} own_track;

static own_track *own_track_of(writing *w, own_track **all, size_t *n,
                               const trace_note *note)
{
    const char *name = note->kind == TRACE_COUNT ? note->text : NULL;

    for (size_t i = *n; i > 0; i--)
        if ((*all)[i - 1].thread == note->thread && (*all)[i - 1].name == name)
            return &(*all)[i - 1];
    *all = args_realloc(*all, *n + 1, sizeof(**all));
    (*all)[*n] = (own_track){
        .thread = note->thread,
        .name = name,
        .track = put_track(w, w->of_thread[note->thread],
                           note->kind == TRACE_STATE ? "state"
                           : name == NULL            ? "count"
                                                     : name,
                           note->kind == TRACE_COUNT),
    };
    return &(*all)[(*n)++];
}

static void add_notes(writing *w)
{
    const trace_model *m = w->view->model;
    own_track *all = NULL;
    size_t n = 0;

    for (size_t i = 0; i < m->num_notes; i++) {
        const trace_note *note = &m->notes[i];
        if (note->kind == TRACE_MARK) {
            call_it(add(w, INSTANT, w->of_thread[note->thread], note->time),
                    "mark", note->text == NULL ? "mark" : note->text);
            continue;
        }
        own_track *own = own_track_of(w, &all, &n, note);
        if (note->kind == TRACE_COUNT) {
            add(w, COUNTER, own->track, note->time)->value = note->value;
            continue;
        }
        if (own->open)
            add(w, SLICE_END, own->track, note->time);
        own->open = note->text != NULL;
        if (own->open)
            call_it(add(w, SLICE_BEGIN, own->track, note->time), "state",
                    note->text);
    }
    for (size_t i = 0; i < n; i++)
        if (all[i].open)
            add(w, SLICE_END, all[i].track, m->end);
    free(all);
}

static void add_faults(writing *w, uint64_t process)
{
    const trace_model *m = w->view->model;
    const uint64_t track =
        m->num_faults == 0 ? 0 : put_track(w, process, "faults", false);

    for (size_t i = 0; i < m->num_faults; i++)
        call_it(add(w, INSTANT, track, m->faults[i].time), "fault",
                trace_fault_name(m->faults[i].what));
}

/* ---- Messages -------------------------------------------------------------*/

static bool is_told(const trace_message *m)
{
    return m->fate != TRACE_FORGOTTEN && !isnan(m->sent) && m->sender != 0;
}

static bool is_taken(const writing *w, const trace_message *m)
{
    const trace_model *model = w->view->model;

    return !isnan(m->taken) && m->taken >= m->sent && m->taker != 0 &&
           m->taker < model->num_threads && model->threads[m->taker].known;
}

static void add_instants(writing *w, bool taking)
{
    const trace_model *m = w->view->model;

    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (!is_told(msg) || (taking && !is_taken(w, msg)))
            continue;
        event *e =
            add(w, INSTANT, w->of_thread[taking ? msg->taker : msg->sender],
                taking ? msg->taken : msg->sent);
        call_it(e, "message", taking ? "takes" : "sends");
        e->message = m->message_base + i;
        e->ends = taking;
    }
}

typedef struct lane {
    uint64_t track;
    double until;
} lane;

typedef struct lanes {
    lane *all;
    size_t n;
} lanes;

/* The first lane that is free, or a new one; NULL: they are too many. */
static lane *lane_of(writing *w, lanes *to, uint64_t process, uint32_t node,
                     double sent)
{
    char name[TRACE_ROW_NAME + 8], buf[TRACE_ROW_NAME];

    for (size_t i = 0; i < to->n; i++)
        if (to->all[i].until <= sent)
            return &to->all[i];
    if (to->n == MOST_LANES)
        return NULL;
    to->all = args_realloc(to->all, to->n + 1, sizeof(*to->all));
    snprintf(name, sizeof(name), "to %s",
             trace_view_node(w->view, node, buf, sizeof(buf)));
    to->all[to->n].track = put_track(w, process, name, false);
    return &to->all[to->n++];
}

static void add_slice(writing *w, const trace_message *msg, uint64_t number,
                      uint64_t track, double end)
{
    event *e = add(w, SLICE_BEGIN, track, msg->sent);

    call_it(e, "message", NULL);
    e->message = number;
    e->ends = !is_taken(w, msg);
    add(w, SLICE_END, track, end);
}

static void add_messages(writing *w, uint64_t process)
{
    const trace_model *m = w->view->model;
    lanes *to = args_alloc(m->num_nodes + 1, sizeof(*to));

    memset(to, 0, (m->num_nodes + 1) * sizeof(*to));
    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        const uint32_t node = trace_node_of(m, msg->dest);
        if (!is_told(msg))
            continue;
        const double end =
            fmax(isnan(msg->ended) ? m->end : msg->ended, msg->sent);
        lane *free_one = lane_of(w, &to[node], process, node, msg->sent);
        if (free_one == NULL) {
            w->crowded++;
            /* Its flow ends somewhere all the same. */
            if (!is_taken(w, msg)) {
                event *e =
                    add(w, INSTANT, w->of_thread[msg->sender], msg->sent);
                call_it(e, "message", NULL);
                e->message = m->message_base + i;
                e->ends = true;
            }
            continue;
        }
        free_one->until = end;
        add_slice(w, msg, m->message_base + i, free_one->track, end);
    }
    for (size_t i = 0; i < m->num_nodes; i++)
        free(to[i].all);
    free(to);
}

/* ---- Ports and links ------------------------------------------------------*/

static uint64_t put_carrier(writing *w, const trace_carrier *c)
{
    char name[TRACE_ROW_NAME + 20], buf[TRACE_ROW_NAME];

    snprintf(name, sizeof(name), "%s%s, percent",
             c->node == 0 ? ""
             : c->in      ? "into "
                          : "out of ",
             trace_carrier_name(w->view, c, buf, sizeof(buf)));
    return put_track(w, w->of_carrier[w->carriers.n], name, true);
}

static void set_load(writing *w, size_t i, double time, double percent)
{
    if (w->loads[i] == percent || w->shares > MOST_SHARES)
        return;
    w->loads[i] = percent;
    if (w->shares++ == MOST_SHARES)
        return;
    if (w->of_carrier[i] == 0)
        w->of_carrier[i] = put_carrier(w, &w->carriers.all[i]);
    add(w, COUNTER, w->of_carrier[i], time)->value = percent;
}

static void add_loads(void *arg, double from, double to,
                      const trace_load *loads)
{
    writing *w = arg;

    for (size_t i = 0; i < w->carriers.n; i++) {
        if (from > w->until)
            set_load(w, i, w->until, 0);
        set_load(w, i, from, 100 * loads[i].share);
    }
    w->until = to;
}

/* Changes only; 0 when nothing is under way. */
static void add_carriers(writing *w)
{
    const trace_model *m = w->view->model;
    char why[TRACE_WHY];

    if (!trace_carriers_find(&w->carriers, m, why)) {
        if (*why != '\0')
            args_warn("%s: no use of ports and links: %s", m->file, why);
        return;
    }
    const size_t n = w->carriers.n;
    w->loads = args_alloc(n + 1, sizeof(*w->loads));
    w->of_carrier = args_alloc(n + 1, sizeof(*w->of_carrier));
    memset(w->loads, 0, (n + 1) * sizeof(*w->loads));
    memset(w->of_carrier, 0, (n + 1) * sizeof(*w->of_carrier));
    w->of_carrier[n] = put_process(w, w->view->num_rows + 2,
                                   w->carriers.are_links ? "links" : "ports");
    w->until = INFINITY;
    if (!trace_loads_each(m, &w->carriers, add_loads, w))
        args_warn("%s: no use of ports and links: there is too much to work "
                  "out",
                  m->file);
    for (size_t i = 0; i < n && w->until < INFINITY; i++)
        set_load(w, i, w->until, 0);
    trace_carriers_free(&w->carriers);
    free(w->loads);
    free(w->of_carrier);
}

/* ---- The file -------------------------------------------------------------*/

static void put_rows(writing *w)
{
    const trace_model *m = w->view->model;
    char name[TRACE_ROW_NAME + 40], buf[TRACE_ROW_NAME];

    for (size_t i = 0; i < w->view->num_rows; i++) {
        snprintf(name, sizeof(name), "%s%s", w->view->rows[i].name,
                 w->scale > 1e9 ? " (a ns is a ps)" : "");
        put_process(w, i + 1, name);
    }
    w->of_thread = args_alloc(m->num_threads + 1, sizeof(*w->of_thread));
    for (uint32_t i = 0; i < m->num_threads; i++)
        w->of_thread[i] =
            !m->threads[i].known
                ? 0
                : put_thread(w, m->threads[i].row + 1, i,
                             trace_thread_name(m, i, buf, sizeof(buf)));
}

static void warn(const writing *w)
{
    const char *file = w->view->model->file;

    if (w->scale > 1e9)
        args_warn("%s: Perfetto counts nanoseconds, and the run is shorter "
                  "than 1000 of these: each stands for a picosecond",
                  file);
    if (w->crowded > 0)
        args_warn("%s: %zu messages are in no lane, since %d others to the "
                  "same node are under way",
                  file, w->crowded, MOST_LANES);
    if (w->shares > MOST_SHARES)
        args_warn("%s: what ports and links carry ends after %d changes", file,
                  MOST_SHARES);
}

failure trace_perfetto(const trace_view *v, const char *name)
{
    writing w = { .view = v };
    failure why = trace_output_open(&w.file, name);

    if (why.status != 0)
        return why;
    w.flags = BEGINS_TEXTS;
    w.scale = v->model->end > 0 && v->model->end < 1e-6 ? 1e12 : 1e9;
    put_rows(&w);
    const uint64_t process = put_process(&w, v->num_rows + 1, "network");
    add_threads(&w);
    add_notes(&w);
    add_faults(&w, process);
    add_instants(&w, false);
    add_messages(&w, process);
    add_instants(&w, true);
    add_carriers(&w);
    if (w.num_events > 0)
        qsort(w.events, w.num_events, sizeof(*w.events), compare_events);
    for (size_t i = 0; i < w.num_events; i++)
        put_event(&w, &w.events[i]);
    warn(&w);
    free(w.events);
    free(w.of_thread);
    free(w.whole.bytes);
    free(w.packet.bytes);
    free(w.event.bytes);
    free(w.inner.bytes);
    free(w.fresh.bytes);
    free(w.entry.bytes);
    for (unsigned i = 0; i < KINDS_OF_TEXT; i++)
        trace_texts_free(&w.texts[i]);
    return trace_output_close(w.file, name, why);
}
