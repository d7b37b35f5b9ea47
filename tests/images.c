/* Runs a program as so many images, each on a simulated thread of its own:
 *
 *     images NUMBER threads|fibers PROGRAM [ARGUMENT]...
 *
 * The program may call rank() and next(); the latter lets the others run.  What
 * images end with is said if it is not 0.  tests/test_image.sh has programs. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <distsys.h>

#include "image/image.h"
#include "image/locals.h"
#include "image/room.h"
#include "image/site.h"
#include "image/start.h"
#include "image/unwind.h"

typedef struct member {
    int rank;
    ds_handle *h;
    ds__image *image;
    int argc;
    char **argv;
} member;

static member *me(void)
{
    return ds__image_current->owner;
}

static double host_now(ds__image *image)
{
    return ds_now(((member *)image->owner)->h);
}

static void host_sleep(ds__image *image, double seconds)
{
    ds_sleep(((member *)image->owner)->h, seconds);
    ds__image_resume(image);
}

static int host_rank(void)
{
    return me()->rank;
}

static void host_next(void)
{
    host_sleep(ds__image_current, 0.25);
}

/* Where the program is, outermost last. */
static void host_lines(void)
{
    void *frames[8];
    const size_t n = ds__image_frames(ds__image_current, frames, 8);
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    for (size_t i = 0; i < n; i++) {
        ds__text_add(&text, i > 0 ? " " : "");
        ds__image_site(ds__image_current, frames[i], &text);
    }
    printf("%s\n", buf);
}

static uintptr_t host_find(const char *name)
{
    if (strcmp(name, "rank") == 0)
        return (uintptr_t)host_rank;
    if (strcmp(name, "next") == 0)
        return (uintptr_t)host_next;
    return strcmp(name, "lines") == 0 ? (uintptr_t)host_lines : 0;
}

/* Programs are linked with a library of those names. */
static bool host_provides(const char *library)
{
    return strcmp(library, "libcalls.so") == 0;
}

static void body(ds_handle *h, void *arg)
{
    member *m = arg;

    m->h = h;
    ds_sleep(h, 0.5);
    const int code = ds__image_run(m->image, m->argc, m->argv);
    if (code != 0)
        printf("%d ends with %d at %g\n", m->rank, code, ds_now(h));
}

int main(int argc, char **argv)
{
    static const ds__image_host host = {
        .find = host_find,
        .provides = host_provides,
        .now = host_now,
        .sleep = host_sleep,
    };
    static ds__program program;
    char buf[512];
    ds__text why;

    if (argc < 4)
        return 2;
    const int n = atoi(argv[1]);
    const ds_exec exec =
        strcmp(argv[2], "fibers") == 0 ? DS_FIBERS : DS_THREADS;
    ds__text_init(&why, buf, sizeof(buf));
    ds__locals_offer(ds__room_here);
    if (!ds__program_load(&program, argv[3], (size_t)n, &host, &why)) {
        printf("%s\n", buf);
        return 2;
    }
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .exec = exec, .stack_size = 1 << 20, .ignore_environment = true });
    member *members = calloc((size_t)n, sizeof(*members));
    for (int i = 0; i < n; i++) {
        member *m = &members[i];
        m->rank = i;
        m->image = ds__image_new(&program, m);
        m->argc = argc - 3;
        m->argv = calloc((size_t)m->argc + 1, sizeof(char *));
        memcpy(m->argv, argv + 3, (size_t)m->argc * sizeof(char *));
        ds_spawn(loop, body, m);
    }
    const ds_status status = ds_loop_run(loop);
    fflush(stdout);
    _exit(status); /* with images as they are: nothing of them may run again */
}
