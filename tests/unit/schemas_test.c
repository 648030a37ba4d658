// The files of schemas/: every one compiles, what EVENTS.md promises is accepted, what it does not
// is refused, and what is personal or free text is marked.
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "busd/schemas.h"
#include "lib/buf.h"
#include "lib/event.h"
#include "lib/mem.h"
#include "lib/yaml.h"

static struct schemas *schemas;

static int set_up(void **state)
{
    struct err err = {0};

    (void)state;
    schemas = schemas_load("schemas", "/nonexistent", &err);
    if (!schemas)
        print_error("%s %s\n", err.path, err.message[LANGUAGE_EN]);
    return schemas ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    schemas_free(schemas);
    return 0;
}

static enum err_code check(const char *type, const char *text, struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct schemas_type *found = schemas_find(schemas, slice_of(type));
    char *json = mem_string(text);
    enum err_code code;

    for (char *quote = json; (quote = strchr(quote, '\''));)
        *quote = '"';
    assert_non_null(found);
    const struct json *data = json_parse(doc, json, strlen(json), JSON_DEPTH_DEFAULT, err);
    if (!data)
        print_error("no JSON: %s\n", json);
    assert_non_null(data);
    code = schema_check(found->schema, data, "/data", err);
    free(json);
    json_doc_free(doc);
    return code;
}

// One accepted example a type, with every field that EVENTS.md names.
#define PREMISE                                                                                                      \
    "{'account':'A1','settlement':'г. Зареченск','street':'ул. Садовая','house':'12','flat':'4'," \
    "'text':'за мостом','node':'T1'}"
#define CONTACT                                                                                        \
    "'applicant':'person','premise':" PREMISE                                                          \
    ",'caller':{'name':'Иванова Анна','phone':'+7 912 555-01-41','email':'a@example.org'}," \
    "'text':'нет света','call':'c-1','callback':true,'needs_answer':false"
#define TIME "'2026-02-28T14:03:21.250+03:00'"

static const struct {
    const char *type, *data;
} examples[] = {
    {"contact.outage_report", "{" CONTACT ",'symptom':'no_power','extent':'house','since':" TIME
                              ",'hazard':'wire_down','critical':'boiler','neighbours':true}"},
    {"contact.quality_complaint",
     "{" CONTACT ",'symptom':'low','volts':187.5,'extent':'flat','since':" TIME
     ",'hazard':'sparking'}"},
    {"contact.restoration_query", "{" CONTACT "}"},
    {"contact.restoration_query", "{'applicant':'person','incident':12}"},
    {"contact.inquiry", "{" CONTACT ",'topic':'1.4','form':'office','department':'service',"
                        "'answered':true,'request':false}"},
    {"contact.consultation", "{" CONTACT ",'topic':'1.1','answered':false}"},
    {"contact.meter_reading", "{'applicant':'person','premise':{'account':'A1'},'meter':'M-1',"
                              "'readings':[12,0,5],'reason':'x'}"},
    {"contact.theft_report", "{" CONTACT ",'topic':'equipment','hazard':'wire_down'}"},
    {"contact.complaint", "{" CONTACT ",'topic':'metering','referred':true}"},
    {"contact.routed", "{'contact':'2026-000001','department':'metering','reason':'x'}"},
    {"contact.taken", "{'contact':'2026-000001'}"},
    {"contact.answered", "{'contact':'2026-000001','answer':'x','justified':false,"
                         "'measures_done':'x','measures_planned':'x'}"},
    {"contact.closed", "{'contact':'2026-000001'}"},
    {"contact.left", "{'contact':'2026-000001','ground':'answered_before'}"},
    {"contact.reopened", "{'contact':'2026-000001','reason':'x'}"},
    {"contact.linked", "{'contact':'2026-000002','repeat_of':'2026-000001'}"},
    {"contact.updated", "{'of':'e-1','applicant':'legal','caller':{'organisation':'X',"
                        "'tax_number':'5500000008'},'text':'t','callback':true,'extent':'house',"
                        "'volts':190}"},
    {"appointment.booked", "{'office':'main','service':'metering','starts':" TIME
                           ",'caller':{'name':'Анна'},'contact':'2026-000001'}"},
    {"appointment.moved",
     "{'appointment':1,'office':'main','service':'metering','starts':" TIME ",'reason':'x'}"},
    {"appointment.cancelled", "{'appointment':1,'reason':'x'}"},
    {"appointment.kept", "{'appointment':1,'outcome':'missed'}"},
    {"call.started", "{'call':'c-1','direction':'in','line':'1','number':'+7 912 555-01-41',"
                     "'rang_at':" TIME ",'answered_at':" TIME "}"},
    {"call.ended", "{'call':'c-1','answered_at':" TIME ",'ended_at':" TIME
                   ",'outcome':'answered','recording':'r/1.wav'}"},
    {"incident.opened", "{'kind':'outage','node':'T1','accounts':['A1'],'premise':" PREMISE
                        ",'ref':'OMS-1','started':" TIME ",'customers':0,'cause':'tree',"
                        "'priority':3,'text':'x'}"},
    {"incident.opened", "{'kind':'hazard','accounts':[]}"},
    {"incident.opened", "{'kind':'quality','premise':{'settlement':'Fresno'}}"},
    {"incident.updated", "{'incident':1,'started':" TIME
                         ",'accounts_add':['A1'],'accounts_remove':[],'customers':7,'cause':'x',"
                         "'priority':1,'public_text':'x','text':'x','expect':5}"},
    {"incident.confirmed", "{'incident':1,'node':'T1','expect':0}"},
    {"incident.moved", "{'incident':1,'node':'T1','expect':0}"},
    {"incident.merged", "{'incident':1,'into':2}"},
    {"incident.split", "{'incident':1,'contacts':['2026-000123'],'node':'T1'}"},
    {"incident.grouped",
     "{'incident':1,'node':'T1','nodes':['L1'],'grouping':'live','probable':true,"
     "'candidates':['T1','L2',''],'candidates_ppm':[900000,60000,20000],"
     "'candidates_premises':[8,24,1],'candidates_callers':[3,3,1],'customers_counted':8}"},
    {"incident.grouped", "{'incident':1,'grouping':'settled'}"},
    {"incident.switched", "{'incident':1,'at':" TIME ",'nodes_in':['T1'],'nodes_out':['T2'],"
                          "'nodes_back':['T3'],'nodes_never':['T4'],'customers_counted':9,'"
                          "critical_counted':1,'categories':[1,0,8],"
                          "'customers_restored':3}"},
    {"planned.switched", "{'planned':1,'nodes_in':['T1'],'nodes_out':['T2']}"},
    {"incident.crew", "{'incident':1,'tier':'inspection','state':'en_route','crew':'ОВБ-1',"
                      "'reason':'x'}"},
    {"incident.partly_restored", "{'incident':1,'nodes':['T1'],'at':" TIME "}"},
    {"incident.partly_restored", "{'incident':1,'accounts':['A1']}"},
    {"incident.restored", "{'incident':1,'at':" TIME "}"},
    {"incident.verified", "{'incident':1,'reason':'x'}"},
    {"incident.reopened", "{'incident':1,'reason':'x'}"},
    {"incident.closed", "{'incident':1,'cause':'x','text':'x'}"},
    {"incident.cancelled", "{'incident':1,'reason':'customer_side'}"},
    {"eta.set", "{'incident':1,'at':" TIME ",'firmness':'not_before','source':'zone',"
                "'published':false,'reason':'x','say':'x'}"},
    {"eta.withdrawn", "{'incident':1,'reason':'x'}"},
    {"dispatch.accepted", "{'incident':1}"},
    {"dispatch.returned", "{'contact':'2026-000001','reason':'x'}"},
    {"dispatch.asked", "{'contact':'2026-000001','question':'x'}"},
    {"dispatch.replied", "{'contact':'2026-000001','answer':'x'}"},
    {"node.switched", "{'node':'T1','fed_from':'T2'}"},
    {"node.marked", "{'node':'T1','mark':'energised'}"},
    {"planned.announced",
     "{'node':'T1','accounts':['A1'],'starts':" TIME ",'ends':" TIME ",'spans':[{'starts':" TIME
     ",'ends':" TIME "}],'reason':'x','ref':'P-1','text':'x'}"},
    {"planned.changed", "{'planned':1,'accounts':['A1'],'ends':" TIME "}"},
    {"planned.started", "{'planned':1,'starts':" TIME "}"},
    {"planned.ended", "{'planned':1}"},
    {"planned.cancelled", "{'planned':1,'reason':'x'}"},
    {"mode.changed", "{'mode':'storm'}"},
    {"mode.message", "{'text':'x','until':" TIME "}"},
    {"log.entry", "{'text':'x','incident':1}"},
    {"shift.opened", "{'person':'Анна','desk':'north'}"},
    {"shift.handed_over", "{'desk':'north','to':'Пётр','text':'x'}"},
    {"approval.given", "{'of':'e-1'}"},
    {"approval.requested", "{'act':'incident.cancelled','by':'pult:user:anna','until':" TIME "}"},
    {"deadline.passed", "{'deadline':'first_eta','of':'incident/1','due':" TIME ",'ground':'x'}"},
    {"eta.needed", "{'contact':'2026-000001'}"},
    {"model.changed", "{'kind':'network','rows':10,"
                      "'sha256':'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',"
                      "'by':'pult:user:root'}"},
    {"rules.changed",
     "{'set':'storm',"
     "'sha256':'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}"},
    {"rights.changed",
     "{'by':'pult:busd',"
     "'sha256':'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'}"},
    {"personal.purged", "{'ground':'retention','count':3,'events':[[2,3],[7,7]]}"},
    {"personal.exported", "{'by':'pult:user:anna'}"},
    {"personal.held", "{'by':'pult:user:anna','reason':'x'}"},
    {"personal.released", "{'by':'pult:user:anna'}"},
    {"bus.heartbeat", "{'last':{'log.entry':'0000000000000042'}}"},
};

static void every_type_accepts_what_the_contract_promises(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct err err = {0};

        if (check(examples[i].type, examples[i].data, &err) != ERR_OK)
            fail_msg("%s: %s %s", examples[i].type, err.path, err.message[LANGUAGE_EN]);
    }
}

static void every_file_has_an_example_and_every_engine_type_a_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < schemas_count(schemas); i++) {
        bool has_example = false;

        for (size_t k = 0; k < sizeof(examples) / sizeof(examples[0]); k++)
            has_example |= slice_is(schemas_at(schemas, i)->topic, examples[k].type);
        if (!has_example)
            fail_msg("%.*s has no example", (int)schemas_at(schemas, i)->topic.length,
                     schemas_at(schemas, i)->topic.data);
    }
    for (int type = 0; type < EVENT_OTHER; type++)
        assert_non_null(schemas_find(schemas, slice_of(event_topic((enum event_type)type))));
}

static void what_the_contract_does_not_know_is_refused(void **state)
{
    static const struct {
        const char *type, *data, *path;
    } refused[] = {
        {"log.entry", "{}", "/data"},
        {"log.entry", "{'text':'x','colour':'red'}", "/data/colour"},
        {"log.entry", "{'text':5}", "/data/text"},
        {"log.entry", "{'text':'x','incident':0}", "/data/incident"},
        {"log.entry", "{'text':'x','incident':'1'}", "/data/incident"},
        {"contact.outage_report", "{'applicant':'person','symptom':'no_power'}", "/data"},
        {"contact.outage_report",
         "{'applicant':'alien','premise':{'account':'A1'},"
         "'symptom':'no_power'}",
         "/data/applicant"},
        {"contact.outage_report", "{" CONTACT ",'symptom':'low'}", "/data/symptom"},
        {"contact.outage_report",
         "{'applicant':'person','premise':{'account':'A1','resolved':{'level':'none'}},"
         "'symptom':'no_power'}",
         "/data/premise/resolved"},
        {"contact.outage_report", "{" CONTACT ",'symptom':'no_power','reg_no':'2026-000001'}",
         "/data/reg_no"},
        {"contact.restoration_query", "{'applicant':'person'}", "/data"},
        {"incident.opened", "{'kind':'outage'}", "/data"},
        {"incident.opened", "{'kind':'planned','node':'T1'}", "/data/kind"},
        {"incident.opened", "{'kind':'outage','node':'T1','incident':5}", "/data/incident"},
        {"incident.updated", "{'incident':1}", "/data"},
        {"incident.cancelled", "{'incident':1,'reason':'bored'}", "/data/reason"},
        {"eta.set", "{'incident':1,'at':'tomorrow'}", "/data/at"},
        {"eta.set", "{'incident':1,'at':'2026-02-28T14:03:21'}", "/data/at"},
        {"eta.set", "{'incident':1,'at':" TIME ",'source':'rule'}", "/data/source"},
        {"incident.split", "{'incident':1,'contacts':[]}", "/data/contacts"},
        {"dispatch.asked", "{'contact':'17','question':'x'}", "/data/contact"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct err err = {0};

        if (check(refused[i].type, refused[i].data, &err) != ERR_INVALID)
            fail_msg("%s %s was accepted", refused[i].type, refused[i].data);
        if (strcmp(err.path, refused[i].path) != 0)
            fail_msg("%s %s: path %s, not %s", refused[i].type, refused[i].data, err.path,
                     refused[i].path);
        assert_true(err.message[LANGUAGE_EN][0] && err.message[LANGUAGE_RU][0]);
    }
}

static void note(void *context, const char *pointer, const struct json *value)
{
    (void)value;
    buf_printf(context, "%s ", pointer);
}

static void assert_marked(enum schema_mark mark, const char *type, const char *text,
                          const char *wanted)
{
    struct json_doc *doc = json_doc_new();
    struct buf found = {0};
    char *json = mem_string(text);
    struct err err = {0};

    for (char *quote = json; (quote = strchr(quote, '\''));)
        *quote = '"';
    schema_marked(schemas_find(schemas, slice_of(type))->schema, mark,
                  json_parse(doc, json, strlen(json), JSON_DEPTH_DEFAULT, &err), note, &found);
    assert_string_equal(buf_text(&found), wanted);
    free(json);
    buf_fini(&found);
    json_doc_free(doc);
}

static void personal_fields_are_marked(void **state)
{
    (void)state;
    assert_marked(SCHEMA_PERSONAL, "contact.outage_report", "{" CONTACT ",'symptom':'no_power'}",
                  "/premise/account /premise/flat /premise/text /caller /text ");
    assert_marked(SCHEMA_PERSONAL, "contact.restoration_query", "{" CONTACT "}",
                  "/premise/account /premise/flat /premise/text /caller /text ");
    assert_marked(SCHEMA_PERSONAL, "incident.opened",
                  "{'kind':'outage','premise':" PREMISE ",'accounts':['A1'],'text':'x'}",
                  "/premise/account /premise/flat /premise/text ");
    assert_marked(SCHEMA_PERSONAL, "incident.updated", "{'incident':1,'accounts_add':['A1']}", "");
}

static void free_text_is_marked(void **state)
{
    (void)state;
    assert_marked(SCHEMA_FREE_TEXT, "log.entry", "{'text':'x','incident':1}", "/text ");
    assert_marked(SCHEMA_FREE_TEXT, "incident.opened", "{'kind':'outage','node':'T','text':'x'}",
                  "/text ");
    assert_marked(SCHEMA_FREE_TEXT, "incident.updated",
                  "{'incident':1,'public_text':'x','text':'y','cause':'z'}", "/public_text /text ");
    assert_marked(SCHEMA_FREE_TEXT, "eta.set", "{'incident':1,'reason':'x','say':'y'}",
                  "/reason /say ");
    assert_marked(SCHEMA_FREE_TEXT, "dispatch.asked", "{'contact':'1','question':'x'}",
                  "/question ");
    assert_marked(SCHEMA_FREE_TEXT, "dispatch.replied", "{'contact':'1','answer':'x'}", "/answer ");
    assert_marked(SCHEMA_FREE_TEXT, "mode.message", "{'text':'x'}", "/text ");
}

static void no_property_called_like_free_text_is_left_unmarked(void **state)
{
    static const char *const names[] = {"text",        "reason",   "say",
                                        "public_text", "question", "answer"};
    DIR *directory = opendir("schemas");
    struct dirent *file;

    (void)state;
    assert_non_null(directory);
    while ((file = readdir(directory))) {
        struct json_doc *doc = json_doc_new();
        struct err err = {0};
        char path[300];
        const struct json *properties;

        snprintf(path, sizeof(path), "schemas/%s", file->d_name);
        const char *end = strstr(file->d_name, ".yaml");
        const struct json *tree = end && !end[5] ? yaml_read(doc, path, &err) : NULL;
        properties = json_get(tree, "properties");
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            const struct json *property = json_get(properties, names[i]);

            if (property && !json_bool(json_get(property, "x-free-text"), false) &&
                !json_bool(json_get(property, "x-personal"), false))
                fail_msg("%s: %s is marked neither free text nor personal", path, names[i]);
        }
        json_doc_free(doc);
    }
    closedir(directory);
}

static void what_only_the_broker_says_is_marked_so(void **state)
{
    static const char *const broker[] = {
        "approval.requested", "deadline.passed",   "eta.needed",       "model.changed",
        "rules.changed",      "bus.heartbeat",     "personal.purged",  "personal.exported",
        "personal.held",      "personal.released", "incident.grouped", "rights.changed",
        "incident.switched",  "planned.switched"};
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < schemas_count(schemas); i++)
        count += schemas_at(schemas, i)->broker;
    assert_int_equal(count, sizeof(broker) / sizeof(broker[0]));
    for (size_t i = 0; i < count; i++)
        assert_true(schemas_find(schemas, slice_of(broker[i]))->broker);
}

// The words of the struct that the engine reads and those of the schemas are the same.
static void words_of_fields_are_the_words_of_the_schemas(void **state)
{
    static const struct {
        enum event_field field;
        const char *type, *data;
    } fields[] = {
        {EVENT_FIELD_applicant, "contact.restoration_query", "{'incident':1,'applicant':'%s'}"},
        {EVENT_FIELD_extent, "contact.outage_report",
         "{'applicant':'person','premise':{'node':'T'},'symptom':'partial','extent':'%s'}"},
        {EVENT_FIELD_hazard, "contact.outage_report",
         "{'applicant':'person','premise':{'node':'T'},'symptom':'partial','hazard':'%s'}"},
        {EVENT_FIELD_critical, "contact.outage_report",
         "{'applicant':'person','premise':{'node':'T'},'symptom':'partial','critical':'%s'}"},
        {EVENT_FIELD_tier, "incident.crew", "{'incident':1,'state':'done','tier':'%s'}"},
        {EVENT_FIELD_state, "incident.crew", "{'incident':1,'tier':'repair','state':'%s'}"},
        {EVENT_FIELD_firmness, "eta.set", "{'incident':1,'at':" TIME ",'firmness':'%s'}"},
        {EVENT_FIELD_mode, "mode.changed", "{'mode':'%s'}"},
        {EVENT_FIELD_mark, "node.marked", "{'node':'T1','mark':'%s'}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *word;

        for (int index = 0; (word = event_word(fields[i].field, index)); index++) {
            const char *gap = strstr(fields[i].data, "%s");
            struct buf data = {0};
            struct err err = {0};

            buf_add(&data, fields[i].data, (size_t)(gap - fields[i].data));
            buf_printf(&data, "%s%s", word, gap + 2);
            if (check(fields[i].type, buf_text(&data), &err) != ERR_OK)
                fail_msg("%s refuses %s: %s", fields[i].type, word, err.message[LANGUAGE_EN]);
            buf_fini(&data);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_accepts_what_the_contract_promises),
        cmocka_unit_test(every_file_has_an_example_and_every_engine_type_a_file),
        cmocka_unit_test(what_the_contract_does_not_know_is_refused),
        cmocka_unit_test(personal_fields_are_marked),
        cmocka_unit_test(free_text_is_marked),
        cmocka_unit_test(no_property_called_like_free_text_is_left_unmarked),
        cmocka_unit_test(what_only_the_broker_says_is_marked_so),
        cmocka_unit_test(words_of_fields_are_the_words_of_the_schemas),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
