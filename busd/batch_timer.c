#include "busd/batch_timer.h"

#include "busd/batch_hours.h"
#include "busd/engine_rules.h"

static int append_due(struct batch *batch, int64_t *now_ms, int64_t until_ms, struct err *err)
{
    struct event *event;
    int count = 0;

    while (count < BATCH_TIMERS && (event = engine_due(batch->engine, *now_ms, until_ms))) {
        *now_ms = event->recorded_ms;
        json_doc_reset(batch->scratch);
        if (batch_append_own(batch, event, NULL, batch->scratch, err) != ERR_OK)
            return -1;
        json_doc_reset(batch->scratch);
        if (batch_regroup(batch, event, batch->scratch, err) != ERR_OK)
            return -1;
        count++;
    }
    return count;
}

static int pass_due(struct batch *batch, int64_t *now_ms, int64_t until_ms, struct err *err)
{
    int64_t at_ms = *now_ms;
    int count;

    if (!engine_due(batch->engine, at_ms, until_ms))
        return 0;
    if (store_begin(batch->store, err) != ERR_OK)
        return -1;
    count = batch_load_calls(batch, err) == ERR_OK ? append_due(batch, &at_ms, until_ms, err) : -1;
    if (count < 0 || batch_commit(batch, at_ms, err) != ERR_OK) {
        if (!store_failed(batch->store))
            batch_roll_back(batch);
        return -1;
    }
    *now_ms = at_ms;
    return count;
}

bool batch_pass_timers(struct batch *batch, int64_t now_ms, int64_t until_ms, bool all,
                       batch_tell *tell, void *context, struct err *err)
{
    bool more;

    do {
        int64_t look_ms = batch_hours_due_ms(batch, now_ms);
        bool looks = look_ms < until_ms;
        int count = pass_due(batch, &now_ms, looks ? look_ms : until_ms, err);

        more = looks || count == BATCH_TIMERS;
        if (count == 0 && looks)
            count = batch_hours_look(batch, &now_ms, err);
        if (count < 0)
            return false;
        if (count > 0)
            tell(context, now_ms);
    } while (all && more);
    return !more;
}

enum err_code batch_pass_clock(struct batch *batch, int64_t now_ms, int64_t to_ms, batch_tell *tell,
                               void *context, struct err *err)
{
    if (!batch_pass_timers(batch, now_ms, to_ms, true, tell, context, err) ||
        store_begin(batch->store, err) != ERR_OK)
        return err->code;
    if (store_set_clock(batch->store, to_ms, err) == ERR_OK &&
        store_commit(batch->store, err) == ERR_OK)
        return ERR_OK;
    if (!store_failed(batch->store))
        store_rollback(batch->store);
    return err->code;
}

enum err_code batch_own(struct batch *batch, struct event *event, struct err *err)
{
    if (store_begin(batch->store, err) != ERR_OK)
        return err->code;
    json_doc_reset(batch->scratch);
    if (batch_append_own(batch, event, NULL, batch->scratch, err) == ERR_OK &&
        batch_load_calls(batch, err) == ERR_OK &&
        batch_regroup(batch, event, batch->scratch, err) == ERR_OK &&
        batch_commit(batch, event->recorded_ms, err) == ERR_OK)
        return ERR_OK;
    if (!store_failed(batch->store))
        batch_roll_back(batch);
    return err->code;
}

enum err_code batch_settle(struct batch *batch, int64_t now_ms, struct err *err)
{
    // Nothing of any client: its time alone.
    struct event cause = {.type = EVENT_OTHER, .time_ms = now_ms, .recorded_ms = now_ms};

    if (store_begin(batch->store, err) != ERR_OK)
        return err->code;
    json_doc_reset(batch->scratch);
    if (batch_load_calls(batch, err) == ERR_OK &&
        batch_regroup(batch, &cause, batch->scratch, err) == ERR_OK) {
        if (batch->packet_count == 0)
            return batch_roll_back(batch), ERR_OK;
        if (batch_commit(batch, now_ms, err) == ERR_OK)
            return ERR_OK;
    }
    if (!store_failed(batch->store))
        batch_roll_back(batch);
    return err->code;
}

enum err_code batch_take_rules(struct batch *batch, int64_t now_ms, int *set, struct err *err)
{
    struct event *event = engine_rules_due(batch->engine, now_ms);

    *set = event ? (int)EVENT_VALUE(event, set)->integer : -1;
    return event ? batch_own(batch, event, err) : batch_settle(batch, now_ms, err);
}
