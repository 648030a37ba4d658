#include "busd/engine_group_time.h"

enum { PPM = 1000000, BURST_MOST = 15 };

struct group_times group_times_of(int64_t time_ms)
{
    uint64_t seconds = (uint64_t)(time_ms / 1000);

    return (struct group_times){seconds, seconds * seconds};
}

int64_t group_width_log(const struct group_logs *logs, const struct group_times *times,
                        uint32_t count)
{
    uint64_t square = count * times->squares - times->seconds * times->seconds;

    if (square == 0)
        return GROUP_NEVER;
    return (group_logs_of(logs, square) + group_logs_of(logs, 12)) / 2 -
           group_logs_of(logs, count) + group_logs_of(logs, 1000);
}

int64_t group_late_log(const struct group_rules *rules, const struct group_logs *logs,
                       int64_t width_log, uint32_t count, uint64_t callers)
{
    if (count < 2 || width_log == GROUP_NEVER || 2 * (uint64_t)count * PPM >= callers)
        return 0;
    int64_t excess = width_log + group_logs_of(logs, callers) - group_logs_of(logs, PPM) -
                     group_logs_of(logs, count) - group_logs_of(logs, (uint64_t)rules->spread_ms);
    return excess > 0 ? -(int64_t)count * excess : 0;
}

int64_t group_burst_log(const struct group_rules *rules, const struct group_logs *logs,
                        int64_t width_log, uint32_t count)
{
    uint32_t most = rules->burst_calls;
    int64_t excess = group_logs_of(logs, (uint64_t)rules->burst_ms) - width_log,
            highest = group_logs_of(logs, BURST_MOST);

    if (count < 2 || excess <= 0)
        return 0;
    return (int64_t)(count - 1 < most ? count - 1 : most) * (excess < highest ? excess : highest);
}
