// Contacts as a list, and one contact with everything that is known of it.
#pragma once

#include "intake/rows.h"
#include "intake/texts.h"
#include "tui/surface.h"

// What a list says of each beside number, subject and state.
enum contact_list { CONTACT_LIST_DUE, CONTACT_LIST_TAKEN, CONTACT_LIST_QUESTION };
// A title row and the rows of `query contacts`; the selected one holds the cursor. `own` is the identity
// whose contacts are marked (NULL = nobody's).
void contact_list_paint(const struct rows *rows, enum contact_list list, const char *own,
                        enum language language, int64_t now_ms, struct surface *surface,
                        struct rect rect);

// The one that is open: the row of `query contact`.
struct contact_view {
    char *reg_no; // owned; NULL = none
    struct rows row;
    int scroll;
};

void contact_view_init(struct contact_view *view);
void contact_view_fini(struct contact_view *view);
void contact_view_open(struct contact_view *view, const char *reg_no);
const struct json *contact_view_row(const struct contact_view *view); // NULL = not known yet
bool contact_view_input(struct contact_view *view, const struct input *input);
void contact_view_paint(struct contact_view *view, enum language language, int64_t now_ms,
                        struct surface *surface, struct rect rect);
