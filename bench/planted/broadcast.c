/* The broadcasts of <distsys/broadcast.h>, and mistakes in them.
 *
 * All machines are members, send at random, and lose packets; who has crashed
 * stays away.  In the end those that never did have delivered what they must.
 */
#include <string.h>

#include <distsys/fault.h>

#include "bench/planted/kit.h"
#include "bench/planted/planted.h"
#include "proto/broadcast_rules.h"

enum { MEMBERS = 4, EACH = 10 };

static const double patience = 0.1, end = 8;

/* What the test sees.  Messages are counted by their sender. */
typedef struct shared {
    ds_broadcast broadcast;
    const group *g;
    bool sent[MEMBERS][EACH];
    bool delivered[MEMBERS][MEMBERS][EACH]; /* by the first */
} shared;

typedef struct word {
    int sender;
    int number;
} word;

typedef struct member {
    const group *g;
    ds_broadcaster *broadcaster;
} member;

static void talk(ds_handle *h, void *arg)
{
    member *m = arg;
    shared *s = m->g->shared;
    word w = { .sender = group_me(h) };

    for (size_t i; ds_next(h, &i) && i < EACH;) {
        w.number = (int)i;
        s->sent[w.sender][i] = true;
        ds_broadcast_send(h, m->broadcaster, &w, sizeof(w));
    }
}

static void take_part(ds_handle *h, void *arg)
{
    member *m = ds_alloc(h, sizeof(*m));
    ds_msg msg;
    word w;

    if (m == NULL || ds_node_life(ds_handle_node(h)) > 0)
        return;
    m->g = arg;
    shared *s = m->g->shared;
    m->broadcaster = ds__broadcast_join(h, &s->broadcast, m->g->rules);
    if (m->broadcaster == NULL)
        return;
    ds_spawn(ds_handle_loop(h), talk, m);
    while (ds_broadcast_recv(h, m->broadcaster, &msg)) {
        memcpy(&w, msg.data, sizeof(w));
        s->delivered[group_me(h)][w.sender][w.number] = true;
        ds_msg_drop(&msg);
    }
}

/* Stays until all must have been delivered. */
static void client(ds_handle *h, void *arg)
{
    ds_sleep(h, end);
}

/* ---- What must be ---------------------------------------------------------*/

static bool is_correct(const shared *s, int i)
{
    const ds_node *node = s->g->nodes[i];

    return ds_node_is_up(node) && ds_node_life(node) == 0;
}

/* Cachin et al., Module 3.1 and 3.2: validity, and agreement if it is reliable.
 * Total order also needs its sequencer. */
static bool is_due(const shared *s, int sender, int number)
{
    bool due = s->sent[sender][number] && is_correct(s, sender) &&
               (s->broadcast.order != DS_BROADCAST_TOTAL || is_correct(s, 0));

    for (int i = 0; i < MEMBERS && s->broadcast.reliable; i++)
        due = due || (is_correct(s, i) && s->delivered[i][sender][number]);
    return due;
}

static void check(ds_trial *t, void *arg)
{
    const shared *s = ds_trial_user(t);

    for (int sender = 0; sender < MEMBERS; sender++)
        for (int number = 0; number < EACH; number++)
            for (int i = 0; i < MEMBERS && is_due(s, sender, number); i++)
                if (is_correct(s, i) && !s->delivered[i][sender][number])
                    ds_trial_fail(t,
                                  "member %d has not delivered message %d "
                                  "of member %d",
                                  i, number, sender);
}

static void build(ds_trial *t, const ds__broadcast_rules *mistake,
                  ds_broadcast_order order, bool reliable, unsigned checks)
{
    const group_plan plan = {
        .rules = &ds__broadcast_right,
        .rules_size = sizeof(ds__broadcast_right),
        .servers = MEMBERS,
        .clients = 1,
        .server = take_part,
        .client = client,
        .shared = sizeof(shared),
    };

    group_watch(t, DS_CHECK_AT_MOST_ONCE | checks);
    const group *g = group_new(t, mistake, &plan);
    shared *s = g->shared;
    s->g = g;
    s->broadcast = (ds_broadcast){
        .group = { .net = g->net, .ports = g->ports, .n = MEMBERS },
        .order = order,
        .reliable = reliable,
        .again = patience,
    };
    ds_trial_set_user(t, s);
}

static void best_effort(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_BROADCAST_UNORDERED, false, 0);
}

static void reliable(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_BROADCAST_UNORDERED, true, 0);
}

static void fifo(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_BROADCAST_FIFO, true, DS_CHECK_SENDER_ORDER);
}

static void causal(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_BROADCAST_CAUSAL, true,
          DS_CHECK_SENDER_ORDER | DS_CHECK_CAUSAL_ORDER);
}

static void total(ds_trial *t, void *mistake)
{
    build(t, mistake, DS_BROADCAST_TOTAL, true,
          DS_CHECK_SENDER_ORDER | DS_CHECK_CAUSAL_ORDER | DS_CHECK_TOTAL_ORDER);
}

#define BROADCAST(title, kind, mistake)                                        \
    {                                                                          \
        .name = title, .build = kind, .check = check,                          \
        .arg = (void *)(mistake), .hazards = PLANTED_USUAL                     \
    }

static const ds_test best_effort_right =
    BROADCAST("best-effort", best_effort, NULL);
static const ds_test reliable_right = BROADCAST("reliable", reliable, NULL);
static const ds_test fifo_right = BROADCAST("fifo", fifo, NULL);
static const ds_test causal_right = BROADCAST("causal", causal, NULL);
static const ds_test total_right = BROADCAST("total-order", total, NULL);

/* ---- B1 -------------------------------------------------------------------*/

static bool always(const ds_broadcaster *me, const ds__broadcast_head *head)
{
    return true;
}

static const ds__broadcast_rules twice = { .is_new = always };
static const ds_test b1 = BROADCAST("B1", best_effort, &twice);

static bool send_once(double again)
{
    return false;
}

/* Of many. */
static void note_all(ds__broadcast_message *m, size_t who)
{
    for (size_t i = 0; i < MEMBERS; i++)
        ds__broadcast_note(m, i);
}

static const ds__broadcast_rules loses = { .sends_again = send_once };
static const ds_test b1b = BROADCAST("B1b", best_effort, &loses);
static const ds__broadcast_rules one_for_all = { .note = note_all };
static const ds_test b1c = BROADCAST("B1c", best_effort, &one_for_all);

/* ---- B2 -------------------------------------------------------------------*/

static void relay_nothing(ds_handle *h, ds_broadcaster *me,
                          ds__broadcast_message *m)
{
}

static const ds__broadcast_rules only_the_sender = { .relay = relay_nothing };
static const ds_test b2 = BROADCAST("B2", reliable, &only_the_sender);

static void relay_to_next(ds_handle *h, ds_broadcaster *me,
                          ds__broadcast_message *m)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (i != (me->me + 1) % MEMBERS)
            ds__broadcast_note(m, i);
    ds__broadcast_right.relay(h, me, m);
}

static const ds__broadcast_rules to_the_next = { .relay = relay_to_next };
static const ds_test b2b = BROADCAST("B2b", reliable, &to_the_next);
static const ds_test b2c = BROADCAST("B2c", reliable, &one_for_all);

/* ---- B3 -------------------------------------------------------------------*/

static bool as_it_comes(const ds_broadcaster *me,
                        const ds__broadcast_message *m)
{
    return true;
}

static const ds__broadcast_rules no_order = { .in_turn = as_it_comes };
static const ds_test b3 = BROADCAST("B3", fifo, &no_order);

/* Those before it are too late then. */
static bool any_later_one(const ds_broadcaster *me,
                          const ds__broadcast_message *m)
{
    return m->head.number > me->delivered[m->head.lane];
}

static const ds__broadcast_rules skips = { .in_turn = any_later_one };
static const ds_test b3b = BROADCAST("B3b", fifo, &skips);
static const ds_test b3c = BROADCAST("B3c", fifo, &loses);

/* ---- B4 -------------------------------------------------------------------*/

static bool of_its_sender(const ds_broadcaster *me,
                          const ds__broadcast_message *m)
{
    const uint64_t *vector = ds__broadcast_vector(m);

    return vector[m->head.sender] == me->delivered[m->head.sender];
}

static const ds__broadcast_rules one_entry = { .has_causes = of_its_sender };
static const ds_test b4 = BROADCAST("B4", causal, &one_entry);

/* ---- B5 -------------------------------------------------------------------*/

static void note_sent(const ds_broadcaster *me, uint64_t *vector)
{
    memset(vector, 0, me->b->group.n * sizeof(*vector));
    vector[me->me] = me->sent;
}

static const ds__broadcast_rules only_its_own = { .note_causes = note_sent };
static const ds_test b5 = BROADCAST("B5", causal, &only_its_own);

static bool heard_causes(const ds_broadcaster *me,
                         const ds__broadcast_message *m)
{
    const uint64_t *vector = ds__broadcast_vector(m);

    for (size_t i = 0; i < MEMBERS; i++)
        if (vector[i] > me->prefix[i])
            return false;
    return true;
}

static const ds__broadcast_rules hears = { .has_causes = heard_causes };
static const ds_test b5b = BROADCAST("B5b", causal, &hears);

/* ---- B6 -------------------------------------------------------------------*/

static const ds_test b6 = BROADCAST("B6", total, &no_order);
static const ds_test b6b = BROADCAST("B6b", total, &skips);

/* ---- B7 -------------------------------------------------------------------*/

static bool is_request(const ds_broadcaster *me, const ds__broadcast_head *head)
{
    return head->lane < me->b->group.n;
}

static bool new_or_request(const ds_broadcaster *me,
                           const ds__broadcast_head *head)
{
    return is_request(me, head) || ds__broadcast_right.is_new(me, head);
}

static bool next_or_again(const ds_broadcaster *me,
                          const ds__broadcast_message *m)
{
    return m->head.number <= me->delivered[m->head.lane] + 1;
}

static const ds__broadcast_rules numbers_again = {
    .is_new = new_or_request,
    .in_turn = next_or_again,
};
static const ds_test b7 = BROADCAST("B7", total, &numbers_again);

/* ---- The rows -------------------------------------------------------------*/

#define ROW(row, right, wrong, what, where)                                    \
    {                                                                          \
        .name = row, .title = what, .source = where, .correct = &right,        \
        .planted = &wrong, .end = PLANTED_WRONG                                \
    }

static const planted_row rows[] = {
    ROW("B1", best_effort_right, b1,
        "a packet that is sent again is delivered again",
        "threshold-network/keep-core#1279"),
    ROW("B1b", best_effort_right, b1b,
        "a packet that is lost is not sent again",
        "Cachin, Guerraoui, Rodrigues, 2011, 2.4.3"),
    ROW("B1c", best_effort_right, b1c,
        "the first acknowledgement is taken for that of all",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.2"),
    ROW("B2", reliable_right, b2,
        "only the sender sends a message, and crashes in the middle",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.2"),
    ROW("B2b", reliable_right, b2b,
        "who hears a message tells the next member only",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.3"),
    ROW("B2c", reliable_right, b2c,
        "all are taken to have what one has, and nobody tells them",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.3"),
    ROW("B3", fifo_right, b3, "messages are delivered as they come",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.9.2"),
    ROW("B3b", fifo_right, b3b,
        "a later message is not waited with, and those before it come too late",
        "Cachin, Guerraoui, Rodrigues, 2011, 3.9.2"),
    ROW("B3c", fifo_right, b3c,
        "who waits for a message that was lost is not sent it again",
        "Cachin, Guerraoui, Rodrigues, 2011, 2.4.3"),
    ROW("B4", causal_right, b4,
        "of a vector, a receiver looks at the entry of the sender only",
        "Birman, Schiper, Stephenson, TOCS 9(3), 1991"),
    ROW("B5", causal_right, b5, "a sender does not say what it had delivered",
        "rocq-community/chapar#3, of a store"),
    ROW("B5b", causal_right, b5b,
        "a cause that was heard and not delivered yet is enough",
        "Birman, Schiper, Stephenson, TOCS 9(3), 1991"),
    ROW("B6", total_right, b6,
        "messages are delivered while others with smaller numbers are missing",
        "JGroups, JGRP-1785"),
    ROW("B6b", total_right, b6b,
        "a later number is not waited with, and those before it come too late",
        "Defago, Schiper, Urban, Computing Surveys 36(4), 2004: fixed "
        "sequencer"),
    ROW("B7", total_right, b7,
        "the sequencer numbers a message again that is sent again",
        "JGroups, JGRP-1458"),
};

const planted_family planted_broadcast = PLANTED_FAMILY(rows);
