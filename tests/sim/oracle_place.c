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

void oracle_cover_all(struct oracle_covers *covers, const struct oracle_covers *other)
{
    for (size_t i = 0; i < other->count; i++) {
        const struct oracle_cover *cover = &other->items[i];
        struct slice node = slice_of(cover->node);
        const struct oracle_cover *here = find(covers, cover->level, cover->key, node);
        bool named = here && here->part && !cover->part; // there it is more than a part

        bool kept = here && !named;
        oracle_cover(covers, cover->level, cover->key, node);
        if (cover->listed)
            oracle_list(covers, cover->key);
        if (kept)
            continue;
        struct oracle_cover *own = find(covers, cover->level, cover->key, node);
        own->restored = cover->restored;
        own->part = cover->part;
    }
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
    struct oracle_cover *cover;
    size_t count = covers->count;

    oracle_cover(covers, level, key, node);
    cover = find(covers, level, key, node);
    cover->restored = true;
    cover->part |= level == COVER_NODE && covers->count > count;
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
    case COVER_NODE: break; // what it feeds
    }
    return false;
}

int64_t oracle_count(const struct sim *sim, const struct oracle_covers *covers, bool restored_alone,
                     bool *critical)
{
    int64_t count = 0;

    *critical = false;
    for (size_t p = 0; p < sim->network.premise_count; p++) {
        const struct sim_premise *premise = &sim->network.premises[p];
        struct oracle_fed fed = oracle_fed_of(sim, covers, premise->node);
        bool counts = fed.left || (fed.in && (fed.back || !restored_alone));

        for (size_t i = 0; i < covers->count; i++)
            counts |= (covers->items[i].restored || !restored_alone) &&
                      covers_premise(sim, &covers->items[i], premise);
        count += counts;
        *critical |= counts && (premise->critical || premise->reliability == 1);
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
static bool covers_address(const struct oracle_cover *cover, const struct event_place *place)
{
    switch (cover->level) {
    case COVER_PREMISE: return place->premise && cover->key == place->premise;
    case COVER_HOUSE: return place->house && cover->key == place->house;
    case COVER_STREET: return place->street && cover->key == place->street;
    case COVER_SETTLEMENT: return place->settlement && cover->key == place->settlement;
    case COVER_NODE: break;
    }
    return false;
}

// It all is fed from the node that is named.
static bool feeds_place(const struct sim *sim, const struct oracle_covers *covers,
                        const struct event_place *place)
{
    const struct sim_network *network = &sim->network;
    const struct sim_premise *at =
        premise_of(sim, place->level == PLACE_HOUSE    ? place->house
                        : place->level == PLACE_STREET ? place->street
                                                       : place->settlement);
    bool some = false;

    if (place->node.length)
        return oracle_fed_of(sim, covers, sim_find_node(network, place->node)).in;
    for (size_t i = 0; at && place->level < PLACE_PREMISE && i < network->premise_count; i++) {
        const struct sim_premise *premise = &network->premises[i];

        if (place->level == PLACE_HOUSE    ? !sim_same_house(premise, at)
            : place->level == PLACE_STREET ? !sim_same_street(premise, at)
                                           : !sim_same_settlement(premise, at))
            continue;
        some = true;
        if (!oracle_fed_of(sim, covers, premise->node).in)
            return false;
    }
    return some;
}

static bool any_covers(const struct sim *sim, const struct oracle_covers *covers,
                       const struct event_place *place)
{
    for (size_t i = 0; i < covers->count; i++) {
        if (covers_address(&covers->items[i], place))
            return true;
    }
    return feeds_place(sim, covers, place);
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
                           struct takers *takers)
{
    int64_t moment_ms = event_moment_ms(event);

    for (size_t i = 0; i < sim->oracle.incident_count; i++) {
        const struct oracle_incident *incident = &sim->oracle.incidents[i];
        bool over = incident->state >= INCIDENT_RESTORED && incident->state <= INCIDENT_CLOSED &&
                    moment_ms <= incident->restored_at + QUARTER_MS &&
                    event->recorded_ms <= incident->restored_at + DAY_MS;

        if ((!over && !oracle_is_open(incident)) ||
            !any_covers(sim, &incident->covers, EVENT_VALUE(event, premise)->place))
            continue;
        if (over && is_better(incident, takers->restored, kind))
            takers->restored = incident;
        if (!over && is_better(incident, takers->open, kind))
            takers->open = incident;
    }
}

static void find_planned(const struct sim *sim, const struct event *event, struct takers *takers)
{
    for (size_t i = 0; i < sim->oracle.planned_count; i++) {
        const struct oracle_planned *works = &sim->oracle.planned[i];

        if (works->state == PLANNED_STATE_STARTED &&
            event_moment_ms(event) <= works->ends + QUARTER_MS &&
            any_covers(sim, &works->covers, EVENT_VALUE(event, premise)->place) &&
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

struct oracle_target oracle_target(struct sim *sim, const struct event *event, int kind)
{
    struct takers takers = {0};
    struct oracle_target target = {0};

    find_incidents(sim, event, kind, &takers);
    find_planned(sim, event, &takers);
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
