// Telephone calls: when they rang, were answered and ended. A call holds its contacts, which name it.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { DIRECTION_IN = 0 }; // word of `direction`

// A call is told of once it rings or once it is answered, and once when it ends; a gateway that was
// away may tell of both at its return.
DECIDE(call)
{
    struct slice id = EVENT_VALUE(event, call)->text;
    const struct engine_entry *entry = engine_find_text(engine, RECORD_CALL, id);
    const struct call *call = entry ? &entry->record.call : NULL;
    enum err_code code = ERR_OK;

    (void)moment, (void)decision;
    if (event->type == EVENT_CALL_ENDED && !call)
        code = err_set(
            err, ERR_NOT_FOUND, "call", "no call \"%.*s\" was started; publish call.started first",
            "звонка «%.*s» нет; сначала нужно событие call.started", (int)id.length, id.data);
    else if (call && call->ended_at)
        code = err_set(err, ERR_CONFLICT, "ended", "the call \"%.*s\" has ended already",
                       "звонок «%.*s» уже закончился", (int)id.length, id.data);
    err_set_path(code == ERR_OK ? NULL : err, "/data/call");
    return code;
}

static int64_t time_of(const struct event *event, enum event_field field, int64_t otherwise)
{
    return event_has(event, field) ? event->values[field].integer : otherwise;
}

void engine_count_call(struct engine *engine, struct slice id)
{
    struct engine_entry *entry = engine_find_text(engine, RECORD_CALL, id);

    if (!entry)
        return; // a gateway that does not tell of calls
    engine_touch(engine, entry);
    entry->record.call.contacts++;
}

APPLY(call)
{
    struct slice id = EVENT_VALUE(event, call)->text;
    struct engine_entry *entry = engine_find_text(engine, RECORD_CALL, id);

    if (!entry)
        entry = engine_add_text(engine, RECORD_CALL, id);
    engine_touch(engine, entry);
    struct call *call = &entry->record.call;
    if (event->type == EVENT_CALL_ENDED)
        call->ended_at = time_of(event, EVENT_FIELD_ended_at, event->time_ms);
    else if (!call->rang_at)
        call->rang_at = time_of(event, EVENT_FIELD_rang_at, event->time_ms);
    call->answered_at = time_of(event, EVENT_FIELD_answered_at, call->answered_at);
    if (EVENT_HAS(event, direction))
        call->direction = (int)EVENT_VALUE(event, direction)->integer;
    engine_replace_text(&call->line, event, EVENT_FIELD_line);
    engine_replace_text(&call->outcome, event, EVENT_FIELD_outcome);
    engine_replace_text(&call->recording, event, EVENT_FIELD_recording);
    free(call->operator);
    call->operator= engine_who_of(event);
    call->version = event->sequence;
}

bool engine_call_waits(const struct call *call)
{
    return call->direction == DIRECTION_IN && call->rang_at && !call->answered_at &&
           !call->ended_at && !call->waited;
}

void engine_call_waited(struct engine *engine, struct slice id)
{
    struct engine_entry *entry = engine_find_text(engine, RECORD_CALL, id);

    if (!entry)
        return;
    engine_touch(engine, entry);
    entry->record.call.waited = true;
}
