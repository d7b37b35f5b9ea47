/* What a page has to say besides its columns, as one object of JSON. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/status.h>

#include "bench/common/args.h"
#include "bench/trace/page_data.h"

/* ---- Values ---------------------------------------------------------------*/

/* Nothing in it ends an element of HTML. */
void page_put_text(FILE *out, const char *text)
{
    if (text == NULL) {
        fprintf(out, "null");
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c < 32 || c == 127 || strchr("\"\\<>&", c) != NULL)
            fprintf(out, "\\u%04x", c);
        else
            putc(c, out);
    }
    putc('"', out);
}

static void put_member(const page_data *p, const char *name, const char *text)
{
    fprintf(p->out, ",\n\"%s\":", name);
    page_put_text(p->out, text);
}

static void put_real(const page_data *p, const char *name, double x)
{
    if (isfinite(x))
        fprintf(p->out, ",\n\"%s\":%.17g", name, x);
    else
        fprintf(p->out, ",\n\"%s\":null", name);
}

/* One of an array: 1 more than when it happened, 0: it did not. */
static void put_when(const page_data *p, double time)
{
    fprintf(p->out, ",%zu", isnan(time) ? 0 : 1 + page_when(p, time));
}

/* ---- Lists ----------------------------------------------------------------*/

static void begin(const page_data *p, const char *name)
{
    fprintf(p->out, ",\n\"%s\":[0", name);
}

/* Names, and whether it is that of a node. */
static void put_rows(const page_data *p)
{
    begin(p, "machines");
    for (size_t i = 0; i < p->view->num_rows; i++)
        if (p->rows[i] != 0)
            fprintf(p->out, ",%d", p->view->rows[i].node != 0);
    fprintf(p->out, "]");
    begin(p, "rows");
    for (size_t i = 0; i < p->view->num_rows; i++)
        if (p->rows[i] != 0) {
            putc(',', p->out);
            page_put_text(p->out, p->view->rows[i].name);
        }
    fprintf(p->out, "]");
}

/* Name, row, spawned, started, ended, life; why it is stuck, or null, and
 * whether that is in a circle. */
static void put_threads(const page_data *p)
{
    char name[TRACE_ROW_NAME];

    begin(p, "threads");
    for (uint32_t i = 1; i < p->m->num_threads; i++) {
        const trace_thread *t = &p->m->threads[i];
        if (p->threads[i] == 0)
            continue;
        fprintf(p->out, ",\n[");
        page_put_text(p->out, trace_thread_name(p->m, i, name, sizeof(name)));
        fprintf(p->out, ",%lu", (unsigned long)p->rows[t->row]);
        put_when(p, t->spawned);
        put_when(p, t->started);
        put_when(p, t->ended);
        fprintf(p->out, ",%lu,", (unsigned long)t->life);
        page_put_text(p->out, t->stuck);
        fprintf(p->out, ",%d]", t->in_circle);
    }
    fprintf(p->out, "]");
}

/* Row, number of the port on its node, name; those that columns name. */
static void put_streams(const page_data *p)
{
    const trace_model *m = p->m;
    uint32_t *order = args_alloc(p->num_streams + 1, sizeof(*order));

    for (uint32_t i = 1; i < m->num_streams; i++)
        order[p->streams[i]] = i;
    begin(p, "streams");
    for (size_t k = 1; k <= p->num_streams; k++) {
        const trace_stream *s = &m->streams[order[k]];
        uint32_t row = page_row_of_node(p, s->node);
        if (row == 0 && s->owner != 0)
            row = p->rows[m->threads[s->owner].row];
        fprintf(p->out, ",\n[%lu,%ld,", (unsigned long)row,
                s->node != 0 ? (long)s->number : -1);
        page_put_text(p->out, s->name);
        fprintf(p->out, "]");
    }
    fprintf(p->out, "]");
    free(order);
}

static void put_texts(const page_data *p)
{
    begin(p, "texts");
    for (size_t i = 0; i < p->m->texts.n; i++) {
        fprintf(p->out, ",\n");
        page_put_text(p->out, p->texts[i]);
    }
    fprintf(p->out, "]");
}

/* What machines and links are from then on: not what a disk does wrong, nor
 * that a line about chances is over, which mends no link. */
static bool is_lasting(const trace_fault *f)
{
    return f->what <= DS__FAULT_HEAL &&
           !(f->what == DS__FAULT_MEND && f->ended == DS__FAULT_CHANCE);
}

/* When, what, row of a and of b, or -1 if that has none, value, which of a
 * partition is how many more follow, until when (1 more, 0: to the end), and
 * of links the network and the line of a plan; row 0 is all of them. */
static void put_faults(const page_data *p)
{
    const trace_model *m = p->m;

    begin(p, "faults");
    for (size_t i = 0; i < m->num_faults; i++) {
        const trace_fault *f = &m->faults[i];
        const uint32_t nodes[] = { f->a, f->b };
        const double value = f->what == DS__FAULT_PART ? f->more : f->value;
        if (!is_lasting(f))
            continue;
        fprintf(p->out, ",\n[%zu,%u", page_when(p, f->time), f->what);
        for (size_t k = 0; k < 2; k++) {
            const uint32_t row = page_row_of_node(p, nodes[k]);
            fprintf(p->out, ",%ld", row == 0 && nodes[k] != 0 ? -1 : (long)row);
        }
        if (isfinite(value))
            fprintf(p->out, ",%.17g", value);
        else
            fprintf(p->out, ",null");
        put_when(p, f->until);
        fprintf(p->out, ",\"%lu %llu\"]", (unsigned long)f->net,
                (unsigned long long)f->line);
    }
    fprintf(p->out, "]");
}

static void put_waits(const page_data *p)
{
    const trace_model *m = p->m;

    begin(p, "waits");
    for (size_t i = 0; i < m->num_waits; i++)
        if (p->threads[m->waits[i].who] != 0)
            fprintf(p->out, ",[%lu,%lu]",
                    (unsigned long)p->threads[m->waits[i].who],
                    (unsigned long)p->threads[m->waits[i].whom]);
    fprintf(p->out, "]");
}

static void put_path(const page_data *p)
{
    const trace_path *path = &p->m->path;

    fprintf(p->out, ",\n\"path\":{\"messages\":%zu", path->messages);
    put_real(p, "seconds", path->to - path->from);
    put_real(p, "latency", path->alpha);
    put_real(p, "bytes", path->beta);
    put_real(p, "sharing", path->sharing);
    put_real(p, "held", path->held);
    put_real(p, "travelling", path->elsewhere);
    put_real(p, "operators", path->gamma);
    put_real(p, "computing", path->computing);
    put_real(p, "sleeping", path->sleeping);
    put_real(p, "other", path->other);
    fprintf(p->out, "}");
}

static void put_run(const page_data *p)
{
    const trace_model *m = p->m;
    const char *slash = strrchr(m->file, '/');

    put_member(p, "file", slash == NULL ? m->file : slash + 1);
    put_member(p, "status",
               !m->ended            ? "cut off"
               : m->status == DS_OK ? "done"
                                    : ds_strstatus((ds_status)m->status));
    put_member(p, "reason", m->reason);
    fprintf(p->out, ",\n\"seed\":\"%llu\",\n\"digest\":\"%016llx\"",
            (unsigned long long)m->seed, (unsigned long long)m->digest);
    fprintf(p->out, ",\n\"sent\":%zu,\n\"lost\":%zu,\n\"held\":%zu", m->sent,
            m->lost, m->put_off);
    fprintf(p->out, ",\n\"forgotten\":%llu", (unsigned long long)m->forgotten);
    put_real(p, "traffic", m->bytes);
}

void page_facts(page_data *p)
{
    fprintf(p->out, "<script type=\"application/json\" id=\"facts\">{");
    fprintf(p->out, "\"from\":%zu,\n\"to\":%zu", page_when(p, p->view->from),
            page_when(p, p->view->to));
    put_real(p, "origin", p->origin);
    put_real(p, "tick", p->tick);
    put_run(p);
    put_path(p);
    put_rows(p);
    put_threads(p);
    put_streams(p);
    put_texts(p);
    put_faults(p);
    put_waits(p);
    fprintf(p->out, "}</script>\n");
}
