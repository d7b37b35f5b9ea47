/* Dotted version vectors against what they stand for: sets of writes, each with
 * all the writes that whoever made it had read of. */

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include <distsys/clocks.h>

#include "base/rng.h"

enum { REPLICAS = 4, STEPS = 300, CLIENTS = 3 };

/* What is known of a key, in full: which writes, and which of them somebody has
 * replaced. The value of a write is its number. */
typedef struct known {
    bool of[STEPS];
    bool replaced[STEPS];
} known;

typedef struct reader {
    known seen;
    uint64_t context[REPLICAS];
} reader;

static uint64_t seed, draws;

static size_t draw(size_t n)
{
    return (size_t)ds__rng_below(ds__rng_bits(seed, DS__RNG_NET, 0, draws++),
                                 n);
}

static void learn(known *k, const known *other)
{
    for (size_t i = 0; i < STEPS; i++) {
        k->of[i] |= other->of[i];
        k->replaced[i] |= other->replaced[i];
    }
}

static void replace_all(known *k, const known *seen)
{
    learn(k, seen);
    for (size_t i = 0; i < STEPS; i++)
        k->replaced[i] |= seen->of[i];
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void ck_same(const ds_dotted *values, const known *k)
{
    int64_t read[STEPS];
    size_t n = ds_dotted_read(values, read, STEPS, NULL), at = 0;

    qsort(read, n, sizeof(*read), by_value);
    for (size_t i = 0; i < STEPS; i++)
        if (k->of[i] && !k->replaced[i]) {
            ck_assert_uint_lt(at, n);
            ck_assert_int_eq(read[at++], (int64_t)i);
        }
    ck_assert_uint_eq(at, n);
}

/* Clients read somewhere, write elsewhere, and replicas tell each other. */
START_TEST(values_are_the_writes_that_nobody_has_replaced)
{
    static known in_full[REPLICAS];
    static reader clients[CLIENTS];
    ds_dotted *replicas[REPLICAS];

    seed = (uint64_t)_i;
    draws = 0;
    memset(in_full, 0, sizeof(in_full));
    memset(clients, 0, sizeof(clients));
    for (size_t r = 0; r < REPLICAS; r++)
        replicas[r] = ds_dotted_new(REPLICAS);
    for (size_t step = 0; step < STEPS; step++) {
        size_t r = draw(REPLICAS), other = draw(REPLICAS);
        reader *c = &clients[draw(CLIENTS)];
        switch (draw(4)) {
        case 0:
            ds_dotted_read(replicas[r], NULL, 0, c->context);
            c->seen = in_full[r];
            break;
        case 1:
            ck_assert(ds_dotted_merge(replicas[r], replicas[other]));
            learn(&in_full[r], &in_full[other]);
            break;
        default:
            ck_assert(
                ds_dotted_write(replicas[r], r, c->context, (int64_t)step));
            replace_all(&in_full[r], &c->seen);
            in_full[r].of[step] = true;
        }
        ck_same(replicas[r], &in_full[r]);
    }
    for (size_t r = 0; r < REPLICAS; r++)
        ds_dotted_free(replicas[r]);
}
END_TEST

/* What a version vector alone gets wrong: the second of two who write at one
 * replica without having read would replace the first. */
START_TEST(two_who_have_not_read_write_beside_each_other)
{
    const uint64_t nothing[2] = { 0, 0 };
    ds_dotted *values = ds_dotted_new(2);
    uint64_t context[2];
    int64_t read[3];

    ck_assert(ds_dotted_write(values, 0, nothing, 10));
    ck_assert(ds_dotted_write(values, 0, nothing, 20));
    ck_assert_uint_eq(ds_dotted_read(values, read, 3, context), 2);
    ck_assert_int_eq(read[0], 20);
    ck_assert_int_eq(read[1], 10);
    ck_assert(ds_dotted_write(values, 1, context, 30));
    ck_assert_uint_eq(ds_dotted_read(values, read, 3, NULL), 1);
    ck_assert_int_eq(read[0], 30);
    ds_dotted_free(values);
}
END_TEST

START_TEST(merging_is_idempotent_commutative_and_associative)
{
    const uint64_t nothing[3] = { 0, 0, 0 };
    ds_dotted *of[3], *left, *right;
    int64_t a[9], b[9];

    for (size_t i = 0; i < 3; i++) {
        of[i] = ds_dotted_new(3);
        for (int64_t k = 0; k <= (int64_t)i; k++)
            ck_assert(ds_dotted_write(of[i], i, nothing, 10 * (int64_t)i + k));
    }
    left = ds_dotted_copy(of[0]);
    ck_assert(ds_dotted_merge(left, of[1]) && ds_dotted_merge(left, of[2]));
    ck_assert(ds_dotted_merge(left, of[1]) && ds_dotted_merge(left, left));
    right = ds_dotted_copy(of[2]);
    ck_assert(ds_dotted_merge(right, of[1]) && ds_dotted_merge(right, of[0]));
    ck_assert_uint_eq(ds_dotted_read(left, a, 9, NULL), 6);
    ck_assert_uint_eq(ds_dotted_read(right, b, 9, NULL), 6);
    ck_assert_int_eq(memcmp(a, b, 6 * sizeof(*a)), 0);
    for (size_t i = 0; i < 3; i++)
        ds_dotted_free(of[i]);
    ds_dotted_free(left);
    ds_dotted_free(right);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, values_are_the_writes_that_nobody_has_replaced, 1,
                        60);
    tcase_add_test(tc, two_who_have_not_read_write_beside_each_other);
    tcase_add_test(tc, merging_is_idempotent_commutative_and_associative);
}

int main(void)
{
    return harness_main("dotted", add);
}
