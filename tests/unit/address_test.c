// Addresses as they are stored, said and typed: each test is one thing that a first attempt gets wrong.
#include "lib/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

// The premise is the row's number, from 1.
static const char *const rows[][4] = {
    {"г. Зареченск", "ул. Садовая", "12", "1"},
    {"г. Зареченск", "ул. Садовая", "12", "4"},
    {"г. Зареченск", "ул. Садовая", "12А", ""},
    {"г. Зареченск", "ул. Садовая", "120", ""},
    {"г. Зареченск", "ул. Садовая", "14 корп. 2 стр. 1", ""},
    {"г. Зареченск", "ул. Садовая", "12/3", ""},
    {"г. Зареченск", "ул. Ново-Садовая", "7", ""},
    {"г. Зареченск", "ул. Карла Маркса", "3", ""},
    {"г. Зареченск", "Мира пр-т", "5", ""},
    {"г. Зареченск", "ул. Мира", "5", ""},
    {"г. Зареченск", "ул. 8 Марта", "8", ""},
    {"г. Зареченск", "1-я Линия", "1", ""},
    {"г. Зареченск", "2-я Линия", "1", ""},
    {"г. Зареченск", "ул. А. С. Пушкина", "4", ""},
    {"г. Зареченск", "ул. 40 лет Октября", "6", ""},
    {"г. Зареченск", "Набережная ул.", "31Б2", ""},
    {"г. Зареченск", "ул. Объездная", "48-А", ""},
    {"г. Зареченск", "ул. Берёзовая", "б/н", ""},
    {"пос. Берёзовка", "ул. Садовая", "12", ""},
    {"пос. Берёзовка", "ул. Лесная", "6", ""},
    {"дер. Малые Ключи", "", "7", ""},
    {"СНТ «Ромашка-2»", "", "уч. 14", ""},
    {"г. Зареченск", "Садовая улица", "16", ""},
    {"с. Ильинка", "СНТ «Родник-3»", "1", ""},
    {"с. Ильинка", "СНТ «Родник-3»", "412", ""},
    {"с. Ильинка", "СНТ «Родник-3»", "61:44:0050706:31", ""},
    {"с. Ильинка", "ГСК Мотор", "", "бокс 14"},
    {"с. Ильинка", "Большая Садовая ул.", "5", ""},
    {"с. Ильинка", "ул. Акад. Павлова", "5", ""},
    {"с. Ильинка", "2-й Лесной пер.", "5", ""},
    {"с. Ильинка", "Лесной пр-д", "5В", ""},
    {"с. Ильинка", "Железнодорожная ул.", "5", ""},
};

static int build(void **state)
{
    struct address_index *index = address_index_new();
    for (size_t i = 0; i < COUNT(rows); i++)
        address_index_add(index, &(struct address_place){(int64_t)i + 1, rows[i][0], rows[i][1],
                                                         rows[i][2], rows[i][3]});
    address_index_finish(index);
    *state = index;
    return 0;
}

static int drop(void **state)
{
    address_index_free(*state);
    return 0;
}

static void expect_first(const struct address_index *index, const char *typed, int64_t premise)
{
    struct address_match found[5];
    char text[256];
    size_t count = address_search(index, typed, found, 5);
    if (count == 0)
        fail_msg("\"%s\" finds nothing", typed);
    if (found[0].premise != premise)
        fail_msg("\"%s\" finds %s (premise %d) before premise %d", typed,
                 address_text(index, &found[0], text, sizeof text), (int)found[0].premise,
                 (int)premise);
}

static void expect_street(const struct address_index *index, const char *typed, const char *street)
{
    struct address_match found[5];
    size_t count = address_search(index, typed, found, 5);
    if (count == 0)
        fail_msg("\"%s\" finds nothing", typed);
    assert_string_equal(address_place_of(index, &found[0]).street, street);
}

static struct address_match resolve(const struct address_index *index, const char *settlement,
                                    const char *street, const char *house, const char *flat)
{
    return address_resolve(index, settlement, street, house, flat);
}

// Resolving.
static void the_kind_before_or_after_the_name_is_one_street(void **state)
{
    struct address_match one = resolve(*state, "Зареченск", "садовая ул", "12", "4");
    struct address_match other = resolve(*state, "г Зареченск", "улица Садовая", "16", NULL);
    assert_int_equal(one.level, ADDRESS_PREMISE);
    assert_int_equal(one.premise, 2);
    assert_int_equal(other.premise, 23);
    assert_int_equal(one.street, other.street);
}

static void resolving_never_guesses(void **state)
{
    assert_int_equal(resolve(*state, NULL, "Садовая", "12", "4").level, ADDRESS_NONE);
    assert_int_equal(resolve(*state, "Зареченск", "Мира", "5", "").level, ADDRESS_SETTLEMENT);
    assert_int_equal(resolve(*state, "Зареченск", "Садовоя", "12", "").level, ADDRESS_SETTLEMENT);
    assert_int_equal(resolve(*state, "Заречинск", "Садовая", "12", "").level, ADDRESS_NONE);
    assert_int_equal(resolve(*state, "", "", "", "").level, ADDRESS_NONE);
    assert_int_equal(resolve(*state, NULL, NULL, NULL, NULL).level, ADDRESS_NONE);
}

static void an_unknown_house_or_flat_gives_the_level_above(void **state)
{
    struct address_match match = resolve(*state, "Зареченск", "Садовая", "13", "1");
    assert_int_equal(match.level, ADDRESS_STREET);
    assert_int_equal(match.house, ADDRESS_NO_ID);
    assert_int_equal(resolve(*state, "Зареченск", "Садовая", "12", "77").level, ADDRESS_HOUSE);
    assert_int_equal(resolve(*state, "Зареченск", "Садовая", "12", "").level, ADDRESS_HOUSE);
}

static void a_kind_tells_two_streets_of_one_name_apart(void **state)
{
    assert_int_equal(resolve(*state, "Зареченск", "проспект Мира", "5", "").premise, 9);
    assert_int_equal(resolve(*state, "Зареченск", "Мира ул.", "5", "").premise, 10);
    assert_int_equal(resolve(*state, "Зареченск", "пр. Мира", "5", "").premise, 9);
}

static void a_house_is_one_however_it_is_written(void **state)
{
    static const char *const forms[] = {"14к2с1", "14 К. 2 стр 1", "д. 14, корпус 2, строение 1"};
    for (size_t i = 0; i < COUNT(forms); i++)
        assert_int_equal(resolve(*state, "Зареченск", "Садовая", forms[i], "").premise, 5);
    assert_int_equal(resolve(*state, "Зареченск", "Садовая", "12 а", "").premise, 3);
    assert_int_equal(resolve(*state, "Зареченск", "Садовая", "12-A", "").premise, 3);
    assert_int_equal(resolve(*state, "Зареченск", "Объездная", "48а", "").premise, 17);
    assert_int_equal(resolve(*state, "Зареченск", "Набережная", "31 б 2", "").level,
                     ADDRESS_STREET);
    assert_int_equal(resolve(*state, "Зареченск", "Набережная", "31б2", "").premise, 16);
    assert_int_equal(resolve(*state, "Зареченск", "Березовая", "Б/Н", "").premise, 18);
    assert_int_equal(resolve(*state, "СНТ Ромашка-2", "", "14", "").premise, 22);
}

static void a_village_without_streets_has_houses(void **state)
{
    assert_int_equal(resolve(*state, "дер. Малые Ключи", "", "7", "").premise, 21);
    assert_int_equal(resolve(*state, "Малые Ключи", NULL, "д. 7", "").premise, 21);
    expect_first(*state, "малые ключи 7", 21);
}

static void every_premise_resolves_to_itself(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address_match match =
            resolve(*state, rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
        struct address_match same = address_of_premise(*state, (int64_t)i + 1);
        assert_int_equal(match.premise, i + 1);
        assert_int_equal(same.house, match.house);
        assert_int_equal(same.street, match.street);
    }
    assert_int_equal(address_of_premise(*state, 99).level, ADDRESS_NONE);
}

static void the_premises_of_a_street_come_in_the_order_of_houses(void **state)
{
    int64_t premises[16];
    struct address_match street = resolve(*state, "Зареченск", "ул. Садовая", "", "");
    static const int64_t order[] = {1, 2, 6, 3, 5, 23, 4};
    assert_int_equal(street.level, ADDRESS_STREET);
    assert_int_equal(address_premises(*state, &street, 0, premises, 16), COUNT(order));
    assert_memory_equal(premises, order, sizeof order);
    assert_int_equal(address_premises(*state, &street, 5, premises, 1), COUNT(order));
    assert_int_equal(premises[0], 23);
}

static void an_address_is_one_line_and_is_cut_at_a_character(void **state)
{
    char text[128], little[8];
    struct address_match match = address_of_premise(*state, 2);
    assert_string_equal(address_text(*state, &match, text, sizeof text),
                        "г. Зареченск, ул. Садовая, 12, кв. 4");
    assert_string_equal(address_text(*state, &match, little, sizeof little), "г. З");
}

// Searching.
static void case_and_yo_do_not_matter(void **state)
{
    expect_street(*state, "БЕРЕЗОВАЯ", "ул. Берёзовая");
    expect_street(*state, "берёзОВАя ул", "ул. Берёзовая");
    expect_street(*state, "обьездная", "ул. Объездная");
    expect_street(*state, "обездная", "ул. Объездная");
}

static void every_beginning_of_a_street_finds_it(void **state)
{
    static const char street[] = "карла маркса";
    char typed[sizeof street];
    for (size_t length = 2; length < sizeof street; length++) {
        struct address_match found[8];
        memcpy(typed, street, length);
        typed[length] = '\0';
        size_t count = ((unsigned char)street[length] & 0xC0) == 0x80
                           ? 0
                           : address_search(*state, typed, found, 8);
        bool there = ((unsigned char)street[length] & 0xC0) == 0x80;
        for (size_t i = 0; i < count; i++)
            there = there || strstr(address_place_of(*state, &found[i]).street, "Карла Маркса");
        if (!there)
            fail_msg("\"%s\" does not find ул. Карла Маркса", typed);
    }
}

static void wrong_numbers_never_match(void **state)
{
    static const char *const typed[] = {"садовая 1",   "садовая 13", "садовая 121",    "садовая 2",
                                        "садовая 112", "мира 55",    "карла маркса 33"};
    size_t streets = 0;
    for (size_t i = 0; i < COUNT(typed); i++) {
        struct address_match found[10];
        size_t count = address_search(*state, typed[i], found, 10);
        assert_true(count > 0);
        for (size_t k = 0; k < count; k++) {
            if (found[k].level > ADDRESS_STREET)
                fail_msg("\"%s\" finds house %s", typed[i],
                         address_place_of(*state, &found[k]).house);
            streets++;
        }
    }
    assert_true(streets > 0);
}

static void a_number_of_a_street_is_matched_only_when_equal(void **state)
{
    expect_first(*state, "8 марта 8", 11);
    struct address_match found[5];
    size_t count = address_search(*state, "3-я линия 1", found, 5);
    for (size_t i = 0; i < count; i++)
        assert_true(found[i].score < 800);
    expect_first(*state, "2 линия 1", 13);
    expect_first(*state, "первая линия 1", 12);
    expect_first(*state, "линия 2-я, д. 1", 13);
    expect_first(*state, "2-ая лин 1", 13);
}

static void small_errors_are_forgiven_by_length(void **state)
{
    expect_street(*state, "садвоая 12", "ул. Садовая");
    expect_street(*state, "марса 3", "ул. Карла Маркса");
    expect_street(*state, "обьезднойя", "ул. Объездная");
    struct address_match found[2]; // two errors are too many for six letters
    assert_int_equal(address_search(*state, "мзркза", found, 2), 0);
}

static void the_other_keyboard_layout_is_read(void **state)
{
    expect_first(*state, "cfljdfz 12 rd 4", 2);
    expect_first(*state, "ekbwf rfhkf vfhrcf 3", 8);
    expect_street(*state, ",thtpjdfz", "ул. Берёзовая");
    expect_first(*state, "j,]tplyfz 48f", 17);
}

static void latin_letters_are_read(void **state)
{
    expect_first(*state, "sadovaya 12 kv 4", 2);
    expect_first(*state, "ulitsa Karla Marksa 3", 8);
    expect_street(*state, "berezovaja", "ул. Берёзовая");
    expect_first(*state, "Sadovaya ul. 12a", 3);
}

static void latin_look_alikes_inside_a_word_are_repaired(void **state)
{
    expect_first(*state, "Caдoвaя 12a", 3);
}

static void lost_and_added_blanks_and_hyphens_do_not_matter(void **state)
{
    expect_first(*state, "новосадовая 7", 7);
    expect_first(*state, "ново садовая 7", 7);
    expect_first(*state, "карламаркса 3", 8);
    expect_first(*state, "ул.Карламаркса3", 8);
    expect_first(*state, "улкарламаркса 3", 8);
}

static void a_flat_follows_in_any_form(void **state)
{
    expect_first(*state, "садовая 12 кв 4", 2);
    expect_first(*state, "садовая 12-4", 2);
    expect_first(*state, "садовая 12 4", 2);
    expect_first(*state, "Садовая, д. 12, подъезд 1, кв. 4", 2);
}

static void house_forms_are_one(void **state)
{
    expect_first(*state, "садовая 14 2 с 1", 5);
    expect_first(*state, "садовая 14/2 с 1", 5);
    expect_first(*state, "садовая 12/3", 6);
    expect_first(*state, "садовая 12 лит. а", 3);
    expect_first(*state, "ромашка-2 уч. 14", 22);
    expect_first(*state, "снт ромашка 14", 22);
}

static void a_settlement_may_stand_before_or_after(void **state)
{
    expect_first(*state, "березовка садовая 12", 19);
    expect_first(*state, "садовая 12 березовка", 19);
    expect_first(*state, "на садовой в березовке 12", 19);
    expect_first(*state, "поселок Берёзовка, улица Садовая, дом 12", 19);
}

static void the_letter_of_a_settlement_is_not_the_letter_of_the_house(void **state)
{
    expect_first(*state, "лесная 6 п березовка", 20);
    expect_first(*state, "пушкина 4 г зареченск", 14);
}

static void initials_may_be_left_out_or_said(void **state)
{
    expect_first(*state, "пушкина 4", 14);
    expect_first(*state, "александра пушкина 4", 14);
    expect_first(*state, "пушкина а.с. 4", 14);
    expect_first(*state, "к. маркса 3", 8);
    expect_first(*state, "маркса карла 3", 8);
}

static void associations_and_their_plots_are_found(void **state)
{
    expect_first(*state, "снт родник 3 уч. 412", 25);
    expect_first(*state, "\"Родник-3\" № 412", 25);
    expect_first(*state, "С.Н.Т. Родник3, 412", 25);
    expect_first(*state, "садоводство родник 412", 25);
    expect_first(*state, "61:44:50706:31", 26);
    expect_first(*state, "ильинка родник 61:44:0050706:31", 26);
    expect_street(*state, "г/к мотор", "ГСК Мотор");
}

static void titles_may_be_cut_or_written_out(void **state)
{
    expect_first(*state, "б. садовая 5", 28);
    expect_first(*state, "садовая большая 5", 28);
    expect_first(*state, "академика павлова 5", 29);
    expect_first(*state, "ак.павлова 5", 29);
}

static void kinds_that_are_wrong_doubled_or_short_are_forgiven(void **state)
{
    expect_first(*state, "пр. лесной 5в", 31);
    expect_first(*state, "ул. лесной проезд 5в", 31);
    expect_first(*state, "ул второй лесной 5", 30);
    expect_first(*state, "во 2-м лесном переулке 5", 30);
}

static void a_letter_written_on_to_the_house_is_its_own(void **state)
{
    expect_first(*state, "лесной 5в ильинка", 31);
    expect_first(*state, "лесной 5 в, ильинка", 31);
    expect_first(*state, "б. садовая 5 в ильинке", 28);
    expect_first(*state, "б. садовая 5 с ильинка", 28);
}

static void the_spoken_case_is_understood(void **state)
{
    expect_first(*state, "на большой садовой в доме 5", 28);
    expect_first(*state, "на берёзовой б/н", 18);
    expect_first(*state, "в ильинке на железнодорожной 5", 32);
    expect_first(*state, "ж/д 5", 32);
}

static void a_cyrillic_word_may_stand_beside_one_in_the_other_layout(void **state)
{
    expect_first(*state, "ул cfljdfz 12 кв 4", 2);
    expect_first(*state, "железнодорожная 5 bkmbyrf", 32);
}

static void words_that_find_nothing_are_looked_for_by_likeness(void **state)
{
    expect_street(*state, "железнодорнаяа", "Железнодорожная ул.");
    expect_street(*state, "жилезнодаржная", "Железнодорожная ул.");
}

static void objects_and_owners_stay_free_text(void **state)
{
    static const char *const typed[] = {"школа 5",       "магазин на углу",
                                        "детский сад 3", "Петров Пётр Петрович",
                                        "ООО Родник",    "ТП 114"};
    struct address_match found[2];
    for (size_t i = 0; i < COUNT(typed); i++)
        if (address_search(*state, typed[i], found, 2))
            fail_msg("\"%s\" finds an address", typed[i]);
    expect_first(*state, "школа, мира 5, пр-т", 9);
    expect_first(*state, "магазин на пушкина 4", 14);
}

static void years_are_written_in_two_ways(void **state)
{
    expect_first(*state, "40-летия октября 6", 15);
    expect_first(*state, "40 лет октября 6", 15);
}

static void a_kind_may_be_the_name_of_a_street(void **state)
{
    expect_first(*state, "набережная 31б2", 16);
    expect_first(*state, "улица набережная 31Б2", 16);
    expect_first(*state, "набеержная 31Б2", 16);
}

static void nothing_and_nonsense_find_nothing(void **state)
{
    static const char *const typed[] = {"",        "   ", ".,;-", "ъьъ", "ничего подобного нет",
                                        "\xFF\xFE"};
    struct address_match found[2];
    for (size_t i = 0; i < COUNT(typed); i++)
        assert_int_equal(address_search(*state, typed[i], found, 2), 0);
    assert_int_equal(address_search(*state, "садовая", found, 0), 0);
}

static void an_overlong_text_is_read_as_far_as_it_goes(void **state)
{
    char typed[8000] = "";
    struct address_match found[2];
    for (size_t i = 0; i + 40 < sizeof typed; i = strlen(typed))
        strcat(typed, i % 3 ? "садовая" : " ул 12 а-");
    address_search(*state, typed, found, 2);
    assert_int_equal(address_resolve(*state, typed, typed, typed, typed).level, ADDRESS_NONE);
}

static void an_address_in_full_is_found_without_its_index_region_and_district(void **state)
{
    expect_first(*state, "344000, Ростовская обл., г. Зареченск, ул. Садовая, д. 12, кв. 4", 2);
    expect_first(*state, "россия, республика адыгея, майкопский муниципальный р-н, садовая 12 кв 4",
                 2);
    expect_first(*state, "садовая 12 кв 4 ленинский район", 2);
    expect_first(*state, "344000 садовая 12 кв 4", 2);
}

static void an_index_of_nothing_answers(void **state)
{
    (void)state;
    struct address_index *index = address_index_new();
    struct address_match found[2];
    address_index_finish(index);
    assert_int_equal(address_search(index, "садовая 1", found, 2), 0);
    assert_int_equal(address_resolve(index, "г. Зареченск", "ул. Мира", "1", "").level,
                     ADDRESS_NONE);
    assert_int_equal(address_of_premise(index, 1).level, ADDRESS_NONE);
    assert_int_equal(address_index_counts(index).premises, 0);
    address_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kind_before_or_after_the_name_is_one_street),
        cmocka_unit_test(resolving_never_guesses),
        cmocka_unit_test(an_unknown_house_or_flat_gives_the_level_above),
        cmocka_unit_test(a_kind_tells_two_streets_of_one_name_apart),
        cmocka_unit_test(a_house_is_one_however_it_is_written),
        cmocka_unit_test(a_village_without_streets_has_houses),
        cmocka_unit_test(every_premise_resolves_to_itself),
        cmocka_unit_test(the_premises_of_a_street_come_in_the_order_of_houses),
        cmocka_unit_test(an_address_is_one_line_and_is_cut_at_a_character),
        cmocka_unit_test(case_and_yo_do_not_matter),
        cmocka_unit_test(every_beginning_of_a_street_finds_it),
        cmocka_unit_test(wrong_numbers_never_match),
        cmocka_unit_test(a_number_of_a_street_is_matched_only_when_equal),
        cmocka_unit_test(small_errors_are_forgiven_by_length),
        cmocka_unit_test(the_other_keyboard_layout_is_read),
        cmocka_unit_test(latin_letters_are_read),
        cmocka_unit_test(latin_look_alikes_inside_a_word_are_repaired),
        cmocka_unit_test(lost_and_added_blanks_and_hyphens_do_not_matter),
        cmocka_unit_test(a_flat_follows_in_any_form),
        cmocka_unit_test(house_forms_are_one),
        cmocka_unit_test(a_settlement_may_stand_before_or_after),
        cmocka_unit_test(the_letter_of_a_settlement_is_not_the_letter_of_the_house),
        cmocka_unit_test(initials_may_be_left_out_or_said),
        cmocka_unit_test(associations_and_their_plots_are_found),
        cmocka_unit_test(titles_may_be_cut_or_written_out),
        cmocka_unit_test(kinds_that_are_wrong_doubled_or_short_are_forgiven),
        cmocka_unit_test(a_letter_written_on_to_the_house_is_its_own),
        cmocka_unit_test(the_spoken_case_is_understood),
        cmocka_unit_test(a_cyrillic_word_may_stand_beside_one_in_the_other_layout),
        cmocka_unit_test(words_that_find_nothing_are_looked_for_by_likeness),
        cmocka_unit_test(objects_and_owners_stay_free_text),
        cmocka_unit_test(years_are_written_in_two_ways),
        cmocka_unit_test(a_kind_may_be_the_name_of_a_street),
        cmocka_unit_test(nothing_and_nonsense_find_nothing),
        cmocka_unit_test(an_overlong_text_is_read_as_far_as_it_goes),
        cmocka_unit_test(an_address_in_full_is_found_without_its_index_region_and_district),
        cmocka_unit_test(an_index_of_nothing_answers),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
