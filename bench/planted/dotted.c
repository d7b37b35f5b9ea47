/* Dotted version vectors, <distsys/clocks.h>, and mistakes in using them: a key
 * at some replicas, which clients read and write, and which are merged.  Who
 * knows all writes knows which of them each replica may still have. */
#include "bench/planted/kit.h"
#include "bench/planted/planted.h"

#include <distsys/clocks.h>

enum { REPLICAS = 3, CLIENTS = 3, STEPS = 60 };

typedef struct dotted_rules {
    bool (*write)(ds_dotted *values, size_t replica, const uint64_t *context,
                  int64_t value);
    /* By which name a replica writes. */
    size_t (*name)(size_t replica);
    /* What a replica has that had mine and is told theirs; NULL: no memory. */
    ds_dotted *(*merge)(ds_dotted *mine, const ds_dotted *theirs);
} dotted_rules;

/* Writes are numbers, and their values are these; sets have a bit for each. */
typedef struct client {
    uint64_t context[REPLICAS];
    uint64_t seen; /* all writes that the replica knew when it was read */
} client;

typedef struct store {
    const dotted_rules *rules;
    ds_trial *t;
    ds_dotted *at[REPLICAS];
    uint64_t known[REPLICAS]; /* writes, also such as have been replaced */
    uint64_t replaced[STEPS]; /* by each write */
    int num_writes;
    client clients[CLIENTS];
} store;

static size_t draw(store *s, size_t n)
{
    return (size_t)(ds_trial_random(s->t) * (double)n);
}

/* ---- What must be ---------------------------------------------------------*/

static uint64_t should_have(const store *s, size_t replica)
{
    uint64_t left = s->known[replica];

    for (int w = 0; w < s->num_writes; w++)
        if ((s->known[replica] >> w & 1) != 0)
            left &= ~s->replaced[w];
    return left;
}

static uint64_t has(const store *s, size_t replica)
{
    int64_t values[2 * STEPS];
    size_t n = ds_dotted_read(s->at[replica], values, 2 * STEPS, NULL);
    uint64_t set = 0;

    for (size_t i = 0; i < n; i++)
        set |= (uint64_t)1 << values[i];
    return set;
}

static bool is_right(store *s)
{
    for (size_t i = 0; i < REPLICAS; i++)
        if (has(s, i) != should_have(s, i)) {
            ds_trial_fail(s->t,
                          "replica %zu has writes 0x%llx of %d, and should "
                          "have 0x%llx",
                          i, (unsigned long long)has(s, i), s->num_writes,
                          (unsigned long long)should_have(s, i));
            return false;
        }
    return true;
}

/* ---- What happens ---------------------------------------------------------*/

static void read(store *s, client *c, size_t replica)
{
    ds_dotted_read(s->at[replica], NULL, 0, c->context);
    c->seen = s->known[replica];
}

static bool write(store *s, const client *c, size_t replica)
{
    const int w = s->num_writes++;

    s->replaced[w] = c->seen;
    s->known[replica] |= c->seen | (uint64_t)1 << w;
    return s->rules->write(s->at[replica], s->rules->name(replica), c->context,
                           w);
}

static bool merge(store *s, size_t to, size_t from)
{
    ds_dotted *merged = s->rules->merge(s->at[to], s->at[from]);

    s->known[to] |= s->known[from];
    if (merged != NULL)
        s->at[to] = merged;
    return merged != NULL;
}

/* False: there is no memory. */
static bool step(store *s)
{
    client *c = &s->clients[draw(s, CLIENTS)];
    const size_t replica = draw(s, REPLICAS);

    switch (draw(s, 3)) {
    case 0:
        read(s, c, replica);
        return true;
    case 1:
        return write(s, c, replica);
    default:
        return merge(s, replica, draw(s, REPLICAS));
    }
}

static ds_dotted *merge_both(ds_dotted *mine, const ds_dotted *theirs)
{
    return ds_dotted_merge(mine, theirs) ? mine : NULL;
}

static size_t own_name(size_t replica)
{
    return replica;
}

static const dotted_rules right = { ds_dotted_write, own_name, merge_both };

static bool live(store *s)
{
    for (size_t i = 0; i < REPLICAS; i++)
        if ((s->at[i] = ds_dotted_new(REPLICAS)) == NULL)
            return false;
    for (int i = 0; i < STEPS; i++)
        if (!step(s))
            return false;
        else if (!is_right(s))
            break;
    return true;
}

static void check(ds_trial *t, void *mistake)
{
    store s = { .t = t };

    s.rules = group_rules(t, mistake, &right, sizeof(right));
    if (!live(&s))
        ds_trial_fail(t, "there is no memory");
    for (size_t i = 0; i < REPLICAS; i++)
        ds_dotted_free(s.at[i]);
}

/* It is plain data, which needs no machines. */
static void build(ds_trial *t, void *mistake)
{
}

#define DOTTED(title, mistake)                                                 \
    {                                                                          \
        .name = title, .build = build, .check = check,                         \
        .arg = (void *)(mistake)                                               \
    }

static const ds_test correct = DOTTED("dotted-versions", NULL);

/* ---- Mistakes -------------------------------------------------------------*/

/* As if the client had read what is there now. */
static bool replace_all(ds_dotted *values, size_t replica,
                        const uint64_t *context, int64_t value)
{
    uint64_t here[REPLICAS];

    ds_dotted_read(values, NULL, 0, here);
    for (size_t i = 0; i < REPLICAS; i++)
        here[i] = context[i] > here[i] ? context[i] : here[i];
    return ds_dotted_write(values, replica, here, value);
}

/* As if it had read nothing. */
static bool replace_nothing(ds_dotted *values, size_t replica,
                            const uint64_t *context, int64_t value)
{
    const uint64_t empty[REPLICAS] = { 0 };

    return ds_dotted_write(values, replica, empty, value);
}

static size_t one_name(size_t replica)
{
    return 0;
}

static ds_dotted *take_theirs(ds_dotted *mine, const ds_dotted *theirs)
{
    ds_dotted *copy = ds_dotted_copy(theirs);

    if (copy != NULL)
        ds_dotted_free(mine);
    return copy;
}

static const dotted_rules drops = { .write = replace_all };
static const dotted_rules explodes = { .write = replace_nothing };
static const dotted_rules namesakes = { .name = one_name };
static const dotted_rules last_wins = { .merge = take_theirs };
static const ds_test c4 = DOTTED("C4", &drops);
static const ds_test c4b = DOTTED("C4b", &explodes);
static const ds_test c4c = DOTTED("C4c", &namesakes);
static const ds_test c4d = DOTTED("C4d", &last_wins);

/* ---- The rows -------------------------------------------------------------*/

#define DVV "Almeida et al., DAIS 2014"

#define ROW(row, wrong, what, where)                                           \
    {                                                                          \
        .name = row, .title = what, .source = where, .correct = &correct,      \
        .planted = &wrong, .end = PLANTED_WRONG                                \
    }

static const planted_row rows[] = {
    ROW("C4", c4, "a write replaces also what its client had not read",
        DVV ": lost updates"),
    ROW("C4b", c4b, "a write replaces nothing, and siblings explode",
        DVV ": sibling explosion"),
    ROW("C4c", c4c, "two replicas write by the same name, and dots are reused",
        DVV ", of unique identifiers"),
    ROW("C4d", c4d, "of two states that are merged the one that comes wins",
        DVV ", sync"),
};

const planted_family planted_dotted = PLANTED_FAMILY(rows);
