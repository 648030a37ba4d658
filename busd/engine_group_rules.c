// The table of rules, and how a value of it is written.
#include "busd/engine_group_rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

enum { KNOWN_PPM = 850000 }; // belief in moments that are listed

#define AT(field)    offsetof(struct group_rules, field)
#define FAULTS(kind) AT(faults_ppm) + (kind) * sizeof(uint32_t)

const struct group_rule group_rules_table[] = {
    {"faults", "premise", GROUP_RULE_SHARE, FAULTS(GROUP_PREMISE), "0.15", NULL, 0, 1000000,
     "Share of all faults by the kind of place, equal within a kind; they need not sum to 1. "
     "premise: on the customer's own line."},
    {"faults", "line", GROUP_RULE_SHARE, FAULTS(GROUP_LINE), "0.1", NULL, 0, 1000000,
     "A line that has a device of its own; where there is none, the others share."},
    {"faults", "transformer", GROUP_RULE_SHARE, FAULTS(GROUP_TRANSFORMER), "0.45", NULL, 0, 1000000,
     ""},
    {"faults", "lateral", GROUP_RULE_SHARE, FAULTS(GROUP_LATERAL), "0.3", NULL, 0, 1000000, ""},
    {"faults", "section", GROUP_RULE_SHARE, FAULTS(GROUP_SECTION), "0.08", NULL, 0, 1000000, ""},
    {"faults", "feeder", GROUP_RULE_SHARE, FAULTS(GROUP_FEEDER), "0.02", NULL, 0, 1000000,
     "Feeders and substations."},
    {"callers", "share", GROUP_RULE_SIZES, AT(callers),
     "{1: 0.57, 10: 0.32, 50: 0.22, 200: 0.17, 1000: 0.06}", NULL, 1, 950000,
     "Of the premises without power, how many call in the end: from so many premises on, this "
     "share."},
    {"callers", "unrelated_most", GROUP_RULE_COUNT, AT(unrelated_most), "3", NULL, 0, 8,
     "Beside a single fault, up to so many calls that have nothing to do with it."},
    {"callers", "mistaken", GROUP_RULE_SHARE, AT(mistaken_ppm), "0.02", NULL, 1, 500000,
     "How often \"the power is back\" is said, or a meter answers, where there is none."},
    {"callers", "wire_elsewhere", GROUP_RULE_SHARE, AT(wire_ppm), "0.1", NULL, 1, 1000000,
     "Where a wire is reported down, a transformer's own fault is so much less likely than that of "
     "a "
     "line or of what protects one. 1: no difference."},
    {"callers", "flat", GROUP_RULE_SHARE, AT(flat_ppm), "0.05", NULL, 1, 1000000,
     "Who says that it is their flat alone is so much less likely to be out with others. 1: no "
     "difference."},
    {"callers", "window", GROUP_RULE_MINUTES, AT(window_ms), "60m", "180m", 60000, 86400000,
     "How long a call is evidence for a new incident."},
    {"one", "probability", GROUP_RULE_SHARE, AT(one_ppm), "0.75", NULL, 1000, 999000,
     "How likely it is, before any call, that what is called about is one fault and not several."},
    {"one", "moments", GROUP_RULE_SHARES, AT(one_moments),
     "[0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1]", NULL, 1, 1000000,
     "How far the calls have come when one looks, as shares of those that will come; most of the "
     "belief is on these, equally, the rest on any other. Empty: unknown."},
    {"one", "burst", GROUP_RULE_MINUTES, AT(burst_ms), "4m", NULL, 60000, 86400000,
     "Calls closer together than this speak for one cause."},
    {"one", "spread", GROUP_RULE_MINUTES, AT(spread_ms), "60m", "180m", 60000, 86400000,
     "The calls of one fault come within this: a part of them within as large a part of it."},
    {"one", "burst_calls", GROUP_RULE_COUNT, AT(burst_calls), "3", NULL, 0, 60,
     "For so many calls at most; 0: this is not looked at."},
    {"several", "network", GROUP_RULE_COUNT, AT(network_premises), "5000", NULL, 1, 10000000,
     "Premises of a network that has so many faults and unrelated calls at once as stated here; in "
     "a larger one there may be more, up to in proportion."},
    {"several", "faults", GROUP_RULE_NUMBER, AT(several.faults_milli), "2", NULL, 1, 1000000000,
     "Faults at once, where there are several."},
    {"several", "unrelated", GROUP_RULE_NUMBER, AT(several.unrelated_milli), "2", NULL, 1,
     1000000000, "Unrelated calls beside them."},
    {"several", "attributed_faults", GROUP_RULE_NUMBER, AT(attributed.faults_milli), "10", NULL, 1,
     1000000000,
     "The same two, once it is sure that there are several and the question is which: a lone call "
     "is then rather a fault that few have called about yet."},
    {"several", "attributed_unrelated", GROUP_RULE_NUMBER, AT(attributed.unrelated_milli), "1",
     NULL, 1, 1000000000, ""},
    {"several", "moments", GROUP_RULE_SHARES, AT(several_moments),
     "[0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1]", NULL, 1, 1000000,
     "How far the calls have come, as under `one`: people look at an outage early."},
    {"incident", "predict", GROUP_RULE_COUNT, AT(predict), "1", NULL, 0, 1,
     "Whether reports are grouped on the network at all: 1, or 0 for incidents that stay where "
     "they "
     "were reported. A desk can switch it off for its own area (desks.yaml)."},
    {"incident", "probable", GROUP_RULE_SHARE, AT(probable_ppm), "0.8", NULL, 1, 1000000,
     "From this probability on, and two premises, an incident is probable; below it is suspected."},
};
const size_t group_rules_count = sizeof(group_rules_table) / sizeof(group_rules_table[0]);

static const int decimals[] = {[GROUP_RULE_SHARE] = 6,
                               [GROUP_RULE_NUMBER] = 3,
                               [GROUP_RULE_COUNT] = 0,
                               [GROUP_RULE_SIZES] = 6,
                               [GROUP_RULE_SHARES] = 6};

static bool in_range(const struct group_rule *rule, int64_t number)
{
    return number >= rule->min && number <= rule->max;
}

// A decimal number times ten to `places`, exactly; false when it is none or has more of them.
static bool read_decimal(struct slice text, int places, int64_t *number)
{
    int behind = -1;

    if (text.length == 0 || (text.length == 1 && text.data[0] == '.'))
        return false;
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9' || behind == places || *number > INT64_C(1000000000000))
            return false;
        *number = *number * 10 + (c - '0');
        behind += behind >= 0;
    }
    for (behind = behind < 0 ? 0 : behind; behind < places; behind++)
        *number *= 10;
    return true;
}

static bool read_minutes(struct slice text, int64_t *number)
{
    if (text.length < 2 || text.length > 8 || text.data[text.length - 1] != 'm')
        return false;
    text.length--;
    if (!read_decimal(text, 0, number))
        return false;
    *number *= 60000;
    return true;
}

// The inner text of {…} or […]; false when it is not in these.
static bool unwrap(struct slice *text, const char *brackets)
{
    *text = slice_trim(*text, " ");
    if (text->length < 2 || text->data[0] != brackets[0] ||
        text->data[text->length - 1] != brackets[1])
        return false;
    *text = slice_trim((struct slice){text->data + 1, text->length - 2}, " ");
    return true;
}

// Takes the part before the first `mark` off `rest`; all of it where there is none.
static struct slice take(struct slice *rest, char mark)
{
    const char *end = rest->length ? memchr(rest->data, mark, rest->length) : NULL;
    struct slice part = {rest->data, end ? (size_t)(end - rest->data) : rest->length};
    size_t gone = part.length + (end ? 1 : 0);

    if (gone)
        *rest = (struct slice){rest->data + gone, rest->length - gone};
    return slice_trim(part, " ");
}

static bool read_sizes(const struct group_rule *rule, struct slice text, struct group_rules *rules)
{
    struct group_rules changed = *rules;
    int64_t last = 0;

    changed.callers_count = 0;
    if (!unwrap(&text, "{}") || text.length == 0)
        return false;
    while (text.length) {
        struct slice pair = take(&text, ','), size = take(&pair, ':');
        int64_t premises, share;

        if (changed.callers_count == GROUP_SIZES || !read_decimal(size, 0, &premises) ||
            !read_decimal(slice_trim(pair, " "), 6, &share) || !in_range(rule, share) ||
            premises <= last || premises > 9999999 || (last == 0 && premises != 1))
            return false;
        last = premises;
        changed.callers[changed.callers_count].premises = (uint32_t)premises;
        changed.callers[changed.callers_count++].share_ppm = (uint32_t)share;
    }
    for (size_t i = changed.callers_count; i < GROUP_SIZES; i++)
        changed.callers[i].premises = changed.callers[i].share_ppm = 0;
    *rules = changed;
    return true;
}

static bool read_shares(const struct group_rule *rule, struct slice text, struct group_rules *rules)
{
    struct group_moments moments = {.known_ppm = KNOWN_PPM};

    if (!unwrap(&text, "[]"))
        return false;
    if (text.length == 0)
        moments.known_ppm = 0;
    while (text.length) {
        int64_t share;

        if (moments.count == GROUP_MOMENTS || !read_decimal(take(&text, ','), 6, &share) ||
            !in_range(rule, share))
            return false;
        moments.values_ppm[moments.count++] = (uint32_t)share;
    }
    memcpy((char *)rules + rule->offset, &moments, sizeof(moments));
    return true;
}

bool group_rule_read(const struct group_rule *rule, struct slice text, struct group_rules *rules)
{
    void *field = (char *)rules + rule->offset;
    int64_t number;
    uint32_t small;
    bool good;

    switch (rule->type) {
    case GROUP_RULE_SIZES: return read_sizes(rule, text, rules);
    case GROUP_RULE_SHARES: return read_shares(rule, text, rules);
    case GROUP_RULE_MINUTES: good = read_minutes(text, &number); break;
    default: good = read_decimal(text, decimals[rule->type], &number); break;
    }
    if (!good || !in_range(rule, number))
        return false;
    small = (uint32_t)number;
    if (rule->type == GROUP_RULE_MINUTES)
        memcpy(field, &number, sizeof(number));
    else
        memcpy(field, &small, sizeof(small));
    return true;
}

// Appends number / 10^places without zeros at its end.
static size_t write_decimal(char *text, size_t size, int64_t number, int places)
{
    int64_t scale = 1;
    int length;

    for (int i = 0; i < places; i++)
        scale *= 10;
    while (places > 0 && number % 10 == 0) {
        number /= 10;
        scale /= 10;
        places--;
    }
    length = places ? snprintf(text, size, "%" PRId64 ".%0*" PRId64, number / scale, places,
                               number % scale)
                    : snprintf(text, size, "%" PRId64, number);
    assert(length > 0 && (size_t)length < size);
    return (size_t)length;
}

static void write_sizes(const struct group_rules *rules, char *text)
{
    size_t length = 1;

    text[0] = '{';
    for (size_t i = 0; i < rules->callers_count; i++) {
        length += (size_t)snprintf(text + length, GROUP_RULE_BYTES - length, "%s%" PRIu32 ": ",
                                   i ? ", " : "", rules->callers[i].premises);
        length +=
            write_decimal(text + length, GROUP_RULE_BYTES - length, rules->callers[i].share_ppm, 6);
    }
    assert(length + 2 <= GROUP_RULE_BYTES);
    memcpy(text + length, "}", 2);
}

static void write_shares(const struct group_moments *moments, char *text)
{
    size_t length = 1;

    text[0] = '[';
    for (size_t i = 0; i < moments->count; i++) {
        length += (size_t)snprintf(text + length, GROUP_RULE_BYTES - length, i ? ", " : "");
        length +=
            write_decimal(text + length, GROUP_RULE_BYTES - length, moments->values_ppm[i], 6);
    }
    assert(length + 2 <= GROUP_RULE_BYTES);
    memcpy(text + length, "]", 2);
}

void group_rule_write(const struct group_rule *rule, const struct group_rules *rules,
                      char text[GROUP_RULE_BYTES])
{
    const char *field = (const char *)rules + rule->offset;
    struct group_moments moments;
    int64_t number;
    uint32_t small;

    switch (rule->type) {
    case GROUP_RULE_SIZES: write_sizes(rules, text); break;
    case GROUP_RULE_SHARES:
        memcpy(&moments, field, sizeof(moments));
        write_shares(&moments, text);
        break;
    case GROUP_RULE_MINUTES:
        memcpy(&number, field, sizeof(number));
        snprintf(text, GROUP_RULE_BYTES, "%" PRId64 "m", number / 60000);
        break;
    default:
        memcpy(&small, field, sizeof(small));
        write_decimal(text, GROUP_RULE_BYTES, small, decimals[rule->type]);
        break;
    }
}

void group_rules_default(struct group_rules *rules, enum group_rules_set set)
{
    memset(rules, 0, sizeof(*rules));
    for (size_t i = 0; i < group_rules_count; i++) {
        const struct group_rule *rule = &group_rules_table[i];
        bool own = set == GROUP_RULES_STORM && rule->storm;
        bool good = group_rule_read(rule, slice_of(own ? rule->storm : rule->normal), rules);

        assert(good);
        (void)good;
    }
}

bool group_rules_read_line(struct slice line, struct group_rules *rules)
{
    struct slice name = take(&line, '='), section = take(&name, '.');

    for (size_t i = 0; i < group_rules_count; i++) {
        const struct group_rule *rule = &group_rules_table[i];

        if (slice_is(section, rule->section) && slice_is(name, rule->name))
            return group_rule_read(rule, line, rules);
    }
    return false;
}
