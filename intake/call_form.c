#include "intake/call_form.h"

#include "lib/phone.h"
#include "lib/tax_number.h"

#include <stdlib.h>
#include <string.h>

enum { VOLTS_COLUMNS = 20 }; // that the field of volts takes of its row

void call_form_init(struct call_form *call)
{
    *call = (struct call_form){0};
    memcpy(call->items, call_items, sizeof(call_items));
    form_init(&call->form, call->items, CALL_ITEM_COUNT);
    call_form_clear(call);
}

void call_form_taken(struct call_form *call)
{
    free(call->push.id);
    free(call->push.said);
    call->push = (struct call_push){0};
}

// What is of one contact alone.
static void forget_contact(struct call_form *call)
{
    call_form_taken(call);
    free(call->answer);
    call->answer = NULL;
}

void call_form_fini(struct call_form *call)
{
    form_fini(&call->form);
    call_place_fini(&call->place);
    forget_contact(call);
}

void call_form_clear(struct call_form *call)
{
    form_clear(&call->form);
    call_place_fini(&call->place);
    forget_contact(call);
    call->items[CALL_HAZARD].chosen = 0;
    call->items[CALL_BACK].chosen = 0;
    call->items[CALL_APPLICANT].chosen = CALL_PERSON;
    call_form_arrange(call);
}

void call_form_next(struct call_form *call)
{
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        struct form_item *item = &call->items[i];

        if (i == CALL_PHONE || i == CALL_ADDRESS || i == CALL_FLAT || i >= CALL_NAME)
            continue; // who calls, and where
        if (item->kind == FORM_FIELD)
            field_clear(&item->field);
        item->chosen = i == CALL_HAZARD || i == CALL_BACK ? 0 : -1;
    }
    forget_contact(call);
    call_form_arrange(call);
    form_focus(&call->form, CALL_PROBLEM);
}

bool call_form_is_empty(const struct call_form *call)
{
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        if (call->items[i].kind == FORM_FIELD && !field_is_empty(&call->items[i].field))
            return false;
    }
    return call->items[CALL_PROBLEM].chosen < 0;
}

static bool is_problem(const struct call_form *call, const char *value)
{
    const char *chosen = form_value(&call->form, CALL_PROBLEM);

    return chosen && strcmp(chosen, value) == 0;
}

static enum call_applicant applicant_of(const struct call_form *call)
{
    int chosen = call->items[CALL_APPLICANT].chosen;

    return chosen < 0 ? CALL_PERSON : (enum call_applicant)chosen;
}

// Who calls: anonymous is a choice where a theft is reported, and takes what is personal off the form.
static void arrange_applicant(struct call_form *call, bool theft)
{
    struct form_item *applicant = &call->items[CALL_APPLICANT];
    struct form_item *name = &call->items[CALL_NAME];

    applicant->choice_count = theft ? CALL_APPLICANT_COUNT : CALL_ANONYMOUS;
    if (!theft && applicant->chosen == CALL_ANONYMOUS)
        applicant->chosen = CALL_PERSON;
    enum call_applicant who = applicant_of(call);
    bool anonymous = who == CALL_ANONYMOUS;
    bool person = who == CALL_PERSON || anonymous;
    call->items[CALL_PHONE].hidden = name->hidden = anonymous;
    call->items[CALL_BACK].hidden = anonymous;
    call->items[CALL_ORGANISATION].hidden = person;
    call->items[CALL_TAX].hidden = person || who == CALL_AUTHORITY;
    for (int language = 0; language < LANGUAGE_COUNT; language++)
        name->label[language] =
            person ? call_items[CALL_NAME].label[language] : call_representative_label[language];
}

void call_form_arrange(struct call_form *call)
{
    bool other = is_problem(call, "other");
    bool network = !other && !is_problem(call, "when"); // a question has no extent and no hazard
    int subject = other ? call->items[CALL_SUBJECT].chosen : -1;
    bool asked = subject == CALL_SUBJECT_INQUIRY || subject == CALL_SUBJECT_ADVICE;
    bool reading = subject == CALL_SUBJECT_READING;

    call->items[CALL_VOLTS].hidden = !is_problem(call, "low") && !is_problem(call, "high");
    call->items[CALL_EXTENT].column = call->items[CALL_VOLTS].hidden ? 0 : VOLTS_COLUMNS;
    call->items[CALL_SUBJECT].hidden = !other;
    call->items[CALL_TOPIC].hidden = call->items[CALL_ANSWER].hidden = !asked;
    call->items[CALL_THEFT].hidden = subject != CALL_SUBJECT_THEFT;
    call->items[CALL_GRIEF].hidden = subject != CALL_SUBJECT_COMPLAINT;
    call->items[CALL_READINGS].hidden = call->items[CALL_REASON].hidden = !reading;
    call->items[CALL_EXTENT].hidden = call->items[CALL_HAZARD].hidden = !network;
    arrange_applicant(call, subject == CALL_SUBJECT_THEFT);
    for (int i = CALL_ADDRESS; i <= CALL_PROBLEM; i++)
        call->items[i].locked = call->push.id != NULL;
    call->items[CALL_HAZARD].locked = call->push.id != NULL;
    while (call->items[call->form.focus].hidden) // the address never is
        call->form.focus = (call->form.focus + 1) % CALL_ITEM_COUNT;
}

int call_form_rows(const struct call_form *call)
{
    int rows = 0;

    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        if (!call->items[i].hidden && call->items[i].row >= rows)
            rows = call->items[i].row + 1;
    }
    return rows;
}

void call_form_text(const struct call_form *call, enum call_item item, struct buf *out)
{
    field_get(&call->items[item].field, out);
}

const char *call_form_topic(const struct call_form *call)
{
    int chosen = call->items[CALL_PROBLEM].chosen;
    int subject = call->items[CALL_SUBJECT].chosen;

    if (is_problem(call, "other"))
        return subject < 0 ? NULL : call_subjects[subject];
    return chosen < 0 ? NULL : call_problems[chosen].topic;
}

const char *call_form_hazard(const struct call_form *call)
{
    const char *hazard = form_value(&call->form, CALL_HAZARD);
    int problem = call->items[CALL_PROBLEM].chosen;

    if (call->items[CALL_HAZARD].hidden)
        return NULL;
    if (hazard && strcmp(hazard, "none") != 0)
        return hazard;
    return problem < 0 ? NULL : call_problems[problem].hazard;
}

const char *call_form_problem_label(const struct call_form *call, enum language language)
{
    bool other = is_problem(call, "other") && call->items[CALL_SUBJECT].chosen >= 0;
    const struct form_item *item = &call->items[other ? CALL_SUBJECT : CALL_PROBLEM];

    return item->chosen < 0 ? "" : item->choices[item->chosen].label[language];
}

static bool has_text(const struct call_form *call, enum call_item item)
{
    return !call->items[item].hidden && !field_is_empty(&call->items[item].field);
}

bool call_form_is_anonymous(const struct call_form *call)
{
    if (call->items[CALL_THEFT].hidden)
        return false;
    return !has_text(call, CALL_PHONE) && !has_text(call, CALL_NAME) &&
           !has_text(call, CALL_ORGANISATION);
}

bool call_form_is_urgent(const struct call_form *call)
{
    bool placed = call_place_is_chosen(&call->place) ||
                  (has_text(call, CALL_ADDRESS) && call->form.focus != CALL_ADDRESS);

    return placed && !call->push.id && call_form_topic(call) && call_form_hazard(call);
}

static bool phone_is_good(const struct call_form *call)
{
    struct buf text = {0};
    char phone[PHONE_BYTES];

    call_form_text(call, CALL_PHONE, &text);
    bool good = text.length == 0 || phone_normalise((struct slice){text.data, text.length}, phone);
    buf_fini(&text);
    return good;
}

// Which choice or field an item needs beside the subject itself; CALL_ITEM_COUNT = none.
static enum call_item needed_by(const struct call_form *call)
{
    switch (call->items[CALL_SUBJECT].chosen) {
    case CALL_SUBJECT_INQUIRY: return CALL_TOPIC;
    case CALL_SUBJECT_READING: return CALL_READINGS;
    case CALL_SUBJECT_THEFT: return CALL_THEFT;
    case CALL_SUBJECT_COMPLAINT: return CALL_GRIEF;
    default: return CALL_ITEM_COUNT;
    }
}

static enum intake_text subject_fault(const struct call_form *call, enum call_item *where)
{
    enum call_item needed = needed_by(call);

    *where = CALL_SUBJECT;
    if (!call_form_topic(call))
        return TEXT_NEEDS_PROBLEM;
    *where = needed;
    if (needed == CALL_READINGS && !has_text(call, CALL_READINGS))
        return TEXT_NEEDS_READINGS;
    if (needed != CALL_READINGS && needed != CALL_ITEM_COUNT && !form_value(&call->form, needed))
        return TEXT_NEEDS_PROBLEM;
    *where = CALL_ADDRESS;
    if (needed == CALL_READINGS && !call_place_is_chosen(&call->place))
        return TEXT_NEEDS_ADDRESS;
    return INTAKE_TEXT_COUNT;
}

static enum intake_text problem_fault(const struct call_form *call, enum call_item *where)
{
    *where = CALL_ADDRESS;
    if (!has_text(call, CALL_ADDRESS) && !call_place_is_chosen(&call->place))
        return TEXT_NEEDS_ADDRESS;
    *where = CALL_PROBLEM;
    return call_form_topic(call) ? INTAKE_TEXT_COUNT : TEXT_NEEDS_PROBLEM;
}

static bool tax_is_good(const struct call_form *call)
{
    struct buf text = {0};

    call_form_text(call, CALL_TAX, &text);
    bool good = tax_number_is_good((struct slice){text.data, text.length});
    buf_fini(&text);
    return good;
}

static enum intake_text caller_fault(const struct call_form *call, enum call_item *where)
{
    *where = CALL_PHONE;
    if (has_text(call, CALL_PHONE) && !phone_is_good(call))
        return TEXT_BAD_PHONE;
    *where = CALL_ORGANISATION;
    if (!call->items[CALL_ORGANISATION].hidden && !has_text(call, CALL_ORGANISATION))
        return TEXT_NEEDS_ORGANISATION;
    *where = CALL_TAX;
    if (has_text(call, CALL_TAX) && !tax_is_good(call))
        return TEXT_BAD_TAX;
    return INTAKE_TEXT_COUNT;
}

enum intake_text call_form_fault(const struct call_form *call, enum call_item *where)
{
    bool other = is_problem(call, "other");
    enum intake_text fault = other ? subject_fault(call, where) : problem_fault(call, where);

    return fault != INTAKE_TEXT_COUNT ? fault : caller_fault(call, where);
}
