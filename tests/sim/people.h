// People: those who call, those who dispatch, repair and plan. Each says one thing, sensible or not.
#pragma once

#include "lib/buf.h"

struct sim;
struct sim_request;

// Appends to the request what somebody says now.
void people_call(struct sim *sim, struct sim_request *request);   // a consumer, by an operator
void people_direct(struct sim *sim, struct sim_request *request); // a dispatcher
void people_plan(struct sim *sim, struct sim_request *request);   // planned works
void people_agree(struct sim *sim, struct sim_request *request);  // to what another one asked for
void office_serve(struct sim *sim, struct sim_request *request);  // calls, readings, visits

void office_answer(struct sim *sim, struct sim_request *request); // departments
void office_return(struct sim *sim, struct sim_request *request); // questions about contacts

const char *people_contact(struct sim *sim); // a reg_no; now and then none
// Says it at some time, late or early. `format` has ' for ".
void people_say(struct sim *sim, struct sim_request *request, const char *type, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
// A file of planned works, some of which were in an earlier one.
void people_write_works(struct sim *sim, struct buf *csv);
