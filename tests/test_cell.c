/* Cells: a crash leaves what was there, or what was to come. */

#include "counted.h"
#include "proto/cell.h"

#include <distsys.h>

typedef struct big {
    uint64_t word[DS__CELL_MOST / 8];
} big;

static party all;

static void fill(big *b, uint64_t word)
{
    for (size_t i = 0; i < DS__CELL_MOST / 8; i++)
        b->word[i] = word;
}

static uint64_t lives, promised, started;

/* Writes ever greater words, after it has looked at what the last life left. */
static void write_on(ds_handle *h, void *arg)
{
    ds__cell cell;
    big b;

    if (!ds__cell_open(h, &cell, "words", &b, sizeof(b)))
        return;
    lives++;
    for (size_t i = 1; i < DS__CELL_MOST / 8; i++)
        ck_assert_uint_eq(b.word[i], b.word[0]);
    ck_assert_uint_ge(b.word[0], promised);
    ck_assert_uint_le(b.word[0], started);
    for (;;) {
        started = b.word[0] + 1;
        fill(&b, started);
        if (!ds__cell_save(h, &cell, &b))
            return;
        promised = started;
    }
}

static void crash_often(ds_handle *h, void *arg)
{
    for (int i = 0; i < 200; i++) {
        ds_sleep(h, 2 * ds_random(h));
        ds_node_crash(all.nodes[0]);
        ds_node_restart(all.nodes[0]);
    }
}

START_TEST(a_crash_leaves_the_old_or_the_new)
{
    lives = promised = started = 0;
    party_new(&all, (uint64_t)_i + 1, 1, 0, 1);
    ds_node_boot_daemon(all.nodes[0], write_on, NULL);
    ds_spawn(all.loop, crash_often, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_uint_ge(lives, 150);
    ck_assert_uint_gt(promised, 300);
}
END_TEST

static void look_first(ds_handle *h, void *arg)
{
    ds__cell cell;
    big b;

    fill(&b, 7);
    ck_assert(ds__cell_open(h, &cell, "words", &b, sizeof(b)));
    for (size_t i = 0; i < DS__CELL_MOST / 8; i++)
        ck_assert_uint_eq(b.word[i], 0);
    ck_assert_uint_eq(cell.writes, 0);
}

START_TEST(what_was_never_written_is_zeros)
{
    party_new(&all, 1, 1, 0, 1);
    ds_node_spawn(all.nodes[0], look_first, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_crash_leaves_the_old_or_the_new, 0, 20);
    tcase_add_test(tc, what_was_never_written_is_zeros);
}

int main(void)
{
    return harness_main("cell", add);
}
