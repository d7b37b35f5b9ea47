/* Marks that a program has; see the header.
 *
 * The names lie in the section one after the other, each with its end, and with
 * any number of zeros in between. */

#include "explore/runner/known.h"

#include <assert.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct image {
    const char *bytes;
    size_t size;
} image;

typedef struct search {
    ds__marks *marks;
    bool failed;
} search;

/* Whether so many bytes from an offset on are in the file. */
static bool has(const image *i, uint64_t offset, uint64_t size)
{
    return offset <= i->size && size <= i->size - offset;
}

static bool add_names(ds__marks *marks, const char *at, size_t size)
{
    const char *end = at + size;

    while (at < end) {
        size_t length = strnlen(at, (size_t)(end - at));
        if (length > 0 && at + length < end && !ds__marks_know_one(marks, at))
            return false;
        at += length + 1;
    }
    return true;
}

static bool is_ours(const image *i, const ElfW(Shdr) * names,
                    const ElfW(Shdr) * section)
{
    const size_t size = sizeof(DS__MARK_SECTION);

    return section->sh_type == SHT_PROGBITS &&
           section->sh_name < names->sh_size &&
           has(i, names->sh_offset + section->sh_name, size) &&
           memcmp(i->bytes + names->sh_offset + section->sh_name,
                  DS__MARK_SECTION, size) == 0 &&
           has(i, section->sh_offset, section->sh_size);
}

static bool look_at(ds__marks *marks, const image *i)
{
    const ElfW(Ehdr) *head = (const void *)i->bytes;
    const ElfW(Shdr) * sections;

    if (!has(i, 0, sizeof(*head)) ||
        memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        head->e_shentsize != sizeof(*sections) ||
        head->e_shstrndx >= head->e_shnum ||
        !has(i, head->e_shoff, head->e_shnum * sizeof(*sections)) ||
        head->e_shoff % _Alignof(ElfW(Shdr)) != 0)
        return true;
    assert(head->e_shstrndx < head->e_shnum);
    sections = (const void *)(i->bytes + head->e_shoff);
    for (size_t k = 0; k < head->e_shnum; k++)
        if (is_ours(i, &sections[head->e_shstrndx], &sections[k]) &&
            !add_names(marks, i->bytes + sections[k].sh_offset,
                       sections[k].sh_size))
            return false;
    return true;
}

static bool look_into(ds__marks *marks, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    bool good = true;

    if (fd < 0)
        return true;
    if (fstat(fd, &about) == 0 && about.st_size > 0) {
        size_t size = (size_t)about.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            good = look_at(marks, &(image){ bytes, size });
            munmap(bytes, size);
        }
    }
    close(fd);
    return good;
}

/* The program itself comes without a name. */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    search *s = arg;
    const char *name = info->dlpi_name;

    if (!look_into(s->marks,
                   name == NULL || name[0] == '\0' ? "/proc/self/exe" : name))
        s->failed = true;
    return s->failed;
}

bool ds__marks_know(ds__marks *marks)
{
    search s = { .marks = marks };

    dl_iterate_phdr(visit, &s);
    return !s.failed;
}
