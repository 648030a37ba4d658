// The feed: every event on a PUB socket for scripts (PROTOCOL §5), best effort. An event on the feed
// carries `previous`, the sequence of the one of its type before it, and has no free text.
#pragma once

#include "busd/broker.h"
#include "busd/schemas.h"
#include "busd/store.h"
#include "lib/err.h"

#include <stdint.h>

struct feed;

// Reads the latest sequence of every type from the store.
struct feed *feed_new(struct broker *broker, const struct schemas *schemas, struct store *store,
                      struct err *err);
void feed_free(struct feed *feed);
// One event that was committed. With `listened` false only its number is kept.
void feed_event(struct feed *feed, const struct packet *packet, bool listened);
// bus.heartbeat, each second of real time; `now_ms` is the broker's time.
void feed_heartbeat(struct feed *feed, int64_t now_ms);
