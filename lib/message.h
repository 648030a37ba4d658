// What a client writes to the bus: the envelope of a query and of an event (PROTOCOL §§3, 4). The
// caller writes the members of `args` or `data` in between.
#pragma once

#include "lib/json.h"

// {"name":NAME,"args":{ … message_end()
void message_query(struct json_out *out, struct buf *body, const char *name);

// {"specversion":"1.0","id":UUIDv7,"type":TYPE,"data":{ … message_end()
void message_event(struct json_out *out, struct buf *body, const char *type);

void message_end(struct json_out *out);

// The same around `args` or `data` that are written already.
void message_query_of(struct buf *body, const char *name, struct slice args);
void message_event_of(struct buf *body, const char *type, struct slice data);
