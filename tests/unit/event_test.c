#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/event.h"

static void every_type_is_found_by_its_topic(void **state)
{
    (void)state;
    for (int type = 0; type < EVENT_OTHER; type++) {
        const char *topic = event_topic((enum event_type)type);

        assert_non_null(topic);
        assert_int_equal(event_type_of(slice_of(topic)), type);
    }
    assert_null(event_topic(EVENT_OTHER));
    assert_int_equal(event_type_of(slice_of("x.meters.ping")), EVENT_OTHER);
    assert_int_equal(event_type_of(slice_of("incident.opene")), EVENT_OTHER);
    assert_int_equal(event_type_of(slice_of("incident.openedd")), EVENT_OTHER);
    assert_int_equal(event_type_of(slice_of("")), EVENT_OTHER);
}

static void words_and_their_indexes_agree(void **state)
{
    size_t fields_with_words = 0;

    (void)state;
    for (int field = 0; field < EVENT_FIELD_COUNT; field++) {
        const struct event_field_info *info = &event_fields[field];
        const char *at = info->words;
        const char *word;
        int index = 0;

        assert_int_equal(info->kind == EVENT_WORD, info->words != NULL);
        fields_with_words += info->words != NULL;
        for (; (word = event_word((enum event_field)field, index)); index++) {
            assert_int_equal(strncmp(at, word, strlen(word)), 0);
            at += strlen(word) + (at[strlen(word)] == ' ');
            assert_int_equal(event_word_index((enum event_field)field, slice_of(word)), index);
        }
        if (info->words)
            assert_string_equal(at, "");
        assert_null(event_word((enum event_field)field, -1));
        assert_int_equal(event_word_index((enum event_field)field, slice_of("nonsense")), -1);
        assert_int_equal(event_word_index((enum event_field)field, slice_of("")), -1);
    }
    assert_int_equal(fields_with_words, 17);
}

static void the_moment_is_the_earlier_of_the_two_times(void **state)
{
    (void)state;
    assert_int_equal(event_moment_ms(&(struct event){.time_ms = 5, .recorded_ms = 9}), 5);
    assert_int_equal(event_moment_ms(&(struct event){.time_ms = 9, .recorded_ms = 5}), 5);
}

static void what_is_set_is_there_and_decided(void **state)
{
    struct event event = {0};
    static const int64_t keys[] = {3, 4};
    const struct event_place place = {.level = PLACE_HOUSE};
    struct slice text = slice_of("2026-000001");

    (void)state;
    event_set_integer(&event, EVENT_FIELD_incident, 12);
    event_set_text(&event, EVENT_FIELD_reg_no, text);
    event_set_word(&event, EVENT_FIELD_kind, 1);
    event_set_integers(&event, EVENT_FIELD_places, keys, 2);
    event_set_texts(&event, EVENT_FIELD_contacts, &text, 1);
    event_set_place(&event, EVENT_FIELD_premise, &place);
    assert_true(EVENT_HAS(&event, incident) && EVENT_HAS(&event, reg_no) &&
                EVENT_HAS(&event, kind) && EVENT_HAS(&event, places) &&
                EVENT_HAS(&event, contacts) && EVENT_HAS(&event, premise));
    assert_false(EVENT_HAS(&event, planned));
    assert_true(event.has == event.decided);
    assert_int_equal(EVENT_VALUE(&event, incident)->integer, 12);
    assert_true(slice_is(EVENT_VALUE(&event, kind)->text, "quality"));
    assert_int_equal(EVENT_VALUE(&event, places)->integers[1], 4);
    assert_int_equal(EVENT_VALUE(&event, places)->count, 2);
    assert_int_equal(EVENT_VALUE(&event, premise)->place->level, PLACE_HOUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_found_by_its_topic),
        cmocka_unit_test(words_and_their_indexes_agree),
        cmocka_unit_test(the_moment_is_the_earlier_of_the_two_times),
        cmocka_unit_test(what_is_set_is_there_and_decided),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
