#ifndef DISTSYS_HISTORY_H
#define DISTSYS_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What clients asked of a shared object, and what they were told, in the order
 * in which it happened; and whether an object that does one thing at a time
 * could have said so (Herlihy, Wing, TOPLAS 12(3), 1990). */
typedef struct ds_history ds_history;

/* One call.  What op, key and the numbers mean is the model's business. */
typedef struct ds_call {
    uint64_t process; /* who */
    int op;
    int64_t key; /* of the object; different keys are different objects */
    int64_t arg[2];
    int64_t result;
    bool returned;  /* false: nobody knows whether it had any effect */
    double began;   /* seconds, for reports only */
    double ended;   /* likewise, if it has returned */
    bool forgotten; /* it surely had no effect, and is not judged */
} ds_call;

/* No value: what a queue gives that is empty, or a map that has no such key. */
#define DS_NIL INT64_MIN

ds_history *ds_history_new(void); /* NULL: no memory */
void ds_history_free(ds_history *history);

/* A call begins; its number is returned, and it is under way until it is given
 * its result or, if it surely had no effect, forgotten.  One that is left under
 * way may have had its effect at any time since, or never; what the process
 * does next counts as another's.  Out of memory: SIZE_MAX, and nothing is
 * decided.
 *
 * Ending or forgetting what is not under way is a mistake of the caller's: it
 * changes nothing, and nothing is decided either. */
size_t ds_history_begin(ds_history *history, double now, uint64_t process,
                        int op, int64_t key, int64_t arg0, int64_t arg1);
void ds_history_end(ds_history *history, double now, size_t call,
                    int64_t result);
void ds_history_forget(ds_history *history, size_t call);

/* Calls are numbered from 0 in the order in which they began, the forgotten
 * ones among them.  The pointer is good until the next one begins; NULL: there
 * is no such call. */
size_t ds_history_size(const ds_history *history);
const ds_call *ds_history_at(const ds_history *history, size_t call);

/* ---- Models ---------------------------------------------------------------*/

/* How an operation is written, for reports and for files. */
typedef struct ds_model_op {
    const char *name; /* such as "cas" */
    int args;         /* how many of arg it takes */
    bool gives;       /* its result says something */
    bool refuses;     /* ... and 0 that it did nothing */
} ds_model_op;

/* An object that does one thing at a time.  A state is size bytes, without
 * padding: two are equal if their bytes are. */
typedef struct ds_model {
    const char *name;
    size_t size;
    void (*init)(void *state, int64_t key); /* all zero before */
    /* Does the call; false: it could not have had that result.  Any result will
     * do for a call that has not returned. */
    bool (*step)(void *state, const ds_call *call);
    /* For reports, such as "cas(1, 2) = 1"; NULL: what ops says, or numbers. */
    void (*print)(char *text, size_t size, const ds_call *call);

    /* The rest may be left out. */

    /* From operation 1 on, ended by one without a name. */
    const ds_model_op *ops;
    /* Names an object within the object that this call is about, if no call is
     * about two of them: they are judged one by one, like keys. */
    int64_t (*part)(const ds_call *call);
    /* Tells how many bytes a state needs for these calls, instead of size. */
    size_t (*measure)(const ds_call *const *calls, size_t n);
    /* For reports: what a state is, such as "5". */
    void (*show)(char *text, size_t size, const void *state);
    /* Never looks at who calls: equal calls that have not returned are then
     * interchangeable, which makes the search much shorter. */
    bool anonymous;
} ds_model;

/* A register, at first 0: its value is read (the result), written (arg[0]), or
 * set to arg[1] if it is arg[0] (result 1; else 0 and nothing happens).
 * ds_nil_register_model is the same, at first DS_NIL, as Jepsen's is. */
enum { DS_READ = 1, DS_WRITE, DS_CAS };
extern const ds_model ds_register_model;
extern const ds_model ds_nil_register_model;

/* A lock that one process holds at a time: acquired, released. */
enum { DS_ACQUIRE = 1, DS_RELEASE };
extern const ds_model ds_mutex_model;

/* A counter, at first 0: read (the result), added to (arg[0]), or both (the
 * result is the sum). */
enum { DS_COUNTER_READ = 1, DS_COUNTER_ADD, DS_COUNTER_ADD_AND_READ };
extern const ds_model ds_counter_model;

/* A set, at first empty.  arg[0] is added (result 1: it was not there; 0: it
 * was; DS_NIL: that is not told), removed (1: it was there; 0: it was not;
 * DS_NIL: not told), or looked for (1: it is there; 0: it is not). */
enum { DS_SET_ADD = 1, DS_SET_REMOVE, DS_SET_HAS };
extern const ds_model ds_set_model;

/* A queue, at first empty: arg[0] is put at its end, and the result is taken
 * from its head, DS_NIL if it is empty.  A stack likewise. */
enum { DS_QUEUE_PUT = 1, DS_QUEUE_TAKE };
extern const ds_model ds_queue_model;
enum { DS_STACK_PUSH = 1, DS_STACK_POP };
extern const ds_model ds_stack_model;

/* A map, at first empty: what is stored at arg[0] is read (the result, DS_NIL
 * if nothing is), set to arg[1], or removed. */
enum { DS_MAP_GET = 1, DS_MAP_PUT, DS_MAP_REMOVE };
extern const ds_model ds_map_model;

/* A lock that hands out fencing tokens, and what it protects.  It is acquired
 * while it is free (the result is a token, positive and larger than all
 * before); released, or taken away because a lease ran out, if the token arg[0]
 * holds it (result 1; else 0 and nothing happens).  The resource is used with a
 * token arg[0]: result 1 if it was handed out and no larger one has been used,
 * else 0. */
enum { DS_LOCK_ACQUIRE = 1, DS_LOCK_RELEASE, DS_LOCK_EXPIRE, DS_LOCK_USE };
extern const ds_model ds_lock_model;

/* A log, at first empty: arg[0] is appended (the result is its place, from 0,
 * or DS_NIL: that is not told); the place arg[0] is read (the result, DS_NIL
 * if the log ends before); its length is asked for. */
enum { DS_LOG_APPEND = 1, DS_LOG_READ, DS_LOG_LENGTH };
extern const ds_model ds_log_model;

/* A bank whose accounts, from 0, are empty at first and never overdrawn.
 * arg[1] is paid into account arg[0], at most what there is out of it if it is
 * negative; moved from one to the other of DS_BANK_PAIR(from, to) in arg[0]
 * (each: result 1; 0: there was not as much, and nothing happens); the balance
 * of arg[0] is read, or the sum of all accounts. */
enum { DS_BANK_PAY = 1, DS_BANK_MOVE, DS_BANK_READ, DS_BANK_TOTAL };
#define DS_BANK_PAIR(from, to) ((int64_t)(from) << 32 | (int64_t)(to))
extern const ds_model ds_bank_model;

/* All of these, by the names that they have; NULL: no such model. */
const ds_model *ds_model_by_name(const char *name);
const ds_model *const *ds_model_all(size_t *n); /* n may be NULL */

/* ---- Judging --------------------------------------------------------------*/

typedef enum ds_verdict {
    DS_LINEARIZABLE = 0,
    DS_NOT_LINEARIZABLE,
    DS_UNDECIDED, /* within the memory or the time allowed */
} ds_verdict;

/* Keys are judged one by one.  If it is not linearizable, why says for which
 * key, and which calls cannot be put in any order: as few as will do.  If it is
 * undecided, why says what for.  max_seconds of real time, 0: no limit; why may
 * be NULL.  It takes at most 256 MiB of memory. */
ds_verdict ds_history_check(const ds_history *history, const ds_model *model,
                            double max_seconds, char *why, size_t size);

/* ---- Files ----------------------------------------------------------------*/

/* Writes and reads what Jepsen and the checkers around it do: a line for each
 * beginning and each end of a call, in EDN.  Operations have the names that the
 * model gives them.  What is read must be a history of that model's, to the
 * last character: otherwise NULL, and why says in which line it is not.  See
 * ds_history(3) for what is written how. */
bool ds_history_write_edn(const ds_history *history, const ds_model *model,
                          FILE *file); /* false: not all was written */
ds_history *ds_history_read_edn(const ds_model *model, FILE *file, char *why,
                                size_t size);

#ifdef __cplusplus
}
#endif

#endif
