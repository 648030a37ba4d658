// What the files of the engine share: the working set, the index of what is covered, the rules of
// the event types. Nobody outside engine_*.c includes this.
#pragma once

#include "busd/engine.h"
#include "busd/engine_map.h"
#include "busd/engine_rules.h"

#include <stddef.h>

// Levels of the cover index beyond those of records: open incidents by the parent they nest in.
enum { COVER_NESTED = COVER_NODE + 1 };

struct engine_entry;

// One place that something covers, and everything that covers it.
struct engine_cover {
    int level;          // enum cover_level, or COVER_NESTED
    int64_t key;        // of all but COVER_NODE
    char *node;         // COVER_NODE alone
    int32_t model_node; // its index in the model, or MODEL_NO_NODE
    uint64_t hash;
    struct engine_posting *first;
};

// That a record covers a place: linked with the others of that place, owned by the record's entry.
struct engine_posting {
    struct engine_cover *cover;
    struct engine_entry *entry;
    struct engine_posting *next, **link;
};

// A record in memory.
struct engine_entry {
    enum record_type type;
    uint64_t hash;
    size_t dirty, retiring;          // 1 + index in the list of that name; 0 = not in it
    size_t retimed, queued;          // likewise, of those that have deadlines
    int64_t due_ms;                  // of one in the queue: its first deadline
    size_t changed;                  // likewise, of what the grouping is to be told of
    struct predict_state *predict;   // what it gives to the grouping; owned (engine_predict.h)
    struct engine_posting *postings; // one stands in `posting`
    size_t posting_count;
    struct engine_posting posting;
    bool parted; // some of its covers are parts that are switched, or it names several nodes
    union record record;
};

// The network cut into vertical runs of at most 64 nodes, so that a walk to the root meets what covers
// something and little else: a line of the cache for each run, and one for each cover. A position in
// the runs is run * 64 + index there, 0 being the top.
struct engine_run {
    uint64_t covered; // a bit for each of its nodes
    uint32_t first;   // where its covers begin
    uint32_t above;   // the position above its top, or ENGINE_RUNS_END
};
enum { ENGINE_RUN_NODES = 64 };
#define ENGINE_RUNS_END UINT32_MAX

struct engine_runs {
    uint32_t *positions; // by the model's node index
    struct engine_run *runs;
    struct engine_cover **covers; // of the runs, one behind the other; NULL = not covered
    size_t count;
};

struct engine_entries {
    struct engine_entry **items; // NULL = taken out
    size_t count, capacity;
};

struct engine_key {
    enum record_type type;
    int64_t number;
    struct slice text;
    char *own_text; // of one in the list of the missing
};

struct engine {
    const struct model *model;
    struct engine_map records[RECORD_TYPE_COUNT];
    struct engine_map covers;
    struct engine_runs runs; // the covered nodes of the model
    size_t parted;           // entries that are
    struct engine_entries dirty;
    struct engine_entries retiring; // may leave memory, at once or when their time has come
    int64_t retire_ms;              // when the first of these may go
    const struct engine_timers *timers;
    const struct engine_desks *desks;
    const struct engine_etas *etas;
    const struct engine_rules *rules; // as they are configured
    struct group_rules in_force;      // as the event said
    char in_force_sha256[ENGINE_SHA256_BYTES];
    struct event rules_event;
    struct engine_entries retimed; // their deadlines may have changed
    struct engine_entries queue;   // a heap by due_ms
    struct event due;              // the deadline that was last taken
    char due_of[160];              // "call/" and an id
    size_t open_incidents;
    struct engine_key *missing; // looked up and not there, for the event under way
    size_t missing_count, missing_capacity;
    uint32_t *seen; // by premise position: the round in which it was counted
    uint32_t round;
    struct predict *predict; // NULL = nothing is predicted
    // The decision's memory: its events, and what fields point to.
    const struct event *cause;
    struct event **decided;
    size_t decided_capacity;
    struct event **events; // the broker's own of the last decisions, and room for further ones
    size_t event_count, event_capacity, events_used;
    void **kept;
    size_t kept_count, kept_capacity;
};

// The working set: engine_memory.c.
struct engine_entry *engine_find(const struct engine *engine, enum record_type type,
                                 int64_t number);
struct engine_entry *engine_find_text(const struct engine *engine, enum record_type type,
                                      struct slice text);
// A record that is not there yet, zeroed but for its key.
struct engine_entry *engine_add(struct engine *engine, enum record_type type, int64_t number);
struct engine_entry *engine_add_text(struct engine *engine, enum record_type type,
                                     struct slice text);
void engine_touch(struct engine *engine, struct engine_entry *entry);  // it is dirty
void engine_retime(struct engine *engine, struct engine_entry *entry); // its deadlines may differ
void engine_free_entries(struct engine *engine);
struct incident *engine_edit_incident(struct engine *engine, int64_t number); // dirty; NULL unknown
struct planned *engine_edit_planned(struct engine *engine, int64_t number);
struct contact *engine_edit_contact(struct engine *engine, struct slice reg_no);
int64_t engine_count_of(const struct engine *engine, const char *counter); // the last one given
void engine_set_count(struct engine *engine, const char *counter, int64_t value);
void engine_forget_missing(struct engine *engine);
bool engine_is_missing(const struct engine *engine, const struct engine_want *want);
// Memory until the next decision.
void *engine_keep(struct engine *engine, size_t bytes);
struct slice engine_keep_copy(struct engine *engine, struct slice text);
struct slice engine_keep_text(struct engine *engine, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *engine_text_of(const struct event *event, enum event_field field); // heap copy; NULL = absent
// Who acted, a heap copy: the person who signed on behind a shared account, else the identity.
char *engine_who_of(const struct event *event);
void engine_replace_text(char **text, const struct event *event, enum event_field field);

// What is covered: engine_cover.c. The cover of this very node; NULL = none.
const struct cover *engine_cover_of_node(const struct cover_list *list, struct slice node);
struct cover *engine_cover_edit(struct cover_list *list, struct slice node); // made if new
// The nearest of the covers at the node and above it, as imported; NULL = none. Whether it holds the node.
const struct cover *engine_cover_nearest(const struct model *model, const struct cover_list *list,
                                         int32_t node);
bool engine_cover_holds(const struct model *model, const struct cover_list *list, int32_t node);
void engine_cover_reopen(struct cover_list *list); // what was restored is out again
void engine_cover_add(struct cover_list *list, enum cover_level level, int64_t key,
                      struct slice node);
// A person lists the premise: it stays when a node is named (EVENTS.md rule 1).
void engine_cover_list(struct cover_list *list, int64_t premise);
void engine_cover_remove_unlisted(struct cover_list *list);
void engine_cover_remove(struct cover_list *list, enum cover_level level, int64_t key);
void engine_cover_remove_level(struct cover_list *list, enum cover_level level);
void engine_cover_sort(struct cover_list *list);
void engine_cover_copy(struct cover_list *to, const struct cover_list *from);
// Adds what the other one covers, premises that a person listed as listed; what came back there has come
// back here, unless this one holds the very place already. Parts that are switched are decided anew.
void engine_cover_join(struct cover_list *to, const struct cover_list *from);
void engine_cover_free(struct cover_list *list);
// Marks what equals the place restored, if it was not; adds it so when it lies within a wider cover.
void engine_cover_restore(struct cover_list *list, enum cover_level level, int64_t key,
                          struct slice node, int64_t at_ms);
void engine_index_entry(struct engine *engine,
                        struct engine_entry *entry); // its covers as they are
void engine_index_drop(struct engine *engine, struct engine_entry *entry);
void engine_index_model(struct engine *engine); // another model
void engine_index_fini(struct engine *engine);
void engine_runs_make(struct engine_runs *runs, const struct model *model); // engine_runs.c
void engine_runs_free(struct engine_runs *runs);
void engine_runs_cover(struct engine_runs *runs, int32_t node,
                       struct engine_cover *cover); // or NULL
struct engine_cover *engine_runs_at(const struct engine_runs *runs,
                                    int32_t node); // NULL = not covered
// The first cover on the way up, the node at `*position` included, which then is the one above it; NULL:
// none, up to the root. A walk begins at engine_runs_position(), ENGINE_RUNS_END for MODEL_NO_NODE.
uint32_t engine_runs_position(const struct engine_runs *runs, int32_t node);
struct engine_cover *engine_runs_next(const struct engine_runs *runs, uint32_t *position);
// The place of a cover, or where a report comes from: `each` for every record that covers it.
typedef void engine_covering(void *context, struct engine_entry *entry);
void engine_each_covering(const struct engine *engine, const struct event_place *place,
                          engine_covering *each, void *context);
// The place is looked up soon: in a large network memory is fetched while other fields are decided.
void engine_expect(const struct engine *engine, const struct event_place *place);
// Whatever has a cover of this very node.
void engine_each_at_node(const struct engine *engine, int32_t node, engine_covering *each,
                         void *context);
void engine_each_nested(const struct engine *engine, int64_t parent, engine_covering *each,
                        void *context);
bool engine_covers_place(const struct engine *engine, const struct cover_list *covers,
                         const struct event_place *place);
// The premises under the covers, each once.
struct model_census engine_count_premises(struct engine *engine, const struct cover_list *covers);
// How many premises under the covers have their supply back, or are fed from elsewhere: engine_minutes.c.
int64_t engine_count_restored(const struct model *model, const struct cover_list *covers);
// Each run of premises, by position, that were of it alike: out from the beginning, or since `since`, for
// `before_s` seconds before, and until `back` (0 = they are still).
struct engine_out {
    int64_t since, before_s, back;
};
typedef void engine_out_run(void *context, uint32_t first, uint32_t end,
                            const struct engine_out *out);
void engine_each_out(const struct model *model, const struct cover_list *covers,
                     engine_out_run *each, void *context);

// Parts that are switched: engine_feed.c. Deciding writes nodes_in, nodes_back and nodes_out beside the
// nodes that are named, and adds them to the draft of the covers; applying is engine_cover_parts().
// `at_ms` 0: they were so from the start.
void engine_decide_parts(struct engine *engine, struct event *event, struct cover_list *covers,
                         int64_t at_ms);
// Of two incidents that are one from now on, whose covers were joined.
void engine_decide_joined_parts(struct engine *engine, struct event *event,
                                struct cover_list *covers, const struct incident *a,
                                const struct incident *b);
void engine_cover_parts(struct cover_list *covers, const struct event *event, int64_t at_ms,
                        int64_t started_ms);
// What follows for open incidents and for works, and for an incident that is opened again.
void engine_follow_switch(struct engine *engine, const struct event *event,
                          struct decision *decision);
void engine_follow_reopened(struct engine *engine, const struct event *event,
                            const struct incident *incident, struct decision *decision);
void engine_set_customers(struct incident *incident, const struct event *event);
void engine_recount_parts(struct incident *incident, const struct event *event, int64_t at_ms);

// Deciding places: engine_place.c.
bool engine_knows_node(const struct engine *engine, struct slice node);
enum err_code engine_check_node(const struct engine *engine, const struct event *event,
                                enum event_field field, struct err *err);
// Writes the premise keys of the accounts in `from`, sorted, each once, into the field `to`.
enum err_code engine_decide_accounts(struct engine *engine, struct event *event,
                                     enum event_field from, enum event_field to, struct err *err);
void engine_decide_count(struct engine *engine, struct event *event,
                         const struct cover_list *covers);
void engine_decide_census(struct engine *engine, struct event *event,
                          const struct cover_list *covers); // the same without the place
struct event_place engine_place_of_account(const struct model_premise *premise,
                                           const struct model *model);

// Following events: engine.c. A new event of the broker's own, behind the others; of an incident, or
// of none.
struct event *engine_follow(struct engine *engine, struct decision *decision, enum event_type type,
                            int64_t number);
struct event *engine_follow_alone(struct engine *engine, struct decision *decision,
                                  enum event_type type);

// Incidents. engine_lifecycle.c: the table of states, its refusals, and the changes of state.
// The incident that `event` names, which may be in memory or not, and whether its state allows it.
enum err_code engine_check_incident(const struct engine *engine, const struct event *event,
                                    const struct incident **incident, struct err *err);
// Moves it to the state that the table gives and sets its version. NULL when it is not in memory.
struct incident *engine_step_incident(struct engine *engine, const struct event *event);
void engine_clear_eta(struct incident *incident);
// engine_outcome.c
bool engine_outcome_joins(int outcome); // its reports were of the incident that it is nested in
// A duplicate goes with its parent, with its calls, and leaves it when it is reopened: engine_regroup.c.
void engine_join_parent(struct engine *engine, struct incident *incident, int64_t sequence);
void engine_leave_parent(struct engine *engine, struct incident *incident, int64_t sequence);
void engine_restore_part(struct incident *incident, int64_t customers, int64_t at_ms);
// engine_incident.c
extern const char engine_identity[]; // the broker's own: "pult:busd"
// What was counted, or given, as its customers; categories, critical objects, feeder and desk too.
void engine_set_customers(struct incident *incident, const struct event *event);
void engine_set_priority(
    struct incident *incident); // by rule, unless a person gave one; the reason
// Counts a report in: calls, information, hazard, acceptance, priority. A query counts nothing.
void engine_link_contact(struct engine *engine, struct incident *incident,
                         const struct contact *contact, int64_t sequence);
// `engine` NULL: a draft, which no desk counts.
void engine_inform(struct engine *engine, struct incident *incident, int64_t information,
                   int hazard, bool critical, int64_t now_ms);
void engine_end_prediction(struct incident *incident, const struct event *event); // by a person
// Deciding and applying incident.grouped: the predicted place instead of what was covered.
void engine_cover_grouped(struct cover_list *covers, const struct event *event);
bool engine_is_report(const struct contact *contact);
int engine_cover_of_place(const struct event_place *place); // of a place that is somewhere
// Counts what an incident of the broker's own will cover and decides its priority, by the contacts
// that open it.
void engine_decide_opened_fields(struct engine *engine, struct event *opened,
                                 const struct contact *const *contacts, size_t count);

bool engine_eta_outranks(const struct incident *a, const struct incident *b); // a better promise
// The ETA of an incident that is merged, as a following event on the other: engine_eta.c.
void engine_eta_follows(struct engine *engine, struct decision *decision,
                        const struct incident *from, const struct incident *into);

// Default times: engine_etas.c. The mode, what feeds a node or the model changed: other rows may fit.
void engine_etas_retime(struct engine *engine);
// When one is to be set for the incident; INT64_MAX = none is.
int64_t engine_etas_due_ms(const struct engine *engine, const struct incident *incident);
// The fields of that eta.set, while there is one to be set.
void engine_etas_write(const struct engine *engine, const struct incident *incident,
                       struct event *event);

int engine_mode(const struct engine *engine); // words of event field `mode`: engine_storm.c
// Desks: engine_shift.c.
void engine_decide_desk(struct engine *engine, struct event *event); // of the place that it names
// The desk of this node has prediction switched off.
bool engine_is_silent(const struct engine *engine, struct slice node);
// An incident is there for this desk: somebody must sit at it.
void engine_need_desk(struct engine *engine, const char *desk, int64_t now_ms);
void engine_desk_alarmed(struct engine *engine, struct slice name);
// The desk that helps out, and the person behind it; NULL = none, or no such desk (NULL: no desk).
const char *engine_next_desk(const struct engine *engine, const char *desk);
const char *engine_desk_senior(const struct engine *engine, const char *desk);
struct desk_state *engine_edit_desk(struct engine *engine, struct slice name); // dirty; made if new

// Floods: engine_storm.c. An incident came to need somebody: its desk counts it.
void engine_count_news(struct engine *engine, struct incident *incident, int64_t now_ms);
void engine_run_news(struct incident *incident, int64_t now_ms); // it has something new once more
void engine_flood_passed(struct engine *engine, struct slice desk, bool starts, int64_t at_ms);

// What feeds the node now: as switched, else as the network has it; empty at the top. engine_desk.c
struct slice engine_feeding(const struct engine *engine, struct slice node);

// Deadlines: engine_due.c.
void engine_due_drop(struct engine *engine, struct engine_entry *entry); // out of the queue
void engine_eta_asked(struct engine *engine, struct decision *decision, int64_t number);

// "suspected, probable or confirmed": engine_lifecycle.c.
struct engine_words {
    enum language language;
    char text[256];
    const char *last; // said with "or" before it
};
void engine_words_begin(struct engine_words *words, enum language language);
void engine_words_add(struct engine_words *words, const char *word);
void engine_words_end(struct engine_words *words);

// Contacts: engine_contact_life.c.
// Who is to answer and until when, where the event does not say: decided fields.
void engine_start_life(const struct engine *engine, struct event *event);
void engine_contact_late(struct contact *contact, int timer);
void engine_begin_life(struct contact *contact, const struct event *event);
void engine_count_call(struct engine *engine, struct slice id);  // a contact names it
void engine_call_waited(struct engine *engine, struct slice id); // its deadline passed
bool engine_is_trouble(enum event_type type);                    // what a dispatcher works on

// Readings: engine_reading.c.
enum err_code engine_decide_reading(struct engine *engine, struct event *event, struct err *err);
void engine_apply_reading(struct engine *engine, const struct event *event);

// Faults with their sentences: engine_lifecycle.c.
enum err_code engine_no_incident(int64_t number, const char *field, struct err *err);
enum err_code engine_no_planned(int64_t number, struct err *err);
enum err_code engine_no_contact(struct slice reg_no, const char *field, struct err *err);

// The rules: type → decide, apply; the table is in engine.c.
enum { // which records its fields name must be in memory
    NEEDS_INCIDENT = 1,
    NEEDS_INTO = 2,
    NEEDS_PLANNED = 4,
    NEEDS_CONTACT = 8,
    NEEDS_CONTACTS = 16,
    NEEDS_THEIR_INCIDENTS = 32, // of the contacts, and what these were merged into
    NEEDS_PARENT = 64, // what the incident is nested in or was merged into, and that in turn
    NEEDS_CALL = 128,
    NEEDS_REPEAT = 256,
    NEEDS_METER = 512,
    NEEDS_APPOINTMENT = 1024,
};
struct engine_rule {
    unsigned needs;
    // May be NULL: nothing to decide, nothing to apply.
    enum err_code (*decide)(struct engine *engine, struct event *event,
                            const struct engine_moment *moment, struct decision *decision,
                            struct err *err);
    void (*apply)(struct engine *engine, const struct event *event);
};

// A rule's two functions, all with the same arguments whether they need them or not.
#define DECIDE(name)                                                               \
    enum err_code engine_decide_##name(struct engine *engine, struct event *event, \
                                       const struct engine_moment *moment,         \
                                       struct decision *decision, struct err *err)
#define APPLY(name) void engine_apply_##name(struct engine *engine, const struct event *event)
DECIDE(contact);
APPLY(contact);
DECIDE(life); // contact.routed, .taken, .answered, .closed, .left, .reopened, .linked
APPLY(life);
DECIDE(contact_updated);
APPLY(contact_updated);
DECIDE(appointment); // appointment.booked, .moved, .cancelled, .kept
APPLY(appointment);
DECIDE(call);
APPLY(call);
DECIDE(opened);
APPLY(opened);
DECIDE(updated);
APPLY(updated);
DECIDE(place); // incident.confirmed, incident.moved
APPLY(place);
DECIDE(merged);
APPLY(merged);
DECIDE(split);
APPLY(split);
APPLY(grouped);
DECIDE(partly);
APPLY(partly);
DECIDE(step); // those whose state alone decides
APPLY(step);
DECIDE(closed);
APPLY(closed);
DECIDE(crew);
APPLY(crew);
APPLY(accepted);
DECIDE(eta);
APPLY(eta_set);
APPLY(eta_withdrawn);
DECIDE(dispatch);
APPLY(dispatch);
DECIDE(planned);
APPLY(planned);
DECIDE(node);
APPLY(node);
APPLY(switched); // incident.switched, planned.switched
DECIDE(mode);
APPLY(mode);
APPLY(rules);
DECIDE(approval_requested);
APPLY(approval_requested);
DECIDE(approval_given);
APPLY(approval_given);
DECIDE(log);
DECIDE(shift);
APPLY(shift);
APPLY(deadline); // deadline.passed, eta.needed
