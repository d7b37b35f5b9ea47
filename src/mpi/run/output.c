/* Gives each rank a standard output.
 *
 * A rank whose lines are tagged prints into a stream of the C library that
 * passes each line on, with what stands before it.  Such streams hand over
 * lines when they end, and so the time before a line is that of its end. */

#include "mpi/run/output.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "mpi/object.h"

/* Of one rank.  Invariants: file is what its lines end up in; stream, which the
 * rank has, is file itself if there are no tags. */
typedef struct output {
    int number;
    FILE *file;
    FILE *stream; /* NULL: it was not opened */
    bool in_line; /* a line has begun and not ended, if there are tags */
} output;

static ds__output_config how;
static const char *speaker;
static output *outputs; /* by rank */
static int num_outputs;

/* Who wrote to standard output last, if there are tags; NULL: nobody. */
static output *last;

static bool is_plain(void)
{
    return !how.tag && how.folder == NULL;
}

static bool say_errno(const char *what, int number)
{
    const int error = errno;

    if (number < 0)
        fprintf(stderr, "%s: --output: %s: %s\n", speaker, what,
                strerror(error));
    else
        fprintf(stderr, "%s: --output: %s/rank.%d: %s\n", speaker, what, number,
                strerror(error));
    return false;
}

/* ---- Tags -----------------------------------------------------------------*/

/* Ends a line that another rank has begun where both write. */
static void take_turn(output *self)
{
    if (self->file != stdout)
        return;
    if (last != NULL && last != self && last->in_line) {
        putc('\n', stdout);
        last->in_line = false;
    }
    last = self;
}

static ssize_t write_tagged(void *cookie, const char *text, size_t size)
{
    output *self = cookie;
    size_t done = 0;

    take_turn(self);
    while (done < size) {
        const char *end = memchr(text + done, '\n', size - done);
        const size_t n =
            end == NULL ? size - done : (size_t)(end + 1 - (text + done));
        if (!self->in_line)
            fprintf(self->file, "[%d %.9g] ", self->number,
                    ds_loop_now(ds__the_world.loop));
        fwrite(text + done, 1, n, self->file);
        self->in_line = end == NULL;
        done += n;
    }
    return (ssize_t)size;
}

static FILE *tagged(output *self)
{
    FILE *stream = fopencookie(
        self, "w", (cookie_io_functions_t){ .write = write_tagged });

    if (stream != NULL)
        setvbuf(stream, NULL, _IOLBF, BUFSIZ);
    return stream;
}

/* ---- Opening and closing --------------------------------------------------*/

/* A file for each rank may be more than a process is let have at first. */
static void let_open(int num_ranks)
{
    const rlim_t wanted = (rlim_t)num_ranks + 64;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

bool ds__output_begin(const ds__output_config *config, const char *program,
                      int num_ranks)
{
    how = *config;
    speaker = program;
    if (is_plain())
        return true;
    outputs = ds__mpi_alloc((size_t)num_ranks, sizeof(*outputs));
    num_outputs = num_ranks;
    if (how.folder == NULL)
        return true;
    let_open(num_ranks);
    if (mkdir(how.folder, 0777) != 0 && errno != EEXIST)
        return say_errno(how.folder, -1);
    return true;
}

static FILE *open_file(int number)
{
    const size_t size = strlen(how.folder) + 32;
    char *path = ds__mpi_alloc(1, size);

    snprintf(path, size, "%s/rank.%d", how.folder, number);
    FILE *file = fopen(path, "w");
    free(path);
    return file;
}

bool ds__output_open(ds__rank *rank)
{
    output *self;

    if (is_plain())
        return true;
    assert(rank->number < num_outputs);
    self = &outputs[rank->number];
    self->number = rank->number;
    self->file = how.folder == NULL ? stdout : open_file(self->number);
    if (self->file == NULL)
        return say_errno(how.folder, self->number);
    self->stream = how.tag ? tagged(self) : self->file;
    if (self->stream == NULL)
        return say_errno(how.folder != NULL ? how.folder : "--tag", -1);
    *(FILE **)rank->image->vars[DS__VAR_STDOUT] = self->stream;
    return true;
}

static bool close_one(output *self)
{
    bool well = true;

    if (self->stream != NULL && self->stream != self->file)
        well = fclose(self->stream) == 0;
    if (self->file == NULL || self->file == stdout)
        return well;
    well = !ferror(self->file) && well;
    if (fclose(self->file) == 0 && well)
        return true;
    return say_errno(how.folder, self->number);
}

bool ds__output_end(void)
{
    bool well = true;

    for (int i = 0; i < num_outputs; i++)
        well = close_one(&outputs[i]) && well;
    free(outputs);
    last = NULL;
    outputs = NULL;
    num_outputs = 0;
    return well;
}
