#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_model.h"
#include "busd/engine_record.h"

static void add_node(struct model *model, const char *id, const char *parent)
{
    model_add_node(model, &(struct model_node){.id = slice_of(id)}, slice_of(parent));
}

static void an_unknown_parent_is_named(void **state)
{
    struct model *model = model_new();
    struct slice culprit;

    (void)state;
    add_node(model, "S", "");
    add_node(model, "T", "F");
    assert_false(model_finish(model, &culprit));
    assert_true(slice_is(culprit, "T"));
    model_free(model);
}

static void a_cycle_is_named(void **state)
{
    struct model *model = model_new();
    struct slice culprit;

    (void)state;
    add_node(model, "S", "");
    add_node(model, "A", "C");
    add_node(model, "B", "A");
    add_node(model, "C", "B");
    assert_false(model_finish(model, &culprit));
    assert_true(slice_is(culprit, "A"));
    model_free(model);
}

static void an_empty_model_finds_nothing(void **state)
{
    struct model *model = model_new();
    struct slice culprit;
    size_t count;

    (void)state;
    assert_int_equal(model_find_node(model, slice_of("S")), MODEL_NO_NODE);
    assert_true(model_finish(model, &culprit));
    assert_int_equal(model_node_count(model) + model_premise_count(model), 0);
    assert_null(model_premise(model, 1));
    assert_null(model_find_account(model, slice_of("")));
    model_premises_of(model, MODEL_HOUSE, 1, &count);
    assert_int_equal(count, 0);
    model_free(model);
}

enum { NODES = 400, PREMISES = 3000 };

static bool is_below(const struct model *model, int32_t node, int32_t above)
{
    for (; node != MODEL_NO_NODE; node = model_node(model, node)->parent) {
        if (node == above)
            return true;
    }
    return false;
}

// A random forest, deep in places, parents often after their children; every answer is compared
// with one worked out by walking parents and scanning premises.
static struct model *random_model(unsigned seed)
{
    struct model *model = model_new();
    struct slice culprit;
    char id[16], parent[16];

    srand(seed);
    for (int i = 0; i < NODES; i++) {
        int above = i + 1 + rand() % 8; // a higher number: added later

        snprintf(id, sizeof(id), "n%d", i);
        snprintf(parent, sizeof(parent), "n%d", above);
        add_node(model, id, above < NODES && rand() % 50 ? parent : "");
        assert_int_equal(model_find_node(model, slice_of(id)), i);
    }
    for (int i = 1; i <= PREMISES; i++) {
        snprintf(id, sizeof(id), "acc%d", i);
        model_add_premise(
            model, &(struct model_premise){.key = i * 7,
                                           .account = slice_of(id),
                                           .node = rand() % 20 ? rand() % NODES : MODEL_NO_NODE,
                                           .house = (i - i % 4) * 7 + 7,
                                           .street = rand() % 9 + 1,
                                           .settlement = rand() % 2 + 1,
                                           .reliability = (uint8_t)(rand() % 4),
                                           .critical = rand() % 30 == 0});
    }
    assert_true(model_finish(model, &culprit));
    return model;
}

static void premises_below_a_node_are_one_run(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct model *model = random_model(seed);

        for (int32_t node = 0; node < NODES; node++) {
            size_t count = 0, wanted = 0, critical = 0, categories[4] = {0}; // the last: none
            const struct model_premise *run = model_premises_below(model, node, &count);

            for (uint32_t i = 0; i < PREMISES; i++) {
                const struct model_premise *premise = model_premise_at(model, i);

                if (premise->node == MODEL_NO_NODE || !is_below(model, premise->node, node))
                    continue;
                wanted++;
                critical += premise->critical;
                categories[(premise->reliability + 3) % 4]++;
                assert_true(premise >= run && premise < run + count);
            }
            assert_int_equal(count, wanted);
            struct model_census census = model_census_below(model, node);
            assert_int_equal(census.premises, wanted);
            assert_int_equal(census.critical, critical);
            for (int category = 0; category < 3; category++)
                assert_int_equal(census.categories[category], categories[category]);
        }
        model_free(model);
    }
}

static void below_is_what_walking_up_says(void **state)
{
    struct model *model = random_model(7);

    (void)state;
    for (int32_t node = 0; node < NODES; node++) {
        for (int32_t above = 0; above < NODES; above++)
            assert_int_equal(model_is_below(model, node, above), is_below(model, node, above));
    }
    model_free(model);
}

static void premises_are_found_by_key_account_and_place(void **state)
{
    struct model *model = random_model(9);
    char id[16];

    (void)state;
    for (int i = 1; i <= PREMISES; i++) {
        snprintf(id, sizeof(id), "acc%d", i);
        const struct model_premise *premise = model_find_account(model, slice_of(id));

        assert_int_equal(premise->key, i * 7);
        assert_ptr_equal(model_premise(model, i * 7), premise);
        assert_ptr_equal(model_premise_at(model, model_premise_position(model, premise)), premise);
        assert_null(model_premise(model, i * 7 + 1));
    }
    assert_null(model_find_account(model, slice_of("acc0")));
    for (int64_t street = 0; street <= 10; street++) {
        size_t count, wanted = 0;
        const uint32_t *positions = model_premises_of(model, MODEL_STREET, street, &count);

        for (uint32_t i = 0; i < PREMISES; i++)
            wanted += model_premise_at(model, i)->street == street;
        assert_int_equal(count, wanted);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(model_premise_at(model, positions[i])->street, street);
    }
    model_free(model);
}

// The records' tables: what store and queries rely on.
static void every_table_begins_with_its_key_and_names_each_column_once(void **state)
{
    (void)state;
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        const struct record_table *table = &record_tables[type];

        assert_int_equal(table->keys, 1);
        assert_int_equal(table->fields[0].offset, 0);
        for (size_t i = 0; i < table->count; i++) {
            assert_true(table->fields[i].offset < table->size);
            assert_int_equal(table->fields[i].kind == RECORD_WORD, table->fields[i].words != NULL);
            for (size_t k = 0; k < i; k++) {
                assert_string_not_equal(table->fields[i].column, table->fields[k].column);
                assert_int_not_equal(table->fields[i].offset, table->fields[k].offset);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_parent_is_named),
        cmocka_unit_test(a_cycle_is_named),
        cmocka_unit_test(an_empty_model_finds_nothing),
        cmocka_unit_test(premises_below_a_node_are_one_run),
        cmocka_unit_test(below_is_what_walking_up_says),
        cmocka_unit_test(premises_are_found_by_key_account_and_place),
        cmocka_unit_test(every_table_begins_with_its_key_and_names_each_column_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
