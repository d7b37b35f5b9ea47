#ifndef DISTSYS_GOSSIP_H
#define DISTSYS_GOSSIP_H

#include <distsys/entries.h>
#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Entries spread as diseases do: in each period each member speaks to others
 * that it draws at random, and so all know in about log n periods, whoever is
 * down: Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart,
 * Terry, "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987.
 *
 * What members speak of; the ways may be or-ed together, and go along in one
 * packet then. */
enum {
    /* Rumours, which are entries that a member has not known for long: it tells
     * its own, or it asks for those of the other, or it does both (Karp,
     * Schindelhauer, Shenker, Voecking, "Randomized Rumor Spreading", FOCS
     * 2000).  A member may miss one for ever, with a small probability, or
     * because packets were lost, or in a crash, which makes it forget. */
    DS_GOSSIP_PUSH = 1 << 0,
    DS_GOSSIP_PULL = 1 << 1,
    DS_GOSSIP_PUSH_PULL = DS_GOSSIP_PUSH | DS_GOSSIP_PULL,

    /* All that it knows: the two compare digests of everything, and where they
     * differ of a 16th of it, and so on, as with Merkle trees (DeCandia et al.,
     * "Dynamo", SOSP 2007).  So members come to know the same in the end
     * whatever has failed, and who has crashed is told what was known to
     * others; an entry that nobody else has heard is lost with its machine. */
    DS_GOSSIP_ANTI_ENTROPY = 1 << 2,
};

/* All members have one in common. */
typedef struct ds_gossip {
    ds_group group;
    unsigned ways; /* DS_GOSSIP_... */
    double period; /* seconds, > 0; those that were started at once are at it
                    * at once, and if it takes more than two messages do, these
                    * are the rounds of the literature */
    size_t fanout; /* how many times a member speaks to another in a period */
    size_t hot;    /* for how many periods an entry is a rumour at a member:
                    * with the fanout k times that, a fraction s = e^(-k (1 - s))
                    * of all is never told by pushing */
    struct ds_gossip_member **members; /* of the caller, NULL at first, one
                                        * each, where the bodies leave what they
                                        * have */
} ds_gossip;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_gossip.
 *
 * In each period a member sends fanout packets; without news those that only
 * push send none.  There is an answer if somebody has rumours that who asked
 * has not told just now, or if digests differ.  If sets of m entries differ in
 * d of these, anti-entropy takes log m messages of up to d log m digests.
 *
 * An observer is told as DS_FACT_STATE what members know, by its digest. */
void ds_gossip_serve(ds_handle *h, void *arg);

/* Adds an entry at the member on the caller's machine, as ds_entries_put()
 * does; if it is news there, it is a rumour.  False: there is no memory, or no
 * member serves on that machine, which is misuse; the run fails. */
bool ds_gossip_add(ds_handle *h, const ds_gossip *g, const ds_entry *entry);

/* What a member knows now, for anybody to look at until somebody blocks; NULL:
 * nobody serves there.  To what the caller would add, ds_gossip_add() does. */
const ds_entries *ds_gossip_known(const ds_gossip *g, size_t member);

#ifdef __cplusplus
}
#endif

#endif
