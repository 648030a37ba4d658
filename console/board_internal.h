// What board.c, board_read.c and board_event.c share; nobody else includes this.
#pragma once

#include "console/board.h"

struct board {
    struct board_row *rows;
    size_t count, capacity;
    size_t *slots; // open addressing by number: index + 1, 0 = free
    size_t mask;
    int64_t *doubts; // numbers to ask again, oldest first
    size_t doubt_count, doubt_capacity;
    int64_t head;
    struct board_mode mode;
};

struct board_row *board_row(struct board *board, int64_t number);     // NULL = unknown
struct board_row *board_add_row(struct board *board, int64_t number); // the known one, or a new one
void board_set_text(char **text, const struct json *value);           // a copy; NULL when no string
// "Город, ул. Садовая, 12" out of a premise object or a row; NULL when it names nothing.
char *board_place(const struct json *object);
