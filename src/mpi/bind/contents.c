/* How a datatype was made. */

#include "mpi/bind/abi.h"

static int combiner_out(ds__combiner combiner)
{
    static const int numbers[DS__COMBINERS] = {
        [DS__COMBINER_NAMED] = MPI_COMBINER_NAMED,
        [DS__COMBINER_DUP] = MPI_COMBINER_DUP,
        [DS__COMBINER_CONTIGUOUS] = MPI_COMBINER_CONTIGUOUS,
        [DS__COMBINER_VECTOR] = MPI_COMBINER_VECTOR,
        [DS__COMBINER_HVECTOR] = MPI_COMBINER_HVECTOR,
        [DS__COMBINER_INDEXED] = MPI_COMBINER_INDEXED,
        [DS__COMBINER_HINDEXED] = MPI_COMBINER_HINDEXED,
        [DS__COMBINER_INDEXED_BLOCK] = MPI_COMBINER_INDEXED_BLOCK,
        [DS__COMBINER_HINDEXED_BLOCK] = MPI_COMBINER_HINDEXED_BLOCK,
        [DS__COMBINER_STRUCT] = MPI_COMBINER_STRUCT,
        [DS__COMBINER_SUBARRAY] = MPI_COMBINER_SUBARRAY,
        [DS__COMBINER_DARRAY] = MPI_COMBINER_DARRAY,
        [DS__COMBINER_F90_REAL] = MPI_COMBINER_F90_REAL,
        [DS__COMBINER_F90_COMPLEX] = MPI_COMBINER_F90_COMPLEX,
        [DS__COMBINER_F90_INTEGER] = MPI_COMBINER_F90_INTEGER,
        [DS__COMBINER_RESIZED] = MPI_COMBINER_RESIZED,
    };

    return numbers[combiner];
}

/* What a predefined type was made of: nothing. */
static const ds__made *made_of(const ds__type *t)
{
    static const ds__made nothing = { .combiner = DS__COMBINER_NAMED };

    return t->made != NULL ? t->made : &nothing;
}

#define NEED_SMALL(c, m)                                                       \
    if ((m)->is_large)                                                         \
    FAIL(c, ERR_TYPE,                                                          \
         "the datatype was made with counts of MPI_Count; a function whose "   \
         "name ends with _c tells how")

API int F(Type_get_envelope)(MPI_Datatype type, int *num_integers,
                             int *num_addresses, int *num_datatypes,
                             int *combiner)
{
    ds__rank *me = ENTER(Type_get_envelope);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, num_integers);
    NEED_RESULT(me->world, num_addresses);
    NEED_RESULT(me->world, num_datatypes);
    NEED_RESULT(me->world, combiner);
    const ds__made *m = made_of(t);
    NEED_SMALL(me->world, m);
    *num_integers = (int)m->integers.n;
    *num_addresses = (int)m->addresses.n;
    *num_datatypes = (int)m->num_types;
    *combiner = combiner_out(m->combiner);
    return MPI_SUCCESS;
}

API int F(Type_get_envelope_c)(MPI_Datatype type, MPI_Count *num_integers,
                               MPI_Count *num_addresses,
                               MPI_Count *num_large_counts,
                               MPI_Count *num_datatypes, int *combiner)
{
    ds__rank *me = ENTER(Type_get_envelope_c);

    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, num_integers);
    NEED_RESULT(me->world, num_addresses);
    NEED_RESULT(me->world, num_large_counts);
    NEED_RESULT(me->world, num_datatypes);
    NEED_RESULT(me->world, combiner);
    const ds__made *m = made_of(t);
    *num_integers = (MPI_Count)m->integers.n;
    *num_addresses = (MPI_Count)m->addresses.n;
    *num_large_counts = (MPI_Count)m->large.n;
    *num_datatypes = (MPI_Count)m->num_types;
    *combiner = combiner_out(m->combiner);
    return MPI_SUCCESS;
}

/* ---- Contents -------------------------------------------------------------*/

/* Checks what there is room for; returns an error of the library. */
static int check(ds__comm *c, const ds__made *m, long long integers,
                 long long addresses, long long large, long long types)
{
    if (m->combiner == DS__COMBINER_NAMED)
        return ds__comm_fail(c, DS__ERR_TYPE,
                             "a predefined datatype has no contents");
    if (integers < (long long)m->integers.n ||
        addresses < (long long)m->addresses.n ||
        large < (long long)m->large.n || types < (long long)m->num_types)
        return ds__comm_fail(
            c, DS__ERR_ARG,
            "room for %lld integers, %lld addresses, %lld large counts and "
            "%lld datatypes; there are %zu, %zu, %zu and %zu",
            integers, addresses, large, types, m->integers.n, m->addresses.n,
            m->large.n, m->num_types);
    return DS__SUCCESS;
}

/* Each one that was made is another handle, which the program frees. */
static void get_types(const ds__made *m, MPI_Datatype *types)
{
    for (size_t i = 0; i < m->num_types; i++) {
        ds__type *old = m->types[i];
        if (ds__type_like(old) < 0)
            old = ds__type_same(old, ds__made_hold(old->made));
        types[i] = ABI_NAME(type_handle)(old);
    }
}

static void get(const ds__made *m, int *integers, MPI_Aint *addresses,
                MPI_Datatype *types)
{
    for (size_t i = 0; i < m->integers.n; i++)
        integers[i] = (int)m->integers.all[i];
    for (size_t i = 0; i < m->addresses.n; i++)
        addresses[i] = m->addresses.all[i];
    get_types(m, types);
}

API int F(Type_get_contents)(MPI_Datatype type, int max_integers,
                             int max_addresses, int max_datatypes,
                             int integers[], MPI_Aint addresses[],
                             MPI_Datatype datatypes[])
{
    ds__rank *me = ENTER(Type_get_contents);

    NEED_TYPE(me->world, t, type);
    const ds__made *m = made_of(t);
    NEED_SMALL(me->world, m);
    const int error =
        check(me->world, m, max_integers, max_addresses, 0, max_datatypes);
    if (error != DS__SUCCESS)
        return ERROR(error);
    get(m, integers, addresses, datatypes);
    return MPI_SUCCESS;
}

API int F(Type_get_contents_c)(MPI_Datatype type, MPI_Count max_integers,
                               MPI_Count max_addresses,
                               MPI_Count max_large_counts,
                               MPI_Count max_datatypes, int integers[],
                               MPI_Aint addresses[], MPI_Count large_counts[],
                               MPI_Datatype datatypes[])
{
    ds__rank *me = ENTER(Type_get_contents_c);

    NEED_TYPE(me->world, t, type);
    const ds__made *m = made_of(t);
    const int error = check(me->world, m, max_integers, max_addresses,
                            max_large_counts, max_datatypes);
    if (error != DS__SUCCESS)
        return ERROR(error);
    get(m, integers, addresses, datatypes);
    for (size_t i = 0; i < m->large.n; i++)
        large_counts[i] = m->large.all[i];
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Type_get_contents)                                                       \
    N(Type_get_contents_c)                                                     \
    N(Type_get_envelope)                                                       \
    N(Type_get_envelope_c)
DEFINE_NAMES(contents_names, LIST)
