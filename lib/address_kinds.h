// What words mean in addresses: one table of the kinds of streets, associations and settlements with
// their abbreviations, and tables of the parts of a house number, ordinals, small words and objects.
//
// A word is known in every form of its table and in the oblique cases ("улице", "в доме").
#pragma once

#include "lib/address_tokens.h"

// Kinds of streets and settlements, a bit each; one word may mean several ("пр." проспект, проезд).
enum address_scope {
    ADDRESS_STREETS = 1,
    ADDRESS_SETTLEMENTS = 2,
    ADDRESS_ANYWHERE = 3,
    ADDRESS_PLOTS = 4,       // gardeners and garage owners: plots without flats
    ADDRESS_ASSOCIATION = 7, // such a one stands wherever the others do
};
#define ADDRESS_KIND_STREET UINT64_C(1) // улица
uint64_t address_kinds(const struct address_token *token, enum address_scope scope);
// The same for a token with a typing error or not finished.
uint64_t address_kinds_near(const struct address_token *token, bool open);
// Written in full: "улица", not "ул".
bool address_kind_full(const struct address_token *token);
uint64_t address_kinds_scope(enum address_scope scope); // all kinds that are used there

// What a word does in the part of an address that follows the street.
enum address_part {
    ADDRESS_NO_PART,
    ADDRESS_PART_HOUSE,    // дом, владение: adds nothing to the number
    ADDRESS_PART_PLOT,     // участок
    ADDRESS_PART_BLOCK,    // корпус
    ADDRESS_PART_BUILDING, // строение
    ADDRESS_PART_LETTER,   // литера
    ADDRESS_PART_FLAT,     // квартира, помещение
    ADDRESS_PART_NAMELESS, // б/н: a house without a number
    ADDRESS_PART_SKIPPED, // подъезд, этаж, кадастровый номер: nobody is found by it
};
enum address_part address_part(const struct address_token *token);

bool address_is_stop_word(const struct address_token *token); // на, в, имени
void address_one_form(struct address_token *token);           // лет for летия, летие
// The number that an ordinal written out stands for ("первая" 1), else 0, and the word for a number.
unsigned address_ordinal(const struct address_token *token);
const char *address_ordinal_word(unsigned number); // NULL where there is none
// What "двадцать" of "двадцать первая" stands for, and "пятидесяти" of "пятидесятилетия"; else 0.
unsigned address_tens(const struct address_token *token);
unsigned address_years(const struct address_token *token);
unsigned
address_count(const struct address_token *token); // "пять" of "шестьдесят пять лет", else 0
bool address_is_years(const struct address_token *token); // лет, летия

// What an address written in full begins with, and is found without.
enum address_region {
    ADDRESS_NO_REGION,
    ADDRESS_REGION_WHOLE, // "Россия"
    ADDRESS_REGION_KIND,  // "область", "р-н": a name stands beside it
    ADDRESS_REGION_WORD,  // "муниципальный" before such a word
};
enum address_region address_region(const struct address_token *token);

// The word that a token stands for without being its beginning ("жд": железнодорожная), NULL without.
const char *address_alias(const struct address_token *token);

// An object in place of an address ("школа", "магазин", "ООО"): how many tokens name its sort, 0 = none.
size_t address_object(const struct address_token *tokens, size_t count);
bool address_is_patronymic(const struct address_token *token); // "Петрович": a person, no street
