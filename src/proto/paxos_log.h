/* What the files of a log by Paxos are for each other, those below first;
 * paxos_log.c is a member.
 *
 * Each handler has one order: it changes the state, it waits for the disk by
 * ds__plog_keep(), it answers.  So a crash at any call loses nothing that
 * anybody has been told.  Only what a leader proposes goes before it is kept:
 * it is no answer, and a ballot is not begun twice. */
#ifndef PROTO_PAXOS_LOG_H
#define PROTO_PAXOS_LOG_H

#include "proto/paxos_log_rules.h"

/* ---- Proposals, by paxos_log_slots.c --------------------------------------*/

/* Puts a proposal into its place, behind the base, in the stead of what is
 * there.  False: there is no memory, which fails the run. */
bool ds__slots_put(ds_handle *h, ds__slots *l, const ds__proposal *p);

/* Up to where, from behind index on, all are of one ballot. */
int64_t ds__slots_all_of(const ds__slots *l, int64_t index, int64_t ballot);

/* Forgets those up to a base, which is not below the one before. */
void ds__slots_rebase(ds__slots *l, int64_t base);

/* Copies those that are there, behind index, one after the other, and returns
 * how many; there is room for last - index. */
int64_t ds__slots_copy(const ds__slots *l, int64_t index, ds__proposal *to);

/* ---- What is kept and done: paxos_log_disk.c ------------------------------*/

/* Waits until what has changed is on the disk, which comes before any word of
 * it to others.  False, here and below: it is over. */
bool ds__plog_keep(ds__plog *s);

/* Names a command for observers; 0: it does nothing. */
int64_t ds__plog_name(const ds__request *r);

/* Accepts a proposal, in memory and, before the next sync, on the disk. */
void ds__plog_accept(ds__plog *s, const ds__proposal *p);

/* Has the machine do what is chosen up to index. */
void ds__plog_commit(ds__plog *s, int64_t index);

/* Sends a packet, whose sender is filled in, with what follows it. */
void ds__plog_send(ds__plog *s, size_t to, ds__plog_packet *p, size_t size);

/* Sends a snapshot of the machine as it is behind this packet. */
void ds__plog_send_state(ds__plog *s, size_t to, const ds__plog_packet *p);

/* Takes over a snapshot, unless it has all of that. */
bool ds__plog_install(ds__plog *s, const void *snapshot, size_t size);

/* Replaces what the machine has done by a snapshot. */
bool ds__plog_compact(ds__plog *s);

/* Finds what an earlier life has kept. */
bool ds__plog_load(ds__plog *s);

/* ---- Asking and leading: paxos_log_lead.c ---------------------------------*/

/* Waits at random for somebody to lead, until it wants to itself. */
void ds__plog_wait_for_leader(ds__plog *s);

/* Takes part in a ballot, unless its own is higher, and leads no longer; the
 * leader may be DS_NOBODY. */
void ds__plog_follow(ds__plog *s, int64_t ballot, size_t leader);

/* Begins a ballot of its own: phase 1, for all instances at once. */
void ds__plog_campaign(ds__plog *s);
void ds__plog_on_promise(ds__plog *s, const ds__plog_packet *promise);

/* Tells all that it leads, unless a majority has not answered for long. */
void ds__plog_on_tick(ds__plog *s);
void ds__plog_on_accepted(ds__plog *s, const ds__plog_packet *ack);

/* What a client asks; who does not lead says who does. */
void ds__plog_on_call(ds__plog *s, const ds_msg *question);

#endif
