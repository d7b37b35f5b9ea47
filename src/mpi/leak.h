/* What is left when a program has ended: objects that it has made and not
 * freed, and messages that nobody has received. */
#ifndef DS_MPI_LEAK_H
#define DS_MPI_LEAK_H

/* Notes all of it as findings. */
void ds__leaks_find(void);

#endif
