/* Every model, and the search against all orders that there are. */

#include <stdlib.h>
#include <string.h>

#include "explore/search.h"
#include "harness.h"
#include "random_history.h"

enum { most_calls = 16, most_bytes = 2048 };

/* ---- The oracle -----------------------------------------------------------*/

/* Tries every order, without any idea how to do it fast. */
typedef struct oracle {
    const ds_model *model;
    const ds__recorded *calls[most_calls];
    size_t n;
    bool placed[most_calls];
    bool by_program; /* instead of real time */
} oracle;

static bool is_before(const oracle *o, size_t a, size_t b)
{
    if (o->calls[a]->last >= o->calls[b]->first)
        return false;
    return !o->by_program ||
           o->calls[a]->call.process == o->calls[b]->call.process;
}

/* What may be left out does not hold up others, but cannot come after them. */
static bool may_be_next(const oracle *o, size_t i)
{
    for (size_t j = 0; j < o->n; j++) {
        if (!o->placed[j] && o->calls[j]->call.returned && is_before(o, j, i))
            return false;
        if (o->placed[j] && is_before(o, i, j))
            return false;
    }
    return !o->placed[i];
}

static bool is_done(const oracle *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (!o->placed[i] && o->calls[i]->call.returned)
            return false;
    return true;
}

static bool can_be_ordered(oracle *o, const unsigned char *state)
{
    if (is_done(o))
        return true;
    for (size_t i = 0; i < o->n; i++) {
        _Alignas(16) unsigned char next[most_bytes];
        memcpy(next, state, most_bytes);
        if (!may_be_next(o, i) || !o->model->step(next, &o->calls[i]->call))
            continue;
        o->placed[i] = true;
        const bool can = can_be_ordered(o, next);
        o->placed[i] = false;
        if (can)
            return true;
    }
    return false;
}

static bool is_about(const ds_model *model, const ds_call *call, int64_t key,
                     int64_t part)
{
    if (call->forgotten || call->key != key)
        return false;
    return (model->part == NULL ? 0 : model->part(call)) == part;
}

/* About one part of a key; where a model has none, all is part 0. */
static bool oracle_says(const ds_model *model, const ds_history *history,
                        int64_t key, int64_t part, bool by_program)
{
    _Alignas(16) unsigned char state[most_bytes] = { 0 };
    oracle o = { .model = model, .by_program = by_program };

    for (size_t i = 0; i < history->count; i++)
        if (is_about(model, &history->calls[i].call, key, part))
            o.calls[o.n++] = &history->calls[i];
    model->init(state, key);
    return can_be_ordered(&o, state);
}

/* ---- Against it -----------------------------------------------------------*/

static const ds_model *model_of(int i)
{
    return ds_model_all(NULL)[i];
}

static size_t num_models(void)
{
    size_t n;

    ds_model_all(&n);
    return n;
}

static void ck_same(uint64_t seed, int i, size_t n, int64_t keys, int *yes)
{
    const ds_model *model = model_of(i);
    ds_history *history = random_history(model, seed, n, keys);
    bool can = true;
    char why[8192];

    for (int64_t key = 0; key < keys; key++)
        for (int64_t part = 0; part < 3; part++)
            can = can && oracle_says(model, history, key, part, false);
    const ds_verdict verdict =
        ds_history_check(history, model, 0, why, sizeof(why));
    if (verdict != (can ? DS_LINEARIZABLE : DS_NOT_LINEARIZABLE))
        ck_abort_msg("%s, seed %llu: %d, but it is %d", model->name,
                     (unsigned long long)seed, verdict, !can);
    *yes += can;
    ds_history_free(history);
}

START_TEST(the_search_agrees_with_all_orders_of_every_model)
{
    const uint64_t seeds = harness_full() ? 30000 : 3000;
    int yes = 0;

    for (uint64_t seed = 1; seed <= seeds; seed++)
        ck_same(seed, _i, 3 + seed % 5, 1 + (int64_t)(seed % 3), &yes);
    /* Else there would be nothing to tell apart. */
    ck_assert_int_gt(yes, (int)seeds / 10);
    ck_assert_int_lt(yes, (int)(seeds - seeds / 10));
}
END_TEST

/* All calls of a random history of one object, as a question. */
static ds__recorded *calls_of(const ds_history *history, size_t *n)
{
    ds__recorded *calls = calloc(history->count + 1, sizeof(*calls));

    *n = 0;
    for (size_t i = 0; i < history->count; i++)
        if (!history->calls[i].call.forgotten)
            calls[(*n)++] = history->calls[i];
    return calls;
}

START_TEST(so_it_does_about_sequential_consistency)
{
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        if (model_of(_i)->part != NULL)
            return; /* parts are questions of their own */
        ds_history *history = random_history(model_of(_i), seed, 7, 1);
        ds__question q = { .model = model_of(_i),
                           .order = DS__PROGRAM_ORDER,
                           .limits = { .memory = 1 << 20 },
                           .watched = SIZE_MAX };
        ds__recorded *calls = calls_of(history, &q.n);
        q.calls = calls;
        const ds__outcome outcome = ds__search(&q).outcome;
        ck_assert_msg((outcome == DS__ORDERED) ==
                          oracle_says(q.model, history, 0, 0, true),
                      "%s, seed %llu", q.model->name, (unsigned long long)seed);
        free(calls);
        ds_history_free(history);
    }
}
END_TEST

/* Reports ask about calls that may have happened in their time, or not. */
START_TEST(so_it_does_about_calls_that_may_be_left_out)
{
    const ds_model *model = model_of(_i);

    for (uint64_t seed = 1; seed <= 8000; seed++) {
        if (model->part != NULL)
            return;
        ds_history *history = random_history(model, seed, 4 + seed % 6, 1);
        ds__question q = { .model = model,
                           .limits = { .memory = 1 << 20 },
                           .watched = SIZE_MAX };
        uint64_t random = seed;
        for (size_t i = 0; i < history->count; i++)
            if (random_below(&random, 3) > 0)
                history->calls[i].call.returned = false;
        ds__recorded *calls = calls_of(history, &q.n);
        q.calls = calls;
        ck_assert_msg((ds__search(&q).outcome == DS__ORDERED) ==
                          oracle_says(model, history, 0, 0, false),
                      "%s, seed %llu", model->name, (unsigned long long)seed);
        free(calls);
        ds_history_free(history);
    }
}
END_TEST

/* ---- What each model does -------------------------------------------------*/

/* One call after another, each of a process of its own, that must be right, and
 * wrong with the last result. */
typedef struct line {
    int op;
    int64_t arg0, arg1, result;
} line;

typedef struct story {
    const ds_model *model;
    line lines[12];
    int64_t wrong;
} story;

static const story stories[] = {
    { &ds_register_model,
      { { DS_READ, 0, 0, 0 },
        { DS_WRITE, 5, 0, 0 },
        { DS_CAS, 4, 6, 0 },
        { DS_CAS, 5, -7, 1 },
        { DS_READ, 0, 0, -7 } },
      5 },
    { &ds_nil_register_model,
      { { DS_READ, 0, 0, DS_NIL },
        { DS_CAS, 0, 1, 0 },
        { DS_CAS, DS_NIL, 3, 1 },
        { DS_READ, 0, 0, 3 } },
      DS_NIL },
    { &ds_counter_model,
      { { DS_COUNTER_READ, 0, 0, 0 },
        { DS_COUNTER_ADD, 5, 0, 0 },
        { DS_COUNTER_ADD_AND_READ, -7, 0, -2 },
        { DS_COUNTER_READ, 0, 0, -2 } },
      5 },
    { &ds_set_model,
      { { DS_SET_HAS, 9, 0, 0 },
        { DS_SET_ADD, 9, 0, 1 },
        { DS_SET_ADD, 9, 0, 0 },
        { DS_SET_ADD, 9, 0, DS_NIL },
        { DS_SET_HAS, 8, 0, 0 },
        { DS_SET_REMOVE, 9, 0, 1 },
        { DS_SET_REMOVE, 9, 0, 0 },
        { DS_SET_HAS, 9, 0, 0 } },
      1 },
    { &ds_queue_model,
      { { DS_QUEUE_TAKE, 0, 0, DS_NIL },
        { DS_QUEUE_PUT, 4, 0, 0 },
        { DS_QUEUE_PUT, 5, 0, 0 },
        { DS_QUEUE_TAKE, 0, 0, 4 },
        { DS_QUEUE_PUT, 6, 0, 0 },
        { DS_QUEUE_TAKE, 0, 0, 5 },
        { DS_QUEUE_TAKE, 0, 0, 6 } },
      DS_NIL },
    { &ds_stack_model,
      { { DS_STACK_POP, 0, 0, DS_NIL },
        { DS_STACK_PUSH, 4, 0, 0 },
        { DS_STACK_PUSH, 5, 0, 0 },
        { DS_STACK_POP, 0, 0, 5 },
        { DS_STACK_PUSH, 6, 0, 0 },
        { DS_STACK_POP, 0, 0, 6 },
        { DS_STACK_POP, 0, 0, 4 } },
      6 },
    { &ds_map_model,
      { { DS_MAP_GET, 3, 0, DS_NIL },
        { DS_MAP_PUT, 3, 0, 0 },
        { DS_MAP_PUT, 4, 9, 0 },
        { DS_MAP_GET, 3, 0, 0 },
        { DS_MAP_REMOVE, 3, 0, 0 },
        { DS_MAP_GET, 4, 0, 9 },
        { DS_MAP_GET, 3, 0, DS_NIL } },
      0 },
    { &ds_lock_model,
      { { DS_LOCK_ACQUIRE, 0, 0, 33 },
        { DS_LOCK_USE, 33, 0, 1 },
        { DS_LOCK_USE, 34, 0, 0 },
        { DS_LOCK_EXPIRE, 33, 0, 1 },
        { DS_LOCK_RELEASE, 33, 0, 0 },
        { DS_LOCK_ACQUIRE, 0, 0, 40 },
        { DS_LOCK_USE, 33, 0, 1 },
        { DS_LOCK_USE, 40, 0, 1 },
        { DS_LOCK_USE, 33, 0, 0 } },
      1 },
    { &ds_log_model,
      { { DS_LOG_LENGTH, 0, 0, 0 },
        { DS_LOG_READ, 0, 0, DS_NIL },
        { DS_LOG_APPEND, 8, 0, 0 },
        { DS_LOG_APPEND, 7, 0, DS_NIL },
        { DS_LOG_APPEND, 6, 0, 2 },
        { DS_LOG_LENGTH, 0, 0, 3 },
        { DS_LOG_READ, 1, 0, 7 } },
      6 },
    { &ds_bank_model,
      { { DS_BANK_PAY, 3, 10, 1 },
        { DS_BANK_PAY, 3, -11, 0 },
        { DS_BANK_MOVE, DS_BANK_PAIR(3, 70), 4, 1 },
        { DS_BANK_MOVE, DS_BANK_PAIR(3, 70), 7, 0 },
        { DS_BANK_READ, 70, 0, 4 },
        { DS_BANK_READ, 3, 0, 6 },
        { DS_BANK_PAY, 3, -1, 1 },
        { DS_BANK_TOTAL, 0, 0, 9 } },
      10 },
};

static ds_verdict tell(const story *s, bool wrong)
{
    ds_history *history = ds_history_new();

    for (uint64_t i = 0; s->lines[i].op != 0; i++) {
        const line *l = &s->lines[i];
        const bool last = s->lines[i + 1].op == 0;
        const size_t call = ds_history_begin(history, (double)i, 100 + i, l->op,
                                             -3, l->arg0, l->arg1);
        ds_history_end(history, (double)i, call,
                       last && wrong ? s->wrong : l->result);
    }
    const ds_verdict verdict = ds_history_check(history, s->model, 0, NULL, 0);
    ds_history_free(history);
    return verdict;
}

START_TEST(a_model_does_what_its_description_says)
{
    ck_assert_int_eq(tell(&stories[_i], false), DS_LINEARIZABLE);
    ck_assert_int_eq(tell(&stories[_i], true), DS_NOT_LINEARIZABLE);
}
END_TEST

START_TEST(an_operation_that_a_model_does_not_know_has_no_place)
{
    ds_history *history = ds_history_new();

    ds_history_end(history, 1, ds_history_begin(history, 1, 1, 77, 1, 0, 0), 0);
    ck_assert_int_eq(ds_history_check(history, model_of(_i), 0, NULL, 0),
                     DS_NOT_LINEARIZABLE);
    ds_history_free(history);
}
END_TEST

START_TEST(only_who_holds_a_mutex_releases_it)
{
    ds_history *history = ds_history_new();

    ds_history_end(history, 1,
                   ds_history_begin(history, 0, 7, DS_ACQUIRE, 0, 0, 0), 0);
    ds_history_end(history, 2,
                   ds_history_begin(history, 1, 7, DS_RELEASE, 0, 0, 0), 0);
    ds_history_end(history, 3,
                   ds_history_begin(history, 2, 8, DS_ACQUIRE, 0, 0, 0), 0);
    ck_assert_int_eq(ds_history_check(history, &ds_mutex_model, 0, NULL, 0),
                     DS_LINEARIZABLE);
    ds_history_end(history, 4,
                   ds_history_begin(history, 3, 7, DS_RELEASE, 0, 0, 0), 0);
    ck_assert_int_eq(ds_history_check(history, &ds_mutex_model, 0, NULL, 0),
                     DS_NOT_LINEARIZABLE);
    ds_history_free(history);
}
END_TEST

START_TEST(of_two_that_may_hold_a_mutex_the_one_that_releases_it_did)
{
    for (uint64_t who = 7; who <= 8; who++) {
        ds_history *history = ds_history_new();
        ds_history_begin(history, 0, 7, DS_ACQUIRE, 0, 0, 0);
        ds_history_begin(history, 0, 8, DS_ACQUIRE, 0, 0, 0);
        ds_history_end(history, 2,
                       ds_history_begin(history, 1, who, DS_RELEASE, 0, 0, 0),
                       0);
        ck_assert_int_eq(ds_history_check(history, &ds_mutex_model, 0, NULL, 0),
                         DS_LINEARIZABLE);
        ds_history_free(history);
    }
}
END_TEST

START_TEST(a_model_is_found_by_its_name)
{
    ck_assert_ptr_eq(ds_model_by_name(model_of(_i)->name), model_of(_i));
    ck_assert_ptr_null(ds_model_by_name("no such model"));
    ck_assert_ptr_null(ds_model_by_name(NULL));
}
END_TEST

static void add(TCase *tc)
{
    const int models = (int)num_models();

    tcase_add_loop_test(tc, the_search_agrees_with_all_orders_of_every_model, 0,
                        models);
    tcase_add_loop_test(tc, so_it_does_about_sequential_consistency, 0, models);
    tcase_add_loop_test(tc, so_it_does_about_calls_that_may_be_left_out, 0,
                        models);
    tcase_add_loop_test(tc, a_model_does_what_its_description_says, 0,
                        sizeof(stories) / sizeof(*stories));
    tcase_add_loop_test(
        tc, an_operation_that_a_model_does_not_know_has_no_place, 0, models);
    tcase_add_test(tc, only_who_holds_a_mutex_releases_it);
    tcase_add_test(tc,
                   of_two_that_may_hold_a_mutex_the_one_that_releases_it_did);
    tcase_add_loop_test(tc, a_model_is_found_by_its_name, 0, models);
}

int main(void)
{
    return harness_main("history_models", add);
}
