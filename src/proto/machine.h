/* What members do for clients: the machine that each runs with the sessions of
 * all, what clients ask, and questions that wait. */
#ifndef PROTO_MACHINE_H
#define PROTO_MACHINE_H

#include <distsys/machine.h>

/* ---- A replica of the machine ---------------------------------------------*/

/* The op of a command that is for the log, of which the machine is not told. */
#define DS__OWN INT64_MIN

/* A command as it stands in a log. */
typedef struct ds__request {
    uint64_t client; /* 0: nobody's, and nothing is to be done */
    int64_t number;
    ds_command command;
} ds__request;

/* The last command of a client, and what it came to. */
typedef struct ds__done {
    uint64_t client;
    int64_t number; /* 0: none */
    int64_t result;
} ds__done;

/* Replicas that have done the same requests are equal.  Sessions stand in the
 * order of their clients, of which no two are alike. */
typedef struct ds__replica {
    const ds_machine *machine;
    unsigned char *state; /* machine->size bytes */
    ds__done *done;       /* n of them, in room for more */
    size_t n;
    size_t room;
} ds__replica;

/* False: there is no memory, which fails the run. */
bool ds__replica_open(ds_handle *h, ds__replica *r, const ds_machine *machine);
void ds__replica_close(ds__replica *r);

/* Of a client, who may not have done anything yet; good until something is
 * done. */
const ds__done *ds__replica_done(const ds__replica *r, uint64_t client);

/* Does a request, and remembers that, which it returns likewise. */
const ds__done *ds__replica_do(ds_handle *h, ds__replica *r,
                               const ds__request *request);

/* What a snapshot has, and how much that is. */
size_t ds__replica_size(const ds__replica *r);
void ds__replica_save(const ds__replica *r, void *snapshot);
void ds__replica_load(ds_handle *h, ds__replica *r, const void *snapshot,
                      size_t size);

/* Whether a request was done before, since its client may have asked twice. */
bool ds__was_done(const ds__done *done, const ds__request *request);

/* ---- What clients ask -----------------------------------------------------*/

/* Packets of members to each other begin with 0, which no question does. */
typedef enum ds__what { DS__DO = 1, DS__LOOK, DS__CHANGE } ds__what;

typedef struct ds__call { /* a question, and its answer */
    uint64_t number;
    ds__what what;
    bool yes;            /* it is done; else leader, if known, may know more */
    uint32_t leader;     /* 0: nobody, 1: the first member */
    ds__request request; /* of a change: key is the member, arg[0] whether it
                          * votes */
    int64_t result;
} ds__call;

/* Asks until it is done; false: there was no answer in time, or it is over. */
bool ds__session_call(ds_handle *h, ds_session *s, ds__what what,
                      const ds__request *request, int64_t *result);

bool ds__is_call(const ds_msg *m);

/* ---- Questions that wait --------------------------------------------------*/

typedef struct ds__wait {
    ds__call call;
    ds_port *client;
    int64_t index; /* for the entry there to be applied */
    int64_t round; /* and for a majority to answer what was asked then, or
                    * later */
} ds__wait;

/* In the order of their coming; those before head have gone. */
typedef struct ds__waits {
    ds__wait *all;
    size_t head;
    size_t n;
    size_t room;
} ds__waits;

/* False: there is no memory, which fails the run. */
bool ds__waits_add(ds_handle *h, ds__waits *w, const ds_msg *question,
                   int64_t index, int64_t round);
ds__wait *ds__waits_first(ds__waits *w); /* NULL: there is none */

/* Answers the first, which goes. */
void ds__waits_answer(ds_handle *h, ds__waits *w, const ds_group *g,
                      int64_t result);
void ds__waits_drop(ds__waits *w); /* it goes unanswered */
void ds__waits_clear(ds__waits *w);
void ds__waits_close(ds__waits *w);

/* Answers a question at once: what was done is told if it is what was asked
 * for, and not later. */
void ds__call_done(ds_handle *h, const ds_group *g, const ds_msg *question,
                   const ds__done *done);
void ds__call_refuse(ds_handle *h, const ds_group *g, const ds_msg *question,
                     size_t leader);

#endif
