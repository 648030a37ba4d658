#include "busd/batch_timer.h"

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

int batch_timers(struct batch *batch, int64_t *now_ms, int64_t until_ms, struct err *err)
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
