/* What a call is, for reports. */

#include "mpi/spot.h"

#include <assert.h>

#include "image/site.h"
#include "mpi/rank.h"

static const ds__image *image_of(const ds__spot *spot)
{
    assert(spot->rank >= 0 && spot->rank < ds__the_world.num_ranks);
    return ds__the_world.ranks[spot->rank].image;
}

ds__spot ds__spot_here(void)
{
    const ds__rank *me = ds__me();
    assert(me->now != NULL);

    return (ds__spot){
        .call = me->now->call,
        .site = me->now->site,
        .rank = me->number,
    };
}

void ds__spot_add_call(ds__text *text, const ds__spot *spot)
{
    ds__text_add(text, "%s at ", spot->call);
    ds__image_site(image_of(spot), spot->site, text);
}

void ds__spot_add(ds__text *text, const ds__spot *spot)
{
    ds__text_add(text, "rank %d in ", spot->rank);
    ds__spot_add_call(text, spot);
}
