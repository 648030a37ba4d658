// The last events as they came, for the shift log: a ring of their bytes.
#pragma once

#include "lib/slice.h"

#include <stddef.h>

enum { EVENT_LOG_EVENTS = 500 };

struct event_log;
struct event_log *event_log_new(void);
void event_log_free(struct event_log *log);
void event_log_add(struct event_log *log, struct slice bytes);
size_t event_log_count(const struct event_log *log);
struct slice event_log_newest(const struct event_log *log, size_t index); // {NULL,0} beyond
