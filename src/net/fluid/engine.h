/* Engines of the switched network: who drains how fast, and who is next.
 *
 * The switched network (switched.c) knows messages, latency and the loop; an
 * engine knows only flows between ports that drain like water, and a clock
 * that it is told.  Whatever happens at one instant is reported piece by
 * piece and then settled once.
 *
 * A flow goes through these, in this order:
 *
 *     open    it takes up capacity from now on
 *     begin   its bytes start to drain
 *     ...     they are gone: advance() returns it, and the engine forgets it
 *
 * or open and close, if it has no bytes. */
#ifndef DS_NET_FLUID_ENGINE_H
#define DS_NET_FLUID_ENGINE_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/switch.h>

/* The ports of the library's own models: what these have in common. */
typedef struct ds__ports {
    const char *model; /* its type, for texts */
    size_t num_nodes;
    double rate;
    const double *send_rates;
    const double *recv_rates;
} ds__ports;

typedef struct ds__pair ds__pair;
typedef struct ds__flow ds__flow;
struct ds__flow {
    ds_msg msg;
    uint64_t number; /* in the order of sending */
    double ready;    /* when its latency has passed */
    uint32_t src;    /* ports of the switch */
    uint32_t dst;
    bool is_open;

    ds__flow *next; /* of whoever holds it: a queue, or an engine's heap */

    /* The engine's, from open to its end. */
    ds__pair *pair;
    ds__flow *child;
    double key;
};

/* An engine begins its own struct with this one. */
typedef struct ds__fluid {
    const ds_switch_engine *engine;
    const ds_switch *model;
    size_t num_ports;
    double now;
} ds__fluid;

/* Room for a sentence that says what is wrong. */
typedef struct ds__why {
    char text[160];
} ds__why;

struct ds_switch_engine {
    const char *name;

    /* Returns what the ports of a model can do; NULL: that is not known. */
    ds__ports (*ports)(const ds_switch *model);

    /* Checks that the model is sound and has so many ports; if not, says
     * why. */
    bool (*check)(const ds_switch *model, size_t num_ports, ds__why *why);

    ds__fluid *(*create)(const ds_switch *model, size_t num_ports);
    void (*destroy)(ds__fluid *fluid); /* flows stay the caller's */

    /* Lets time pass up to now, which never goes back, and returns a list,
     * through next, of the flows whose bytes are gone. */
    ds__flow *(*advance)(ds__fluid *fluid, double now);

    bool (*open)(ds__fluid *fluid, ds__flow *flow);  /* false: no memory */
    void (*begin)(ds__fluid *fluid, ds__flow *flow); /* msg.size > 0 */
    void (*close)(ds__fluid *fluid, ds__flow *flow);

    /* Shares the capacity anew, after all changes of an instant.  false: the
     * model has said something impossible, or a flow would be through when no
     * double can say, and nothing moves. */
    bool (*settle)(ds__fluid *fluid, ds__why *why);

    /* Returns when the next flow will be through; INFINITY: none. */
    double (*next)(ds__fluid *fluid);

    /* Asserts all invariants, after settle(); see base/invariant.h. */
    void (*walk)(const ds__fluid *fluid);
};

extern const ds_switch_engine ds__dense_engine; /* any model, by its rates() */
extern const ds_switch_engine ds__greedy_engine;
extern const ds_switch_engine ds__maxmin_engine;

void ds__dense_check(const ds__fluid *fluid);
void ds__greedy_check(const ds__fluid *fluid);

/* ---- One instant ----------------------------------------------------------*/

/* What ends together on paper must end together here, or each of ten thousand
 * equal messages would be an instant of its own.  So what differs by no more
 * than roundings can have done is one instant.  Every event has been rounded to
 * the time, so a hundred of them, one after the other, may be off by as many
 * halves of a unit in its last place.  But late in a long run even those are
 * long beside what happens in between, so it is never more than a part of the
 * span that ends which nobody will miss. */
#define DS__TIME_ROUNDING 0x1p-46
#define DS__SPAN_ROUNDING 0x1p-30

/* Returns whether a span that ends so many seconds ahead of now ends now. */
static inline bool ds__is_now(double now, double ahead, double span)
{
    return ahead <= 0 || (ahead <= now * DS__TIME_ROUNDING &&
                          ahead <= span * DS__SPAN_ROUNDING);
}

/* Bytes are added up too, or whatever it is that a clock counts, and are gone
 * when no more is left than roundings. */
#define DS__COUNT_ROUNDING 0x1p-50

static inline bool ds__is_gone(double togo, double end)
{
    return togo <= end * DS__COUNT_ROUNDING;
}

/* Returns whether two ways to work something out agree, for walks. */
static inline bool ds__is_near(double a, double b)
{
    return a == b || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

/* A clock that has run for long shows little of what is short beside its own
 * time.  So it begins again from 0 before something is measured on it that is
 * shorter than this part of it. */
#define DS__CLOCK_FINENESS 0x1p-16

static inline bool ds__is_coarse(double clock, double span)
{
    return span < clock * DS__CLOCK_FINENESS;
}

/* ---- The ports of the library's own models --------------------------------*/

static inline double ds__send_rate(const ds__ports *ports, size_t port)
{
    return ports->send_rates == NULL ? ports->rate : ports->send_rates[port];
}

static inline double ds__recv_rate(const ds__ports *ports, size_t port)
{
    return ports->recv_rates == NULL ? ports->rate : ports->recv_rates[port];
}

/* Checks them, as ds_switch_engine.check does. */
bool ds__ports_check(const ds__ports *ports, size_t num_ports, ds__why *why);

/* Says why settle() fails when a flow is not through before time ends. */
void ds__say_beyond(ds__why *why, const ds__flow *flow);

#endif
