/* What all observers of a loop have found, for who has run it: nobody has to
 * keep them to be able to ask. */
#ifndef DS_EXPLORE_OBSERVE_VERDICT_H
#define DS_EXPLORE_OBSERVE_VERDICT_H

#include <distsys/observe.h>

/* Of what can only be judged in the end there are two kinds. */
typedef enum ds__property {
    DS__SAFETY,   /* what may never happen, such as two orders */
    DS__LIVENESS, /* what must have happened, if all had the time for it */
} ds__property;

/* Looks at one of them, and says what has been found so far: of several
 * observers with something to say, the one that came first.  why is left alone
 * if all are sound. */
ds_finding ds__observers_verdict(ds_loop *loop, ds__property property,
                                 char *why, size_t size);

#endif
