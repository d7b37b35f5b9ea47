/* What writes a trace for other programs.  Each writes a file, replacing what
 * it was, and leaves a warning for what it has to leave out. */
#ifndef BENCH_TRACE_WRITERS_H
#define BENCH_TRACE_WRITERS_H

#include "bench/trace/view.h"

/* A sequence diagram for Mermaid, which many pages draw that show Markdown: the
 * first messages, marks, states and faults of the view; how many are left out
 * is said in it. */
failure trace_mermaid(const trace_view *view, const char *file);

/* All there is for Perfetto, in its own format: TracePackets of track
 * descriptors and track events.
 *
 * A row is a process, and a thread a thread: what it did are slices, calls
 * around waits.  The network is a process with lanes for each node, on which
 * the messages to it are slices that do not overlap; a flow leads from the
 * sending of a message over its slice to where it is taken.  Counters are what
 * threads count, and how full ports are. */
failure trace_perfetto(const trace_view *view, const char *file);

/* All there is as tables of a new database, to be asked by SQL;
 * distsys-trace(1) lists them.  Refuses if the program was built without
 * SQLite. */
failure trace_sqlite(const trace_view *view, const char *file);

#endif
