#include "lib/event.h"

#include <assert.h>

enum { WORDS_MAX = 10, WORDS_BYTES = 96 };

static const struct slice topics[EVENT_TYPE_COUNT] = {
#define X(name, topic) [EVENT_##name] = {topic, sizeof(topic) - 1},
    EVENT_TYPES(X)
#undef X
};

const struct event_field_info event_fields[EVENT_FIELD_COUNT] = {
#define X(name, kind, words) [EVENT_FIELD_##name] = {#name, kind, words},
    EVENT_FIELDS(X)
#undef X
};

// The words of event_fields, each ended by a NUL: derived from it once, before main, and only read
// from then on, so that event_word() may give out C strings.
static char word_bytes[EVENT_FIELD_COUNT][WORDS_BYTES];
static const char *word_starts[EVENT_FIELD_COUNT][WORDS_MAX];

__attribute__((constructor)) static void split_words(void)
{
    for (size_t field = 0; field < EVENT_FIELD_COUNT; field++) {
        const char *words = event_fields[field].words;
        size_t count = 0;

        if (!words)
            continue;
        assert(strlen(words) < WORDS_BYTES);
        strcpy(word_bytes[field], words);
        for (char *at = word_bytes[field]; *at; at++) {
            if (at == word_bytes[field] || at[-1] == '\0') {
                assert(count < WORDS_MAX);
                word_starts[field][count++] = at;
            }
            if (*at == ' ')
                *at = '\0';
        }
    }
}

const char *event_topic(enum event_type type)
{
    return type < EVENT_OTHER ? topics[type].data : NULL;
}

enum event_type event_type_of(struct slice topic)
{
    for (int type = 0; type < EVENT_OTHER; type++) {
        if (slice_equal(topics[type], topic))
            return (enum event_type)type;
    }
    return EVENT_OTHER;
}

const char *event_word(enum event_field field, int64_t index)
{
    return index >= 0 && index < WORDS_MAX ? word_starts[field][index] : NULL;
}

int64_t event_word_index(enum event_field field, struct slice word)
{
    for (int index = 0; index < WORDS_MAX && word_starts[field][index]; index++) {
        if (slice_is(word, word_starts[field][index]))
            return index;
    }
    return -1;
}

int64_t event_moment_ms(const struct event *event)
{
    return event->time_ms < event->recorded_ms ? event->time_ms : event->recorded_ms;
}

static struct event_value *decide_field(struct event *event, enum event_field field)
{
    event->has |= EVENT_BIT(field);
    event->decided |= EVENT_BIT(field);
    event->values[field] = (struct event_value){0};
    return &event->values[field];
}

void event_clear(struct event *event, enum event_field field)
{
    event->has &= ~EVENT_BIT(field);
    event->decided &= ~EVENT_BIT(field);
}

void event_set_integer(struct event *event, enum event_field field, int64_t value)
{
    decide_field(event, field)->integer = value;
}

void event_set_text(struct event *event, enum event_field field, struct slice text)
{
    decide_field(event, field)->text = text;
}

void event_set_word(struct event *event, enum event_field field, int64_t index)
{
    const char *word = event_word(field, index);
    struct event_value *value = decide_field(event, field);

    assert(word);
    value->integer = index;
    value->text = slice_of(word);
}

void event_set_place(struct event *event, enum event_field field, const struct event_place *place)
{
    decide_field(event, field)->place = place;
}

void event_set_integers(struct event *event, enum event_field field, const int64_t *values,
                        size_t count)
{
    struct event_value *value = decide_field(event, field);

    value->integers = values;
    value->count = count;
}

void event_set_texts(struct event *event, enum event_field field, const struct slice *texts,
                     size_t count)
{
    struct event_value *value = decide_field(event, field);

    value->texts = texts;
    value->count = count;
}
