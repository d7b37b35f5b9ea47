/* What happened in a trial; see the header.
 *
 * A probe looks at every step whether there is another fault or operation than
 * at the last one, and if so writes it down where both processes see it. */

#include "explore/runner/happened.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/invariant.h"
#include "base/list.h"
#include "explore/plan/script.h"
#include "explore/runner/apart.h"
#include "explore/runner/child.h"
#include "explore/runner/inside.h"
#include "explore/runner/worker.h"

enum { MOST_CLIENTS = 1024, MOST_TEXT = 1 << 22 };

/* One who has asked for operations, and how many it was given. */
typedef struct served {
    uint64_t machine;
    uint64_t thread;
    size_t next;
} served;

/* What both processes see.  Invariants: text has whole lines, of which there
 * are lines. */
typedef struct page {
    ds__probe probe; /* first; of the process that runs it */
    const ds_trial *trial;
    _Atomic uint64_t since;
    bool finished;
    ds__result result;
    char last_words[DS__LAST_WORDS];
    uint32_t num_nodes;
    bool exposed;
    size_t num_served;
    served served[MOST_CLIENTS];
    size_t lines;
    size_t used;
    char text[MOST_TEXT];
} page;

/* ---- In the process that runs it ------------------------------------------*/

static void note_line(page *p, const ds__plan_line *line)
{
    size_t room = ds__plan_line_room(line);
    ds__text text;

    p->lines++;
    if (p->used + room + 2 > MOST_TEXT)
        return;
    ds__text_init(&text, p->text + p->used, room + 2);
    ds__plan_print_line(line, &text);
    ds__text_add(&text, "\n");
    p->used += text.used;
    assert(p->used < MOST_TEXT && p->text[p->used - 1] == '\n');
}

static void note_faults(page *p, const ds_loop *loop)
{
    const ds__script *script = ds__script_find(loop);

    assert(script == NULL || p->lines <= script->num_acts);
    while (script != NULL && p->lines < script->num_acts)
        note_line(p, &script->acts[p->lines]->line);
}

static void note_clients(page *p, const ds_trial *t)
{
    size_t n = 0;

    for (const ds__client *c = t->clients; c != NULL && n < MOST_CLIENTS;
         c = c->other)
        p->served[n++] = (served){ c->machine, c->thread, c->next };
    p->num_served = n;
    p->num_nodes = (uint32_t)t->num_nodes;
    p->exposed = t->exposed && t->net != NULL;
}

static void note(page *p, const ds_trial *t)
{
    if (t == NULL || t->loop == NULL)
        return;
    note_faults(p, t->loop);
    note_clients(p, t);
}

static void listen(ds__probe *self, const ds__record *record)
{
    page *p = (page *)self;
    const ds_handle *h = ds__self();

    if (h != NULL && record->kind != DS__TELL_SEND)
        note(p, ds_handle_trial(h));
}

_Noreturn static void run(page *p, const ds_test *test,
                          const ds__trial_order *given)
{
    ds__trial_order order = *given;
    ds_trial *t;

    p->probe.record = listen;
    order.probe = &p->probe;
    order.last_words = p->last_words;
    order.last_words_size = sizeof(p->last_words);
    t = ds__trial_new(test, &order, &p->result);
    note(p, t);
    p->finished = true;
    _exit(0);
}

/* ---- In the caller --------------------------------------------------------*/

static size_t count_operations(const page *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->num_served; i++)
        n += p->served[i].next;
    return n;
}

static bool is_left_out(const ds__trial_order *order, const ds__operation *o)
{
    for (size_t i = 0; i < order->num_left_out; i++)
        if (order->left_out[i].machine == o->machine &&
            order->left_out[i].thread == o->thread &&
            order->left_out[i].number == o->number)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    const ds__operation *x = a;
    const ds__operation *y = b;

    if (x->machine != y->machine)
        return x->machine < y->machine ? -1 : 1;
    if (x->thread != y->thread)
        return x->thread < y->thread ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static bool take_operations(ds__happened *h, const page *p,
                            const ds__trial_order *order)
{
    h->operations = calloc(count_operations(p) + 1, sizeof(*h->operations));
    if (h->operations == NULL)
        return false;
    for (size_t i = 0; i < p->num_served; i++) {
        const served *s = &p->served[i];
        for (size_t k = 0; k < s->next; k++) {
            const ds__operation o = { s->machine, s->thread, k };
            if (!is_left_out(order, &o))
                h->operations[h->num_operations++] = o;
        }
    }
    assert(h->num_operations <= count_operations(p));
    qsort(h->operations, h->num_operations, sizeof(*h->operations), compare);
    return true;
}

static bool take_plan(ds__happened *h, page *p, const ds__trial_order *order)
{
    char why[200];

    p->text[p->used] = '\0';
    h->plan = order->plan != NULL ? ds__plan_pick(order->plan, NULL)
                                  : ds_plan_parse(p->text, why, sizeof(why));
    return h->plan != NULL;
}

/* False: no memory. */
static bool take(ds__happened *h, page *p, const ds__trial_order *order)
{
    h->result = p->result;
    h->num_nodes = p->num_nodes;
    h->exposed = p->exposed;
    if (take_plan(h, p, order) && take_operations(h, p, order))
        return true;
    ds__happened_free(h);
    errno = ENOMEM;
    return false;
}

static bool run_apart(page *p, const ds_test *test,
                      const ds__trial_order *order, double hang)
{
    ds__child child;
    int status = 0;
    bool hung;

    atomic_store(&p->since, ds__clock_nanoseconds());
    if (!ds__child_begin(&child))
        return false;
    if (child.pid == 0)
        run(p, test, order);
    hung = ds__child_end(&child, &p->since, hang, &status);
    if (hung)
        ds__blame_hang(&p->result, hang);
    else if (!p->finished)
        ds__blame_death(&p->result, p->last_words, status);
    return true;
}

bool ds__happen(ds__happened *happened, const ds_test *test,
                const ds__trial_order *order, double hang)
{
    page *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool good;

    *happened = (ds__happened){ 0 };
    if (p == MAP_FAILED)
        return false;
    good = run_apart(p, test, order, hang);
    happened->seconds =
        1e-9 * (double)(ds__clock_nanoseconds() - atomic_load(&p->since));
    good = good && take(happened, p, order);
    munmap(p, sizeof(*p));
    return good;
}

void ds__happened_free(ds__happened *happened)
{
    ds_plan_free(happened->plan);
    free(happened->operations);
    happened->plan = NULL;
    happened->operations = NULL;
}
