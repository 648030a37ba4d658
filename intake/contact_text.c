#include "intake/contact_text.h"

#include "intake/call_items.h"
#include "lib/clock.h"

#include <string.h>

const struct form_choice contact_departments[CONTACT_DEPARTMENTS] = {
    {"connection", {"connection", "присоединение"}},
    {"transmission", {"transmission", "передача"}},
    {"metering", {"metering", "учёт"}},
    {"service", {"service", "обслуживание"}},
    {"security", {"security", "безопасность"}},
    {"complaints", {"complaints", "жалобы"}},
};
const struct form_choice contact_grounds[CONTACT_GROUNDS] = {
    {"insulting", {"insulting words", "оскорбления"}},
    {"answered_before", {"answered before, nothing new", "ответ уже давали"}},
    {"protected_data", {"the answer would disclose protected data", "охраняемые сведения"}},
};
static const struct form_choice states[] = {
    {"registered", {"new", "новое"}},     {"routed", {"to a dept", "в отделе"}},
    {"in_work", {"in work", "в работе"}}, {"answered", {"answered", "отвечено"}},
    {"closed", {"closed", "закрыто"}},    {"left", {"left", "без рассм."}},
    {"reopened", {"reopened", "снова"}},
};

static const char *label_of(const struct form_choice *choices, size_t count, const char *word,
                            enum language language)
{
    for (size_t i = 0; word && i < count; i++) {
        if (strcmp(choices[i].value, word) == 0)
            return choices[i].label[language];
    }
    return word ? word : "";
}

const char *contact_department(const char *id, enum language language)
{
    return label_of(contact_departments, CONTACT_DEPARTMENTS, id, language);
}

const char *contact_state(const char *state, enum language language)
{
    return label_of(states, sizeof(states) / sizeof(states[0]), state, language);
}

void contact_print_subject(const struct json *row, enum language language, struct buf *out)
{
    const char *symptom = json_c_string(json_get(row, "symptom"));
    const char *type = json_c_string(json_get(row, "type"));
    const char *item = json_c_string(json_get(row, "item"));

    if (symptom || (type && strcmp(type, "contact.restoration_query") == 0))
        buf_add_text(out, call_symptom_label(symptom ? symptom : "?", language));
    else if (type)
        buf_printf(out, "%s %s", item ? item : "", call_symptom_label(type, language));
}

void contact_print_place(const struct json *row, struct buf *out)
{
    static const char *const parts[] = {"street", "house", "settlement"};
    const struct json *place = json_get(row, "place");

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *part = json_c_string(json_get(place, parts[i]));
        if (part && *part)
            buf_printf(out, "%s%s", out->length ? ", " : "", part);
    }
}

int64_t contact_time(const struct json *row, const char *member)
{
    struct slice text = json_string(json_get(row, member));
    int64_t time_ms = 0;

    return text.data && clock_parse(text.data, text.length, &time_ms) ? time_ms : 0;
}
