#include "intake/calls.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 3 }; // callers named in one message

void calls_fini(struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++) {
        free(calls->items[i].reg_no);
        free(calls->items[i].place);
        free(calls->items[i].problem);
        free(calls->items[i].fault);
    }
    free(calls->items);
    *calls = (struct calls){0};
}

static void replace(char **text, const char *with)
{
    free(*text);
    *text = mem_string(with);
}

// The place as the operator said it: street, house, flat, then the settlement; or the words.
static char *place_of(const struct json *premise)
{
    static const char *const members[] = {"street", "house", "flat", "text", "settlement"};
    struct buf text = {0};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *part = json_c_string(json_get(premise, members[i]));
        if (part && *part)
            buf_printf(&text, "%s%s", text.length ? ", " : "", part);
    }
    if (!text.length && json_c_string(json_get(premise, "account")))
        buf_add_text(&text, json_c_string(json_get(premise, "account")));
    char *place = mem_string(buf_text(&text));
    buf_fini(&text);
    return place;
}

struct call *calls_add(struct calls *calls, int64_t slip, int64_t taken_ms,
                       const struct json *event)
{
    const struct json *data = json_get(event, "data");
    const char *symptom = json_c_string(json_get(data, "symptom"));

    mem_grow((void **)&calls->items, calls->count, &calls->capacity, sizeof(*calls->items));
    struct call *call = &calls->items[calls->count++];
    *call = (struct call){.slip = slip, .taken_ms = taken_ms, .state = CALL_WAITING};
    call->place = place_of(json_get(data, "premise"));
    const char *type = json_c_string(json_get(event, "type"));
    bool asks = !type || strcmp(type, "contact.restoration_query") == 0;
    call->problem = mem_string(symptom ? symptom : asks ? "?" : type);
    return call;
}

struct call *calls_find(const struct calls *calls, int64_t slip)
{
    for (size_t i = calls->count; i > 0; i--) {
        if (calls->items[i - 1].slip == slip)
            return &calls->items[i - 1];
    }
    return NULL;
}

struct call *calls_find_number(const struct calls *calls, const char *reg_no)
{
    for (size_t i = calls->count; i > 0; i--) {
        struct call *call = &calls->items[i - 1];

        if (call->reg_no && strcmp(call->reg_no, reg_no) == 0)
            return call;
    }
    return NULL;
}

static int64_t eta_of(const struct json *row)
{
    struct slice at = json_string(json_get(json_get(row, "eta"), "at"));
    int64_t time_ms = 0;

    return at.data && clock_parse(at.data, at.length, &time_ms) ? time_ms : 0;
}

struct call *calls_settle(struct calls *calls, int64_t slip, const struct json *result,
                          const char *fault)
{
    struct call *call = calls_find(calls, slip);

    if (!call)
        return NULL;
    if (fault) {
        call->state = CALL_REFUSED;
        replace(&call->fault, fault);
        return call;
    }
    call->state = CALL_REGISTERED;
    replace(&call->reg_no, json_c_string(json_get(result, "reg_no")));
    call->incident = json_integer(json_get(result, "incident"), 0);
    call->planned = json_integer(json_get(result, "planned"), 0);
    call->eta_at = eta_of(result);
    call->changed |= call->told;
    return call;
}

void calls_restore(struct calls *calls, const struct outbox_item *item, struct json_doc *doc)
{
    const struct json *event =
        json_parse(doc, item->event.data, item->event.length, JSON_DEPTH_DEFAULT, NULL);

    const struct json *data = json_get(event, "data");

    // Contacts alone: what is said of one later names it, and a visit has no applicant.
    if (!json_get(data, "applicant") || json_get(data, "contact"))
        return;
    struct call *call = calls_add(calls, item->slip, item->created_ms, event);
    call->told = item->state == OUTBOX_WAITING;
    if (item->state == OUTBOX_WAITING || !item->answer.length)
        return;
    const struct json *answer =
        json_parse(doc, item->answer.data, item->answer.length, JSON_DEPTH_DEFAULT, NULL);
    calls_settle(calls, item->slip, answer,
                 item->state == OUTBOX_REFUSED ? json_c_string(json_get(answer, "message")) : NULL);
}

// Sets the ETA of every call of an incident; true when one of them had another.
static bool set_eta(struct calls *calls, int64_t incident, int64_t eta_ms, bool restored)
{
    bool changed = false;

    for (size_t i = 0; i < calls->count; i++) {
        struct call *call = &calls->items[i];
        if (call->incident != incident || (call->eta_at == eta_ms && call->restored == restored))
            continue;
        call->eta_at = eta_ms;
        call->restored = restored;
        call->changed = changed = true;
    }
    return changed;
}

int64_t calls_event(struct calls *calls, struct slice topic, const struct json *event,
                    enum intake_text *text, int64_t *eta_ms)
{
    const struct json *data = json_get(event, "data");
    int64_t incident = json_integer(json_get(data, "incident"), 0);
    struct slice at = json_string(json_get(data, "at"));
    int64_t time_ms = 0;

    *eta_ms = 0;
    if (slice_is(topic, "eta.set")) {
        if (!json_bool(json_get(data, "in_force"), true) ||
            !json_bool(json_get(data, "published"), true) ||
            !clock_parse(at.data, at.length, &time_ms))
            return 0;
        *text = TEXT_ETA_CAME;
        *eta_ms = time_ms;
        return set_eta(calls, incident, time_ms, false) ? incident : 0;
    }
    if (slice_is(topic, "eta.withdrawn")) {
        *text = TEXT_ETA_GONE;
        return set_eta(calls, incident, 0, false) ? incident : 0;
    }
    if (slice_is(topic, "incident.restored")) {
        *text = TEXT_CAME_BACK;
        return set_eta(calls, incident, 0, true) ? incident : 0;
    }
    if (slice_is(topic, "incident.reopened"))
        set_eta(calls, incident, 0, false);
    if (slice_is(topic, "incident.merged")) {
        int64_t into = json_integer(json_get(data, "into"), 0);
        for (size_t i = 0; i < calls->count; i++) {
            if (calls->items[i].incident == incident && into)
                calls->items[i].incident = into;
        }
    }
    return 0;
}

void calls_take_eta(struct calls *calls, const struct json *row)
{
    int64_t incident = json_integer(json_get(row, "incident"), 0);

    if (incident)
        set_eta(calls, incident, eta_of(row), json_get(row, "restored_at") != NULL);
}

void calls_of_incident(const struct calls *calls, int64_t incident, struct buf *out)
{
    size_t named = 0;
    size_t all = 0;

    for (size_t i = calls->count; i > 0; i--) {
        const struct call *call = &calls->items[i - 1];
        if (call->incident != incident)
            continue;
        all++;
        if (named == NAMED_MAX)
            continue;
        buf_printf(out, "%s%s %s", named++ ? "; " : "", call->reg_no ? call->reg_no : "",
                   call->place);
    }
    if (all > named)
        buf_printf(out, " (+%zu)", all - named);
}

void calls_seen(struct calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        calls->items[i].changed = false;
}
