// A filled form as the event that is published, and as a draft.
#include "intake/call_form.h"

#include "lib/mem.h"
#include "lib/message.h"
#include "lib/phone.h"

#include <stdlib.h>
#include <string.h>

static void put_given(struct json_out *out, const char *key, const char *text)
{
    if (text && *text)
        json_out_text(out, key, text);
}

// What is hidden does not leave the form.
static void put_field(const struct call_form *call, enum call_item item, struct json_out *out,
                      const char *key)
{
    struct buf text = {0};

    if (call->items[item].hidden)
        return;
    call_form_text(call, item, &text);
    if (text.length)
        json_out_string(out, key, (struct slice){text.data, text.length});
    buf_fini(&text);
}

bool call_form_write_premise(const struct call_form *call, struct json_out *out, const char *key)
{
    struct buf flat = {0};

    if (call_place_is_chosen(&call->place)) {
        call_form_text(call, CALL_FLAT, &flat);
        call_place_write(&call->place, (struct slice){flat.data, flat.length}, out, key);
        buf_fini(&flat);
        return true;
    }
    if (field_is_empty(&call->items[CALL_ADDRESS].field))
        return false;
    json_out_object(out, key);
    put_field(call, CALL_ADDRESS, out, "text");
    put_field(call, CALL_FLAT, out, "flat");
    json_out_end(out, '}');
    return true;
}

static void write_caller(const struct call_form *call, struct json_out *out)
{
    struct buf text = {0};
    struct buf members = {0};
    struct json_out caller;
    char phone[PHONE_BYTES];

    json_out_init(&caller, &members);
    json_out_object(&caller, NULL);
    put_field(call, CALL_NAME, &caller, "name");
    put_field(call, CALL_ORGANISATION, &caller, "organisation");
    put_field(call, CALL_TAX, &caller, "tax_number");
    call_form_text(call, CALL_PHONE, &text);
    if (text.length && phone_normalise((struct slice){text.data, text.length}, phone))
        json_out_text(&caller, "phone", phone);
    buf_fini(&text);
    json_out_end(&caller, '}');
    if (members.length > 2)
        json_out_raw(out, "caller", (struct slice){members.data, members.length});
    buf_fini(&members);
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

    if (subject == CALL_SUBJECT_READING) {
        write_readings(call, out);
        put_field(call, CALL_REASON, out, "reason");
        return;
    }
    enum call_item detail = subject == CALL_SUBJECT_THEFT       ? CALL_THEFT
                            : subject == CALL_SUBJECT_COMPLAINT ? CALL_GRIEF
                                                                : CALL_TOPIC;
    put_given(out, "topic", form_value(&call->form, detail));
    if (detail == CALL_TOPIC && answer && strcmp(answer, "owed") == 0)
        json_out_bool(out, "needs_answer", true);
    else if (detail == CALL_TOPIC)
        put_given(out, "answer", call->answer);
}

static void write_volts(const struct call_form *call, struct json_out *out)
{
    struct buf volts = {0};

    if (!call->items[CALL_VOLTS].hidden)
        call_form_text(call, CALL_VOLTS, &volts);
    if (volts.length)
        json_out_integer(out, "volts", strtoll(buf_text(&volts), NULL, 10));
    buf_fini(&volts);
}

static void write_problem(const struct call_form *call, struct json_out *out)
{
    int chosen = call->items[CALL_PROBLEM].chosen;
    const char *extent = form_value(&call->form, CALL_EXTENT);
    const char *hazard = call_form_hazard(call);

    if (!call->items[CALL_SUBJECT].hidden) {
        write_subject(call, out);
        return;
    }
    if (call_problems[chosen].symptom)
        json_out_text(out, "symptom", call_problems[chosen].symptom);
    if (!call_problems[chosen].symptom) // a question has no extent and no hazard
        return;
    write_volts(call, out);
    put_given(out, "extent", extent);
    put_given(out, "hazard", hazard);
}

static const char *applicant_of(const struct call_form *call)
{
    const char *applicant = form_value(&call->form, CALL_APPLICANT);

    return call_form_is_anonymous(call) ? "anonymous" : applicant ? applicant : "person";
}

void call_form_write_event(const struct call_form *call, const char *telephone, struct buf *out)
{
    const char *callback = form_value(&call->form, CALL_BACK);
    bool anonymous = call_form_is_anonymous(call);
    struct json_out json;

    message_event(&json, out, call_form_topic(call));
    json_out_text(&json, "applicant", applicant_of(call));
    call_form_write_premise(call, &json, "premise");
    if (!anonymous)
        write_caller(call, &json);
    if (!anonymous)
        put_given(&json, "call", telephone);
    write_problem(call, &json);
    put_field(call, CALL_WORDS, &json, "text");
    if (callback && strcmp(callback, "yes") == 0 && !anonymous)
        json_out_bool(&json, "callback", true);
    message_end(&json);
}

// --- what was pushed -------------------------------------------------------------------------------------

static void write_addable(const struct call_form *call, struct json_out *out)
{
    const char *callback = form_value(&call->form, CALL_BACK);

    json_out_text(out, "applicant", applicant_of(call));
    write_caller(call, out);
    put_field(call, CALL_WORDS, out, "text");
    json_out_bool(out, "callback", callback && strcmp(callback, "yes") == 0);
    put_given(out, "extent", form_value(&call->form, CALL_EXTENT));
    write_volts(call, out);
}

static char *addable(const struct call_form *call)
{
    struct buf text = {0};
    struct json_out out;

    json_out_init(&out, &text);
    json_out_object(&out, NULL);
    write_addable(call, &out);
    json_out_end(&out, '}');
    char *copy = mem_string(buf_text(&text));
    buf_fini(&text);
    return copy;
}

void call_form_pushed(struct call_form *call, struct slice event, int64_t slip)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree = json_parse(doc, event.data, event.length, JSON_DEPTH_DEFAULT, NULL);

    call->push = (struct call_push){
        .id = mem_string(json_c_string(json_get(tree, "id"))), .said = addable(call), .slip = slip};
    json_doc_free(doc);
    call_form_arrange(call);
}

bool call_form_write_rest(const struct call_form *call, const char *reg_no, struct buf *out)
{
    char *said = addable(call);
    bool more = strcmp(said, call->push.said) != 0;
    struct json_out json;

    free(said);
    if (!more)
        return false;
    message_event(&json, out, "contact.updated");
    json_out_text(&json, reg_no ? "contact" : "of", reg_no ? reg_no : call->push.id);
    write_addable(call, &json);
    message_end(&json);
    return true;
}

// --- the draft ------------------------------------------------------------------------------------------

void call_form_save(const struct call_form *call, struct buf *out)
{
    const struct call_place *place = &call->place;
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        if (call->items[i].kind == FORM_FIELD)
            put_field(call, (enum call_item)i, &json, call_item_names[i]);
        else if (!call->items[i].hidden)
            put_given(&json, call_item_names[i], form_value(&call->form, (size_t)i));
    }
    put_given(&json, "said", call->answer);
    if (call->push.id) {
        json_out_text(&json, "pushed", call->push.id);
        json_out_text(&json, "pushed_said", call->push.said);
        json_out_integer(&json, "pushed_slip", call->push.slip);
    }
    json_out_object(&json, "place");
    put_given(&json, "account", place->account);
    put_given(&json, "settlement", place->settlement);
    put_given(&json, "street", place->street);
    put_given(&json, "house", place->house);
    put_given(&json, "flat", place->flat);
    put_given(&json, "address", place->address);
    json_out_integer(&json, "nominal", place->nominal);
    json_out_end(&json, '}');
    json_out_end(&json, '}');
}

void call_form_load(struct call_form *call, const struct json *draft)
{
    call_form_clear(call);
    call->items[CALL_APPLICANT].choice_count =
        CALL_APPLICANT_COUNT; // arranged below, with the item
    for (int i = 0; i < CALL_ITEM_COUNT; i++) {
        const struct json *value = json_get(draft, call_item_names[i]);
        if (!json_c_string(value))
            continue;
        if (call->items[i].kind == FORM_FIELD)
            field_set(&call->items[i].field, json_string(value));
        else
            form_choose(&call->form, (size_t)i, json_c_string(value));
    }
    call->answer = mem_string(json_c_string(json_get(draft, "said")));
    if (json_c_string(json_get(draft, "pushed")))
        call->push =
            (struct call_push){.id = mem_string(json_c_string(json_get(draft, "pushed"))),
                               .said = mem_string(json_c_string(json_get(draft, "pushed_said"))),
                               .slip = json_integer(json_get(draft, "pushed_slip"), 0)};
    call_place_set(&call->place, json_get(draft, "place"));
    call_form_arrange(call);
}
