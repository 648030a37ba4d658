#include "busd/journal_compose.h"

#include "lib/clock.h"

#include <stdio.h>

// Members that are not extensions: given by the client and written in their own place.
static const char *const own_members[] = {"specversion", "id", "type", "time", "subject", "data"};

void journal_sequence_text(int64_t sequence, char text[17])
{
    text[16] = '\0';
    for (int i = 15; i >= 0; i--, sequence /= 10)
        text[i] = (char)('0' + sequence % 10);
}

static void add_text(struct buf *out, const char *text)
{
    buf_add(out, text, strlen(text));
}

static void add_member(struct buf *out, const char *name, struct slice text)
{
    buf_add(out, ",\"", 2);
    add_text(out, name);
    buf_add(out, "\":", 2);
    json_write_string(out, text);
}

static bool begins(struct slice text, const char *prefix)
{
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.data, prefix, length) == 0;
}

// What the broker numbers names the event; anything else is as the client says.
static void add_subject(struct buf *out, const struct event *event, const struct json *proposal)
{
    char text[40] = "";
    struct slice about = {NULL, 0};
    const char *kind = NULL;

    if (EVENT_HAS(event, reg_no)) {
        kind = "contact/";
        about = EVENT_VALUE(event, reg_no)->text;
    } else if ((begins(event->topic, "dispatch.") || begins(event->topic, "contact.") ||
                begins(event->topic, "deadline.")) &&
               EVENT_HAS(event, contact)) {
        kind = "contact/";
        about = EVENT_VALUE(event, contact)->text;
    } else if (begins(event->topic, "appointment.") && EVENT_HAS(event, appointment)) {
        kind = "appointment/";
        snprintf(text, sizeof(text), "%lld", (long long)EVENT_VALUE(event, appointment)->integer);
    } else if (begins(event->topic, "call.") && EVENT_HAS(event, call)) {
        kind = "call/";
        about = EVENT_VALUE(event, call)->text;
    } else if (begins(event->topic, "node.") && EVENT_HAS(event, node)) {
        kind = "node/";
        about = EVENT_VALUE(event, node)->text;
    } else if ((begins(event->topic, "incident.") || begins(event->topic, "eta.") ||
                begins(event->topic, "dispatch.") || begins(event->topic, "deadline.")) &&
               EVENT_HAS(event, incident)) {
        kind = "incident/";
        snprintf(text, sizeof(text), "%lld", (long long)EVENT_VALUE(event, incident)->integer);
    } else if (begins(event->topic, "planned.") && EVENT_HAS(event, planned)) {
        kind = "planned/";
        snprintf(text, sizeof(text), "%lld", (long long)EVENT_VALUE(event, planned)->integer);
    }
    if (!kind) {
        struct slice given = json_string(json_get(proposal, "subject"));
        if (given.length)
            add_member(out, "subject", given);
        return;
    }
    struct buf subject = {0};
    add_text(&subject, kind);
    if (text[0])
        about = slice_of(text);
    buf_add(&subject, about.data, about.length);
    add_member(out, "subject", (struct slice){subject.data, subject.length});
    buf_fini(&subject);
}

static void add_times(struct buf *out, const struct event *event, struct journal_times *times)
{
    if (times->recorded_ms != event->recorded_ms || !times->recorded[0]) {
        times->recorded_ms = event->recorded_ms;
        clock_format(event->recorded_ms, times->recorded);
    }
    if (times->time_ms != event->time_ms || !times->time[0]) {
        times->time_ms = event->time_ms;
        clock_format(event->time_ms, times->time);
    }
    add_text(out, ",\"time\":\"");
    add_text(out, times->time);
    add_text(out, "\",\"recordedtime\":\"");
    add_text(out, times->recorded);
    add_text(out, "\"");
}

static void add_extensions(struct buf *out, const struct json *proposal)
{
    for (const struct json *member = proposal ? proposal->first : NULL; member;
         member = member->next) {
        bool own = false;
        for (size_t i = 0; i < sizeof(own_members) / sizeof(own_members[0]) && !own; i++)
            own = slice_is(member->key, own_members[i]);
        if (own)
            continue;
        buf_add_char(out, ',');
        json_write_string(out, member->key);
        buf_add_char(out, ':');
        json_write(out, member);
    }
}

void journal_compose(const struct journal_composition *event, struct journal_times *times,
                     struct buf *out)
{
    char sequence[17], version[24];

    journal_sequence_text(event->event->sequence, sequence);
    add_text(out, "{\"specversion\":\"1.0\",\"id\":");
    json_write_string(out, event->id);
    add_member(out, "type", event->event->topic);
    add_member(out, "source", event->event->source);
    if (event->event->person.length)
        add_member(out, "person", event->event->person);
    add_subject(out, event->event, event->proposal);
    add_times(out, event->event, times);
    add_text(out, ",\"sequence\":\"");
    buf_add(out, sequence, 16);
    add_text(out, "\"");
    if (event->event->cause_id.length)
        add_member(out, "causationid", event->event->cause_id);
    add_text(out, ",\"dataschema\":\"pult:");
    buf_add(out, event->event->topic.data, event->event->topic.length);
    buf_add(out, version,
            (size_t)snprintf(version, sizeof(version), ":%lld\"", (long long)event->version));
    add_extensions(out, event->proposal);
    if (event->pointers) {
        add_text(out, ",\"personal\":");
        json_write(out, event->pointers);
        add_text(out, ",\"personaldigest\":\"");
        add_text(out, event->personal_digest);
        add_text(out, "\"");
    }
    add_text(out, ",\"data\":");
    json_write(out, event->data);
    buf_add_char(out, '}');
}
