#ifndef DISTSYS_MACHINE_H
#define DISTSYS_MACHINE_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Replicated state machines --------------------------------------------*/

/* What a machine is told to do.  The numbers mean what the machine says; those
 * of a ds_history call are the same ones. */
typedef struct ds_command {
    int64_t op; /* more than INT64_MIN */
    int64_t key;
    int64_t arg[2];
} ds_command;

/* A program that each member of a group runs, and that does the same commands
 * in the same order everywhere (Schneider, "Implementing Fault-Tolerant
 * Services Using the State Machine Approach", Computing Surveys 22(4), 1990).
 *
 * Its state is size bytes, at first all 0, and without pointers: a snapshot is
 * a copy of them.  What it does depends on nothing but them and the command. */
typedef struct ds_machine {
    size_t size;
    int64_t (*apply)(void *state, const ds_command *command);
    int64_t (*look)(const void *state, const ds_command *command);
} ds_machine;

/* The machine of ds_register_model, which is a number, and that of
 * ds_counter_model. */
extern const ds_machine ds_register_machine;
extern const ds_machine ds_counter_machine;

/* ---- Clients --------------------------------------------------------------*/

/* What a client remembers of a service that a group provides, by Raft, see
 * <distsys/raft.h>, or by Paxos, see <distsys/paxos_log.h>: it has one command
 * at a time, and each has a number, by which the machine knows one that it has
 * done already (Ongaro, "Consensus: Bridging Theory and Practice", 2014,
 * section 6.3).  The state has 24 bytes for each client, for ever. */
typedef struct ds_session {
    ds_asker asker;
    double again;    /* seconds until another member is asked */
    double patience; /* until a call has failed; 0: never */
    int64_t number;  /* of the last command */
    size_t member;   /* the one that is asked next */
} ds_session;

/* The port is on the caller's machine, and the session's alone; again is more
 * than 0. */
ds_session ds_session_of(ds_handle *h, const ds_group *group, ds_port *port,
                         double again, double patience);

/* Has a command done once, however often it has to be asked for, and stores its
 * result.  Two messages, and what the members say to each other.
 *
 * False: there was no answer in time, or it is over, and then it may have been
 * done, may yet be, or never.  It is linearizable: what is done later sees it.
 */
bool ds_session_do(ds_handle *h, ds_session *s, const ds_command *command,
                   int64_t *result);

/* Looks at the state, which no log needs to know; the result is as new as if it
 * were a command.  False, likewise: there was no answer. */
bool ds_session_look(ds_handle *h, ds_session *s, const ds_command *command,
                     int64_t *result);

#ifdef __cplusplus
}
#endif

#endif
