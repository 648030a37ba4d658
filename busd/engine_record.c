#include "busd/engine_record.h"

#include "lib/event.h"

#include <stdlib.h>
#include <string.h>

#define FIELD(type, column, kind, words)                             \
    {                                                                \
#column, RECORD_##kind, offsetof(struct type, column), words \
    }

#define INCIDENT(column, kind)       FIELD(incident, column, kind, NULL)
#define INCIDENT_WORD(column, words) FIELD(incident, column, WORD, words)
static const struct record_field incident_fields[] = {
    INCIDENT(incident, INTEGER),
    INCIDENT(ref, TEXT),
    INCIDENT_WORD(kind, EVENT_WORDS_KIND),
    INCIDENT_WORD(state, INCIDENT_STATE_WORDS),
    INCIDENT(priority, INTEGER),
    INCIDENT(priority_given, BOOL),
    INCIDENT_WORD(priority_reason, INCIDENT_REASON_WORDS),
    INCIDENT(node, TEXT),
    INCIDENT(desk, TEXT),
    INCIDENT_WORD(grouping, EVENT_WORDS_GROUPING),
    INCIDENT(probability, INTEGER),
    INCIDENT(started, TIME),
    INCIDENT(restored_at, TIME),
    INCIDENT(closed_at, TIME),
    INCIDENT(calls, INTEGER),
    INCIDENT(customers, INTEGER),
    INCIDENT(customers_given, BOOL),
    INCIDENT(critical_count, INTEGER),
    INCIDENT(category_1, INTEGER),
    INCIDENT(category_2, INTEGER),
    INCIDENT(category_3, INTEGER),
    INCIDENT(customers_restored, INTEGER),
    INCIDENT(part_seconds, INTEGER),
    INCIDENT(cause, TEXT),
    INCIDENT(public_text, TEXT),
    INCIDENT_WORD(crew_tier, EVENT_WORDS_TIER),
    INCIDENT_WORD(crew_state, EVENT_WORDS_CREW),
    INCIDENT(crew, TEXT),
    INCIDENT(accepted_by, TEXT),
    INCIDENT(accepted_at, TIME),
    INCIDENT(information, INTEGER),
    INCIDENT_WORD(hazard, EVENT_WORDS_HAZARD),
    INCIDENT(critical, BOOL),
    INCIDENT(feeder, BOOL),
    INCIDENT_WORD(outcome, INCIDENT_OUTCOME_WORDS),
    INCIDENT(nested_in, INTEGER),
    INCIDENT(merged_into, INTEGER),
    INCIDENT(eta_at, TIME),
    INCIDENT_WORD(eta_firmness, EVENT_WORDS_FIRMNESS),
    INCIDENT_WORD(eta_source, EVENT_WORDS_SOURCE),
    INCIDENT(eta_set_at, TIME),
    INCIDENT(eta_by, TEXT),
    INCIDENT(eta_say, TEXT),
    INCIDENT(eta_published, BOOL),
    INCIDENT(eta_revisions, INTEGER),
    INCIDENT(opened_by, TEXT),
    INCIDENT(opened_at, TIME),
    INCIDENT(active_since, TIME),
    INCIDENT(news_at, TIME),
    INCIDENT(news_run, INTEGER),
    INCIDENT(news_run_at, TIME),
    INCIDENT(deadlines, INTEGER),
    INCIDENT(overdue_alarms, INTEGER),
    INCIDENT(overdue_at, TIME),
    INCIDENT(escalated_to, TEXT),
    INCIDENT(last_report_at, TIME),
    INCIDENT(settlement, TEXT),
    INCIDENT(street, TEXT),
    INCIDENT(house, TEXT),
    INCIDENT(version, INTEGER),
};

#define CONTACT(column, kind)       FIELD(contact, column, kind, NULL)
#define CONTACT_WORD(column, words) FIELD(contact, column, WORD, words)
static const struct record_field contact_fields[] = {
    CONTACT(reg_no, TEXT),
    CONTACT(sequence, INTEGER),
    CONTACT(type, TEXT),
    CONTACT(incident, INTEGER),
    CONTACT(planned, INTEGER),
    CONTACT_WORD(applicant, EVENT_WORDS_APPLICANT),
    CONTACT_WORD(symptom, EVENT_WORDS_SYMPTOM),
    CONTACT_WORD(extent, EVENT_WORDS_EXTENT),
    CONTACT_WORD(hazard, EVENT_WORDS_HAZARD),
    CONTACT_WORD(critical, EVENT_WORDS_CRITICAL),
    CONTACT(since, TIME),
    CONTACT(time, TIME),
    CONTACT(recorded, TIME),
    CONTACT(operator, TEXT),
    CONTACT(call, TEXT),
    CONTACT(callback, BOOL),
    CONTACT(answer_since, TIME),
    CONTACT(answer_late, BOOL),
    CONTACT_WORD(place_level, EVENT_WORDS_PLACE),
    CONTACT(premise, INTEGER),
    CONTACT(house, INTEGER),
    CONTACT(street, INTEGER),
    CONTACT(settlement, INTEGER),
    CONTACT(node, TEXT),
    CONTACT_WORD(state, CONTACT_STATE_WORDS),
    CONTACT_WORD(dispatch, CONTACT_DISPATCH_WORDS),
    CONTACT(returned_reason, TEXT),
    CONTACT(question, TEXT),
    CONTACT(topic, TEXT),
    CONTACT_WORD(form, EVENT_WORDS_FORM),
    CONTACT(request, BOOL),
    CONTACT(referred, BOOL),
    CONTACT(department, TEXT),
    CONTACT(handler, TEXT),
    CONTACT(needs_answer, BOOL),
    CONTACT(due, TIME),
    CONTACT(deadlines, INTEGER),
    CONTACT(answered_at, TIME),
    CONTACT(answer_sequence, INTEGER),
    CONTACT(updated_sequence, INTEGER),
    CONTACT_WORD(justified, "no yes"),
    CONTACT(measures_done, TEXT),
    CONTACT(measures_planned, TEXT),
    CONTACT(ground, TEXT),
    CONTACT(repeat_of, TEXT),
    CONTACT(reopened, INTEGER),
    CONTACT(version, INTEGER),
};

static const struct record_field meter_reading_fields[] = {
    FIELD(meter_reading, reg_no, TEXT, NULL),      FIELD(meter_reading, sequence, INTEGER, NULL),
    FIELD(meter_reading, meter, TEXT, NULL),       FIELD(meter_reading, at, TIME, NULL),
    FIELD(meter_reading, zones, INTEGER, NULL),    FIELD(meter_reading, value_1, INTEGER, NULL),
    FIELD(meter_reading, value_2, INTEGER, NULL),  FIELD(meter_reading, value_3, INTEGER, NULL),
    FIELD(meter_reading, compared, BOOL, NULL),    FIELD(meter_reading, used_1, INTEGER, NULL),
    FIELD(meter_reading, used_2, INTEGER, NULL),   FIELD(meter_reading, used_3, INTEGER, NULL),
    FIELD(meter_reading, rolled_over, BOOL, NULL), FIELD(meter_reading, outside_window, BOOL, NULL),
    FIELD(meter_reading, reason, TEXT, NULL),
};

static const struct record_field meter_state_fields[] = {
    FIELD(meter_state, meter, TEXT, NULL),      FIELD(meter_state, at, TIME, NULL),
    FIELD(meter_state, value_1, INTEGER, NULL), FIELD(meter_state, value_2, INTEGER, NULL),
    FIELD(meter_state, value_3, INTEGER, NULL), FIELD(meter_state, daily, INTEGER, NULL),
    FIELD(meter_state, version, INTEGER, NULL),
};

static const struct record_field appointment_fields[] = {
    FIELD(appointment, appointment, INTEGER, NULL),
    FIELD(appointment, sequence, INTEGER, NULL),
    FIELD(appointment, office, TEXT, NULL),
    FIELD(appointment, service, TEXT, NULL),
    FIELD(appointment, window, INTEGER, NULL),
    FIELD(appointment, starts, TIME, NULL),
    FIELD(appointment, ends, TIME, NULL),
    FIELD(appointment, state, WORD, APPOINTMENT_STATE_WORDS),
    FIELD(appointment, contact, TEXT, NULL),
    FIELD(appointment, version, INTEGER, NULL),
};

static const struct record_field call_fields[] = {
    FIELD(call, call, TEXT, NULL),        FIELD(call, direction, WORD, EVENT_WORDS_DIRECTION),
    FIELD(call, line, TEXT, NULL),        FIELD(call, rang_at, TIME, NULL),
    FIELD(call, answered_at, TIME, NULL), FIELD(call, ended_at, TIME, NULL),
    FIELD(call, operator, TEXT, NULL),    FIELD(call, outcome, TEXT, NULL),
    FIELD(call, recording, TEXT, NULL),   FIELD(call, contacts, INTEGER, NULL),
    FIELD(call, waited, BOOL, NULL),      FIELD(call, version, INTEGER, NULL),
};

static const struct record_field planned_fields[] = {
    FIELD(planned, planned, INTEGER, NULL),
    FIELD(planned, ref, TEXT, NULL),
    FIELD(planned, state, WORD, PLANNED_STATE_WORDS),
    FIELD(planned, node, TEXT, NULL),
    FIELD(planned, starts, TIME, NULL),
    FIELD(planned, ends, TIME, NULL),
    FIELD(planned, spans, TEXT, NULL),
    FIELD(planned, worked, TEXT, NULL),
    FIELD(planned, worked_until, TIME, NULL),
    FIELD(planned, reason, TEXT, NULL),
    FIELD(planned, addresses, TEXT, NULL),
    FIELD(planned, calls, INTEGER, NULL),
    FIELD(planned, announced_at, TIME, NULL),
    FIELD(planned, deadlines, INTEGER, NULL),
    FIELD(planned, version, INTEGER, NULL),
};

static const struct record_field node_state_fields[] = {
    FIELD(node_state, node, TEXT, NULL),
    FIELD(node_state, mark, WORD, EVENT_WORDS_MARK),
    FIELD(node_state, fed_from, TEXT, NULL),
    FIELD(node_state, version, INTEGER, NULL),
};

static const struct record_field counter_fields[] = {
    FIELD(counter, name, TEXT, NULL),
    FIELD(counter, value, INTEGER, NULL),
};

static const struct record_field mode_fields[] = {
    FIELD(mode, key, INTEGER, NULL), FIELD(mode, mode, WORD, EVENT_WORDS_MODE),
    FIELD(mode, since, TIME, NULL),  FIELD(mode, message, TEXT, NULL),
    FIELD(mode, until, TIME, NULL),  FIELD(mode, version, INTEGER, NULL),
};

static const struct record_field desk_state_fields[] = {
    FIELD(desk_state, desk, TEXT, NULL),       FIELD(desk_state, person, TEXT, NULL),
    FIELD(desk_state, since, TIME, NULL),      FIELD(desk_state, needed_since, TIME, NULL),
    FIELD(desk_state, alarmed, BOOL, NULL),    FIELD(desk_state, news, INTEGER, NULL),
    FIELD(desk_state, news_at, TIME, NULL),    FIELD(desk_state, flooded, TIME, NULL),
    FIELD(desk_state, version, INTEGER, NULL),
};

static const struct record_field rules_in_force_fields[] = {
    FIELD(rules_in_force, key, INTEGER, NULL), FIELD(rules_in_force, mode, WORD, EVENT_WORDS_MODE),
    FIELD(rules_in_force, sha256, TEXT, NULL), FIELD(rules_in_force, lines, TEXT, NULL),
    FIELD(rules_in_force, since, TIME, NULL),  FIELD(rules_in_force, version, INTEGER, NULL),
};

static const struct record_field approval_fields[] = {
    FIELD(approval, id, TEXT, NULL),          FIELD(approval, act, TEXT, NULL),
    FIELD(approval, by, TEXT, NULL),          FIELD(approval, until, TIME, NULL),
    FIELD(approval, given_at, TIME, NULL),    FIELD(approval, version, INTEGER, NULL),
    FIELD(approval, sequence, INTEGER, NULL),
};

#define TABLE(type)                                                                \
    {                                                                              \
#type, type##_fields, sizeof(type##_fields) / sizeof(type##_fields[0]), 1, \
            sizeof(struct type)                                                    \
    }
const struct record_table record_tables[RECORD_TYPE_COUNT] = {
    [RECORD_INCIDENT] = TABLE(incident),       [RECORD_CONTACT] = TABLE(contact),
    [RECORD_PLANNED] = TABLE(planned),         [RECORD_CALL] = TABLE(call),
    [RECORD_APPOINTMENT] = TABLE(appointment), [RECORD_METER_READING] = TABLE(meter_reading),
    [RECORD_METER_STATE] = TABLE(meter_state), [RECORD_NODE_STATE] = TABLE(node_state),
    [RECORD_COUNTER] = TABLE(counter),         [RECORD_MODE] = TABLE(mode),
    [RECORD_DESK_STATE] = TABLE(desk_state),   [RECORD_RULES_IN_FORCE] = TABLE(rules_in_force),
    [RECORD_APPROVAL] = TABLE(approval),
};

struct cover_list *record_covers(enum record_type type, void *record)
{
    switch (type) {
    case RECORD_INCIDENT: return &((struct incident *)record)->covers;
    case RECORD_PLANNED: return &((struct planned *)record)->covers;
    default: return NULL;
    }
}

void record_fini(enum record_type type, void *record)
{
    const struct record_table *table = &record_tables[type];
    struct cover_list *covers = record_covers(type, record);

    for (size_t i = 0; i < table->count; i++) {
        if (table->fields[i].kind == RECORD_TEXT)
            free(*(char **)((char *)record + table->fields[i].offset));
    }
    if (covers) {
        for (size_t i = 0; i < covers->count; i++)
            free(covers->items[i].node);
        free(covers->items);
    }
    memset(record, 0, table->size);
}
