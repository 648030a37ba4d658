// Which parts of the network what is covered holds as it is switched (node.switched).
//
// The network stands as it was imported; a cover names a node of it, and what is fed otherwise stands
// beside that as parts. Of the covers above a premise the nearest decides: what is named, restored or
// joined holds it, what left or never was of it does not; and it tells whether the supply is back.
//  1. While an incident is open, or works are announced or under way, its parts are those of the network
//     as it is switched: a premise below it is held if and only if the way up as switched meets the
//     node that is named, and has its supply back where that meets a restored part first.
//  2. What was covered stays a fact. A part that is switched away is counted until then, one that is
//     switched to it from then on. What is over keeps the parts that it had.
//  3. Which parts come and go is decided and stands in the event (nodes_in, nodes_back, nodes_out,
//     nodes_never), so
//     that applying needs neither the network nor the switches.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

struct switching {
    struct engine *engine;
    int32_t node, from; // that is decided now, as if it stood already; MODEL_NO_NODE: none
};

static struct slice id_of(const struct engine *engine, int32_t node)
{
    return model_node(engine->model, node)->id;
}

static int32_t feeding(const struct switching *switching, int32_t node)
{
    const struct engine *engine = switching->engine;
    struct slice from;

    if (node == switching->node)
        return switching->from;
    from = engine_feeding(engine, id_of(engine, node));
    int32_t at = from.length ? model_find_node(engine->model, from) : MODEL_NO_NODE;
    // A node that was taken out of the network feeds nobody: as imported.
    return at == MODEL_NO_NODE ? model_node(engine->model, node)->parent : at;
}

// What a node is to a record.
enum standing {
    AWAY,
    OUT,
    BACK,
    NEVER // away, below a node that joins just now: not even counted
};

static enum standing standing_of(const struct cover *cover)
{
    return !cover || cover->part >= COVER_LEFT ? AWAY : cover->restored_at ? BACK : OUT;
}

static bool was_covered(const struct model *model, const struct cover_list *covers, int32_t node)
{
    const struct cover *cover = engine_cover_nearest(model, covers, node);

    return cover && cover->part <= COVER_LEFT;
}

// By the way up as switched: the restored part that it meets first has its supply back, until which it
// may be fed through other parts.
static enum standing find_standing(const struct switching *switching,
                                   const struct cover_list *covers, int32_t node)
{
    bool back = false;

    // An import may have made a loop of what was switched before.
    for (size_t bound = model_node_count(switching->engine->model); node != MODEL_NO_NODE && bound;
         bound--) {
        const struct cover *cover = engine_cover_of_node(covers, id_of(switching->engine, node));

        back |= cover && cover->part <= COVER_RESTORED && cover->restored_at;
        if (cover && cover->part == COVER_NAMED)
            return back ? BACK : OUT;
        node = feeding(switching, node);
    }
    return AWAY;
}

// Nodes that may be fed otherwise than they were imported, from the top down.

struct place {
    int32_t node;
    int depth;
};

struct places {
    struct place *items;
    size_t count, capacity;
};

static void add_place(struct places *places, const struct model *model, int32_t node)
{
    int depth = 0;

    if (node == MODEL_NO_NODE)
        return;
    for (int32_t at = node; at != MODEL_NO_NODE; at = model_node(model, at)->parent)
        depth++;
    mem_grow((void **)&places->items, places->count, &places->capacity, sizeof(*places->items));
    places->items[places->count++] = (struct place){node, depth};
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    return a->depth != b->depth ? a->depth - b->depth : a->node - b->node;
}

static void add_parts(struct places *places, const struct model *model,
                      const struct cover_list *covers)
{
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        if (cover->level == COVER_NODE && cover->part != COVER_NAMED)
            add_place(places, model, model_find_node(model, slice_of(cover->node)));
    }
}

static void sort_places(struct places *places)
{
    size_t kept = 0;

    if (places->count)
        qsort(places->items, places->count, sizeof(*places->items), compare_places);
    for (size_t i = 0; i < places->count; i++) {
        if (i == 0 || places->items[i].node != places->items[i - 1].node)
            places->items[kept++] = places->items[i];
    }
    places->count = kept;
}

static struct places list_places(const struct switching *switching,
                                 const struct cover_list *const former[2])
{
    const struct engine *engine = switching->engine;
    const struct engine_map *states = &engine->records[RECORD_NODE_STATE];
    struct places places = {0};
    struct engine_entry *entry;

    add_place(&places, engine->model, switching->node);
    for (size_t at = 0; (entry = engine_map_next(states, &at));) {
        const struct node_state *state = &entry->record.node_state;

        if (state->fed_from)
            add_place(&places, engine->model,
                      model_find_node(engine->model, slice_of(state->node)));
    }
    add_parts(&places, engine->model, former[0]);
    if (former[1] != former[0])
        add_parts(&places, engine->model, former[1]);
    sort_places(&places);
    return places;
}

// Covers.

// Out from now on, for the first time or again.
static void join(struct cover_list *covers, struct slice node, int64_t at_ms, int64_t started_ms)
{
    struct cover *cover = engine_cover_edit(covers, node);

    if (cover->restored_at && at_ms) { // it was out before
        int64_t from_ms = cover->since > started_ms ? cover->since : started_ms;

        if (cover->restored_at > from_ms)
            cover->before_s += (cover->restored_at - from_ms) / 1000;
    }
    cover->part = COVER_JOINED;
    cover->since = at_ms;
    cover->restored_at = 0;
}

// Fed from a part that has its supply back.
static void come_back(struct cover_list *covers, struct slice node, int64_t at_ms)
{
    struct cover *cover = engine_cover_edit(covers, node);

    cover->part = COVER_JOINED;
    if (!cover->restored_at)
        cover->restored_at = at_ms;
}

static void leave(struct cover_list *covers, struct slice node, int64_t at_ms)
{
    struct cover *cover = engine_cover_edit(covers, node);

    cover->part = at_ms ? COVER_LEFT : COVER_NEVER;
    if (at_ms && !cover->restored_at)
        cover->restored_at = at_ms;
}

static void each_of(const struct event *event, enum event_field field, struct cover_list *covers,
                    void (*change)(struct cover_list *, struct slice, int64_t), int64_t at_ms)
{
    const struct event_value *nodes = &event->values[field];

    for (size_t i = 0; event_has(event, field) && i < nodes->count; i++)
        change(covers, nodes->texts[i], at_ms);
}

void engine_cover_parts(struct cover_list *covers, const struct event *event, int64_t at_ms,
                        int64_t started_ms)
{
    // Of a restored part what is fed from elsewhere is out as before, and so is what one of two held.
    bool as_before =
        event->type == EVENT_INCIDENT_PARTLY_RESTORED || event->type == EVENT_INCIDENT_MERGED;
    int64_t joined_ms = as_before ? 0 : at_ms;
    const struct event_value *in = EVENT_VALUE(event, nodes_in);

    for (size_t i = 0; EVENT_HAS(event, nodes_in) && i < in->count; i++)
        join(covers, in->texts[i], joined_ms, started_ms);
    each_of(event, EVENT_FIELD_nodes_back, covers, come_back, at_ms);
    each_of(event, EVENT_FIELD_nodes_out, covers, leave, at_ms);
    each_of(event, EVENT_FIELD_nodes_never, covers, leave, 0);
}

// Deciding.

struct parts {
    struct slice *nodes[NEVER + 1]; // by standing
    size_t counts[NEVER + 1];
    size_t count;
};

// The parts that stand otherwise than the covers say. The moment does not matter here. `former`: what was
// covered before, by one or by two that are one from now on.
static struct parts find_parts(const struct switching *switching, const struct cover_list *covers,
                               const struct cover_list *const former[2])
{
    struct engine *engine = switching->engine;
    struct places places = list_places(switching, former);
    struct parts parts = {0};
    struct cover_list now;

    for (int standing = AWAY; standing <= NEVER; standing++)
        parts.nodes[standing] = engine_keep(engine, (places.count + 1) * sizeof(struct slice));
    engine_cover_copy(&now, covers);
    for (size_t i = 0; i < places.count; i++) {
        int32_t node = places.items[i].node;
        struct slice id = id_of(engine, node);
        enum standing wanted = find_standing(switching, covers, node);
        bool counts = was_covered(engine->model, former[0], node) ||
                      was_covered(engine->model, former[1], node);

        if (wanted == standing_of(engine_cover_nearest(engine->model, &now, node)) &&
            (wanted != AWAY || counts == was_covered(engine->model, &now, node)))
            continue;
        if (wanted == AWAY && !counts)
            wanted = NEVER;
        parts.nodes[wanted][parts.counts[wanted]++] = id;
        parts.count++;
        if (wanted == OUT)
            join(&now, id, 1, 0);
        else if (wanted == BACK)
            come_back(&now, id, 1);
        else
            leave(&now, id, wanted == AWAY);
    }
    engine_cover_free(&now);
    free(places.items);
    return parts;
}

static void set_parts(struct event *event, const struct parts *parts)
{
    static const enum event_field fields[] = {[AWAY] = EVENT_FIELD_nodes_out,
                                              [OUT] = EVENT_FIELD_nodes_in,
                                              [BACK] = EVENT_FIELD_nodes_back,
                                              [NEVER] = EVENT_FIELD_nodes_never};

    for (int standing = AWAY; standing <= NEVER; standing++) {
        if (parts->counts[standing])
            event_set_texts(event, fields[standing], parts->nodes[standing],
                            parts->counts[standing]);
    }
}

static bool has_network(const struct engine *engine)
{
    return engine->model && model_node_count(engine->model) > 0;
}

void engine_decide_parts(struct engine *engine, struct event *event, struct cover_list *covers,
                         int64_t at_ms)
{
    const struct switching as_it_is = {engine, MODEL_NO_NODE, MODEL_NO_NODE};

    if (!has_network(engine) || engine->records[RECORD_NODE_STATE].count == 0)
        return;
    const struct parts parts =
        find_parts(&as_it_is, covers, (const struct cover_list *[]){covers, covers});
    set_parts(event, &parts);
    engine_cover_parts(covers, event, at_ms, 0);
}

void engine_decide_joined_parts(struct engine *engine, struct event *event,
                                struct cover_list *covers, const struct incident *a,
                                const struct incident *b)
{
    const struct switching as_it_is = {engine, MODEL_NO_NODE, MODEL_NO_NODE};

    if (!has_network(engine) || engine->records[RECORD_NODE_STATE].count == 0)
        return;
    const struct parts parts =
        find_parts(&as_it_is, covers, (const struct cover_list *[]){&a->covers, &b->covers});
    set_parts(event, &parts);
    engine_cover_parts(covers, event, event->time_ms, 0);
}

static void decide_counts(struct engine *engine, struct event *event,
                          const struct incident *incident)
{
    struct cover_list covers;

    engine_cover_copy(&covers, &incident->covers);
    engine_cover_parts(&covers, event, EVENT_VALUE(event, at)->integer, incident->started);
    engine_decide_census(engine, event, &covers);
    event_set_integer(event, EVENT_FIELD_customers_restored,
                      engine_count_restored(engine->model, &covers));
    engine_cover_free(&covers);
}

static void follow_incident(const struct switching *switching, struct decision *decision,
                            int64_t at_ms, const struct incident *incident, bool anyway)
{
    const struct cover_list *const former[2] = {&incident->covers, &incident->covers};
    const struct parts parts = find_parts(switching, &incident->covers, former);

    if (parts.count == 0 && !anyway)
        return;
    struct event *event = engine_follow_alone(switching->engine, decision, EVENT_INCIDENT_SWITCHED);
    event_set_integer(event, EVENT_FIELD_incident, incident->incident);
    event_set_integer(event, EVENT_FIELD_at, at_ms);
    set_parts(event, &parts);
    decide_counts(switching->engine, event, incident);
}

static void follow_planned(const struct switching *switching, struct decision *decision,
                           const struct planned *planned)
{
    const struct cover_list *const former[2] = {&planned->covers, &planned->covers};
    const struct parts parts = find_parts(switching, &planned->covers, former);

    if (parts.count == 0)
        return;
    struct event *event = engine_follow_alone(switching->engine, decision, EVENT_PLANNED_SWITCHED);
    event_set_integer(event, EVENT_FIELD_planned, planned->planned);
    set_parts(event, &parts);
}

struct affected {
    struct engine_entry **items;
    size_t count, capacity;
};

static void note(void *context, struct engine_entry *entry)
{
    struct affected *affected = context;
    bool follows = entry->type == RECORD_INCIDENT
                       ? engine_incident_open((enum incident_state)entry->record.incident.state)
                       : entry->record.planned.state <= PLANNED_STATE_STARTED;

    if (!follows)
        return;
    mem_grow((void **)&affected->items, affected->count, &affected->capacity,
             sizeof(struct engine_entry *));
    affected->items[affected->count++] = entry;
}

static void note_way_up(const struct switching *switching, int32_t node, struct affected *affected)
{
    size_t bound = model_node_count(switching->engine->model);

    for (; node != MODEL_NO_NODE && bound; bound--) {
        engine_each_at_node(switching->engine, node, note, affected);
        node = feeding(switching, node);
    }
}

static int compare_entries(const void *left, const void *right)
{
    const struct engine_entry *const *a = left, *const *b = right;
    int64_t x, y;

    if ((*a)->type != (*b)->type)
        return (*a)->type < (*b)->type ? -1 : 1;
    x = (*a)->type == RECORD_INCIDENT ? (*a)->record.incident.incident
                                      : (*a)->record.planned.planned;
    y = (*b)->type == RECORD_INCIDENT ? (*b)->record.incident.incident
                                      : (*b)->record.planned.planned;
    return x < y ? -1 : x > y;
}

void engine_follow_switch(struct engine *engine, const struct event *event,
                          struct decision *decision)
{
    const struct switching before = {engine, MODEL_NO_NODE, MODEL_NO_NODE};
    struct switching after = {engine, MODEL_NO_NODE, MODEL_NO_NODE};
    struct affected affected = {0};

    after.node = has_network(engine)
                     ? model_find_node(engine->model, EVENT_VALUE(event, node)->text)
                     : MODEL_NO_NODE;
    if (after.node == MODEL_NO_NODE)
        return;
    after.from = EVENT_HAS(event, fed_from)
                     ? model_find_node(engine->model, EVENT_VALUE(event, fed_from)->text)
                     : model_node(engine->model, after.node)->parent;
    note_way_up(&before, feeding(&before, after.node), &affected);
    note_way_up(&after, after.from, &affected);
    if (affected.count)
        qsort(affected.items, affected.count, sizeof(*affected.items), compare_entries);
    for (size_t i = 0; i < affected.count; i++) {
        const struct engine_entry *entry = affected.items[i];

        if (i > 0 && entry == affected.items[i - 1])
            continue;
        if (entry->type == RECORD_INCIDENT)
            follow_incident(&after, decision, event_moment_ms(event), &entry->record.incident,
                            false);
        else
            follow_planned(&after, decision, &entry->record.planned);
    }
    free(affected.items);
}

void engine_follow_reopened(struct engine *engine, const struct event *event,
                            const struct incident *incident, struct decision *decision)
{
    const struct switching as_it_is = {engine, MODEL_NO_NODE, MODEL_NO_NODE};
    struct incident draft = *incident;
    bool parted = false;

    if (!has_network(engine))
        return;
    engine_cover_copy(&draft.covers, &incident->covers);
    engine_cover_reopen(&draft.covers);
    for (size_t i = 0; i < draft.covers.count; i++)
        parted |= draft.covers.items[i].part == COVER_LEFT; // whom it does not count as out again
    follow_incident(&as_it_is, decision, event_moment_ms(event), &draft, parted);
    engine_cover_free(&draft.covers);
}

APPLY(switched)
{
    int64_t at_ms = EVENT_HAS(event, at) ? EVENT_VALUE(event, at)->integer : event->time_ms;

    if (event->type == EVENT_PLANNED_SWITCHED) {
        struct planned *planned = engine_edit_planned(engine, EVENT_VALUE(event, planned)->integer);

        if (!planned)
            return;
        engine_cover_parts(&planned->covers, event, 0, 0);
        planned->version = event->sequence;
        engine_index_entry(engine, engine_find(engine, RECORD_PLANNED, planned->planned));
        return;
    }
    struct incident *incident = engine_step_incident(engine, event);
    if (!incident)
        return;
    engine_cover_parts(&incident->covers, event, at_ms, incident->started);
    engine_recount_parts(incident, event, at_ms);
    engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, incident->incident));
    engine_set_priority(incident);
}
