/* The phrases for the ways a simulation can end. */

#include <distsys/status.h>

const char *ds_strstatus(ds_status status)
{
    switch (status) {
    case DS_OK:
        return "success";
    case DS_DEADLOCK:
        return "deadlock";
    case DS_STOPPED:
        return "stopped";
    case DS_FAILED:
        return "failed";
    case DS_LIMIT:
        return "limit reached";
    case DS_ENOMEM:
        return "out of memory";
    case DS_ETHREAD:
        return "cannot start a thread";
    case DS_EMISUSE:
        return "wrong use of the interface";
    }
    return "unknown status";
}
