/* Acceptors, and the two questions that a proposer asks them. */
#include "bench/planted/acceptor.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double patience = 0.1; /* seconds, for a majority to answer */

/* ---- The rules ------------------------------------------------------------*/

static void promise_what_is_accepted(ballot_slot *slot, int64_t ballot)
{
    slot->promised = ballot;
}

static const char *record_of(char name[32], int instance)
{
    snprintf(name, 32, "instance-%d", instance);
    return name;
}

static bool recover_from_disk(ds_handle *h, ballot_slot slots[INSTANCES])
{
    char name[32];

    for (int i = 0; i < INSTANCES; i++)
        if (!group_load(h, record_of(name, i), &slots[i], sizeof(slots[i])))
            return false;
    return true;
}

static bool count_first_to_this_call(const ballot_packet *request,
                                     const ballot_packet *answer, bool again)
{
    return answer->call == request->call && !again;
}

static void prefer_highest_ballot(ballot_packet *best,
                                  const ballot_packet *answer)
{
    if (answer->accepted > best->accepted)
        *best = *answer;
}

const acceptor_rules acceptor_right = {
    .promise = promise_what_is_accepted,
    .recover = recover_from_disk,
    .counts = count_first_to_this_call,
    .prefer = prefer_highest_ballot,
};

/* ---- Acceptors ------------------------------------------------------------*/

static bool prepare(ballot_slot *slot, const ballot_packet *p)
{
    if (p->ballot <= slot->promised)
        return false;
    slot->promised = p->ballot;
    return true;
}

static bool accept(const acceptor_rules *rules, ballot_slot *slot,
                   const ballot_packet *p)
{
    if (p->ballot < slot->promised)
        return false;
    rules->promise(slot, p->ballot);
    slot->accepted = p->ballot;
    slot->value = p->value;
    return true;
}

void acceptor_serve(ds_handle *h, void *arg)
{
    const group *g = arg;
    const acceptor_rules *rules = g->rules;
    ballot_slot slots[INSTANCES];
    ballot_packet p;
    char name[32];
    int from;

    memset(slots, 0, sizeof(slots));
    if (!rules->recover(h, slots))
        return;
    while (group_recv(h, g, INFINITY, &p, sizeof(p), &from)) {
        ballot_slot *slot = &slots[p.instance];
        p.yes = p.accept ? accept(rules, slot, &p) : prepare(slot, &p);
        if (p.yes && !group_save(h, record_of(name, (int)p.instance), slot,
                                 sizeof(*slot)))
            return;
        p.accepted = slot->accepted;
        if (!p.yes)
            p.ballot = slot->promised;
        if (!p.accept)
            p.value = slot->value;
        group_send(h, g, from, &p, sizeof(p));
    }
}

/* ---- Proposers ------------------------------------------------------------*/

/* Asks a majority, drawn anew each time, until all of it have answered or
 * patience ends; see group_ask(). */
static bool ask(ds_handle *h, proposer *me, ballot_packet request,
                ballot_packet *best, bool *yes)
{
    const acceptor_rules *rules = me->g->rules;
    double end = ds_now(h) + patience;
    bool answered[ACCEPTORS] = { false };
    int answers = 0, agree = 0, from;
    ballot_packet a;

    request.call = ++me->call;
    *best = (ballot_packet){ 0 };
    for (int i = 0, first = group_random(h, ACCEPTORS); i < MAJORITY; i++)
        group_send(h, me->g, (first + i) % ACCEPTORS, &request,
                   sizeof(request));
    while (answers < MAJORITY) {
        if (!group_recv(h, me->g, end - ds_now(h), &a, sizeof(a), &from))
            return false;
        if (from == NOBODY)
            break;
        if (a.ballot > me->highest)
            me->highest = a.ballot;
        if (!rules->counts(&request, &a, answered[from]))
            continue;
        answers++;
        if (a.call != request.call || answered[from])
            continue;
        answered[from] = true;
        if (a.yes) {
            agree++;
            rules->prefer(best, &a);
        }
    }
    *yes = agree == MAJORITY;
    return true;
}

bool proposer_prepare(ds_handle *h, proposer *p, int64_t instance,
                      ballot_packet *best, bool *yes)
{
    ballot_packet request = { .instance = instance };

    assert(instance < INSTANCES);
    p->ballot = (p->highest / GROUP_MAX + 1) * GROUP_MAX + group_me(h);
    p->highest = p->ballot;
    request.ballot = p->ballot;
    return ask(h, p, request, best, yes);
}

bool proposer_accept(ds_handle *h, proposer *p, int64_t instance, int64_t value,
                     bool *yes)
{
    ballot_packet ignored, request = {
        .instance = instance,
        .ballot = p->ballot,
        .value = value,
        .accept = true,
    };

    return ask(h, p, request, &ignored, yes);
}
