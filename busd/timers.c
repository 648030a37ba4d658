#include "busd/timers.h"

#include "lib/conf.h"

#define AT(name, field) offsetof(struct engine_timers, rows[ENGINE_TIMER_##name].field)
#define MONTH_MS        (INT64_C(31) * 24 * 3600 * 1000)

static const struct conf_key keys[] = {
#define X(name, row, records, after, law, does)                                                    \
    {row ".of", CONF_STRING, AT(name, record), records, 0, 0, records, does}, {row ".after",       \
                                                                               CONF_DURATION_MS,   \
                                                                               AT(name, after_ms), \
                                                                               after,              \
                                                                               0,                  \
                                                                               MONTH_MS,           \
                                                                               NULL,               \
                                                                               "How long."},       \
        {row ".ground",                                                                            \
         CONF_STRING,                                                                              \
         AT(name, ground),                                                                         \
         "\"" law "\"",                                                                            \
         0,                                                                                        \
         0,                                                                                        \
         NULL,                                                                                     \
         "The rule it comes from; stands in the event."},
    ENGINE_TIMERS(X)
#undef X
        {"repeats.eta_overdue", CONF_INTEGER, offsetof(struct engine_timers, overdue_repeats), "4",
         0, 1000, NULL, "How often the alarm about one passed time of restoration is repeated."},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

enum err_code timers_read(struct engine_timers *timers, const char *file, struct err *err)
{
    *timers = (struct engine_timers){.overdue_repeats = 0};
    return conf_read(keys, KEY_COUNT, timers, file, err);
}

void timers_fini(struct engine_timers *timers)
{
    conf_fini(keys, KEY_COUNT, timers);
}

void timers_print(struct buf *out)
{
    conf_print(keys, KEY_COUNT, "Deadlines: of which records, how long, and by which rule", out);
}
