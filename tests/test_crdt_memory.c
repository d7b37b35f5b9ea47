/* Each allocation of a replica fails once: what could not be done is done by
 * doing it again, as if nothing had been, and nothing is lost.
 *
 * The linker sends calls of malloc() and free() here (--wrap). */

#include "harness.h"

#include <stdlib.h>

#include <distsys/crdt.h>

static long calls;       /* since the story began */
static long refused;     /* the number of the one that fails; 0: none */
static long outstanding; /* what has not been given back */

void *__real_malloc(size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void __wrap_free(void *p);

void *__wrap_malloc(size_t size)
{
    void *p = ++calls == refused ? NULL : __real_malloc(size);

    outstanding += p != NULL;
    return p;
}

void __wrap_free(void *p)
{
    outstanding -= p != NULL;
    __real_free(p);
}

/* Something was wrong in a story.  Checks have memory of their own, so they
 * come when it is over. */
static bool wrong;

static void expect(bool fact)
{
    wrong |= !fact;
}

/* Once more, if it has failed once. */
#define DONE(call) expect((call) || (call))

enum { COUNTER = 1, SET, LAST, MANY, TEXT };

static void change_all(ds_crdt *c)
{
    ds_key a;

    DONE(ds_g_counter_add(c, COUNTER, 3));
    DONE(ds_pn_counter_add(c, COUNTER, 4));
    DONE(ds_pn_counter_add(c, COUNTER, -2));
    DONE(ds_or_set_add(c, SET, 1));
    DONE(ds_or_set_remove(c, SET, 1));
    DONE(ds_or_set_add(c, SET, 2));
    DONE(ds_or_set_add(c, SET, 2));
    DONE(ds_lww_write(c, LAST, 0, 5));
    DONE(ds_mv_write(c, MANY, 6));
    DONE(ds_mv_write(c, MANY, 7));
    DONE(ds_rga_insert(c, TEXT, NULL, 'a', &a));
    DONE(ds_rga_insert(c, TEXT, &a, 'b', NULL));
    DONE(ds_rga_delete(c, &a));
}

static void expect_b(const ds_crdt *c)
{
    ds_entry *text = NULL;
    size_t n;

    DONE((text = ds_rga_read(c, TEXT, &n)) != NULL);
    expect(n == 1 && text[0].value == 'b');
    free(text);
}

/* What a replica has in the end, and another one that was told of it. */
static uint64_t live(void)
{
    ds_entries *state = NULL, *other = NULL, *delta = NULL;
    ds_crdt *c = NULL;
    uint64_t digest;

    DONE((state = ds_entries_new()) != NULL);
    DONE((other = ds_entries_new()) != NULL);
    DONE((c = ds_crdt_new(1, state)) != NULL);
    change_all(c);
    expect(ds_counter_read(c, COUNTER) == 5);
    expect_b(c);
    DONE((delta = ds_crdt_delta(c)) != NULL);
    DONE(ds_entries_merge(other, delta));
    digest = ds_entries_sum_of(state, NULL, NULL).digest;
    expect(ds_entries_sum_of(other, NULL, NULL).digest == digest);
    ds_entries_free(delta);
    ds_crdt_free(c);
    ds_entries_free(other);
    ds_entries_free(state);
    return digest;
}

START_TEST(what_has_failed_for_memory_is_done_by_doing_it_again)
{
    long before = calls;
    uint64_t digest = live();
    long last = calls - before;

    ck_assert(!wrong);
    ck_assert_int_gt(last, 30);
    for (refused = 1; refused <= last; refused++) {
        calls = outstanding = 0;
        expect(live() == digest);
        expect(calls > last); /* something was done again */
        expect(outstanding == 0);
        ck_assert_msg(!wrong, "without allocation %ld", refused);
    }
    refused = 0;
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, what_has_failed_for_memory_is_done_by_doing_it_again);
}

int main(void)
{
    return harness_main("crdt_memory", add);
}
