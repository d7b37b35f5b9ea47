/* What a trace tells, as arrays: the one thing that all outputs are made of.
 *
 * Threads, nodes and streams stand at their numbers, so that 0 is nobody (a
 * node's number is one more than the library's, as in the trace).  So do
 * messages, less the number of those that a flight recorder has forgotten; the
 * first place is nobody's.
 * All times are virtual seconds; NAN: it has not happened, as far as the trace
 * goes.  Texts belong to the model. */
#ifndef BENCH_TRACE_MODEL_H
#define BENCH_TRACE_MODEL_H

#include "bench/trace/file.h"
#include "bench/trace/links.h"
#include "bench/trace/texts.h"

typedef enum trace_doing {
    TRACE_WAITS, /* for a message or an event */
    TRACE_SLEEPS,
    TRACE_COMPUTES,
} trace_doing;

/* What a thread did from a moment to another one without the baton. */
typedef struct trace_span {
    double from;
    double to;
    uint64_t at; /* index of the record of its end */
    uint32_t thread;
    trace_doing doing;
    unsigned why;     /* a ds__woken_why */
    uint32_t stream;  /* of the event that ended it, or the first one that it
                       * waited for; 0: none */
    uint64_t message; /* that ended it, by arriving or being lost; 0: none */
    const char *what; /* the call, or the operator; NULL: none */
    bool on_path;
} trace_span;

typedef enum trace_fate {
    TRACE_FORGOTTEN, /* it was sent before what a flight recorder has */
    TRACE_UNDER_WAY,
    TRACE_ARRIVED,
    TRACE_LOST,
} trace_fate;

typedef struct trace_message {
    double sent;
    double begun; /* its bytes began to flow */
    double came;  /* it came to its port, but was put off; NAN: it was not */
    double ended; /* it arrived, or was lost */
    double taken; /* its receiver got it */
    double size;
    uint64_t at;     /* index of the record of its sending */
    double idle;     /* bytes a second that it would get alone; NAN: that is
                      * not known */
    uint32_t way;    /* of its network, at first; 0: none */
    uint32_t sender; /* the thread */
    uint32_t taker;
    uint32_t source; /* streams of ports */
    uint32_t dest;
    uint32_t copies; /* that arrived, beyond the first */
    uint8_t net;
    uint8_t fate;
    uint8_t loss; /* a ds__loss_reason */
    uint8_t held; /* the last ds__held_why for which it was put off */
    bool damaged;
    bool on_path;
} trace_message;

typedef struct trace_thread {
    char *name; /* or NULL */
    double spawned;
    double started;
    double ended;
    uint64_t spawned_at; /* index */
    uint64_t ended_at;
    uint32_t parent;
    uint32_t node; /* that it belongs to, or that its messages go by; 0 */
    bool belongs;  /* the former */
    uint32_t life; /* of that node */
    bool known;    /* it occurs in the trace */
    bool daemon;
    bool unwound;
    double waits; /* seconds that it did each */
    double sleeps;
    double computes;
    double bytes_out;
    double bytes_in;
    const char *stuck; /* for what it waits in a deadlock, or NULL */
    bool in_circle;    /* ... with others that wait for each other */
    size_t first;      /* of its spans, in by_thread */
    size_t spans;
    size_t row;
} trace_thread;

typedef struct trace_node {
    char *name;       /* or NULL */
    double send_rate; /* of the first network that has said so; NAN */
    double recv_rate;
    size_t threads; /* that are its, or use its ports */
    bool known;
} trace_node;

/* Of a port, node is its machine; of another stream 0. */
typedef struct trace_stream {
    char *name;
    uint32_t node;
    uint32_t number; /* of the port on its node, from 0 */
    uint32_t owner;  /* the thread that receives there; 0: none does */
    size_t queue;    /* messages that have arrived and lie there */
    size_t longest;  /* that was at most, */
    double longest_at;
    size_t received; /* messages, and how long they lay there, in all */
    double lain;
} trace_stream;

typedef struct trace_net {
    char *name;
    char *model;    /* or NULL */
    double latency; /* NAN: not known */
    trace_links links;
} trace_net;

/* What a link is from now on, or by which way a message goes that has begun. */
typedef struct trace_change {
    double time;
    uint32_t net;
    uint32_t link;
    double rate;
    bool off;
    uint64_t message; /* 0: it is of the link */
    uint32_t way;
} trace_change;

/* What a member does in a call, if steps were asked for. */
typedef struct trace_step {
    double time;
    uint64_t at;
    uint32_t thread;
    uint32_t call;   /* calls[call - 1]; 0: it is in none that is known */
    uint32_t number; /* of the step */
    uint32_t rank;   /* at the other end; UINT32_MAX: all */
    bool receives;   /* or it sends */
} trace_step;

/* A collective call of one member. */
typedef struct trace_call {
    double from;
    double to;
    uint32_t thread;
    uint32_t number;
    double len;
    const char *what;
} trace_call;

/* A message because of which a member of a group went on. */
typedef struct trace_cause {
    double time;
    uint64_t at;
    uint32_t thread;
    uint64_t message;
} trace_cause;

typedef enum trace_note_kind {
    TRACE_MARK,
    TRACE_STATE, /* text: NULL: no more */
    TRACE_COUNT,
} trace_note_kind;

/* What a thread says of itself. */
typedef struct trace_note {
    double time;
    uint32_t thread;
    trace_note_kind kind;
    const char *text;
    double value;
} trace_note;

/* What goes wrong, or right again; see ds__fault_kind. */
typedef struct trace_fault {
    double time;
    double until;   /* what it has begun is over then; NAN: not as far as the
                     * trace goes; its time: it was a moment */
    unsigned what;  /* a ds__fault_kind */
    unsigned ended; /* what it has ended, the last of them; or its own */
    uint32_t a;
    uint32_t b;
    uint32_t more;    /* of PART: so many of the next are on its side */
    uint32_t link;    /* of OFF and ON: its number, + 1 */
    uint32_t net;     /* of links: the number of the network, + 1; else 0 */
    uint64_t line;    /* of a plan, from 1; 0: the program's own */
    double value;     /* of machines */
    const char *text; /* what it is in words, or NULL */
} trace_fault;

/* One thread that waits for another in a deadlock. */
typedef struct trace_wait {
    uint32_t who;
    uint32_t whom;
} trace_wait;

/* One piece of the critical path.  A message goes from its sending to whoever
 * went on because of it; anything else is a thread's own. */
typedef enum trace_piece_kind {
    TRACE_BY_MESSAGE,
    TRACE_BY_WORK, /* of an operator */
    TRACE_BY_COMPUTING,
    TRACE_BY_SLEEP, /* also a wait until its time had come */
    TRACE_BY_EVENT, /* a wait for something that was no message */
} trace_piece_kind;

typedef struct trace_piece {
    trace_piece_kind kind;
    double from;
    double to;
    uint32_t thread; /* that was there at the end of it */
    uint64_t message;
} trace_piece;

/* Terms are as in <distsys/cost.h>: latencies, bytes on an idle network, what
 * messages take beyond these, and the work of operators. */
typedef struct trace_path {
    trace_piece *pieces; /* from the beginning to the end */
    size_t n;
    uint32_t thread; /* whose end it leads to; 0: there is none */
    double from;     /* where it begins; later than 0 if that is forgotten */
    double to;
    size_t messages;
    double bytes;
    double alpha;
    double beta;
    double sharing;
    double held;      /* they had come, and were put off */
    double elsewhere; /* what messages take on a network that has not said what
                       * it can do */
    double gamma;
    double computing; /* other than operators */
    double sleeping;
    double other;
} trace_path;

typedef struct trace_model {
    const char *file;
    uint64_t records;
    uint64_t forgotten;
    size_t damaged;
    char trouble[200];

    double begin; /* of what is told */
    double end;
    uint64_t seed;
    bool fifo;
    bool ended; /* the last run has */
    unsigned status;
    uint64_t digest;
    char *reason; /* or "" */
    size_t runs;

    /* At their numbers. */
    trace_thread *threads;
    size_t num_threads; /* one more than the greatest */
    trace_node *nodes;
    size_t num_nodes;
    trace_stream *streams;
    size_t num_streams;
    trace_net *nets;
    size_t num_nets;
    uint64_t message_base; /* messages[i] is message_base + i, from i = 1 on */
    trace_message *messages;
    size_t num_messages;

    /* In the order of happening. */
    trace_span *spans;
    size_t num_spans;
    trace_call *calls;
    size_t num_calls;
    trace_step *steps;
    size_t num_steps;
    trace_cause *causes;
    size_t num_causes;
    trace_note *notes;
    size_t num_notes;
    trace_fault *faults;
    size_t num_faults;
    size_t *lasting; /* which of them are not over */
    size_t num_lasting;
    trace_wait *waits;
    size_t num_waits;
    trace_change *changes;
    size_t num_changes;

    size_t *by_thread; /* spans: by thread, and then in their order */

    /* Sums over messages. */
    size_t sent;
    size_t arrived;
    size_t lost;
    size_t under_way;
    size_t put_off; /* messages, for so many seconds in all, */
    double put_off_for;
    size_t held;      /* ... some of which had not arrived at the end, */
    uint64_t longest; /* and this one for the longest; 0: none */
    size_t doubled;   /* a second copy of them came, or was about to */
    size_t nameless;  /* arrivals of what networks have made up */
    double bytes;

    trace_path path;
    trace_texts texts; /* all that a const char * above may be */
} trace_model;

/* Reads a file, and finds the critical path. */
failure trace_model_read(trace_model *model, const char *name);
void trace_model_free(trace_model *model);

/* How a thread is called, such as: server, or: thread 3. */
const char *trace_thread_name(const trace_model *model, uint32_t thread,
                              char *buf, size_t size);

/* How a node is called. */
const char *trace_node_name(const trace_model *model, uint32_t node, char *buf,
                            size_t size);

/* A message by its number; NULL: it is forgotten, or there is none. */
trace_message *trace_message_of(const trace_model *model, uint64_t number);

/* When it was through its network: NAN: it is not. */
double trace_through(const trace_message *message);

/* How long it was put off, as far as the trace goes. */
double trace_put_off(const trace_model *model, const trace_message *message);

/* The node of a port; 0: none. */
uint32_t trace_node_of(const trace_model *model, uint32_t stream);

/* Whom a thread has waited for if it waited for this message: the one at its
 * other end; 0: that is not known. */
uint32_t trace_other_end(const trace_model *model, uint64_t message,
                         uint32_t thread);

/* How long a message takes on an idle network: its latency, and its bytes.
 * false: that is not known. */
typedef struct trace_idle {
    double latency;
    double bytes;
} trace_idle;
bool trace_idle_of(const trace_model *model, const trace_message *message,
                   trace_idle *idle);

/* fault.c: adds a fault, whose until it finds out, as it does that of those
 * which are over with it. */
void trace_fault_add(trace_model *model, const trace_fault *fault);

/* A line of a plan, or a partition, is several faults; the words of the first
 * of them are for all. */
bool trace_fault_is_told_before(const trace_model *model,
                                const trace_fault *fault);

/* Whether it is about links, and not about one machine. */
bool trace_fault_is_of_links(const trace_fault *fault);

/* Says it in words, such as: node 2 "db" crashes. */
enum { TRACE_FAULT_MAX = 256 };
const char *trace_fault_words(const trace_model *model,
                              const trace_fault *fault,
                              char buf[TRACE_FAULT_MAX]);

/* circle.c: marks the threads of one circle, if there is one. */
void trace_circle_find(trace_model *model);

/* path.c: finds the path in a model that is otherwise complete. */
void trace_path_find(trace_model *model);

#endif
