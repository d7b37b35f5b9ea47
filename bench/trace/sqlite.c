/* See writers.h.  A table is a row here: its columns, and what fills it. */

#include "bench/trace/writers.h"

#include "bench/common/database.h"

#ifndef HAVE_SQLITE3

failure trace_sqlite(const trace_view *v, const char *file)
{
    return database_missing();
}

#else

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <distsys/status.h>

#include "bench/trace/loads.h"

enum { SQL = 800 };

typedef struct writing {
    const trace_view *view;
    const trace_model *m;
    database db;
} writing;

/* ---- Rows -----------------------------------------------------------------*/

static void bind(writing *w, int at, char type, va_list *list)
{
    uint64_t number;
    double real;
    const char *text;
    int result = SQLITE_OK;

    switch (type) {
    case 'r': /* NULL if it has not happened */
        real = va_arg(*list, double);
        result = isnan(real) ? sqlite3_bind_null(w->db.insert, at)
                             : sqlite3_bind_double(w->db.insert, at, real);
        break;
    case 't':
        text = va_arg(*list, const char *);
        result =
            sqlite3_bind_text(w->db.insert, at, text, -1, SQLITE_TRANSIENT);
        break;
    default: /* i; z: NULL if it is 0; n: a node, which counts from 0 */
        number = va_arg(*list, uint64_t);
        result =
            type != 'i' && number == 0
                ? sqlite3_bind_null(w->db.insert, at)
                : sqlite3_bind_int64(w->db.insert, at,
                                     (sqlite3_int64)(number - (type == 'n')));
        break;
    }
    database_check(&w->db, result);
}

/* Types has a letter for each column, which bind() explains. */
static void put(writing *w, const char *types, ...)
{
    va_list list;

    if (!database_is_well(&w->db))
        return;
    va_start(list, types);
    for (int i = 0; types[i] != '\0'; i++)
        bind(w, i + 1, types[i], &list);
    va_end(list);
    database_put(&w->db);
}

#define NUMBER(x) ((uint64_t)(x))

/* ---- Tables ---------------------------------------------------------------*/

static void fill_run(writing *w)
{
    const trace_model *m = w->m;
    char digest[20];

    snprintf(digest, sizeof(digest), "%016llx", (unsigned long long)m->digest);
    put(w, "rrttttiii", m->begin, m->end,
        !m->ended            ? "cut off"
        : m->status == DS_OK ? "done"
                             : ds_strstatus((ds_status)m->status),
        m->reason, digest, m->fifo ? "fifo" : "random", NUMBER(m->seed),
        NUMBER(m->records), NUMBER(m->forgotten));
}

static void fill_nodes(writing *w)
{
    char name[TRACE_ROW_NAME];

    for (uint32_t i = 1; i < w->m->num_nodes; i++)
        if (w->m->nodes[i].known)
            put(w, "itrr", NUMBER(i - 1),
                trace_node_name(w->m, i, name, sizeof(name)),
                w->m->nodes[i].send_rate, w->m->nodes[i].recv_rate);
}

static void fill_threads(writing *w)
{
    char name[TRACE_ROW_NAME];

    for (uint32_t i = 1; i < w->m->num_threads; i++) {
        const trace_thread *t = &w->m->threads[i];
        if (!t->known)
            continue;
        put(w, "itntirrrirrrti", NUMBER(i),
            trace_thread_name(w->m, i, name, sizeof(name)), NUMBER(t->node),
            w->view->rows[t->row].name, NUMBER(t->daemon), t->spawned,
            t->started, t->ended, NUMBER(t->unwound), t->waits, t->sleeps,
            t->computes, t->stuck, NUMBER(t->in_circle));
    }
}

static void fill_messages(writing *w)
{
    static const char *const fates[] = { "forgotten", "under way", "arrived",
                                         "lost" };

    for (size_t i = 1; i < w->m->num_messages; i++) {
        const trace_message *m = &w->m->messages[i];
        if (m->fate == TRACE_FORGOTTEN)
            continue;
        put(w, "izznnirrrrrrtttii", NUMBER(w->m->message_base + i),
            NUMBER(m->sender), NUMBER(m->taker),
            NUMBER(trace_node_of(w->m, m->source)),
            NUMBER(trace_node_of(w->m, m->dest)), NUMBER(m->net), m->size,
            m->sent, m->begun, m->came, m->ended, m->taken, fates[m->fate],
            m->fate == TRACE_LOST ? trace_loss_name(m->loss) : NULL,
            isnan(m->came) ? NULL : trace_held_name(m->held), NUMBER(m->copies),
            NUMBER(m->on_path));
    }
}

static void fill_spans(writing *w)
{
    static const char *const doings[] = { "waits", "sleeps", "computes" };

    for (size_t i = 0; i < w->m->num_spans; i++) {
        const trace_span *s = &w->m->spans[i];
        put(w, "itrrtzi", NUMBER(s->thread), doings[s->doing], s->from, s->to,
            s->what, NUMBER(s->message), NUMBER(s->on_path));
    }
}

static void fill_calls(writing *w)
{
    for (size_t i = 0; i < w->m->num_calls; i++) {
        const trace_call *c = &w->m->calls[i];
        put(w, "iitrrr", NUMBER(c->thread), NUMBER(c->number), c->what, c->len,
            c->from, c->to);
    }
}

/* What threads say, and what goes wrong. */
static void fill_events(writing *w)
{
    static const char *const kinds[] = { "mark", "state", "count" };

    for (size_t i = 0; i < w->m->num_notes; i++) {
        const trace_note *n = &w->m->notes[i];
        put(w, "rtznntr", n->time, kinds[n->kind], NUMBER(n->thread),
            NUMBER(w->m->threads[n->thread].node), NUMBER(0), n->text,
            n->kind == TRACE_COUNT ? n->value : NAN);
    }
    for (size_t i = 0; i < w->m->num_faults; i++) {
        const trace_fault *f = &w->m->faults[i];
        put(w, "rtznntr", f->time, "fault", NUMBER(0), NUMBER(f->a),
            NUMBER(f->b), trace_fault_name(f->what), f->value);
    }
}

static void fill_ports(writing *w)
{
    for (size_t i = 1; i < w->m->num_streams; i++) {
        const trace_stream *s = &w->m->streams[i];
        if (s->node != 0)
            put(w, "initzirir", NUMBER(i), NUMBER(s->node), NUMBER(s->number),
                s->name, NUMBER(s->owner), NUMBER(s->longest), s->longest_at,
                NUMBER(s->received), s->lain);
    }
}

/* What ports of nodes, out and in, or links carried, if that can be known. */
static void fill_links(writing *w)
{
    trace_uses u;
    char name[TRACE_ROW_NAME];

    if (!trace_uses_find(&u, w->m))
        return;
    for (size_t i = 0; i < u.carriers.n; i++) {
        const trace_carrier *c = &u.carriers.all[i];
        if (u.use[i].bytes > 0)
            put(w, "ntrrrrt", NUMBER(c->node),
                c->node == 0 ? "link"
                : c->in      ? "in"
                             : "out",
                u.use[i].bytes, u.use[i].full, u.use[i].peak, c->rate,
                trace_carrier_name(w->view, c, name, sizeof(name)));
    }
    trace_uses_free(&u);
}

static void fill_path(writing *w)
{
    static const char *const kinds[] = { "message", "work", "computing",
                                         "sleep", "event" };

    for (size_t i = 0; i < w->m->path.n; i++) {
        const trace_piece *p = &w->m->path.pieces[i];
        put(w, "itrrzz", NUMBER(i + 1), kinds[p->kind], p->from, p->to,
            NUMBER(p->thread), NUMBER(p->message));
    }
}

static void fill_waits(writing *w)
{
    for (size_t i = 0; i < w->m->num_waits; i++)
        put(w, "ii", NUMBER(w->m->waits[i].who), NUMBER(w->m->waits[i].whom));
}

/* "end" is a word of SQL, so times are called otherwise. */
static const struct {
    const char *name;
    const char *columns;
    void (*fill)(writing *w);
} tables[] = {
    { "run",
      "began, ended, status, reason, digest, ties, seed, records, "
      "forgotten",
      fill_run },
    { "nodes", "node integer primary key, name, send_rate, recv_rate",
      fill_nodes },
    { "threads",
      "thread integer primary key, name, node, row, daemon, "
      "spawned, started, ended, unwound, waits, sleeps, computes, "
      "stuck, circle",
      fill_threads },
    { "messages",
      "message integer primary key, sender, taker, source, dest, "
      "net, size, sent, begun, came, ended, taken, fate, loss, held, "
      "copies, on_path",
      fill_messages },
    { "spans", "thread, does, began, ended, what, message, on_path",
      fill_spans },
    { "calls", "thread, number, what, len, began, ended", fill_calls },
    { "events", "time, kind, thread, node, other, text, value", fill_events },
    { "ports",
      "port integer primary key, node, number, name, owner, longest, "
      "longest_at, received, lain",
      fill_ports },
    { "links", "node, way, bytes, full, peak, rate, name", fill_links },
    { "path", "piece integer primary key, kind, began, ended, thread, message",
      fill_path },
    { "waits_for", "thread, whom", fill_waits },
};

/* ---- The database ---------------------------------------------------------*/

static size_t count_columns(const char *columns)
{
    size_t n = 1;

    for (const char *p = columns; *p != '\0'; p++)
        n += *p == ',';
    return n;
}

static void fill(writing *w, size_t table)
{
    database_open_table(&w->db, "insert into", tables[table].name,
                        count_columns(tables[table].columns));
    if (database_is_well(&w->db))
        tables[table].fill(w);
    database_close_table(&w->db);
}

static void fill_all(writing *w)
{
    char sql[SQL];

    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        snprintf(sql, sizeof(sql), "create table %s (%s)", tables[i].name,
                 tables[i].columns);
        database_run(&w->db, sql);
        if (database_is_well(&w->db))
            fill(w, i);
    }
}

failure trace_sqlite(const trace_view *v, const char *file)
{
    writing w = { .view = v, .m = v->model };

    if (strcmp(file, "-") == 0)
        return failure_new(BAD_USAGE, "--sqlite wants a file; standard output "
                                      "is none");
    const failure why = database_begin(&w.db, file);
    if (why.status != 0)
        return why;
    fill_all(&w);
    return database_end(&w.db, file);
}

#endif
