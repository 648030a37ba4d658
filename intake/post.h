// The operator's post: everything the intake screen shows and what the keys do to it. No descriptor,
// no clock, no terminal: time, input and answers are handed in, the bus is an interface, painting goes
// into a surface. So the whole screen runs in a test.
#pragma once

#include "intake/ahead.h"
#include "intake/call_form.h"
#include "intake/calls.h"
#include "intake/history.h"
#include "intake/known.h"
#include "intake/offline.h"
#include "intake/owed.h"
#include "intake/popup.h"
#include "intake/reading.h"
#include "intake/suggest.h"
#include "intake/talk.h"
#include "intake/visits.h"
#include "lib/voltage.h"
#include "tui/health.h"
#include "tui/keymap.h"

#include <stdbool.h>
#include <stdint.h>

// Bits: `views` of the action table.
enum post_view {
    POST_FORM = 1,
    POST_LOOKUP = 2,
    POST_CALLS = 4,
    POST_ANSWERS = 8,
    POST_QUEUE = 16,
    POST_CONTACT = 32, // one contact, opened from a list
    POST_VISITS = 64,
    POST_HISTORY = 128,
    POST_QUESTIONS = 256, // the dispatcher's
};
enum {
    POST_VIEWS = POST_FORM | POST_LOOKUP | POST_CALLS | POST_ANSWERS | POST_QUEUE | POST_CONTACT |
                 POST_VISITS | POST_HISTORY | POST_QUESTIONS,
    // A contact is chosen there, and acted upon by letters.
    POST_CONTACTS = POST_QUEUE | POST_CONTACT | POST_QUESTIONS,
};

enum post_question {
    POST_ASK_SUGGEST,
    POST_ASK_KNOWN,
    POST_ASK_LOOKUP,
    POST_ASK_AGAIN,    // how often it has called
    POST_ASK_ETA,      // of an incident of the list
    POST_ASK_PREMISES, // a page of the offline copy
    POST_ASK_STATS,    // the global message
    POST_ASK_ANSWERS,  // of the handbook; the number is the language
    POST_ASK_DIRECTORY,
    POST_ASK_QUEUE,
    POST_ASK_CONTACT,
    POST_ASK_OFFICES, // of the appointment book; and a day of it
    POST_ASK_SHEET,
    POST_ASK_SLOTS,
    POST_ASK_PHONE_HISTORY,
    POST_ASK_PLACE_HISTORY,
    POST_ASK_HISTORY_PLACE, // which place an address means
    POST_ASK_QUESTIONS,
};

// What it keeps in the account's state directory; NULL = keep none.
struct post_files {
    const char *premises, *handbook;
};

enum { POST_MIN_ROWS = 24, POST_MIN_COLUMNS = 80 };

// How the post reaches the world. Tests put their own.
struct post_bus {
    void *context;
    // On disk when it returns true; then `*slip` is its number. Answer: post_settled().
    bool (*publish)(void *context, struct slice event, int64_t *slip, struct err *err);
    // Answer: post_answered() with the same question and number.
    void (*query)(void *context, const char *name, struct slice args, enum post_question question,
                  int64_t number);
    void (*bell)(void *context);
    void (*language)(void *context, enum language language); // of `say` and of refusals
};

struct post {
    struct post_bus bus;
    enum language language;
    int64_t now_ms, mono_ms, head;
    enum post_view view, before; // `before`: the list that a contact was opened from
    struct call_form call;
    struct talk talk;
    int64_t urgent_ms;   // monotonic: since when a hazard stands on the form; 0 = none
    size_t urgent_focus; // the item that made it one
    bool push_failed;    // it could not be written to disk
    char *cleared;       // the form before F4, as JSON; NULL = none
    struct suggest suggest;
    struct ahead ahead; // keys that wait for its answer
    struct known known;
    size_t phone_calls; // calls from it within the hour
    int64_t phone_asked;
    struct field lookup_field;
    struct known lookup;
    struct calls calls;
    size_t calls_selected;
    struct offline *offline;
    struct handbook *handbook;
    struct reading reading;
    struct owed owed;
    struct contact_view contact;
    struct visits visits;
    struct history history;
    struct rows questions; // contacts that the dispatcher asks about or has returned
    char *last;            // the form of the last contact that was saved, as JSON; NULL = none
    struct popup popup;
    struct acts *acts;           // post_acts.c
    bool fetching;               // pages of the offline copy are under way
    struct health link;          // refreshed by its owner before each turn
    struct voltage_rule voltage; // as the broker told
    char *global_message;        // owned; NULL = none
    int64_t global_until_ms;     // it ends then; 0 = when it is taken back
    struct buf message;
    struct buf arrived; // slips that came since the last key
    enum role message_role;
    int64_t message_slip; // the message is of this slip's fate; 0 = of nothing's
    bool help, menu, asks_to_quit, quit, force, cyrillic;
    int64_t painted_minute;
};

struct post *post_new(const struct post_bus *bus, enum language language,
                      const struct post_files *files);
void post_free(struct post *post);

// Time passes: questions that are due are asked. Returns the monotonic time of the next tick.
int64_t post_tick(struct post *post, int64_t now_ms, int64_t mono_ms);
void post_input(struct post *post, const struct input *input);
void post_paint(struct post *post, struct surface *surface);
void post_play_ahead(struct post *post); // an answer is there: keys may have waited for it
void post_ahead_tick(struct post *post); // or will not come

// From the bus. True when the screen should be painted at once (an ETA for a caller).
bool post_take_event(struct post *post, const struct json *event);
void post_answered(struct post *post, enum post_question question, int64_t number,
                   const struct json *body, const struct err *err);
void post_settled(struct post *post, int64_t slip, const struct json *result,
                  const struct err *err);
void post_linked(struct post *post); // the link is up: what waited is asked
void post_restore(struct post *post, const struct outbox_item *item);

// The unfinished call as JSON; false when there is none. And back.
bool post_draft(const struct post *post, struct buf *out);
void post_take_draft(struct post *post, const struct json *draft);

// For the parts.
void post_ask(struct post *post, const char *name, const struct buf *args,
              enum post_question question, int64_t number);
void post_ask_rows(struct post *post, struct rows *rows, const char *name, const struct buf *args,
                   enum post_question question);
void post_say(struct post *post, enum role role, const char *text);
void post_print(struct post *post, enum role role, enum intake_text id, ...);
const char *post_text(const struct post *post, enum intake_text id);
void post_look_up(struct post *post);   // asks for what is typed in the look-up field
void post_ask_known(struct post *post); // for the place on the form
void post_address_typed(struct post *post);
void post_phone_typed(struct post *post);
void post_clear(struct post *post); // F4; again: brings back
void post_empty_form(struct post *post);
void post_quit(struct post *post);
void post_set_language(struct post *post, enum language language);

// Parts of their own: post_talk.c.
void post_talk_typed(struct post *post);                  // something was typed into the form
bool post_begin_talk(struct post *post, struct err *err); // a contact is about to be published
void post_talk_keep(struct post *post);                   // the form's contact is taken
void post_end_talk(struct post *post);
bool post_hang_up(struct post *post);   // F4 where there is nothing to clear; false: there is
void post_take_kept(struct post *post); // the form of the latest contact
void post_take_more(struct post *post); // another contact of the same call
size_t post_count_calls(const struct post *post, const struct json *rows); // but for this one
int post_paint_talk(const struct post *post, struct surface *surface, struct rect rect); // rows
// post_save.c
void post_save(struct post *post);
void post_consider_push(struct post *post); // a hazard goes out; with time and with every key
void post_refused(struct post *post, int64_t slip); // the form of what the broker refused is back
int post_paint_push(const struct post *post, struct surface *surface, struct rect rect, int row);
// post_reading.c

void post_fetch_handbook(struct post *post);
void post_take_handbook(struct post *post, enum post_question question, int64_t language,
                        const struct json *rows);
void post_open_reading(struct post *post);
bool post_reading_input(struct post *post, const struct input *input);

// post_contacts.c
void post_open_queue(struct post *post);
void post_open_contact(struct post *post, const char *reg_no);
bool post_contact_list_input(struct post *post, const struct input *input);
void post_take_contacts(struct post *post, enum post_question question, int64_t number,
                        const struct json *rows, const struct err *err);
// True when the dispatcher asks about a contact that was taken here.
bool post_contacts_event(struct post *post, struct slice topic, const struct json *event);
void post_contacts_tick(struct post *post);

void post_open_questions(struct post *post);

// post_history.c
void post_open_history(struct post *post);
void post_take_history(struct post *post, enum post_question question, int64_t number,
                       const struct json *rows, const struct err *err);
bool post_history_input(struct post *post, const struct input *input);
bool post_can_repeat(const void *program);
void post_repeat_contact(struct post *post); // a new call of the same caller, about the same
void post_keep_last(struct post *post);      // the form is about to be emptied
void post_repeat_last(struct post *post);    // of another caller, about the same as the last

// post_acts.c
struct acts *post_acts_new(void);
void post_acts_free(struct acts *acts);
// Publishes an event; what became of it is said, of `about`, when the broker answers. False when the
// disk refused.
bool post_act(struct post *post, const char *type, struct slice data, const char *about);
void post_act_restore(struct post *post, const struct outbox_item *item, struct json_doc *doc);
bool post_act_settled(struct post *post, int64_t slip, const char *fault); // false: no such act
const struct json *post_chosen_contact(const struct post *post);           // NULL = none
bool post_can_act(const void *program);
void post_take_in_work(struct post *post);
void post_close_contact(struct post *post);
void post_ask_for(struct post *post, enum popup_kind kind); // of the chosen contact
void post_popup_input(struct post *post, const struct input *input);

// post_visits.c
void post_open_visits(struct post *post);
void post_take_visits(struct post *post, enum post_question question, int64_t number,
                      const struct json *answer, const struct err *err);
bool post_visits_input(struct post *post, const struct input *input);
bool post_can_change_visit(const void *program);
bool post_can_move_visit(const void *program); // or one is being moved
void post_move_visit(struct post *post); // the chosen one waits for its new time; again: it stays
void post_cancel_visit(struct post *post);
void post_end_visit(struct post *post, bool came);
void post_visit_sent(struct post *post); // what the popup asked was published; it is still open
void post_visits_tick(struct post *post);

// post_menu.c
void post_menu_input(struct post *post, const struct input *input);
void post_menu_paint(const struct post *post, struct surface *surface, struct rect rect);

extern const struct action post_actions[];
extern const size_t post_action_count;
