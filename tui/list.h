// A virtual list: it knows ids, order, selection, tags and scroll, never rows. The program formats
// only what list_row() says is visible.
//
//  1. The selection is an id, never a row number. New data never move it to another id.
//  2. The anchor is (selected id, its screen row): when an order is applied, the selected row stays
//     where it is on the screen as far as the list's ends allow. A list that shows its beginning goes
//     on showing it while the selection stays in sight, so that new rows at the top are seen.
//  3. A new order is kept aside and not applied while the list is held: until LIST_HOLD_MS after the
//     last list_touch(), while list_hold() is on, and while rows are tagged (TERMINAL §6.4).
//     Orders that come faster than LIST_APPLY_MS wait for the rest of it: a row that jumps several times
//     a second can be neither read nor sent over a slow line.
//  4. While held, a row that left stays, marked gone; a row that came is not shown but counted.
//  5. When the selected id left, applying selects its nearest follower that is still there.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIST_HOLD_MS = 5000,
    LIST_APPLY_MS = 1000, // in a storm the order changes at most so often
};

struct list;
struct list *list_new(void);
void list_free(struct list *list);

// The order that the data want now; ids are copied, none may be 0 or come twice. Applied at once unless
// held or applied just now (a list that shows nothing is never held).
void list_set_order(struct list *list, const uint64_t *ids, size_t count, int64_t now_ms);
void list_touch(struct list *list, int64_t now_ms); // a key came
void list_hold(struct list *list, bool hold);       // `o`, or a popup is open
bool list_is_held(const struct list *list, int64_t now_ms);
bool list_is_locked(const struct list *list); // held by list_hold() or tags, not by time
// Applies a waiting order when no hold is left; true when the picture changed.
bool list_tick(struct list *list, int64_t now_ms);
int list_timeout_ms(const struct list *list, int64_t now_ms); // until list_tick() may apply; -1
void list_apply(struct list *list);                           // at once, held or not (Home, `o`)

struct list_waiting {
    size_t moved;     // shown rows whose place will be another
    size_t new_above; // new rows that will stand above the first visible one
    size_t new_rows;  // all new ones
    size_t gone;      // shown rows that will go
};
struct list_waiting list_waiting(const struct list *list);

size_t list_count(const struct list *list);      // shown rows, gone ones included
uint64_t list_selected(const struct list *list); // 0 = the list is empty
size_t list_selected_index(const struct list *list);
bool list_select(struct list *list, uint64_t id); // false: not shown
void list_move(struct list *list, long rows);     // stops at the ends
void list_move_to(struct list *list, size_t index);
// Visible rows: says how many there is room for (kept for paging), scrolls so that the selection is
// seen, returns the index of the first.
size_t list_view(struct list *list, int rows);
int list_page(const struct list *list); // rows of the last list_view(), at least 1

struct list_row {
    uint64_t id;
    bool selected, tagged, gone;
};
struct list_row list_row(const struct list *list, size_t index); // id 0 beyond the end

void list_tag(struct list *list, uint64_t id, bool tagged);
void list_tag_toggle(struct list *list, uint64_t id);
void list_untag_all(struct list *list);
size_t list_tag_count(const struct list *list);
// Tagged ids in shown order, or the selected one when none is tagged; the array is the list's own,
// valid until its next change.
const uint64_t *list_chosen(struct list *list, size_t *count);
