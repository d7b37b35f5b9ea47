/* Collectives of elements that are no doubles: every algorithm does with them
 * what it does with doubles. */

#include "harness.h"
#include "sim.h"

#include <math.h>
#include <string.h>

/* An element of 12 bytes, most of which only lie beside the value. */
typedef struct wide {
    char before[5];
    unsigned char value[2]; /* the least digit first */
    char behind[5];
} wide;

enum { modulus = 101 };

static unsigned value_of(const wide *w)
{
    return w->value[0] + 256u * w->value[1];
}

static void set(wide *w, unsigned value)
{
    memset(w, 'x', sizeof(*w));
    w->value[0] = (unsigned char)(value & 255);
    w->value[1] = (unsigned char)(value >> 8);
}

/* What sim_composition does, with wide elements. */
static void compose(const ds_op *self, const void *in, void *inout, size_t len)
{
    const wide *a = in;
    wide *b = inout;

    for (size_t i = 0; i < len; i++)
        set(&b[i], (unsigned)sim_compose(value_of(&a[i]), value_of(&b[i])));
}

static const ds_op wide_composition = { .name = "composition",
                                        .combine = compose,
                                        .seconds = 1e-3,
                                        .size = sizeof(wide) };

/* The same for those that need operators that commute. */
static void add_up(const ds_op *self, const void *in, void *inout, size_t len)
{
    const wide *a = in;
    wide *b = inout;

    for (size_t i = 0; i < len; i++)
        set(&b[i], value_of(&a[i]) + value_of(&b[i]));
}

static const ds_op wide_sum = {
    .name = "sum", .commutative = true, .combine = add_up, .size = sizeof(wide)
};

/* ---- Every algorithm ------------------------------------------------------*/

enum { most_ranks = 16 };

static const ds_collective *how;
static size_t len;
static ds_vec *results[2][most_ranks];

static unsigned element(size_t rank, size_t i)
{
    return (unsigned)(rank * 31 + i * 17 + 1) % modulus;
}

static ds_vec *make(size_t rank, size_t n, bool is_wide)
{
    ds_vec *vec = is_wide ? ds_vec_new_of(n, sizeof(wide)) : ds_vec_new(n);

    for (size_t i = 0; i < n; i++) {
        if (is_wide)
            set(ds_vec_at(vec, i), element(rank, i));
        else
            vec->data[i] = element(rank, i);
    }
    return vec;
}

static const ds_op *op_of(bool is_wide)
{
    if ((how->traits & DS_TRAIT_COMMUTATIVE) != 0)
        return is_wide ? &wide_sum : &ds_sum;
    return is_wide ? &wide_composition : &sim_composition;
}

static void call(ds_comm *c, void *arg)
{
    const bool is_wide = *(const bool *)arg;
    const size_t rank = ds_comm_rank(c);
    ds_vec *mine = make(rank, len, is_wide);

    results[is_wide][rank] =
        ds_collective_run(how, c, mine, op_of(is_wide), ds_comm_size(c) / 2);
    ds_vec_unref(mine);
}

static void play(size_t p, bool is_wide)
{
    sim *s = sim_new((sim_config){ .nodes = p, .latency = 0.25 });

    ck_assert_int_eq(sim_run(s, call, &is_wide), DS_OK);
    sim_free(s);
}

static void compare(const ds_vec *plain, const ds_vec *wides)
{
    ck_assert((plain == NULL) == (wides == NULL));
    if (plain == NULL)
        return;
    ck_assert_uint_eq(plain->len, wides->len);
    ck_assert_uint_eq(wides->size,
                      plain->len == 0 ? wides->size : sizeof(wide));
    for (size_t i = 0; i < plain->len; i++)
        ck_assert_uint_eq((unsigned)plain->data[i],
                          value_of(ds_vec_at(wides, i)));
}

static const ds_collective *algorithm(int i)
{
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    ck_assert_uint_lt((size_t)i, n);
    return all[i];
}

static bool runs_with(size_t p)
{
    return (how->traits & DS_TRAIT_POWER) == 0 || (p & (p - 1)) == 0;
}

START_TEST(every_algorithm_does_with_bytes_what_it_does_with_doubles)
{
    static const size_t sizes[] = { 1, 2, 5, 8 };
    static const size_t lens[] = { 1, 13 };

    how = algorithm(_i);
    for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
        if (!runs_with(sizes[k]))
            continue;
        for (size_t n = 0; n < 2; n++) {
            len = lens[n];
            play(sizes[k], false);
            play(sizes[k], true);
            for (size_t rank = 0; rank < sizes[k]; rank++) {
                compare(results[0][rank], results[1][rank]);
                ds_vec_unref(results[0][rank]);
                ds_vec_unref(results[1][rank]);
            }
        }
    }
}
END_TEST

/* ---- Time -----------------------------------------------------------------*/

static size_t element_size;

static void send_phantom(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_phantom_of(96 / element_size, element_size);

    if (ds_comm_rank(c) == 0)
        ds_comm_send_tag(c, 1, 3, vec);
    else
        ds_vec_unref(ds_comm_recv_tag(c, 0, 3));
    ds_vec_unref(vec);
}

START_TEST(a_vector_costs_its_bytes)
{
    static const size_t sizes_of_elements[] = { 1, 2, 3, 4, 8, 12, 96 };
    const sim_config config = { .nodes = 2, .latency = 0.5, .rate = 8 };

    element_size = sizes_of_elements[_i];
    ck_assert(fabs(sim_time(config, send_phantom, NULL) - 12.5) < 1e-9);
}
END_TEST

static double seconds;

static void reduce_alone(ds_comm *c, void *arg)
{
    const ds_op op = { .name = "slow",
                       .combine = compose,
                       .seconds = seconds,
                       .size = sizeof(wide) };
    ds_vec *mine = make(ds_comm_rank(c), 10, true);

    ds_vec_unref(ds_collective_run(algorithm(0), c, mine, &op, 0));
    ds_vec_unref(mine);
}

START_TEST(an_operator_takes_the_seconds_it_says)
{
    const sim_config config = { .nodes = 2 };

    seconds = 0;
    const double free_of_cost = sim_time(config, reduce_alone, NULL);
    seconds = 0.25;
    ck_assert(fabs(sim_time(config, reduce_alone, NULL) - free_of_cost -
                   20 * 0.25) < 1e-9);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static const ds_op *chosen;

static void reduce_by_chosen(ds_comm *c, void *arg)
{
    ds_vec *mine = make(ds_comm_rank(c), 3, true);

    ds_vec_unref(ds_allreduce_run(&ds_allreduce_ring, c, mine, chosen));
    ds_vec_unref(mine);
}

static const ds_op for_bytes = {
    .name = "bytes", .commutative = true, .combine = compose, .size = 1
};
static const ds_op backwards = {
    .name = "back", .commutative = true, .combine = compose, .seconds = -1
};
static const ds_op empty = { .name = "empty" };

static const struct {
    const ds_op *op;
    const char *text;
} wrong[] = {
    { &ds_sum, "ds_sum: vector 0 has elements of 12 bytes" },
    { &for_bytes, "operator bytes combines elements of 1 bytes" },
    { &backwards, "operator back takes -1 seconds" },
    { &empty, "ds_allreduce_run: the operator is NULL" },
};

START_TEST(an_operator_that_cannot_is_named)
{
    chosen = wrong[_i].op;
    sim_misuse((sim_config){ .nodes = 2 }, reduce_by_chosen, NULL,
               wrong[_i].text);
}
END_TEST

static void differ(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom_of(4, 4 + 4 * ds_comm_rank(c));

    ds_vec_unref(ds_allgather(c, mine));
    ds_vec_unref(mine);
}

START_TEST(members_agree_about_the_size_of_an_element)
{
    sim_misuse((sim_config){ .nodes = 2 }, differ, NULL,
               "the size of an element is 8 on rank 1 and 4 on rank 0");
}
END_TEST

/* ---- Vectors --------------------------------------------------------------*/

static int freed_wrap;

static void note_free(void *data)
{
    ck_assert_str_eq(data, "abcdefghi");
    freed_wrap++;
}

START_TEST(what_is_wrapped_is_disposed_of_with_the_last_reference)
{
    char text[] = "abcdefghi";

    ds_vec *vec = ds_vec_wrap(text, 3, 3, note_free);
    ck_assert_ptr_eq(ds_vec_at(vec, 2), text + 6);
    ds_vec *slice = ds_vec_slice(vec, 1, 3);
    ck_assert_uint_eq(slice->size, 3);
    ck_assert_ptr_eq(ds_vec_at(slice, 0), text + 3);
    ds_vec_unref(vec);
    ck_assert_int_eq(freed_wrap, 0);
    ds_vec_unref(slice);
    ck_assert_int_eq(freed_wrap, 1);
}
END_TEST

START_TEST(elements_lie_as_malloc_would_have_them)
{
    ds_vec *vec = ds_vec_new_of(3, sizeof(long double));

    ck_assert_uint_eq((uintptr_t)vec->data % _Alignof(max_align_t), 0);
    ck_assert_ptr_null(ds_vec_new_of(SIZE_MAX / 4, 8));
    ck_assert_ptr_null(ds_vec_new_of(1, 0));
    ck_assert_ptr_null(ds_vec_phantom_of(1, 0));
    ck_assert_ptr_null(ds_vec_wrap(NULL, 1, 1, NULL));
    ck_assert_ptr_null(ds_vec_at(NULL, 0));
    ds_vec_unref(vec);
}
END_TEST

static void add(TCase *tc)
{
    size_t n;

    ds_collective_catalogue(&n);
    tcase_add_loop_test(
        tc, every_algorithm_does_with_bytes_what_it_does_with_doubles, 0,
        (int)n);
    tcase_add_loop_test(tc, a_vector_costs_its_bytes, 0, 7);
    tcase_add_test(tc, an_operator_takes_the_seconds_it_says);
    tcase_add_loop_test(tc, an_operator_that_cannot_is_named, 0, 4);
    tcase_add_test(tc, members_agree_about_the_size_of_an_element);
    tcase_add_test(tc, what_is_wrapped_is_disposed_of_with_the_last_reference);
    tcase_add_test(tc, elements_lie_as_malloc_would_have_them);
}

int main(void)
{
    return harness_main("bytes", add);
}
