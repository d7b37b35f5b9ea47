/* What a program may say to distsys-mpirun(1) beyond MPI.
 *
 * The functions are weak: a program that is linked with another library of MPI,
 * which does not have them, does nothing where it calls them. */
#ifndef DISTSYS_DSMPI_H
#define DISTSYS_DSMPI_H

#ifdef __cplusplus
extern "C" {
#endif

/* The rank computes for so many seconds of virtual time, at least 0. */
void DSMPI_Compute(double seconds) __attribute__((weak));
#define DSMPI_Compute(seconds)                                                 \
    (DSMPI_Compute != 0 ? (DSMPI_Compute)(seconds) : (void)0)

#ifdef __cplusplus
}
#endif

#endif
