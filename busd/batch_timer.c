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
    count = append_due(batch, &at_ms, until_ms, err);
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
        batch_commit(batch, event->recorded_ms, err) == ERR_OK)
        return ERR_OK;
    if (!store_failed(batch->store))
        batch_roll_back(batch);
    return err->code;
}
