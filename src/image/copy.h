/* Copies of a program's file, for valgrind alone. */
#ifndef DS_IMAGE_COPY_H
#define DS_IMAGE_COPY_H

#include "image/elf.h"

typedef struct ds__elf_copy {
    int fd;
    char name[4096];
} ds__elf_copy;

/* Whether this process is one that valgrind runs. */
bool ds__valgrind_runs(void);

/* Makes one that has a name until its end, in the folder for temporary files;
 * false: errno says why not. */
bool ds__elf_copy_make(const ds__elf *elf, const char *path,
                       ds__elf_copy *copy);
void ds__elf_copy_end(ds__elf_copy *copy);

#endif
