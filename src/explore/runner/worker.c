/* Worker processes; see the header. */

#include "explore/runner/worker.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"

static_assert(DS__BLOCK <= 64, "a trial of a block is a bit of a word");

typedef struct worker {
    const ds__worker_config *config;
    ds__result *result;
    ds__marks marks;
} worker;

uint64_t ds__clock_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool ds__is_rechecked(const ds__options *o, uint64_t seed)
{
    return 100 * ds__rng_uniform(ds__rng_bits(seed, DS__RNG_RECHECK, 0, 0)) <
           o->recheck;
}

/* ---- Telling --------------------------------------------------------------*/

/* Without its parent a worker has no reason to go on. */
static void tell(const worker *w, ds__news_kind kind, const void *what,
                 size_t size)
{
    char buf[sizeof(ds__news) + DS__MOST_NEWS];
    const ds__news head = { kind, (uint32_t)size };
    size_t length = sizeof(head) + size;

    assert(length <= sizeof(buf));
    memcpy(buf, &head, sizeof(head));
    memcpy(buf + sizeof(head), what, size);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(w->config->fd, buf + done, length - done);
        if (n < 0 && errno != EINTR)
            _exit(0);
        done += n > 0 ? (size_t)n : 0;
    }
}

static void tell_result(const worker *w, ds__news_kind kind, uint64_t trial)
{
    const ds__result *r = w->result;
    ds__news_failure news = {
        .trial = trial,
        .fate = r->fate,
        .judge = r->judge,
        .digest = r->digest,
        .history = r->history,
    };

    ds__format(news.why, sizeof(news.why), "%s", r->why);
    tell(w, kind, &news, sizeof(news));
}

static void tell_block(worker *w, const ds__news_block *block)
{
    for (size_t i = 0; i < w->marks.count; i++) {
        const ds__news_mark news = { block->block, w->marks.list[i] };
        tell(w, DS__NEWS_MARK, &news, sizeof(news));
    }
    ds__marks_clear(&w->marks);
    tell(w, DS__NEWS_BLOCK, block, sizeof(*block));
}

/* ---- Working --------------------------------------------------------------*/

static void run_trial(worker *w, uint64_t seed)
{
    ds__desk *desk = w->config->desk;
    ds__trial_order order = ds__options_order(w->config->options, seed);

    assert(atomic_load(&desk->seed) == 0);
    order.alone = !ds__is_rechecked(w->config->options, seed);
    order.marks = &w->marks;
    order.last_words = desk->last_words;
    order.last_words_size = sizeof(desk->last_words);
    atomic_store(&desk->since, ds__clock_nanoseconds());
    atomic_store(&desk->seed, seed);
    ds__trial_run(w->config->test, &order, w->result);
    atomic_store(&desk->seed, 0);
}

static void lower(_Atomic uint64_t *least, uint64_t value)
{
    uint64_t old = atomic_load(least);

    while (value < old && !atomic_compare_exchange_weak(least, &old, value))
        continue;
}

/* False: what comes after this trial does not matter any more. */
static bool try_one(worker *w, uint64_t trial, ds__tally *tally)
{
    const ds__options *o = w->config->options;
    uint64_t seed = o->first + trial;

    assert(seed >= o->first && seed <= o->last);
    run_trial(w, seed);
    ds__tally_count(tally, w->result);
    if (w->result->fate != DS__WELL) {
        tell_result(w, DS__NEWS_FAILURE, trial);
        if (!o->keep_going || w->result->fate == DS__USAGE) {
            lower(&w->config->hall->least, trial);
            return false;
        }
    } else if (ds__is_rechecked(o, seed)) {
        tell_result(w, DS__NEWS_TWICE, trial);
    }
    return true;
}

static void run_block(worker *w, uint64_t block, uint64_t dead)
{
    const ds__options *o = w->config->options;
    const ds__hall *hall = w->config->hall;
    ds__news_block news = { .block = block };
    uint64_t first = block * DS__BLOCK;

    atomic_store(&w->config->desk->block, block + 1);
    for (uint64_t i = 0; i < DS__BLOCK && first + i <= o->last - o->first;
         i++) {
        news.cut = atomic_load(&hall->closed);
        if (news.cut || first + i > atomic_load(&hall->least))
            break;
        if ((dead >> i & 1) == 0 && !try_one(w, first + i, &news.tally))
            break;
    }
    tell_block(w, &news);
    atomic_store(&w->config->desk->block, 0);
}

static void run_blocks(worker *w)
{
    const ds__worker_config *c = w->config;
    uint64_t last = (c->options->last - c->options->first) / DS__BLOCK;

    if (c->first != UINT64_MAX)
        run_block(w, c->first, c->dead);
    for (;;) {
        uint64_t block = atomic_fetch_add(&c->hall->next, 1);
        if (block > last || atomic_load(&c->hall->closed) ||
            block * DS__BLOCK > atomic_load(&c->hall->least))
            return;
        run_block(w, block, 0);
    }
}

/* What the program prints in thousands of trials is for nobody. */
static void be_silent(void)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nowhere < 0)
        return;
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
}

void ds__worker_run(const ds__worker_config *config)
{
    worker w = { .config = config, .result = calloc(1, sizeof(*w.result)) };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    be_silent();
    if (w.result == NULL) {
        ds__format(config->desk->last_words, sizeof(config->desk->last_words),
                   "out of memory");
        _exit(DS__DIED);
    }
    run_blocks(&w);
    _exit(0);
}
