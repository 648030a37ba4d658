#include "busd/engine_storm.h"

#include "busd/engine_state.h"

#include <stdlib.h>

enum { MODE_KEY = 1, MODE_STORM = 1, MINUTE_MS = 60 * 1000, COUNT_BITS = 6 };

const char engine_no_desk[] = "*";

// The counts, the newest minute lowest.
_Static_assert(ENGINE_FLOOD_MOST == (1 << COUNT_BITS) - 1, "a count has its bits");
_Static_assert(ENGINE_FLOOD_MINUTES *COUNT_BITS < 63, "all of them fit in one integer");
#define ALL_COUNTS ((INT64_C(1) << ENGINE_FLOOD_MINUTES * COUNT_BITS) - 1)

static int64_t minutes_between(int64_t from_ms, int64_t to_ms)
{
    return to_ms / MINUTE_MS - from_ms / MINUTE_MS;
}

int64_t engine_flood_count(const struct desk_state *desk, int64_t at_ms)
{
    int64_t age = minutes_between(desk->news_at, at_ms), count = 0;

    for (int64_t minute = 0; minute + (age > 0 ? age : 0) < ENGINE_FLOOD_MINUTES; minute++)
        count += desk->news >> minute * COUNT_BITS & ENGINE_FLOOD_MOST;
    return count;
}

int64_t engine_flood_ends_ms(const struct desk_state *desk, int64_t below)
{
    int64_t at_ms = desk->news_at / MINUTE_MS * MINUTE_MS;

    while (engine_flood_count(desk, at_ms) >= below)
        at_ms += MINUTE_MS;
    return at_ms;
}

// The counts as they are at `at_ms`.
static void age_counts(struct desk_state *desk, int64_t at_ms)
{
    int64_t age = minutes_between(desk->news_at, at_ms);

    if (age >= ENGINE_FLOOD_MINUTES)
        desk->news = 0;
    else if (age > 0)
        desk->news = (int64_t)((uint64_t)desk->news << age * COUNT_BITS) & ALL_COUNTS;
    desk->news_at = at_ms;
}

void engine_count_news(struct engine *engine, struct incident *incident, int64_t now_ms)
{
    const char *name = incident->desk ? incident->desk : engine_no_desk;
    struct desk_state *desk = engine_edit_desk(engine, slice_of(name));

    // A report that is split off may be old; that somebody is needed for it is news of now.
    age_counts(desk, now_ms > desk->news_at ? now_ms : desk->news_at);
    if ((desk->news & ENGINE_FLOOD_MOST) < ENGINE_FLOOD_MOST)
        desk->news++;
}

void engine_flood_passed(struct engine *engine, struct slice name, bool starts, int64_t at_ms)
{
    struct desk_state *desk = engine_edit_desk(engine, name);

    desk->flooded = starts ? at_ms : 0;
    if (!starts) // else those that made this flood would make it again
        age_counts(desk, at_ms > desk->news_at ? at_ms : desk->news_at);
}

// Alarms of one incident.

void engine_run_news(struct incident *incident, int64_t now_ms)
{
    if (now_ms - incident->news_run_at >= ENGINE_CHATTER_MS) {
        incident->news_run_at = now_ms;
        incident->news_run = 0;
    }
    incident->news_run++;
}

bool engine_is_chattering(const struct incident *incident, int64_t now_ms)
{
    return incident->news_run >= ENGINE_CHATTER_TIMES &&
           now_ms - incident->news_at < ENGINE_QUIET_MS;
}

bool engine_is_stale(const struct incident *incident, int64_t now_ms)
{
    bool waits = incident->news_at && !incident->accepted_by;

    return engine_incident_open((enum incident_state)incident->state) &&
           ((waits && now_ms - incident->news_at >= ENGINE_STALE_MS) ||
            (incident->eta_at && now_ms - incident->eta_at >= ENGINE_STALE_MS));
}

// The mode, and the message for everybody.

int engine_mode(const struct engine *engine)
{
    const struct engine_entry *entry = engine_find(engine, RECORD_MODE, MODE_KEY);

    return entry && entry->record.mode.mode > 0 ? entry->record.mode.mode : 0;
}

bool engine_is_storm(const struct engine *engine)
{
    return engine_mode(engine) == MODE_STORM;
}

APPLY(mode)
{
    struct engine_entry *entry = engine_find(engine, RECORD_MODE, MODE_KEY);
    struct mode *mode;

    if (!entry)
        entry = engine_add(engine, RECORD_MODE, MODE_KEY);
    engine_touch(engine, entry);
    mode = &entry->record.mode;
    if (event->type == EVENT_MODE_CHANGED) {
        mode->mode = (int)EVENT_VALUE(event, mode)->integer;
        mode->since = event->time_ms;
        engine_etas_retime(engine);
    } else {
        free(mode->message);
        mode->message = EVENT_VALUE(event, text)->text.length
                            ? engine_text_of(event, EVENT_FIELD_text)
                            : NULL; // an empty one takes it back
        mode->until = EVENT_HAS(event, until) ? EVENT_VALUE(event, until)->integer : 0;
    }
    mode->version = event->sequence;
}
