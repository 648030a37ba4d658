// The words of all names, and where each occurs.
#include "lib/address_house.h"
#include "lib/address_index.h"
#include "lib/address_name.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

struct names {
    struct address_index *index;
    size_t capacity; // of terms
};

static void add_term(struct names *names, const uint8_t *code, size_t length, uint16_t covers,
                     bool abbreviated)
{
    struct address_index *index = names->index;
    uint8_t plain[ADDRESS_WORD];
    if (index->term_count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 256;
        index->terms = mem_resize(index->terms, names->capacity, sizeof *index->terms);
    }
    length = address_plain(code, length, plain);
    uint32_t word = address_strings_add(&index->vocabulary.words, plain, length);
    index->terms[index->term_count++] = (struct address_term){word, covers, abbreviated};
}

// "первая" of "1-я", or the word itself where the name has it written out.
static void add_ordinal(struct names *names, const struct address_token *word,
                        const struct address_token *as_written, uint16_t covers)
{
    uint8_t code[ADDRESS_WORD];
    unsigned number = 0;
    if (!word->number || word->length > 2)
        return;
    for (size_t k = 0; k < word->length; k++)
        number = number * 10 + word->code[k] - '0';
    const char *written = address_ordinal_word(number);
    if (!as_written->number)
        add_term(names, as_written->code, as_written->length, covers, false);
    else if (written)
        add_term(names, code, address_code(written, code, sizeof code), covers, false);
}

// The words one by one, ordinals also written out, and neighbours also written as one word.
static uint8_t add_terms(struct names *names, const struct address_name *name)
{
    size_t before = names->index->term_count;
    size_t words = name->count < 16 ? name->count : 16;
    for (size_t i = 0; i < words; i++) {
        const struct address_token *word = &name->word[i], *left = &name->as_written[i];
        const struct address_token *right = left + 1;
        uint16_t covers = (uint16_t)(1u << i);
        add_term(names, word->code, word->length, covers, name->abbreviated & covers);
        add_ordinal(names, word, left, covers);
        if (i + 1 == words || left->number || right->number || left->length < 2 ||
            left->length + right->length > ADDRESS_WORD)
            continue;
        uint8_t joined[ADDRESS_WORD];
        memcpy(joined, left->code, left->length);
        memcpy(joined + left->length, right->code, right->length);
        add_term(names, joined, (size_t)left->length + right->length, (uint16_t)(3u << i), false);
    }
    return (uint8_t)(names->index->term_count - before);
}

static void read_names(struct address_index *index)
{
    struct names names = {.index = index};
    struct address_name name;
    for (size_t i = 0; i < index->settlement_count; i++) {
        struct address_settlement *settlement = &index->settlements[i];
        address_name_read(address_string(&index->texts, settlement->text, NULL),
                          ADDRESS_SETTLEMENTS, &name);
        settlement->first_term = (uint32_t)index->term_count;
        settlement->word_count = (uint8_t)(name.count < 16 ? name.count : 16);
        settlement->term_count = add_terms(&names, &name);
    }
    for (size_t i = 0; i < index->street_count; i++) {
        struct address_street *street = &index->streets[i];
        address_name_read(address_string(&index->texts, street->text, NULL), ADDRESS_STREETS,
                          &name);
        street->first_term = (uint32_t)index->term_count;
        street->word_count = (uint8_t)(name.count < 16 ? name.count : 16);
        street->term_count = add_terms(&names, &name);
        int initials = __builtin_popcount(name.abbreviated);
        street->needed = (uint8_t)(street->word_count - (initials > 1 ? initials - 1 : 0));
    }
}

static void build_faces(struct address_vocabulary *vocabulary)
{
    vocabulary->number = mem_alloc(vocabulary->count * sizeof *vocabulary->number + 1);
    for (size_t face = 0; face < ADDRESS_FACES; face++)
        vocabulary->letters[face] =
            mem_alloc((vocabulary->count + 1) * sizeof *vocabulary->letters[face]);
    for (uint32_t word = 0; word < vocabulary->count; word++) {
        size_t length;
        const uint8_t *code = (const uint8_t *)address_string(&vocabulary->words, word, &length);
        uint8_t skeleton[ADDRESS_WORD];
        vocabulary->number[word] = length && code[0] >= '0' && code[0] <= '9';
        vocabulary->latin = vocabulary->latin || (length > 1 && code[0] >= 'a' && code[0] <= 'z');
        vocabulary->letters[0][word] = address_word_of(code, length, false).letters;
        address_strings_append(&vocabulary->face[0], code, length);
        length = address_skeleton(code, length, skeleton);
        vocabulary->letters[1][word] = address_word_of(skeleton, length, false).letters;
        address_strings_append(&vocabulary->face[1], skeleton, length);
    }
    for (size_t face = 0; face < ADDRESS_FACES; face++)
        address_strings_close(&vocabulary->face[face]);
    address_strings_fini(&vocabulary->words);
}

static void count_word(uint32_t *first, const struct address_term *terms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        first[terms[i].word + 1]++;
}

static uint32_t *sums(uint32_t *first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        first[i + 1] += first[i];
    uint32_t *next = mem_alloc((count + 1) * sizeof *next);
    memcpy(next, first, count * sizeof *next);
    return next;
}

static void build_postings(struct address_index *index)
{
    struct address_vocabulary *words = &index->vocabulary;
    words->first_settlement = mem_alloc((words->count + 1) * sizeof *words->first_settlement);
    words->first_street = mem_alloc((words->count + 1) * sizeof *words->first_street);
    for (size_t i = 0; i < index->settlement_count; i++)
        count_word(words->first_settlement, index->terms + index->settlements[i].first_term,
                   index->settlements[i].term_count);
    for (size_t i = 0; i < index->street_count; i++)
        count_word(words->first_street, index->terms + index->streets[i].first_term,
                   index->streets[i].term_count);
    uint32_t *next_settlement = sums(words->first_settlement, words->count);
    uint32_t *next_street = sums(words->first_street, words->count);
    words->settlements =
        mem_alloc((words->first_settlement[words->count] + 1) * sizeof *words->settlements);
    words->streets = mem_alloc((words->first_street[words->count] + 1) * sizeof *words->streets);
    for (uint32_t i = 0; i < index->settlement_count; i++) {
        const struct address_settlement *settlement = &index->settlements[i];
        for (size_t t = 0; t < settlement->term_count; t++)
            words->settlements[next_settlement[index->terms[settlement->first_term + t].word]++] =
                i;
    }
    for (uint32_t i = 0; i < index->street_count; i++) {
        const struct address_street *street = &index->streets[i];
        for (size_t t = 0; t < street->term_count; t++)
            words->streets[next_street[index->terms[street->first_term + t].word]++] = i;
    }
    free(next_settlement);
    free(next_street);
}

void address_vocabulary_build(struct address_index *index)
{
    struct address_vocabulary *vocabulary = &index->vocabulary;
    address_strings_init(&vocabulary->words);
    read_names(index);
    vocabulary->count = (uint32_t)vocabulary->words.count;
    build_faces(vocabulary);
    build_postings(index);
}

void address_vocabulary_fini(struct address_vocabulary *vocabulary)
{
    address_strings_fini(&vocabulary->words);
    free(vocabulary->number);
    for (size_t face = 0; face < ADDRESS_FACES; face++) {
        free(vocabulary->letters[face]);
        address_strings_fini(&vocabulary->face[face]);
    }
    free(vocabulary->first_street);
    free(vocabulary->streets);
    free(vocabulary->first_settlement);
    free(vocabulary->settlements);
}

struct address_word address_vocabulary_word(const struct address_vocabulary *vocabulary,
                                            uint32_t word, size_t face)
{
    size_t length;
    const char *code = address_string(&vocabulary->face[face], word, &length);
    return (struct address_word){.code = (const uint8_t *)code,
                                 .length = (uint8_t)length,
                                 .letters = vocabulary->letters[face][word],
                                 .number = vocabulary->number[word]};
}
