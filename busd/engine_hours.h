// Hours without supply of each premise in a year (ПП РФ 861, п. 31(6): 72 h for reliability category 3),
// summed from what the records say: no count of them is kept anywhere.
//
//  1. What counts: outages, of the state and outcome that count minutes (engine_outcome_counts()), from
//     `started` until its part or the incident was restored, whichever was first, and planned works from their
//     start to their end as they were told. A quality fault and a hazard do not.
//  2. Each moment counts once, whatever covers the premise: an incident, one nested in it, another one,
//     works. It belongs to the one of them that began first within the year.
//  3. A premise passes a limit in the moment in which its sum reaches it, and it is that of the record that
//     this moment belongs to. So each is said once, of one record.
//  4. The premises of a record are those of today's network below what it covered.
//  5. Premises are looked at in runs that everything covers alike, so that the work is that of the records
//     and not of the premises.
#pragma once

#include "busd/engine_model.h"
#include "busd/engine_record.h"

struct engine_timers;

// Whose an interruption is.
struct hours_record {
    bool planned;
    int64_t number;
};

// Premises by position, first to end - 1, without supply from then until then.
struct hours_out {
    uint32_t first, end;
    int64_t from_ms, to_ms;
    size_t record; // index in struct hours
    bool open;     // it goes on
};

struct hours {
    const struct model *model;  // not owned
    int64_t begins_ms, ends_ms; // what lies outside is cut off
    struct hours_record *records;
    size_t record_count, record_capacity;
    struct hours_out *outs;
    size_t out_count, out_capacity;
};

void hours_fini(struct hours *hours);
// Read of an incident: kind, state, outcome, times, covers; of works: `worked`, covers.
void hours_add_incident(struct hours *hours, const struct incident *incident);
void hours_add_planned(struct hours *hours, const struct planned *planned);

// Each run of premises that the same interruptions hold, by position, with these by their beginning.
typedef void hours_run(void *context, uint32_t first, uint32_t end,
                       const struct hours_out *const *outs, size_t count);
void hours_each_run(const struct hours *hours, hours_run *each, void *context);

struct hours_sum {
    int64_t total_ms, longest_ms; // the longest at once
    int64_t times;                // how often
    bool open;                    // out at the end
};
struct hours_sum hours_sum(const struct hours_out *const *outs, size_t count);
// The interruption in which the sum reaches the limit, and when; NULL = it does not.
const struct hours_out *hours_pass(const struct hours_out *const *outs, size_t count,
                                   int64_t limit_ms, int64_t *at_ms);

// Of a premise of each reliability category, when a warning is said and when the limit is reached.
enum hours_limit { HOURS_NEAR, HOURS_LIMIT, HOURS_LIMIT_COUNT };
enum { HOURS_CATEGORIES = 3 };
struct hours_limits {
    int64_t ms[HOURS_LIMIT_COUNT][HOURS_CATEGORIES];
    int64_t at_once_ms[HOURS_LIMIT_COUNT]; // of one interruption
};
struct hours_limits hours_limits(const struct engine_timers *timers);
int hours_category(
    const struct model_premise *premise); // index; one without a category has the third

// What is to be said of a record: how many of its premises passed since then, and the first of them.
struct hours_passed {
    int64_t premises[HOURS_LIMIT_COUNT], due_ms[HOURS_LIMIT_COUNT];
};
// Fills `passed`, one a record, with what was passed after `told_ms`. How long it takes at least until
// anything else can be, if no record is corrected.
int64_t hours_find_passed(const struct hours *hours, const struct hours_limits *limits,
                          int64_t told_ms, struct hours_passed *passed);
