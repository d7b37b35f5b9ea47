/* What the files of Raft are for each other, those below first; raft.c is a
 * member.
 *
 * Each handler has one order: it changes the state, it waits for the disk by
 * ds__raft_keep(), it answers.  So a crash at any call loses nothing that
 * anybody has been told. */
#ifndef PROTO_RAFT_H
#define PROTO_RAFT_H

#include "proto/raft_rules.h"

/* ---- The log, by raft_log.c -----------------------------------------------*/

const ds__entry *ds__raft_at(const ds__raft *s, int64_t index);

/* Names an entry for observers. */
int64_t ds__raft_name(const ds__entry *e);

/* Has room for so many entries; false: there is no memory. */
bool ds__raft_make_room(ds__raft *s, int64_t entries);
size_t ds__raft_length(const ds__raft *s); /* in bytes */

/* Stores who votes by the log up to index, and returns the latest entry that
 * says so, or the base. */
int64_t ds__raft_voters_at(const ds__raft *s, int64_t index, bool *voters);

/* Finds who votes by the whole log, committed or not. */
void ds__raft_find_voters(ds__raft *s);

/* Puts an entry at the end, and takes those over that it lacks. */
void ds__raft_append(ds__raft *s, const ds__entry *e);
void ds__raft_take(ds__raft *s, const ds__entry *entries, int64_t count);

/* Has the machine do what is committed up to index. */
void ds__raft_commit(ds__raft *s, int64_t index);

/* What a snapshot of the machine as it is stands for. */
ds__base ds__raft_base(const ds__raft *s);

/* Forgets what is before a base, where these voted: the rest stays if the log
 * has it, else nothing. */
void ds__raft_rebase(ds__raft *s, const ds__base *base, const bool *voters);

/* ---- The disk: raft_disk.c ------------------------------------------------*/

/* Looks whether time has passed, which is so only after a call that waits. */
bool ds__raft_look_at_clock(ds__raft *s);

/* Waits until what has changed is on the disk, which comes before any word of
 * it to others.  False, here and below: it is over. */
bool ds__raft_keep(ds__raft *s);

/* Sends a packet, whose sender is filled in, with what follows it. */
void ds__raft_send(ds__raft *s, size_t to, ds__raft_packet *p, size_t size);

/* Finds what an earlier life has kept. */
bool ds__raft_load(ds__raft *s);

/* Takes over a snapshot; a log that has all of that is left alone. */
bool ds__raft_install(ds__raft *s, const void *snapshot, size_t size);

/* Replaces what the machine has done by a snapshot. */
bool ds__raft_compact(ds__raft *s);

/* A snapshot of the machine as it is, behind so many bytes for the caller, who
 * frees it: a base, who votes there, and the replica.  NULL: there is no
 * memory, which fails the run. */
void *ds__raft_snapshot(ds__raft *s, size_t before, size_t *size);

/* ---- Who leads: raft_elect.c ----------------------------------------------*/

/* Waits at random for somebody to lead, until it stands for election itself. */
void ds__raft_wait_for_leader(ds__raft *s);

/* Follows whoever leads that term, which is not over. */
void ds__raft_follow(ds__raft *s, int64_t term, size_t leader);

/* Stands for the next term: early, without beginning it. */
void ds__raft_campaign(ds__raft *s, bool early);
void ds__raft_on_ask(ds__raft *s, const ds__raft_packet *ask);
void ds__raft_on_vote(ds__raft *s, const ds__raft_packet *vote);

/* ---- Leading: raft_lead.c -------------------------------------------------*/

/* Sends others what is new to each, or a heartbeat. */
void ds__raft_send_appends(ds__raft *s, bool heartbeat);
void ds__raft_on_appended(ds__raft *s, const ds__raft_packet *ack);

/* What a client asks; who does not lead says who does. */
void ds__raft_on_call(ds__raft *s, const ds_msg *question);

#endif
