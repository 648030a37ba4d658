// Floods of a desk and the company's mode: when more incidents come to need somebody than one person
// can look at, a storm is proposed; people switch it.
//
// What is counted is incidents that come to need acceptance, not calls (ISA-18.2: a flood starts with
// more than 10 alarms in 10 min for one person and ends below 5). A desk keeps the last ten minutes as
// ten counts, so that its record stays small however hard it rains.
#pragma once

#include "busd/engine_record.h"

enum {
    ENGINE_FLOOD_MINUTES = 10,
    ENGINE_FLOOD_MOST = 63, // a minute's count stops here
    // Alarms of one incident (ISA-18.2): chattering is three times within a minute, until it was quiet
    // for ten; stale is one that nobody has dealt with for a day.
    ENGINE_CHATTER_TIMES = 3,
    ENGINE_CHATTER_MS = 60 * 1000,
    ENGINE_QUIET_MS = 10 * 60 * 1000,
    ENGINE_STALE_MS = 24 * 60 * 60 * 1000,
};

// The desk of incidents that none owns, as its record and deadlines name it.
extern const char engine_no_desk[]; // "*"

// How many incidents came to need somebody in the ten minutes up to `at_ms`, by whole minutes.
int64_t engine_flood_count(const struct desk_state *desk, int64_t at_ms);
// The first minute from the last of them on in which fewer than `below` (at least 1) count.
int64_t engine_flood_ends_ms(const struct desk_state *desk, int64_t below);

bool engine_is_chattering(const struct incident *incident, int64_t now_ms);
bool engine_is_stale(const struct incident *incident, int64_t now_ms);
