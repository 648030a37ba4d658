#include "busd/guests.h"

#include "lib/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum state { STATE_NONE, STATE_OPEN, STATE_GOING };

struct guest {
    enum state state;
    uint64_t number; // of its coming; descriptors are used again
};

struct coming {
    int connection;
    uint64_t number;
    int64_t at_ms;
};

struct guests {
    size_t most, open;
    struct guest *guests; // by descriptor
    size_t guest_count;
    struct coming *ring; // in the order of their coming, those that may still shake hands
    size_t first, waiting, capacity;
    uint64_t last;
};

struct guests *guests_new(size_t most)
{
    struct guests *guests = mem_alloc(sizeof *guests);

    guests->most = most;
    // Everything that is open, what is going, and room for those that closed in between.
    guests->capacity = 4 * most + 16;
    guests->ring = mem_alloc(guests->capacity * sizeof *guests->ring);
    return guests;
}

void guests_free(struct guests *guests)
{
    if (!guests)
        return;
    free(guests->guests);
    free(guests->ring);
    free(guests);
}

size_t guests_count(const struct guests *guests)
{
    return guests->open;
}

static struct guest *guest_at(struct guests *guests, int connection)
{
    size_t at = (size_t)connection;

    if (at >= guests->guest_count) {
        size_t count = 2 * at + 64;

        guests->guests = mem_resize(guests->guests, count, sizeof *guests->guests);
        memset(guests->guests + guests->guest_count, 0,
               (count - guests->guest_count) * sizeof *guests->guests);
        guests->guest_count = count;
    }
    return &guests->guests[at];
}

void guests_closed(struct guests *guests, int connection)
{
    struct guest *guest;

    if (connection < 0)
        return;
    guest = guest_at(guests, connection);
    if (guest->state == STATE_OPEN)
        guests->open--;
    guest->state = STATE_NONE;
}

// The oldest that is still here and may be shaking hands; NULL when there is none.
static struct guest *oldest(struct guests *guests, int64_t now_ms, int *connection)
{
    while (guests->waiting) {
        const struct coming *coming = &guests->ring[guests->first];
        struct guest *guest = guest_at(guests, coming->connection);
        bool here = guest->state == STATE_OPEN && guest->number == coming->number;

        *connection = coming->connection;
        guests->first = (guests->first + 1) % guests->capacity;
        guests->waiting--;
        if (here && now_ms - coming->at_ms <= GUESTS_HANDSHAKE_MS)
            return guest;
    }
    return NULL;
}

int guests_accepted(struct guests *guests, int connection, int64_t monotonic_ms)
{
    struct guest *guest;
    int going;

    if (connection < 0)
        return -1;
    guests_closed(guests, connection); // if that was never told
    guest = guest_at(guests, connection);
    *guest = (struct guest){STATE_OPEN, ++guests->last};
    guests->open++;
    if (guests->waiting == guests->capacity) {
        guests->first = (guests->first + 1) % guests->capacity;
        guests->waiting--;
    }
    guests->ring[(guests->first + guests->waiting++) % guests->capacity] =
        (struct coming){connection, guests->last, monotonic_ms};
    if (guests->open <= guests->most)
        return -1;
    guest = oldest(guests, monotonic_ms, &going);
    if (!guest)
        return -1;
    guest->state = STATE_GOING;
    guests->open--;
    return going;
}
