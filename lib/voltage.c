#include "lib/voltage.h"

bool voltage_judge(const struct voltage_rule *rule, int64_t nominal, int64_t volts,
                   struct voltage_verdict *verdict)
{
    // Nearer as a share of the nominal: the border is their geometric mean.
    bool between_phases = rule->line && volts * volts > rule->phase * rule->line;

    if (!rule->phase)
        return false;
    if (!nominal)
        nominal = between_phases ? rule->line : rule->phase;
    int64_t low = nominal * (100 - rule->tolerance), high = nominal * (100 + rule->tolerance);
    *verdict = (struct voltage_verdict){
        .nominal = nominal,
        .low = (low + 99) / 100, // whole volts, none of which is outside
        .high = high / 100,
        .within = volts * 100 >= low && volts * 100 <= high,
    };
    return true;
}

void voltage_write(const struct voltage_rule *rule, struct json_out *out, const char *key)
{
    json_out_object(out, key);
    json_out_integer(out, "phase", rule->phase);
    json_out_integer(out, "line", rule->line);
    json_out_integer(out, "tolerance", rule->tolerance);
    json_out_end(out, '}');
}

void voltage_read(struct voltage_rule *rule, const struct json *json)
{
    *rule = (struct voltage_rule){.phase = json_integer(json_get(json, "phase"), 0),
                                  .line = json_integer(json_get(json, "line"), 0),
                                  .tolerance = json_integer(json_get(json, "tolerance"), 0)};
}
