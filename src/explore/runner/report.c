/* The report for people. */

#include "explore/runner/report.h"

#include <stdio.h>

void ds__report_tests(const ds__options *o)
{
    for (size_t i = 0; i < o->num_tests; i++)
        printf("%s\n", o->tests[i]->name);
}

static void print_failure(const ds__campaign *c)
{
    const ds__options *o = c->options;

    printf("%s: seed %llu fails: %s\n", c->test->name,
           (unsigned long long)c->first, c->failure->why);
    printf("  again:  %s --test=%s --seed=%llu", o->path, c->test->name,
           (unsigned long long)c->first);
    if (o->plan_file != NULL)
        printf(" --plan=%s", o->plan_file);
    printf("\n");
}

void ds__report_text(ds__campaign *c)
{
    const ds__tally *t = &c->tally;

    if (c->first != 0)
        print_failure(c);
    else
        printf("%s: all is well, %llu trials, %llu events, %llu messages\n",
               c->test->name, (unsigned long long)t->trials,
               (unsigned long long)t->events, (unsigned long long)t->messages);
    ds__marks_sort(&c->marks);
    for (size_t i = 0; i < c->marks.count; i++)
        printf("  sometimes %s: in %llu of %llu\n", c->marks.list[i].name,
               (unsigned long long)c->marks.list[i].trials,
               (unsigned long long)t->trials);
}
