// Between a record of the engine and a row of its table, by record_tables: the one place where a
// field's kind meets SQLite's types. Used by the writer (store*.c) and by readers (query_*.c).
//
// A word is its text or NULL (-1), a bool 0 or 1, a time UTC milliseconds or 0, an absent text NULL.
#pragma once

#include "busd/engine_record.h"
#include "lib/buf.h"

struct sqlite3_stmt;

// Appends the table's columns, comma-separated, each with `prefix` ("" or "incident.").
void store_row_columns(enum record_type type, const char *prefix, struct buf *sql);
// Fills a zeroed record from a row whose columns begin at `column`; texts are heap copies that
// record_fini() frees. Returns the column behind the last.
int store_row_read(enum record_type type, struct sqlite3_stmt *row, int column, void *record);
// A cover from columns level, key, restored_at, listed, part, since, before_s, of which its owner frees.
void store_row_read_cover(struct sqlite3_stmt *row, int column, struct cover *cover);
extern const char *const store_cover_levels[]; // words of enum cover_level
// Binds every field from parameter `at` on. Texts must live until the statement is reset. Returns
// the parameter behind the last.
int store_row_bind(enum record_type type, struct sqlite3_stmt *statement, int at,
                   const void *record);
