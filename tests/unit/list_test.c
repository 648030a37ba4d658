#include "tui/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct list *list_of(const uint64_t *ids, size_t count)
{
    struct list *list = list_new();
    list_set_order(list, ids, count, 0);
    list_view(list, 10);
    return list;
}

static void set(struct list *list, const char *order, int64_t now_ms)
{
    uint64_t ids[64];
    size_t count = strlen(order);
    for (size_t i = 0; i < count; i++)
        ids[i] = (uint64_t)order[i];
    list_set_order(list, ids, count, now_ms);
}

// Shown ids as letters: gone ones in brackets.
static const char *shown(const struct list *list)
{
    static char text[200];
    size_t used = 0;
    for (size_t i = 0; i < list_count(list); i++) {
        struct list_row row = list_row(list, i);
        if (row.gone)
            text[used++] = '(';
        text[used++] = (char)row.id;
        if (row.gone)
            text[used++] = ')';
    }
    text[used] = '\0';
    return text;
}

static void the_selection_stays_on_its_id_through_10000_reorders(void **state)
{
    (void)state;
    enum { ROWS = 200 };
    uint64_t ids[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        ids[i] = 1000 + i;
    struct list *list = list_of(ids, ROWS);
    assert_true(list_select(list, 1077));
    list_view(list, 20);
    srand(3);
    for (int round = 0; round < 10000; round++) {
        for (size_t i = ROWS - 1; i > 0; i--) {
            size_t other = (size_t)rand() % (i + 1);
            uint64_t id = ids[i];
            ids[i] = ids[other];
            ids[other] = id;
        }
        int64_t now_ms = round * 100;
        if (round % 7 == 0)
            list_touch(list, now_ms);
        list_set_order(list, ids, ROWS, now_ms);
        list_tick(list, now_ms);
        size_t top = list_view(list, 20);
        assert_int_equal(list_selected(list), 1077);
        size_t index = list_selected_index(list);
        assert_int_equal(list_row(list, index).id, 1077);
        assert_true(index >= top && index < top + 20);
    }
    list_free(list);
}

static void the_selected_row_stays_on_its_screen_row(void **state)
{
    (void)state;
    uint64_t ids[100];
    for (size_t i = 0; i < 100; i++)
        ids[i] = i + 1;
    struct list *list = list_of(ids, 100);
    list_move_to(list, 55);
    size_t top = list_view(list, 10);
    size_t screen_row = list_selected_index(list) - top;
    uint64_t more[103] = {201, 202, 203};
    memcpy(more + 3, ids, sizeof ids);
    list_set_order(list, more, 103, LIST_APPLY_MS);
    top = list_view(list, 10);
    assert_int_equal(list_selected(list), 56);
    assert_int_equal(list_selected_index(list) - top, screen_row);
    list_free(list);
}

static void a_list_at_its_beginning_shows_what_comes_first(void **state)
{
    (void)state;
    struct list *list = list_new();
    set(list, "bcd", 0);
    list_view(list, 10);
    set(list, "abcd", LIST_APPLY_MS);
    assert_int_equal(list_view(list, 10), 0);
    assert_int_equal(list_selected(list), 'b');
    list_free(list);
}

static void the_order_holds_for_5_s_after_a_key(void **state)
{
    (void)state;
    struct list *list = list_new();
    set(list, "abcd", 0);
    list_view(list, 10);
    list_touch(list, 1000);
    set(list, "dcxab", 1500);
    assert_string_equal(shown(list), "abcd");
    assert_int_equal(list_timeout_ms(list, 1500), 4500);
    assert_false(list_tick(list, 5999));
    assert_true(list_tick(list, 6000));
    assert_string_equal(shown(list), "dcxab");
    assert_int_equal(list_timeout_ms(list, 6000), -1);
    list_free(list);
}

static void a_storm_changes_the_order_once_a_second(void **state)
{
    (void)state;
    struct list *list = list_new();
    int changes = 0;
    set(list, "abcd", 0);
    list_view(list, 10);
    for (int64_t now_ms = 10; now_ms <= 10000; now_ms += 10) {
        uint64_t first = list_row(list, 0).id;
        set(list, now_ms / 10 % 2 ? "dcba" : "abcd", now_ms);
        list_tick(list, now_ms);
        changes += list_row(list, 0).id != first;
    }
    assert_in_range(changes, 5, 11);
    list_free(list);
}

static void what_waits_is_counted(void **state)
{
    (void)state;
    struct list *list = list_new();
    set(list, "abcd", 0);
    list_view(list, 10);
    list_hold(list, true);
    set(list, "xbadyz", 0);
    assert_string_equal(shown(list), "ab(c)d");
    struct list_waiting waiting = list_waiting(list);
    assert_int_equal(waiting.new_rows, 3);
    assert_int_equal(waiting.new_above, 1);
    assert_int_equal(waiting.moved, 2);
    assert_int_equal(waiting.gone, 1);
    list_apply(list);
    assert_string_equal(shown(list), "xbadyz");
    assert_int_equal(list_waiting(list).new_rows, 0);
    list_free(list);
}

static void tags_hold_the_order_and_follow_their_ids(void **state)
{
    (void)state;
    struct list *list = list_new();
    set(list, "abcd", 0);
    list_view(list, 10);
    list_tag_toggle(list, 'b');
    list_tag_toggle(list, 'd');
    set(list, "dcba", 100000);
    assert_string_equal(shown(list), "abcd");
    assert_true(list_is_locked(list));
    list_apply(list);
    size_t count;
    const uint64_t *chosen = list_chosen(list, &count);
    assert_int_equal(count, 2);
    assert_int_equal(chosen[0], 'd');
    assert_int_equal(chosen[1], 'b');
    set(list, "dca", 100000); // the tagged b is gone: it cannot be acted on
    assert_int_equal(list_tag_count(list), 1);
    list_untag_all(list);
    assert_true(list_tick(list, 200000));
    assert_string_equal(shown(list), "dca");
    list_free(list);
}

static void a_gone_selection_passes_to_its_follower_when_applied(void **state)
{
    (void)state;
    struct list *list = list_new();
    set(list, "abcd", 0);
    list_view(list, 10);
    list_select(list, 'b');
    list_hold(list, true);
    set(list, "adc", 0);
    assert_int_equal(list_selected(list), 'b');
    list_hold(list, false);
    assert_true(list_tick(list, 1000));
    assert_int_equal(list_selected(list), 'c');
    set(list, "a", 2000);
    assert_int_equal(list_selected(list), 'a');
    set(list, "", 3000);
    assert_int_equal(list_selected(list), 0);
    list_free(list);
}

static void movement_stops_at_the_ends(void **state)
{
    (void)state;
    struct list *list = list_new();
    list_move(list, 1);
    set(list, "abc", 0);
    list_move(list, -5);
    assert_int_equal(list_selected(list), 'a');
    list_move(list, 2);
    assert_int_equal(list_selected(list), 'c');
    list_move(list, 100);
    assert_int_equal(list_selected(list), 'c');
    assert_int_equal(list_view(list, 2), 1);
    assert_int_equal(list_view(list, 0), 2);
    list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_selection_stays_on_its_id_through_10000_reorders),
        cmocka_unit_test(the_selected_row_stays_on_its_screen_row),
        cmocka_unit_test(a_list_at_its_beginning_shows_what_comes_first),
        cmocka_unit_test(the_order_holds_for_5_s_after_a_key),
        cmocka_unit_test(a_storm_changes_the_order_once_a_second),
        cmocka_unit_test(what_waits_is_counted),
        cmocka_unit_test(tags_hold_the_order_and_follow_their_ids),
        cmocka_unit_test(a_gone_selection_passes_to_its_follower_when_applied),
        cmocka_unit_test(movement_stops_at_the_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
