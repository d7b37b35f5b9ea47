/* Whether walks over whole structures are wanted; see the header. */

#include "base/invariant.h"

#include <stdlib.h>
#include <string.h>

atomic_int ds__check_state_now;

bool ds__check_first_look(void)
{
    const char *value = getenv("DISTSYS_CHECK");
    bool on = value != NULL && strcmp(value, "1") == 0;

    atomic_store_explicit(&ds__check_state_now,
                          on ? DS__CHECK_ON : DS__CHECK_OFF,
                          memory_order_relaxed);
    return on;
}
