// The input decoder: bytes of a terminal in, events out. Pure: no descriptor, no clock, no terminfo
// of its own; time and further key sequences are handed in.
//
//  1. Every byte stream gives the same events however it is split into reads (but for a lone Esc,
//     which only time can tell from the start of a sequence).
//  2. An unknown CSI, SS3, OSC, DCS, APC, PM or SOS sequence is swallowed whole and counted. No part
//     of it ever arrives as a letter: letters are commands.
//  3. Bytes that are not UTF-8 are dropped and counted.
//  4. Pasted text is one event, filtered (text_filter); a paste whose end never comes is released after
//     DECODER_PASTE_MS of silence.
//  5. Esc and a digit is a function key (0 = F10), Esc and a letter is that letter with INPUT_ALT;
//     Esc alone is a key after DECODER_ESC_MS. If `[` follows within DECODER_LATE_MS of that, it was a
//     sequence torn by a slow link and is read as one (TERMINAL §0.1, §3.3).
//  6. Memory is bounded: a sequence longer than DECODER_SEQUENCE_BYTES is swallowed without being
//     kept, a paste is cut at DECODER_PASTE_BYTES.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DECODER_ESC_MS = 25,
    DECODER_LATE_MS = 300,
    DECODER_SEQUENCE_MS = 1000, // an unfinished CSI or OSC is dropped after this silence
    DECODER_PASTE_MS = 2000,
    DECODER_SEQUENCE_BYTES = 64,
    DECODER_PASTE_BYTES = 64 * 1024,
};

enum input_kind { INPUT_RUNE, INPUT_KEY, INPUT_PASTE, INPUT_REPLY };
enum { INPUT_SHIFT = 1, INPUT_ALT = 2, INPUT_CTRL = 4 };

enum input_key {
    INPUT_NO_KEY,
    INPUT_F1,
    INPUT_F2,
    INPUT_F3,
    INPUT_F4,
    INPUT_F5,
    INPUT_F6,
    INPUT_F7,
    INPUT_F8,
    INPUT_F9,
    INPUT_F10,
    INPUT_F11,
    INPUT_F12,
    INPUT_UP,
    INPUT_DOWN,
    INPUT_LEFT,
    INPUT_RIGHT,
    INPUT_HOME,
    INPUT_END,
    INPUT_PAGE_UP,
    INPUT_PAGE_DOWN,
    INPUT_INSERT,
    INPUT_DELETE,
    INPUT_ENTER,
    INPUT_TAB,
    INPUT_BACKSPACE,
    INPUT_ESC,
    INPUT_KEY_COUNT
};

struct input {
    enum input_kind kind;
    unsigned mods;      // INPUT_SHIFT | INPUT_ALT | INPUT_CTRL; of runes only ALT and CTRL
    uint32_t rune;      // INPUT_RUNE; with INPUT_CTRL a small Latin letter
    enum input_key key; // INPUT_KEY; Shift-Tab is INPUT_TAB with INPUT_SHIFT
    struct slice paste; // INPUT_PASTE; belongs to the decoder until the next decoder_next()
};                      // INPUT_REPLY: the terminal's answer to a status request (ESC [0n)

struct decoder;
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

// A further sequence of this terminal (terminfo); it goes before the fixed tables. Ignored when empty,
// when it does not start with ESC, or is longer than DECODER_SEQUENCE_BYTES.
void decoder_add_sequence(struct decoder *decoder, const char *bytes, enum input_key key,
                          unsigned mods);
void decoder_push(struct decoder *decoder, const void *bytes, size_t length, int64_t now_ms);
// The next event, if one is complete. Call until it gives false.
bool decoder_next(struct decoder *decoder, struct input *input);
// Lets time pass: a lone Esc or an overdue paste becomes an event for decoder_next().
void decoder_tick(struct decoder *decoder, int64_t now_ms);
// Milliseconds until decoder_tick() has something to do; -1 = nothing is unfinished.
int decoder_timeout_ms(const struct decoder *decoder, int64_t now_ms);
size_t decoder_swallowed(const struct decoder *decoder); // unknown sequences and bad bytes so far
