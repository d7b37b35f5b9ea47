/* The engine of all machines that MPI has.  Rank 0 has the desk, hands out
 * points, a few at a time, and is the only one who writes.
 *
 * Open MPI does not want its processes to fork, and MPI waits by turning round
 * in circles, which would take the processor from what is to be run.  So each
 * rank has a starter, forked before MPI_Init(), with the pool of processes: it
 * is given points by a socket, and says lines.  A rank only passes these on,
 * and sleeps in between. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mpi.h>

#include "bench/common/args.h"
#include "bench/sweep/engine.h"

/* POINTS go to a rank, none of them being the end; a LINE comes from one, an
 * empty one being its last word. */
enum { POINTS = 1, LINE };

enum { MOST_POINTS = 64, PAUSE = 1 /* milliseconds */ };

/* In a larger group rank 0 has enough to do with the others. */
enum { SMALL = 16 };

/* Bytes that have come and are not whole yet. */
typedef struct buffer {
    char *at;
    size_t used;
    size_t room;
} buffer;

static struct {
    pid_t pid; /* of the starter; 0: nothing is to be run */
    int fd;    /* to it, and from it */
    buffer lines;
} starter = { .fd = -1 };

/* False: it has ended. */
static bool fill(buffer *b, int fd)
{
    ssize_t n;

    for (;;) {
        if (b->used == b->room) {
            b->room = 2 * b->room + 65536;
            b->at = args_realloc(b->at, b->room, 1);
        }
        n = read(fd, b->at + b->used, b->room - b->used);
        if (n > 0)
            b->used += (size_t)n;
        else
            return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

static void drop(buffer *b, size_t n)
{
    assert(n <= b->used);
    b->used -= n;
    memmove(b->at, b->at + n, b->used);
}

/* All of it, also to a socket that does not block. */
static bool put(int fd, const void *what, size_t n)
{
    const char *at = what;

    while (n > 0) {
        ssize_t done = send(fd, at, n, MSG_NOSIGNAL);

        if (done < 0 && errno == EAGAIN) {
            struct pollfd file = { .fd = fd, .events = POLLOUT };
            poll(&file, 1, -1);
        } else if (done < 0 && errno != EINTR) {
            return false;
        }
        at += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* ---- The starter ----------------------------------------------------------*/

typedef struct starting {
    int fd;
    bool over;
    buffer points;
} starting;

static bool take_point(void *self, uint64_t *point)
{
    starting *s = self;

    if (s->points.used < sizeof(*point) && !s->over)
        s->over = !fill(&s->points, s->fd);
    if (s->points.used < sizeof(*point))
        return false;
    memcpy(point, s->points.at, sizeof(*point));
    drop(&s->points, sizeof(*point));
    return true;
}

static void say_line(void *self, const char *line, size_t n)
{
    starting *s = self;

    if (!put(s->fd, line, n))
        s->over = true;
}

/* Until nobody is there who wants anything. */
_Noreturn static void be_starter(const pool_config *config, int fd)
{
    starting s = { .fd = fd };
    const pool_work work = { &s, take_point, say_line };
    pool p;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* which is the rank's business */
    pool_begin(&p, config, &work);
    while (!s.over && pool_step(&p, fd, 1))
        continue;
    if (p.why.status != 0)
        args_warn("%s", p.why.text);
    pool_end(&p);
    _exit(p.why.status);
}

static void make_starter(const pool_config *config)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        args_need(NULL);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    starter.pid = fork();
    if (starter.pid == 0) {
        close(ends[0]);
        be_starter(config, ends[1]);
    }
    close(ends[1]);
    starter.fd = ends[0];
    if (starter.pid < 0)
        args_need(NULL);
}

static void end_starter(void)
{
    if (starter.pid <= 0)
        return;
    close(starter.fd);
    waitpid(starter.pid, NULL, 0);
    free(starter.lines.at);
    starter.pid = 0;
}

/* Calls it for each whole line that the starter has said; false: it has died.
 */
static bool hear_starter(void (*take)(void *self, const char *line, size_t n),
                         void *self)
{
    buffer *b = &starter.lines;
    const bool alive = fill(b, starter.fd);
    size_t from = 0;
    const char *end;

    while ((end = memchr(b->at + from, '\n', b->used - from)) != NULL) {
        const size_t next = (size_t)(end - b->at) + 1;

        take(self, b->at + from, next - from);
        from = next;
    }
    drop(b, from);
    return alive;
}

static void nap(void)
{
    struct pollfd file = { .fd = starter.fd, .events = POLLIN };

    poll(&file, 1, PAUSE);
}

/* ---- A rank without a desk ------------------------------------------------*/

/* Receives a message of bytes, whose length MPI_Iprobe() has told. */
static void *receive(const MPI_Status *status, int *n)
{
    char *bytes;

    MPI_Get_count(status, MPI_BYTE, n);
    bytes = args_alloc((size_t)*n + 1, 1);
    MPI_Recv(bytes, *n, MPI_BYTE, status->MPI_SOURCE, status->MPI_TAG,
             MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return bytes;
}

static void pass_on(void *self, const char *line, size_t n)
{
    MPI_Send(line, (int)n, MPI_BYTE, 0, LINE, MPI_COMM_WORLD);
}

/* False: that was the end. */
static bool take_points(void)
{
    MPI_Status status;
    int there, n;

    MPI_Iprobe(0, POINTS, MPI_COMM_WORLD, &there, &status);
    if (!there)
        return true;
    void *points = receive(&status, &n);
    if (n > 0)
        put(starter.fd, points, (size_t)n);
    free(points);
    return n > 0;
}

/* A rank whose starter has died cannot do what it was given, and neither can
 * anybody else know that. */
static void help(void)
{
    while (take_points()) {
        if (!hear_starter(pass_on, NULL)) {
            args_warn("what starts processes has died");
            MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
        }
        nap();
    }
    end_starter();
    pass_on(NULL, "", 0);
}

/* ---- The rank with the desk -----------------------------------------------*/

/* Invariant: out[r] points have been handed to rank r and are not done. */
typedef struct handing {
    desk *desk;
    size_t *out;
    int ranks;
    size_t jobs;
} handing;

/* Few when few are left, so that all end at one time. */
static size_t how_many(const handing *h)
{
    const uint64_t share = desk_left(h->desk) / (4 * (uint64_t)h->ranks);
    const size_t least = h->jobs;

    return share > MOST_POINTS ? MOST_POINTS
           : share < least     ? least
                               : (size_t)share;
}

/* Gives a rank more before it has nothing to do; false: there is no more. */
static bool supply(handing *h, int rank)
{
    uint64_t points[4096];
    size_t n = 0, most = how_many(h);

    if (h->out[rank] >= 2 * h->jobs)
        return true;
    if (most > sizeof(points) / sizeof(*points))
        most = sizeof(points) / sizeof(*points);
    while (n < most && desk_next(h->desk, &points[n]))
        n++;
    h->out[rank] += n;
    if (n > 0 && rank == 0)
        put(starter.fd, points, n * sizeof(*points));
    else if (n > 0)
        MPI_Send(points, (int)(n * sizeof(*points)), MPI_BYTE, rank, POINTS,
                 MPI_COMM_WORLD);
    return n > 0;
}

static void take_own(void *self, const char *line, size_t n)
{
    handing *h = self;

    assert(h->out[0] > 0);
    h->out[0]--;
    desk_give(h->desk, line, n);
}

/* What others send. */
static void take_lines(handing *h)
{
    MPI_Status status;
    int there, n;

    for (;;) {
        MPI_Iprobe(MPI_ANY_SOURCE, LINE, MPI_COMM_WORLD, &there, &status);
        if (!there)
            return;
        char *line = receive(&status, &n);
        assert(n > 0 && h->out[status.MPI_SOURCE] > 0);
        h->out[status.MPI_SOURCE]--;
        desk_give(h->desk, line, (size_t)n);
        free(line);
    }
}

static bool is_anything_out(const handing *h)
{
    for (int i = 0; i < h->ranks; i++)
        if (h->out[i] > 0)
            return true;
    return false;
}

static void run(desk *d, const pool_config *config)
{
    handing h = { .desk = d, .jobs = config->jobs };
    bool more = true;

    MPI_Comm_size(MPI_COMM_WORLD, &h.ranks);
    h.out = args_alloc((size_t)h.ranks, sizeof(*h.out));
    while (!desk_is_over(d)) {
        for (int i = h.ranks > SMALL ? 1 : 0; i < h.ranks && more; i++)
            more = supply(&h, i);
        if (!is_anything_out(&h))
            break;
        nap();
        if (!hear_starter(take_own, &h))
            d->why =
                failure_new(EXIT_FAILURE, "what starts processes has died");
        take_lines(&h);
        desk_tick(d);
    }
    free(h.out);
}

/* ---- The engine -----------------------------------------------------------*/

static bool begin(const pool_config *config)
{
    int rank;

    if (config != NULL)
        make_starter(config);
    if (MPI_Init(NULL, NULL) != MPI_SUCCESS)
        exit(EXIT_FAILURE); /* it has said why */
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    desk_catch_signals(); /* MPI may have some of its own */
    if (rank > 0 && config != NULL)
        help();
    return rank == 0;
}

/* What is on its way is for nobody, and will be run again. */
static void dismiss(void)
{
    MPI_Status status;
    int ranks, there, n;

    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    for (int i = 1; i < ranks; i++)
        MPI_Send(NULL, 0, MPI_BYTE, i, POINTS, MPI_COMM_WORLD);
    for (int left = ranks - 1; left > 0;) {
        MPI_Iprobe(MPI_ANY_SOURCE, LINE, MPI_COMM_WORLD, &there, &status);
        if (there) {
            free(receive(&status, &n));
            left -= n == 0;
        } else {
            poll(NULL, 0, PAUSE);
        }
    }
}

static void end(void)
{
    int rank;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (rank == 0 && starter.pid > 0)
        dismiss();
    end_starter();
    MPI_Finalize();
}

const engine the_engine = {
    .program = "distsys-sweep-mpi",
    .jobs = 1,
    .begin = begin,
    .run = run,
    .end = end,
};
