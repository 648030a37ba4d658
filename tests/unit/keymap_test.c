#include "tui/keymap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "console/desk.h"
#include "lib/text.h"

static void every_table_is_sound(void **state)
{
    (void)state;
    struct err err;
    if (!keymap_check(desk_actions, desk_action_count, &err))
        print_error("%s\n", err.message[LANGUAGE_EN]);
    assert_true(keymap_check(desk_actions, desk_action_count, &err));
}

// Presses a key of the table in a layout; gives the action that answers.
static const struct action *press(const struct input *key, bool cyrillic, unsigned view)
{
    struct input input = *key;
    if (cyrillic && input.kind == INPUT_RUNE && input.mods == 0 && keymap_cyrillic(input.rune))
        input.rune = keymap_cyrillic(input.rune);
    return keymap_find(desk_actions, desk_action_count, view, KEYMAP_COMMAND, &input);
}

static void every_command_is_reached_in_both_layouts(void **state)
{
    (void)state;
    for (size_t i = 0; i < desk_action_count; i++)
        for (unsigned view = 1; view <= DESK_VIEWS; view <<= 1) {
            struct input key;
            const char *at = desk_actions[i].keys;
            while ((desk_actions[i].views & view) && keymap_parse_key(&at, &key)) {
                assert_ptr_equal(press(&key, false, view), &desk_actions[i]);
                assert_ptr_equal(press(&key, true, view), &desk_actions[i]);
            }
        }
}

static void capitals_are_the_same_command_but_for_the_previous_match(void **state)
{
    (void)state;
    struct input key = {.kind = INPUT_RUNE};
    static const uint32_t pairs[][2] = {{'A', 0x424}, {'e', 0x423}, {'W', 0x426}};
    for (size_t i = 0; i < 3; i++) {
        key.rune = pairs[i][0];
        const struct action *latin = press(&key, false, VIEW_QUEUE);
        key.rune = pairs[i][1];
        assert_non_null(latin);
        assert_ptr_equal(press(&key, false, VIEW_QUEUE), latin);
    }
    key.rune = 'n';
    assert_string_equal(press(&key, true, VIEW_QUEUE)->name, "next");
    key.rune = 'N';
    assert_string_equal(press(&key, true, VIEW_QUEUE)->name, "previous");
}

static void punctuation_of_the_russian_layout_is_aliased(void **state)
{
    (void)state;
    struct input key = {.kind = INPUT_RUNE, .rune = '.'};
    assert_string_equal(press(&key, false, VIEW_QUEUE)->name, "search");
    key.rune = ',';
    assert_string_equal(press(&key, false, VIEW_QUEUE)->name, "help");
}

static void letters_in_a_field_are_text(void **state)
{
    (void)state;
    static const struct input text[] = {{.kind = INPUT_RUNE, .rune = 'q'},
                                        {.kind = INPUT_RUNE, .rune = 0x439},
                                        {.kind = INPUT_KEY, .key = INPUT_HOME},
                                        {.kind = INPUT_KEY, .key = INPUT_ENTER}};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        assert_null(
            keymap_find(desk_actions, desk_action_count, VIEW_QUEUE, KEYMAP_FIELD, &text[i]));
    struct input f2 = {.kind = INPUT_KEY, .key = INPUT_F2};
    assert_non_null(keymap_find(desk_actions, desk_action_count, VIEW_QUEUE, KEYMAP_FIELD, &f2));
}

static void a_letter_with_alt_is_no_command(void **state)
{
    (void)state;
    struct input key = {.kind = INPUT_RUNE, .rune = 'a', .mods = INPUT_ALT};
    assert_null(press(&key, false, VIEW_QUEUE));
}

static void every_letter_maps_there_and_back(void **state)
{
    (void)state;
    for (uint32_t letter = 'a'; letter <= 'z'; letter++) {
        assert_int_equal(keymap_physical(keymap_cyrillic(letter)), letter);
        assert_int_equal(keymap_physical(keymap_cyrillic(letter - 32)), letter - 32);
    }
    assert_int_equal(keymap_physical(0x44D), 0x44D); // э stands on punctuation
}

static void nothing(void *program)
{
    (void)program;
}

static void a_faulty_table_is_found(void **state)
{
    (void)state;
    const struct action sound = {1,      "one", {"one", "один"}, {"One", "Один"}, {"h", "с"}, 1,
                                 "F1 a", NULL,  nothing};
    struct action table[2] = {sound, sound};
    struct err err;
    assert_true(keymap_check(table, 1, &err));
    assert_false(keymap_check(table, 2, &err)); // id and keys twice
    table[0].label[LANGUAGE_RU] = "Слишком";
    assert_false(keymap_check(table, 1, &err));
    table[0] = sound;
    table[0].keys = "F1 a ;";
    assert_false(keymap_check(table, 1, &err));
    table[0].keys = "Foo";
    assert_false(keymap_check(table, 1, &err));
    table[0] = sound;
    table[0].help[LANGUAGE_EN] = "";
    assert_false(keymap_check(table, 1, &err));
}

static void keys_are_printed_with_both_letters(void **state)
{
    (void)state;
    struct buf text = {0};
    keymap_print_keys(desk_action("eta"), false, &text);
    assert_string_equal(buf_text(&text), "F2 e/у");
    buf_clear(&text);
    keymap_print_keys(desk_action("eta"), true, &text);
    assert_string_equal(buf_text(&text), "e/у");
    assert_ptr_equal(keymap_find_name(desk_actions, desk_action_count, slice_of("срок")),
                     desk_action("eta"));
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_sound),
        cmocka_unit_test(every_command_is_reached_in_both_layouts),
        cmocka_unit_test(capitals_are_the_same_command_but_for_the_previous_match),
        cmocka_unit_test(punctuation_of_the_russian_layout_is_aliased),
        cmocka_unit_test(letters_in_a_field_are_text),
        cmocka_unit_test(a_letter_with_alt_is_no_command),
        cmocka_unit_test(every_letter_maps_there_and_back),
        cmocka_unit_test(a_faulty_table_is_found),
        cmocka_unit_test(keys_are_printed_with_both_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
