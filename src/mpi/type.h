/* Datatypes: where in memory the bytes of an element are.
 *
 * The one idea: a type is a list of blocks of bytes, in the order in which they
 * are sent; making one type of others puts lists together, and joins blocks
 * that touch. */
#ifndef DS_MPI_TYPE_H
#define DS_MPI_TYPE_H

#include <complex.h>
#include <stdint.h>
#include <wchar.h>

#include "mpi/attr.h"
#include "mpi/rank.h"

/* What operators can do with a basic type. */
typedef enum ds__class {
    DS__INTEGER,
    DS__REAL,
    DS__COMPLEX,
    DS__LOGICAL,
    DS__BYTES,
    DS__PAIR, /* a value and an index, as of MPI_MAXLOC */
    DS__NO_OPS,
} ds__class;

/* Basic types: what they are called after MPI_, their C types and classes. */
#define DS__BASIC_TYPES(B)                                                     \
    B(CHAR, char, INTEGER)                                                     \
    B(SIGNED_CHAR, signed char, INTEGER)                                       \
    B(UNSIGNED_CHAR, unsigned char, INTEGER)                                   \
    B(BYTE, unsigned char, BYTES)                                              \
    B(PACKED, char, NO_OPS)                                                    \
    B(WCHAR, wchar_t, NO_OPS)                                                  \
    B(SHORT, short, INTEGER)                                                   \
    B(UNSIGNED_SHORT, unsigned short, INTEGER)                                 \
    B(INT, int, INTEGER)                                                       \
    B(UNSIGNED, unsigned, INTEGER)                                             \
    B(LONG, long, INTEGER)                                                     \
    B(UNSIGNED_LONG, unsigned long, INTEGER)                                   \
    B(LONG_LONG_INT, long long, INTEGER)                                       \
    B(UNSIGNED_LONG_LONG, unsigned long long, INTEGER)                         \
    B(FLOAT, float, REAL)                                                      \
    B(DOUBLE, double, REAL)                                                    \
    B(LONG_DOUBLE, long double, REAL)                                          \
    B(INT8_T, int8_t, INTEGER)                                                 \
    B(INT16_T, int16_t, INTEGER)                                               \
    B(INT32_T, int32_t, INTEGER)                                               \
    B(INT64_T, int64_t, INTEGER)                                               \
    B(UINT8_T, uint8_t, INTEGER)                                               \
    B(UINT16_T, uint16_t, INTEGER)                                             \
    B(UINT32_T, uint32_t, INTEGER)                                             \
    B(UINT64_T, uint64_t, INTEGER)                                             \
    B(AINT, intptr_t, INTEGER)                                                 \
    B(COUNT, int64_t, INTEGER)                                                 \
    B(OFFSET, int64_t, INTEGER)                                                \
    B(C_BOOL, _Bool, LOGICAL)                                                  \
    B(CXX_BOOL, _Bool, LOGICAL)                                                \
    B(C_FLOAT_COMPLEX, float complex, COMPLEX)                                 \
    B(C_DOUBLE_COMPLEX, double complex, COMPLEX)                               \
    B(C_LONG_DOUBLE_COMPLEX, long double complex, COMPLEX)                     \
    B(CXX_FLOAT_COMPLEX, float complex, COMPLEX)                               \
    B(CXX_DOUBLE_COMPLEX, double complex, COMPLEX)                             \
    B(CXX_LONG_DOUBLE_COMPLEX, long double complex, COMPLEX)                   \
    B(FLOAT_INT, ds__float_int, PAIR)                                          \
    B(DOUBLE_INT, ds__double_int, PAIR)                                        \
    B(LONG_INT, ds__long_int, PAIR)                                            \
    B(2INT, ds__int_int, PAIR)                                                 \
    B(SHORT_INT, ds__short_int, PAIR)                                          \
    B(LONG_DOUBLE_INT, ds__long_double_int, PAIR)

#define DS__PAIR_TYPE(name, type)                                              \
    typedef struct name {                                                      \
        type value;                                                            \
        int index;                                                             \
    } name
DS__PAIR_TYPE(ds__float_int, float);
DS__PAIR_TYPE(ds__double_int, double);
DS__PAIR_TYPE(ds__long_int, long);
DS__PAIR_TYPE(ds__int_int, int);
DS__PAIR_TYPE(ds__short_int, short);
DS__PAIR_TYPE(ds__long_double_int, long double);

typedef enum ds__basic {
#define DS__B(name, type, class) DS__BASIC_##name,
    DS__BASIC_TYPES(DS__B)
#undef DS__B
        DS__BASICS,
} ds__basic;

typedef struct ds__block {
    ptrdiff_t at; /* from where the element is said to be */
    size_t size;
} ds__block;

/* What a new one consists of: n parts, of which part i is count of type old in
 * a row, at so many bytes. */
typedef struct ds__part {
    struct ds__type *old;
    ptrdiff_t at;
    size_t count;
} ds__part;

/* Invariants: size is that of all blocks together; row is true exactly if any
 * number of elements in a row are one block. */
typedef struct ds__type {
    ds__object object;
    ptrdiff_t lb;
    ptrdiff_t extent;
    size_t size;
    size_t align; /* of its basic types, the largest */
    size_t n;
    ds__block *blocks;
    int basic;        /* that it is; -1: none, it was made */
    int base;         /* that all of it consists of; -1: several */
    size_t num_parts; /* that it was made of, if its base is several */
    ds__part *parts;
    bool row;
    bool committed;
    bool has_bounds; /* lb and extent were given, and are no sum of others' */
    ds__notes notes; /* unless it is a basic one */
} ds__type;

/* The basic ones, which need no handle. */
ds__type *ds__type_basic(ds__basic basic);
ds__class ds__type_class(ds__basic basic);
size_t ds__pair_value_size(ds__basic basic); /* bytes; 0: it is no pair */

/* Returns what a rank has noted at a type: at a basic one, each rank its own.
 */
ds__notes *ds__type_notes(ds__rank *me, ds__type *type);

/* Makes one, with a handle; padded: a struct of C would end there. */
ds__type *ds__type_new(const ds__part *parts, size_t n, bool padded);
void ds__type_resize(ds__type *type, ptrdiff_t lb, ptrdiff_t extent);
void ds__type_release(ds__type *type); /* drops a reference */

/* Where the bytes of an element begin and end; both 0 if there are none. */
void ds__type_true(const ds__type *type, ptrdiff_t *lb, ptrdiff_t *end);

/* Copies count elements to bytes in a row, and so many bytes back. */
void ds__type_pack(char *to, const void *from, size_t count,
                   const ds__type *type);
void ds__type_unpack(void *to, const char *from, size_t bytes,
                     const ds__type *type);

/* Where the bytes of elements in a row begin; only if type->row. */
static inline char *ds__type_first(const void *buf, const ds__type *type)
{
    return (char *)buf + (type->n > 0 ? type->blocks[0].at : 0);
}

/* Copies elements of one type to others, as far as there is room. */
void ds__type_copy(void *to, size_t n, const ds__type *to_type,
                   const void *from, size_t m, const ds__type *from_type);

#endif
