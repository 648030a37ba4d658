// The reasons of an incident: `why` and `alternatives` of query `incident`.
#pragma once

#include "busd/query.h"

struct query_why;

// What its timeline says of predictions; nothing for one that was never predicted.
struct query_why *query_why_read(struct query *query, int64_t incident);
void query_why_free(struct query_why *why);
// Each writes items into the array that is open. First what the grouping said last, as a sentence.
void query_why_put(struct query *query, const struct query_why *why,
                   const struct incident *incident);
// Why a contact is on the incident, and the numbers then. `first`: no other came before; `next`: the
// sequence of the contact after it, INT64_MAX for the last.
void query_why_put_call(struct query *query, const struct query_why *why,
                        const struct contact *contact, int64_t incident, bool first, int64_t next);
void query_why_put_alternatives(struct query *query, const struct query_why *why);
