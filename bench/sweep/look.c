/* See look.h. */

#include "bench/sweep/look.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/sweep/pool.h"

enum { MOST_LOOKS = 20, LONGEST = 40 };

/* ---- Names ----------------------------------------------------------------*/

/* Letters, digits and dashes; and what makes it another one than those that
 * differ in the rest. */
static void name_folder(char name[LONGEST + 12], const char *kind)
{
    uint64_t hash = 0;
    size_t n = 0;

    for (const char *at = kind; *at != '\0'; at++) {
        const bool plain = isalnum((unsigned char)*at);

        hash = ds__mix(hash ^ (unsigned char)*at);
        if (n < LONGEST && (plain || (n > 0 && name[n - 1] != '-')))
            name[n++] = plain ? *at : '-';
    }
    while (n > 0 && name[n - 1] == '-')
        n--;
    snprintf(name + n, 12, "-%08lx", (unsigned long)(hash >> 32));
}

char *look_name(const char *folder, const char *kind, const char *file)
{
    char name[LONGEST + 12];
    char *path;

    name_folder(name, kind);
    if (asprintf(&path, "%s/failures/%s%s%s", folder, name,
                 file[0] == '\0' ? "" : "/", file) < 0)
        path = args_need(NULL);
    return path;
}

static failure failure_of(const char *what)
{
    return failure_new(EXIT_FAILURE, "%s: %s", what, strerror(errno));
}

/* ---- Whether it has been looked at ----------------------------------------*/

/* The file point, as it is to be. */
static char *note_of(const grid *g, uint64_t point)
{
    char *text = NULL;
    size_t n;
    FILE *file = args_need(open_memstream(&text, &n));

    fprintf(file, "point %llu: ", (unsigned long long)point);
    grid_put_command(g, point, file);
    fputc('\n', file);
    if (fclose(file) != 0)
        text = args_need(NULL);
    return text;
}

static bool is_noted(const char *path, const char *note)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool same;

    if (file == NULL)
        return false;
    same = getline(&line, &room, file) > 0 && strcmp(line, note) == 0;
    free(line);
    fclose(file);
    return same;
}

static failure write_note(const char *path, const char *note)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return failure_of(path);
    fputs(note, file);
    return fclose(file) == 0 ? SUCCESS : failure_of(path);
}

/* ---- Running --------------------------------------------------------------*/

static void wait_for_end(process *p)
{
    struct pollfd file = { .events = POLLIN };

    while (!process_ended(p)) {
        file.fd = p->report.fd;
        poll(&file, 1, 10);
        process_hear(p);
    }
}

/* What it says goes to files. */
static failure run(char *const *command, char *const *environment,
                   const process_limits *limits, const char *out,
                   const char *err)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    int files[2] = { open(out, flags, 0666), open(err, flags, 0666) };
    process *p = args_alloc(1, sizeof(*p));
    process_start started = PROCESS_REFUSED;
    failure why = SUCCESS;

    if (files[0] < 0 || files[1] < 0)
        why = failure_of(files[0] < 0 ? out : err);
    else
        started =
            process_begin(p, command, environment, limits, files[0], files[1]);
    if (started == PROCESS_RUNS)
        wait_for_end(p);
    else if (started == PROCESS_IMPOSSIBLE)
        why = failure_of(command[0]);
    for (int i = 0; i < 2; i++)
        if (files[i] >= 0)
            close(files[i]);
    free(p);
    return why;
}

/* The one that was built or installed with this program. */
static char *find_tracer(void)
{
    char self[4000];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *path;

    while (n > 0 && self[n - 1] != '/')
        n--;
    self[n > 0 ? n : 0] = '\0';
    if (asprintf(&path, "%sdistsys-trace", self) < 0)
        path = args_need(NULL);
    if (access(path, X_OK) == 0)
        return path;
    free(path);
    return args_need(strdup("distsys-trace"));
}

static failure make_page(const char *trace, const char *page, const char *err)
{
    const process_limits limits = { .seconds = 600 };
    char *option;
    char *tracer = find_tracer();
    failure why;

    if (asprintf(&option, "--html=%s", page) < 0)
        option = args_need(NULL);
    char *command[] = { tracer, option, (char *)trace, NULL };
    why = run(command, environ, &limits, "/dev/null", err);
    free(option);
    free(tracer);
    return why;
}

/* ---- A kind ---------------------------------------------------------------*/

enum { POINT, OUT, ERR, TRACE, PAGE, PAGE_ERR, FILES };

static const char *const names[FILES] = { "point",       "stdout",   "stderr",
                                          "run.dstrace", "run.html", "page" };

static failure look(char *const *files, const grid *g, uint64_t point,
                    const char *note, const process_limits *limits)
{
    char **command = grid_command(g, point);
    char **environment =
        pool_environment(grid_seed(g, point), NULL, files[TRACE]);
    failure why;

    unlink(files[POINT]);
    unlink(files[TRACE]);
    unlink(files[PAGE]);
    why = run(command, environment, limits, files[OUT], files[ERR]);
    if (why.status == 0 && access(files[TRACE], R_OK) == 0) {
        why = make_page(files[TRACE], files[PAGE], files[PAGE_ERR]);
        if (access(files[PAGE], R_OK) == 0)
            unlink(files[PAGE_ERR]);
        else if (why.status == 0)
            args_warn("there is no page of %s; see %s", files[TRACE],
                      files[PAGE_ERR]);
    }
    if (why.status == 0)
        why = write_note(files[POINT], note);
    pool_environment_free(environment);
    grid_command_free(command);
    return why;
}

static failure look_at(const tally_group *group, const grid *g,
                       const char *folder, const process_limits *limits)
{
    char *files[FILES];
    char *place = look_name(folder, group->name, "");
    char *note = note_of(g, group->quickest);
    failure why = SUCCESS;

    for (int i = 0; i < FILES; i++)
        files[i] = look_name(folder, group->name, names[i]);
    if (!is_noted(files[POINT], note)) {
        if (mkdir(place, 0777) != 0 && errno != EEXIST)
            why = failure_of(place);
        else
            why = look(files, g, group->quickest, note, limits);
    }
    for (int i = 0; i < FILES; i++)
        free(files[i]);
    free(note);
    free(place);
    return why;
}

failure look_at_all(const tally *t, const grid *g, const char *folder,
                    const process_limits *limits)
{
    size_t n;
    tally_group *groups = tally_groups(t, &n);
    failure why = SUCCESS;
    char *place;

    if (asprintf(&place, "%s/failures", folder) < 0)
        place = args_need(NULL);
    if (n > 0 && mkdir(place, 0777) != 0 && errno != EEXIST)
        why = failure_of(place);
    for (size_t i = 0; i < n && i < MOST_LOOKS && why.status == 0; i++)
        if (groups[i].quickest < g->points)
            why = look_at(&groups[i], g, folder, limits);
    free(place);
    free(groups);
    return why;
}
