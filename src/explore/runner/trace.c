/* Traces; see the header. */

#include "explore/runner/trace.h"

#include <assert.h>
#include <string.h>

#include <distsys/fault.h>

#include "base/rng.h"
#include "explore/print.h"
#include "net/net.h"

/* ---- Listening ------------------------------------------------------------*/

static uint64_t machine_of(uint64_t who)
{
    const ds_handle *h = ds__self();
    const ds_node *node;

    if (h == NULL || ds__handle_number(h) != who)
        return UINT64_MAX;
    node = ds__node_of(h);
    return node == NULL ? UINT64_MAX : ds_node_number(node);
}

static uint64_t hash_of(const char *text)
{
    uint64_t hash = 0;

    for (; *text != '\0'; text++)
        hash = ds__mix(hash + (unsigned char)*text + 1);
    return hash;
}

static void note(ds__step *step, const ds__record *record)
{
    *step = (ds__step){
        .time = record->time,
        .x = record->x,
        .who = record->who,
        .machine = machine_of(record->who),
        .id = record->id,
        .a = record->a,
        .b = record->b,
        .kind = (uint16_t)record->kind,
        .flag = (uint16_t)record->flag,
    };
    if (record->text != NULL) {
        step->hash = hash_of(record->text);
        strncpy(step->text, record->text, sizeof(step->text) - 1);
    }
}

static void listen(ds__probe *self, const ds__record *record)
{
    ds__trace *trace = ds__container(self, ds__trace, probe);

    assert(record->kind < DS__TELL_LAST);
    if (trace->steps < DS__MOST_STEPS)
        note(&trace->list[trace->steps], record);
    trace->steps++;
}

void ds__trace_init(ds__trace *trace)
{
    trace->probe.record = listen;
}

static void note_ports(ds__trace *trace, const ds_loop *loop)
{
    const ds__annex *annex = ds__loop_annex(loop);
    const ds_port *port = annex == NULL ? NULL : annex->ports;

    for (; port != NULL && trace->num_ports < DS__MOST_PORTS; port = port->next)
        trace->ports[trace->num_ports++] = (ds__trace_port){
            .stream = port->stream.number,
            .number = (uint32_t)port->number,
            .machine = port->node->number,
        };
}

void ds__trace_finish(ds__trace *trace, const ds_loop *loop,
                      const ds_history *history)
{
    note_ports(trace, loop);
    while (trace->num_calls < ds_history_size(history) &&
           trace->num_calls < DS__MOST_CALLS) {
        trace->calls[trace->num_calls] =
            *ds_history_at(history, trace->num_calls);
        trace->num_calls++;
    }
}

/* ---- In words -------------------------------------------------------------*/

static void add_thread(ds__text *text, const ds__step *s)
{
    ds__text_add(text, "thread %llu", (unsigned long long)s->who);
    if (s->machine != UINT64_MAX)
        ds__text_add(text, " of node %llu", (unsigned long long)s->machine);
}

static void add_stream(ds__text *text, const ds__trace *trace, uint32_t stream)
{
    for (size_t i = 0; i < trace->num_ports; i++)
        if (trace->ports[i].stream == stream) {
            ds__text_add(text, "port %u of node %llu",
                         (unsigned)trace->ports[i].number,
                         (unsigned long long)trace->ports[i].machine);
            return;
        }
    ds__text_add(text, "stream %u", (unsigned)stream);
}

/* What arrives is known by its name; its way is in the record of its sending.
 */
static void add_message(ds__text *text, const ds__trace *trace,
                        const ds__step *s, const char *what)
{
    ds__text_add(text, "%s, number %llu", what, (unsigned long long)s->id);
    if (s->a == 0 && s->b == 0)
        return;
    ds__text_add(text, ", from ");
    add_stream(text, trace, s->a);
    ds__text_add(text, " to ");
    add_stream(text, trace, s->b);
}

static void add_wait(ds__text *text, const ds__trace *trace, const ds__step *s)
{
    ds__text_add(text, " waits in %s", s->text);
    if (s->kind == DS__TELL_WAIT && s->b > 0) {
        ds__text_add(text, " for ");
        add_stream(text, trace, s->a);
        if (s->b > 1)
            ds__text_add(text, " and %u others", (unsigned)(s->b - 1));
    }
    ds__text_add(text, ", until %.17g s at most", s->x);
}

static void add_wake(ds__text *text, const ds__trace *trace, const ds__step *s)
{
    switch ((ds__woken_why)s->flag) {
    case DS__WOKEN_OVER:
        ds__text_add(text, " is told that it is over");
        return;
    case DS__WOKEN_TIME:
        ds__text_add(text, " goes on, since its time has come");
        return;
    case DS__WOKEN_EVENT:
        ds__text_add(text, " receives from ");
        add_stream(text, trace, s->a);
        return;
    }
}

/* What is about no thread, or about one in a way that is seldom what differs.
 */
static void add_other(ds__text *text, const ds__step *s)
{
    ds__text_add(text, "a record of kind %u is told", (unsigned)s->kind);
    if (s->who != 0 && s->kind != DS__TELL_FAULT) {
        ds__text_add(text, " about ");
        add_thread(text, s);
    }
    ds__text_add(text, ", with %u, %u, %u, %llu and %.17g", (unsigned)s->flag,
                 (unsigned)s->a, (unsigned)s->b, (unsigned long long)s->id,
                 s->x);
    if (s->text[0] != '\0')
        ds__text_add(text, ", \"%s\"", s->text);
}

/* What a thread does; false: it is something else. */
static bool add_deed(ds__text *text, const ds__trace *trace, const ds__step *s)
{
    const size_t before = text->used;

    add_thread(text, s);
    switch ((ds__tell_kind)s->kind) {
    case DS__TELL_SPAWN:
        ds__text_add(text, " is spawned, by thread %u", (unsigned)s->a);
        return true;
    case DS__TELL_START:
        ds__text_add(text, " begins");
        return true;
    case DS__TELL_END:
        ds__text_add(text, " returns%s",
                     s->flag == 1 ? ", for it is over" : "");
        return true;
    case DS__TELL_WAIT:
    case DS__TELL_SLEEP:
        add_wait(text, trace, s);
        return true;
    case DS__TELL_COMPUTE:
        ds__text_add(text, " computes until %.17g s", s->x);
        return true;
    case DS__TELL_WAKE:
        add_wake(text, trace, s);
        return true;
    case DS__TELL_TAKE:
        ds__text_add(text, " takes what lies at ");
        add_stream(text, trace, s->a);
        return true;
    case DS__TELL_MARK:
        ds__text_add(text, " marks \"%s\"", s->text);
        return true;
    default:
        text->used = before;
        text->buf[before] = '\0';
        return false;
    }
}

static void add_step(ds__text *text, const ds__trace *trace, const ds__step *s)
{
    ds__text_add(text, "at %.17g s ", s->time);
    switch ((ds__tell_kind)s->kind) {
    case DS__TELL_SEND:
        add_message(text, trace, s, "a message is sent");
        return;
    case DS__TELL_ARRIVE:
        add_message(text, trace, s, "a message arrives");
        return;
    case DS__TELL_LOSE:
        add_message(text, trace, s, "a message is lost");
        return;
    default:
        if (!add_deed(text, trace, s))
            add_other(text, s);
    }
}

/* ---- Comparison -----------------------------------------------------------*/

static bool same_number(double a, double b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static bool same_step(const ds__step *a, const ds__step *b)
{
    return a->kind == b->kind && a->who == b->who && a->a == b->a &&
           a->b == b->b && a->id == b->id && a->flag == b->flag &&
           a->hash == b->hash && same_number(a->time, b->time) &&
           same_number(a->x, b->x);
}

static bool same_call(const ds_call *a, const ds_call *b)
{
    return a->process == b->process && a->op == b->op && a->key == b->key &&
           a->arg[0] == b->arg[0] && a->arg[1] == b->arg[1] &&
           a->returned == b->returned && a->result == b->result &&
           a->forgotten == b->forgotten && same_number(a->began, b->began) &&
           (!a->returned || same_number(a->ended, b->ended));
}

static void add_side(ds__text *text, const ds__trace *trace, uint64_t i,
                     const char *name, int width)
{
    ds__text_add(text, "\n  %*s: ", width, name);
    if (i < trace->steps)
        add_step(text, trace, &trace->list[i]);
    else
        ds__text_add(text, "nothing more happens");
}

static uint64_t noted(const ds__trace *trace)
{
    return trace->steps < DS__MOST_STEPS ? trace->steps : DS__MOST_STEPS;
}

static bool compare_steps(const ds__trace *one, const char *a,
                          const ds__trace *other, const char *b, ds__text *text)
{
    int width = (int)(strlen(a) > strlen(b) ? strlen(a) : strlen(b));
    uint64_t n = noted(one) < noted(other) ? noted(one) : noted(other);
    uint64_t i = 0;

    while (i < n && same_step(&one->list[i], &other->list[i]))
        i++;
    if (i == n && (n == DS__MOST_STEPS || noted(one) == noted(other)))
        return false;
    ds__text_add(text, "\n  the first step that differs is number %llu",
                 (unsigned long long)i + 1);
    add_side(text, one, i, a, width);
    add_side(text, other, i, b, width);
    if (i > 0) {
        ds__text_add(text, "\n  after that, in both, ");
        add_step(text, one, &one->list[i - 1]);
    }
    return true;
}

static void add_call(ds__text *text, const ds__trace *trace, size_t i,
                     const char *name, int width, const ds_model *model)
{
    const ds_call *c = &trace->calls[i];
    char call[160];

    ds__text_add(text, "\n  %*s: ", width, name);
    if (i >= trace->num_calls) {
        ds__text_add(text, "there is no such call");
        return;
    }
    if (model == NULL)
        ds__format(call, sizeof(call),
                   "operation %d of key %lld with %lld and %lld gives %lld",
                   c->op, (long long)c->key, (long long)c->arg[0],
                   (long long)c->arg[1], (long long)c->result);
    else
        ds__print_call(model, c, call, sizeof(call));
    ds__text_add(text, "process %llu, %s, %.17g - ",
                 (unsigned long long)c->process, call, c->began);
    if (c->returned)
        ds__text_add(text, "%.17g s", c->ended);
    else
        ds__text_add(text, "%s", c->forgotten ? "forgotten" : "no answer");
}

static bool compare_calls(const ds__trace *one, const char *a,
                          const ds__trace *other, const char *b,
                          const ds_model *model, ds__text *text)
{
    int width = (int)(strlen(a) > strlen(b) ? strlen(a) : strlen(b));
    size_t i = 0;

    while (i < one->num_calls && i < other->num_calls &&
           same_call(&one->calls[i], &other->calls[i]))
        i++;
    if (i == one->num_calls && i == other->num_calls)
        return false;
    ds__text_add(text,
                 "\n  the first call that differs in the history is number %zu",
                 i + 1);
    add_call(text, one, i, a, width, model);
    add_call(text, other, i, b, width, model);
    return true;
}

bool ds__trace_compare(const ds__trace *one, const char *a,
                       const ds__trace *other, const char *b,
                       const ds_model *model, ds__text *text)
{
    bool steps = compare_steps(one, a, other, b, text);
    bool calls = compare_calls(one, a, other, b, model, text);

    return steps || calls;
}
