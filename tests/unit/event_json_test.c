// The envelope that a client may send, the stored one, and the fields of data both ways.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/mem.h"

static struct json_doc *doc;
static char *const extensions[] = {(char[]){"traceparent"}, NULL};

static int set_up(void **state)
{
    (void)state;
    doc = json_doc_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_doc_free(doc);
    return 0;
}

static struct json *parse(const char *text)
{
    char *copy = mem_string(text);
    struct err err = {0};

    for (char *quote = copy; (quote = strchr(quote, '\''));)
        *quote = '"';
    struct json *json = json_parse(doc, copy, strlen(copy), JSON_DEPTH_DEFAULT, &err);
    if (!json)
        print_error("%s: %s\n", copy, err.message[LANGUAGE_EN]);
    free(copy);
    assert_non_null(json);
    return json;
}

static void a_proposal_is_read(void **state)
{
    struct event event;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        event_read_proposal(&event,
                            parse("{'specversion':'1.0','id':'e-1','type':'eta.set',"
                                  "'time':'2026-02-28T12:00:00+03:00','subject':'incident/7',"
                                  "'traceparent':'00-x','data':{'incident':7,"
                                  "'at':'2026-02-28T10:00:00Z','source':'crew','published':false,"
                                  "'reason':'x'}}"),
                            doc, extensions, &err),
        ERR_OK);
    assert_int_equal(event.type, EVENT_ETA_SET);
    assert_true(slice_is(event.id, "e-1"));
    assert_int_equal(event.time_ms, INT64_C(1772269200000));
    assert_int_equal(EVENT_VALUE(&event, incident)->integer, 7);
    assert_int_equal(EVENT_VALUE(&event, at)->integer, INT64_C(1772272800000));
    assert_int_equal(EVENT_VALUE(&event, source)->integer, 1);
    assert_true(EVENT_HAS(&event, published));
    assert_int_equal(EVENT_VALUE(&event, published)->integer, 0);
    assert_true(event.decided == 0);
}

static void what_a_client_may_not_send_is_refused_by_name(void **state)
{
    static const struct {
        const char *text, *path;
    } refused[] = {
        {"[]", ""},
        {"{'id':'1','type':'log.entry','data':{}}", "/specversion"},
        {"{'specversion':'1.0','type':'log.entry','data':{}}", "/id"},
        {"{'specversion':'1.0','id':'1','data':{}}", "/type"},
        {"{'specversion':'1.0','id':'1','type':'log.entry'}", "/data"},
        {"{'specversion':'0.3','id':'1','type':'log.entry','data':{}}", "/specversion"},
        {"{'specversion':'1.0','id':'','type':'log.entry','data':{}}", "/id"},
        {"{'specversion':'1.0','id':5,'type':'log.entry','data':{}}", "/id"},
        {"{'specversion':'1.0','id':'a\\u0007b','type':'log.entry','data':{}}", "/id"},
        {"{'specversion':'1.0','id':'1','type':'Log Entry','data':{}}", "/type"},
        {"{'specversion':'1.0','id':'1','type':'.log','data':{}}", "/type"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':[]}", "/data"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':{},'time':'now'}", "/time"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':{},'subject':''}", "/subject"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':{},'traceparent':1}",
         "/traceparent"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':{},'colour':'red'}", "/colour"},
        {"{'specversion':'1.0','id':'1','type':'log.entry','data':{'incident':'7'}}",
         "/data/incident"},
        {"{'specversion':'1.0','id':'1','type':'eta.set','data':{'at':'2026-13-01T00:00:00Z'}}",
         "/data/at"},
        {"{'specversion':'1.0','id':'1','type':'eta.set','data':{'published':1}}",
         "/data/published"},
        {"{'specversion':'1.0','id':'1','type':'incident.split','data':{'contacts':[1]}}",
         "/data/contacts"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct event event;
        struct err err = {0};

        if (event_read_proposal(&event, parse(refused[i].text), doc, extensions, &err) !=
            ERR_INVALID)
            fail_msg("accepted: %s", refused[i].text);
        if (strcmp(err.path, refused[i].path) != 0)
            fail_msg("%s: path %s, not %s", refused[i].text, err.path, refused[i].path);
        assert_true(err.message[LANGUAGE_EN][0] && err.message[LANGUAGE_RU][0]);
        assert_string_not_equal(err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
    }
}

static void what_the_broker_sets_is_refused_from_clients(void **state)
{
    (void)state;
    for (int i = 0; event_broker_attributes[i]; i++) {
        struct event event;
        struct err err = {0};
        struct json *tree =
            parse("{'specversion':'1.0','id':'1','type':'log.entry','data':{'text':'x'}}");

        json_set(doc, tree, event_broker_attributes[i], json_new_string(doc, slice_of("x")));
        assert_int_equal(event_read_proposal(&event, tree, doc, extensions, &err), ERR_INVALID);
        assert_non_null(strstr(err.message[LANGUAGE_EN], "is set by the broker"));
        assert_string_equal(err.path + 1, event_broker_attributes[i]);
    }
}

static void a_companys_own_type_may_use_our_names_for_anything(void **state)
{
    struct event event;
    struct err err = {0};

    (void)state;
    assert_int_equal(event_read_proposal(&event,
                                         parse("{'specversion':'1.0','id':'1','type':'x.me.ping',"
                                               "'data':{'incident':'none','at':[]}}"),
                                         doc, extensions, &err),
                     ERR_OK);
    assert_int_equal(event.type, EVENT_OTHER);
    assert_true(slice_is(event.topic, "x.me.ping"));
    assert_true(event.has == 0);
}

static void a_word_of_a_later_version_is_passed_over(void **state)
{
    struct event event = {.type = EVENT_CONTACT_OUTAGE_REPORT};
    struct err err = {0};

    (void)state;
    assert_int_equal(
        event_read_data(&event, parse("{'symptom':'humming','callback':true}"), doc, &err), ERR_OK);
    assert_false(EVENT_HAS(&event, symptom));
    assert_true(EVENT_HAS(&event, callback));
}

static void a_stored_event_is_read(void **state)
{
    static const char *const broken[] = {
        "{}",
        "{'id':'1','source':'s','type':'log.entry','sequence':'42','time':'2026-02-28T12:00:00Z',"
        "'recordedtime':'2026-02-28T12:00:01Z','data':{}}",
        "{'id':'1','source':'s','type':'log.entry','sequence':'0000000000000042',"
        "'time':'2026-02-28T12:00:00Z','data':{}}",
    };
    struct event event;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        event_read_stored(&event,
                          parse("{'id':'1','source':'pult:busd','causationid':'c','type':"
                                "'log.entry','sequence':'0000000000000042','time':"
                                "'2026-02-28T12:00:00Z','recordedtime':'2026-02-28T12:00:01Z',"
                                "'data':{'text':'x'}}"),
                          doc, &err),
        ERR_OK);
    assert_int_equal(event.sequence, 42);
    assert_int_equal(event.recorded_ms - event.time_ms, 1000);
    assert_true(slice_is(event.source, "pult:busd") && slice_is(event.cause_id, "c"));
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        assert_int_equal(event_read_stored(&event, parse(broken[i]), doc, &err), ERR_INVALID);
}

// Every kind of field comes back as it was written.
static void fields_come_back_as_they_were_written(void **state)
{
    const char *text =
        "{'incident':7,'contacts':['2026-000001','2026-000002'],'kind':'quality',"
        "'places':[1,9007199254740991],'started':'2026-02-28T09:00:00.250Z',"
        "'spans':[{'starts':'2026-02-28T09:00:00Z','ends':'2026-02-28T10:00:00Z'},"
        "{'starts':'2026-02-28T11:00:00Z','ends':'2026-02-28T12:00:00Z'}],'published':true,"
        "'premise':{'settlement':'г. Зареченск','street':'ул. Садовая','house':'12','resolved':"
        "{'level':'house','node':'T1','house':3,'street':1,'settlement':1}}}";
    struct event event = {.type = EVENT_INCIDENT_OPENED}, again = {.type = EVENT_INCIDENT_OPENED};
    struct err err = {0};

    (void)state;
    assert_int_equal(event_read_data(&event, parse(text), doc, &err), ERR_OK);
    assert_int_equal(EVENT_VALUE(&event, premise)->place->level, PLACE_HOUSE);
    assert_true(slice_is(EVENT_VALUE(&event, premise)->place->street_text, "ул. Садовая"));
    assert_int_equal(EVENT_VALUE(&event, spans)->count, 4);
    struct json *data = json_new(doc, JSON_OBJECT);
    event_write_fields(&event, EVENT_ALL_BITS, doc, data);
    assert_int_equal(event_read_data(&again, data, doc, &err), ERR_OK);
    assert_true(again.has == event.has);
    struct json *twice = json_new(doc, JSON_OBJECT);
    event_write_fields(&again, EVENT_ALL_BITS, doc, twice);
    assert_true(json_equal(data, twice));
    assert_int_equal(EVENT_VALUE(&again, places)->integers[1], INT64_C(9007199254740991));
    assert_int_equal(EVENT_VALUE(&again, started)->integer, EVENT_VALUE(&event, started)->integer);
    assert_int_equal(EVENT_VALUE(&again, premise)->place->house, 3);
    assert_true(slice_is(EVENT_VALUE(&again, premise)->place->house_text, "12"));
}

static void only_the_fields_asked_for_are_written(void **state)
{
    struct json *data = parse("{'applicant':'person','premise':{'house':'12'},'extra':1}");
    struct event event = {.type = EVENT_CONTACT_OUTAGE_REPORT};
    struct event_place place = {.level = PLACE_PREMISE,
                                .premise = 5,
                                .node = slice_of("T1"),
                                .house_text = slice_of("never written over")};
    struct err err = {0};

    (void)state;
    assert_int_equal(event_read_data(&event, data, doc, &err), ERR_OK);
    event_set_text(&event, EVENT_FIELD_reg_no, slice_of("2026-000001"));
    event_set_place(&event, EVENT_FIELD_premise, &place);
    event_write_fields(&event, event.decided, doc, data);
    // Parsing drops the former tree, so the text is compared.
    struct buf out = {0};
    json_write(&out, data);
    assert_string_equal(buf_text(&out),
                        "{\"applicant\":\"person\",\"premise\":{\"house\":\"12\",\"resolved\":"
                        "{\"level\":\"premise\",\"node\":\"T1\",\"premise\":5}},\"extra\":1,"
                        "\"reg_no\":\"2026-000001\"}");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_proposal_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_client_may_not_send_is_refused_by_name, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_the_broker_sets_is_refused_from_clients, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_companys_own_type_may_use_our_names_for_anything, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_word_of_a_later_version_is_passed_over, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_stored_event_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_come_back_as_they_were_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_fields_asked_for_are_written, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
