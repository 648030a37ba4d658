#include "busd/rules.h"

#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/yaml.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const rules_set_names[GROUP_RULES_SETS] = {"normal", "storm"};

// What is read, for sentences.
struct reading {
    const char *file;
    struct err *err;
};

static enum err_code fault(const struct reading *reading, const struct json *value, const char *en,
                           const char *ru)
{
    return yaml_fault(reading->file, value, "rules", en, ru, reading->err);
}

static const struct {
    const char *en, *ru;
} wanted[] = {
    [GROUP_RULE_SHARE] = {"a share from 0 to 1 is wanted, as 0.45.",
                          "нужна доля от 0 до 1, например 0.45."},
    [GROUP_RULE_NUMBER] = {"a number above 0 is wanted, as 3.5.",
                           "нужно число больше 0, например 3.5."},
    [GROUP_RULE_COUNT] = {"a whole number within the range is wanted.",
                          "нужно целое число в допустимых пределах."},
    [GROUP_RULE_MINUTES] = {"minutes are wanted, as 60m.", "нужны минуты, например 60m."},
    [GROUP_RULE_SIZES] =
        {"sizes and shares are wanted, from 1 on, as {1: 0.57, 10: 0.32}, at most 8.",
         "нужны размеры и доли, начиная с 1, например {1: 0.57, 10: 0.32}, не больше 8."},
    [GROUP_RULE_SHARES] = {"a list of at most 8 shares is wanted, as [0.05, 0.1].",
                           "нужен список не более чем из 8 долей, например [0.05, 0.1]."},
};

// A value as the table writes it.
static void write_value(struct buf *out, const struct json *value)
{
    const char *brackets = value->type == JSON_OBJECT ? "{}" : "[]";

    if (value->type == JSON_STRING || value->type == JSON_NUMBER) {
        buf_add(out, value->text.data, value->text.length);
        return;
    }
    if (value->type != JSON_OBJECT && value->type != JSON_ARRAY)
        return;
    buf_add_char(out, brackets[0]);
    for (const struct json *at = value->first; at; at = at->next) {
        if (at != value->first)
            buf_add_text(out, ", ");
        if (value->type == JSON_OBJECT) {
            buf_add(out, at->key.data, at->key.length);
            buf_add_text(out, ": ");
        }
        if (at->type != JSON_NUMBER)
            buf_add_char(out, '"'); // which no list of numbers holds
        write_value(out, at);
    }
    buf_add_char(out, brackets[1]);
}

static bool read_value(const struct group_rule *rule, const struct json *value,
                       struct group_rules *set)
{
    struct buf text = {0};
    // "0.5" in quotes is no number, nor 60 a duration.
    bool good = (value->type == JSON_STRING) == (rule->type == GROUP_RULE_MINUTES);

    if (good) {
        write_value(&text, value);
        good = group_rule_read(rule, slice_of(buf_text(&text)), set);
    }
    buf_fini(&text);
    return good;
}

static const struct group_rule *find(struct slice section, struct slice name)
{
    for (size_t i = 0; i < group_rules_count; i++) {
        if (slice_is(section, group_rules_table[i].section) &&
            slice_is(name, group_rules_table[i].name))
            return &group_rules_table[i];
    }
    return NULL;
}

static enum err_code read_set(const struct reading *reading, const struct json *mapping,
                              struct group_rules *set)
{
    for (const struct json *section = mapping->first; section; section = section->next) {
        if (section->type != JSON_OBJECT)
            return fault(reading, section, "a section with keys is wanted.",
                         "нужен раздел с ключами.");
        for (const struct json *value = section->first; value; value = value->next) {
            const struct group_rule *rule = find(section->key, value->key);
            if (!rule)
                return fault(reading, value, "there is no such key.", "такого ключа нет.");
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
        return fault(reading, mapping, "faults.premise must be above 0.",
                     "faults.premise должно быть больше 0.");
    return ERR_OK;
}

static enum err_code read_tree(const struct reading *reading, const struct json *tree,
                               struct rules *rules)
{
    const struct json *mappings[GROUP_RULES_SETS] = {NULL};

    for (const struct json *at = tree->first; at; at = at->next) {
        int set = 0;
        while (set < GROUP_RULES_SETS && !slice_is(at->key, rules_set_names[set]))
            set++;
        if (set == GROUP_RULES_SETS || at->type != JSON_OBJECT)
            return fault(reading, at, "the sets are `normal` and `storm`.",
                         "наборы — `normal` и `storm`.");
        mappings[set] = at;
    }
    struct group_rules *normal = &rules->sets[GROUP_RULES_NORMAL];
    struct group_rules *storm = &rules->sets[GROUP_RULES_STORM];
    if (mappings[GROUP_RULES_NORMAL]) {
        if (read_set(reading, mappings[GROUP_RULES_NORMAL], normal) != ERR_OK)
            return ERR_INVALID;
        *storm = *normal;
        for (size_t i = 0; i < group_rules_count; i++) {
            const struct group_rule *rule = &group_rules_table[i];

            if (rule->storm)
                group_rule_read(rule, slice_of(rule->storm), storm);
        }
    }
    if (mappings[GROUP_RULES_STORM] &&
        read_set(reading, mappings[GROUP_RULES_STORM], storm) != ERR_OK)
        return ERR_INVALID;
    for (int set = 0; set < GROUP_RULES_SETS; set++) {
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

    for (int set = 0; set < GROUP_RULES_SETS; set++)
        group_rules_default(&rules->sets[set], (enum group_rules_set)set);
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
        code = fault(&reading, tree, "the sets `normal` and `storm` are wanted.",
                     "нужны наборы `normal` и `storm`.");
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

// The rules of a set; without those that a reader takes from `but` anyway.
static void print_set(struct buf *out, const struct group_rules *set, const struct group_rules *but)
{
    const char *section = "";

    for (size_t i = 0; i < group_rules_count; i++) {
        const struct group_rule *rule = &group_rules_table[i];
        char text[GROUP_RULE_BYTES], other[GROUP_RULE_BYTES] = "";

        group_rule_write(rule, set, text);
        if (but && !rule->storm)
            group_rule_write(rule, but, other);
        if (strcmp(text, other) == 0)
            continue;
        if (strcmp(section, rule->section) != 0)
            buf_printf(out, "%s  %s:\n", *section && !but ? "\n" : "", rule->section);
        section = rule->section;
        if (!but)
            print_comment(out, rule->comment);
        buf_printf(out, "    %s: %s\n", rule->name, text);
    }
}

void rules_print(const struct rules *rules, const char *head, struct buf *out)
{
    const struct group_rules *normal = &rules->sets[GROUP_RULES_NORMAL];

    buf_printf(out, "%s\nnormal:\n", head);
    print_set(out, normal, NULL);
    buf_add_text(out, "\nstorm:\n");
    print_set(out, &rules->sets[GROUP_RULES_STORM], normal);
}

void rules_print_defaults(struct buf *out)
{
    struct rules rules;

    rules_read(&rules, NULL, NULL);
    rules_print(&rules,
                "# What grouping believes of faults and callers before any call comes: two sets, "
                "for ordinary days\n# and for storms. Every key stands here with its default. "
                "`storm` has the values of `normal` but for\n# those that it states. The "
                "company's own journal can tell better ones: `pult tune`.\n",
                out);
}

void rules_lines(const struct group_rules *set, struct buf *out)
{
    for (size_t i = 0; i < group_rules_count; i++) {
        const struct group_rule *rule = &group_rules_table[i];
        char text[GROUP_RULE_BYTES];

        group_rule_write(rule, set, text);
        buf_printf(out, "%s%s.%s=%s", i ? "\n" : "", rule->section, rule->name, text);
    }
}

// Cuts the text of a set into its lines.
static void take_lines(struct engine_rules *rules, int set, const struct buf *text)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];

    for (const char *at = buf_text(text); *at;) {
        size_t length = strcspn(at, "\n");

        assert(rules->sets[set].count < ENGINE_RULES_LINES);
        rules->sets[set].lines[rules->sets[set].count++] = (struct slice){at, length};
        at += length + (at[length] == '\n');
    }
    crypto_sha256(text->data, text->length, digest);
    crypto_hex(digest, sizeof(digest), rules->sets[set].sha256);
}

struct rules_loaded *rules_load(const char *file, struct err *err)
{
    struct rules_loaded *loaded = mem_alloc(sizeof(*loaded));

    if (rules_read(&loaded->rules, file, err) != ERR_OK) {
        free(loaded);
        return NULL;
    }
    for (int set = 0; set < GROUP_RULES_SETS; set++) {
        rules_lines(&loaded->rules.sets[set], &loaded->text[set]);
        take_lines(&loaded->lines, set, &loaded->text[set]);
    }
    return loaded;
}

void rules_unload(struct rules_loaded *loaded)
{
    for (int set = 0; loaded && set < GROUP_RULES_SETS; set++)
        buf_fini(&loaded->text[set]);
    free(loaded);
}
