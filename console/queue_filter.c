#include "console/queue_filter.h"

#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum key { KEY_WORD, KEY_PRIORITY, KEY_STATE, KEY_KIND, KEY_ETA, KEY_NODE, KEY_CALLS, KEY_PLACE };

struct word {
    enum key key;
    bool negated;
    char *value; // folded
};

struct queue_filter {
    struct word words[QUEUE_FILTER_WORDS];
    size_t count;
};

static const struct {
    const char *name;
    enum key key;
} keys[] = {
    {"prio", KEY_PRIORITY},     {"priority", KEY_PRIORITY}, {"приор", KEY_PRIORITY},
    {"важность", KEY_PRIORITY}, {"state", KEY_STATE},       {"сост", KEY_STATE},
    {"состояние", KEY_STATE},   {"kind", KEY_KIND},         {"вид", KEY_KIND},
    {"eta", KEY_ETA},           {"срок", KEY_ETA},          {"node", KEY_NODE},
    {"узел", KEY_NODE},         {"calls", KEY_CALLS},       {"звонков", KEY_CALLS},
    {"place", KEY_PLACE},       {"место", KEY_PLACE},
};

static void add_word(struct queue_filter *filter, const char *word)
{
    struct word *added = &filter->words[filter->count++];
    added->negated = *word == '!';
    word += added->negated;
    const char *colon = strchr(word, ':');
    for (size_t i = 0; colon && i < sizeof keys / sizeof *keys; i++)
        if (slice_is((struct slice){word, (size_t)(colon - word)}, keys[i].name)) {
            added->key = keys[i].key;
            word = colon + 1;
            break;
        }
    added->value = mem_string(word);
}

struct queue_filter *queue_filter_new(struct slice text)
{
    struct buf folded = {0};
    text_fold(text, &folded);
    if (folded.length == 0) {
        buf_fini(&folded);
        return NULL;
    }
    struct queue_filter *filter = mem_alloc(sizeof *filter);
    char *rest = NULL;
    char *word = strtok_r(folded.data, " ", &rest);
    for (; word && filter->count < QUEUE_FILTER_WORDS; word = strtok_r(NULL, " ", &rest))
        add_word(filter, word);
    buf_fini(&folded);
    if (filter->count > 0)
        return filter;
    free(filter);
    return NULL;
}

void queue_filter_free(struct queue_filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++)
        free(filter->words[i].value);
    free(filter);
}

// Whether one of the blank-separated `names` begins with the value: "кач" means качество.
static bool names_it(const char *names, const char *value)
{
    size_t length = strlen(value);
    for (const char *at = names; *at; at += strspn(at, " ")) {
        if (strncmp(at, value, length) == 0)
            return true;
        at += strcspn(at, " ");
    }
    return false;
}

static bool fits_state(const struct board_row *row, const char *value)
{
    static const char *const names[] = {"suspected предполагаемый",
                                        "probable вероятный",
                                        "confirmed подтвержден",
                                        "partly_restored частично",
                                        "restored восстановлен",
                                        "verified проверен",
                                        "closed закрыт",
                                        "cancelled отменен",
                                        "merged объединен"};
    if (names_it("new новый", value))
        return board_is_new(row);
    if (names_it("accepted принят", value))
        return board_is_open(row) && row->accepted_by;
    if (names_it("crew бригада", value))
        return row->crew_state >= 1;
    return names_it(names[row->state], value);
}

static bool fits_eta(const struct board_row *row, const char *value, int64_t now_ms)
{
    if (names_it("none нет", value))
        return board_needs_eta(row);
    if (names_it("passed overdue вышел просрочен", value))
        return board_is_overdue(row, now_ms);
    return names_it("set есть", value) && row->has_eta;
}

static bool fits_priority(const struct board_row *row, const char *value)
{
    char *end;
    long first = strtol(value, &end, 10);
    long last = *end == '-' && end[1] ? strtol(end + 1, NULL, 10)
                : *end == '-'         ? BOARD_PRIORITIES
                                      : first;
    return row->priority >= first && row->priority <= last;
}

static bool contains(const char *text, const char *folded)
{
    struct buf form = {0};
    if (!text)
        return false;
    text_fold(slice_of(text), &form);
    bool found = strstr(buf_text(&form), folded) != NULL;
    buf_fini(&form);
    return found;
}

static bool fits(const struct word *word, const struct board_row *row, const char *object,
                 int64_t now_ms)
{
    static const char *const kinds[] = {"outage отключение", "quality качество", "hazard опасность",
                                        "planned плановое"};
    char number[24];
    switch (word->key) {
    case KEY_PRIORITY: return fits_priority(row, word->value);
    case KEY_STATE: return fits_state(row, word->value);
    case KEY_KIND: return names_it(kinds[row->kind], word->value);
    case KEY_ETA: return fits_eta(row, word->value, now_ms);
    case KEY_NODE: return contains(row->node, word->value);
    case KEY_PLACE: return names_it("none нет", word->value) && row->unresolved;
    case KEY_CALLS: return row->calls >= strtol(word->value, NULL, 10);
    case KEY_WORD: break;
    }
    snprintf(number, sizeof number, "%" PRId64, row->number);
    return strstr(number, word->value) || contains(object, word->value) ||
           contains(row->place, word->value) || contains(row->ref, word->value) ||
           contains(row->node, word->value);
}

bool queue_filter_fits(const struct queue_filter *filter, const struct board_row *row,
                       const char *object, int64_t now_ms)
{
    for (size_t i = 0; filter && i < filter->count; i++)
        if (fits(&filter->words[i], row, object, now_ms) == filter->words[i].negated)
            return false;
    return true;
}
