// Incidents that follow the grouping of calls: when they may, what the broker says of them, and when they
// stay where they are. Which explanation is the best is engine_group_recount_test's to recount; here it
// is seen that a restart finds nothing to be changed (broker.c).
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

enum { MARK_ENERGISED = 1, MINUTE_MS = 60 * 1000 };

void oracle_read_rules(struct sim *sim, const struct event *event)
{
    static const char name[] = "callers.window=";
    const struct event_value *rules = EVENT_VALUE(event, rules);

    sim->oracle.rules_set = (int)EVENT_VALUE(event, set)->integer;
    ORACLE_TEXT(sim->oracle.rules_sha256, event, sha256);
    for (size_t i = 0; EVENT_HAS(event, rules) && i < rules->count; i++) {
        char text[64];

        snprintf(text, sizeof(text), "%.*s", (int)rules->texts[i].length, rules->texts[i].data);
        if (strncmp(text, name, sizeof(name) - 1) == 0)
            sim->oracle.window_ms = atoll(text + sizeof(name) - 1) * MINUTE_MS;
    }
}

static bool follows(const struct oracle_incident *incident)
{
    return incident->grouping == GROUPING_LIVE && incident->state <= INCIDENT_PROBABLE;
}

int64_t oracle_window_due(const struct sim *sim, const struct oracle_incident *incident)
{
    return follows(incident) ? incident->last_report_at + sim->oracle.window_ms : ORACLE_NEVER;
}

// A report that nothing covers joins a predicted outage if it comes from a premise or a house.
bool oracle_may_join(struct sim *sim, const struct event *event, int64_t number)
{
    const struct oracle_incident *incident = oracle_incident(&sim->oracle, number);
    const struct event_place *place = EVENT_VALUE(event, premise)->place;

    return incident && follows(incident) && incident->kind == INCIDENT_OUTAGE &&
           event->type == EVENT_CONTACT_OUTAGE_REPORT && place->level >= PLACE_HOUSE &&
           sim->broker.predicts;
}

static void check_mark(struct sim *sim, const struct event *event)
{
    for (size_t i = 0; EVENT_HAS(event, node) && i < sim->oracle.node_count; i++) {
        const struct oracle_node *node = &sim->oracle.nodes[i];

        if (node->mark == MARK_ENERGISED && slice_is(EVENT_VALUE(event, node)->text, node->node))
            sim_fail(sim, "incident %lld is predicted at %s, which is marked energised",
                     (long long)EVENT_VALUE(event, incident)->integer, node->node);
    }
}

// By the broker: incident.opened with a prediction, incident.grouped.
void oracle_check_grouped(struct sim *sim, const struct event *event)
{
    int64_t ppm_before = 1000000;
    const struct event_value *ppm = EVENT_VALUE(event, candidates_ppm);

    if (!sim->broker.predicts && EVENT_VALUE(event, grouping)->integer != GROUPING_SETTLED)
        sim_fail(sim, "something is predicted, and nothing is to be");
    check_mark(sim, event);
    if (EVENT_HAS(event, candidates_ppm) && ppm->count > 0)
        ppm_before = ppm->integers[0];
    if (ppm_before < 0 || ppm_before > 1000000)
        sim_fail(sim, "a probability is %lld millionths", (long long)ppm_before);
    if (event->type != EVENT_INCIDENT_GROUPED)
        return;
    const struct oracle_incident *incident =
        oracle_incident(&sim->oracle, EVENT_VALUE(event, incident)->integer);
    if (!incident || !follows(incident))
        sim_fail(sim, "incident %lld follows no grouping",
                 (long long)EVENT_VALUE(event, incident)->integer);
    if (EVENT_VALUE(event, grouping)->integer != GROUPING_SETTLED)
        return;
    if (event->time_ms != oracle_window_due(sim, incident))
        sim_fail(sim, "incident %lld is settled at %lld, its window ends at %lld",
                 (long long)incident->number, (long long)event->time_ms,
                 (long long)oracle_window_due(sim, incident));
    oracle_check_first(sim, event, event->time_ms);
}

void oracle_fold_grouped(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident =
        oracle_incident(&sim->oracle, EVENT_VALUE(event, incident)->integer);
    const struct event_value *places = EVENT_VALUE(event, places);
    bool somewhere = EVENT_HAS(event, node) || EVENT_HAS(event, places);

    incident->touched = true;
    incident->grouping = (int)EVENT_VALUE(event, grouping)->integer;
    if (!EVENT_HAS(event, candidates))
        return;
    incident->state = EVENT_HAS(event, probable) ? INCIDENT_PROBABLE : INCIDENT_SUSPECTED;
    incident->node[0] = '\0';
    ORACLE_TEXT(incident->node, event, node);
    if (somewhere)
        incident->covers.count = 0;
    if (EVENT_HAS(event, node))
        oracle_cover(&incident->covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++)
        oracle_cover(&incident->covers, COVER_PREMISE, places->integers[i], (struct slice){0});
    if (somewhere)
        oracle_feed(sim, &incident->covers, true);
    oracle_check_count(sim, incident, event, 0);
    incident->feeder = EVENT_HAS(event, feeder);
    if (EVENT_HAS(event, node))
        oracle_check_desk(sim, event, incident->node);
    else if (!somewhere && EVENT_HAS(event, desk) &&
             !slice_is(EVENT_VALUE(event, desk)->text, incident->desk))
        sim_fail(sim, "incident %lld goes to another desk and stays where it was",
                 (long long)incident->number);
    ORACLE_TEXT(incident->desk, event, desk);
    oracle_need_desk(&sim->oracle, incident->desk, event->recorded_ms);
    oracle_prioritise(incident);
}

// --- promises that go along with merges ---------------------------------------------------------

bool oracle_is_promise(const struct sim *sim, const struct event *event)
{
    return sim->oracle.promise_to == EVENT_VALUE(event, incident)->integer &&
           sim->oracle.promise_at == EVENT_VALUE(event, at)->integer;
}

void oracle_check_promise(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;

    if (oracle->promise_to)
        sim_fail(sim, "the promise of an incident that was merged into %lld was lost",
                 (long long)oracle->promise_to);
}
