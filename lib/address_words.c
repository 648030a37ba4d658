#include "lib/address_words.h"

#include "lib/address_compare.h"

#include <stdlib.h>

// One row a kind: where it is used, then its forms, the full one first. Hyphens and slashes inside
// an abbreviation are left out ("пр-т" is read as "прт").
struct kind {
    enum address_scope scope;
    const char *forms[9];
};
static const struct kind kinds[] = {
    {ADDRESS_STREETS, {"улица", "ул", "улиця", "вулиця", "вул"}},
    {ADDRESS_STREETS, {"проспект", "просп", "пркт", "прт", "пр", "прсп"}},
    {ADDRESS_STREETS, {"проезд", "прд", "прзд", "пр", "пд"}},
    {ADDRESS_STREETS, {"переулок", "пер", "перк", "провулок", "пров"}},
    {ADDRESS_STREETS, {"площадь", "пл", "плдь", "площа"}},
    {ADDRESS_STREETS, {"шоссе", "ш", "шос", "шосе"}},
    {ADDRESS_STREETS, {"бульвар", "бул", "бр", "бульв", "блвр"}},
    {ADDRESS_STREETS, {"тупик", "туп"}},
    {ADDRESS_STREETS, {"набережная", "наб", "набер"}},
    {ADDRESS_STREETS, {"линия", "лин"}},
    {ADDRESS_STREETS, {"аллея", "ал", "алл", "алея"}},
    {ADDRESS_STREETS, {"просек"}},
    {ADDRESS_STREETS, {"просека"}},
    {ADDRESS_STREETS, {"тракт", "трт", "тр"}},
    {ADDRESS_STREETS, {"тропа"}},
    {ADDRESS_STREETS, {"дорога", "дор"}},
    {ADDRESS_STREETS, {"дорожка"}},
    {ADDRESS_STREETS, {"спуск"}},
    {ADDRESS_STREETS, {"подъезд"}},
    {ADDRESS_STREETS, {"въезд"}},
    {ADDRESS_STREETS, {"съезд"}},
    {ADDRESS_STREETS, {"заезд"}},
    {ADDRESS_STREETS, {"взвоз"}},
    {ADDRESS_STREETS, {"мост", "метромост"}},
    {ADDRESS_STREETS, {"путепровод", "эстакада", "эст"}},
    {ADDRESS_STREETS, {"туннель", "тоннель"}},
    {ADDRESS_STREETS, {"кольцо"}},
    {ADDRESS_STREETS, {"квартал", "квл", "кв", "кварт"}},
    {ADDRESS_ANYWHERE, {"микрорайон", "мкр", "мкрн", "мкн", "мкрон", "мрн", "микрн", "мр"}},
    {ADDRESS_ANYWHERE, {"территория", "тер", "терр"}},
    {ADDRESS_ANYWHERE, {"снт", "садоводство", "садво", "сво", "ст", "сдт", "сот"}},
    {ADDRESS_ANYWHERE, {"тсн"}},
    {ADDRESS_ANYWHERE, {"днп"}},
    {ADDRESS_ANYWHERE, {"днт"}},
    {ADDRESS_ANYWHERE, {"гк", "гпк"}},
    {ADDRESS_ANYWHERE, {"гск"}},
    {ADDRESS_ANYWHERE, {"жк"}},
    {ADDRESS_ANYWHERE, {"кп"}},
    {ADDRESS_ANYWHERE, {"городок", "гдк"}},
    {ADDRESS_ANYWHERE, {"слобода", "сл", "слоб"}},
    {ADDRESS_ANYWHERE, {"разъезд", "рзд"}},
    {ADDRESS_SETTLEMENTS, {"город", "г", "гор"}},
    {ADDRESS_SETTLEMENTS, {"поселок", "пос", "п", "пгт", "рп"}},
    {ADDRESS_SETTLEMENTS, {"село", "с"}},
    {ADDRESS_SETTLEMENTS, {"деревня", "дер", "д"}},
    {ADDRESS_SETTLEMENTS, {"хутор", "х", "хут"}},
    {ADDRESS_SETTLEMENTS, {"станица", "стца", "стан", "ст"}},
    {ADDRESS_SETTLEMENTS, {"станция", "ст"}},
    {ADDRESS_SETTLEMENTS, {"аул"}},
    {ADDRESS_SETTLEMENTS, {"район", "рн"}},
    {ADDRESS_SETTLEMENTS, {"округ", "го"}},
    {ADDRESS_SETTLEMENTS, {"область", "обл"}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };
_Static_assert(KINDS <= 64, "a kind is one bit of 64");

struct part {
    enum address_part part;
    const char *form;
};
static const struct part parts[] = {
    {ADDRESS_PART_HOUSE, "д"},         {ADDRESS_PART_HOUSE, "дом"},
    {ADDRESS_PART_HOUSE, "вл"},        {ADDRESS_PART_HOUSE, "влад"},
    {ADDRESS_PART_HOUSE, "владение"},  {ADDRESS_PART_HOUSE, "двлд"},
    {ADDRESS_PART_HOUSE, "зд"},        {ADDRESS_PART_HOUSE, "здание"},
    {ADDRESS_PART_HOUSE, "соор"},      {ADDRESS_PART_HOUSE, "сооружение"},
    {ADDRESS_PART_HOUSE, "гараж"},     {ADDRESS_PART_HOUSE, "гар"},
    {ADDRESS_PART_HOUSE, "бокс"},      {ADDRESS_PART_HOUSE, "буд"},
    {ADDRESS_PART_PLOT, "уч"},         {ADDRESS_PART_PLOT, "участок"},
    {ADDRESS_PART_PLOT, "учк"},        {ADDRESS_PART_BLOCK, "к"},
    {ADDRESS_PART_BLOCK, "кор"},       {ADDRESS_PART_BLOCK, "корп"},
    {ADDRESS_PART_BLOCK, "корпус"},    {ADDRESS_PART_BUILDING, "с"},
    {ADDRESS_PART_BUILDING, "стр"},    {ADDRESS_PART_BUILDING, "строение"},
    {ADDRESS_PART_BUILDING, "строен"}, {ADDRESS_PART_LETTER, "л"},
    {ADDRESS_PART_LETTER, "лит"},      {ADDRESS_PART_LETTER, "литер"},
    {ADDRESS_PART_LETTER, "литера"},   {ADDRESS_PART_FLAT, "кв"},
    {ADDRESS_PART_FLAT, "квартира"},   {ADDRESS_PART_FLAT, "квра"},
    {ADDRESS_PART_FLAT, "оф"},         {ADDRESS_PART_FLAT, "офис"},
    {ADDRESS_PART_FLAT, "пом"},        {ADDRESS_PART_FLAT, "помещение"},
    {ADDRESS_PART_FLAT, "комн"},       {ADDRESS_PART_FLAT, "ком"},
    {ADDRESS_PART_FLAT, "комната"},    {ADDRESS_PART_SKIPPED, "подъезд"},
    {ADDRESS_PART_SKIPPED, "под"},     {ADDRESS_PART_SKIPPED, "подъ"},
    {ADDRESS_PART_SKIPPED, "этаж"},    {ADDRESS_PART_SKIPPED, "эт"},
};

// Words left out of names; the prepositions go in front of a spoken address ("на Садовой").
static const char *const stop_words[] = {"им", "имени", "на",    "в",    "во",
                                         "по", "у",     "около", "возле"};

// "50 лет Октября" and "50-летия Октября" are one street.
static const char *const years_words[] = {"лет", "летия", "летие", "летию", "летья"};

struct ordinal {
    unsigned number;
    const char *stem;
    const char *word;
};
static const struct ordinal ordinals[] = {
    {1, "перв", "первая"},
    {2, "втор", "вторая"},
    {3, "трет", "третья"},
    {4, "четверт", "четвертая"},
    {5, "пят", "пятая"},
    {6, "шест", "шестая"},
    {7, "седьм", "седьмая"},
    {8, "восьм", "восьмая"},
    {9, "девят", "девятая"},
    {10, "десят", "десятая"},
    {11, "одиннадцат", "одиннадцатая"},
    {12, "двенадцат", "двенадцатая"},
    {13, "тринадцат", "тринадцатая"},
    {14, "четырнадцат", "четырнадцатая"},
    {15, "пятнадцат", "пятнадцатая"},
};
static const char *const ordinal_endings[] = {"ая",  "ый",  "ой",  "ое",   "ий", "ья", "ье",
                                              "ого", "его", "ому", "ьего", "ую", "ью", "ей"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool token_is(const struct address_token *token, const char *form)
{
    uint8_t code[ADDRESS_WORD];
    // The first letter tells most forms apart; every form in the tables is Cyrillic.
    unsigned first =
        ((unsigned char)form[0] - 0xD0u) * 64 + ((unsigned char)form[1] & 0x3Fu) - 0x30;
    if (token->number || token->length == 0 || token->code[0] != 0x80 + first)
        return false;
    size_t length = address_code(form, code, sizeof code);
    return length == token->length && memcmp(code, token->code, length) == 0;
}

static bool token_in(const struct address_token *token, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(token, list[i]))
            return true;
    return false;
}

uint64_t address_kinds(const struct address_token *token, enum address_scope scope)
{
    uint64_t found = 0;
    for (size_t i = 0; i < KINDS; i++)
        for (size_t form = 0; kinds[i].forms[form] && (kinds[i].scope & scope); form++)
            if (token_is(token, kinds[i].forms[form]))
                found |= UINT64_C(1) << i;
    return found;
}

uint64_t address_kinds_near(const struct address_token *token, bool open)
{
    uint64_t found = address_kinds(token, ADDRESS_ANYWHERE);
    if (found || token->number || (token->length < 4 && !open))
        return found;
    struct address_word typed = address_word_of(token->code, token->length, false);
    for (size_t i = 0; i < KINDS; i++) {
        uint8_t code[ADDRESS_WORD];
        size_t length = address_code(kinds[i].forms[0], code, sizeof code);
        struct address_word full = address_word_of(code, length, false);
        int cost = address_compare(&typed, &full, open);
        if (cost <= ADDRESS_STEP + ADDRESS_STEP / 4)
            found |= UINT64_C(1) << i;
    }
    return found;
}

bool address_kind_full(const struct address_token *token)
{
    for (size_t i = 0; i < KINDS; i++)
        if (token_is(token, kinds[i].forms[0]))
            return true;
    return false;
}

enum address_part address_part(const struct address_token *token)
{
    for (size_t i = 0; i < COUNT(parts); i++)
        if (token_is(token, parts[i].form))
            return parts[i].part;
    return ADDRESS_NO_PART;
}

bool address_is_stop_word(const struct address_token *token)
{
    return token_in(token, stop_words, COUNT(stop_words));
}

unsigned address_ordinal(const struct address_token *token)
{
    for (size_t i = 0; i < COUNT(ordinals) && !token->number; i++) {
        uint8_t stem[ADDRESS_WORD];
        size_t length = address_code(ordinals[i].stem, stem, sizeof stem);
        if (token->length <= length || memcmp(token->code, stem, length) != 0)
            continue;
        struct address_token rest = {.length = (uint8_t)(token->length - length)};
        memcpy(rest.code, token->code + length, rest.length);
        if (token_in(&rest, ordinal_endings, COUNT(ordinal_endings)))
            return ordinals[i].number;
    }
    return 0;
}

const char *address_ordinal_word(unsigned number)
{
    return number >= 1 && number <= COUNT(ordinals) ? ordinals[number - 1].word : NULL;
}

void address_one_form(struct address_token *token)
{
    if (token_in(token, years_words, COUNT(years_words)))
        token->length = (uint8_t)address_code(years_words[0], token->code, sizeof token->code);
}

// The canonical form of a word of a name: "первая" 1, "007" 7, "летия" лет.
static struct address_token canonical(const struct address_token *token)
{
    struct address_token word = *token;
    unsigned number = address_ordinal(token);
    if (number) {
        word.number = true;
        word.length = 0;
        for (unsigned digit = number >= 10 ? 10 : 1; digit; digit /= 10)
            word.code[word.length++] = (uint8_t)('0' + number / digit % 10);
    }
    address_one_form(&word);
    return word;
}

// Which token is the kind: an abbreviation rather than a word in full, улица rather than another
// ("Набережная ул."), and one letter only where nothing better is there ("Д. Бедного ул.").
static int kind_weight(const struct address_token *token, enum address_scope scope, bool edge)
{
    uint64_t found = address_kinds(token, scope);
    if (!found)
        return 0;
    if (token->length == 1 && !token->dot && !edge)
        return 0;
    int weight = 4;
    weight += token->length > 1 ? 8 : 0;
    weight += address_kind_full(token) ? 0 : 2;
    weight += found & 1 ? 4 : 0;
    return weight;
}

static void name_kind(const struct address_tokens *tokens, enum address_scope scope, bool *is_kind,
                      struct address_name *name)
{
    size_t best = tokens->count;
    int best_weight = 0;
    size_t words = 0;
    for (size_t i = 0; i < tokens->count; i++)
        words += !tokens->item[i].ending;
    for (size_t i = 0; i < tokens->count && words > 1; i++) {
        bool edge = i == 0 || i + 1 == tokens->count;
        int weight = kind_weight(&tokens->item[i], scope, edge);
        // An association or district inside a street's name is the kind only without a better one.
        if (scope == ADDRESS_STREETS && !weight)
            weight = kind_weight(&tokens->item[i], ADDRESS_ANYWHERE, edge) / 5;
        if (weight > best_weight) {
            best_weight = weight;
            best = i;
        }
    }
    if (best == tokens->count)
        return;
    is_kind[best] = true;
    name->kinds = address_kinds(&tokens->item[best], scope);
    if (!name->kinds)
        name->kinds = address_kinds(&tokens->item[best], ADDRESS_ANYWHERE);
}

void address_name_read(const char *text, enum address_scope scope, struct address_name *name)
{
    struct address_tokens tokens;
    bool is_kind[ADDRESS_TOKENS] = {false};
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    name->kinds = 0;
    name->count = 0;
    name->abbreviated = 0;
    name->key_length = 0;
    name_kind(&tokens, scope, is_kind, name);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct address_token *token = &tokens.item[i];
        if (is_kind[i] || token->ending || (tokens.count > 1 && address_is_stop_word(token)))
            continue;
        struct address_token word = canonical(token);
        if (!word.number && name->count < 16 &&
            (word.length == 1 || (word.dot && word.length <= 4)))
            name->abbreviated |= (uint16_t)(1u << name->count);
        name->as_written[name->count] = *token;
        name->word[name->count++] = word;
        if (name->key_length + word.length + 1 < sizeof name->key) {
            if (name->key_length)
                name->key[name->key_length++] = ' ';
            memcpy(name->key + name->key_length, word.code, word.length);
            name->key_length += word.length;
        }
    }
}
