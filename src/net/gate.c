/* The gate before every port; see the header. */

#include "net/gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

/* Ways among the first nodes, of which most simulations have no others, are
 * counted in a square, and all others in a table, which takes longer. */
#define LONGEST_SIDE 64

/* ---- Ways -----------------------------------------------------------------*/

/* Makes room for the counts of all nodes that there are. */
static bool grow_asked(ds__net_state *state)
{
    size_t max = state->annex->num_nodes;
    uint64_t *asked;

    if (max < 2 * state->max_asked)
        max = 2 * state->max_asked;
    asked = realloc(state->asked, max * sizeof(*asked));
    if (asked == NULL)
        return false;
    memset(asked + state->max_asked, 0,
           (max - state->max_asked) * sizeof(*asked));
    state->asked = asked;
    state->max_asked = max;
    return true;
}

/* Counts one that comes from there; false: no memory. */
static bool count_asked(ds__net_state *state, const ds_port *source)
{
    if (source == NULL)
        return true;
    if (source->node->number >= state->max_asked && !grow_asked(state))
        return false;
    state->asked[source->node->number]++;
    return true;
}

uint64_t ds__gate_asked(const ds_net *net, const ds_node *from)
{
    const ds__net_state *state = net->state;

    return from->number < state->max_asked ? state->asked[from->number] : 0;
}

/* Makes the square when it is first needed; false: no memory. */
static bool make_square(ds__net_state *state)
{
    const size_t n = state->annex->num_nodes;
    const size_t side = n < LONGEST_SIDE ? n : LONGEST_SIDE;

    state->square = calloc(side * side, sizeof(*state->square));
    if (state->square == NULL)
        return false;
    state->side = side;
    return true;
}

/* Counts a message among those of its way in the table, from 1; 0: no memory.
 */
static uint64_t count_in_table(ds__gate *gate, const ds__net_state *state,
                               uint64_t from, uint64_t to)
{
    const ds__table_key key = { .a = state->number, .b = from, .c = to };
    ds__way *way = ds__table_put(&gate->ways, key);

    return way == NULL ? 0 : ++way->count;
}

/* Gives the message its number, from 1; 0: no memory. */
static uint64_t number(ds__gate *gate, const ds__box *box)
{
    const ds_port *source = box->msg.source;
    const uint64_t from = source == NULL ? UINT64_MAX : source->node->number;
    const uint64_t to = box->msg.dest->node->number;
    ds__net_state *state = box->state;

    if ((state->square == NULL && !make_square(state)) ||
        !count_asked(state, source))
        return 0;
    if (from < state->side && to < state->side)
        return ++state->square[from * state->side + to];
    return count_in_table(gate, state, from, to);
}

/* ---- Judging --------------------------------------------------------------*/

static void lose(ds__gate *gate, ds__box *box, ds__loss_reason why)
{
    const ds__done done = ds__done_of(&box->msg);

    gate->lost++;
    box->state->stats.lost++;
    if (box->counted) {
        box->state->stats.arrived--;
        box->state->stats.bytes_arrived -= box->msg.size;
    }
    if (ds__net_is_watched(box->state))
        ds__tell_loss(why, box->state->net, &box->msg);
    ds__box_drop(box);
    ds__signal(gate->loop, done, 0, "ds_net_deliver");
}

static void hold(ds__box *box, ds__held_why why)
{
    if (ds__net_is_watched(box->state))
        ds__tell_held(why, box->state->net, &box->msg);
}

static void post(ds__gate *gate, ds__box *box, double seconds)
{
    if (!ds__post_embedded(gate->loop, &box->msg.dest->stream, seconds,
                           &box->event, "ds_net_deliver"))
        ds__box_drop(box);
}

/* It arrives: its sender is told, and its receiver does not see that. */
static bool admit(ds__gate *gate, ds__box *box)
{
    const ds__done done = ds__done_of(&box->msg);

    ds__count_arrival(box);
    ds__forget_done(&box->msg);
    ds__signal(gate->loop, done, 0, "ds_net_deliver");
    return true;
}

/* One that the gate has let go of arrives, if it still may. */
static bool land(ds__gate *gate, ds__box *box)
{
    if (gate->may_land == NULL || gate->may_land(box))
        return admit(gate, box);
    lose(gate, box, DS__LOST_DOWN);
    return false;
}

static double ask(ds__gate *gate, ds__box *box)
{
    const ds_loop *before = ds__operation_begin(gate->loop);
    gate->asking = true;
    double verdict = gate->judge(gate, box);
    gate->asking = false;

    ds__operation_end(before);
    box->asked++;
    return verdict;
}

/* One that the gate let go of before arrives, unasked. */
static bool is_settled(const ds__box *box)
{
    return box->asked == DS__SETTLED;
}

static bool arrive(ds__gate *gate, ds__box *box)
{
    if (is_settled(box))
        return land(gate, box);
    if (box->number == 0 && (box->number = number(gate, box)) == 0) {
        ds__fail_memory(gate->loop, "ds_net_deliver");
        lose(gate, box, DS__LOST_NO_MEMORY);
        return false;
    }

    double verdict = ask(gate, box);
    assert(verdict >= 0 || verdict == DS__GATE_KEEP);
    if (verdict == 0)
        return admit(gate, box);
    if (verdict == DS__GATE_LOSE) {
        lose(gate, box, gate->why);
    } else if (verdict == DS__GATE_KEEP) {
        hold(box, DS__HELD_BY_LINK);
        ds__list_append(&gate->kept, &box->event.link);
    } else {
        hold(box, DS__HELD_A_WHILE);
        post(gate, box, verdict);
    }
    return false;
}

bool ds__gate_arrive(ds__event *event)
{
    ds__box *box = ds__container(event, ds__box, event);
    ds__net_state *state = box->state;

    assert(event->slot == DS__EMBEDDED && event->payload.data == box);
    if (state->annex->gate != NULL && !arrive(state->annex->gate, box))
        return false;
    if (ds__net_is_watched(state))
        ds__tell_msg(DS__TELL_ARRIVE, state->net, &box->msg);
    return box->msg.dest->handler == NULL || !ds__handler_take(box);
}

/* ---- Invariants -----------------------------------------------------------*/

void ds__gate_check(const ds__gate *gate)
{
    ds__table_check(&gate->ways);
    for (const ds__link *l = gate->kept.next; l != &gate->kept; l = l->next) {
        const ds__box *box = ds__container((ds__link *)l, ds__box, event.link);
        assert(box->event.payload.data == box);
        assert(!ds__due_pending(&box->event.due));
    }
}

static void check_gate(const ds__resident *resident)
{
    ds__gate_check(ds__container((ds__resident *)resident, ds__gate, resident));
}

/* ---- For listeners --------------------------------------------------------*/

static void free_gate(ds__resident *resident)
{
    ds__gate *gate = ds__container(resident, ds__gate, resident);

    while (!ds__list_empty(&gate->kept)) {
        ds__box *box =
            ds__container(ds__list_shift(&gate->kept), ds__box, event.link);
        box->receipt = NULL; /* nobody is there to be told */
        ds__box_drop(box);
    }
    ds__table_free(&gate->ways);
}

bool ds__gate_listen(ds__gate *gate, ds_loop *loop, const char *call)
{
    ds__annex *annex = ds__annex_of(loop, call);

    if (annex == NULL)
        return false;
    assert(gate->judge != NULL && annex->gate == NULL);
    gate->loop = loop;
    gate->resident.free = free_gate;
    gate->resident.check = check_gate;
    ds__list_init(&gate->kept);
    ds__table_init(&gate->ways, sizeof(ds__way));
    annex->gate = gate;
    ds__loop_keep(loop, &gate->resident);
    ds__loop_set_gate(loop, ds__gate_arrive, true);
    return true;
}

static void settle(ds__gate *gate, ds__box *box, double seconds)
{
    box->asked = DS__SETTLED;
    post(gate, box, seconds);
}

void ds__gate_release(ds__gate *gate, ds__box *box)
{
    ds__list_remove(&box->event.link);
    settle(gate, box, 0);
}

void ds__gate_lose(ds__gate *gate, ds__box *box)
{
    ds__list_remove(&box->event.link);
    lose(gate, box, DS__LOST_CUT);
}

bool ds__gate_double(ds__gate *gate, const ds__box *box, double seconds)
{
    ds_msg copy = box->msg;

    ds__forget_done(&copy); /* is signalled once */
    if (copy.data != NULL)
        copy.data = copy.clone == NULL ? NULL : copy.clone(copy.data);
    if (copy.data == NULL && box->msg.data != NULL)
        return false;

    ds__box *second = ds__box_new(box->state, &copy, "ds_net_deliver");
    if (second == NULL) {
        ds_msg_drop(&copy);
        return false;
    }
    gate->doubled++;
    box->state->stats.duplicated++;
    hold(second, DS__HELD_SECOND);
    settle(gate, second, seconds);
    return true;
}
