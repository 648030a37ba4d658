// What the journal's events add up to, by a model of its own: plain lists, looked through from end to
// end, written from EVENTS.md, DOMAIN.md and config/timers.yaml and not from the engine. It shares
// with the broker how an event is read (lib/event_json.h) and nothing else.
//
//  1. An event is looked at before it is applied: sequence, chain, time, id, registration number,
//     where a report goes, what was counted, whether the state allows it, whether the deadline ran out
//     then, and whether another one should have come first.
//  2. What must follow an event (a report's incident, a promise that goes along with a merge) is the
//     next event.
//  3. After every commit the records that were touched are those of the store, and of the engine's
//     memory; now and then all are.
#pragma once

#include "busd/engine_record.h"
#include "busd/store.h"
#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"
#include "tests/sim/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct sim_request;

struct oracle_cover {
    enum cover_level level;
    bool restored, listed;
    bool part;               // a node of what is named, which was restored
    int64_t key;             // of a premise that it is named by
    char node[SIM_ID_BYTES]; // COVER_NODE
};

// What a node is to what covers it: it is fed from what is named, with its supply back; it was before.
struct oracle_fed {
    bool in, back, left;
};

struct oracle_covers {
    struct oracle_cover *items;
    size_t count, capacity;
    struct oracle_fed *fed; // by node of the network
    size_t fed_count;
};

// When it fires, or fired: a row of timers.yaml.
enum oracle_timer {
    ORACLE_ACCEPT_HAZARD,
    ORACLE_ACCEPT_NORMAL,
    ORACLE_ETA_FIRST,
    ORACLE_ETA_WARNING,
    ORACLE_ETA_OVERDUE,
    ORACLE_ETA_REPEAT,
    ORACLE_QUALITY_CHECK,
    ORACLE_OUTAGE_REASON,
    ORACLE_OUTAGE_NEAR,
    ORACLE_OUTAGE_LIMIT,
    ORACLE_PEOPLE_COUNT,
    ORACLE_ESCALATE_NEXT,
    ORACLE_ESCALATE_SENIOR,
    ORACLE_YEAR_NEAR, // oracle_hours.c
    ORACLE_YEAR_LIMIT,
    ORACLE_INCIDENT_TIMERS,
    ORACLE_DESK = ORACLE_INCIDENT_TIMERS,
    ORACLE_FLOOD_ON,
    ORACLE_FLOOD_OFF,
    ORACLE_DESK_TIMERS,
    ORACLE_OVERRUN = ORACLE_DESK_TIMERS, // of planned works
    ORACLE_NOTICE,
};

enum oracle_contact_timer {
    ORACLE_CALLBACK,
    ORACLE_THEFT,
    ORACLE_STATUS,
    ORACLE_REMINDER,
    ORACLE_LAST_REMINDER,
    ORACLE_ANSWER,
    ORACLE_CONTACT_TIMERS
};

// Some customers that were restored before the rest.
struct oracle_part {
    int64_t customers, at_ms;
};

struct oracle_incident {
    int64_t number;
    int kind, state;
    bool by_person, touched;
    bool switched;          // its covers, while it was open
    int grouping;           // enum incident_grouping
    int64_t last_report_at; // the latest moment of a report
    int64_t started, restored_at, opened_at, active_since;
    int64_t customers;
    bool customers_given;
    int64_t customers_restored;
    struct oracle_part *parts;
    size_t part_count, part_capacity;
    int64_t nested_in, merged_into;
    struct oracle_covers covers;
    char node[SIM_ID_BYTES], desk[SIM_ID_BYTES];
    char escalated_to[SIM_ID_BYTES]; // who was called because nobody accepted it
    int64_t eta_at, eta_set_at, eta_revisions;
    int eta_source;   // -1 none
    bool eta_default; // set by the broker
    bool eta_published;
    bool accepted, cause, critical, critical_below, feeder, priority_given;
    int64_t news_at;
    int64_t symptoms, hazards, criticals; // bits that were told
    int hazard;                           // the most serious; -1 none
    int64_t priority;
    int crew_tier, crew_state, outcome; // -1 none
    bool fired[ORACLE_INCIDENT_TIMERS], asked;
    int64_t overdue_alarms, overdue_at;
};

struct oracle_contact {
    char reg_no[24];
    bool report;
    int symptom, hazard, critical; // -1 absent
    int64_t premise, incident, planned, recorded, sequence, moment;
    enum event_type type;
    int life;      // enum contact_state
    int64_t since; // an answer is owed; 0 = none is
    bool fired[ORACLE_CONTACT_TIMERS];
    int state;
    int phone;           // of the caller; -1 none
    bool sealed, purged; // it had personal fields; they were taken away
    bool touched;
};

// Works as they were done.
struct oracle_run {
    int64_t from_ms, to_ms;
};

// What is to be said of the hours of a year.
struct oracle_owed {
    bool planned;
    int64_t number;
    int limit; // 0 the warning, 1 the limit
    int64_t year_ms, premises, due_ms;
};

struct oracle_planned {
    int64_t number, starts, ends, calls, announced_at;
    bool fired[ORACLE_NOTICE + 1];
    int state;
    struct oracle_covers covers;
    struct oracle_run *runs; // the last one until ORACLE_NEVER while they are at work
    size_t run_count, run_capacity;
    bool touched;
};

struct oracle_node {
    char node[SIM_ID_BYTES], fed_from[SIM_ID_BYTES];
    int mark;
};

struct oracle_desk {
    char desk[SIM_ID_BYTES], person[SIM_ID_BYTES]; // "*": of incidents that no desk owns
    int64_t needed_since;
    bool alarmed;
    int64_t *news; // when incidents came to need somebody
    size_t news_count, news_capacity;
    int64_t news_at; // the last of them, or the end of a flood
    int64_t flooded; // since when; 0 = not
};

struct oracle_call {
    char id[SIM_ID_BYTES];
    bool in, waited; // it came in; that it waits for an answer was said
    int64_t rang_at, answered_at, ended_at, contacts;
};

struct oracle_meter {
    char meter[SIM_ID_BYTES + 1];
    int64_t at, values[2];
};

struct oracle_appointment {
    int64_t number, starts, ends, window;
    int state;
};

// An act that another person must agree to.
struct oracle_approval {
    char id[48], by[48]; // of the request; the identity that asked
    enum event_type act;
    int64_t until, given_at, sequence;
    char *data; // JSON, as it was asked for
};

// What the next event must be.
struct oracle_due_next {
    enum event_type type; // EVENT_OTHER: anything
    int64_t incident;
    int64_t at;                 // of a promise
    const char *reg_no;         // of the report that opens it
    int64_t nested_in, started; // of the incident that it opens
};

struct oracle {
    int64_t head, recorded_ms;
    uint8_t chain[STORE_CHAIN_BYTES];
    bool chained; // chain(0) is known
    bool sealed;  // the event that is looked at has personal fields
    struct json_doc *doc;
    struct oracle_incident *incidents; // number i at i - 1
    size_t incident_count, incident_capacity;
    struct oracle_contact *contacts;
    size_t contact_count, contact_capacity;
    struct oracle_planned *planned; // number i at i - 1
    size_t planned_count, planned_capacity;
    struct oracle_node *nodes;
    size_t node_count, node_capacity;
    struct oracle_desk *desks;
    size_t desk_count, desk_capacity;
    struct oracle_call *calls;
    size_t call_count, call_capacity;
    struct oracle_meter *meters; // that were read
    size_t meter_count, meter_capacity;
    struct oracle_appointment *appointments; // number i at i - 1
    size_t appointment_count, appointment_capacity;
    struct oracle_approval *approvals; // in the order of their requests
    size_t approval_count, approval_capacity;
    const struct oracle_approval *agreed; // to be done by the next event
    char agreement[48];                   // the id of that which was given
    struct oracle_due_next next[2];
    // A better promise than that of the incident it was merged into by the broker: to be set there.
    int64_t promise_to, promise_at; // 0 none
    int promise_source;
    struct oracle_owed *owed; // of the look of this moment
    size_t owed_count, owed_capacity;
    int64_t hours_until, hours_told;
    int64_t fact_ms;     // recordedtime of the last event about incidents, works or the network
    int64_t window_ms;   // how long a call is evidence, by the rules in force
    int64_t last_number; // registration numbers of this year
    int last_year;
    bool refed;    // what is covered, or what feeds it, was changed by the events of this commit
    int mode;      // word
    int rules_set; // word; -1 = none in force yet
    char rules_sha256[65];
};

void oracle_init(struct oracle *oracle);
void oracle_fini(struct oracle *oracle);

// What the broker says and does.
void oracle_event(struct sim *sim, int64_t sequence, struct slice bytes);
void oracle_restarted(struct sim *sim); // reads on, then compares everything
void oracle_committed(struct sim *sim); // head, chain and the records that were touched
void oracle_ticked(struct sim *sim, int64_t until_ms);
void oracle_result(struct sim *sim, int64_t sequence, const struct json *result);
void oracle_refused(struct sim *sim, const struct sim_request *request, const struct err *err);
void oracle_compare_all(struct sim *sim); // also customer-minutes

// oracle_fold.c: apply, after the checks that belong to a type.
void oracle_fold(struct sim *sim, const struct event *event);
// Copies a text field that the event has; one that it has not leaves the text.
#define ORACLE_TEXT(to, event, field) oracle_text(to, sizeof(to), event, EVENT_FIELD_##field)
void oracle_text(char *to, size_t size, const struct event *event, enum event_field field);
struct oracle_incident *oracle_incident(struct oracle *oracle, int64_t number); // NULL
struct oracle_planned *oracle_planned(struct oracle *oracle, int64_t number);
struct oracle_contact *oracle_contact(struct oracle *oracle, struct slice reg_no);
bool oracle_is_open(const struct oracle_incident *incident);
// The state after an event of this type, -1 refused; -2 when the type knows no states.
int oracle_next_state(enum event_type type, int state);

// oracle_incident.c
void oracle_fold_incident(struct sim *sim, const struct event *event);
// A contact that is linked tells the incident what it knows.
void oracle_tell(struct oracle *oracle, struct oracle_incident *incident,
                 const struct oracle_contact *contact);
void oracle_prioritise(struct oracle_incident *incident);
// What the broker counted is what there is under the covers as they are now, `least` at least.
void oracle_check_count(struct sim *sim, struct oracle_incident *incident,
                        const struct event *event, int64_t least);
void oracle_check_desk(struct sim *sim, const struct event *event, const char *node);
void oracle_need_desk(struct oracle *oracle, const char *name, int64_t now_ms);
// What feeds the node now: index, or SIM_NO_NODE.
int oracle_feeding(const struct sim *sim, int node);

// oracle_contact.c
bool oracle_is_trouble(enum event_type type);    // reports and questions about supply
bool oracle_is_registered(enum event_type type); // these, and all else that gets a number
void oracle_begin_life(struct sim *sim, struct oracle_contact *contact, const struct event *event);
void oracle_fold_life(struct sim *sim, const struct event *event);
void oracle_fold_added(struct sim *sim, const struct event *event);
// When the deadline of this name runs out; of any, when the name is empty.
int64_t oracle_contact_due(const struct oracle_contact *contact, struct slice name);
void oracle_contact_fire(struct oracle_contact *contact, struct slice name);

// oracle_place.c: covers, counts, and where a report goes.
void oracle_cover(struct oracle_covers *covers, enum cover_level level, int64_t key,
                  struct slice node);
void oracle_list(struct oracle_covers *covers, int64_t premise); // a person names it
// Whatever the other one covers, listed where it was listed; restored where it was, unless it is here too.
void oracle_cover_all(struct oracle_covers *covers, const struct oracle_covers *other);
void oracle_uncover_unlisted(struct oracle_covers *covers); // premises
void oracle_uncover(struct oracle_covers *covers, enum cover_level level);
void oracle_uncover_premise(struct oracle_covers *covers, int64_t key);
void oracle_cover_restored(struct oracle_covers *covers, enum cover_level level, int64_t key,
                           struct slice node);
int64_t oracle_count(const struct sim *sim, const struct oracle_covers *covers, bool restored_alone,
                     bool *critical);
void oracle_check_place(struct sim *sim, const struct event *event, const struct json *premise);
struct oracle_target {
    int64_t incident, planned, nested_in; // 0 none
};
struct oracle_target oracle_target(struct sim *sim, const struct event *event, int kind);

// oracle_feed.c: what the nodes of the covers feed, as the network is switched now; `anew`: nothing was
// covered before.
void oracle_feed(const struct sim *sim, struct oracle_covers *covers, bool anew);
struct oracle_fed oracle_fed_of(const struct sim *sim, const struct oracle_covers *covers,
                                int node);
// Behind oracle_cover_all(): what either of them has covered.
void oracle_feed_merged(const struct sim *sim, struct oracle_covers *covers,
                        const struct oracle_covers *other);
void oracle_feed_reopened(struct oracle_covers *covers);
void oracle_check_feed(struct sim *sim); // everything open

// oracle_record.c: calls, readings, appointments.
void oracle_fold_call(struct sim *sim, const struct event *event);
void oracle_count_call(struct oracle *oracle, const struct event *event); // a contact names it
int64_t oracle_call_due(const struct oracle_call *call);
int64_t oracle_call_named_due(struct oracle *oracle, struct slice id);
void oracle_call_waited(struct oracle *oracle, struct slice id);
void oracle_fold_reading(struct sim *sim, const struct event *event);
void oracle_fold_appointment(struct sim *sim, const struct event *event);
void oracle_compare_records(struct sim *sim);
void oracle_free_records(struct oracle *oracle);

// oracle_deadline.c
#define ORACLE_NEVER INT64_MAX
int64_t oracle_due(const struct oracle_incident *incident, enum oracle_timer timer);
void oracle_check_deadline(struct sim *sim, const struct event *event);
void oracle_check_none_due(struct sim *sim, int64_t until_ms);
void oracle_fire(struct sim *sim, const struct event *event);
struct oracle_desk *oracle_desk(struct oracle *oracle, struct slice name); // made when it is new
// An incident of the desk came to need somebody.
void oracle_count_news(struct oracle *oracle, const char *desk, int64_t now_ms);

// oracle_approval.c: before the event is folded.
void oracle_check_approval(struct sim *sim, const struct event *event, const struct json *data);
void oracle_check_agreed(struct sim *sim); // what was agreed to is done
void oracle_refused_agreement(struct sim *sim, const struct sim_request *request, struct slice of,
                              const struct err *err);
void oracle_compare_approvals(struct sim *sim);
void oracle_free_approvals(struct oracle *oracle);

// oracle_hours.c
void oracle_check_hours(struct sim *sim, const struct event *event);
void oracle_check_hours_said(struct sim *sim);                 // all that this look owed
void oracle_check_hours_by(struct sim *sim, int64_t until_ms); // nothing is left over

// oracle_group.c: incidents that follow the grouping of calls.
void oracle_read_rules(struct sim *sim, const struct event *event);
// When it is settled for want of calls; ORACLE_NEVER while it does not follow.
int64_t oracle_window_due(const struct sim *sim, const struct oracle_incident *incident);
bool oracle_may_join(struct sim *sim, const struct event *event, int64_t incident);
void oracle_check_grouped(struct sim *sim, const struct event *event);
void oracle_fold_grouped(struct sim *sim, const struct event *event);
void oracle_check_promise(struct sim *sim); // none is owed
bool oracle_is_promise(const struct sim *sim, const struct event *event);

// oracle_etas.c: when a default time is to be set, ORACLE_NEVER while none is; and that this is it.
int64_t oracle_eta_due(const struct sim *sim, const struct oracle_incident *incident);
void oracle_check_default_eta(struct sim *sim, const struct event *event);
// Fails when something ran out before `due_ms`, which is now said to have.
void oracle_check_first(struct sim *sim, const struct event *event, int64_t due_ms);

// oracle_compare.c
void oracle_compare_touched(struct sim *sim);
