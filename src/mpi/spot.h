/* Where in a program something was done: by whom, in which call, at which
 * line. */
#ifndef DS_MPI_SPOT_H
#define DS_MPI_SPOT_H

#include "base/text.h"

typedef struct ds__spot {
    const char *call; /* NULL: nowhere */
    void *site;       /* that the call returns to */
    int rank;         /* of the world */
} ds__spot;

/* The call that is being made. */
ds__spot ds__spot_here(void);

/* Adds "rank 1 in MPI_Send at ring.c:12", or only call and line. */
void ds__spot_add(ds__text *text, const ds__spot *spot);
void ds__spot_add_call(ds__text *text, const ds__spot *spot);

#endif
