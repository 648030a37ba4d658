#include "busd/contact_facts.h"

#include "lib/clock.h"
#include "lib/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ZONES_MAX = 3 };

static const struct json *data_of(const struct publish_event *item)
{
    return json_get(item->tree, "data");
}

// Nothing of an anonymous caller is kept, nor what would lead to him.
static enum err_code check_anonymous(const struct publish_event *item, struct err *err)
{
    static const char *const members[] = {"caller", "call", "callback"};

    if (!slice_is(json_string(json_get(data_of(item), "applicant")), "anonymous"))
        return ERR_OK;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (!json_get(data_of(item), members[i]))
            continue;
        err_set(err, ERR_INVALID, "anonymous",
                "an anonymous report keeps nothing of the caller; leave `%s` out",
                "в анонимном сообщении о звонящем не хранится ничего; уберите `%s`", members[i]);
        err_set_path(err, "/data/%s", members[i]);
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err_code find_by(const struct contact_facts *facts, const char *kind,
                             struct slice value, int64_t since_ms, char reg_no[STORE_REG_NO_BYTES],
                             struct err *err)
{
    uint8_t digest[STORE_DIGEST_BYTES];

    if (*reg_no || !value.length)
        return ERR_OK;
    journal_keys_lookup(facts->keys, kind, value, digest);
    return store_find_complaint(facts->store, digest, since_ms, reg_no, err);
}

static enum err_code find_repeat(const struct contact_facts *facts, struct publish_event *item,
                                 struct json_doc *doc, struct err *err)
{
    struct slice phone = json_string(json_get(json_get(data_of(item), "caller"), "phone"));
    struct slice account = json_string(json_get(json_get(data_of(item), "premise"), "account"));
    int64_t since_ms =
        engine_calendar_before(facts->calendar, item->event.recorded_ms, facts->repeat_days);
    char reg_no[STORE_REG_NO_BYTES] = "", normal[PHONE_BYTES];

    phone = phone.length && phone_normalise(phone, normal) ? slice_of(normal) : (struct slice){0};
    if (find_by(facts, "phone", phone, since_ms, reg_no, err) != ERR_OK ||
        find_by(facts, "account", account, since_ms, reg_no, err) != ERR_OK)
        return err->code;
    if (*reg_no)
        event_set_text(&item->event, EVENT_FIELD_repeat_of,
                       json_new_string(doc, slice_of(reg_no))->text);
    return ERR_OK;
}

// Readings.

static enum err_code no_meter(struct slice meter, struct slice account, size_t count,
                              struct err *err)
{
    if (count > 1)
        err_set(err, ERR_INVALID, "meter",
                "the account %.*s has %zu meters; say in `meter` which one is read",
                "на лицевом счёте %.*s счётчиков: %zu; укажите в meter, чьи показания",
                (int)account.length, account.data, count);
    else if (meter.length)
        err_set(err, ERR_NOT_FOUND, "meter", "there is no meter \"%.*s\" at this account",
                "счётчика «%.*s» на этом лицевом счёте нет", (int)meter.length, meter.data);
    else
        err_set(err, ERR_NOT_FOUND, "meter", "no meter is known at the account \"%.*s\"",
                "на лицевом счёте «%.*s» счётчиков нет", (int)account.length,
                account.length ? account.data : "");
    err_set_path(err, meter.length ? "/data/meter" : "/data/premise/account");
    return err->code;
}

static void set_former(struct publish_event *item, const struct store_meter_found *meter,
                       struct json_doc *doc)
{
    int64_t *former = json_doc_alloc(doc, ZONES_MAX * sizeof *former);
    char noon[40];
    int64_t at_ms;

    snprintf(noon, sizeof noon, "%.10sT12:00:00Z", meter->last_date);
    if (!*meter->last[0] || !clock_parse(noon, strlen(noon), &at_ms))
        return;
    for (int zone = 0; zone < ZONES_MAX; zone++)
        former[zone] = strtoll(meter->last[zone], NULL, 10); // digits before the point
    event_set_integers(&item->event, EVENT_FIELD_former, former, (size_t)meter->zones);
    event_set_integer(&item->event, EVENT_FIELD_former_at, at_ms);
}

static bool is_outside(const struct contact_facts *facts, int64_t moment_ms)
{
    struct tm day;

    clock_local(moment_ms, &day);
    return facts->window_from > 0 &&
           (day.tm_mday < facts->window_from || day.tm_mday > facts->window_to);
}

static enum err_code find_meter(const struct contact_facts *facts, struct publish_event *item,
                                struct json_doc *doc, struct err *err)
{
    struct slice id = json_string(json_get(data_of(item), "meter"));
    struct slice account = json_string(json_get(json_get(data_of(item), "premise"), "account"));
    struct store_meter_found meter;
    struct event *event = &item->event;
    int count = store_find_meters(facts->store, id, account, &meter, err);

    if (count < 0)
        return err->code;
    if (count != 1)
        return no_meter(id, account, (size_t)count, err);
    event_set_text(event, EVENT_FIELD_meter, json_new_string(doc, slice_of(meter.meter))->text);
    event_set_integer(event, EVENT_FIELD_digits, meter.digits);
    event_set_integer(event, EVENT_FIELD_zones, meter.zones);
    set_former(item, &meter, doc);
    if (is_outside(facts, event_moment_ms(event)))
        event_set_integer(event, EVENT_FIELD_outside_window, true);
    return ERR_OK;
}

// More about a contact: named by its number, or by the event that made it while the sender has not
// been told the number (its answer is under way, or was lost).

static bool take_reg_no(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                        const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct buf *text = context;

    (void)sequence, (void)topic, (void)chain;
    buf_add(text, bytes.data, bytes.length);
    return false;
}

static enum err_code no_such_event(struct slice id, struct err *err)
{
    err_set(err, ERR_NOT_FOUND, "of",
            "no contact of yours was made by an event with the id \"%.*s\"; publish it first",
            "вашего обращения, созданного событием «%.*s», нет; сначала опубликуйте его",
            (int)id.length, id.data);
    err_set_path(err, "/data/of");
    return ERR_NOT_FOUND;
}

static enum err_code find_contact(const struct contact_facts *facts, struct publish_event *item,
                                  struct json_doc *doc, struct err *err)
{
    struct slice id = json_string(json_get(data_of(item), "of"));
    uint8_t digest[STORE_MARKED_BYTES];
    struct buf bytes = {0};
    int64_t sequence;

    if (EVENT_HAS(&item->event, contact) == (id.length > 0)) {
        err_set(
            err, ERR_INVALID, "contact",
            "say either in `contact` which number it has, or in `of` which of your events made it",
            "укажите либо номер обращения в contact, либо в of — какое ваше событие его создало");
        err_set_path(err, "/data/contact");
        return ERR_INVALID;
    }
    if (!id.length)
        return ERR_OK;
    int found = store_find_id(facts->store, item->event.source, id, &sequence, digest, err);
    if (found < 0 || (found && store_read(facts->store, sequence - 1, 1, take_reg_no, &bytes, err)))
        return err->code;
    const struct json *made = bytes.length ? json_parse(facts->scratch, bytes.data, bytes.length,
                                                        JSON_DEPTH_DEFAULT, NULL)
                                           : NULL;
    struct slice reg_no = json_string(json_get(json_get(made, "data"), "reg_no"));
    if (reg_no.length)
        event_set_text(&item->event, EVENT_FIELD_contact, json_new_string(doc, reg_no)->text);
    else
        no_such_event(id, err);
    buf_fini(&bytes);
    return err->code;
}

enum err_code contact_facts_find(const struct contact_facts *facts, struct publish_event *item,
                                 struct json_doc *doc, struct err *err)
{
    switch (item->event.type) {
    case EVENT_CONTACT_THEFT_REPORT: return check_anonymous(item, err);
    case EVENT_CONTACT_COMPLAINT: return find_repeat(facts, item, doc, err);
    case EVENT_CONTACT_METER_READING: return find_meter(facts, item, doc, err);
    case EVENT_CONTACT_UPDATED: return find_contact(facts, item, doc, err);
    default: return ERR_OK;
    }
}
