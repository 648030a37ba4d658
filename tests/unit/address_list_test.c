// Lists of addresses in notices of planned works: what they name for certain, and what is left.
#include "lib/address_list.h"
#include "lib/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *settlement, *street, *houses;
} streets[] = {
    {"г. Зареченск", "ул. Ясная", "1 2 3 4 5 5а 7 9 11 12/3 15 17"},
    {"г. Зареченск", "ул. 8 Марта", "1 2 3 8 10"},
    {"г. Зареченск", "пер. Мирный", "1 2"},
    {"г. Зареченск", "ул. Ленина", "1 2"},
    {"г. Зареченск", "1-я Линия", "5 6 7"},
    {"г. Зареченск", "2-я Линия", "5 6"},
    {"с. Ильинка", "ул. Ленина", "1 2 3"},
    {"с. Ильинка", "СНТ «Ромашка»", "1 2 61:44:50706:31"},
};

static int build(void **state)
{
    struct address_index *index = address_index_new();
    int64_t premise = 0;
    for (size_t i = 0; i < sizeof streets / sizeof *streets; i++) {
        char *houses = strdup(streets[i].houses), *rest = houses, *house;
        while ((house = strsep(&rest, " ")))
            address_index_add(index, &(struct address_place){++premise, streets[i].settlement,
                                                             streets[i].street, house, ""});
        free(houses);
    }
    address_index_finish(index);
    *state = index;
    return 0;
}

static int drop(void **state)
{
    address_index_free(*state);
    return 0;
}

struct reading {
    const struct address_index *index;
    struct buf places, left;
};

// "Ясная 3", "Ясная" or "Зареченск": the place without its kind.
static void add_place(void *context, const struct address_match *match)
{
    struct reading *reading = context;
    struct address_place place = address_place_of(reading->index, match);
    const char *text = match->level == ADDRESS_SETTLEMENT ? place.settlement : place.street;
    const char *name = strchr(text, '.') ? strchr(text, '.') + 2 : text;
    buf_printf(&reading->places, "%s%s%s%s", reading->places.length ? "|" : "", name,
               *place.house ? " " : "", place.house);
}

static void add_left(void *context, struct slice text)
{
    struct reading *reading = context;
    buf_printf(&reading->left, "%s%.*s", reading->left.length ? "|" : "", (int)text.length,
               text.data);
}

static void expect(void **state, const char *text, const char *places, const char *left)
{
    struct reading reading = {.index = *state};
    address_list_read(*state, slice_of(text),
                      &(struct address_list){add_place, add_left, &reading});
    if (strcmp(buf_text(&reading.places), places) != 0 ||
        strcmp(buf_text(&reading.left), left) != 0)
        fail_msg("\"%s\" gives \"%s\", left \"%s\"", text, buf_text(&reading.places),
                 buf_text(&reading.left));
    buf_fini(&reading.places);
    buf_fini(&reading.left);
}

static void houses_follow_their_street(void **state)
{
    expect(state, "ул. Ясная 3, 5, 7", "Ясная 3|Ясная 5|Ясная 7", "");
    expect(state, "ул. Ясная, д. 3, 5а, 12/3", "Ясная 3|Ясная 5а|Ясная 12/3", "");
    expect(state, "ул. Ясная, дома 3 ; пер. Мирный, № 2", "Ясная 3|Мирный 2", "");
    expect(state, "Ясная ул. 3, пер. Мирный 1, 2", "Ясная 3|Мирный 1|Мирный 2", "");
}

static void a_range_takes_what_lies_between(void **state)
{
    expect(state, "ул. Ясная 3-7", "Ясная 3|Ясная 4|Ясная 5|Ясная 5а|Ясная 7", "");
    expect(state, "ул. Ясная с 9 по 15", "Ясная 9|Ясная 11|Ясная 12/3|Ясная 15", "");
    expect(state, "ул. Ясная, от 15 до 17", "Ясная 15|Ясная 17", "");
    expect(state, "ул. Ясная с № 1 по № 2", "Ясная 1|Ясная 2", "");
}

static void odd_and_even_sides_are_told_apart(void **state)
{
    expect(state, "ул. Ясная 1-7 (нечёт.)", "Ясная 1|Ясная 3|Ясная 5|Ясная 5а|Ясная 7", "");
    expect(state, "ул. Ясная чётные с 1 по 9", "Ясная 2|Ясная 4", "");
    expect(state, "ул. Ясная (четная сторона)", "Ясная 2|Ясная 4|Ясная 12/3", "");
    expect(state, "ул. 8 Марта, нечетные", "8 Марта 1|8 Марта 3", "");
}

static void a_number_in_the_name_is_no_house(void **state)
{
    expect(state, "ул. 8 Марта 8, 10", "8 Марта 8|8 Марта 10", "");
    expect(state, "8 Марта 1-3", "8 Марта 1|8 Марта 2|8 Марта 3", "");
    expect(state, "1-я Линия 5, 6, 2-я Линия 5", "1-я Линия 5|1-я Линия 6|2-я Линия 5", "");
}

static void a_street_without_houses_is_all_of_it(void **state)
{
    expect(state, "пер. Мирный; ул. Ясная (полностью)", "Мирный|Ясная", "");
    expect(state, "ул. Ясная, 3", "Ясная 3", "");
    expect(state, "пер. Мирный, ул. Ясная, ул. 8 Марта", "Мирный|Ясная|8 Марта", "");
}

static void a_settlement_holds_for_what_follows(void **state)
{
    expect(state, "с. Ильинка: ул. Ленина 1, 3", "Ленина 1|Ленина 3", "");
    expect(state, "с. Ильинка\nул. Ленина 3\nг. Зареченск\nпер. Мирный", "Ленина 3|Мирный", "");
    expect(state, "с. Ильинка", "Ильинка", "");
    expect(state, "с. Ильинка; пер. Мирный", "Ильинка|Мирный", "");
    expect(state, "с. Ильинка, СНТ Ромашка 61:44:50706:31", "СНТ «Ромашка» 61:44:50706:31", "");
}

static void nothing_is_guessed(void **state)
{
    expect(state, "ул. Ленина 1", "", "ул. Ленина 1");       // of which settlement?
    expect(state, "ул. Яснaяя 3, 5", "", "ул. Яснaяя 3, 5"); // an error
    expect(state, "ул. Ясная 3 кроме подвала", "", "ул. Ясная 3 кроме подвала");
    expect(state, "ул. Ясная 13, 3", "Ясная 3", "ул. Ясная 13");
    expect(state, "ул. Ясная, 13", "", "ул. Ясная 13");
    expect(state, "Нигде, ул. Третья, 5; пер. Мирный", "Мирный", "Нигде, ул. Третья, 5");
    expect(state, "ул. Ясная 30-40", "", "ул. Ясная 30-40");
    expect(state, "ул. Неведомая, 3; пер. Мирный 1", "Мирный 1", "ул. Неведомая, 3");
    expect(state, "", "", "");
    expect(state, " ;;, \n", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(houses_follow_their_street),
        cmocka_unit_test(a_range_takes_what_lies_between),
        cmocka_unit_test(odd_and_even_sides_are_told_apart),
        cmocka_unit_test(a_number_in_the_name_is_no_house),
        cmocka_unit_test(a_street_without_houses_is_all_of_it),
        cmocka_unit_test(a_settlement_holds_for_what_follows),
        cmocka_unit_test(nothing_is_guessed),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
