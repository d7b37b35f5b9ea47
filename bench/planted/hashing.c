/* Hashing, <distsys/hashing.h>, and mistakes in it.  Sites come and go, and
 * after each change keys may have moved to who has come, or from who has gone,
 * and to nowhere else. */
#include <math.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/hashing.h"

enum { CHANGES = 12, KEYS = 100, COPIES = 3, MEASURED = 1000, PLACED = 60 };

/* ---- Sites that come and go -----------------------------------------------*/

typedef struct world {
    ds_trial *t;
    ds_hashing *now;
    ds_hashing *before; /* the last change */
    uint64_t changed;   /* the site that came or went then */
    uint64_t sites[CHANGES];
    double weights[CHANGES];
    size_t n;
} world;

static uint64_t draw(world *w, uint64_t n)
{
    return (uint64_t)(ds_trial_random(w->t) * (double)n);
}

static uint64_t draw_number(world *w)
{
    return draw(w, UINT64_C(1) << 53);
}

/* 1/2, 1 or 2, where there are weights. */
static double draw_weight(world *w)
{
    const ds_hashing_kind *kind = w->now->kind;
    double weight = (double)(UINT64_C(1) << draw(w, 3)) / 2;

    return kind->refuses != NULL && kind->refuses(weight) != NULL ? 1 : weight;
}

static bool come(world *w)
{
    const size_t i = w->n++;

    w->changed = w->sites[i] = draw_number(w);
    w->weights[i] = draw_weight(w);
    return ds_hashing_add(w->now, w->sites[i], w->weights[i]);
}

/* Any that can. */
static bool go(world *w)
{
    size_t i = (size_t)draw(w, w->n);
    const ds_hashing_kind *kind = w->now->kind;

    if (kind->keeps != NULL && kind->keeps(w->now, i) != NULL)
        i = w->n - 1;
    w->changed = w->sites[i];
    w->n--;
    w->sites[i] = w->sites[w->n];
    w->weights[i] = w->weights[w->n];
    return ds_hashing_remove(w->now, w->changed);
}

/* False: there is no memory. */
static bool change(world *w)
{
    ds_hashing_free(w->before);
    w->before = ds_hashing_copy(w->now);
    return w->before != NULL && (w->n < 2 || draw(w, 3) > 0 ? come(w) : go(w));
}

/* ---- What must be ---------------------------------------------------------*/

/* Karger et al., monotonicity. */
static void check_moves(world *w)
{
    uint64_t from, to;

    for (uint64_t key = 0; key < KEYS; key++)
        if (ds_hashing_sites(w->before, key, &from, 1) == 1 &&
            ds_hashing_sites(w->now, key, &to, 1) == 1 && from != to &&
            from != w->changed && to != w->changed)
            ds_trial_fail(w->t,
                          "key %llu moves from one of %zu sites to "
                          "another, and neither has come or gone",
                          (unsigned long long)key, w->n);
}

/* A key at several sites is at different ones, of which the first is its own.
 */
static void check_copies(world *w)
{
    const size_t k = w->n < COPIES ? w->n : COPIES;
    uint64_t sites[COPIES], first;

    for (uint64_t key = 0; key < KEYS; key++) {
        bool good = ds_hashing_sites(w->now, key, sites, COPIES) == k &&
                    ds_hashing_sites(w->now, key, &first, 1) == 1 &&
                    sites[0] == first;
        for (size_t i = 0; i < k; i++)
            good = good && !ds__is_among(sites[i], sites, i);
        if (!good)
            ds_trial_fail(w->t, "key %llu is not at %zu different sites",
                          (unsigned long long)key, k);
    }
}

/* A site of half a weight has 50 points on a ring, and so many standard
 * deviations of its share and of its keys are more than chance. */
static void check_balance(world *w)
{
    ds_hashing_balance b;

    if (ds_hashing_measure(w->now, MEASURED, &b) &&
        (b.most > 3 || b.least < 0.15))
        ds_trial_fail(w->t,
                      "of %zu sites one has %.2f times its share, and "
                      "one %.2f times",
                      w->n, b.most, b.least);
}

static bool live(world *w)
{
    for (int i = 0; i < CHANGES; i++) {
        if (!change(w))
            return false;
        check_moves(w);
        check_copies(w);
    }
    check_balance(w);
    return true;
}

static void check_kind(ds_trial *t, void *mistake, const ds_hashing_kind *right)
{
    const ds_hashing_kind *kind = group_rules(t, mistake, right, sizeof(*kind));
    world w = { .t = t, .now = ds_hashing_new(kind, 0) };

    if (w.now == NULL || !live(&w))
        ds_trial_fail(t, "there is no memory");
    ds_hashing_free(w.now);
    ds_hashing_free(w.before);
}

#define KIND(kind)                                                             \
    static void check_##kind(ds_trial *t, void *mistake)                       \
    {                                                                          \
        check_kind(t, mistake, &ds_hashing_##kind);                            \
    }
KIND(ring)
KIND(rendezvous)
KIND(jump)

/* ---- Bounded loads --------------------------------------------------------*/

static const double slack = 0.25;

/* Mirrokni et al., with what is placed counted in. */
static bool is_full(const world *w, size_t i, size_t placed, double total)
{
    double share = (double)placed * w->weights[i] / total;

    return (double)ds_hashing_load(w->now, w->sites[i]) >=
           ceil((1 + slack) * share);
}

static size_t index_of(const world *w, uint64_t site)
{
    size_t i = 0;

    while (w->sites[i] != site)
        i++;
    return i;
}

static bool place_one(world *w, size_t placed, double total,
                      const ds__bounded_rules *rules)
{
    const uint64_t key = draw_number(w);
    uint64_t first, site;

    ds_hashing_sites(w->now, key, &first, 1);
    const bool has_room = !is_full(w, index_of(w, first), placed, total);
    bool full[CHANGES];
    for (size_t i = 0; i < w->n; i++)
        full[i] = is_full(w, i, placed, total);
    if (!ds__hashing_place(w->now, key, slack, &site, rules))
        return false;
    if (full[index_of(w, site)])
        ds_trial_fail(w->t, "of %zu that are placed a full site gets the last",
                      placed);
    if (has_room && site != first)
        ds_trial_fail(w->t, "the first site of a key is not full, and does "
                            "not get it");
    return true;
}

static bool live_bounded(world *w, const ds__bounded_rules *rules)
{
    double total = 0;

    while (w->n < 7)
        if (!come(w))
            return false;
    for (size_t i = 0; i < w->n; i++)
        total += w->weights[i];
    for (size_t placed = 1; placed <= PLACED; placed++)
        if (!place_one(w, placed, total, rules))
            return false;
    return true;
}

static void check_bounded(ds_trial *t, void *mistake)
{
    world w = { .t = t, .now = ds_hashing_new(&ds_hashing_ring, 0) };

    if (w.now == NULL ||
        !live_bounded(&w, group_rules(t, mistake, &ds__bounded_right,
                                      sizeof(ds__bounded_right))))
        ds_trial_fail(t, "there is no memory");
    ds_hashing_free(w.now);
}

/* It is plain data, which needs no machines. */
static void build(ds_trial *t, void *mistake)
{
}

#define HASHING(title, kind, mistake)                                          \
    {                                                                          \
        .name = title, .build = build, .check = check_##kind,                  \
        .arg = (void *)(mistake)                                               \
    }

static const ds_test ring = HASHING("ring-hashing", ring, NULL);
static const ds_test rendezvous =
    HASHING("rendezvous-hashing", rendezvous, NULL);
static const ds_test jump = HASHING("jump-hashing", jump, NULL);
static const ds_test bounded = HASHING("bounded-loads", bounded, NULL);

/* ---- Mistakes of any kind -------------------------------------------------*/

static void choose_by_remainder(const ds_hashing *hashing, uint64_t key,
                                uint64_t *chosen, size_t k)
{
    for (size_t i = 0; i < k; i++)
        chosen[i] = (ds__hash_mix(key) + i) % hashing->n;
}

/* The same ones as if the sites had the names of their places. */
static void choose_by_place(const ds_hashing *hashing, uint64_t key,
                            uint64_t *chosen, size_t k)
{
    ds__site places[CHANGES];
    ds_hashing other = *hashing;

    other.sites = places;
    for (size_t i = 0; i < hashing->n; i++) {
        places[i] = hashing->sites[i];
        places[i].name = i;
        places[i].hash = ds__hash_mix(i);
    }
    ds_hashing_rendezvous.choose(&other, key, chosen, k);
}

static const ds_hashing_kind remainder_of = { .choose = choose_by_remainder };
static const ds_test h2 = HASHING("H2", rendezvous, &remainder_of);
static const ds_hashing_kind by_place = { .choose = choose_by_place };
static const ds_test h2b = HASHING("H2b", rendezvous, &by_place);

/* ---- Rings ----------------------------------------------------------------*/

/* Points get their places from that of their site in a table. */
static bool rebuild_by_place(ds_hashing *hashing)
{
    for (size_t i = 0; i < hashing->n; i++)
        hashing->sites[i].hash = ds__hash_mix(i);
    return ds_hashing_ring.rebuild(hashing);
}

/* All sites together have so many points. */
static bool rebuild_in_all(ds_hashing *hashing)
{
    const size_t each = hashing->points_each;

    hashing->points_each = hashing->n == 0 ? each : 4 * each / hashing->n;
    bool rebuilt = ds_hashing_ring.rebuild(hashing);
    hashing->points_each = each;
    return rebuilt;
}

/* The points that come next, whoever has them. */
static void choose_points(const ds_hashing *hashing, uint64_t key,
                          uint64_t *chosen, size_t k)
{
    size_t p = 0;

    ds_hashing_ring.choose(hashing, key, chosen, 1);
    while (p < hashing->num_points && hashing->points[p].at < ds__hash_mix(key))
        p++;
    for (size_t i = 1; i < k; i++)
        chosen[i] = hashing->points[(p + i) % hashing->num_points].site;
}

static const ds_hashing_kind by_index = { .rebuild = rebuild_by_place };
static const ds_hashing_kind in_all = { .rebuild = rebuild_in_all };
static const ds_hashing_kind same_twice = { .choose = choose_points };
static const ds_test h1 = HASHING("H1", ring, &by_index);
static const ds_test h1b = HASHING("H1b", ring, &in_all);
static const ds_test h1c = HASHING("H1c", ring, &same_twice);

/* ---- Rendezvous -----------------------------------------------------------*/

/* The draw times the weight. */
static void choose_by_product(const ds_hashing *hashing, uint64_t key,
                              uint64_t *chosen, size_t k)
{
    for (size_t n = 0; n < k; n++) {
        double most = -1;
        for (size_t i = 0; i < hashing->n; i++) {
            const ds__site *s = &hashing->sites[i];
            double drawn =
                (double)(ds__hash_mix(s->hash ^ ds__hash_mix(key)) >> 11) *
                0x1p-53;
            if (drawn * s->weight > most && !ds__is_among(i, chosen, n)) {
                most = drawn * s->weight;
                chosen[n] = i;
            }
        }
    }
}

static const ds_hashing_kind product = { .choose = choose_by_product };
static const ds_test h2c = HASHING("H2c", rendezvous, &product);

/* ---- Jumps ----------------------------------------------------------------*/

static const char *any_can_go(const ds_hashing *hashing, size_t i)
{
    return NULL;
}

/* The number of sites is drawn into each jump. */
static void choose_of_so_many(const ds_hashing *hashing, uint64_t key,
                              uint64_t *chosen, size_t k)
{
    ds_hashing_jump.choose(hashing, key ^ ds__hash_mix(hashing->n), chosen, k);
}

static const ds_hashing_kind in_the_middle = { .keeps = any_can_go };
static const ds_hashing_kind of_so_many = { .choose = choose_of_so_many };
static const ds_test h3 = HASHING("H3", jump, &in_the_middle);
static const ds_test h3b = HASHING("H3b", jump, &of_so_many);
static const ds_test h3c = HASHING("H3c", jump, &remainder_of);

/* ---- Bounds ---------------------------------------------------------------*/

static bool never(const ds_hashing *hashing, size_t i, double some)
{
    return false;
}

static bool of_equals(const ds_hashing *hashing, size_t i, double some)
{
    ds__site sites[CHANGES];
    ds_hashing other = *hashing;

    other.sites = sites;
    other.total = (double)hashing->n;
    for (size_t k = 0; k < hashing->n; k++) {
        sites[k] = hashing->sites[k];
        sites[k].weight = 1;
    }
    return ds__bounded_right.is_full(&other, i, some);
}

static bool at_its_share(const ds_hashing *hashing, size_t i, double some)
{
    return ds__bounded_right.is_full(hashing, i, 0);
}

static const ds__bounded_rules no_bound = { .is_full = never };
static const ds__bounded_rules no_weights = { .is_full = of_equals };
static const ds__bounded_rules no_slack = { .is_full = at_its_share };
static const ds_test h4 = HASHING("H4", bounded, &no_bound);
static const ds_test h4b = HASHING("H4b", bounded, &no_weights);
static const ds_test h4c = HASHING("H4c", bounded, &no_slack);

/* ---- The rows -------------------------------------------------------------*/

#define KARGER "Karger et al., STOC 1997"
#define THALER "Thaler, Ravishankar, IEEE/ACM ToN 6(1), 1998"
#define JUMP   "Lamping, Veach, arXiv 1406.2294"
#define BOUNDS "Mirrokni, Thorup, Zadimoghaddam, SODA 2018"

#define ROW(row, right, wrong, what, where)                                    \
    {                                                                          \
        .name = row, .title = what, .source = where, .correct = &right,        \
        .planted = &wrong, .end = PLANTED_WRONG                                \
    }

static const planted_row rows[] = {
    ROW("H1", ring, h1, "points of a site hang on its place in a table",
        KARGER ": monotone"),
    ROW("H1b", ring, h1b,
        "how many points a site has hangs on how many sites there are",
        KARGER ": monotone"),
    ROW("H1c", ring, h1c, "copies go to the next points, also of one site",
        "DeCandia et al., Dynamo, SOSP 2007, 4.3"),
    ROW("H2", rendezvous, h2, "a key belongs to its remainder by the sites",
        THALER ": disruption"),
    ROW("H2b", rendezvous, h2b, "sites draw by their place, not by their name",
        THALER ": disruption"),
    ROW("H2c", rendezvous, h2c, "a draw is multiplied by the weight",
        "Schindelhauer, Schomaker, SPAA 2005"),
    ROW("H3", jump, h3, "of jump hashing a site in the middle goes",
        JUMP ", 1: buckets are numbered"),
    ROW("H3b", jump, h3b, "jumps are drawn by how many sites there are",
        JUMP ", 2"),
    ROW("H3c", jump, h3c, "a key belongs to its remainder by the sites",
        JUMP ", 1"),
    ROW("H4", bounded, h4, "a site gets all keys of its own", BOUNDS),
    ROW("H4b", bounded, h4b, "a bound is that of sites of equal weight",
        BOUNDS),
    ROW("H4c", bounded, h4c, "a site is full when it has its share", BOUNDS),
};

const planted_family planted_hashing = PLANTED_FAMILY(rows);
