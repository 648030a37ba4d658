#include "tui/health.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>

void health_fini(struct health *health)
{
    free(health->identity);
    free(health->journal);
    free(health->why);
}

void health_refresh(struct health *health, const struct client *client)
{
    const struct client_hello *hello = client_hello(client);
    int64_t heard_ms = client_last_heard_ms(client);

    if (heard_ms)
        health->heard_ms = heard_ms + (hello ? hello->offset_ms : 0);
    health->round_trip_ms = client_round_trip_ms(client);
    health->to_send = client_outbox_depth(client);
}

void health_changed(struct health *health, const struct client *client, enum client_link link,
                    const struct err *why, enum language language)
{
    if (link == CLIENT_DOWN) {
        if (health->up)
            health->lost_ms = client_now_ms(client);
        health->up = false;
        free(health->why);
        health->why = why ? mem_string(why->message[language]) : NULL;
        return;
    }
    const struct client_hello *hello = client_hello(client);
    health->up = health->ever_up = true;
    free(health->identity);
    health->identity = mem_string(hello->identity);
    free(health->journal);
    health->journal = mem_string(hello->journal);
    clock_set_zone(hello->zone, NULL); // an unknown zone leaves UTC
}
