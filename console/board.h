// The board: what the console knows of incidents. Rows come from queries and are kept current by the
// stored events of the stream. Pure: JSON in, rows out; no bus, no screen, no clock.
//
//  1. An event whose sequence is not above a row's `version` is already in the row and changes nothing.
//  2. What an event does not tell for certain (priority after a hazard, an ETA after a withdrawal,
//     counts after a merge or split, an incident never seen) is not guessed: the row is put on the
//     list of rows to ask again (board_next_doubt()).
//  3. A row that was closed stays until board_drop_closed(): lists still show it, dimmed.
#pragma once

#include "lib/err.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The order is that of the words in board_words.c.
enum board_kind { BOARD_OUTAGE, BOARD_QUALITY, BOARD_HAZARD, BOARD_PLANNED };
enum board_state {
    BOARD_SUSPECTED,
    BOARD_PROBABLE,
    BOARD_CONFIRMED,
    BOARD_PARTLY_RESTORED,
    BOARD_RESTORED,
    BOARD_VERIFIED,
    BOARD_CLOSED,
    BOARD_CANCELLED,
    BOARD_MERGED,
};
enum board_firmness { BOARD_ESTIMATE, BOARD_FIRM, BOARD_NOT_BEFORE };
enum board_source { BOARD_DISPATCHER, BOARD_CREW, BOARD_ZONE, BOARD_RULE };

enum { BOARD_PRIORITIES = 5 };

struct board_row {
    int64_t number;
    enum board_kind kind;
    enum board_state state;
    int priority; // 1-5
    char *node;   // id; NULL = none
    char *place;  // settlement, street, house as shown; NULL = none known
    char *ref;
    int64_t started_ms, restored_at_ms;
    int64_t calls, customers;
    bool has_eta;
    int64_t eta_at_ms, eta_set_at_ms;
    enum board_firmness firmness;
    enum board_source source;
    char *crew;                  // NULL = none
    int crew_state;              // index of board_crew_words; -1 = none
    char *accepted_by;           // NULL = nobody
    int64_t probability_percent; // -1 = not given
    bool unresolved;             // its place is not known
    int64_t version;
    int64_t last_report_ms;
    bool chattering;  // had something new three times within a minute, when it was last asked for
    bool place_asked; // nothing names it: asked for when it was seen
};

struct board;
struct board *board_new(void);
void board_free(struct board *board);
void board_clear(struct board *board);

size_t board_count(const struct board *board);
const struct board_row *board_at(const struct board *board,
                                 size_t index); // in no order; NULL beyond
const struct board_row *board_find(const struct board *board, int64_t number); // NULL = unknown
bool board_is_open(const struct board_row *row);   // suspected .. partly restored
bool board_is_listed(const struct board_row *row); // open, restored or verified
bool board_is_new(const struct board_row *row);    // open and accepted by nobody
bool board_is_overdue(const struct board_row *row, int64_t now_ms);
bool board_needs_eta(const struct board_row *row);      // open without one
int64_t board_head(const struct board *board);          // the highest sequence applied
void board_set_head(struct board *board, int64_t head); // what `live` says; never goes back

// A row of `query incidents` or the object of `query incident`, true at `sequence`.
void board_take_row(struct board *board, const struct json *row);
// What an event did, for frames, bell and log.
enum {
    BOARD_CHANGED = 1,
    BOARD_URGENT = 2,
    BOARD_NEW_PRIORITY_1 = 4,
    BOARD_PLANNED_CHANGED = 8,
    BOARD_MODE_CHANGED = 16, // or what is proposed: `stats` tells
};
unsigned board_apply(struct board *board, const struct json *event);
// The number of a row that must be asked again, which then is taken off the list; 0 = none.
int64_t board_next_doubt(struct board *board);
bool board_has_doubts(const struct board *board);
void board_doubt(struct board *board, int64_t number);     // puts it (back) on the list
void board_drop_closed(struct board *board, int64_t keep); // all but this number
// A row that nothing names came into sight: it is asked for once.
void board_want_place(struct board *board, int64_t number);
// Takes the place of a contact for a row that has none.
void board_take_place(struct board *board, int64_t number, const struct json *place);

// Alarm marks (ISA-18.2): chattering until ten minutes were quiet; stale when nobody accepts it, or its
// ETA has passed, for a day.
bool board_is_chattering(const struct board_row *row, int64_t now_ms);
bool board_is_stale(const struct board_row *row, int64_t now_ms);

// The company's mode as far as `stats` and events told.
struct board_mode {
    bool storm;
    int64_t since_ms; // 0 = not known
    bool proposed;    // the other mode is
};
struct board_mode board_mode(const struct board *board);
void board_take_mode(struct board *board, const struct json *stats);

struct board_counts {
    size_t open, listed, fresh, without_eta, overdue;
    size_t by_priority[BOARD_PRIORITIES + 1]; // open ones
    const struct board_row *alarm;            // the one that most needs somebody; NULL = none
    bool alarm_is_new;                        // it is not accepted; else its ETA has passed
};
struct board_counts board_count_all(const struct board *board, int64_t now_ms);

// The queue's order: priority, then new before accepted, then the oldest. < 0: a before b.
int board_compare(const struct board_row *a, const struct board_row *b);

// Words of the protocol, by the enums above; each list ends with NULL.
extern const char *const board_kind_words[];
extern const char *const board_state_words[];
extern const char *const board_firmness_words[];
extern const char *const board_source_words[];
extern const char *const board_crew_words[];
int board_word(const char *const *words, const struct json *value, int otherwise);
// A time member as UTC ms; 0 when absent or null.
int64_t board_time(const struct json *object, const char *key);
