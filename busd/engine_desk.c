// What the dispatcher says of contacts and nodes, and notes.
#include "busd/engine_predict.h"
#include "lib/mem.h"

#include <stdlib.h>

// Contacts: returned, asked about, replied to.

DECIDE(dispatch)
{
    struct slice reg_no = EVENT_VALUE(event, contact)->text;

    (void)moment, (void)decision;
    return engine_contact(engine, reg_no) ? ERR_OK : engine_no_contact(reg_no, "contact", err);
}

APPLY(dispatch)
{
    struct contact *contact = engine_edit_contact(engine, EVENT_VALUE(event, contact)->text);

    if (!contact)
        return;
    switch (event->type) {
    case EVENT_DISPATCH_RETURNED:
        contact->dispatch = DISPATCH_RETURNED;
        engine_replace_text(&contact->returned_reason, event, EVENT_FIELD_reason);
        engine_predict_release(engine, contact);
        break;
    case EVENT_DISPATCH_ASKED:
        contact->dispatch = DISPATCH_ASKED;
        engine_replace_text(&contact->question, event, EVENT_FIELD_question);
        break;
    default: contact->dispatch = DISPATCH_REPLIED; break;
    }
    contact->version = event->sequence;
}

// Nodes.

struct slice engine_feeding(const struct engine *engine, struct slice node)
{
    const struct engine_entry *entry = engine_find_text(engine, RECORD_NODE_STATE, node);
    int32_t at = engine->model ? model_find_node(engine->model, node) : MODEL_NO_NODE;

    if (entry && entry->record.node_state.fed_from)
        return slice_of(entry->record.node_state.fed_from);
    at = at == MODEL_NO_NODE ? at : model_node(engine->model, at)->parent;
    return at == MODEL_NO_NODE ? (struct slice){0} : model_node(engine->model, at)->id;
}

// Whether `node` would feed itself, directly or through others, when fed from `from`. Walking up ends
// at the top, for no switching that makes a cycle was ever let through; an import may have made one
// since, which the bound ends.
static bool closes_cycle(const struct engine *engine, struct slice node, struct slice from)
{
    size_t bound = engine->records[RECORD_NODE_STATE].count +
                   (engine->model ? model_node_count(engine->model) : 0) + 1;

    for (; from.length && bound > 0; bound--) {
        if (slice_equal(from, node))
            return true;
        from = engine_feeding(engine, from);
    }
    return from.length != 0;
}

static enum err_code refuse_cycle(const struct event *event, struct err *err)
{
    struct slice node = EVENT_VALUE(event, node)->text, from = EVENT_VALUE(event, fed_from)->text;
    enum err_code code = err_set(
        err, ERR_CONFLICT, "cycle",
        "node \"%.*s\" feeds \"%.*s\", so it cannot be fed from there; switch that one first",
        "узел «%.*s» сам питает «%.*s», поэтому не может быть запитан от него; сначала "
        "переключите тот",
        (int)node.length, node.data, (int)from.length, from.data);

    err_set_path(err, "/data/fed_from");
    return code;
}

DECIDE(node)
{
    enum err_code code = engine_check_node(engine, event, EVENT_FIELD_node, err);

    (void)moment;
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_fed_from, err);
    if (code == ERR_OK && EVENT_HAS(event, fed_from) &&
        slice_equal(EVENT_VALUE(event, fed_from)->text, EVENT_VALUE(event, node)->text)) {
        code = err_set(err, ERR_INVALID, "fed_from",
                       "a node cannot be fed from itself; name the node that feeds it",
                       "узел не может быть запитан от самого себя; укажите, от какого");
        err_set_path(err, "/data/fed_from");
    } else if (code == ERR_OK && EVENT_HAS(event, fed_from) &&
               closes_cycle(engine, EVENT_VALUE(event, node)->text,
                            EVENT_VALUE(event, fed_from)->text)) {
        code = refuse_cycle(event, err);
    }
    if (code == ERR_OK && event->type == EVENT_NODE_SWITCHED)
        engine_follow_switch(engine, event, decision);
    return code;
}

APPLY(node)
{
    struct slice node = EVENT_VALUE(event, node)->text;
    struct engine_entry *entry = engine_find_text(engine, RECORD_NODE_STATE, node);
    struct node_state *state;

    if (!entry)
        entry = engine_add_text(engine, RECORD_NODE_STATE, node);
    engine_touch(engine, entry);
    state = &entry->record.node_state;
    if (event->type == EVENT_NODE_MARKED) {
        state->mark = (int)EVENT_VALUE(event, mark)->integer;
    } else {
        free(state->fed_from);
        state->fed_from = engine_text_of(event, EVENT_FIELD_fed_from);
        engine_etas_retime(engine);
    }
    state->version = event->sequence;
}

// Notes.

DECIDE(log)
{
    const struct incident *incident;

    (void)moment, (void)decision;
    return EVENT_HAS(event, incident) ? engine_check_incident(engine, event, &incident, err)
                                      : ERR_OK;
}
