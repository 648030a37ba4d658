// A world for the engine's tests: a small network, a store in memory, and events given as JSON.
//
// S1 ─ F1 ─ T1: A1 A2 (house 1), A3 (house 3)          street 1, settlement 1
//      │    T2: A4 (house 3), A5 (house 5)             street 1, settlement 1
//      F2 ─ T3: B101 … B220 (ten a house, 101 111 …)   street 101, settlement 1
//           T4: H1 (house 300), critical               street 300, settlement 1
// on no node: N1 (house 400)                           street 400, settlement 400
//             R1 (house 500), reliability 1            street 500, settlement 500
// The numbers are the premises' keys, by which houses, streets and settlements go too.
#pragma once

#include "busd/engine.h"
#include "busd/engine_timer.h"
#include "busd/rules.h"
#include "lib/buf.h"

struct world_record {
    enum record_type type;
    void *record; // owned copy, as the store would give it
};

struct world {
    struct engine *engine;
    struct model *model;
    int64_t now_ms;             // the broker's time; world_at() counts from world_start_ms
    int64_t sequence;           // of the last event
    struct err err;             // of the last publish
    struct event last;          // the client's event of the last publish, as decided; see `doc`
    size_t follow_count;        // events that followed from it
    size_t regrouped;           // that the grouping made follow, since the start
    char reg_no[32];            // of the last contact
    int64_t incident;           // that it joined or opened, or that was opened; 0 = none
    int64_t planned;            // likewise
    bool keep_dirty;            // publish leaves the commit to world_commit()
    struct buf journal;         // one line an event, as JSON
    struct rules_loaded *rules; // NULL: nothing is predicted
    bool timed;                 // the deadlines run
    struct engine_timers timers;
    struct world_record *store;
    size_t store_count, store_capacity;
    struct json_doc *doc;
};

extern const int64_t world_start_ms; // 2026-02-28T09:00:00Z

struct world *world_new(void);
void world_free(struct world *world);
const char *world_time(const struct world *world, int minutes); // from now; a quoted JSON string
void world_pass(struct world *world, int minutes);

// Publishes `type` with `data`, a format whose ' stand for ". The premise of a contact or an opened
// incident is resolved: {'account':'A1'}, {'house':'3'}, {'street':'1'}, {'settlement':'1'}, {}.
// The event's time is now, or what world_publish_at() says.
enum err_code world_publish(struct world *world, const char *type, const char *data, ...)
    __attribute__((format(printf, 3, 4)));
enum err_code world_publish_at(struct world *world, int64_t time_ms, const char *type,
                               const char *data, ...) __attribute__((format(printf, 4, 5)));
// The same, from this identity instead of pult:user:anna.
enum err_code world_publish_as(struct world *world, const char *source, const char *type,
                               const char *data, ...) __attribute__((format(printf, 4, 5)));
// Moves the clock on by `minutes` and journals the deadlines that run out before it gets there, one at
// a time. `said` gets "NAME NUMBER-OR-NAME +MINUTES" a line, counted from world_start_ms to when it
// was due.
void world_pass_deadlines(struct world *world, int minutes, struct buf *said);
// The deadlines run with their defaults from now on.
void world_set_timers(struct world *world);
// Brings the default rules of grouping into force: from now on incidents are predicted.
void world_predict(struct world *world);
void world_regroup(struct world *world,
                   const struct event *cause); // applies what the grouping wants
void world_commit(struct world *world);        // what is dirty goes to the store
void world_roll_back(struct world *world);
// Another engine, which gets what busd would load at its start. Everything must be committed.
void world_restart(struct world *world);
size_t world_dirty(const struct world *world);

// Records as the store has them; NULL when it has none.
const struct incident *world_incident(const struct world *world, int64_t number);
const struct planned *world_planned(const struct world *world, int64_t number);
const struct contact *world_contact(const struct world *world, const char *reg_no);

// Customer-minutes up to now, premise by premise; those of incident `nested` (0 = none) are its own.
int64_t world_minutes(const struct world *world, int64_t number, int64_t nested);

// One line a record, covers too, in a fixed order: equal text = equal state.
void world_dump(const struct world *world, struct buf *out);
// Folds the journal into an empty store by apply alone. `clean` drops what leaves the working set
// after each event, so that records are asked for again.
void world_refold(const struct world *world, bool clean, struct buf *dump);
// One record as text.
void world_dump_record(enum record_type type, const void *record, struct buf *out);
