// What the bus tells the operator's panels, handed to a post without a bus.
#pragma once

#include "tests/lib/intake_fixture.h"

// Answers to a question that is not the latest: rows, JSON text.
void intake_panels_answer(struct intake_fixture *fixture, enum post_question question,
                          int64_t number, const char *rows);
// Two texts and two entries of the directory, in the language of the post.
void intake_panels_handbook(struct intake_fixture *fixture);

extern const char intake_panels_owed[];    // three contacts that wait for an answer, one late
extern const char intake_panels_contact[]; // the first of them, as `query contact` gives it
// The appointment book: two offices, and of the first one's Monday who is booked and what is free.
void intake_panels_visits(struct intake_fixture *fixture);
void intake_panels_day(struct intake_fixture *fixture);
extern const char intake_panels_questions[]; // the second one is about a contact of one's own
