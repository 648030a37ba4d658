// A console without bus and terminal: a desk whose bus is recorded, fed from files of rows and events
// in tests/golden/console/.
#pragma once

#include "console/desk.h"

struct console_fixture {
    struct desk *desk;
    struct surface surface;
    struct json_doc *doc;
    struct buf published; // "type data" a line
    struct buf asked;     // "name args" a line
    int bells;
    bool refuse; // publish fails, as with a full disk
    uint64_t last_ticket;
};

// 2026-11-23 14:32:05 in Moscow: the time of the fixture's files.
#define CONSOLE_FIXTURE_NOW_MS INT64_C(1795433525000)

void console_fixture_open(struct console_fixture *fixture, enum language language, int rows,
                          int columns);
void console_fixture_close(struct console_fixture *fixture);
void console_fixture_load(struct console_fixture *fixture, const char *file); // rows of `incidents`
void console_fixture_play(struct console_fixture *fixture, const char *file); // events, JSON Lines
void console_fixture_event(struct console_fixture *fixture, const char *event);
// Answers `query incident` for the dossier from a file.
void console_fixture_answer(struct console_fixture *fixture, const char *file);
void console_fixture_pass(struct console_fixture *fixture, int64_t ms); // time, with a tick
// Keys: "a", "F2", "Enter", "Ctrl-L", or "'text" typed rune by rune; blank-separated.
void console_fixture_keys(struct console_fixture *fixture, const char *keys);
void console_fixture_paint(struct console_fixture *fixture);
// Paints and compares with tests/golden/console/NAME.txt.
void console_fixture_golden(struct console_fixture *fixture, const char *name);
// Whether a text stands on the painted screen.
bool console_fixture_shows(struct console_fixture *fixture, const char *text);
