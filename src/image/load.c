/* Loads a program: what it needs, and what its names are bound to. */

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "image/image.h"
#include "image/inside.h"
#include "image/libc.h"
#include "image/locals.h"

/* ---- Libraries ------------------------------------------------------------*/

/* Tries NAME in one folder of a list as linkers write it, where $ORIGIN stands
 * for the folder of the program. */
static void *open_in(const ds__program *p, const char *folder, size_t length,
                     const char *name)
{
    char buf[4096];
    ds__text path;
    const char *slash = strrchr(p->path, '/');

    ds__text_init(&path, buf, sizeof(buf));
    if (strncmp(folder, "$ORIGIN", 7) == 0) {
        ds__text_add(&path, "%.*s", slash == NULL ? 1 : (int)(slash - p->path),
                     slash == NULL ? "." : p->path);
        folder += 7;
        length -= 7;
    }
    ds__text_add(&path, "%.*s/%s", (int)length, folder, name);
    return dlopen(buf, RTLD_NOW | RTLD_GLOBAL);
}

static void *open_library(const ds__program *p, const char *name)
{
    for (size_t i = 0; i < p->elf.num_dynamic; i++) {
        const Elf64_Dyn d = ds__elf_dynamic(&p->elf, i);
        if (d.d_tag != DT_RUNPATH && d.d_tag != DT_RPATH)
            continue;
        const char *folders = ds__elf_string(&p->elf, d.d_un.d_val);
        while (*folders != '\0') {
            size_t length = strcspn(folders, ":");
            void *library = length == 0 || strchr(name, '/') != NULL
                                ? NULL
                                : open_in(p, folders, length, name);
            if (library != NULL)
                return library;
            folders += length + (folders[length] == ':');
        }
    }
    return dlopen(name, RTLD_NOW | RTLD_GLOBAL);
}

/* They stay loaded, as they would with the program. */
static bool open_libraries(const ds__program *p, ds__text *why)
{
    for (size_t i = 0; i < p->elf.num_dynamic; i++) {
        const Elf64_Dyn d = ds__elf_dynamic(&p->elf, i);
        if (d.d_tag == DT_NULL)
            break;
        if (d.d_tag != DT_NEEDED)
            continue;
        const char *name = ds__elf_string(&p->elf, d.d_un.d_val);
        if (p->host->provides != NULL && p->host->provides(name))
            continue;
        if (open_library(p, name) == NULL) {
            ds__text_add(why, "a library that it needs is not found: %s",
                         dlerror());
            return false;
        }
    }
    return true;
}

/* Before the streams of C++ are copied into the program they must be there;
 * every file that uses them sees to that, but not before the copy is made. */
static void begin_streams(void)
{
    static char room;
    const uintptr_t init =
        (uintptr_t)dlsym(RTLD_DEFAULT, "_ZNSt8ios_base4InitC1Ev");

    if (init != 0)
        ((void (*)(void *))init)(&room);
}

/* ---- Names ----------------------------------------------------------------*/

static uintptr_t find(void *arg, const char *name)
{
    const ds__program *p = arg;
    uintptr_t found = p->host->find == NULL ? 0 : p->host->find(name);

    if (found == 0)
        found = ds__libc_find(name);
    return found == 0 ? (uintptr_t)dlsym(RTLD_DEFAULT, name) : found;
}

static void note_variable(void *arg, const ds__foreign *what)
{
    static const char *const names[DS__VARS] = { "optind", "opterr", "optopt",
                                                 "optarg", "stdout" };
    ds__program *p = arg;

    for (int i = 0; i < DS__VARS; i++) {
        if (strcmp(what->name, names[i]) != 0)
            continue;
        assert(p->num_vars < DS__PROGRAM_VARS);
        p->vars[p->num_vars].which = i;
        p->vars[p->num_vars].at = what->at;
        p->vars[p->num_vars++].is_copy = what->is_copy;
    }
}

bool ds__program_load(ds__program *p, const char *path, size_t max_images,
                      const ds__image_host *host, ds__text *why)
{
    const ds__binding binding = { find, note_variable, p };

    assert(host->now != NULL && host->sleep != NULL);
    *p = (ds__program){ .path = path, .host = host, .max_images = max_images };
    if (!ds__elf_open(&p->elf, path, why))
        return false;
    if (!ds__locals_fit(&p->elf, why) || !open_libraries(p, why))
        goto undo;
    begin_streams();
    if (!ds__image_map_first(p)) {
        ds__text_add(why, "it cannot be mapped: %s", strerror(errno));
        goto undo;
    }
    if (!ds__relocate(&p->elf, p->area, &binding, &p->slots, why))
        goto undo;
    ds__image_measure_first(p);
    ds__image_program = p;
    return true;

undo:
    ds__program_free(p);
    return false;
}
