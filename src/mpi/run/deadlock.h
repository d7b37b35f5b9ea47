/* What is said of a run that cannot go on. */
#ifndef DS_MPI_RUN_DEADLOCK_H
#define DS_MPI_RUN_DEADLOCK_H

/* Says on standard error which ranks wait for what, and where. */
void ds__deadlock_tell(void);

#endif
