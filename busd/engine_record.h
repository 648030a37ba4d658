// The records that are the journal's fold: what they hold, and one table a record from which the
// store makes its columns, rows and comparisons, and queries take their fields.
//
// A record's text fields are heap strings that the record owns (NULL = absent). Times are UTC
// milliseconds, 0 = not set.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind { RECORD_INTEGER, RECORD_BOOL, RECORD_TIME, RECORD_WORD, RECORD_TEXT };

struct record_field {
    const char *column;
    enum record_kind kind;
    size_t offset;     // of int64_t, bool, int64_t, int (enum), char *
    const char *words; // RECORD_WORD: blank-separated, by value; the column holds the word
};

struct record_table {
    const char *name;
    const struct record_field *fields; // the first `keys` of them are the primary key
    size_t count, keys, size;
};

enum incident_state {
    INCIDENT_SUSPECTED,
    INCIDENT_PROBABLE,
    INCIDENT_CONFIRMED,
    INCIDENT_PARTLY_RESTORED,
    INCIDENT_RESTORED,
    INCIDENT_VERIFIED,
    INCIDENT_CLOSED,
    INCIDENT_CANCELLED,
    INCIDENT_MERGED
};
#define INCIDENT_STATE_WORDS \
    "suspected probable confirmed partly_restored restored verified closed cancelled merged"

// Why it was cancelled; what each does to counts and minutes: engine_outcome_counts().
enum incident_outcome {
    OUTCOME_CUSTOMER_SIDE,
    OUTCOME_NOT_FOUND,
    OUTCOME_DUPLICATE,
    OUTCOME_INVALID
};
#define INCIDENT_OUTCOME_WORDS "customer_side not_found duplicate invalid"

// Why it has its priority: DOMAIN "Priority", in the order in which the rules are tried.
enum incident_reason {
    REASON_GIVEN, // a person said so
    REASON_HAZARD,
    REASON_CRITICAL,
    REASON_CATEGORY_1,
    REASON_FEEDER,
    REASON_SIZE,
    REASON_HOURS,
    REASON_ONE_FLAT,
    REASON_ORDINARY
};
#define INCIDENT_REASON_WORDS "given hazard critical category_1 feeder size hours one_flat ordinary"

// Words of fields that the engine decides by, in the order of their EVENT_WORDS.
enum incident_kind { INCIDENT_OUTAGE, INCIDENT_QUALITY, INCIDENT_HAZARD };
enum eta_source { ETA_DISPATCHER, ETA_CREW, ETA_ZONE, ETA_RULE };

// Whether its place follows the grouping of calls (engine_predict.h).
enum incident_grouping { GROUPING_NONE, GROUPING_LIVE, GROUPING_SETTLED };

// What a record covers: premises by key, houses, streets and settlements by the lowest premise key
// they hold, or a node by its id and everything below it.
enum cover_level { COVER_PREMISE, COVER_HOUSE, COVER_STREET, COVER_SETTLEMENT, COVER_NODE };
// How a place got among the covers; all but the first are of nodes (engine_feed.c).
enum cover_part {
    COVER_NAMED,
    COVER_RESTORED, // a part that was restored, of what is named
    COVER_JOINED,   // fed from what is named, by switching
    COVER_LEFT,     // fed from elsewhere since `restored_at`, and not covered any more
    COVER_NEVER     // fed from elsewhere when the node above it was named
};
struct cover {
    enum cover_level level;
    uint8_t part; // enum cover_part
    bool listed;  // a premise that a person has named: it stays whatever node is named beside it
    int64_t
        restored_at;  // by incident.partly_restored: out no longer, still the incident's; 0 = out
    int64_t since;    // of what joined: out since then; 0 = from the start
    int64_t before_s; // and for so long before it left for a time, in seconds
    int64_t key;      // of all but COVER_NODE
    char *node;       // COVER_NODE alone; owned
};
// Sorted by level, then key or node; nothing twice.
struct cover_list {
    struct cover *items;
    size_t count, capacity;
    bool stored; // nothing was changed since they were loaded or committed
    bool told;   // likewise, since the grouping was told (engine_predict.c)
};

struct incident {
    int64_t incident; // number, from 1
    char *ref;
    int kind;         // index of the words of event field `kind`
    int state;        // enum incident_state
    int64_t priority; // 1-5
    bool priority_given;
    int priority_reason; // enum incident_reason
    char *node;
    char *desk;          // that it belongs to; NULL = none owns its place
    int grouping;        // enum incident_grouping
    int64_t probability; // of its place as predicted, in millionths; 0 = not predicted
    int64_t started, restored_at, closed_at;
    int64_t calls;     // every report linked, repeats too
    int64_t customers; // as given, else counted when it was decided
    bool customers_given;
    // Of the premises that were counted: critical objects, and those of each reliability category.
    int64_t critical_count, category_1, category_2, category_3;
    int64_t customers_restored; // of parts, while others are still out
    int64_t part_seconds;       // of these: customers x seconds from opened_at to their restoration
    char *cause, *public_text;
    int crew_tier, crew_state; // words of `tier`, `state`; -1 = none
    char *crew;
    char *accepted_by; // identity; NULL = nobody, or something new came since
    int64_t accepted_at;
    int64_t information;            // bits of hazard, critical, symptom kinds seen so far
    int hazard;                     // most serious reported, index of the field's words; -1 = none
    bool critical;                  // a caller told of a critical object
    bool feeder;                    // its node is a feeder or a substation
    int outcome;                    // enum incident_outcome of a cancelled one; -1 = none
    int64_t nested_in, merged_into; // 0 = none
    int64_t eta_at;                 // 0 = none in force
    int eta_firmness, eta_source;   // words; -1 = none
    int64_t eta_set_at;
    char *eta_by, *eta_say;
    bool eta_published;
    int64_t eta_revisions; // how often it was set before
    char *opened_by;
    int64_t opened_at; // recordedtime of incident.opened
    // Deadlines (busd/engine_timer.h).
    int64_t active_since;          // recordedtime of the opening or the last reopening
    int64_t news_at;               // of the report that somebody is to accept; 0 = none
    int64_t news_run, news_run_at; // how often it had something new, from then on for a minute
    int64_t deadlines;             // bits of those that ran out
    int64_t overdue_alarms;        // about the ETA in force
    int64_t overdue_at;            // recordedtime of the last of these
    char *escalated_to; // desk or person that was called since nobody accepts it; NULL = none
    int64_t last_report_at;
    char *settlement, *street, *house; // of the place it was opened for, as shown
    int64_t version;                   // sequence of its last change
    struct cover_list covers;          // in a table of their own, in no field
};

struct contact {
    char *reg_no; // "2026-000123"
    int64_t sequence;
    char *type;                                       // topic
    int64_t incident, planned;                        // 0 = none
    int applicant, symptom, extent, hazard, critical; // words; -1 = absent
    int64_t since, time, recorded;
    char *operator; // identity
    char *call;
    bool callback;
    int64_t answer_since; // since when an answer or a call back is owed; 0 = none is
    bool answer_late;     // that was said
    int place_level;      // enum event_place_level
    int64_t premise, house, street, settlement;
    char *node;
    int state;    // enum contact_state
    int dispatch; // enum contact_dispatch: between the operator and the dispatcher
    char *returned_reason;
    char *question; // the dispatcher's last one
    // What the regulator's register needs beside these (Единые стандарты, прил. 7, п. 4.9).
    char *topic; // of an inquiry, a consultation, a theft report, a complaint
    int form;    // word
    bool request, referred;
    char *department; // that is to answer; NULL = none
    char *handler;    // identity that took it in work
    bool needs_answer;
    int64_t due;             // of the answer that is owed
    int64_t deadlines;       // bits of those that ran out (busd/engine_timer.h)
    int64_t answered_at;     // recordedtime; 0 = not yet
    int64_t answer_sequence; // of the last contact.answered, whose personal fields hold the answer
    int64_t
        updated_sequence; // of the last contact.updated; its personal fields go before the first
    int justified;        // word; -1 = not said
    char *measures_done, *measures_planned;
    char *ground;     // why it was left without review
    char *repeat_of;  // reg_no
    int64_t reopened; // how often
    int64_t version;
};
enum contact_state {
    CONTACT_REGISTERED,
    CONTACT_ROUTED,
    CONTACT_IN_WORK,
    CONTACT_ANSWERED,
    CONTACT_CLOSED,
    CONTACT_LEFT,
    CONTACT_REOPENED
};
#define CONTACT_STATE_WORDS "registered routed in_work answered closed left reopened"
enum contact_dispatch { DISPATCH_NONE, DISPATCH_RETURNED, DISPATCH_ASKED, DISPATCH_REPLIED };
#define CONTACT_DISPATCH_WORDS "none returned asked replied"

// A reading that was taken, by the contact's number.
struct meter_reading {
    char *reg_no;
    int64_t sequence;
    char *meter;
    int64_t at; // when it was read
    int64_t zones, value_1, value_2, value_3;
    bool compared; // there was one before: `used` counts from it
    int64_t used_1, used_2, used_3;
    bool rolled_over, outside_window;
    char *reason; // why it is below the last or far above the usual; NULL = it is neither
};

// The last reading taken of a meter.
struct meter_state {
    char *meter;
    int64_t at, value_1, value_2, value_3;
    int64_t daily; // thousandths of a unit a day, between the last two; 0 = not known
    int64_t version;
};

// A visit to an office, booked.
struct appointment {
    int64_t appointment; // number, from 1
    int64_t sequence;    // of appointment.booked, whose personal fields say who comes
    char *office, *service;
    int64_t window; // from 1
    int64_t starts, ends;
    int state;     // APPOINTMENT_*
    char *contact; // reg_no that it was asked for in; NULL = none
    int64_t version;
};
enum appointment_state {
    APPOINTMENT_BOOKED,
    APPOINTMENT_CANCELLED,
    APPOINTMENT_KEPT,
    APPOINTMENT_MISSED
};
#define APPOINTMENT_STATE_WORDS "booked cancelled kept missed"

// A telephone call; its contacts name it.
struct call {
    char *call;    // the gateway's id
    int direction; // word
    char *line;
    int64_t rang_at, answered_at, ended_at; // 0 = not (yet)
    char *operator;                         // identity
    char *outcome, *recording;
    int64_t contacts;
    bool waited; // too long for an answer; that was said
    int64_t version;
};

struct planned {
    int64_t planned;
    char *ref;
    int state; // PLANNED_*
    char *node;
    int64_t starts, ends;
    char *spans; // "starts-ends starts-ends" in UTC ms; NULL = the one span
    char *
        worked; // "from-to from-to" as they were started and ended, "from-0" while they are; NULL = never
    int64_t worked_until; // the last end; 0 = there is none yet
    char *reason;
    char *addresses; // as they came; NULL = none
    int64_t calls;
    int64_t announced_at; // recordedtime
    int64_t deadlines;    // bits of those that ran out
    int64_t version;
    struct cover_list covers;
};
enum planned_state {
    PLANNED_STATE_ANNOUNCED,
    PLANNED_STATE_STARTED,
    PLANNED_STATE_ENDED,
    PLANNED_STATE_CANCELLED
};
#define PLANNED_STATE_WORDS "announced started ended cancelled"

// A dispatcher's word on a node: energised or out, and where it is fed from.
struct node_state {
    char *node;
    int mark; // words of event field `mark`
    char *fed_from;
    int64_t version;
};

// Named numbers: "incident", "planned", "reg_no/2026": the last one given; "hours": the moment until which
// premises that passed the hours of the year were told.
struct counter {
    char *name;
    int64_t value;
};

// The company's mode and global message; one row, key 1.
struct mode {
    int64_t key;
    int mode; // words of event field `mode`
    int64_t since;
    char *message;
    int64_t until;
    int64_t version;
};

// A desk that was sat at or needed.
struct desk_state {
    char *desk;
    char *person;          // who sits there; NULL = nobody yet
    int64_t since;         // when they came
    int64_t needed_since;  // recordedtime of the first incident while nobody sat there; 0 = none
    bool alarmed;          // that was said
    int64_t news, news_at; // incidents that came to need somebody, by minutes up to news_at
    int64_t flooded;       // since when these are too many; 0 = they are not
    int64_t version;
};

// The rules of grouping in force; one row, key 1.
struct rules_in_force {
    int64_t key;
    int mode;      // the set's: words of event field `set`
    char *sha256;  // of `lines`
    char *lines;   // "section.name=value", one a line
    int64_t since; // recordedtime
    int64_t version;
};

// An act that needs another person's agreement.
struct approval {
    char *id;         // of its approval.requested, which is the client's
    char *act;        // topic
    char *by;         // who asked, by name
    int64_t until;    // afterwards nobody can agree
    int64_t given_at; // 0 = nobody has
    int64_t version;  // sequence: of the request, then of the agreement
    int64_t sequence; // of the request
};

enum record_type {
    RECORD_INCIDENT,
    RECORD_CONTACT,
    RECORD_PLANNED,
    RECORD_CALL,
    RECORD_APPOINTMENT,
    RECORD_METER_READING,
    RECORD_METER_STATE,
    RECORD_NODE_STATE,
    RECORD_COUNTER,
    RECORD_MODE,
    RECORD_DESK_STATE,
    RECORD_RULES_IN_FORCE,
    RECORD_APPROVAL,
    RECORD_TYPE_COUNT
};
extern const struct record_table record_tables[RECORD_TYPE_COUNT];

// Room for a record of any type.
union record {
    struct incident incident;
    struct contact contact;
    struct planned planned;
    struct call call;
    struct appointment appointment;
    struct meter_reading meter_reading;
    struct meter_state meter_state;
    struct node_state node_state;
    struct counter counter;
    struct mode mode;
    struct desk_state desk_state;
    struct rules_in_force rules_in_force;
    struct approval approval;
};

// What the record covers; NULL for a type that covers nothing.
struct cover_list *record_covers(enum record_type type, void *record);

// Frees what the record owns (covers too) and zeroes it.
void record_fini(enum record_type type, void *record);
