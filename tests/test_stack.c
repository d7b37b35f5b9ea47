/* Stacks for fibers: guarded, used again, and gone without a trace. */

#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/exec/stack.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define SIZE ((size_t)16 * 1024)

static ds__stacks stacks;

/* The system is asked to read from there, which it does or refuses. */
static bool may_be_touched(const char *address)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ssize_t n = write(ends[1], address, 1);
    if (n < 0)
        ck_assert_int_eq(errno, EFAULT);
    close(ends[0]);
    close(ends[1]);
    return n == 1;
}

static size_t count_maps(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    size_t maps = 0;
    int c;

    if (file == NULL)
        return 0;
    while ((c = getc(file)) != EOF)
        maps += c == '\n';
    fclose(file);
    return maps;
}

/* What was mapped has been unmapped, in one piece. */
static void ck_nothing_left(size_t before)
{
#ifdef __SANITIZE_THREAD__
    harness_skip("no maps are left behind",
                 "ThreadSanitizer keeps some of its own for what has gone");
#else
    ck_assert_uint_le(count_maps(), before + 10);
#endif
}

START_TEST(a_stack_may_be_used_from_end_to_end)
{
    ds__stacks_init(&stacks, SIZE);
    ds__stack *stack = ds__stack_get(&stacks);

    ck_assert_ptr_nonnull(stack);
    ck_assert_uint_eq(stack->size, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        stack->low[i] = 1;
    ds__stack_put(&stacks, stack);
    ds__stacks_free(&stacks);
}
END_TEST

START_TEST(below_a_stack_lies_a_guard)
{
    ds__stacks_init(&stacks, SIZE);
    ds__stack *stack = ds__stack_get(&stacks);

    ck_assert_ptr_nonnull(stack);
    ck_assert_uint_gt(stack->guard, 0);
    ck_assert(may_be_touched(stack->low));
    ck_assert(!may_be_touched(stack->low - 1));
    ck_assert(!may_be_touched(stack->low - stack->guard));
    ds__stack_put(&stacks, stack);
    ds__stacks_free(&stacks);
}
END_TEST

START_TEST(a_guard_is_where_a_stack_says_so)
{
    const size_t n = SANITIZED ? 2000 : 20000; /* too many for old systems */
    ds__stack **all = malloc(n * sizeof(*all));

    ck_assert_ptr_nonnull(all);
    ds__stacks_init(&stacks, SIZE);
    for (size_t i = 0; i < n; i++) {
        all[i] = ds__stack_get(&stacks);
        ck_assert_ptr_nonnull(all[i]);
    }
    for (size_t i = 0; i < n; i += i < n - 100 ? 100 : 1)
        ck_assert_int_eq(may_be_touched(all[i]->low - 1), all[i]->guard == 0);
    for (size_t i = 0; i < n; i++)
        ds__stack_put(&stacks, all[i]);
    ds__stacks_free(&stacks);
    free(all);
}
END_TEST

START_TEST(one_that_was_put_back_comes_again)
{
    ds__stacks_init(&stacks, SIZE);
    ds__stack *first = ds__stack_get(&stacks);
    ds__stack *second = ds__stack_get(&stacks);

    ck_assert_ptr_ne(first, second);
    ds__stack_put(&stacks, first);
    ck_assert_ptr_eq(ds__stack_get(&stacks), first);
    ds__stack_put(&stacks, first);
    ds__stack_put(&stacks, second);
    ds__stacks_free(&stacks);
}
END_TEST

/* So many that, if every second one went first, the holes would be more maps
 * than the system usually allows. */
START_TEST(all_go_in_whatever_order_they_were_put_back)
{
    const size_t n = SANITIZED ? 2000 : 140000;
    ds__stack **all = malloc(n * sizeof(*all));

    ck_assert_ptr_nonnull(all);
    ds__stacks_init(&stacks, SIZE);
    size_t before = count_maps();
    for (size_t i = 0; i < n; i++) {
        all[i] = ds__stack_get(&stacks);
        ck_assert_ptr_nonnull(all[i]);
    }
    for (size_t odd = 0; odd < 2; odd++)
        for (size_t i = odd; i < n; i += 2)
            ds__stack_put(&stacks, all[i]);
    ds__stacks_free(&stacks);
    ds__stacks_forget();
    ck_nothing_left(before);
    free(all);
}
END_TEST

/* ---- From one run to the next ---------------------------------------------*/

/* Uses so many at once, each as deeply as possible, and ends. */
static void use_stacks(size_t n, size_t size)
{
    ds__stack **all = malloc(n * sizeof(*all));

    ck_assert_ptr_nonnull(all);
    ds__stacks_init(&stacks, size);
    for (size_t i = 0; i < n; i++) {
        all[i] = ds__stack_get(&stacks);
        ck_assert_ptr_nonnull(all[i]);
        memset(all[i]->low, 1, size);
    }
    for (size_t i = 0; i < n; i++)
        ds__stack_put(&stacks, all[i]);
    ds__stacks_free(&stacks);
    free(all);
}

/* How many there are at the beginning of the next run. */
static size_t kept_for(size_t size)
{
    ds__stacks_init(&stacks, size);
    size_t n = stacks.count;
    ds__stacks_free(&stacks);
    return n;
}

START_TEST(the_next_run_of_a_thread_begins_with_stacks_of_the_last)
{
    use_stacks(6, SIZE);
    ds__stacks_init(&stacks, SIZE);
    ck_assert_uint_eq(stacks.count, 6);
    for (int i = 0; i < 7; i++)
        ck_assert_ptr_nonnull(ds__stack_get(&stacks));
    ck_assert_uint_eq(stacks.count, 7);
    for (ds__stack *s = stacks.newest; s != NULL; s = s->older)
        ds__stack_put(&stacks, s);
    ds__stacks_free(&stacks);
    ds__stacks_forget();
    ck_assert_uint_eq(kept_for(SIZE), 0);
    use_stacks(6, SIZE);
    ds__stacks_forget();
}
END_TEST

START_TEST(no_more_are_kept_than_a_limit)
{
    use_stacks(3 * DS__STACKS_KEPT, SIZE);
    ck_assert_uint_eq(kept_for(SIZE), DS__STACKS_KEPT);
    ck_assert_uint_eq(kept_for(SIZE), DS__STACKS_KEPT);
    ds__stacks_forget();
}
END_TEST

START_TEST(stacks_of_another_size_are_not_used)
{
    use_stacks(3, SIZE);
    ck_assert_uint_eq(kept_for(2 * SIZE), 0);
    ck_assert_uint_eq(kept_for(SIZE), 0);
}
END_TEST

START_TEST(a_run_inside_a_run_has_stacks_of_its_own)
{
    ds__stacks inner;

    use_stacks(3, SIZE);
    ds__stacks_init(&stacks, SIZE);
    ds__stacks_init(&inner, SIZE);
    ck_assert_uint_eq(stacks.count, 3);
    ck_assert_uint_eq(inner.count, 0);
    ds__stack_put(&inner, ds__stack_get(&inner));
    ds__stacks_free(&inner);
    ds__stacks_free(&stacks);
    ck_assert_uint_eq(kept_for(SIZE), 1);
    ds__stacks_forget();
}
END_TEST

/* Of the first page of a stack; memory that was given back is zero again. */
START_TEST(a_large_stack_that_was_used_deeply_gives_memory_back)
{
    use_stacks(1, 64 * SIZE);
    ds__stacks_init(&stacks, 64 * SIZE);
    ds__stack *stack = ds__stack_get(&stacks);
    ck_assert_int_eq(stack->low[64 * SIZE - 1], 1);
    ck_assert_int_eq(stack->low[0], 0);
    ds__stack_put(&stacks, stack);
    ds__stacks_free(&stacks);
    ds__stacks_forget();
}
END_TEST

static void *use_some(void *arg)
{
    use_stacks(6, SIZE);
    return NULL;
}

START_TEST(the_end_of_a_thread_frees_what_it_has_kept)
{
    size_t before = 0;

    for (int i = 0; i < 40; i++) {
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, use_some, NULL), 0);
        pthread_join(thread, NULL);
        if (i == 3)
            before = count_maps();
    }
    ck_nothing_left(before);
}
END_TEST

START_TEST(a_size_beyond_the_address_space_is_impossible)
{
    for (int set_aside = 0; set_aside < 2; set_aside++) {
        ck_assert(ds__stack_possible(SIZE, set_aside == 1));
        ck_assert(!ds__stack_possible((size_t)1 << 60, set_aside == 1));
        ck_assert(!ds__stack_possible((size_t)-1, set_aside == 1));
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_stack_may_be_used_from_end_to_end);
    tcase_add_test(tc, below_a_stack_lies_a_guard);
    tcase_add_test(tc, a_guard_is_where_a_stack_says_so);
    tcase_add_test(tc, one_that_was_put_back_comes_again);
    tcase_add_test(tc, all_go_in_whatever_order_they_were_put_back);
    tcase_add_test(tc, the_next_run_of_a_thread_begins_with_stacks_of_the_last);
    tcase_add_test(tc, no_more_are_kept_than_a_limit);
    tcase_add_test(tc, stacks_of_another_size_are_not_used);
    tcase_add_test(tc, a_run_inside_a_run_has_stacks_of_its_own);
    tcase_add_test(tc, a_large_stack_that_was_used_deeply_gives_memory_back);
    tcase_add_test(tc, the_end_of_a_thread_frees_what_it_has_kept);
    tcase_add_test(tc, a_size_beyond_the_address_space_is_impossible);
}

int main(void)
{
    return harness_main("stack", add);
}
