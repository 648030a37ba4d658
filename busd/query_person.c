// What is kept of one person, for that person: contacts with their personal fields, premises with
// their name and phone, and who was shown any of it. Asked for by `admin` alone (request_person.c).
#include "busd/query.h"

#include "busd/lookups.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export
{
    struct query *query;
    const uint8_t *digest;
    char subject[2 * CRYPTO_DIGEST_BYTES + 1];
    struct buf reg_nos;   // blank-separated
    struct buf sequences; // likewise, of the events that were put: one may be found in several ways
};

// Whether the event was not put yet; now it is.
static bool is_first(struct export *export, int64_t sequence)
{
    char text[24];
    struct slice word = {text, (size_t)snprintf(text, sizeof text, "%lld", (long long)sequence)};

    if (slice_is_word(word, buf_text(&export->sequences)))
        return false;
    buf_printf(&export->sequences, "%s ", text);
    return true;
}

// Contacts that are found by a digest, or one by its number.
static void put_contacts(struct export *export, const uint8_t *digest, struct slice reg_no)
{
    struct query *query = export->query;
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT reg_no, type, sequence, time FROM contact WHERE reg_no IN "
                       "(SELECT reg_no FROM found WHERE digest = ?1 UNION SELECT ?2) "
                       "ORDER BY sequence");

    if (digest)
        sqlite3_bind_blob(row, 1, digest, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    if (reg_no.data)
        query_bind_text(row, 2, reg_no);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *number = (const char *)sqlite3_column_text(row, 0);
        if (!is_first(export, sqlite3_column_int64(row, 2)))
            continue;
        const struct json *personal = query_personal(query, sqlite3_column_int64(row, 2));

        buf_printf(&export->reg_nos, "%s%s", export->reg_nos.length ? " " : "", number);
        json_out_object(query->out, NULL);
        json_out_text(query->out, "kind", "contact");
        json_out_text(query->out, "reg_no", number);
        json_out_text(query->out, "type", (const char *)sqlite3_column_text(row, 1));
        json_out_integer(query->out, "sequence", sqlite3_column_int64(row, 2));
        json_out_time(query->out, "time", sqlite3_column_int64(row, 3));
        if (personal)
            json_out_value(query->out, "personal", personal);
        json_out_end(query->out, '}');
        query->shown.contacts++;
    }
}

// Events that are no contacts: a call by its number, an answer to one of the contacts.
static void put_events(struct export *export, const uint8_t *digest)
{
    struct query *query = export->query;
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT e.sequence, t.name FROM lookup l "
                       "JOIN event e ON e.sequence = "
                       "CAST(substr(l.reg_no, instr(l.reg_no, '#') + 1) AS INTEGER) "
                       "JOIN topic t ON t.code = e.type "
                       "WHERE l.digest = ?1 AND l.reg_no LIKE '%#%' ORDER BY e.sequence");

    sqlite3_bind_blob(row, 1, digest, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    while (sqlite3_step(row) == SQLITE_ROW) {
        if (!is_first(export, sqlite3_column_int64(row, 0)))
            continue;
        const struct json *personal = query_personal(query, sqlite3_column_int64(row, 0));

        json_out_object(query->out, NULL);
        json_out_text(query->out, "kind", "event");
        json_out_text(query->out, "type", (const char *)sqlite3_column_text(row, 1));
        json_out_integer(query->out, "sequence", sqlite3_column_int64(row, 0));
        if (personal)
            json_out_value(query->out, "personal", personal);
        json_out_end(query->out, '}');
        query->shown.contacts++;
    }
}

// Contacts that came with a call from that number and name none themselves.
static void put_called(struct export *export)
{
    struct query *query = export->query;
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT e.bytes FROM lookup l "
                       "JOIN event e ON e.sequence = CAST(substr(l.reg_no, 2) AS INTEGER) "
                       "WHERE l.digest = ?1 AND l.reg_no LIKE '#%' ORDER BY e.sequence");

    sqlite3_bind_blob(row, 1, export->digest, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    while (sqlite3_step(row) == SQLITE_ROW) {
        const struct json *event =
            json_parse(query->doc, sqlite3_column_blob(row, 0),
                       (size_t)sqlite3_column_bytes(row, 0), JSON_DEPTH_DEFAULT + 1, NULL);
        const char *call = json_c_string(json_get(json_get(event, "data"), "call"));
        uint8_t digest[CRYPTO_DIGEST_BYTES];

        if (!call)
            continue;
        lookups_of_call(query->keys, call, digest);
        put_contacts(export, digest, (struct slice){0});
    }
}

static void put_answers(struct export *export)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    char *numbers = mem_string(buf_text(&export->reg_nos)), *rest = numbers;

    for (char *number; (number = strsep(&rest, " "));) {
        lookups_of_contact(export->query->keys, number, digest);
        put_events(export, digest);
    }
    free(numbers);
}

static void put_premises(struct export *export)
{
    struct query *query = export->query;
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT p.premise, p.account, p.sealed FROM premise p JOIN premise_phone f "
                       "ON f.premise = p.premise WHERE f.digest = ?1 ORDER BY p.account");

    sqlite3_bind_blob(row, 1, export->digest, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    while (sqlite3_step(row) == SQLITE_ROW) {
        struct slice sealed = {sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2)};
        const struct json *values = journal_keys_open_premise(
            query->keys, sqlite3_column_int64(row, 0), sealed, query->doc);

        json_out_object(query->out, NULL);
        json_out_text(query->out, "kind", "premise");
        json_out_text(query->out, "account", (const char *)sqlite3_column_text(row, 1));
        if (values)
            json_out_value(query->out, "personal", values);
        json_out_end(query->out, '}');
        query->shown.contacts++;
    }
}

static bool put_seen(void *context, int64_t number, struct slice json,
                     const uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    struct export *export = context;
    const struct json *entry =
        json_parse(export->query->doc, json.data, json.length, JSON_DEPTH_DEFAULT, NULL);
    struct slice reg_no = json_string(json_get(entry, "reg_no"));
    bool mine = slice_is(json_string(json_get(entry, "subject")), export->subject) ||
                (reg_no.length && slice_is_word(reg_no, buf_text(&export->reg_nos)));

    (void)number, (void)chain;
    if (!mine)
        return true;
    json_out_object(export->query->out, NULL);
    json_out_text(export->query->out, "kind", "seen");
    json_out_raw(export->query->out, "entry", json);
    json_out_end(export->query->out, '}');
    return true;
}

enum err_code query_person_export(struct query *query, struct err *err)
{
    struct export export = {.query = query};
    struct slice phone = query_text(query, "phone");
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    char normal[PHONE_BYTES];

    if (phone.data && !phone_normalise(phone, normal))
        return err_set(err, ERR_INVALID, "phone", "phone is no telephone number",
                       "phone — не номер телефона");
    if (phone.data) {
        journal_keys_lookup(query->keys, "phone", slice_of(normal), digest);
        crypto_hex(digest, sizeof digest, export.subject);
        memcpy(query->shown.subject, digest, sizeof digest);
        query->shown.has_subject = true;
        export.digest = digest;
    }
    put_contacts(&export, export.digest, query_text(query, "reg_no"));
    if (export.digest)
        put_called(&export);
    put_answers(&export);
    if (export.digest) {
        put_events(&export, export.digest);
        put_premises(&export);
    }
    buf_add_text(&query->shown.fields, "all");
    bool found = query->shown.contacts > 0;
    enum err_code code =
        found ? seen_read(query->seen, 0, put_seen, &export, err)
              : err_set(err, ERR_NOT_FOUND, "person", "nothing personal is kept of them",
                        "персональных данных об этом лице нет");
    buf_fini(&export.reg_nos);
    buf_fini(&export.sequences);
    return code;
}
