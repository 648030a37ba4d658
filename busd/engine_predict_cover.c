// What an incident or planned works cover, told to the group (engine_predict.h).
#include "busd/engine_predict.h"

#include "lib/mem.h"

static void touch_premise(struct predict *predict, uint32_t position)
{
    engine_predict_touch(
        predict, (struct predict_touch){group_home(predict->group, position), position, 1, false});
}

static void touch_node(struct predict *predict, int32_t node)
{
    size_t count;
    const struct model_premise *below = model_premises_below(predict->model, node, &count);

    engine_predict_touch(
        predict, (struct predict_touch){group_home_of_node(predict->group, node),
                                        count ? model_premise_position(predict->model, below) : 0,
                                        (uint32_t)count, false});
}

static void cover_premise(struct predict *predict, struct predict_state *state, uint32_t position)
{
    if (group_home(predict->group, position) == GROUP_NO_CLASS)
        return;
    mem_grow((void **)&state->premises, state->premise_count, &state->premise_capacity,
             sizeof(*state->premises));
    state->premises[state->premise_count++] = position;
    group_cover_premise(predict->group, position);
    touch_premise(predict, position);
}

static void cover_node(struct predict *predict, struct predict_state *state, int32_t node)
{
    mem_grow((void **)&state->nodes, state->node_count, &state->node_capacity,
             sizeof(*state->nodes));
    state->nodes[state->node_count++] = node;
    group_cover(predict->group, node);
    touch_node(predict, node);
}

void engine_predict_cover(struct predict *predict, struct predict_state *state,
                          const struct cover *cover)
{
    size_t count = 0;

    if (cover->level == COVER_NODE) {
        int32_t node = model_find_node(predict->model, slice_of(cover->node));

        // What is switched is where it is fed from in the group's own tree.
        if (node != MODEL_NO_NODE && cover->part < COVER_JOINED)
            cover_node(predict, state, node);
    } else if (cover->level == COVER_PREMISE) {
        const struct model_premise *premise = model_premise(predict->model, cover->key);

        if (premise)
            cover_premise(predict, state, model_premise_position(predict->model, premise));
    } else if (cover->level != COVER_SETTLEMENT) { // which says nothing of any premise
        const uint32_t *positions = model_premises_of(
            predict->model, cover->level == COVER_HOUSE ? MODEL_HOUSE : MODEL_STREET, cover->key,
            &count);

        for (size_t i = 0; i < count; i++)
            cover_premise(predict, state, positions[i]);
    }
}

void engine_predict_uncover(struct predict *predict, struct predict_state *state)
{
    for (size_t i = 0; i < state->node_count; i++) {
        group_uncover(predict->group, state->nodes[i]);
        touch_node(predict, state->nodes[i]);
    }
    for (size_t i = 0; i < state->premise_count; i++) {
        group_uncover_premise(predict->group, state->premises[i]);
        touch_premise(predict, state->premises[i]);
    }
    state->node_count = state->premise_count = 0;
}
