// What is believed about faults and callers before any call comes: one set of rules (`normal`,
// `storm`; config/rules.yaml, busd/rules.h). Shares and probabilities are in millionths, numbers of
// things in thousandths.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Kinds of places where something fails, from the customer upwards.
enum group_kind {
    GROUP_PREMISE,
    GROUP_LINE,
    GROUP_TRANSFORMER,
    GROUP_LATERAL,
    GROUP_SECTION,
    GROUP_FEEDER, // and substation
    GROUP_KINDS
};

enum { GROUP_SIZES = 8, GROUP_MOMENTS = 8 };

// How far the calls have come when one looks, as a share of those that will come: these values,
// equally likely, with `known_ppm` of the belief; the rest on "unknown" (any number of callers up
// to all of them, equally likely).
struct group_moments {
    uint32_t known_ppm;
    uint32_t values_ppm[GROUP_MOMENTS];
    size_t count;
};

// Faults and unrelated calls at the same time, where there are several faults.
struct group_numbers {
    uint32_t faults_milli, unrelated_milli;
};

struct group_rules {
    uint32_t faults_ppm[GROUP_KINDS]; // share of all faults by kind; equal within a kind
    struct {
        uint32_t premises; // from so many premises without power on
        uint32_t share_ppm;
    } callers[GROUP_SIZES]; // smallest first; the first one from 1
    size_t callers_count;
    uint32_t unrelated_most;         // calls beside a single fault that have nothing to do with it
    uint32_t network_premises;       // network that the numbers below are of; they grow with it
    struct group_numbers several;    // as weighed against one single fault
    struct group_numbers attributed; // as used to say which ones, once it is several
    struct group_moments one_moments, several_moments;
    uint32_t one_ppm;      // probability of a single fault before any call
    int64_t burst_ms;      // calls closer together than this speak for one cause ...
    int64_t spread_ms;     // the calls of one fault come within this
    uint32_t burst_calls;  // ... each by its factor, up to so many
    uint32_t mistaken_ppm; // "the power is back" said of a place that has none
    int64_t window_ms;     // how long a call is evidence
    uint32_t probable_ppm; // from this probability on, and two premises: probable
};
