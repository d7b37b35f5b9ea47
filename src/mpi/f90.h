/* The types that Fortran asks for by precision and range, and by size. */
#ifndef DS_MPI_F90_H
#define DS_MPI_F90_H

#include "mpi/type.h"

/* Returns the type of so many digits and of exponents up to so much, the same
 * one each time this rank asks for the same; DS__UNDEFINED: any will do, as of
 * the precision of a DS__COMBINER_F90_INTEGER.  NULL: there is none. */
ds__type *ds__type_f90(ds__rank *me, ds__combiner combiner, int precision,
                       int range);

/* Returns the basic type of a class with so many bytes; NULL: there is none. */
ds__type *ds__type_sized(ds__class of_class, size_t bytes);

#endif
