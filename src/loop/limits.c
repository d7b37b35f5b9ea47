/* Why the system refuses another thread: each limit beside what is in use, and
 * the one that is fullest.
 *
 * All this runs on the stack of a simulated thread, which may be small. */

#include "loop/limits.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct limit {
    const char *name;
    double max; /* 0: unknown, or none */
    double used;
    double wanted; /* more, by what was refused */
} limit;

/* A limit is to blame if less than this share of it would be left: others may
 * have given something back meanwhile. */
#define FREE_SHARE 0.02

#define LONGEST_GROUP 512 /* of a longer name only the beginning is seen */

static bool read_number(const char *path, const char *format, double *number)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    bool found = fscanf(file, format, number) == 1;
    fclose(file);
    return found;
}

static double number_in(const char *path)
{
    double number = 0;

    read_number(path, "%lf", &number);
    return number;
}

static double fullness(const limit *l)
{
    return l->max > 0 ? (l->used + l->wanted) / l->max : 0;
}

/* ---- What is in use -------------------------------------------------------*/

/* In the whole system: /proc/loadavg has running/existing in fourth place. */
static double count_tasks(void)
{
    double tasks = 0;

    read_number("/proc/loadavg", "%*s %*s %*s %*[0-9]/%lf", &tasks);
    return tasks;
}

/* How many threads the process has if it is this user's, by its status file,
 * where the user comes before the threads. */
static double count_if_of(uid_t user, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[128];
    unsigned owner = (unsigned)user + 1;
    double threads = 0;

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "Uid: %u", &owner) != 1 && owner == (unsigned)user &&
            sscanf(line, "Threads: %lf", &threads) == 1)
            break;
    fclose(file);
    return threads;
}

static double count_tasks_of_user(void)
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;
    char path[64];
    double tasks = 0;

    if (processes == NULL)
        return 0;
    while ((entry = readdir(processes)) != NULL) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%.20s/status", entry->d_name);
        tasks += count_if_of(getuid(), path);
    }
    closedir(processes);
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

/* The figures of the process are in pages. */
static double memory(const char *format)
{
    double pages = 0;

    read_number("/proc/self/statm", format, &pages);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

static double resource_max(int resource)
{
    struct rlimit rlimit;

    if (getrlimit(resource, &rlimit) != 0 || rlimit.rlim_cur == RLIM_INFINITY)
        return 0;
    return (double)rlimit.rlim_cur;
}

/* ---- Control groups -------------------------------------------------------*/

/* The limits of the group at mount/group, and of those around it, hold too.
 * A container may see its own group as the outermost, whatever the name says,
 * so names that lead nowhere are passed over. */
static void look_upwards(limit *worst, const char *mount, char *group)
{
    char path[LONGEST_GROUP + 64];
    limit here = { .name = worst->name, .wanted = 1 };
    char *slash;

    do {
        snprintf(path, sizeof(path), "%s%s/pids.max", mount, group);
        here.max = number_in(path);
        snprintf(path, sizeof(path), "%s%s/pids.current", mount, group);
        here.used = number_in(path);
        if (fullness(&here) > fullness(worst))
            *worst = here;
        slash = strrchr(group, '/');
        if (slash != NULL)
            *slash = '\0';
    } while (slash != NULL);
}

/* The lines of the file are number:controllers:group, without controllers in
 * the second version. */
static limit fullest_group(void)
{
    limit worst = { .name = "pids.max of the control group" };
    char line[LONGEST_GROUP];
    FILE *file = fopen("/proc/self/cgroup", "re");

    if (file == NULL)
        return worst;
    while (fgets(line, sizeof(line), file) != NULL) {
        char *controllers = strchr(line, ':');
        char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (group == NULL)
            continue;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (strcmp(controllers, ":pids") == 0)
            look_upwards(&worst, "/sys/fs/cgroup/pids", group);
        else if (strcmp(controllers, ":") == 0)
            look_upwards(&worst, "/sys/fs/cgroup", group);
    }
    fclose(file);
    return worst;
}

/* ---- Which is to blame ----------------------------------------------------*/

static const limit *fullest(const limit *limits, size_t n)
{
    const limit *worst = &limits[0];

    for (size_t i = 1; i < n; i++)
        if (fullness(&limits[i]) > fullness(worst))
            worst = &limits[i];
    return fullness(worst) >= 1 - FREE_SHARE ? worst : NULL;
}

static void explain(ds__text *text, const limit *limits, size_t n)
{
    const limit *worst = fullest(limits, n);

    if (worst != NULL) {
        ds__text_add(text, "%s is %.0f, and %.0f are in use", worst->name,
                     worst->max, worst->used);
        return;
    }
    for (size_t i = 0; i < n; i++)
        ds__text_add(text, "%s%s",
                     i == 0      ? ""
                     : i + 1 < n ? ", "
                                 : " and ",
                     limits[i].name);
    ds__text_add(text, " are not used up, so memory is short");
}

#define MEMORY_LIMITS 3
#define THREAD_LIMITS 4 /* more */

static void look_at_memory(limit *limits, size_t stack_size)
{
    const double wanted = (double)stack_size;

    limits[0] =
        (limit){ "vm.max_map_count", number_in("/proc/sys/vm/max_map_count"),
                 count_maps(), 2 };
    limits[1] =
        (limit){ "RLIMIT_AS", resource_max(RLIMIT_AS), memory("%lf"), wanted };
    limits[2] = (limit){ "RLIMIT_DATA", resource_max(RLIMIT_DATA),
                         memory("%*s %*s %*s %*s %*s %lf"), wanted };
}

static void look_at_threads(limit *limits)
{
    const double tasks = count_tasks();

    limits[0] = (limit){ "kernel.pid_max",
                         number_in("/proc/sys/kernel/pid_max"), tasks, 1 };
    limits[1] = (limit){ "kernel.threads-max",
                         number_in("/proc/sys/kernel/threads-max"), tasks, 1 };
    limits[2] = (limit){ "RLIMIT_NPROC", resource_max(RLIMIT_NPROC),
                         count_tasks_of_user(), 1 };
    limits[3] = fullest_group();
}

/* EINVAL: the variables of the program that each thread has of its own lie on
 * its stack, and there is no room for them. */
void ds__limits_of_thread(ds__text *text, int error, size_t stack_size)
{
    limit limits[MEMORY_LIMITS + THREAD_LIMITS];

    if (error == EINVAL) {
        ds__text_add(text, "that is too small for this program's thread-local "
                           "variables; ds_loop_config.stack_size makes it "
                           "larger");
        return;
    }
    look_at_memory(limits, stack_size);
    look_at_threads(limits + MEMORY_LIMITS);
    explain(text, limits, MEMORY_LIMITS + THREAD_LIMITS);
}

void ds__limits_of_memory(ds__text *text, size_t stack_size)
{
    limit limits[MEMORY_LIMITS];

    look_at_memory(limits, stack_size);
    explain(text, limits, MEMORY_LIMITS);
}
