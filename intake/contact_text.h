// A contact of `query contacts` or `query contact` for people: what it is about, its state, who is to
// answer. Words of the bus in both languages.
#pragma once

#include "lib/json.h"
#include "tui/form.h"

enum { CONTACT_DEPARTMENTS = 6, CONTACT_GROUNDS = 3 };
// Departments that a contact is sent to (busd/engine_contact_life.c names the usual one of each item).
extern const struct form_choice contact_departments[CONTACT_DEPARTMENTS];
extern const struct form_choice contact_grounds[CONTACT_GROUNDS]; // to leave one without review

// A department, a state; a word that is not known here is shown as it stands. "" for NULL.
const char *contact_department(const char *id, enum language language);
const char *contact_state(const char *state, enum language language);

// "нет света", "1.1 справка", "9 жалоба".
void contact_print_subject(const struct json *row, enum language language, struct buf *out);
// "ул. Садовая, 12", the settlement behind; "" when the place is not known.
void contact_print_place(const struct json *row, struct buf *out);
// A time of the row; 0 when it has none.
int64_t contact_time(const struct json *row, const char *member);
