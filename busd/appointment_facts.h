// What deciding an appointment needs of the offices: its end, how many windows there are, that it may
// begin then at all; and what else is free, when another one was quicker.
#pragma once

#include "busd/engine.h"
#include "busd/offices.h"
#include "lib/json.h"

// Sets the decided fields of appointment.booked and .moved; anything else is left alone. ERR_NOT_FOUND,
// ERR_INVALID or ERR_CONFLICT with a sentence.
enum err_code appointment_facts_find(const struct offices *offices, const struct engine *engine,
                                     struct event *event, struct err *err);
// The sentence of a refusal with reason `taken` gets the next free beginnings.
void appointment_facts_offer(const struct offices *offices, const struct engine *engine,
                             const struct event *event, struct err *err);
