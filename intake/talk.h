// The telephone call under way: contacts that are taken in it share its id (EVENTS.md: `call`). It begins
// with the first contact and ends when the operator says so or takes the next call.
#pragma once

#include "lib/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { TALK_CONTACTS = 16 }; // listed; a call may hold more

struct talk {
    bool open;
    bool goes_on;                 // what is on the form belongs to it too
    bool told;                    // call.started was published
    char id[37];                  // UUIDv7
    int64_t since_ms;             // the first key of its first contact; 0 = none yet
    int64_t slips[TALK_CONTACTS]; // of its contacts, oldest first
    size_t count;
    char *kept; // the form of the latest contact, as JSON; owned
};

void talk_fini(struct talk *talk);
void talk_add(struct talk *talk, int64_t slip);
// The data of call.started and call.ended.
void talk_write_started(const struct talk *talk, struct buf *event);
void talk_write_ended(const struct talk *talk, int64_t now_ms, struct buf *event);
