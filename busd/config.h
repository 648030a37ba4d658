// busd's configuration: one table of keys, from which config/busd.yaml is printed.
#pragma once

#include "lib/buf.h"
#include "lib/conf.h"
#include "lib/err.h"
#include "lib/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config {
    char *data, *personal_key, *anchor;
    char **requests, **feed;
    char *metrics;
    char *zone, *clock, *language;
    char *roles, *keys, *persons, *timers, *desks, *etas, *calendar, *offices, *directory, *answers,
        *rules;
    char *schemas, *company_schemas;
    char *key, *next_key; // the broker's own
    char **next_requests, **next_feed;
    char **extensions;
    int64_t readings_from, readings_to; // days of the month
    int64_t voltage_phase, voltage_line, voltage_tolerance;
    char *company_name, *company_phone;
    char *log_level;
    bool confine;
    int64_t event_bytes, request_bytes, message_bytes;
    int64_t clients, connections, subscriptions, credit;
    int64_t array_events, import_part_bytes, import_ms;
    int64_t queries, query_ms;
    int64_t batch_requests, batch_bytes;
    int64_t retention_contacts, retention_complaints, retention_theft, retention_other; // days
};

extern const struct conf_key config_keys[];
extern const size_t config_key_count;

// Reads `file` (NULL = defaults alone) and puts in what has no fixed default: the sockets in
// RUNTIME, the data in the state directory, roles, timers and the like where they are installed. Creates
// RUNTIME or the state directory only where the defaults need them.
enum err_code config_read(struct config *config, const char *file, struct err *err);
void config_fini(struct config *config);
// config/busd.yaml.
void config_print(struct buf *out);
enum log_level config_log_level(const struct config *config);
