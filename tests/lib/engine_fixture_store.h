// The store in memory of engine_fixture.h, for the fixture itself.
#pragma once

#include "tests/lib/engine_fixture.h"

void world_free_store(struct world *world);
// Gives the engine, which may be another than the world's, all that it wants for the event.
void world_load_wanted(const struct world *world, struct engine *engine, const struct event *event);
// The calls of incidents whose calls the grouping asks for.
void world_load_calls(const struct world *world);
