/* Reads the text of a topology: a kind, its shape, and options.
 *
 * It is strict, as a topology that is another than it seems to be gives wrong
 * times without a sign of it: an option that means nothing to a kind is refused
 * as well. */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "topology/build.h"
#include "topology/ecmp.h"
#include "topology/number.h"
#include "topology/topology.h"

static const ds__kind *const kinds[] = {
    &ds__kind_star,      &ds__kind_tree,  &ds__kind_fattree,   &ds__kind_ring,
    &ds__kind_mesh,      &ds__kind_torus, &ds__kind_hypercube, &ds__kind_full,
    &ds__kind_dragonfly, &ds__kind_file,
};

enum { KINDS = sizeof(kinds) / sizeof(*kinds) };

/* ---- Options --------------------------------------------------------------*/

enum option {
    RATE,
    LATENCY,
    INNER_RATE,
    INNER_LATENCY,
    SHARING,
    ROUTING,
    TIES,
    SEED,
    OPTIONS
};

static const char *const options[OPTIONS] = {
    "rate",    "latency", "inner-rate", "inner-latency",
    "sharing", "routing", "ties",       "seed",
};

/* Ways that any network has. */
enum common { SHORTEST, ECMP_PAIR, ECMP_MESSAGE, COMMON };

static const char *const common_routings[] = { "shortest", "ecmp-pair",
                                               "ecmp-message", NULL };
static const char *const sharings[] = { "full", "half", NULL };
static const char *const all_ties[] = { "simgrid", "right", "even", NULL };
static const char *const none[] = { NULL };

typedef struct reader {
    ds__cursor cursor;
    const ds__kind *kind;
    ds__spec spec;
    size_t common; /* how ways are found whatever the kind; COMMON: by it */
    bool said[OPTIONS];
} reader;

static bool is_word(const char *at, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(at, word, length) == 0;
}

static void list_words(ds__text *text, const char *const *words)
{
    for (; *words != NULL; words++)
        ds__text_add(text, "%s%s", text->used > 0 ? ", " : "", *words);
}

/* Finds one of those in one list, or in the next, whose words go on in number.
 */
static bool read_name(const reader *r, const char *at, size_t length,
                      const char *const *words, const char *const *more,
                      size_t *index)
{
    char names[200];
    ds__text text;

    *index = 0;
    for (const char *const *w = words; *w != NULL; w++, ++*index)
        if (is_word(at, length, *w))
            return true;
    for (const char *const *w = more; *w != NULL; w++, ++*index)
        if (is_word(at, length, *w))
            return true;
    ds__text_init(&text, names, sizeof(names));
    list_words(&text, words);
    list_words(&text, more);
    return ds__cursor_wrong(&r->cursor, at, "unknown '%.*s'; allowed: %s",
                            length < 30 ? (int)length : 30, at, names);
}

static bool read_value(const reader *r, const char *at, size_t length,
                       const ds__unit *units, bool above, double *value)
{
    if (ds__number_read(at, length, units, value) && (!above || *value > 0))
        return true;
    return ds__cursor_wrong(&r->cursor, at, "bad value '%.*s'; allowed: %s",
                            length < 30 ? (int)length : 30, at,
                            above ? DS__ALLOWED_BYTES : DS__ALLOWED_SECONDS);
}

static bool read_seed(reader *r, const char *at, size_t length)
{
    if (ds__number_whole(at, length, UINT64_MAX, &r->spec.seed))
        return true;
    return ds__cursor_wrong(&r->cursor, at,
                            "bad value '%.*s'; allowed: a whole number from 0 "
                            "to 2^64 - 1",
                            length < 30 ? (int)length : 30, at);
}

static bool read_routing(reader *r, const char *at, size_t length)
{
    const char *const *own = r->kind->routings;
    size_t index, n = 0;

    own = own == NULL ? none : own;
    if (!read_name(r, at, length, own, common_routings, &index))
        return false;
    while (own[n] != NULL)
        n++;
    if (index < n)
        r->spec.routing = own[index];
    else
        r->common = index - n;
    return true;
}

static bool read_option(reader *r, enum option option, const char *at,
                        size_t length)
{
    ds__spec *spec = &r->spec;
    size_t index = 0;

    switch (option) {
    case RATE:
        return read_value(r, at, length, ds__unit_bytes, true,
                          &spec->host.rate);
    case LATENCY:
        return read_value(r, at, length, ds__unit_seconds, false,
                          &spec->host.latency);
    case INNER_RATE:
        return read_value(r, at, length, ds__unit_bytes, true,
                          &spec->inner.rate);
    case INNER_LATENCY:
        return read_value(r, at, length, ds__unit_seconds, false,
                          &spec->inner.latency);
    case SHARING:
        if (!read_name(r, at, length, sharings, none, &index))
            return false;
        spec->half = index == 1;
        return true;
    case ROUTING:
        return read_routing(r, at, length);
    case TIES:
        return read_name(r, at, length, all_ties, none, &spec->ties);
    case SEED:
        return read_seed(r, at, length);
    case OPTIONS:
        break;
    }
    return false;
}

/* Whether an option can be said of such a network, and for the first time. */
static bool may_say(reader *r, enum option option, const char *at)
{
    const ds__kind *kind = r->kind;
    const bool inner = option == INNER_RATE || option == INNER_LATENCY;

    if (r->said[option])
        return ds__cursor_wrong(&r->cursor, at, "%s is said twice",
                                options[option]);
    if (inner && !kind->has_inner && !kind->is_file)
        return ds__cursor_wrong(&r->cursor, at,
                                "a %s has no inner links; allowed: rate, "
                                "latency",
                                kind->name);
    if (kind->is_file && option != ROUTING && option != SEED &&
        option != LATENCY)
        return ds__cursor_wrong(&r->cursor, at,
                                "a file says that itself; allowed: routing, "
                                "seed, and latency if it has none");
    if (option == TIES && !kind->has_ties)
        return ds__cursor_wrong(&r->cursor, at,
                                "only a ring and a torus have ties");
    r->said[option] = true;
    return true;
}

/* Reads ",key=value" as often as there is one. */
static bool read_options(reader *r, const char *end)
{
    ds__cursor *c = &r->cursor;

    while (c->at < end) {
        const char *key = ++c->at; /* behind the comma */
        size_t length = strcspn(key, ",=");
        char names[200];
        ds__text text;
        size_t option = 0;

        while (option < OPTIONS && !is_word(key, length, options[option]))
            option++;
        if (option == OPTIONS || key[length] != '=') {
            ds__text_init(&text, names, sizeof(names));
            for (size_t i = 0; i < OPTIONS; i++)
                ds__text_add(&text, "%s%s=", i > 0 ? ", " : "", options[i]);
            return ds__cursor_wrong(c, key, "'%.*s' is no option; allowed: %s",
                                    length < 30 ? (int)length : 30, key, names);
        }
        const char *value = key + length + 1;
        length = strcspn(value, ",");
        if (!may_say(r, (enum option)option, key) ||
            !read_option(r, (enum option)option, value, length))
            return false;
        c->at = value + length;
    }
    return true;
}

/* ---- The whole ------------------------------------------------------------*/

static bool read_kind(reader *r)
{
    ds__cursor *c = &r->cursor;
    size_t length = strcspn(c->at, ":");
    char names[300];
    ds__text text;

    for (size_t i = 0; i < KINDS; i++)
        if (is_word(c->at, length, kinds[i]->name) && c->at[length] == ':') {
            r->kind = kinds[i];
            c->at += length + 1;
            return true;
        }
    ds__text_init(&text, names, sizeof(names));
    for (size_t i = 0; i < KINDS; i++)
        ds__text_add(&text, "%s%s:%s", i > 0 ? ", " : "", kinds[i]->name,
                     kinds[i]->shape);
    return ds__cursor_wrong(c, c->at,
                            "'%.*s' is no kind of network; allowed are those "
                            "such as %s",
                            length < 30 ? (int)length : 30, c->at, names);
}

/* Whether "key=" of an option stands here. */
static bool is_option(const char *at)
{
    const size_t length = strcspn(at, ",=");

    for (size_t i = 0; i < OPTIONS; i++)
        if (is_word(at, length, options[i]) && at[length] == '=')
            return true;
    return false;
}

/* Where the shape ends: at a comma before a letter, or with the text.  A path
 * may have more in it, so it ends before an option only. */
static const char *end_of_shape(const ds__kind *kind, const char *at)
{
    for (; *at != '\0'; at++)
        if (at[0] == ',' &&
            (kind->is_file ? is_option(at + 1)
                           : (at[1] >= 'a' && at[1] <= 'z') || at[1] == '\0'))
            break;
    return at;
}

static void default_inner(reader *r)
{
    if (!r->said[INNER_RATE])
        r->spec.inner.rate = r->spec.host.rate;
    if (!r->said[INNER_LATENCY])
        r->spec.inner.latency = r->spec.host.latency;
    r->spec.latency_said = r->said[LATENCY];
    if (r->spec.routing == NULL && r->kind->routings != NULL)
        r->spec.routing = r->kind->routings[0];
}

/* Ways that go for any kind replace the rule of its own. */
static bool set_common_routing(ds_topology *topology, const reader *r)
{
    if (r->common == COMMON)
        return true;
    free(topology->rule);
    topology->rule = NULL;
    if (r->common == SHORTEST)
        return true;
    topology->rule = ds__ecmp_new(r->spec.seed, r->common == ECMP_MESSAGE);
    return topology->rule != NULL ||
           ds__topology_no_memory(topology, "ds_topology_parse");
}

static bool read_text(ds_topology *topology, const char *text)
{
    const ds_link link = { NULL, 1e9, 1e-6, DS_SHARED };
    const char *end = text + strlen(text);
    reader r = {
        .cursor = { topology, text, text, end },
        .spec = { .host = link, .inner = link },
        .common = COMMON,
    };

    if (!read_kind(&r))
        return false;
    ds__cursor shape = { topology, text, r.cursor.at,
                         end_of_shape(r.kind, r.cursor.at) };
    r.cursor.at = shape.end;
    if (!read_options(&r, end))
        return false;
    default_inner(&r);
    return r.kind->build(topology, &shape, &r.spec) &&
           set_common_routing(topology, &r);
}

ds_topology *ds_topology_parse(const char *text)
{
    ds_topology *topology = ds_topology_new(1);

    if (topology == NULL)
        return NULL;
    if (text == NULL)
        ds__topology_wrong(topology,
                           "ds_topology_parse: the text is NULL; allowed: such "
                           "as star:32");
    else
        read_text(topology, text);
    if (topology->no_memory) {
        ds_topology_free(topology);
        return NULL;
    }
    return topology;
}
