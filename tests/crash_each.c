/* Runs a program again and again; each time one of its machines crashes in its
 * k-th call, for every machine and every k from 1 until nothing crashes any
 * more.  Whatever k is, the program ends by itself, loses nothing, and says the
 * same on threads and on fibers.
 *
 * The program is compiled with other names for main() and for some functions
 * of the library, so that what it calls comes here first.  A body that it
 * spawns on no machine gets one of its own.  Each run is a process, for the
 * program ends as it likes, and so that sanitizers look at what it leaves. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <distsys/fault.h>
#include <distsys/lan.h>

#define SECONDS 60 /* of real time that a run may take */

/* The program's, and what it calls. */
int each_main(int argc, char **argv);
ds_node *each_node_new(ds_loop *loop);
const ds_lan *each_lan_new(ds_loop *loop, size_t n, double latency,
                           double rate);
void each_spawn(ds_loop *loop, ds_thread_fn *fn, void *arg);
void each_spawn_daemon(ds_loop *loop, ds_thread_fn *fn, void *arg);
void each_loop_free(ds_loop *loop);
int each_loop_finish(ds_loop *loop);

/* What a run leaves; shared with its process.  Of several loops, the sums. */
typedef struct outcome {
    bool ended;       /* main() has returned */
    int status;       /* with this */
    int exit;         /* of the process, as waitpid() has it */
    size_t machines;  /* that there were */
    bool crashed;     /* the one that was to */
    uint64_t digests; /* mixed */
    double end;
} outcome;

static outcome *mine; /* of the process that runs the program */
static size_t victim; /* which machine, in the order of making */
static uint64_t k;
static ds_node *doomed; /* NULL: not made yet, or gone with its loop */

/* ---- What the program calls -----------------------------------------------*/

static ds_node *count(ds_node *node)
{
    if (mine->machines++ == victim && node != NULL) {
        doomed = node;
        ds_node_crash_at(node, DS_AT_CALL, k);
    }
    return node;
}

ds_node *each_node_new(ds_loop *loop)
{
    return count(ds_node_new(loop));
}

const ds_lan *each_lan_new(ds_loop *loop, size_t n, double latency, double rate)
{
    const ds_lan *lan = ds_lan_new(loop, n, latency, rate);

    for (size_t i = 0; lan != NULL && i < n; i++)
        count(lan->nodes[i]);
    return lan;
}

void each_spawn(ds_loop *loop, ds_thread_fn *fn, void *arg)
{
    ds_node_spawn(each_node_new(loop), fn, arg);
}

void each_spawn_daemon(ds_loop *loop, ds_thread_fn *fn, void *arg)
{
    ds_node_spawn_daemon(each_node_new(loop), fn, arg);
}

void each_loop_free(ds_loop *loop)
{
    mine->digests = mine->digests * 31 + ds_loop_digest(loop);
    mine->end += ds_loop_now(loop);
    if (doomed != NULL && !ds_node_is_up(doomed))
        mine->crashed = true;
    doomed = NULL;
    ds_loop_free(loop);
}

int each_loop_finish(ds_loop *loop)
{
    ds_status status = ds_loop_run(loop);

    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    each_loop_free(loop);
    return status;
}

/* ---- Runs -----------------------------------------------------------------*/

static _Noreturn void be_the_program(char **argv, FILE *said, const char *exec)
{
    char *args[] = { argv[0], NULL };

    setenv("DISTSYS_EXEC", exec, 1);
    dup2(fileno(said), STDOUT_FILENO);
    dup2(fileno(said), STDERR_FILENO);
    alarm(SECONDS);
    mine->status = each_main(1, args);
    mine->ended = true;
    exit(mine->status);
}

static outcome run(char **argv, FILE *said, const char *exec)
{
    pid_t child;

    *mine = (outcome){ 0 };
    rewind(said);
    if (ftruncate(fileno(said), 0) != 0 || (child = fork()) < 0) {
        perror("crash_each");
        exit(1);
    }
    if (child == 0)
        be_the_program(argv, said, exec);
    waitpid(child, &mine->exit, 0);
    return *mine;
}

static bool ended_well(const outcome *o)
{
    return o->ended && WIFEXITED(o->exit) &&
           WEXITSTATUS(o->exit) == (o->status & 0xff);
}

static bool same_text(FILE *a, FILE *b)
{
    int c;

    rewind(a);
    rewind(b);
    do {
        c = getc(a);
        if (c != getc(b))
            return false;
    } while (c != EOF);
    return true;
}

static void show(const char *exec, const outcome *o, FILE *said)
{
    int c;

    printf("on %s: %s with status %#x at %.17g, digest %016llx; it said:\n",
           exec, o->ended ? "ended" : "did not end", (unsigned)o->exit, o->end,
           (unsigned long long)o->digests);
    rewind(said);
    while ((c = getc(said)) != EOF)
        putchar(c);
}

/* Runs once on both; returns whether the machine crashed, and how many there
 * were.  Ends the program if anything is wrong. */
static bool crashes(char **argv, FILE *said[2], size_t *machines)
{
    outcome threads = run(argv, said[0], "threads");
    outcome fibers = run(argv, said[1], "fibers");

    *machines = threads.machines;
    if (ended_well(&threads) && ended_well(&fibers) &&
        threads.digests == fibers.digests && threads.end == fibers.end &&
        threads.crashed == fibers.crashed && same_text(said[0], said[1]))
        return threads.crashed;
    printf("machine %zu crashes in call %llu\n", victim, (unsigned long long)k);
    show("threads", &threads, said[0]);
    show("fibers", &fibers, said[1]);
    exit(1);
}

int main(int argc, char **argv)
{
    FILE *said[2] = { tmpfile(), tmpfile() };
    size_t machines = 1;
    unsigned long long crashed = 0;

    (void)argc;
    mine = mmap(NULL, sizeof(*mine), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mine == MAP_FAILED || said[0] == NULL || said[1] == NULL) {
        perror("crash_each");
        return 1;
    }
    for (victim = 0; victim < machines; victim++)
        for (k = 1; crashes(argv, said, &machines); k++)
            crashed++;
    printf("%zu machines, %llu crashes\n", machines, crashed);
    return crashed == 0;
}
