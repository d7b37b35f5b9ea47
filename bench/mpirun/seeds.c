/* See seeds.h.  All results are in memory that the processes share; what a
 * process prints goes to a file without a name, and is kept if it fails in a
 * way that no lower seed does. */

#include "bench/mpirun/seeds.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "explore/runner/apart.h"
#include "explore/runner/child.h"

/* A process.  Invariant: child.pid is 0 if there is none. */
typedef struct worker {
    ds__child child;
    size_t i; /* of the seed */
    int output;
} worker;

/* Seeds that end alike.  Invariant: those of an outcome have its key. */
typedef struct outcome {
    bool failed;
    bool finished;
    bool deadlock;
    int code; /* or a status of waitpid(), if it has not finished */
    uint64_t where;
    size_t n;
    size_t first;
    size_t digests;
    size_t orders;
    char *said; /* by the first one */
} outcome;

/* Invariant: texts[i] is what seed i printed if it failed, until it is known
 * that a lower one failed alike. */
typedef struct state {
    const seeds_config *config;
    seeds_result *results;
    char **texts;
    worker *workers;
    size_t num_workers;
    size_t begun;
    outcome *outcomes;
    size_t num_outcomes;
} state;

/* ---- Outcomes -------------------------------------------------------------*/

static outcome outcome_of(const seeds_result *r)
{
    outcome o = { .finished = r->finished };

    if (!r->finished) {
        o.failed = true;
        o.code = r->status;
        return o;
    }
    o.code = r->world.code;
    o.deadlock = r->world.deadlock;
    o.failed = o.code != 0;
    o.where = o.failed ? r->world.where : 0;
    return o;
}

static bool are_alike(const outcome *a, const outcome *b)
{
    return a->finished == b->finished && a->deadlock == b->deadlock &&
           a->code == b->code && a->where == b->where;
}

static outcome *find_outcome(state *s, const outcome *o)
{
    for (size_t i = 0; i < s->num_outcomes; i++)
        if (are_alike(&s->outcomes[i], o))
            return &s->outcomes[i];
    return NULL;
}

static int compare_words(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* How many different ones there are; sorts them. */
static size_t count_different(uint64_t *words, size_t n)
{
    size_t different = n > 0;

    qsort(words, n, sizeof(*words), compare_words);
    for (size_t i = 1; i < n; i++)
        different += words[i] != words[i - 1];
    return different;
}

static void count_in(const state *s, outcome *o)
{
    uint64_t *digests = args_alloc(o->n, sizeof(*digests));
    uint64_t *orders = args_alloc(o->n, sizeof(*orders));
    size_t n = 0;

    for (size_t i = 0; i < s->config->n; i++) {
        const outcome is = outcome_of(&s->results[i]);
        if (!are_alike(&is, o))
            continue;
        digests[n] = s->results[i].world.digest;
        orders[n++] = s->results[i].orders;
    }
    assert(n == o->n);
    o->digests = count_different(digests, n);
    o->orders = count_different(orders, n);
    free(digests);
    free(orders);
}

static void gather(state *s)
{
    s->outcomes = args_alloc(s->config->n, sizeof(*s->outcomes));
    for (size_t i = 0; i < s->config->n; i++) {
        outcome is = outcome_of(&s->results[i]);
        outcome *o = find_outcome(s, &is);
        if (o == NULL) {
            o = &s->outcomes[s->num_outcomes++];
            *o = is;
            o->first = i;
            o->said = s->texts[i];
        }
        o->n++;
    }
    for (size_t i = 0; i < s->num_outcomes; i++)
        count_in(s, &s->outcomes[i]);
}

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
        if (s->texts[k] != NULL && are_alike(&is, &other))
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

/* ---- What is told ---------------------------------------------------------*/

static const char *words_of(const outcome *o)
{
    static char text[100];

    if (!o->finished && WIFEXITED(o->code))
        snprintf(text, sizeof(text), "ends with %d", WEXITSTATUS(o->code));
    else if (!o->finished)
        ds__describe_end(o->code, text, sizeof(text));
    else if (o->deadlock)
        snprintf(text, sizeof(text), "deadlock");
    else if (o->failed)
        snprintf(text, sizeof(text), "ends with %d", o->code);
    else
        snprintf(text, sizeof(text), "ends well");
    return text;
}

typedef struct row {
    const outcome *is;
    uint64_t first;
} row;

static rows_value get_words(const void *r, const rows_column *self)
{
    return rows_text(words_of(((const row *)r)->is));
}

static rows_value get_count(const void *r, const rows_column *self)
{
    const char *is = (const char *)((const row *)r)->is;

    return rows_word(*(const size_t *)(is + self->at));
}

#define COUNT(name, title, member)                                             \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, ROWS_COUNT, get_count, offsetof(outcome, member), 0       \
    }
static const rows_column *const columns[] = {
    &(const rows_column){ "outcome", "Outcome", ROWS_TEXT, get_words, 0, 40 },
    COUNT("seeds", "Seeds", n),
    &(const rows_column){ "first_seed", "First", ROWS_COUNT, rows_get_word,
                          offsetof(row, first), 0 },
    COUNT("orders", "Orders of messages", orders),
    COUNT("digests", "Digests", digests),
};

static bool show_table(const state *s)
{
    const rows_table rows = { stdout, s->config->format, columns,
                              sizeof(columns) / sizeof(*columns) };
    bool written = rows_begin(&rows);

    for (size_t i = 0; i < s->num_outcomes && written; i++) {
        const row is = { &s->outcomes[i],
                         s->config->first + s->outcomes[i].first };
        written = rows_add(&rows, &is);
    }
    return written;
}

static bool is_plain(const char *word)
{
    return *word != '\0' &&
           word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                             "VWXYZ0123456789_-./:=,+@%")] == '\0';
}

/* As a shell takes it. */
static void print_word(const char *word)
{
    if (is_plain(word)) {
        printf(" %s", word);
        return;
    }
    printf(" '");
    for (; *word != '\0'; word++)
        if (*word == '\'')
            printf("'\\''");
        else
            putchar(*word);
    putchar('\'');
}

/* Whether a word is that option; if its value is the next word, that too. */
static bool is_option(const char *word, const char *name, int *i)
{
    const size_t n = strlen(name);

    if (strncmp(word, name, n) != 0 || (word[n] != '\0' && word[n] != '='))
        return false;
    *i += word[n] == '\0';
    return true;
}

static void print_command(const seeds_config *c, uint64_t seed)
{
    printf("%s", c->argv[0]);
    for (int i = 1; i < c->argc; i++) {
        if (i == c->operand)
            printf(" --seed=%" PRIu64 " --wildcards=drawn", seed);
        if (i >= c->operand || (!is_option(c->argv[i], "--seeds", &i) &&
                                !is_option(c->argv[i], "--seed", &i)))
            print_word(c->argv[i]);
    }
    printf("\n");
}

static void show_failure(const seeds_config *c, const outcome *o)
{
    const uint64_t seed = c->first + o->first;
    char *rest = o->said;

    printf("\nseed %" PRIu64 ", %s:\n", seed, words_of(o));
    for (char *line = strsep(&rest, "\n"); line != NULL;
         line = strsep(&rest, "\n"))
        if (*line != '\0' || rest != NULL)
            printf("  %s\n", line);
    printf("again by: ");
    print_command(c, seed);
}

static failure show(const state *s)
{
    const seeds_config *c = s->config;

    if (!show_table(s))
        return failure_of_output();
    for (size_t i = 0; i < s->num_outcomes && rows_for_people(c->format); i++)
        if (s->outcomes[i].failed)
            show_failure(c, &s->outcomes[i]);
    return fflush(stdout) == 0 ? SUCCESS : failure_of_output();
}

/* ---- All of it ------------------------------------------------------------*/

static bool any_failed(const state *s)
{
    for (size_t i = 0; i < s->num_outcomes; i++)
        if (s->outcomes[i].failed)
            return true;
    return false;
}

int seeds_run(const seeds_config *config)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const size_t size = config->n * sizeof(seeds_result);
    state s = { .config = config,
                .num_workers = processors > 1 ? (size_t)processors : 1 };
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
        gather(&s);
        why = show(&s);
    }
    for (size_t i = 0; i < config->n; i++)
        free(s.texts[i]);
    free(s.texts);
    free(s.workers);
    const int code = any_failed(&s) ? EXIT_FAILURE : EXIT_SUCCESS;
    free(s.outcomes);
    munmap(s.results, size);
    return why.status != 0 ? args_end(why) : code;
}
