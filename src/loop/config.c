/* What a loop is made with: the configuration, then what the environment says
 * instead. */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/outcome.h"
#include "loop/state.h"

#define DEFAULT_STACK_SIZE    (256 * 1024)
#define DEFAULT_INSTANT_LIMIT 10000000

/* A field that is refused has its default from then on, since the loop may be
 * run again. */
static void check_config(ds_loop *loop)
{
    ds_loop_config *config = &loop->config;

    if (config->ties != DS_TIES_RANDOM && config->ties != DS_TIES_FIFO) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: ties is %d; it must be DS_TIES_RANDOM or "
                 "DS_TIES_FIFO",
                 (int)config->ties);
        config->ties = DS_TIES_RANDOM;
    }
    if (config->exec != DS_THREADS && config->exec != DS_FIBERS) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: exec is %d; it must be DS_THREADS or DS_FIBERS",
                 (int)config->exec);
        config->exec = DS_THREADS;
    }
    if (!(config->time_limit >= 0)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: time_limit is %g; it must be at least 0",
                 config->time_limit);
        config->time_limit = 0;
    }
    if (!(config->stall >= 0) || isinf(config->stall)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stall is %g; it must be finite and at least 0",
                 config->stall);
        config->stall = 0;
    }
    if (config->instant_limit == 0)
        config->instant_limit = DEFAULT_INSTANT_LIMIT;
}

size_t ds__whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

/* How large a stack may be is for the system to say, so one is tried; only
 * those of fibers are free until they are used. */
static void choose_stack_size(ds_loop *loop)
{
    size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    size_t size = loop->config.stack_size;
    bool given = size != 0;

    if (given && size < least) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stack_size is %zu; it must be 0 or at least "
                 "%zu bytes",
                 size, least);
        given = false;
    } else if (given && !loop->exec->stack_possible(size)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stack_size is %zu; the system has no room for "
                 "one such stack; 0 stands for %d bytes",
                 size, DEFAULT_STACK_SIZE);
        given = false;
    }
    loop->config.stack_size =
        ds__whole_pages(given ? size : DEFAULT_STACK_SIZE);
}

/* Decimal, or hexadecimal after 0x, as digests are. */
static bool parse_seed(const char *value, uint64_t *seed)
{
    char *end;

    if (*value < '0' || *value > '9')
        return false;
    errno = 0;
    *seed = strtoull(value, &end, strncmp(value, "0x", 2) == 0 ? 16 : 10);
    return *end == '\0' && errno == 0;
}

static bool parse_seconds(const char *value, double *seconds)
{
    char *end;

    *seconds = ds__to_double(value, &end);
    return end != value && *end == '\0' && *seconds >= 0 && isfinite(*seconds);
}

/* The index of value among the two words, or -1. */
static int parse_word(const char *value, const char *first, const char *second)
{
    if (strcmp(value, first) == 0)
        return 0;
    return strcmp(value, second) == 0 ? 1 : -1;
}

static void bad_variable(ds_loop *loop, const char *name, const char *value,
                         const char *allowed)
{
    ds__fail(loop, DS_EMISUSE, "ds_loop_new: %s is \"%s\"; it must be %s", name,
             value, allowed);
}

static int variable_of_two(ds_loop *loop, const char *name, const char *first,
                           const char *second, int otherwise)
{
    const char *value = getenv(name);
    char allowed[64];
    ds__text text;

    if (value == NULL)
        return otherwise;

    int word = parse_word(value, first, second);
    if (word >= 0)
        return word;
    ds__text_init(&text, allowed, sizeof(allowed));
    ds__text_add(&text, "%s or %s", first, second);
    bad_variable(loop, name, value, allowed);
    return otherwise;
}

static void read_environment(ds_loop *loop)
{
    ds_loop_config *config = &loop->config;
    const char *seed = getenv("DISTSYS_SEED");
    const char *stall = getenv("DISTSYS_STALL");
    const char *trace = getenv("DISTSYS_TRACE");
    const char *report = getenv("DISTSYS_REPORT");

    if (seed != NULL && !parse_seed(seed, &config->seed))
        bad_variable(loop, "DISTSYS_SEED", seed, "a whole number below 2^64");
    if (stall != NULL && !parse_seconds(stall, &config->stall))
        bad_variable(loop, "DISTSYS_STALL", stall,
                     "a finite number of seconds, at least 0");
    config->exec = (ds_exec)variable_of_two(loop, "DISTSYS_EXEC", "threads",
                                            "fibers", (int)config->exec);
    config->ties = (ds_ties)variable_of_two(loop, "DISTSYS_TIES", "random",
                                            "fifo", (int)config->ties);
    if (trace != NULL)
        config->trace = trace;
    if (report != NULL && (loop->report = ds__outcome_file(report)) < 0)
        bad_variable(loop, "DISTSYS_REPORT", report,
                     "the number of a file that is open");
    loop->dump.on = variable_of_two(loop, "DISTSYS_DUMP", "0", "1", 0) == 1;
    loop->pin = variable_of_two(loop, "DISTSYS_PIN", "0", "1", 1) == 1;
}

void ds__configure(ds_loop *loop)
{
    bool obey = !loop->config.ignore_environment;

    loop->pin = true;
    loop->report = -1;
    if (obey)
        loop->abort = variable_of_two(loop, "DISTSYS_ABORT", "0", "1", 0) == 1;
    check_config(loop);
    if (obey)
        read_environment(loop);
    loop->exec =
        loop->config.exec == DS_FIBERS ? &ds__exec_fibers : &ds__exec_threads;
    choose_stack_size(loop);
}
