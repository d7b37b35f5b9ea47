#ifndef DISTSYS_GROUP_H
#define DISTSYS_GROUP_H

#include <distsys/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Groups: machines that run an algorithm together ----------------------*/

/* A network, and a port on each member's machine where nothing but the packets
 * of this group arrive.  Members have numbers, from 0, as the ports have.  It
 * is plain data: who makes it keeps it, and the array, for as long as the run.
 */
typedef struct ds_group {
    ds_net *net;
    ds_port *const *ports;
    size_t n;
} ds_group;

#define DS_NOBODY SIZE_MAX

/* Makes a port on each of n nodes and stores it in ports. */
ds_group ds_group_of(ds_net *net, ds_node *const *nodes, ds_port **ports,
                     size_t n);

/* Which member is the machine that the caller is on, or that a message comes
 * from; DS_NOBODY: none of them, such as a client. */
size_t ds_group_me(const ds_group *g, const ds_handle *h);
size_t ds_group_sender(const ds_group *g, const ds_msg *m);

/* The smallest number that is more than half of the members: two sets of so
 * many have one in common, also if n is even. */
size_t ds_group_majority(const ds_group *g);

/* A member sends a copy of a packet, which is size bytes on the network too, to
 * another one, to all of them but itself, or to all.  Who is no member: misuse.
 */
void ds_tell(ds_handle *h, const ds_group *g, size_t to, const void *packet,
             size_t size);
void ds_tell_others(ds_handle *h, const ds_group *g, const void *packet,
                    size_t size);
void ds_tell_all(ds_handle *h, const ds_group *g, const void *packet,
                 size_t size);

/* ---- Questions and answers ------------------------------------------------*/

/* What asks a group: a thread of a client, or of a member besides the one that
 * receives for it.
 *
 * Each question is a packet that begins with a uint64_t, its number, which
 * every answer repeats.  An answer to an older question is dropped: it may be
 * late, and it may have been asked by an earlier life of this machine.  That is
 * why numbers begin anywhere. */
typedef struct ds_asker {
    const ds_group *group; /* whom it asks */
    ds_port *port;         /* of the caller's machine; all that comes here and
                            * is no answer is dropped */
    double patience; /* seconds until a question has failed; 0: for ever */
    double again; /* seconds after which those who are silent are asked again,
                   * and so on; 0: they are not */
    bool thrifty; /* asks no more members than it wants answers of, others
                   * each time; those asked again are all */
    uint64_t number;   /* of the last question */
    uint64_t identity; /* the first of these; nobody else has it, but for a
                        * chance of one in 2^53 */
} ds_asker;

ds_asker ds_asker_of(ds_handle *h, const ds_group *group, ds_port *port,
                     double patience, double again, bool thrifty);

/* Asks one member, or all, and waits until that one has answered, or as many
 * different ones as are wanted.  The number is written into the packet, which
 * is sent as a copy.
 *
 * True: the answers are the caller's, who drops them with ds_msg_drop().
 * False: there were too few in time, or the machine or the simulation is over,
 * and there is nothing to drop.  To want more than there are is misuse. */
bool ds_ask(ds_handle *h, ds_asker *a, size_t to, void *packet, size_t size,
            ds_msg *answer);
bool ds_ask_all(ds_handle *h, ds_asker *a, void *packet, size_t size,
                size_t wanted, ds_msg *answers);

/* Answers a question that has been received, with a packet that begins with a
 * uint64_t too, which the number of the question is written into. */
void ds_answer(ds_handle *h, const ds_group *g, const ds_msg *question,
               void *packet, size_t size);

#ifdef __cplusplus
}
#endif

#endif
