/* See failure.h. */

#include "bench/common/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

failure failure_new(int status, const char *format, ...)
{
    failure why = { .status = status };
    va_list list;

    va_start(list, format);
    if (vasprintf(&why.text, format, list) < 0)
        why.text = NULL;
    va_end(list);
    return why;
}

failure failure_of_output(void)
{
    return failure_new(EXIT_FAILURE, "cannot write the output: %s",
                       errno != 0 ? strerror(errno) : "unknown reason");
}
