// Whoever sends: every request with its bytes, what became of it, and what the journal has of it.
//
//  1. What was answered with a sequence stands there, once, for good.
//  2. What was refused stands nowhere.
//  3. Without an answer, or after `unavailable`, a request is sent again, the same bytes; it may have
//     been done already, and then the answer is that of the first time.
//  4. A request is in the journal whole or not at all.
#pragma once

#include "busd/publish.h"
#include "lib/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum sim_fate { SIM_NEW, SIM_WAITS, SIM_UNKNOWN, SIM_DONE, SIM_REFUSED };

struct sim_request {
    uint64_t number;
    char identity[48];
    struct buf body;
    size_t count;       // events
    int64_t *sequences; // where the journal has them; 0 = nowhere yet
    enum sim_fate fate;
    bool answered;     // with its sequences
    bool steals;       // uses the id of another event: refused where that one stands
    uint64_t id_other; // then: its number
};

struct sim_clients {
    struct sim_request **requests;
    size_t count, capacity;
    size_t first_open; // all before it are DONE or REFUSED
    int phone;         // of the caller in the event that was last stored; -1 none
};

// A new request of one event, or an array; the caller fills its body by clients_add_event().
struct sim_request *clients_new(struct sim *sim, const char *identity);
// Appends an event to the body: {"id":…,"type":TYPE,"data":DATA} and `time` when it is not 0.
void clients_add_event(struct sim *sim, struct sim_request *request, const char *type,
                       const char *data, int64_t time_ms);
// The body is whole: gives it to the broker.
void clients_send(struct sim *sim, struct sim_request *request);
void clients_send_again(struct sim *sim, struct sim_request *request);
// One whose fate is unknown; NULL when there is none.
struct sim_request *clients_unknown(struct sim *sim);
struct sim_request *clients_any(struct sim *sim);
void clients_fini(struct sim_clients *clients);

// The broker answers.
void clients_answer(struct sim *sim, const struct publish *publish);
void clients_forget_waiting(struct sim *sim); // it ended without answering
// The journal has this event of a client.
void clients_stored(struct sim *sim, struct slice source, struct slice id, int64_t sequence,
                    const struct json *data);
// A request's events stand one behind the other, all of them, when a batch is over.
void clients_check(struct sim *sim);
