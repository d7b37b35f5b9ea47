/* See traced.h. */

#include "bench/common/traced.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/common/args.h"

/* Behind a comma are options of the recorder, which looks at them itself. */
char *traced_file(const char *trace)
{
    const size_t n = strcspn(trace, ",");
    char *name = args_alloc(n + 1, 1);

    memcpy(name, trace, n);
    name[n] = '\0';
    return name;
}

failure traced_try(const char *trace)
{
    if (trace == NULL)
        return SUCCESS;

    char *name = traced_file(trace);
    failure why = SUCCESS;
    const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        why = failure_new(BAD_USAGE, "--trace: %s: %s", name, strerror(errno));
    else
        close(fd);
    free(name);
    return why;
}

failure traced_begin(const char *trace, double runs)
{
    if (trace == NULL)
        return SUCCESS;
    if (runs != 1)
        return failure_new(BAD_USAGE,
                           "--trace: these are %.15g runs, and a trace is of "
                           "one; allowed: one value for each option",
                           runs);

    failure why = traced_try(trace);
    if (why.status == 0 && setenv("DISTSYS_TRACE", trace, 1) != 0)
        why = failure_new(EXIT_FAILURE, "--trace: out of memory");
    return why;
}
