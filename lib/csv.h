// CSV that is written for spreadsheets (RFC 4180, UTF-8, CRLF). A text passes the control filter of
// lib/text.h; one that begins with = + - @ or a tab gets a quote (') in front, since a spreadsheet
// would take it for a formula and do what a caller dictated.
#pragma once

#include "lib/buf.h"
#include "lib/slice.h"

// Appends a field, with a comma before it unless a line begins there.
void csv_add_text(struct buf *out, struct slice text);
void csv_add_number(struct buf *out, struct slice literal); // as it is: no formula guard
void csv_end_line(struct buf *out);
