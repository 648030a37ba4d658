// The evidence of the grouping, out of the records (engine_predict.h).
#include "busd/engine_predict.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { SYMPTOM_RESTORED = 3 }; // word of `symptom`

static const struct incident *incident_of(const struct engine_entry *entry)
{
    return entry->type == RECORD_INCIDENT ? &entry->record.incident : NULL;
}

static bool follows(const struct incident *incident)
{
    return incident->state <= INCIDENT_PROBABLE && incident->grouping == GROUPING_LIVE;
}

static struct predict_state *state_of(struct engine_entry *entry)
{
    if (!entry->predict) {
        entry->predict = mem_alloc(sizeof(*entry->predict));
        entry->predict->key = GROUP_BLAME_NONE;
    }
    return entry->predict;
}

void engine_predict_touch(struct predict *predict, struct predict_touch touched)
{
    mem_grow((void **)&predict->touches, predict->touch_count, &predict->touch_capacity,
             sizeof(*predict->touches));
    touched.direct &= !predict->loading;
    predict->touches[predict->touch_count++] = touched;
}

static void touch_call(struct predict *predict, uint32_t position)
{
    engine_predict_touch(
        predict, (struct predict_touch){group_home(predict->group, position), position, 1, true});
}

// Lists that an entry knows its place in.

static void list_add(struct engine_entries *list, struct engine_entry *entry, size_t *place)
{
    if (*place)
        return;
    mem_grow((void **)&list->items, list->count, &list->capacity, sizeof(struct engine_entry *));
    list->items[list->count++] = entry;
    *place = list->count;
}

// Calls.

// The latest word of a premise counts.
static bool is_later(const struct predict_call *a, const struct predict_call *b)
{
    return a->time_ms != b->time_ms ? a->time_ms > b->time_ms : strcmp(a->reg_no, b->reg_no) > 0;
}

// The first call of a premise since it was said to have power, if ever: who calls again does not tell of
// a fault that is younger than the first call.
static int64_t without_power_since(const struct predict_call *here)
{
    const struct predict_call *back = NULL, *first = NULL;

    for (const struct predict_call *at = here; at; at = at->next_here) {
        if (at->back && (!back || is_later(at, back)))
            back = at;
    }
    for (const struct predict_call *at = here; at; at = at->next_here) {
        if (!at->back && (!back || is_later(at, back)) && (!first || is_later(first, at)))
            first = at;
    }
    return first->time_ms;
}

static void hear(struct predict *predict, uint32_t position)
{
    const struct predict_call *last = predict->here[position];
    bool wire = false;

    if (predict->trial == position)
        predict->trial = PREDICT_NOWHERE;
    for (const struct predict_call *at = last; at; at = at->next_here) {
        wire |= at->wire;
        if (is_later(at, last))
            last = at;
    }
    group_set_wire(predict->group, position, wire);
    group_set_flat(predict->group, position, last && last->flat);
    if (last && !last->back) {
        group_call(predict->group, position, without_power_since(predict->here[position]));
    } else {
        group_set_back(predict->group, position, last != NULL);
        group_forget(predict->group, position);
    }
    touch_call(predict, position);
}

static void link_call(struct predict_state *state, struct predict_call *call)
{
    call->next = state->calls;
    call->link = &state->calls;
    if (call->next)
        call->next->link = &call->next;
    state->calls = call;
}

static void unlink_call(struct predict_call *call)
{
    *call->link = call->next;
    if (call->next)
        call->next->link = call->link;
}

static void locate(struct predict *predict, struct predict_call *call)
{
    const struct model_premise *premise = model_premise(predict->model, call->premise);

    call->position = PREDICT_NOWHERE;
    call->next_here = NULL;
    if (!premise || premise->node == MODEL_NO_NODE)
        return;
    call->position = model_premise_position(predict->model, premise);
    call->next_here = predict->here[call->position];
    predict->here[call->position] = call;
    hear(predict, call->position);
}

static void drop_call(struct predict *predict, struct predict_call *call)
{
    unlink_call(call);
    if (call->position != PREDICT_NOWHERE) {
        struct predict_call **at = &predict->here[call->position];

        while (*at != call)
            at = &(*at)->next_here;
        *at = call->next_here;
        hear(predict, call->position);
    }
    free(call);
}

uint32_t engine_predict_position(const struct predict *predict, int level, int64_t premise,
                                 int64_t house)
{
    // A house stands for one of its premises.
    int64_t key = level == PLACE_PREMISE ? premise : level == PLACE_HOUSE ? house : 0;
    const struct model_premise *found = key ? model_premise(predict->model, key) : NULL;

    return found && found->node != MODEL_NO_NODE ? model_premise_position(predict->model, found)
                                                 : PREDICT_NOWHERE;
}

static struct predict_call *find_call(const struct predict *predict, uint32_t position,
                                      const char *reg_no)
{
    struct predict_call *call = predict->here[position];

    while (call && strcmp(call->reg_no, reg_no) != 0)
        call = call->next_here;
    return call;
}

static bool is_flat(const struct contact *contact)
{
    return contact->place_level == PLACE_PREMISE && contact->extent == PREDICT_FLAT;
}

void engine_predict_take(struct engine *engine, struct engine_entry *entry,
                         const struct contact *contact)
{
    struct predict *predict = engine->predict;
    struct predict_call *call;

    if (!predict || !follows(&entry->record.incident) ||
        event_type_of(slice_of(contact->type)) != EVENT_CONTACT_OUTAGE_REPORT ||
        contact->returned_reason || // whatever was asked about it since
        strlen(contact->reg_no) >= PREDICT_REG_NO_BYTES)
        return;
    uint32_t position =
        engine_predict_position(predict, contact->place_level, contact->premise, contact->house);
    if (position == PREDICT_NOWHERE)
        return;
    call = find_call(predict, position, contact->reg_no);
    if (call) { // it comes from another incident
        unlink_call(call);
        call->entry = entry;
        link_call(state_of(entry), call);
        touch_call(predict, position);
        return;
    }
    call = mem_alloc(sizeof(*call));
    call->entry = entry;
    call->premise = model_premise_at(predict->model, position)->key;
    call->time_ms = contact->time < contact->recorded ? contact->time : contact->recorded;
    call->back = contact->symptom == SYMPTOM_RESTORED;
    call->wire = contact->hazard == PREDICT_WIRE_DOWN;
    call->flat = is_flat(contact);
    snprintf(call->reg_no, sizeof(call->reg_no), "%s", contact->reg_no);
    link_call(state_of(entry), call);
    locate(predict, call);
}

void engine_predict_opened(struct engine *engine, struct engine_entry *entry)
{
    if (engine->predict)
        state_of(entry)->known = true;
}

bool engine_predict_counts(const struct predict_call *call, const struct predict *predict)
{
    for (const struct predict_call *at = predict->here[call->position]; at; at = at->next_here) {
        if (is_later(at, call))
            return false;
    }
    return true;
}

static struct predict_call *call_of(const struct engine *engine, const struct contact *contact)
{
    struct predict *predict = engine->predict;
    uint32_t position = predict ? engine_predict_position(predict, contact->place_level,
                                                          contact->premise, contact->house)
                                : PREDICT_NOWHERE;

    return position == PREDICT_NOWHERE ? NULL : find_call(predict, position, contact->reg_no);
}

void engine_predict_release(struct engine *engine, const struct contact *contact)
{
    struct predict_call *call = call_of(engine, contact);

    if (!call)
        return;
    engine_touch(engine, call->entry); // a roll back reads its calls again
    drop_call(engine->predict, call);
}

void engine_predict_renew(struct engine *engine, const struct contact *contact)
{
    struct predict_call *call = call_of(engine, contact);

    if (!call || call->flat == is_flat(contact))
        return;
    engine_touch(engine, call->entry); // likewise
    call->flat = is_flat(contact);
    hear(engine->predict, call->position);
}

void engine_predict_merged(struct engine_entry *from, struct engine_entry *into)
{
    struct predict_call *call;

    if (!from->predict || !follows(&into->record.incident))
        return;
    while ((call = from->predict->calls)) {
        unlink_call(call);
        call->entry = into;
        link_call(state_of(into), call);
    }
}

// What a record gives.

static enum predict_share share_of(const struct engine_entry *entry)
{
    const struct incident *incident = incident_of(entry);

    if (!incident)
        return entry->record.planned.state == PLANNED_STATE_STARTED ? PREDICT_COVERS
                                                                    : PREDICT_NOTHING;
    if (!engine_incident_open((enum incident_state)incident->state))
        return PREDICT_NOTHING;
    return follows(incident) ? PREDICT_CALLS : PREDICT_COVERS;
}

static void withdraw(struct predict *predict, struct predict_state *state)
{
    if (state->share == PREDICT_CALLS) {
        struct engine_entries *live = &predict->live;
        struct engine_entry *last = live->items[live->count - 1];

        if (state->key >= 0 && predict->owners[state->key] &&
            predict->owners[state->key]->predict == state)
            predict->owners[state->key] = NULL;
        live->items[state->place - 1] = last;
        last->predict->place = state->place;
        live->count--;
        state->place = 0;
        predict->unknown -= !state->known;
    }
    engine_predict_uncover(predict, state);
    state->share = PREDICT_NOTHING;
    state->key = GROUP_BLAME_NONE;
}

static void drop_calls(struct predict *predict, struct predict_state *state)
{
    while (state->calls)
        drop_call(predict, state->calls);
}

static void mark(struct predict *predict, const char *node, int word)
{
    int32_t at = model_find_node(predict->model, slice_of(node));

    if (at != MODEL_NO_NODE && group_mark(predict->group, at, (enum group_mark)word))
        predict->everywhere = true;
}

static void share(struct predict *predict, struct engine_entry *entry)
{
    struct predict_state *state = state_of(entry);
    struct cover_list *covers = record_covers(entry->type, &entry->record);
    enum predict_share wanted = share_of(entry);
    bool changed = state->share != wanted;

    if (changed) {
        withdraw(predict, state);
        if (wanted != PREDICT_CALLS)
            drop_calls(predict, state);
        state->share = wanted;
        if (wanted == PREDICT_CALLS) {
            list_add(&predict->live, entry, &state->place);
            predict->unknown += !state->known;
        }
    }
    if (wanted == PREDICT_COVERS && (changed || !covers->told)) {
        engine_predict_uncover(predict, state);
        for (size_t i = 0; i < covers->count; i++)
            engine_predict_cover(predict, state, &covers->items[i]);
    }
    covers->told = true;
}

static void give(struct predict *predict, struct engine_entry *entry)
{
    if (entry->type == RECORD_NODE_STATE) {
        predict->switches_changed = true;
        mark(predict, entry->record.node_state.node, entry->record.node_state.mark);
    } else {
        share(predict, entry);
    }
}

static bool may_give(const struct engine_entry *entry)
{
    return entry->type == RECORD_INCIDENT || entry->type == RECORD_PLANNED ||
           entry->type == RECORD_NODE_STATE;
}

void engine_predict_note(struct engine *engine, struct engine_entry *entry)
{
    if (engine->predict && may_give(entry))
        list_add(&engine->predict->changed, entry, &entry->changed);
}

// Loading and dropping follow no event: whether the incidents show the best explanation is then to be
// looked at anew.
void engine_predict_loaded(struct engine *engine, struct engine_entry *entry)
{
    struct predict *predict = engine->predict;

    if (!predict || !may_give(entry))
        return;
    predict->loading = true;
    predict->shape_known = false;
    give(predict, entry);
    predict->loading = false;
}

void engine_predict_drop(struct engine *engine, struct engine_entry *entry)
{
    struct predict *predict = engine->predict;

    if (predict && entry->changed)
        predict->changed.items[entry->changed - 1] = NULL;
    entry->changed = 0;
    if (predict && entry->type == RECORD_NODE_STATE) {
        predict->switches_changed = true;
        mark(predict, entry->record.node_state.node, GROUP_MARK_NONE);
    }
    if (!entry->predict)
        return;
    while (!predict && entry->predict->calls) {
        struct predict_call *call = entry->predict->calls;

        unlink_call(call);
        free(call);
    }
    if (predict) {
        bool loading = predict->loading;

        predict->loading = true;
        predict->shape_known &= entry->predict->share == PREDICT_NOTHING;
        withdraw(predict, entry->predict);
        drop_calls(predict, entry->predict);
        predict->loading = loading;
    }
    free(entry->predict->nodes);
    free(entry->predict->premises);
    free(entry->predict);
    entry->predict = NULL;
}

// Making it.

static void each_giving(struct engine *engine,
                        void (*each)(struct predict *, struct engine_entry *))
{
    static const enum record_type types[] = {RECORD_NODE_STATE, RECORD_INCIDENT, RECORD_PLANNED};
    struct engine_entry *entry;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        for (size_t at = 0; (entry = engine_map_next(&engine->records[types[i]], &at));)
            each(engine->predict, entry);
    }
}

// With the calls that it has, which the new group has not heard.
static void give_anew(struct predict *predict, struct engine_entry *entry)
{
    struct predict_state *state = entry->predict;

    entry->changed = 0;
    if (state) {
        state->share = PREDICT_NOTHING;
        state->key = GROUP_BLAME_NONE;
        state->place = state->node_count = state->premise_count = 0;
        for (struct predict_call *call = state->calls; call; call = call->next)
            locate(predict, call);
    }
    give(predict, entry);
}

static void make(struct engine *engine, const struct group_rules *rules)
{
    struct predict *predict = mem_alloc(sizeof(*predict));

    predict->switched = engine_predict_switched(engine);
    predict->model = predict->switched ? predict->switched : engine->model;
    predict->rules = *rules;
    predict->group = group_new(predict->model, rules);
    predict->here =
        mem_alloc((model_premise_count(engine->model) + 1) * sizeof(struct predict_call *));
    predict->owners =
        mem_alloc((group_class_count(predict->group) + 1) * sizeof(struct engine_entry *));
    predict->trial = PREDICT_NOWHERE;
    engine->predict = predict;
    predict->loading = true;
    each_giving(engine, give_anew);
    predict->loading = predict->switches_changed = false;
    predict->everywhere = true;
}

void engine_predict_free(struct engine *engine)
{
    struct predict *predict = engine->predict;

    engine->predict = NULL;
    if (!predict)
        return;
    group_free(predict->group);
    model_free(predict->switched);
    free(predict->here);
    free(predict->owners);
    free(predict->live.items);
    free(predict->changed.items);
    free(predict->touches);
    free(predict);
}

// Nobody listens from now on: should it be wanted again, the calls are read again.
static void forget_calls(struct engine *engine)
{
    struct predict *predict = engine->predict;

    for (size_t i = 0; predict && i < predict->live.count; i++) {
        struct predict_state *state = predict->live.items[i]->predict;

        drop_calls(predict, state);
        state->known = false;
    }
}

static void take_changes(struct predict *predict)
{
    for (size_t i = 0; i < predict->changed.count; i++) {
        struct engine_entry *entry = predict->changed.items[i];

        if (!entry)
            continue;
        entry->changed = 0;
        give(predict, entry);
    }
    predict->changed.count = 0;
}

struct predict *engine_predict_ready(struct engine *engine)
{
    const struct group_rules *rules =
        engine->model && model_node_count(engine->model) > 0 ? engine_rules_in_force(engine) : NULL;

    if (!rules || !rules->predict) {
        forget_calls(engine);
        engine_predict_free(engine);
        return NULL;
    }
    if (engine->predict)
        take_changes(engine->predict);
    if (engine->predict && (memcmp(&engine->predict->rules, rules, sizeof(*rules)) != 0 ||
                            !engine_predict_is_switched_so(engine, engine->predict)))
        engine_predict_free(engine);
    if (!engine->predict)
        make(engine, rules);
    struct predict *predict = engine->predict;
    if (predict->trial != PREDICT_NOWHERE) {
        size_t touched = predict->touch_count;

        hear(predict, predict->trial);
        predict->touch_count = touched; // nothing changed
    }
    return predict;
}

// Calls of incidents that were loaded.

bool engine_wants_calls(struct engine *engine, int64_t *incident)
{
    struct predict *predict = engine_predict_ready(engine);

    while (predict && predict->unknown > 0) {
        struct engine_entry *entry = predict->live.items[predict->asked++ % predict->live.count];

        if (entry->predict->known)
            continue;
        entry->predict->known = true;
        predict->unknown--;
        *incident = entry->record.incident.incident;
        return true;
    }
    return false;
}

void engine_load_call(struct engine *engine, int64_t incident, const struct contact *contact)
{
    struct engine_entry *entry = engine_find(engine, RECORD_INCIDENT, incident);

    if (!entry || !engine->predict)
        return;
    engine->predict->loading = true;
    engine_predict_take(engine, entry, contact);
    engine->predict->loading = false;
}
