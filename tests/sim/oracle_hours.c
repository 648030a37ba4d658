// Hours without supply of each premise in a year, premise by premise and interruption by interruption: what
// is to be said of them is said once, of the record in which it came to pass, and never later than the
// broker rests between two looks.
#include "tests/sim/sim.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define LATEST_MS (70 * MINUTE_MS)
#define WEEK_MS   (7 * 24 * 60 * MINUTE_MS) // so long a new year says what the former one owes

struct span {
    int64_t from_ms, to_ms;
    bool planned;
    int64_t number;
};

struct spans {
    struct span *items;
    size_t count, capacity;
    int64_t begins_ms, ends_ms;
};

// What the store has of everything that may have interrupted anything: when covers came and went.
struct facts {
    struct cover_list *incidents, *planned; // by number - 1
};

static void read_facts(struct sim *sim, struct facts *facts)
{
    const struct oracle *oracle = &sim->oracle;
    struct err err;

    facts->incidents = mem_alloc((oracle->incident_count + 1) * sizeof(*facts->incidents));
    facts->planned = mem_alloc((oracle->planned_count + 1) * sizeof(*facts->planned));
    for (size_t i = 0; i < oracle->incident_count + oracle->planned_count; i++) {
        bool planned = i >= oracle->incident_count;
        enum record_type type = planned ? RECORD_PLANNED : RECORD_INCIDENT;
        size_t at = planned ? i - oracle->incident_count : i;
        int64_t number = (int64_t)at + 1;
        union record record = {.incident = {0}};

        if (store_get_record(sim->broker.store, type, &number, &record, &err) != 1)
            continue; // a fault, or made in this very transaction
        struct cover_list *covers = record_covers(type, &record);
        *(planned ? &facts->planned[at] : &facts->incidents[at]) = *covers;
        *covers = (struct cover_list){.items = NULL};
        record_fini(type, &record);
    }
}

static void free_covers(struct cover_list *lists, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < lists[i].count; k++)
            free(lists[i].items[k].node);
        free(lists[i].items);
    }
    free(lists);
}

static void add(struct spans *spans, struct span span)
{
    size_t at = spans->count;

    span.from_ms = span.from_ms > spans->begins_ms ? span.from_ms : spans->begins_ms;
    span.to_ms = span.to_ms < spans->ends_ms ? span.to_ms : spans->ends_ms;
    if (span.from_ms >= span.to_ms)
        return;
    mem_grow((void **)&spans->items, spans->count, &spans->capacity, sizeof(span));
    // Incidents by number, then works: of two that begin together the first stays before.
    for (; at > 0 && spans->items[at - 1].from_ms > span.from_ms; at--)
        spans->items[at] = spans->items[at - 1];
    spans->items[at] = span;
    spans->count++;
}

static bool is_at(const struct sim *sim, const struct cover *cover,
                  const struct sim_premise *premise)
{
    const struct sim_premise *named = &sim->network.premises[cover->key - 1];

    switch (cover->level) {
    case COVER_PREMISE: return named == premise;
    case COVER_HOUSE: return sim_same_house(named, premise);
    case COVER_STREET: return sim_same_street(named, premise);
    case COVER_SETTLEMENT: return sim_same_settlement(named, premise);
    default: return false;
    }
}

// Of the nodes above it the nearest says whether it is of it and until when; an address may be back first.
static void add_out(const struct sim *sim, const struct cover_list *covers,
                    const struct sim_premise *premise, struct span span, struct spans *spans)
{
    bool decided = false, known = false;
    int64_t back = 0, since = 0, before_s = 0;

    for (int node = premise->node; node != SIM_NO_NODE; node = sim->network.nodes[node].parent) {
        for (size_t i = 0; i < covers->count; i++) {
            const struct cover *cover = &covers->items[i];

            if (cover->level != COVER_NODE || strcmp(cover->node, sim->network.nodes[node].id) != 0)
                continue;
            known = decided ? known : cover->part != COVER_NEVER;
            back = decided ? back : cover->restored_at;
            decided = true;
            if (cover->since >= since) {
                since = cover->since;
                before_s = cover->since ? cover->before_s : before_s;
            }
        }
    }
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        if (cover->level == COVER_NODE || !is_at(sim, cover, premise))
            continue;
        known = true;
        if (cover->restored_at && (!back || cover->restored_at < back))
            back = cover->restored_at;
    }
    if (!known)
        return;
    if (before_s)
        add(spans,
            (struct span){span.from_ms, span.from_ms + before_s * 1000, span.planned, span.number});
    span.from_ms = since > span.from_ms ? since : span.from_ms;
    span.to_ms = back && back < span.to_ms ? back : span.to_ms;
    add(spans, span);
}

static void find_spans(const struct sim *sim, const struct facts *facts,
                       const struct sim_premise *premise, struct spans *spans)
{
    const struct oracle *oracle = &sim->oracle;

    spans->count = 0;
    for (size_t i = 0; i < oracle->incident_count; i++) {
        const struct oracle_incident *incident = &oracle->incidents[i];

        if (incident->kind != INCIDENT_OUTAGE || incident->state == INCIDENT_MERGED ||
            incident->state == INCIDENT_CANCELLED)
            continue;
        add_out(sim, &facts->incidents[i], premise,
                (struct span){incident->started,
                              incident->restored_at ? incident->restored_at : INT64_MAX, false,
                              incident->number},
                spans);
    }
    for (size_t i = 0; i < oracle->planned_count; i++) {
        const struct oracle_planned *works = &oracle->planned[i];

        for (size_t run = 0; run < works->run_count; run++)
            add_out(sim, &facts->planned[i], premise,
                    (struct span){works->runs[run].from_ms, works->runs[run].to_ms, true,
                                  works->number},
                    spans);
    }
}

static void owe(struct oracle *oracle, const struct spans *spans, const struct span *span,
                int limit, int64_t at_ms)
{
    for (size_t i = 0; i < oracle->owed_count; i++) {
        struct oracle_owed *owed = &oracle->owed[i];

        if (owed->planned != span->planned || owed->number != span->number ||
            owed->limit != limit || owed->year_ms != spans->begins_ms)
            continue;
        owed->premises++;
        owed->due_ms = at_ms < owed->due_ms ? at_ms : owed->due_ms;
        return;
    }
    mem_grow((void **)&oracle->owed, oracle->owed_count, &oracle->owed_capacity,
             sizeof(*oracle->owed));
    oracle->owed[oracle->owed_count++] =
        (struct oracle_owed){span->planned, span->number, limit, spans->begins_ms, 1, at_ms};
}

static void owe_premise(struct oracle *oracle, const struct spans *spans, int reliability)
{
    static const int limits_h[2][4] = {
        {SIM_YEAR_H - SIM_YEAR_NEAR_H, SIM_YEAR_1_H - SIM_YEAR_NEAR_H,
         SIM_YEAR_2_H - SIM_YEAR_NEAR_H, SIM_YEAR_H - SIM_YEAR_NEAR_H},
        {SIM_YEAR_H, SIM_YEAR_1_H, SIM_YEAR_2_H, SIM_YEAR_H}};

    for (int limit = 0; limit < 2; limit++) {
        int64_t left_ms = limits_h[limit][reliability] * 60 * MINUTE_MS, until_ms = INT64_MIN;

        for (size_t i = 0; i < spans->count && left_ms > 0; i++) {
            const struct span *span = &spans->items[i];
            int64_t from_ms = span->from_ms > until_ms ? span->from_ms : until_ms;
            int64_t length_ms = span->to_ms > from_ms ? span->to_ms - from_ms : 0;

            if (length_ms >= left_ms && from_ms + left_ms > oracle->hours_told)
                owe(oracle, spans, span, limit, from_ms + left_ms);
            left_ms -= length_ms;
            until_ms = span->to_ms > until_ms ? span->to_ms : until_ms;
        }
    }
}

static void owe_period(struct sim *sim, const struct facts *facts, int64_t begins_ms,
                       int64_t ends_ms)
{
    struct spans spans = {.begins_ms = begins_ms, .ends_ms = ends_ms};

    for (size_t i = 0; i < sim->network.premise_count; i++) {
        const struct sim_premise *premise = &sim->network.premises[i];

        find_spans(sim, facts, premise, &spans);
        owe_premise(&sim->oracle, &spans, premise->reliability);
    }
    free(spans.items);
}

// What passed since it was last said.
static void find_owed(struct sim *sim, int64_t until_ms)
{
    struct oracle *oracle = &sim->oracle;
    int year = clock_local_year(until_ms);
    int64_t begins_ms = clock_year_begins_ms(year);
    struct facts facts;

    read_facts(sim, &facts);
    oracle->owed_count = 0;
    if (oracle->hours_told < begins_ms && until_ms - begins_ms < WEEK_MS)
        owe_period(sim, &facts, clock_year_begins_ms(year - 1), begins_ms);
    owe_period(sim, &facts, begins_ms, until_ms);
    free_covers(facts.incidents, oracle->incident_count);
    free_covers(facts.planned, oracle->planned_count);
}

void oracle_check_hours(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    bool planned = EVENT_HAS(event, planned);
    int64_t number = event->values[planned ? EVENT_FIELD_planned : EVENT_FIELD_incident].integer;
    int limit = slice_is(EVENT_VALUE(event, deadline)->text, "outage_limit_year");
    int64_t until_ms = EVENT_VALUE(event, until)->integer;

    if (until_ms != oracle->hours_until) {
        oracle_check_hours_said(sim);
        find_owed(sim, until_ms);
        oracle->hours_until = until_ms;
    }
    for (size_t i = 0; i < oracle->owed_count; i++) {
        struct oracle_owed *owed = &oracle->owed[i];

        if (owed->planned != planned || owed->number != number || owed->limit != limit)
            continue; // of two years the former one is said first, and stands first
        if (owed->premises != EVENT_VALUE(event, premises)->integer ||
            owed->due_ms != EVENT_VALUE(event, due)->integer)
            sim_fail(sim,
                     "%lld premises are said to have passed the hours of the year, first at "
                     "%lld; it is %lld, first at %lld",
                     (long long)EVENT_VALUE(event, premises)->integer,
                     (long long)EVENT_VALUE(event, due)->integer, (long long)owed->premises,
                     (long long)owed->due_ms);
        memmove(owed, owed + 1, (--oracle->owed_count - i) * sizeof(*owed)); // NOLINT
        return;
    }
    sim_fail(sim, "no premise passed the hours of the year in %s %lld by %lld",
             planned ? "works" : "incident", (long long)number, (long long)until_ms);
}

void oracle_check_hours_said(struct sim *sim)
{
    const struct oracle_owed *owed = sim->oracle.owed;

    if (sim->oracle.owed_count)
        sim_fail(sim, "%lld premises of %s %lld passed the hours of the year and were not said",
                 (long long)owed->premises, owed->planned ? "works" : "incident",
                 (long long)owed->number);
}

void oracle_check_hours_by(struct sim *sim, int64_t until_ms)
{
    // What was recorded since may tell of hours that are past.
    if (until_ms - LATEST_MS <= sim->oracle.hours_told ||
        until_ms - LATEST_MS <= sim->oracle.fact_ms)
        return;
    find_owed(sim, until_ms - LATEST_MS);
    oracle_check_hours_said(sim);
}
