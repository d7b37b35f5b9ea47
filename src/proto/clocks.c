/* Clocks that tell what happened before what. */
#include <distsys/clocks.h>

#include <math.h>

#include <distsys/fault.h>

/* ---- Lamport's ------------------------------------------------------------*/

ds_lamport ds_lamport_tick(ds_lamport *clock)
{
    return ++*clock;
}

/* Rule IR2 (b): greater than its own, and than that of the message. */
ds_lamport ds_lamport_receive(ds_lamport *clock, ds_lamport sent)
{
    if (sent > *clock)
        *clock = sent;
    return ds_lamport_tick(clock);
}

/* ---- Vectors --------------------------------------------------------------*/

void ds_vector_tick(uint64_t *clock, size_t me)
{
    clock[me]++;
}

void ds_vector_merge(uint64_t *clock, const uint64_t *other, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (other[i] > clock[i])
            clock[i] = other[i];
}

void ds_vector_receive(uint64_t *clock, const uint64_t *sent, size_t n,
                       size_t me)
{
    ds_vector_merge(clock, sent, n);
    ds_vector_tick(clock, me);
}

ds_order ds_vector_compare(const uint64_t *a, const uint64_t *b, size_t n)
{
    bool less = false, more = false;

    for (size_t i = 0; i < n; i++) {
        less |= a[i] < b[i];
        more |= a[i] > b[i];
    }
    if (less && more)
        return DS_CONCURRENT;
    return less ? DS_BEFORE : more ? DS_AFTER : DS_SAME;
}

/* ---- Hybrid logical clocks ------------------------------------------------*/

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Figure 5 of the paper, the part for local events and sending. */
ds_hlc ds_hlc_tick(ds_hlc *clock, int64_t now)
{
    int64_t before = clock->time;

    clock->time = greater(before, now);
    clock->count = clock->time == before ? clock->count + 1 : 0;
    return *clock;
}

/* ... and the part for receiving. */
ds_hlc ds_hlc_receive(ds_hlc *clock, ds_hlc sent, int64_t now)
{
    ds_hlc before = *clock;
    uint64_t mine, theirs;

    clock->time = greater(greater(before.time, sent.time), now);
    mine = clock->time == before.time ? before.count + 1 : 0;
    theirs = clock->time == sent.time ? sent.count + 1 : 0;
    clock->count = mine > theirs ? mine : theirs;
    return *clock;
}

ds_order ds_hlc_compare(ds_hlc a, ds_hlc b)
{
    if (a.time != b.time)
        return a.time < b.time ? DS_BEFORE : DS_AFTER;
    if (a.count != b.count)
        return a.count < b.count ? DS_BEFORE : DS_AFTER;
    return DS_SAME;
}

int64_t ds_hlc_now(const ds_handle *h)
{
    return llround(ds_clock(h) * 1e9);
}
