/* Makes a failure small; see the header.
 *
 * Everything is one step, accept(): a guess that fails alike replaces the best
 * one, and whatever has failed otherwise is not tried again.  The steps come in
 * the order in which they are likely to take away most for a run. */

#include "explore/shrink/shrink.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/table.h"
#include "explore/shrink/blunt.h"

/* So many lines are few enough, and so many blunt plans are tried. */
enum { FEW_LINES = 4, MOST_BLUNT = 5000 };

/* What only makes a plan nicer has fewer draws, and so has the first round, in
 * which most goes that can go easily. */
enum { FEW_DRAWS = 10, MOST_ROUNDS = 8, MOST_REPEATS = 3 };

/* With so many of DS__DRAWS, at most, a guess has to fail to be taken. */
enum { MOST_NEEDED = 10 };

/* Invariants: line 0 of the plan is the reseed, which has no effect while
 * reseed is 0; 1 <= needed <= MOST_NEEDED; seen has what was tried in vain,
 * with how many draws. */
typedef struct shrinker {
    const ds__original *original;
    ds__oracle *oracle;
    ds__shrunk *best;
    uint64_t reseed;
    size_t needed; /* of DS__DRAWS */
    size_t draws;  /* of guesses that leave something out */
    double time;   /* at which the best one was over */
    ds__table seen;
    bool *all; /* leaves out no operation */
    bool enough;
    bool no_memory;
} shrinker;

static bool is_over(const shrinker *s)
{
    return s->enough || s->no_memory;
}

/* ---- What was tried -------------------------------------------------------*/

static void hash(uint64_t *sum, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;

    for (size_t i = 0; i < size; i++)
        *sum = (*sum ^ b[i]) * UINT64_C(0x100000001b3);
    *sum = ds__mix(*sum);
}

static void hash_line(uint64_t *sum, const ds__plan_line *l)
{
    const uint64_t words[] = { (uint64_t)l->kind, l->both,
                               l->node,           l->to,
                               l->point,          l->number,
                               l->named,          l->num_members };

    hash(sum, words, sizeof(words));
    hash(sum, &l->time, sizeof(l->time));
    hash(sum, &l->until, sizeof(l->until));
    hash(sum, l->value, sizeof(l->value));
    for (size_t i = 0; i < l->num_members; i++)
        hash(sum, &l->members[i], sizeof(l->members[i]));
    if (l->name != NULL)
        hash(sum, l->name, strlen(l->name));
}

/* The reseed that has done so far is among the fresh ones, if those are many.
 */
static ds__table_key key_of(const shrinker *s, const ds_plan *plan,
                            size_t draws)
{
    uint64_t sum = s->best->fifo;

    for (size_t i = 1; i < plan->count; i++)
        hash_line(&sum, &plan->lines[i]);
    hash(&sum, s->best->without, s->original->num_operations);
    return (ds__table_key){ .a = sum,
                            .b = draws,
                            .c = draws == DS__DRAWS ? 0 : s->reseed };
}

static void remember(shrinker *s, ds__table_key key)
{
    if (ds__table_put(&s->seen, key) == NULL)
        s->no_memory = true;
}

/* ---- One step -------------------------------------------------------------*/

static bool fails(shrinker *s, ds_plan *plan, uint64_t reseed)
{
    const ds_plan bare = { plan->lines + 1, plan->count - 1, plan->max - 1 };
    const ds__guess guess = {
        .plan = reseed == 0 ? &bare : plan,
        .without = s->best->without,
        .fifo = s->best->fifo,
        .latest = s->time + s->original->slack,
    };
    ds__reply reply;

    if (is_over(s))
        return false;
    plan->lines[0].number = reseed;
    reply = s->oracle->ask(s->oracle, &guess);
    s->enough = reply == DS__ENOUGH;
    s->best->runs += reply != DS__ENOUGH;
    return reply == DS__FAILS_ALIKE;
}

/* First without any reseed, then with the one that has done so far.  The first
 * one with which it fails becomes the reseed, if it fails with others too. */
static bool fails_often(shrinker *s, ds_plan *plan, size_t draws)
{
    size_t needed = (s->needed * draws + DS__DRAWS - 1) / DS__DRAWS;
    uint64_t before = s->reseed;
    uint64_t first = UINT64_MAX;
    double time = s->time;
    size_t n = 0;

    needed = needed == 0 ? 1 : needed;
    for (uint64_t k = 0; k <= draws + 1 && n < needed; k++) {
        uint64_t reseed = k == 0 ? 0 : k == 1 ? before : k - 1;
        if ((k == 1 && before == 0) || (k > 1 && reseed == before))
            continue;
        if (n + draws + 2 - k < needed || !fails(s, plan, reseed))
            continue;
        if (n++ > 0)
            continue;
        first = reseed;
        time = s->oracle->time;
    }
    if (n < needed)
        return false;
    s->reseed = first;
    s->time = time;
    plan->lines[0].number = first;
    return true;
}

/* A plan with fewer faults fails less often, until it fails with the one draw
 * that was looked for: a picture of nothing.  So what fails often has to go on
 * failing half as often.  Returns how often it fails with fresh draws, at
 * least. */
static size_t need_more(shrinker *s)
{
    size_t n = 0;

    if (s->original->dear || s->original->fixed)
        return s->original->dear ? SIZE_MAX : 0;
    for (uint64_t k = 1; k <= DS__DRAWS && n < 2 * MOST_NEEDED; k++)
        n += fails(s, s->best->plan, k);
    s->best->plan->lines[0].number = s->reseed;
    if (n / 2 > s->needed)
        s->needed = n / 2;
    assert(s->needed >= 1 && s->needed <= MOST_NEEDED);
    return n;
}

/* Takes a plan over if it fails alike, together with what else has been changed
 * already; otherwise that is for the caller to change back. */
static bool accept(shrinker *s, ds_plan *plan, size_t draws)
{
    ds__table_key key;

    if (plan == NULL) {
        s->no_memory = true;
        return false;
    }
    assert(plan->count > 0 && plan->lines[0].kind == DS__PLAN_RESEED);
    key = key_of(s, plan, draws);
    if (!is_over(s) && ds__table_find(&s->seen, key) == NULL) {
        if (fails_often(s, plan, draws)) {
            if (plan != s->best->plan)
                ds_plan_free(s->best->plan);
            s->best->plan = plan;
            return true;
        }
        remember(s, key);
    }
    if (plan != s->best->plan)
        ds_plan_free(plan);
    return false;
}

/* ---- Fewer lines ----------------------------------------------------------*/

/* A set of lines: those that begin late, or belong to a kind. */
typedef bool pick_fn(const shrinker *s, const ds__plan_line *line,
                     size_t which);

/* The keep of ds__plan_pick() for what is not picked; NULL: none is, or there
 * is no memory. */
static bool *all_but(shrinker *s, pick_fn *pick, size_t which)
{
    const ds_plan *plan = s->best->plan;
    bool *keep = malloc(plan->count);
    size_t gone = 0;

    if (keep == NULL) {
        s->no_memory = true;
        return NULL;
    }
    assert(plan->count > 0);
    keep[0] = true;
    for (size_t i = 1; i < plan->count; i++) {
        keep[i] = !pick(s, &plan->lines[i], which);
        gone += !keep[i];
    }
    if (gone > 0)
        return keep;
    free(keep);
    return NULL;
}

static bool leave_out_lines(shrinker *s, pick_fn *pick, size_t which)
{
    bool *keep = is_over(s) ? NULL : all_but(s, pick, which);
    bool good =
        keep != NULL && accept(s, ds__plan_pick(s->best->plan, keep), s->draws);

    free(keep);
    return good;
}

static bool begins_late(const shrinker *s, const ds__plan_line *line,
                        size_t which)
{
    return line->time > s->time;
}

static bool is_of_kind(const shrinker *s, const ds__plan_line *line,
                       size_t kind)
{
    return line->kind == (ds__plan_kind)kind;
}

/* Takes one field away from all lines that have others too; those that have
 * only this one go. */
static bool leave_out_field(shrinker *s, size_t kind, size_t field)
{
    ds_plan *plan = is_over(s) ? NULL : ds__plan_new();
    const ds_plan *old = s->best->plan;
    bool changed = false;

    if (plan == NULL)
        return false;
    for (size_t i = 0; i < old->count; i++) {
        ds__plan_line line = old->lines[i];
        if (line.kind == (ds__plan_kind)kind && (line.named >> field & 1)) {
            line.named &= ~(1u << field);
            line.value[field] = 0;
            changed = true;
            if (line.named == 0)
                continue;
        }
        if (!ds__plan_append(plan, &line))
            s->no_memory = true;
    }
    if (changed && !s->no_memory)
        return accept(s, plan, s->draws);
    ds_plan_free(plan);
    return false;
}

static bool leave_out_families(shrinker *s)
{
    bool changed = false;

    for (size_t kind = 0; kind < DS__NUM_PLAN_KINDS; kind++)
        changed |= leave_out_lines(s, is_of_kind, kind);
    for (size_t kind = 0; kind < DS__NUM_PLAN_KINDS; kind++)
        for (size_t i = 0; i < ds__plan_words[kind].num_fields; i++)
            if (ds__plan_words[kind].num_fields > 1)
                changed |= leave_out_field(s, kind, i);
    return changed;
}

/* ---- Fewer pieces ---------------------------------------------------------*/

/* What can be taken apart: how many pieces it has, and an attempt to do without
 * n of them. */
typedef struct pieces {
    size_t (*count)(const shrinker *s);
    bool (*do_without)(shrinker *s, size_t first, size_t n);
} pieces;

/* From the end, so that what is left to try keeps its numbers. */
static bool leave_out_by(shrinker *s, const pieces *p, size_t size)
{
    bool changed = false;

    for (size_t end = p->count(s); end > 0 && !is_over(s);) {
        size_t first = end > size ? end - size : 0;
        changed |= p->do_without(s, first, end - first);
        end = first;
    }
    return changed;
}

/* Delta debugging: first all, then by halves, quarters and so on, and one by
 * one until none can be left out. */
static bool leave_out_pieces(shrinker *s, const pieces *p)
{
    bool changed = false;

    for (size_t size = p->count(s); size > 1; size = (size + 1) / 2)
        changed |= leave_out_by(s, p, size);
    while (leave_out_by(s, p, 1))
        changed = true;
    return changed;
}

static size_t count_lines(const shrinker *s)
{
    return s->best->plan->count - 1;
}

static bool do_without_lines(shrinker *s, size_t first, size_t n)
{
    const ds_plan *plan = s->best->plan;
    bool *keep = malloc(plan->count);
    bool good;

    if (keep == NULL) {
        s->no_memory = true;
        return false;
    }
    assert(n > 0 && first + n < plan->count);
    for (size_t i = 0; i < plan->count; i++)
        keep[i] = i < first + 1 || i > first + n;
    good = accept(s, ds__plan_pick(plan, keep), s->draws);
    free(keep);
    return good;
}

static size_t count_operations(const shrinker *s)
{
    assert(s->best->num_without <= s->original->num_operations);
    return s->original->num_operations - s->best->num_without;
}

/* Takes a set of operations over that are left out, if that fails alike. */
static bool accept_without(shrinker *s, bool *without)
{
    bool *before = s->best->without;
    bool good;

    s->best->without = without;
    good = accept(s, s->best->plan, s->draws);
    s->best->without = good ? without : before;
    free(good ? before : without);
    return good;
}

static bool *copy_without(shrinker *s)
{
    size_t n = s->original->num_operations;
    bool *copy = malloc(n + 1);

    if (copy == NULL)
        s->no_memory = true;
    else
        memcpy(copy, s->best->without, n);
    return copy;
}

static bool do_without_operations(shrinker *s, size_t first, size_t n)
{
    bool *without = copy_without(s);
    size_t place = 0; /* among those that are there */

    if (without == NULL)
        return false;
    for (size_t i = 0; i < s->original->num_operations; i++) {
        if (without[i])
            continue;
        without[i] = place >= first && place - first < n;
        place++;
    }
    if (!accept_without(s, without))
        return false;
    s->best->num_without += n;
    return true;
}

static bool leave_out_client(shrinker *s, size_t client)
{
    bool *without = copy_without(s);
    size_t n = 0;

    if (without == NULL)
        return false;
    for (size_t i = 0; i < s->original->num_operations; i++)
        if (s->original->clients[i] == client && !without[i]) {
            without[i] = true;
            n++;
        }
    if (n == 0) {
        free(without);
        return false;
    }
    if (!accept_without(s, without))
        return false;
    s->best->num_without += n;
    return true;
}

static bool leave_out_clients(shrinker *s)
{
    const size_t *clients = s->original->clients;
    bool changed = false;

    for (size_t i = s->original->num_operations; i-- > 0 && !is_over(s);)
        if (i == 0 || clients[i - 1] != clients[i])
            changed |= leave_out_client(s, clients[i]);
    return changed;
}

static bool leave_out_all_sizes(shrinker *s)
{
    static const pieces lines = { count_lines, do_without_lines };
    static const pieces operations = { count_operations,
                                       do_without_operations };
    bool changed = leave_out_pieces(s, &lines);

    changed |= leave_out_clients(s);
    changed |= leave_out_pieces(s, &operations);
    return changed;
}

/* ---- In order of time -----------------------------------------------------*/

/* People read it from the top; of lines of one time the order counts. */
static void sort_lines(ds_plan *plan)
{
    for (size_t i = 1; i < plan->count; i++) {
        const ds__plan_line line = plan->lines[i];
        size_t j = i;
        for (; j > 0 && plan->lines[j - 1].time > line.time; j--)
            plan->lines[j] = plan->lines[j - 1];
        plan->lines[j] = line;
    }
}

/* ---- Gentler lines --------------------------------------------------------*/

static bool replace_line(shrinker *s, size_t i, const ds__plan_line *line)
{
    const ds_plan *old = s->best->plan;
    ds_plan *plan = ds__plan_new();

    for (size_t j = 0; plan != NULL && j < old->count; j++)
        if (!ds__plan_append(plan, j == i ? line : &old->lines[j])) {
            ds_plan_free(plan);
            plan = NULL;
        }
    if (plan != NULL)
        sort_lines(plan);
    return accept(s, plan, s->draws < FEW_DRAWS ? s->draws : FEW_DRAWS);
}

/* Takes the first proposal that will do. */
static bool make_gentler(shrinker *s, size_t line, ds__manner manner)
{
    const ds__bounds *bounds = &s->original->bounds;
    ds__plan_line gentler;

    for (size_t i = 0; !is_over(s) && ds__gentler(&s->best->plan->lines[line],
                                                  manner, bounds, i, &gentler);
         i++)
        if (!ds__plan_same_line(&gentler, &s->best->plan->lines[line]) &&
            replace_line(s, line, &gentler))
            return true;
    return false;
}

static void make_all_gentler(shrinker *s)
{
    for (size_t line = 1; line < s->best->plan->count; line++)
        for (int manner = 0; manner < DS__NUM_MANNERS; manner++)
            for (size_t i = 0; i < MOST_REPEATS; i++)
                if (!make_gentler(s, line, (ds__manner)manner))
                    break;
}

static void try_fifo(shrinker *s)
{
    if (s->best->fifo || is_over(s))
        return;
    s->best->fifo = true;
    s->best->fifo = accept(s, s->best->plan, s->draws);
}

/* ---- One blunt line -------------------------------------------------------*/

/* When the last of its faults ends; 0: they stay. */
static double end_of(const ds_plan *plan)
{
    double end = 0;

    for (size_t i = 0; i < plan->count; i++)
        if (plan->lines[i].until < INFINITY && plan->lines[i].until > end)
            end = plan->lines[i].until;
    return end;
}

/* NULL: no memory. */
static ds_plan *with_reseed(const ds_plan *plan)
{
    const ds__plan_line reseed = { .until = INFINITY, .kind = DS__PLAN_RESEED };
    ds_plan *copy = ds__plan_new();

    if (copy != NULL && ds__plan_append(copy, &reseed)) {
        size_t i = 0;
        while (i < plan->count && ds__plan_append(copy, &plan->lines[i]))
            i++;
        if (i == plan->count)
            return copy;
    }
    ds_plan_free(copy);
    return NULL;
}

/* Tries other luck with a plan, and all operations. */
static bool try_luck(shrinker *s, ds_plan *plan, uint64_t reseed)
{
    bool *before = s->best->without;

    s->best->without = s->all;
    if (!fails(s, plan, reseed)) {
        s->best->without = before;
        return false;
    }
    s->best->without = before;
    memset(before, 0, s->original->num_operations);
    s->best->num_without = 0;
    ds_plan_free(s->best->plan);
    s->best->plan = plan;
    s->reseed = reseed;
    s->time = s->oracle->time;
    return true;
}

/* Replaces all lines by a blunt one, if that fails alike with any luck. */
static bool become_blunt(shrinker *s)
{
    const ds__original *o = s->original;
    double end = end_of(o->plan);
    double before = s->time;
    ds__plan_line line;
    ds_plan *plan;

    if (!ds__blunt(o->hazards, &o->bounds, end, 0, &line))
        return false;
    plan = with_reseed(&(ds_plan){ &line, 1, 1 });
    s->no_memory = plan == NULL;
    s->time = fmax(end, o->time);
    for (size_t i = 0; i < MOST_BLUNT && !is_over(s); i++) {
        ds__blunt(o->hazards, &o->bounds, end, i, &plan->lines[1]);
        if (try_luck(s, plan, 2 * DS__DRAWS + 1 + i))
            return true;
    }
    s->time = before;
    ds_plan_free(plan);
    return false;
}

/* ---- All of it ------------------------------------------------------------*/

static bool leave_out_all(shrinker *s)
{
    bool changed = leave_out_families(s);

    changed |= leave_out_all_sizes(s);
    return changed;
}

/* Draws find nothing, so each guess has one: it is a chance of its own. */
static void reduce_rare(shrinker *s)
{
    s->draws = 0;
    for (int round = 0; round < MOST_ROUNDS && leave_out_all(s); round++)
        leave_out_lines(s, begins_late, 0);
    if (count_lines(s) > FEW_LINES && become_blunt(s))
        leave_out_all(s);
    make_all_gentler(s);
    try_fifo(s);
    leave_out_all(s);
}

static void reduce_often(shrinker *s)
{
    leave_out_all(s);
    s->draws = DS__DRAWS;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        bool changed;
        need_more(s);
        leave_out_lines(s, begins_late, 0);
        changed = leave_out_all(s);
        if (round > 0 && !changed)
            break;
        make_all_gentler(s);
        try_fifo(s);
    }
}

static void reduce(shrinker *s)
{
    leave_out_lines(s, begins_late, 0);
    if (need_more(s) > 0)
        reduce_often(s);
    else
        reduce_rare(s);
}

/* Those draws with which the result was made would all be good ones. */
static void count_failures(shrinker *s)
{
    const size_t draws =
        s->original->dear || s->original->fixed ? 0 : DS__DRAWS;

    for (uint64_t k = 1; k <= draws && !is_over(s); k++) {
        bool alike = fails(s, s->best->plan, DS__DRAWS + k);
        s->best->draws += !is_over(s);
        s->best->fails += alike;
    }
    s->best->plan->lines[0].number = s->reseed;
    assert(s->best->fails <= s->best->draws && s->best->draws <= DS__DRAWS);
}

/* Takes the first line away if it is none. */
static bool drop_reseed(shrinker *s)
{
    ds_plan *with = s->best->plan;
    const ds_plan bare = { with->lines + 1, with->count - 1, with->max - 1 };

    if (s->reseed != 0)
        return true;
    s->best->plan = ds__plan_pick(&bare, NULL);
    ds_plan_free(with);
    return s->best->plan != NULL;
}

/* Asserts what stands above the structs. */
static void check(const ds__original *original, const ds__shrunk *shrunk)
{
    size_t n = 0;

    assert(original->time >= 0 && original->bounds.shortest >= 0);
    for (size_t i = 0; i < original->num_operations; i++) {
        assert(i == 0 || original->clients[i - 1] <= original->clients[i]);
        n += shrunk->without[i];
    }
    assert(n == shrunk->num_without);
    ds__plan_check(shrunk->plan);
}

bool ds__shrink(const ds__original *original, ds__oracle *oracle,
                ds__shrunk *shrunk)
{
    shrinker s = { .original = original,
                   .oracle = oracle,
                   .best = shrunk,
                   .needed = 1,
                   .time = original->time,
                   .draws = FEW_DRAWS };

    *shrunk = (ds__shrunk){
        .plan = with_reseed(original->plan),
        .without = calloc(original->num_operations + 1, sizeof(bool)),
        .fifo = original->fifo,
    };
    s.all = calloc(original->num_operations + 1, sizeof(bool));
    ds__table_init(&s.seen, sizeof(ds__entry));
    if (shrunk->plan != NULL)
        sort_lines(shrunk->plan);
    s.no_memory =
        shrunk->plan == NULL || shrunk->without == NULL || s.all == NULL;
    if (!s.no_memory)
        shrunk->failed = fails(&s, shrunk->plan, 0);
    if (shrunk->failed) {
        reduce(&s);
        shrunk->whole = !is_over(&s);
        count_failures(&s);
    }
    ds__table_free(&s.seen);
    free(s.all);
    if (!s.no_memory && drop_reseed(&s)) {
        check(original, shrunk);
        return true;
    }
    ds__shrunk_free(shrunk);
    return false;
}

void ds__shrunk_free(ds__shrunk *shrunk)
{
    ds_plan_free(shrunk->plan);
    free(shrunk->without);
    shrunk->plan = NULL;
    shrunk->without = NULL;
}
