/* Histories with public verdicts, from tests/histories.txt. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/history.h>

#include "harness.h"

typedef struct known {
    char name[64];
    const ds_model *model;
    bool linearizable;
    ds_history *history;
} known;

enum { most = 200, processes = 26 };

static known all[most];
static size_t count;

/* ---- The file -------------------------------------------------------------*/

static int64_t value(const char **at)
{
    const char c = *(*at)++;

    return c == 'n' ? DS_NIL : c - '0';
}

static int op_of(char c)
{
    static const char letters[] = "rwcal";
    static const int ops[] = { DS_READ, DS_WRITE, DS_CAS, DS_ACQUIRE,
                               DS_RELEASE };
    const char *at = strchr(letters, c);

    ck_assert_msg(c != '\0' && at != NULL, "operation %c", c);
    return ops[at - letters];
}

static void begin(ds_history *history, size_t *calls, const char **at)
{
    const int process = *(*at)++ - 'a';
    const char letter = *(*at)++;
    int64_t args[2] = { 0, 0 };

    for (int i = 0; i < (letter == 'w') + 2 * (letter == 'c'); i++)
        args[i] = value(at);
    calls[process] =
        ds_history_begin(history, (double)ds_history_size(history),
                         (uint64_t)process, op_of(letter), 0, args[0], args[1]);
}

static void end(ds_history *history, const size_t *calls, const char **at)
{
    const int process = *(*at)++ - 'A';
    int64_t result = 0;

    if (**at == '.')
        ++*at;
    else
        result = value(at);
    ds_history_end(history, (double)ds_history_size(history), calls[process],
                   result);
}

static void add_events(ds_history *history, size_t *calls, const char *line)
{
    while (*line != '\n')
        if (*line >= 'a')
            begin(history, calls, &line);
        else
            end(history, calls, &line);
}

/* Reads the lines of one history, up to an empty one. */
static void read_one(FILE *file, const char *title)
{
    known *k = &all[count++];
    size_t calls[processes];
    char line[128], model[16], verdict[8];

    ck_assert_uint_le(count, most);
    ck_assert_int_eq(sscanf(title, "%63s %15s %7s", k->name, model, verdict),
                     3);
    k->model =
        strcmp(model, "mutex") == 0 ? &ds_mutex_model : &ds_nil_register_model;
    k->linearizable = strcmp(verdict, "yes") == 0;
    k->history = ds_history_new();
    while (fgets(line, sizeof(line), file) != NULL && *line != '\n')
        add_events(k->history, calls, line);
}

static void read_all(void)
{
    const char *srcdir = getenv("srcdir");
    char line[128];

    snprintf(line, sizeof(line), "%s/tests/histories.txt",
             srcdir == NULL ? "." : srcdir);
    FILE *file = fopen(line, "r");
    ck_assert_msg(file != NULL, "%s", line);
    while (fgets(line, sizeof(line), file) != NULL)
        if (*line != '#' && *line != '\n')
            read_one(file, line);
    fclose(file);
}

static void free_all(void)
{
    while (count > 0)
        ds_history_free(all[--count].history);
}

/* ---- The verdicts ---------------------------------------------------------*/

START_TEST(every_public_history_has_its_public_verdict)
{
    read_all();
    for (size_t i = 0; i < count; i++) {
        const ds_verdict verdict =
            ds_history_check(all[i].history, all[i].model, 0, NULL, 0);
        ck_assert_msg(verdict == (all[i].linearizable ? DS_LINEARIZABLE
                                                      : DS_NOT_LINEARIZABLE),
                      "%s: %d", all[i].name, verdict);
    }
    ck_assert_uint_eq(count, 148);
    free_all();
}
END_TEST

START_TEST(what_is_wrong_with_them_can_be_said_in_a_few_calls)
{
    char why[8192];

    read_all();
    for (size_t i = 0; i < count; i++) {
        if (all[i].linearizable)
            continue;
        ds_history_check(all[i].history, all[i].model, 0, why, sizeof(why));
        ck_assert_msg(strstr(why, "no place") != NULL, "%s: %s", all[i].name,
                      why);
    }
    free_all();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_public_history_has_its_public_verdict);
    tcase_add_test(tc, what_is_wrong_with_them_can_be_said_in_a_few_calls);
}

int main(void)
{
    return harness_main("histories", add);
}
