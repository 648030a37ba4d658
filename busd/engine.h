// The engine: events in, decisions out, and the state that they add up to.
//
// Pure: no clock, socket, file or log; time comes in as data; the same calls give the same bytes.
//  1. engine_decide() may refuse and changes nothing.
//  2. engine_apply() cannot fail and reads only the event and the state: whatever deciding took from
//     the model or the calendar stands in the event. So the journal can be refolded by apply alone.
//  3. Memory holds the working set: everything open, and what was restored no longer than
//     ENGINE_RESTORED_KEEP_MS ago. A record that an event names and that is not there is asked for by
//     engine_wants() and given by engine_load() before the decision. The same holds before apply
//     where a journal is refolded: a contact names the incident that it joined.
//  4. Every record that apply touched is dirty until engine_clean() (the commit held) or until the
//     owner puts the stored one back (the commit failed): engine_each_dirty() names them.
#pragma once

#include "busd/engine_model.h"
#include "busd/engine_record.h"
#include "lib/err.h"
#include "lib/event.h"

struct engine;

enum {
    // How long after a restoration a report counts as "still out" (EVENTS rule 2), by the earlier of
    // its `time` and `recordedtime`, and how long after `ends` planned works take calls.
    ENGINE_STILL_OUT_MS = 15 * 60 * 1000,
    // How long a restored incident is kept for reports that come late (an operator's outbox): one
    // recorded later than this does not count as "still out" whatever its `time`.
    ENGINE_RESTORED_KEEP_MS = 24 * 60 * 60 * 1000,
    ENGINE_APPROVAL_MS = 5 * 60 * 1000, // how long an act waits for another person (PROTOCOL §2)
    // From so many customers on an outage is large (DOMAIN "Priority": 3).
    ENGINE_CUSTOMERS_MANY = 100,
};

struct engine_timers;
struct engine_desks;
struct engine_etas;

struct engine *engine_new(void);
void engine_free(struct engine *engine);
// The model that decisions read; not owned, must outlive its use. NULL = no model. While a model has
// no node, any node may be named.
void engine_set_model(struct engine *engine, const struct model *model);

// Loading, at start and on demand. The engine takes what the record owns; a record of that key that
// is there already is replaced. Nothing becomes dirty.
void engine_load(struct engine *engine, enum record_type type, void *record);
// Drops a record from memory, as when the store has none of that key (a rolled back creation).
void engine_forget(struct engine *engine, enum record_type type, const void *record);

// What deciding `event` needs and memory lacks, one after the other; false when nothing (more).
// The caller looks it up and calls engine_load(), or engine_miss() when it does not exist.
struct engine_want {
    enum record_type type;
    int64_t number;    // incident or planned number
    struct slice text; // a contact's reg_no
};
bool engine_wants(const struct engine *engine, const struct event *event, struct engine_want *want);
void engine_miss(struct engine *engine, const struct engine_want *want);

// What decides besides the event and the state.
struct engine_moment {
    int64_t now_ms; // recordedtime of whatever is decided
    int year;       // of now_ms in the company's zone: registration numbers
};

// A decision: the client's event with its decided fields, first, and what follows from it. Owned by
// the engine, valid until the next engine_decide().
struct decision {
    struct event **events;
    size_t count;
};

// `event` gets its decided fields set in place. Sequences are given by the journal, before apply.
// ERR_CONFLICT, ERR_NOT_FOUND or ERR_INVALID with a sentence when it may not happen.
enum err_code engine_decide(struct engine *engine, struct event *event,
                            const struct engine_moment *moment, struct decision *decision,
                            struct err *err);
void engine_apply(struct engine *engine, const struct event *event);

// What the grouping of calls makes follow from an event, once it and all of its decision were applied:
// incidents that are split, merged, moved (engine_predict.h). To be called behind every decision and
// deadline; the events are to be journalled and applied like those of a decision, within the same
// commit, each after the records that it wants were loaded. False: nothing follows.
bool engine_regroup(struct engine *engine, const struct event *cause, struct decision *decision);
// The next incident whose reports the grouping lacks: at start, and after a roll back. Its contacts and
// those of all that was merged into it are to be given to engine_load_call() before anything else is
// decided.
bool engine_wants_calls(struct engine *engine, int64_t *incident);
void engine_load_call(struct engine *engine, int64_t incident, const struct contact *contact);

// The values of the deadlines; not owned, must outlive their use. NULL = none runs.
void engine_set_timers(struct engine *engine, const struct engine_timers *timers);
// The desks that decisions read; not owned, must outlive their use. NULL = none.
void engine_set_desks(struct engine *engine, const struct engine_desks *desks);
// Default times of restoration; not owned, must outlive their use. NULL = none. They are set as
// deadlines are passed: by engine_due().
void engine_set_etas(struct engine *engine, const struct engine_etas *etas);
// The desk in whose area the event acts: of its incident, contact, works or node; empty = none's. After
// the decision.
struct slice engine_area_of(const struct engine *engine, const struct event *event);
const char *engine_sits_at(const struct engine *engine, struct slice desk); // NULL = nobody
// The next deadline that ran out before `until_ms`, as the event to journal and apply, which then
// makes room for the following one; NULL when there is none. It is recorded at `now_ms`, or when it
// ran out if that is later: a replay clock passes through the moments on its way. Valid until the next
// call of any function of the engine.
struct event *engine_due(struct engine *engine, int64_t now_ms, int64_t until_ms);

// Until when it was said which premises passed the hours of a year (engine_hours.h); 0 = never yet.
int64_t engine_hours_told_ms(const struct engine *engine);

// Calls `each` for every dirty record. Records are never deleted. `each` may load or forget the
// record that it is given.
typedef void engine_dirty(void *context, enum record_type type, const void *record);
void engine_each_dirty(const struct engine *engine, engine_dirty *each, void *context);
// The commit held: nothing is dirty any more, and records outside the working set are dropped.
void engine_clean(struct engine *engine, int64_t now_ms);

// Reading, for answers. NULL when not in memory.
const struct incident *engine_incident(const struct engine *engine, int64_t number);
const struct planned *engine_planned(const struct engine *engine, int64_t number);
const struct contact *engine_contact(const struct engine *engine, struct slice reg_no);
const struct approval *engine_approval(const struct engine *engine, struct slice id);
size_t engine_open_incidents(const struct engine *engine);
bool engine_is_storm(const struct engine *engine); // the mode that people have set

const struct appointment *engine_appointment(const struct engine *engine, int64_t number);
// The first window of the office that is free in this time, but for appointment `but`; 0 = none.
int64_t engine_free_window(const struct engine *engine, struct slice office, int64_t windows,
                           int64_t starts_ms, int64_t ends_ms, int64_t but);

// The same for a contact's state.
int engine_contact_next(enum event_type type, enum contact_state state);
enum event_type engine_contact_step(size_t index);
const char *engine_contact_state_name(enum contact_state state, enum language language);
enum err_code engine_refuse_contact(struct slice reg_no, enum contact_state state,
                                    enum event_type type, struct err *err);
bool engine_contact_awaits(const struct contact *contact); // somebody must still deal with it
bool engine_call_waits(const struct call *call);           // nobody has answered it yet
// The item of the passport that a contact is registered under: "4.2".
const char *engine_contact_item(const struct contact *contact);

// The state after an event of this type, or -1 when it is refused: the one table of EVENTS rule 7.
int engine_incident_next(enum event_type type, enum incident_state state);
// The types that the table has, in its order; EVENT_TYPE_COUNT behind the last.
enum event_type engine_incident_step(size_t index);
const char *engine_state_name(enum incident_state state, enum language language);
// The sentence that refuses `type` on incident `number` in this state.
enum err_code engine_refuse_step(int64_t number, enum incident_state state, enum event_type type,
                                 struct err *err);

// What a cancelled incident still counts for; an outcome of -1 (not cancelled) counts in full.
//   calls      its reports, among those that the company has taken
//   customers  who were out
//   minutes    how long they were: customer-minutes
//   parent     its reports count for the incident that it is nested in, whose they were
struct incident_counts {
    bool calls, customers, minutes, parent;
};
struct incident_counts engine_outcome_counts(int outcome);
int engine_outcome_of(struct slice word); // -1 = no such outcome
// Each premise that was ever under one of the covers; those of several covers come several times.
typedef void engine_premise(void *context, const struct cover *cover,
                            const struct model_premise *premise);
void engine_each_premise(const struct model *model, const struct cover_list *covers,
                         engine_premise *each, void *context);

// Minutes that customers were out, each counted until restored, at the latest at `until_ms`.
// `nested_customers`: those of incidents nested in it, which count them from the same start.
int64_t engine_customer_minutes(const struct incident *incident, int64_t nested_customers,
                                int64_t until_ms);
// The same premise by premise, which is exact also where a part that was restored is out again. `nested`:
// what the incidents nested in it cover. -1 when the premises under it are not the customers that it
// counts: a person gave their number, or the network is another one since.
int64_t engine_premise_minutes(const struct model *model, const struct incident *incident,
                               const struct cover_list *nested, int64_t until_ms);

// suspected, probable, confirmed or partly_restored.
bool engine_incident_open(enum incident_state state);
