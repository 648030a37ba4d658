// Whether a measured voltage is within the limits of GOST 32144-2013, 4.2.2: the nominal ± 10 %. The one place
// of the rule; its figures are the company's (busd.yaml: voltage).
#pragma once

#include "lib/json.h"

#include <stdbool.h>
#include <stdint.h>

struct voltage_rule {
    int64_t phase, line; // nominal volts between phase and neutral, between phases; 0 = not known
    int64_t tolerance;   // percent
};

struct voltage_verdict {
    int64_t nominal, low, high; // volts; the limits themselves are within
    bool within;
};

// `nominal` is that of the place, of one that is fed at a higher voltage; 0 = low voltage, where the nearer of
// the rule's two is meant. False when the rule is not known.
bool voltage_judge(const struct voltage_rule *rule, int64_t nominal, int64_t volts,
                   struct voltage_verdict *verdict);

// As members of an answer: {"phase","line","tolerance"}; and back.
void voltage_write(const struct voltage_rule *rule, struct json_out *out, const char *key);
void voltage_read(struct voltage_rule *rule, const struct json *json);
