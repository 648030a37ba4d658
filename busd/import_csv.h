// CSV (RFC 4180, read by libcsv in its strict mode) by rows, each with the line it begins on.
#pragma once

#include "lib/err.h"
#include "lib/slice.h"

enum { IMPORT_CSV_FIELDS = 32 };

struct import_row {
    size_t line; // from 1
    size_t count;
    struct slice fields[IMPORT_CSV_FIELDS]; // NUL-terminated, valid during the call
};

// A row that fails ends the reading with its fault.
typedef enum err_code import_each_row(void *context, const struct import_row *row, struct err *err);

// Lines end with LF or CRLF; a quoted field may hold line ends, commas and doubled quotes; blanks
// are part of a field; empty lines are passed over, and so is a byte order mark. ERR_INVALID with
// "line:column" (column = field's number) in err->path for what is no CSV.
enum err_code import_csv_read(struct slice text, import_each_row *each, void *context,
                              struct err *err);
