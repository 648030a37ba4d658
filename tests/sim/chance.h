// The one source of chance of a simulated world: everything that happens in it follows from its seed.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct sim_chance {
    uint64_t state;
};

static inline uint32_t sim_random(struct sim_chance *chance)
{
    uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15); // splitmix64

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

// 0 … below-1.
static inline int sim_below(struct sim_chance *chance, int below)
{
    return below > 1 ? (int)(sim_random(chance) % (uint32_t)below) : 0;
}

static inline bool sim_percent(struct sim_chance *chance, int percent)
{
    return sim_below(chance, 100) < percent;
}

// Of a list of texts.
#define SIM_ANY(chance, list) list[sim_below(chance, (int)(sizeof(list) / sizeof((list)[0])))]
