/* Why calls cannot be put in any order.
 *
 * First the shortest beginning of the history that has no order: the call that
 * ended there is the one to blame, for with its result unknown there is one.
 * Then calls are left out as long as two things stay true:
 *
 * - What is left has no order, whatever became of what is left out: that may
 *   have happened in its time, with any result, or not.  Otherwise a read would
 *   be blamed for a write that is not shown.
 * - What is left has one without the result of the blamed call.  Otherwise the
 *   story would not be about that call.
 * - If the blamed call would have had a place at another time, it still has.
 *   Otherwise a stale value would seem to come from nowhere.
 *
 * All of this is limited by steps rather than by time, so that the same history
 * gets the same report; unless the caller's time is up. */

#include "explore/explain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "explore/diagram.h"
#include "explore/print.h"

#define STEPS_IN_ALL  3000000
#define STEPS_AT_ONCE 50000
#define MEMORY        (UINT64_C(64) << 20)

/* More calls than this are no picture. */
#define MOST_SHOWN 24

/* With how many calls after it one is left out together. */
#define PAIRED 12

/* So many different states are told apart, and so many are shown. */
enum { MOST_STATES = 24, SHOWN_STATES = 4, STATE_LENGTH = 40 };

typedef struct story {
    const ds__question *q;
    uint64_t steps;       /* that are left */
    ds__recorded *prefix; /* the beginning of the history */
    size_t n;
    size_t blamed;
    bool *shown;           /* by number in prefix */
    bool untimely;         /* it would have had a place at another time */
    ds__recorded *scratch; /* calls of one question */

    /* What the blamed call met. */
    char states[MOST_STATES][STATE_LENGTH];
    size_t num_states;
    bool more_states;
    char text[240];
} story;

/* ---- Questions ------------------------------------------------------------*/

/* Nobody knows whether a call happens. */
static void relax(ds__recorded *call)
{
    call->call.returned = false;
    call->last = DS__NEVER;
}

/* Limits a question by steps, and not longer than the whole may take. */
static void limit(ds__question *q)
{
    q->limits.memory = MEMORY;
    q->limits.steps = STEPS_AT_ONCE;
}

/* Asks about the first n calls of s->scratch. */
static ds__outcome ask(story *s, size_t n)
{
    ds__question q = *s->q;

    q.calls = s->scratch;
    q.n = n;
    limit(&q);
    if (s->steps < STEPS_AT_ONCE)
        return DS__TIME_LIMIT;
    ds__answer a = ds__search(&q);
    s->steps -= a.steps < s->steps ? a.steps : s->steps;
    return a.outcome;
}

/* Copies the history as it was just after a moment; returns how many calls had
 * begun. */
static size_t cut_after(const story *s, uint64_t moment, ds__recorded *calls)
{
    size_t n = 0;

    for (; n < s->q->n && s->q->calls[n].first <= moment; n++) {
        calls[n] = s->q->calls[n];
        if (calls[n].last > moment)
            relax(&calls[n]);
    }
    return n;
}

static int compare_ends(const void *a, const void *b)
{
    const ds__recorded *x = a;
    const ds__recorded *y = b;

    return x->last < y->last ? -1 : x->last > y->last;
}

/* Finds the end after which there is no order any more, by halving. */
static bool find_prefix(story *s)
{
    ds__recorded *ends = calloc(s->q->n + 1, sizeof(*ends));
    size_t from = 0, to = 0;

    if (ends == NULL)
        return false;
    for (size_t i = 0; i < s->q->n; i++)
        if (s->q->calls[i].call.returned)
            ends[to++] = s->q->calls[i];
    qsort(ends, to, sizeof(*ends), compare_ends);
    assert(to > 0);
    for (to--; from < to;) {
        size_t half = (from + to) / 2;
        size_t n = cut_after(s, ends[half].last, s->scratch);
        if (ask(s, n) == DS__NOT_ORDERED)
            to = half;
        else
            from = half + 1;
    }
    s->n = cut_after(s, ends[to].last, s->prefix);
    while (s->prefix[s->blamed].last != ends[to].last)
        s->blamed++;
    free(ends);
    memset(s->shown, true, s->n * sizeof(*s->shown));
    return true;
}

/* ---- Leaving out ----------------------------------------------------------*/

/* Copies all to s->scratch, those that are not shown as if they may have
 * happened in their time. */
static void copy_all(const story *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->scratch[i] = s->prefix[i];
        if (!s->shown[i])
            s->scratch[i].call.returned = false;
    }
}

/* Whatever became of the others, those that are shown have no order. */
static bool is_wrong(story *s)
{
    copy_all(s);
    return ask(s, s->n) == DS__NOT_ORDERED;
}

/* Gathers those that are shown in s->scratch; returns how many there are. */
static size_t gather(const story *s, size_t *blamed)
{
    size_t n = 0;

    assert(s->blamed < s->n && s->shown[s->blamed]);
    for (size_t i = 0; i < s->n; i++) {
        if (i == s->blamed)
            *blamed = n;
        if (s->shown[i])
            s->scratch[n++] = s->prefix[i];
    }
    return n;
}

/* They have one if the result of the blamed call is not known. */
static bool is_its_fault(story *s)
{
    size_t blamed = 0;
    size_t n = gather(s, &blamed);

    relax(&s->scratch[blamed]);
    return ask(s, n) == DS__ORDERED;
}

/* They have one if it had its result at any time. */
static bool is_untimely(story *s)
{
    size_t blamed = 0;
    size_t n = gather(s, &blamed);

    s->scratch[blamed].first = 0; /* it is the last one to end */
    return ask(s, n) == DS__ORDERED;
}

/* Tells whether the story of those that are shown is good. */
static bool is_story(story *s)
{
    return is_its_fault(s) && (!s->untimely || is_untimely(s)) && is_wrong(s);
}

static void hide(story *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (i != s->blamed)
            s->shown[i] = false;
}

static bool any_shown(const story *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (s->shown[i] && i != s->blamed)
            return true;
    return false;
}

/* Leaves out what can go among the pieces of so many calls; true: some. */
static bool leave_out(story *s, size_t piece)
{
    bool any = false;
    bool *before = malloc(piece * sizeof(*before));

    for (size_t from = 0; before != NULL && from < s->n; from += piece) {
        size_t to = from + piece < s->n ? from + piece : s->n;
        if (!any_shown(s, from, to))
            continue;
        memcpy(before, &s->shown[from], (to - from) * sizeof(*before));
        hide(s, from, to);
        if (is_story(s))
            any = true;
        else
            memcpy(&s->shown[from], before, (to - from) * sizeof(*before));
    }
    free(before);
    return any;
}

/* Tries to leave out call i with each of the next few, since a value that is
 * put and taken, or a lock that is held, goes only as a whole. */
static bool leave_out_with_another(story *s, size_t i)
{
    size_t tries = 0;

    for (size_t j = i + 1; j < s->n && tries < PAIRED; j++) {
        if (!s->shown[j] || j == s->blamed)
            continue;
        tries++;
        s->shown[i] = false;
        s->shown[j] = false;
        if (is_story(s))
            return true;
        s->shown[i] = true;
        s->shown[j] = true;
    }
    return false;
}

static bool leave_out_pairs(story *s)
{
    bool any = false;

    for (size_t i = 0; i < s->n; i++)
        if (s->shown[i] && i != s->blamed && leave_out_with_another(s, i))
            any = true;
    return any;
}

static void shrink(story *s)
{
    for (size_t piece = s->n / 2; piece > 1; piece /= 2)
        leave_out(s, piece);
    while (leave_out(s, 1) || leave_out_pairs(s))
        continue;
}

/* ---- What the blamed call met ---------------------------------------------*/

/* Remembers one more state in which it could not be done. */
static void refused(void *arg, const void *state)
{
    story *s = arg;
    char text[STATE_LENGTH] = "";

    s->q->model->show(text, sizeof(text), state);
    for (size_t i = 0; i < s->num_states; i++)
        if (strcmp(s->states[i], text) == 0)
            return;
    if (s->num_states == MOST_STATES)
        s->more_states = true;
    else
        strcpy(s->states[s->num_states++], text);
}

/* Numbers by what they are, all else as it is written. */
static int compare_states(const void *a, const void *b)
{
    char *end[2];
    double x = strtod(a, &end[0]);
    double y = strtod(b, &end[1]);

    if (*end[0] == '\0' && *end[1] == '\0' && x != y)
        return x < y ? -1 : 1;
    return strcmp(a, b);
}

/* What comes after a dash in the model's name, such as "nil-register". */
static const char *noun(const ds_model *model)
{
    const char *dash = strrchr(model->name, '-');

    return dash == NULL ? model->name : dash + 1;
}

/* Says what was there instead, such as "the register was 3 or 5". */
static void say_states(story *s, ds__text *text)
{
    const ds_model *model = s->q->model;
    bool all = s->num_states <= SHOWN_STATES;
    size_t shown = all ? s->num_states : SHOWN_STATES;

    qsort(s->states, s->num_states, sizeof(s->states[0]), compare_states);

    if (model->part != NULL)
        ds__text_add(text, ": %lld",
                     (long long)model->part(&s->q->calls[0].call));
    else
        ds__text_add(text, ": the %s", noun(model));
    if (s->num_states == 1)
        ds__text_add(text, " was ");
    else if (s->num_states <= SHOWN_STATES)
        ds__text_add(text, " could only be ");
    else
        ds__text_add(text, " could only be one of %s%zu things: ",
                     s->more_states ? "more than " : "", s->num_states);
    for (size_t i = 0; i < shown; i++)
        ds__text_add(text, "%s%s",
                     i == 0          ? ""
                     : i + 1 < shown ? ", "
                     : all           ? " or "
                                     : ", ",
                     s->states[i]);
    if (!all)
        ds__text_add(text, ", ...");
}

/* Says which other call has no place once the blamed one has. */
static void say_other(const story *s, size_t other, ds__text *text)
{
    char call[120];

    ds__print_call(s->q->model, &s->scratch[other].call, call, sizeof(call));
    ds__text_add(text, ": wherever it fits, %s of process %llu does not", call,
                 (unsigned long long)s->scratch[other].call.process);
}

/* Finds out what the blamed call met, whatever became of those that are not
 * shown. */
static void find_reason(story *s)
{
    ds__question q = *s->q;
    ds__text text;

    copy_all(s);
    q.calls = s->scratch;
    q.n = s->n;
    limit(&q);
    q.watched = s->blamed;
    q.refused = q.model->show == NULL ? NULL : refused;
    q.arg = s;
    ds__answer a = ds__search(&q);

    ds__text_init(&text, s->text, sizeof(s->text));
    ds__text_add(&text, "^ has no place");
    if (a.outcome == DS__NOT_ORDERED && a.stuck_after != SIZE_MAX)
        say_other(s, a.stuck_after, &text);
    else if (s->num_states > 0)
        say_states(s, &text);
}

/* ---- The report -----------------------------------------------------------*/

/* The weaker promise is often the one that was kept. */
static void say_whether_sequential(const story *s, ds__text *why)
{
    const ds_model_op *op =
        ds__find_op(s->q->model, s->prefix[s->blamed].call.op);
    ds__question q = *s->q;

    q.order = DS__PROGRAM_ORDER;
    limit(&q);
    ds__outcome outcome = ds__search(&q).outcome;
    if (outcome == DS__NOT_ORDERED)
        ds__text_add(why, ", nor sequentially consistent");
    if (outcome != DS__ORDERED)
        return;
    ds__text_add(why, ", but sequentially consistent");
    if (!s->untimely)
        ds__text_add(why, ": told before it was so");
    else if (op != NULL)
        ds__text_add(why, ": a stale %s", op->name);
}

static void say_whose(const ds__question *q, ds__text *why)
{
    const ds_call *call = &q->calls[0].call;

    ds__text_add(why, "%s, key %lld", q->model->name, (long long)call->key);
    if (q->model->part != NULL)
        ds__text_add(why, ", about %lld", (long long)q->model->part(call));
    ds__text_add(why, ": not linearizable");
}

static void draw(story *s, ds__text *why)
{
    size_t marked = 0;
    size_t n = gather(s, &marked);
    size_t skipped = n > MOST_SHOWN ? n - MOST_SHOWN : 0;

    /* The blamed one is the last to end, and may have begun early. */
    if (skipped > marked)
        skipped = marked;
    if (skipped > 0)
        ds__text_add(why, "\n  after %zu calls before these", skipped);
    ds__draw(why, s->q->model, s->scratch + skipped, n - skipped,
             marked - skipped, s->text);
}

void ds__explain(const ds__question *question, ds__text *why)
{
    story s = {
        .q = question,
        .steps = STEPS_IN_ALL,
        .prefix = calloc(question->n + 1, sizeof(*s.prefix)),
        .scratch = calloc(question->n + 1, sizeof(*s.scratch)),
        .shown = calloc(question->n + 1, sizeof(*s.shown)),
    };

    say_whose(question, why);
    if (s.prefix != NULL && s.scratch != NULL && s.shown != NULL &&
        find_prefix(&s)) {
        s.untimely = is_untimely(&s);
        say_whether_sequential(&s, why);
        shrink(&s);
        find_reason(&s);
        draw(&s, why);
    }
    free(s.prefix);
    free(s.scratch);
    free(s.shown);
}
