// An operator's post without bus and terminal: its bus is recorded, answers are handed in.
#pragma once

#include "intake/post.h"

struct intake_fixture {
    struct post *post;
    struct surface surface;
    struct json_doc *doc;
    struct buf published;        // contacts: "type data" a line, without the id of the call
    struct buf calls;            // what names a call: "type N" a line, the N-th call
    struct buf ids;              // of calls, in order
    struct buf asked;            // "name args" a line
    enum post_question question; // the latest, and its number
    int64_t number, slip;
    int bells;
    bool refuse; // publish fails, as with a full disk
};

enum { INTAKE_FIXTURE_OTHER_SLIP = 1000000 }; // of the telephone's calls

// 2026-11-23 14:32:05 in Moscow.
#define INTAKE_FIXTURE_NOW_MS INT64_C(1795433525000)

void intake_fixture_open(struct intake_fixture *fixture, enum language language, int rows,
                         int columns);
void intake_fixture_close(struct intake_fixture *fixture);
void intake_fixture_keys(struct intake_fixture *fixture, const char *keys); // tests/lib/typing.h
// Answers the latest question with rows, JSON text.
void intake_fixture_answer(struct intake_fixture *fixture, const char *rows);
// From an empty form to a chosen address, with what is known there.
void intake_fixture_choose_address(struct intake_fixture *fixture);
void intake_fixture_settle(struct intake_fixture *fixture,
                           const char *result); // of the latest slip
bool intake_fixture_event(struct intake_fixture *fixture, const char *type, const char *data);
void intake_fixture_pass(struct intake_fixture *fixture, int64_t ms);
void intake_fixture_paint(struct intake_fixture *fixture);
bool intake_fixture_shows(struct intake_fixture *fixture, const char *text);

// Paints the screen that `prepare` leads to, in both languages and three sizes, and compares each with
// its golden file intake/NAME_SIZE_LANGUAGE.
typedef void intake_fixture_prepare(struct intake_fixture *fixture);
void intake_fixture_screens(const char *name, intake_fixture_prepare *prepare);

// What the broker tells of the fixture's address.
extern const char intake_fixture_suggestions[], intake_fixture_known[], intake_fixture_result[];
