// The life of an incident: one table, state x event → state, and the sentences that refuse
// (EVENTS.md rule 7).
#include "busd/engine_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_COUNT = INCIDENT_MERGED + 1 };

static const char *const state_names[STATE_COUNT][LANGUAGE_COUNT] = {
    [INCIDENT_SUSPECTED] = {"suspected", "предполагаемый"},
    [INCIDENT_PROBABLE] = {"probable", "вероятный"},
    [INCIDENT_CONFIRMED] = {"confirmed", "подтверждённый"},
    [INCIDENT_PARTLY_RESTORED] = {"partly restored", "частично восстановленный"},
    [INCIDENT_RESTORED] = {"restored", "восстановленный"},
    [INCIDENT_VERIFIED] = {"verified", "проверенный"},
    [INCIDENT_CLOSED] = {"closed", "закрытый"},
    [INCIDENT_CANCELLED] = {"cancelled", "отменённый"},
    [INCIDENT_MERGED] = {"merged", "объединённый с другим"},
};

// Short names, for the table alone.
enum {
    NO = -1,
    S = INCIDENT_SUSPECTED,
    P = INCIDENT_PROBABLE,
    C = INCIDENT_CONFIRMED,
    A = INCIDENT_PARTLY_RESTORED,
    R = INCIDENT_RESTORED,
    V = INCIDENT_VERIFIED,
    D = INCIDENT_CLOSED,
    X = INCIDENT_CANCELLED,
    M = INCIDENT_MERGED
};

static const struct transition {
    enum event_type type;
    const char *what[LANGUAGE_COUNT]; // "to close it"
    int8_t next[STATE_COUNT];
} transitions[] = {
    // from:  S   P   C   A   R   V   D   X   M
    {EVENT_INCIDENT_UPDATED, {"to change it", "изменить его"}, {S, P, C, A, R, V, D, NO, NO}},
    {EVENT_INCIDENT_CONFIRMED,
     {"to confirm it", "подтвердить его"},
     {C, C, C, A, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_MOVED, {"to move it", "перенести его"}, {S, P, C, A, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_MERGED,
     {"to merge it", "объединить его с другим"},
     {M, M, M, M, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_SPLIT, {"to split it", "разделить его"}, {S, P, C, A, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_GROUPED,
     {"to predict its place", "предсказать его место"},
     {S, P, NO, NO, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_SWITCHED,
     {"to follow its network", "следовать переключениям сети"},
     {S, P, C, A, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_CREW, {"to send a crew", "назначить бригаду"}, {S, P, C, A, R, V, NO, NO, NO}},
    {EVENT_INCIDENT_PARTLY_RESTORED,
     {"to restore a part", "восстановить часть"},
     {A, A, A, A, NO, NO, NO, NO, NO}},
    {EVENT_INCIDENT_RESTORED,
     {"to restore it", "отметить восстановление"},
     {R, R, R, R, R, NO, NO, NO, NO}},
    {EVENT_INCIDENT_VERIFIED,
     {"to verify it", "отметить проверку"},
     {NO, NO, NO, NO, V, NO, NO, NO, NO}},
    {EVENT_INCIDENT_REOPENED,
     {"to reopen it", "переоткрыть его"},
     {NO, NO, NO, NO, C, C, C, C, NO}},
    {EVENT_INCIDENT_CLOSED, {"to close it", "закрыть его"}, {NO, NO, NO, NO, D, D, NO, NO, NO}},
    {EVENT_INCIDENT_CANCELLED, {"to cancel it", "отменить его"}, {X, X, X, X, X, X, NO, NO, NO}},
    {EVENT_ETA_SET,
     {"to set an ETA", "назначить срок восстановления"},
     {S, P, C, A, NO, NO, NO, NO, NO}},
    {EVENT_ETA_WITHDRAWN,
     {"to withdraw the ETA", "снять срок восстановления"},
     {S, P, C, A, R, V, D, X, NO}},
    {EVENT_DISPATCH_ACCEPTED, {"to accept it", "принять его"}, {S, P, C, A, R, V, NO, NO, NO}},
};

static const struct transition *find_transition(enum event_type type)
{
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        if (transitions[i].type == type)
            return &transitions[i];
    }
    return NULL;
}

int engine_incident_next(enum event_type type, enum incident_state state)
{
    const struct transition *transition = find_transition(type);

    return transition ? transition->next[state] : NO;
}

bool engine_incident_open(enum incident_state state)
{
    return state <= INCIDENT_PARTLY_RESTORED;
}

void engine_words_begin(struct engine_words *words, enum language language)
{
    *words = (struct engine_words){.language = language};
}

static void add_word(struct engine_words *words, const char *joint, const char *word)
{
    size_t length = strlen(words->text);

    snprintf(words->text + length, sizeof(words->text) - length, "%s%s", length ? joint : "", word);
}

void engine_words_add(struct engine_words *words, const char *word)
{
    if (words->last)
        add_word(words, ", ", words->last);
    words->last = word;
}

void engine_words_end(struct engine_words *words)
{
    if (words->last)
        add_word(words, words->language == LANGUAGE_RU ? " или " : " or ", words->last);
    words->last = NULL;
}

// The states in which the event is allowed.
static void list_states(const struct transition *transition, enum language language,
                        struct engine_words *words)
{
    engine_words_begin(words, language);
    for (int state = 0; state < STATE_COUNT; state++) {
        if (transition->next[state] != NO)
            engine_words_add(words, state_names[state][language]);
    }
    engine_words_end(words);
}

enum event_type engine_incident_step(size_t index)
{
    return index < sizeof(transitions) / sizeof(transitions[0]) ? transitions[index].type
                                                                : EVENT_TYPE_COUNT;
}

const char *engine_state_name(enum incident_state state, enum language language)
{
    return state_names[state][language];
}

enum err_code engine_refuse_step(int64_t number, enum incident_state state, enum event_type type,
                                 struct err *err)
{
    const struct transition *transition = find_transition(type);
    struct engine_words allowed[LANGUAGE_COUNT];
    enum err_code code;

    list_states(transition, LANGUAGE_EN, &allowed[LANGUAGE_EN]);
    list_states(transition, LANGUAGE_RU, &allowed[LANGUAGE_RU]);
    code = err_set(
        err, ERR_CONFLICT, "state", "incident %lld is %s; %s it must be %s%.0s%.0s%.0s",
        "инцидент %lld сейчас %.0s%.0s%.0s%s; чтобы %s, он должен быть: %s", (long long)number,
        state_names[state][LANGUAGE_EN], transition->what[LANGUAGE_EN], allowed[LANGUAGE_EN].text,
        state_names[state][LANGUAGE_RU], transition->what[LANGUAGE_RU], allowed[LANGUAGE_RU].text);
    err_set_path(err, "/data/incident");
    return code;
}

enum err_code engine_check_incident(const struct engine *engine, const struct event *event,
                                    const struct incident **incident, struct err *err)
{
    const struct transition *transition = find_transition(event->type);
    int64_t number = EVENT_VALUE(event, incident)->integer;

    *incident = EVENT_HAS(event, incident) ? engine_incident(engine, number) : NULL;
    if (!*incident)
        return engine_no_incident(number, "incident", err);
    if (transition && transition->next[(*incident)->state] == NO)
        return engine_refuse_step(number, (enum incident_state)(*incident)->state, event->type,
                                  err);
    return ERR_OK;
}

struct incident *engine_step_incident(struct engine *engine, const struct event *event)
{
    struct incident *incident = engine_edit_incident(engine, EVENT_VALUE(event, incident)->integer);

    if (!incident)
        return NULL;
    int next = engine_incident_next(event->type, (enum incident_state)incident->state);
    if (next != NO) {
        engine->open_incidents -= engine_incident_open((enum incident_state)incident->state);
        engine->open_incidents += engine_incident_open((enum incident_state)next);
        incident->state = next;
    }
    incident->version = event->sequence;
    return incident;
}

void engine_clear_eta(struct incident *incident)
{
    incident->eta_at = incident->eta_set_at = 0;
    incident->eta_firmness = incident->eta_source = -1;
    incident->eta_published = false;
    incident->overdue_alarms = incident->overdue_at = 0;
    free(incident->eta_by);
    free(incident->eta_say);
    incident->eta_by = incident->eta_say = NULL;
}

// Records that are not there.

enum err_code engine_no_incident(int64_t number, const char *field, struct err *err)
{
    enum err_code code =
        err_set(err, ERR_NOT_FOUND, "incident",
                "there is no incident %lld; `query incidents` lists those there are",
                "инцидента %lld нет; какие есть, покажет запрос incidents", (long long)number);

    err_set_path(err, "/data/%s", field);
    return code;
}

enum err_code engine_no_planned(int64_t number, struct err *err)
{
    enum err_code code =
        err_set(err, ERR_NOT_FOUND, "planned",
                "there are no planned works %lld; `query planned` lists them",
                "плановых работ %lld нет; какие есть, покажет запрос planned", (long long)number);

    err_set_path(err, "/data/planned");
    return code;
}

enum err_code engine_no_contact(struct slice reg_no, const char *field, struct err *err)
{
    enum err_code code =
        err_set(err, ERR_NOT_FOUND, "contact",
                "no contact was registered as \"%.*s\"; numbers look like 2026-000123",
                "обращения с номером «%.*s» нет; номер выглядит как 2026-000123",
                (int)reg_no.length, reg_no.data);

    err_set_path(err, "/data/%s", field);
    return code;
}
