/* Messages from rank to rank.
 *
 * A message that is short leaves at once and is matched when it has arrived. Of
 * a longer one only the envelope is shown to the receiver, at once; its bytes
 * leave when both sides have come, and go from buffer to buffer when they have
 * arrived.  Envelopes are matched in the order of their sender. */
#ifndef DS_MPI_MESSAGE_H
#define DS_MPI_MESSAGE_H

#include "mpi/comm.h"
#include "mpi/type.h"

/* What is known of a message that was received. */
typedef struct ds__status {
    int source;
    int tag;
    int error;
    bool cancelled;
    size_t bytes;
} ds__status;

#define DS__EMPTY_STATUS                                                       \
    ((ds__status){ .source = DS__MPI_ANY_SOURCE, .tag = DS__MPI_ANY_TAG })

typedef enum ds__mode {
    DS__STANDARD,
    DS__SYNCHRONOUS, /* done when it is received */
    DS__BUFFERED,    /* leaves at once however long it is */
} ds__mode;

/* An operation of the program's own that it waits for like others.  Functions
 * are in their own types; those that call them return errors of the ABI. */
typedef struct ds__general ds__general;
struct ds__general {
    void (*query)(void);
    void (*remove)(void);
    void (*cancel)(void);
    void *extra;
    int (*call_query)(const ds__general *general, ds__status *status);
    int (*call_remove)(const ds__general *general);
    int (*call_cancel)(const ds__general *general, bool is_done);
};

/* When what became of a request, for who watches. */
typedef struct ds__times {
    double posted;
    double other; /* when the other side began, of a message */
    double began; /* when its bytes left */
    double done;
} ds__times;

/* A send or a receive.  Invariants: it is active from its posting until whoever
 * waited for it has its status; it is done when its buffer is free. */
struct ds__request {
    ds__object object; /* a handle only if the program has one */
    ds__rank *owner;
    ds__thread *thread;  /* that waits for it */
    ds__thread *helper;  /* it is a collective that this one makes; or NULL */
    struct ds__job *job; /* of a collective that is begun each time; or NULL */
    void (*begin)(struct ds__job *job);
    void (*drop)(struct ds__job *job);
    bool is_send;
    bool active;
    bool done;
    bool persistent;
    bool detached; /* goes as soon as it is done */
    bool user;     /* of the program, not of a collective */
    bool bare;     /* its message carries no bytes */
    ds__mode mode;
    ds__comm *comm;
    int context;
    int peer; /* a rank of comm, or one of the special ones */
    int tag;
    void *buf;
    size_t count;
    ds__type *type;
    ds__status status;
    ds__spot posted; /* where it was made */
    uint64_t sum;    /* of its buffer, if nobody may touch it; or 0 */
    size_t point;    /* of what is played again; 0: none */
    int open_of;     /* whose open receive was over with it, */
    size_t open;     /* and which; 0: none */
    struct ds__knowledge *knowledge; /* of its sender */
    ds__match match;                 /* of a receive */
    ds__times times;                 /* zeros if nobody watches */
    struct ds__envelope *envelope;   /* of a send until its bytes are gone */
    struct ds__envelope *left; /* that left at once, until somebody receives it;
                                * only of what can be cancelled */
    ds__request *with;    /* the send that it is not done before; or NULL */
    ds__request *of;      /* the receive of which that is said; or NULL */
    bool half;            /* a receive has come, and not all of it is done */
    void *copy;           /* of what is sent, which goes with it; or NULL */
    ds__general *general; /* NULL: it is none */
    struct ds__partitions *parts; /* that it is in; or NULL */
};

/* Makes a request that is not active; it holds its comm and type. */
ds__request *ds__request_new(bool is_send, const void *buf, size_t count,
                             ds__type *type, int peer, int tag, ds__comm *comm,
                             ds__mode mode);

/* Sends, or receives. */
void ds__mpi_post(ds__request *r);

/* Takes a receive back that nothing has come for, or a message that nobody has
 * received; false: too late. */
bool ds__mpi_cancel(ds__request *r);

/* It cannot be taken back any more, if it is a send that left at once. */
void ds__mpi_let_go(ds__request *r);

/* Makes a receive that is done when a send is as well, which goes then. */
void ds__request_join(ds__request *receive, ds__request *send);

/* Returns the errors of a general one's function that tells its status, and of
 * the one that is called when it goes; 0: it is none, or none failed. */
int ds__request_ask(ds__request *r);
int ds__request_leave(ds__request *r);

/* Finds a message that has come and that nobody has received. */
bool ds__mpi_find_message(ds__rank *me, const ds__comm *comm, int source,
                          int tag, ds__status *status);

/* A message that was found and is kept for one receive. */
typedef struct ds__kept {
    ds__object object;
    ds__comm *comm;
    struct ds__envelope *envelope;
} ds__kept;

/* Keeps what ds__mpi_find_message() finds, with a handle; NULL: nothing. */
ds__kept *ds__mpi_keep(ds__rank *me, ds__comm *comm, int source, int tag,
                       ds__status *status);

/* Begins to receive it; it is gone afterwards. */
ds__request *ds__mpi_receive_kept(ds__kept *kept, void *buf, size_t count,
                                  ds__type *type);

/* When the message that ds__mpi_find_message() finds was sent; nothing if there
 * is none. */
void ds__mpi_message_times(ds__rank *me, const ds__comm *comm, int source,
                           int tag, ds__times *times);

/* Lets time pass until something happens to this rank, at most so many seconds.
 * False: they have passed.  Who does not call it again, since it has what it
 * waited for, calls ds__mpi_pass_on(). */
bool ds__mpi_progress(ds__rank *me, double seconds);

/* The same until something happens on one of n streams of the caller's own. */
enum { DS__MOST_STREAMS = 8 };
void ds__mpi_progress_until(ds__rank *me, ds_stream *const *streams, size_t n,
                            ds_event *event);

/* Has another thread of the rank that waits see what comes, if there is one. */
void ds__mpi_pass_on(ds__rank *me);

/* Notes receives of a rank that got nothing, if by chance. */
void ds__receives_stuck(const ds__rank *rank);

/* Notes the messages that nobody has received as findings. */
void ds__messages_lost(void);

/* Says that a request is done. */
void ds__request_complete(ds__request *r);

/* Notes if its buffer is not as it was left. */
void ds__request_check(const ds__request *r);

/* Frees one that is not active. */
void ds__request_free(ds__request *r);

/* What r waits for, in words; returns the one rank of the world it needs, or
 * -1. */
int ds__request_words(const ds__request *r, ds__text *text);

#endif
