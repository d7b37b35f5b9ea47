/* See process.h.
 *
 * It is started by vfork(), since a copy of the page tables of a program that
 * holds millions of results takes longer than many a simulation. */

#include "bench/sweep/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench/sweep/json.h"

enum { NO_PROGRAM = 127, TIMEOUT = 124, SIGNAL = 128 };

double process_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Whatever is open here, nothing of ours ever is the file that children report
 * to, so that it can be put there. */
void process_prepare(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd < PROCESS_REPORT);
}

/* ---- The beginning --------------------------------------------------------*/

typedef struct start {
    char *const *command;
    char *const *environment;
    const process_limits *limits;
    int in;
    int out;
    int err;
    int report;
    sigset_t mask;
    volatile int error; /* of whatever could not be done */
} start;

/* In the new process, which shares memory with this one until it is another
 * program: system calls, and nothing else. */
__attribute__((noinline, noreturn)) static void become(start *s)
{
    const struct rlimit memory = { s->limits->memory, s->limits->memory };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    signal(SIGXFSZ, SIG_DFL); /* which this program does not heed */
    if (dup2(s->in, 0) < 0 || dup2(s->out, 1) < 0 || dup2(s->err, 2) < 0 ||
        dup2(s->report, PROCESS_REPORT) < 0 ||
        (s->limits->memory > 0 && setrlimit(RLIMIT_AS, &memory) != 0) ||
        sigprocmask(SIG_SETMASK, &s->mask, NULL) != 0) {
        s->error = errno;
        _exit(NO_PROGRAM);
    }
    execvpe(s->command[0], s->command, s->environment);
    s->error = errno;
    _exit(NO_PROGRAM);
}

__attribute__((noinline)) static pid_t fork_into(start *s)
{
    pid_t pid = vfork();

    if (pid == 0)
        become(s);
    return pid;
}

static bool open_pipe(process_tail *tail, int *end)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    tail->fd = ends[0];
    *end = ends[1];
    return true;
}

static void close_file(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(process *p)
{
    close_file(&p->out.fd);
    close_file(&p->err.fd);
    close_file(&p->report.fd);
}

/* It has ended before it began. */
static process_start refuse(process *p, const char *program, int error)
{
    p->pid = 0;
    p->status = NO_PROGRAM;
    snprintf(p->end, sizeof(p->end), "no start");
    p->err.used = (size_t)snprintf(p->err.buf, sizeof(p->err.buf), "%.200s: %s",
                                   program, strerror(error));
    close_all(p);
    return PROCESS_REFUSED;
}

static void clear(process *p)
{
    p->pid = 0;
    p->out.fd = p->err.fd = p->report.fd = -1;
    p->out.used = p->err.used = p->report.used = 0;
    p->out.cut = p->err.cut = p->report.cut = false;
    p->run.count = p->run.digest = p->run.events = p->run.messages = 0;
    p->run.seconds = p->seconds = 0;
    p->run.failed = p->late = false;
    p->run.status[0] = p->run.text[0] = p->run.exec[0] = p->end[0] = '\0';
    p->status = 0;
}

process_start process_begin(process *p, char *const *command,
                            char *const *environment,
                            const process_limits *limits, int out, int err)
{
    static int nothing = -1;
    int ends[3] = { -1, -1, -1 };
    start s = { .command = command,
                .environment = environment,
                .limits = limits };
    pid_t pid = -1;

    clear(p);
    if (nothing < 0)
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    p->began = process_clock();
    p->deadline = limits->seconds > 0 ? p->began + limits->seconds : INFINITY;
    if ((out >= 0 || open_pipe(&p->out, &ends[0])) &&
        (err >= 0 || open_pipe(&p->err, &ends[1])) &&
        open_pipe(&p->report, &ends[2])) {
        s.in = nothing;
        s.out = out >= 0 ? out : ends[0];
        s.err = err >= 0 ? err : ends[1];
        s.report = ends[2];
        sigemptyset(&s.mask);
        pid = fork_into(&s);
    }
    const int error = errno;
    for (int i = 0; i < 3; i++)
        close_file(&ends[i]);
    if (pid < 0) {
        close_all(p);
        errno = error;
        return PROCESS_IMPOSSIBLE;
    }
    if (s.error != 0) {
        waitpid(pid, NULL, 0);
        return refuse(p, command[0], s.error);
    }
    setpgid(pid, pid); /* where vfork() is fork(), as with tools, it may not
                        * have come to that */
    p->pid = pid;
    return PROCESS_RUNS;
}

/* ---- What it says ---------------------------------------------------------*/

/* Makes room: the second half stays. */
static void make_room(process_tail *tail)
{
    const size_t half = sizeof(tail->buf) / 2;

    if (tail->used < sizeof(tail->buf))
        return;
    memmove(tail->buf, tail->buf + half, half);
    tail->used = half;
    tail->cut = true;
}

/* False: nothing more is there. */
static bool hear(process_tail *tail)
{
    ssize_t n;

    if (tail->fd < 0)
        return false;
    make_room(tail);
    n = read(tail->fd, tail->buf + tail->used, sizeof(tail->buf) - tail->used);
    if (n > 0)
        tail->used += (size_t)n;
    else if (n == 0)
        close_file(&tail->fd);
    return n > 0;
}

static void add_digest(process_run *run, json_part object)
{
    json_part value;
    char digits[20];
    uint64_t digest = 0;

    if (json_find(object, "digest", &value) &&
        json_text(value, digits, sizeof(digits)))
        digest = strtoull(digits, NULL, 16);
    run->digest = run->count == 0 ? digest : ds__mix(run->digest) ^ digest;
}

static void add_word(uint64_t *sum, json_part object, const char *key)
{
    json_part value;
    uint64_t word;

    if (json_find(object, key, &value) && json_word(value, &word))
        *sum += word;
}

static void take_text(char *text, size_t size, json_part object,
                      const char *key)
{
    json_part value;

    if (!json_find(object, key, &value) || !json_text(value, text, size))
        text[0] = '\0';
}

/* One simulation. */
static void add_run(process_run *run, json_part object)
{
    json_part value;
    double seconds;

    add_digest(run, object);
    add_word(&run->events, object, "events");
    add_word(&run->messages, object, "messages");
    if (json_find(object, "seconds", &value) && json_real(value, &seconds))
        run->seconds += seconds;
    take_text(run->exec, sizeof(run->exec), object, "exec");
    run->count++;
    if (run->failed)
        return;
    take_text(run->status, sizeof(run->status), object, "status");
    take_text(run->text, sizeof(run->text), object, "text");
    run->failed = strcmp(run->status, "success") != 0;
}

/* Whole lines become part of the sums. */
static void add_runs(process *p)
{
    process_tail *tail = &p->report;
    char *from = tail->buf, *end;

    while ((end = memchr(from, '\n',
                         tail->used - (size_t)(from - tail->buf))) != NULL) {
        const json_part line = { from, (size_t)(end - from) };

        if (json_is_object(line.at, line.n))
            add_run(&p->run, line);
        from = end + 1;
    }
    tail->used -= (size_t)(from - tail->buf);
    memmove(tail->buf, from, tail->used);
}

/* More than a pipe holds; one who never stops does not keep others waiting. */
enum { MOST_READS = 64 };

void process_hear(process *p)
{
    for (int i = 0; i < MOST_READS && hear(&p->out); i++)
        continue;
    for (int i = 0; i < MOST_READS && hear(&p->err); i++)
        continue;
    for (int i = 0; i < MOST_READS && hear(&p->report); i++)
        add_runs(p);
}

const char *process_last_line(const process_tail *tail, size_t *n)
{
    const char *begin = tail->buf, *end = begin + tail->used, *at;

    while (end > begin && (end[-1] == '\n' || end[-1] == '\r' ||
                           end[-1] == ' ' || end[-1] == '\t'))
        end--;
    for (at = end; at > begin && at[-1] != '\n'; at--)
        continue;
    *n = (size_t)(end - at);
    return at;
}

/* ---- The end --------------------------------------------------------------*/

static const char *signal_name(int signal, char text[20])
{
    const char *name = sigabbrev_np(signal);

    if (name != NULL)
        snprintf(text, 20, "SIG%s", name);
    else
        snprintf(text, 20, "signal %d", signal);
    return text;
}

static void describe(process *p, int status)
{
    char name[20];

    if (p->late) {
        p->status = TIMEOUT;
        snprintf(p->end, sizeof(p->end), "timeout");
    } else if (WIFSIGNALED(status)) {
        p->status = SIGNAL + WTERMSIG(status);
        snprintf(p->end, sizeof(p->end), "%s",
                 signal_name(WTERMSIG(status), name));
    } else {
        p->status = WEXITSTATUS(status);
        if (p->status == 0)
            snprintf(p->end, sizeof(p->end), "ok");
        else
            snprintf(p->end, sizeof(p->end), "exit %d", p->status);
    }
}

/* As long as its number is taken, by its body, that of its group is as well. */
static void bury(process *p)
{
    int status = 0;

    kill(-p->pid, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    p->seconds = process_clock() - p->began;
    p->pid = 0;
    process_hear(p);
    close_all(p);
    describe(p, status);
}

static bool is_dead(const process *p, int options)
{
    siginfo_t info = { .si_pid = 0 };

    return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT | options) ==
               0 &&
           info.si_pid != 0;
}

bool process_ended(process *p)
{
    assert(p->pid > 0);
    if (!is_dead(p, WNOHANG)) {
        if (process_clock() < p->deadline)
            return false;
        p->late = true;
    }
    bury(p);
    return true;
}

void process_kill(process *p)
{
    if (p->pid > 0)
        bury(p);
}
