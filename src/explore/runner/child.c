/* A copy of this process; see the header. */

#include "explore/runner/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/runner/worker.h"

enum { PATIENCE = 20 /* ms */ };

static void be_child(void)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (nowhere < 0)
        return;
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

/* What stands in buffers must not be printed by both. */
bool ds__child_begin(ds__child *child)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(NULL);
    child->pid = fork();
    child->end = ends[0];
    if (child->pid == 0) {
        close(ends[0]);
        child->end = -1;
        be_child();
        return true;
    }
    close(ends[1]);
    if (child->pid > 0)
        return true;
    close(ends[0]);
    return false;
}

static bool hangs(const _Atomic uint64_t *since, double hang)
{
    uint64_t then = atomic_load(since);
    uint64_t now = ds__clock_nanoseconds();

    return then != 0 && now > then && (double)(now - then) > 1e9 * hang;
}

bool ds__child_end(ds__child *child, const _Atomic uint64_t *since, double hang,
                   int *status)
{
    struct pollfd fd = { .fd = child->end, .events = POLLIN };
    bool hung = false;

    assert(child->pid > 0 && hang > 0);
    while (!hung && poll(&fd, 1, PATIENCE) <= 0)
        hung = hangs(since, hang);
    if (hung)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, status, 0) < 0 && errno == EINTR)
        continue;
    close(child->end);
    return hung;
}
