/* Chooses by rules, and keeps what could not be as they say. */

#include "bench/mpirun/choose.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/common/rules.h"
#include "mpi/turn.h"

/* ---- What can be ----------------------------------------------------------*/

/* Why an algorithm cannot do it; NULL: it can. */
static const char *obstacle(const ds_collective *how, const ds__case *what)
{
    const bool reduces =
        (ds_collective_kind_traits(what->kind) & DS_TRAIT_REDUCES) != 0;

    if (!what->even && (how->traits & DS_TRAIT_PARTS) == 0)
        return "parts differ in length";
    if (reduces && !what->commutes && (how->traits & DS_TRAIT_COMMUTATIVE) != 0)
        return "the operator does not commute";
    if ((how->traits & DS_TRAIT_POWER) != 0 && (what->p & (what->p - 1)) != 0)
        return "the number of ranks is no power of two";
    if (how->group != 0 && what->p % how->group != 0)
        return "its groups do not divide the ranks";
    return NULL;
}

static const ds_collective *best(const chooser *c, const ds__case *what)
{
    const ds_collective *found = NULL;
    double least = INFINITY;
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    for (size_t i = 0; i < n; i++) {
        if (all[i]->kind != what->kind || all[i]->cost == NULL ||
            obstacle(all[i], what) != NULL)
            continue;
        const double seconds =
            ds__turn_form(all[i], what, c->latency, c->rate, c->reading);
        if (seconds < least) {
            least = seconds;
            found = all[i];
        }
    }
    return found;
}

/* ---- What a library does --------------------------------------------------*/

/* Its algorithm by name; "": the only one that is here. */
static const char *by_library(const ds__case *what, size_t library)
{
    const rules *known = rules_of(what->kind);
    const rule_case c = {
        .p = what->p,
        .len = what->len,
        .size = what->size,
        .commutes = what->commutes,
        .predefined = what->predefined,
    };

    if (library >= known->n)
        return NULL;
    return known->rule[library].choose == NULL
               ? ""
               : known->rule[library].choose(&c);
}

/* Returns what a rule wants; NULL: it is not here, or any will do. */
static const ds_collective *wanted(const chooser *c, const choose_rule *r,
                                   const ds__case *what, bool *known)
{
    const char *name = "";

    *known = true;
    if (r->who == CHOOSE_GIVEN)
        return r->how;
    if (r->who == CHOOSE_BEST)
        return best(c, what);
    name = by_library(what, r->who == CHOOSE_OMPI);
    *known = name != NULL;
    return name == NULL || name[0] == '\0' ? NULL
                                           : rules_find(what->kind, name);
}

/* ---- Choosing -------------------------------------------------------------*/

static bool contains(const choose_span *span, double x)
{
    return x >= span->least && x <= span->most;
}

static const choose_rule *rule_for(const chooser *c, const ds__case *what)
{
    const double bytes = (double)what->len * (double)what->size;

    for (size_t i = 0; i < c->n; i++) {
        const choose_rule *r = &c->rules[i];
        if ((r->kind == 0 || r->kind == what->kind) &&
            contains(&r->ranks, (double)what->p) &&
            contains(&r->bytes, bytes) &&
            contains(&r->count, (double)what->len))
            return r;
    }
    return NULL;
}

static void note(chooser *c, const choose_rule *of, const char *how,
                 const char *instead, const char *why)
{
    for (size_t i = 0; i < c->num_notes; i++) {
        choose_note *n = &c->notes[i];
        if (n->rule == of && n->wanted == how && n->instead == instead &&
            n->why == why) {
            n->calls++;
            return;
        }
    }
    c->notes = ds__mpi_realloc(c->notes, c->num_notes + 1, sizeof(*c->notes));
    c->notes[c->num_notes++] = (choose_note){ of, how, instead, why, 1 };
}

const ds_collective *choose(void *arg, const ds__case *what)
{
    chooser *c = arg;
    const choose_rule *r = rule_for(c, what);
    bool known;

    /* Of parts of different lengths libraries know other ways, and closed
     * forms are of none. */
    if (r == NULL || (!what->even && r->who != CHOOSE_GIVEN))
        return NULL;
    const ds_collective *how = wanted(c, r, what, &known);
    const char *why = how == NULL ? NULL : obstacle(how, what);
    if (known && why == NULL)
        return how;
    if (what->rank == 0)
        note(c, r, how == NULL ? NULL : how->name, what->usual,
             known ? why : "what it does is not among the algorithms");
    return NULL;
}

void choose_report(const chooser *c, const char *program)
{
    for (size_t i = 0; i < c->num_notes; i++) {
        const choose_note *n = &c->notes[i];
        const bool told = n->wanted != NULL && n->rule->how == NULL;
        fprintf(stderr, "%s: --coll %s: %s%s%llu call%s done by %s, since %s\n",
                program, n->rule->text, told ? n->wanted : "", told ? ": " : "",
                n->calls, n->calls == 1 ? " was" : "s were", n->instead,
                n->why);
    }
}

/* ---- Reading --------------------------------------------------------------*/

static const char *const whos[] = {
    [CHOOSE_MPICH] = "mpich",
    [CHOOSE_OMPI] = "ompi",
    [CHOOSE_BEST] = "best",
};
enum { WHOS = sizeof(whos) / sizeof(*whos) };
#define WHO_NAMES "mpich, ompi, best"

/* CHOOSE_GIVEN: it is nobody. */
static choose_who find_who(const char *text)
{
    for (size_t i = 1; i < WHOS; i++)
        if (strcmp(whos[i], text) == 0)
            return (choose_who)i;
    return CHOOSE_GIVEN;
}

static const choose_span everything = { 0, INFINITY };

static choose_rule *add(chooser *c, const char *text)
{
    c->rules = ds__mpi_realloc(c->rules, c->n + 1, sizeof(*c->rules));
    choose_rule *r = &c->rules[c->n++];
    const size_t size = strlen(text) + 1;

    *r = (choose_rule){
        .text = memcpy(ds__mpi_room(size), text, size),
        .ranks = everything,
        .bytes = everything,
        .count = everything,
    };
    return r;
}

/* Adds ", name" to what an error lists. */
static void list(ds__text *text, const char *name)
{
    ds__text_add(text, "%s%s", text->used == 0 ? "" : ", ", name);
}

/* label is where it stands, such as --coll, or a line of a file. */
static failure read_kind(const char *label, const char *name,
                         ds_collective_kind *kind)
{
    char buf[256];
    ds__text all;

    ds__text_init(&all, buf, sizeof(buf));
    for (int k = 1; ds_collective_kind_name((ds_collective_kind)k) != NULL;
         k++) {
        *kind = (ds_collective_kind)k;
        if (strcmp(ds_collective_kind_name(*kind), name) == 0)
            return SUCCESS;
        list(&all, ds_collective_kind_name(*kind));
    }
    return failure_new(BAD_USAGE,
                       "%s: there is no collective '%s'; allowed: %s", label,
                       name, buf);
}

/* Its name, or what is left of that without the name of the kind. */
static const ds_collective *find_how(ds_collective_kind kind, const char *name)
{
    char buf[128];
    ds__text text;
    const ds_collective *how = rules_find(kind, name);

    if (how != NULL || kind == 0)
        return how;
    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s-%s", ds_collective_kind_name(kind), name);
    return rules_find(kind, buf);
}

/* An algorithm of a rule's kind, or who knows one. */
static failure read_how(const char *label, const char *name, choose_rule *r,
                        bool on_switch)
{
    char buf[512];
    ds__text text;
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    r->who = find_who(name);
    if (r->who == CHOOSE_BEST && !on_switch)
        return failure_new(BAD_USAGE,
                           "%s: best: closed forms are of the switch, not of a "
                           "topology; allowed: mpich, ompi, algorithms",
                           label);
    if (r->who != CHOOSE_GIVEN)
        return SUCCESS;
    ds__text_init(&text, buf, sizeof(buf));
    r->how = find_how(r->kind, name);
    if (r->how != NULL)
        return SUCCESS;
    for (size_t i = 0; i < n; i++)
        if (all[i]->kind == r->kind)
            list(&text, all[i]->name);
    return failure_new(
        BAD_USAGE,
        "%s: there is no algorithm '%s' of %s; allowed: " WHO_NAMES ", %s",
        label, name, ds_collective_kind_name(r->kind), buf);
}

/* ---- Conditions -----------------------------------------------------------*/

static const args_range number_range = {
    .allowed = "numbers from 0 to 1e15, also as in 64k, 1M",
    .max = 1e15,
    .units = args_counts,
};

static failure bad_condition(const char *label, const char *text)
{
    return failure_new(BAD_USAGE,
                       "%s: bad condition '%s'; allowed: p, bytes or count, "
                       "then <, <=, =, >= or >, then a number",
                       label, text);
}

/* What is less than a whole number is at most the one before it. */
static void narrow(choose_span *span, const char *sign, double x)
{
    if (sign[0] == '<')
        span->most = fmin(span->most, sign[1] == '=' ? x : ceil(x) - 1);
    else if (sign[0] == '>')
        span->least = fmax(span->least, sign[1] == '=' ? x : floor(x) + 1);
    else
        *span = (choose_span){ fmax(span->least, x), fmin(span->most, x) };
}

static failure read_condition(const char *label, const char *text,
                              choose_rule *r)
{
    const size_t name = strcspn(text, "<>=");
    const char *sign = text + name;
    const args_option number = { .type = ARGS_REAL, .range = &number_range };
    choose_span *span =
        strncmp(text, "p", name) == 0 && name == 1       ? &r->ranks
        : strncmp(text, "bytes", name) == 0 && name == 5 ? &r->bytes
        : strncmp(text, "count", name) == 0 && name == 5 ? &r->count
                                                         : NULL;
    const size_t length =
        sign[0] != '=' && sign[0] != '\0' && sign[1] == '=' ? 2 : 1;
    double x;

    if (span == NULL || sign[0] == '\0')
        return bad_condition(label, text);
    failure why = args_read(&number, label, sign + length, &x);
    if (why.status == 0)
        narrow(span, sign, x);
    return why;
}

/* ---- Files ----------------------------------------------------------------*/

/* One rule a line: a collective, conditions, an algorithm. */
static failure read_line(chooser *c, const char *label, char *line,
                         bool on_switch)
{
    enum { MOST = 16 };
    char *words[MOST];
    size_t n = 0;
    failure why;

    line[strcspn(line, "#\n")] = '\0';
    choose_rule *r = NULL;
    char *rest = NULL;
    char text[512];
    snprintf(text, sizeof(text), "%s", line);
    for (char *w = strtok_r(line, " \t\r", &rest); w != NULL && n < MOST;
         w = strtok_r(NULL, " \t\r", &rest))
        words[n++] = w;
    if (n == 0)
        return SUCCESS;
    if (n == 1 || n == MOST)
        return failure_new(BAD_USAGE,
                           "%s: bad rule '%s'; allowed: a collective, up to %d "
                           "conditions, an algorithm, as in allreduce p<=64 "
                           "bytes<=2048 recursive-doubling",
                           label, text, MOST - 3);
    r = add(c, label);
    why = read_kind(label, words[0], &r->kind);
    for (size_t i = 1; i + 1 < n && why.status == 0; i++)
        why = read_condition(label, words[i], r);
    return why.status == 0 ? read_how(label, words[n - 1], r, on_switch) : why;
}

static failure read_lines(chooser *c, const char *name, FILE *file,
                          bool on_switch)
{
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    failure why = SUCCESS;

    while (why.status == 0 && getline(&line, &room, file) >= 0) {
        char label[512];
        snprintf(label, sizeof(label), "--coll: %s:%u", name, ++number);
        why = read_line(c, label, line, on_switch);
    }
    free(line);
    return why;
}

static failure read_file(chooser *c, const char *name, bool on_switch)
{
    FILE *file = fopen(name, "r");

    if (file == NULL)
        return failure_new(BAD_USAGE,
                           "--coll: bad value '%s'; allowed: " WHO_NAMES
                           ", NAME:ALGORITHM, or a file of rules",
                           name);
    failure why = read_lines(c, name, file, on_switch);
    fclose(file);
    return why;
}

/* ---- The option -----------------------------------------------------------*/

static failure read_item(chooser *c, char *item, bool on_switch)
{
    char *colon = strchr(item, ':');
    failure why;

    if (colon == NULL && find_who(item) == CHOOSE_GIVEN)
        return read_file(c, item, on_switch);
    choose_rule *r = add(c, item);
    if (colon == NULL)
        return read_how("--coll", item, r, on_switch);
    *colon = '\0';
    why = read_kind("--coll", item, &r->kind);
    return why.status == 0 ? read_how("--coll", colon + 1, r, on_switch) : why;
}

failure choose_read(chooser *c, const char *text, bool on_switch)
{
    const size_t size = strlen(text) + 1;
    char *copy = memcpy(ds__mpi_room(size), text, size);
    char *rest = NULL;
    failure why = SUCCESS;

    for (char *item = strtok_r(copy, ",", &rest);
         item != NULL && why.status == 0; item = strtok_r(NULL, ",", &rest))
        why = read_item(c, item, on_switch);
    free(copy);
    return why;
}

void choose_free(chooser *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->rules[i].text);
    free(c->rules);
    free(c->notes);
}
