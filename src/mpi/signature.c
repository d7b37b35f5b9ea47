/* Basic types fit each other if they are of one class and size: programs mix
 * int and int32_t, and char and signed char, where nothing can go wrong. */

#include "mpi/signature.h"

#include <assert.h>

static const char *const names[DS__BASICS] = {
#define DS__B(name, type, class) [DS__BASIC_##name] = "MPI_" #name,
    DS__BASIC_TYPES(DS__B)
#undef DS__B
};

/* Bytes and what was packed stand for anything. */
static bool is_anything(int base)
{
    return base < 0 || base == DS__BASIC_PACKED || base == DS__BASIC_BYTE;
}

bool ds__bases_fit(int a, int b)
{
    if (a == b || is_anything(a) || is_anything(b))
        return true;
    const ds__class of_a = ds__type_class((ds__basic)a);
    const ds__class of_b = ds__type_class((ds__basic)b);
    return of_a == of_b && ds__type_basic((ds__basic)a)->size ==
                               ds__type_basic((ds__basic)b)->size;
}

const char *ds__base_name(int base)
{
    assert(base < DS__BASICS);
    return base < 0 ? "several types" : names[base];
}
