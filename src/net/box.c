/* The box in which a message goes to its port, and waits there.
 *
 * A stream carries pointers, so a message that arrives is in a box, which is
 * its event as well.  Only networks write to a port's stream, so whatever comes
 * from one is a box. */

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "net/gate.h"

/* Boxes in a crate: in the first one, and in any. */
#define FEWEST 16
#define MOST   256

void ds_msg_drop(ds_msg *msg)
{
    if (msg == NULL)
        return;

    ds_msg dropped = *msg;
    *msg = (ds_msg){ 0 };
    if (dropped.free != NULL)
        dropped.free(dropped.data);
}

/* ---- Crates ---------------------------------------------------------------*/

/* Invariants: used <= count; boxes counts those that have not been given up,
 * and one more as long as this is the newest crate. */
struct ds__crate {
    atomic_size_t boxes;
    size_t count;
    size_t used; /* handed out once, at least */
    ds__box box[];
};

static ds__crate *new_crate(const ds__crate *before)
{
    size_t count = before == NULL ? FEWEST : before->count * 2;
    if (count > MOST)
        count = MOST;

    ds__crate *crate = malloc(sizeof(*crate) + count * sizeof(*crate->box));
    if (crate == NULL)
        return NULL;
    atomic_init(&crate->boxes, count + 1);
    crate->count = count;
    crate->used = 0;
    return crate;
}

static void give_up(ds__crate *crate, size_t n)
{
    assert(atomic_load(&crate->boxes) >= n);
    if (atomic_fetch_sub(&crate->boxes, n) == n)
        free(crate);
}

/* Takes a box that was never used before.  NULL: no memory. */
static ds__box *unpack_new(ds__annex *annex)
{
    ds__crate *crate = annex->crate;

    if (crate == NULL || crate->used == crate->count) {
        crate = new_crate(annex->crate);
        if (crate == NULL)
            return NULL;
        if (annex->crate != NULL)
            give_up(annex->crate, 1);
        annex->crate = crate;
    }
    ds__box *box = &crate->box[crate->used++];
    box->crate = crate;
    return box;
}

void ds__boxes_free(ds__annex *annex)
{
    while (annex->unused != NULL) {
        ds__box *box = annex->unused;
        annex->unused = box->msg.data;
        give_up(box->crate, 1);
    }
    if (annex->crate != NULL)
        give_up(annex->crate, annex->crate->count - annex->crate->used + 1);
    annex->crate = NULL;
}

/* ---- What is told ---------------------------------------------------------*/

static uint32_t stream_of(const ds_port *port)
{
    return port == NULL ? 0 : port->stream.number;
}

void ds__tell_send(const ds_net *net, const ds_msg *msg)
{
    const ds_handle *self = ds__self();

    ds__tell(net->loop, &(ds__record){
                            .kind = DS__TELL_SEND,
                            .flag = net->state->number < UINT8_MAX
                                        ? (unsigned)net->state->number
                                        : UINT8_MAX,
                            .who = self == NULL ? 0 : ds__handle_number(self),
                            .a = stream_of(msg->source),
                            .b = stream_of(msg->dest),
                            .x = msg->size,
                            .id = msg->id,
                        });
}

/* The ends of one that has a name are known. */
static void tell_end(ds__tell_kind kind, unsigned flag, const ds_net *net,
                     const ds_msg *msg)
{
    const bool nameless = msg->id == 0;

    ds__tell(net->loop, &(ds__record){
                            .kind = kind,
                            .flag = flag,
                            .a = nameless ? stream_of(msg->source) : 0,
                            .b = nameless ? stream_of(msg->dest) : 0,
                            .id = msg->id,
                        });
}

void ds__tell_msg(ds__tell_kind kind, const ds_net *net, const ds_msg *msg)
{
    tell_end(kind, kind == DS__TELL_ARRIVE && msg->damaged, net, msg);
}

void ds__tell_loss(ds__loss_reason why, const ds_net *net, const ds_msg *msg)
{
    tell_end(DS__TELL_LOSE, why, net, msg);
}

void ds__tell_held(ds__held_why why, const ds_net *net, const ds_msg *msg)
{
    tell_end(DS__TELL_HELD, why, net, msg);
}

/* ---- Boxes ----------------------------------------------------------------*/

/* Drops an event of a port, perhaps when the loop has gone or in a thread of
 * the program's own. */
static void free_box(void *data)
{
    ds__box *box = data;

    ds_msg_drop(&box->msg);
    give_up(box->crate, 1);
}

ds__box *ds__box_new(ds__net_state *state, const ds_msg *msg, const char *call)
{
    ds__annex *annex = state->annex;
    ds__box *box = annex->unused;

    if (box != NULL) {
        annex->unused = box->msg.data;
    } else if ((box = unpack_new(annex)) == NULL) {
        ds__fail_memory(annex->loop, call);
        return NULL;
    }
    ds__event_embed(&box->event, box, free_box);
    box->state = state;
    box->msg = *msg;
    box->receipt = NULL;
    box->number = 0;
    box->asked = annex->gate != NULL && annex->gate->asking ? DS__SETTLED : 0;
    box->counted = false;
    return box;
}

uint64_t ds__box_name(const void *payload)
{
    return ((const ds__box *)payload)->msg.id;
}

/* Tells the sender that its message is received, or is lost. */
__attribute__((noinline)) static void give_receipt(ds__box *box)
{
    const ds__done done = { box->receipt, box->receipt_data, box->msg.id };

    ds__signal_done(box->state->annex->loop, done, 0, "ds_net_deliver");
}

static void put(ds__box *box)
{
    ds__annex *annex = box->state->annex;

    assert(box->event.payload.data == box);
    if (box->receipt != NULL)
        give_receipt(box);
    box->event.payload.data = NULL;
    box->msg.data = annex->unused;
    annex->unused = box;
}

void ds__box_give_up(ds__box *box, ds_msg *msg)
{
    *msg = box->msg;
    give_up(box->crate, 1);
}

void ds__box_empty(ds__box *box, ds_msg *msg)
{
    *msg = box->msg;
    put(box);
}

void ds__box_drop(ds__box *box)
{
    ds_msg_drop(&box->msg);
    put(box);
}

/* Puts the name beside the data; NULL: there is no memory. */
static ds__about *about(ds__done done)
{
    ds__about *made = malloc(sizeof(*made));

    if (made != NULL)
        *made = (ds__about){ .name = done.name, .data = done.data };
    return made;
}

/* Signals it while somebody listens, who is to know the name. */
static void signal_watched(ds_loop *loop, ds__done done, double seconds,
                           const char *call)
{
    ds_timer timer;
    ds__about *both = done.data == NULL ? NULL : about(done);

    if (done.data != NULL && both == NULL)
        ds__fail_memory(loop, call);
    else if (both != NULL)
        ds__post(loop, done.stream, seconds, both, ds__about_with_data, &timer,
                 call);
    else
        ds__post(loop, done.stream, seconds, (void *)(uintptr_t)done.name,
                 ds__about_message, &timer, call);
}

void ds__signal_done(ds_loop *loop, ds__done done, double seconds,
                     const char *call)
{
    ds_timer timer;

    if (*ds__loop_probe(loop) != NULL)
        signal_watched(loop, done, seconds, call);
    else
        ds__post(loop, done.stream, seconds, done.data, NULL, &timer, call);
}

/* A gate may put the message off, or lose it, and then the signal goes with
 * it. */
void ds__box_post(ds__net_state *state, double seconds, const ds_msg *msg,
                  ds__done receipt, const char *call)
{
    ds__annex *annex = state->annex;
    ds__box *box = ds__box_new(state, msg, call);

    if (box == NULL) {
        ds_msg dropped = *msg;
        ds_msg_drop(&dropped);
        return;
    }
    box->receipt = receipt.stream;
    box->receipt_data = receipt.data;
    if (annex->gate == NULL) {
        ds__count_arrival(box);
        ds__forget_done(&box->msg);
    }
    if (!ds__post_embedded(annex->loop, &msg->dest->stream, seconds,
                           &box->event, call))
        ds__box_drop(box);
    if (annex->gate == NULL)
        ds__signal(annex->loop, ds__done_of(msg), seconds, call);
}
