/* A laboratory; see the header. */

#include "explore/runner/lab.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "explore/runner/child.h"
#include "explore/runner/worker.h"
#include "explore/search.h"

/* What a trial counts for in events beside its own: to build it, to end its
 * process, to wait until it is known that it hangs. */
enum { FOR_EACH = 500, FOR_DEATH = 10000, FOR_HANG = 500000 };

enum { MOST_ANSWERS = 1 << 17 };

/* Invariant: what has been answered is answers[0] to answers[count - 1]. */
struct ds__lab_page {
    _Atomic uint64_t since; /* nanoseconds of the clock at which the trial in
                             * progress began; 0: none is */
    uint64_t events;
    uint64_t count;
    bool late;
    bool left; /* the process that tries has no more questions */
    char last_words[DS__LAST_WORDS];
    ds__result result; /* of the trial in progress */
    unsigned char answers[MOST_ANSWERS];
    double times[MOST_ANSWERS]; /* at which what was tried was over */
};

bool ds__lab_init(ds__lab *lab, const ds_test *test, const ds__result *failure,
                  const ds__lab_config *config)
{
    ds__lab_page *page;

    assert(config->hang > 0 && config->most_seconds > 0);
    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (page == MAP_FAILED)
        return false;
    *lab = (ds__lab){
        .test = test, .config = *config, .page = page, .began = ds__real_time()
    };
    ds__lab_kind(failure, lab->kind);
    return true;
}

void ds__lab_free(ds__lab *lab)
{
    if (lab->inside) {
        lab->page->left = true;
        _exit(0);
    }
    munmap(lab->page, sizeof(*lab->page));
    lab->page = NULL;
}

/* ---- In the process that tries --------------------------------------------*/

/* Why a history is wrong costs more than to see that it is. */
void ds__lab_kind(const ds__result *result, char kind[DS__KIND_SIZE])
{
    ds__kind_write(kind, result->fate, result->judge,
                   result->judge == DS__BY_HISTORY ? "" : result->why);
}

static void answer(ds__lab *lab, ds__reply reply)
{
    assert(lab->page->count < MOST_ANSWERS);
    assert(!lab->inside || lab->asked == lab->page->count);
    lab->page->times[lab->page->count] = lab->page->result.time;
    lab->page->answers[lab->page->count++] = (unsigned char)reply;
}

static void judge(ds__lab *lab)
{
    char kind[DS__KIND_SIZE];

    ds__lab_kind(&lab->page->result, kind);
    answer(lab, strcmp(kind, lab->kind) == 0 ? DS__FAILS_ALIKE
                                             : DS__FAILS_OTHERWISE);
}

static bool has_enough(ds__lab *lab)
{
    ds__lab_page *page = lab->page;

    if (ds__real_time() - lab->began > lab->config.most_seconds)
        page->late = true;
    return page->late || page->events > lab->config.most_events ||
           page->count + 1 >= MOST_ANSWERS;
}

static void try_it(ds__lab *lab, const ds__trial_order *given, double latest)
{
    ds__lab_page *page = lab->page;
    ds__trial_order order = *given;
    ds_test test = *lab->test;

    if (has_enough(lab)) {
        answer(lab, DS__ENOUGH);
        return;
    }
    if (test.time_limit > latest)
        test.time_limit = latest;
    order.exec = DS_FIBERS;
    order.brief = true;
    order.last_words = page->last_words;
    order.last_words_size = sizeof(page->last_words);
    assert(lab->inside && atomic_load(&page->since) == 0);
    atomic_store(&page->since, ds__clock_nanoseconds());
    ds__trial_run(&test, &order, &page->result);
    atomic_store(&page->since, 0);
    page->events += page->result.events + FOR_EACH;
    judge(lab);
}

/* ---- In the caller --------------------------------------------------------*/

static void fail(ds__lab *lab, const char *what)
{
    lab->broken = true;
    ds__format(lab->why, sizeof(lab->why), "%s", what);
    answer(lab, DS__ENOUGH);
}

/* The trial that was in progress has ended its process. */
static void judge_end(ds__lab *lab, bool hung, int status)
{
    ds__lab_page *page = lab->page;

    if (hung)
        ds__blame_hang(&page->result, lab->config.hang);
    else
        ds__blame_death(&page->result, page->last_words, status);
    page->events += hung ? FOR_HANG : FOR_DEATH;
    page->result.time = INFINITY; /* nobody knows */
    page->last_words[0] = '\0';
    atomic_store(&page->since, 0);
    judge(lab);
}

/* Makes a process that goes on from here, and waits until it has come to an
 * end; in that process it returns at once. */
static void split(ds__lab *lab)
{
    ds__child child;
    int status = 0;
    bool hung;

    if (!ds__child_begin(&child)) {
        fail(lab, strerror(errno));
        return;
    }
    lab->inside = child.pid == 0;
    if (lab->inside)
        return;
    hung = ds__child_end(&child, &lab->page->since, lab->config.hang, &status);
    if (atomic_load(&lab->page->since) != 0)
        judge_end(lab, hung, status);
    else if (!lab->page->left)
        fail(lab, "the process that tried it has died");
}

ds__reply ds__lab_ask(ds__lab *lab, const ds__trial_order *order, double latest,
                      double *time)
{
    ds__lab_page *page = lab->page;

    if (!lab->inside && lab->asked == page->count)
        split(lab);
    if (lab->inside)
        try_it(lab, order, latest);
    assert(lab->asked < page->count);
    lab->late = page->late;
    *time = page->times[lab->asked];
    return (ds__reply)page->answers[lab->asked++];
}
