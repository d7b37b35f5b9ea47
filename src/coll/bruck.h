/* Bruck's allgather (Bruck, Ho, Kipnis, Upfal, Weathersby, IEEE Trans. Parallel
 * Distrib. Syst. 8(11), 1997): c rounds for every p. */
#ifndef DS_COLL_BRUCK_H
#define DS_COLL_BRUCK_H

#include "coll/step.h"

/* Everyone's vector, which is borrowed, one after the other from rank r's on:
 * that of rank (r + j) mod p is number j.  Uses up to ceil(lg p) step numbers
 * from step on. */
ds_vec *ds__bruck_allgather(ds_comm *c, unsigned step, ds_vec *mine);

#endif
