// An event as the programs see it: its type, its envelope (CloudEvents 1.0, PROTOCOL §4) and the
// fields of its data that decide anything, read out of JSON by one table.
//
// The engine works on `struct event` alone and never sees JSON. What a field is called, which kind
// it is and which words it may hold stands once, in EVENT_FIELDS.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// X(ENUM, "topic"): every type that means something to the engine. The order is of no meaning to
// the journal, which stores names.
#define EVENT_TYPES(X)                                        \
    X(CONTACT_OUTAGE_REPORT, "contact.outage_report")         \
    X(CONTACT_QUALITY_COMPLAINT, "contact.quality_complaint") \
    X(CONTACT_RESTORATION_QUERY, "contact.restoration_query") \
    X(CONTACT_INQUIRY, "contact.inquiry")                     \
    X(CONTACT_CONSULTATION, "contact.consultation")           \
    X(CONTACT_METER_READING, "contact.meter_reading")         \
    X(CONTACT_THEFT_REPORT, "contact.theft_report")           \
    X(CONTACT_COMPLAINT, "contact.complaint")                 \
    X(CONTACT_ROUTED, "contact.routed")                       \
    X(CONTACT_TAKEN, "contact.taken")                         \
    X(CONTACT_ANSWERED, "contact.answered")                   \
    X(CONTACT_CLOSED, "contact.closed")                       \
    X(CONTACT_LEFT, "contact.left")                           \
    X(CONTACT_REOPENED, "contact.reopened")                   \
    X(CONTACT_LINKED, "contact.linked")                       \
    X(CONTACT_UPDATED, "contact.updated")                     \
    X(APPOINTMENT_BOOKED, "appointment.booked")               \
    X(APPOINTMENT_MOVED, "appointment.moved")                 \
    X(APPOINTMENT_CANCELLED, "appointment.cancelled")         \
    X(APPOINTMENT_KEPT, "appointment.kept")                   \
    X(CALL_STARTED, "call.started")                           \
    X(CALL_ENDED, "call.ended")                               \
    X(INCIDENT_OPENED, "incident.opened")                     \
    X(INCIDENT_UPDATED, "incident.updated")                   \
    X(INCIDENT_CONFIRMED, "incident.confirmed")               \
    X(INCIDENT_MOVED, "incident.moved")                       \
    X(INCIDENT_MERGED, "incident.merged")                     \
    X(INCIDENT_SPLIT, "incident.split")                       \
    X(INCIDENT_CREW, "incident.crew")                         \
    X(INCIDENT_PARTLY_RESTORED, "incident.partly_restored")   \
    X(INCIDENT_RESTORED, "incident.restored")                 \
    X(INCIDENT_VERIFIED, "incident.verified")                 \
    X(INCIDENT_REOPENED, "incident.reopened")                 \
    X(INCIDENT_CLOSED, "incident.closed")                     \
    X(INCIDENT_CANCELLED, "incident.cancelled")               \
    X(ETA_SET, "eta.set")                                     \
    X(ETA_WITHDRAWN, "eta.withdrawn")                         \
    X(DISPATCH_ACCEPTED, "dispatch.accepted")                 \
    X(DISPATCH_RETURNED, "dispatch.returned")                 \
    X(DISPATCH_ASKED, "dispatch.asked")                       \
    X(DISPATCH_REPLIED, "dispatch.replied")                   \
    X(NODE_SWITCHED, "node.switched")                         \
    X(NODE_MARKED, "node.marked")                             \
    X(PLANNED_ANNOUNCED, "planned.announced")                 \
    X(PLANNED_CHANGED, "planned.changed")                     \
    X(PLANNED_STARTED, "planned.started")                     \
    X(PLANNED_ENDED, "planned.ended")                         \
    X(PLANNED_CANCELLED, "planned.cancelled")                 \
    X(MODE_CHANGED, "mode.changed")                           \
    X(MODE_MESSAGE, "mode.message")                           \
    X(LOG_ENTRY, "log.entry")                                 \
    X(SHIFT_OPENED, "shift.opened")                           \
    X(SHIFT_HANDED_OVER, "shift.handed_over")                 \
    X(MODEL_CHANGED, "model.changed")                         \
    X(RULES_CHANGED, "rules.changed")                         \
    X(APPROVAL_REQUESTED, "approval.requested")               \
    X(APPROVAL_GIVEN, "approval.given")                       \
    X(INCIDENT_GROUPED, "incident.grouped")                   \
    X(INCIDENT_SWITCHED, "incident.switched")                 \
    X(PLANNED_SWITCHED, "planned.switched")                   \
    X(DEADLINE_PASSED, "deadline.passed")                     \
    X(ETA_NEEDED, "eta.needed")

enum event_type {
#define X(name, topic) EVENT_##name,
    EVENT_TYPES(X)
#undef X
        EVENT_OTHER, // checked, journalled, streamed; decides nothing (x.NAME.…)
    EVENT_TYPE_COUNT
};

// How a field's value is held in `struct event_value`.
enum event_kind {
    EVENT_INTEGER,  // integer
    EVENT_BOOL,     // integer 0 or 1
    EVENT_TIME,     // integer, UTC milliseconds; RFC 3339 in JSON
    EVENT_WORD,     // integer = index in the field's words; text = the word
    EVENT_TEXT,     // text
    EVENT_TEXTS,    // texts, count
    EVENT_INTEGERS, // integers, count
    EVENT_SPANS,    // integers: starts, ends, starts, ends …; count = twice the spans
    EVENT_PLACE     // place: what the broker resolved (`premise`.`resolved`)
};

// The words of EVENT_WORD fields, by value. They may be shared with records (engine_record.c).
#define EVENT_WORDS_KIND      "outage quality hazard planned"
#define EVENT_WORDS_COVER     "premise house street settlement"
#define EVENT_WORDS_TIER      "inspection repair"
#define EVENT_WORDS_CREW      "awaiting assigned en_route on_site working done"
#define EVENT_WORDS_FIRMNESS  "estimate firm not_before"
#define EVENT_WORDS_SOURCE    "dispatcher crew zone rule"
#define EVENT_WORDS_APPLICANT "person legal tso authority anonymous"
#define EVENT_WORDS_SYMPTOM \
    "no_power partial interruptions restored low high flicker unbalanced other"
#define EVENT_WORDS_EXTENT    "flat house street unknown"
#define EVENT_WORDS_HAZARD    "wire_down fire sparking open_equipment trapped other"
#define EVENT_WORDS_CRITICAL  "hospital school boiler water life_support telecom other"
#define EVENT_WORDS_MODE      "normal storm"
#define EVENT_WORDS_MARK      "none energised out"
#define EVENT_WORDS_FORM      "phone office web post other" // columns 5-9 of the register
#define EVENT_WORDS_DIRECTION "in out"
#define EVENT_WORDS_GROUPING  "none live settled"
#define EVENT_WORDS_PLACE     "none settlement street house premise" // of enum event_place_level

// X(name in data, kind, "words of EVENT_WORD" or NULL). Text fields that decide nothing (say,
// question, free text) are not here: they stay in the JSON.
#define EVENT_FIELDS(X)                             \
    X(incident, EVENT_INTEGER, NULL)                \
    X(into, EVENT_INTEGER, NULL)                    \
    X(planned, EVENT_INTEGER, NULL)                 \
    X(split_into, EVENT_INTEGER, NULL)              \
    X(nested_in, EVENT_INTEGER, NULL)               \
    X(contact, EVENT_TEXT, NULL)                    \
    X(reg_no, EVENT_TEXT, NULL)                     \
    X(contacts, EVENT_TEXTS, NULL)                  \
    X(kind, EVENT_WORD, EVENT_WORDS_KIND)           \
    X(node, EVENT_TEXT, NULL)                       \
    X(nodes, EVENT_TEXTS, NULL)                     \
    X(nodes_in, EVENT_TEXTS, NULL)                  \
    X(nodes_back, EVENT_TEXTS, NULL)                \
    X(nodes_out, EVENT_TEXTS, NULL)                 \
    X(nodes_never, EVENT_TEXTS, NULL)               \
    X(accounts, EVENT_TEXTS, NULL)                  \
    X(accounts_add, EVENT_TEXTS, NULL)              \
    X(accounts_remove, EVENT_TEXTS, NULL)           \
    X(places, EVENT_INTEGERS, NULL)                 \
    X(places_add, EVENT_INTEGERS, NULL)             \
    X(places_remove, EVENT_INTEGERS, NULL)          \
    X(premise, EVENT_PLACE, NULL)                   \
    X(cover, EVENT_WORD, EVENT_WORDS_COVER)         \
    X(ref, EVENT_TEXT, NULL)                        \
    X(started, EVENT_TIME, NULL)                    \
    X(starts, EVENT_TIME, NULL)                     \
    X(ends, EVENT_TIME, NULL)                       \
    X(spans, EVENT_SPANS, NULL)                     \
    X(at, EVENT_TIME, NULL)                         \
    X(until, EVENT_TIME, NULL)                      \
    X(since, EVENT_TIME, NULL)                      \
    X(customers, EVENT_INTEGER, NULL)               \
    X(customers_counted, EVENT_INTEGER, NULL)       \
    X(critical_counted, EVENT_INTEGER, NULL)        \
    X(categories, EVENT_INTEGERS, NULL)             \
    X(customers_restored, EVENT_INTEGER, NULL)      \
    X(feeder, EVENT_BOOL, NULL)                     \
    X(covers_follow, EVENT_BOOL, NULL)              \
    X(priority, EVENT_INTEGER, NULL)                \
    X(expect, EVENT_INTEGER, NULL)                  \
    X(cause, EVENT_TEXT, NULL)                      \
    X(public_text, EVENT_TEXT, NULL)                \
    X(reason, EVENT_TEXT, NULL)                     \
    X(question, EVENT_TEXT, NULL)                   \
    X(addresses, EVENT_TEXT, NULL)                  \
    X(say, EVENT_TEXT, NULL)                        \
    X(tier, EVENT_WORD, EVENT_WORDS_TIER)           \
    X(state, EVENT_WORD, EVENT_WORDS_CREW)          \
    X(crew, EVENT_TEXT, NULL)                       \
    X(firmness, EVENT_WORD, EVENT_WORDS_FIRMNESS)   \
    X(source, EVENT_WORD, EVENT_WORDS_SOURCE)       \
    X(published, EVENT_BOOL, NULL)                  \
    X(in_force, EVENT_BOOL, NULL)                   \
    X(applicant, EVENT_WORD, EVENT_WORDS_APPLICANT) \
    X(symptom, EVENT_WORD, EVENT_WORDS_SYMPTOM)     \
    X(extent, EVENT_WORD, EVENT_WORDS_EXTENT)       \
    X(hazard, EVENT_WORD, EVENT_WORDS_HAZARD)       \
    X(critical, EVENT_WORD, EVENT_WORDS_CRITICAL)   \
    X(callback, EVENT_BOOL, NULL)                   \
    X(needs_answer, EVENT_BOOL, NULL)               \
    X(mode, EVENT_WORD, EVENT_WORDS_MODE)           \
    X(text, EVENT_TEXT, NULL)                       \
    X(mark, EVENT_WORD, EVENT_WORDS_MARK)           \
    X(fed_from, EVENT_TEXT, NULL)                   \
    X(person, EVENT_TEXT, NULL)                     \
    X(desk, EVENT_TEXT, NULL)                       \
    X(to, EVENT_TEXT, NULL)                         \
    X(call, EVENT_TEXT, NULL)                       \
    X(meter, EVENT_TEXT, NULL)                      \
    X(readings, EVENT_INTEGERS, NULL)               \
    X(digits, EVENT_INTEGER, NULL)                  \
    X(zones, EVENT_INTEGER, NULL)                   \
    X(former, EVENT_INTEGERS, NULL)                 \
    X(former_at, EVENT_TIME, NULL)                  \
    X(used, EVENT_INTEGERS, NULL)                   \
    X(rolled_over, EVENT_BOOL, NULL)                \
    X(outside_window, EVENT_BOOL, NULL)             \
    X(appointment, EVENT_INTEGER, NULL)             \
    X(office, EVENT_TEXT, NULL)                     \
    X(service, EVENT_TEXT, NULL)                    \
    X(window, EVENT_INTEGER, NULL)                  \
    X(windows, EVENT_INTEGER, NULL)                 \
    X(topic, EVENT_TEXT, NULL)                      \
    X(department, EVENT_TEXT, NULL)                 \
    X(form, EVENT_WORD, EVENT_WORDS_FORM)           \
    X(answered, EVENT_BOOL, NULL)                   \
    X(referred, EVENT_BOOL, NULL)                   \
    X(request, EVENT_BOOL, NULL)                    \
    X(justified, EVENT_BOOL, NULL)                  \
    X(measures_done, EVENT_TEXT, NULL)              \
    X(measures_planned, EVENT_TEXT, NULL)           \
    X(repeat_of, EVENT_TEXT, NULL)                  \
    X(direction, EVENT_WORD, EVENT_WORDS_DIRECTION) \
    X(line, EVENT_TEXT, NULL)                       \
    X(rang_at, EVENT_TIME, NULL)                    \
    X(answered_at, EVENT_TIME, NULL)                \
    X(ended_at, EVENT_TIME, NULL)                   \
    X(outcome, EVENT_TEXT, NULL)                    \
    X(recording, EVENT_TEXT, NULL)                  \
    X(deadline, EVENT_TEXT, NULL)                   \
    X(of, EVENT_TEXT, NULL)                         \
    X(act, EVENT_TEXT, NULL)                        \
    X(by, EVENT_TEXT, NULL)                         \
    X(due, EVENT_TIME, NULL)                        \
    X(premises, EVENT_INTEGER, NULL)                \
    X(ground, EVENT_TEXT, NULL)                     \
    X(set, EVENT_WORD, EVENT_WORDS_MODE)            \
    X(sha256, EVENT_TEXT, NULL)                     \
    X(rules, EVENT_TEXTS, NULL)                     \
    X(grouping, EVENT_WORD, EVENT_WORDS_GROUPING)   \
    X(probable, EVENT_BOOL, NULL)                   \
    X(candidates, EVENT_TEXTS, NULL)                \
    X(candidates_ppm, EVENT_INTEGERS, NULL)         \
    X(candidates_premises, EVENT_INTEGERS, NULL)    \
    X(candidates_callers, EVENT_INTEGERS, NULL)

enum event_field {
#define X(name, kind, words) EVENT_FIELD_##name,
    EVENT_FIELDS(X)
#undef X
        EVENT_FIELD_COUNT
};

// A reported place as the broker resolved it against the premises table. House, street and
// settlement are named by the lowest premise key that they hold, so that no further numbers have
// to be kept; like `premise` these mean nothing without the premises table. 0 = not known.
enum event_place_level { PLACE_NONE, PLACE_SETTLEMENT, PLACE_STREET, PLACE_HOUSE, PLACE_PREMISE };

struct event_place {
    enum event_place_level level;
    int64_t premise, house, street, settlement;
    struct slice node; // the id of the premise's node; empty when unknown
    // As shown; empty when unknown. Neither is personal.
    struct slice settlement_text, street_text, house_text;
};

// A set of fields: a bit an event_field.
__extension__ typedef unsigned __int128 event_bits;
_Static_assert(EVENT_FIELD_COUNT <= 128, "a field has a bit");
#define EVENT_BIT(field) ((event_bits)1 << (field))
#define EVENT_ALL_BITS   (~(event_bits)0)

struct event_value {
    union {
        int64_t integer;
        const struct event_place *place;
        const int64_t *integers;
        const struct slice *texts;
    };
    struct slice text;
    size_t count;
};

struct event {
    enum event_type type;
    struct slice topic;    // the type's name as published, also of EVENT_OTHER
    struct slice id;       // the client's
    struct slice source;   // identity; "pult:busd" for the broker's own
    struct slice person;   // who signed on behind the identity; empty = nobody did
    struct slice cause_id; // causationid; empty = none
    int64_t time_ms;       // when it happened, as the sender says
    int64_t recorded_ms;   // when the broker took it
    int64_t sequence;      // place in the journal
    event_bits has;        // present
    event_bits decided;    // put there by the broker's decision
    struct event_value values[EVENT_FIELD_COUNT];
};

static inline bool event_has(const struct event *event, enum event_field field)
{
    return event->has >> field & 1;
}

#define EVENT_HAS(event, field)   event_has(event, EVENT_FIELD_##field)
#define EVENT_VALUE(event, field) (&(event)->values[EVENT_FIELD_##field])

struct event_field_info {
    const char *name;
    enum event_kind kind;
    const char *words; // blank-separated, or NULL
};
extern const struct event_field_info event_fields[EVENT_FIELD_COUNT];

const char *event_topic(enum event_type type);     // NULL for EVENT_OTHER
enum event_type event_type_of(struct slice topic); // EVENT_OTHER when not in the table
// The word at `index` of an EVENT_WORD field; NULL when out of range.
const char *event_word(enum event_field field, int64_t index);
int64_t event_word_index(enum event_field field, struct slice word); // -1 = no such word

// The earlier of `time` and `recordedtime`: what windows and timers use (PROTOCOL §4).
int64_t event_moment_ms(const struct event *event);

// Setting fields of an event under decision; marks them present and decided. Slices and arrays are
// not copied.
void event_clear(struct event *event, enum event_field field); // it is not there after all
void event_set_integer(struct event *event, enum event_field field, int64_t value);
void event_set_text(struct event *event, enum event_field field, struct slice text);
void event_set_word(struct event *event, enum event_field field, int64_t index);
void event_set_place(struct event *event, enum event_field field, const struct event_place *place);
void event_set_integers(struct event *event, enum event_field field, const int64_t *values,
                        size_t count);
void event_set_texts(struct event *event, enum event_field field, const struct slice *texts,
                     size_t count);
