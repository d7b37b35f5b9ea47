/* Runs algorithms on the thread of a rank. */

#include "mpi/turn.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "coll/comm.h"
#include "mpi/call.h"
#include "mpi/channel.h"
#include "mpi/reducer.h"
#include "mpi/watch.h"

/* ---- Waiting --------------------------------------------------------------*/

static int explain(const ds__thread *t, ds__text *text)
{
    const ds__turn *turn = t->turn;

    if (turn->whom >= 0)
        ds__text_add(text, "%s rank %d", turn->sends ? "to" : "from",
                     turn->whom);
    return turn->whom;
}

static bool wait(ds_comm *c, const ds__awaited *what, ds_event *event)
{
    ds__turn *turn = c->waiter;

    assert(turn != NULL && turn->member == c);
    ds__turn_resume(turn);
    turn->whom =
        what->rank == DS__ANY ? -1 : turn->comm->group->world[what->rank];
    turn->sends = what->sends;
    turn->thread->turn = turn;
    turn->thread->explain = explain;
    ds__mpi_progress_until(turn->me, what->streams, what->n, event);
    turn->thread->explain = NULL;
    turn->thread->turn = NULL;
    ds__mpi_pass_on(turn->me);
    return true;
}

/* ---- For who watches ------------------------------------------------------*/

/* What it would be as a message of the communicator. */
static ds__request as_request(const ds__turn *turn, bool sends, size_t rank,
                              double bytes)
{
    return (ds__request){
        .owner = turn->me,
        .comm = turn->comm,
        .active = true,
        .is_send = sends,
        .peer = (int)rank,
        .count = (size_t)bytes,
        .type = ds__type_basic(DS__BASIC_BYTE),
        .status = { .source = (int)rank, .bytes = (size_t)bytes },
    };
}

/* Both sides had come when it left, and the one that waits had come before. */
static void tell_wait(ds_comm *c, double since, const ds__trip *trip,
                      size_t rank, bool sends)
{
    const ds__turn *turn = c->waiter;
    ds__request r = as_request(turn, sends, rank, trip->size);

    r.times = (ds__times){
        .posted = since,
        .other = trip->start,
        .began = trip->start,
        .done = ds_now(turn->thread->h),
    };
    ds__the_world.watch->wait(turn->me, since, &r);
}

static void tell_sent(const ds__turn *turn)
{
    ds__request r = as_request(turn, true, 0, turn->member->sent);

    ds__the_world.watch->post(&r);
}

_Static_assert(1 + DS__MAX_EDGES <= DS__MOST_STREAMS, "all may be waited for");

/* ---- A turn ---------------------------------------------------------------*/

void ds__turn_begin(ds__turn *turn, ds__comm *comm)
{
    ds__rank *me = ds__me();

    *turn = (ds__turn){
        .me = me,
        .thread = me->now,
        .comm = comm,
        .member = ds__comm_member(comm),
    };
    ds_comm *c = turn->member;
    assert(c->call == NULL);
    ds__comm_give(c, me->now->h);
    c->wait = wait;
    c->waited = ds__the_world.watch != NULL ? tell_wait : NULL;
    c->sent = 0;
    c->waiter = turn;
    c->mode = DS_COMM_EAGER;
    c->eager = ds__the_world.eager;
}

const ds_collective *ds__turn_begin_parts(ds__turn *turn, ds__comm *comm,
                                          const ds__case *what)
{
    const ds__chooser *chooser = &ds__the_world.chooser;
    const ds_collective *chosen = NULL;

    assert(!what->even && what->usual != NULL);
    if (chooser->choose != NULL)
        chosen = chooser->choose(chooser->arg, what);
    assert(chosen == NULL || (chosen->traits & DS_TRAIT_PARTS) != 0);
    ds__turn_begin(turn, comm);
    turn->thread->what = (ds__case){ 0 }; /* no closed form is of these */
    turn->thread->how = (ds_collective){
        .name = chosen != NULL ? chosen->name : what->usual,
    };
    return chosen;
}

bool ds__turn_is_over(const ds__turn *turn)
{
    return ds__gone(turn->member->handle);
}

ds_vec *ds__turn_end(ds__turn *turn, ds_vec *result)
{
    ds__turn_resume(turn);
    assert(turn->member->waiter == turn && turn->thread->turn == NULL);
    turn->member->waiter = NULL;
    turn->thread->step = 0;
    if (ds__the_world.watch != NULL)
        tell_sent(turn);
    ds__watch_work(turn->me);
    if (result != NULL)
        return result;
    if (ds__the_world.told)
        ds__mpi_over(turn->me);
    ds__mpi_die(DS__ERR_TRUNCATE, "%s", ds__fail_text(ds__the_world.loop));
}

/* ---- Which algorithm ------------------------------------------------------*/

/* The first of a kind that is good for any number of ranks. */
static const ds_collective *usual(ds_collective_kind kind)
{
    size_t n;
    const ds_collective *const *all = ds_collective_all(&n);

    for (size_t i = 0; i < n; i++)
        if (all[i]->kind == kind)
            return all[i];
    assert(kind == DS_ALLREDUCE);
    all = ds_collective_catalogue(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i]->allreduce == &ds_allreduce_recursive_doubling)
            return all[i];
    return NULL;
}

/* Chunks of pipelines have as many bytes whatever the elements are. */
static ds_collective with_chunks(const ds_collective *how, size_t size)
{
    enum { CHUNK = 32768 * sizeof(double) };
    ds_collective with = *how;

    if (with.chunk == 0)
        with.chunk = size < CHUNK ? CHUNK / size : 1;
    return with;
}

static ds_collective choose(ds__case *what)
{
    const ds__chooser *chooser = &ds__the_world.chooser;
    const ds_collective *how = usual(what->kind);
    const ds_collective *chosen = NULL;

    what->usual = how->name;
    if (chooser->choose != NULL)
        chosen = chooser->choose(chooser->arg, what);
    assert(chosen == NULL || chosen->kind == what->kind);
    return with_chunks(chosen != NULL ? chosen : how, what->size);
}

static ds_vec *run(ds__comm *comm, ds_collective_kind kind, ds_vec *mine,
                   const ds__op *op, ds__type *type, int root, ds_vec *into)
{
    ds__turn turn;
    ds__reducer reducer;

    ds__turn_begin(&turn, comm);
    ds__thread *t = turn.thread;
    t->what = (ds__case){
        .kind = kind,
        .p = (size_t)ds__comm_size(comm),
        .rank = (size_t)comm->rank,
        .len = mine == NULL ? 0 : mine->len,
        .size = mine == NULL ? 1 : mine->size,
        .even = true,
        .commutes = op == NULL || op->commutes,
        .predefined = op == NULL || op->code != DS__OP_OWN,
    };
    t->how = choose(&t->what);
    if ((t->how.traits & DS_TRAIT_ASYNC_ONLY) != 0)
        turn.member->mode = DS_COMM_ASYNC;
    if (op != NULL)
        ds__reducer_init(&reducer, op, type, &turn);
    turn.member->into = into;
    ds_vec *result =
        ds__collective_enter(t->call, &t->how, turn.member, mine,
                             op == NULL ? NULL : &reducer.base, (size_t)root);
    turn.member->into = NULL;
    ds_vec_unref(into);
    ds_vec_unref(mine);
    return ds__turn_end(&turn, result);
}

ds_vec *ds__turn_run(ds__comm *comm, ds_collective_kind kind, ds_vec *mine,
                     const ds__op *op, ds__type *type, int root)
{
    return run(comm, kind, mine, op, type, root, NULL);
}

ds_vec *ds__turn_run_into(ds__comm *comm, ds_collective_kind kind, ds_vec *mine,
                          ds_vec *into)
{
    return run(comm, kind, mine, NULL, NULL, 0, into);
}

/* ---- Vectors --------------------------------------------------------------*/

ds_vec *ds__mpi_vec(size_t len, size_t size, size_t part)
{
    ds_vec *vec = ds__watch_bare(ds__me(), (double)part)
                      ? ds_vec_phantom_of(len, size)
                      : ds_vec_wrap(ds__mpi_room(len * size), len, size, free);

    if (vec == NULL)
        ds__mpi_die(1, "there is no memory");
    return vec;
}

void ds__mpi_put(void *buf, size_t n, const ds__type *type, ds_vec *vec)
{
    const size_t bytes = vec->len * vec->size;

    if (bytes > n * type->size)
        ds__mpi_die(DS__ERR_TRUNCATE,
                    "%zu bytes come, and this member expects %zu; all must "
                    "agree on counts and types",
                    bytes, n * type->size);
    if (vec->data != NULL)
        ds__type_unpack(buf, (const char *)vec->data, bytes, type);
    ds_vec_unref(vec);
}

/* ---- What it should take --------------------------------------------------*/

/* Of a gathering the full side is what all give. */
static size_t full_side(const ds__case *c)
{
    const unsigned traits = ds_collective_kind_traits(c->kind);

    return (traits & DS_TRAIT_GATHERS) != 0 ? c->p * c->len : c->len;
}

/* Costs and bounds are of doubles; other elements are as many, but take another
 * time. */
static double rate_of_doubles(const ds__case *c, double rate)
{
    return rate * sizeof(double) / (double)c->size;
}

double ds__turn_form(const ds_collective *how, const ds__case *what,
                     double latency, double rate, double reading)
{
    const ds_collective with = with_chunks(how, what->size);
    const ds_cost cost = with.cost(&with, what->p, full_side(what));

    return cost.rounds * latency + cost.volume / rate_of_doubles(what, rate) +
           cost.reduced * reading;
}

/* Bounds are of operators that take DS_FLOP_TIME for an element: so the clock
 * goes faster until those of the world do. */
static double bound_of(const ds__world *w, const ds__case *c)
{
    const double faster = DS_FLOP_TIME / fmax(w->reading, 1e-30);

    return ds_collective_lower_bound(c->kind, c->p, full_side(c),
                                     w->latency * faster,
                                     rate_of_doubles(c, w->rate) / faster) /
           faster;
}

ds__turn_facts ds__turn_tell(const ds__thread *t)
{
    const ds__world *w = &ds__the_world;
    const ds__case *c = &t->what;
    ds__turn_facts facts = { t->how.name, NAN, NAN };

    if (facts.algorithm == NULL || c->kind == 0 || !(w->rate > 0))
        return facts;
    facts.bound = bound_of(w, c);
    if (t->how.cost != NULL)
        facts.closed_form =
            ds__turn_form(&t->how, c, w->latency, w->rate, w->reading);
    return facts;
}
