/* See json.h. */

#include "bench/trace/json.h"

#include <math.h>
#include <stdio.h>

#include <distsys/status.h>

#include "bench/trace/loads.h"

/* ---- Values ---------------------------------------------------------------*/

static void put_text(const char *name, const char *text)
{
    printf(", \"%s\": ", name);
    if (text == NULL) {
        printf("null");
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 32)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_real(const char *name, double x)
{
    if (isfinite(x))
        printf(", \"%s\": %.17g", name, x);
    else
        printf(", \"%s\": null", name);
}

static void put_count(const char *name, uint64_t n)
{
    printf(", \"%s\": %llu", name, (unsigned long long)n);
}

static void put_truth(const char *name, bool truth)
{
    printf(", \"%s\": %s", name, truth ? "true" : "false");
}

static void put_node(const char *name, uint32_t node)
{
    if (node == 0)
        printf(", \"%s\": null", name);
    else
        put_count(name, node - 1);
}

/* ---- Lines ----------------------------------------------------------------*/

static void put_run(const trace_model *m)
{
    printf("{\"kind\": \"run\"");
    put_real("begin", m->begin);
    put_real("end", m->end);
    put_text("status", !m->ended ? "cut off"
                       : m->status == DS_OK
                           ? "done"
                           : ds_strstatus((ds_status)m->status));
    put_text("reason", m->reason);
    printf(", \"digest\": \"%016llx\"", (unsigned long long)m->digest);
    put_count("seed", m->seed);
    put_text("ties", m->fifo ? "fifo" : "random");
    put_count("records", m->records);
    put_count("forgotten", m->forgotten);
    put_count("sent", m->sent);
    put_count("arrived", m->arrived);
    put_count("lost", m->lost);
    put_count("under_way", m->under_way);
    put_count("put_off", m->put_off);
    put_real("put_off_seconds", m->put_off_for);
    put_count("held", m->held);
    put_count("doubled", m->doubled);
    put_count("nameless", m->nameless);
    put_real("bytes", m->bytes);
    printf("}\n");
}

static void put_path(const trace_model *m)
{
    const trace_path *p = &m->path;

    printf("{\"kind\": \"path\"");
    put_count("thread", p->thread);
    put_real("begin", p->from);
    put_real("end", p->to);
    put_count("path_messages", p->messages);
    put_real("path_bytes", p->bytes);
    put_real("alpha_seconds", p->alpha);
    put_real("beta_seconds", p->beta);
    put_real("sharing_seconds", p->sharing);
    put_real("held_seconds", p->held);
    put_real("elsewhere_seconds", p->elsewhere);
    put_real("gamma_seconds", p->gamma);
    put_real("computing_seconds", p->computing);
    put_real("sleeping_seconds", p->sleeping);
    put_real("other_seconds", p->other);
    printf("}\n");
}

static void put_threads(const trace_view *v)
{
    const trace_model *m = v->model;
    char name[TRACE_ROW_NAME];

    for (uint32_t i = 1; i < m->num_threads; i++) {
        const trace_thread *t = &m->threads[i];
        if (!t->known || !v->rows[t->row].shown)
            continue;
        printf("{\"kind\": \"thread\"");
        put_count("number", i);
        put_text("name", trace_thread_name(m, i, name, sizeof(name)));
        put_count("row", t->row);
        put_node("node", t->node);
        put_count("life", t->life);
        put_truth("daemon", t->daemon);
        put_truth("unwound", t->unwound);
        put_real("spawned", t->spawned);
        put_real("started", t->started);
        put_real("ended", t->ended);
        put_real("waits", t->waits);
        put_real("sleeps", t->sleeps);
        put_real("computes", t->computes);
        put_text("stuck", t->stuck);
        put_truth("circle", t->in_circle);
        printf("}\n");
    }
}

/* Of a node that has ports, what they carried. */
static void put_nodes(const trace_model *m, const trace_uses *u)
{
    char name[TRACE_ROW_NAME];

    for (uint32_t i = 1; i < m->num_nodes; i++) {
        const trace_node *node = &m->nodes[i];
        if (!node->known)
            continue;
        printf("{\"kind\": \"node\"");
        put_node("number", i);
        put_text("name", trace_node_name(m, i, name, sizeof(name)));
        put_real("send_rate", node->send_rate);
        put_real("recv_rate", node->recv_rate);
        for (size_t k = 0; u != NULL && !u->carriers.are_links && k < 2; k++) {
            const trace_use *use = &u->use[2 * (i - 1) + k];
            put_real(k == 1 ? "in_bytes" : "out_bytes", use->bytes);
            put_real(k == 1 ? "in_full" : "out_full", use->full);
            put_real(k == 1 ? "in_peak" : "out_peak", use->peak);
        }
        printf("}\n");
    }
}

static void put_links(const trace_uses *u)
{
    for (size_t i = 0; u->carriers.are_links && i < u->carriers.n; i++) {
        const trace_carrier *c = &u->carriers.all[i];
        printf("{\"kind\": \"link\"");
        put_count("number", c->number);
        put_text("name", c->link->name);
        put_count("net", u->carriers.net);
        put_real("rate", c->rate);
        put_real("bytes", u->use[i].bytes);
        put_real("full", u->use[i].full);
        put_real("peak", u->use[i].peak);
        printf("}\n");
    }
}

static void put_carriers(const trace_model *m)
{
    trace_uses u;

    if (!trace_uses_find(&u, m)) {
        put_nodes(m, NULL);
        return;
    }
    put_nodes(m, &u);
    put_links(&u);
    trace_uses_free(&u);
}

static bool is_in_view(const trace_view *v, uint32_t thread, double from,
                       double to)
{
    return from <= v->to && to >= v->from &&
           v->rows[v->model->threads[thread].row].shown;
}

static void put_messages(const trace_view *v)
{
    static const char *const fates[] = { "forgotten", "under way", "arrived",
                                         "lost" };
    const trace_model *m = v->model;

    for (size_t i = 1; i < m->num_messages; i++) {
        const trace_message *msg = &m->messages[i];
        if (msg->fate == TRACE_FORGOTTEN || msg->sender == 0 ||
            !is_in_view(v, msg->sender, msg->sent,
                        isnan(msg->ended) ? INFINITY : msg->ended))
            continue;
        printf("{\"kind\": \"message\"");
        put_count("number", m->message_base + i);
        put_count("sender", msg->sender);
        put_count("taker", msg->taker);
        put_node("from", trace_node_of(m, msg->source));
        put_node("to", trace_node_of(m, msg->dest));
        put_count("net", msg->net);
        put_real("size", msg->size);
        put_real("sent", msg->sent);
        put_real("begun", msg->begun);
        put_real("came", msg->came);
        put_real("ended", msg->ended);
        put_real("taken", msg->taken);
        put_text("fate", fates[msg->fate]);
        put_text("loss",
                 msg->fate == TRACE_LOST ? trace_loss_name(msg->loss) : NULL);
        put_text("held", isnan(msg->came) ? NULL : trace_held_name(msg->held));
        put_count("copies", msg->copies);
        put_truth("damaged", msg->damaged);
        put_truth("on_path", msg->on_path);
        printf("}\n");
    }
}

static void put_spans(const trace_view *v)
{
    static const char *const doings[] = { "waits", "sleeps", "computes" };
    static const char *const whys[] = { "over", "event", "time" };
    const trace_model *m = v->model;

    for (size_t i = 0; i < m->num_spans; i++) {
        const trace_span *s = &m->spans[i];
        if (!is_in_view(v, s->thread, s->from, s->to))
            continue;
        printf("{\"kind\": \"span\"");
        put_count("thread", s->thread);
        put_text("does", doings[s->doing]);
        put_real("begin", s->from);
        put_real("end", s->to);
        put_text("why", s->why < 3 ? whys[s->why] : "?");
        put_count("stream", s->stream);
        put_count("message", s->message);
        put_text("call", s->what);
        put_truth("on_path", s->on_path);
        printf("}\n");
    }
}

static void put_calls(const trace_view *v)
{
    const trace_model *m = v->model;

    for (size_t i = 0; i < m->num_calls; i++) {
        const trace_call *c = &m->calls[i];
        if (!is_in_view(v, c->thread, c->from, isnan(c->to) ? INFINITY : c->to))
            continue;
        printf("{\"kind\": \"call\"");
        put_count("thread", c->thread);
        put_count("number", c->number);
        put_text("what", c->what);
        put_real("len", c->len);
        put_real("begin", c->from);
        put_real("end", c->to);
        printf("}\n");
    }
}

static void put_steps(const trace_view *v)
{
    const trace_model *m = v->model;

    for (size_t i = 0; i < m->num_steps; i++) {
        const trace_step *s = &m->steps[i];
        if (!is_in_view(v, s->thread, s->time, s->time))
            continue;
        printf("{\"kind\": \"step\"");
        put_count("thread", s->thread);
        put_real("time", s->time);
        put_count("call", s->call == 0 ? 0 : m->calls[s->call - 1].number);
        put_count("number", s->number);
        put_text("does", s->receives ? "receives" : "sends");
        if (s->rank == UINT32_MAX)
            printf(", \"rank\": null");
        else
            put_count("rank", s->rank);
        printf("}\n");
    }
}

static void put_notes(const trace_view *v)
{
    static const char *const kinds[] = { "mark", "state", "count" };
    const trace_model *m = v->model;

    for (size_t i = 0; i < m->num_notes; i++) {
        const trace_note *n = &m->notes[i];
        if (!is_in_view(v, n->thread, n->time, n->time))
            continue;
        printf("{\"kind\": \"%s\"", kinds[n->kind]);
        put_count("thread", n->thread);
        put_real("time", n->time);
        put_text("text", n->text);
        if (n->kind == TRACE_COUNT)
            put_real("value", n->value);
        printf("}\n");
    }
}

static void put_faults(const trace_view *v)
{
    const trace_model *m = v->model;

    for (size_t i = 0; i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        if (f->time < v->from || f->time > v->to)
            continue;
        printf("{\"kind\": \"fault\"");
        put_text("what", trace_fault_name(f->what));
        put_real("time", f->time);
        put_real("until", f->until);
        put_node("a", f->a);
        put_node("b", f->b);
        put_count("more", f->more);
        put_node("net", f->net);
        put_count("line", f->line);
        put_real("value", f->value);
        put_text("text", f->text);
        printf("}\n");
    }
}

static void put_waits(const trace_model *m)
{
    for (size_t i = 0; i < m->num_waits; i++) {
        printf("{\"kind\": \"waits_for\"");
        put_count("thread", m->waits[i].who);
        put_count("whom", m->waits[i].whom);
        printf("}\n");
    }
}

void trace_json(const trace_view *v)
{
    put_run(v->model);
    put_path(v->model);
    put_threads(v);
    put_carriers(v->model);
    put_messages(v);
    put_spans(v);
    put_calls(v);
    put_steps(v);
    put_notes(v);
    put_faults(v);
    put_waits(v->model);
}
