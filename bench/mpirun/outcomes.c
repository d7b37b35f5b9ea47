/* See outcomes.h. */

#include "bench/mpirun/outcomes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "explore/runner/apart.h"

/* ---- Outcomes -------------------------------------------------------------*/

outcome outcome_of(const seeds_result *r)
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

bool outcome_is(const outcome *a, const outcome *b)
{
    return a->finished == b->finished && a->deadlock == b->deadlock &&
           a->code == b->code && a->where == b->where;
}

static outcome *find(const outcomes *all, const outcome *o)
{
    for (size_t i = 0; i < all->n; i++)
        if (outcome_is(&all->list[i], o))
            return &all->list[i];
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

static void count_in(outcome *o, const seeds_config *config,
                     const seeds_result *results)
{
    uint64_t *digests = args_alloc(o->n, sizeof(*digests));
    uint64_t *orders = args_alloc(o->n, sizeof(*orders));
    size_t n = 0;

    for (size_t i = 0; i < config->n; i++) {
        const outcome is = outcome_of(&results[i]);
        if (!outcome_is(&is, o))
            continue;
        digests[n] = results[i].world.digest;
        orders[n++] = results[i].orders;
    }
    assert(n == o->n);
    o->digests = count_different(digests, n);
    o->orders = count_different(orders, n);
    free(digests);
    free(orders);
}

outcomes outcomes_of(const seeds_config *config, const seeds_result *results,
                     char *const *texts)
{
    outcomes all = { .list = args_alloc(config->n, sizeof(*all.list)) };

    for (size_t i = 0; i < config->n; i++) {
        const outcome is = outcome_of(&results[i]);
        outcome *o = find(&all, &is);
        if (o == NULL) {
            o = &all.list[all.n++];
            *o = is;
            o->first = i;
            o->said = texts[i];
        }
        o->n++;
    }
    for (size_t i = 0; i < all.n; i++)
        count_in(&all.list[i], config, results);
    return all;
}

void outcomes_free(outcomes *all)
{
    free(all->list);
    *all = (outcomes){ 0 };
}

bool outcomes_failed(const outcomes *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (all->list[i].failed)
            return true;
    return false;
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

static bool show_table(const outcomes *all, const seeds_config *c)
{
    const rows_table rows = { stdout, c->format, columns,
                              sizeof(columns) / sizeof(*columns) };
    bool written = rows_begin(&rows);

    for (size_t i = 0; i < all->n && written; i++) {
        const row is = { &all->list[i], c->first + all->list[i].first };
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

failure outcomes_show(const outcomes *all, const seeds_config *c)
{
    if (!show_table(all, c))
        return failure_of_output();
    for (size_t i = 0; i < all->n && rows_for_people(c->format); i++)
        if (all->list[i].failed)
            show_failure(c, &all->list[i]);
    return fflush(stdout) == 0 ? SUCCESS : failure_of_output();
}
