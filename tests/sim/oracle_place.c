#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { QUARTER_MS = 15 * 60 * 1000, DAY_MS = 24 * 60 * 60 * 1000 };

// Covers, in the order in which they came.

static struct oracle_cover *find(struct oracle_covers *covers, enum cover_level level, int64_t key,
                                 struct slice node)
{
    for (size_t i = 0; i < covers->count; i++) {
        struct oracle_cover *cover = &covers->items[i];

        if (cover->level == level &&
            (level == COVER_NODE ? slice_is(node, cover->node) : cover->key == key))
            return cover;
    }
    return NULL;
}

void oracle_cover(struct oracle_covers *covers, enum cover_level level, int64_t key,
                  struct slice node)
{
    struct oracle_cover *cover;

    if (find(covers, level, key, node))
        return;
    mem_grow((void **)&covers->items, covers->count, &covers->capacity, sizeof(*covers->items));
    cover = &covers->items[covers->count++];
    *cover = (struct oracle_cover){.level = level, .key = level == COVER_NODE ? 0 : key};
    if (level == COVER_NODE)
        snprintf(cover->node, sizeof(cover->node), "%.*s", (int)node.length, node.data);
}

void oracle_list(struct oracle_covers *covers, int64_t premise)
{
    oracle_cover(covers, COVER_PREMISE, premise, (struct slice){0});
    find(covers, COVER_PREMISE, premise, (struct slice){0})->listed = true;
}

void oracle_uncover(struct oracle_covers *covers, enum cover_level level)
{
    size_t kept = 0;

    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].level != level)
            covers->items[kept++] = covers->items[i];
    }
    covers->count = kept;
}

void oracle_uncover_unlisted(struct oracle_covers *covers)
{
    for (size_t i = covers->count; i-- > 0;) {
        if (covers->items[i].level == COVER_PREMISE && !covers->items[i].listed)
            covers->items[i] = covers->items[--covers->count];
    }
}

void oracle_uncover_premise(struct oracle_covers *covers, int64_t key)
{
    struct oracle_cover *cover = find(covers, COVER_PREMISE, key, (struct slice){0});

    if (cover)
        *cover = covers->items[--covers->count];
}

void oracle_cover_restored(struct oracle_covers *covers, enum cover_level level, int64_t key,
                           struct slice node)
{
    oracle_cover(covers, level, key, node);
    find(covers, level, key, node)->restored = true;
}

static const struct sim_premise *premise_of(const struct sim *sim, int64_t key)
{
    return key >= 1 && key <= (int64_t)sim->network.premise_count ? &sim->network.premises[key - 1]
                                                                  : NULL;
}

// Whether the premise is one of those that the cover names.
static bool covers_premise(const struct sim *sim, const struct oracle_cover *cover,
                           const struct sim_premise *premise)
{
    const struct sim_premise *named = premise_of(sim, cover->key);

    switch (cover->level) {
    case COVER_PREMISE: return named == premise;
    case COVER_HOUSE: return named && sim_same_house(named, premise);
    case COVER_STREET: return named && sim_same_street(named, premise);
    case COVER_SETTLEMENT: return named && sim_same_settlement(named, premise);
    case COVER_NODE: break;
    }
    int node = sim_find_node(&sim->network, slice_of(cover->node));
    return node != SIM_NO_NODE && sim_is_below(&sim->network, premise->node, node);
}

int64_t oracle_count(const struct sim *sim, const struct oracle_covers *covers, bool restored_alone,
                     bool *critical)
{
    int64_t count = 0;

    *critical = false;
    for (size_t p = 0; p < sim->network.premise_count; p++) {
        const struct sim_premise *premise = &sim->network.premises[p];

        for (size_t i = 0; i < covers->count; i++) {
            if ((restored_alone && !covers->items[i].restored) ||
                !covers_premise(sim, &covers->items[i], premise))
                continue;
            count++;
            *critical |= premise->critical || premise->reliability == 1;
            break;
        }
    }
    return count;
}

// The place of an event: by account, by address, by node, or nowhere.

static bool named_so(const struct json *premise, const char *field, const char *name)
{
    return slice_is(json_string(json_get(premise, field)), name);
}

static bool numbered_so(const struct json *premise, const char *field, int number)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", number);
    return named_so(premise, field, text);
}

// How much of the premise's address is that of the text.
static enum event_place_level level_of(const struct sim_premise *premise, const struct json *text)
{
    if (!named_so(text, "settlement", sim_settlement_name(premise->settlement)))
        return PLACE_NONE;
    if (!named_so(text, "street", sim_street_name(premise->street)))
        return PLACE_SETTLEMENT;
    if (!numbered_so(text, "house", premise->house))
        return PLACE_STREET;
    return PLACE_HOUSE;
}

static void expect_key(struct sim *sim, const char *what, int64_t found, int64_t wanted)
{
    if (found != wanted)
        sim_fail(sim, "the %s of the place is %lld and not %lld", what, (long long)found,
                 (long long)wanted);
}

// The lowest key that shares it.
static int64_t name_of(const struct sim *sim, const struct sim_premise *premise,
                       bool (*same)(const struct sim_premise *, const struct sim_premise *))
{
    for (size_t i = 0; i < sim->network.premise_count; i++) {
        if (same(&sim->network.premises[i], premise))
            return (int64_t)i + 1;
    }
    return 0;
}

// Callers give settlement, street and house, or all but the later ones; so the best level decides.
void oracle_check_place(struct sim *sim, const struct event *event, const struct json *premise)
{
    const struct event_place *place = EVENT_VALUE(event, premise)->place;
    const struct sim_premise *best = NULL;
    enum event_place_level level = PLACE_NONE;

    if (place->premise) { // the account is personal, and gone; it was one that there is
        best = premise_of(sim, place->premise);
        level = PLACE_PREMISE;
    }
    for (size_t i = 0; i < sim->network.premise_count && level != PLACE_PREMISE; i++) {
        enum event_place_level here = level_of(&sim->network.premises[i], premise);

        if (here > level) {
            level = here;
            best = &sim->network.premises[i];
        }
    }
    expect_key(sim, "level", (int64_t)place->level, (int64_t)level);
    if (!best)
        return;
    expect_key(sim, "settlement", place->settlement, name_of(sim, best, sim_same_settlement));
    if (level >= PLACE_STREET)
        expect_key(sim, "street", place->street, name_of(sim, best, sim_same_street));
    if (level >= PLACE_HOUSE)
        expect_key(sim, "house", place->house, name_of(sim, best, sim_same_house));
    if (level == PLACE_PREMISE && best->node != SIM_NO_NODE &&
        !slice_is(place->node, sim->network.nodes[best->node].id))
        sim_fail(sim, "the node of account %s is %s and not %.*s", best->account,
                 sim->network.nodes[best->node].id, (int)place->node.length, place->node.data);
}

// Where a report goes (EVENTS.md rule 2).

// Everything of the place lies within the cover.
static bool covers_place(const struct sim *sim, const struct oracle_cover *cover,
                         const struct event_place *place)
{
    const struct sim_network *network = &sim->network;
    const struct sim_premise *at =
        premise_of(sim, place->level == PLACE_PREMISE  ? place->premise
                        : place->level == PLACE_HOUSE  ? place->house
                        : place->level == PLACE_STREET ? place->street
                                                       : place->settlement);
    bool some = false;

    switch (cover->level) {
    case COVER_PREMISE: return place->premise && cover->key == place->premise;
    case COVER_HOUSE: return place->house && cover->key == place->house;
    case COVER_STREET: return place->street && cover->key == place->street;
    case COVER_SETTLEMENT: return place->settlement && cover->key == place->settlement;
    case COVER_NODE: break;
    }
    int node = sim_find_node(network, slice_of(cover->node));
    if (place->node.length)
        return sim_is_below(network, sim_find_node(network, place->node), node);
    for (size_t i = 0; at && place->level < PLACE_PREMISE && i < network->premise_count; i++) {
        const struct sim_premise *premise = &network->premises[i];

        if (place->level == PLACE_HOUSE    ? !sim_same_house(premise, at)
            : place->level == PLACE_STREET ? !sim_same_street(premise, at)
                                           : !sim_same_settlement(premise, at))
            continue;
        some = true;
        if (premise->node == SIM_NO_NODE || !sim_is_below(network, premise->node, node))
            return false;
    }
    return some;
}

// Where the premises table has it, or where it is fed from now: then by nodes alone.
typedef bool cover_test(const struct sim *sim, const struct oracle_cover *cover,
                        const struct event_place *place);

static bool feeds_place(const struct sim *sim, const struct oracle_cover *cover,
                        const struct event_place *place)
{
    const struct sim_premise *premise =
        place->level == PLACE_PREMISE ? premise_of(sim, place->premise) : NULL;
    int node = premise ? premise->node : SIM_NO_NODE;

    if (cover->level != COVER_NODE)
        return false;
    while (node != SIM_NO_NODE && strcmp(sim->network.nodes[node].id, cover->node) != 0)
        node = oracle_feeding(sim, node);
    return node != SIM_NO_NODE;
}

static bool any_covers(const struct sim *sim, const struct oracle_covers *covers,
                       const struct event_place *place, cover_test *test)
{
    for (size_t i = 0; i < covers->count; i++) {
        if (test(sim, &covers->items[i], place))
            return true;
    }
    return false;
}

// Of the report's kind first, then the latest started, then the higher number.
static bool is_better(const struct oracle_incident *a, const struct oracle_incident *b, int kind)
{
    if (!b)
        return true;
    if ((a->kind == kind) != (b->kind == kind))
        return a->kind == kind;
    return a->started != b->started ? a->started > b->started : a->number > b->number;
}

// What takes the report, the best of each sort.
struct takers {
    const struct oracle_incident *open, *restored;
    const struct oracle_planned *planned;
};

static void find_incidents(const struct sim *sim, const struct event *event, int kind,
                           cover_test *test, struct takers *takers)
{
    int64_t moment_ms = event_moment_ms(event);

    for (size_t i = 0; i < sim->oracle.incident_count; i++) {
        const struct oracle_incident *incident = &sim->oracle.incidents[i];
        bool over = incident->state >= INCIDENT_RESTORED && incident->state <= INCIDENT_CLOSED &&
                    moment_ms <= incident->restored_at + QUARTER_MS &&
                    event->recorded_ms <= incident->restored_at + DAY_MS;

        if ((!over && !oracle_is_open(incident)) ||
            !any_covers(sim, &incident->covers, EVENT_VALUE(event, premise)->place, test))
            continue;
        if (over && is_better(incident, takers->restored, kind))
            takers->restored = incident;
        if (!over && is_better(incident, takers->open, kind))
            takers->open = incident;
    }
}

static void find_planned(const struct sim *sim, const struct event *event, cover_test *test,
                         struct takers *takers)
{
    for (size_t i = 0; i < sim->oracle.planned_count; i++) {
        const struct oracle_planned *works = &sim->oracle.planned[i];

        if (works->state == PLANNED_STATE_STARTED &&
            event_moment_ms(event) <= works->ends + QUARTER_MS &&
            any_covers(sim, &works->covers, EVENT_VALUE(event, premise)->place, test) &&
            // of equal ones the higher number
            (!takers->planned || works->starts >= takers->planned->starts))
            takers->planned = works;
    }
}

static const struct oracle_incident *nested_of(const struct sim *sim, int64_t parent, int kind)
{
    const struct oracle_incident *nested = NULL;

    for (size_t i = 0; i < sim->oracle.incident_count; i++) {
        const struct oracle_incident *incident = &sim->oracle.incidents[i];

        if (incident->nested_in == parent && oracle_is_open(incident) &&
            (kind < 0 || incident->kind == kind) && is_better(incident, nested, kind))
            nested = incident;
    }
    return nested;
}

// Some node is fed from elsewhere than it was imported.
static bool is_switched(const struct sim *sim)
{
    for (size_t i = 0; i < sim->network.node_count; i++) {
        if (oracle_feeding(sim, (int)i) != sim->network.nodes[i].parent)
            return true;
    }
    return false;
}

struct oracle_target oracle_target(struct sim *sim, const struct event *event, int kind)
{
    struct takers takers = {0};
    struct oracle_target target = {0};

    find_incidents(sim, event, kind, covers_place, &takers);
    find_planned(sim, event, covers_place, &takers);
    if (!takers.open && !takers.planned && !takers.restored && sim->broker.predicts &&
        sim->oracle.rules_set >= 0 && is_switched(sim)) {
        find_incidents(sim, event, kind, feeds_place, &takers);
        find_planned(sim, event, feeds_place, &takers);
    }
    if (takers.open) {
        target.incident = takers.open->number;
    } else if (takers.planned) {
        target.planned = takers.planned->number;
    } else if (takers.restored) {
        const struct oracle_incident *nested = nested_of(sim, takers.restored->number, kind);

        if (nested)
            target.incident = nested->number;
        else
            target.nested_in = takers.restored->number;
    }
    return target;
}
