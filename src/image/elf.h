/* What an ELF file says of a program: its segments, its relocations, its
 * symbols, and what it needs.  Knows nothing of copies. */
#ifndef DS_IMAGE_ELF_H
#define DS_IMAGE_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { DS__ELF_SEGMENTS = 16 };

typedef struct ds__elf_segment {
    size_t at;        /* from the beginning of the image */
    size_t size;      /* in memory */
    size_t file_at;   /* the same in the file */
    size_t file_size; /* the rest is zeros */
    bool writable;
    bool executable;
} ds__elf_segment;

/* Functions that are called before main(), or after it: an array at so many
 * bytes from the beginning, and a single one; 0: there is none. */
typedef struct ds__elf_calls {
    size_t single;
    size_t array;
    size_t num;
} ds__elf_calls;

typedef struct ds__elf_relocations {
    size_t at;
    size_t size; /* bytes */
} ds__elf_relocations;

/* Invariants: segments ascend, no two have a page in common, and each lies
 * within span and, as far as it is in the file, within the file.  What is
 * called `at`, and the places below, count from the beginning of the image. */
/* Thread-local variables: what they begin as, and how many bytes they are. */
typedef struct ds__elf_locals {
    size_t at;
    size_t size; /* 0: there are none */
    size_t file_size;
    size_t align;
} ds__elf_locals;

typedef struct ds__elf {
    int fd;
    const unsigned char *file; /* all of it, to be read */
    size_t file_size;
    size_t span; /* bytes of an image, whole pages */
    size_t entry;
    size_t num_segments;
    ds__elf_segment segments[DS__ELF_SEGMENTS];
    size_t unwind; /* .eh_frame_hdr; 0: there is none */
    ds__elf_locals locals;

    /* From the dynamic section. */
    size_t dynamic;
    size_t num_dynamic;
    ds__elf_relocations rela;
    ds__elf_relocations plt;
    ds__elf_relocations relr;
    size_t symbols;
    size_t strings;
    size_t strings_size;
    ds__elf_calls preinit;
    ds__elf_calls init;
    ds__elf_calls fini;
} ds__elf;

/* Opens a program and reads all of that.  If it is none that can be copied,
 * adds the reason to why, after which nothing is open. */
bool ds__elf_open(ds__elf *elf, const char *path, ds__text *why);
void ds__elf_close(ds__elf *elf);

/* Returns where place `at` of an image is in the file; NULL: nowhere, or there
 * are fewer than size bytes. */
const void *ds__elf_at(const ds__elf *elf, size_t at, size_t size);

/* Returns the string at that place of the string table; "" if there is none. */
const char *ds__elf_string(const ds__elf *elf, size_t at);

/* The i-th entry of the dynamic section. */
Elf64_Dyn ds__elf_dynamic(const ds__elf *elf, size_t i);

static inline size_t ds__elf_page_down(size_t at, size_t page)
{
    return at & ~(page - 1);
}

static inline size_t ds__elf_page_up(size_t at, size_t page)
{
    return ds__elf_page_down(at + page - 1, page);
}

size_t ds__elf_page(void); /* bytes of a page of this machine */

#endif
