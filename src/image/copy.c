/* Copies are files like others, since valgrind opens what is mapped by its
 * name.
 */

#include "image/copy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

#if HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

bool ds__valgrind_runs(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

static bool write_all(int fd, const unsigned char *from, size_t size)
{
    while (size > 0) {
        const ssize_t n = write(fd, from, size);
        if (n <= 0)
            return false;
        from += n;
        size -= (size_t)n;
    }
    return true;
}

bool ds__elf_copy_make(const ds__elf *elf, const char *path, ds__elf_copy *copy)
{
    const char *folder = getenv("TMPDIR");
    const char *slash = strrchr(path, '/');
    ds__text name;

    assert(elf->file != NULL);
    ds__text_init(&name, copy->name, sizeof(copy->name));
    ds__text_add(&name, "%s/%s.XXXXXX", folder == NULL ? "/tmp" : folder,
                 slash == NULL ? path : slash + 1);
    copy->fd = mkstemp(copy->name);
    if (copy->fd < 0)
        return false;
    if (write_all(copy->fd, elf->file, elf->file_size))
        return true;
    ds__elf_copy_end(copy);
    return false;
}

void ds__elf_copy_end(ds__elf_copy *copy)
{
    unlink(copy->name);
    close(copy->fd);
}
