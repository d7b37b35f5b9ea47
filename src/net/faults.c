/* What happens to messages: faults by chance, links that are cut or held, and a
 * rule of the program's own.
 *
 * The gate (gate.h) asks about every message that is about to arrive.  Whatever
 * has been said of links is kept in a table by pair of nodes, where a number of
 * its own stands for every node.  So four places may say something about one
 * pair, and what was said last counts. */

#include "net/faults.h"

#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "base/rng.h"
#include "base/table.h"
#include "net/net.h"

#define EVERY UINT64_MAX

/* What has been said about a pair, and when: the how manieth time that anything
 * was said; 0: never. */
typedef struct word {
    ds__entry entry; /* first */
    uint64_t faults_said;
    uint64_t state_said;
    ds_link_faults faults;
    ds__link_state state;
} word;

typedef struct ds__faults ds__faults;

struct ds__faults {
    ds__table words; /* by pair */
    uint64_t said;
    ds_rule_fn *rule;
    void *rule_arg;
};

/* ---- What counts for a pair -----------------------------------------------*/

static ds__table_key pair_of(uint64_t from, uint64_t to)
{
    return (ds__table_key){ .a = from, .b = to };
}

/* What counts for one pair of nodes. */
typedef struct judged {
    const word *faults; /* NULL: none */
    const word *state;  /* NULL: open */
} judged;

static void consider(judged *j, const ds__faults *f, uint64_t from, uint64_t to)
{
    const word *w = ds__table_find(&f->words, pair_of(from, to));

    if (w == NULL)
        return;
    if (w->faults_said > (j->faults == NULL ? 0 : j->faults->faults_said))
        j->faults = w;
    if (w->state_said > (j->state == NULL ? 0 : j->state->state_said))
        j->state = w;
}

/* Of what has been said at least once. */
static judged look_up(const ds__faults *f, uint64_t from, uint64_t to)
{
    judged j = { 0 };

    consider(&j, f, from, to);
    consider(&j, f, from, EVERY);
    consider(&j, f, EVERY, to);
    consider(&j, f, EVERY, EVERY);
    return j;
}

static inline judged look(const ds__faults *f, uint64_t from, uint64_t to)
{
    if (f == NULL || f->words.count == 0)
        return (judged){ 0 };
    return look_up(f, from, to);
}

static uint64_t source_of(const ds_msg *msg)
{
    return msg->source == NULL ? EVERY : msg->source->node->number;
}

static judged look_at(const ds__net_state *state, const ds_msg *msg)
{
    return look(state->faults, source_of(msg), msg->dest->node->number);
}

/* ---- What somebody else says ----------------------------------------------*/

static const ds__saying *ask_overlay(const ds__net_state *state,
                                     const ds_msg *msg)
{
    ds__overlay *o = state->annex->overlay;

    return o == NULL ? NULL : o->say(o, state->net, msg);
}

/* What a link is, by what the program has said and what another has. */
static ds__link_state link_of(const word *said, const ds__saying *saying)
{
    ds__link_state own = said == NULL ? DS__LINK_OPEN : said->state;

    if (own == DS__LINK_CUT || saying == NULL || saying->state == DS__LINK_OPEN)
        return own;
    return saying->state;
}

static ds__link_state state_of(const ds__net_state *state, const ds_msg *msg)
{
    return link_of(look_at(state, msg).state, ask_overlay(state, msg));
}

static void tell(const ds__net_state *state, const ds_msg *msg, ds__mishap fate)
{
    ds__overlay *o = state->annex->overlay;

    if (o != NULL && o->tell != NULL)
        o->tell(o, state->net, msg, fate);
}

bool ds__faults_cut(const ds_net *net, const ds_msg *msg)
{
    if (state_of(net->state, msg) != DS__LINK_CUT)
        return false;
    tell(net->state, msg, DS__MISHAP_CUT);
    return true;
}

/* ---- Chance ---------------------------------------------------------------*/

/* What is drawn for a message, each in its own place, so that one probability
 * changes nothing in what the others decide. */
typedef enum lot {
    LOT_DROP,
    LOT_DUPLICATE,
    LOT_LATE,
    LOT_DAMAGE,
    LOT_JITTER,
    NUM_LOTS,
} lot;

/* The lots of one message. */
typedef struct lots {
    uint64_t way; /* half of the key of each draw */
    uint64_t first;
} lots;

static lots lots_of(const ds__box *box)
{
    const ds_msg *msg = &box->msg;
    const uint64_t way =
        ds__mix(box->state->number + 1) +
        ds__mix(source_of(msg) ^ ds__mix(msg->dest->node->number));

    return (lots){
        .way = ds__loop_half(box->state->annex->loop, DS__RNG_FAULT, way),
        .first = box->number * NUM_LOTS,
    };
}

static double draw(const lots *l, lot which)
{
    return ds__rng_uniform(ds__rng_whole(l->way, l->first + which));
}

/* Draws nothing for what cannot be: a draw has no state that would miss it. */
static bool comes_true(const lots *l, lot which, double chance)
{
    return chance > 0 && draw(l, which) < chance;
}

static double lost(ds__gate *gate, ds__loss_reason why)
{
    gate->why = why;
    return DS__GATE_LOSE;
}

static void duplicate(ds__gate *gate, ds__box *box, double seconds)
{
    bool doubled = ds__gate_double(gate, box, seconds);

    tell(box->state, &box->msg,
         doubled ? DS__MISHAP_DOUBLED : DS__MISHAP_SINGLE);
}

/* Returns what the gate is to do: see ds__gate.judge. */
static double by_chance(ds__gate *gate, ds__box *box, const ds_link_faults *f)
{
    const lots l = lots_of(box);

    if (comes_true(&l, LOT_DROP, f->drop)) {
        tell(box->state, &box->msg, DS__MISHAP_DROPPED);
        return lost(gate, DS__LOST_BY_CHANCE);
    }
    if (comes_true(&l, LOT_DUPLICATE, f->duplicate))
        duplicate(gate, box, draw(&l, LOT_LATE) * f->late);
    if (comes_true(&l, LOT_DAMAGE, f->damage)) {
        box->msg.damaged = true;
        tell(box->state, &box->msg, DS__MISHAP_DAMAGED);
    }
    double seconds = f->jitter > 0 ? draw(&l, LOT_JITTER) * f->jitter : 0;
    if (seconds > 0)
        tell(box->state, &box->msg, DS__MISHAP_PUT_OFF);
    return seconds;
}

/* Changes what the program has said to what another says. */
static void add_saying(ds_link_faults *faults, const ds__saying *saying)
{
    const ds_link_faults *said = &saying->faults;

    if (saying->named & DS__SAYS_DROP)
        faults->drop = said->drop;
    if (saying->named & DS__SAYS_DUPLICATE)
        faults->duplicate = said->duplicate;
    if (saying->named & DS__SAYS_LATE)
        faults->late = said->late;
    if (saying->named & DS__SAYS_DAMAGE)
        faults->damage = said->damage;
    if (saying->named & DS__SAYS_JITTER)
        faults->jitter = said->jitter;
}

/* The chances of a message, once, when it is first about to arrive. */
static double try_luck(ds__gate *gate, ds__box *box, const word *said,
                       const ds__saying *saying)
{
    bool more = saying != NULL && saying->named != 0;
    ds_link_faults faults;

    if (said == NULL)
        return more ? by_chance(gate, box, &saying->faults) : 0;
    faults = said->faults;
    if (more)
        add_saying(&faults, saying);
    return by_chance(gate, box, &faults);
}

/* ---- Judging --------------------------------------------------------------*/

static double by_rule(ds__gate *gate, const ds__faults *f, ds__box *box)
{
    ds_net *net = box->state->net;
    double verdict = f->rule(f->rule_arg, net, &box->msg);

    gate->why = DS__LOST_BY_RULE;
    if (verdict >= 0)
        return verdict == INFINITY ? DS__GATE_LOSE : verdict;
    ds__fail(net->loop, DS_EMISUSE,
             "ds_net_set_rule: the rule of network %llu says %g; it must be at "
             "least 0",
             (unsigned long long)box->state->number, verdict);
    return DS__GATE_LOSE;
}

/* Nobody is there to receive it while the machine is down. */
static bool may_land(const ds__box *box)
{
    return !box->msg.dest->node->life.down;
}

static double judge(ds__gate *gate, ds__box *box)
{
    const ds__net_state *state = box->state;
    const ds__faults *f = state->faults;

    if (!may_land(box)) {
        tell(state, &box->msg, DS__MISHAP_DOWN);
        return lost(gate, DS__LOST_DOWN);
    }
    const ds__saying *saying = ask_overlay(state, &box->msg);
    if (f == NULL && saying == NULL)
        return 0;

    judged j = look_at(state, &box->msg);
    ds__link_state link = link_of(j.state, saying);
    if (link != DS__LINK_OPEN) {
        bool cut = link == DS__LINK_CUT;
        tell(state, &box->msg, cut ? DS__MISHAP_CUT : DS__MISHAP_HELD);
        return cut ? lost(gate, DS__LOST_CUT) : DS__GATE_KEEP;
    }
    double verdict =
        box->asked == 0 ? try_luck(gate, box, j.faults, saying) : 0;
    if (verdict > 0)
        return verdict;
    return f == NULL || f->rule == NULL ? 0 : by_rule(gate, f, box);
}

/* ---- Beginning ------------------------------------------------------------*/

static ds__faults *new_faults(void)
{
    ds__faults *f = calloc(1, sizeof(*f));

    if (f != NULL)
        ds__table_init(&f->words, sizeof(word));
    return f;
}

static void free_faults(ds__faults *f)
{
    if (f != NULL)
        ds__table_free(&f->words);
    free(f);
}

typedef struct listener {
    ds__resident resident;
    ds__gate gate;
} listener;

/* It goes before the networks do. */
static void free_listener(ds__resident *resident)
{
    listener *self = ds__container(resident, listener, resident);
    ds__annex *annex = ds__loop_annex(self->gate.loop);

    for (ds_net *net = annex->nets; net != NULL; net = net->next) {
        free_faults(net->state->faults);
        net->state->faults = NULL;
    }
    annex->gate = NULL;
    free(self);
}

/* It is kept before its gate is, so that the gate goes first. */
bool ds__faults_watch(ds_loop *loop, const char *call)
{
    ds__annex *annex = ds__annex_of(loop, call);

    if (annex == NULL || annex->gate != NULL)
        return annex != NULL;
    listener *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        ds__fail_memory(loop, call);
        return false;
    }
    made->resident.free = free_listener;
    made->gate.judge = judge;
    made->gate.may_land = may_land;
    ds__loop_keep(loop, &made->resident);
    return ds__gate_listen(&made->gate, loop, call);
}

/* What a network has of it, made if need be; NULL: it may not be touched, or
 * there is no memory. */
static ds__faults *faults_of(ds_net *net, const char *call)
{
    if (net == NULL || !ds__may_build(net->loop, call) ||
        !ds__faults_watch(net->loop, call))
        return NULL;
    if (net->state->faults == NULL)
        net->state->faults = new_faults();
    if (net->state->faults == NULL)
        ds__fail_memory(net->loop, call);
    return net->state->faults;
}

static bool check_node(const ds_net *net, const ds_node *node, const char *call)
{
    if (node == NULL || node->loop == net->loop)
        return true;
    ds__fail(net->loop, DS_EMISUSE, "%s: a node belongs to another loop", call);
    return false;
}

static uint64_t number_of(const ds_node *node)
{
    return node == NULL ? EVERY : node->number;
}

/* The place of a pair in a public call. */
static word *speak_of(ds_net *net, const ds_node *from, const ds_node *to,
                      const char *call)
{
    ds__faults *f = faults_of(net, call);

    if (f == NULL || !check_node(net, from, call) || !check_node(net, to, call))
        return NULL;
    word *w = ds__table_put(&f->words, pair_of(number_of(from), number_of(to)));
    if (w == NULL)
        ds__fail_memory(net->loop, call);
    f->said++;
    return w;
}

/* ---- What is said of links ------------------------------------------------*/

static bool check_field(const ds_net *net, const char *name, double value,
                        double most)
{
    return ds__check_field(net->loop, "ds_net_set_faults", name, value, most);
}

static void tell_chances(const ds_net *net, const ds_node *from,
                         const ds_node *to, const ds_link_faults *faults)
{
    const ds__told_field fields[] = {
        { "drop", faults->drop },     { "duplicate", faults->duplicate },
        { "late", faults->late },     { "damage", faults->damage },
        { "jitter", faults->jitter },
    };
    char buf[DS__TOLD_MAX];

    ds__tell_links(
        net, &(ds__link_fault){
                 .what = DS__FAULT_CHANCE,
                 .from = from,
                 .to = to,
                 .text = ds__tell_fields(net->loop, fields,
                                         sizeof(fields) / sizeof(*fields), buf),
             });
}

void ds_net_set_faults(ds_net *net, const ds_node *from, const ds_node *to,
                       ds_link_faults faults)
{
    if (net == NULL || !check_field(net, "drop", faults.drop, 1) ||
        !check_field(net, "duplicate", faults.duplicate, 1) ||
        !check_field(net, "late", faults.late, INFINITY) ||
        !check_field(net, "damage", faults.damage, 1) ||
        !check_field(net, "jitter", faults.jitter, INFINITY))
        return;

    word *w = speak_of(net, from, to, "ds_net_set_faults");
    if (w == NULL)
        return;
    w->faults = faults;
    w->faults_said = net->state->faults->said;
    tell_chances(net, from, to, &faults);
}

/* Those that are kept go on as their links now say, in the order in which they
 * came. */
static void release_kept(ds_net *net)
{
    ds__gate *gate = net->state->annex->gate;

    for (ds__link *l = gate->kept.next; l != &gate->kept;) {
        ds__box *box = ds__container(l, ds__box, event.link);
        l = l->next;
        if (box->state != net->state)
            continue;
        ds__link_state state = state_of(net->state, &box->msg);
        if (state == DS__LINK_OPEN) {
            ds__gate_release(gate, box);
        } else if (state == DS__LINK_CUT) {
            tell(net->state, &box->msg, DS__MISHAP_CUT);
            ds__gate_lose(gate, box);
        }
    }
}

void ds__faults_look_again(ds_net *net)
{
    if (net->state->annex->gate != NULL)
        release_kept(net);
}

static bool set_state(ds_net *net, const ds_node *from, const ds_node *to,
                      ds__link_state state, const char *call)
{
    word *w = speak_of(net, from, to, call);

    if (w == NULL)
        return false;
    w->state = state;
    w->state_said = net->state->faults->said;
    return true;
}

static void tell_state(const ds_net *net, ds__fault_kind what,
                       const ds_node *from, const ds_node *to)
{
    ds__tell_links(net,
                   &(ds__link_fault){ .what = what, .from = from, .to = to });
}

void ds_net_cut(ds_net *net, const ds_node *from, const ds_node *to)
{
    if (!set_state(net, from, to, DS__LINK_CUT, "ds_net_cut"))
        return;
    tell_state(net, DS__FAULT_CUT, from, to);
    release_kept(net);
}

void ds_net_hold(ds_net *net, const ds_node *from, const ds_node *to)
{
    if (set_state(net, from, to, DS__LINK_HELD, "ds_net_hold"))
        tell_state(net, DS__FAULT_HOLD, from, to);
}

void ds_net_mend(ds_net *net, const ds_node *from, const ds_node *to)
{
    if (!set_state(net, from, to, DS__LINK_OPEN, "ds_net_mend"))
        return;
    tell_state(net, DS__FAULT_MEND, from, to);
    release_kept(net);
}

/* ---- Partitions -----------------------------------------------------------*/

static ds__link_state state_between(const ds_net *net, const ds_node *a,
                                    const ds_node *b)
{
    judged j = look(net->state->faults, a->number, b->number);

    return j.state == NULL ? DS__LINK_OPEN : j.state->state;
}

/* What the links among the nodes are, row by row, or NULL. */
static ds__link_state *remember(ds_net *net, ds_node *const *nodes, size_t n)
{
    ds__link_state *states = n > SIZE_MAX / sizeof(*states) / n
                                 ? NULL
                                 : malloc(n * n * sizeof(*states));

    if (states == NULL) {
        ds__fail_memory(net->loop, "ds_net_partition");
        return NULL;
    }
    for (size_t i = 0; i < n * n; i++)
        states[i] = state_between(net, nodes[i / n], nodes[i % n]);
    return states;
}

static bool check_group(ds_net *net, ds_node *const *nodes, size_t n)
{
    if (nodes == NULL && n > 0) {
        ds__fail(net->loop, DS_EMISUSE,
                 "ds_net_partition: the array of nodes is NULL");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (nodes[i] != NULL && nodes[i]->loop == net->loop)
            continue;
        ds__fail(net->loop, DS_EMISUSE, "ds_net_partition: nodes[%zu] %s", i,
                 nodes[i] == NULL ? "is NULL" : "belongs to another loop");
        return false;
    }
    return true;
}

/* Nobody talks to these nodes and they talk to nobody; then what was so among
 * them is so again. */
void ds_net_partition(ds_net *net, ds_node *const *nodes, size_t n)
{
    if (n == 0 || faults_of(net, "ds_net_partition") == NULL ||
        !check_group(net, nodes, n))
        return;

    ds__link_state *before = remember(net, nodes, n);
    bool well = before != NULL;
    for (size_t i = 0; well && i < n; i++)
        well =
            set_state(net, nodes[i], NULL, DS__LINK_CUT, "ds_net_partition") &&
            set_state(net, NULL, nodes[i], DS__LINK_CUT, "ds_net_partition");
    for (size_t i = 0; well && i < n * n; i++)
        well = set_state(net, nodes[i / n], nodes[i % n], before[i],
                         "ds_net_partition");
    free(before);
    for (size_t i = 0; well && i < n; i++)
        ds__tell_links(net, &(ds__link_fault){ .what = DS__FAULT_PART,
                                               .from = nodes[i],
                                               .more = n - 1 - i });
    release_kept(net);
}

/* Only what is said of states is forgotten. */
void ds_net_heal(ds_net *net)
{
    word *w;

    if (net == NULL || !ds__may_build(net->loop, "ds_net_heal") ||
        !ds__faults_watch(net->loop, "ds_net_heal"))
        return;
    const ds__faults *f = net->state->faults;
    for (size_t i = 0; f != NULL && (w = ds__table_next(&f->words, &i)) != NULL;
         i++)
        w->state_said = 0;
    tell_state(net, DS__FAULT_HEAL, NULL, NULL);
    release_kept(net);
}

/* ---- Rules and statistics -------------------------------------------------*/

void ds_net_set_rule(ds_net *net, ds_rule_fn *rule, void *arg)
{
    ds__faults *f = faults_of(net, "ds_net_set_rule");

    if (f == NULL)
        return;
    f->rule = rule;
    f->rule_arg = arg;
}

ds_net_stats ds_net_get_stats(const ds_net *net)
{
    if (net == NULL)
        return (ds_net_stats){ 0 };

    ds_net_stats stats = net->state->stats;
    stats.sent = net->state->account.given;
    return stats;
}
