// What follows from the grouping: which incidents are one, which fall apart, where each stands.
//
// The incidents that a change may concern are re-examined: their calls are divided into parts by what
// the best explanation blames. Each incident claims its largest part. The oldest claimant of a place
// keeps it, further ones are merged into it; a part that is not claimed leaves its incident as a new
// one, and is merged too where the place has a keeper.
#include "busd/engine_predict.h"

#include "lib/mem.h"

#include <stdlib.h>

// Of lone calls that the reported place keeps together.
#define KEY_HELD (GROUP_BLAME_NONE + 1)

enum {
    SYMPTOM_RESTORED = 3, // word of `symptom`
    RIVALS = 3,           // other places that are written down beside the predicted one
    CLASS_NAMES = 16,
    PPM_NEWS = 50000, // of probability, from which on it is told again
};

struct item {
    int64_t key;
    struct predict_call *call;
};

// Calls of one incident that one place is blamed for.
struct part {
    int64_t key;
    struct engine_entry *entry;
    struct item *items;
    size_t count, premises;
    bool claimed;
    int64_t number; // of its incident, or of the one that it becomes
};

struct plan {
    struct engine *engine;
    struct predict *predict;
    struct decision *decision;
    struct engine_entry **entries;
    size_t entry_count, entry_capacity;
    struct item *items;
    size_t item_count, item_capacity;
    struct part *parts;
    size_t part_count, part_capacity;
    int64_t last_number; // of the incidents that there are, with those that are opened here
};

// Which incidents are concerned.

static void examine(struct plan *plan, struct engine_entry *entry, bool direct)
{
    struct predict_state *state = entry->predict;

    if (state->share != PREDICT_CALLS)
        return;
    state->direct |= direct;
    if (state->marked)
        return;
    state->marked = true;
    mem_grow((void **)&plan->entries, plan->entry_count, &plan->entry_capacity,
             sizeof(struct engine_entry *));
    plan->entries[plan->entry_count++] = entry;
}

static void examine_here(struct plan *plan, uint32_t position, bool direct)
{
    for (const struct predict_call *call = plan->predict->here[position]; call;
         call = call->next_here)
        examine(plan, call->entry, direct);
}

static void examine_range(struct plan *plan, uint32_t first, uint32_t count, bool direct)
{
    for (uint32_t i = 0; i < count; i++) {
        if (plan->predict->here[first + i])
            examine_here(plan, first + i, direct);
    }
}

static void examine_below(struct plan *plan, int32_t class)
{
    uint32_t first, count;

    group_below(plan->predict->group, class, &first, &count);
    examine_range(plan, first, count, false);
}

static void follow_touch(struct plan *plan, const struct predict_touch *touch)
{
    struct predict *predict = plan->predict;
    int32_t chosen = group_chosen(predict->group, touch->home);

    for (int32_t at = touch->home; at != GROUP_NO_CLASS; at = group_above(predict->group, at)) {
        if (predict->owners[at])
            examine(plan, predict->owners[at], false);
    }
    if (chosen != GROUP_NO_CLASS && !predict->owners[chosen])
        examine_below(plan, chosen);
    examine_range(plan, touch->first, touch->count, touch->direct);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct engine_entry *const *a = left, *const *b = right;
    int64_t x = (*a)->record.incident.incident, y = (*b)->record.incident.incident;

    return x < y ? -1 : x > y;
}

static void examine_all(struct plan *plan)
{
    struct predict *predict = plan->predict;
    struct group_shape shape = group_shape(predict->group);

    predict->everywhere |= !predict->shape_known || shape.form != predict->shape.form ||
                           shape.class != predict->shape.class ||
                           shape.phase != predict->shape.phase;
    for (size_t i = 0; predict->everywhere && i < predict->live.count; i++)
        examine(plan, predict->live.items[i], false);
    for (size_t i = 0; i < predict->touch_count; i++)
        follow_touch(plan, &predict->touches[i]);
    predict->touch_count = 0;
    predict->everywhere = false;
    predict->shape = shape;
    predict->shape_known = true;
    if (plan->entry_count)
        qsort(plan->entries, plan->entry_count, sizeof(struct engine_entry *), compare_numbers);
}

// Their parts.

static bool is_held(const struct plan *plan, const struct engine_entry *entry, uint32_t position)
{
    struct event_place place = engine_place_of_account(
        model_premise_at(plan->predict->model, position), plan->predict->model);

    place.node = (struct slice){0};
    return engine_covers_place(plan->engine, &entry->record.incident.covers, &place);
}

static int compare_items(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->call->position != b->call->position)
        return a->call->position < b->call->position ? -1 : 1;
    return strcmp(a->call->reg_no, b->call->reg_no);
}

static void gather(struct plan *plan, const struct engine_entry *entry)
{
    for (struct predict_call *call = entry->predict->calls; call; call = call->next) {
        if (call->position == PREDICT_NOWHERE || !engine_predict_counts(call, plan->predict))
            continue;
        int64_t key = group_blame(plan->predict->group, call->position);
        if (key == GROUP_BLAME_NONE)
            continue;
        if (key < 0 && is_held(plan, entry, call->position))
            key = KEY_HELD;
        mem_grow((void **)&plan->items, plan->item_count, &plan->item_capacity,
                 sizeof(*plan->items));
        plan->items[plan->item_count++] = (struct item){key, call};
    }
}

static void divide(struct plan *plan, struct engine_entry *entry, struct item *items, size_t count)
{
    struct part *claim = NULL;
    size_t first = plan->part_count;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || items[i].key != items[i - 1].key) {
            mem_grow((void **)&plan->parts, plan->part_count, &plan->part_capacity,
                     sizeof(*plan->parts));
            plan->parts[plan->part_count++] =
                (struct part){.key = items[i].key, .entry = entry, .items = &items[i]};
        }
        struct part *part = &plan->parts[plan->part_count - 1];
        part->premises +=
            part->count == 0 || items[i].call->position != items[i - 1].call->position;
        part->count++;
    }
    for (size_t i = first; i < plan->part_count; i++) {
        struct part *part = &plan->parts[i];

        if (!claim || part->premises > claim->premises ||
            (part->premises == claim->premises &&
             part->items->call->position < claim->items->call->position))
            claim = part;
    }
    if (claim)
        claim->claimed = true;
}

// Those of one place side by side, the claimants first, the oldest before the others.
static int compare_parts(const void *left, const void *right)
{
    const struct part *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->claimed != b->claimed)
        return a->claimed ? -1 : 1;
    return compare_numbers(&a->entry, &b->entry);
}

static void make_parts(struct plan *plan)
{
    size_t *ends = mem_alloc((plan->entry_count + 1) * sizeof(*ends));

    for (size_t i = 0; i < plan->entry_count; i++) {
        gather(plan, plan->entries[i]);
        ends[i] = plan->item_count;
    }
    for (size_t i = 0, at = 0; i < plan->entry_count; at = ends[i++]) {
        if (ends[i] > at)
            qsort(plan->items + at, ends[i] - at, sizeof(*plan->items), compare_items);
        divide(plan, plan->entries[i], plan->items + at, ends[i] - at);
    }
    if (plan->part_count)
        qsort(plan->parts, plan->part_count, sizeof(*plan->parts), compare_parts);
    free(ends);
}

// The events.

static int64_t number_of(const struct engine_entry *entry)
{
    return entry->record.incident.incident;
}

static void merge(struct plan *plan, int64_t from, int64_t into)
{
    struct event *event = engine_follow_alone(plan->engine, plan->decision, EVENT_INCIDENT_MERGED);

    event_set_integer(event, EVENT_FIELD_incident, from);
    event_set_integer(event, EVENT_FIELD_into, into);
}

// The premises of a part, for an incident that no node names.
static void set_places(struct plan *plan, const struct part *part, struct event *event)
{
    int64_t *keys = engine_keep(plan->engine, part->premises * sizeof(*keys));
    size_t count = 0;

    for (size_t i = 0; i < part->count; i++) {
        if (i == 0 || part->items[i].call->position != part->items[i - 1].call->position)
            keys[count++] = part->items[i].call->premise;
    }
    event_set_integers(event, EVENT_FIELD_places, keys, count);
}

static void split(struct plan *plan, struct part *part)
{
    struct engine *engine = plan->engine;
    int64_t started_ms = INT64_MAX;
    struct slice *contacts = engine_keep(engine, part->count * sizeof(*contacts));
    struct event *event = engine_follow_alone(engine, plan->decision, EVENT_INCIDENT_SPLIT);

    for (size_t i = 0; i < part->count; i++) {
        const struct predict_call *call = part->items[i].call;

        contacts[i] = engine_keep_copy(engine, slice_of(call->reg_no));
        started_ms = call->time_ms < started_ms ? call->time_ms : started_ms;
    }
    event_set_integer(event, EVENT_FIELD_incident, number_of(part->entry));
    event_set_texts(event, EVENT_FIELD_contacts, contacts, part->count);
    part->number = ++plan->last_number;
    event_set_integer(event, EVENT_FIELD_split_into, part->number);
    struct event *opened =
        engine_follow(engine, plan->decision, EVENT_INCIDENT_OPENED, part->number);
    event_set_word(opened, EVENT_FIELD_kind, INCIDENT_OUTAGE);
    event_set_texts(opened, EVENT_FIELD_contacts, contacts, part->count);
    event_set_integer(opened, EVENT_FIELD_started, started_ms);
    engine_predict_fields(engine, plan->predict, part->items->call->position, opened);
    if (!EVENT_HAS(opened, node))
        set_places(plan, part, opened);
    engine_decide_opened_fields(engine, opened, NULL, 0);
}

// The parts of one place: the first one's incident keeps it. The best promise among them stays.
static void merge_parts(struct plan *plan, const struct part *parts, size_t count)
{
    const struct incident *keeper = &parts[0].entry->record.incident, *promise = keeper;

    for (size_t i = 1; i < count; i++) {
        const struct incident *incident = &parts[i].entry->record.incident;

        merge(plan, parts[i].number, parts[0].number);
        if (parts[i].claimed && engine_eta_outranks(incident, promise))
            promise = incident;
    }
    if (parts[0].claimed && promise != keeper)
        engine_eta_follows(plan->engine, plan->decision, promise, keeper);
}

// Whether where it stands, or how sure that is, is news.

static bool stands_at(const struct plan *plan, const struct part *part, int32_t node)
{
    const struct incident *incident = &part->entry->record.incident;
    struct slice name =
        node == MODEL_NO_NODE ? (struct slice){0} : model_node(plan->predict->model, node)->id;

    return slice_equal(slice_of(incident->node), name);
}

static bool is_probable(const struct predict *predict, const struct group_fault *fault)
{
    return fault->probability_ppm >= predict->rules.probable_ppm && fault->callers >= 2;
}

static bool is_news(const struct plan *plan, const struct incident *incident, uint32_t position)
{
    struct group_fault fault;

    if (!group_place_of(plan->predict->group, position, &fault))
        return false;
    int64_t difference = fault.probability_ppm - incident->probability;
    return difference >= PPM_NEWS || difference <= -PPM_NEWS ||
           is_probable(plan->predict, &fault) != (incident->state == INCIDENT_PROBABLE);
}

static void decide_place(struct plan *plan, const struct part *part, struct event *event)
{
    struct cover_list covers;

    engine_cover_copy(&covers, &part->entry->record.incident.covers);
    engine_cover_grouped(&covers, event);
    engine_decide_parts(plan->engine, event, &covers, 0);
    engine_decide_count(plan->engine, event, &covers);
    engine_cover_free(&covers);
}

static void settle(struct plan *plan, const struct part *part)
{
    struct predict_state *state = part->entry->predict;
    uint32_t position = part->items->call->position;
    bool alone = part->key < 0 && part->premises == 1;
    int64_t blame = alone ? -1 - (int64_t)position : part->key;
    int32_t node = blame == KEY_HELD ? MODEL_NO_NODE : group_name(plan->predict->group, blame);
    bool moved = !stands_at(plan, part, node);

    state->key = part->key;
    if (part->key >= 0)
        plan->predict->owners[part->key] = part->entry;
    if (!moved && !(state->direct && is_news(plan, &part->entry->record.incident, position)))
        return;
    struct event *event = engine_follow_alone(plan->engine, plan->decision, EVENT_INCIDENT_GROUPED);
    event_set_integer(event, EVENT_FIELD_incident, number_of(part->entry));
    engine_predict_fields(plan->engine, plan->predict, position, event);
    if (blame == KEY_HELD)
        event_clear(event, EVENT_FIELD_node);
    if (moved && node == MODEL_NO_NODE && part->key != KEY_HELD)
        set_places(plan, part, event);
    decide_place(plan, part, event);
}

// How many parts from this one on are of its place.
static size_t parts_alike(const struct plan *plan, const struct part *part)
{
    size_t left = (size_t)(plan->parts + plan->part_count - part), count = 1;

    while (part->key >= 0 && count < left && part[count].key == part->key)
        count++;
    return count;
}

static void forget_keys(struct plan *plan)
{
    struct predict *predict = plan->predict;

    for (size_t i = 0; i < plan->entry_count; i++) {
        struct engine_entry *entry = plan->entries[i];

        if (entry->predict->key >= 0 && predict->owners[entry->predict->key] == entry)
            predict->owners[entry->predict->key] = NULL;
        entry->predict->key = GROUP_BLAME_NONE;
    }
}

// Splitting first, so that what is merged takes nothing along that goes elsewhere.
static void decide_events(struct plan *plan)
{
    forget_keys(plan);
    for (size_t i = 0; i < plan->part_count; i++) {
        plan->parts[i].number = number_of(plan->parts[i].entry);
        if (!plan->parts[i].claimed)
            split(plan, &plan->parts[i]);
    }
    for (size_t i = 0, count; i < plan->part_count; i += count) {
        count = parts_alike(plan, &plan->parts[i]);
        merge_parts(plan, &plan->parts[i], count);
    }
    for (size_t i = 0; i < plan->part_count; i += parts_alike(plan, &plan->parts[i])) {
        if (plan->parts[i].claimed)
            settle(plan, &plan->parts[i]);
    }
    for (size_t i = 0; i < plan->entry_count; i++)
        plan->entries[i]->predict->marked = plan->entries[i]->predict->direct = false;
}

bool engine_regroup(struct engine *engine, const struct event *cause, struct decision *decision)
{
    struct predict *predict = engine_predict_ready(engine);
    struct plan plan = {.engine = engine, .predict = predict, .decision = decision};

    *decision = (struct decision){0};
    if (!predict || (predict->touch_count == 0 && !predict->everywhere))
        return false;
    engine->cause = cause;
    plan.last_number = engine_count_of(engine, "incident");
    examine_all(&plan);
    make_parts(&plan);
    decide_events(&plan);
    free(plan.entries);
    free(plan.items);
    free(plan.parts);
    return decision->count > 0;
}

// A report that is being decided.

static struct engine_entry *oldest_here(const struct predict *predict, uint32_t position,
                                        struct engine_entry *oldest)
{
    for (const struct predict_call *call = predict->here[position]; call; call = call->next_here) {
        if (call->entry->predict->share == PREDICT_CALLS &&
            (!oldest || number_of(call->entry) < number_of(oldest)))
            oldest = call->entry;
    }
    return oldest;
}

bool engine_predict_try(struct engine *engine, const struct event *event, int64_t *incident)
{
    const struct event_place *place =
        EVENT_HAS(event, premise) ? EVENT_VALUE(event, premise)->place : NULL;
    struct predict *predict = place ? engine_predict_ready(engine) : NULL;
    uint32_t position =
        predict ? engine_predict_position(predict, (int)place->level, place->premise, place->house)
                : PREDICT_NOWHERE;
    struct engine_entry *found = NULL;

    if (event->type != EVENT_CONTACT_OUTAGE_REPORT || position == PREDICT_NOWHERE ||
        (EVENT_HAS(event, symptom) && EVENT_VALUE(event, symptom)->integer == SYMPTOM_RESTORED) ||
        engine_is_silent(engine, place->node))
        return false;
    predict->trial = position;
    if (EVENT_HAS(event, hazard) && EVENT_VALUE(event, hazard)->integer == PREDICT_WIRE_DOWN)
        group_set_wire(predict->group, position, true);
    group_set_flat(predict->group, position,
                   place->level == PLACE_PREMISE && EVENT_HAS(event, extent) &&
                       EVENT_VALUE(event, extent)->integer == PREDICT_FLAT);
    if (!group_has_called(predict->group, position))
        group_call(predict->group, position, event_moment_ms(event));
    int64_t blame = group_blame(predict->group, position);
    if (blame == GROUP_BLAME_NONE)
        return false; // something covers it that takes no report
    found = blame >= 0 ? predict->owners[blame] : oldest_here(predict, position, NULL);
    if (blame >= 0 && !found) {
        uint32_t first, count;

        group_below(predict->group, (int32_t)blame, &first, &count);
        for (uint32_t i = 0; i < count; i++)
            found = oldest_here(predict, first + i, found);
    }
    *incident = found ? number_of(found) : 0;
    return true;
}

void engine_predict_fields(struct engine *engine, struct predict *predict, uint32_t position,
                           struct event *event)
{
    struct group_fault fault;
    struct group_rival rivals[1 + RIVALS];
    int32_t same[CLASS_NAMES];
    bool heard = group_place_of(predict->group, position, &fault);
    size_t count = 1 + (heard ? group_rivals(predict->group, position, rivals + 1, RIVALS) : 0);
    struct slice *names = engine_keep(engine, count * sizeof(*names));
    int64_t *numbers = engine_keep(engine, 3 * count * sizeof(*numbers));

    event_set_word(event, EVENT_FIELD_grouping, GROUPING_LIVE);
    if (!heard)
        return;
    rivals[0] =
        (struct group_rival){fault.node, fault.premises, fault.callers, fault.probability_ppm};
    for (size_t i = 0; i < count; i++) {
        const struct group_rival *at = &rivals[i];

        names[i] =
            at->node == MODEL_NO_NODE ? slice_of("") : model_node(predict->model, at->node)->id;
        numbers[i] = at->probability_ppm;
        numbers[count + i] = at->premises;
        numbers[2 * count + i] = at->callers;
    }
    event_set_texts(event, EVENT_FIELD_candidates, names, count);
    event_set_integers(event, EVENT_FIELD_candidates_ppm, numbers, count);
    event_set_integers(event, EVENT_FIELD_candidates_premises, numbers + count, count);
    event_set_integers(event, EVENT_FIELD_candidates_callers, numbers + 2 * count, count);
    if (is_probable(predict, &fault))
        event_set_integer(event, EVENT_FIELD_probable, true);
    if (fault.node == MODEL_NO_NODE)
        return;
    event_set_text(event, EVENT_FIELD_node, names[0]);
    size_t like = group_class(predict->group, fault.node, same, CLASS_NAMES);
    like = like < CLASS_NAMES ? like : CLASS_NAMES;
    if (like < 2)
        return;
    struct slice *nodes = engine_keep(engine, like * sizeof(*nodes));
    for (size_t i = 1; i < like; i++)
        nodes[i - 1] = model_node(predict->model, same[i])->id;
    event_set_texts(event, EVENT_FIELD_nodes, nodes, like - 1);
}
