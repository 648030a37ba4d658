// What an act on a contact or an appointment still needs: a small form over the screen. One table: the
// event that each makes, its items, and under which member each item goes into the event.
#pragma once

#include "intake/texts.h"
#include "lib/json.h"
#include "tui/form.h"

enum popup_kind {
    POPUP_NONE,
    POPUP_ANSWER,
    POPUP_ANSWER_COMPLAINT, // whether it was justified, and what was done about it
    POPUP_ROUTE,
    POPUP_LEAVE,
    POPUP_REOPEN,
    POPUP_REPLY, // to the dispatcher
    POPUP_BOOK,
    POPUP_MOVE,
    POPUP_CANCEL,
    POPUP_KIND_COUNT
};
enum { POPUP_ITEMS = 4 };

struct popup {
    enum popup_kind kind; // POPUP_NONE = closed
    struct form form;
    struct form_item items[POPUP_ITEMS];
    struct json_doc *doc;
    struct json *data; // what the event says besides: which contact, which time
    struct buf about;  // "2026-000123", in the box's title
};

void popup_init(struct popup *popup);
void popup_fini(struct popup *popup);
// Opens empty; the caller then adds to popup->data by popup_set().
void popup_open(struct popup *popup, enum popup_kind kind, const char *about);
void popup_set(struct popup *popup, const char *member, const char *text);
void popup_set_number(struct popup *popup, const char *member, int64_t number);
void popup_fill(struct popup *popup, size_t item, const char *text); // a field's text to begin with
void popup_close(struct popup *popup);

enum popup_result { POPUP_IGNORED, POPUP_USED, POPUP_LEFT, POPUP_SUBMIT };
// LEFT: Esc. SUBMIT: Enter in the last item, or F8, and nothing needed is missing; when something is,
// the focus goes there.
enum popup_result popup_input(struct popup *popup, const struct input *input);
const char *popup_type(const struct popup *popup); // of the event
// The event's data as JSON.
void popup_write(const struct popup *popup, struct buf *out);
// The open one as JSON, and back: a half-typed answer survives a lost terminal. load() is false, and
// nothing is open, where it is no popup.
void popup_save(const struct popup *popup, struct buf *out);
bool popup_load(struct popup *popup, const struct json *saved);
void popup_paint(struct popup *popup, enum language language, struct surface *surface,
                 struct rect rect);
