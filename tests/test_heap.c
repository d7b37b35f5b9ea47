/* The heap, against a sorted array that is searched from the front. */

#include "harness.h"

#include <math.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/rng.h"

typedef struct item {
    ds__heap_node node;
    int rank;   /* decides between equal keys */
    double key; /* the oracle's copy */
} item;

static int rank_of(const ds__heap_node *node)
{
    return ds__container(node, const item, node)->rank;
}

static bool lower_rank(const ds__heap_node *a, const ds__heap_node *b)
{
    return rank_of(a) < rank_of(b);
}

static void push(ds__heap *heap, item *it, double key)
{
    ck_assert(ds__heap_reserve(heap, 1));
    it->key = key;
    ds__heap_push(heap, key, &it->node, lower_rank);
}

static item *pop(ds__heap *heap)
{
    ck_assert_uint_gt(heap->count, 0);
    ds__heap_node *first = heap->entries[0].node;
    ds__heap_remove(heap, first, lower_rank);
    return ds__container(first, item, node);
}

/* What the struct promises. */
static void ck_invariants(const ds__heap *heap)
{
    ck_assert_uint_le(heap->count, heap->capacity);
    for (size_t i = 0; i < heap->count; i++) {
        const ds__heap_entry e = heap->entries[i];
        if (e.node->at != i + 1)
            ck_abort_msg("entry %zu thinks it is %zu", i, e.node->at);
        if (i > 0 && ds__heap_less(e, heap->entries[(i - 1) / DS__HEAP_ARITY],
                                   lower_rank))
            ck_abort_msg("entry %zu precedes its parent", i);
    }
}

START_TEST(a_zeroed_heap_is_empty)
{
    ds__heap heap = { 0 };

    ck_assert_uint_eq(heap.count, 0);
    ds__heap_free(&heap);
}
END_TEST

START_TEST(room_reserved_is_enough_for_as_many)
{
    ds__heap heap = { 0 };

    ck_assert(ds__heap_reserve(&heap, 1000));
    ck_assert_uint_ge(heap.capacity, 1000);
    const ds__heap_entry *before = heap.entries;
    ck_assert(ds__heap_reserve(&heap, 1000));
    ck_assert_ptr_eq(heap.entries, before);
    ds__heap_free(&heap);
}
END_TEST

START_TEST(room_beyond_the_address_space_is_refused_and_nothing_changes)
{
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2,
                                    SIZE_MAX / 8, SIZE_MAX / 16 };
    ds__heap heap = { 0 };
    item it = { .rank = 1 };

    push(&heap, &it, 1);
    ck_assert(!ds__heap_reserve(&heap, sizes[_i]));
    ck_assert_uint_eq(heap.count, 1);
    ck_assert_ptr_eq(pop(&heap), &it);
    ds__heap_free(&heap);
}
END_TEST

START_TEST(smaller_keys_come_first)
{
    static const double keys[] = { 3, -1, INFINITY, 0, 1e-300, 2, -INFINITY };
    enum { n = sizeof(keys) / sizeof(*keys) };
    item items[n] = { 0 };
    ds__heap heap = { 0 };

    for (int i = 0; i < n; i++)
        push(&heap, &items[i], keys[i]);
    double last = -INFINITY;
    for (int i = 0; i < n; i++) {
        const double key = pop(&heap)->key;
        ck_assert(key >= last);
        last = key;
    }
    ck_assert_uint_eq(heap.count, 0);
    ds__heap_free(&heap);
}
END_TEST

START_TEST(equal_keys_ask_the_things_themselves)
{
    item items[5] = { { .rank = 3 },
                      { .rank = 0 },
                      { .rank = 4 },
                      { .rank = 1 },
                      { .rank = 2 } };
    ds__heap heap = { 0 };

    for (int i = 0; i < 5; i++)
        push(&heap, &items[i], 7);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(pop(&heap)->rank, i);
    ds__heap_free(&heap);
}
END_TEST

START_TEST(a_node_knows_whether_it_is_inside)
{
    item it = { 0 };
    ds__heap heap = { 0 };

    ck_assert(!ds__heap_contains(&it.node));
    push(&heap, &it, 1);
    ck_assert(ds__heap_contains(&it.node));
    ds__heap_remove(&heap, &it.node, lower_rank);
    ck_assert(!ds__heap_contains(&it.node));
    ds__heap_free(&heap);
}
END_TEST

START_TEST(what_was_removed_may_be_pushed_again)
{
    item it = { 0 };
    ds__heap heap = { 0 };

    for (int i = 0; i < 3; i++) {
        push(&heap, &it, i);
        ck_assert_ptr_eq(pop(&heap), &it);
    }
    ds__heap_free(&heap);
}
END_TEST

static void change(ds__heap *heap, item *it, double key)
{
    it->key = key;
    ds__heap_change(heap, key, &it->node, lower_rank);
}

/* The same by whoever knows which way it goes. */
static void lower_or_raise(ds__heap *heap, item *it, double key)
{
    bool is_lower = key <= it->key;

    it->key = key;
    if (is_lower)
        ds__heap_lower(heap, key, &it->node, lower_rank);
    else
        ds__heap_raise(heap, key, &it->node, lower_rank);
}

/* The one that must come out next. */
static item *oracle_first(item *const *in, size_t n)
{
    item *best = in[0];
    for (size_t i = 1; i < n; i++)
        if (in[i]->key < best->key ||
            (in[i]->key == best->key && in[i]->rank < best->rank))
            best = in[i];
    return best;
}

static void oracle_remove(item **in, size_t *n, const item *it)
{
    size_t i = 0;
    while (in[i] != it)
        i++;
    in[i] = in[--*n];
}

/* Keys are drawn from a few values only, so that ties are common. */
START_TEST(any_sequence_of_operations_agrees_with_a_plain_array)
{
    enum { most = 150 };
    const int steps = harness_full() ? 20000 : 2000;
    const uint64_t seed = (uint64_t)_i;
    static item pool[most];
    item *in[most], *out[most];
    size_t num_in = 0, num_out = most;
    ds__heap heap = { 0 };

    for (int i = 0; i < most; i++) {
        pool[i] = (item){ .rank = i };
        out[i] = &pool[i];
    }
    for (int step = 0; step < steps; step++) {
        const uint64_t bits =
            ds__rng_bits(seed, DS__RNG_NET, 0, (uint64_t)step);
        const double key = (double)(bits >> 40 & 31);
        const uint64_t what = bits % 8;
        const uint64_t pick = bits >> 16 & 0xffff;

        if ((what < 3 && num_out > 0) || num_in == 0) {
            item *it = out[pick % num_out];
            push(&heap, it, key);
            oracle_remove(out, &num_out, it);
            in[num_in++] = it;
        } else if (what < 5) {
            (what < 4 ? change : lower_or_raise)(&heap, in[pick % num_in], key);
        } else {
            item *it = what < 6 ? in[pick % num_in] : oracle_first(in, num_in);
            if (what < 6)
                ds__heap_remove(&heap, &it->node, lower_rank);
            else if (pop(&heap) != it)
                ck_abort_msg("step %d: not the first", step);
            oracle_remove(in, &num_in, it);
            out[num_out++] = it;
        }
        if (heap.count != num_in)
            ck_abort_msg("step %d: %zu inside instead of %zu", step, heap.count,
                         num_in);
        ck_invariants(&heap);
    }
    ds__heap_free(&heap);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_zeroed_heap_is_empty);
    tcase_add_test(tc, room_reserved_is_enough_for_as_many);
    tcase_add_loop_test(
        tc, room_beyond_the_address_space_is_refused_and_nothing_changes, 0, 5);
    tcase_add_test(tc, smaller_keys_come_first);
    tcase_add_test(tc, equal_keys_ask_the_things_themselves);
    tcase_add_test(tc, a_node_knows_whether_it_is_inside);
    tcase_add_test(tc, what_was_removed_may_be_pushed_again);
    tcase_add_loop_test(
        tc, any_sequence_of_operations_agrees_with_a_plain_array, 0, 20);
}

int main(void)
{
    return harness_main("heap", add);
}
