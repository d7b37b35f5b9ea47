/* See report.h. */

#include "bench/sweep/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/sweep/look.h"

enum { MOST_KINDS = 50 };

static void print_command(const char *what, const grid *g, uint64_t point)
{
    printf("  %s ", what);
    grid_put_command(g, point, stdout);
    printf("\n");
}

/* The page, or if there is none the folder of what it has said. */
static void print_place(const char *folder, const tally_group *group)
{
    static const char *const files[] = { "run.html", "" };

    for (int i = 0; folder != NULL && i < 2; i++) {
        char *name = look_name(folder, group->name, files[i]);
        const bool there = access(name, R_OK) == 0;

        if (there)
            printf("  see       %s\n", name);
        free(name);
        if (there)
            return;
    }
}

static void print_group(const tally_group *group, const grid *g,
                        const char *folder)
{
    printf("\n%llu x %s\n", (unsigned long long)group->count, group->name);
    print_command("first    ", g, group->first);
    if (group->quickest != group->first)
        print_command("quickest ", g, group->quickest);
    print_place(folder, group);
}

failure report_print(const tally *t, const grid *g, const char *folder)
{
    size_t n;
    tally_group *groups = tally_groups(t, &n);

    printf("%llu point%s, %llu failed%s\n", (unsigned long long)t->done,
           t->done == 1 ? "" : "s", (unsigned long long)t->failed,
           t->failed == 0 ? ""
           : n == 1       ? ", in 1 way"
                          : ", by kind:");
    for (size_t i = 0; i < n && i < MOST_KINDS; i++)
        print_group(&groups[i], g, folder);
    if (n > MOST_KINDS)
        printf("\nand %zu more kinds\n", n - MOST_KINDS);
    free(groups);
    return fflush(stdout) == 0 ? SUCCESS : failure_of_output();
}
