// The outbox: events that a person was told are taken, on this machine's disk until the broker has
// answered for them. SQLite with a rollback journal and synchronous=FULL, so several programs of one
// account may share the file; sending an event twice is harmless (PROTOCOL §3, idempotent).
//
// An event belongs to the bus that it was written for: to the journal that was last met at the
// endpoint, or, where none was met yet, to whichever is met there first. Whoever opens the file for
// another bus neither sends it, lists it nor counts it. What a version wrote that knew no bus belongs
// to the first that is met.
//
// The file holds callers' data in clear: 0600, in the account's own state directory, and answered
// events are deleted after OUTBOX_KEEP_MS.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTBOX_KEEP_MS (INT64_C(7) * 24 * 3600 * 1000)

enum outbox_state { OUTBOX_WAITING, OUTBOX_ANSWERED, OUTBOX_REFUSED };

struct outbox;

// One event in the box. Slices are valid during the call that gives them.
struct outbox_item {
    int64_t slip;       // local number, rises, never reused
    int64_t created_ms; // UTC
    enum outbox_state state;
    struct slice id;     // the event's
    struct slice event;  // CloudEvents JSON as it will be sent
    struct slice answer; // the result (or the error) as JSON; empty while waiting
};

// Opens or creates the file (directories above it too, 0700) for the bus at `endpoint`.
// ERR_UNAVAILABLE with a sentence.
struct outbox *outbox_open(const char *file, const char *endpoint, struct err *err);
// The bus at the endpoint has this journal (its lineage id): kept for the next start, when the bus may
// be away.
enum err_code outbox_meet(struct outbox *outbox, const char *journal, int64_t now_ms,
                          struct err *err);
// Waiting ones that were written at this endpoint for another journal than it has now.
size_t outbox_stranded(struct outbox *outbox);
// They are for this journal after all: somebody knows that it took the former one's place.
enum err_code outbox_adopt(struct outbox *outbox, struct err *err);
void outbox_close(struct outbox *outbox);

typedef bool outbox_each_item(void *context, const struct outbox_item *item); // false = stop

// On disk when it returns ERR_OK; then `*slip` is its number. An event that waits already keeps its slip
// (ERR_CONFLICT for another one with its id); one that was answered goes once more, under a new slip.
enum err_code outbox_add(struct outbox *outbox, struct slice id, struct slice event, int64_t now_ms,
                         int64_t *slip, struct err *err);
// The event with this id, if there is one, whatever became of it.
enum err_code outbox_find(struct outbox *outbox, struct slice id, outbox_each_item *each,
                          void *context, struct err *err);
// What became of it; deletes what was answered long ago.
enum err_code outbox_settle(struct outbox *outbox, int64_t slip, enum outbox_state state,
                            struct slice answer, int64_t now_ms, struct err *err);

// The waiting ones behind `after_slip`, oldest first.
enum err_code outbox_waiting(struct outbox *outbox, int64_t after_slip, outbox_each_item *each,
                             void *context, struct err *err);
// All since a time, oldest first: the operator's own list after a restart.
enum err_code outbox_since(struct outbox *outbox, int64_t since_ms, outbox_each_item *each,
                           void *context, struct err *err);

// Waiting ones for this bus: how many, and since when (0 = none); other programs' count too.
size_t outbox_depth(struct outbox *outbox, int64_t *oldest_ms);
