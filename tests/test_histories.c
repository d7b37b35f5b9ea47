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

/* Some reports as they are, each a kind of its own. */
static const struct {
    const char *name;
    const char *report;
} shown[] = {
    { "etcd-003", "nil-register, key 0: not linearizable, but sequentially cons"
                  "istent: a stale read\n"
                  "  process 3  write(4)    |--------|                         "
                  "             20 - 23\n"
                  "  process 5  write(3)                      |--------|       "
                  "             29 - 31\n"
                  "  process 7  read() = 4                                     "
                  " |--------|  35 - 36\n"
                  "                            ^ has no place: the register cou"
                  "ld only be 0, 2 or 3" },
    { "etcd-006", "nil-register, key 0: not linearizable, but sequentially cons"
                  "istent: a stale read\n"
                  "  process 2  write(1)       |-----|                         "
                  "             12 - 14\n"
                  "  process 1  cas(1, 3) = 1              |-----|             "
                  "             19 - 21\n"
                  "  process 4  write(1)                               |-----| "
                  "             23 - 24\n"
                  "  process 7  read() = 3                                     "
                  "    |-----|  38 - 39\n"
                  "                            ^ has no place: the register cou"
                  "ld only be 0, 1 or 2" },
    { "etcd-008", "nil-register, key 0: not linearizable\n"
                  "  process 4  write(3)    |~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
                  "~~~~  23 - no answer\n"
                  "  process 2  write(2)          |-----|                      "
                  "      26 - 27\n"
                  "  process 5  read() = 3                     |-----|         "
                  "      29 - 30\n"
                  "  process 2  read() = 2                                 |---"
                  "---|  30 - 31\n"
                  "                                              ^ has no place"
                  ": the register was 3" },
    { "etcd-020", "nil-register, key 0: not linearizable\n"
                  "  process 1  write(1)       |---|                           "
                  "      14 - 16\n"
                  "  process 4  write(3)               |~~~~~~~~~~~~~~~~~~~~~~~"
                  "~~~~  21 - no answer\n"
                  "  process 6  read() = 3                  |---|              "
                  "      28 - 29\n"
                  "  process 3  cas(4, 1) = 0                       |----|     "
                  "      29 - 30\n"
                  "  process 7  read() = 1                                   |-"
                  "---|  30 - 31\n"
                  "                         ^ has no place: the register could "
                  "only be 0, 2, 3 or 4" },
    { "bad-bad-analysis",
      "nil-register, key 0: not linearizable, nor sequentially cons"
      "istent\n"
      "  process 0  write(2)    |--------|                         "
      "               0 - 1\n"
      "  process 2  write(4)                      |---------|      "
      "               2 - 3\n"
      "  process 8  read() = 2                                     "
      "  |---------|  8 - 9\n"
      "                            ^ has no place: the register cou"
      "ld only be 0, 1 or 4" },
};

START_TEST(a_report_is_short_and_tells_what_was_overwritten)
{
    char why[8192];

    read_all();
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].name, shown[_i].name) != 0)
            continue;
        ds_history_check(all[i].history, all[i].model, 0, why, sizeof(why));
        ck_assert_str_eq(why, shown[_i].report);
    }
    free_all();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_public_history_has_its_public_verdict);
    tcase_add_loop_test(tc, a_report_is_short_and_tells_what_was_overwritten, 0,
                        sizeof(shown) / sizeof(*shown));
    tcase_add_test(tc, what_is_wrong_with_them_can_be_said_in_a_few_calls);
}

int main(void)
{
    return harness_main("histories", add);
}
