// `access`: the access record, for those who answer for it.
#include "busd/query.h"

#include "lib/clock.h"

#include <stdio.h>

struct reading {
    struct query *query;
    struct slice reg_no, identity, person, subject;
    int64_t since_ms, until_ms, count, last;
    char digest[2 * CRYPTO_DIGEST_BYTES + 1];
};

static bool is_wanted(const struct reading *reading, const struct json *entry)
{
    struct slice time = json_string(json_get(entry, "time"));
    int64_t time_ms = 0;

    if (reading->reg_no.data &&
        !slice_equal(json_string(json_get(entry, "reg_no")), reading->reg_no))
        return false;
    if (reading->identity.data &&
        !slice_equal(json_string(json_get(entry, "identity")), reading->identity))
        return false;
    if (reading->person.data &&
        !slice_equal(json_string(json_get(entry, "person")), reading->person))
        return false;
    if (reading->subject.data &&
        !slice_equal(json_string(json_get(entry, "subject")), reading->subject))
        return false;
    clock_parse(time.data, time.length, &time_ms);
    return time_ms >= reading->since_ms && time_ms < reading->until_ms;
}

static bool put_entry(void *context, int64_t number, struct slice json,
                      const uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    struct reading *reading = context;
    struct query *query = reading->query;
    const struct json *entry =
        json_parse(query->doc, json.data, json.length, JSON_DEPTH_DEFAULT, NULL);

    (void)chain;
    if (!entry || !is_wanted(reading, entry))
        return true;
    if (query_page_is_full(query, reading->count++, reading->last))
        return false;
    json_out_raw(query->out, NULL, json);
    reading->last = number;
    return true;
}

enum err_code query_access(struct query *query, struct err *err)
{
    struct slice phone = query_text(query, "phone");
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    char normal[PHONE_BYTES];
    struct reading reading = {.query = query,
                              .reg_no = query_text(query, "reg_no"),
                              .identity = query_text(query, "identity"),
                              .person = query_text(query, "person"),
                              .since_ms = query_time(query, "since", INT64_MIN),
                              .until_ms = query_time(query, "until", INT64_MAX)};

    if (phone.data) {
        if (!phone_normalise(phone, normal))
            return err_set(err, ERR_INVALID, "phone", "This is no telephone number.",
                           "Это не номер телефона.");
        journal_keys_lookup(query->keys, "phone", slice_of(normal), digest);
        crypto_hex(digest, sizeof digest, reading.digest);
        reading.subject = slice_of(reading.digest);
    }
    return seen_read(query->seen, query_integer(query, "after", 0), put_entry, &reading, err);
}
