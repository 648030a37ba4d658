#include "intake/call_items.h"

#include <string.h>

const struct call_problem call_problems[CALL_PROBLEM_COUNT] = {
    {"no_power", "contact.outage_report", "no_power", NULL},
    {"partial", "contact.outage_report", "partial", NULL},
    {"low", "contact.quality_complaint", "low", NULL},
    {"high", "contact.quality_complaint", "high", NULL},
    {"flicker", "contact.quality_complaint", "flicker", NULL},
    {"wire", "contact.outage_report", "no_power", "wire_down"},
    {"when", "contact.restoration_query", NULL, NULL},
    {"restored", "contact.outage_report", "restored", NULL},
    {"other", NULL, NULL, NULL}, // as CALL_SUBJECT says
};

const char *const call_subjects[CALL_SUBJECT_COUNT] = {
    [CALL_SUBJECT_INQUIRY] = "contact.inquiry",
    [CALL_SUBJECT_ADVICE] = "contact.consultation",
    [CALL_SUBJECT_READING] = "contact.meter_reading",
    [CALL_SUBJECT_THEFT] = "contact.theft_report",
    [CALL_SUBJECT_COMPLAINT] = "contact.complaint",
};

const char *const call_item_names[CALL_ITEM_COUNT] = {
    [CALL_PHONE] = "phone",
    [CALL_ADDRESS] = "address",
    [CALL_FLAT] = "flat",
    [CALL_PROBLEM] = "problem",
    [CALL_VOLTS] = "volts",
    [CALL_SUBJECT] = "subject",
    [CALL_TOPIC] = "topic",
    [CALL_THEFT] = "theft",
    [CALL_GRIEF] = "grief",
    [CALL_READINGS] = "shows",
    [CALL_REASON] = "reason",
    [CALL_ANSWER] = "answer",
    [CALL_EXTENT] = "extent",
    [CALL_HAZARD] = "hazard",
    [CALL_WORDS] = "words",
    [CALL_BACK] = "callback",
    [CALL_NAME] = "name",
    [CALL_APPLICANT] = "applicant",
    [CALL_ORGANISATION] = "organisation",
    [CALL_TAX] = "tax_number",
};

static const struct form_choice problem_choices[] = {
    {"no_power", {"no power", "нет света"}},
    {"partial", {"partial", "половина"}},
    {"low", {"low V", "низкое"}},
    {"high", {"high V", "высокое"}},
    {"flicker", {"flicker", "мигает"}},
    {"wire", {"wire down!", "провод!"}},
    {"when", {"when?", "когда?"}},
    {"restored", {"is back", "дали"}},
    {"other", {"else", "иное"}},
};
static const struct form_choice subject_choices[] = {
    {"inquiry", {"question", "справка"}},        {"consultation", {"advice", "консультация"}},
    {"meter_reading", {"reading", "показания"}}, {"theft_report", {"theft", "хищение"}},
    {"complaint", {"complaint", "жалоба"}},
};
static const struct form_choice topic_choices[] = {
    {"1.1", {"connection", "присоединение"}},
    {"1.2", {"transmission", "передача"}},
    {"1.3", {"metering", "учёт"}},
    {"1.4", {"service", "обслуживание"}},
    {"1.5", {"contacts", "контакты"}},
};
static const struct form_choice theft_choices[] = {
    {"no_contract", {"no contract", "без договора"}},
    {"unmetered", {"past the meter", "мимо счётчика"}},
    {"equipment", {"equipment stolen", "хищение оборудования"}},
};
static const struct form_choice grief_choices[] = {
    {"transmission", {"transm.", "передача"}},
    {"quality", {"quality", "качество"}},
    {"connection", {"connect.", "присоед."}},
    {"metering", {"meter", "учёт"}},
    {"service", {"service", "обслуж."}},
    {"maintenance", {"mainten.", "ремонт"}},
    {"other", {"other", "иное"}},
};
static const struct form_choice answer_choices[] = {
    {"given", {"given", "дан"}},
    {"owed", {"to a dept", "в отдел"}},
};
// In the order of the bus's words, and of enum call_applicant.
static const struct form_choice applicant_choices[CALL_APPLICANT_COUNT] = {
    {"person", {"person", "физлицо"}},        {"legal", {"company", "юрлицо"}},
    {"tso", {"network co.", "ТСО"}},          {"authority", {"authority", "орган власти"}},
    {"anonymous", {"anonymous", "анонимно"}},
};
static const struct form_choice extent_choices[] = {
    {"flat", {"flat", "квартира"}},
    {"house", {"house", "дом"}},
    {"street", {"street", "улица"}},
    {"unknown", {"unknown", "не знает"}},
};
static const struct form_choice hazard_choices[] = {
    {"none", {"no", "нет"}},
    {"wire_down", {"wire", "провод"}},
    {"sparking", {"sparks", "искрит"}},
    {"fire", {"fire", "пожар"}},
    {"open_equipment", {"open door", "открыто"}},
    {"trapped", {"trapped", "лифт"}},
    {"other", {"other", "иное"}},
};
static const struct form_choice callback_choices[] = {
    {"no", {"no", "нет"}},
    {"yes", {"yes", "да"}},
};

// Digits of up to three zones, with blanks between.
static bool accepts_readings(uint32_t rune)
{
    return rune == ' ' || field_accepts_digits(rune);
}

#define FIELD(at_row, at_column, before, wide, most, allowed)                        \
    .kind = FORM_FIELD, .row = at_row, .column = at_column, .label_columns = before, \
    .columns = wide, .limit = most, .accepts = allowed
#define CHOICE(at_row, at_column, before, wide, table)                                \
    .kind = FORM_CHOICE, .row = at_row, .column = at_column, .label_columns = before, \
    .columns = wide, .choices = table, .choice_count = sizeof(table) / sizeof((table)[0])

const struct form_item call_items[CALL_ITEM_COUNT] = {
    [CALL_PHONE] = {FIELD(0, 0, 9, 20, 24, field_accepts_phone), .label = {"Phone", "Телефон"}},
    [CALL_ADDRESS] = {FIELD(1, 0, 9, 50, 120, NULL), .label = {"Address", "Адрес"}},
    [CALL_FLAT] = {FIELD(1, 62, 5, 8, 12, NULL), .label = {"Flat", "Кв"}},
    [CALL_PROBLEM] = {CHOICE(2, 0, 9, 0, problem_choices), .label = {"Problem", "Жалоба"}},
    [CALL_VOLTS] = {FIELD(4, 0, 9, 8, 5, field_accepts_digits), .label = {"Volts", "Вольт"}},
    [CALL_SUBJECT] = {CHOICE(4, 0, 9, 0, subject_choices), .label = {"Item", "Пункт"}},
    [CALL_TOPIC] = {CHOICE(5, 0, 9, 0, topic_choices), .label = {"About", "О чём"}},
    [CALL_THEFT] = {CHOICE(5, 0, 9, 0, theft_choices), .label = {"What", "Что"}},
    [CALL_GRIEF] = {CHOICE(5, 0, 9, 0, grief_choices), .label = {"About", "О чём"}},
    [CALL_READINGS] = {FIELD(5, 0, 9, 30, 40, accepts_readings), .label = {"Shows", "Показ."}},
    [CALL_REASON] = {FIELD(5, 41, 8, 0, 200, NULL), .label = {"Why", "Причина"}},
    [CALL_ANSWER] = {CHOICE(3, 42, 7, 0, answer_choices), .label = {"Answer", "Ответ"}},
    [CALL_EXTENT] = {CHOICE(4, 0, 9, 0, extent_choices), .label = {"Extent", "Масштаб"}},
    [CALL_HAZARD] = {CHOICE(5, 0, 9, 0, hazard_choices), .label = {"Danger", "Опасно"}},
    [CALL_WORDS] = {FIELD(6, 0, 9, 0, 1000, NULL), .label = {"Words", "Слова"}},
    [CALL_BACK] = {CHOICE(7, 0, 10, 16, callback_choices), .label = {"Call back", "Перезв."}},
    [CALL_NAME] = {FIELD(7, 34, 8, 0, 80, NULL), .label = {"Name", "Имя"}},
    [CALL_APPLICANT] = {CHOICE(8, 0, 9, 0, applicant_choices), .label = {"Who", "Кто"}},
    [CALL_ORGANISATION] = {FIELD(9, 0, 9, 46, 200, NULL), .label = {"Company", "Организ."}},
    [CALL_TAX] = {FIELD(9, 57, 5, 15, 12, field_accepts_digits), .label = {"INN", "ИНН"}},
};

const char *const call_representative_label[LANGUAGE_COUNT] = {"Speaker", "Предст."};

const char *call_symptom_label(const char *symptom, enum language language)
{
    for (size_t i = 0; i < CALL_SUBJECT_COUNT; i++) {
        if (strcmp(call_subjects[i], symptom) == 0)
            return subject_choices[i].label[language];
    }
    for (size_t i = 0; i < CALL_PROBLEM_COUNT; i++) {
        const char *known = call_problems[i].symptom ? call_problems[i].symptom : "?";
        if (strcmp(known, symptom) == 0)
            return problem_choices[i].label[language];
    }
    return symptom;
}

const char *call_problem_of(const char *type, const char *symptom)
{
    for (size_t i = 0; i < CALL_PROBLEM_COUNT; i++) {
        const struct call_problem *problem = &call_problems[i];

        if (!problem->topic || strcmp(problem->topic, type) != 0)
            continue;
        if (symptom && problem->symptom ? strcmp(symptom, problem->symptom) == 0
                                        : !symptom && !problem->symptom)
            return problem->value;
    }
    return call_subject_of(type) ? "other" : NULL;
}

const char *call_subject_of(const char *type)
{
    for (size_t i = 0; i < CALL_SUBJECT_COUNT; i++) {
        if (strcmp(call_subjects[i], type) == 0)
            return subject_choices[i].value;
    }
    return NULL;
}
