// Words of addresses by themselves: tokens, kinds, ordinals, houses, and how far a word is from another.
#include "lib/address_compare.h"
#include "lib/address_house.h"
#include "lib/address_name.h"
#include "lib/address_trigram.h"
#include "lib/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Codes as text: "садовая", "12".
static void add_codes(struct buf *out, const uint8_t *code, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (code[i] < 0x80)
            buf_add_char(out, (char)code[i]);
        else if (code[i] < 0xA0)
            buf_printf(out, "%c%c", code[i] < 0xB0 && code[i] >= 0x90 ? 0xD1 : 0xD0,
                       code[i] < 0x90 ? 0xB0 + code[i] - 0x80 : 0x80 + code[i] - 0x90);
        else
            buf_add_char(out, '?');
    }
}

static void expect_tokens(const char *text, enum address_reading reading, const char *expected)
{
    struct address_tokens tokens;
    struct buf out = {0};
    address_tokens_read(text, reading, &tokens);
    for (size_t i = 0; i < tokens.count; i++) {
        buf_add_text(&out, i ? " " : "");
        add_codes(&out, tokens.item[i].code, tokens.item[i].length);
    }
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static struct address_token token_of(const char *text)
{
    struct address_tokens tokens;
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    assert_int_equal(tokens.count, 1);
    return tokens.item[0];
}

static void letters_digits_and_abbreviations_are_tokens(void **state)
{
    (void)state;
    expect_tokens("ул.Садовая12А", ADDRESS_AS_TYPED, "ул садовая 12 а");
    expect_tokens("Пр-т Мира, 5/007", ADDRESS_AS_TYPED, "прт мира 5 7");
    expect_tokens("С.Н.Т. «Заря»", ADDRESS_AS_TYPED, "снт заря");
    expect_tokens("с/т Заря б/н", ADDRESS_AS_TYPED, "ст заря бн");
    expect_tokens("XXII партсъезда", ADDRESS_AS_TYPED, "22 партсъезда");
    expect_tokens("пятидесятилетия октября", ADDRESS_AS_TYPED, "50 лет октября");
    expect_tokens("Cадoвaя", ADDRESS_AS_TYPED, "садовая");
}

static void other_keys_and_latin_letters_become_cyrillic(void **state)
{
    (void)state;
    expect_tokens("ekbwf", ADDRESS_OTHER_LAYOUT, "улица");
    expect_tokens("yf, htrb 12|3", ADDRESS_OTHER_LAYOUT, "наб реки 12 3");
    expect_tokens("cfljdfz, 31,2", ADDRESS_OTHER_LAYOUT, "садовая 31 б 2");
    expect_tokens("Shchorsa ulitsa", ADDRESS_LATIN_LETTERS, "щорса улица");
}

static void a_kind_is_known_by_its_abbreviations_cases_and_small_errors(void **state)
{
    (void)state;
    static const char *const words[] = {"улица", "ул", "улице", "улицу", "улциа", "улиц"};
    uint64_t street = address_kinds(&(struct address_token){0}, ADDRESS_STREETS);
    assert_true(street == 0);
    for (size_t i = 0; i < COUNT(words); i++) {
        struct address_token token = token_of(words[i]);
        if (!(address_kinds_near(&token, true) & ADDRESS_KIND_STREET))
            fail_msg("%s is no street", words[i]);
    }
    struct address_token pr = token_of("пр"), avenue = token_of("проспект"),
                         lane = token_of("проезд");
    assert_true(address_kinds(&pr, ADDRESS_STREETS) ==
                (address_kinds(&avenue, ADDRESS_STREETS) | address_kinds(&lane, ADDRESS_STREETS)));
    struct address_token pereulke = token_of("переулке"), name = token_of("уличная");
    assert_true(address_kinds_near(&pereulke, false) != 0);
    assert_true(address_kinds_near(&name, false) == 0);
}

static void ordinals_are_numbers_in_any_case_and_gender(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        unsigned number;
    } words[] = {{"первая", 1},   {"третьего", 3},     {"третий", 3},       {"шестой", 6},
                 {"десятом", 10}, {"двенадцатую", 12}, {"первомайская", 0}, {"пятницкая", 0}};
    for (size_t i = 0; i < COUNT(words); i++) {
        struct address_token token = token_of(words[i].word);
        assert_int_equal(address_ordinal(&token), words[i].number);
    }
}

static void houses_of_one_number_have_one_key(void **state)
{
    (void)state;
    static const char *const same[][4] = {
        {"12а", "12 А", "д. 12-а", "12 лит. А"},
        {"12 корп. 2 стр. 1", "12к2с1", "дом 12, корпус 2, строение 1", "12 к. 2 стр 1"},
        {"31Б2", "31б2", "д.31Б2", "31Б2"},
        {"уч. 412", "участок 412", "уч412", "участок № 412"},
        {"б/н", "Б/Н", "бн", "без номера"},
        {"вл. 7", "7", "владение 7", "дом 7"},
        {"61:44:0050706:31", "61:44:50706:31", "кад. № 61:44:50706:31", "61:44:0050706:31"},
    };
    for (size_t i = 0; i < COUNT(same); i++) {
        struct address_house first, other;
        address_house_of_text(same[i][0], &first);
        assert_true(first.length > 0);
        for (size_t k = 1; k < 4; k++) {
            address_house_of_text(same[i][k], &other);
            if (other.length != first.length || memcmp(other.key, first.key, first.length) != 0)
                fail_msg("\"%s\" is not \"%s\"", same[i][k], same[i][0]);
        }
    }
}

static int compare(const char *typed, const char *known)
{
    uint8_t one[ADDRESS_WORD], other[ADDRESS_WORD];
    struct address_token a = token_of(typed), b = token_of(known);
    size_t length = address_plain(a.code, a.length, one);
    size_t known_length = address_plain(b.code, b.length, other);
    struct address_word x = address_word_of(one, length, a.number);
    struct address_word y = address_word_of(other, known_length, b.number);
    return address_compare(&x, &y, false);
}

static void a_word_is_near_by_steps(void **state)
{
    (void)state;
    assert_int_equal(compare("объездная", "обездная"), 0);
    assert_int_equal(compare("сад", "садовая") / ADDRESS_STEP, 1);
    assert_int_equal(compare("садвая", "садовая") / ADDRESS_STEP, 1);
    assert_int_equal(compare("асдовая", "садовая") / ADDRESS_STEP, 1);
    assert_int_equal(compare("инернациональая", "интернациональная") / ADDRESS_STEP, 2);
    assert_int_equal(compare("мор", "мир"), ADDRESS_FAR);
    assert_int_equal(compare("12", "13"), ADDRESS_FAR);
    assert_int_equal(compare("1", "12"), ADDRESS_FAR);
}

static void a_case_is_nearer_than_an_error(void **state)
{
    (void)state;
    assert_int_equal(compare("садового", "садовый"), ADDRESS_CASE);
    assert_int_equal(compare("садовой", "садовая"), ADDRESS_CASE_UNSURE);
    assert_true(compare("садовая", "садовый") > ADDRESS_STEP);
    assert_int_not_equal(compare("красного", "красногофлота"), ADDRESS_CASE_UNSURE);
    assert_true(compare("московское", "московский") > 2 * ADDRESS_STEP);
}

static void words_that_are_only_alike_are_told_from_others(void **state)
{
    (void)state;
    struct address_token one = token_of("володарскава"), other = token_of("володарского");
    struct address_token third = token_of("ворошилова");
    struct address_word a = address_word_of(one.code, one.length, false);
    struct address_word b = address_word_of(other.code, other.length, false);
    struct address_word c = address_word_of(third.code, third.length, false);
    assert_true(address_trigram_compare(&a, &b) < ADDRESS_FAR);
    assert_int_equal(address_trigram_compare(&a, &c), ADDRESS_FAR);
}

static void a_name_has_one_key_wherever_its_kind_stands(void **state)
{
    (void)state;
    struct address_name one, other;
    address_name_read("пр-кт 40-летия Победы", ADDRESS_STREETS, &one);
    address_name_read("40 лет Победы проспект", ADDRESS_STREETS, &other);
    assert_true(one.kinds == other.kinds && one.key_length == other.key_length);
    assert_memory_equal(one.key, other.key, one.key_length);
    address_name_read("СНТ «Вишнёвый Сад»", ADDRESS_STREETS, &one);
    assert_int_equal(one.count, 2);
}

static void objects_and_persons_are_known(void **state)
{
    (void)state;
    struct address_tokens tokens;
    address_tokens_read("детский сад 12", ADDRESS_AS_TYPED, &tokens);
    assert_int_equal(address_object(tokens.item, tokens.count), 2);
    static const char *const objects[] = {"школе", "магазина", "ооо", "котельной", "больнице"};
    for (size_t i = 0; i < COUNT(objects); i++) {
        struct address_token token = token_of(objects[i]);
        if (address_object(&token, 1) != 1)
            fail_msg("%s is no object", objects[i]);
    }
    static const char *const others[] = {"школьная", "бассейной", "садовая", "магазинная"};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct address_token token = token_of(others[i]);
        if (address_object(&token, 1) != 0)
            fail_msg("%s is an object", others[i]);
    }
    struct address_token person = token_of("Иванович"), street = token_of("Богдановича");
    assert_true(address_is_patronymic(&person));
    assert_false(address_is_patronymic(&street));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_digits_and_abbreviations_are_tokens),
        cmocka_unit_test(other_keys_and_latin_letters_become_cyrillic),
        cmocka_unit_test(a_kind_is_known_by_its_abbreviations_cases_and_small_errors),
        cmocka_unit_test(ordinals_are_numbers_in_any_case_and_gender),
        cmocka_unit_test(houses_of_one_number_have_one_key),
        cmocka_unit_test(a_word_is_near_by_steps),
        cmocka_unit_test(a_case_is_nearer_than_an_error),
        cmocka_unit_test(words_that_are_only_alike_are_told_from_others),
        cmocka_unit_test(a_name_has_one_key_wherever_its_kind_stands),
        cmocka_unit_test(objects_and_persons_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
