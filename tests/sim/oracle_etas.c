// Default times of restoration: the first row that fits an incident, until a person says something.
#include "tests/sim/sim.h"

#include <string.h>

// The lowest place that it covers, in the order premises, houses, streets, settlements, nodes.
static const struct oracle_cover *first_cover(const struct oracle_incident *incident)
{
    const struct oracle_cover *first = NULL;

    for (size_t i = 0; i < incident->covers.count; i++) {
        const struct oracle_cover *cover = &incident->covers.items[i];

        if (cover->part)
            continue;
        if (!first || cover->level < first->level ||
            (cover->level == first->level &&
             (cover->level == COVER_NODE ? strcmp(cover->node, first->node) < 0
                                         : cover->key < first->key)))
            first = cover;
    }
    return first;
}

static int node_of(const struct sim *sim, const struct oracle_incident *incident)
{
    const struct oracle_cover *cover = first_cover(incident);

    if (incident->node[0])
        return sim_find_node(&sim->network, slice_of(incident->node));
    if (!cover)
        return SIM_NO_NODE;
    return cover->level == COVER_NODE ? sim_find_node(&sim->network, slice_of(cover->node))
                                      : sim->network.premises[cover->key - 1].node;
}

static bool is_fed_by(const struct sim *sim, int node, const char *wanted)
{
    while (node != SIM_NO_NODE && strcmp(sim->network.nodes[node].id, wanted) != 0)
        node = oracle_feeding(sim, node);
    return node != SIM_NO_NODE;
}

static bool fits(const char *wanted, const char *word)
{
    return strcmp(wanted, "any") == 0 || strcmp(wanted, word) == 0;
}

static const struct engine_eta_row *row_of(const struct sim *sim,
                                           const struct oracle_incident *incident)
{
    static const char *const kinds[] = {"outage", "quality", "hazard"};
    bool storm = sim->oracle.mode != 0;

    for (size_t i = 0; i < sim->broker.etas.count; i++) {
        const struct engine_eta_row *row = &sim->broker.etas.items[i];

        if (fits(row->mode, storm ? "storm" : "normal") && fits(row->kind, kinds[incident->kind]) &&
            incident->customers >= row->customers && (row->published || !storm) &&
            (!row->nodes[0] || is_fed_by(sim, node_of(sim, incident), row->nodes[0])))
            return row;
    }
    return NULL;
}

int64_t oracle_eta_due(const struct sim *sim, const struct oracle_incident *incident)
{
    bool silent = incident->eta_source < 0 && !incident->fired[ORACLE_ETA_FIRST];
    bool ours = incident->eta_source >= ETA_ZONE && incident->eta_default;
    const struct engine_eta_row *row;

    if (sim->broker.etas.count == 0 || !oracle_is_open(incident) || (!silent && !ours))
        return ORACLE_NEVER;
    row = row_of(sim, incident);
    return row && incident->active_since + row->after_ms != incident->eta_at
               ? incident->active_since
               : ORACLE_NEVER;
}

void oracle_check_default_eta(struct sim *sim, const struct event *event)
{
    const struct oracle_incident *incident =
        oracle_incident(&sim->oracle, EVENT_VALUE(event, incident)->integer);
    const struct engine_eta_row *row = incident ? row_of(sim, incident) : NULL;

    if (!row || oracle_eta_due(sim, incident) == ORACLE_NEVER)
        sim_fail(sim, "incident %lld has no default time to be set",
                 (long long)EVENT_VALUE(event, incident)->integer);
    if (EVENT_VALUE(event, at)->integer != incident->active_since + row->after_ms ||
        EVENT_VALUE(event, source)->integer != (row->nodes[0] ? ETA_ZONE : ETA_RULE) ||
        (EVENT_VALUE(event, published)->integer != 0) != row->published)
        sim_fail(sim, "the default time of incident %lld is not that of its row",
                 (long long)incident->number);
    oracle_check_first(sim, event, incident->active_since);
}
