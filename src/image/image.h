/* Images: one program, many copies of it in this process, each with variables
 * of its own.
 *
 * The one idea: what the dynamic linker does once for a program can be done for
 * each rank.  The first image is relocated and never runs.  Each further one
 * maps the code from the file again, which costs no memory, copies what may be
 * written from the first one, and adds how far it is from that to the words
 * that point into it.  Libraries other than the program are one for all.
 *
 * An image runs on a simulated thread, from the entry point as the system would
 * begin it to exit(), which returns to whoever ran it.  Only one thread of a
 * simulation runs at a time, so that a plain variable says whose it is;
 * whoever lets others run says afterwards that this image goes on. */
#ifndef DS_IMAGE_IMAGE_H
#define DS_IMAGE_IMAGE_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "image/elf.h"
#include "image/relocate.h"

typedef struct ds__image ds__image;

/* What the program meets instead of a system. */
typedef struct ds__image_host {
    /* Returns the address that a name is bound to; 0: as if it had not been
     * asked.  May be NULL. */
    uintptr_t (*find)(const char *name);
    /* Whether a library that the program needs is not to be loaded, since all
     * that is used of it is found as above.  May be NULL. */
    bool (*provides)(const char *library);
    /* Virtual time in seconds, and letting it pass; the second one returns when
     * the image goes on, or does not return. */
    double (*now)(ds__image *image);
    void (*sleep)(ds__image *image, double seconds);
} ds__image_host;

/* Variables of the system's library that each rank has for itself. */
enum {
    DS__VAR_OPTIND,
    DS__VAR_OPTERR,
    DS__VAR_OPTOPT,
    DS__VAR_OPTARG,
    DS__VAR_STDOUT,
    DS__VARS,
};

enum { DS__PROGRAM_VARS = 32 };

typedef struct ds__program {
    const char *path;
    ds__elf elf;
    const ds__image_host *host;
    unsigned char *area; /* of the first image and of all others behind it */
    size_t num_images;   /* without the first one */
    size_t max_images;
    ds__slots slots;
    size_t used[DS__ELF_SEGMENTS]; /* bytes of a segment before the zeros */
    size_t num_vars;
    struct {
        int which;
        size_t at;
        bool is_copy;
    } vars[DS__PROGRAM_VARS];
} ds__program;

/* What the program has asked to be called at its end. */
typedef struct ds__image_call {
    void (*plain)(void);
    void (*with_arg)(void *arg);
    void *arg;
} ds__image_call;

struct ds__image {
    ds__program *program;
    unsigned char *base;
    void *owner;           /* whatever the host wants */
    unsigned char *locals; /* while others run on its thread; NULL: none */

    /* Running it. */
    jmp_buf out;
    int code;
    void (*fini)(void); /* what its own startup code brings along; or NULL */
    ds__image_call *calls;
    size_t num_calls;
    size_t max_calls;

    /* What of the system's library is its own. */
    void *vars[DS__VARS]; /* where each of them is */
    int optind;
    int opterr;
    int optopt;
    char *optarg;
    const char *next_option; /* within a group, as in -abc */
    FILE *stdout_is;
    char *next_token; /* of strtok() */
    bool has_random;  /* the state is made when it is asked for */
    struct random_data random;
    char random_state[128];
    struct drand48_data drand48;
};

/* Loads a program of which there will be so many images at most.  False: why
 * says what is in the way.  Path and host stay the caller's and live on. */
bool ds__program_load(ds__program *program, const char *path, size_t max_images,
                      const ds__image_host *host, ds__text *why);

/* Makes one more image; NULL: no memory, or too many mappings; errno says
 * which.  Images go with their program. */
ds__image *ds__image_new(ds__program *program, void *owner);
void ds__image_free(ds__image *image); /* only what is outside the program */
void ds__program_free(ds__program *program);

/* Whose image's thread is running. */
extern ds__image *ds__image_current;

/* Which program is loaded; there is one. */
extern ds__program *ds__image_program;

/* Whether an address is in the image. */
static inline bool ds__image_has(const ds__image *image, const void *address)
{
    return (size_t)((const unsigned char *)address - image->base) <
           image->program->elf.span;
}

#endif
