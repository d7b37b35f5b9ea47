/* A look at a run from outside; see the header. */

#include "loop/dump.h"

#include <signal.h>
#include <stdio.h>

#include "loop/state.h"

#define MAX_LISTED 1000

/* ---- The signal -----------------------------------------------------------*/

static pthread_mutex_t handler_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned handler_users;
static struct sigaction handler_before;
static atomic_uint num_signals;

static void on_quit(int number)
{
    atomic_fetch_add(&num_signals, 1);
}

/* Shells let what runs in the background ignore the signal; that is no handler.
 */
void ds__dump_begin(ds_loop *loop)
{
    const struct sigaction ours = {
        .sa_handler = on_quit,
        .sa_flags = SA_RESTART | SA_ONSTACK,
    };

    if (!loop->dump.on)
        return;
    loop->dump.seen = atomic_load(&num_signals);
    atomic_store(&loop->dump.wanted, false);
    pthread_mutex_lock(&handler_lock);
    if (handler_users++ == 0) {
        sigaction(SIGQUIT, &ours, &handler_before);
        if (handler_before.sa_handler != SIG_DFL &&
            handler_before.sa_handler != SIG_IGN)
            sigaction(SIGQUIT, &handler_before, NULL);
    }
    pthread_mutex_unlock(&handler_lock);
}

/* A handler that the program has set meanwhile stays. */
void ds__dump_end(ds_loop *loop)
{
    struct sigaction now;

    if (!loop->dump.on)
        return;
    pthread_mutex_lock(&handler_lock);
    if (--handler_users == 0) {
        sigaction(SIGQUIT, &handler_before, &now);
        if (now.sa_handler != on_quit)
            sigaction(SIGQUIT, &now, NULL);
    }
    pthread_mutex_unlock(&handler_lock);
}

bool ds__dump_overdue(ds_loop *loop, double real_time)
{
    ds__dump *dump = &loop->dump;
    unsigned signals = atomic_load(&num_signals);

    if (!dump->on)
        return false;
    if (signals != dump->seen) {
        dump->seen = signals;
        dump->since = real_time;
        atomic_store(&dump->wanted, true);
        ds__outside_knock(loop);
        return false;
    }
    return atomic_load(&dump->wanted) &&
           real_time - dump->since >= DS__DUMP_PATIENCE &&
           atomic_exchange(&dump->wanted, false);
}

/* ---- The dump -------------------------------------------------------------*/

static ds__text begin_lines(ds_loop *loop)
{
    ds__text text;

    ds__text_init(&text, loop->dump.lines, sizeof(loop->dump.lines));
    return text;
}

static void write_thread(ds_loop *loop, const ds_handle *h)
{
    ds__text text = begin_lines(loop);

    ds__report_thread(h, &text);
    fputs(text.buf, stderr);
}

static void write_residents(ds_loop *loop)
{
    for (const ds__resident *r = loop->residents; r != NULL; r = r->next) {
        ds__text text = begin_lines(loop);
        if (r->report != NULL)
            r->report(r, &text);
        fputs(text.buf, stderr);
    }
}

/* What a line begins with is the end of the one before. */
static void write_all(ds_loop *loop)
{
    const size_t live = ds__count_live(loop);
    size_t listed = 0;
    ds__text text = begin_lines(loop);

    ds__text_add(&text, "distsys: at %.9g s, after %llu events, %zu thread%s",
                 loop->now,
                 (unsigned long long)ds__budget_events(&loop->budget), live,
                 live == 1 ? "" : "s");
    fputs(text.buf, stderr);
    for (ds__link *l = loop->live.next; l != &loop->live; l = l->next) {
        if (listed++ == MAX_LISTED)
            break;
        write_thread(loop, ds__container(l, ds_handle, link));
    }
    if (live > MAX_LISTED)
        fprintf(stderr, "\n  and %zu more", live - MAX_LISTED);
    write_residents(loop);
    fputs("\n", stderr);
}

void ds__dump_write(ds_loop *loop)
{
    if (!atomic_exchange(&loop->dump.wanted, false))
        return;
    ds__probes_show(loop);
    if (loop->dump.quiet)
        return;
    flockfile(stderr); /* all of it in one piece */
    write_all(loop);
    funlockfile(stderr);
}
