// Text of people: UTF-8, width in terminal cells, the filters, NFC and folding (by utf8proc).
//
// Two filters stand between a caller's words and a terminal, and each alone is enough
// (RELIABILITY F13: ncurses is not a filter):
//   1. text_filter() at ingress: what is stored is NFC, without controls, bidi and zero-width runes.
//   2. text_drawable() at drawing: whatever was stored, one rune is one cell.
#pragma once

#include "lib/buf.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TEXT_REPLACEMENT = 0xFFFD, // what an invalid byte reads as
    TEXT_MIDDLE_DOT = 0xB7,    // what an undrawable rune is drawn as
    TEXT_MARKS = 4,            // combining marks that text_filter() keeps on one letter
};

// Reads one rune. Returns the bytes it took: 0 at the end; 1 with TEXT_REPLACEMENT for a byte that is
// not UTF-8 (overlong forms, surrogates and runes beyond U+10FFFF included).
size_t text_decode(struct slice text, uint32_t *rune);
size_t text_encode(uint32_t rune, char bytes[4]); // 1-4; TEXT_REPLACEMENT for what is no rune
bool text_valid(struct slice text);               // all of it is UTF-8

// Controls (C0, DEL, C1), bidi marks and embeddings, zero-width, line and paragraph separators,
// soft hyphen, tags, noncharacters, surrogates: never stored, never drawn.
bool text_forbidden(uint32_t rune);
uint32_t text_upper(uint32_t rune); // the capital of a letter
bool text_mark(uint32_t rune);      // a combining mark
// 0 for marks and forbidden runes, 1, or 2 (East Asian wide, emoji).
int text_rune_width(uint32_t rune);
// The rune to draw in one cell: itself; TEXT_MIDDLE_DOT when it is wide, written from right to left
// (terminals reorder it), private or unassigned; 0 when nothing is to be drawn (forbidden ones).
// A mark is drawn (over the cell before it) only when it is one of U+0300-U+036F, else 0.
uint32_t text_drawable(uint32_t rune);

// Cells that the text takes when drawn, and its longest prefix of at most `columns` cells.
size_t text_width(struct slice text);
struct slice text_clip(struct slice text, size_t columns);

// Appends the ingress form: NFC; tab and line ends become one blank; forbidden runes and bytes that
// are not UTF-8 go; more than TEXT_MARKS marks on a letter go. Filtering twice changes nothing.
void text_filter(struct slice text, struct buf *out);
// False where text_filter() is known to change nothing, by a glance: printable ASCII and the letters
// of Russian, which is nearly all that comes.
bool text_needs_filter(struct slice text);
// The form to search and compare by: NFC, case folded, ё as е, й stays й. Appends.
void text_fold(struct slice text, struct buf *out);
// Appends NFC and nothing else; bytes that are not UTF-8 are dropped.
void text_normalize(struct slice text, struct buf *out);
