/* How a simulation ended, for whoever has started the program: a JSON object a
 * line, to the file descriptor that DISTSYS_REPORT names.
 *
 *     {"status": "success", "text": "", "digest": "6f3c...", "seconds": 1.5,
 *      "events": 310, "messages": 96, "exec": "fibers"}
 *
 * It is one write, so that the lines of several threads and processes do not
 * mix, and costs one comparison if nobody asked. */
#ifndef DS_LOOP_OUTCOME_H
#define DS_LOOP_OUTCOME_H

#include <stdint.h>

#include <distsys/loop.h>

/* seconds, events and messages are of this run alone.  Of a long text the
 * beginning is told. */
typedef struct ds__outcome {
    const char *status; /* as ds_strstatus() has it */
    const char *text;
    uint64_t digest;
    double seconds; /* virtual ones */
    uint64_t events;
    uint64_t messages; /* sent */
    ds_exec exec;
} ds__outcome;

/* Reads the variable, if it is set: the number of an open file; -1: of none. */
int ds__outcome_file(const char *value);

/* A reader that has gone, or a full disk, changes nothing in the program. */
void ds__outcome_write(int file, const ds__outcome *outcome);

/* What a loop had done before a run, which is not told again; nothing if nobody
 * has asked. */
typedef struct ds__past {
    double time;
    uint64_t events;
    uint64_t messages;
} ds__past;

ds__past ds__past_of(const ds_loop *loop);

/* After a run: writes how it ended to the file that the loop has for that. */
void ds__outcome_tell(const ds_loop *loop, const ds__past *before);

#endif
