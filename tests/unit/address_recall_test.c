// Recall of the address search: streets of the demo company and of St Petersburg's suburbs, spoilt in
// every way that operators spoil them, with a fixed seed. A case is right when the building (street of
// that name, house of that number) is the first result, or among the first five.
#include "lib/address.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLACES = 40000, CASES = 400, RUNES = 200, LINE = 1024 };

struct place {
    char *settlement, *street, *house;
};

struct corpus {
    const char *name;
    struct address_index *index;
    struct place *places;
    size_t count;
    uint64_t seed;
};

struct line { // a text as runes, to spoil it
    uint32_t rune[RUNES];
    size_t count;
};

static uint32_t below(struct corpus *corpus, size_t n)
{
    corpus->seed = corpus->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((corpus->seed >> 33) % n);
}

static void line_read(struct line *line, const char *text)
{
    struct slice left = slice_of(text);
    uint32_t rune;
    size_t taken;
    line->count = 0;
    while (line->count < RUNES && (taken = text_decode(left, &rune)) > 0) {
        line->rune[line->count++] = rune;
        left = (struct slice){left.data + taken, left.length - taken};
    }
}

static void line_write(const struct line *line, char out[LINE])
{
    size_t length = 0;
    for (size_t i = 0; i < line->count; i++) {
        char bytes[4];
        size_t size = text_encode(line->rune[i], bytes);
        memcpy(out + length, bytes, size);
        length += size;
    }
    out[length] = '\0';
}

static void fold(const char *text, char out[LINE])
{
    struct buf folded = {0};
    text_fold(slice_of(text), &folded);
    snprintf(out, LINE, "%s", buf_text(&folded));
    buf_fini(&folded);
}

static bool letter(uint32_t rune)
{
    return (rune >= 0x410 && rune < 0x450) || rune == 0x401 || rune == 0x451;
}

// The longest word: where it begins, and its length.
static size_t longest_word(const struct line *line, size_t *length)
{
    size_t best = 0, start = 0;
    *length = 0;
    for (size_t i = 0; i <= line->count; i++) {
        if (i < line->count && letter(line->rune[i]))
            continue;
        if (i - start > *length) {
            best = start;
            *length = i - start;
        }
        start = i + 1;
    }
    return best;
}

static void delete_rune(struct line *line, size_t at)
{
    memmove(line->rune + at, line->rune + at + 1, (line->count - at - 1) * sizeof *line->rune);
    line->count--;
}

static void insert_rune(struct line *line, size_t at, uint32_t rune)
{
    memmove(line->rune + at + 1, line->rune + at, (line->count - at) * sizeof *line->rune);
    line->rune[at] = rune;
    line->count++;
}

// Each way of spoiling gets "street house" and may use the place; false where it does not apply.
struct spoil {
    struct corpus *corpus;
    const struct place *place;
    char text[LINE];
};

static bool plain(struct spoil *spoil)
{
    (void)spoil;
    return true;
}

static bool one_error(struct spoil *spoil, struct line *line)
{
    size_t length, start = longest_word(line, &length);
    if (length < 5)
        return false;
    size_t at = start + below(spoil->corpus, length - 1);
    uint32_t other = 0x430 + below(spoil->corpus, 32), here = line->rune[at];
    switch (below(spoil->corpus, 4)) {
    case 0: delete_rune(line, at); break;
    case 1: insert_rune(line, at, other); break;
    case 2: line->rune[at] = other; break;
    default: line->rune[at] = line->rune[at + 1]; line->rune[at + 1] = here;
    }
    return true;
}

static bool typing_error(struct spoil *spoil)
{
    struct line line;
    line_read(&line, spoil->text);
    bool applies = one_error(spoil, &line);
    line_write(&line, spoil->text);
    return applies;
}

static bool two_errors(struct spoil *spoil)
{
    struct line line;
    size_t length;
    line_read(&line, spoil->text);
    longest_word(&line, &length);
    bool applies = length >= 10 && one_error(spoil, &line) && one_error(spoil, &line);
    line_write(&line, spoil->text);
    return applies;
}

static bool other_layout(struct spoil *spoil)
{
    static const char latin[] = "f,dult;pbqrkvyjghcnea[wxio]sm'.z";
    struct line line;
    char folded[LINE];
    fold(spoil->text, folded);
    line_read(&line, folded);
    for (size_t i = 0; i < line.count; i++) {
        uint32_t rune = line.rune[i];
        if (rune >= 0x430 && rune < 0x450)
            line.rune[i] = (unsigned char)latin[rune - 0x430];
        else if (rune == '.' || rune == ',')
            line.rune[i] = ' ';
    }
    line_write(&line, spoil->text);
    return true;
}

static bool latin_letters(struct spoil *spoil)
{
    static const char *const latin[] = {
        "a", "b", "v", "g", "d", "e",  "zh", "z",  "i",  "y",    "k", "l", "m", "n", "o",  "p",
        "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "",  "y", "",  "e", "yu", "ya"};
    struct line line;
    char folded[LINE];
    size_t length = 0;
    fold(spoil->text, folded);
    line_read(&line, folded);
    for (size_t i = 0; i < line.count; i++) {
        uint32_t rune = line.rune[i];
        if (rune >= 0x430 && rune < 0x450)
            length += (size_t)sprintf(spoil->text + length, "%s", latin[rune - 0x430]);
        else
            spoil->text[length++] = rune < 0x80 ? (char)rune : ' ';
    }
    spoil->text[length] = '\0';
    return true;
}

static const char *const kind_forms[][4] = {
    {"ул.", "улица", "ул", NULL},         {"пер.", "переулок", "пер", NULL},
    {"пр-т", "проспект", "просп.", NULL}, {"пр.", "проспект", "пр-кт", NULL},
    {"пр-д", "проезд", "проезд", NULL},   {"ш.", "шоссе", "ш", NULL},
    {"б-р", "бульвар", "бул.", NULL},     {"бул.", "бульвар", "б-р", NULL},
    {"пл.", "площадь", "пл", NULL},       {"наб.", "набережная", "наб", NULL}};

// "Садовая ул." as "улица Садовая" or "садовая улица"; mode 0 = the kind left out.
static bool with_kind(struct spoil *spoil, unsigned mode)
{
    const char *street = spoil->place->street;
    for (size_t k = 0; k < sizeof kind_forms / sizeof *kind_forms; k++) {
        const char *kind = kind_forms[k][0], *found = strstr(street, kind);
        size_t length = strlen(kind);
        bool front = found == street, back = found && !found[length] && found > street;
        if (!front && !back)
            continue;
        char name[LINE];
        snprintf(name, sizeof name, "%s",
                 front ? street + length + (street[length] == ' ') : street);
        if (back)
            name[found - street] = '\0';
        const char *form = kind_forms[k][1 + below(spoil->corpus, 2)];
        if (mode == 0)
            snprintf(spoil->text, LINE, "%.300s %s", name, spoil->place->house);
        else if (below(spoil->corpus, 2))
            snprintf(spoil->text, LINE, "%s %.300s %s", form, name, spoil->place->house);
        else
            snprintf(spoil->text, LINE, "%.300s %s, %s", name, form, spoil->place->house);
        return true;
    }
    return false;
}

static bool other_kind_form(struct spoil *spoil)
{
    return with_kind(spoil, 1);
}

static bool without_kind(struct spoil *spoil)
{
    return with_kind(spoil, 0);
}

static bool settlement_before(struct spoil *spoil)
{
    char text[LINE];
    snprintf(text, sizeof text, "%.300s, %.300s", spoil->place->settlement, spoil->text);
    memcpy(spoil->text, text, sizeof text);
    return true;
}

static bool settlement_after(struct spoil *spoil)
{
    char text[LINE];
    snprintf(text, sizeof text, "%.300s %.300s", spoil->text, spoil->place->settlement);
    memcpy(spoil->text, text, sizeof text);
    return true;
}

static bool lost_joint(struct spoil *spoil)
{
    struct line line;
    line_read(&line, spoil->text);
    for (size_t i = 3; i + 4 < line.count; i++) {
        bool word = letter(line.rune[i - 1]) && letter(line.rune[i - 2]) &&
                    letter(line.rune[i - 3]) && letter(line.rune[i + 1]) &&
                    letter(line.rune[i + 2]) && letter(line.rune[i + 3]) &&
                    letter(line.rune[i + 4]);
        if (!word || (line.rune[i] != ' ' && line.rune[i] != '-'))
            continue;
        delete_rune(&line, i);
        line_write(&line, spoil->text);
        return true;
    }
    return false;
}

static bool soft_signs(struct spoil *spoil)
{
    struct line line;
    bool applies = false;
    line_read(&line, spoil->text);
    for (size_t i = line.count; i-- > 0;) {
        uint32_t rune = line.rune[i];
        if (rune == 0x44C || rune == 0x44A) // ь ъ
            delete_rune(&line, i);
        else if (rune == 0x451) // ё
            line.rune[i] = 0x435;
        else
            continue;
        applies = true;
    }
    line_write(&line, spoil->text);
    return applies;
}

static bool beginning(struct spoil *spoil)
{
    struct line line;
    size_t length;
    line_read(&line, spoil->text);
    size_t start = longest_word(&line, &length);
    if (length < 7)
        return false;
    for (size_t cut = length - 5; cut > 0; cut--)
        delete_rune(&line, start + 5);
    line_write(&line, spoil->text);
    return true;
}

static bool capitals(struct spoil *spoil)
{
    struct line line;
    line_read(&line, spoil->text);
    for (size_t i = 0; i < line.count; i++) {
        if (line.rune[i] >= 0x430 && line.rune[i] < 0x450)
            line.rune[i] -= 32;
    }
    line_write(&line, spoil->text);
    return true;
}

static bool house_form(struct spoil *spoil)
{
    unsigned number;
    char rest[LINE] = "";
    if (sscanf(spoil->place->house, "%u%1023[^\n]", &number, rest) < 1)
        return false;
    const char *street = spoil->place->street;
    static const char *const words[] = {"дом", "д.", "д", "№"};
    const char *word = words[below(spoil->corpus, 4)];
    if (strstr(rest, "корп"))
        snprintf(spoil->text, LINE, "%s, %s %u%s%s", street, word, number,
                 below(spoil->corpus, 2) ? "к" : " корпус ", rest + strcspn(rest, "0123456789"));
    else if (strstr(rest, "/") || !*rest)
        snprintf(spoil->text, LINE, "%s %s%u%s", street, word, number, rest);
    else
        snprintf(spoil->text, LINE, "%s, %s %u%s%s", street, word, number,
                 below(spoil->corpus, 2) ? " " : "-", rest + strspn(rest, " "));
    return true;
}

struct way {
    const char *name;
    bool (*spoil)(struct spoil *);
    int first, fifth; // floors in thousandths
};
static const struct way ways[] = {
    {"plain", plain, 995, 1000},
    {"capitals", capitals, 995, 1000},
    {"kind in another form", other_kind_form, 990, 1000},
    {"without the kind", without_kind, 970, 995},
    {"settlement before", settlement_before, 990, 995},
    {"settlement after", settlement_after, 990, 995},
    {"without ё ъ ь", soft_signs, 990, 1000},
    {"house in another form", house_form, 990, 995},
    {"one typing error", typing_error, 985, 995},
    {"two typing errors", two_errors, 970, 985},
    {"the other layout", other_layout, 990, 998},
    {"Latin letters", latin_letters, 985, 995},
    {"a blank or hyphen lost", lost_joint, 970, 980},
    {"only a beginning", beginning, 940, 970},
};
enum { WAYS = sizeof ways / sizeof *ways };

// The building of that street and house in the settlement that was found: without a settlement in the
// query every one is right.
static bool right_building(const struct corpus *corpus, const struct address_match *match,
                           const struct place *place)
{
    struct address_place found = address_place_of(corpus->index, match);
    struct address_match wanted =
        address_resolve(corpus->index, found.settlement, place->street, place->house, NULL);
    return match->level >= ADDRESS_HOUSE && wanted.house == match->house;
}

static size_t rank_of(struct corpus *corpus, const struct place *place, const char *query)
{
    struct address_match found[5];
    size_t count = address_search(corpus->index, query, found, 5);
    for (size_t i = 0; i < count; i++)
        if (right_building(corpus, &found[i], place))
            return i;
    return 5;
}

static void spoil_and_find(struct corpus *corpus)
{
    bool show = getenv("ADDRESS_SHOW");
    int failed = 0;
    for (size_t w = 0; w < WAYS; w++) {
        size_t cases = 0, first = 0, fifth = 0;
        corpus->seed = 3;
        for (size_t tries = 0; cases < CASES && tries < 20 * CASES; tries++) {
            struct spoil spoil = {.corpus = corpus,
                                  .place = &corpus->places[below(corpus, corpus->count)]};
            if (!*spoil.place->street)
                continue; // houses of a village: no street to spoil
            snprintf(spoil.text, LINE, "%s %s", spoil.place->street, spoil.place->house);
            if (!ways[w].spoil(&spoil))
                continue;
            size_t rank = rank_of(corpus, spoil.place, spoil.text);
            cases++;
            first += rank == 0;
            fifth += rank < 5;
            if (show && rank > 0)
                printf("  %s: \"%s\" for %s, %s, %s\n", ways[w].name, spoil.text,
                       spoil.place->settlement, spoil.place->street, spoil.place->house);
        }
        if (cases < 20)
            continue; // this corpus has no such names
        bool below_floor = first * 1000 < (size_t)ways[w].first * cases ||
                           fifth * 1000 < (size_t)ways[w].fifth * cases;
        failed += below_floor;
        printf("%-8s %-24s n=%-4zu first=%.3f five=%.3f%s\n", corpus->name, ways[w].name, cases,
               (double)first / (double)cases, (double)fifth / (double)cases,
               below_floor ? "  BELOW THE FLOOR" : "");
    }
    assert_int_equal(failed, 0);
}

static void add_place(struct corpus *corpus, const char *settlement, const char *street,
                      const char *house)
{
    assert_true(corpus->count < PLACES);
    struct place *place = &corpus->places[corpus->count++];
    *place = (struct place){mem_string(settlement), mem_string(street), mem_string(house)};
    address_index_add(corpus->index, &(struct address_place){(int64_t)corpus->count, settlement,
                                                             street, house, ""});
}

static void corpus_init(struct corpus *corpus, const char *name)
{
    *corpus = (struct corpus){.name = name, .index = address_index_new(), .seed = 1};
    corpus->places = mem_alloc(PLACES * sizeof *corpus->places);
}

static void corpus_fini(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        free(corpus->places[i].settlement);
        free(corpus->places[i].street);
        free(corpus->places[i].house);
    }
    free(corpus->places);
    address_index_free(corpus->index);
}

static void spoilt_addresses_of_the_demo_company_are_found(void **state)
{
    (void)state;
    struct corpus corpus;
    char line[LINE];
    corpus_init(&corpus, "demo");
    FILE *file = fopen("config/demo/premises.csv", "r");
    assert_non_null(file);
    for (size_t n = 0; fgets(line, sizeof line, file); n++) {
        char *rest = line, *field[5];
        for (size_t i = 0; i < 5; i++)
            field[i] = strsep(&rest, ",");
        if (n > 0)
            add_place(&corpus, field[2], field[3], field[4]);
    }
    fclose(file);
    address_index_finish(corpus.index);
    spoil_and_find(&corpus);
    corpus_fini(&corpus);
}

static void spoilt_addresses_of_petersburgs_suburbs_are_found(void **state)
{
    (void)state;
    struct corpus corpus;
    const char *shared = getenv("PULT_SHARED");
    char line[LINE], house[64];
    snprintf(line, sizeof line, "%s/data/cyrillic/spb_streets.csv", shared ? shared : "../shared");
    FILE *file = fopen(line, "r");
    if (!file)
        skip();
    corpus_init(&corpus, "suburbs");
    for (size_t n = 0; fgets(line, sizeof line, file); n++) {
        char *rest = line;
        line[strcspn(line, "\r\n")] = '\0';
        strsep(&rest, ",");
        char *settlement = strsep(&rest, ",");
        if (n == 0 || *rest == '"')
            continue;
        for (unsigned number = 1; number <= 3 + below(&corpus, 12); number++) {
            static const char *const tails[] = {"", "", "", "", "", "а", "Б", "/2", " корп. 2"};
            snprintf(house, sizeof house, "%u%s", number, tails[below(&corpus, 9)]);
            add_place(&corpus, settlement, rest, house);
        }
    }
    fclose(file);
    address_index_finish(corpus.index);
    spoil_and_find(&corpus);
    corpus_fini(&corpus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spoilt_addresses_of_the_demo_company_are_found),
        cmocka_unit_test(spoilt_addresses_of_petersburgs_suburbs_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
