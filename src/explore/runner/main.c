/* The main function of a program of tests. */

#include <stdio.h>

#include "explore/runner/report.h"

/* The lesser one of those that say that something is not well. */
static int worse(int a, int b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

static int out_of_memory(const ds__options *o)
{
    fprintf(stderr, "%s: out of memory\n", o->program);
    return DS__DIED;
}

static int try_test(const ds__options *o, const ds_test *test)
{
    ds__campaign c;
    int status;

    if (!ds__campaign_init(&c, o, test))
        return out_of_memory(o);
    ds__campaign_run(&c);
    status = (int)ds__campaign_fate(&c);
    if (status == DS__USAGE)
        fprintf(stderr, "%s: test %s: %s\n", o->program, test->name,
                c.failure->why);
    else
        ds__report_text(&c);
    ds__campaign_free(&c);
    return status;
}

static int try_all(const ds__options *o)
{
    int status = 0;

    for (size_t i = 0; i < o->num_tests && status != DS__USAGE; i++)
        if (o->chosen[i])
            status = worse(status, try_test(o, o->tests[i]));
    return status;
}

int ds_test_main(int argc, char **argv, const ds_test *const *tests, size_t n)
{
    ds__options o;
    int status = ds__options_read(&o, argc, argv, tests, n);

    if (status == 0 && o.list)
        ds__report_tests(&o);
    else if (status == 0)
        status = try_all(&o);
    ds__options_free(&o);
    return status;
}
