/* The operations of clients.
 *
 * Each has its time, drawn from the seed, the client and its number, in its own
 * share of the time before the calm; and its own random numbers.  So whichever
 * is left out, the others stay where they are and do what they did. */

#include <assert.h>

#include "base/rng.h"
#include "explore/runner/inside.h"
#include "loop/loop.h"

/* A machine that is restarted goes on with the operations of the same thread.
 */
static ds__client *find(const ds_trial *t, uint64_t machine, uint64_t thread)
{
    ds__client *c = t->clients;

    while (c != NULL && (c->machine != machine || c->thread != thread))
        c = c->other;
    return c;
}

static ds__client *client_of(ds_trial *t, ds_handle *h)
{
    const ds_node *node = ds_handle_node(h);
    uint64_t machine = node == NULL ? DS__NO_MACHINE : ds_node_number(node);
    uint64_t thread = node == NULL ? ds__handle_number(h) : ds__handle_place(h);
    ds__client *c = find(t, machine, thread);

    if (c != NULL)
        return c;
    c = ds__trial_grant(t, sizeof(*c));
    if (c == NULL)
        ds__trial_starve(t, "ds_next", sizeof(*c));
    c->machine = machine;
    c->thread = thread;
    c->other = t->clients;
    t->clients = c;
    return c;
}

static bool is_left_out(const ds_trial *t, const ds__client *c)
{
    const ds__trial_order *order = t->order;

    for (size_t i = 0; i < order->num_left_out; i++)
        if (order->left_out[i].machine == c->machine &&
            order->left_out[i].thread == c->thread &&
            order->left_out[i].number == c->next)
            return true;
    return false;
}

static uint64_t key(const ds__client *c, size_t number)
{
    return ds__rng_bits(c->machine, DS__RNG_CLIENT, c->thread, number);
}

/* When it is due: somewhere in its share. */
static double due(const ds_trial *t, const ds__client *c)
{
    double u = ds__loop_random(t->loop, DS__RNG_DUE, key(c, c->next), 0);

    return t->test.calm_after * ((double)c->next + u) /
           (double)t->test.operations;
}

/* Its clock may go wrong, and the time for operations does not. */
static bool sleep_until(ds_handle *h, double time)
{
    const ds__scope *scope = ds__handle_scope(h);
    double now = ds_loop_now(ds_handle_loop(h));
    double wait = time > now ? time - now : 0;

    return ds_sleep(h, scope->has_clock ? wait * scope->clock.rate : wait);
}

bool ds_next(ds_handle *h, size_t *operation)
{
    if (!ds__enter(h, "ds_next"))
        return false;

    ds_trial *t = ds_handle_trial(h);
    if (t == NULL || operation == NULL) {
        ds__fail(ds_handle_loop(h), DS_EMISUSE, "ds_next: %s",
                 t == NULL ? "the loop is of no trial; ds_test_main() makes "
                             "those that are"
                           : "operation is NULL; it is where the number goes");
        return false;
    }

    ds__client *c = client_of(t, h);
    while (c->next < t->test.operations && is_left_out(t, c))
        c->next++;
    assert(c->next <= t->test.operations);
    if (c->next == t->test.operations || !sleep_until(h, due(t, c)))
        return false;
    ds__draw_as(h, DS__RNG_CLIENT, key(c, c->next));
    *operation = c->next++;
    return true;
}
