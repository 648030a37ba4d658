// What the form of a call asks: its items in the order of speech, their choices in both languages, and
// what a choice means on the bus.
#pragma once

#include "tui/form.h"

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
    CALL_REASON,   // why they are below the last, or far above the usual
    CALL_ANSWER,   // of a question or advice: given at once, or owed
    CALL_EXTENT,
    CALL_HAZARD,
    CALL_WORDS,
    CALL_BACK,
    CALL_NAME,
    CALL_APPLICANT,    // last, so that Shift-Tab from the telephone is there at once
    CALL_ORGANISATION, // of whoever is no person; the name is then the representative's
    CALL_TAX,          // of legal persons and network companies
    CALL_ITEM_COUNT
};

enum call_subject {
    CALL_SUBJECT_INQUIRY,
    CALL_SUBJECT_ADVICE,
    CALL_SUBJECT_READING,
    CALL_SUBJECT_THEFT,
    CALL_SUBJECT_COMPLAINT,
    CALL_SUBJECT_COUNT
};

enum call_applicant {
    CALL_PERSON,
    CALL_LEGAL,
    CALL_TSO,
    CALL_AUTHORITY,
    CALL_ANONYMOUS, // of theft and unmetered use alone (item 4)
    CALL_APPLICANT_COUNT
};

// What a problem means: the topic it makes, and what it says of the network.
struct call_problem {
    const char *value, *topic, *symptom, *hazard;
};
enum { CALL_PROBLEM_COUNT = 9 };

extern const struct form_item call_items[CALL_ITEM_COUNT];
extern const char
    *const call_representative_label[LANGUAGE_COUNT];      // of CALL_NAME in an organisation
extern const char *const call_item_names[CALL_ITEM_COUNT]; // in drafts
// As the choices of CALL_PROBLEM and CALL_SUBJECT stand in the form.
extern const struct call_problem call_problems[CALL_PROBLEM_COUNT];
extern const char *const call_subjects[CALL_SUBJECT_COUNT];

// A symptom, or the type of a contact without one, for people; the bus's word itself when the form does
// not know it.
const char *call_symptom_label(const char *symptom, enum language language);
// The choices that a contact of this type comes from; NULL = the form has none such. `symptom` may be NULL.
const char *call_problem_of(const char *type, const char *symptom);
const char *call_subject_of(const char *type);
