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
        {"flood.on", CONF_INTEGER, offsetof(struct engine_timers, flood_on), "10", 1, 600, NULL,
         "A desk is flooded when more incidents than this came to need somebody within 10 min."},
    {"flood.off", CONF_INTEGER, offsetof(struct engine_timers, flood_off), "5", 1, 600, NULL,
     "It is so no more when fewer than this did."},
    {"repeats.eta_overdue", CONF_INTEGER, offsetof(struct engine_timers, overdue_repeats), "4", 0,
     1000, NULL, "How often the alarm about one passed time of restoration is repeated."},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

enum err_code timers_read(struct engine_timers *timers, const char *file, struct err *err)
{
    enum err_code code;

    *timers = (struct engine_timers){.overdue_repeats = 0};
    code = conf_read(keys, KEY_COUNT, timers, file, err);
    if (code == ERR_OK && timers->flood_off > timers->flood_on) {
        code =
            err_set(err, ERR_INVALID, "flood",
                    "%s: a flood must end below the count at which it starts: flood.off is at most "
                    "flood.on",
                    "%s: наплыв кончается на меньшем числе, чем начинается: flood.off не больше "
                    "flood.on",
                    file);
        err_set_path(err, "%s:1:1", file);
    }
    return code;
}

void timers_fini(struct engine_timers *timers)
{
    conf_fini(keys, KEY_COUNT, timers);
}

void timers_print(struct buf *out)
{
    conf_print(keys, KEY_COUNT, "Deadlines: of which records, how long, and by which rule", out);
}
