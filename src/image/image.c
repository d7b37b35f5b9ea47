/* Makes images: maps them, copies them, moves what points into them. */

#include "image/image.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include "image/copy.h"
#include "image/inside.h"
#include "image/locals.h"

ds__image *ds__image_current;
ds__program *ds__image_program;

/* What is writable is there already, as zeros.  Some want it to come from the
 * file as well, and get zeros again. */
static bool map_file(const ds__elf *elf, unsigned char *base, int fd,
                     bool writable)
{
    const size_t page = ds__elf_page();

    for (size_t i = 0; i < elf->num_segments; i++) {
        const ds__elf_segment *s = &elf->segments[i];
        const size_t from = ds__elf_page_down(s->at, page);
        const size_t to = ds__elf_page_up(s->at + s->file_size, page);
        const int prot = PROT_READ | (s->executable ? PROT_EXEC : 0) |
                         (s->writable ? PROT_WRITE : 0);
        if ((s->writable && !writable) || s->file_size == 0)
            continue;
        if (mmap(base + from, to - from, prot, MAP_PRIVATE | MAP_FIXED, fd,
                 (off_t)ds__elf_page_down(s->file_at, page)) == MAP_FAILED)
            return false;
        if (s->writable)
            memset(base + from, 0, to - from);
    }
    return true;
}

bool ds__image_map_first(ds__program *p)
{
    const ds__elf *elf = &p->elf;

    if (p->max_images >= SIZE_MAX / 2 / elf->span)
        return false;
    void *area =
        mmap(NULL, elf->span * (p->max_images + 1), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED)
        return false;
    p->area = area;
    if (!map_file(elf, p->area, elf->fd, false))
        return false;
    for (size_t i = 0; i < elf->num_segments; i++) {
        const ds__elf_segment *s = &elf->segments[i];
        if (s->writable)
            memcpy(p->area + s->at, elf->file + s->file_at, s->file_size);
    }
    return true;
}

void ds__image_measure_first(ds__program *p)
{
    for (size_t i = 0; i < p->elf.num_segments; i++) {
        const ds__elf_segment *s = &p->elf.segments[i];
        size_t used = s->writable ? s->size : 0;
        while (used > 0 && p->area[s->at + used - 1] == 0)
            used--;
        p->used[i] = used;
    }
}

static void copy_first(const ds__program *p, unsigned char *base)
{
    const uint64_t distance = (uint64_t)(base - p->area);

    for (size_t i = 0; i < p->elf.num_segments; i++) {
        const size_t at = p->elf.segments[i].at;
        if (p->used[i] > 0)
            memcpy(base + at, p->area + at, p->used[i]);
    }
    for (size_t i = 0; i < p->slots.n; i++) {
        uint64_t value;
        memcpy(&value, base + p->slots.at[i], sizeof(value));
        value += distance;
        memcpy(base + p->slots.at[i], &value, sizeof(value));
    }
}

/* A variable of the system's library is in the program, if it was copied there,
 * or else here, and the program is told where. */
static void bind_variables(ds__image *im)
{
    const ds__program *p = im->program;
    void *const own[DS__VARS] = { &im->optind, &im->opterr, &im->optopt,
                                  &im->optarg, &im->stdout_is };

    memcpy(im->vars, own, sizeof(own));
    assert(p->num_vars <= DS__PROGRAM_VARS);
    for (size_t i = 0; i < p->num_vars; i++)
        if (p->vars[i].is_copy)
            im->vars[p->vars[i].which] = im->base + p->vars[i].at;
    for (size_t i = 0; i < p->num_vars; i++)
        if (!p->vars[i].is_copy)
            memcpy(im->base + p->vars[i].at, &im->vars[p->vars[i].which],
                   sizeof(void *));
    *(int *)im->vars[DS__VAR_OPTIND] = 1;
    *(int *)im->vars[DS__VAR_OPTERR] = 1;
    *(FILE **)im->vars[DS__VAR_STDOUT] = stdout;
}

/* valgrind reads the lines of a file once, where that is mapped for the first
 * time, code and data; so each image is of another file for it. */
static bool map_image(const ds__program *p, unsigned char *base)
{
    ds__elf_copy copy;

    if (!ds__valgrind_runs())
        return map_file(&p->elf, base, p->elf.fd, false);
    if (!ds__elf_copy_make(&p->elf, p->path, &copy))
        return false;
    const bool mapped = map_file(&p->elf, base, copy.fd, true);
    ds__elf_copy_end(&copy);
    return mapped;
}

ds__image *ds__image_new(ds__program *p, void *owner)
{
    ds__image *im;

    assert(p->num_images < p->max_images);
    if ((im = calloc(1, sizeof(*im))) == NULL)
        return NULL;
    assert(p->area != NULL && p->elf.span % ds__elf_page() == 0);
    im->program = p;
    im->owner = owner;
    im->base = p->area + (p->num_images + 1) * p->elf.span;
    if (!map_image(p, im->base)) {
        free(im);
        return NULL;
    }
    p->num_images++;
    copy_first(p, im->base);
    if (!ds__locals_make(im)) {
        free(im);
        return NULL;
    }
    bind_variables(im);
    srand48_r(0, &im->drand48);
    return im;
}

void ds__image_free(ds__image *im)
{
    if (im == NULL)
        return;
    free(im->locals);
    free(im->calls);
    free(im);
}

void ds__program_free(ds__program *p)
{
    if (p->area != NULL)
        munmap(p->area, p->elf.span * (p->max_images + 1));
    free(p->slots.at);
    ds__elf_close(&p->elf);
    if (ds__image_program == p)
        ds__image_program = NULL;
    p->area = NULL;
    p->slots = (ds__slots){ 0 };
}
