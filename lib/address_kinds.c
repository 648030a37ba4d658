#include "lib/address_kinds.h"

#include "lib/address_compare.h"

#include <stdio.h>
#include <stdlib.h>

// One row a kind: where it is used, then its forms, the full one first. Hyphens and slashes inside
// an abbreviation are left out ("пр-т" is read as "прт").
struct kind {
    enum address_scope scope;
    const char *forms[10];
};
static const struct kind kinds[] = {
    {ADDRESS_STREETS, {"улица", "ул", "улиця", "вулиця", "вул", "улца", "ула"}},
    {ADDRESS_STREETS, {"проспект", "просп", "пркт", "прт", "пр", "прсп", "проспкт", "прспкт"}},
    {ADDRESS_STREETS, {"проезд", "прд", "прзд", "пр", "пд", "презд", "прозд", "проез"}},
    {ADDRESS_STREETS, {"переулок", "пер", "перк", "провулок", "пров", "прк"}},
    {ADDRESS_STREETS, {"проулок", "прок", "проул"}},
    {ADDRESS_STREETS, {"площадь", "пл", "плдь", "площа", "плщ", "площ"}},
    {ADDRESS_STREETS, {"шоссе", "ш", "шос", "шосе", "шсе"}},
    {ADDRESS_STREETS, {"бульвар", "бул", "бр", "бульв", "блвр", "бв", "булр"}},
    {ADDRESS_STREETS, {"тупик", "туп", "тупк"}},
    {ADDRESS_STREETS, {"набережная", "наб", "набер", "набжная", "набя"}},
    {ADDRESS_STREETS, {"линия", "лин", "линя"}},
    {ADDRESS_STREETS, {"аллея", "ал", "алл", "алея", "алеея"}},
    {ADDRESS_STREETS, {"просек"}},
    {ADDRESS_STREETS, {"просека"}},
    {ADDRESS_STREETS, {"тракт", "трт", "тр"}},
    {ADDRESS_STREETS, {"тропа"}},
    {ADDRESS_STREETS, {"магистраль", "мгстр"}},
    {ADDRESS_STREETS, {"дорога", "дор"}},
    {ADDRESS_STREETS, {"дорожка"}},
    {ADDRESS_STREETS, {"спуск", "сп"}},
    {ADDRESS_STREETS, {"подъезд"}},
    {ADDRESS_STREETS, {"въезд"}},
    {ADDRESS_STREETS, {"съезд"}},
    {ADDRESS_STREETS, {"заезд"}},
    {ADDRESS_STREETS, {"взвоз"}},
    {ADDRESS_STREETS, {"мост", "метромост"}},
    {ADDRESS_STREETS, {"путепровод", "эстакада", "эст"}},
    {ADDRESS_STREETS, {"туннель", "тоннель"}},
    {ADDRESS_STREETS, {"кольцо"}},
    {ADDRESS_STREETS, {"квартал", "квл", "кв", "кварт", "крт"}},
    {ADDRESS_ANYWHERE, {"микрорайон", "мкр", "мкрн", "мкн", "мкрон", "мрн", "микрн", "мр", "мн"}},
    {ADDRESS_ANYWHERE, {"территория", "тер", "терр", "трия"}},
    {ADDRESS_ASSOCIATION, {"снт", "садоводство", "садво", "сво", "сот", "садтво"}},
    {ADDRESS_ASSOCIATION, {"ст", "садоводство", "садво", "сво", "садтво"}},
    {ADDRESS_ASSOCIATION, {"сдт", "садоводство", "садво", "сво", "садтво"}},
    {ADDRESS_ASSOCIATION, {"тсн", "садоводство", "садво", "сво", "садтво"}},
    {ADDRESS_ASSOCIATION, {"днп", "днт", "дпк", "дск"}},
    {ADDRESS_ASSOCIATION, {"гк", "гпк"}},
    {ADDRESS_ASSOCIATION, {"гск", "пгск", "агск"}},
    {ADDRESS_ASSOCIATION, {"нст", "садоводство", "садво", "сво", "садтво", "онт", "сно"}},
    {ADDRESS_ANYWHERE, {"жк", "жск", "тсж"}},
    {ADDRESS_ANYWHERE, {"жилмассив", "жм", "жилм"}},
    {ADDRESS_ANYWHERE, {"кп", "киз"}},
    {ADDRESS_ANYWHERE, {"городок", "гдк"}},
    {ADDRESS_ANYWHERE, {"слобода", "сл", "слоб"}},
    {ADDRESS_ANYWHERE, {"разъезд", "рзд"}},
    {ADDRESS_ANYWHERE, {"промзона", "промз", "пз"}},
    {ADDRESS_SETTLEMENTS, {"город", "г", "гор"}},
    {ADDRESS_SETTLEMENTS, {"поселок", "пос", "п", "пгт", "рп", "дп", "посел"}},
    {ADDRESS_SETTLEMENTS, {"село", "с"}},
    {ADDRESS_SETTLEMENTS, {"деревня", "дер", "д"}},
    {ADDRESS_SETTLEMENTS, {"хутор", "х", "хут"}},
    {ADDRESS_SETTLEMENTS, {"станица", "стца", "стан", "ст"}},
    {ADDRESS_SETTLEMENTS, {"станция", "ст", "стция"}},
    {ADDRESS_SETTLEMENTS, {"аул"}},
    {ADDRESS_SETTLEMENTS, {"район", "рн"}},
    {ADDRESS_SETTLEMENTS, {"округ", "го"}},
    {ADDRESS_SETTLEMENTS, {"область", "обл"}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };
_Static_assert(KINDS <= 64, "a kind is one bit of 64");

struct part {
    enum address_part part;
    const char *forms[9];
};
static const struct part parts[] = {
    {ADDRESS_PART_HOUSE, {"дом", "д", "буд"}},
    {ADDRESS_PART_HOUSE, {"владение", "вл", "влад", "двлд", "домовладение"}},
    {ADDRESS_PART_HOUSE, {"здание", "зд"}},
    {ADDRESS_PART_HOUSE, {"сооружение", "соор"}},
    {ADDRESS_PART_HOUSE, {"гараж", "гар"}},
    {ADDRESS_PART_HOUSE, {"бокс", "бк"}},
    {ADDRESS_PART_HOUSE, {"номер", "ном"}},
    {ADDRESS_PART_PLOT, {"участок", "уч", "учк", "ук", "участк"}},
    {ADDRESS_PART_PLOT, {"дача", "дачи"}},
    {ADDRESS_PART_BLOCK, {"корпус", "корп", "кор", "к", "крп"}},
    {ADDRESS_PART_BUILDING, {"строение", "стр", "с", "строен"}},
    {ADDRESS_PART_LETTER, {"литера", "лит", "л", "литер", "буква"}},
    {ADDRESS_PART_FLAT, {"квартира", "кв", "квра", "кварт"}},
    {ADDRESS_PART_FLAT, {"помещение", "пом"}},
    {ADDRESS_PART_FLAT, {"комната", "ком", "комн"}},
    {ADDRESS_PART_FLAT, {"офис", "оф"}},
    {ADDRESS_PART_NAMELESS, {"бн"}},
    {ADDRESS_PART_SKIPPED, {"подъезд", "под", "подъ", "пд"}},
    {ADDRESS_PART_SKIPPED, {"этаж", "эт"}},
    {ADDRESS_PART_SKIPPED, {"секция", "секц"}},
    {ADDRESS_PART_SKIPPED, {"кадастровый", "кад", "кадастр", "кн"}},
};

// Words left out of names; the prepositions go in front of a spoken address ("на Садовой").
static const char *const stop_words[] = {"им", "имени", "на",    "в",   "во",  "по",
                                         "у",  "около", "возле", "это", "нас", "адрес"};

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
    {16, "шестнадцат", "шестнадцатая"},
    {17, "семнадцат", "семнадцатая"},
    {18, "восемнадцат", "восемнадцатая"},
    {19, "девятнадцат", "девятнадцатая"},
    {20, "двадцат", "двадцатая"},
    {30, "тридцат", "тридцатая"},
    {40, "сороков", "сороковая"},
    {50, "пятидесят", "пятидесятая"},
};
static const char *const ordinal_endings[] = {"ая",  "ый",  "ой",   "ое", "ий", "ья",  "ье",  "ого",
                                              "его", "ому", "ьего", "ую", "ью", "ьей", "ьем", "ом"};

struct count_word {
    unsigned number;
    const char *word;
};
static const struct count_word tens[] = {{20, "двадцать"},    {30, "тридцать"},   {40, "сорок"},
                                         {50, "пятьдесят"},   {60, "шестьдесят"}, {70, "семьдесят"},
                                         {80, "восемьдесят"}, {90, "девяносто"},  {100, "сто"}};
// The second half of "шестьдесят пять лет", and what stands before "лет" alone.
static const struct count_word counts[] = {{5, "пять"},       {6, "шесть"},  {7, "семь"},
                                           {8, "восемь"},     {9, "девять"}, {10, "десять"},
                                           {15, "пятнадцать"}};
// The first half of "пятидесятилетия".
static const struct count_word years[] = {
    {10, "десяти"},          {15, "пятнадцати"}, {20, "двадцати"},       {25, "двадцатипяти"},
    {30, "тридцати"},        {40, "сорока"},     {50, "пятидесяти"},     {60, "шестидесяти"},
    {65, "шестидесятипяти"}, {70, "семидесяти"}, {75, "семидесятипяти"}, {80, "восьмидесяти"},
    {90, "девяносто"},       {100, "сто"},       {200, "двухсот"},       {300, "трехсот"}};

// Before a settlement in an address written in full: it is found without them. "Лаишевский р-н" and
// "Республика Татарстан": the name stands before or behind, with a word that belongs to the sort of place.
static const char *const countries[] = {"россия", "рф", "украина", "беларусь", "казахстан"};
static const char *const regions[] = {"область",   "обл", "край",     "республика", "респ",
                                      "район",     "рн",  "рон",      "округ",      "улус",
                                      "сельсовет", "сс",  "поселение"};
static const char *const region_words[] = {"муниципальный", "муниципальная", "автономный",
                                           "автономная",    "городской",     "городское",
                                           "сельское",      "сельский"};

// What is said in place of an address; the first word's stem, then the whole of what belongs to it.
static const char *const objects[] = {"школа",
                                      "гимназия",
                                      "лицей",
                                      "детсад",
                                      "садик",
                                      "ясли",
                                      "магазин",
                                      "супермаркет",
                                      "павильон",
                                      "ларек",
                                      "киоск",
                                      "рынок",
                                      "аптека",
                                      "больница",
                                      "поликлиника",
                                      "госпиталь",
                                      "роддом",
                                      "амбулатория",
                                      "фап",
                                      "котельная",
                                      "насосная",
                                      "водокачка",
                                      "скважина",
                                      "подстанция",
                                      "тп",
                                      "ктп",
                                      "ктпн",
                                      "гктп",
                                      "цтп",
                                      "грп",
                                      "кнс",
                                      "внс",
                                      "вышка",
                                      "азс",
                                      "заправка",
                                      "автосервис",
                                      "автомойка",
                                      "шиномонтаж",
                                      "кафе",
                                      "ресторан",
                                      "столовая",
                                      "гостиница",
                                      "церковь",
                                      "храм",
                                      "мечеть",
                                      "кладбище",
                                      "клуб",
                                      "библиотека",
                                      "администрация",
                                      "сельсовет",
                                      "полиция",
                                      "почта",
                                      "банк",
                                      "завод",
                                      "фабрика",
                                      "элеватор",
                                      "склад",
                                      "ферма",
                                      "коровник",
                                      "стадион",
                                      "бассейн",
                                      "ооо",
                                      "оао",
                                      "зао",
                                      "пао",
                                      "ао",
                                      "ип",
                                      "муп",
                                      "мбоу",
                                      "мбдоу",
                                      "мку",
                                      "мбу",
                                      "гбу",
                                      "фгуп",
                                      "кфх",
                                      "тц",
                                      "трц",
                                      "тк",
                                      "дк",
                                      "оптика",
                                      "общежитие",
                                      "автовокзал",
                                      "вокзал",
                                      "светофор",
                                      "столб",
                                      "опора"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

// The first letter tells most forms apart; every form in the tables is Cyrillic.
static bool same_first_letter(const struct address_token *token, const char *form)
{
    unsigned first =
        ((unsigned char)form[0] - 0xD0u) * 64 + ((unsigned char)form[1] & 0x3Fu) - 0x30;
    return !token->number && token->length > 0 && token->code[0] == 0x80 + first;
}

static bool token_is(const struct address_token *token, const char *form)
{
    uint8_t code[ADDRESS_WORD];
    if (!same_first_letter(token, form))
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

// How words decline, by the end of their first form: what is cut off, what stands there in its place, and
// the endings of the oblique cases. The last row is of every other word.
struct declension {
    const char *end, *stem;
    const char *endings[8];
};
static const struct declension declensions[] = {
    {"ая", "", {"ой", "ую"}},                 // набережная
    {"ок", "к", {"а", "у", "е", "ом", "и"}},  // переулок, переулке
    {"я", "", {"и", "е", "ю", "ей", "ью"}},   // линия
    {"а", "", {"ы", "и", "е", "у", "ой"}},    // улица
    {"ь", "", {"и", "ью", "я", "ю", "ем"}},   // площадь
    {"й", "", {"я", "ю", "е", "ем"}},         // лицей
    {"о", "", {"а", "у", "е", "ом"}},         // село
    {"е", "", {"я", "ю", "и", "ем"}},         // строение
    {"", "", {"а", "у", "е", "ом", "ы", "и"}} // проспект
};

// The word in an oblique case: "улице" of "улица", "переулка", "в доме".
static bool token_in_case(const struct address_token *token, const char *full)
{
    size_t length = strlen(full), row = 0;
    if (length < 6 || !same_first_letter(token, full)) // three letters
        return false;
    while (length <= strlen(declensions[row].end) + 4 ||
           strcmp(full + length - strlen(declensions[row].end), declensions[row].end) != 0)
        row++;
    const struct declension *declension = &declensions[row];
    for (size_t i = 0; i < COUNT(declension->endings) && declension->endings[i]; i++) {
        char form[128];
        snprintf(form, sizeof form, "%.*s%s%s", (int)(length - strlen(declension->end)), full,
                 declension->stem, declension->endings[i]);
        if (token_is(token, form))
            return true;
    }
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

uint64_t address_kinds_scope(enum address_scope scope)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < KINDS; i++)
        mask |= (kinds[i].scope & scope) ? UINT64_C(1) << i : 0;
    return mask;
}

uint64_t address_kinds_near(const struct address_token *token, bool open)
{
    uint64_t found = address_kinds(token, ADDRESS_ANYWHERE);
    if (found || token->number || (token->length < 4 && !open))
        return found;
    for (size_t i = 0; i < KINDS; i++)
        found |= token_in_case(token, kinds[i].forms[0]) ? UINT64_C(1) << i : 0;
    if (found)
        return found;
    struct address_word typed = address_word_of(token->code, token->length, false);
    for (size_t i = 0; i < KINDS; i++) {
        uint8_t code[ADDRESS_WORD];
        size_t length = address_code(kinds[i].forms[0], code, sizeof code);
        struct address_word full = address_word_of(code, length, false);
        int cost = address_compare(&typed, &full, open);
        int errors = length < 8 ? 1 : 2;
        if (cost <= errors * ADDRESS_STEP + ADDRESS_STEP / 4)
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
    for (size_t i = 0; i < COUNT(parts) && !token->number; i++) {
        for (size_t form = 0; parts[i].forms[form]; form++)
            if (token_is(token, parts[i].forms[form]))
                return parts[i].part;
        if (token_in_case(token, parts[i].forms[0]))
            return parts[i].part;
    }
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
    if (address_is_years(token))
        token->length = (uint8_t)address_code(years_words[0], token->code, sizeof token->code);
}

static unsigned number_of_word(const struct address_token *token, const struct count_word *words,
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (token_is(token, words[i].word))
            return words[i].number;
    return 0;
}

unsigned address_tens(const struct address_token *token)
{
    return number_of_word(token, tens, COUNT(tens));
}

unsigned address_count(const struct address_token *token)
{
    return number_of_word(token, counts, COUNT(counts));
}

bool address_is_years(const struct address_token *token)
{
    return token_in(token, years_words, COUNT(years_words));
}

enum address_region address_region(const struct address_token *token)
{
    if (token_in(token, countries, COUNT(countries)))
        return ADDRESS_REGION_WHOLE;
    if (token_in(token, regions, COUNT(regions)))
        return ADDRESS_REGION_KIND;
    return token_in(token, region_words, COUNT(region_words)) ? ADDRESS_REGION_WORD
                                                              : ADDRESS_NO_REGION;
}

unsigned address_years(const struct address_token *token)
{
    for (size_t i = 1; i < COUNT(years_words); i++) {
        uint8_t end[ADDRESS_WORD];
        size_t length = address_code(years_words[i], end, sizeof end);
        if (token->length <= length ||
            memcmp(token->code + token->length - length, end, length) != 0)
            continue;
        struct address_token first = *token;
        first.length = (uint8_t)(token->length - length);
        return number_of_word(&first, years, COUNT(years));
    }
    return 0;
}

const char *address_alias(const struct address_token *token)
{
    static const char *const aliases[][2] = {{"жд", "железнодорожная"},
                                             {"сх", "сельскохозяйственная"},
                                             {"лта", "лейтенанта"},
                                             {"дра", "доктора"},
                                             {"гра", "графа"},
                                             {"кна", "князя"},
                                             {"рки", "реки"}};
    for (size_t i = 0; i < COUNT(aliases); i++)
        if (token_is(token, aliases[i][0]))
            return aliases[i][1];
    return NULL;
}

size_t address_object(const struct address_token *tokens, size_t count)
{
    if (count == 0 || tokens[0].number)
        return 0;
    if (count > 1 && (token_is(&tokens[0], "детский") || token_is(&tokens[0], "д")) &&
        (token_is(&tokens[1], "сад") || token_in_case(&tokens[1], "сад")))
        return 2;
    for (size_t i = 0; i < COUNT(objects); i++)
        if (token_is(&tokens[0], objects[i]) || token_in_case(&tokens[0], objects[i]))
            return 1;
    return 0;
}

bool address_is_patronymic(const struct address_token *token)
{
    static const char *const endings[] = {"ович", "евич", "овна", "евна", "ична"};
    for (size_t i = 0; i < COUNT(endings) && !token->number; i++) {
        uint8_t end[ADDRESS_WORD];
        size_t length = address_code(endings[i], end, sizeof end);
        if (token->length > length + 2 &&
            memcmp(token->code + token->length - length, end, length) == 0)
            return true;
    }
    return false;
}
