// What every driver of a bus benchmark shares: the event it sends, the clock, the report.
//
// A driver is one thread that keeps WINDOW requests under way on each of PUBLISHERS connections,
// warms up for a second, counts answers for SECONDS, and prints one JSON object.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVENT_BYTES = 500, ID_BYTES = 36, WINDOW_MAX = 1000, HISTOGRAM_US = 2000000 };

struct measure {
    const char *endpoint;
    int publishers, window;
    double seconds, warm_s;
    const char *type; // "log" or "report"
    int64_t begin_us, end_us;
    uint64_t answers;
    uint32_t *histogram; // of microseconds
};

static inline int64_t measure_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000 + now.tv_nsec / 1000;
}

static inline void measure_options(struct measure *measure, int count, char **arguments)
{
    if (count < 5) {
        fprintf(stderr, "usage: %s ENDPOINT PUBLISHERS WINDOW SECONDS [log|report]\n",
                arguments[0]);
        exit(2);
    }
    memset(measure, 0, sizeof *measure);
    measure->endpoint = arguments[1];
    measure->publishers = atoi(arguments[2]);
    measure->window = atoi(arguments[3]);
    measure->seconds = atof(arguments[4]);
    measure->type = count > 5 ? arguments[5] : "log";
    measure->warm_s = 1;
    measure->histogram = calloc(HISTOGRAM_US, sizeof *measure->histogram);
    if (measure->publishers < 1 || measure->window < 1 || measure->window > WINDOW_MAX ||
        !measure->histogram) {
        exit(2);
    }
}

static inline void measure_start(struct measure *measure)
{
    measure->begin_us = measure_now_us() + (int64_t)(measure->warm_s * 1e6);
    measure->end_us = measure->begin_us + (int64_t)(measure->seconds * 1e6);
}

// One answer to a request of `sent_us`; false when the time is over.
static inline bool measure_answer(struct measure *measure, int64_t sent_us, int64_t now_us)
{
    if (now_us < measure->begin_us) {
        return true;
    }
    if (now_us >= measure->end_us) {
        return false;
    }
    int64_t took_us = now_us - sent_us;
    measure->answers++;
    measure->histogram[took_us < HISTOGRAM_US ? took_us : HISTOGRAM_US - 1]++;
    return true;
}

static inline int measure_percentile_us(const struct measure *measure, double part)
{
    uint64_t wanted = (uint64_t)((double)measure->answers * part), seen = 0;
    for (int us = 0; us < HISTOGRAM_US; us++) {
        seen += measure->histogram[us];
        if (seen > wanted) {
            return us;
        }
    }
    return HISTOGRAM_US;
}

static inline void measure_report(const struct measure *measure)
{
    printf("{\"rate\": %.0f, \"p50_us\": %d, \"p99_us\": %d, \"answers\": %llu}\n",
           (double)measure->answers / measure->seconds, measure_percentile_us(measure, 0.5),
           measure_percentile_us(measure, 0.99), (unsigned long long)measure->answers);
}

// A UUIDv7: time-ordered, so that the unique index grows at its end.
static inline void measure_put_id(char *to)
{
    static const char digits[] = "0123456789abcdef";
    static uint64_t counter, random;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    random = random * 6364136223846793005u + 1442695040888963407u + ms;
    counter++;
    uint64_t high = ms << 16 | 0x7000 | (counter >> 20 & 0xfff);
    uint64_t low = (uint64_t)2 << 62 | (counter & 0xfffff) << 40 | random >> 24;
    for (int at = 0, nibble = 0; nibble < 32; nibble++, at++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) {
            to[at++] = '-';
        }
        uint64_t word = nibble < 16 ? high : low;
        to[at] = digits[word >> (60 - 4 * (nibble & 15)) & 15];
    }
}

// A whole event with room for the id at `*id_at`; malloc'd, its length in `*length`.
static inline char *measure_event(const struct measure *measure, size_t *id_at, size_t *length)
{
    static const char id[] = "00000000-0000-7000-8000-000000000000";
    char *event = malloc(4 * EVENT_BYTES);
    int used;
    if (strcmp(measure->type, "report") == 0) {
        used = sprintf(event,
                       "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"contact.outage_report\","
                       "\"data\":{\"applicant\":\"person\",\"premise\":{\"account\":\"1\"},"
                       "\"symptom\":\"no_power\",\"caller\":{\"name\":\"Иванов Пётр\",\"phone\":"
                       "\"+7 912 555-01-41\"},\"text\":\"",
                       id);
    } else {
        used = sprintf(event,
                       "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"log.entry\","
                       "\"data\":{\"text\":\"Запись в журнале: ",
                       id);
    }
    *id_at = (size_t)(strstr(event, id) - event);
    static const char tail[] = "\"}}";
    while ((size_t)used < EVENT_BYTES - (sizeof tail - 1)) {
        event[used] = used % 9 ? (char)('a' + used % 26) : ' ';
        used++;
    }
    memcpy(event + used, tail, sizeof tail);
    *length = (size_t)used + sizeof tail - 1;
    return event;
}
