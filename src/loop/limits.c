/* Why the system refuses another thread: each limit beside what is in use, and
 * the one that is fullest. */

#include "loop/limits.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct limit {
    const char *name;
    double used;
    double max;
} limit;

/* A limit is to blame if less than this share of it is free. */
#define FREE_SHARE 0.02

static bool read_number(const char *path, const char *format, double *number)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    bool found = fscanf(file, format, number) == 1;
    fclose(file);
    return found;
}

/* Of the whole system: /proc/loadavg has running/existing in fourth place. */
static double count_tasks(void)
{
    double tasks = 0;

    read_number("/proc/loadavg", "%*s %*s %*s %*[0-9]/%lf", &tasks);
    return tasks;
}

static double count_maps(void)
{
    FILE *file = fopen("/proc/self/maps", "re");
    double maps = 0;
    int c;

    if (file == NULL)
        return 0;
    while ((c = getc(file)) != EOF)
        maps += c == '\n';
    fclose(file);
    return maps;
}

static double resource_max(int resource)
{
    struct rlimit rlimit;

    if (getrlimit(resource, &rlimit) != 0 || rlimit.rlim_cur == RLIM_INFINITY)
        return 0;
    return (double)rlimit.rlim_cur;
}

/* Without the limit on address space it is the machine's memory. */
static limit memory(void)
{
    limit memory = { "RLIMIT_AS", 0, resource_max(RLIMIT_AS) };
    double pages = 0;

    if (read_number("/proc/self/statm", "%lf", &pages))
        memory.used = pages * (double)sysconf(_SC_PAGESIZE);
    return memory;
}

static const limit *fullest(const limit *limits, size_t n)
{
    const limit *worst = NULL;

    for (size_t i = 0; i < n; i++) {
        double full = limits[i].max > 0 ? limits[i].used / limits[i].max : 0;
        if (full >= 1 - FREE_SHARE &&
            (worst == NULL || full > worst->used / worst->max))
            worst = &limits[i];
    }
    return worst;
}

void ds__limits_explain(ds__text *text)
{
    double tasks = count_tasks();
    limit limits[] = {
        { "kernel.pid_max", tasks, 0 },
        { "kernel.threads-max", tasks, 0 },
        { "vm.max_map_count", count_maps(), 0 },
        { "pids.max of the control group", 0, 0 },
        { "RLIMIT_NPROC", tasks, resource_max(RLIMIT_NPROC) },
        memory(),
    };

    read_number("/proc/sys/kernel/pid_max", "%lf", &limits[0].max);
    read_number("/proc/sys/kernel/threads-max", "%lf", &limits[1].max);
    read_number("/proc/sys/vm/max_map_count", "%lf", &limits[2].max);
    read_number("/sys/fs/cgroup/pids.max", "%lf", &limits[3].max);
    read_number("/sys/fs/cgroup/pids.current", "%lf", &limits[3].used);

    const limit *worst = fullest(limits, sizeof(limits) / sizeof(*limits));
    if (worst != NULL)
        ds__text_add(text, "%s is %.0f, and %.0f are in use", worst->name,
                     worst->max, worst->used);
    else
        ds__text_add(text,
                     "none of pid_max, threads-max, max_map_count, "
                     "RLIMIT_NPROC and RLIMIT_AS is used up, so memory is "
                     "short");
}
