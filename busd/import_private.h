// An import as its own files see it.
#pragma once

#include "busd/import.h"
#include "busd/import_csv.h"

struct import {
    struct import *next;
    char *identity, *id;
    enum import_kind kind;
    bool replace;
    int64_t parts;
    size_t last_part; // where its bytes begin
    struct buf csv;
    int64_t touched_ms;
    char sha256[65];
    int64_t rows;
    struct import_planned *planned;
    size_t planned_count, planned_capacity;
};

enum { IMPORT_VALUE_BYTES = 1000 };

// Reading rows. What a row is checked and put with.
struct import_run {
    struct import *import;
    struct store *store;
    const struct journal_keys *keys;
    const struct import_row *row;           // being read
    int columns[IMPORT_CSV_FIELDS];         // the kind's column that stands in each field
    size_t column_count;                    // of the file; 0 until its header was read
    struct slice values[IMPORT_CSV_FIELDS]; // by the kind's column, filtered; "" when absent
    struct buf filtered, sealed;
    struct err *err;
};

// A column of a kind of file.
struct import_column {
    const char *name;
    bool optional;     // may be missing in the header
    bool empty;        // may be empty
    const char *words; // blank-separated words that it may be; NULL = any
    size_t bytes;      // at most so long; 0 = IMPORT_VALUE_BYTES
};

// import_rows.c: what the kinds are.
struct import_kind_info {
    struct import_column columns[16]; // ends with name NULL; the first one is the row's id
    enum err_code (*put)(struct import_run *run);
};
extern const struct import_kind_info import_kinds[IMPORT_KINDS];

// "Line N, column: …" with the path; the sentences' parts in both languages. Returns ERR_INVALID.
enum err_code import_fault(struct import_run *run, int column, const char *en, const char *ru);
