// Desks: which one an incident belongs to, who sits there, and that somebody must.
#include "busd/engine_desks.h"
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { DESKS_BYTES = 200 }; // of their ids in a sentence

void engine_set_desks(struct engine *engine, const struct engine_desks *desks)
{
    struct engine_entry *entry;

    engine->desks = desks; // and with them who is called, when nobody accepts
    for (size_t at = 0; (entry = engine_map_next(&engine->records[RECORD_INCIDENT], &at));)
        engine_retime(engine, entry);
}

// The desk that lists this node; `node` empty: the one that owns all the rest.
static const struct engine_desk *desk_listing(const struct engine_desks *desks, struct slice node)
{
    for (size_t i = 0; i < desks->count; i++) {
        char **own = desks->items[i].nodes;

        if (!*own && node.length == 0)
            return &desks->items[i];
        for (; *own; own++) {
            if (slice_is(node, *own))
                return &desks->items[i];
        }
    }
    return NULL;
}

static struct slice node_of_premise(const struct engine *engine, int64_t key)
{
    const struct model_premise *premise = engine->model ? model_premise(engine->model, key) : NULL;

    return premise && premise->node != MODEL_NO_NODE ? model_node(engine->model, premise->node)->id
                                                     : (struct slice){0};
}

// Where the incident is: its node, that of its place, or that of the first of its accounts.
static struct slice node_of_event(const struct engine *engine, const struct event *event)
{
    const struct event_value *places = EVENT_VALUE(event, places);

    if (EVENT_HAS(event, node))
        return EVENT_VALUE(event, node)->text;
    if (EVENT_HAS(event, premise))
        return EVENT_VALUE(event, premise)->place->node;
    return EVENT_HAS(event, places) && places->count > 0
               ? node_of_premise(engine, places->integers[0])
               : (struct slice){0};
}

const struct engine_desk *engine_desks_of(const struct engine_desks *desks, struct slice node,
                                          size_t bound, engine_desks_feeding *feeding,
                                          const void *context)
{
    const struct engine_desk *desk = NULL;

    for (; node.length && !desk && bound > 0; bound--) {
        desk = desk_listing(desks, node);
        if (!desk)
            node = feeding(context, node);
    }
    return desk ? desk : desk_listing(desks, (struct slice){0});
}

static struct slice feeding(const void *engine, struct slice node)
{
    return engine_feeding(engine, node);
}

static const struct engine_desk *desk_of(const struct engine *engine, struct slice node)
{
    size_t bound = engine->model ? model_node_count(engine->model) + 1 : 1;

    return engine_desks_of(engine->desks, node, bound, feeding, engine);
}

bool engine_is_silent(const struct engine *engine, struct slice node)
{
    if (!engine->desks || !engine->desks->any_silent)
        return false;
    const struct engine_desk *desk = desk_of(engine, node);
    return desk && desk->silent;
}

void engine_decide_desk(struct engine *engine, struct event *event)
{
    const struct engine_desk *desk;

    if (!engine->desks || engine->desks->count == 0)
        return;
    // Further places do not move it to another desk, nor does a grouping that leaves it where it is.
    if (event->type == EVENT_INCIDENT_UPDATED || event->type == EVENT_INCIDENT_MERGED ||
        (event->type == EVENT_INCIDENT_GROUPED && !EVENT_HAS(event, node) &&
         !EVENT_HAS(event, places)))
        return;
    desk = desk_of(engine, node_of_event(engine, event));
    if (desk)
        event_set_text(event, EVENT_FIELD_desk, slice_of(desk->desk));
}

// The incident that the event is about, by its number or by its contact's.
static const struct incident *incident_of(const struct engine *engine, const struct event *event)
{
    const struct contact *contact;

    if (EVENT_HAS(event, incident))
        return engine_incident(engine, EVENT_VALUE(event, incident)->integer);
    contact = EVENT_HAS(event, contact) ? engine_contact(engine, EVENT_VALUE(event, contact)->text)
                                        : NULL;
    return contact && contact->incident ? engine_incident(engine, contact->incident) : NULL;
}

// Where the works or the contact are that the event is about.
static struct slice node_of_record(const struct engine *engine, const struct event *event)
{
    const struct planned *planned =
        EVENT_HAS(event, planned) ? engine_planned(engine, EVENT_VALUE(event, planned)->integer)
                                  : NULL;
    const struct contact *contact = EVENT_HAS(event, contact)
                                        ? engine_contact(engine, EVENT_VALUE(event, contact)->text)
                                        : NULL;
    const struct cover *first = planned && planned->covers.count ? planned->covers.items : NULL;

    if (planned && planned->node)
        return slice_of(planned->node);
    if (contact && contact->node)
        return slice_of(contact->node);
    return node_of_premise(engine, contact                                  ? contact->premise
                                   : first && first->level == COVER_PREMISE ? first->key
                                                                            : 0);
}

struct slice engine_area_of(const struct engine *engine, const struct event *event)
{
    const struct incident *incident = incident_of(engine, event);
    const struct engine_desk *desk;
    struct slice node;

    if (EVENT_HAS(event, desk))
        return EVENT_VALUE(event, desk)->text;
    if (incident)
        return slice_of(incident->desk);
    if (!engine->desks || engine->desks->count == 0)
        return (struct slice){0};
    node = node_of_event(engine, event);
    desk = desk_of(engine, node.length ? node : node_of_record(engine, event));
    return slice_of(desk ? desk->desk : NULL);
}

const char *engine_sits_at(const struct engine *engine, struct slice desk)
{
    const struct engine_entry *entry =
        desk.length ? engine_find_text(engine, RECORD_DESK_STATE, desk) : NULL;

    return entry ? entry->record.desk_state.person : NULL;
}

static const struct engine_desk *desk_named(const struct engine *engine, const char *name)
{
    for (size_t i = 0; name && engine->desks && i < engine->desks->count; i++) {
        if (strcmp(engine->desks->items[i].desk, name) == 0)
            return &engine->desks->items[i];
    }
    return NULL;
}

const char *engine_next_desk(const struct engine *engine, const char *desk)
{
    const struct engine_desk *own = desk_named(engine, desk);

    return own ? own->next : NULL;
}

const char *engine_desk_senior(const struct engine *engine, const char *desk)
{
    const struct engine_desk *own = desk_named(engine, desk);

    return own ? own->senior : NULL;
}

struct desk_state *engine_edit_desk(struct engine *engine, struct slice name)
{
    struct engine_entry *entry = engine_find_text(engine, RECORD_DESK_STATE, name);

    if (!entry)
        entry = engine_add_text(engine, RECORD_DESK_STATE, name);
    engine_touch(engine, entry);
    return &entry->record.desk_state;
}

void engine_need_desk(struct engine *engine, const char *name, int64_t now_ms)
{
    const struct engine_entry *entry =
        name ? engine_find_text(engine, RECORD_DESK_STATE, slice_of(name)) : NULL;

    if (name &&
        (!entry || (!entry->record.desk_state.person && !entry->record.desk_state.needed_since)))
        engine_edit_desk(engine, slice_of(name))->needed_since = now_ms;
}

void engine_desk_alarmed(struct engine *engine, struct slice name)
{
    engine_edit_desk(engine, name)->alarmed = true;
}

// A desk that the file does not name is a slip of the pen: its incidents would wait for somebody who sits
// elsewhere. Without a file any name is a desk.
DECIDE(shift)
{
    struct slice name = EVENT_VALUE(event, desk)->text;
    char known[DESKS_BYTES] = "";
    size_t length = 0;
    enum err_code code;

    (void)moment, (void)decision;
    for (size_t i = 0; engine->desks && i < engine->desks->count; i++) {
        const char *desk = engine->desks->items[i].desk;

        if (slice_is(name, desk))
            return ERR_OK;
        if (length < sizeof(known))
            length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                       length ? ", " : "", desk);
    }
    if (!engine->desks || engine->desks->count == 0)
        return ERR_OK;
    code = err_set(err, ERR_NOT_FOUND, "desk", "There is no desk \"%.*s\"; there are: %s.",
                   "Рабочего места «%.*s» нет; есть: %s.", (int)name.length, name.data, known);
    err_set_path(err, "/data/desk");
    return code;
}

// shift.opened: `person` sits down; shift.handed_over: `to` does.
APPLY(shift)
{
    struct desk_state *desk = engine_edit_desk(engine, EVENT_VALUE(event, desk)->text);
    enum event_field who = event->type == EVENT_SHIFT_OPENED ? EVENT_FIELD_person : EVENT_FIELD_to;

    engine_replace_text(&desk->person, event, who);
    desk->since = event->time_ms;
    desk->needed_since = 0;
    desk->alarmed = false;
    desk->version = event->sequence;
}
