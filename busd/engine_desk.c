// What the dispatcher says of contacts and nodes, the company's mode, and notes.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { MODE_KEY = 1 };

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
        contact->state = CONTACT_RETURNED;
        engine_replace_text(&contact->returned_reason, event, EVENT_FIELD_reason);
        break;
    case EVENT_DISPATCH_ASKED: contact->state = CONTACT_ASKED; break;
    default: contact->state = CONTACT_ANSWERED; break;
    }
    contact->version = event->sequence;
}

// Nodes.

DECIDE(node)
{
    enum err_code code = engine_check_node(engine, event, EVENT_FIELD_node, err);

    (void)moment, (void)decision;
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_fed_from, err);
    if (code == ERR_OK && EVENT_HAS(event, fed_from) &&
        slice_equal(EVENT_VALUE(event, fed_from)->text, EVENT_VALUE(event, node)->text)) {
        code = err_set(err, ERR_INVALID, "fed_from",
                       "a node cannot be fed from itself; name the node that feeds it",
                       "узел не может быть запитан от самого себя; укажите, от какого");
        err_set_path(err, "/data/fed_from");
    }
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
    }
    state->version = event->sequence;
}

// The mode, and the message for everybody.

APPLY(mode)
{
    struct engine_entry *entry = engine_find(engine, RECORD_MODE, MODE_KEY);
    struct mode *mode;

    if (!entry)
        entry = engine_add(engine, RECORD_MODE, MODE_KEY);
    engine_touch(engine, entry);
    mode = &entry->record.mode;
    if (event->type == EVENT_MODE_CHANGED) {
        mode->mode = (int)EVENT_VALUE(event, mode)->integer;
        mode->since = event->time_ms;
    } else {
        free(mode->message);
        mode->message = EVENT_VALUE(event, text)->text.length
                            ? engine_text_of(event, EVENT_FIELD_text)
                            : NULL; // an empty one takes it back
        mode->until = EVENT_HAS(event, until) ? EVENT_VALUE(event, until)->integer : 0;
    }
    mode->version = event->sequence;
}

// Notes.

DECIDE(log)
{
    const struct incident *incident;

    (void)moment, (void)decision;
    return EVENT_HAS(event, incident) ? engine_check_incident(engine, event, &incident, err)
                                      : ERR_OK;
}
