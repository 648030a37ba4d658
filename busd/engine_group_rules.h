// What is believed about faults and callers before any call comes: one set of rules (`normal`,
// `storm`; config/rules.yaml, busd/rules.h). Shares and probabilities are in millionths, numbers of
// things in thousandths.
#pragma once

#include "lib/slice.h"

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
    uint32_t wire_ppm;     // how much likelier a wire is down at a line's fault: as 1 to this
    uint32_t flat_ppm;     // "my flat alone" said of what is wider, as 1 to this
    int64_t window_ms;     // how long a call is evidence
    uint32_t predict;      // 0: reports stay where they were made, nothing is predicted
    uint32_t probable_ppm; // from this probability on, and two premises: probable
};

// A rule as the file and the events name it. Shares are written as decimals with at most six places,
// numbers with three, minutes as 60m; sizes as {1: 0.57, 10: 0.32}, shares as [0.05, 0.1].
enum group_rule_type {
    GROUP_RULE_SHARE,
    GROUP_RULE_NUMBER,
    GROUP_RULE_COUNT,
    GROUP_RULE_MINUTES,
    GROUP_RULE_SIZES,
    GROUP_RULE_SHARES
};
struct group_rule {
    const char *section, *name;
    enum group_rule_type type;
    size_t offset;              // in struct group_rules
    const char *normal, *storm; // defaults as they are written; storm NULL = that of normal
    int64_t min, max;           // in the struct's unit
    const char *comment;
};
extern const struct group_rule group_rules_table[];
extern const size_t group_rules_count;

enum group_rules_set { GROUP_RULES_NORMAL, GROUP_RULES_STORM, GROUP_RULES_SETS };

enum { GROUP_RULE_BYTES = 160, GROUP_RULE_WHOLE = 1000000 };

void group_rules_default(struct group_rules *rules, enum group_rules_set set);
// False, and nothing is changed: not as the rule's type is written, or out of its range.
bool group_rule_read(const struct group_rule *rule, struct slice text, struct group_rules *rules);
// As read, in one way of several: equal values give equal bytes.
void group_rule_write(const struct group_rule *rule, const struct group_rules *rules,
                      char text[GROUP_RULE_BYTES]);
// A line "section.name=value", as events hold rules. False: no such rule, or a wrong value.
bool group_rules_read_line(struct slice line, struct group_rules *rules);
