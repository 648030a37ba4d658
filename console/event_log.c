#include "console/event_log.h"

#include "lib/mem.h"

#include <stdlib.h>

struct event_log {
    char *events[EVENT_LOG_EVENTS];
    size_t lengths[EVENT_LOG_EVENTS];
    size_t next, count;
};

struct event_log *event_log_new(void)
{
    return mem_alloc(sizeof(struct event_log));
}

void event_log_free(struct event_log *log)
{
    if (!log)
        return;
    for (size_t i = 0; i < EVENT_LOG_EVENTS; i++)
        free(log->events[i]);
    free(log);
}

void event_log_add(struct event_log *log, struct slice bytes)
{
    free(log->events[log->next]);
    log->events[log->next] = mem_string_of(bytes.data, bytes.length);
    log->lengths[log->next] = bytes.length;
    log->next = (log->next + 1) % EVENT_LOG_EVENTS;
    if (log->count < EVENT_LOG_EVENTS)
        log->count++;
}

size_t event_log_count(const struct event_log *log)
{
    return log->count;
}

struct slice event_log_newest(const struct event_log *log, size_t index)
{
    if (index >= log->count)
        return (struct slice){NULL, 0};
    size_t at = (log->next + EVENT_LOG_EVENTS - 1 - index) % EVENT_LOG_EVENTS;
    return (struct slice){log->events[at], log->lengths[at]};
}
