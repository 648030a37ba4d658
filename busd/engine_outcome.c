// What an incident counts for: outcomes that take it out of the counts, and customer-minutes.
//
// Customer-minutes are derived, never kept: what is kept are the times and the counts that a person
// may still correct. Each customer counts from `started`, until the part with them was restored, or
// the incident. One who is still out afterwards is counted by the nested incident, which starts when
// the original did, and so leaves its parent's count altogether: no minute is counted twice. Here by the
// counts alone, on average over the parts where more are out again than were restored last;
// engine_minutes.c tells them apart where the premises are known.
#include "busd/engine_state.h"

static const struct {
    const char *word;
    struct incident_counts counts;
} outcomes[] = {
    [OUTCOME_CUSTOMER_SIDE] = {"customer_side", {true, true, false, false}},
    [OUTCOME_NOT_FOUND] = {"not_found", {true, false, false, false}},
    [OUTCOME_DUPLICATE] = {"duplicate", {false, false, false, true}},
    [OUTCOME_INVALID] = {"invalid", {false, false, false, false}},
};

enum { OUTCOME_COUNT = sizeof(outcomes) / sizeof(outcomes[0]) };

struct incident_counts engine_outcome_counts(int outcome)
{
    return outcome < 0 ? (struct incident_counts){true, true, true, false}
                       : outcomes[outcome].counts;
}

int engine_outcome_of(struct slice word)
{
    for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        if (slice_is(word, outcomes[outcome].word))
            return outcome;
    }
    return -1;
}

bool engine_outcome_joins(int outcome)
{
    return engine_outcome_counts(outcome).parent;
}

static int64_t seconds_between(int64_t from_ms, int64_t to_ms)
{
    return to_ms > from_ms ? (to_ms - from_ms) / 1000 : 0;
}

int64_t engine_customer_minutes(const struct incident *incident, int64_t nested_customers,
                                int64_t until_ms)
{
    int64_t ended = incident->restored_at ? incident->restored_at : until_ms;
    int64_t parts = incident->customers_restored < incident->customers
                        ? incident->customers_restored
                        : incident->customers;
    int64_t rest = incident->customers - parts;
    int64_t part_seconds =
        incident->part_seconds + parts * ((incident->opened_at - incident->started) / 1000);

    if (!engine_outcome_counts(incident->outcome).minutes || incident->state == INCIDENT_MERGED)
        return 0;
    // Whoever calls that they are still out were to be restored with the rest.
    if (nested_customers <= rest) {
        rest -= nested_customers;
    } else {
        int64_t more = nested_customers - rest < parts ? nested_customers - rest : parts;

        rest = 0;
        part_seconds = parts ? part_seconds / parts * (parts - more) : 0;
    }
    part_seconds += rest * seconds_between(incident->started, ended);
    return part_seconds > 0 ? part_seconds / 60 : 0;
}

// What applying incident.partly_restored does to both.
void engine_restore_part(struct incident *incident, int64_t customers, int64_t at_ms)
{
    int64_t more = (customers < incident->customers ? customers : incident->customers) -
                   incident->customers_restored;

    if (more <= 0)
        return;
    incident->customers_restored += more;
    incident->part_seconds += more * ((at_ms - incident->opened_at) / 1000);
}

// What applying incident.switched does: whoever joined, for the first time or again, is out since `at_ms`
// and not since the start; whoever left was out until then.
void engine_recount_parts(struct incident *incident, const struct event *event, int64_t at_ms)
{
    int64_t former = incident->customers, back = incident->customers_restored;
    int64_t now_back = EVENT_HAS(event, customers_restored)
                           ? EVENT_VALUE(event, customers_restored)->integer
                           : back;
    int64_t joined;

    engine_set_customers(incident, event);
    joined = incident->customers - former + (back > now_back ? back - now_back : 0);
    if (joined > 0)
        incident->part_seconds -= joined * ((at_ms - incident->opened_at) / 1000);
    if (now_back < back)
        incident->customers_restored = now_back;
    else
        engine_restore_part(incident, now_back, at_ms);
}
