#include "tui/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/text.h"
#include "tui/form.h"

static enum field_result type_rune(struct field *field, uint32_t rune)
{
    return field_input(field, &(struct input){.kind = INPUT_RUNE, .rune = rune});
}

static void type(struct field *field, const char *text)
{
    struct slice left = slice_of(text);
    while (left.length > 0) {
        uint32_t rune;
        size_t length = text_decode(left, &rune);
        left.data += length;
        left.length -= length;
        type_rune(field, rune);
    }
}

static enum field_result key(struct field *field, enum input_key name, unsigned mods)
{
    return field_input(field, &(struct input){.kind = INPUT_KEY, .key = name, .mods = mods});
}

static void expect(const struct field *field, const char *text, size_t cursor)
{
    struct buf got = {0};
    field_get(field, &got);
    assert_string_equal(buf_text(&got), text);
    assert_int_equal(field->cursor, cursor);
    buf_fini(&got);
}

static void an_accent_that_is_typed_joins_its_letter(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, 100);
    type(&field, "за\xCC\x81мок"); // а and an accent: there is no such letter, they stay two runes
    expect(&field, "за\xCC\x81мок", 6);
    for (int i = 0; i < 3; i++)
        key(&field, INPUT_LEFT, 0);
    assert_int_equal(field.cursor, 3);
    key(&field, INPUT_BACKSPACE, 0); // the letter goes with its accent
    expect(&field, "змок", 1);
    type(&field, "и\xCC\x86"); // и and a breve: й
    expect(&field, "зймок", 2);
    assert_int_equal(field.count, 5);
    field_fini(&field);
}

static void keys_move_by_letters_and_words(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, 100);
    type(&field, "ул. Садовая 12");
    key(&field, INPUT_LEFT, INPUT_CTRL);
    assert_int_equal(field.cursor, 12);
    key(&field, INPUT_LEFT, INPUT_CTRL);
    assert_int_equal(field.cursor, 4);
    key(&field, INPUT_RIGHT, INPUT_CTRL);
    assert_int_equal(field.cursor, 12);
    key(&field, INPUT_HOME, 0);
    assert_int_equal(key(&field, INPUT_LEFT, 0), FIELD_MOVED);
    assert_int_equal(key(&field, INPUT_DELETE, 0), FIELD_CHANGED);
    expect(&field, "л. Садовая 12", 0);
    key(&field, INPUT_END, 0);
    assert_int_equal(key(&field, INPUT_DELETE, 0), FIELD_MOVED);
    field_input(&field, &(struct input){.kind = INPUT_RUNE, .rune = 'w', .mods = INPUT_CTRL});
    expect(&field, "л. Садовая ", 11);
    field_input(&field, &(struct input){.kind = INPUT_RUNE, .rune = 'u', .mods = INPUT_CTRL});
    expect(&field, "", 0);
    assert_int_equal(key(&field, INPUT_ENTER, 0), FIELD_IGNORED);
    assert_int_equal(key(&field, INPUT_F2, 0), FIELD_IGNORED);
    field_fini(&field);
}

static void a_paste_is_sanitised_and_limited(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, 6);
    struct slice paste = slice_of("a\n\033[\xE2\x80\x8F"
                                  "31mbcdef");
    assert_int_equal(field_input(&field, &(struct input){.kind = INPUT_PASTE, .paste = paste}),
                     FIELD_CHANGED);
    expect(&field, "a [31m", 6);
    assert_int_equal(type_rune(&field, 'x'), FIELD_MOVED);
    field_clear(&field);
    field.accepts = field_accepts_digits;
    field_input(&field, &(struct input){.kind = INPUT_PASTE, .paste = slice_of("8 (912) 55-5")});
    expect(&field, "891255", 6);
    field_fini(&field);
}

static void a_long_text_scrolls_and_the_cursor_is_seen(void **state)
{
    (void)state;
    struct surface surface;
    struct field field;
    struct buf text = {0};
    surface_init(&surface, 1, 20);
    field_init(&field, 100);
    type(&field, "0123456789абвгд");
    field_paint(&field, &surface, surface_rect(&surface), 0, 2, 8, true);
    surface_print_text(&surface, &text);
    assert_string_equal(buf_text(&text), "  89абвгд\n");
    assert_int_equal(surface.cursor_column, 9);
    key(&field, INPUT_HOME, 0);
    buf_clear(&text);
    field_paint(&field, &surface, surface_rect(&surface), 0, 2, 8, true);
    surface_print_text(&surface, &text);
    assert_string_equal(buf_text(&text), "  01234567\n");
    assert_int_equal(surface.cursor_column, 2);
    field_fini(&field);
    surface_fini(&surface);
    buf_fini(&text);
}

static void random_editing_keeps_the_cursor_inside_and_the_text_in_nfc(void **state)
{
    (void)state;
    static const uint32_t runes[] = {'a', 0x438, 0x306, 0x301, 0x308, 0x435, ' ', 'e', 0x1F600};
    static const enum input_key keys[] = {INPUT_LEFT, INPUT_RIGHT,     INPUT_HOME,
                                          INPUT_END,  INPUT_BACKSPACE, INPUT_DELETE};
    struct field field;
    field_init(&field, 40);
    srand(11);
    for (int round = 0; round < 50000; round++) {
        if (rand() % 2)
            type_rune(&field, runes[(size_t)rand() % (sizeof runes / sizeof *runes)]);
        else
            key(&field, keys[(size_t)rand() % 6], rand() % 4 ? 0 : INPUT_CTRL);
        assert_true(field.cursor <= field.count && field.count <= 40);
    }
    struct buf text = {0};
    struct buf normal = {0};
    field_get(&field, &text);
    text_normalize((struct slice){text.data, text.length}, &normal);
    assert_string_equal(buf_text(&text), buf_text(&normal));
    buf_fini(&text);
    buf_fini(&normal);
    field_fini(&field);
}

static const struct form_choice kinds[] = {{"estimate", {"estimate", "оценка"}},
                                           {"firm", {"firm", "точно"}},
                                           {"not_before", {"not before", "не раньше"}}};

static void a_form_goes_round_and_digits_choose(void **state)
{
    (void)state;
    struct form_item items[] = {
        {.kind = FORM_FIELD, .label = {"New", "Новый"}, .limit = 10},
        {.kind = FORM_CHOICE,
         .label = {"Kind", "Вид"},
         .row = 1,
         .choices = kinds,
         .choice_count = 3,
         .chosen = -1},
        {.kind = FORM_FIELD, .label = {"Hidden", "Скрыто"}, .row = 2, .limit = 5, .hidden = true},
        {.kind = FORM_FIELD, .label = {"Text", "Текст"}, .row = 3, .limit = 5},
    };
    struct form form;
    form_init(&form, items, 4);
    struct input tab = {.kind = INPUT_KEY, .key = INPUT_TAB};
    struct input enter = {.kind = INPUT_KEY, .key = INPUT_ENTER};
    struct input two = {.kind = INPUT_RUNE, .rune = '2'};
    assert_int_equal(form_input(&form, &two), FORM_CHANGED);
    assert_int_equal(form_input(&form, &tab), FORM_MOVED);
    assert_int_equal(form_input(&form, &two), FORM_CHANGED);
    assert_string_equal(form_value(&form, 1), "firm");
    assert_int_equal(form_input(&form, &(struct input){.kind = INPUT_RUNE, .rune = 'q'}),
                     FORM_MOVED);
    assert_int_equal(form_input(&form, &enter), FORM_MOVED);
    assert_int_equal(form.focus, 3);
    assert_int_equal(form_input(&form, &tab), FORM_MOVED);
    assert_int_equal(form.focus, 0);
    tab.mods = INPUT_SHIFT;
    form_input(&form, &tab);
    assert_int_equal(form.focus, 3);
    assert_int_equal(form_input(&form, &enter), FORM_SUBMIT);
    assert_int_equal(form_input(&form, &(struct input){.kind = INPUT_KEY, .key = INPUT_ESC}),
                     FORM_CANCEL);
    assert_int_equal(form_input(&form, &(struct input){.kind = INPUT_KEY, .key = INPUT_F5}),
                     FORM_IGNORED);
    assert_true(form_choose(&form, 1, "not_before"));
    assert_false(form_choose(&form, 1, "never"));
    form_clear(&form);
    assert_null(form_value(&form, 1));
    form_fini(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accent_that_is_typed_joins_its_letter),
        cmocka_unit_test(keys_move_by_letters_and_words),
        cmocka_unit_test(a_paste_is_sanitised_and_limited),
        cmocka_unit_test(a_long_text_scrolls_and_the_cursor_is_seen),
        cmocka_unit_test(random_editing_keeps_the_cursor_inside_and_the_text_in_nfc),
        cmocka_unit_test(a_form_goes_round_and_digits_choose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
