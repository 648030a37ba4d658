// Areas: at which desk an event or a record lies, and who sits there. What a right that is narrowed by
// `own` (access.h) asks for each row of an answer and each event of a stream, out of committed rows.
//
// An incident lies at the desk that its record names; a contact where its incident does, else where its
// node does; works at their node, else at the first of their premises; any other event as it says itself.
// The desk of a node is that of the nearest node above it, as it is fed now, that a desk owns, else the
// one that owns all the rest (config/desks.yaml). Without desks nothing is anybody's own. What cannot be
// read is nobody's own either.
#pragma once

#include "busd/engine_desks.h"
#include "busd/engine_model.h"
#include "busd/engine_record.h"
#include "busd/store_read.h"

struct store_area {
    struct reader *reader;            // within a snapshot
    const struct model *model;        // never NULL
    const struct engine_desks *desks; // NULL = none
    struct slice who;                 // the name in shift.opened
};

bool store_area_has_desk(const struct store_area *area, struct slice desk);
bool store_area_has_node(const struct store_area *area, struct slice node); // empty = nowhere
bool store_area_has_incident(const struct store_area *area, int64_t number);
bool store_area_has_contact(const struct store_area *area, const struct contact *contact);
bool store_area_has_planned(const struct store_area *area, int64_t number);
bool store_area_has_event(const struct store_area *area, struct slice bytes); // as streamed
