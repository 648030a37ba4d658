#include "busd/recover.h"

#include "lib/event_json.h"

static bool copy_event(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                       const uint8_t chain[STORE_CHAIN_BYTES])
{
    (void)sequence, (void)topic, (void)chain;
    buf_add(context, bytes.data, bytes.length);
    return true;
}

enum err_code recover_clock(struct store *store, int64_t *clock_ms, struct err *err)
{
    const struct store_base *base = store_base(store);
    int64_t head = store_head(store, NULL);
    struct json_doc *doc = json_doc_new();
    struct buf bytes = {0};
    struct event event;
    enum err_code code = ERR_OK;

    *clock_ms = base->replay ? base->clock_ms : 0;
    if (head > 0)
        code = store_read(store, head - 1, 1, copy_event, &bytes, err);
    const struct json *tree =
        bytes.length ? json_parse(doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL)
                     : NULL;
    if (tree && event_read_stored(&event, tree, doc, NULL) == ERR_OK &&
        event.recorded_ms > *clock_ms)
        *clock_ms = event.recorded_ms;
    json_doc_free(doc);
    buf_fini(&bytes);
    return code;
}

static void load_record(void *context, enum record_type type, void *record)
{
    engine_load(context, type, record);
}

enum err_code recover_records(struct store *store, struct engine *engine, int64_t clock_ms,
                              struct err *err)
{
    return store_load_open(store, clock_ms - ENGINE_RESTORED_KEEP_MS, load_record, engine, err);
}
