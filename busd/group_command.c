#include "busd/group_command.h"

#include "busd/engine_group.h"
#include "busd/import.h"
#include "busd/model_load.h"
#include "busd/rules.h"
#include "lib/json.h"
#include "lib/mem.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PPM = 1000000, CLASS_NAMES = 16 };

// A network, and the evidence of the case that is being answered.
struct cases {
    struct model *model;
    struct group *group;
    struct json_out *out;
    size_t line;
    struct err *err;
};

static enum err_code read_file(const char *path, struct buf *text, struct err *err)
{
    FILE *file = fopen(path, "rb");
    size_t count = 1;

    if (!file)
        return err_set(err, ERR_NOT_FOUND, "file", "%s: %s", "%s: %s", path, strerror(errno));
    while (count > 0) {
        char *room = buf_room(text, 65536);
        count = fread(room, 1, 65536, file);
        buf_extend(text, count);
    }
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return err_set(err, ERR_INVALID, "file", "%s cannot be read", "%s не читается", path);
    return ERR_OK;
}

static enum err_code import_file(struct imports *imports, struct store *store,
                                 const struct journal_keys *keys, enum import_kind kind,
                                 const char *path, struct err *err)
{
    struct buf text = {0};
    struct import *ready = NULL;
    enum err_code code = read_file(path, &text, err);
    size_t at = 0;

    for (int64_t part = 1; code == ERR_OK && !ready; part++) {
        size_t left = text.length - at;
        size_t length = left < IMPORT_PART_BYTES ? left : IMPORT_PART_BYTES;
        code = imports_add(imports,
                           &(struct import_part){.identity = slice_of("group"),
                                                 .id = slice_of(import_kind_names[kind]),
                                                 .kind = slice_of(import_kind_names[kind]),
                                                 .part = part,
                                                 .csv = {buf_text(&text) + at, length},
                                                 .commit = length == left},
                           0, &ready, err);
        at += length;
    }
    if (code == ERR_OK)
        code = store_begin(store, err);
    if (code == ERR_OK)
        code = import_run(ready, store, keys, err);
    if (code == ERR_OK)
        code = store_commit(store, err);
    if (ready)
        imports_done(imports, ready);
    buf_fini(&text);
    return code;
}

static enum err_code load(const struct group_command *command, const char *directory,
                          struct model **model, struct err *err)
{
    struct store *store = store_open(directory, false, err);
    struct address_index *address;
    struct journal_keys keys;

    if (!store)
        return err->code;
    struct imports *imports = imports_new();
    enum err_code code = journal_keys_read(&keys, directory, 1, err);
    if (code == ERR_OK)
        code = import_file(imports, store, &keys, IMPORT_NETWORK, command->network, err);
    if (code == ERR_OK)
        code = import_file(imports, store, &keys, IMPORT_PREMISES, command->premises, err);
    if (code == ERR_OK) {
        *model = model_load(store, &address, err);
        if (*model)
            address_index_free(address);
        else
            code = err->code;
    }
    journal_keys_wipe(&keys);
    imports_free(imports);
    store_close(store);
    return code;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static enum err_code load_network(const struct group_command *command, struct model **model,
                                  struct err *err)
{
    const char *parent = getenv("TMPDIR");
    char directory[4096];

    snprintf(directory, sizeof(directory), "%s/pult-group-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(directory))
        return err_set(err, ERR_UNAVAILABLE, "directory", "%s: %s", "%s: %s", directory,
                       strerror(errno));
    enum err_code code = load(command, directory, model, err);
    nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return code;
}

static enum err_code line_fault(const struct cases *cases, enum err_code code, const char *en,
                                const char *ru, struct slice what)
{
    return err_set(cases->err, code, "case", "Line %zu: %s%.0s %.*s", "Строка %zu: %.0s%s %.*s",
                   cases->line, en, ru, (int)what.length, what.data);
}

static enum err_code find_premise(const struct cases *cases, const struct json *account,
                                  uint32_t *position)
{
    const struct model_premise *premise = account && account->type == JSON_STRING
                                              ? model_find_account(cases->model, account->text)
                                              : NULL;

    if (!premise)
        return line_fault(cases, ERR_NOT_FOUND, "no premise has the account",
                          "нет такого лицевого счёта:", json_string(account));
    *position = model_premise_position(cases->model, premise);
    return ERR_OK;
}

static enum err_code read_calls(const struct cases *cases, const struct json *line)
{
    const struct json *calls = json_get(line, "calls");
    uint32_t premise;

    if (!calls || calls->type != JSON_ARRAY)
        return line_fault(cases, ERR_INVALID, "`calls` must be an array",
                          "`calls` должен быть массивом", (struct slice){"", 0});
    for (const struct json *call = calls->first; call; call = call->next) {
        enum err_code code = find_premise(cases, json_get(call, "account"), &premise);
        if (code != ERR_OK)
            return code;
        group_set_wire(cases->group, premise,
                       slice_is(json_string(json_get(call, "hazard")), "wire_down"));
        group_set_flat(cases->group, premise,
                       slice_is(json_string(json_get(call, "extent")), "flat"));
        group_call(cases->group, premise, 1000 * json_integer(json_get(call, "t_s"), 0));
    }
    return ERR_OK;
}

static enum err_code read_marks(const struct cases *cases, const struct json *line,
                                const char *name, enum group_mark mark)
{
    const struct json *nodes = json_get(line, name);

    for (const struct json *at = nodes ? nodes->first : NULL; at; at = at->next) {
        int32_t node = model_find_node(cases->model, json_string(at));
        if (node == MODEL_NO_NODE)
            return line_fault(cases, ERR_NOT_FOUND, "the network has no node", "в сети нет узла",
                              json_string(at));
        group_mark(cases->group, node, mark);
    }
    return ERR_OK;
}

static enum err_code read_back(const struct cases *cases, const struct json *line)
{
    const struct json *accounts = json_get(line, "back");
    uint32_t premise;

    for (const struct json *at = accounts ? accounts->first : NULL; at; at = at->next) {
        enum err_code code = find_premise(cases, at, &premise);
        if (code != ERR_OK)
            return code;
        group_set_back(cases->group, premise, true);
    }
    return ERR_OK;
}

static struct slice name_of(const struct cases *cases, int32_t node, uint32_t premise)
{
    return node == MODEL_NO_NODE ? model_premise_at(cases->model, premise)->account
                                 : model_node(cases->model, node)->id;
}

static void write_device(void *context, const struct group_fault *fault)
{
    const struct cases *cases = context;

    json_out_string(cases->out, NULL, name_of(cases, fault->node, fault->premise));
}

static double share(uint32_t ppm)
{
    return (double)ppm / PPM;
}

static void write_fault(void *context, const struct group_fault *fault)
{
    const struct cases *cases = context;
    struct json_out *out = cases->out;
    int32_t nodes[CLASS_NAMES];

    json_out_object(out, NULL);
    json_out_string(out, fault->node == MODEL_NO_NODE ? "account" : "node",
                    name_of(cases, fault->node, fault->premise));
    json_out_integer(out, "premises", fault->premises);
    json_out_integer(out, "callers", fault->callers);
    json_out_number(out, "probability", share(fault->probability_ppm));
    if (fault->runner_up_ppm) {
        json_out_string(out, "runner_up", name_of(cases, fault->runner_up, fault->premise));
        json_out_number(out, "runner_up_probability", share(fault->runner_up_ppm));
    }
    size_t count = fault->node == MODEL_NO_NODE
                       ? 0
                       : group_class(cases->group, fault->node, nodes, CLASS_NAMES);
    if (count > 1) {
        json_out_array(out, "class");
        for (size_t i = 0; i < count && i < CLASS_NAMES; i++)
            json_out_string(out, NULL, model_node(cases->model, nodes[i])->id);
        json_out_end(out, ']');
    }
    json_out_end(out, '}');
}

static void write_answer(struct cases *cases, const struct json *line, struct buf *answer)
{
    struct json_out out;
    struct group_verdict verdict = group_verdict(cases->group);

    json_out_init(&out, answer);
    cases->out = &out;
    json_out_object(&out, NULL);
    if (json_get(line, "case"))
        json_out_value(&out, "case", json_get(line, "case"));
    json_out_array(&out, "devices");
    group_explain(cases->group, GROUP_BEST, write_device, cases);
    json_out_end(&out, ']');
    if (verdict.second) {
        json_out_array(&out, "second");
        group_explain(cases->group, GROUP_SECOND, write_device, cases);
        json_out_end(&out, ']');
    }
    json_out_number(&out, "one", share(verdict.one_ppm));
    json_out_integer(&out, "calls", verdict.calls);
    json_out_array(&out, "faults");
    group_explain(cases->group, GROUP_BEST, write_fault, cases);
    json_out_end(&out, ']');
    json_out_end(&out, '}');
    buf_add_char(answer, '\n');
}

// Takes the case's evidence back; what was not read in full, too.
static void forget(const struct cases *cases, const struct json *line)
{
    static const char *const marks[] = {"energised", "out"};
    const struct json *calls = json_get(line, "calls"), *back = json_get(line, "back");
    struct cases quiet = *cases;
    struct err err;
    uint32_t premise;

    quiet.err = &err;
    for (const struct json *call = calls ? calls->first : NULL; call; call = call->next) {
        if (find_premise(&quiet, json_get(call, "account"), &premise) == ERR_OK)
            group_forget(cases->group, premise);
    }
    for (const struct json *at = back ? back->first : NULL; at; at = at->next) {
        if (find_premise(&quiet, at, &premise) == ERR_OK)
            group_set_back(cases->group, premise, false);
    }
    for (int i = 0; i < 2; i++)
        read_marks(&quiet, line, marks[i], GROUP_MARK_NONE);
}

static enum err_code answer_line(struct cases *cases, const struct json *line, struct buf *answer)
{
    enum err_code code = read_calls(cases, line);

    if (code == ERR_OK)
        code = read_marks(cases, line, "energised", GROUP_MARK_ENERGISED);
    if (code == ERR_OK)
        code = read_marks(cases, line, "out", GROUP_MARK_OUT);
    if (code == ERR_OK)
        code = read_back(cases, line);
    if (code == ERR_OK)
        write_answer(cases, line, answer);
    forget(cases, line);
    return code;
}

static enum err_code answer_all(const struct group_command *command, struct cases *cases)
{
    struct json_doc *doc = json_doc_new();
    struct buf answer = {0};
    char *text = NULL;
    size_t size = 0;
    ssize_t length;
    enum err_code code = ERR_OK;

    while (code == ERR_OK && (length = getline(&text, &size, command->in)) >= 0) {
        cases->line++;
        if (strspn(text, " \t\r\n") == (size_t)length)
            continue;
        const struct json *line =
            json_parse(doc, text, (size_t)length, JSON_DEPTH_DEFAULT, cases->err);
        if (!line || line->type != JSON_OBJECT) {
            code = line_fault(cases, ERR_INVALID, "it must be a JSON object", "нужен объект JSON",
                              (struct slice){"", 0});
            break;
        }
        buf_clear(&answer);
        code = answer_line(cases, line, &answer);
        if (code == ERR_OK)
            fwrite(answer.data, 1, answer.length, command->out);
    }
    free(text);
    buf_fini(&answer);
    json_doc_free(doc);
    if (code == ERR_OK && (fflush(command->out) != 0 || ferror(command->in)))
        code = err_set(cases->err, ERR_UNAVAILABLE, "pipe", "reading or writing failed: %s",
                       "ошибка чтения или записи: %s", strerror(errno));
    return code;
}

enum err_code group_command(const struct group_command *command, struct err *err)
{
    struct rules rules;
    struct model *model = NULL;
    int set = GROUP_RULES_NORMAL;
    enum err_code code = rules_read(&rules, command->rules, err);

    while (command->set && set < GROUP_RULES_SETS &&
           strcmp(command->set, rules_set_names[set]) != 0)
        set++;
    if (code == ERR_OK && set == GROUP_RULES_SETS)
        code = err_set(err, ERR_INVALID, "set", "the sets of rules are normal and storm",
                       "наборы правил — normal и storm");
    if (code == ERR_OK)
        code = load_network(command, &model, err);
    if (code == ERR_OK) {
        struct cases cases = {
            .model = model, .group = group_new(model, &rules.sets[set]), .err = err};

        code = answer_all(command, &cases);
        group_free(cases.group);
    }
    model_free(model);
    return code;
}
