#include "intake/call_form.h"

#include "lib/mem.h"
#include "lib/message.h"
#include "lib/phone.h"
#include "lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_RUNES = 4000 }; // schemas/defs.yaml: answer

// A choice, what it means on the bus, and the topic it makes.
static const struct {
    const char *value, *topic, *symptom, *hazard;
} problems[] = {
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

static const char *const subjects[] = {"contact.inquiry", "contact.consultation",
                                       "contact.meter_reading", "contact.theft_report",
                                       "contact.complaint"};
enum { SUBJECT_INQUIRY, SUBJECT_ADVICE, SUBJECT_READING, SUBJECT_THEFT, SUBJECT_COMPLAINT };

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

static const struct form_item call_items[CALL_ITEM_COUNT] = {
    [CALL_PHONE] = {FIELD(0, 0, 9, 20, 24, field_accepts_phone), .label = {"Phone", "Телефон"}},
    [CALL_ADDRESS] = {FIELD(1, 0, 9, 50, 120, NULL), .label = {"Address", "Адрес"}},
    [CALL_FLAT] = {FIELD(1, 62, 5, 8, 12, NULL), .label = {"Flat", "Кв"}},
    [CALL_PROBLEM] = {CHOICE(2, 0, 9, 0, problem_choices), .label = {"Problem", "Жалоба"}},
    [CALL_VOLTS] = {FIELD(3, 0, 9, 5, 5, field_accepts_digits), .label = {"Volts", "Вольт"}},
    [CALL_SUBJECT] = {CHOICE(4, 0, 9, 0, subject_choices), .label = {"Item", "Пункт"}},
    [CALL_TOPIC] = {CHOICE(5, 0, 9, 0, topic_choices), .label = {"About", "О чём"}},
    [CALL_THEFT] = {CHOICE(5, 0, 9, 0, theft_choices), .label = {"What", "Что"}},
    [CALL_GRIEF] = {CHOICE(5, 0, 9, 0, grief_choices), .label = {"About", "О чём"}},
    [CALL_READINGS] = {FIELD(5, 0, 9, 40, 40, accepts_readings), .label = {"Shows", "Показ."}},
    [CALL_ANSWER] = {CHOICE(3, 42, 7, 0, answer_choices), .label = {"Answer", "Ответ"}},
    [CALL_EXTENT] = {CHOICE(4, 0, 9, 0, extent_choices), .label = {"Extent", "Масштаб"}},
    [CALL_HAZARD] = {CHOICE(5, 0, 9, 0, hazard_choices), .label = {"Danger", "Опасно"}},
    [CALL_WORDS] = {FIELD(6, 0, 9, 0, 1000, NULL), .label = {"Words", "Слова"}},
    [CALL_BACK] = {CHOICE(7, 0, 10, 16, callback_choices), .label = {"Call back", "Перезв."}},
    [CALL_NAME] = {FIELD(7, 34, 6, 0, 80, NULL), .label = {"Name", "Имя"}},
};

// --- a chosen place ---------------------------------------------------------------------------------

void call_place_fini(struct call_place *place)
{
    free(place->account);
    free(place->settlement);
    free(place->street);
    free(place->house);
    free(place->flat);
    free(place->node);
    free(place->address);
    *place = (struct call_place){0};
}

void call_place_set(struct call_place *place, const struct json *row)
{
    const struct {
        const char *name;
        char **at;
    } members[] = {
        {"account", &place->account}, {"settlement", &place->settlement},
        {"street", &place->street},   {"house", &place->house},
        {"flat", &place->flat},       {"node", &place->node},
        {"address", &place->address},
    };

    call_place_fini(place);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        *members[i].at = mem_string(json_c_string(json_get(row, members[i].name)));
}

static bool is_given(const char *text)
{
    return text && *text;
}

bool call_place_is_chosen(const struct call_place *place)
{
    return is_given(place->account) || is_given(place->street) || is_given(place->settlement) ||
           is_given(place->house);
}

// --- the form ----------------------------------------------------------------------------------------

void call_form_init(struct call_form *call)
{
    *call = (struct call_form){0};
    memcpy(call->items, call_items, sizeof(call_items));
    form_init(&call->form, call->items, CALL_ITEM_COUNT);
    call_form_clear(call);
}

void call_form_fini(struct call_form *call)
{
    form_fini(&call->form);
    call_place_fini(&call->place);
    free(call->answer);
}

void call_form_clear(struct call_form *call)
{
    form_clear(&call->form);
    call_place_fini(&call->place);
    free(call->answer);
    call->answer = NULL;
    call->items[CALL_HAZARD].chosen = 0;
    call->items[CALL_BACK].chosen = 0;
    call_form_arrange(call);
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

void call_form_arrange(struct call_form *call)
{
    bool other = is_problem(call, "other");
    int subject = other ? call->items[CALL_SUBJECT].chosen : -1;
    bool asked = subject == SUBJECT_INQUIRY || subject == SUBJECT_ADVICE;

    call->items[CALL_VOLTS].hidden = !is_problem(call, "low") && !is_problem(call, "high");
    call->items[CALL_SUBJECT].hidden = !other;
    call->items[CALL_TOPIC].hidden = call->items[CALL_ANSWER].hidden = !asked;
    call->items[CALL_THEFT].hidden = subject != SUBJECT_THEFT;
    call->items[CALL_GRIEF].hidden = subject != SUBJECT_COMPLAINT;
    call->items[CALL_READINGS].hidden = subject != SUBJECT_READING;
    call->items[CALL_EXTENT].hidden = call->items[CALL_HAZARD].hidden = other;
}

// The answer as the bus takes it: at most so many runes, none split.
static char *join_answers(const char *former, const char *text)
{
    struct buf all = {0};
    size_t end = 0, runes = 0;
    uint32_t rune;

    buf_printf(&all, "%s%s%s", former ? former : "", former ? " " : "", text);
    for (size_t length = 1; length && runes < ANSWER_RUNES; runes++) {
        length = text_decode((struct slice){all.data + end, all.length - end}, &rune);
        end += length;
    }
    char *joined = mem_string_of(all.data, end);
    buf_fini(&all);
    return joined;
}

bool call_form_take_answer(struct call_form *call, const char *topic, const char *text)
{
    int subject = call->items[CALL_SUBJECT].chosen;
    bool other = is_problem(call, "other");

    if (!call_form_topic(call)) {
        form_choose(&call->form, CALL_PROBLEM, "other");
        form_choose(&call->form, CALL_SUBJECT, "inquiry");
    } else if (!other || (subject != SUBJECT_INQUIRY && subject != SUBJECT_ADVICE)) {
        return false;
    }
    if (!form_value(&call->form, CALL_TOPIC))
        form_choose(&call->form, CALL_TOPIC, topic);
    form_choose(&call->form, CALL_ANSWER, "given");
    char *joined = join_answers(call->answer, text);
    free(call->answer);
    call->answer = joined;
    call_form_arrange(call);
    return true;
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
        return subject < 0 ? NULL : subjects[subject];
    return chosen < 0 ? NULL : problems[chosen].topic;
}

const char *call_form_hazard(const struct call_form *call)
{
    const char *hazard = form_value(&call->form, CALL_HAZARD);
    int problem = call->items[CALL_PROBLEM].chosen;

    if (is_problem(call, "other"))
        return NULL;

    if (hazard && strcmp(hazard, "none") != 0)
        return hazard;
    return problem < 0 ? NULL : problems[problem].hazard;
}

const char *call_form_symptom_label(const char *symptom, enum language language)
{
    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
        if (strcmp(subjects[i], symptom) == 0)
            return subject_choices[i].label[language];
    }
    for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
        const char *known = problems[i].symptom ? problems[i].symptom : "?";
        if (strcmp(known, symptom) == 0)
            return problem_choices[i].label[language];
    }
    return symptom;
}

const char *call_form_problem_label(const struct call_form *call, enum language language)
{
    int problem = call->items[CALL_PROBLEM].chosen;
    int subject = call->items[CALL_SUBJECT].chosen;

    if (is_problem(call, "other") && subject >= 0)
        return subject_choices[subject].label[language];
    return problem < 0 ? "" : problem_choices[problem].label[language];
}

static bool has_text(const struct call_form *call, enum call_item item)
{
    return !field_is_empty(&call->items[item].field);
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
    case SUBJECT_INQUIRY: return CALL_TOPIC;
    case SUBJECT_READING: return CALL_READINGS;
    case SUBJECT_THEFT: return CALL_THEFT;
    case SUBJECT_COMPLAINT: return CALL_GRIEF;
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
    *where = CALL_PHONE;
    return phone_is_good(call) ? INTAKE_TEXT_COUNT : TEXT_BAD_PHONE;
}

enum intake_text call_form_fault(const struct call_form *call, enum call_item *where)
{
    if (is_problem(call, "other"))
        return subject_fault(call, where);
    *where = CALL_ADDRESS;
    if (!has_text(call, CALL_ADDRESS) && !call_place_is_chosen(&call->place))
        return TEXT_NEEDS_ADDRESS;
    *where = CALL_PROBLEM;
    if (!call_form_topic(call))
        return TEXT_NEEDS_PROBLEM;
    *where = CALL_PHONE;
    if (!phone_is_good(call))
        return TEXT_BAD_PHONE;
    return INTAKE_TEXT_COUNT;
}

// --- the event ------------------------------------------------------------------------------------------

static void put_given(struct json_out *out, const char *key, const char *text)
{
    if (is_given(text))
        json_out_text(out, key, text);
}

static void put_field(const struct call_form *call, enum call_item item, struct json_out *out,
                      const char *key)
{
    struct buf text = {0};

    call_form_text(call, item, &text);
    if (text.length)
        json_out_string(out, key, (struct slice){text.data, text.length});
    buf_fini(&text);
}

bool call_form_write_premise(const struct call_form *call, struct json_out *out, const char *key)
{
    const struct call_place *place = &call->place;
    bool other_flat = has_text(call, CALL_FLAT);

    if (!call_place_is_chosen(place) && !has_text(call, CALL_ADDRESS))
        return false;
    json_out_object(out, key);
    if (!call_place_is_chosen(place)) {
        put_field(call, CALL_ADDRESS, out, "text");
    } else {
        if (!other_flat)
            put_given(out, "account", place->account);
        put_given(out, "settlement", place->settlement);
        put_given(out, "street", place->street);
        put_given(out, "house", place->house);
        if (other_flat)
            put_field(call, CALL_FLAT, out, "flat");
        else
            put_given(out, "flat", place->flat);
    }
    json_out_end(out, '}');
    return true;
}

static void write_caller(const struct call_form *call, struct json_out *out)
{
    struct buf text = {0};
    char phone[PHONE_BYTES];

    if (!has_text(call, CALL_PHONE) && !has_text(call, CALL_NAME))
        return;
    json_out_object(out, "caller");
    put_field(call, CALL_NAME, out, "name");
    call_form_text(call, CALL_PHONE, &text);
    if (text.length && phone_normalise((struct slice){text.data, text.length}, phone))
        json_out_text(out, "phone", phone);
    buf_fini(&text);
    json_out_end(out, '}');
}

static void write_readings(const struct call_form *call, struct json_out *out)
{
    struct buf text = {0};
    char *rest = NULL;

    call_form_text(call, CALL_READINGS, &text);
    json_out_array(out, "readings");
    for (char *word = text.length ? strtok_r(text.data, " ", &rest) : NULL; word;
         word = strtok_r(NULL, " ", &rest))
        json_out_integer(out, NULL, strtoll(word, NULL, 10));
    json_out_end(out, ']');
    buf_fini(&text);
}

static void write_subject(const struct call_form *call, struct json_out *out)
{
    const char *answer = form_value(&call->form, CALL_ANSWER);
    int subject = call->items[CALL_SUBJECT].chosen;

    if (subject == SUBJECT_READING) {
        write_readings(call, out);
        return;
    }
    enum call_item detail = subject == SUBJECT_THEFT       ? CALL_THEFT
                            : subject == SUBJECT_COMPLAINT ? CALL_GRIEF
                                                           : CALL_TOPIC;
    put_given(out, "topic", form_value(&call->form, detail));
    if (detail == CALL_TOPIC && answer && strcmp(answer, "owed") == 0)
        json_out_bool(out, "needs_answer", true);
    else if (detail == CALL_TOPIC)
        put_given(out, "answer", call->answer);
}

static void write_problem(const struct call_form *call, struct json_out *out)
{
    int chosen = call->items[CALL_PROBLEM].chosen;
    const char *extent = form_value(&call->form, CALL_EXTENT);
    const char *hazard = call_form_hazard(call);
    struct buf volts = {0};

    if (is_problem(call, "other")) {
        write_subject(call, out);
        return;
    }
    if (problems[chosen].symptom)
        json_out_text(out, "symptom", problems[chosen].symptom);
    if (!problems[chosen].symptom) // a question has no extent and no hazard
        return;
    if (!call->items[CALL_VOLTS].hidden)
        call_form_text(call, CALL_VOLTS, &volts);
    if (volts.length)
        json_out_integer(out, "volts", strtoll(buf_text(&volts), NULL, 10));
    buf_fini(&volts);
    put_given(out, "extent", extent);
    put_given(out, "hazard", hazard);
}

// Who reports a theft and says nothing of himself wants to stay unknown.
static bool is_anonymous(const struct call_form *call)
{
    const char *topic = call_form_topic(call);

    return topic && strcmp(topic, "contact.theft_report") == 0 && !has_text(call, CALL_PHONE) &&
           !has_text(call, CALL_NAME);
}

void call_form_write_event(const struct call_form *call, struct buf *out)
{
    const char *callback = form_value(&call->form, CALL_BACK);
    struct json_out json;

    message_event(&json, out, call_form_topic(call));
    json_out_text(&json, "applicant", is_anonymous(call) ? "anonymous" : "person");
    call_form_write_premise(call, &json, "premise");
    write_caller(call, &json);
    write_problem(call, &json);
    put_field(call, CALL_WORDS, &json, "text");
    if (callback && strcmp(callback, "yes") == 0 && !is_anonymous(call))
        json_out_bool(&json, "callback", true);
    message_end(&json);
}

// --- the draft ------------------------------------------------------------------------------------------

static const char *const draft_names[CALL_ITEM_COUNT] = {
    "phone", "address", "flat",   "problem", "volts",  "subject", "topic",    "theft",
    "grief", "shows",   "answer", "extent",  "hazard", "words",   "callback", "name",
};

void call_form_save(const struct call_form *call, struct buf *out)
{
    const struct call_place *place = &call->place;
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        if (call->items[i].kind == FORM_FIELD)
            put_field(call, (enum call_item)i, &json, draft_names[i]);
        else
            put_given(&json, draft_names[i], form_value(&call->form, (size_t)i));
    }
    put_given(&json, "said", call->answer);
    json_out_object(&json, "place");
    put_given(&json, "account", place->account);
    put_given(&json, "settlement", place->settlement);
    put_given(&json, "street", place->street);
    put_given(&json, "house", place->house);
    put_given(&json, "flat", place->flat);
    put_given(&json, "address", place->address);
    json_out_end(&json, '}');
    json_out_end(&json, '}');
}

void call_form_load(struct call_form *call, const struct json *draft)
{
    call_form_clear(call);
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        const struct json *value = json_get(draft, draft_names[i]);
        if (!json_c_string(value))
            continue;
        if (call->items[i].kind == FORM_FIELD)
            field_set(&call->items[i].field, json_string(value));
        else
            form_choose(&call->form, (size_t)i, json_c_string(value));
    }
    call->answer = mem_string(json_c_string(json_get(draft, "said")));
    call_place_set(&call->place, json_get(draft, "place"));
    call_form_arrange(call);
}
