// What callers said of themselves: who is shown it in full, who in a masked form, and what of it is
// noted for the access record (store_seen.h). Every query that gives out such fields does so here.
#include "busd/query.h"

#include "lib/mask.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

// Health and the like (FIELD §2, special category): the flag `critical` is everybody's, the reason
// needs the right `special`.
static const char *const special_fields[] = {"critical_note", NULL};

static bool is_special(const char *name)
{
    for (const char *const *field = special_fields; *field; field++) {
        if (strcmp(name, *field) == 0)
            return true;
    }
    return false;
}

const struct json *query_personal(struct query *query, int64_t sequence)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT sealed FROM personal WHERE sequence = ?1");
    const struct json *tree = NULL;

    sqlite3_bind_int64(row, 1, sequence);
    if (sqlite3_step(row) == SQLITE_ROW) {
        struct slice sealed = {sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)};
        tree = journal_keys_open_event(query->keys, sequence, sealed, query->doc);
    }
    sqlite3_reset(row);
    return tree;
}

// --- the access record ----------------------------------------------------------------------------

static void note_subject(struct query *query, const struct json *caller)
{
    struct slice phone = json_string(json_get(caller, "phone"));
    char normal[PHONE_BYTES];

    if (!phone.length || !phone_normalise(phone, normal))
        return;
    journal_keys_lookup(query->keys, "phone", slice_of(normal), query->shown.subject);
    query->shown.has_subject = true;
}

// One entry a query: a single contact by its number, several by how many they are.
static void note(struct query *query, const struct contact *contact, const char *name)
{
    struct query_shown *shown = &query->shown;
    struct buf *fields = &shown->fields;

    if (shown->sequence != contact->sequence) {
        shown->sequence = contact->sequence;
        shown->contacts++;
        buf_clear(&shown->reg_no);
        buf_clear(&shown->call);
        if (shown->contacts == 1) {
            buf_add_text(&shown->reg_no, contact->reg_no);
            buf_add_text(&shown->call, contact->call ? contact->call : "");
        }
    }
    if (fields->length && slice_is_word(slice_of(name), buf_text(fields)))
        return;
    if (fields->length)
        buf_add_char(fields, ' ');
    buf_add_text(fields, name);
}

void query_shown_fini(struct query_shown *shown)
{
    buf_fini(&shown->reg_no);
    buf_fini(&shown->call);
    buf_fini(&shown->fields);
}

enum err_code query_record_shown(struct query *query, struct seen *seen, struct err *err)
{
    const struct query_request *request = query->request;
    const struct query_shown *shown = &query->shown;

    if (shown->contacts == 0)
        return ERR_OK;
    struct seen_entry entry = {
        .time_ms = request->now_ms,
        .identity = request->identity,
        .role = request->role ? slice_of(access_role_name(request->role)) : (struct slice){0},
        .person = request->person,
        .from = request->from,
        .client = request->client,
        .query = request->name,
        .reg_no = {shown->reg_no.data, shown->reg_no.length},
        .call = {shown->call.data, shown->call.length},
        .incident = query_integer(query, "incident", 0),
        .contacts = shown->contacts,
        .subject = shown->has_subject ? shown->subject : NULL,
        .shown = {shown->fields.data, shown->fields.length},
    };
    return seen_write(seen, &entry, 1, err);
}

// --- showing --------------------------------------------------------------------------------------

// The caller's name and phone, masked: not an entry of the access record, since nobody is found by it.
static void put_masked(struct query *query, const struct json *caller)
{
    struct slice name = json_string(json_get(caller, "name"));
    struct slice phone = json_string(json_get(caller, "phone"));
    struct buf text = {0};

    json_out_object(query->out, "caller");
    json_out_bool(query->out, "masked", true);
    if (name.length) {
        mask_name(name, &text);
        json_out_string(query->out, "name", (struct slice){text.data, text.length});
    }
    if (phone.length) {
        buf_clear(&text);
        mask_phone(phone, &text);
        json_out_string(query->out, "phone", (struct slice){text.data, text.length});
    }
    json_out_end(query->out, '}');
    buf_fini(&text);
}

static void put_field(struct query *query, const struct contact *contact, const struct json *value,
                      enum query_contact_part what)
{
    const struct query_request *request = query->request;
    bool text = slice_is(value->key, "/data/text") || slice_is(value->key, "/data/answer");
    const char *name = memrchr(value->key.data, '/', value->key.length);
    bool full = what == QUERY_CONTACT_ALL && request->personal;
    char key[64];

    if (!name)
        return;
    snprintf(key, sizeof(key), "%.*s",
             (int)(value->key.length - (size_t)(name + 1 - value->key.data)), name + 1);
    if (!text && !full && request->masked && strcmp(key, "caller") == 0)
        put_masked(query, value);
    if (text ? !request->text : !full)
        return;
    if (is_special(key) && !request->special)
        return;
    // Of the premise: `text` there is the place in the caller's words.
    if (strcmp(key, "text") == 0 && !text)
        snprintf(key, sizeof key, "premise_text");
    if (strcmp(key, "caller") == 0)
        note_subject(query, value);
    note(query, contact, key);
    json_out_value(query->out, key, value);
}

// What the event at `sequence` says, but for fields that are in `said`; these are then there too.
static void put_fields(struct query *query, const struct contact *contact, int64_t sequence,
                       enum query_contact_part what, struct buf *said)
{
    const struct json *personal = query_personal(query, sequence);
    const struct json *first = personal ? personal->first : NULL;

    for (const struct json *value = first; value; value = value->next) {
        if (!said->length || !slice_is_word(value->key, buf_text(said)))
            put_field(query, contact, value, what);
    }
    for (const struct json *value = first; value; value = value->next)
        buf_printf(said, "%s%.*s", said->length ? " " : "", (int)value->key.length,
                   value->key.data);
}

// Of the contact's own event, and of those that said more later: of one field the latest word stands.
void query_put_personal(struct query *query, const struct contact *contact,
                        enum query_contact_part what)
{
    struct buf said = {0};

    if (contact->answer_sequence)
        put_fields(query, contact, contact->answer_sequence, what, &said);
    if (contact->updated_sequence)
        put_fields(query, contact, contact->updated_sequence, what, &said);
    put_fields(query, contact, contact->sequence, what, &said);
    buf_fini(&said);
}

void query_put_masked(struct query *query, int64_t sequence)
{
    const struct json *personal = query->request->masked ? query_personal(query, sequence) : NULL;

    for (const struct json *value = personal ? personal->first : NULL; value; value = value->next) {
        if (slice_is(value->key, "/data/caller"))
            put_masked(query, value);
    }
}
