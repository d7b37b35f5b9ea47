/* Datatypes: where in memory the bytes of an element are.
 *
 * The one idea: a type is a list of blocks of bytes, in the order in which they
 * are sent; making one type of others puts lists together, and joins blocks
 * that touch.  Blocks that are alike and equally far apart are one entry, so
 * that a column of a matrix is as short as a row. */
#ifndef DS_MPI_TYPE_H
#define DS_MPI_TYPE_H

#include <complex.h>
#include <stdint.h>
#include <wchar.h>

#include "mpi/attr.h"
#include "mpi/made.h"
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
    DS__MARK, /* a bound, and no element */
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
    B(C_COMPLEX, float complex, COMPLEX)                                       \
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
    B(LONG_DOUBLE_INT, ds__long_double_int, PAIR)                              \
    DS__FORTRAN_TYPES(B)                                                       \
    B(LB, char, MARK)                                                          \
    B(UB, char, MARK)

/* Those of Fortran, as gfortran has them. */
#define DS__FORTRAN_TYPES(B)                                                   \
    B(INTEGER, int, INTEGER)                                                   \
    B(REAL, float, REAL)                                                       \
    B(DOUBLE_PRECISION, double, REAL)                                          \
    B(COMPLEX, float complex, COMPLEX)                                         \
    B(DOUBLE_COMPLEX, double complex, COMPLEX)                                 \
    B(LOGICAL, int, LOGICAL)                                                   \
    B(CHARACTER, char, NO_OPS)                                                 \
    B(INTEGER1, int8_t, INTEGER)                                               \
    B(INTEGER2, int16_t, INTEGER)                                              \
    B(INTEGER4, int32_t, INTEGER)                                              \
    B(INTEGER8, int64_t, INTEGER)                                              \
    B(REAL4, float, REAL)                                                      \
    B(REAL8, double, REAL)                                                     \
    B(COMPLEX8, float complex, COMPLEX)                                        \
    B(COMPLEX16, double complex, COMPLEX)                                      \
    B(2INTEGER, ds__int_int, PAIR)                                             \
    B(2REAL, ds__real_real, PAIR)                                              \
    B(2DOUBLE_PRECISION, ds__double_double, PAIR)

#define DS__PAIR_TYPE(name, type, index_type)                                  \
    typedef struct name {                                                      \
        type value;                                                            \
        index_type index;                                                      \
    } name
DS__PAIR_TYPE(ds__float_int, float, int);
DS__PAIR_TYPE(ds__double_int, double, int);
DS__PAIR_TYPE(ds__long_int, long, int);
DS__PAIR_TYPE(ds__int_int, int, int);
DS__PAIR_TYPE(ds__short_int, short, int);
DS__PAIR_TYPE(ds__long_double_int, long double, int);
DS__PAIR_TYPE(ds__real_real, float, float);
DS__PAIR_TYPE(ds__double_double, double, double);

typedef enum ds__basic {
#define DS__B(name, type, class) DS__BASIC_##name,
    DS__BASIC_TYPES(DS__B)
#undef DS__B
        DS__BASICS,
} ds__basic;

/* Blocks of size bytes each, count of them, so many bytes apart. */
typedef struct ds__block {
    ptrdiff_t at; /* from where the element is said to be */
    size_t size;
    size_t count;
    ptrdiff_t step;
} ds__block;

/* What a new one consists of: times rows of count elements of type old, the
 * first at so many bytes, each so many bytes behind the one before. */
typedef struct ds__part {
    struct ds__type *old;
    ptrdiff_t at;
    size_t count;
    size_t times;
    ptrdiff_t step;
} ds__part;

/* Invariants: size is that of all blocks together; blocks that follow each
 * other and touch are one; row is true exactly if any number of elements in a
 * row are one block. */
typedef struct ds__type {
    ds__object object;
    ptrdiff_t lb;
    ptrdiff_t extent;
    size_t size;
    size_t align; /* of its basic types, the largest */
    size_t n;
    ds__block *blocks;
    int basic;        /* that it is; -1: none, it was made */
    int base;         /* that all of it consists of; -1: several, or none */
    size_t num_parts; /* that it was made of, if its base is several */
    ds__part *parts;
    bool row;
    bool committed;
    bool has_lb; /* it was given, and is none of where elements are */
    bool has_ub;
    ds__made *made;  /* how; NULL: it is a basic one */
    ds__notes notes; /* unless it is a basic one */
} ds__type;

/* The basic ones, which need no handle. */
ds__type *ds__type_basic(ds__basic basic);
ds__class ds__type_class(ds__basic basic);
size_t ds__pair_value_size(ds__basic basic); /* bytes; 0: it is no pair */

/* Returns the basic one that operators take it for; -1: none.  Besides those
 * that are basic, it is those that programs of Fortran ask for by precision. */
static inline int ds__type_like(const ds__type *type)
{
    return type->made != NULL && ds__made_is_f90(type->made) ? type->base
                                                             : type->basic;
}

/* Returns what a rank has noted at a type: at a basic one, each rank its own.
 */
ds__notes *ds__type_notes(ds__rank *me, ds__type *type);

/* Makes one, with a handle; padded: a struct of C would end there.  How it was
 * made becomes its own; NULL: it is a step to another one. */
ds__type *ds__type_new(const ds__part *parts, size_t n, bool padded,
                       ds__made *made);
void ds__type_resize(ds__type *type, ptrdiff_t lb, ptrdiff_t extent);

/* Makes another handle of the same elements and bounds. */
ds__type *ds__type_same(ds__type *old, ds__made *made);

/* Takes the handle away, and drops its reference. */
void ds__type_remove(ds__type *type);
void ds__type_release(ds__type *type);  /* drops a reference */
void ds__type_note_row(ds__type *type); /* after a change of its bounds */

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
