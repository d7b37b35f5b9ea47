/* Hunts by ds_test_main(), whose objects in JSON are read again. */
#include "bench/planted/hunt.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/common/measure.h"

enum { MOST_OPTIONS = 8, OPTION_MAX = 64 };

typedef struct task {
    const ds_test *test;
    char options[MOST_OPTIONS][OPTION_MAX];
    int num_options;
} task;

static void __attribute__((format(printf, 2, 3)))
add(task *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(t->options[t->num_options++], OPTION_MAX, format, args);
    va_end(args);
}

/* ---- What it says ---------------------------------------------------------*/

/* What follows a name in an object; NULL: it is not there.  In a string there
 * would be a backslash before the quote. */
static const char *value_of(const char *object, const char *name)
{
    char quoted[OPTION_MAX];
    const char *at = object;

    snprintf(quoted, sizeof(quoted), "\"%s\":", name);
    while ((at = strstr(at, quoted)) != NULL) {
        if (at > object && at[-1] != '\\')
            return at + strlen(quoted);
        at++;
    }
    return NULL;
}

static uint64_t number_of(const char *object, const char *name)
{
    const char *at = value_of(object, name);

    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

static double real_of(const char *object, const char *name)
{
    const char *at = value_of(object, name);

    return at == NULL ? 0 : strtod(at, NULL);
}

/* How many lines a string has, each of which ends with \n. */
static uint64_t lines_of(const char *object, const char *name)
{
    const char *at = value_of(object, name);
    uint64_t n = 0;

    if (at == NULL || (at = strchr(at, '"')) == NULL)
        return 0;
    for (at++; *at != '"' && *at != '\0'; at++)
        if (*at == '\\' && *++at == 'n')
            n++;
    return n;
}

/* An object for each trial that failed, and one for the test. */
static void read_object(const char *object, hunt *h)
{
    if (value_of(object, "trials") != NULL) {
        h->trials = number_of(object, "trials");
        h->failed = number_of(object, "failed");
        h->first = number_of(object, "first");
        h->messages = number_of(object, "messages");
        h->simulated = real_of(object, "simulated_seconds");
    } else if (value_of(object, "shrunk_from") != NULL) {
        h->lines_before = number_of(object, "shrunk_from");
        h->lines_after = lines_of(object, "plan");
    }
}

static failure read_objects(FILE *from, hunt *h)
{
    char *line = NULL;
    size_t room = 0;

    rewind(from);
    while (getline(&line, &room, from) >= 0)
        read_object(line, h);
    free(line);
    if (h->trials == 0)
        return failure_new(EXIT_FAILURE, "ds_test_main() tried nothing");
    return SUCCESS;
}

/* ---- A process of its own -------------------------------------------------*/

static double seconds_of(int who)
{
    struct rusage u;

    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static failure be_runner(void *arg, void *result)
{
    task *t = arg;
    hunt *h = result;
    char *argv[MOST_OPTIONS + 2] = { (char *)"distsys-planted" };
    FILE *out = tmpfile();

    if (out == NULL || dup2(fileno(out), STDOUT_FILENO) < 0)
        return failure_new(EXIT_FAILURE, "no temporary file: %s",
                           strerror(errno));
    for (int i = 0; i < t->num_options; i++)
        argv[1 + i] = t->options[i];
    memset(h, 0, sizeof(*h));
    h->status = ds_test_main(1 + t->num_options, argv, &t->test, 1);
    if (fflush(stdout) != 0)
        return failure_of_output();
    h->seconds = seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN);
    failure why = read_objects(out, h);
    fclose(out);
    return why;
}

static failure run(task *t, hunt *h)
{
    double peak;

    add(t, "--format=json");
    return measure_apart(be_runner, t, h, sizeof(*h), &peak);
}

/* ---- Hunts ----------------------------------------------------------------*/

static task task_new(const ds_test *test, uint64_t first, uint64_t last,
                     size_t jobs)
{
    task t = { .test = test };

    add(&t, "--seeds=%llu-%llu", (unsigned long long)first,
        (unsigned long long)last);
    add(&t, "--jobs=%zu", jobs);
    return t;
}

failure hunt_first(const ds_test *test, uint64_t first, uint64_t last,
                   size_t jobs, hunt *h)
{
    task t = task_new(test, first, last, jobs);

    add(&t, "--no-shrink");
    add(&t, "--recheck=0");
    return run(&t, h);
}

failure hunt_all(const ds_test *test, uint64_t first, uint64_t last,
                 size_t jobs, hunt *h)
{
    task t = task_new(test, first, last, jobs);

    add(&t, "--no-shrink");
    add(&t, "--recheck=0");
    add(&t, "--keep-going");
    return run(&t, h);
}

failure hunt_small(const ds_test *test, uint64_t seed, hunt *h)
{
    task t = task_new(test, seed, seed, 1);

    add(&t, "--recheck=0");
    return run(&t, h);
}
