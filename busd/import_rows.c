// The kinds of files: their columns, and what becomes of a row.
#include "busd/import_private.h"
#include "busd/store_model.h"
#include "lib/clock.h"
#include "lib/event.h"
#include "lib/mem.h"
#include "lib/phone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

// Digits with at most `decimals` behind a point or comma, times ten to `decimals`; -1 = no number.
static int64_t read_number(struct slice text, int decimals)
{
    int64_t value = 0;
    int behind = -1;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if ((c == '.' || c == ',') && behind < 0 && decimals > 0 && i > 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9' || value > INT64_C(1000000000000) || behind == decimals)
            return -1;
        value = value * 10 + (c - '0');
        behind += behind >= 0;
    }
    for (behind = behind < 0 ? 0 : behind; behind < decimals; behind++)
        value *= 10;
    return text.length ? value : -1;
}

enum network_column { NODE_ID, NODE_PARENT, NODE_KIND, NODE_NAME, NODE_VOLTAGE, NODE_DEVICE };

// What opens at the upper end of a node when the file does not say.
static const struct {
    const char *kind, *device;
} usual_devices[] = {{"substation", "breaker"}, {"feeder", "breaker"},
                     {"section", "switch"},     {"lateral", "fuse"},
                     {"line", "none"},          {"transformer", "transformer"}};

static struct slice usual_device(struct slice kind)
{
    for (size_t i = 0; i < sizeof(usual_devices) / sizeof(usual_devices[0]); i++) {
        if (slice_is(kind, usual_devices[i].kind))
            return slice_of(usual_devices[i].device);
    }
    return slice_of("none");
}

static enum err_code put_network(struct import_run *run)
{
    const struct slice *values = run->values;
    int64_t voltage = values[NODE_VOLTAGE].length ? read_number(values[NODE_VOLTAGE], 3) : 0;

    if (voltage < 0 || voltage > 2000000)
        return import_fault(run, NODE_VOLTAGE, "kilovolts are wanted, as 0.4 or 10",
                            "нужны киловольты, например 0.4 или 10");
    if (slice_equal(values[NODE_ID], values[NODE_PARENT]))
        return import_fault(run, NODE_PARENT, "a node is not its own parent",
                            "узел не может быть родителем самого себя");
    return store_put_node(
        run->store,
        &(struct store_node){.id = values[NODE_ID],
                             .parent = values[NODE_PARENT],
                             .kind = values[NODE_KIND],
                             .name = values[NODE_NAME].length ? values[NODE_NAME] : values[NODE_ID],
                             .voltage_v = voltage,
                             .device = values[NODE_DEVICE].length
                                           ? values[NODE_DEVICE]
                                           : usual_device(values[NODE_KIND])},
        run->err);
}

enum premise_column {
    PREMISE_ACCOUNT,
    PREMISE_NODE,
    PREMISE_SETTLEMENT,
    PREMISE_STREET,
    PREMISE_HOUSE,
    PREMISE_FLAT,
    PREMISE_APPLICANT,
    PREMISE_RELIABILITY,
    PREMISE_CRITICAL,
    PREMISE_NAME,
    PREMISE_PHONE
};

// Name and phone as {"name","phone"}, sealed for the premise; the phone's digest for look-ups. A
// phone that is no number is kept as written and found by nothing.
static void seal_person(struct import_run *run, struct store_premise *premise,
                        uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    struct slice name = run->values[PREMISE_NAME], phone = run->values[PREMISE_PHONE];
    struct buf plain = {0};
    char number[PHONE_BYTES];

    if (name.length + phone.length == 0)
        return;
    if (phone_normalise(phone, number)) {
        phone = slice_of(number);
        journal_keys_lookup(run->keys, "phone", phone, digest);
        premise->phone = digest;
    }
    buf_add_char(&plain, '{');
    if (name.length) {
        buf_add_text(&plain, "\"name\":");
        json_write_string(&plain, name);
    }
    if (phone.length) {
        buf_add_text(&plain, name.length ? ",\"phone\":" : "\"phone\":");
        json_write_string(&plain, phone);
    }
    buf_add_char(&plain, '}');
    buf_clear(&run->sealed);
    journal_keys_seal(run->keys->premise, premise->premise,
                      (struct slice){plain.data, plain.length}, &run->sealed);
    premise->sealed = (struct slice){run->sealed.data, run->sealed.length};
    crypto_wipe(plain.data, plain.length);
    buf_fini(&plain);
}

static struct slice critical_of(struct slice word)
{
    static const char *const nothing[] = {"0", "no", "false", "нет"};
    static const char *const something[] = {"1", "yes", "true", "да"};

    for (int i = 0; i < 4; i++) {
        if (slice_is(word, nothing[i]))
            return (struct slice){"", 0};
        if (slice_is(word, something[i]))
            return slice_of("other");
    }
    return word;
}

static enum err_code put_premise(struct import_run *run)
{
    const struct slice *values = run->values;
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    struct store_premise premise = {
        .account = values[PREMISE_ACCOUNT],
        .node = values[PREMISE_NODE],
        .settlement = values[PREMISE_SETTLEMENT],
        .street = values[PREMISE_STREET],
        .house = values[PREMISE_HOUSE],
        .flat = values[PREMISE_FLAT],
        .applicant =
            values[PREMISE_APPLICANT].length ? values[PREMISE_APPLICANT] : slice_of("person"),
        .critical = critical_of(values[PREMISE_CRITICAL]),
        .reliability =
            values[PREMISE_RELIABILITY].length ? values[PREMISE_RELIABILITY].data[0] - '0' : 0};

    if (premise.node.length) {
        int there = store_has_node(run->store, premise.node, run->err);
        if (there < 0)
            return ERR_UNAVAILABLE;
        if (there == 0)
            return import_fault(run, PREMISE_NODE,
                                "the network has no such node; import it first, or leave it empty",
                                "такого узла в сети нет; загрузите сеть или оставьте поле пустым");
    }
    enum err_code code = store_premise_key(run->store, premise.account, &premise.premise, run->err);
    if (code != ERR_OK)
        return code;
    seal_person(run, &premise, digest);
    return store_put_premise(run->store, &premise, run->err);
}

enum planned_column {
    PLANNED_ID,
    PLANNED_NODE,
    PLANNED_STARTS,
    PLANNED_ENDS,
    PLANNED_REASON,
    PLANNED_ADDRESSES
};

// RFC 3339, or without an offset: the company's wall clock.
static bool read_time(struct slice text, int64_t *time_ms)
{
    struct tm local = {.tm_isdst = -1};
    int end = 0;

    if (clock_parse(text.data, text.length, time_ms))
        return true;
    // The value stands in the row or in the filter's buffer, both NUL-terminated behind it.
    char copy[32];
    if (text.length >= sizeof(copy))
        return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    if (sscanf(copy, "%4d-%2d-%2d%*1[T ]%2d:%2d%n", &local.tm_year, &local.tm_mon, &local.tm_mday,
               &local.tm_hour, &local.tm_min, &end) != 5)
        return false;
    if (copy[end] && (sscanf(copy + end, ":%2d%n", &local.tm_sec, &end) != 1))
        return false;
    if (local.tm_mon < 1 || local.tm_mon > 12 || local.tm_mday < 1 || local.tm_mday > 31 ||
        local.tm_hour > 24 || local.tm_min > 59 || local.tm_sec > 59)
        return false;
    local.tm_year -= 1900;
    local.tm_mon -= 1;
    *time_ms = clock_from_local(&local);
    return true;
}

static enum err_code put_planned(struct import_run *run)
{
    const struct slice *values = run->values;
    struct import *import = run->import;
    struct import_planned planned = {.line = run->row->line};

    if (!read_time(values[PLANNED_STARTS], &planned.starts_ms))
        return import_fault(run, PLANNED_STARTS, "a time is wanted, as 2026-02-28T14:03:00+03:00",
                            "нужно время вида 2026-02-28T14:03:00+03:00");
    if (!read_time(values[PLANNED_ENDS], &planned.ends_ms))
        return import_fault(run, PLANNED_ENDS, "a time is wanted, as 2026-02-28T14:03:00+03:00",
                            "нужно время вида 2026-02-28T14:03:00+03:00");
    if (planned.ends_ms <= planned.starts_ms)
        return import_fault(run, PLANNED_ENDS, "it must be after `starts`",
                            "должно быть позже `starts`");
    if (values[PLANNED_NODE].length + values[PLANNED_ADDRESSES].length == 0)
        return import_fault(run, PLANNED_NODE, "a node or addresses must be given",
                            "нужен узел или адреса");
    int there = values[PLANNED_NODE].length
                    ? store_has_node(run->store, values[PLANNED_NODE], run->err)
                    : 1;
    if (there == 0)
        return import_fault(run, PLANNED_NODE, "the network has no such node",
                            "такого узла в сети нет");
    planned.planned = there < 0 ? -1 : store_find_planned(run->store, values[PLANNED_ID], run->err);
    if (planned.planned < 0)
        return ERR_UNAVAILABLE;
    if (planned.planned == 0 && values[PLANNED_REASON].length == 0)
        return import_fault(run, PLANNED_REASON, "new works must have a reason",
                            "у новых работ должна быть причина");
    planned.ref = mem_string_of(values[PLANNED_ID].data, values[PLANNED_ID].length);
    planned.node = mem_string_of(values[PLANNED_NODE].data, values[PLANNED_NODE].length);
    planned.reason = mem_string_of(values[PLANNED_REASON].data, values[PLANNED_REASON].length);
    planned.addresses =
        mem_string_of(values[PLANNED_ADDRESSES].data, values[PLANNED_ADDRESSES].length);
    mem_grow((void **)&import->planned, import->planned_count, &import->planned_capacity,
             sizeof(planned));
    import->planned[import->planned_count++] = planned;
    return ERR_OK;
}

enum meter_column { METER_ID, METER_ACCOUNT, METER_DIGITS, METER_ZONES, METER_DATE, METER_LAST_1 };

static enum err_code put_meter(struct import_run *run)
{
    const struct slice *values = run->values;
    int64_t digits = read_number(values[METER_DIGITS], 0);
    int64_t zones = values[METER_ZONES].length ? read_number(values[METER_ZONES], 0) : 1;
    int64_t date_ms;
    char noon[40];

    int there = store_has_account(run->store, values[METER_ACCOUNT], run->err);
    if (there < 0)
        return ERR_UNAVAILABLE;
    if (there == 0)
        return import_fault(run, METER_ACCOUNT, "no premise has this account",
                            "такого лицевого счёта нет");
    if (digits < 1 || digits > 12)
        return import_fault(run, METER_DIGITS, "digits before the point are wanted, 1 to 12",
                            "нужно число знаков до запятой, от 1 до 12");
    if (zones < 1 || zones > 3)
        return import_fault(run, METER_ZONES, "1, 2 or 3 zones", "зон может быть 1, 2 или 3");
    snprintf(noon, sizeof(noon), "%.*sT12:00:00Z", (int)values[METER_DATE].length % 30,
             values[METER_DATE].data);
    if (values[METER_DATE].length &&
        (values[METER_DATE].length != 10 || !clock_parse(noon, strlen(noon), &date_ms)))
        return import_fault(run, METER_DATE, "a date is wanted, as 2026-02-28",
                            "нужна дата вида 2026-02-28");
    for (int i = 0; i < 3; i++) {
        if (values[METER_LAST_1 + i].length && read_number(values[METER_LAST_1 + i], 3) < 0)
            return import_fault(run, METER_LAST_1 + i, "a reading is wanted, as 1234.5",
                                "нужно показание, например 1234.5");
    }
    return store_put_meter(
        run->store,
        &(struct store_meter){
            .meter = values[METER_ID],
            .account = values[METER_ACCOUNT],
            .digits = digits,
            .zones = zones,
            .last_date = values[METER_DATE],
            .last = {values[METER_LAST_1], values[METER_LAST_1 + 1], values[METER_LAST_1 + 2]}},
        run->err);
}

#define NODE_KINDS "substation feeder section lateral transformer line"
#define DEVICES    "breaker recloser switch fuse transformer none"

const struct import_kind_info import_kinds[IMPORT_KINDS] = {
    [IMPORT_NETWORK] = {{{.name = "id"},
                         {.name = "parent", .empty = true},
                         {.name = "kind", .words = NODE_KINDS},
                         {.name = "name", .empty = true},
                         {.name = "voltage_kv", .empty = true},
                         {.name = "device", .optional = true, .empty = true, .words = DEVICES}},
                        put_network},
    [IMPORT_PREMISES] = {{{.name = "account"},
                          {.name = "node", .empty = true},
                          {.name = "settlement", .empty = true},
                          {.name = "street", .empty = true},
                          {.name = "house", .empty = true},
                          {.name = "flat", .empty = true},
                          {.name = "applicant", .empty = true, .words = "person legal tso"},
                          {.name = "reliability", .empty = true, .words = "1 2 3"},
                          {.name = "critical",
                           .empty = true,
                           .words = EVENT_WORDS_CRITICAL " 0 1 no yes false true нет да"},
                          {.name = "name", .empty = true},
                          {.name = "phone", .empty = true}},
                         put_premise},
    [IMPORT_PLANNED] = {{{.name = "id"},
                         {.name = "node", .empty = true},
                         {.name = "starts"},
                         {.name = "ends"},
                         {.name = "reason", .empty = true},
                         {.name = "addresses", .empty = true, .bytes = 32000}},
                        put_planned},
    [IMPORT_METERS] = {{{.name = "meter"},
                        {.name = "account"},
                        {.name = "digits"},
                        {.name = "zones", .empty = true},
                        {.name = "last_date", .empty = true},
                        {.name = "last_1", .empty = true},
                        {.name = "last_2", .empty = true},
                        {.name = "last_3", .empty = true}},
                       put_meter},
};
