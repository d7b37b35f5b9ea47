/* Which receive gets which message: each rule alone, and all of them against a
 * definition that looks at everything. */

#include "match/matcher.h"

#include "harness.h"

enum { many = 600 };

static ds__matcher matcher;
static ds__match receives[many];
static ds__match messages[many];

static void set_up(void)
{
    ds__matcher_init(&matcher);
}

static void tear_down(void)
{
    ds__matcher_check(&matcher);
    ds__matcher_free(&matcher);
}

static ds__match_key key(uint64_t context, int source, int tag)
{
    return (ds__match_key){ .context = context, .source = source, .tag = tag };
}

static ds__match *post(int i, ds__match_key k)
{
    ds__match *got = ds__matcher_post(&matcher, &receives[i], k);

    ds__matcher_check(&matcher);
    return got;
}

static ds__match *come(int i, ds__match_key k)
{
    ds__match *got = ds__matcher_come(&matcher, &messages[i], k);

    ds__matcher_check(&matcher);
    return got;
}

/* ---- Rules ----------------------------------------------------------------*/

START_TEST(a_message_goes_to_a_receive_that_waits)
{
    ck_assert_ptr_null(post(0, key(7, 3, 5)));
    ck_assert_ptr_eq(come(0, key(7, 3, 5)), &receives[0]);
    ck_assert_ptr_null(come(1, key(7, 3, 5)));
}
END_TEST

START_TEST(a_receive_takes_a_message_that_waits)
{
    ck_assert_ptr_null(come(0, key(7, 3, 5)));
    ck_assert_ptr_eq(post(0, key(7, 3, 5)), &messages[0]);
    ck_assert_ptr_null(post(1, key(7, 3, 5)));
}
END_TEST

START_TEST(all_three_must_be_the_same)
{
    ck_assert_ptr_null(post(0, key(7, 3, 5)));
    ck_assert_ptr_null(come(0, key(8, 3, 5)));
    ck_assert_ptr_null(come(1, key(7, 4, 5)));
    ck_assert_ptr_null(come(2, key(7, 3, 6)));
}
END_TEST

START_TEST(the_receive_that_was_posted_first_gets_it)
{
    static const ds__match_key fitting[] = {
        { 7, 3, 5 },
        { 7, DS__ANY_SOURCE, 5 },
        { 7, 3, DS__ANY_TAG },
        { 7, DS__ANY_SOURCE, DS__ANY_TAG },
    };

    post(0, fitting[_i / 4]);
    post(1, fitting[_i % 4]);
    ck_assert_ptr_eq(come(0, key(7, 3, 5)), &receives[0]);
    ck_assert_ptr_eq(come(1, key(7, 3, 5)), &receives[1]);
}
END_TEST

START_TEST(the_message_that_came_first_is_taken)
{
    come(0, key(7, 3, 5));
    come(1, key(7, 2, 5));
    come(2, key(7, 3, 6));
    come(3, key(7, 3, 5));
    ck_assert_ptr_eq(post(0, key(7, DS__ANY_SOURCE, 6)), &messages[2]);
    ck_assert_ptr_eq(post(1, key(7, 3, 5)), &messages[0]);
    ck_assert_ptr_eq(post(2, key(7, DS__ANY_SOURCE, DS__ANY_TAG)),
                     &messages[1]);
    ck_assert_ptr_eq(post(3, key(7, 3, DS__ANY_TAG)), &messages[3]);
}
END_TEST

START_TEST(whatever_is_open_stays_in_its_context)
{
    come(0, key(7, 3, 5));
    ck_assert_ptr_null(post(0, key(8, DS__ANY_SOURCE, DS__ANY_TAG)));
    ck_assert_ptr_null(come(1, key(9, 1, 1)));
}
END_TEST

START_TEST(a_probe_leaves_what_it_finds)
{
    come(0, key(7, 3, 5));
    come(1, key(7, 2, 5));
    ck_assert_ptr_eq(ds__matcher_probe(&matcher, key(7, 2, 5)), &messages[1]);
    ck_assert_ptr_eq(ds__matcher_probe(&matcher, key(7, DS__ANY_SOURCE, 5)),
                     &messages[0]);
    ck_assert_ptr_null(ds__matcher_probe(&matcher, key(7, 1, 5)));
    ck_assert_ptr_eq(post(0, key(7, DS__ANY_SOURCE, 5)), &messages[0]);
}
END_TEST

START_TEST(what_a_probe_has_found_can_be_kept_for_one_receive)
{
    come(0, key(7, 3, 5));
    come(1, key(7, 3, 5));
    ck_assert(ds__matcher_withdraw(&matcher, &messages[0]));
    ck_assert_ptr_eq(post(0, key(7, 3, 5)), &messages[1]);
    ck_assert_ptr_null(post(1, key(7, 3, 5)));
}
END_TEST

START_TEST(a_receive_that_was_cancelled_gets_nothing)
{
    post(0, key(7, 3, _i == 0 ? 5 : DS__ANY_TAG));
    post(1, key(7, 3, 5));
    ck_assert(ds__matcher_withdraw(&matcher, &receives[0]));
    ck_assert(!ds__matcher_withdraw(&matcher, &receives[0]));
    ck_assert_ptr_eq(come(0, key(7, 3, 5)), &receives[1]);
    ck_assert_ptr_null(come(1, key(7, 3, 5)));
}
END_TEST

START_TEST(what_is_matched_cannot_be_withdrawn)
{
    post(0, key(7, 3, 5));
    come(0, key(7, 3, 5));
    ck_assert(!ds__matcher_withdraw(&matcher, &receives[0]));
    ck_assert(!ds__matcher_withdraw(&matcher, &messages[0]));
}
END_TEST

START_TEST(what_waits_can_be_walked_along_in_its_order)
{
    const ds__match *m;
    int n = 0;

    for (int i = 0; i < many; i++)
        post(i, key(1, i % 7 - 1, i % 5 - 1));
    ck_assert_ptr_null(ds__match_first(&matcher.unexpected));
    for (m = ds__match_first(&matcher.posted); m != NULL;
         m = ds__match_next(&matcher.posted, m))
        ck_assert_ptr_eq(m, &receives[n++]);
    ck_assert_int_eq(n, many);
}
END_TEST

/* ---- Against the definition -----------------------------------------------*/

/* Each side as an array in its order. */
typedef struct line {
    ds__match *at[many];
    int n;
} line;

static void remove_at(line *l, int i)
{
    for (l->n--; i < l->n; i++)
        l->at[i] = l->at[i + 1];
}

/* The first that fits, taken out; or NULL, and then it joins its own side. */
static ds__match *match_slowly(line *other, line *own, ds__match *match,
                               ds__match_key k, bool posts)
{
    for (int i = 0; i < other->n; i++) {
        const ds__match_key at = other->at[i]->key;
        if (posts ? ds__match_fits(k, at) : ds__match_fits(at, k)) {
            ds__match *found = other->at[i];
            remove_at(other, i);
            return found;
        }
    }
    own->at[own->n++] = match;
    return NULL;
}

/* Takes one out on both. */
static void withdraw_some(line *l, unsigned draw)
{
    if (l->n == 0)
        return;
    const int i = (int)(draw % (unsigned)l->n);
    ck_assert(ds__matcher_withdraw(&matcher, l->at[i]));
    remove_at(l, i);
}

static unsigned state;
static unsigned sources;

static unsigned draw(unsigned n)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % n;
}

static ds__match_key draw_key(bool open)
{
    ds__match_key k = key(draw(2), (int)draw(sources), (int)draw(3));

    if (open && draw(4) == 0)
        k.source = DS__ANY_SOURCE;
    if (open && draw(4) == 0)
        k.tag = DS__ANY_TAG;
    return k;
}

START_TEST(each_match_is_that_of_the_definition)
{
    static line posted, unexpected;
    int sent = 0;
    int wanted = 0;

    posted.n = unexpected.n = 0;
    state = (unsigned)_i + 1;
    sources = _i % 2 == 0 ? 2 : 40;
    while (sent < many && wanted < many) {
        const unsigned what = draw(20);
        if (what == 0) {
            withdraw_some(&posted, draw(1000));
        } else if (what == 1) {
            withdraw_some(&unexpected, draw(1000));
        } else if (what < 10 + (unsigned)_i % 3) {
            const ds__match_key k = draw_key(true);
            ds__match *own = &receives[wanted++];
            ck_assert_ptr_eq(ds__matcher_post(&matcher, own, k),
                             match_slowly(&unexpected, &posted, own, k, true));
        } else {
            const ds__match_key k = draw_key(false);
            ds__match *own = &messages[sent++];
            ck_assert_ptr_eq(ds__matcher_come(&matcher, own, k),
                             match_slowly(&posted, &unexpected, own, k, false));
        }
        if ((sent + wanted) % 16 == 0)
            ds__matcher_check(&matcher);
    }
    ck_assert_uint_eq(matcher.posted.count, (size_t)posted.n);
    ck_assert_uint_eq(matcher.unexpected.count, (size_t)unexpected.n);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_message_goes_to_a_receive_that_waits);
    tcase_add_test(tc, a_receive_takes_a_message_that_waits);
    tcase_add_test(tc, all_three_must_be_the_same);
    tcase_add_loop_test(tc, the_receive_that_was_posted_first_gets_it, 0, 16);
    tcase_add_test(tc, the_message_that_came_first_is_taken);
    tcase_add_test(tc, whatever_is_open_stays_in_its_context);
    tcase_add_test(tc, a_probe_leaves_what_it_finds);
    tcase_add_test(tc, what_a_probe_has_found_can_be_kept_for_one_receive);
    tcase_add_loop_test(tc, a_receive_that_was_cancelled_gets_nothing, 0, 2);
    tcase_add_test(tc, what_is_matched_cannot_be_withdrawn);
    tcase_add_test(tc, what_waits_can_be_walked_along_in_its_order);
    tcase_add_loop_test(tc, each_match_is_that_of_the_definition, 0, 24);
}

int main(void)
{
    return harness_main("matcher", add);
}
