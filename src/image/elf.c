/* Reads an ELF file, and refuses by name what cannot be copied. */

#include "image/elf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64 };
#define MACHINE_NAME "x86-64"
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64 };
#define MACHINE_NAME "arm64"
#else
#error images are for x86-64 and arm64; configure leaves them out elsewhere
#endif

size_t ds__elf_page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

const void *ds__elf_at(const ds__elf *elf, size_t at, size_t size)
{
    for (size_t i = 0; i < elf->num_segments; i++) {
        const ds__elf_segment *s = &elf->segments[i];
        if (at >= s->at && at - s->at <= s->file_size &&
            s->file_size - (at - s->at) >= size)
            return elf->file + s->file_at + (at - s->at);
    }
    return NULL;
}

const char *ds__elf_string(const ds__elf *elf, size_t at)
{
    const char *strings = ds__elf_at(elf, elf->strings, elf->strings_size);

    return strings == NULL || at >= elf->strings_size ? "" : strings + at;
}

Elf64_Dyn ds__elf_dynamic(const ds__elf *elf, size_t i)
{
    Elf64_Dyn entry = { .d_tag = DT_NULL };
    const unsigned char *all =
        ds__elf_at(elf, elf->dynamic, elf->num_dynamic * sizeof(entry));

    if (all != NULL && i < elf->num_dynamic)
        memcpy(&entry, all + i * sizeof(entry), sizeof(entry));
    return entry;
}

static bool refuse(ds__text *why, const char *reason)
{
    ds__text_add(why, "%s", reason);
    return false;
}

/* ---- The file -------------------------------------------------------------*/

static bool map_file(ds__elf *elf, const char *path, ds__text *why)
{
    struct stat st;

    elf->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (elf->fd < 0 || fstat(elf->fd, &st) != 0) {
        ds__text_add(why, "it cannot be opened: %s", strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr))
        return refuse(why, "it is no ELF file, as compilers make programs");
    elf->file_size = (size_t)st.st_size;
    void *file = mmap(NULL, elf->file_size, PROT_READ, MAP_PRIVATE, elf->fd, 0);
    if (file == MAP_FAILED) {
        ds__text_add(why, "it cannot be mapped: %s", strerror(errno));
        return false;
    }
    elf->file = file;
    return true;
}

static bool check_header(const Elf64_Ehdr *e, ds__text *why)
{
    if (memcmp(e->e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(why, "it is no ELF file, as compilers make programs");
    if (e->e_ident[EI_CLASS] != ELFCLASS64 ||
        e->e_ident[EI_DATA] != ELFDATA2LSB || e->e_machine != MACHINE)
        return refuse(why, "it is for another machine than " MACHINE_NAME);
    if (e->e_type == ET_EXEC)
        return refuse(why, "it is at a fixed address; link it with -pie, as "
                           "distsys-mpicc does");
    if (e->e_type != ET_DYN || e->e_phentsize != sizeof(Elf64_Phdr))
        return refuse(why, "it is no program that can be run");
    return true;
}

/* ---- Segments -------------------------------------------------------------*/

static bool add_segment(ds__elf *elf, const Elf64_Phdr *p, ds__text *why)
{
    const size_t page = ds__elf_page();

    if (elf->num_segments == DS__ELF_SEGMENTS)
        return refuse(why, "it has more than 16 segments");
    if (p->p_filesz > p->p_memsz || p->p_offset > elf->file_size ||
        elf->file_size - p->p_offset < p->p_filesz ||
        p->p_vaddr > SIZE_MAX / 4 || p->p_memsz > SIZE_MAX / 4)
        return refuse(why, "a segment of it is cut off");
    if (ds__elf_page_down(p->p_vaddr, page) < elf->span ||
        (p->p_vaddr - p->p_offset) % page != 0)
        return refuse(why, "two of its segments share a page");
    elf->segments[elf->num_segments++] = (ds__elf_segment){
        .at = p->p_vaddr,
        .size = p->p_memsz,
        .file_at = p->p_offset,
        .file_size = p->p_filesz,
        .writable = (p->p_flags & PF_W) != 0,
        .executable = (p->p_flags & PF_X) != 0,
    };
    elf->span = ds__elf_page_up(p->p_vaddr + p->p_memsz, page);
    return true;
}

static bool note_locals(ds__elf *elf, const Elf64_Phdr *p, ds__text *why)
{
    if (p->p_filesz > p->p_memsz || p->p_memsz > SIZE_MAX / 4 ||
        p->p_align > SIZE_MAX / 4)
        return refuse(why, "its thread-local variables are cut off");
    elf->locals = (ds__elf_locals){
        .at = p->p_vaddr,
        .size = p->p_memsz,
        .file_size = p->p_filesz,
        .align = p->p_align > 0 ? p->p_align : 1,
    };
    return true;
}

/* What they begin as is in a segment. */
static bool check_locals(const ds__elf *elf, ds__text *why)
{
    const ds__elf_locals *l = &elf->locals;

    for (size_t i = 0; i < elf->num_segments; i++) {
        const ds__elf_segment *s = &elf->segments[i];
        if (l->at >= s->at && l->at - s->at <= s->size &&
            s->size - (l->at - s->at) >= l->file_size)
            return true;
    }
    return l->file_size == 0 ||
           refuse(why, "its thread-local variables are cut off");
}

static bool read_segments(ds__elf *elf, const Elf64_Ehdr *e, ds__text *why)
{
    bool interpreted = false;

    if (e->e_phoff > elf->file_size ||
        (elf->file_size - e->e_phoff) / sizeof(Elf64_Phdr) < e->e_phnum)
        return refuse(why, "its table of segments is cut off");
    for (size_t i = 0; i < e->e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, elf->file + e->e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_type == PT_TLS && !note_locals(elf, &p, why))
            return false;
        if (p.p_type == PT_LOAD && p.p_memsz > 0 && !add_segment(elf, &p, why))
            return false;
        if (p.p_type == PT_DYNAMIC) {
            elf->dynamic = p.p_vaddr;
            elf->num_dynamic = p.p_filesz / sizeof(Elf64_Dyn);
        }
        if (p.p_type == PT_GNU_EH_FRAME)
            elf->unwind = p.p_vaddr;
        interpreted |= p.p_type == PT_INTERP;
    }
    if (!interpreted)
        return refuse(why, "it is linked statically, or is no program but a "
                           "library; link it with -pie and shared libraries");
    return check_locals(elf, why);
}

/* ---- The dynamic section --------------------------------------------------*/

static void note_entry(ds__elf *elf, const Elf64_Dyn *d)
{
    const size_t value = d->d_un.d_val;

    switch (d->d_tag) {
    case DT_RELA:
        elf->rela.at = value;
        break;
    case DT_RELASZ:
        elf->rela.size = value;
        break;
    case DT_JMPREL:
        elf->plt.at = value;
        break;
    case DT_PLTRELSZ:
        elf->plt.size = value;
        break;
    case 36: /* DT_RELR, which older headers do not name */
        elf->relr.at = value;
        break;
    case 35: /* DT_RELRSZ */
        elf->relr.size = value;
        break;
    case DT_SYMTAB:
        elf->symbols = value;
        break;
    case DT_STRTAB:
        elf->strings = value;
        break;
    case DT_STRSZ:
        elf->strings_size = value;
        break;
    case DT_INIT:
        elf->init.single = value;
        break;
    case DT_INIT_ARRAY:
        elf->init.array = value;
        break;
    case DT_INIT_ARRAYSZ:
        elf->init.num = value / sizeof(void *);
        break;
    case DT_PREINIT_ARRAY:
        elf->preinit.array = value;
        break;
    case DT_PREINIT_ARRAYSZ:
        elf->preinit.num = value / sizeof(void *);
        break;
    case DT_FINI:
        elf->fini.single = value;
        break;
    case DT_FINI_ARRAY:
        elf->fini.array = value;
        break;
    case DT_FINI_ARRAYSZ:
        elf->fini.num = value / sizeof(void *);
        break;
    default:
        break;
    }
}

static bool read_dynamic(ds__elf *elf, ds__text *why)
{
    for (size_t i = 0; i < elf->num_dynamic; i++) {
        const Elf64_Dyn d = ds__elf_dynamic(elf, i);
        if (d.d_tag == DT_NULL)
            break;
        if (d.d_tag == DT_TEXTREL ||
            (d.d_tag == DT_FLAGS && (d.d_un.d_val & DF_TEXTREL) != 0))
            return refuse(why, "it has relocations in its code (TEXTREL); "
                               "compile it with -fPIE");
        note_entry(elf, &d);
    }
    const char *strings = ds__elf_at(elf, elf->strings, elf->strings_size);
    if (strings == NULL || elf->strings_size == 0 ||
        strings[elf->strings_size - 1] != '\0' ||
        ds__elf_at(elf, elf->rela.at, elf->rela.size) == NULL ||
        ds__elf_at(elf, elf->plt.at, elf->plt.size) == NULL ||
        ds__elf_at(elf, elf->relr.at, elf->relr.size) == NULL ||
        ds__elf_at(elf, elf->symbols, sizeof(Elf64_Sym)) == NULL)
        return refuse(why, "its dynamic section is cut off");
    return true;
}

bool ds__elf_open(ds__elf *elf, const char *path, ds__text *why)
{
    Elf64_Ehdr e;

    *elf = (ds__elf){ .fd = -1 };
    if (!map_file(elf, path, why))
        goto undo;
    memcpy(&e, elf->file, sizeof(e));
    if (!check_header(&e, why) || !read_segments(elf, &e, why) ||
        !read_dynamic(elf, why))
        goto undo;
    elf->entry = e.e_entry;
    assert(elf->span % ds__elf_page() == 0);
    return true;

undo:
    ds__elf_close(elf);
    return false;
}

void ds__elf_close(ds__elf *elf)
{
    if (elf->file != NULL)
        munmap((void *)elf->file, elf->file_size);
    if (elf->fd >= 0)
        close(elf->fd);
    *elf = (ds__elf){ .fd = -1 };
}
