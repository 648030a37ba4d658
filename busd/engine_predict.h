// Prediction: the grouping of calls (engine_group.h) kept as incidents.
//
// A suspected or probable outage that the broker opened for reports from premises of the network
// *follows* the grouping: it stands where the best explanation says, and its reports are the evidence.
// What a person says of its place ends that for good; so does the end of the window, when nobody has
// called about it for as long as a call is evidence: then it is *settled*.
//
// Every other open incident, and planned works that have started, cover their premises: whoever calls
// from there is explained, and leaves the tree with all who are silent there.
//
// Invariants
//  1. Evidence is a function of records alone: calls of incidents that follow, covers, marks, the rules
//     in force. No clock: the end of a window is an event. So it is the same after a restart.
//  2. Behind every event, and what engine_regroup() made follow from it, two live calls are in one
//     incident that follows if and only if the best explanation blames one place for both; calls that
//     are each by themselves stay together while the place that a caller reported (house, street)
//     covers them. The incident's node is the place's name.
//  3. A place that several premises hang on has one incident at most (`owners`). Places lie side by
//     side, so a place of before is within a new one, holds it, or has nothing to do with it.
//  4. What is decided reads the group; what is applied reads events and records. All numbers that a
//     prediction stands on are decided fields of incident.opened and incident.grouped.
//     The group's tree is the network as it is switched (node.switched), and so is what an incident covers
//     by its node (engine_feed.c).
//  5. An event re-examines the incidents at and below the places above it; all of them only when the
//     explanation's form changes (one fault or several), at a mark, and when rules or network change.
//     Of those that it does not touch directly only the place can change, not the numbers: so looking
//     at everything once more, as after a restart, changes nothing.
#pragma once

#include "busd/engine_group.h"
#include "busd/engine_state.h"

enum { PREDICT_NOWHERE = UINT32_MAX, PREDICT_REG_NO_BYTES = 24 };
enum { PREDICT_WIRE_DOWN = 0 }; // word of `hazard`
enum { PREDICT_FLAT = 0 };      // word of `extent`

// A report that is evidence.
struct predict_call {
    struct engine_entry *entry;        // of its incident
    struct predict_call *next, **link; // among those of the incident
    struct predict_call *next_here;    // among those of the premise
    int64_t premise;                   // key
    int64_t time_ms;
    uint32_t position; // in the model
    bool back;         // "the power is back"
    bool wire;         // a wire is down there
    bool flat;         // it is this flat alone
    char reg_no[PREDICT_REG_NO_BYTES];
};

// What an incident or planned works give to the group.
enum predict_share { PREDICT_NOTHING, PREDICT_CALLS, PREDICT_COVERS };
struct predict_state {
    enum predict_share share;
    bool known;          // its calls are here
    bool marked, direct; // for re-examination; because of its own calls
    int64_t key;         // what is blamed, as group_blame(); GROUP_BLAME_NONE: not looked at yet
    struct predict_call *calls;
    size_t place; // 1 + index in `live`
    // Covered in the group.
    int32_t *nodes;
    uint32_t *premises;
    size_t node_count, premise_count, node_capacity, premise_capacity;
};

// A place at which the evidence changed.
struct predict_touch {
    int32_t home;          // the class that is lowest there
    uint32_t first, count; // the premises that it is about
    bool direct;           // a call came or went, by an event and not by loading
};

struct predict {
    const struct model *model; // as the network is switched now: the engine's own, or `switched`
    struct model *switched;    // owned
    bool switches_changed;     // some node's state did, which may be what feeds it
    struct group_rules rules;
    struct group *group;
    struct predict_call **here;   // by position: the calls of a premise
    struct engine_entry **owners; // by class: the incident that stands there
    struct engine_entries live;   // those that follow
    size_t unknown, asked;        // of these, whose calls are not here; where to look on for one
    struct engine_entries changed;
    struct predict_touch *touches;
    size_t touch_count, touch_capacity;
    uint32_t trial; // premise of a call that is being decided; PREDICT_NOWHERE
    bool everywhere, loading;
    struct group_shape shape; // of the explanation that the incidents show
    bool shape_known;
};

// engine_predict.c: the evidence.
// The group of the model and the rules in force, with all that was touched; NULL: nothing is predicted.
struct predict *engine_predict_ready(struct engine *engine);
void engine_predict_note(struct engine *engine,
                         struct engine_entry *entry); // it may give otherwise
void engine_predict_loaded(struct engine *engine, struct engine_entry *entry);
void engine_predict_drop(struct engine *engine, struct engine_entry *entry); // before it is freed
void engine_predict_free(struct engine *engine);                             // the network goes
// A contact was linked to an incident: evidence, when that follows.
void engine_predict_take(struct engine *engine, struct engine_entry *entry,
                         const struct contact *contact);
void engine_predict_opened(struct engine *engine,
                           struct engine_entry *entry); // it has no calls yet
// It is the last word of its premise.
bool engine_predict_counts(const struct predict_call *call, const struct predict *predict);
// What the caller says has changed.
void engine_predict_renew(struct engine *engine, const struct contact *contact);
void engine_predict_release(struct engine *engine, const struct contact *contact);
void engine_predict_merged(struct engine_entry *from, struct engine_entry *into);
// The premise that stands for the place of a report; PREDICT_NOWHERE: it is no evidence.
uint32_t engine_predict_position(const struct predict *predict, int level, int64_t premise,
                                 int64_t house);

// What changed there is looked at again by what follows.
void engine_predict_touch(struct predict *predict, struct predict_touch touched);

// engine_predict_cover.c: the premises that an incident or works explain; the state keeps what was told to
// the group, so that it can be taken back whatever the record says by then.
void engine_predict_cover(struct predict *predict, struct predict_state *state,
                          const struct cover *cover);
void engine_predict_uncover(struct predict *predict, struct predict_state *state);

// engine_predict_model.c: the network as it is switched. False: the predict's model is not that any more.
struct model *engine_predict_switched(const struct engine *engine);
bool engine_predict_is_switched_so(const struct engine *engine, struct predict *predict);

// engine_plan.c: what follows.
// Decides a report that nothing covers. False: it is no evidence. Else the incident that it joins, or 0
// when it opens one; until the next call of ready() the group hears it.
bool engine_predict_try(struct engine *engine, const struct event *event, int64_t *incident);
// The place and its numbers, as decided fields of incident.opened or .grouped.
void engine_predict_fields(struct engine *engine, struct predict *predict, uint32_t position,
                           struct event *event);
