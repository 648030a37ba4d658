// The desk's link to the bus over lib/client: loads the open incidents page by page, subscribes from
// the sequence of the first page, and hands rows, events and answers to the desk. Nothing is missed and
// nothing applied twice: pages may be younger than the first one, and the board leaves out what a row
// already has (console/board.h, invariant 1).
#pragma once

#include "console/desk.h"
#include "lib/client.h"

struct link;

// `frame` is called when something changed (urgent = paint at once), `bell` when an alarm is to sound.
typedef void link_frame(void *context, bool urgent);
typedef void link_bell(void *context);

// The client stays the caller's.
struct link *link_new(struct client *client, link_frame *frame, link_bell *bell, void *context);
void link_free(struct link *link);
struct desk_bus link_bus(struct link *link); // for desk_new()
void link_start(struct link *link, struct desk *desk);
// Copies the link's health into desk->link; before each turn.
void link_refresh(struct link *link);
