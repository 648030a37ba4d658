// People: those who call, those who dispatch, repair and plan. Each says one thing, sensible or not.
#pragma once

#include "lib/buf.h"

struct sim;
struct sim_request;

// Appends to the request what somebody says now.
void people_call(struct sim *sim, struct sim_request *request);   // a consumer, by an operator
void people_direct(struct sim *sim, struct sim_request *request); // a dispatcher
void people_plan(struct sim *sim, struct sim_request *request);   // planned works
