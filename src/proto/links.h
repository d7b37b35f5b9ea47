/* Links between members of a group on which packets arrive once, and in the
 * order of their sending, whatever the network does to them.
 *
 * Packets of a link are numbered.  If none is lost, that is all it takes, and
 * costs no message.  Otherwise each is sent again until there is a receipt,
 * which says up to which number all has come.  Neither end may crash: a new
 * life would count from the beginning. */
#ifndef PROTO_LINKS_H
#define PROTO_LINKS_H

#include <distsys/group.h>

/* What each packet begins with. */
typedef struct ds__head {
    uint64_t number; /* on its link, from 1; 0: what nobody waits for */
    uint64_t taken;  /* of a receipt: how many have come on the link back */
    bool receipt;
} ds__head;

/* Where a mistake can be made. */
typedef struct ds__links_rules {
    /* Whether a packet is taken now, of a link from which some were taken. */
    bool (*in_turn)(uint64_t taken, uint64_t number);
    /* Whether a packet is kept, to be sent again, on such a network. */
    bool (*keeps)(double again);
} ds__links_rules;

bool ds__links_in_turn(uint64_t taken, uint64_t number);
bool ds__links_keep(double again);

typedef struct ds__link {
    uint64_t sent;
    uint64_t taken;
} ds__link;

struct ds__parcel;

/* Of a link sent to, all above what its receipts say is kept, oldest first; of
 * a link received from, what is held has not been taken. */
typedef struct ds__links {
    const ds_group *group;
    const ds__links_rules *rules;
    double again; /* seconds after which all that is kept is sent again; 0: the
                   * network loses nothing, and there are no receipts */
    double due;   /* when that is */
    ds__link *of; /* each member */
    struct ds__parcel *kept;
    struct ds__parcel *held;
} ds__links;

/* The links of the caller's machine.  False: it is over, or there is no memory,
 * which fails the run; there is nothing to close then. */
bool ds__links_open(ds_handle *h, ds__links *l, const ds_group *g, double again,
                    const ds__links_rules *rules);
void ds__links_close(ds__links *l);

/* Sends a copy; the head is the link's to fill in.  By any thread of the
 * machine. */
void ds__links_send(ds_handle *h, ds__links *l, size_t to, void *packet,
                    size_t size);

/* Waits for the next packet that is to be taken, and takes it; by one thread of
 * the machine.  False: it is over. */
bool ds__links_recv(ds_handle *h, ds__links *l, ds_msg *m);

#endif
