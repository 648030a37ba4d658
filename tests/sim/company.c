// The company's desks and default times of restoration, as its configuration would have them.
#include "tests/sim/sim.h"

#include "lib/mem.h"

// Two desks: one owns the first substation, the other all the rest.
void sim_make_desks(struct sim *sim)
{
    struct engine_desks *desks = &sim->broker.desks;

    if (!sim_percent(&sim->chance, 60))
        return;
    desks->count = 2;
    desks->items = mem_alloc(2 * sizeof(*desks->items));
    desks->items[0] = (struct engine_desk){.desk = mem_string(SIM_DESK),
                                           .nodes = mem_alloc(2 * sizeof(char *)),
                                           .next = mem_string(SIM_DESK_NEXT),
                                           .senior = mem_string(SIM_DESK_SENIOR)};
    desks->items[0].nodes[0] = mem_string(sim->network.nodes[0].id);
    desks->items[1] =
        (struct engine_desk){.desk = mem_string(SIM_DESK_NEXT), .nodes = mem_alloc(sizeof(char *))};
}

// Rows that differ by place, mode, kind and size.
void sim_make_etas(struct sim *sim)
{
    static char *nowhere[] = {NULL};
    static const struct engine_eta_row rows[] = {
        {.mode = "storm", .kind = "outage", .after_ms = 43200000, .published = true},
        {.mode = "any", .kind = "quality", .after_ms = 18000000},
        {.mode = "normal",
         .kind = "outage",
         .customers = 6,
         .after_ms = 5400000,
         .published = true},
        {.mode = "normal", .kind = "any", .after_ms = 10800000, .published = true},
    };
    struct engine_etas *etas = &sim->broker.etas;
    size_t count = sizeof(rows) / sizeof(rows[0]);

    if (!sim_percent(&sim->chance, 40))
        return;
    etas->items = mem_alloc(sizeof(rows));
    for (size_t i = 0; i < count; i++) {
        struct engine_eta_row *row = &etas->items[etas->count];

        if (!sim_percent(&sim->chance, 70))
            continue;
        *row = rows[i];
        row->nodes = nowhere;
        row->firmness = "estimate";
        if (sim_percent(&sim->chance, 50)) {
            int node = sim_below(&sim->chance, (int)sim->network.node_count);

            row->nodes = mem_alloc(2 * sizeof(char *));
            row->nodes[0] = mem_string(sim->network.nodes[node].id);
        }
        etas->count++;
    }
}
