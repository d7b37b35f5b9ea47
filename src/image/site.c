/* Asks addr2line of the binutils for lines. */

#include "image/site.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads what a program prints, as far as there is room. */
static void read_output(char *const *argv, char *buf, size_t size)
{
    posix_spawn_file_actions_t actions;
    int ends[2];
    pid_t child;
    size_t used = 0;
    ssize_t n;

    *buf = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                     O_WRONLY, 0);
    const int failed =
        posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    while (failed == 0 && used < size - 1 &&
           (n = read(ends[0], buf + used, size - 1 - used)) > 0)
        used += (size_t)n;
    buf[used] = '\0';
    close(ends[0]);
    if (failed == 0)
        waitpid(child, NULL, 0);
}

void ds__image_site(const ds__image *im, const void *address, ds__text *text)
{
    char place[32];
    char line[512];
    const size_t at = (size_t)((const unsigned char *)address - im->base);
    char *const argv[] = { "addr2line", "-s", "-e", (char *)im->program->path,
                           place,       NULL };
    const char *name = strrchr(im->program->path, '/');

    /* The call is just before. */
    ds__format(place, sizeof(place), "%#zx", at - 1);
    read_output(argv, line, sizeof(line));
    line[strcspn(line, " \n")] = '\0';
    if (line[0] != '\0' && line[0] != '?' && strstr(line, ":?") == NULL)
        ds__text_add(text, "%s", line);
    else
        ds__text_add(text, "%s+%#zx",
                     name == NULL ? im->program->path : name + 1, at);
}
