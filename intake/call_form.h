// The form of one call: what is asked, in the order of speech; and the event that it becomes. Three
// answers are enough: where, what, Enter. Pure.
#pragma once

#include "intake/texts.h"
#include "lib/err.h"
#include "lib/json.h"
#include "tui/form.h"

#include <stdbool.h>

enum call_item {
    CALL_PHONE,
    CALL_ADDRESS,
    CALL_FLAT,
    CALL_PROBLEM,
    CALL_VOLTS,    // of low and high alone
    CALL_SUBJECT,  // of "other": which item of the passport; the next five as it says
    CALL_TOPIC,    // of a question or advice
    CALL_THEFT,    // of theft or unmetered use
    CALL_GRIEF,    // of a complaint
    CALL_READINGS, // of a meter
    CALL_ANSWER,   // of a question or advice: given at once, or owed
    CALL_EXTENT,
    CALL_HAZARD,
    CALL_WORDS,
    CALL_BACK,
    CALL_NAME,
    CALL_ITEM_COUNT
};

// A place that was chosen from suggestions: what the broker resolves exactly. Strings are owned; NULL
// or empty where the place has none.
struct call_place {
    char *account, *settlement, *street, *house, *flat, *node;
    char *address; // as shown
};
void call_place_fini(struct call_place *place);
void call_place_set(struct call_place *place, const struct json *row); // of `query premises`
bool call_place_is_chosen(const struct call_place *place);

struct call_form {
    struct form form;
    struct form_item items[CALL_ITEM_COUNT];
    struct call_place place;
    char *answer; // what was read out to a question; NULL = nothing yet
};

void call_form_init(struct call_form *call);
void call_form_fini(struct call_form *call);
void call_form_clear(struct call_form *call);
bool call_form_is_empty(const struct call_form *call);
// Shows what belongs to what was chosen (volts) and hides the rest. After every change.
void call_form_arrange(struct call_form *call);

// Appends a field's text; "" when it is empty.
void call_form_text(const struct call_form *call, enum call_item item, struct buf *out);
// The topic that the chosen problem makes; NULL while none is chosen.
const char *call_form_topic(const struct call_form *call);
// The hazard that is reported, as the bus calls it; NULL = none.
const char *call_form_hazard(const struct call_form *call);

// A symptom, or the type of a contact without one, for people; the bus's word itself when the form does not know it.
const char *call_form_symptom_label(const char *symptom, enum language language);
// What was chosen of problem and item, for people; "" = nothing yet.
const char *call_form_problem_label(const struct call_form *call, enum language language);

// A question that is answered at once by reading out `text`: makes the call one of `topic` where it is
// none yet, and is put behind what was read out before. False when the call is something else.
bool call_form_take_answer(struct call_form *call, const char *topic, const char *text);

// What is missing or wrong, and in which item; TEXT id, or INTAKE_TEXT_COUNT when it can be saved.
enum intake_text call_form_fault(const struct call_form *call, enum call_item *where);
// The premise object of the call; false when nothing is said of a place.
bool call_form_write_premise(const struct call_form *call, struct json_out *out, const char *key);
// The event as a client publishes it (without id and time).
void call_form_write_event(const struct call_form *call, struct buf *out);

// The form as JSON and back: a draft that survives a lost terminal.
void call_form_save(const struct call_form *call, struct buf *out);
void call_form_load(struct call_form *call, const struct json *draft);
