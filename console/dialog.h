// Popups in which an act is completed: a form, what it will work on, a last look. Enter does it from any
// field, Tab goes round.
// One table (dialog_kinds) says of each kind its title, items, opening, painting and submitting.
#pragma once

#include "tui/form.h"
#include "tui/surface.h"

#include <stdbool.h>
#include <stdint.h>

struct desk;

enum dialog_kind {
    DIALOG_ETA,
    DIALOG_NOTE,
    DIALOG_CLOSE,
    DIALOG_RESTORE,
    DIALOG_EDIT,
    DIALOG_CREW,
    DIALOG_MERGE,
    DIALOG_CANCEL,
    DIALOG_MODE,
    DIALOG_AGREE,
    DIALOG_ASK,
};

enum { DIALOG_ITEMS = 6 };

struct dialog {
    enum dialog_kind kind;
    struct form form;
    struct form_item items[DIALOG_ITEMS];
    uint64_t *targets; // incidents it works on, chosen when it was opened
    size_t target_count;
    bool asked;        // a doubtful value was pointed out: the next Enter means it
    const char *fault; // what hinders, in the desk's language; NULL = nothing
};

// Opens over the current targets; false (and a message) when there is nothing to work on.
bool dialog_open(struct desk *desk, enum dialog_kind kind);
void dialog_close(struct desk *desk);
void dialog_input(struct desk *desk, const struct input *input);
void dialog_paint(struct desk *desk, struct surface *surface, struct rect area);

// A kind's own part (dialog_kinds.c, dialog_eta.c, dialog_agree.c, dialog_ask.c).
struct dialog_type {
    int title; // enum console_text
    const struct form_item *items;
    size_t item_count;
    int columns, rows; // of the inside; rows without the two of the foot
    bool needs_target;
    bool (*open)(struct desk *desk, struct dialog *dialog); // NULL = nothing; false = not now
    void (*paint)(struct desk *desk, struct dialog *dialog, struct surface *surface,
                  struct rect inside);                        // NULL = the form alone
    bool (*submit)(struct desk *desk, struct dialog *dialog); // true = done, close
};
extern const struct dialog_type dialog_eta, dialog_agree, dialog_ask;
extern const struct dialog_type *const dialog_types[]; // by enum dialog_kind

// For the kinds: appends the text of a field; NULL when it is empty.
struct buf;
const char *dialog_field(const struct dialog *dialog, size_t item, struct buf *text);
// The first target's row number, 0 = none.
int64_t dialog_target(const struct dialog *dialog);
