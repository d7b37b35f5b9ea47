#ifndef DISTSYS_DETECTOR_H
#define DISTSYS_DETECTOR_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who is down?  Nobody can know, since who is down and who is slow look alike;
 * a detector suspects, and promises to suspect in the end all who are down for
 * good (completeness), and nobody else once the network behaves (Chandra,
 * Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems", J.
 * ACM 43(2), 1996: eventually perfect). */

/* ---- By heartbeats --------------------------------------------------------*/

/* How silence is judged: a level, which grows with it. */
typedef struct ds_detector_kind ds_detector_kind;

/* In periods since the last heartbeat, less one for each time that this member
 * was suspected and was heard again: so the timeout adapts (Chandra, Toueg
 * 1996, figure 10). */
extern const ds_detector_kind ds_detector_heartbeat;

/* -log10 of the probability that the next heartbeat comes later than now, if
 * the last 100 gaps between them, of a deviation of at least a tenth of a
 * period, are normally distributed: Hayashibara, Defago, Yared, Katayama, "The
 * Phi Accrual Failure Detector", SRDS 2004.  So who suspects at 3 is wrong once
 * in 1,000 heartbeats. */
extern const ds_detector_kind ds_detector_phi;

/* All members have one in common. */
typedef struct ds_detector {
    ds_group group;
    const ds_detector_kind *kind;
    double period;    /* seconds between two heartbeats to each other member */
    double threshold; /* who is at a higher level is suspected */
    struct ds_detector_member **members; /* of the caller, NULL at first, one
                                          * each, where the bodies leave what
                                          * they have */
} ds_detector;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_detector.  In
 * each period n members send n (n - 1) messages. */
void ds_detector_serve(ds_handle *h, void *arg);

/* What the member on the caller's machine thinks of another now; of itself it
 * thinks well, level 0.  On other machines: misuse, 0 and false. */
double ds_detector_level(ds_handle *h, const ds_detector *d, size_t member);
bool ds_detector_suspects(ds_handle *h, const ds_detector *d, size_t member);

/* ---- By probes and gossip -------------------------------------------------*/

/* Das, Gupta, Motivala, "SWIM: Scalable Weakly-consistent Infection-style
 * Process Group Membership Protocol", DSN 2002.  In each period each member
 * probes another one, in an order drawn anew each round, and if it has no
 * answer in time it asks helpers to probe that one.  Who answers nobody is
 * suspected, and dead after a while, unless it says, with a higher incarnation,
 * that it is not.  What is new goes along in all packets. */
typedef enum ds_health { DS_ALIVE, DS_SUSPECT, DS_DEAD } ds_health;

typedef struct ds_report {
    int64_t incarnation; /* which that member alone raises */
    ds_health health;
} ds_report;

typedef struct ds_swim {
    ds_group group;
    double period;   /* seconds between two probes of a member */
    double patience; /* seconds until helpers are asked, more than two messages
                      * take; with them, a period should be 3 times that */
    size_t helpers;  /* how many are asked */
    double grace;    /* seconds that a suspect has to say that it lives */
    ds_report *report; /* of the caller, n * n: what member i knows of member k,
                        * at i * n + k; i's body writes it, for all to read */
} ds_swim;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_swim.  A member
 * that comes back, from a crash or a cut, is alive again to all who hear of it,
 * other than in the paper: those who are dead are probed as well.
 *
 * In each period n members send 2 n messages if all is well, and 1 + 2 k where
 * a member that is down is probed with k helpers.  That it is down is noticed
 * in 2 n - 3 periods by each of the others, or told. */
void ds_swim_serve(ds_handle *h, void *arg);

#ifdef __cplusplus
}
#endif

#endif
