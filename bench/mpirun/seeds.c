/* See seeds.h.  All results are in memory that the processes share; what a
 * process prints goes to a file without a name, and is kept if it fails in a
 * way that no lower seed does. */

#include "bench/mpirun/seeds.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/mpirun/outcomes.h"
#include "explore/runner/child.h"

/* A process.  Invariant: child.pid is 0 if there is none. */
typedef struct worker {
    ds__child child;
    size_t i; /* of the seed */
    int output;
} worker;

/* Invariant: texts[i] is what seed i printed if it failed, until it is known
 * that a lower one failed alike. */
typedef struct state {
    const seeds_config *config;
    seeds_result *results;
    char **texts;
    worker *workers;
    size_t num_workers;
    size_t begun;
} state;

/* ---- Processes ------------------------------------------------------------*/

static _Noreturn void work(const state *s, const worker *w)
{
    const seeds_config *c = s->config;
    seeds_result *r = &s->results[w->i];

    dup2(w->output, STDOUT_FILENO);
    dup2(w->output, STDERR_FILENO);
    c->run(c->arg, c->first + w->i, r);
    r->finished = true;
    fflush(NULL);
    _exit(0);
}

static bool begin(state *s, worker *w)
{
    FILE *file = tmpfile();

    w->i = s->begun;
    w->output = file == NULL ? -1 : dup(fileno(file));
    if (file != NULL)
        fclose(file);
    if (w->output < 0 || !ds__child_begin(&w->child))
        return false;
    if (w->child.pid == 0)
        work(s, w);
    s->begun++;
    return true;
}

static char *read_text(int fd)
{
    enum { MOST = 16384 };
    char *text = args_alloc(MOST + 1, 1);
    size_t n = 0;
    ssize_t got;

    while ((got = pread(fd, text + n, MOST - n, (off_t)n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return text;
}

/* Of those that have failed alike so far, this one is not the first. */
static bool is_known(const state *s, size_t i)
{
    const outcome is = outcome_of(&s->results[i]);

    for (size_t k = 0; k < i; k++) {
        const outcome other = outcome_of(&s->results[k]);
        if (s->texts[k] != NULL && outcome_is(&is, &other))
            return true;
    }
    return false;
}

static void end(state *s, worker *w)
{
    static const _Atomic uint64_t at_nothing;
    seeds_result *r = &s->results[w->i];

    ds__child_end(&w->child, &at_nothing, 1, &r->status);
    if (outcome_of(r).failed && !is_known(s, w->i))
        s->texts[w->i] = read_text(w->output);
    close(w->output);
    w->child.pid = 0;
}

/* Waits until at least one of them has ended. */
static void wait_for_some(state *s)
{
    struct pollfd *fds = args_alloc(s->num_workers, sizeof(*fds));

    for (size_t i = 0; i < s->num_workers; i++)
        fds[i] = (struct pollfd){
            .fd = s->workers[i].child.pid == 0 ? -1 : s->workers[i].child.end,
            .events = POLLIN,
        };
    poll(fds, s->num_workers, -1);
    for (size_t i = 0; i < s->num_workers; i++)
        if (fds[i].fd >= 0 && fds[i].revents != 0)
            end(s, &s->workers[i]);
    free(fds);
}

static failure run_all(state *s)
{
    for (;;) {
        size_t busy = 0;
        for (size_t i = 0; i < s->num_workers; i++) {
            worker *w = &s->workers[i];
            if (w->child.pid == 0 && s->begun < s->config->n && !begin(s, w))
                return failure_new(EXIT_FAILURE, "--seeds: no process: %s",
                                   strerror(errno));
            busy += w->child.pid != 0;
        }
        if (busy == 0)
            return SUCCESS;
        wait_for_some(s);
    }
}

/* ---- All of it ------------------------------------------------------------*/

int seeds_run(const seeds_config *config)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t size = config->n * sizeof(seeds_result);
    state s = { .config = config,
                .num_workers = processors > 1 ? (size_t)processors : 1 };
    outcomes all = { 0 };
    failure why;

    assert(config->n > 0);
    s.results = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s.results == MAP_FAILED)
        return args_end(failure_new(EXIT_FAILURE, "--seeds: out of memory"));
    s.texts = args_alloc(config->n, sizeof(*s.texts));
    s.workers = args_alloc(s.num_workers, sizeof(*s.workers));
    why = run_all(&s);
    if (why.status == 0) {
        all = outcomes_of(config, s.results, s.texts);
        why = outcomes_show(&all, config);
    }
    for (size_t i = 0; i < config->n; i++)
        free(s.texts[i]);
    free(s.texts);
    free(s.workers);
    const int code = outcomes_failed(&all) ? EXIT_FAILURE : EXIT_SUCCESS;
    outcomes_free(&all);
    munmap(s.results, size);
    return why.status != 0 ? args_end(why) : code;
}
