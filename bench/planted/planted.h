/* The benchmark of planted bugs: published mistakes of protocols, each put into
 * a version of the algorithm that is right but for it, to see how many seeds a
 * search needs to find it, and that what is right is never blamed.
 *
 * The one idea: an algorithm is written once, in a file of this folder, with
 * its rules as small functions in a struct.  The arg of a planted version is
 * such a struct too, in which only the rule is there that is wrong.
 *
 * A family is the rows of one file.  It is declared below and listed in
 * bench/planted/all.c, a line each. */
#ifndef BENCH_PLANTED_H
#define BENCH_PLANTED_H

#include <stddef.h>
#include <stdint.h>

#include <distsys/explore.h>

/* How the planted version fails: what ds_test_main() ends with, see
 * <distsys/explore.h>.  Another failure is a find too, but of something that
 * nobody meant, and is shown as such. */
typedef enum planted_end {
    PLANTED_WRONG = 10, /* an observer, the check or the model says so */
    PLANTED_STUCK = 11, /* something did not end after the calm, or there was a
                         * deadlock */
} planted_end;

typedef struct planted_row {
    const char *name;       /* such as "P1"; no two are alike */
    const char *title;      /* the mistake in a few words */
    const char *source;     /* where it was published */
    const ds_test *correct; /* rows may share one; its name tells it from all
                             * others, and so does that of planted */
    const ds_test *planted;
    uint64_t budget; /* seeds, from 1 on, within which it must be found; 0: it
                      * is only reported */
    planted_end end;
    const char *note; /* "equivalent" for one that can change nothing, "rare"
                       * for one that fails with less than 1 seed in 1,000,
                       * "moonshot" for one that nobody expects to be found;
                       * NULL: it should be found soon */
} planted_row;

typedef struct planted_family {
    const planted_row *rows;
    size_t n;
} planted_family;

#define PLANTED_FAMILY(table)                                                  \
    {                                                                          \
        table, sizeof(table) / sizeof(*(table))                                \
    }

/* What most protocols claim to survive. */
enum {
    PLANTED_USUAL = DS_HAZARD_CRASH | DS_HAZARD_PAUSE | DS_HAZARD_PARTITION |
                    DS_HAZARD_DROP | DS_HAZARD_DUPLICATE | DS_HAZARD_REORDER,
};

extern const planted_family planted_raft;
extern const planted_family planted_paxos;
extern const planted_family planted_paxos_log;
extern const planted_family planted_abd;
extern const planted_family planted_cas;
extern const planted_family planted_chain;
extern const planted_family planted_commit;
extern const planted_family planted_broadcast;
extern const planted_family planted_broadcast_commit;
extern const planted_family planted_clocks;
extern const planted_family planted_dotted;
extern const planted_family planted_hashing;
extern const planted_family planted_lease;
extern const planted_family planted_mutex;
extern const planted_family planted_snapshot;
extern const planted_family planted_termination;
extern const planted_family planted_bully;
extern const planted_family planted_ring;
extern const planted_family planted_chord;
extern const planted_family planted_swim;
extern const planted_family planted_detector;
extern const planted_family planted_gossip;
extern const planted_family planted_replicas;
extern const planted_family planted_failover;
extern const planted_family planted_viewstamp;
extern const planted_family planted_transactions;
extern const planted_family planted_watch;

/* Ends with NULL. */
extern const planted_family *const planted_families[];

/* All rows, one family after the other; NULL: there are not so many. */
const planted_row *planted_row_at(size_t i);

#endif
