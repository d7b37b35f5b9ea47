/* Alarms: how a network of the library, or what makes things fail, asks to be
 * called at a time. */

#include <assert.h>
#include <math.h>

#include "loop/state.h"

bool ds__alarm_init(ds__alarm *alarm, ds_loop *loop, uint64_t number,
                    void (*ring)(ds__alarm *))
{
    *alarm = (ds__alarm){
        .due = { .kind = DS__DUE_ALARM },
        .number = number,
        .ring = ring,
    };
    return ds__agenda_promise(&loop->agenda);
}

bool ds__alarm_init_first(ds__alarm *alarm, ds_loop *loop,
                          void (*ring)(ds__alarm *))
{
    bool promised = ds__alarm_init(alarm, loop, 0, ring);

    alarm->due.kind = DS__DUE_FIRST;
    return promised;
}

void ds__alarm_set_to(ds_loop *loop, ds__alarm *alarm, double time)
{
    assert(alarm->ring != NULL && time >= loop->now);
    ds__agenda_remove(&loop->agenda, &alarm->due);
    if (time < INFINITY)
        ds__agenda_add_alarm(&loop->agenda, &alarm->due, time, alarm->number);
}

void ds__alarm_set(ds_loop *loop, ds__alarm *alarm, double seconds)
{
    ds__alarm_set_to(loop, alarm, loop->now + seconds);
}
