// What a screen knows of its link to the bus: copied from the client before each turn, shown in the
// status line.
#pragma once

#include "lib/client.h"

struct health {
    bool up, ever_up;
    bool loading;     // a console's first pages are under way
    int64_t heard_ms; // broker's time of the last sign of life
    int64_t lost_ms;  // since when it is down
    int round_trip_ms;
    size_t to_send;           // depth of the outbox
    char *identity, *journal; // owned; NULL before the first hello
    char *why;                // owned; why it is down, in the screen's language; NULL = not known
};

void health_fini(struct health *health);
void health_refresh(struct health *health, const struct client *client);
// From client_on_link(). The company's zone becomes the program's at the hello.
void health_changed(struct health *health, const struct client *client, enum client_link link,
                    const struct err *why, enum language language);
