// Acts of two people: one asks, another agrees within ENGINE_APPROVAL_MS. What is to be done stands in
// the event that asked; who may agree, and doing it, are the owner's (busd/batch_approval.h).
#include "busd/engine_state.h"
#include "lib/mem.h"

const struct approval *engine_approval(const struct engine *engine, struct slice id)
{
    const struct engine_entry *entry = engine_find_text(engine, RECORD_APPROVAL, id);

    return entry ? &entry->record.approval : NULL;
}

DECIDE(approval_requested)
{
    (void)decision;
    event_set_integer(event, EVENT_FIELD_until, moment->now_ms + ENGINE_APPROVAL_MS);
    if (!engine_approval(engine, event->id))
        return ERR_OK;
    enum err_code code =
        err_set(err, ERR_CONFLICT, "id_used",
                "the id %.*s stands for another act that waits for agreement; give "
                "every event an id of its own",
                "под идентификатором %.*s уже ждёт согласия другое действие; у "
                "каждого события свой id",
                (int)event->id.length, event->id.data);
    err_set_path(err, "/id");
    return code;
}

APPLY(approval_requested)
{
    struct engine_entry *entry = engine_find_text(engine, RECORD_APPROVAL, event->id);
    struct approval *approval;

    if (!entry)
        entry = engine_add_text(engine, RECORD_APPROVAL, event->id);
    engine_touch(engine, entry);
    approval = &entry->record.approval;
    engine_replace_text(&approval->act, event, EVENT_FIELD_act);
    engine_replace_text(&approval->by, event, EVENT_FIELD_by);
    approval->until = EVENT_HAS(event, until) ? EVENT_VALUE(event, until)->integer : 0;
    approval->sequence = approval->version = event->sequence;
}

DECIDE(approval_given)
{
    struct slice of = EVENT_VALUE(event, of)->text;
    const struct approval *approval = engine_approval(engine, of);

    (void)decision;
    if (!approval)
        err_set(err, ERR_NOT_FOUND, "of", "nothing with the id %.*s waits for agreement",
                "под идентификатором %.*s ничто не ждёт согласия", (int)of.length, of.data);
    else if (approval->given_at)
        err_set(err, ERR_CONFLICT, "given", "somebody has agreed to it already, and it was done",
                "на это уже дали согласие, действие выполнено");
    else if (approval->until < moment->now_ms)
        err_set(err, ERR_CONFLICT, "late",
                "nobody agreed in time; whoever wants it done asks for it again",
                "согласия вовремя не дали; если действие ещё нужно, его запрашивают заново");
    else
        return ERR_OK;
    err_set_path(err, "/data/of");
    return err ? err->code : ERR_CONFLICT;
}

APPLY(approval_given)
{
    struct engine_entry *entry =
        engine_find_text(engine, RECORD_APPROVAL, EVENT_VALUE(event, of)->text);

    if (!entry)
        return;
    engine_touch(engine, entry);
    entry->record.approval.given_at = event->recorded_ms;
    entry->record.approval.version = event->sequence;
}
