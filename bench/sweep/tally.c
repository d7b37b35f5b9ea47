/* See tally.h. */

#include "bench/sweep/tally.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/sweep/json.h"

void tally_init(tally *t)
{
    *t = (tally){ 0 };
    ds__table_init(&t->failures, sizeof(tally_failure));
    ds__table_init(&t->kinds, sizeof(tally_kind));
}

void tally_free(tally *t)
{
    free(t->bits);
    ds__table_free(&t->failures);
    ds__table_free(&t->kinds);
}

/* ---- What is done ---------------------------------------------------------*/

bool tally_is_done(const tally *t, uint64_t point)
{
    return point / 8 < t->size && (t->bits[point / 8] >> point % 8 & 1) != 0;
}

static void set_done(tally *t, uint64_t point)
{
    const size_t place = (size_t)(point / 8);

    if (place >= t->size) {
        const size_t size = 2 * place + 64;

        t->bits = args_realloc(t->bits, size, 1);
        memset(t->bits + t->size, 0, size - t->size);
        t->size = size;
    }
    t->bits[place] |= (unsigned char)(1U << point % 8);
}

/* ---- Kinds of failures ----------------------------------------------------*/

/* A number is what begins with a digit, also 0x1f, 1.5e-3 and 12ms. */
static const char *skip_number(const char *at)
{
    while (isalnum((unsigned char)*at) || *at == '.' ||
           ((*at == '-' || *at == '+') && isdigit((unsigned char)at[1]) &&
            (at[-1] == 'e' || at[-1] == 'E')))
        at++;
    return at;
}

static void name_kind(char name[TALLY_KIND], const char *end, const char *text)
{
    size_t n = (size_t)snprintf(name, TALLY_KIND, "%s", end);

    if (*text != '\0')
        n += (size_t)snprintf(name + n, TALLY_KIND - n, ": ");
    for (const char *at = text;
         *at != '\0' && *at != '\n' && n + 1 < TALLY_KIND;) {
        const bool number =
            isdigit((unsigned char)*at) &&
            (at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '.'));

        name[n++] = number ? '#' : *at;
        at = number ? skip_number(at) : at + 1;
    }
    name[n] = '\0';
}

static ds__table_key key_of(const char *name)
{
    ds__table_key key = { 1, 2, strlen(name) };

    for (const char *at = name; *at != '\0'; at++) {
        key.a = ds__mix(key.a ^ (unsigned char)*at);
        key.b = ds__mix(key.b + (unsigned char)*at + DS__RNG_GOLDEN);
    }
    return key;
}

static size_t find_kind(tally *t, const char *name, bool *fresh)
{
    tally_kind *kind = args_need(ds__table_put(&t->kinds, key_of(name)));

    *fresh = kind->name[0] == '\0';
    if (*fresh) {
        kind->number = t->kinds.count - 1;
        snprintf(kind->name, sizeof(kind->name), "%s", name);
    }
    return kind->number;
}

/* ---- Lines ----------------------------------------------------------------*/

static double cost_of(json_part line)
{
    json_part run, value;
    double cost = 0;

    if (!json_find(line, "run", &run) || run.at[0] != '{' ||
        !json_find(run, "events", &value) || !json_real(value, &cost) ||
        cost == 0)
        if (json_find(line, "seconds", &value))
            json_real(value, &cost);
    return cost;
}

static uint64_t try_of(json_part line)
{
    json_part value;
    uint64_t try = 1;

    if (json_find(line, "try", &value))
        json_word(value, &try);
    return try;
}

static tally_failure *find_failure(const tally *t, uint64_t point)
{
    return ds__table_find(&t->failures, (ds__table_key){ point, 0, 0 });
}

/* What was known of a point goes, since this is of a later try. */
static void forget(tally *t, tally_failure *f)
{
    if (f != NULL && !f->mended) {
        assert(t->failed > 0);
        t->failed--;
        f->mended = true;
    }
}

static void add_failure(tally *t, json_part line, uint64_t point,
                        const char *end, bool *fresh)
{
    char name[TALLY_KIND], text[4 * TALLY_KIND] = "";
    json_part value;
    tally_failure *f =
        args_need(ds__table_put(&t->failures, (ds__table_key){ point, 0, 0 }));

    if (json_find(line, "text", &value))
        json_text(value, text, sizeof(text));
    name_kind(name, end, text);
    f->kind = find_kind(t, name, fresh);
    f->try = try_of(line);
    f->cost = cost_of(line);
    f->mended = false;
    t->failed++;
}

/* Of one that has failed before, or has as other files know. */
static void note_success(tally *t, uint64_t point, uint64_t try)
{
    tally_failure *f =
        args_need(ds__table_put(&t->failures, (ds__table_key){ point, 0, 0 }));

    f->try = try;
    f->mended = true;
}

bool tally_add(tally *t, const char *text, size_t n, bool *fresh)
{
    const json_part line = { text, n };
    json_part value;
    uint64_t point;
    char end[60];
    tally_failure *before;

    *fresh = false;
    if (!json_is_object(text, n) || !json_find(line, "point", &value) ||
        !json_word(value, &point) || !json_find(line, "end", &value) ||
        !json_text(value, end, sizeof(end)))
        return false;
    before = find_failure(t, point);
    if (tally_is_done(t, point)) {
        t->again++;
        if (before == NULL || try_of(line) <= before->try)
            return true;
    } else {
        set_done(t, point);
        t->done++;
    }
    forget(t, before);
    if (strcmp(end, "ok") != 0)
        add_failure(t, line, point, end, fresh);
    else if (before != NULL || try_of(line) > 1)
        note_success(t, point, try_of(line));
    assert(t->failed <= t->done);
    return true;
}

/* ---- What has failed ------------------------------------------------------*/

uint64_t tally_tries(const tally *t, uint64_t point)
{
    const tally_failure *f = find_failure(t, point);

    return f == NULL ? 0 : f->try;
}

static int compare_words(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

uint64_t *tally_failed_points(const tally *t, size_t *n)
{
    uint64_t *points = args_alloc((size_t)t->failed + 1, sizeof(*points));
    const tally_failure *f;

    *n = 0;
    for (size_t i = 0; (f = ds__table_next(&t->failures, &i)) != NULL; i++)
        if (!f->mended)
            points[(*n)++] = f->entry.key.a;
    assert(*n == t->failed);
    qsort(points, *n, sizeof(*points), compare_words);
    return points;
}

static void add_to_group(tally_group *g, const tally_failure *f)
{
    const uint64_t point = f->entry.key.a;

    if (g->count == 0 || point < g->first)
        g->first = point;
    if (g->count == 0 || f->cost < g->cost ||
        (f->cost == g->cost && point < g->quickest)) {
        g->quickest = point;
        g->cost = f->cost;
    }
    g->count++;
}

static int compare_groups(const void *a, const void *b)
{
    const tally_group *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Drops those that nothing is left of. */
static size_t drop_empty(tally_group *groups, size_t n)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++)
        if (groups[i].count > 0)
            groups[left++] = groups[i];
    return left;
}

tally_group *tally_groups(const tally *t, size_t *n)
{
    tally_group *groups = args_alloc(t->kinds.count + 1, sizeof(*groups));
    const tally_failure *f;
    const tally_kind *k;

    for (size_t i = 0; (k = ds__table_next(&t->kinds, &i)) != NULL; i++)
        groups[k->number].name = k->name;
    for (size_t i = 0; (f = ds__table_next(&t->failures, &i)) != NULL; i++)
        if (!f->mended)
            add_to_group(&groups[f->kind], f);
    *n = drop_empty(groups, t->kinds.count);
    qsort(groups, *n, sizeof(*groups), compare_groups);
    return groups;
}
