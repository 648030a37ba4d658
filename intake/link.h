// The post's link to the bus over lib/client: questions, the outbox, and the events that matter to an
// operator.
#pragma once

#include "intake/post.h"
#include "lib/client.h"

struct link;

// `frame` is called when something changed (urgent = paint at once), `bell` to sound.
typedef void link_frame(void *context, bool urgent);
typedef void link_bell(void *context);

// The client stays the caller's.
struct link *link_new(struct client *client, link_frame *frame, link_bell *bell, void *context);
void link_free(struct link *link);
struct post_bus link_bus(struct link *link); // for post_new()
// Calls of the last hours come back out of the outbox; from here on the bus is heard.
void link_start(struct link *link, struct post *post);
// Copies the link's health into post->link; before each turn.
void link_refresh(struct link *link);
