/* The switch on the engine of flows; see star.c. */
#ifndef DS_NET_FLOW_STAR_H
#define DS_NET_FLOW_STAR_H

#include "net/flow/flow.h"

typedef struct ds__star {
    ds__fluid base;
    ds__flows *flows;
} ds__star;

#endif
