/* One trial in a process of its own; see the header. */

#include "explore/runner/apart.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/plan/plan.h"
#include "explore/runner/inside.h"
#include "explore/runner/perturb.h"
#include "explore/search.h"

/* ---- In the child ---------------------------------------------------------*/

static void run_before(const ds__apart *a)
{
    ds__trial_order order = a->order;

    for (uint64_t i = a->config.before; i > 0; i--) {
        order.seed = a->order.seed - i;
        ds__trial_run(a->test, &order, &a->page->result);
    }
}

static void write_history(const ds__apart *a, const ds_trial *t)
{
    const char *name = a->config.history;
    FILE *file = name == NULL ? NULL : fopen(name, "we");
    const char *error = NULL;

    if (name == NULL)
        return;
    if (t->history == NULL || a->test->model == NULL)
        error = "the test has no history, or no model";
    else if (file == NULL ||
             !ds_history_write_edn(t->history, a->test->model, file))
        error = strerror(errno);
    if (file != NULL && fclose(file) != 0 && error == NULL)
        error = strerror(errno);
    if (error != NULL)
        ds__format(a->page->history_error, sizeof(a->page->history_error),
                   "%s: %s", name, error);
}

/* Adds a line, and what came of it, if that is worth a word; false: there is no
 * room. */
static bool add_line(ds__text *text, const ds__plan_line *line,
                     const ds__bite *bite)
{
    if (text->size - text->used < ds__plan_line_room(line) + 40)
        return false;
    ds__plan_print_line(line, text);
    if (bite != NULL && bite->bit == 0)
        ds__text_add(text,
                     bite->happened ? "  # did nothing" : "  # did not happen");
    ds__text_add(text, "\n");
    return true;
}

static void write_plan(ds__apart_page *page, const ds_trial *t)
{
    const ds_plan *plan = ds__trial_plan(t);
    ds__text text;

    ds__text_init(&text, page->plan, sizeof(page->plan));
    assert(!page->plan_cut);
    page->plan_lines = plan == NULL ? 0 : plan->count;
    for (size_t i = 0; i < page->plan_lines; i++)
        if (!add_line(&text, &plan->lines[i], ds__bite_of_line(t->loop, i))) {
            page->plan_cut = true;
            return;
        }
}

static void redirect(const ds__apart *a)
{
    if (a->output < 0)
        return;
    dup2(a->output, STDOUT_FILENO);
    dup2(a->output, STDERR_FILENO);
}

_Noreturn static void be_child(ds__apart *a)
{
    ds__apart_page *page = a->page;
    ds__trial_order *order = &a->order;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    redirect(a);
    if (a->config.memory != 0)
        ds__perturb(a->config.memory);
    run_before(a);
    order->last_words = page->last_words;
    order->last_words_size = sizeof(page->last_words);
    if (a->config.traced) {
        ds__trace_init(&page->trace);
        order->probe = &page->trace.probe;
    }
    ds_trial *t = ds__trial_new(a->test, order, &page->result);
    if (t != NULL && a->config.traced)
        ds__trace_finish(&page->trace, t->loop, t->history);
    if (t != NULL) {
        write_history(a, t);
        write_plan(page, t);
    }
    page->finished = true;
    ds__trial_free(t);
    fflush(NULL);
    _exit(0);
}

/* ---- In the parent --------------------------------------------------------*/

static void refuse(ds__result *result, const char *what)
{
    result->fate = DS__DIED;
    result->judge = DS__BY_RUNNER;
    ds__format(result->why, sizeof(result->why), "%s: %s", what,
               strerror(errno));
}

static int make_output(const ds__apart_config *config)
{
    FILE *file;
    int fd;

    if (config->shown)
        return -1;
    file = tmpfile();
    if (file == NULL)
        return open("/dev/null", O_WRONLY | O_CLOEXEC);
    fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
    fclose(file);
    return fd;
}

static size_t page_size(const ds__apart_config *config)
{
    return config->traced ? sizeof(ds__apart_page)
                          : offsetof(ds__apart_page, trace);
}

bool ds__apart_begin(ds__apart *a, const ds_test *test,
                     const ds__trial_order *order,
                     const ds__apart_config *config)
{
    int ends[2];

    *a = (ds__apart){ .test = test,
                      .order = *order,
                      .config = *config,
                      .end = -1,
                      .output = -1 };
    a->page = mmap(NULL, page_size(config), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (a->page == MAP_FAILED) {
        a->page = NULL;
        return false;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        refuse(&a->page->result, "pipe");
        return false;
    }
    a->output = make_output(config);
    a->began = ds__real_time();
    fflush(NULL);
    a->pid = fork();
    if (a->pid == 0)
        be_child(a);
    close(ends[1]);
    if (a->pid > 0) {
        a->end = ends[0];
        return true;
    }
    a->pid = 0;
    refuse(&a->page->result, "fork");
    close(ends[0]);
    return false;
}

void ds__describe_end(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        ds__format(text, size, "killed by signal %d (%s)", WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
    else
        ds__format(text, size, "the process has ended with status %d",
                   WEXITSTATUS(status));
}

/* The end of what it printed, from the beginning of a line. */
static void read_output(ds__apart *a)
{
    off_t size = a->output < 0 ? 0 : lseek(a->output, 0, SEEK_END);
    off_t from = size < DS__SAID_SIZE ? 0 : size - DS__SAID_SIZE + 1;
    ssize_t got =
        size <= 0 ? 0 : pread(a->output, a->said, (size_t)(size - from), from);

    a->said[got > 0 ? got : 0] = '\0';
    assert(got < (ssize_t)sizeof(a->said));
    if (from > 0) {
        char *line = strchr(a->said, '\n');
        if (line != NULL)
            memmove(a->said, line + 1, strlen(line));
    }
}

void ds__blame_death(ds__result *result, const char *last_words, int status)
{
    char end[200];
    ds__text text;

    result->fate = DS__DIED;
    result->judge = DS__BY_SYSTEM;
    ds__describe_end(status, end, sizeof(end));
    ds__text_init(&text, result->why, sizeof(result->why));
    ds__text_add(&text, "%s", last_words[0] != '\0' ? last_words : end);
}

void ds__blame_hang(ds__result *result, double seconds)
{
    result->fate = DS__ENDLESS;
    result->judge = DS__BY_SYSTEM;
    ds__format(result->why, sizeof(result->why),
               "it hangs: it has run for %g s of real time", seconds);
}

/* Whether it ended by itself. */
static bool wait_for_end(const ds__apart *a)
{
    double end = a->began + a->config.hang;

    for (;;) {
        double left = end - ds__real_time();
        struct pollfd fd = { .fd = a->end, .events = POLLIN };
        int ms = left > 1e6 ? 1000000000 : (int)(left * 1000) + 1;
        if (left <= 0)
            return false;
        if (poll(&fd, 1, ms) > 0)
            return true;
    }
}

void ds__apart_end(ds__apart *a)
{
    assert(a->pid == 0 || a->end >= 0);
    bool hangs = a->pid > 0 && !wait_for_end(a);
    int status = 0;

    if (a->pid == 0)
        return;
    if (hangs)
        kill(a->pid, SIGKILL);
    while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    a->pid = 0;
    read_output(a);
    if (hangs)
        ds__blame_hang(&a->page->result, a->config.hang);
    else if (!a->page->finished)
        ds__blame_death(&a->page->result, a->page->last_words, status);
}

bool ds__apart_run(ds__apart *a, const ds_test *test,
                   const ds__trial_order *order, const ds__apart_config *config)
{
    bool begun = ds__apart_begin(a, test, order, config);

    if (begun)
        ds__apart_end(a);
    return begun;
}

void ds__apart_free(ds__apart *a)
{
    if (a->page != NULL)
        munmap(a->page, page_size(&a->config));
    if (a->end >= 0)
        close(a->end);
    if (a->output >= 0)
        close(a->output);
    a->page = NULL;
    a->end = -1;
    a->output = -1;
}
