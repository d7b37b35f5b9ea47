/* The workers, seen from their parent; see the header. */

#include "explore/runner/crew.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "explore/runner/apart.h"

enum { MOST_ODD = 3, MOST_OTHERS = 64 };

__attribute__((format(printf, 2, 3))) static void
give_up(ds__crew *crew, const char *format, ...)
{
    va_list args;

    if (crew->failed)
        return;
    crew->failed = true;
    va_start(args, format);
    ds__vformat(crew->why, sizeof(crew->why), format, args);
    va_end(args);
}

/* ---- Blocks ---------------------------------------------------------------*/

bool ds__news_push(ds__news_list *l, const ds__news_failure *news)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity == 0 ? 4 : 2 * l->capacity;
        ds__news_failure *list = realloc(l->list, capacity * sizeof(*list));
        if (list == NULL)
            return false;
        l->list = list;
        l->capacity = capacity;
    }
    l->list[l->count++] = *news;
    return true;
}

void ds__block_free(ds__block *b)
{
    if (b == NULL)
        return;
    ds__marks_free(&b->marks);
    free(b->failures.list);
    free(b->twice.list);
    free(b);
}

/* NULL: no memory, and the crew gives up. */
static ds__block *block_of(ds__crew *crew, uint64_t number)
{
    ds__block **at = &crew->blocks;

    while (*at != NULL && (*at)->number < number)
        at = &(*at)->next;
    if (*at != NULL && (*at)->number == number)
        return *at;

    ds__block *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        give_up(crew, "out of memory");
        return NULL;
    }
    b->number = number;
    b->next = *at;
    *at = b;
    return b;
}

static int compare_trials(const void *a, const void *b)
{
    uint64_t x = ((const ds__news_failure *)a)->trial;
    uint64_t y = ((const ds__news_failure *)b)->trial;

    return x < y ? -1 : x > y;
}

static void sort(ds__news_list *l)
{
    if (l->count > 0)
        qsort(l->list, l->count, sizeof(*l->list), compare_trials);
}

ds__block *ds__crew_next(ds__crew *crew)
{
    ds__block *b = crew->blocks;

    if (b == NULL || !b->done || b->number != crew->given)
        return NULL;
    assert(b->next == NULL || b->next->number > b->number);
    crew->blocks = b->next;
    crew->given++;
    sort(&b->failures);
    sort(&b->twice);
    return b;
}

/* ---- What is told ---------------------------------------------------------*/

static void hear_block(ds__crew *crew, const ds__news_block *news)
{
    ds__block *b = block_of(crew, news->block);

    if (b == NULL)
        return;
    assert(!b->done);
    b->done = true;
    b->cut = news->cut;
    ds__tally_add(&b->tally, &news->tally);
}

static void hear_mark(ds__crew *crew, const ds__news_mark *news)
{
    const ds__mark *mark = &news->mark;
    ds__block *b = block_of(crew, news->block);

    if (b != NULL &&
        !ds__marks_add(&b->marks, mark->name, mark->first, mark->trials))
        give_up(crew, "out of memory");
}

static void hear_failure(ds__crew *crew, const ds__news_failure *news,
                         bool twice)
{
    ds__block *b = block_of(crew, news->trial / DS__BLOCK);

    if (b != NULL && !ds__news_push(twice ? &b->twice : &b->failures, news))
        give_up(crew, "out of memory");
}

/* What is told lies anywhere in the buffer. */
static void hear(ds__crew *crew, const ds__news *head, const void *bytes)
{
    union {
        ds__news_block block;
        ds__news_mark mark;
        ds__news_failure failure;
    } news;

    assert(head->size <= sizeof(news));
    memcpy(&news, bytes, head->size);
    switch (head->kind) {
    case DS__NEWS_BLOCK:
        hear_block(crew, &news.block);
        return;
    case DS__NEWS_MARK:
        hear_mark(crew, &news.mark);
        return;
    case DS__NEWS_FAILURE:
    case DS__NEWS_TWICE:
        hear_failure(crew, &news.failure, head->kind == DS__NEWS_TWICE);
        return;
    }
    assert(false);
}

/* Hears all that is whole, and keeps the rest. */
static void hear_all(ds__crew *crew, ds__hand *hand)
{
    size_t at = 0;
    ds__news head;

    while (hand->heard - at >= sizeof(head)) {
        memcpy(&head, hand->buf + at, sizeof(head));
        if (hand->heard - at < sizeof(head) + head.size)
            break;
        hear(crew, &head, hand->buf + at + sizeof(head));
        at += sizeof(head) + head.size;
    }
    memmove(hand->buf, hand->buf + at, hand->heard - at);
    hand->heard -= at;
}

/* ---- Processes ------------------------------------------------------------*/

/* Starts a worker; first is the block that it begins with, or UINT64_MAX. */
static bool start(ds__crew *crew, size_t i, uint64_t first, uint64_t dead)
{
    ds__hand *hand = &crew->hands[i];
    int ends[2];

    assert(hand->pid == 0 && hand->fd == -1);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(NULL);
    hand->pid = fork();
    if (hand->pid == 0) {
        close(ends[0]);
        const ds__worker_config config = {
            .options = crew->options,
            .test = crew->test,
            .hall = crew->hall,
            .desk = &crew->hall->desks[i],
            .fd = ends[1],
            .first = first,
            .dead = dead,
        };
        ds__worker_run(&config);
    }
    close(ends[1]);
    if (hand->pid < 0) {
        hand->pid = 0;
        close(ends[0]);
        return false;
    }
    hand->fd = ends[0];
    hand->hung = 0;
    hand->heard = 0;
    return true;
}

static void explain(const ds__crew *crew, const ds__hand *hand,
                    const ds__desk *desk, int status, ds__news_failure *news)
{
    news->judge = DS__BY_SYSTEM;
    news->fate = DS__DIED;
    if (hand->hung != 0) {
        news->fate = DS__ENDLESS;
        ds__format(news->why, sizeof(news->why),
                   "it hangs: it has run for %g s of real time",
                   crew->options->hang);
    } else if (desk->last_words[0] != '\0') {
        ds__format(news->why, sizeof(news->why), "%.*s",
                   (int)sizeof(desk->last_words) - 1, desk->last_words);
    } else {
        ds__describe_end(status, news->why, sizeof(news->why));
    }
}

/* What was told of a block that is done again counts for nothing. */
static void forget(ds__block *b)
{
    size_t kept = 0;

    for (size_t i = 0; i < b->failures.count; i++)
        if (b->dead >> (b->failures.list[i].trial % DS__BLOCK) & 1)
            b->failures.list[kept++] = b->failures.list[i];
    b->failures.count = kept;
    b->twice.count = 0;
    ds__marks_clear(&b->marks);
}

void ds__crew_lower(ds__crew *crew, uint64_t trial)
{
    uint64_t old = atomic_load(&crew->hall->least);

    while (trial < old &&
           !atomic_compare_exchange_weak(&crew->hall->least, &old, trial))
        continue;
}

/* A trial has ended its process: it has failed. */
static void bury(ds__crew *crew, size_t i, uint64_t seed, int status)
{
    ds__desk *desk = &crew->hall->desks[i];
    ds__news_failure news = { .trial = seed - crew->options->first };
    ds__block *b = block_of(crew, news.trial / DS__BLOCK);

    if (b == NULL)
        return;
    assert(seed >= crew->options->first && seed <= crew->options->last);
    explain(crew, &crew->hands[i], desk, status, &news);
    assert((b->dead >> (news.trial % DS__BLOCK) & 1) == 0);
    b->dead |= UINT64_C(1) << (news.trial % DS__BLOCK);
    forget(b);
    b->tally.trials++;
    b->tally.failed++;
    if (!ds__news_push(&b->failures, &news))
        give_up(crew, "out of memory");
    if (!crew->options->keep_going)
        ds__crew_lower(crew, news.trial);
}

/* A worker has died: another one does its block again, but for what kills. */
static void replace(ds__crew *crew, size_t i, int status)
{
    ds__hand *hand = &crew->hands[i];
    ds__desk *desk = &crew->hall->desks[i];
    uint64_t seed = atomic_load(&desk->seed);
    uint64_t block = atomic_load(&desk->block);
    ds__block *b = block == 0 ? NULL : block_of(crew, block - 1);

    bool late = hand->hung != 0 && hand->hung != seed; /* killed for nothing */

    if (seed != 0 && !late)
        bury(crew, i, seed, status);
    else if (b != NULL && !b->done)
        forget(b);
    if (seed == 0 && !late && ++crew->odd > MOST_ODD) {
        char end[100];
        ds__describe_end(status, end, sizeof(end));
        give_up(crew, "a worker ended between two trials: %s", end);
    }
    memset(desk, 0, sizeof(*desk));
    if (!crew->failed && b != NULL && b->done)
        b = NULL;
    if (!crew->failed && !start(crew, i, b == NULL ? UINT64_MAX : block - 1,
                                b == NULL ? 0 : b->dead))
        give_up(crew, "fork: %s", strerror(errno));
}

static void reap(ds__crew *crew, size_t i)
{
    ds__hand *hand = &crew->hands[i];
    const ds__desk *desk = &crew->hall->desks[i];
    int status = 0;

    close(hand->fd);
    hand->fd = -1;
    while (waitpid(hand->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    hand->pid = 0;
    if (status != 0 || atomic_load(&desk->seed) != 0)
        replace(crew, i, status);
}

static void listen(ds__crew *crew, size_t i)
{
    ds__hand *hand = &crew->hands[i];
    ssize_t n = read(hand->fd, hand->buf + hand->heard,
                     sizeof(hand->buf) - hand->heard);

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        reap(crew, i);
        return;
    }
    hand->heard += (size_t)n;
    assert(hand->heard <= sizeof(hand->buf));
    hear_all(crew, hand);
}

static void kill_if_it_hangs(ds__crew *crew, size_t i)
{
    ds__hand *hand = &crew->hands[i];
    const ds__desk *desk = &crew->hall->desks[i];
    uint64_t seed = atomic_load(&desk->seed);
    uint64_t now = ds__clock_nanoseconds();
    uint64_t since = atomic_load(&desk->since);

    if (hand->pid == 0 || hand->hung != 0 || seed == 0 || now < since ||
        (double)(now - since) < crew->options->hang * 1e9)
        return;
    if (atomic_load(&desk->seed) != seed)
        return;
    hand->hung = seed;
    kill(hand->pid, SIGKILL);
}

/* ---- All of them ----------------------------------------------------------*/

static bool reserve(ds__crew *crew)
{
    size_t size = crew->size;
    void *hall =
        mmap(NULL, sizeof(ds__hall) + size * sizeof(ds__desk),
             PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    crew->hands = calloc(size, sizeof(*crew->hands));
    crew->fds = calloc(size + MOST_OTHERS, sizeof(*crew->fds));
    if (hall == MAP_FAILED || crew->hands == NULL || crew->fds == NULL)
        return false;
    crew->hall = hall;
    atomic_store(&crew->hall->least, UINT64_MAX);
    for (size_t i = 0; i < size; i++)
        crew->hands[i].fd = -1;
    return true;
}

bool ds__crew_begin(ds__crew *crew, const ds__options *options,
                    const ds_test *test)
{
    uint64_t blocks = (options->last - options->first) / DS__BLOCK + 1;

    *crew = (ds__crew){ .options = options, .test = test };
    crew->size = options->jobs < blocks ? options->jobs : (size_t)blocks;
    if (!reserve(crew)) {
        give_up(crew, "out of memory");
        return false;
    }
    for (size_t i = 0; i < crew->size; i++)
        if (!start(crew, i, UINT64_MAX, 0) && i == 0)
            give_up(crew, "fork: %s", strerror(errno));
    return !crew->failed;
}

bool ds__crew_step(ds__crew *crew, const int *others, size_t n, int ms)
{
    size_t live = 0;

    assert(n <= MOST_OTHERS);
    for (size_t i = 0; i < crew->size; i++) {
        kill_if_it_hangs(crew, i);
        crew->fds[i] =
            (struct pollfd){ .fd = crew->hands[i].fd, .events = POLLIN };
        live += crew->hands[i].pid != 0;
    }
    for (size_t i = 0; i < n; i++)
        crew->fds[crew->size + i] =
            (struct pollfd){ .fd = others[i], .events = POLLIN };
    if (crew->failed || live == 0)
        return false;
    if (poll(crew->fds, crew->size + n, ms) <= 0)
        return true;
    for (size_t i = 0; i < crew->size; i++)
        if (crew->fds[i].revents != 0 && crew->hands[i].fd >= 0)
            listen(crew, i);
    return true;
}

void ds__crew_close(ds__crew *crew)
{
    atomic_store(&crew->hall->closed, true);
}

void ds__crew_end(ds__crew *crew)
{
    for (size_t i = 0; crew->hands != NULL && i < crew->size; i++) {
        ds__hand *hand = &crew->hands[i];
        if (hand->pid == 0)
            continue;
        kill(hand->pid, SIGKILL);
        close(hand->fd);
        waitpid(hand->pid, NULL, 0);
    }
    while (crew->blocks != NULL) {
        ds__block *first = crew->blocks;
        crew->blocks = first->next;
        ds__block_free(first);
    }
    if (crew->hall != NULL)
        munmap(crew->hall, sizeof(ds__hall) + crew->size * sizeof(ds__desk));
    free(crew->hands);
    free(crew->fds);
}
