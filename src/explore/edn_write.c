/* Writes a history as Jepsen does.
 *
 * A process whose call never returned gets :info for it just before its next
 * one, and another number from then on, because to Jepsen it is another. */

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "explore/edn.h"
#include "explore/history.h"
#include "explore/print.h"

/* A process and what is open of it. */
typedef struct writer_process {
    uint64_t process;
    uint64_t number; /* in the file */
    size_t open;     /* a call, or SIZE_MAX */
} writer_process;

typedef struct writer {
    const ds_history *history;
    const ds_model *model;
    FILE *file;
    writer_process *processes;
    size_t num_processes;
    uint64_t unused; /* the next number of a process */
    uint64_t index;
    double time;
} writer;

static void write_value(FILE *file, int64_t value)
{
    if (value == DS_NIL)
        fputs("nil", file);
    else
        fprintf(file, "%" PRId64, value);
}

static void write_args(FILE *file, const ds_model_op *op, const ds_call *call)
{
    if (op->args == 0) {
        fputs("nil", file);
        return;
    }
    if (op->args > 1)
        fputc('[', file);
    write_value(file, call->arg[0]);
    if (op->args == 1)
        return;
    fputc(' ', file);
    write_value(file, call->arg[1]);
    fputc(']', file);
}

/* Writes the result where readers of Jepsen's look for it, if they would. */
static void write_result(FILE *file, const ds_model_op *op, const ds_call *call)
{
    if (op->args == 0 && op->gives) {
        write_value(file, call->result);
        return;
    }
    write_args(file, op, call);
    if (!op->gives)
        return;
    fputs(", :result ", file);
    write_value(file, call->result);
}

/* Jepsen counts in nanoseconds. */
static int64_t nanoseconds(double seconds)
{
    double ns = seconds * 1e9;

    return fabs(ns) < 9e18 ? llround(ns) : 0;
}

static void write_line(writer *w, const writer_process *p, const char *type,
                       const ds_call *call)
{
    ds_model_op spare;
    char name[DS__EDN_NAME];
    const ds_model_op *op = ds__edn_op(w->model, call->op, &spare, name);

    fprintf(w->file, "{:process %" PRIu64 ", :type :%s, :f :%s, :value ",
            p->number, type, op->name);
    if (call->returned && type[0] != 'i')
        write_result(w->file, op, call);
    else
        write_args(w->file, op, call);
    if (call->key != 0)
        fprintf(w->file, ", :key %" PRId64, call->key);
    fprintf(w->file, ", :time %" PRId64 ", :index %" PRIu64 "}\n",
            nanoseconds(w->time), w->index++);
}

/* Closes a call that has no end. */
static void close_call(writer *w, writer_process *p)
{
    if (p->open == SIZE_MAX)
        return;
    const ds_call *call = &w->history->calls[p->open].call;
    write_line(w, p, call->forgotten ? "fail" : "info", call);
    if (!call->forgotten)
        p->number = w->unused++;
    p->open = SIZE_MAX;
}

/* Finds who begins a call of a process: itself, unless one of its calls is
 * under way that will yet return. */
static writer_process *beginner(writer *w, uint64_t process)
{
    uint64_t number = process;

    for (size_t i = 0; i < w->num_processes; i++) {
        writer_process *p = &w->processes[i];
        if (p->process != process)
            continue;
        if (p->open == SIZE_MAX || !w->history->calls[p->open].call.returned)
            return p;
        number = w->unused;
    }
    w->unused += number == w->unused;
    w->processes[w->num_processes] =
        (writer_process){ process, number, SIZE_MAX };
    return &w->processes[w->num_processes++];
}

/* Finds who began a call that is under way. */
static writer_process *owner(writer *w, size_t call)
{
    writer_process *p = w->processes;

    while (p->open != call) {
        p++;
        assert(p < w->processes + w->num_processes);
    }
    return p;
}

static void write_begin(writer *w, size_t i)
{
    const ds_call *call = &w->history->calls[i].call;
    writer_process *p = beginner(w, call->process);

    w->time = call->began;
    close_call(w, p);
    p->open = i;
    write_line(w, p, "invoke", call);
}

/* A comparison that failed is :fail to Jepsen, which takes it for a call that
 * never happened; :result says that it did. */
static void write_end(writer *w, size_t i)
{
    const ds_call *call = &w->history->calls[i].call;
    const ds_model_op *op = ds__find_op(w->model, call->op);
    writer_process *p = owner(w, i);
    bool refused = op != NULL && op->refuses && call->result == 0;

    w->time = call->ended;
    write_line(w, p, refused ? "fail" : "ok", call);
    p->open = SIZE_MAX;
}

/* Lists what happens at each moment: call i begins, at 2i, or ends, 2i + 1. */
static size_t *list_moments(const ds_history *history)
{
    size_t *moments = calloc(history->moments + 1, sizeof(*moments));

    for (size_t i = 0; moments != NULL && i < history->count; i++) {
        moments[history->calls[i].first] = 2 * i;
        if (history->calls[i].call.returned)
            moments[history->calls[i].last] = 2 * i + 1;
    }
    return moments;
}

static void write_all(writer *w, const size_t *moments)
{
    for (uint64_t m = 0; m < w->history->moments; m++)
        if (moments[m] % 2 == 0)
            write_begin(w, moments[m] / 2);
        else
            write_end(w, moments[m] / 2);
    for (size_t i = 0; i < w->num_processes; i++)
        close_call(w, &w->processes[i]);
}

bool ds_history_write_edn(const ds_history *history, const ds_model *model,
                          FILE *file)
{
    if (history == NULL || model == NULL || file == NULL ||
        history->out_of_memory)
        return false;

    size_t *moments = list_moments(history);
    writer w = {
        .history = history,
        .model = model,
        .file = file,
        .processes = calloc(history->count + 1, sizeof(*w.processes)),
    };
    bool ready = moments != NULL && w.processes != NULL;
    for (size_t i = 0; i < history->count; i++)
        if (history->calls[i].call.process >= w.unused)
            w.unused = history->calls[i].call.process + 1;
    if (ready)
        write_all(&w, moments);
    free(moments);
    free(w.processes);
    return ready && fflush(file) == 0 && !ferror(file);
}
