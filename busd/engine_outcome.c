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
    if (part_seconds < 0)
        part_seconds = 0;
    // Whoever calls that they are still out were to be restored with the rest.
    if (nested_customers <= rest) {
        rest -= nested_customers;
    } else {
        int64_t more = nested_customers - rest < parts ? nested_customers - rest : parts;

        rest = 0;
        part_seconds = parts ? part_seconds / parts * (parts - more) : 0;
    }
    return (part_seconds + rest * seconds_between(incident->started, ended)) / 60;
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
