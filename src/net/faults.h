/* What happens to messages, as the files of src/net see it, and others who have
 * something to say about that. */
#ifndef DS_NET_FAULTS_H
#define DS_NET_FAULTS_H

#include <distsys/fault.h>

#include "net/gate.h"

typedef enum ds__link_state {
    DS__LINK_OPEN,
    DS__LINK_CUT,
    DS__LINK_HELD,
} ds__link_state;

/* What has happened to a message. */
typedef enum ds__mishap {
    DS__MISHAP_DOWN, /* lost, since nobody was up to receive it */
    DS__MISHAP_CUT,  /* lost, since the link is cut */
    DS__MISHAP_HELD,
    DS__MISHAP_DROPPED,
    DS__MISHAP_DOUBLED,
    DS__MISHAP_SINGLE, /* was to be doubled, and could not be copied */
    DS__MISHAP_DAMAGED,
    DS__MISHAP_PUT_OFF,
} ds__mishap;

/* What is said of the messages from one node to another.  Chances that are not
 * named are 0. */
typedef struct ds__saying {
    ds__link_state state;
    unsigned named; /* DS__SAYS_..., or-ed together */
    ds_link_faults faults;
} ds__saying;

/* Chances that are said, in the order in which they stand in ds_link_faults. */
enum {
    DS__SAYS_DROP = 1 << 0,
    DS__SAYS_DUPLICATE = 1 << 1,
    DS__SAYS_LATE = 1 << 2,
    DS__SAYS_DAMAGE = 1 << 3,
    DS__SAYS_JITTER = 1 << 4,
};

/* One who says more about links than the program has said; one for each loop.
 * Whoever says that a link is cut is right, and then whoever says that it is
 * held; of chances the overlay is right. */
typedef struct ds__overlay ds__overlay;
struct ds__overlay {
    /* Returns what it says of a message, which is good until it is asked again;
     * NULL: nothing. */
    const ds__saying *(*say)(ds__overlay *self, const ds_net *net,
                             const ds_msg *msg);

    /* Is told what has happened to a message; or NULL. */
    void (*tell)(ds__overlay *self, const ds_net *net, const ds_msg *msg,
                 ds__mishap fate);

    size_t cuts; /* how much it says that cuts links; 0: it cuts none */
};

/* What an overlay says of the links of a network may be another thing than it
 * was: messages that are kept go on, or are lost, as it is now. */
void ds__faults_look_again(ds_net *net);

/* Sees to it that every message is judged from now on; false: no memory,
 * recorded under call. */
bool ds__faults_watch(ds_loop *loop, const char *call);

/* Whether anybody may have cut a link of this network. */
static inline bool ds__faults_may_cut(const ds__net_state *state)
{
    const ds__overlay *o = state->annex->overlay;

    return state->faults != NULL || (o != NULL && o->cuts > 0);
}

/* Whether a link is cut for a message that is about to be sent. */
bool ds__faults_cut(const ds_net *net, const ds_msg *msg);

#endif
