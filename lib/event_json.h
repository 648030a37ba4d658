// Between `struct event` and its JSON: the envelope of CloudEvents 1.0 and the fields of `data`.
#pragma once

#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"

// Attributes that the broker sets and refuses from clients (PROTOCOL §4); ends with NULL.
extern const char *const event_broker_attributes[];

// Reads what a client proposes: checks the envelope (specversion, id, type, data; optional time,
// subject and the `extensions`, a NULL-ended list), not `data` against its schema. `event` points
// into the tree; arrays and places are allocated in `doc`. ERR_INVALID names the member.
enum err_code event_read_proposal(struct event *event, const struct json *tree,
                                  struct json_doc *doc, char *const *extensions, struct err *err);

// Reads an event as stored in the journal (trusted: written by this program or an earlier
// version). ERR_INVALID when it is none.
enum err_code event_read_stored(struct event *event, const struct json *tree, struct json_doc *doc,
                                struct err *err);

// Reads the fields of `data` alone.
enum err_code event_read_data(struct event *event, const struct json *data, struct json_doc *doc,
                              struct err *err);

// Sets into `data` every field of `event` that is marked in `fields` (event->decided, or all for an
// event that the broker makes), as EVENT_FIELDS spells it. A place is written as
// `premise`.`resolved`.
void event_write_fields(const struct event *event, event_bits fields, struct json_doc *doc,
                        struct json *data);
