/* See model.h. */

#include "bench/trace/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* Each thread, network and message is in a record, so that a number that is
 * greater than the number of records is damage; streams and nodes may be there
 * that are not told of. */
#define MOST_UNTOLD 1000000

/* ---- Arrays ---------------------------------------------------------------*/

/* Room for the n-th, whose number is a power of two at first. */
#define PUSH(array, n)                                                         \
    (((n) & ((n)-1)) == 0                                                      \
         ? (void)((array) = args_realloc((array), (n) == 0 ? 1 : (n)*2,        \
                                         sizeof(*(array))))                    \
         : (void)0,                                                            \
     &(array)[(n)++])

/* What a record needs while a file is read, besides the model. */
typedef struct reading {
    trace_model *m;
    trace_span *open; /* by thread: the wait that has not ended */
    bool *is_open;
    size_t *call;    /* by thread: 1 + the call that it is in */
    size_t room;     /* of these */
    uint64_t most;   /* that the number of a thread can be */
    uint64_t untold; /* ... of a stream or a node */
    size_t max_threads, max_nodes, max_streams, max_nets, max_messages;
} reading;

/* An array in which `number` has a place: n is one more than the last that has,
 * and new ones are copies of fresh. */
static bool reach(void **array, size_t *n, size_t *max, size_t size,
                  uint64_t number, uint64_t most, const void *fresh)
{
    if (number < *n)
        return true;
    if (number > most)
        return false;
    if (number >= *max) {
        while (number >= *max)
            *max = *max == 0 ? 16 : *max * 2;
        *array = args_realloc(*array, *max, size);
    }
    for (; *n <= number; ++*n)
        memcpy((char *)*array + *n * size, fresh, size);
    return true;
}

#define REACH(r, what, max, number, limit, fresh)                              \
    reach((void **)&(r)->m->what, &(r)->m->num_##what, &(r)->max,              \
          sizeof(*(r)->m->what), number, limit, fresh)

static trace_node *node_at(reading *r, uint32_t node)
{
    static const trace_node fresh = { .send_rate = NAN, .recv_rate = NAN };

    if (!REACH(r, nodes, max_nodes, node, r->untold, &fresh))
        return NULL;
    r->m->nodes[node].known = true;
    return &r->m->nodes[node];
}

static trace_stream *stream_at(reading *r, uint32_t stream)
{
    static const trace_stream fresh;

    return REACH(r, streams, max_streams, stream, r->untold, &fresh)
               ? &r->m->streams[stream]
               : NULL;
}

static trace_net *net_at(reading *r, uint32_t net)
{
    static const trace_net fresh = { .latency = NAN };

    return REACH(r, nets, max_nets, net, r->most, &fresh) ? &r->m->nets[net]
                                                          : NULL;
}

static trace_message *message_at(reading *r, uint64_t number)
{
    static const trace_message fresh = { .sent = NAN,
                                         .begun = NAN,
                                         .came = NAN,
                                         .ended = NAN,
                                         .taken = NAN,
                                         .idle = NAN };

    if (number <= r->m->message_base)
        return NULL;
    number -= r->m->message_base;
    return REACH(r, messages, max_messages, number, r->most, &fresh)
               ? &r->m->messages[number]
               : NULL;
}

static trace_thread *thread_at(reading *r, uint32_t thread)
{
    static const trace_thread fresh = { .spawned = NAN,
                                        .started = NAN,
                                        .ended = NAN };

    if (!REACH(r, threads, max_threads, thread, r->most, &fresh))
        return NULL;
    if (r->room < r->max_threads) {
        r->open = args_realloc(r->open, r->max_threads, sizeof(*r->open));
        r->is_open =
            args_realloc(r->is_open, r->max_threads, sizeof(*r->is_open));
        r->call = args_realloc(r->call, r->max_threads, sizeof(*r->call));
        for (; r->room < r->max_threads; r->room++) {
            r->is_open[r->room] = false;
            r->call[r->room] = 0;
        }
    }
    r->m->threads[thread].known = true;
    return &r->m->threads[thread];
}

/* ---- Texts ----------------------------------------------------------------*/

/* A copy that stays, one for equal texts. */
static const char *keep(reading *r, const char *text)
{
    if (text == NULL)
        return NULL;
    const size_t number = trace_texts_number(&r->m->texts, text);
    return r->m->texts.all[number - 1];
}

/* ---- Waits ----------------------------------------------------------------*/

static void open_span(reading *r, const trace_record *t, trace_doing doing)
{
    if (thread_at(r, t->who) == NULL)
        return;
    r->is_open[t->who] = true;
    r->open[t->who] = (trace_span){
        .from = t->time,
        .thread = t->who,
        .doing = doing,
        .stream = t->a,
        .what = keep(r, t->text),
    };
}

static void add_seconds(trace_thread *thread, const trace_span *s)
{
    const double seconds = s->to - s->from;

    switch (s->doing) {
    case TRACE_WAITS:
        thread->waits += seconds;
        break;
    case TRACE_SLEEPS:
        thread->sleeps += seconds;
        break;
    case TRACE_COMPUTES:
        thread->computes += seconds;
        break;
    }
}

/* A thread that belongs to no node is at that of its messages. */
static void settle(reading *r, uint32_t thread, uint32_t stream)
{
    trace_thread *t = thread_at(r, thread);
    const uint32_t node = trace_node_of(r->m, stream);

    if (t != NULL && t->node == 0)
        t->node = node;
}

static void receive(reading *r, const trace_record *t)
{
    trace_stream *stream = stream_at(r, t->a);
    trace_message *m;

    if (stream == NULL || t->number == 0 || stream->node == 0 ||
        (m = message_at(r, t->number)) == NULL)
        return;
    settle(r, t->who, t->a);
    stream->owner = t->who;
    stream->queue -= stream->queue > 0;
    stream->received++;
    stream->lain += isnan(m->ended) ? 0 : t->time - m->ended;
    if (!isnan(m->taken))
        return;
    m->taken = t->time;
    m->taker = t->who;
    if (r->m->threads[t->who].known)
        r->m->threads[t->who].bytes_in += m->size;
}

static void close_span(reading *r, const trace_record *t)
{
    trace_thread *thread = thread_at(r, t->who);

    if (thread == NULL)
        return;
    if (t->flag == DS__WOKEN_EVENT)
        receive(r, t);
    if (!r->is_open[t->who])
        return;
    r->is_open[t->who] = false;

    trace_span *s = PUSH(r->m->spans, r->m->num_spans);
    *s = r->open[t->who];
    s->to = t->time;
    s->at = t->index;
    s->why = t->flag;
    s->message = t->number;
    if (t->flag == DS__WOKEN_EVENT)
        s->stream = t->a;
    add_seconds(&r->m->threads[t->who], s);
}

/* ---- Messages -------------------------------------------------------------*/

static void send(reading *r, const trace_record *t)
{
    trace_message *m = message_at(r, t->number);
    trace_thread *thread = thread_at(r, t->who);

    if (m == NULL || thread == NULL)
        return;
    *m = (trace_message){
        .sent = t->time,
        .begun = NAN,
        .came = NAN,
        .ended = NAN,
        .taken = NAN,
        .idle = NAN,
        .size = t->real,
        .at = t->index,
        .sender = t->who,
        .source = t->a,
        .dest = t->b,
        .net = (uint8_t)t->flag,
        .fate = TRACE_UNDER_WAY,
    };
    /* Its value is its size, and its number its name. */
    thread->bytes_out += m->size;
    settle(r, t->who, t->a);
    r->m->sent++;
    r->m->bytes += m->size;
}

static void lie(reading *r, const trace_record *t, uint32_t dest)
{
    trace_stream *stream = stream_at(r, dest);

    if (stream == NULL || ++stream->queue <= stream->longest)
        return;
    stream->longest = stream->queue;
    stream->longest_at = t->time;
}

static void end_message(reading *r, const trace_record *t)
{
    const bool arrives = t->kind == DS__TELL_ARRIVE;
    trace_message *m = message_at(r, t->number);

    if (arrives && (m != NULL || t->number == 0))
        lie(r, t, m == NULL ? t->b : m->dest);
    if (m == NULL) {
        r->m->nameless += arrives && t->number == 0;
        return;
    }
    if (m->fate == TRACE_ARRIVED) {
        m->copies += arrives;
        return;
    }
    m->ended = t->time;
    if (m->fate != TRACE_FORGOTTEN)
        m->fate = arrives ? TRACE_ARRIVED : TRACE_LOST;
    if (arrives)
        m->damaged = t->flag == 1;
    else
        m->loss = (uint8_t)t->flag;
}

/* A message that has ended is another copy, which its network has made. */
static void hold(reading *r, const trace_record *t)
{
    trace_message *m = message_at(r, t->number);

    if (t->flag == DS__HELD_SECOND) {
        r->m->doubled++;
        return;
    }
    if (m == NULL || !isnan(m->ended))
        return;
    if (isnan(m->came))
        m->came = t->time;
    m->held = (uint8_t)t->flag;
}

/* ---- Threads, calls and the rest ------------------------------------------*/

static void live(reading *r, const trace_record *t)
{
    trace_thread *thread = thread_at(r, t->who);

    if (thread == NULL)
        return;
    switch (t->kind) {
    case DS__TELL_SPAWN:
        thread->spawned = t->time;
        thread->spawned_at = t->index;
        thread->parent = t->a < t->who ? t->a : 0; /* it came before */
        thread->daemon = t->flag == 1;
        break;
    case DS__TELL_START:
        thread->started = t->time;
        thread->belongs = t->a != 0 && node_at(r, t->a) != NULL;
        if (thread->belongs)
            thread->node = t->a;
        thread->life = t->b;
        break;
    default:
        thread->ended = t->time;
        thread->ended_at = t->index;
        thread->unwound = t->flag == 1;
        break;
    }
}

static void rename_to(char **name, const char *text)
{
    free(*name);
    *name = args_alloc(strlen(text) + 1, 1);
    strcpy(*name, text);
}

static void name(reading *r, const trace_record *t)
{
    trace_thread *thread;
    trace_stream *stream;
    trace_node *node;

    if (t->text == NULL)
        return;
    if (t->flag == DS__NAMED_THREAD && (thread = thread_at(r, t->a)) != NULL)
        rename_to(&thread->name, t->text);
    if (t->flag == DS__NAMED_STREAM && (stream = stream_at(r, t->a)) != NULL)
        rename_to(&stream->name, t->text);
    if (t->flag == DS__NAMED_NODE && (node = node_at(r, t->a)) != NULL)
        rename_to(&node->name, t->text);
}

static void network(reading *r, const trace_record *t)
{
    trace_net *net = net_at(r, t->a);
    trace_node *node = NULL;

    if (net == NULL)
        return;
    switch (t->kind) {
    case DS__TELL_NET:
        rename_to(&net->name, t->text == NULL ? "" : t->text);
        break;
    case DS__TELL_MODEL:
        rename_to(&net->model, t->text == NULL ? "" : t->text);
        net->latency = t->real;
        break;
    default:
        node = node_at(r, t->b);
        break;
    }
    if (node != NULL) {
        double *rate = t->flag ? &node->recv_rate : &node->send_rate;
        *rate = isnan(*rate) ? t->real : *rate;
    }
}

/* What is told of a link once more has changed. */
static void network_of_links(reading *r, const trace_record *t)
{
    trace_net *net = t->who == 0 ? NULL : net_at(r, t->who - 1);
    const bool changes =
        net != NULL && t->kind == DS__TELL_LINK && !t->kept &&
        ((t->flag & DS__LINK_OFF) != 0 ||
         (t->a < net->links.num_links && !isnan(net->links.links[t->a].rate)));

    if (net == NULL)
        return;
    trace_links_take(&net->links, t, r->untold);
    if (changes)
        *PUSH(r->m->changes, r->m->num_changes) = (trace_change){
            .time = t->time,
            .net = t->who - 1,
            .link = t->a,
            .rate = t->real,
            .off = (t->flag & DS__LINK_OFF) != 0,
        };
}

/* One that begins once more goes by another way. */
static void begin(reading *r, const trace_record *t)
{
    trace_message *m = t->number == 0 ? NULL : message_at(r, t->number);

    if (m == NULL)
        return;
    if (t->a != 0 && !isnan(m->begun)) {
        *PUSH(r->m->changes, r->m->num_changes) = (trace_change){
            .time = t->time,
            .net = m->net,
            .message = t->number,
            .way = t->a,
        };
        return;
    }
    m->begun = t->time;
    m->way = t->a;
    if (t->a != 0 && m->net < r->m->num_nets)
        m->idle = trace_way_rate(&r->m->nets[m->net].links, t->a);
}

static void port(reading *r, const trace_record *t)
{
    trace_stream *stream = stream_at(r, t->a);

    if (stream == NULL || node_at(r, t->b) == NULL)
        return;
    stream->node = t->b;
    stream->number = (uint32_t)t->real;
}

static void call(reading *r, const trace_record *t)
{
    if (thread_at(r, t->who) == NULL)
        return;

    /* Calls in calls are not told apart: the outermost one counts. */
    size_t *mine = &r->call[t->who];
    if (t->flag == 1) {
        if (*mine > 0 && r->m->calls[*mine - 1].number == t->a) {
            r->m->calls[*mine - 1].to = t->time;
            *mine = 0;
        }
        return;
    }
    if (*mine > 0)
        return;
    *PUSH(r->m->calls, r->m->num_calls) = (trace_call){
        .from = t->time,
        .to = NAN,
        .thread = t->who,
        .number = t->a,
        .len = t->real,
        .what = keep(r, t->text),
    };
    *mine = r->m->num_calls;
}

static void step(reading *r, const trace_record *t)
{
    if (thread_at(r, t->who) == NULL)
        return;
    *PUSH(r->m->steps, r->m->num_steps) = (trace_step){
        .time = t->time,
        .at = t->index,
        .thread = t->who,
        .call = (uint32_t)r->call[t->who],
        .number = t->a,
        .rank = t->b,
        .receives = t->flag == 1,
    };
}

static void note(reading *r, const trace_record *t, trace_note_kind kind)
{
    if (thread_at(r, t->who) != NULL)
        *PUSH(r->m->notes, r->m->num_notes) = (trace_note){
            .time = t->time,
            .thread = t->who,
            .kind = kind,
            .text = keep(r, t->text),
            .value = t->real,
        };
}

/* What lies in its ports is gone with a machine. */
static void forget_queues(reading *r, uint32_t node)
{
    for (size_t i = 0; i < r->m->num_streams; i++)
        if (r->m->streams[i].node == node)
            r->m->streams[i].queue = 0;
}

static uint64_t line_of(const trace_record *t)
{
    return t->real >= 0 && t->real < 1e15 ? (uint64_t)t->real : 0;
}

/* A link of a routed network, which is no node. */
static void wire(reading *r, const trace_record *t)
{
    const trace_fault f = {
        .time = t->time,
        .what = t->flag,
        .link = t->a,
        .net = t->who,
        .line = line_of(t),
        .text = keep(r, t->text),
    };

    trace_fault_add(r->m, &f);
}

static void fault(reading *r, const trace_record *t)
{
    const bool has_two = t->flag != DS__FAULT_PART;

    if (t->flag == DS__FAULT_OFF || t->flag == DS__FAULT_ON) {
        wire(r, t);
        return;
    }
    if (node_at(r, t->a) == NULL || (has_two && node_at(r, t->b) == NULL))
        return;
    trace_fault f = {
        .time = t->time,
        .what = t->flag,
        .a = t->a,
        .b = has_two ? t->b : 0,
        .more = has_two ? 0 : t->b,
        .net = t->who,
        .value = t->real,
        .text = keep(r, t->text),
    };
    if (trace_fault_is_of_links(&f)) {
        f.line = line_of(t);
        f.value = 0;
    }
    trace_fault_add(r->m, &f);
    if (t->flag == DS__FAULT_CRASH)
        forget_queues(r, t->a);
}

static void run(reading *r, const trace_record *t)
{
    trace_model *m = r->m;

    m->ended = t->kind == DS__TELL_RAN;
    if (m->ended) {
        m->status = t->flag;
        m->digest = t->number;
        rename_to(&m->reason, t->text == NULL ? "" : t->text);
    } else {
        m->runs++;
        m->seed = t->number;
        m->fifo = t->flag == 1;
    }
}

/* ---- Reading --------------------------------------------------------------*/

static void take(reading *r, const trace_record *t)
{
    switch ((ds__tell_kind)t->kind) {
    case DS__TELL_RUN:
    case DS__TELL_RAN:
        run(r, t);
        break;
    case DS__TELL_SPAWN:
    case DS__TELL_START:
    case DS__TELL_END:
        live(r, t);
        break;
    case DS__TELL_NAME:
        name(r, t);
        break;
    case DS__TELL_PORT:
        port(r, t);
        break;
    case DS__TELL_NET:
    case DS__TELL_MODEL:
    case DS__TELL_RATES:
        network(r, t);
        break;
    case DS__TELL_WAIT:
        open_span(r, t, TRACE_WAITS);
        break;
    case DS__TELL_SLEEP:
        open_span(r, t, TRACE_SLEEPS);
        break;
    case DS__TELL_COMPUTE:
        open_span(r, t, TRACE_COMPUTES);
        break;
    case DS__TELL_WAKE:
        close_span(r, t);
        break;
    case DS__TELL_TAKE:
        if (thread_at(r, t->who) != NULL)
            receive(r, t);
        break;
    case DS__TELL_SEND:
        send(r, t);
        break;
    case DS__TELL_BEGIN:
        begin(r, t);
        break;
    case DS__TELL_ARRIVE:
    case DS__TELL_LOSE:
        end_message(r, t);
        break;
    case DS__TELL_CALL:
        call(r, t);
        break;
    case DS__TELL_BECAUSE:
        if (thread_at(r, t->who) != NULL)
            *PUSH(r->m->causes, r->m->num_causes) = (trace_cause){
                .time = t->time,
                .at = t->index,
                .thread = t->who,
                .message = t->number,
            };
        break;
    case DS__TELL_FAULT:
        fault(r, t);
        break;
    case DS__TELL_MARK:
        note(r, t, TRACE_MARK);
        break;
    case DS__TELL_STATE:
        note(r, t, TRACE_STATE);
        break;
    case DS__TELL_COUNT:
        note(r, t, TRACE_COUNT);
        break;
    case DS__TELL_STUCK:
        if (thread_at(r, t->who) != NULL)
            r->m->threads[t->who].stuck = keep(r, t->text);
        break;
    case DS__TELL_FOR:
        if (thread_at(r, t->who) != NULL && thread_at(r, t->a) != NULL)
            *PUSH(r->m->waits, r->m->num_waits) = (trace_wait){ t->who, t->a };
        break;
    case DS__TELL_STEP:
        step(r, t);
        break;
    case DS__TELL_HELD:
        hold(r, t);
        break;
    case DS__TELL_LINK:
    case DS__TELL_WAY:
    case DS__TELL_HOP:
    case DS__TELL_SHARE:
        network_of_links(r, t);
        break;
    case DS__TELL_LAST:
        break;
    }
}

static void read_all(reading *r, trace_file *f)
{
    trace_record t;
    bool first = true;

    while (trace_next(f, &t)) {
        r->m->records++;
        if (!t.kept && first) {
            r->m->begin = f->forgotten > 0 ? t.time : 0;
            first = false;
        }
        if (t.time > r->m->end)
            r->m->end = t.time;
        take(r, &t);
    }
}

/* ---- What is counted at the end -------------------------------------------*/

/* Those that have not ended go to the end of what is told. */
static void close_all(reading *r)
{
    for (uint32_t i = 1; i < r->m->num_threads; i++) {
        if (!r->is_open[i])
            continue;
        trace_span *s = PUSH(r->m->spans, r->m->num_spans);
        *s = r->open[i];
        s->to = r->m->end;
        s->at = UINT64_MAX;
        s->why = DS__WOKEN_OVER;
        add_seconds(&r->m->threads[i], s);
    }
}

static void sort_spans(trace_model *m)
{
    size_t at = 0;

    m->by_thread = args_alloc(m->num_spans + 1, sizeof(*m->by_thread));
    for (size_t i = 0; i < m->num_spans; i++)
        m->threads[m->spans[i].thread].spans++;
    for (size_t i = 0; i < m->num_threads; i++) {
        m->threads[i].first = at;
        at += m->threads[i].spans;
        m->threads[i].spans = 0;
    }
    for (size_t i = 0; i < m->num_spans; i++) {
        trace_thread *t = &m->threads[m->spans[i].thread];
        m->by_thread[t->first + t->spans++] = i;
    }
}

static void count_put_off(trace_model *m, size_t i)
{
    const trace_message *message = &m->messages[i];
    const double seconds = trace_put_off(m, message);
    const trace_message *longest = trace_message_of(m, m->longest);

    if (isnan(message->came))
        return;
    m->put_off++;
    m->put_off_for += seconds;
    m->held += isnan(message->ended);
    if (longest == NULL || seconds > trace_put_off(m, longest))
        m->longest = m->message_base + i;
}

static void count(trace_model *m)
{
    for (size_t i = 1; i < m->num_messages; i++) {
        const unsigned fate = m->messages[i].fate;
        m->arrived += fate == TRACE_ARRIVED;
        m->lost += fate == TRACE_LOST;
        m->under_way += fate == TRACE_UNDER_WAY;
        count_put_off(m, i);
    }
    for (size_t i = 1; i < m->num_threads; i++)
        if (m->threads[i].node != 0)
            m->nodes[m->threads[i].node].threads++;
}

failure trace_model_read(trace_model *m, const char *file)
{
    trace_file f;
    reading r = { .m = m };
    failure why = trace_open(&f, file);

    *m = (trace_model){ .file = file };
    if (why.status != 0)
        return why;
    r.most = f.total > f.size / 2 ? f.total : f.size / 2;
    r.untold = r.most + MOST_UNTOLD;
    thread_at(&r, 0);
    node_at(&r, 0);
    stream_at(&r, 0);
    m->message_base = f.forgotten_sends;
    message_at(&r, m->message_base + 1);
    m->num_messages = 1;
    rename_to(&m->reason, "");
    read_all(&r, &f);
    m->forgotten = f.forgotten;
    m->damaged = f.damaged;
    memcpy(m->trouble, f.trouble, sizeof(m->trouble));
    close_all(&r);
    sort_spans(m);
    count(m);
    trace_circle_find(m);
    trace_path_find(m);
    trace_close(&f);
    free(r.open);
    free(r.is_open);
    free(r.call);
    return SUCCESS;
}

void trace_model_free(trace_model *m)
{
    for (size_t i = 0; i < m->num_threads; i++)
        free(m->threads[i].name);
    for (size_t i = 0; i < m->num_nodes; i++)
        free(m->nodes[i].name);
    for (size_t i = 0; i < m->num_streams; i++)
        free(m->streams[i].name);
    for (size_t i = 0; i < m->num_nets; i++) {
        free(m->nets[i].name);
        free(m->nets[i].model);
        trace_links_free(&m->nets[i].links);
    }
    free(m->threads);
    free(m->nodes);
    free(m->streams);
    free(m->nets);
    free(m->messages);
    free(m->spans);
    free(m->calls);
    free(m->steps);
    free(m->causes);
    free(m->notes);
    free(m->faults);
    free(m->lasting);
    free(m->waits);
    free(m->changes);
    free(m->by_thread);
    free(m->path.pieces);
    trace_texts_free(&m->texts);
    free(m->reason);
}

/* ---- Asking ---------------------------------------------------------------*/

const char *trace_thread_name(const trace_model *m, uint32_t thread, char *buf,
                              size_t size)
{
    if (thread < m->num_threads && m->threads[thread].name != NULL)
        return m->threads[thread].name;
    snprintf(buf, size, "thread %u", (unsigned)thread);
    return buf;
}

const char *trace_node_name(const trace_model *m, uint32_t node, char *buf,
                            size_t size)
{
    if (node > 0 && node < m->num_nodes && m->nodes[node].name != NULL)
        return m->nodes[node].name;
    if (node == 0)
        return "all";
    snprintf(buf, size, "node %u", (unsigned)node - 1);
    return buf;
}

trace_message *trace_message_of(const trace_model *m, uint64_t number)
{
    if (number <= m->message_base ||
        number - m->message_base >= m->num_messages)
        return NULL;
    return &m->messages[number - m->message_base];
}

double trace_through(const trace_message *m)
{
    return isnan(m->came) ? m->ended : m->came;
}

double trace_put_off(const trace_model *model, const trace_message *m)
{
    if (isnan(m->came))
        return 0;
    return (isnan(m->ended) ? model->end : m->ended) - m->came;
}

uint32_t trace_node_of(const trace_model *m, uint32_t stream)
{
    return stream < m->num_streams ? m->streams[stream].node : 0;
}

static uint32_t owner_of(const trace_model *m, uint32_t stream)
{
    return stream < m->num_streams ? m->streams[stream].owner : 0;
}

/* Whoever comes last to a rendezvous has its message sent, so the sender may be
 * the receiver. */
uint32_t trace_other_end(const trace_model *m, uint64_t message,
                         uint32_t thread)
{
    const trace_message *msg = trace_message_of(m, message);

    if (msg == NULL)
        return 0;
    const uint32_t ends[] = { owner_of(m, msg->source), msg->sender,
                              owner_of(m, msg->dest), msg->taker };
    const bool mine = ends[0] == thread;
    for (size_t i = mine ? 2 : 0; i < 4; i++)
        if (ends[i] != 0 && ends[i] != thread)
            return ends[i];
    return 0;
}

/* By the ports at its ends. */
static double port_rate(const trace_model *m, const trace_message *message)
{
    const uint32_t from = trace_node_of(m, message->source);
    const uint32_t to = trace_node_of(m, message->dest);

    if (from >= m->num_nodes || to >= m->num_nodes)
        return NAN;
    return fmin(m->nodes[from].send_rate, m->nodes[to].recv_rate);
}

bool trace_idle_of(const trace_model *m, const trace_message *message,
                   trace_idle *idle)
{
    const trace_net *net =
        message->net < m->num_nets ? &m->nets[message->net] : NULL;
    const trace_way *way =
        net == NULL ? NULL : trace_way_of(&net->links, message->way);
    const bool first_is_free =
        net != NULL && net->model != NULL && strcmp(net->model, "loggops") == 0;
    const double bytes = fmax(message->size - first_is_free, 0);

    if (net == NULL)
        return false;
    *idle = (trace_idle){
        .latency = way != NULL ? way->latency : net->latency,
        .bytes = bytes / (way != NULL ? message->idle : port_rate(m, message)),
    };
    return !isnan(idle->latency) && !isnan(idle->bytes);
}
