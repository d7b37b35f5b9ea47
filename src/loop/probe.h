/* The seam to watch a run through.
 *
 * Whatever happens is told in one place, as a record, and costs one branch
 * when nobody listens.  Who listens sees records in the order of happening,
 * the same on threads and fibers and from run to run, and may neither block
 * nor change anything that a simulation can see. */
#ifndef DS_LOOP_PROBE_H
#define DS_LOOP_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include <distsys/loop.h>

/* The meaning of who, a, b and x; a stream or a thread is its number. */
typedef enum ds__tell_kind {
    DS__TELL_SPAWN,   /* who: the new thread; a: by which, 0: from outside */
    DS__TELL_START,   /* who: its body begins */
    DS__TELL_END,     /* who: its body has returned; a: 1 if it was unwound */
    DS__TELL_WAIT,    /* who; a: the first stream, 0: none; b: how many;
                       * x: seconds at most; text: the call */
    DS__TELL_COMPUTE, /* who; x: seconds */
    DS__TELL_WAKE,    /* who; a: the stream of the event, 0: its time has come,
                       * DS__TELL_OVER: neither; p: the payload */
    DS__TELL_TAKE,    /* who; a: the stream; p: the payload.  It lay there */
    DS__TELL_SEND,    /* a: from port, b: to port (their streams); x: bytes;
                       * p: the network */
    DS__TELL_ARRIVE,  /* likewise; it has come to its port */
    DS__TELL_LOSE,    /* likewise */
    DS__TELL_LAST,    /* no record: how many kinds there are */
} ds__tell_kind;

#define DS__TELL_OVER UINT32_MAX

typedef struct ds__record {
    ds__tell_kind kind;
    double time; /* of the loop */
    uint64_t who;
    uint32_t a;
    uint32_t b;
    double x;
    const void *p;
    const char *text;
} ds__record;

typedef struct ds__probe ds__probe;
struct ds__probe {
    void (*record)(ds__probe *self, const ds__record *record);
};

/* Tells who listens, with the time.  Call it only if somebody does, in a
 * function that is not inlined: then nobody else pays more than a branch. */
void ds__tell_probe(ds_loop *loop, ds__record record);

#endif
