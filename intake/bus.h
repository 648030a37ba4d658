// The post's link to the bus over lib/client: questions, the outbox, and the events that matter to an
// operator.
#pragma once

#include "intake/post.h"
#include "lib/client.h"

struct bus;

// `frame` is called when something changed (urgent = paint at once), `bell` to sound.
typedef void bus_frame(void *context, bool urgent);
typedef void bus_bell(void *context);

// The client stays the caller's.
struct bus *bus_new(struct client *client, bus_frame *frame, bus_bell *bell, void *context);
void bus_free(struct bus *bus);
struct post_bus bus_interface(struct bus *bus); // for post_new()
// Calls of the last hours come back out of the outbox; from here on the bus is heard.
void bus_start(struct bus *bus, struct post *post);
// Copies the link's health into post->bus; before each turn.
void bus_refresh(struct bus *bus);
