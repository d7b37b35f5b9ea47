/* Which version this is. */

#include <distsys/version.h>

const char *ds_version(void)
{
    return DS_VERSION;
}
