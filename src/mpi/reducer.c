/* Operators of a program see elements as they lie in its memory, and may write
 * to both. */

#include "mpi/reducer.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/call.h"
#include "mpi/step.h"

static char *unpack(const void *bytes, size_t n, ds__type *type, void **room)
{
    char *elements = ds__mpi_scratch(n, type, room);

    ds__type_unpack(elements, bytes, n * type->size, type);
    return elements;
}

static void combine_unpacked(const ds__reducer *r, const void *in, void *inout,
                             size_t n)
{
    void *rooms[2];
    char *left = unpack(in, n, r->type, &rooms[0]);
    char *right = unpack(inout, n, r->type, &rooms[1]);

    ds__op_apply(r->op, left, right, n, r->type);
    ds__type_pack(inout, right, n, r->type);
    free(rooms[0]);
    free(rooms[1]);
}

static void combine(const ds_op *self, const void *in, void *inout, size_t n)
{
    const ds__reducer *r = (const ds__reducer *)self;

    ds__turn_resume(r->turn);
    if (n == 0 || r->type->size == 0)
        return;
    if (r->op->code != DS__OP_OWN && r->type->row)
        ds__op_apply(r->op, (void *)in, inout, n, r->type);
    else
        combine_unpacked(r, in, inout, n);
}

void ds__reducer_init(ds__reducer *reducer, const ds__op *op, ds__type *type,
                      const ds__turn *turn)
{
    assert(ds__op_fits(op, type));
    *reducer = (ds__reducer){
        .base = { .name = op->code == DS__OP_OWN ? "of the program"
                                                 : ds__op_name(op->code),
                  .commutative = op->commutes,
                  .combine = combine,
                  .seconds = ds__the_world.reading },
        .op = op,
        .type = type,
        .turn = turn,
    };
}
