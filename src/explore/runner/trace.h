/* What happened in a trial, record by record, to be held against another run of
 * the same trial. */
#ifndef DS_EXPLORE_RUNNER_TRACE_H
#define DS_EXPLORE_RUNNER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/history.h>

#include "base/text.h"
#include "loop/probe.h"

#define DS__MOST_STEPS ((size_t)1 << 20)
#define DS__MOST_CALLS ((size_t)1 << 14)
#define DS__MOST_PORTS ((size_t)1 << 10)

#define DS__STEP_TEXT 28

typedef struct ds__step {
    double time;
    double x;
    uint64_t who;
    uint64_t machine; /* of who, if it is known; else UINT64_MAX */
    uint64_t id;
    uint64_t hash; /* of the text */
    uint32_t a;
    uint32_t b;
    uint16_t kind;
    uint16_t flag;
    char text[DS__STEP_TEXT]; /* the beginning of it */
} ds__step;

/* A port, by the number of its stream. */
typedef struct ds__trace_port {
    uint32_t stream;
    uint32_t number;
    uint64_t machine;
} ds__trace_port;

/* The first of all steps, and of all calls of the history; in memory that a
 * parent shares with its child. */
typedef struct ds__trace {
    ds__probe probe;
    uint64_t steps;
    size_t num_calls;
    size_t num_ports;
    ds__trace_port ports[DS__MOST_PORTS];
    ds_call calls[DS__MOST_CALLS];
    ds__step list[DS__MOST_STEPS];
} ds__trace;

/* Prepares one, all zero, to listen to a loop. */
void ds__trace_init(ds__trace *trace);

/* Adds what is only known after the run: names, and the history. */
void ds__trace_finish(ds__trace *trace, const ds_loop *loop,
                      const ds_history *history);

/* Adds what differs first, in lines that begin with two blanks, a and b being
 * what the two are called; false: nothing does that was noted. */
bool ds__trace_compare(const ds__trace *one, const char *a,
                       const ds__trace *other, const char *b,
                       const ds_model *model, ds__text *text);

#endif
