/* One command in a process of its own: its end, the end of what it says, and
 * what its simulations report by DISTSYS_REPORT.
 *
 * It has a group of its own, which is gone when it is; and it dies with who has
 * started it. */
#ifndef BENCH_SWEEP_PROCESS_H
#define BENCH_SWEEP_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_TAIL 16384
#define PROCESS_TEXT 4000

/* The end of what came by a pipe.  Invariant: fd is -1 after its end. */
typedef struct process_tail {
    int fd;
    size_t used;
    bool cut; /* there was more before it */
    char buf[PROCESS_TAIL];
} process_tail;

/* What simulations have reported, all together: sums, and of the first that
 * failed, or else of the last one, the status and the text. */
typedef struct process_run {
    uint64_t count;
    bool failed;
    char status[40];
    char text[PROCESS_TEXT];
    uint64_t digest; /* of one simulation that of it */
    double seconds;
    uint64_t events;
    uint64_t messages;
    char exec[20]; /* of the last one */
} process_run;

typedef struct process_limits {
    double seconds;  /* 0: none */
    uint64_t memory; /* bytes of address space; 0: as much as there is */
} process_limits;

/* How it ended.  status is what a shell says: 128 and a signal, 124 after a
 * timeout. */
typedef struct process {
    pid_t pid; /* 0: there is none */
    process_tail out;
    process_tail err;
    process_tail report;
    process_run run;
    double began;
    double deadline; /* INFINITY: none */
    double seconds;
    bool late;
    int status;
    char end[40]; /* "ok", "exit 3", "SIGSEGV", "timeout" */
} process;

/* At the beginning of a program, once: which file its children report to. */
#define PROCESS_REPORT 3
void process_prepare(void);

/* What has come of starting one. */
typedef enum process_start {
    PROCESS_RUNS,
    PROCESS_REFUSED,    /* there is no such program: it has ended, as it says */
    PROCESS_IMPOSSIBLE, /* there can be no process now; errno says why */
} process_start;

/* Starts it.  What it says goes to out and err, if these are files, and else is
 * kept. */
process_start process_begin(process *p, char *const *command,
                            char *const *environment,
                            const process_limits *limits, int out, int err);

/* Takes what has come by its pipes. */
void process_hear(process *p);

/* Looks whether it has ended, and kills it if it is late; true: that was it,
 * and all is filled in. */
bool process_ended(process *p);

/* Kills it and waits for its end. */
void process_kill(process *p);

/* The last line, not empty, of what is kept; *n is how long it is. */
const char *process_last_line(const process_tail *tail, size_t *n);

double process_clock(void); /* real seconds */

#endif
