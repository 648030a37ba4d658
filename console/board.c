#include "console/board.h"

#include "console/board_internal.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

enum { QUIET_MS = 10 * 60 * 1000, STALE_MS = 24 * 60 * 60 * 1000 };

const char *const board_kind_words[] = {"outage", "quality", "hazard", "planned", NULL};
const char *const board_state_words[] = {"suspected", "probable", "confirmed", "partly_restored",
                                         "restored",  "verified", "closed",    "cancelled",
                                         "merged",    NULL};
const char *const board_firmness_words[] = {"estimate", "firm", "not_before", NULL};
const char *const board_source_words[] = {"dispatcher", "crew", "zone", "rule", NULL};
const char *const board_crew_words[] = {"awaiting", "assigned", "en_route", "on_site",
                                        "working",  "done",     NULL};

int board_word(const char *const *words, const struct json *value, int otherwise)
{
    struct slice word = json_string(value);
    for (int i = 0; word.data && words[i]; i++)
        if (slice_is(word, words[i]))
            return i;
    return otherwise;
}

int64_t board_time(const struct json *object, const char *key)
{
    struct slice text = json_string(json_get(object, key));
    int64_t time_ms = 0;
    if (text.data && !clock_parse(text.data, text.length, &time_ms))
        time_ms = 0;
    return time_ms;
}

struct board *board_new(void)
{
    return mem_alloc(sizeof(struct board));
}

static void free_row(struct board_row *row)
{
    free(row->node);
    free(row->place);
    free(row->ref);
    free(row->crew);
    free(row->accepted_by);
}

void board_clear(struct board *board)
{
    for (size_t i = 0; i < board->count; i++)
        free_row(&board->rows[i]);
    free(board->rows);
    free(board->slots);
    free(board->doubts);
    *board = (struct board){0};
}

void board_free(struct board *board)
{
    if (!board)
        return;
    board_clear(board);
    free(board);
}

size_t board_count(const struct board *board)
{
    return board->count;
}

const struct board_row *board_at(const struct board *board, size_t index)
{
    return index < board->count ? &board->rows[index] : NULL;
}

static size_t hash(int64_t number)
{
    return (size_t)(((uint64_t)number * UINT64_C(0x9E3779B97F4A7C15)) >> 20);
}

// The slot of a number, or the free one where it belongs. Slots hold index + 1; 0 = free.
static size_t *slot_of(const struct board *board, int64_t number)
{
    size_t at = hash(number) & board->mask;
    while (board->slots[at] != 0 && board->rows[board->slots[at] - 1].number != number)
        at = (at + 1) & board->mask;
    return &board->slots[at];
}

static void index_rows(struct board *board, size_t slots)
{
    free(board->slots);
    board->slots = mem_alloc(slots * sizeof *board->slots);
    board->mask = slots - 1;
    for (size_t i = 0; i < board->count; i++)
        *slot_of(board, board->rows[i].number) = i + 1;
}

struct board_row *board_row(struct board *board, int64_t number)
{
    if (!board->slots)
        return NULL;
    size_t index = *slot_of(board, number);
    return index ? &board->rows[index - 1] : NULL;
}

const struct board_row *board_find(const struct board *board, int64_t number)
{
    if (!board->slots)
        return NULL;
    size_t index = *slot_of(board, number);
    return index ? &board->rows[index - 1] : NULL;
}

struct board_row *board_add_row(struct board *board, int64_t number)
{
    struct board_row *row = board_row(board, number);
    if (row)
        return row;
    mem_grow((void **)&board->rows, board->count, &board->capacity, sizeof *board->rows);
    board->rows[board->count++] = (struct board_row){
        .number = number, .priority = 4, .crew_state = -1, .probability_percent = -1};
    if (!board->slots || board->count * 2 > board->mask + 1)
        index_rows(board, board->slots ? (board->mask + 1) * 2 : 64);
    else
        *slot_of(board, number) = board->count;
    return &board->rows[board->count - 1];
}

void board_drop_closed(struct board *board, int64_t keep)
{
    size_t kept = 0;
    for (size_t i = 0; i < board->count; i++) {
        if (board_is_listed(&board->rows[i]) || board->rows[i].number == keep)
            board->rows[kept++] = board->rows[i];
        else
            free_row(&board->rows[i]);
    }
    if (kept == board->count)
        return;
    board->count = kept;
    index_rows(board, board->mask + 1);
}

void board_doubt(struct board *board, int64_t number)
{
    if (number <= 0)
        return;
    for (size_t i = 0; i < board->doubt_count; i++)
        if (board->doubts[i] == number)
            return;
    mem_grow((void **)&board->doubts, board->doubt_count, &board->doubt_capacity,
             sizeof *board->doubts);
    board->doubts[board->doubt_count++] = number;
}

bool board_has_doubts(const struct board *board)
{
    return board->doubt_count > 0;
}

int64_t board_next_doubt(struct board *board)
{
    if (board->doubt_count == 0)
        return 0;
    int64_t number = board->doubts[0];
    board->doubt_count--;
    memmove(board->doubts, board->doubts + 1, board->doubt_count * sizeof *board->doubts);
    return number;
}

bool board_is_open(const struct board_row *row)
{
    return row->state <= BOARD_PARTLY_RESTORED;
}

bool board_is_listed(const struct board_row *row)
{
    return row->state <= BOARD_VERIFIED;
}

bool board_is_new(const struct board_row *row)
{
    return board_is_open(row) && !row->accepted_by;
}

bool board_is_overdue(const struct board_row *row, int64_t now_ms)
{
    return board_is_open(row) && row->has_eta && row->eta_at_ms < now_ms;
}

bool board_needs_eta(const struct board_row *row)
{
    return board_is_open(row) && !row->has_eta;
}

int64_t board_head(const struct board *board)
{
    return board->head;
}

void board_set_head(struct board *board, int64_t head)
{
    if (head > board->head)
        board->head = head;
}

bool board_is_chattering(const struct board_row *row, int64_t now_ms)
{
    return row->chattering && board_is_open(row) && now_ms - row->last_report_ms < QUIET_MS;
}

bool board_is_stale(const struct board_row *row, int64_t now_ms)
{
    return (board_is_new(row) && now_ms - row->started_ms >= STALE_MS) ||
           board_is_overdue(row, now_ms - STALE_MS);
}

struct board_mode board_mode(const struct board *board)
{
    return board->mode;
}

int board_compare(const struct board_row *a, const struct board_row *b)
{
    bool a_open = board_is_open(a);
    bool b_open = board_is_open(b);
    if (a_open != b_open) // what is restored waits below for its closing
        return a_open ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority - b->priority;
    if (board_is_new(a) != board_is_new(b))
        return board_is_new(a) ? -1 : 1;
    if (a->started_ms != b->started_ms)
        return a->started_ms < b->started_ms ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

// Which of two alarms somebody should look at first: new priority 1, then an ETA that has passed
// longest, then other new ones by the queue's order.
static bool is_worse(const struct board_row *a, const struct board_row *b, int64_t now_ms)
{
    int a_rank = board_is_new(a) && a->priority == 1 ? 0 : board_is_overdue(a, now_ms) ? 1 : 2;
    int b_rank = board_is_new(b) && b->priority == 1 ? 0 : board_is_overdue(b, now_ms) ? 1 : 2;
    if (a_rank != b_rank)
        return a_rank < b_rank;
    if (a_rank == 1)
        return a->eta_at_ms < b->eta_at_ms;
    return board_compare(a, b) < 0;
}

struct board_counts board_count_all(const struct board *board, int64_t now_ms)
{
    struct board_counts counts = {0};
    for (size_t i = 0; i < board->count; i++) {
        const struct board_row *row = &board->rows[i];
        counts.listed += board_is_listed(row);
        if (!board_is_open(row))
            continue;
        bool overdue = board_is_overdue(row, now_ms);
        counts.open++;
        counts.fresh += board_is_new(row);
        counts.without_eta += !row->has_eta;
        counts.overdue += overdue;
        counts.by_priority[row->priority]++;
        bool alarm = overdue || board_is_new(row);
        if (alarm && (!counts.alarm || is_worse(row, counts.alarm, now_ms)))
            counts.alarm = row;
    }
    counts.alarm_is_new = counts.alarm && board_is_new(counts.alarm) &&
                          (counts.alarm->priority == 1 || !board_is_overdue(counts.alarm, now_ms));
    return counts;
}
