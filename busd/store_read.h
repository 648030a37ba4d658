// Reading the store from another connection: queries, slow subscribers, address look-ups.
//
// A reader belongs to one thread. It never writes, never checkpoints (RELIABILITY F12), and sees one
// snapshot from reader_begin() to reader_end(); between these the write-ahead log cannot be reused,
// so a snapshot is held for milliseconds, not for a conversation (F15).
//
// The tables, for the statements of queries (store_schema.c creates them):
//   event(sequence, type → topic.code, chain, bytes)      topic(code, name, last)
//   event_id(identity → identity.code, id, sequence, digest)   identity(code, name)
//   timeline(incident, sequence)         planned_timeline(planned, sequence)
//   personal(sequence, sealed)           lookup(digest, reg_no)      hold(digest, sealed)
//   incident contact planned node_state counter mode: columns as record_tables has them; a word is
//     its text or NULL, a bool 0 or 1, a time UTC milliseconds or 0, an absent text NULL
//   cover(record 'incident' or 'planned', number, level 'premise' 'house' 'street' 'settlement'
//     'node', key: integer, or text of a node's id, restored)
//   node(id, parent, kind, name, voltage_v, device)
//   premise(premise, account, node, settlement, street, house, flat, applicant, reliability,
//     critical, sealed: name and phone, journal_keys_open_premise())
//   premise_phone(digest, premise)       meter(meter, account, digits, zones, last_date, last_1 …)
//   base(…) one row, key 1
#pragma once

#include "lib/err.h"

#include <stdint.h>

struct reader;
struct sqlite3_stmt;

// Opens store_path() read-only. NULL and ERR_UNAVAILABLE when that fails.
struct reader *reader_open(const char *path, struct err *err);
void reader_close(struct reader *reader); // NULL is allowed

// Takes a snapshot; `head` (may be NULL) is the last sequence that it holds. Not nested.
enum err_code reader_begin(struct reader *reader, int64_t *head, struct err *err);
void reader_end(struct reader *reader); // resets every statement

// The statement of `sql`, prepared once and kept, reset and without bindings. Finalised by
// reader_close(); sqlite3_reset() it when done early. SQL that does not compile aborts: it is a
// fault of the program.
struct sqlite3_stmt *reader_statement(struct reader *reader, const char *sql);

// The sentence for a sqlite3_step() that failed.
enum err_code reader_failed(struct reader *reader, struct err *err);
