/* Replicated data types: what each comes to when replicas change it without
 * knowing of each other, and that they all come to the same. */

#include "counted.h"

#include <distsys.h>

#include "base/rng.h"
#include "proto/crdt_rules.h"

enum { A, B, C, REPLICAS };

/* Numbers of objects at both ends, too. */
enum { COUNTER, SET, REGISTER, TEXT, OBJECTS };
static const uint64_t objects[OBJECTS] = { 0, 7, UINT64_MAX - 1, UINT64_MAX };

static ds_entries *states[REPLICAS];
static ds_crdt *at[REPLICAS];

static void begin(void)
{
    static const uint64_t numbers[REPLICAS] = { 0, 3, DS_CRDT_REPLICAS - 1 };

    for (int i = 0; i < REPLICAS; i++) {
        states[i] = ds_entries_new();
        at[i] = ds_crdt_new(numbers[i], states[i]);
        ck_assert_ptr_nonnull(at[i]);
    }
}

static void end(void)
{
    for (int i = 0; i < REPLICAS; i++) {
        ds_crdt_free(at[i]);
        ds_entries_free(states[i]);
    }
}

static void tell(int from, int to)
{
    ck_assert(ds_entries_merge(states[to], states[from]));
}

static void tell_all(void)
{
    for (int i = 0; i < REPLICAS; i++)
        tell(i, C);
    tell(C, A);
    tell(C, B);
}

static void ck_set(int i, uint64_t object, const char *expected)
{
    int64_t elements[32];
    size_t n = ds_set_read(at[i], object, elements, 32);
    char text[33] = "";

    ck_assert_uint_le(n, 32);
    for (size_t k = 0; k < n; k++) {
        text[k] = (char)elements[k];
        ck_assert(ds_set_has(at[i], object, elements[k]));
    }
    ck_assert_str_eq(text, expected);
}

/* ---- Counters -------------------------------------------------------------*/

START_TEST(a_counter_adds_up_what_all_have_added)
{
    begin();
    ck_assert(ds_g_counter_add(at[A], 7, 3));
    ck_assert(ds_g_counter_add(at[B], 7, 4));
    ck_assert(ds_g_counter_add(at[A], 7, 1));
    tell_all();
    for (int i = 0; i < REPLICAS; i++)
        ck_assert_int_eq(ds_counter_read(at[i], 7), 8);
    end();
}
END_TEST

START_TEST(what_a_counter_hears_twice_counts_once)
{
    begin();
    ck_assert(ds_g_counter_add(at[A], 7, 3));
    tell(A, B);
    tell(A, B);
    tell(B, A);
    ck_assert_int_eq(ds_counter_read(at[A], 7), 3);
    ck_assert_int_eq(ds_counter_read(at[B], 7), 3);
    end();
}
END_TEST

START_TEST(a_pn_counter_goes_below_nothing)
{
    begin();
    ck_assert(ds_pn_counter_add(at[A], 7, 5));
    ck_assert(ds_pn_counter_add(at[A], 7, -6));
    ck_assert(ds_pn_counter_add(at[B], 7, -10));
    tell_all();
    ck_assert_int_eq(ds_counter_read(at[C], 7), -11);
    end();
}
END_TEST

START_TEST(a_counter_takes_an_entry_a_replica)
{
    begin();
    for (int i = 0; i < 100; i++) {
        ck_assert(ds_pn_counter_add(at[A], 7, i));
        ck_assert(ds_pn_counter_add(at[B], 7, i % 2 ? i : -i));
    }
    tell_all();
    ck_assert_uint_eq(ds_entries_sum_of(states[C], NULL, NULL).count, 3);
    end();
}
END_TEST

/* ---- Sets -----------------------------------------------------------------*/

START_TEST(what_was_removed_from_a_2p_set_never_comes_back)
{
    begin();
    ck_assert(ds_g_set_add(at[A], 7, 'x'));
    ck_assert(ds_g_set_add(at[A], 7, 'y'));
    tell(A, B);
    ck_assert(ds_two_phase_set_remove(at[B], 7, 'x'));
    ck_assert(ds_g_set_add(at[A], 7, 'x'));
    tell_all();
    ck_assert(ds_g_set_add(at[C], 7, 'x'));
    for (int i = 0; i < REPLICAS; i++)
        ck_set(i, 7, "y");
    end();
}
END_TEST

START_TEST(of_an_addition_and_a_removal_at_once_the_addition_wins)
{
    begin();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    tell_all();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    ck_assert(ds_or_set_remove(at[B], 7, 'x'));
    ck_set(B, 7, "");
    tell_all();
    for (int i = 0; i < REPLICAS; i++)
        ck_set(i, 7, "x");
    end();
}
END_TEST

/* ... though the removal knows additions of the element that are later. */
START_TEST(a_removal_removes_no_addition_that_it_has_not_seen)
{
    begin();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    for (int i = 0; i < 5; i++)
        ck_assert(ds_or_set_add(at[B], 7, 'x'));
    ck_assert(ds_or_set_remove(at[B], 7, 'x'));
    tell_all();
    ck_set(C, 7, "x");
    end();
}
END_TEST

START_TEST(what_was_removed_from_an_or_set_can_come_back)
{
    begin();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    tell_all();
    ck_assert(ds_or_set_remove(at[B], 7, 'x'));
    tell_all();
    ck_set(A, 7, "");
    ck_assert(ds_or_set_add(at[C], 7, 'x'));
    tell_all();
    ck_set(A, 7, "x");
    end();
}
END_TEST

START_TEST(what_two_have_added_at_once_is_read_once)
{
    begin();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    ck_assert(ds_or_set_add(at[B], 7, 'x'));
    ck_assert(ds_or_set_add(at[B], 7, 'y'));
    tell_all();
    ck_set(C, 7, "xy");
    end();
}
END_TEST

START_TEST(what_all_have_removed_is_gone)
{
    begin();
    ck_assert(ds_or_set_add(at[A], 7, 'x'));
    ck_assert(ds_or_set_add(at[B], 7, 'x'));
    ck_assert(ds_or_set_remove(at[A], 7, 'x'));
    ck_assert(ds_or_set_remove(at[B], 7, 'x'));
    tell_all();
    ck_set(C, 7, "");
    end();
}
END_TEST

/* However often each adds, a removal has one to remove of each replica. */
START_TEST(an_element_is_alive_once_a_replica_at_most)
{
    size_t alive = 0;

    begin();
    for (int n = 0; n < 20; n++)
        for (int i = 0; i < REPLICAS; i++)
            ck_assert(ds_or_set_add(at[i], 7, 'x'));
    tell_all();
    for (const ds_entry *e = ds__crdt_first(at[A], 7); e != NULL;
         e = ds__crdt_next(at[A], e))
        alive += !ds__is_dead(e);
    ck_assert_uint_eq(alive, REPLICAS);
    ck_assert_uint_eq(ds__crdt_sum(at[A], 7).count, 20 * REPLICAS);
    end();
}
END_TEST

START_TEST(elements_below_zero_are_read_first)
{
    int64_t read[3];

    begin();
    ck_assert(ds_g_set_add(at[A], 7, 5));
    ck_assert(ds_g_set_add(at[A], 7, INT64_MIN));
    ck_assert(ds_g_set_add(at[A], 7, -1));
    ck_assert_uint_eq(ds_set_read(at[A], 7, read, 3), 3);
    ck_assert(read[0] == INT64_MIN && read[1] == -1 && read[2] == 5);
    end();
}
END_TEST

START_TEST(a_read_stores_no_more_than_it_may)
{
    int64_t read[3] = { 0, 0, -1 };

    begin();
    for (int64_t element = 5; element > 0; element--)
        ck_assert(ds_g_set_add(at[A], 7, element));
    ck_assert_uint_eq(ds_set_read(at[A], 7, read, 2), 5);
    ck_assert_int_eq(read[0], 1);
    ck_assert_int_eq(read[1], 2);
    ck_assert_int_eq(read[2], -1);
    end();
}
END_TEST

/* ---- Registers ------------------------------------------------------------*/

static int64_t value_of(int i)
{
    int64_t value;

    ck_assert(ds_lww_read(at[i], 7, &value));
    return value;
}

START_TEST(the_last_writer_wins)
{
    begin();
    ck_assert(ds_lww_write(at[C], 7, 5000000, 1));
    ck_assert(ds_lww_write(at[A], 7, 6000000, 2));
    tell_all();
    ck_assert_int_eq(value_of(B), 2);
    end();
}
END_TEST

START_TEST(of_writes_at_one_time_the_greater_replica_wins)
{
    begin();
    ck_assert(ds_lww_write(at[B], 7, 5000000, -1));
    ck_assert(ds_lww_write(at[A], 7, 5000000, 9));
    tell(B, A);
    tell(A, B);
    ck_assert_int_eq(value_of(A), -1);
    ck_assert_int_eq(value_of(B), -1);
    end();
}
END_TEST

/* The clock of the second one is behind. */
START_TEST(who_has_seen_a_write_wins_whatever_its_clock)
{
    begin();
    ck_assert(ds_lww_write(at[C], 7, 900000000, 1));
    tell_all();
    ck_assert(ds_lww_write(at[A], 7, 10, 2));
    tell_all();
    ck_assert_int_eq(value_of(C), 2);
    end();
}
END_TEST

START_TEST(an_older_write_does_not_bring_back_what_was_erased)
{
    int64_t value;

    begin();
    ck_assert(!ds_lww_read(at[A], 7, &value));
    ck_assert(ds_lww_write(at[A], 7, 0, 1));
    tell(A, B);
    ck_assert(ds_lww_erase(at[B], 7, 0));
    tell(B, A);
    tell(B, C);
    tell(A, C);
    ck_assert(!ds_lww_read(at[C], 7, &value));
    ck_assert(ds_lww_write(at[A], 7, 0, 3));
    tell_all();
    ck_assert_int_eq(value_of(C), 3);
    end();
}
END_TEST

START_TEST(what_was_written_at_once_stays_side_by_side)
{
    int64_t values[3];

    begin();
    ck_assert(ds_mv_write(at[A], 7, 1));
    ck_assert(ds_mv_write(at[B], 7, 2));
    tell_all();
    ck_assert_uint_eq(ds_mv_read(at[C], 7, values, 3), 2);
    ck_assert_int_eq(values[0], 1);
    ck_assert_int_eq(values[1], 2);
    end();
}
END_TEST

START_TEST(a_write_replaces_all_that_its_writer_knew)
{
    int64_t values[3];

    begin();
    ck_assert(ds_mv_write(at[A], 7, 1));
    ck_assert(ds_mv_write(at[B], 7, 2));
    tell(B, A);
    ck_assert(ds_mv_write(at[A], 7, 3));
    ck_assert(ds_mv_write(at[C], 7, 4));
    tell_all();
    ck_assert_uint_eq(ds_mv_read(at[B], 7, values, 3), 2);
    ck_assert_int_eq(values[0] + values[1], 7);
    end();
}
END_TEST

/* ---- Texts ----------------------------------------------------------------*/

static void ck_text(int i, const char *expected)
{
    size_t n;
    ds_entry *read = ds_rga_read(at[i], 7, &n);
    char *text = calloc(n + 1, 1);

    ck_assert_ptr_nonnull(read);
    for (size_t k = 0; k < n; k++)
        text[k] = (char)read[k].value;
    ck_assert_str_eq(text, expected);
    free(text);
    free(read);
}

/* Types a word behind an element, and returns its last character. */
static ds_key type(int i, const ds_key *after, const char *word)
{
    ds_key key = { 0 };

    for (; *word != '\0'; word++, after = &key)
        ck_assert(ds_rga_insert(at[i], 7, after, *word, &key));
    return key;
}

START_TEST(a_text_is_read_as_it_was_typed)
{
    begin();
    ck_text(A, "");
    ds_key o = type(A, NULL, "hello");
    type(A, &o, " world");
    type(A, NULL, "> ");
    tell(A, B);
    ck_text(A, "> hello world");
    ck_text(B, "> hello world");
    end();
}
END_TEST

START_TEST(what_is_typed_at_one_place_is_not_mixed)
{
    begin();
    ds_key end_of_it = type(A, NULL, "ab");
    tell_all();
    type(A, &end_of_it, "one");
    type(B, &end_of_it, "three");
    type(C, &end_of_it, "two");
    tell_all();
    for (int i = 0; i < REPLICAS; i++)
        ck_text(i, "abtwothreeone");
    end();
}
END_TEST

/* Also where others have typed much in the meantime. */
START_TEST(what_is_typed_behind_an_element_comes_right_behind_it)
{
    begin();
    ds_key b = type(A, NULL, "b");
    tell_all();
    type(A, &b, "12345678");
    tell_all();
    type(C, &b, "!");
    tell_all();
    ck_text(A, "b!12345678");
    end();
}
END_TEST

START_TEST(one_may_type_behind_what_another_deletes)
{
    begin();
    ds_key a = type(A, NULL, "a");
    type(A, &a, "z");
    tell_all();
    ck_assert(ds_rga_delete(at[B], &a));
    type(C, &a, "mid");
    tell_all();
    for (int i = 0; i < REPLICAS; i++)
        ck_text(i, "midz");
    end();
}
END_TEST

START_TEST(an_element_is_shown_when_the_one_before_it_has_come)
{
    begin();
    ds_key a = type(A, NULL, "a");
    ds_key b = type(A, &a, "b");
    const ds_entry *entries[] = { ds_entries_find(states[A], &b),
                                  ds_entries_find(states[A], &a) };
    ck_assert(ds_entries_put(states[B], entries[0], NULL));
    ck_text(B, "");
    ck_assert(ds_entries_put(states[B], entries[1], NULL));
    ck_text(B, "ab");
    end();
}
END_TEST

START_TEST(a_long_text_needs_no_deep_stack)
{
    enum { LONG = 100000 };
    ds_key key = { 0 };
    size_t n;

    begin();
    for (int i = 0; i < LONG; i++)
        ck_assert(ds_rga_insert(at[A], 7, i == 0 ? NULL : &key, i, &key));
    ds_entry *read = ds_rga_read(at[A], 7, &n);
    ck_assert_uint_eq(n, LONG);
    for (int i = 0; i < LONG; i++)
        ck_assert_int_eq(read[i].value, i);
    free(read);
    end();
}
END_TEST

/* ---- All of them ----------------------------------------------------------*/

static uint64_t seed, draws;

static size_t draw(size_t n)
{
    return (size_t)ds__rng_below(ds__rng_bits(seed, DS__RNG_NET, 0, draws++),
                                 n);
}

static void edit(ds_crdt *c, uint64_t object)
{
    size_t n;
    ds_entry *read = ds_rga_read(c, object, &n);

    ck_assert_ptr_nonnull(read);
    if (n > 0 && draw(3) == 0)
        ck_assert(ds_rga_delete(c, &read[draw(n)].key));
    else
        ck_assert(ds_rga_insert(
            c, object, n == 0 || draw(4) == 0 ? NULL : &read[draw(n)].key,
            (int64_t)draws, NULL));
    free(read);
}

static void change(ds_crdt *c)
{
    int64_t element = (int64_t)draw(4) - 2;

    switch (draw(8)) {
    case 0:
        ck_assert(ds_pn_counter_add(c, objects[COUNTER], (int64_t)draw(9) - 4));
        break;
    case 1:
    case 2:
        ck_assert(ds_or_set_add(c, objects[SET], element));
        break;
    case 3:
        ck_assert(ds_or_set_remove(c, objects[SET], element));
        break;
    case 4:
        ck_assert(ds_mv_write(c, objects[REGISTER], element));
        break;
    default:
        edit(c, objects[TEXT]);
    }
}

/* Any two come to the same as soon as each has been told of the other. */
START_TEST(replicas_that_know_the_same_are_the_same)
{
    begin();
    seed = (uint64_t)_i;
    draws = 0;
    for (size_t step = 0; step < 300; step++) {
        int one = (int)draw(REPLICAS), other = (int)draw(REPLICAS);
        change(at[one]);
        if (draw(3) > 0)
            continue;
        tell(one, other);
        tell(other, one);
        ck_assert(ds_entries_sum_of(states[one], NULL, NULL).digest ==
                  ds_entries_sum_of(states[other], NULL, NULL).digest);
        ck_assert_int_eq(ds_counter_read(at[one], objects[COUNTER]),
                         ds_counter_read(at[other], objects[COUNTER]));
    }
    end();
}
END_TEST

/* In any order, some of them twice. */
START_TEST(deltas_come_to_what_states_come_to)
{
    ds_entries *deltas[100], *all = ds_entries_new();

    begin();
    seed = 1000 + (uint64_t)_i;
    draws = 0;
    for (size_t n = 0; n < 100; n++) {
        int i = (int)draw(REPLICAS);
        change(at[i]);
        deltas[n] = ds_crdt_delta(at[i]);
    }
    for (size_t n = 100; n > 0; n--) {
        size_t k = draw(n);
        ds_entries *chosen = deltas[k];
        ck_assert(ds_entries_merge(all, chosen));
        deltas[k] = deltas[n - 1];
        deltas[n - 1] = chosen;
        ck_assert(ds_entries_merge(all, deltas[draw(100)]));
    }
    tell_all();
    ck_assert(ds_entries_sum_of(all, NULL, NULL).digest ==
              ds_entries_sum_of(states[A], NULL, NULL).digest);
    for (size_t n = 0; n < 100; n++)
        ds_entries_free(deltas[n]);
    ds_entries_free(all);
    end();
}
END_TEST

START_TEST(a_delta_has_what_was_changed_since_the_last)
{
    begin();
    ck_assert(ds_g_set_add(at[A], 7, 'x'));
    ds_entries_free(ds_crdt_delta(at[A]));
    ck_assert(ds_g_set_add(at[A], 7, 'y'));
    tell(A, B);
    ck_assert(ds_g_set_add(at[B], 7, 'z'));
    ds_entries *delta = ds_crdt_delta(at[A]);
    ck_assert_uint_eq(ds_entries_sum_of(delta, NULL, NULL).count, 1);
    ck_assert_int_eq(ds_entries_at(delta, 0)->key.element, 'y');
    ds_entries_free(delta);
    end();
}
END_TEST

/* ---- Over a network -------------------------------------------------------*/

static party all;
static size_t expected; /* what all have counted in the end */

/* Counts twice, tells it, and hears of the others. */
static void count_and_tell(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h);
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(me, state);
    ds_msg m;

    ck_assert(ds_sleep(h, 1e6));
    ck_assert(ds_crdt_tell(h, c, &all.group, false)); /* nothing yet */
    ck_assert(ds_pn_counter_add(c, 7, 3));
    ck_assert(ds_pn_counter_add(c, 7, -1));
    ck_assert(ds_crdt_tell(h, c, &all.group, false));
    ck_assert(ds_crdt_tell(h, c, &all.group, false)); /* nothing new */
    for (size_t i = 1; i < all.group.n; i++) {
        ck_assert(ds_recv(h, all.ports[me], &m));
        ck_assert(ds_crdt_hear(h, c, &m));
        ds_msg_drop(&m);
    }
    ck_assert_int_eq(ds_counter_read(c, 7), (int64_t)expected);
    ds_crdt_free(c);
    ds_entries_free(state);
}

START_TEST(a_delta_is_told_once_to_each_other_in_40_bytes_an_entry)
{
    static const size_t members[] = { 1, 2, 3, 8, 31 };
    size_t n = members[_i], others = n * (n - 1);

    party_new(&all, 5, n, 0, 1);
    expected = 2 * n;
    for (size_t i = 0; i < n; i++)
        ds_node_spawn(all.nodes[i], count_and_tell, NULL);
    ck_run(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, others);
    ck_assert_double_eq(all.wire.bytes, (double)(80 * others));
    ds_loop_free(all.loop);
}
END_TEST

/* The first one tells the second, who has been away, all there is. */
static void tell_all_of_it(ds_handle *h, void *arg)
{
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(1, state);

    for (int64_t element = 0; element < 1000; element++)
        ck_assert(ds_g_set_add(c, 7, element));
    ds_entries_free(ds_crdt_delta(c));
    ck_assert(ds_crdt_tell(h, c, &all.group, true));
    ds_crdt_free(c);
    ds_entries_free(state);
}

static void hear_all_of_it(ds_handle *h, void *arg)
{
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(2, state);
    ds_msg m;

    ck_assert(ds_recv(h, all.ports[1], &m));
    ck_assert(ds_crdt_hear(h, c, &m));
    ds_msg_drop(&m);
    ck_assert_uint_eq(ds_set_read(c, 7, NULL, 0), 1000);
    ck_assert(ds_set_has(c, 7, 999) && !ds_set_has(c, 7, 1000));
    ck_assert(ds_crdt_tell(h, c, &all.group, false)); /* it changed nothing */
    ds_crdt_free(c);
    ds_entries_free(state);
}

START_TEST(all_of_a_state_is_told_to_who_has_nothing)
{
    party_new(&all, 6, 2, 0, 0.25);
    ds_node_spawn(all.nodes[0], tell_all_of_it, NULL);
    ds_node_spawn(all.nodes[1], hear_all_of_it, NULL);
    ck_run(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, 1);
    ck_assert_double_eq(all.wire.bytes, 40000);
    ds_loop_free(all.loop);
}
END_TEST

static void hear_something_else(ds_handle *h, void *arg)
{
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(1, state);
    ds_msg m;

    ds_tell(h, &all.group, 0, "hello", 5);
    ck_assert(ds_recv(h, all.ports[0], &m));
    ck_assert(!ds_crdt_hear(h, c, &m));
    ds_msg_drop(&m);
    ds_crdt_free(c);
    ds_entries_free(state);
}

START_TEST(a_message_without_entries_is_refused)
{
    party_new(&all, 7, 1, 0, 1);
    ds_node_spawn(all.nodes[0], hear_something_else, NULL);
    ck_run(all.loop, DS_FAILED,
           "ds_crdt_hear: the message (of 5 bytes) has no entries, of 40 bytes "
           "each");
    ds_loop_free(all.loop);
}
END_TEST

START_TEST(there_are_no_more_replicas_than_a_stamp_tells_apart)
{
    ds_entries *state = ds_entries_new();

    ck_assert_ptr_null(ds_crdt_new(DS_CRDT_REPLICAS, state));
    ck_assert_ptr_null(ds_crdt_new(UINT64_MAX, state));
    ds_entries_free(state);
}
END_TEST

static void add(TCase *tc)
{
    int sweep = harness_full() ? 500 : 50;

    tcase_add_test(tc, a_counter_adds_up_what_all_have_added);
    tcase_add_test(tc, what_a_counter_hears_twice_counts_once);
    tcase_add_test(tc, a_pn_counter_goes_below_nothing);
    tcase_add_test(tc, a_counter_takes_an_entry_a_replica);
    tcase_add_test(tc, what_was_removed_from_a_2p_set_never_comes_back);
    tcase_add_test(tc, of_an_addition_and_a_removal_at_once_the_addition_wins);
    tcase_add_test(tc, a_removal_removes_no_addition_that_it_has_not_seen);
    tcase_add_test(tc, what_was_removed_from_an_or_set_can_come_back);
    tcase_add_test(tc, what_two_have_added_at_once_is_read_once);
    tcase_add_test(tc, what_all_have_removed_is_gone);
    tcase_add_test(tc, an_element_is_alive_once_a_replica_at_most);
    tcase_add_test(tc, elements_below_zero_are_read_first);
    tcase_add_test(tc, a_read_stores_no_more_than_it_may);
    tcase_add_test(tc, the_last_writer_wins);
    tcase_add_test(tc, of_writes_at_one_time_the_greater_replica_wins);
    tcase_add_test(tc, who_has_seen_a_write_wins_whatever_its_clock);
    tcase_add_test(tc, an_older_write_does_not_bring_back_what_was_erased);
    tcase_add_test(tc, what_was_written_at_once_stays_side_by_side);
    tcase_add_test(tc, a_write_replaces_all_that_its_writer_knew);
    tcase_add_test(tc, a_text_is_read_as_it_was_typed);
    tcase_add_test(tc, what_is_typed_at_one_place_is_not_mixed);
    tcase_add_test(tc, what_is_typed_behind_an_element_comes_right_behind_it);
    tcase_add_test(tc, one_may_type_behind_what_another_deletes);
    tcase_add_test(tc, an_element_is_shown_when_the_one_before_it_has_come);
    tcase_add_test(tc, a_long_text_needs_no_deep_stack);
    tcase_add_loop_test(tc, replicas_that_know_the_same_are_the_same, 0, sweep);
    tcase_add_loop_test(tc, deltas_come_to_what_states_come_to, 0, sweep);
    tcase_add_test(tc, a_delta_has_what_was_changed_since_the_last);
    tcase_add_loop_test(
        tc, a_delta_is_told_once_to_each_other_in_40_bytes_an_entry, 0, 5);
    tcase_add_test(tc, all_of_a_state_is_told_to_who_has_nothing);
    tcase_add_test(tc, a_message_without_entries_is_refused);
    tcase_add_test(tc, there_are_no_more_replicas_than_a_stamp_tells_apart);
}

int main(void)
{
    return harness_main("crdt", add);
}
