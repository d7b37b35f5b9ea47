/* Nothing but the room: this file is to be linked last. */

#include "image/room.h"

static _Thread_local __attribute__((aligned(64))) char room[DS__ROOM];

void *ds__room_here(void)
{
    return room;
}
