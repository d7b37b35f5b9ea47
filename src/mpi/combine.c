/* Operators work on elements of a basic type in a row, at addresses that are
 * fit for it; what is not so is copied to where it is, and back. */

#include "mpi/combine.h"

#include <assert.h>
#include <stdlib.h>

bool ds__combine_fits(const ds__op *op, const ds__type *type)
{
    if (op->code == DS__OP_REPLACE || op->code == DS__OP_NO_OP)
        return true;
    return op->code != DS__OP_OWN && type->base >= 0 &&
           ds__op_fits(op, ds__type_basic((ds__basic)type->base));
}

static bool is_fit(const void *p, const ds__type *base)
{
    return (uintptr_t)p % base->align == 0;
}

void ds__combine(const ds__op *op, const char *bytes, size_t size, void *at,
                 ds__type *type)
{
    if (op->code == DS__OP_NO_OP || size == 0)
        return;
    if (op->code == DS__OP_REPLACE) {
        ds__type_unpack(at, bytes, size, type);
        return;
    }
    ds__type *base = ds__type_basic((ds__basic)type->base);
    const size_t n = size / base->size;
    const bool same = base->row && type->row;
    char *first = same ? ds__type_first(at, type) : NULL;
    if (same && is_fit(first, base) && is_fit(bytes, base)) {
        ds__op_apply(op, (char *)bytes, first, n, base);
        return;
    }
    assert(n > 0);
    const size_t whole = (size + type->size - 1) / type->size;
    char *packed = ds__mpi_room(whole * type->size);
    char *in = ds__mpi_room(n * (size_t)base->extent);
    char *inout = ds__mpi_room(n * (size_t)base->extent);
    ds__type_pack(packed, at, whole, type);
    ds__type_unpack(in, bytes, n * base->size, base);
    ds__type_unpack(inout, packed, n * base->size, base);
    ds__op_apply(op, in, inout, n, base);
    ds__type_pack(packed, inout, n, base);
    ds__type_unpack(at, packed, n * base->size, type);
    free(packed);
    free(in);
    free(inout);
}
