/* See measure.h.
 *
 * A child writes the status of its failure, and then either the result or the
 * text.  One that is killed writes nothing, and its parent says so. */

#include "bench/common/measure.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/common/args.h"

const args_range measure_repeat_range = {
    .allowed = "a whole number from 1 to 1000",
    .min = 1,
    .max = 1000,
    .whole = true,
};

double measure_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

double measure_rounded(double x)
{
    double unit = fabs(x) < 10 ? 100 : 1;

    return round(x * unit) / unit;
}

/* ---- The child ------------------------------------------------------------*/

static void __attribute__((noreturn))
be_child(measure_fn *fn, void *arg, void *result, size_t size, FILE *to)
{
    failure why = fn(arg, result);

    fwrite(&why.status, sizeof(why.status), 1, to);
    if (why.status == 0)
        fwrite(result, size, 1, to);
    else if (why.text != NULL)
        fputs(why.text, to);
    _exit(fclose(to) == 0 ? 0 : EXIT_FAILURE);
}

/* ---- The parent -----------------------------------------------------------*/

static failure cannot(const char *what)
{
    return failure_new(EXIT_FAILURE, "cannot %s: %s", what, strerror(errno));
}

static failure read_text(FILE *from, int status)
{
    failure why = { .status = status };
    size_t room = 0;

    if (getdelim(&why.text, &room, '\0', from) < 0) {
        free(why.text);
        why.text = NULL;
    }
    return why;
}

static failure read_child(FILE *from, void *result, size_t size)
{
    int status;

    if (fread(&status, sizeof(status), 1, from) != 1 ||
        (status == 0 && fread(result, size, 1, from) != 1))
        return failure_new(EXIT_FAILURE, "a run ended without a result");
    return status == 0 ? SUCCESS : read_text(from, status);
}

/* If a signal ended it, that is why. */
static failure join(pid_t child, failure why, double *peak)
{
    struct rusage usage;
    int status;

    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR) {
            free(why.text);
            return cannot("wait for a run");
        }
    *peak = (double)usage.ru_maxrss * 1024;
    if (!WIFSIGNALED(status))
        return why;
    free(why.text);
    return failure_new(EXIT_FAILURE, "a run was ended by signal %d (%s)%s",
                       WTERMSIG(status), strsignal(WTERMSIG(status)),
                       WTERMSIG(status) == SIGKILL
                           ? ", as the system does when memory is short"
                           : "");
}

failure measure_apart(measure_fn *fn, void *arg, void *result, size_t size,
                      double *peak)
{
    int ends[2];

    if (fflush(stdout) != 0)
        return failure_of_output();
    if (pipe(ends) != 0)
        return cannot("make a pipe");
    FILE *from = fdopen(ends[0], "r");
    FILE *to = fdopen(ends[1], "w");
    pid_t child = from != NULL && to != NULL ? fork() : -1;
    if (child < 0)
        return cannot("start a process");
    if (child == 0)
        be_child(fn, arg, result, size, to);
    fclose(to);
    failure why = read_child(from, result, size);
    fclose(from);
    return join(child, why, peak);
}
