// Where a reported premise lies: by account, else by its address, never by a guess.
#include "busd/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

// Premises 1-4: Садовая 1 flat 1, 2 on T1; Садовая 3 on T1; Луговая 5 flat 1 on T2 (4) and 2 on no
// node (5); 6 has an account alone.
static const struct {
    int64_t key;
    const char *account, *street, *house, *flat, *node;
    int64_t house_key, street_key, settlement_key;
} premises[] = {
    {1, "A1", "ул. Садовая", "1", "1", "T1", 1, 1, 1},
    {2, "A2", "ул. Садовая", "1", "2", "T1", 1, 1, 1},
    {3, "A3", "ул. Садовая", "3", NULL, "T1", 3, 1, 1},
    {4, "A4", "ул. Луговая", "5", "1", "T2", 4, 4, 1},
    {5, "A5", "ул. Луговая", "5", "2", NULL, 4, 4, 1},
    {6, "SW1A 1AA", NULL, NULL, NULL, NULL, 0, 0, 0},
};

static struct network *make_network(void)
{
    struct model *model = model_new();
    struct address_index *address = address_index_new();
    struct slice culprit;

    model_add_node(model, &(struct model_node){.id = slice_of("F1")}, (struct slice){0});
    model_add_node(model, &(struct model_node){.id = slice_of("T1")}, slice_of("F1"));
    model_add_node(model, &(struct model_node){.id = slice_of("T2")}, slice_of("F1"));
    for (size_t i = 0; i < sizeof premises / sizeof *premises; i++) {
        int32_t node =
            premises[i].node ? model_find_node(model, slice_of(premises[i].node)) : MODEL_NO_NODE;

        model_add_premise(model, &(struct model_premise){.key = premises[i].key,
                                                         .account = slice_of(premises[i].account),
                                                         .node = node,
                                                         .house = premises[i].house_key,
                                                         .street = premises[i].street_key,
                                                         .settlement = premises[i].settlement_key});
        address_index_add(address, &(struct address_place){
                                       .premise = premises[i].key,
                                       .settlement = premises[i].street ? "г. Зареченск" : NULL,
                                       .street = premises[i].street,
                                       .house = premises[i].house,
                                       .flat = premises[i].flat});
    }
    assert_true(model_finish(model, &culprit));
    address_index_finish(address);
    return network_new(model, address);
}

struct expected {
    const char *json;
    enum event_place_level level;
    int64_t premise, house, street;
    const char *node;
};

static void resolves(const struct network *network, const struct expected *expected)
{
    struct json_doc *doc = json_doc_new();
    struct event_place place;
    struct err err;
    const struct json *premise;

    err_clear(&err);
    premise = json_parse(doc, expected->json, strlen(expected->json), JSON_DEPTH_DEFAULT, &err);
    assert_non_null(premise);
    assert_int_equal(place_resolve(network, premise, &place, &err), ERR_OK);
    if (place.level != expected->level || place.premise != expected->premise ||
        place.house != expected->house || place.street != expected->street ||
        !slice_is(place.node, expected->node ? expected->node : ""))
        fail_msg("%s gives level %d premise %d house %d street %d node %.*s", expected->json,
                 place.level, (int)place.premise, (int)place.house, (int)place.street,
                 (int)place.node.length, place.node.data ? place.node.data : "");
    json_doc_free(doc);
}

static void a_premise_is_found_by_account_or_address(void **state)
{
    static const struct expected cases[] = {
        {"{\"account\":\"A2\"}", PLACE_PREMISE, 2, 1, 1, "T1"},
        {"{\"account\":\"SW1A 1AA\"}", PLACE_PREMISE, 6, 0, 0, NULL},
        {"{\"account\":\"A2\",\"street\":\"Луговая\",\"house\":\"5\"}", PLACE_PREMISE, 2, 1, 1,
         "T1"},
        {"{\"street\":\"садовая улица\",\"house\":\"1\",\"flat\":\"2\"}", PLACE_PREMISE, 2, 1, 1,
         "T1"},
        {"{\"street\":\"Садовая\",\"house\":\"1\"}", PLACE_HOUSE, 0, 1, 1, "T1"},
        // The only premise of its house.
        {"{\"street\":\"Садовая\",\"house\":\"3\"}", PLACE_PREMISE, 3, 3, 1, "T1"},
        // Two nodes feed the house: which one, nobody knows.
        {"{\"street\":\"Луговая\",\"house\":\"5\"}", PLACE_HOUSE, 0, 4, 4, NULL},
        {"{\"street\":\"Садовая\",\"house\":\"77\"}", PLACE_STREET, 0, 0, 1, NULL},
        {"{\"settlement\":\"Зареченск\"}", PLACE_SETTLEMENT, 0, 0, 0, NULL},
    };
    struct network *network = make_network();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        resolves(network, &cases[i]);
    network_release(network);
}

static void what_is_not_known_is_no_fault(void **state)
{
    static const struct expected cases[] = {
        {"{}", PLACE_NONE, 0, 0, 0, NULL},
        {"{\"account\":\"nobody\"}", PLACE_NONE, 0, 0, 0, NULL},
        {"{\"account\":\"nobody\",\"street\":\"Садовая\",\"house\":\"3\"}", PLACE_PREMISE, 3, 3, 1,
         "T1"},
        {"{\"street\":\"Никакая\",\"house\":\"1\"}", PLACE_NONE, 0, 0, 0, NULL},
        {"{\"text\":\"у реки за мостом\"}", PLACE_NONE, 0, 0, 0, NULL},
        {"{\"text\":\"у реки\",\"node\":\"T2\"}", PLACE_NONE, 0, 0, 0, "T2"},
        // The premises table knows better where a premise hangs than who reports it.
        {"{\"account\":\"A1\",\"node\":\"T2\"}", PLACE_PREMISE, 1, 1, 1, "T1"},
    };
    struct network *network = make_network();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        resolves(network, &cases[i]);
    network_release(network);
}

static void a_node_that_the_network_does_not_have_is_not_found(void **state)
{
    static const char text[] = "{\"account\":\"A1\",\"node\":\"T9\"}";
    struct network *network = make_network();
    struct json_doc *doc = json_doc_new();
    struct event_place place;
    struct err err;

    (void)state;
    err_clear(&err);
    assert_int_equal(place_resolve(network,
                                   json_parse(doc, text, strlen(text), JSON_DEPTH_DEFAULT, &err),
                                   &place, &err),
                     ERR_NOT_FOUND);
    assert_string_equal(err.path, "/data/premise/node");
    json_doc_free(doc);
    network_release(network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_premise_is_found_by_account_or_address),
        cmocka_unit_test(what_is_not_known_is_no_fault),
        cmocka_unit_test(a_node_that_the_network_does_not_have_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
