/* See grid.h. */

#include "bench/sweep/grid.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/sweep/json.h"

#define MOST_POINTS ((uint64_t)1 << 62)
#define MOST_VALUES 1e7 /* of a range */

enum { ROOM = 5 }; /* behind a string that is read */

static char *copy(const char *text, size_t n)
{
    return args_need(strndup(text, n));
}

/* ---- Seeds ----------------------------------------------------------------*/

/* A whole number, maybe with k, M or G; NULL: it is none. */
static const char *read_count(const char *at, uint64_t *count)
{
    static const char units[] = "kMG";
    const char *unit;
    char *end;

    if (!isdigit((unsigned char)*at))
        return NULL;
    errno = 0;
    *count = strtoull(at, &end, 10);
    if (errno != 0)
        return NULL;
    unit = *end == '\0' ? NULL : strchr(units, *end);
    if (unit == NULL)
        return end;
    for (const char *u = units; u <= unit; u++) {
        if (*count > UINT64_MAX / 1000)
            return NULL;
        *count *= 1000;
    }
    return end + 1;
}

static bool read_range(grid *g, const char *text, uint64_t *last)
{
    const char *at = read_count(text, last);

    g->first = 1;
    if (at == NULL || (*at != '\0' && *at != '-'))
        return false;
    if (*at == '\0')
        return *last >= 1;
    g->first = *last;
    g->endless = at[1] == '\0';
    if (g->endless)
        return true;
    at = read_count(at + 1, last);
    return at != NULL && *at == '\0' && *last >= g->first;
}

static failure read_seeds(grid *g, const char *text)
{
    uint64_t last;

    if (!read_range(g, text, &last))
        return failure_new(BAD_USAGE,
                           "--seeds: bad value '%s'; allowed: how many, "
                           "FROM-TO, or FROM- without an end, as in 100k",
                           text);
    if (g->endless)
        last = g->first + MOST_POINTS / g->combinations - 1;
    if (last < g->first || last - g->first >= MOST_POINTS / g->combinations)
        return failure_new(BAD_USAGE,
                           "--seeds: %s of them for each of %llu combinations "
                           "are too many; there may be 2^62 points",
                           text, (unsigned long long)g->combinations);
    g->points = (last - g->first + 1) * g->combinations;
    return SUCCESS;
}

/* ---- Values ---------------------------------------------------------------*/

static void add_value(grid_axis *a, const char *text, size_t n)
{
    a->values = args_realloc(a->values, a->n + 1, sizeof(*a->values));
    a->values[a->n++] = copy(text, n);
}

/* What is whole stays whole; the noise of a step of 0.1 is rounded off. */
static void add_number(grid_axis *a, double x)
{
    char text[40];
    int n = snprintf(text, sizeof(text),
                     x == rint(x) && fabs(x) < 0x1p53 ? "%.0f" : "%.12g",
                     x == 0 ? 0 : x);

    add_value(a, text, (size_t)n);
}

typedef struct range {
    double from;
    double to;
    double step;
    bool times; /* step is a factor */
} range;

/* Whether a text is FROM:TO:STEP. */
static bool is_range(const char *text, size_t n, range *r)
{
    char *whole = copy(text, n);
    char *at = whole;
    double *const parts[] = { &r->from, &r->to, &r->step };
    bool good = true;

    r->times = false;
    for (size_t i = 0; i < 3 && good; i++) {
        char *end;

        if (i == 2 && *at == '*') {
            r->times = true;
            at++;
        }
        *parts[i] = strtod(at, &end);
        good = end != at && isfinite(*parts[i]) && *end == (i < 2 ? ':' : '\0');
        at = end + 1;
    }
    free(whole);
    return good;
}

static double range_value(const range *r, double i)
{
    return r->times ? r->from * pow(r->step, i) : r->from + i * r->step;
}

/* How many values it has; 0: it never comes from one end to the other. */
static double range_size(const range *r)
{
    double n;

    if (r->times)
        n = r->step > 0 && r->step != 1 && r->from != 0 && r->to / r->from > 0
                ? log(r->to / r->from) / log(r->step)
                : -1;
    else
        n = r->step != 0 ? (r->to - r->from) / r->step : -1;
    return floor(n * (1 + 1e-12) + 1e-9) + 1;
}

static failure add_range(grid_axis *a, const range *r, const char *text,
                         size_t n)
{
    const double size = range_size(r);

    if (!(size >= 1) || size > MOST_VALUES)
        return failure_new(BAD_USAGE,
                           "--set %s: '%.*s' leads from nowhere to nowhere, or "
                           "has more than %g values",
                           a->name, (int)n, text, MOST_VALUES);
    for (double i = 0; i < size; i++)
        add_number(a, range_value(r, i));
    return SUCCESS;
}

static failure add_values(grid_axis *a, const char *text, size_t n)
{
    failure why = SUCCESS;

    for (size_t from = 0; from <= n && why.status == 0;) {
        const char *comma = memchr(text + from, ',', n - from);
        const size_t to = comma == NULL ? n : (size_t)(comma - text);
        range r;

        if (is_range(text + from, to - from, &r))
            why = add_range(a, &r, text + from, to - from);
        else
            add_value(a, text + from, to - from);
        from = to + 1;
    }
    return why;
}

/* ---- Axes -----------------------------------------------------------------*/

/* How long a name is that begins there; 0: none does. */
static size_t name_length(const char *at)
{
    size_t n = 0;

    while (isalnum((unsigned char)at[n]) || at[n] == '_')
        n++;
    return isdigit((unsigned char)at[0]) ? 0 : n;
}

static size_t find_axis(const grid *g, const char *name, size_t n)
{
    for (size_t i = 0; i < g->num_axes; i++)
        if (strlen(g->axes[i].name) == n &&
            memcmp(g->axes[i].name, name, n) == 0)
            return i;
    return SIZE_MAX;
}

/* Members of each line of results. */
static bool is_taken(const char *name, size_t n)
{
    static const char *const taken[] = { "point", "seed",         "status",
                                         "end",   "text",         "said",
                                         "run",   "seconds",      "try",
                                         "twice", "distsys_sweep" };

    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
        if (strlen(taken[i]) == n && memcmp(taken[i], name, n) == 0)
            return true;
    return false;
}

static failure add_axis(grid *g, const char *text, size_t n)
{
    const size_t length = name_length(text);

    if (length == 0 || text[length] != '=')
        return failure_new(BAD_USAGE,
                           "--set: bad value '%.*s'; allowed: NAME=VALUE,... "
                           "or NAME=FROM:TO:STEP",
                           (int)n, text);
    if (is_taken(text, length))
        return failure_new(BAD_USAGE,
                           "--set: '%.*s' is what something else is called in "
                           "the results; choose another name",
                           (int)length, text);
    if (find_axis(g, text, length) != SIZE_MAX)
        return failure_new(BAD_USAGE, "--set: '%.*s' is there twice",
                           (int)length, text);
    g->axes = args_realloc(g->axes, g->num_axes + 1, sizeof(*g->axes));
    grid_axis *a = &g->axes[g->num_axes++];
    *a = (grid_axis){ .name = copy(text, length) };
    failure why = add_values(a, text + length + 1, n - length - 1);
    if (why.status != 0)
        return why;
    if (g->combinations > MOST_POINTS / a->n)
        return failure_new(BAD_USAGE, "--set: there are more than 2^62 points");
    g->combinations *= a->n;
    return SUCCESS;
}

static failure read_axes(grid *g, const char *sets)
{
    failure why = SUCCESS;

    while (sets != NULL && *sets != '\0' && why.status == 0) {
        const size_t n = strcspn(sets, "\n");

        why = add_axis(g, sets, n);
        sets += n + (sets[n] == '\n');
    }
    return why;
}

/* ---- The command ----------------------------------------------------------*/

/* What stands at a place of a word of the command: {name}, of which it stores
 * the axis, or num_axes for the seed; {{, which is {; or something else, of one
 * character.  Returns how long it is. */
typedef enum piece { PLAIN, BRACE, VALUE, UNKNOWN } piece;

static size_t read_piece(const grid *g, const char *at, piece *kind,
                         size_t *axis)
{
    size_t n;

    *kind = PLAIN;
    if (at[0] != '{')
        return 1;
    if (at[1] == '{') {
        *kind = BRACE;
        return 2;
    }
    n = name_length(at + 1);
    if (n == 0 || at[1 + n] != '}')
        return 1;
    *axis = n == 4 && memcmp(at + 1, "seed", 4) == 0 ? g->num_axes
                                                     : find_axis(g, at + 1, n);
    *kind = *axis == SIZE_MAX ? UNKNOWN : VALUE;
    return n + 2;
}

static failure check_word(const grid *g, const char *word, bool *used)
{
    piece kind;
    size_t axis;

    for (size_t n; *word != '\0'; word += n) {
        n = read_piece(g, word, &kind, &axis);
        if (kind == UNKNOWN)
            return failure_new(BAD_USAGE,
                               "the command has %.*s, and no --set says what "
                               "that is; {{ stands for {",
                               (int)n, word);
        if (kind == VALUE)
            used[axis] = true;
    }
    return SUCCESS;
}

static failure check_command(const grid *g)
{
    bool *used = args_alloc(g->num_axes + 1, sizeof(*used));
    failure why = SUCCESS;

    for (char **word = g->command; *word != NULL && why.status == 0; word++)
        why = check_word(g, *word, used);
    for (size_t i = 0; i < g->num_axes && why.status == 0; i++)
        if (!used[i])
            why = failure_new(BAD_USAGE,
                              "--set %s: the command has no {%s} in it",
                              g->axes[i].name, g->axes[i].name);
    free(used);
    return why;
}

static void put_word(const grid *g, uint64_t point, const char *word,
                     FILE *file)
{
    piece kind;
    size_t axis;

    for (size_t n; *word != '\0'; word += n) {
        n = read_piece(g, word, &kind, &axis);
        if (kind == VALUE && axis == g->num_axes)
            fprintf(file, "%llu", (unsigned long long)grid_seed(g, point));
        else if (kind == VALUE)
            fputs(grid_value(g, point, axis), file);
        else
            fputc(*word, file);
    }
}

static char *word_of(const grid *g, uint64_t point, const char *word)
{
    char *text = NULL;
    size_t size;
    FILE *file = args_need(open_memstream(&text, &size));

    put_word(g, point, word, file);
    if (fclose(file) != 0)
        text = args_need(NULL);
    return text;
}

char **grid_command(const grid *g, uint64_t point)
{
    size_t n = 0;

    while (g->command[n] != NULL)
        n++;
    char **command = args_alloc(n + 1, sizeof(*command));
    for (size_t i = 0; i < n; i++)
        command[i] = word_of(g, point, g->command[i]);
    return command;
}

void grid_command_free(char **command)
{
    for (char **word = command; word != NULL && *word != NULL; word++)
        free(*word);
    free(command);
}

static void put_quoted(const char *word, FILE *file)
{
    if (*word != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-+=./:,@%")] == '\0') {
        fputs(word, file);
        return;
    }
    fputc('\'', file);
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", file);
        else
            fputc(*word, file);
    fputc('\'', file);
}

void grid_put_command(const grid *g, uint64_t point, FILE *file)
{
    char **command = grid_command(g, point);

    fprintf(file, "DISTSYS_SEED=%llu", (unsigned long long)grid_seed(g, point));
    for (char **word = command; *word != NULL; word++) {
        fputc(' ', file);
        put_quoted(*word, file);
    }
    grid_command_free(command);
}

/* ---- The build ------------------------------------------------------------*/

static bool is_program(const char *path)
{
    struct stat s;

    return access(path, X_OK) == 0 && stat(path, &s) == 0 && S_ISREG(s.st_mode);
}

/* Finds it as execvp() does; NULL: it is nowhere. */
static char *find_program(const char *name)
{
    const char *path = getenv("PATH");
    char *found;

    if (strchr(name, '/') != NULL)
        return is_program(name) ? copy(name, strlen(name)) : NULL;
    while (path != NULL) {
        const size_t n = strcspn(path, ":");

        if (asprintf(&found, "%.*s%s%s", (int)n, path, n > 0 ? "/" : "", name) <
            0)
            found = args_need(NULL);
        if (is_program(found))
            return found;
        free(found);
        path = path[n] == ':' ? path + n + 1 : NULL;
    }
    return NULL;
}

/* FNV-1a of all that is in the file. */
static failure hash_file(grid *g, const char *name)
{
    FILE *file = fopen(name, "rbe");
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    unsigned char buf[65536];
    size_t n;

    if (file == NULL)
        return failure_new(BAD_USAGE, "%s: %s", name, strerror(errno));
    while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
        for (size_t i = 0; i < n; i++)
            hash = (hash ^ buf[i]) * UINT64_C(0x100000001b3);
    fclose(file);
    snprintf(g->build, sizeof(g->build), "%016llx", (unsigned long long)hash);
    return SUCCESS;
}

static failure find_build(grid *g)
{
    char *name;
    failure why;

    if (strchr(g->command[0], '{') != NULL)
        return SUCCESS;
    name = find_program(g->command[0]);
    if (name == NULL)
        return failure_new(BAD_USAGE,
                           "%s: there is no such program that can be run",
                           g->command[0]);
    why = hash_file(g, name);
    free(name);
    return why;
}

/* ---- All of it ------------------------------------------------------------*/

failure grid_read(grid *g, const char *seeds, const char *sets, char **command)
{
    failure why;

    *g = (grid){ .combinations = 1, .command = command };
    why = read_axes(g, sets);
    if (why.status == 0)
        why = read_seeds(g, seeds);
    if (why.status == 0)
        why = check_command(g);
    if (why.status == 0)
        why = find_build(g);
    return why;
}

void grid_free(grid *g)
{
    for (size_t i = 0; i < g->num_axes; i++) {
        for (size_t k = 0; k < g->axes[i].n; k++)
            free(g->axes[i].values[k]);
        free(g->axes[i].values);
        free(g->axes[i].name);
    }
    free(g->axes);
    if (g->owned)
        grid_command_free(g->command);
}

uint64_t grid_seed(const grid *g, uint64_t point)
{
    return g->first + point / g->combinations;
}

/* The last axis varies fastest. */
const char *grid_value(const grid *g, uint64_t point, size_t axis)
{
    uint64_t place = point % g->combinations;

    assert(axis < g->num_axes);
    for (size_t i = g->num_axes - 1; i > axis; i--)
        place /= g->axes[i].n;
    return g->axes[axis].values[place % g->axes[axis].n];
}

static void put_value(const char *value, FILE *file)
{
    if (json_is_number(value))
        fputs(value, file);
    else
        json_put_text(file, value, strlen(value));
}

void grid_put_values(const grid *g, uint64_t point, FILE *file)
{
    fprintf(file, ", \"seed\": %llu", (unsigned long long)grid_seed(g, point));
    for (size_t i = 0; i < g->num_axes; i++) {
        fprintf(file, ", \"%s\": ", g->axes[i].name);
        put_value(grid_value(g, point, i), file);
    }
}

/* ---- The head of a file ---------------------------------------------------*/

static void put_list(char *const *texts, FILE *file)
{
    fputc('[', file);
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (i > 0)
            fputs(", ", file);
        json_put_text(file, texts[i], strlen(texts[i]));
    }
    fputc(']', file);
}

static void put_axis(const grid_axis *a, FILE *file)
{
    fprintf(file, "\"%s\": [", a->name);
    for (size_t i = 0; i < a->n; i++) {
        if (i > 0)
            fputs(", ", file);
        put_value(a->values[i], file);
    }
    fputc(']', file);
}

void grid_put_head(const grid *g, FILE *file)
{
    fprintf(file, "{\"distsys_sweep\": 1, \"from\": %llu, \"set\": {",
            (unsigned long long)g->first);
    for (size_t i = 0; i < g->num_axes; i++) {
        if (i > 0)
            fputs(", ", file);
        put_axis(&g->axes[i], file);
    }
    fputs("}, \"command\": ", file);
    put_list(g->command, file);
    fprintf(file, ", \"build\": \"%s\"}\n", g->build);
}

char *grid_head(const grid *g, size_t *n)
{
    char *line = NULL;
    FILE *file = args_need(open_memstream(&line, n));

    grid_put_head(g, file);
    if (fclose(file) != 0)
        args_need(NULL);
    return line;
}

/* What is compared, what it is called, and whether points are others if it
 * differs. */
static const struct {
    const char *key;
    const char *what;
    bool always;
} compared[] = {
    { "distsys_sweep", "the form of the file", true },
    { "from", "the first seed", true },
    { "set", "--set", true },
    { "command", "the command", false },
    { "build", "the program", false },
};

static bool are_equal(json_part a, json_part b)
{
    return a.n == b.n && memcmp(a.at, b.at, a.n) == 0;
}

/* Of long ones the beginning. */
static int shown(json_part part)
{
    return part.n > 100 ? 100 : (int)part.n;
}

static failure compare(json_part old, json_part now, const char *file,
                       bool forced, bool *same)
{
    json_part a, b;

    for (size_t i = 0; i < sizeof(compared) / sizeof(*compared); i++) {
        if (!json_find(old, compared[i].key, &a))
            a = (json_part){ "nothing", 7 };
        if (!json_find(now, compared[i].key, &b) || are_equal(a, b))
            continue;
        *same = false;
        if (compared[i].always || !forced)
            return failure_new(
                BAD_USAGE,
                "%s is of another sweep: %s was %.*s and is "
                "%.*s%s",
                file, compared[i].what, shown(a), a.at, shown(b), b.at,
                compared[i].always ? "; take another folder"
                                   : "; take another folder, or --force");
    }
    return SUCCESS;
}

failure grid_compare(const grid *g, const char *line, size_t n,
                     const char *file, bool forced, bool *same)
{
    size_t size;
    char *now = grid_head(g, &size);

    *same = true;
    failure why = compare((json_part){ line, n }, (json_part){ now, size - 1 },
                          file, forced, same);
    free(now);
    return why;
}

/* ---- A grid of a head -----------------------------------------------------*/

/* Of a string, or as it stands there; to be freed. */
static char *value_text(json_part value)
{
    char *text = args_alloc(value.n + ROOM, 1);

    if (!json_text(value, text, value.n + ROOM))
        memcpy(text, value.at, value.n);
    return text;
}

static void read_list(json_part array, char ***list, size_t *n)
{
    json_part value;

    for (size_t next = 0; json_next_element(array, &next, &value);) {
        *list = args_realloc(*list, *n + 2, sizeof(**list));
        (*list)[(*n)++] = value_text(value);
        (*list)[*n] = NULL;
    }
}

/* False: a list is empty, or there are too many points. */
static bool read_head_axis(grid *g, json_part key, json_part values)
{
    g->axes = args_realloc(g->axes, g->num_axes + 1, sizeof(*g->axes));
    grid_axis *a = &g->axes[g->num_axes++];
    *a = (grid_axis){ .name = copy(key.at, key.n) };
    if (values.at[0] == '[')
        read_list(values, &a->values, &a->n);
    if (a->n == 0 || g->combinations > MOST_POINTS / a->n)
        return false;
    g->combinations *= a->n;
    return true;
}

static bool read_head_axes(grid *g, json_part set)
{
    json_part key, value;

    if (set.at[0] != '{')
        return false;
    for (size_t next = 0; json_next(set, &next, &key, &value);)
        if (!read_head_axis(g, key, value))
            return false;
    return true;
}

bool grid_read_head(grid *g, const char *line, size_t n)
{
    const json_part head = { line, n };
    json_part value;
    size_t words = 0;

    *g = (grid){ .combinations = 1, .endless = true, .owned = true };
    if (!json_is_object(line, n) || !json_find(head, "distsys_sweep", &value) ||
        !json_find(head, "from", &value) || !json_word(value, &g->first) ||
        !json_find(head, "set", &value) || !read_head_axes(g, value) ||
        !json_find(head, "command", &value) || value.at[0] != '[')
        return false;
    read_list(value, &g->command, &words);
    if (json_find(head, "build", &value))
        json_text(value, g->build, sizeof(g->build));
    g->points = MOST_POINTS / g->combinations * g->combinations;
    return words > 0;
}
