#include "busd/rules.h"

#include "lib/json.h"
#include "lib/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rule_type { RULE_SHARE, RULE_NUMBER, RULE_COUNT, RULE_MINUTES, RULE_SIZES, RULE_SHARES };

// A share is in millionths, a number in thousandths, minutes are milliseconds in the struct.
struct rule {
    const char *section, *name;
    enum rule_type type;
    size_t offset;
    const char *normal, *storm; // defaults as YAML; storm NULL = that of normal
    int64_t min, max;           // in the struct's unit
    const char *comment;
};

#define AT(field)    offsetof(struct group_rules, field)
#define FAULTS(kind) AT(faults_ppm) + (kind) * sizeof(uint32_t)

static const struct rule rules_table[] = {
    {"faults", "premise", RULE_SHARE, FAULTS(GROUP_PREMISE), "0.15", NULL, 0, 1000000,
     "Share of all faults by the kind of place, equal within a kind; they need not sum to 1. "
     "premise: on the customer's own line."},
    {"faults", "line", RULE_SHARE, FAULTS(GROUP_LINE), "0.10", NULL, 0, 1000000,
     "A line that has a device of its own; where there is none, the others share."},
    {"faults", "transformer", RULE_SHARE, FAULTS(GROUP_TRANSFORMER), "0.45", NULL, 0, 1000000, ""},
    {"faults", "lateral", RULE_SHARE, FAULTS(GROUP_LATERAL), "0.30", NULL, 0, 1000000, ""},
    {"faults", "section", RULE_SHARE, FAULTS(GROUP_SECTION), "0.08", NULL, 0, 1000000, ""},
    {"faults", "feeder", RULE_SHARE, FAULTS(GROUP_FEEDER), "0.02", NULL, 0, 1000000,
     "Feeders and substations."},
    {"callers", "share", RULE_SIZES, AT(callers),
     "{1: 0.57, 10: 0.32, 50: 0.22, 200: 0.17, 1000: 0.06}", NULL, 1, 950000,
     "Of the premises without power, how many call in the end: from so many premises on, this "
     "share."},
    {"callers", "unrelated_most", RULE_COUNT, AT(unrelated_most), "3", NULL, 0, 8,
     "Beside a single fault, up to so many calls that have nothing to do with it."},
    {"callers", "mistaken", RULE_SHARE, AT(mistaken_ppm), "0.02", NULL, 1, 500000,
     "How often \"the power is back\" is said, or a meter answers, where there is none."},
    {"callers", "window", RULE_MINUTES, AT(window_ms), "60m", "180m", 60000, 86400000,
     "How long a call is evidence for a new incident."},
    {"one", "probability", RULE_SHARE, AT(one_ppm), "0.73", NULL, 1000, 999000,
     "How likely it is, before any call, that what is called about is one fault and not several."},
    {"one", "moments", RULE_SHARES, AT(one_moments), "[]", NULL, 1, 1000000,
     "How far the calls have come when one looks, as shares of those that will come. Empty: "
     "unknown."},
    {"one", "burst", RULE_MINUTES, AT(burst_ms), "5m", NULL, 60000, 86400000,
     "Calls closer together than this speak for one cause."},
    {"one", "spread", RULE_MINUTES, AT(spread_ms), "70m", NULL, 60000, 86400000,
     "The calls of one fault come within this."},
    {"one", "burst_calls", RULE_COUNT, AT(burst_calls), "6", NULL, 0, 60,
     "For so many calls at most; 0: times are not looked at."},
    {"several", "network", RULE_COUNT, AT(network_premises), "5000", NULL, 1, 10000000,
     "Premises of a network that has so many faults and unrelated calls at once as stated here; in "
     "a larger one they are more in proportion."},
    {"several", "faults", RULE_NUMBER, AT(several.faults_milli), "3", NULL, 1, 1000000000,
     "Faults at once, where there are several."},
    {"several", "unrelated", RULE_NUMBER, AT(several.unrelated_milli), "2", NULL, 1, 1000000000,
     "Unrelated calls beside them."},
    {"several", "attributed_faults", RULE_NUMBER, AT(attributed.faults_milli), "10", NULL, 1,
     1000000000,
     "The same two, once it is sure that there are several and the question is which: a lone call "
     "is then rather a fault that few have called about yet."},
    {"several", "attributed_unrelated", RULE_NUMBER, AT(attributed.unrelated_milli), "0.2", NULL, 1,
     1000000000, ""},
    {"several", "moments", RULE_SHARES, AT(several_moments), "[0.05, 0.1, 0.2, 0.4]", NULL, 1,
     1000000, "How far the calls have come, as under `one`: people look at an outage early."},
    {"incident", "probable", RULE_SHARE, AT(probable_ppm), "0.8", NULL, 1, 1000000,
     "From this probability on, and two premises, an incident is probable; below it is suspected."},
};

enum { RULES = sizeof(rules_table) / sizeof(rules_table[0]) };
const char *const rules_set_names[RULES_SETS] = {"normal", "storm"};

// What is read, for sentences.
struct reading {
    const char *file;
    struct err *err;
};

static enum err_code fault(const struct reading *reading, const struct json *value, const char *en,
                           const char *ru)
{
    int line, column;

    yaml_place(value, &line, &column);
    err_set(reading->err, ERR_INVALID, "rules", "%s:%d:%d: %s.%.0s", "%s:%d:%d: %.0s%s.",
            reading->file, line, column, en, ru);
    err_set_path(reading->err, "%s:%d:%d", reading->file, line, column);
    return ERR_INVALID;
}

// A decimal number times ten to `decimals`, exactly; false when it is none or has more of them.
static bool decimal(const struct json *value, int decimals, int64_t *number)
{
    int behind = -1;

    if (value->type != JSON_NUMBER)
        return false;
    *number = 0;
    for (size_t i = 0; i < value->text.length; i++) {
        char c = value->text.data[i];
        if (c == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9' || behind == decimals || *number > INT64_C(1000000000000))
            return false;
        *number = *number * 10 + (c - '0');
        behind += behind >= 0;
    }
    for (behind = behind < 0 ? 0 : behind; behind < decimals; behind++)
        *number *= 10;
    return true;
}

static bool minutes(const struct json *value, int64_t *number)
{
    if (value->type != JSON_STRING || value->text.length < 2 || value->text.length > 8 ||
        value->text.data[value->text.length - 1] != 'm')
        return false;
    *number = 0;
    for (size_t i = 0; i + 1 < value->text.length; i++) {
        if (value->text.data[i] < '0' || value->text.data[i] > '9')
            return false;
        *number = *number * 10 + (value->text.data[i] - '0');
    }
    *number *= 60000;
    return true;
}

static const struct {
    const char *en, *ru;
} wanted[] = {
    [RULE_SHARE] = {"a share from 0 to 1 is wanted, as 0.45",
                    "нужна доля от 0 до 1, например 0.45"},
    [RULE_NUMBER] = {"a number above 0 is wanted, as 3.5", "нужно число больше 0, например 3.5"},
    [RULE_COUNT] = {"a whole number within the range is wanted",
                    "нужно целое число в допустимых пределах"},
    [RULE_MINUTES] = {"minutes are wanted, as 60m", "нужны минуты, например 60m"},
    [RULE_SIZES] = {"sizes and shares are wanted, from 1 on, as {1: 0.57, 10: 0.32}, at most 8",
                    "нужны размеры и доли, начиная с 1, например {1: 0.57, 10: 0.32}, не больше 8"},
    [RULE_SHARES] = {"a list of at most 8 shares is wanted, as [0.05, 0.1]",
                     "нужен список не более чем из 8 долей, например [0.05, 0.1]"},
};

static bool in_range(const struct rule *rule, int64_t number)
{
    return number >= rule->min && number <= rule->max;
}

static bool read_sizes(const struct rule *rule, const struct json *value, struct group_rules *set)
{
    uint32_t last = 0;

    if (value->type != JSON_OBJECT || value->count == 0 || value->count > GROUP_SIZES)
        return false;
    set->callers_count = 0;
    for (const struct json *at = value->first; at; at = at->next) {
        int64_t share, premises = 0;

        for (size_t i = 0; i < at->key.length && i < 8; i++) {
            if (at->key.data[i] < '0' || at->key.data[i] > '9')
                return false;
            premises = premises * 10 + (at->key.data[i] - '0');
        }
        if (!decimal(at, 6, &share) || !in_range(rule, share) || at->key.length > 7 ||
            premises <= last || (last == 0 && premises != 1))
            return false;
        last = (uint32_t)premises;
        set->callers[set->callers_count].premises = last;
        set->callers[set->callers_count++].share_ppm = (uint32_t)share;
    }
    return true;
}

static bool read_shares(const struct rule *rule, const struct json *value,
                        struct group_moments *moments)
{
    if (value->type != JSON_ARRAY || value->count > GROUP_MOMENTS)
        return false;
    *moments = (struct group_moments){.known_ppm = value->count ? 1000000 : 0};
    for (const struct json *at = value->first; at; at = at->next) {
        int64_t share;

        if (!decimal(at, 6, &share) || !in_range(rule, share))
            return false;
        moments->values_ppm[moments->count++] = (uint32_t)share;
    }
    return true;
}

static bool read_value(const struct rule *rule, const struct json *value, struct group_rules *set)
{
    void *field = (char *)set + rule->offset;
    int64_t number;
    bool good;

    switch (rule->type) {
    case RULE_SIZES: return read_sizes(rule, value, set);
    case RULE_SHARES: return read_shares(rule, value, field);
    case RULE_MINUTES:
        good = minutes(value, &number) && in_range(rule, number);
        if (good)
            *(int64_t *)field = number;
        return good;
    case RULE_SHARE: good = decimal(value, 6, &number); break;
    case RULE_NUMBER: good = decimal(value, 3, &number); break;
    default: good = decimal(value, 0, &number); break;
    }
    good = good && in_range(rule, number);
    if (good)
        *(uint32_t *)field = (uint32_t)number;
    return good;
}

static void read_default(const struct rule *rule, const char *text, struct group_rules *set)
{
    struct json_doc *doc = json_doc_new();
    struct err err;
    const struct json *value = yaml_parse(doc, text, strlen(text), rule->name, &err);

    if (!value || !read_value(rule, value, set))
        abort();
    json_doc_free(doc);
}

static const struct rule *find(struct slice section, struct slice name)
{
    for (size_t i = 0; i < RULES; i++) {
        if (slice_is(section, rules_table[i].section) && slice_is(name, rules_table[i].name))
            return &rules_table[i];
    }
    return NULL;
}

static enum err_code read_set(const struct reading *reading, const struct json *mapping,
                              struct group_rules *set)
{
    for (const struct json *section = mapping->first; section; section = section->next) {
        if (section->type != JSON_OBJECT)
            return fault(reading, section, "a section with keys is wanted",
                         "нужен раздел с ключами");
        for (const struct json *value = section->first; value; value = value->next) {
            const struct rule *rule = find(section->key, value->key);
            if (!rule)
                return fault(reading, value, "there is no such key", "такого ключа нет");
            if (!read_value(rule, value, set))
                return fault(reading, value, wanted[rule->type].en, wanted[rule->type].ru);
        }
    }
    return ERR_OK;
}

static enum err_code check_set(const struct reading *reading, const struct json *mapping,
                               const struct group_rules *set)
{
    uint64_t shares = 0;

    for (int kind = 0; kind < GROUP_KINDS; kind++)
        shares += set->faults_ppm[kind];
    if (set->faults_ppm[GROUP_PREMISE] == 0 || shares == 0)
        return fault(reading, mapping, "faults.premise must be above 0",
                     "faults.premise должно быть больше 0");
    return ERR_OK;
}

static enum err_code read_tree(const struct reading *reading, const struct json *tree,
                               struct rules *rules)
{
    const struct json *mappings[RULES_SETS] = {NULL};

    for (const struct json *at = tree->first; at; at = at->next) {
        int set = 0;
        while (set < RULES_SETS && !slice_is(at->key, rules_set_names[set]))
            set++;
        if (set == RULES_SETS || at->type != JSON_OBJECT)
            return fault(reading, at, "the sets are `normal` and `storm`",
                         "наборы — `normal` и `storm`");
        mappings[set] = at;
    }
    if (mappings[RULES_NORMAL]) {
        if (read_set(reading, mappings[RULES_NORMAL], &rules->sets[RULES_NORMAL]) != ERR_OK)
            return ERR_INVALID;
        rules->sets[RULES_STORM] = rules->sets[RULES_NORMAL];
        for (size_t i = 0; i < RULES; i++) {
            if (rules_table[i].storm)
                read_default(&rules_table[i], rules_table[i].storm, &rules->sets[RULES_STORM]);
        }
    }
    if (mappings[RULES_STORM] &&
        read_set(reading, mappings[RULES_STORM], &rules->sets[RULES_STORM]) != ERR_OK)
        return ERR_INVALID;
    for (int set = 0; set < RULES_SETS; set++) {
        if (mappings[set] && check_set(reading, mappings[set], &rules->sets[set]) != ERR_OK)
            return ERR_INVALID;
    }
    return ERR_OK;
}

enum err_code rules_read(struct rules *rules, const char *file, struct err *err)
{
    struct err own;
    struct reading reading = {file, err ? err : &own};
    enum err_code code = ERR_OK;

    memset(rules, 0, sizeof(*rules));
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *rule = &rules_table[i];

        read_default(rule, rule->normal, &rules->sets[RULES_NORMAL]);
        read_default(rule, rule->storm ? rule->storm : rule->normal, &rules->sets[RULES_STORM]);
    }
    if (!file)
        return ERR_OK;
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_read(doc, file, reading.err);
    struct rules changed = *rules;
    if (!tree)
        code = reading.err->code;
    else if (tree->type == JSON_OBJECT)
        code = read_tree(&reading, tree, &changed);
    else if (tree->type != JSON_NULL)
        code = fault(&reading, tree, "the sets `normal` and `storm` are wanted",
                     "нужны наборы `normal` и `storm`");
    json_doc_free(doc);
    if (code == ERR_OK)
        *rules = changed;
    return code;
}

static void print_comment(struct buf *out, const char *text)
{
    enum { COLUMNS = 96 };

    while (*text) {
        size_t length = strlen(text);
        if (length > COLUMNS) {
            for (length = COLUMNS; text[length] != ' ';)
                length--;
        }
        buf_printf(out, "    # %.*s\n", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

void rules_print(struct buf *out)
{
    const char *section = "";

    buf_add_text(
        out, "# What grouping believes of faults and callers before any call comes: two sets, for "
             "ordinary days\n# and for storms. Every key stands here with its default. `storm` "
             "has the values of `normal` but for\n# those that it states. The company's own "
             "journal can tell better ones: `pult tune`.\n\nnormal:\n");
    for (size_t i = 0; i < RULES; i++) {
        if (strcmp(section, rules_table[i].section) != 0)
            buf_printf(out, "%s  %s:\n", *section ? "\n" : "", rules_table[i].section);
        section = rules_table[i].section;
        print_comment(out, rules_table[i].comment);
        buf_printf(out, "    %s: %s\n", rules_table[i].name, rules_table[i].normal);
    }
    buf_add_text(out, "\nstorm:\n");
    section = "";
    for (size_t i = 0; i < RULES; i++) {
        if (!rules_table[i].storm)
            continue;
        if (strcmp(section, rules_table[i].section) != 0)
            buf_printf(out, "  %s:\n", rules_table[i].section);
        section = rules_table[i].section;
        buf_printf(out, "    %s: %s\n", rules_table[i].name, rules_table[i].storm);
    }
}
