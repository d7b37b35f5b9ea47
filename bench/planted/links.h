/* Links on which packets are taken in the order of their sending, whatever the
 * network does to it.  For groups on whose servers two threads run, a daemon
 * that takes packets and another, and which do not crash: what they know is the
 * shared memory of the group. */
#ifndef BENCH_PLANTED_LINKS_H
#define BENCH_PLANTED_LINKS_H

#include "bench/planted/kit.h"

enum { LINKS_HELD = 256 };

typedef struct link_packet {
    int64_t number; /* on its link, from 1 */
    int kind;
    int64_t a;
    int64_t b;
    int from;
} link_packet;

/* Whether a packet is taken now, of a link from which some were taken. */
typedef bool link_rule(int64_t taken, int64_t number);

bool link_in_turn(int64_t taken, int64_t number);     /* the right one */
bool link_as_it_comes(int64_t taken, int64_t number); /* the mistake */

/* The links of one machine. */
typedef struct links {
    int64_t sent[GROUP_MAX];
    int64_t taken[GROUP_MAX];
    link_packet held[LINKS_HELD];
    int num_held;
} links;

void links_send(ds_handle *h, const group *g, links *l, int to, int kind,
                int64_t a, int64_t b);
void links_send_others(ds_handle *h, const group *g, links *l, int kind,
                       int64_t a, int64_t b);

/* The next packet to be taken; false: it is over. */
bool links_recv(ds_handle *h, const group *g, links *l, link_rule *takes,
                link_packet *packet);

#endif
