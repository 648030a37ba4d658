// The life of a contact: one table, state x event → state, and the sentences that refuse
// (docs/contact-states.md is printed from it). Who is to answer, and until when.
#include "busd/engine_predict.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { STATE_COUNT = CONTACT_REOPENED + 1 };

static const char *const state_names[STATE_COUNT][LANGUAGE_COUNT] = {
    [CONTACT_REGISTERED] = {"registered", "зарегистрировано"},
    [CONTACT_ROUTED] = {"routed", "передано в подразделение"},
    [CONTACT_IN_WORK] = {"in work", "в работе"},
    [CONTACT_ANSWERED] = {"answered", "с данным ответом"},
    [CONTACT_CLOSED] = {"closed", "закрыто"},
    [CONTACT_LEFT] = {"left without review", "оставлено без рассмотрения"},
    [CONTACT_REOPENED] = {"reopened", "возобновлено"},
};

enum { APPLICANT_ANONYMOUS = 4 };

// Short names, for the table alone.
enum {
    NO = -1,
    G = CONTACT_REGISTERED,
    R = CONTACT_ROUTED,
    W = CONTACT_IN_WORK,
    A = CONTACT_ANSWERED,
    C = CONTACT_CLOSED,
    L = CONTACT_LEFT,
    O = CONTACT_REOPENED
};

static const struct transition {
    enum event_type type;
    const char *what[LANGUAGE_COUNT]; // "to close it"
    int8_t next[STATE_COUNT];
} transitions[] = {
    // from:  G   R   W   A   C   L   O
    {EVENT_CONTACT_ROUTED,
     {"to route it", "передать его в подразделение"},
     {R, R, R, NO, NO, NO, R}},
    {EVENT_CONTACT_TAKEN, {"to take it in work", "взять его в работу"}, {W, W, W, NO, NO, NO, W}},
    {EVENT_CONTACT_ANSWERED, {"to answer it", "ответить на него"}, {A, A, A, A, NO, NO, A}},
    {EVENT_CONTACT_CLOSED, {"to close it", "закрыть его"}, {NO, NO, NO, C, NO, NO, NO}},
    {EVENT_CONTACT_LEFT,
     {"to leave it without review", "оставить его без рассмотрения"},
     {L, L, L, NO, NO, NO, L}},
    {EVENT_CONTACT_REOPENED, {"to reopen it", "возобновить его"}, {NO, NO, NO, O, O, O, NO}},
    {EVENT_CONTACT_LINKED, {"to link it", "связать его с другим"}, {G, R, W, A, C, L, O}},
};

static const struct transition *find_transition(enum event_type type)
{
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        if (transitions[i].type == type)
            return &transitions[i];
    }
    return NULL;
}

int engine_contact_next(enum event_type type, enum contact_state state)
{
    const struct transition *transition = find_transition(type);

    return transition ? transition->next[state] : NO;
}

enum event_type engine_contact_step(size_t index)
{
    return index < sizeof(transitions) / sizeof(transitions[0]) ? transitions[index].type
                                                                : EVENT_TYPE_COUNT;
}

const char *engine_contact_state_name(enum contact_state state, enum language language)
{
    return state_names[state][language];
}

enum err_code engine_refuse_contact(struct slice reg_no, enum contact_state state,
                                    enum event_type type, struct err *err)
{
    const struct transition *transition = find_transition(type);
    struct engine_words allowed[LANGUAGE_COUNT];

    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        engine_words_begin(&allowed[language], (enum language)language);
        for (int from = 0; from < STATE_COUNT; from++) {
            if (transition->next[from] != NO)
                engine_words_add(&allowed[language], state_names[from][language]);
        }
        engine_words_end(&allowed[language]);
    }
    enum err_code code = err_set(
        err, ERR_CONFLICT, "state", "contact %.*s is %s; %s it must be %s%.0s%.0s%.0s",
        "обращение %.*s сейчас %.0s%.0s%.0s%s; чтобы %s, оно должно быть %s", (int)reg_no.length,
        reg_no.data, state_names[state][LANGUAGE_EN], transition->what[LANGUAGE_EN],
        allowed[LANGUAGE_EN].text, state_names[state][LANGUAGE_RU], transition->what[LANGUAGE_RU],
        allowed[LANGUAGE_RU].text);
    err_set_path(err, "/data/contact");
    return code;
}

// Items of the passport, and which department answers what nobody could answer at once.

enum { FORM_WEB = 2, FORM_POST = 3 }; // words of `form`

static const struct item {
    enum event_type type;
    const char *topic; // NULL = any
    const char *item, *department;
} items[] = {
    {EVENT_CONTACT_OUTAGE_REPORT, NULL, "4.2", "service"},
    {EVENT_CONTACT_QUALITY_COMPLAINT, NULL, "4.1", "service"},
    {EVENT_CONTACT_RESTORATION_QUERY, NULL, "5", "service"},
    {EVENT_CONTACT_INQUIRY, "1.1", "1.1", "connection"},
    {EVENT_CONTACT_INQUIRY, "1.2", "1.2", "transmission"},
    {EVENT_CONTACT_INQUIRY, "1.3", "1.3", "metering"},
    {EVENT_CONTACT_INQUIRY, "1.4", "1.4", "service"},
    {EVENT_CONTACT_INQUIRY, "1.5", "1.5", "service"},
    {EVENT_CONTACT_INQUIRY, NULL, "1", "service"},
    {EVENT_CONTACT_CONSULTATION, "1.1", "2", "connection"},
    {EVENT_CONTACT_CONSULTATION, "1.2", "2", "transmission"},
    {EVENT_CONTACT_CONSULTATION, "1.3", "2", "metering"},
    {EVENT_CONTACT_CONSULTATION, NULL, "2", "service"},
    {EVENT_CONTACT_METER_READING, NULL, "3", "metering"},
    {EVENT_CONTACT_THEFT_REPORT, NULL, "4", "security"},
    {EVENT_CONTACT_COMPLAINT, NULL, "9", "complaints"},
};

static const struct item *item_of(enum event_type type, struct slice topic)
{
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        if (items[i].type == type && (!items[i].topic || slice_is(topic, items[i].topic)))
            return &items[i];
    }
    return NULL;
}

const char *engine_contact_item(const struct contact *contact)
{
    const struct item *item = item_of(event_type_of(slice_of(contact->type)),
                                      contact->topic ? slice_of(contact->topic) : slice_of(""));

    return item ? item->item : "";
}

bool engine_is_trouble(enum event_type type)
{
    return type == EVENT_CONTACT_OUTAGE_REPORT || type == EVENT_CONTACT_QUALITY_COMPLAINT ||
           type == EVENT_CONTACT_RESTORATION_QUERY;
}

bool engine_contact_awaits(const struct contact *contact)
{
    return contact->answer_since && !contact->answer_late &&
           (contact->state == CONTACT_REGISTERED || contact->state == CONTACT_ROUTED ||
            contact->state == CONTACT_IN_WORK || contact->state == CONTACT_REOPENED);
}

static enum engine_timer timer_of(enum event_type type, int form, bool callback)
{
    bool written = (form == FORM_WEB || form == FORM_POST) && !callback;

    return type == EVENT_CONTACT_COMPLAINT      ? ENGINE_TIMER_COMPLAINT_ANSWER
           : type == EVENT_CONTACT_THEFT_REPORT ? ENGINE_TIMER_THEFT_ACK
           : written                            ? ENGINE_TIMER_WRITTEN_ANSWER
                                                : ENGINE_TIMER_CALLBACK_ANSWER;
}

enum engine_timer engine_contact_timer(const struct contact *contact)
{
    return timer_of(event_type_of(slice_of(contact->type)), contact->form, contact->callback);
}

static int form_of(const struct event *event)
{
    return EVENT_HAS(event, form) ? (int)EVENT_VALUE(event, form)->integer : 0;
}

static bool flag(const struct event *event, enum event_field field)
{
    return event_has(event, field) && event->values[field].integer;
}

// Whether a department is to answer.
static bool needs_answer(const struct event *event)
{
    if (flag(event, EVENT_FIELD_answered))
        return false;
    return event->type == EVENT_CONTACT_COMPLAINT || event->type == EVENT_CONTACT_THEFT_REPORT ||
           flag(event, EVENT_FIELD_needs_answer) || EVENT_HAS(event, department);
}

// Whether an answer, or a call back, is owed when the contact is registered.
static bool is_owed(const struct event *event)
{
    return needs_answer(event) || flag(event, EVENT_FIELD_callback);
}

static void set_due(const struct engine *engine, struct event *event, enum engine_timer timer)
{
    if (engine->timers)
        event_set_integer(event, EVENT_FIELD_due,
                          event->recorded_ms + engine->timers->rows[timer].after_ms);
}

void engine_start_life(const struct engine *engine, struct event *event)
{
    struct slice topic =
        EVENT_HAS(event, topic) ? EVENT_VALUE(event, topic)->text : (struct slice){0};
    const struct item *item = item_of(event->type, topic);

    if (needs_answer(event)) {
        if (!EVENT_HAS(event, department) && item && !engine_is_trouble(event->type))
            event_set_text(event, EVENT_FIELD_department, slice_of(item->department));
    } else if (!engine_is_trouble(event->type)) {
        event_set_integer(event, EVENT_FIELD_answered, true); // said at once
    }
    if (is_owed(event))
        set_due(engine, event,
                timer_of(event->type, form_of(event), flag(event, EVENT_FIELD_callback)));
}

void engine_begin_life(struct contact *contact, const struct event *event)
{
    contact->topic = engine_text_of(event, EVENT_FIELD_topic);
    contact->form = form_of(event);
    contact->request = flag(event, EVENT_FIELD_request);
    contact->referred = flag(event, EVENT_FIELD_referred);
    contact->department = engine_text_of(event, EVENT_FIELD_department);
    contact->needs_answer = needs_answer(event);
    contact->due = EVENT_HAS(event, due) ? EVENT_VALUE(event, due)->integer : 0;
    contact->answer_since = is_owed(event) ? event->recorded_ms : 0;
    contact->repeat_of = engine_text_of(event, EVENT_FIELD_repeat_of);
    contact->justified = -1;
    contact->state = CONTACT_REGISTERED;
    if (flag(event, EVENT_FIELD_answered)) {
        contact->state = CONTACT_ANSWERED;
        contact->answered_at = event->recorded_ms;
    } else if (contact->department) {
        contact->state = CONTACT_ROUTED;
    }
}

static enum err_code check_link(const struct engine *engine, const struct event *event,
                                struct err *err)
{
    struct slice other = EVENT_VALUE(event, repeat_of)->text;
    enum err_code code;

    if (!slice_equal(other, EVENT_VALUE(event, contact)->text))
        return engine_contact(engine, other) ? ERR_OK : engine_no_contact(other, "repeat_of", err);
    code =
        err_set(err, ERR_INVALID, "repeat_of", "a contact cannot repeat itself; name another one",
                "обращение не может повторять само себя; назовите другое");
    err_set_path(err, "/data/repeat_of");
    return code;
}

DECIDE(life)
{
    struct slice reg_no = EVENT_VALUE(event, contact)->text;
    const struct contact *contact = engine_contact(engine, reg_no);

    (void)moment, (void)decision;
    if (!contact)
        return engine_no_contact(reg_no, "contact", err);
    if (engine_contact_next(event->type, (enum contact_state)contact->state) == NO)
        return engine_refuse_contact(reg_no, (enum contact_state)contact->state, event->type, err);
    if (event->type == EVENT_CONTACT_LINKED)
        return check_link(engine, event, err);
    if (event->type == EVENT_CONTACT_REOPENED ||
        (event->type == EVENT_CONTACT_ROUTED && contact->due == 0))
        set_due(engine, event, engine_contact_timer(contact));
    return ERR_OK;
}

// What came out after the report was pushed. Only what decides nothing of the incident may still come:
// the report itself was decided on.
DECIDE(contact_updated)
{
    struct slice reg_no = EVENT_VALUE(event, contact)->text;
    const struct contact *contact = engine_contact(engine, reg_no);
    enum event_type type = contact ? event_type_of(slice_of(contact->type)) : EVENT_OTHER;
    enum err_code code = ERR_OK;

    (void)moment, (void)decision;
    if (!contact)
        return engine_no_contact(reg_no, "contact", err);
    if (type != EVENT_CONTACT_OUTAGE_REPORT && type != EVENT_CONTACT_QUALITY_COMPLAINT)
        code = err_set(err, ERR_CONFLICT, "kind",
                       "contact %.*s is a %s; what came out later is added to reports of outages "
                       "and quality alone, take another contact for it",
                       "обращение %.*s — %s; дополняют только сообщения об отключениях и "
                       "качестве, для остального примите новое обращение",
                       (int)reg_no.length, reg_no.data, contact->type);
    else if (contact->applicant == APPLICANT_ANONYMOUS)
        code = err_set(err, ERR_CONFLICT, "anonymous",
                       "contact %.*s is anonymous: nothing may be added about who made it",
                       "обращение %.*s анонимное: о звонящем к нему ничего не добавляют",
                       (int)reg_no.length, reg_no.data);
    if (code != ERR_OK) {
        err_set_path(err, "/data/contact");
        return code;
    }
    if (flag(event, EVENT_FIELD_callback) && !contact->answer_since)
        set_due(engine, event, timer_of(type, contact->form, true));
    if (contact->incident) // its dispatcher looks at it
        event_set_integer(event, EVENT_FIELD_incident, contact->incident);
    return ERR_OK;
}

APPLY(contact_updated)
{
    struct contact *contact = engine_edit_contact(engine, EVENT_VALUE(event, contact)->text);

    if (!contact)
        return;
    contact->updated_sequence = contact->version = event->sequence;
    if (EVENT_HAS(event, applicant))
        contact->applicant = (int)EVENT_VALUE(event, applicant)->integer;
    if (EVENT_HAS(event, extent))
        contact->extent = (int)EVENT_VALUE(event, extent)->integer;
    engine_predict_renew(engine, contact);
    // What is owed already keeps its deadline, and is owed still when nobody asks for it any more.
    if (!flag(event, EVENT_FIELD_callback) || contact->answer_since)
        return;
    contact->callback = true;
    contact->answer_since = event->recorded_ms;
    if (EVENT_HAS(event, due))
        contact->due = EVENT_VALUE(event, due)->integer;
}

static void apply_answer(struct contact *contact, const struct event *event)
{
    contact->answered_at = event->recorded_ms;
    contact->answer_sequence = event->sequence;
    if (EVENT_HAS(event, justified))
        contact->justified = (int)EVENT_VALUE(event, justified)->integer;
    engine_replace_text(&contact->measures_done, event, EVENT_FIELD_measures_done);
    engine_replace_text(&contact->measures_planned, event, EVENT_FIELD_measures_planned);
}

static void owe_answer(struct contact *contact, const struct event *event)
{
    contact->needs_answer = true;
    if (!contact->answer_since)
        contact->answer_since = event->recorded_ms;
}

// A deadline passed; the last one of its kind says that the answer is late.
void engine_contact_late(struct contact *contact, int timer)
{
    contact->deadlines |= ENGINE_TIMER_BIT(timer);
    if (timer == (int)engine_contact_timer(contact))
        contact->answer_late = true;
}

APPLY(life)
{
    struct contact *contact = engine_edit_contact(engine, EVENT_VALUE(event, contact)->text);
    int next;

    if (!contact)
        return;
    next = engine_contact_next(event->type, (enum contact_state)contact->state);
    if (next != NO)
        contact->state = next;
    if (EVENT_HAS(event, due))
        contact->due = EVENT_VALUE(event, due)->integer;
    engine_replace_text(&contact->department, event, EVENT_FIELD_department);
    engine_replace_text(&contact->repeat_of, event, EVENT_FIELD_repeat_of);
    engine_replace_text(&contact->ground, event, EVENT_FIELD_ground);
    switch (event->type) {
    case EVENT_CONTACT_TAKEN:
        free(contact->handler);
        contact->handler = engine_who_of(event);
        break;
    case EVENT_CONTACT_ANSWERED: apply_answer(contact, event); break;
    case EVENT_CONTACT_ROUTED: owe_answer(contact, event); break;
    case EVENT_CONTACT_REOPENED:
        contact->reopened++;
        contact->answer_since = contact->deadlines = 0;
        contact->answer_late = false;
        owe_answer(contact, event);
        break;
    default: break;
    }
    contact->version = event->sequence;
}
