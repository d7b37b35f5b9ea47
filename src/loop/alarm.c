/* Alarms: how a network of the library asks to be called at a time. */

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

void ds__alarm_set(ds_loop *loop, ds__alarm *alarm, double seconds)
{
    assert(alarm->ring != NULL && seconds >= 0);
    ds__agenda_remove(&loop->agenda, &alarm->due);
    if (seconds < INFINITY)
        ds__agenda_add_alarm(&loop->agenda, &alarm->due, loop->now + seconds,
                             alarm->number);
}
