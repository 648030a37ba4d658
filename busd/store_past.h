// Faults of the past and the calls about them, as the journal's records tell them: what `pult tune`
// learns from. Read-only, beside a running busd.
//
// A fault is an outage that a person opened or confirmed, that is over and was not taken back, with its node or
// its one premise. Its calls are the first of each premise below it, of its own reports and of those of
// incidents merged into it. Calls of incidents that turned out to be no fault of the network
// (customer's side, nothing found, invalid) are unrelated.
#pragma once

#include "busd/engine_model.h"
#include "lib/err.h"

struct past_call {
    uint32_t premise; // position in the model
    int64_t time_ms;
};

struct past_fault {
    int32_t node;     // MODEL_NO_NODE: the premise itself
    uint32_t premise; // its position
    int64_t at_ms;    // when it was opened
    bool storm;       // the company's mode then
    struct past_call *calls;
    size_t call_count, call_capacity;
};

struct past {
    struct model *model;
    struct past_fault *faults; // by time
    size_t fault_count, fault_capacity;
    struct past_call *unrelated; // by time
    size_t unrelated_count, unrelated_capacity;
    struct past_mode {
        int64_t at_ms;
        bool storm;
    } * modes;
    size_t mode_count, mode_capacity;
};

// DIRECTORY/journal.db. ERR_NOT_FOUND: there is none.
enum err_code past_read(struct past *past, const char *directory, struct err *err);
void past_fini(struct past *past);
bool past_is_storm(const struct past *past, int64_t at_ms);
