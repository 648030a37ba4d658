// Any bytes as a query, a list of addresses, and each part of a stored address: nothing is read or written out
// of bounds, results are few and in order, and what is stored resolves to itself.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address.h"
#include "lib/address_list.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct address_place places[] = {
    {1, "г. Зареченск", "ул. Садовая", "12", "1"},
    {2, "г. Зареченск", "пер. 2-й Лесной", "12 корп. 2 стр. 1", ""},
    {3, "с. Ильинка", "СНТ «Родник-3»", "61:44:0050706:31", ""},
    {4, "с. Ильинка", "ул. А. С. Пушкина", "уч. 412", "кв. 4"},
    {5, "дер. Гарь", "", "б/н", ""},
    {6, "Springfield", "Main Street", "5", ""},
};

static struct address_index *index_of(const struct address_place *more)
{
    struct address_index *index = address_index_new();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        address_index_add(index, &places[i]);
    if (more)
        address_index_add(index, more);
    address_index_finish(index);
    return index;
}

static void check_search(const struct address_index *index, const char *text)
{
    struct address_match found[16];
    char line[64];
    size_t count = address_search(index, text, found, 16);
    assert(count <= 16);
    for (size_t i = 0; i < count; i++) {
        assert(found[i].level != ADDRESS_NONE && found[i].score > 0 && found[i].score <= 1000);
        assert(i == 0 || found[i].score <= found[i - 1].score);
        assert(strlen(address_text(index, &found[i], line, sizeof line)) < sizeof line);
    }
}

static void take_place(void *context, const struct address_match *match)
{
    const struct address_index *index = context;
    assert(address_premises(index, match, 0, NULL, 0) > 0);
}

static void take_left(void *context, struct slice text)
{
    (void)context;
    assert(text.length > 0);
}

// The bytes in four parts are an address of the company.
static void check_stored(const char *text)
{
    char *copy = mem_string(text), *rest = copy, *part[4] = {"", "", "", ""};
    for (size_t i = 0; i < 4 && rest; i++)
        part[i] = strsep(&rest, "|");
    struct address_index *index =
        index_of(&(struct address_place){7, part[0], part[1], part[2], part[3]});
    struct address_match match = address_of_premise(index, 7);
    assert(match.level == ADDRESS_PREMISE && match.premise == 7);
    address_resolve(index, part[0], part[1], part[2], part[3]);
    check_search(index, text);
    address_index_free(index);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct address_index
        *index; // of the target, not of the program: built once for all inputs
    char *text = mem_string_of((const char *)data, size);
    if (!index)
        index = index_of(NULL);
    check_search(index, text);
    address_list_read(index, (struct slice){text, strlen(text)},
                      &(struct address_list){take_place, take_left, index});
    check_stored(text);
    free(text);
    return 0;
}
