#include "busd/daemon_rules.h"

#include "busd/batch_timer.h"
#include "lib/log.h"

struct rules_loaded *daemon_read_rules(const struct config *config, struct err *err)
{
    return rules_load(*config->rules ? config->rules : NULL, err);
}

// What the network, as it is now, makes of the incidents.
static bool settle(struct daemon *daemon, int64_t now_ms)
{
    struct err err;

    err_clear(&err);
    if (batch_settle(&daemon->batch, now_ms, &err) != ERR_OK) {
        daemon->failed = store_failed(daemon->store);
        log_error("the incidents were not regrouped reason=%s error=\"%s\"", err.reason,
                  err.message[LANGUAGE_EN]);
        return false;
    }
    if (daemon->batch.packet_count && !daemon->replay)
        daemon->clock_ms = now_ms;
    daemon_tell(daemon);
    return true;
}

bool daemon_journal_rules(struct daemon *daemon)
{
    int64_t now_ms = daemon_now_ms(daemon);
    struct event *event = engine_rules_due(daemon->engine, now_ms);
    struct err err;

    err_clear(&err);
    if (!event)
        return settle(daemon, now_ms);
    int64_t set = EVENT_VALUE(event, set)->integer;
    if (batch_own(&daemon->batch, event, &err) != ERR_OK) {
        daemon->failed = store_failed(daemon->store);
        log_error("the rules of grouping stay as they were reason=%s error=\"%s\"", err.reason,
                  err.message[LANGUAGE_EN]);
        return false;
    }
    if (!daemon->replay)
        daemon->clock_ms = now_ms;
    log_info("rules of grouping in force set=%s sha256=%s", rules_set_names[set],
             daemon->rules->lines.sets[set].sha256);
    daemon_tell(daemon);
    return true;
}

void daemon_take_rules(struct daemon *daemon, struct rules_loaded *rules)
{
    struct rules_loaded *former = daemon->rules;

    daemon->rules = rules;
    engine_set_rules(daemon->engine, &rules->lines);
    if (!daemon_journal_rules(daemon)) {
        daemon->rules = former;
        former = rules;
        engine_set_rules(daemon->engine, &daemon->rules->lines);
    }
    rules_unload(former);
}
