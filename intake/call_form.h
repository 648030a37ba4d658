// The form of one contact: what is asked, in the order of speech; and the event that it becomes. Three
// answers are enough: where, what, Enter. Pure.
#pragma once

#include "intake/call_items.h"
#include "intake/call_place.h"
#include "intake/texts.h"
#include "lib/err.h"

#include <stdbool.h>

// The report that went out before the form was finished (a hazard); the rest of the form goes after it.
struct call_push {
    char *id;   // of its event; NULL = none was pushed
    char *said; // what could be added later, as it was then
    int64_t slip;
};

struct call_form {
    struct form form;
    struct form_item items[CALL_ITEM_COUNT];
    struct call_place place;
    struct call_push push;
    char *answer; // what was read out to a question; NULL = nothing yet
};

void call_form_init(struct call_form *call);
void call_form_fini(struct call_form *call);
void call_form_clear(struct call_form *call);
// Another contact of the same caller about the same place: all else is asked anew.
void call_form_next(struct call_form *call);
bool call_form_is_empty(const struct call_form *call);
// Shows what belongs to what was chosen (volts) and hides the rest. After every change.
void call_form_arrange(struct call_form *call);
int call_form_rows(const struct call_form *call); // that it takes on the screen

// Appends a field's text; "" when it is empty.
void call_form_text(const struct call_form *call, enum call_item item, struct buf *out);
// The topic that the chosen problem makes; NULL while none is chosen.
const char *call_form_topic(const struct call_form *call);
// The hazard that is reported, as the bus calls it; NULL = none.
const char *call_form_hazard(const struct call_form *call);
// What was chosen of problem and item, for people; "" = nothing yet.
const char *call_form_problem_label(const struct call_form *call, enum language language);
// A question that is answered at once by reading out `text`: makes the call one of `topic` where it is
// none yet, and is put behind what was read out before. False when the call is something else.
bool call_form_take_answer(struct call_form *call, const char *topic, const char *text);
// Nothing of the caller may leave the form: so chosen, or a theft is reported and nothing said of oneself.
bool call_form_is_anonymous(const struct call_form *call);

// What is missing or wrong, and in which item; TEXT id, or INTAKE_TEXT_COUNT when it can be saved.
enum intake_text call_form_fault(const struct call_form *call, enum call_item *where);
// The premise object of the call; false when nothing is said of a place.
bool call_form_write_premise(const struct call_form *call, struct json_out *out, const char *key);
// The event as a client publishes it (without time); `telephone` = the id of the call that it is taken in,
// which an anonymous one does not name.
void call_form_write_event(const struct call_form *call, const char *telephone, struct buf *out);

// Whether a hazard at a place is reported, which does not wait for the rest.
bool call_form_is_urgent(const struct call_form *call);
// Notes that `event` (JSON as published) went out; what it says of the network is locked from now on.
void call_form_pushed(struct call_form *call, struct slice event, int64_t slip);
// It was saved: nothing more is added to that report.
void call_form_taken(struct call_form *call);
// The rest, as contact.updated; by `reg_no`, or while that is not known (NULL) by the event that was
// pushed. False when there is nothing to add.
bool call_form_write_rest(const struct call_form *call, const char *reg_no, struct buf *out);

// The form as JSON and back: a draft that survives a lost terminal.
void call_form_save(const struct call_form *call, struct buf *out);
void call_form_load(struct call_form *call, const struct json *draft);
