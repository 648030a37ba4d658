// Deciding and committing a batch of publish requests.
//
// The requests are decided one after the other, each on the state that the ones before it left, and
// made true together by one commit. What holds:
//
//  1. Nothing is answered and no event leaves before the commit has returned. batch_run() gives
//     results and packets only when it has.
//  2. A request is done whole or not at all. One event that is refused has changed nothing:
//     engine_decide() changes nothing and nothing was appended. When the k-th event of an array is
//     refused after others were applied, the batch is rolled back to its beginning, the array is
//     given its refusal, and the requests before it are decided again, from their bytes, on the same
//     state at the same moment: so with the same result. The batch ends with that array; what came
//     behind it is left for the next one. Each request is decided twice at most, whoever sends what.
//  3. Rolled back means in three places: the store's transaction, the journal's head and chain, and
//     in the engine every dirty record, which is replaced by the stored one or forgotten when there
//     is none. The stored one is what the last commit left, since a batch writes records at its end.
//  4. A failed commit is rolled back the same way and every request is answered `unavailable`, which
//     means unknown (RELIABILITY F11). After an I/O error nothing is answered at all: the store is
//     dead and the caller ends the program (F10).
//  5. An event whose (identity, id) is there already is not decided: it gets the first one's results
//     when it is the same, else `conflict`, whatever else would refuse it. Ids of the same batch are in
//     the store's transaction and found there.
//  6. One moment holds for the whole batch; it never goes back behind an event that is recorded.
#pragma once

#include "busd/engine.h"
#include "busd/journal.h"
#include "busd/network.h"
#include "busd/packet.h"
#include "busd/publish.h"
#include "busd/say.h"
#include "busd/store.h"

struct batch {
    // Given by the owner, none of it owned.
    struct store *store;
    struct journal *journal;
    struct engine *engine;
    const struct network *network;
    struct publish_rules rules;
    const struct access *access; // acts of two people; NULL = none
    struct say_company company;
    const struct engine_calendar *calendar;
    const struct engine_timers *timers; // NULL: no complaint is a repeat
    const struct offices *offices;
    int window_from, window_to; // of readings (busd/contact_facts.h)
    // Results of the last run: the events that it made true, in order. The receiver takes the
    // packets and sets packet_count to 0.
    struct packet **packets;
    size_t packet_count, packet_capacity;
    int64_t duplicates; // events that were there already, since the start
    int64_t ahead;      // events whose time was more than 5 min ahead, since the start
    // Its own.
    int year; // of the moment, in the company's zone
    struct {  // the last look at the hours of the year (batch_hours.h)
        bool done;
        int64_t at_ms, spare_ms; // as of when; how long nobody can pass anything afterwards
        int64_t head;            // as it was
    } hours;
    struct json_doc *scratch;
    struct buf text;
};

void batch_init(struct batch *batch);
void batch_fini(struct batch *batch);

// Decides and commits a first part of the requests, which have been read, and returns how many: at
// least one. Each of them has its `err`, or with ERR_OK its `results`. 0: the store has failed, no
// answer may be given.
size_t batch_run(struct batch *batch, struct publish **requests, size_t count, int64_t now_ms);

// The steps, for acts that are a batch of their own (batch_import.c). The caller has begun the store's
// batch.
// Decides the events of a request that was read; false with request->err: roll the batch back.
bool batch_decide(struct batch *batch, struct publish *request, int64_t now_ms);
// Journals an event of the broker's own, whose data are those of `proposal` if it is not NULL.
enum err_code batch_append_own(struct batch *batch, struct event *event, struct json *proposal,
                               struct json_doc *doc, struct err *err);
// Writes the records that changed, and commits.
enum err_code batch_commit(struct batch *batch, int64_t now_ms, struct err *err);
void batch_roll_back(struct batch *batch);

// Journals and applies what the grouping makes follow from an event that was applied.
enum err_code batch_regroup(struct batch *batch, const struct event *cause, struct json_doc *doc,
                            struct err *err);
// Gives the grouping the reports that it lacks (engine_wants_calls()).
enum err_code batch_load_calls(struct batch *batch, struct err *err);

// Makes the engine read what a decision on `event` needs and memory lacks.
enum err_code batch_load_wanted(struct batch *batch, const struct event *event, struct err *err);
// What the request's role may do in its own area alone, it may do there where the one who asks sits.
// After the event was decided.
enum err_code batch_check_area(const struct batch *batch, struct publish *request,
                               const struct event *event);
