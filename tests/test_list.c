/* The list whose links lie inside the things it links. */

#include "harness.h"

#include "base/list.h"

typedef struct item {
    int value;
    ds__link link;
} item;

static int value_of(ds__link *link)
{
    return ds__container(link, item, link)->value;
}

/* The values in order, as the digits of a number; read backwards as well. */
static int digits(const ds__link *head)
{
    int there = 0, back = 0, unit = 1;

    for (ds__link *l = head->next; l != head; l = l->next)
        there = there * 10 + value_of(l);
    for (ds__link *l = head->prev; l != head; l = l->prev, unit *= 10)
        back += value_of(l) * unit;
    ck_assert_int_eq(there, back);
    return there;
}

static ds__link head;
static item items[4];

static void setup(void)
{
    ds__list_init(&head);
    for (int i = 0; i < 4; i++) {
        items[i].value = i + 1;
        ds__list_init(&items[i].link);
        ds__list_append(&head, &items[i].link);
    }
}

START_TEST(a_new_list_is_empty)
{
    ds__list_init(&head);
    ck_assert(ds__list_empty(&head));
    ck_assert_ptr_null(ds__list_shift(&head));
}
END_TEST

START_TEST(a_list_with_a_link_is_not_empty)
{
    setup();
    ck_assert(!ds__list_empty(&head));
}
END_TEST

START_TEST(links_are_appended_at_the_end)
{
    setup();
    ck_assert_int_eq(digits(&head), 1234);
}
END_TEST

START_TEST(shift_takes_the_first)
{
    setup();
    for (int i = 1; i <= 4; i++)
        ck_assert_int_eq(value_of(ds__list_shift(&head)), i);
    ck_assert(ds__list_empty(&head));
}
END_TEST

START_TEST(a_link_can_be_removed_from_anywhere)
{
    static const int left[] = { 234, 134, 124, 123 };

    setup();
    ds__list_remove(&items[_i].link);
    ck_assert_int_eq(digits(&head), left[_i]);
}
END_TEST

START_TEST(removing_a_link_twice_does_no_harm)
{
    setup();
    ds__list_remove(&items[1].link);
    ds__list_remove(&items[1].link);
    ck_assert_int_eq(digits(&head), 134);
    ck_assert(ds__list_empty(&items[1].link));
}
END_TEST

START_TEST(a_link_shifted_off_is_in_no_list)
{
    setup();
    ds__link *first = ds__list_shift(&head);
    ds__list_remove(first);
    ck_assert_int_eq(digits(&head), 234);
    ds__list_append(&head, first);
    ck_assert_int_eq(digits(&head), 2341);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_new_list_is_empty);
    tcase_add_test(tc, a_list_with_a_link_is_not_empty);
    tcase_add_test(tc, links_are_appended_at_the_end);
    tcase_add_test(tc, shift_takes_the_first);
    tcase_add_loop_test(tc, a_link_can_be_removed_from_anywhere, 0, 4);
    tcase_add_test(tc, removing_a_link_twice_does_no_harm);
    tcase_add_test(tc, a_link_shifted_off_is_in_no_list);
}

int main(void)
{
    return harness_main("list", add);
}
